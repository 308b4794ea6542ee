/* An HTTP Task's request: its parameters and its connection's, merged. Pure: nothing is sent.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html */
#ifndef GAIT_INTEGRATIONS_HTTP_REQUEST_H
#define GAIT_INTEGRATIONS_HTTP_REQUEST_H

#include "integrations/http/connection.h"
#include "net/http_client.h"

typedef struct http_request {
    str method, url;
    const net_http_header *headers;
    size_t header_count;
    size_t told_header_count; /* the first ones, which TestState tells of */
    str body;                 /* absent: none */
    str trusted;              /* certificates as PEM; absent: the system's */
} http_request;

/* Whose requests: which headers they may not set, and which they get. */
typedef enum http_caller {
    HTTP_CALLER_TASK,
    HTTP_CALLER_API_GATEWAY,
    HTTP_CALLER_KUBERNETES,
} http_caller;

/* What the parameters and the URL are checked against, and what is added. */
typedef struct http_request_rules {
    http_caller caller;
    str region;
    bool is_plain_allowed; /* http:// to others than loopback */
} http_request_rules;

/* The ARN in Authentication or InvocationConfig. ERROR_INVALID or ERROR_TYPE for parameters that
 * are no HTTP Task's; so below. */
MUST_USE status http_request_connection(json parameters, str *ret_arn, error *reterr);

/* The request in the arena, which may borrow from all arguments. connection NULL: without what a
 * connection adds, as it is shown where secrets are not revealed. bearer: the token of an OAuth
 * connection. */
MUST_USE status http_request_make(json parameters, const http_connection *connection, str bearer,
                                  const http_request_rules *rules, arena *a, http_request *ret,
                                  error *reterr);

/* The request for an OAuth connection's token. */
MUST_USE status http_request_token(const http_connection *connection,
                                   const http_request_rules *rules, arena *a, http_request *ret,
                                   error *reterr);

#endif
