/* A series is what is counted of one state machine. The first ones to run get a series each; the
 * rest share series 0. */
#include "runtime/metrics.h"

#include "base/map.h"
#include "runtime/names.h"

#include <stdlib.h>

#define SERIES_MAX_DEFAULT 100
#define SERIES_MAX 10000 /* AWS's quota of state machines */

typedef enum counter {
    COUNTER_NONE,
    EXECUTIONS_STARTED,
    EXECUTIONS_SUCCEEDED,
    EXECUTIONS_FAILED,
    EXECUTIONS_TIMED_OUT,
    EXECUTIONS_ABORTED,
    EXECUTIONS_REDRIVEN,
    REDRIVEN_SUCCEEDED, /* in the order of EXECUTIONS_SUCCEEDED and the following */
    REDRIVEN_FAILED,
    REDRIVEN_TIMED_OUT,
    REDRIVEN_ABORTED,
    EXECUTION_THROTTLED,
    LAMBDA_SCHEDULED,
    LAMBDA_STARTED,
    LAMBDA_SUCCEEDED,
    LAMBDA_FAILED,
    LAMBDA_TIMED_OUT,
    SERVICE_SCHEDULED,
    SERVICE_STARTED,
    SERVICE_SUCCEEDED,
    SERVICE_FAILED,
    SERVICE_TIMED_OUT,
    ACTIVITIES_SCHEDULED,
    ACTIVITIES_STARTED,
    ACTIVITIES_SUCCEEDED,
    ACTIVITIES_FAILED,
    ACTIVITIES_TIMED_OUT,
    COUNTERS,
} counter;

static const struct {
    const char *name, *help;
} counter_rows[COUNTERS] = {
    [EXECUTIONS_STARTED] = {"ExecutionsStarted", "Executions started."},
    [EXECUTIONS_SUCCEEDED] = {"ExecutionsSucceeded", "Executions completed successfully."},
    [EXECUTIONS_FAILED] = {"ExecutionsFailed", "Executions failed."},
    [EXECUTIONS_TIMED_OUT] = {"ExecutionsTimedOut", "Executions timed out for any reason."},
    [EXECUTIONS_ABORTED] = {"ExecutionsAborted", "Executions aborted or terminated."},
    [EXECUTIONS_REDRIVEN] = {"ExecutionsRedriven", "Executions redriven."},
    [REDRIVEN_SUCCEEDED] = {"RedrivenExecutionsSucceeded",
                            "Redriven executions completed successfully."},
    [REDRIVEN_FAILED] = {"RedrivenExecutionsFailed", "Redriven executions failed."},
    [REDRIVEN_TIMED_OUT] = {"RedrivenExecutionsTimedOut", "Redriven executions timed out."},
    [REDRIVEN_ABORTED] = {"RedrivenExecutionsAborted", "Redriven executions aborted."},
    [EXECUTION_THROTTLED] = {"ExecutionThrottled",
                             "State entries and retries throttled; Gait throttles none."},
    [LAMBDA_SCHEDULED] = {"LambdaFunctionsScheduled", "Lambda functions scheduled."},
    [LAMBDA_STARTED] = {"LambdaFunctionsStarted", "Lambda functions started."},
    [LAMBDA_SUCCEEDED] = {"LambdaFunctionsSucceeded", "Lambda functions completed successfully."},
    [LAMBDA_FAILED] = {"LambdaFunctionsFailed", "Lambda functions failed."},
    [LAMBDA_TIMED_OUT] = {"LambdaFunctionsTimedOut", "Lambda functions timed out."},
    [SERVICE_SCHEDULED] = {"ServiceIntegrationsScheduled", "Service tasks scheduled."},
    [SERVICE_STARTED] = {"ServiceIntegrationsStarted", "Service tasks started."},
    [SERVICE_SUCCEEDED] = {"ServiceIntegrationsSucceeded", "Service tasks completed successfully."},
    [SERVICE_FAILED] = {"ServiceIntegrationsFailed", "Service tasks failed."},
    [SERVICE_TIMED_OUT] = {"ServiceIntegrationsTimedOut", "Service tasks timed out."},
    [ACTIVITIES_SCHEDULED] = {"ActivitiesScheduled", "Activities scheduled."},
    [ACTIVITIES_STARTED] = {"ActivitiesStarted", "Activities started."},
    [ACTIVITIES_SUCCEEDED] = {"ActivitiesSucceeded", "Activities completed successfully."},
    [ACTIVITIES_FAILED] = {"ActivitiesFailed", "Activities failed."},
    [ACTIVITIES_TIMED_OUT] = {"ActivitiesTimedOut", "Activities timed out."},
};

