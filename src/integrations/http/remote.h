/* Connections that are EventBridge's: described by it, with the secret that it keeps in Secrets
 * Manager, asked for once however many calls want one, and kept for a minute.
 *
 *   asked ──DescribeConnection──> its SecretArn ──GetSecretValue──> there, in the configuration's
 *                                                                   words (connection.h)
 *
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection.html */
#ifndef GAIT_INTEGRATIONS_HTTP_REMOTE_H
#define GAIT_INTEGRATIONS_HTTP_REMOTE_H

#include "integrations/aws/client.h"
#include "integrations/http/connection.h"

typedef struct http_remote http_remote;

MUST_USE status http_remote_new(net_loop *loop, http_remote **ret_remote, error *reterr);
void http_remote_free(http_remote *remote); /* waiters hear nothing more; NULL is fine */

/* Lies in the memory of who waits. */
typedef struct http_remote_waiter http_remote_waiter;
struct http_remote_waiter {
    http_remote_waiter *before, *after;
    struct http_remote_connection *of; /* NULL: not waiting */
    /* Called once. The error is "ResourceNotFound" or "InvalidConnectionState", NULL when the
     * connection is there; the cause has no secret. */
    void (*ready)(http_remote_waiter *waiter, const char *error_name, str cause);
};

/* {"connections": {NAME: ...}} for http_connection_read, borrowed for the turn; absent: to be asked
 * for. is_old_fine: for a call that has begun with it. */
json http_remote_find(const http_remote *remote, str arn, bool is_old_fine);
/* The waiter will be called, never before this returns. */
MUST_USE status http_remote_ask(http_remote *remote, aws_client *client, str arn,
                                http_remote_waiter *waiter, error *reterr);
void http_remote_leave(http_remote_waiter *waiter);

/* What EventBridge and Secrets Manager have told, in the configuration's words. Pure.
 * ERROR_INVALID without a word of what is secret. */
MUST_USE status http_remote_read(str name, json described, json secret, arena *a, json *ret_config,
                                 error *reterr);

#endif
