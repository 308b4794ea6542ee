/* aws_client: calls any operation of any AWS service that the models know, on the loop.
 *
 *   names and parameters ──> models, protocol ──> endpoint ──> credentials ──> signature ──> HTTP
 *                                                     ▲                                        │
 *   done(user, outcome) <── protocol <── an answer ───┼── again: throttled, 5xx, no connection ┘
 *
 * Where the endpoint and the credentials come from: endpoints.h, credentials.h and docs/aws.md.
 * Retries are those of the SDKs' standard mode:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
#ifndef GAIT_INTEGRATIONS_AWS_CLIENT_H
#define GAIT_INTEGRATIONS_AWS_CLIENT_H

#include "net/http_client.h"
#include "json/json.h"

typedef struct aws_client aws_client;
typedef struct aws_client_call aws_client_call;

/* Everything is borrowed and outlives the client. */
typedef struct aws_client_options {
    net_loop *loop;
    net_http_client *http;
    str models_path; /* of the file aws-models; absent: beside the program, then ../share/gait/ */
    json config;     /* the configuration's member "aws"; may be absent */
    str region;      /* of calls that name none, unless the configuration has another */
    /* "NAME=value", NULL-terminated: AWS_PROFILE, AWS_ENDPOINT_URL, HOME and so on. */
    const char *const *environment;
    /* Gait's own listener, "http://127.0.0.1:8083": Step Functions and Lambda where no endpoint is
     * configured for them. Absent: there is none. */
    str own_endpoint;
} aws_client_options;

/* Reads nothing yet: models, profiles and credentials come with the first call. */
MUST_USE status aws_client_new(const aws_client_options *options, aws_client **ret_client,
                               error *reterr);
/* Ends all calls without their callbacks. Not inside one. NULL is fine. */
void aws_client_free(aws_client *client);
/* Where the server listens is known only after the integrations are made. The text is copied. */
MUST_USE status aws_client_set_own_endpoint(aws_client *client, str url, error *reterr);

/* Whether an operation may be called by a Task as aws-sdk:SERVICE:ACTION, as Step Functions spells
 * them ("sfn", "startExecution"). ERROR_NOT_FOUND for one that the models don't have, by name;
 * ERROR_UNSUPPORTED for one that Step Functions does not offer. */
MUST_USE status aws_client_check(aws_client *client, str service, str action, error *reterr);

/* Copied before the call returns. */
typedef struct aws_client_request {
    str service; /* as in aws-sdk ARNs: "dynamodb", "sfn", "sqs", "eventbridge" */
    str action;  /* "putItem" */
    json parameters;
    str region;         /* absent: the client's */
    str role_arn;       /* Credentials.RoleArn, assumed first; absent: none */
    int64_t timeout_ms; /* of each attempt; 0: AWS_CLIENT_ATTEMPT_MS_MAX */
} aws_client_request;

typedef enum aws_outcome_kind {
    AWS_SUCCEEDED,
    AWS_FAILED_BY_SERVICE, /* it answered with an error: code, message, http_status, request_id */
    AWS_FAILED_ON_THE_WAY, /* no answer: no endpoint, no credentials, no connection, garbage */
    AWS_FAILED_PARAMETERS, /* they do not fit the operation's model: nothing was sent */
} aws_outcome_kind;

/* Borrowed for the callback. A text that there is none of is absent. */
typedef struct aws_outcome {
    aws_outcome_kind kind;
    json output; /* AWS_SUCCEEDED: as Step Functions gives it, without Sdk*Metadata */
    unsigned http_status;
    const net_http_header *headers; /* of the answer */
    size_t header_count;
    str request_id, extended_request_id;
    str service_name; /* as SDK v2's errors say it: "DynamoDb", "Sfn", "S3" */
    str code;         /* the service's own: "ResourceNotFoundException", "NoSuchKey" */
    /* SDK v2's class, as in error names: "ResourceNotFoundException", "NoSuchKeyException"; one
     * without a class of its own is "DynamoDbException"; no answer at all: "SdkClientException". */
    str exception;
    str message;       /* as the service said it, or why there is no answer */
    uint32_t attempts; /* made: 1 and more where something was sent */
} aws_outcome;

typedef void aws_client_done(void *user, const aws_outcome *outcome);

/* done(user) comes once, never before this returns. Fails only where the call cannot begin: an
 * operation that does not exist (ERROR_NOT_FOUND), a models file that cannot be read, memory.
 * Everything else, missing credentials too, comes through done. */
MUST_USE status aws_client_call_start(aws_client *client, const aws_client_request *request,
                                      aws_client_done *done, void *user, aws_client_call **ret_call,
                                      error *reterr);
/* Ends a call without its callback. NULL is fine. */
void aws_client_call_cancel(aws_client_call *call);

/* An outcome's error name and cause as an aws-sdk Task has them: "DynamoDb.DynamoDbException",
 * "TEXT (Service: DynamoDb, Status Code: 400, Request ID: ID) (SDK Attempt Count: 1)". ptr NULL
 * when the arena is full. */
MUST_USE str aws_outcome_error_name(const aws_outcome *outcome, arena *a);
MUST_USE str aws_outcome_cause(const aws_outcome *outcome, arena *a);

#endif
