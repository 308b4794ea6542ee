/* What HTTP Tasks share: their HTTP client, the connections' tokens, the settings:
 *
 *   "http": {"allowLinkLocal": false, "allowPlain": false, "proxy": URL, "timeoutSeconds": 60} */
#ifndef GAIT_INTEGRATIONS_HTTP_HTTP_TASKS_H
#define GAIT_INTEGRATIONS_HTTP_HTTP_TASKS_H

#include "net/loop.h"
#include "json/json.h"

typedef struct http_tasks http_tasks;

/* Whether "http" and "connections" of the configuration are well formed. */
MUST_USE status http_tasks_check(json config, error *reterr);
/* `config` is borrowed. */
MUST_USE status http_tasks_new(net_loop *loop, json config, str region, http_tasks **ret_shared,
                               error *reterr);
/* After all tasks have been cancelled. NULL is fine. */
void http_tasks_free(http_tasks *shared);

#endif
