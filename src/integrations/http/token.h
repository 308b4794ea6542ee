/* Tokens of OAuth connections (client credentials), kept until they expire; however many calls want
 * one, it is asked for once.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-auth.html
 */
#ifndef GAIT_INTEGRATIONS_HTTP_TOKEN_H
#define GAIT_INTEGRATIONS_HTTP_TOKEN_H

#include "integrations/http/request.h"

typedef struct http_tokens http_tokens;

/* How the tokens' requests are sent: the owner adds its own limits to the options. */
typedef status http_send(void *user, const http_request *request, size_t response_bytes_max,
                         net_http_done *done, void *done_user, net_http_call **ret_call,
                         error *reterr);

MUST_USE status http_tokens_new(net_loop *loop, http_send *send, void *send_user,
                                const http_request_rules *rules, http_tokens **ret_tokens,
                                error *reterr);
void http_tokens_free(http_tokens *tokens); /* waiters hear nothing more; NULL is fine */

/* Lies in the memory of who waits. */
typedef struct http_token_waiter http_token_waiter;
struct http_token_waiter {
    http_token_waiter *before, *after;
    struct http_token *of; /* NULL: not waiting */
    /* Called once: token ptr NULL when there is none, and `cause` says why. Both are borrowed. */
    void (*ready)(http_token_waiter *waiter, str token, str cause);
};

/* *ret_token is there (borrowed for the turn), or absent, and the waiter will be called. */
MUST_USE status http_tokens_get(http_tokens *tokens, const http_connection *connection,
                                http_token_waiter *waiter, str *ret_token, error *reterr);
void http_tokens_leave(http_token_waiter *waiter);
/* The token was refused: the next who asks gets another one. */
void http_tokens_refuse(http_tokens *tokens, str connection_name, str token);

#endif
