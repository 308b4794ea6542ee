/* logs: what executions did, as CloudWatch Logs would have it: the state machine's
 * loggingConfiguration says which events become records, with data or without, and the log group
 * says where they go:
 *
 *   FOLDER/aws/vendedlogs/states/orders/states/MACHINE/2026-01-02-03/00000000.jsonl
 *          log group                   log stream: of the machine, a new one each hour (UTC)
 *
 * or all to standard output or standard error, and to CloudWatch Logs where somebody has said where
 * that is. As in AWS this is best effort: a crash may lose the
 * last records, and a disk that refuses loses records, not executions. */
#ifndef GAIT_RUNTIME_LOGS_LOGS_H
#define GAIT_RUNTIME_LOGS_LOGS_H

#include "integrations/integration.h"
#include "net/loop.h"
#include "runtime/complain.h"
#include "runtime/shard.h"

typedef struct runtime_logs runtime_logs;

typedef struct runtime_logs_options {
    net_loop *loop;
    str folder; /* of the files; absent (nothing is kept on disk): standard output */
    /* The server's "logs": {"to": "files" | "stdout" | "stderr" | "cloudwatch"}; may be absent. */
    json config;
    integrations *tasks; /* for CloudWatch Logs; NULL: no records go there */
    /* The execution's loggingConfiguration, as the API keeps it; JSON_ABSENT: none. */
    json (*configuration)(void *user, const shard_execution *execution);
    void *user;
    runtime_complain complain;
} runtime_logs_options;

/* ERROR_INVALID, with what to change, for a config that is wrong. */
MUST_USE status runtime_logs_new(const runtime_logs_options *options, runtime_logs **ret_logs,
                                 error *reterr);
/* Writes what waits; what is on its way to CloudWatch Logs has the loop for a moment more
 * (log_delivery_flush). NULL is fine. */
void runtime_logs_free(runtime_logs *logs);

/* Whether some of the events are to be logged. Cheap where the machine logs nothing. */
bool runtime_logs_want(const runtime_logs *logs, const shard_execution *execution,
                       const engine_event *events, uint32_t count);
void runtime_logs_add(runtime_logs *logs, const shard_execution *execution,
                      const engine_event *events, uint32_t count);

/* The path of a log group and stream below the folder; false for a group's name that CloudWatch
 * Logs would not allow, or that would leave the folder. `time_ms` is an event's. */
bool runtime_logs_path(str group_arn, str machine_name, int64_t time_ms, buf *out);

#endif
