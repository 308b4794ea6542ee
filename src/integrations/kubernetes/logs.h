/* The logs of a job's pods: which there are, one request after the other, and what eks:runJob.sync
 * tells of them. */
#ifndef GAIT_INTEGRATIONS_KUBERNETES_LOGS_H
#define GAIT_INTEGRATIONS_KUBERNETES_LOGS_H

#include "integrations/http/response.h"

typedef struct kubernetes_log {
    str pod, container;
    json log;         /* absent: */
    str error, cause; /* it could not be read */
} kubernetes_log;

typedef struct kubernetes_logs {
    bool is_wanted, is_raw;
    json parameters; /* of requests, or absent */
    kubernetes_log *items;
    uint32_t count, next;
} kubernetes_logs;

/* LogOptions, which may be absent; borrowed. */
MUST_USE status kubernetes_logs_read(json options, kubernetes_logs *ret, error *reterr);
/* Of a list of pods. */
MUST_USE status kubernetes_logs_list(kubernetes_logs *logs, json pods, arena *a, error *reterr);
bool kubernetes_logs_is_one_left(const kubernetes_logs *logs);
/* The next log's request, in the arena. */
MUST_USE status kubernetes_logs_request(const kubernetes_logs *logs, str namespace, arena *a,
                                        str *ret_path, json *ret_query, error *reterr);
/* Its answer: JSON becomes its value unless the logs are raw. */
MUST_USE status kubernetes_logs_add(kubernetes_logs *logs, const net_http_outcome *outcome,
                                    arena *a, error *reterr);
/* {"pods": {POD: {"containers": {CONTAINER: {"log": ...} or {"error", "cause"}}}}} */
MUST_USE status kubernetes_logs_result(const kubernetes_logs *logs, arena *a, json *ret_logs,
                                       error *reterr);

#endif
