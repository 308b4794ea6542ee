/* map_runs: the map runs of distributed Maps. Stands before other runtime_tasks: a task whose state
 * is a Map is a map run, carried out here; all others are handed on.
 *
 *   START_TASK ──> items ──> ItemSelector ──> batches ──> a window of child executions ──> results
 *                  (map_items.h)  (the engine's)              (MaxConcurrency at a time)          │
 *                                                                                 the task's end
 *
 * What a map run has done is told by its children's rows, so that nothing but its record (its
 * settings and how it has ended) is kept beside them: after a crash the rows say which children
 * there are and how they ended, items are read again, and those that have a child are passed over.
 * A child's name is made of the map run's and its number, so that none is started twice. In memory
 * are the children that run, and one batch: never all items.
 *
 * Sources: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html,
 * concepts-examine-map-run.html, redrive-map-run.html */
#ifndef GAIT_RUNTIME_MAP_MAP_RUNS_H
#define GAIT_RUNTIME_MAP_MAP_RUNS_H

#include "integrations/integration.h"
#include "runtime/shard.h"

typedef struct map_runs map_runs;

typedef struct map_runs_options {
    net_loop *loop;
    runtime_tasks others; /* do what is not a map run */
    store *store;
    integrations *tasks; /* for S3: aws-sdk:s3 */
} map_runs_options;

MUST_USE status map_runs_new(const map_runs_options *options, map_runs **ret_runs, error *reterr);
/* Before anything is recovered: the shard is made after the tasks that it needs. */
void map_runs_connect(map_runs *runs, shard *s);
/* After shard_recover: stops the children of map runs whose execution gave them up before a crash,
 * and ends these map runs. */
MUST_USE status map_runs_recover(map_runs *runs, error *reterr);
/* After the shard. NULL is fine. */
void map_runs_free(map_runs *runs);
runtime_tasks map_runs_tasks(map_runs *runs);
/* Stands before another observer, to see children end. */
shard_observer map_runs_observer(map_runs *runs, shard_observer others);

typedef struct map_run_counts {
    uint64_t pending, running, succeeded, failed, timed_out, aborted, total, results_written;
    uint64_t pending_redrive; /* unsuccessful, and not redriven yet since its map run was */
} map_run_counts;

typedef struct map_run_view {
    str arn, execution_arn, machine_arn; /* .../NAME/LABEL */
    str status;                          /* RUNNING, SUCCEEDED, FAILED, ABORTED */
    int64_t start_ms, stop_ms;           /* stop_ms -1 while it runs */
    int64_t concurrency_max, tolerated_count;
    double tolerated_percentage;
    map_run_counts items, executions;
    uint32_t redrive_count;
    int64_t redrive_ms;
} map_run_view;

/* ERROR_NOT_FOUND when there is no such map run. */
MUST_USE status map_runs_describe(map_runs *runs, str arn, arena *a, map_run_view *ret_view,
                                  error *reterr);
/* The map runs of an execution, the newest first. */
MUST_USE status map_runs_list(map_runs *runs, str execution_arn, arena *a, map_run_view **ret_views,
                              uint32_t *ret_count, error *reterr);

/* Of all executions, the newest first, from behind the place `after` (absent: from the first), at
 * most `max`. The place to go on from is absent at the end. */
MUST_USE status map_runs_newest(map_runs *runs, str after, uint32_t max, arena *a,
                                map_run_view **ret_views, uint32_t *ret_count, str *ret_next,
                                error *reterr);

/* Whether the child, an unsuccessful one of that number, is still to be redriven by its map run,
 * which has been. */
bool map_runs_will_redrive(const map_runs *runs, str arn, uint32_t number, uint64_t seq);

/* Removes the records of a page of map runs whose execution has been removed (retention). */
MUST_USE status map_runs_prune(map_runs *runs, error *reterr);

/* What is not to be changed is negative. */
typedef struct map_run_change {
    int64_t concurrency_max, tolerated_count;
    double tolerated_percentage;
} map_run_change;
/* Of a run in progress. ERROR_NOT_FOUND; the reply comes when it is durable. */
MUST_USE status map_runs_update(map_runs *runs, str arn, const map_run_change *change,
                                shard_reply *reply, void *user, error *reterr);

#endif