/* The counter that an event adds to. What could not be scheduled, started or submitted has failed,
 * too. */
static const uint8_t counted_events[ENGINE_EVENT_TYPES] = {
    [ENGINE_EXECUTION_STARTED] = EXECUTIONS_STARTED,
    [ENGINE_EXECUTION_SUCCEEDED] = EXECUTIONS_SUCCEEDED,
    [ENGINE_EXECUTION_FAILED] = EXECUTIONS_FAILED,
    [ENGINE_EXECUTION_TIMED_OUT] = EXECUTIONS_TIMED_OUT,
    [ENGINE_EXECUTION_ABORTED] = EXECUTIONS_ABORTED,
    [ENGINE_EXECUTION_REDRIVEN] = EXECUTIONS_REDRIVEN,
    [ENGINE_LAMBDA_SCHEDULED] = LAMBDA_SCHEDULED,
    [ENGINE_LAMBDA_SCHEDULE_FAILED] = LAMBDA_FAILED,
    [ENGINE_LAMBDA_STARTED] = LAMBDA_STARTED,
    [ENGINE_LAMBDA_START_FAILED] = LAMBDA_FAILED,
    [ENGINE_LAMBDA_SUCCEEDED] = LAMBDA_SUCCEEDED,
    [ENGINE_LAMBDA_FAILED] = LAMBDA_FAILED,
    [ENGINE_LAMBDA_TIMED_OUT] = LAMBDA_TIMED_OUT,
    [ENGINE_TASK_SCHEDULED_EVENT] = SERVICE_SCHEDULED,
    [ENGINE_TASK_STARTED_EVENT] = SERVICE_STARTED,
    [ENGINE_TASK_START_FAILED_EVENT] = SERVICE_FAILED,
    [ENGINE_TASK_SUBMIT_FAILED_EVENT] = SERVICE_FAILED,
    [ENGINE_TASK_SUCCEEDED_EVENT] = SERVICE_SUCCEEDED,
    [ENGINE_TASK_FAILED_EVENT] = SERVICE_FAILED,
    [ENGINE_TASK_TIMED_OUT_EVENT] = SERVICE_TIMED_OUT,
    [ENGINE_ACTIVITY_SCHEDULED] = ACTIVITIES_SCHEDULED,
    [ENGINE_ACTIVITY_SCHEDULE_FAILED] = ACTIVITIES_FAILED,
    [ENGINE_ACTIVITY_STARTED] = ACTIVITIES_STARTED,
    [ENGINE_ACTIVITY_SUCCEEDED] = ACTIVITIES_SUCCEEDED,
    [ENGINE_ACTIVITY_FAILED] = ACTIVITIES_FAILED,
    [ENGINE_ACTIVITY_TIMED_OUT] = ACTIVITIES_TIMED_OUT,
};

/* Upper bounds of the histogram of ExecutionTime: from a step's length to the week. */
static const int64_t bounds_ms[] = {1,      5,       10,       25,       50,       100,   250,
                                    500,    1000,    5000,     10000,    30000,    60000, 300000,
                                    900000, 3600000, 21600000, 86400000, 604800000};

