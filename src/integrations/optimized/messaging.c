/* What has no jobs: queues, topics, buses, tables. And models of Bedrock.
 * Source: connect-sqs, connect-sns, connect-eventbridge, connect-ddb, connect-bedrock. */
#include "integrations/optimized/services.h"

static const optimized_service sqs = {"sqs", "sqs", "SQS", "AmazonSQS", "AmazonSQSException"};
static const optimized_service sns = {"sns", "sns", "SNS", "AmazonSNS", "AmazonSNSException"};
static const optimized_service events = {"events", "eventbridge", "EventBridge",
                                         "AmazonEventBridge", "AmazonEventBridgeException"};
static const optimized_service dynamodb = {"dynamodb", "dynamodb", "DynamoDB", "AmazonDynamoDBv2",
                                           "AmazonDynamoDBException"};
static const optimized_service bedrock = {"bedrock", "bedrock", "Bedrock", "AmazonBedrock",
                                          "AmazonBedrockException"};
static const optimized_service bedrock_runtime = {"bedrock", "bedrockruntime", "Bedrock",
                                                  "AmazonBedrockRuntime",
                                                  "AmazonBedrockRuntimeException"};

/* Stopping the Task stops the customization. */
static const optimized_job model_customization = {
    .describe = {"getModelCustomizationJob", {{"JobIdentifier", "s.JobArn", false}}},
    .status = "d.Status",
    .succeeded = "Completed ",
    .failed = "Failed Stopped ",
    .result = "d",
    .cancel = {"stopModelCustomizationJob", {{"JobIdentifier", "s.JobArn", false}}},
};

static const optimized_action actions[] = {
    {.service = &sqs,
     .name = "sendMessage",
     .patterns = REQUEST_OR_TOKEN,
     .request = {.action = "sendMessage"},
     .text_parameter = "MessageBody"},
    {.service = &sns,
     .name = "publish",
     .patterns = REQUEST_OR_TOKEN,
     .request = {.action = "publish"},
     .text_parameter = "Message"},
    {.service = &events,
     .name = "putEvents",
     .patterns = REQUEST_OR_TOKEN,
     .request = {.action = "putEvents"},
     .text_parameter = "Entries[].Detail",
     .has_no_metadata = true},
    {.service = &dynamodb,
     .name = "getItem",
     .patterns = REQUEST,
     .request = {.action = "getItem"}},
    {.service = &dynamodb,
     .name = "putItem",
     .patterns = REQUEST,
     .request = {.action = "putItem"}},
    {.service = &dynamodb,
     .name = "updateItem",
     .patterns = REQUEST,
     .request = {.action = "updateItem"}},
    {.service = &dynamodb,
     .name = "deleteItem",
     .patterns = REQUEST,
     .request = {.action = "deleteItem"}},
    {.service = &bedrock_runtime,
     .name = "invokeModel",
     .patterns = REQUEST_OR_TOKEN,
     .request = {.action = "invokeModel"},
     .text_parameter = "Body",
     .has_no_metadata = true},
    {.service = &bedrock,
     .name = "createModelCustomizationJob",
     .idempotency_token = "ClientRequestToken",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "createModelCustomizationJob"},
     .job = &model_customization},
};

const optimized_actions optimized_messaging = {actions, ARRAY_LENGTH(actions)};
