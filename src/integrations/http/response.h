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

/* What the cause of a status that is not 2xx is. */
typedef enum http_cause {
    HTTP_CAUSE_REASON, /* the status' text */
    HTTP_CAUSE_BODY,
    HTTP_CAUSE_RESULT, /* the result, as JSON */
} http_cause;

/* How a kind of calls names what becomes of an answer. */
typedef struct http_response_words {
    const char *resource;   /* "http" */
    const char *status;     /* "States.Http.StatusCode": before "." and the status */
    const char *unanswered; /* "States.Http.Socket" */
    http_cause cause;
    bool has_headers, is_spelling_kept; /* the result's headers; their names as the server's */
} http_response_words;

extern const http_response_words http_task_words;

/* In the arena, from which it may borrow; ERROR_MEMORY only. */
MUST_USE status http_response_read_as(const http_response_words *words,
                                      const net_http_outcome *outcome, arena *a, http_result *ret,
                                      error *reterr);
/* By http_task_words. */
MUST_USE status http_response_read(const net_http_outcome *outcome, arena *a, http_result *ret,
                                   error *reterr);
/* The status line's text, or that of RFC 9110 where it has none. */
str http_response_reason(const net_http_outcome *outcome);

#endif
