# Published versions, and an alias that moves callers from one to the next: docs/terraform.md.

terraform {
  required_version = ">= 1.0"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

variable "endpoint" {
  description = "Where gait serve listens."
  type        = string
  default     = "http://127.0.0.1:8083"
}

variable "answer" {
  type    = number
  default = 42
}

provider "aws" {
  region     = "us-east-1"
  access_key = "any"
  secret_key = "any"

  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true

  endpoints {
    sfn = var.endpoint
  }
}

resource "aws_sfn_state_machine" "answer" {
  name     = "answer"
  role_arn = "arn:aws:iam::123456789012:role/any"
  publish  = true

  definition = jsonencode({
    StartAt = "Answer"
    States = {
      Answer = {
        Type   = "Pass"
        Result = var.answer
        End    = true
      }
    }
  })

  tracing_configuration {
    enabled = true
  }
}

resource "aws_sfn_alias" "live" {
  name = "live"

  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.answer.state_machine_version_arn
    weight                    = 100
  }
}

data "aws_sfn_alias" "live" {
  name             = aws_sfn_alias.live.name
  statemachine_arn = aws_sfn_state_machine.answer.arn
}

data "aws_sfn_state_machine_versions" "answer" {
  statemachine_arn = aws_sfn_state_machine.answer.arn
  depends_on       = [aws_sfn_alias.live]
}

output "alias" {
  value = data.aws_sfn_alias.live.arn
}

output "versions" {
  value = data.aws_sfn_state_machine_versions.answer.statemachine_versions
}
