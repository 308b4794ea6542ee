/* aws_exchange: one operation, asked with given credentials at a given place, again where that
 * helps, until there is an outcome. What the client and the providers of credentials share. */
#ifndef GAIT_INTEGRATIONS_AWS_EXCHANGE_H
#define GAIT_INTEGRATIONS_AWS_EXCHANGE_H

#include "integrations/aws/credentials.h"
#include "integrations/aws/endpoints.h"
#include "integrations/aws/outcome.h"
#include "integrations/aws/retry.h"

/* What all calls share. Borrowed; outlives them. */
typedef struct aws_context {
    net_loop *loop;
    net_http_client *http;
    const aws_models *models;
    const aws_settings *settings;
    str region;
    str own_endpoint;
    aws_retry_bucket *buckets; /* one a service, by its index */
    int64_t *clocks_ahead_ms;  /* likewise: how far a service's clock is ahead; NULL: not kept */
} aws_context;

typedef struct aws_exchange aws_exchange;

typedef struct aws_exchange_request {
    aws_operation operation;
    json parameters;              /* borrowed until the end */
    const aws_target *target;     /* borrowed until the end */
    aws_credentials *credentials; /* retained; NULL: the request is not signed */
    int64_t timeout_ms;           /* of an attempt */
    bool is_secret;               /* the answer is overwritten in memory when it has been used */
    bool body_is_bytes;           /* see integration_call */
} aws_exchange_request;

/* done(user) comes once, never before this returns. Fails for want of memory or of libcurl. */
MUST_USE status aws_exchange_start(const aws_context *context, const aws_exchange_request *request,
                                   aws_outcome_done *done, void *user, aws_exchange **ret_exchange,
                                   error *reterr);
/* Ends it without its callback. NULL is fine. */
void aws_exchange_cancel(aws_exchange *exchange);

/* The outcome of a call that does not get as far as being sent: NAME.SdkClientException, or
 * whatever `kind` says. `message` is borrowed. */
aws_outcome aws_outcome_unsent(aws_operation operation, aws_outcome_kind kind, str message);

#endif
