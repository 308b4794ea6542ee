/* How a call of an AWS service ended. */
#ifndef GAIT_INTEGRATIONS_AWS_OUTCOME_H
#define GAIT_INTEGRATIONS_AWS_OUTCOME_H

#include "integrations/aws/protocol.h"
#include "net/http_client.h"

typedef enum aws_outcome_kind {
    AWS_SUCCEEDED,
    AWS_FAILED_BY_SERVICE, /* it answered with an error: code, message, http_status, request_id */
    AWS_FAILED_ON_THE_WAY, /* no answer: no endpoint, no credentials, no connection, garbage */
    AWS_FAILED_PARAMETERS, /* they do not fit the operation's model: nothing was sent, and the
                            * message has Step Functions' words */
} aws_outcome_kind;

/* Borrowed for the callback. A text that there is none of is empty or absent. */
typedef struct aws_outcome {
    aws_outcome_kind kind;
    aws_operation operation;
    json parameters; /* as they were given */
    json output;     /* AWS_SUCCEEDED: as Step Functions gives it, without Sdk*Metadata */
    unsigned http_status;
    const net_http_header *headers; /* of the answer */
    size_t header_count;
    str request_id, extended_request_id;
    /* "DynamoDb.ResourceNotFoundException", as an aws-sdk Task fails; one that the model has no
     * shape for is "DynamoDb.DynamoDbException"; no answer at all "DynamoDb.SdkClientException". */
    str error_name;
    str exception;     /* its part after the dot */
    str code;          /* the service's own: "ResourceNotFoundException", "NoSuchKey" */
    str message;       /* as the service said it, or why there is no answer */
    uint32_t attempts; /* made: 1 and more where something was sent */
} aws_outcome;

typedef void aws_outcome_done(void *user, const aws_outcome *outcome);

/* A failure's cause as an aws-sdk Task has it: "TEXT (Service: DynamoDb, Status Code: 400, Request
 * ID: ID) (SDK Attempt Count: 1)". ptr NULL when the arena is full. */
MUST_USE str aws_outcome_cause(const aws_outcome *outcome, arena *a);

#endif
