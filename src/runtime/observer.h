/* observer: what the server shows of its executions: logs, metrics and status events, as one
 * shard_observer. */
#ifndef GAIT_RUNTIME_OBSERVER_H
#define GAIT_RUNTIME_OBSERVER_H

#include "integrations/integration.h"
#include "runtime/complain.h"
#include "runtime/shard.h"

typedef struct observer observer;

typedef struct observer_options {
    net_loop *loop;
    store *store;
    integrations *tasks;
    json config;     /* the server's: "logs", "metrics" and "events" are read */
    str data_folder; /* logs go to its folder "logs"; absent: to standard output */
    str region;
    entropy entropy;
    runtime_complain complain;
    /* An execution's loggingConfiguration; JSON_ABSENT: none. */
    json (*logging)(void *user, const shard_execution *execution);
    /* As in shard_observer. */
    void (*store_state)(void *user, const error *err, bool is_final);
    void *user;
} observer_options;

MUST_USE status observer_new(const observer_options *options, observer **ret_observer,
                             error *reterr);
/* After the shard, before the integrations. NULL is fine. */
void observer_free(observer *o);

shard_observer observer_callbacks(observer *o);

/* All metrics, in Prometheus's text format. */
void observer_print_metrics(const observer *o, const shard_counts *now, buf *out);

#endif
