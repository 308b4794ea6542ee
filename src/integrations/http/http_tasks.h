/* What HTTP Tasks share, and the other calls of APIs that a Task names: their HTTP client, the
 * connections' tokens, the settings:
 *
 *   "http": {"allowLinkLocal": false, "allowPlain": false, "proxy": URL, "timeoutSeconds": 60} */
#ifndef GAIT_INTEGRATIONS_HTTP_HTTP_TASKS_H
#define GAIT_INTEGRATIONS_HTTP_HTTP_TASKS_H

#include "integrations/http/request.h"
#include "net/loop.h"

typedef struct http_tasks http_tasks;

/* Whether "http" and "connections" of the configuration are well formed. */
MUST_USE status http_tasks_check(json config, error *reterr);
/* `config` is borrowed. */
MUST_USE status http_tasks_new(net_loop *loop, json config, str region, http_tasks **ret_shared,
                               error *reterr);
/* After all tasks have been cancelled. NULL is fine. */
void http_tasks_free(http_tasks *shared);

/* Sends within the settings; done as net_http_call_start's. The request is copied. */
MUST_USE status http_tasks_send(http_tasks *shared, const http_request *request,
                                size_t response_bytes_max, net_http_done *done, void *done_user,
                                net_http_call **ret_call, error *reterr);
const http_request_rules *http_tasks_rules(const http_tasks *shared);

#endif