typedef struct series {
    char *machine_arn; /* owned; NULL for series 0 */
    uint64_t counters[COUNTERS];
    uint64_t durations[ARRAY_LENGTH(bounds_ms) + 1]; /* each bound's own; the last: longer */
    uint64_t duration_sum_ms;
} series;

struct metrics {
    series **series; /* owned; [0] is "other" */
    uint32_t count, max;
    map by_arn;
    uint64_t events;
};

/* -------------------------------------------------------------------------------------- counting
 */

static series *add_series(metrics *m, str machine_arn)
{
    series *made = calloc(1, sizeof(*made));
    char *arn = malloc(machine_arn.len + 1);
    if (!made || !arn) {
        free(made);
        free(arn);
        return NULL;
    }
    memcpy(arn, machine_arn.ptr, machine_arn.len);
    arn[machine_arn.len] = 0;
    made->machine_arn = arn;
    if (failed(map_put(&m->by_arn, (str){arn, machine_arn.len}, made, NULL))) {
        free(arn);
        free(made);
        return NULL;
    }
    m->series[m->count++] = made;
    return made;
}

static series *series_of(metrics *m, str machine_arn)
{
    series *found = map_get(&m->by_arn, machine_arn);
    if (!found && m->count <= m->max) {
        found = add_series(m, machine_arn);
    }
    return found ? found : m->series[0];
}

static void count_duration(series *s, int64_t duration_ms)
{
    size_t bucket = 0;
    while (bucket < ARRAY_LENGTH(bounds_ms) && duration_ms > bounds_ms[bucket]) {
        bucket++;
    }
    s->durations[bucket]++;
    s->duration_sum_ms += (uint64_t)MAX_OF(duration_ms, (int64_t)0);
}

void metrics_count(metrics *m, const shard_execution *execution, const engine_event *events,
                   uint32_t count)
{
    series *s = NULL;
    m->events += count;
    for (uint32_t i = 0; i < count; i++) {
        counter which = counted_events[events[i].type];
        if (which == COUNTER_NONE) {
            continue;
        }
        s = s ? s : series_of(m, runtime_machine_without_label(execution->identity->machine_arn));
        s->counters[which]++;
        if (which >= EXECUTIONS_SUCCEEDED && which <= EXECUTIONS_ABORTED) {
            uint32_t end = which - EXECUTIONS_SUCCEEDED;
            s->counters[REDRIVEN_SUCCEEDED + end] += execution->identity->redrive_count > 0;
            count_duration(s, events[i].time_ms - execution->identity->start_time_ms);
        }
    }
}

/* -------------------------------------------------------------------------------------- printing
 */

