#include "runtime/observer.h"

#include "runtime/logs/logs.h"
#include "runtime/metrics.h"
#include "runtime/status_events.h"

#include <stdlib.h>

struct observer {
    observer_options options;
    arena texts;
    metrics *metrics;
    runtime_logs *logs;
    status_events *events; /* NULL: no target */
};

static bool stepped(void *self, const shard_execution *execution, const engine_event *events,
                    uint32_t count)
{
    observer *o = self;
    metrics_count(o->metrics, execution, events, count);
    return (o->events && status_events_want(execution, events, count)) ||
           runtime_logs_want(o->logs, execution, events, count);
}

static void durable(void *self, const shard_execution *execution, const engine_event *events,
                    uint32_t count)
{
    observer *o = self;
    runtime_logs_add(o->logs, execution, events, count);
    if (o->events) {
        status_events_add(o->events, execution, events, count);
    }
}

static void finished(void *self, const shard_execution *execution, const engine_effect *finish)
{
    observer *o = self;
    if (o->events) {
        status_events_finish(o->events, execution, finish);
    }
}

static void store_state(void *self, const error *err, bool is_final)
{
    observer *o = self;
    if (o->options.store_state) {
        o->options.store_state(o->options.user, err, is_final);
    }
}

shard_observer observer_callbacks(observer *o)
{
    return (shard_observer){.self = o,
                            .events = durable,
                            .finished = finished,
                            .store_state = store_state,
                            .stepped = stepped};
}

void observer_print_metrics(const observer *o, const shard_counts *now, buf *out)
{
    metrics_print(o->metrics, now, out);
    if (!o->events) {
        return;
    }
    status_events_counts counts = status_events_count(o->events);
    buf_add_format(out,
                   "# HELP gait_status_events_waiting Execution status events to be delivered.\n"
                   "# TYPE gait_status_events_waiting gauge\n"
                   "gait_status_events_waiting %llu\n"
                   "# HELP gait_status_events_delivered_total Execution status events delivered.\n"
                   "# TYPE gait_status_events_delivered_total counter\n"
                   "gait_status_events_delivered_total %llu\n"
                   "# HELP gait_status_events_lost_total Execution status events given up.\n"
                   "# TYPE gait_status_events_lost_total counter\n"
                   "gait_status_events_lost_total %llu\n",
                   (unsigned long long)counts.waiting, (unsigned long long)counts.delivered,
                   (unsigned long long)counts.lost);
}

/* -------------------------------------------------------------------------------- its three parts
 */

static json no_configuration(void *user, const shard_execution *execution)
{
    (void)user;
    (void)execution;
    return (json){0};
}

static status open_logs(observer *o, error *reterr)
{
    const observer_options *from = &o->options;
    runtime_logs_options options = {
        .loop = from->loop,
        .config = json_get(from->config, STR("logs")),
        .tasks = from->tasks,
        .configuration = from->logging ? from->logging : no_configuration,
        .user = from->user,
        .complain = from->complain,
    };
    if (from->data_folder.ptr) {
        options.folder = arena_printf(&o->texts, "%.*s/logs", STR_ARG(from->data_folder));
        if (!options.folder.ptr) {
            return fail_memory(reterr);
        }
    }
    return runtime_logs_new(&options, &o->logs, reterr);
}

static status open_events(observer *o, error *reterr)
{
    const observer_options *from = &o->options;
    status_events_options options = {
        .loop = from->loop,
        .store = from->store,
        .tasks = from->tasks,
        .config = json_get(from->config, STR("events")),
        .region = from->region,
        .entropy = from->entropy,
        .complain = from->complain,
    };
    return json_is_absent(options.config) ? STATUS_OK
                                          : status_events_new(&options, &o->events, reterr);
}

status observer_new(const observer_options *options, observer **ret_observer, error *reterr)
{
    observer *o = calloc(1, sizeof(*o));
    if (!o) {
        return fail_memory(reterr);
    }
    o->options = *options;
    arena_init(&o->texts, 0);
    status done = metrics_new(json_get(options->config, STR("metrics")), &o->metrics, reterr);
    if (ok(done)) {
        done = open_logs(o, reterr);
    }
    if (ok(done)) {
        done = open_events(o, reterr);
    }
    if (failed(done)) {
        observer_free(o);
        return done;
    }
    *ret_observer = o;
    return STATUS_OK;
}

void observer_free(observer *o)
{
    if (!o) {
        return;
    }
    status_events_free(o->events);
    runtime_logs_free(o->logs);
    metrics_free(o->metrics);
    arena_clean_up(&o->texts);
    free(o);
}
