/* aws_client: calls any operation of any AWS service that the models know, on the loop.
 *
 *   names and parameters ──> models, protocol ──> endpoint ──> credentials ──> signature ──> HTTP
 *                                                     ▲                                        │
 *   done(user, outcome) <── protocol <── an answer ───┼── again: throttled, 5xx, no connection ┘
 *
 * Where the endpoint and the credentials come from: endpoints.h, provider.h and docs/aws.md. */
#ifndef GAIT_INTEGRATIONS_AWS_CLIENT_H
#define GAIT_INTEGRATIONS_AWS_CLIENT_H

#include "integrations/aws/outcome.h"
#include "integrations/aws/provider.h"
#include "integrations/local/local.h"

typedef struct aws_client aws_client;
typedef struct aws_client_call aws_client_call;

/* The texts are copied, the rest outlives the client. */
typedef struct aws_client_options {
    net_loop *loop;
    net_http_client *http;
    str models_path; /* of the file aws-models; absent: beside the program, then ../share/gait/ */
    json config;     /* the configuration's member "aws"; may be absent (settings.h) */
    str region;      /* of calls that name none, unless the configuration has another */
    /* "NAME=value", NULL-terminated: AWS_PROFILE, AWS_ENDPOINT_URL, HOME and so on. */
    const char *const *environment;
    /* Gait's own listener, "http://127.0.0.1:8083": Step Functions and Lambda where no endpoint is
     * configured for them. Absent: there is none. */
    str own_endpoint;
    /* Answer where no endpoint is configured for a service that they know; NULL: AWS does.
     * Borrowed, and freed after the client. */
    local_services *local;
} aws_client_options;

/* Fails where "aws" of the configuration is wrong. Models, profiles and credentials are read when
 * they are first needed. */
MUST_USE status aws_client_new(const aws_client_options *options, aws_client **ret_client,
                               error *reterr);
/* Ends all calls without their callbacks. Not inside one. NULL is fine. */
void aws_client_free(aws_client *client);
/* Where the server listens is known only after the integrations are made. */
MUST_USE status aws_client_set_own_endpoint(aws_client *client, str url, error *reterr);

/* The models, read when first needed; NULL: see reterr. */
const aws_models *aws_client_models(aws_client *client, error *reterr);
/* Whether a Task may call aws-sdk:SERVICE:ACTION, as Step Functions spells them ("sfn",
 * "startExecution"): ERROR_NOT_FOUND for what the models don't have, by name; ERROR_UNSUPPORTED for
 * what Step Functions does not offer. */
MUST_USE status aws_client_check(aws_client *client, str service, str action, error *reterr);

/* Whether somebody has said where the service is: an address, or AWS itself. False where settings
 * or models cannot be read. */
bool aws_client_is_directed(aws_client *client, str service);

/* For requests that no model describes (execute-api, Kubernetes' tokens): the credentials to sign
 * them with, and the region of calls that name none. NULL: see reterr. */
aws_provider *aws_client_provider(aws_client *client, error *reterr);
str aws_client_region(const aws_client *client);

/* Copied before the call returns. */
typedef struct aws_client_request {
    str service; /* as in aws-sdk ARNs: "dynamodb", "sfn", "sqs", "eventbridge" */
    str action;  /* "putItem" */
    json parameters;
    str region;   /* absent: the client's */
    str endpoint; /* "https://HOST[:PORT]", in place of the configured one; absent: that. For sqs,
                   * whose queues' URLs say where they are. */
    str key;      /* the same for a request that is made again after a crash, and no other's: makes
                   * the operation's idempotency tokens. Absent: they are random */
    str role_arn; /* Credentials.RoleArn, assumed first; absent: none */
    int64_t timeout_ms; /* of each attempt; 0: what suits the operation */
    bool is_secret;     /* the answer is overwritten in memory when it has been used */
    bool body_is_bytes; /* see integration_call */
} aws_client_request;

typedef aws_outcome_done aws_client_done;

/* done(user) comes once, never before this returns. Fails only where the call cannot begin: an
 * operation that does not exist (ERROR_NOT_FOUND), a models file that cannot be read, memory.
 * Everything else, missing credentials too, comes through done. */
MUST_USE status aws_client_call_start(aws_client *client, const aws_client_request *request,
                                      aws_client_done *done, void *user, aws_client_call **ret_call,
                                      error *reterr);
/* Ends a call without its callback. NULL is fine. */
void aws_client_call_cancel(aws_client_call *call);

#endif
