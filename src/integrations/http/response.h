/* What an HTTP Task makes of an answer: its result, or its error.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html */
#ifndef GAIT_INTEGRATIONS_HTTP_RESPONSE_H
#define GAIT_INTEGRATIONS_HTTP_RESPONSE_H

#include "net/http_client.h"
#include "json/json.h"

typedef struct http_result {
    bool succeeded;
    json output;      /* succeeded: {Headers, ResponseBody, StatusCode, StatusText} */
    str error, cause; /* otherwise */
} http_result;

/* In the arena, from which it may borrow; ERROR_MEMORY only. */
MUST_USE status http_response_read(const net_http_outcome *outcome, arena *a, http_result *ret,
                                   error *reterr);
/* The status line's text, or that of RFC 9110 where it has none. */
str http_response_reason(const net_http_outcome *outcome);

#endif
