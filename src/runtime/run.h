/* runtime_run: one execution from start to end, in real or virtual time; what `gait run` and
 * embedders use in the foreground, and TestState beside the others of a loop. Nothing is stored.
 *
 * In virtual time the clock jumps to the next deadline whenever no task is in flight: waits,
 * retries and timeouts pass at once, while functions really run (and really time out). */
#ifndef GAIT_RUNTIME_RUN_H
#define GAIT_RUNTIME_RUN_H

#include "engine/test_state.h"
#include "net/loop.h"
#include "runtime/tasks.h"

typedef struct runtime_run runtime_run;

typedef struct runtime_run_options {
    const asl_machine *machine;
    const engine_identity *identity; /* start_time_ms is set by the run */
    str input;                       /* JSON text */
    bool is_virtual_time;
    entropy entropy; /* seed of all that is random in it */
    net_loop *loop;
    runtime_tasks tasks;
    /* Called after each step with its events, borrowed. May be NULL. */
    void (*on_events)(void *user, const engine_event *events, uint32_t count);
    void *user;
    /* Tells its tasks from those of other executions that share `tasks`. */
    uint64_t number;
    str extra; /* of its tasks (runtime_task.extra), borrowed; may be absent */
    const struct integration_trace *trace; /* of its tasks; borrowed; NULL: none */
    engine_test *test; /* borrowed; NULL unless a single state is tested (engine/test_state.h) */
    /* Called once when the run is over, and the loop goes on; the run may be freed in it. NULL: the
     * loop is stopped. */
    void (*on_over)(void *user);
} runtime_run_options;

typedef struct runtime_result {
    engine_outcome outcome;
    json_doc *output; /* owned by the result; NULL unless it succeeded */
    str error, cause; /* owned by the result; ptr NULL when not set */
    int64_t start_time_ms, stop_time_ms;
} runtime_result;

/* ERROR_SYNTAX for input that is not JSON; ERROR_LIMIT for input past the payload limit. */
MUST_USE status runtime_run_new(const runtime_run_options *options, runtime_run **ret_run,
                                error *reterr);
/* Starts a run that has on_over, which may be called before this returns. */
void runtime_run_begin(runtime_run *run);
/* How a run that is over has ended; to be asked once. Fails where the run itself has: out of
 * memory.
 */
MUST_USE status runtime_run_take_result(runtime_run *run, runtime_result *ret_result,
                                        error *reterr);
/* Runs the loop until the execution has ended. */
MUST_USE status runtime_run_finish(runtime_run *run, runtime_result *ret_result, error *reterr);
/* Stops the execution (ExecutionAborted); to be called on the loop's thread. */
void runtime_run_stop(runtime_run *run);
/* The execution's clock: real, or virtual. */
int64_t runtime_run_now_ms(const runtime_run *run);
/* What it has begun and not ended is cancelled, without on_over. NULL is fine. */
void runtime_run_free(runtime_run *run);
void runtime_result_clean_up(runtime_result *result);

#endif
