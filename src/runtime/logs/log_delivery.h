/* log_delivery: takes log records to CloudWatch Logs, as AWS does: in the order of each log stream,
 * many at a time. Best effort: what the service refuses, or what waits when the server is killed,
 * is lost. Losses are told once in a while, with their number. */
#ifndef GAIT_RUNTIME_LOGS_LOG_DELIVERY_H
#define GAIT_RUNTIME_LOGS_LOG_DELIVERY_H

#include "integrations/integration.h"
#include "runtime/complain.h"

typedef struct log_delivery log_delivery;

typedef struct log_delivery_options {
    net_loop *loop;
    integrations *tasks; /* outlives it */
    size_t bytes_max;    /* waiting; 0: 64 MiB */
    runtime_complain complain;
} log_delivery_options;

MUST_USE status log_delivery_new(const log_delivery_options *options, log_delivery **ret_delivery,
                                 error *reterr);
/* Runs the loop until everything has been sent, for at most five seconds; what then still waits is
 * told as lost. Before the end: nothing else in the loop may need what has been freed by then. */
void log_delivery_flush(log_delivery *d);
void log_delivery_free(log_delivery *d); /* NULL is fine */
/* Copies all. The stream is made where it is missing, the group is not. */
void log_delivery_add(log_delivery *d, str group, str stream, int64_t time_ms, str message);

#endif