static void add_head(const char *name, const char *help, const char *kind, buf *out)
{
    buf_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

/* StateMachineArn="..." */
static void add_label(const series *s, buf *out)
{
    buf_add_literal(out, "StateMachineArn=\"");
    for (const char *c = s->machine_arn ? s->machine_arn : "other"; *c; c++) {
        if (*c == '\\' || *c == '"') {
            buf_add_char(out, '\\');
        }
        buf_add_char(out, *c);
    }
    buf_add_char(out, '"');
}

/* Series 0 is shown when it has counted something. */
static bool is_shown(const series *s)
{
    return s->machine_arn || s->counters[EXECUTIONS_STARTED] || s->duration_sum_ms;
}

static void print_counters(const metrics *m, buf *out)
{
    for (int c = COUNTER_NONE + 1; c < COUNTERS; c++) {
        add_head(counter_rows[c].name, counter_rows[c].help, "counter", out);
        for (uint32_t i = 0; i < m->count; i++) {
            if (!is_shown(m->series[i])) {
                continue;
            }
            buf_add_format(out, "%s{", counter_rows[c].name);
            add_label(m->series[i], out);
            buf_add_format(out, "} %llu\n", (unsigned long long)m->series[i]->counters[c]);
        }
    }
}

static void print_durations_of(const series *s, buf *out)
{
    uint64_t total = 0;
    for (size_t b = 0; b <= ARRAY_LENGTH(bounds_ms); b++) {
        total += s->durations[b];
        buf_add_literal(out, "ExecutionTime_bucket{");
        add_label(s, out);
        if (b < ARRAY_LENGTH(bounds_ms)) {
            buf_add_format(out, ",le=\"%lld\"} %llu\n", (long long)bounds_ms[b],
                           (unsigned long long)total);
        } else {
            buf_add_format(out, ",le=\"+Inf\"} %llu\n", (unsigned long long)total);
        }
    }
    buf_add_literal(out, "ExecutionTime_sum{");
    add_label(s, out);
    buf_add_format(out, "} %llu\nExecutionTime_count{", (unsigned long long)s->duration_sum_ms);
    add_label(s, out);
    buf_add_format(out, "} %llu\n", (unsigned long long)total);
}

void metrics_print(const metrics *m, const shard_counts *now, buf *out)
{
    const struct {
        const char *name, *help, *kind;
        uint64_t value;
    } rows[] = {
        {"OpenExecutionCount", "Executions that are running.", "gauge", now->open},
        {"gait_resident_executions", "Executions in memory.", "gauge", now->resident},
        {"gait_timers", "Deadlines in memory: the nearest.", "gauge", now->timers},
        {"gait_tasks_in_flight", "Tasks that have been started and not ended.", "gauge",
         now->tasks_in_flight},
        {"gait_store_refusing", "1 while the store refuses to write.", "gauge",
         now->is_store_refusing},
        {"gait_events_total", "History events.", "counter", m->events},
    };
    print_counters(m, out);
    add_head("ExecutionTime", "Milliseconds between the start and the end of executions.",
             "histogram", out);
    for (uint32_t i = 0; i < m->count; i++) {
        if (is_shown(m->series[i])) {
            print_durations_of(m->series[i], out);
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        add_head(rows[i].name, rows[i].help, rows[i].kind, out);
        buf_add_format(out, "%s %llu\n", rows[i].name, (unsigned long long)rows[i].value);
    }
}

/* -------------------------------------------------------------------------------------- settings
 */

static status read_config(json config, uint32_t *ret_max, error *reterr)
{
    int64_t max = SERIES_MAX_DEFAULT;
    bool is_fine = json_is_absent(config) || json_is(config, JSON_OBJECT);
    for (uint32_t i = 0; i < json_count(config) && is_fine; i++) {
        const json_member *member = json_member_at(config, i);
        is_fine = str_equal(json_str(member->name), STR("stateMachinesMax")) &&
                  json_int64(member->value, &max) && max >= 0 && max <= SERIES_MAX;
    }
    if (!is_fine) {
        return fail(reterr, ERROR_INVALID,
                    "\"metrics\" wants {\"stateMachinesMax\": N}, N from 0 to %d", SERIES_MAX);
    }
    *ret_max = (uint32_t)max;
    return STATUS_OK;
}

status metrics_new(json config, metrics **ret_metrics, error *reterr)
{
    uint32_t max = 0;
    TRY(read_config(config, &max, reterr));
    metrics *m = calloc(1, sizeof(*m));
    if (!m) {
        return fail_memory(reterr);
    }
    m->max = max;
    map_init(&m->by_arn, 0, 0);
    m->series = calloc(max + 1, sizeof(series *));
    if (m->series) {
        m->series[0] = calloc(1, sizeof(series));
        m->count = m->series[0] ? 1 : 0;
    }
    if (!m->count) {
        metrics_free(m);
        return fail_memory(reterr);
    }
    *ret_metrics = m;
    return STATUS_OK;
}

void metrics_free(metrics *m)
{
    if (!m) {
        return;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        free(m->series[i]->machine_arn);
        free(m->series[i]);
    }
    free(m->series);
    map_clean_up(&m->by_arn);
    free(m);
}
