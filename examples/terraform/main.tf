# A workflow with its function, deployed to Gait by Terraform or OpenTofu: docs/terraform.md.

terraform {
  required_version = ">= 1.0"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 3.39"
    }
  }
}

variable "endpoint" {
  description = "Where gait serve listens."
  type        = string
  default     = "http://127.0.0.1:8083"
}

variable "runtime" {
  description = "Gait runs it by the python3 in its PATH."
  type        = string
  default     = "python3.12"
}

variable "greeting" {
  type    = string
  default = "Hello"
}

provider "aws" {
  region     = "us-east-1"
  access_key = "any" # or a key that Gait knows: docs/access.md
  secret_key = "any"

  # There is neither STS nor a metadata service to ask.
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true

  endpoints {
    stepfunctions = var.endpoint
    lambda        = var.endpoint
  }
}

locals {
  role = "arn:aws:iam::123456789012:role/any" # nothing assumes it

  tags = {
    project = "greetings"
  }
}

resource "aws_lambda_function" "greet" {
  function_name    = "greet"
  filename         = "${path.module}/greet.zip"
  source_code_hash = filebase64sha256("${path.module}/greet.zip")
  runtime          = var.runtime
  handler          = "handler.handler"
  role             = local.role
  timeout          = 10
  tags             = local.tags

  environment {
    variables = {
      GREETING = var.greeting
    }
  }
}

# Whoever asks it for work signs greetings (GetActivityTask).
resource "aws_sfn_activity" "sign" {
  name = "sign"
  tags = local.tags
}

resource "aws_sfn_state_machine" "greet" {
  name       = "greet"
  role_arn   = local.role
  definition = templatefile("${path.module}/greet.asl.json", { function = aws_lambda_function.greet.arn })
  tags       = local.tags
}

resource "aws_sfn_state_machine" "greet_quickly" {
  name       = "greet-quickly"
  type       = "EXPRESS"
  role_arn   = local.role
  definition = templatefile("${path.module}/greet.asl.json", { function = aws_lambda_function.greet.arn })
  tags       = local.tags

  # Where the records go is told in docs/logging.md.
  logging_configuration {
    level                  = "ERROR"
    include_execution_data = true
    log_destination        = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/greet-quickly:*"
  }
}

data "aws_sfn_state_machine" "greet" {
  name = aws_sfn_state_machine.greet.name
}

data "aws_sfn_activity" "sign" {
  name = aws_sfn_activity.sign.name
}

output "state_machine" {
  value = data.aws_sfn_state_machine.greet.arn
}

output "express_state_machine" {
  value = aws_sfn_state_machine.greet_quickly.arn
}

output "activity" {
  value = data.aws_sfn_activity.sign.id
}
