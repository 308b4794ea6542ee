/* Private to the folder: a map run.
 *
 *   RUNNING ──── all items have children, and all have ended ────> COLLECTING ──> over
 *      │                                                               ▲
 *      └─ too many failed, cancelled, or the reader failed ──> STOPPING┘ (all children have ended)
 *
 * Invariants:
 *  1. `running` has every child that was started and has not ended, by its ARN.
 *  2. children are numbered in the order of their items; `next` is the first that has none yet.
 *  3. the task's end is received once, unless the task was cancelled. */
#ifndef GAIT_RUNTIME_MAP_MAP_RUN_H
#define GAIT_RUNTIME_MAP_MAP_RUN_H

#include "base/map.h"
#include "runtime/map/map_items.h"
#include "runtime/map/map_runs.h"

#define MAP_RUN_RECORD STR("maprun")
#define MAP_RUN_OF_RECORD STR("maprunof")     /* EXECUTION ARN|START|ARN: an empty text */
#define MAP_RUN_OPEN_RECORD STR("maprunopen") /* ARN, while it is not over: an empty text */
#define MAP_RUN_TIME_RECORD STR("mapruntime") /* map_run_time_key: an empty text */
#define MAP_RUN_KEY_BYTES_MAX 4096

typedef struct map_run map_run;

/* A child that runs. Its ARN, the key, follows it in memory. */
typedef struct map_child {
    uint32_t number;
    uint32_t items;
} map_child;

/* What the store knew of a child when the run was begun again. */
typedef struct map_seen {
    bool is_there;
    bool is_to_be_redriven;
    store_execution_status status;
    uint32_t items;
    uint64_t seq;
} map_seen;

typedef enum map_run_phase { MAP_RUN_RUNNING, MAP_RUN_STOPPING, MAP_RUN_COLLECTING } map_run_phase;

struct map_runs {
    map_runs_options options;
    shard *shard;
    shard_observer observer;
    map by_arn;       /* to map_run */
    map by_task;      /* task_key, as bytes */
    net_timer *again; /* for what could not be started */
    net_timer *turn;  /* for what takes more than one turn of the loop */
    entropy random;
    buf pruned_to; /* the key up to which records have been looked at; empty: from the first */
};

typedef struct map_task_key {
    uint64_t execution, task_id;
} map_task_key;

struct map_run {
    map_runs *owner;
    map_task_key key;
    runtime_receive *receive;
    void *receiver;
    bool is_cancelled; /* nobody wants its end */
    bool is_abandoned; /* found at a start, without its task: has no order, and is in by_arn only */
    map_run *heir;     /* the same map run, redriven: begins when this one is gone */
    arena memory;      /* of the texts */
    json_doc *order_doc;
    json order;
    map_run_view view; /* texts in memory; counts are kept here */
    str machine_name;  /* NAME/LABEL */
    str role_arn;
    str test_case; /* what the children's extra has of it, with a comma before; "" mostly */
    const asl_machine *machine;
    str definition_key;
    uint32_t workflow;
    bool is_express;
    bool has_count, has_percentage; /* which thresholds were set */

    map_run_phase phase;
    map_items *items;
    integration_task *call; /* to S3 */
    map running;            /* ARN to map_child */
    map_seen *seen;
    uint32_t seen_count;
    uint32_t next;     /* number of the next child */
    int64_t next_item; /* that goes to ItemSelector */
    bool is_exhausted; /* there are no more items */
    bool is_filling;
    bool wants_turn;
    bool is_unrecorded; /* COLLECTING could not begin */
    json_doc *kept;     /* an item that did not fit into the batch before */
    json_doc **batch;   /* owned: the items of child `next` so far */
    uint32_t batch_count, batch_room;
    uint64_t batch_bytes;
    str error, cause; /* why it stops; in memory */
    struct map_output *output;
};

/* window.c */
/* Starts children while there is room; may end the run: it is not to be used afterwards. */
void map_run_fill(map_run *run);
void map_run_child_ended(map_run *run, str arn, engine_outcome outcome);
/* From the rows of its children: for a run that was begun before. */
MUST_USE status map_run_resume(map_run *run, error *reterr);
void map_run_drop_batch(map_run *run);
/* Lets no more children start and stops those that run. */
void map_run_stop(map_run *run, str error_name, str cause);
void map_run_stop_children(map_run *run);

/* record.c */
MUST_USE status map_run_write_record(map_run *run, shard_reply *reply, void *user, error *reterr);
/* INT64_MAX - START|ARN: in the order of these keys the newest map run is the first. ptr NULL when
 * out of memory. */
str map_run_time_key(int64_t start_ms, str arn, arena *a);
MUST_USE status map_run_read_record(str text, arena *a, map_run_view *ret_view, error *reterr);

/* results.c */
/* All children have ended: results are collected, and the task ends. */
void map_run_collect(map_run *run);
/* The next page of it. */
void map_run_gather(map_run *run);
void map_run_end(map_run *run, const engine_input *end, const char *status_name);
void map_run_free_output(map_run *run);

/* map_runs.c */
void map_run_free(map_run *run);
/* Its view with what is not told by counting alone. */
map_run_view map_run_shown(const map_run *run);
void map_run_try_again(map_runs *runs);
/* The run goes on in the next turn of the loop. */
void map_run_want_turn(map_run *run);
void map_run_ignore_reply(void *user, const error *err);
/* A call of S3 for the run; done gets the run. */
MUST_USE status map_run_call_s3(map_run *run, str action, json parameters, integration_done *done,
                                error *reterr);

#endif
