/* What the files of the engine share; nothing outside src/engine includes it.
 *
 *   engine_execution
 *     └─ root scope ── frame: state "Orders" (Map), waiting for children
 *          │             brood: slots [0] done  [1] ─┐  [2] ─┐  [3] not started
 *          │                                         │       │
 *          ├─ iteration scope 1 ── frame: state "Pay" (Task), waiting for task 17
 *          └─ iteration scope 2 ── frame: state "Pause" (Wait), waiting for timer 9
 *
 * A scope has two faces. `saved` is what the last successful step left: all its values belong to
 * documents that the scope owns. `work` exists during a step only, for scopes that the step
 * touches: a copy in the step's arena, free to point anywhere. A step that succeeds turns the work
 * faces into saved ones (commit.c: first everything that may fail, then the swap that cannot); one
 * that fails forgets them. So a step costs what it touches, and a failure changes nothing. */
#ifndef GAIT_ENGINE_INTERNAL_H
#define GAIT_ENGINE_INTERNAL_H

#include "engine/test_state.h"

typedef struct engine_scope engine_scope;
typedef struct engine_view engine_view;

/* A value on its way through states. The client's own spelling is kept as long as nothing has
 * transformed it: AWS shows it, white space included. */
typedef struct engine_payload {
    json value;
    str text;     /* ptr NULL: value's compact text is what is shown */
    size_t bytes; /* upper bound of the text's length; 0 = not measured yet */
} engine_payload;

/* One child of a Parallel or Map state. */
typedef struct engine_slot {
    engine_scope *child; /* while it runs */
    uint64_t done_id;    /* the id it had, once the result is here; 0 before */
    engine_scope *done;  /* within the step in which it ended; else NULL */
    engine_payload result;
    json_doc *result_doc; /* saved face: owns result */
} engine_slot;

/* A change to a saved brood, in a step's arena. */
typedef struct engine_slot_write engine_slot_write;
struct engine_slot_write {
    engine_slot_write *next;
    uint32_t index;
    engine_slot slot;
};

typedef enum engine_phase {
    ENGINE_PHASE_ENTER,    /* ready: `state` is to be entered with `input` */
    ENGINE_PHASE_ACTIVE,   /* the state's own code runs, within a step */
    ENGINE_PHASE_TASK,     /* a task's result is awaited */
    ENGINE_PHASE_WAIT,     /* the timer of a Wait state */
    ENGINE_PHASE_RETRY,    /* the timer before the next attempt */
    ENGINE_PHASE_CHILDREN, /* branches or iterations run */
    ENGINE_PHASE_AGAIN,    /* the state was unsuccessful: a redrive begins it once more */
} engine_phase;

typedef enum engine_timer {
    ENGINE_TIMER_PAUSE, /* Wait, and the pause before a retry */
    ENGINE_TIMER_TIMEOUT,
    ENGINE_TIMER_HEARTBEAT,
    ENGINE_TIMERS,
} engine_timer;

/* The active state of a scope, and the scope's variables. */
typedef struct engine_frame engine_frame;
struct engine_frame {
    uint32_t state; /* asl_state index */
    engine_phase phase;
    engine_payload input; /* the state's raw input */
    json variables;       /* an object; absent while empty */
    uint64_t entered_event;
    int64_t entered_ms;
    uint64_t last_event;  /* previousEventId of the scope's next event */
    uint64_t cause_event; /* what set off the present handling: previousEventId of a failed
                             evaluation (aws-behaviour: 0 for the first state, then the previous
                             state's exit) */
    uint32_t retry_count; /* attempts after the first, over all retriers */
    uint32_t *attempts;   /* per retrier; NULL while there were none */
    uint64_t task_id;
    bool task_is_started;
    bool task_is_submitted;      /* its request was accepted: it waits for a callback */
    engine_payload task_payload; /* what START_TASK carries: a restored execution sends it again */
    json task_credentials;
    json task_submission;           /* of .sync: what the answer to its request was */
    int64_t task_timeout_seconds;   /* -1 = none */
    int64_t heartbeat_seconds;      /* -1 = none */
    uint64_t timers[ENGINE_TIMERS]; /* ids; 0 = not set */
    int64_t timers_at_ms[ENGINE_TIMERS];
    /* Parallel and Map in phase CHILDREN */
    json items;          /* Map: what is iterated over */
    json children_input; /* Map: the effective input, which ItemSelector looks at */
    uint32_t child_count, child_next, children_running, concurrency;
    /* In a work face: the slots are either all in the arena (begun in this step), or the scope's
     * brood as it is changed by the writes. */
    engine_slot *slots;
    engine_slot_write *writes, *writes_last; /* oldest first */
    bool has_brood;                          /* the scope's brood still holds */
    size_t variables_bytes;                  /* upper bound of variables' text */
    /* During a step: the frame before the failure that took its children. */
    engine_frame *wreck;
};

/* Whether a task is in flight: one that has been accepted and waits for its callback is not. */
static inline bool engine_frame_has_task(const engine_frame *frame)
{
    return frame->phase == ENGINE_PHASE_TASK &&
           (!frame->task_is_submitted || !json_is_absent(frame->task_submission));
}

/* The values of a saved face that documents own. */
typedef enum engine_doc {
    ENGINE_DOC_INPUT,
    ENGINE_DOC_VARIABLES,
    ENGINE_DOC_ITEMS,
    ENGINE_DOC_CHILDREN_INPUT,
    ENGINE_DOC_TASK_PAYLOAD,
    ENGINE_DOC_TASK_CREDENTIALS,
    ENGINE_DOC_TASK_SUBMISSION,
    ENGINE_DOCS,
} engine_doc;

struct engine_scope {
    uint64_t id;          /* the root's is 0 */
    engine_scope *parent; /* NULL for the root */
    uint32_t workflow;
    uint32_t index; /* branch or iteration */

    engine_frame saved;
    json_doc *docs[ENGINE_DOCS]; /* own saved's values */
    engine_slot *brood; /* owned; saved.child_count long; NULL when there are no children */

    /* During a step. */
    engine_frame *work;         /* NULL when only its end is noted */
    engine_scope *next_touched; /* in order of touching */
    bool is_touched;
    bool is_new;   /* made in this step */
    bool is_ended; /* gone when the step succeeds */
    bool is_queued;
    bool is_kept;                 /* ended, with its result in its parent's brood */
    struct engine_saving *saving; /* what commit.c prepared */
    /* Old owners that the delta's events may still point into: freed when the next step begins. */
    engine_scope *next_retired;
    json_doc *retired_docs[ENGINE_DOCS];
    engine_slot *retired_brood;
    uint32_t retired_brood_count;
};

/* From ids to scopes: their own, and those of the tasks and timers that they wait for. */
typedef struct engine_id_entry {
    uint64_t id; /* 0 = free */
    engine_scope *scope;
    uint32_t slot; /* the id of a child that is done: its slot in scope's brood, plus 1 */
} engine_id_entry;

typedef struct engine_id_map {
    engine_id_entry *entries; /* owned */
    uint32_t used, capacity;  /* a power of two */
} engine_id_map;

struct engine_execution {
    const asl_machine *machine;
    engine_identity identity;
    arena texts; /* owns the identity's */
    engine_outcome outcome;
    bool is_started;
    uint64_t last_event_id;
    uint64_t last_id; /* of scopes, tasks and timers: one sequence, so that no two are equal */
    uint64_t timeout_timer;
    int64_t timeout_at_ms;
    json_doc *input_doc;
    engine_scope *root;   /* NULL before the start and after the end */
    engine_scope **ready; /* owned: scopes that the next ENGINE_CONTINUE goes on with */
    uint32_t ready_count;
    engine_id_map ids;
    engine_scope *retired;      /* scopes with retired parts, ended ones among them */
    engine_scope *retired_root; /* of a finished execution */
    engine_test *test;          /* borrowed; NULL unless a single state is tested */
};

/* What goes wrong in a workflow. Functions that find it fill in step->failure and return
 * ERROR_INVALID; any other failed status ends the step. */
typedef struct engine_failure {
    str error, cause; /* ptr NULL: not given */
    bool is_fatal;    /* States.Runtime: the execution fails, unless a state names the error */
    bool is_heartbeat;
} engine_failure;

typedef struct engine_step_state {
    engine_execution *x;
    const asl_machine *machine;
    const engine_input *in;
    arena *a;
    error *reterr;
    entropy random;

    engine_event *events;
    uint32_t event_count, event_room;
    engine_effect *effects;
    uint32_t effect_count, effect_room;
    uint64_t last_event_id, last_id, timeout_timer;
    int64_t timeout_at_ms;
    uint32_t redrive_count;
    int64_t redrive_time_ms;
    json execution_input;

    engine_scope *root;
    engine_scope *touched, *touched_last;
    engine_scope **queue; /* a ring */
    uint32_t queue_first, queue_count, queue_room;
    uint32_t transitions;
    bool history_is_full;
    bool keeps_scopes; /* of an execution that has ended */

    engine_outcome outcome;
    engine_failure failure;
    json context_execution, context_machine; /* made when first looked at */
} engine_step_state;
typedef engine_step_state step;

/* ---- one row per state type */
typedef struct engine_state_ops {
    /* The state's work, after its StateEntered event, and again for each retry. */
    status (*begin)(step *s, engine_scope *scope);
    /* ENGINE_TIMER_PAUSE of a Wait has fired. May be NULL. */
    status (*pause_over)(step *s, engine_scope *scope);
    /* A child ended well: its result is in. May be NULL. */
    status (*child_succeeded)(step *s, engine_scope *scope, engine_scope *child,
                              engine_payload result);
    /* The execution is redriven: children that had not been started yet. May be NULL. */
    status (*redriven)(step *s, engine_scope *scope, uint64_t previous_event);
    engine_event_type failed;  /* recorded when the state fails for good; or NONE */
    engine_event_type aborted; /* recorded when a sibling's failure ends it; or NONE */
    engine_event_type child_failed, child_aborted; /* Map's iterations */
    bool counts_retries;                           /* $$.State.RetryCount is there */
} engine_state_ops;

extern const engine_state_ops engine_task_ops, engine_pass_ops, engine_choice_ops, engine_wait_ops,
    engine_succeed_ops, engine_fail_ops, engine_parallel_ops, engine_map_ops;
const engine_state_ops *engine_ops_of(const asl_state *state);
/* states/task.c: one of the ENGINE_TASK_* inputs for the scope's task; a repeated one (a second
 * "started") leaves *ret_is_stale true. */
MUST_USE status engine_task_input(step *s, engine_scope *scope, bool *ret_is_stale);
MUST_USE status engine_task_timed_out(step *s, engine_scope *scope, bool is_heartbeat);

/* ---- states/map_distributed.c */
/* Records MapRunStarted and asks for the run; after MapStateStarted. */
MUST_USE status engine_map_run_begin(step *s, engine_scope *scope, const engine_view *view,
                                     json items, int64_t concurrency);
/* Whether the state was redriven and has a map run that goes on; and lets it. */
bool engine_map_run_is_known(const engine_scope *scope);
MUST_USE status engine_map_run_again(step *s, engine_scope *scope);
/* How the run has ended. */
MUST_USE status engine_map_run_input(step *s, engine_scope *scope, bool *ret_is_stale);

/* ---- scope.c: the tree */
MUST_USE status engine_scope_new(step *s, engine_scope *parent, uint32_t workflow, uint32_t index,
                                 engine_payload input, uint64_t previous_event,
                                 engine_scope **ret_scope);
/* The scope's face in this step, made when it is first asked for. */
MUST_USE status engine_scope_touch(step *s, engine_scope *scope);
static inline const engine_frame *engine_frame_of(const engine_scope *scope)
{
    return scope->work ? scope->work : &scope->saved;
}
static inline const asl_state *engine_state_of(const step *s, const engine_scope *scope)
{
    return &s->machine->states[engine_frame_of(scope)->state];
}
json engine_scope_variable(const engine_scope *scope, str name);
/* Makes an array of all slots as they are now. */
MUST_USE status engine_scope_slots(step *s, const engine_scope *scope, engine_slot **ret_slots);
MUST_USE status engine_scope_set_slot(step *s, engine_scope *scope, uint32_t index,
                                      engine_slot slot);
/* Notes the end of a scope whose task and timers are no longer waited for. */
void engine_scope_end(step *s, engine_scope *scope);
/* With all its children; NULL is fine. */
void engine_scope_free(engine_scope *scope);
/* Frees what the last step replaced. */
void engine_scope_free_retired(engine_execution *x);
/* Ends what the scope waits for: tasks are cancelled, timers cleared, at every depth; with
 * `failing_event` (not 0) the abort is recorded as AWS does for the siblings of what failed. */
MUST_USE status engine_scope_abort(step *s, engine_scope *scope, uint64_t failing_event);
/* What the scope itself waits for is no longer wanted: its task and its timers. */
MUST_USE status engine_scope_cancel(step *s, const engine_frame *frame);
/* engine_scope_abort for all children; the brood is gone. */
MUST_USE status engine_children_abort(step *s, engine_scope *scope, uint64_t failing_event);

/* ---- redrive.c */
/* Whether the execution that ends like this may be redriven. */
bool engine_may_be_redriven(const step *s, engine_outcome outcome);
/* Remembers a frame's children, which its failure is about to take. */
MUST_USE status engine_wreck(step *s, engine_frame *frame);
/* In place of engine_scope_abort at the unsuccessful end: nothing is waited for any more, and the
 * tree stays as it was before the failure. */
MUST_USE status engine_keep_scopes(step *s);
MUST_USE status engine_redrive(step *s, bool *ret_is_stale);

/* ---- ids.c */
MUST_USE status engine_ids_reserve(engine_id_map *m, uint32_t more, error *reterr);
/* Room was reserved. */
void engine_ids_put(engine_id_map *m, uint64_t id, engine_scope *scope, uint32_t slot);
void engine_ids_remove(engine_id_map *m, uint64_t id);
/* NULL when not there. */
const engine_id_entry *engine_ids_get(const engine_id_map *m, uint64_t id);

/* ---- commit.c */
/* A document for a payload (NULL for an absent one); the client's spelling goes along in it. */
MUST_USE status engine_payload_freeze(arena *a, const engine_payload *payload, json_doc **ret_doc,
                                      engine_payload *ret_payload, error *reterr);
MUST_USE status engine_commit(step *s, bool wants_continue, engine_delta *ret_delta);
void engine_roll_back(step *s);

/* ---- record.c: events and effects */
MUST_USE status engine_record(step *s, engine_event_type type, uint32_t state,
                              uint64_t previous_event, engine_event **ret_event);
/* An event of a scope's own state, chained to its last one. */
MUST_USE status engine_record_in(step *s, engine_scope *scope, engine_event_type type,
                                 engine_event **ret_event);
MUST_USE status engine_effect_add(step *s, engine_effect_kind kind, engine_effect **ret_effect);
MUST_USE status engine_timer_set(step *s, engine_scope *scope, engine_timer timer, int64_t at_ms);
MUST_USE status engine_timer_clear(step *s, engine_scope *scope, engine_timer timer);
static inline void engine_event_payload(engine_event *event, engine_payload payload)
{
    event->payload = payload.value;
    event->payload_text = payload.text;
}
/* now + seconds, without overflow. */
int64_t engine_after(int64_t now_ms, int64_t seconds);

/* ---- step.c */
MUST_USE status engine_enqueue(step *s, engine_scope *scope);
/* The end of a state: records its exit, assigns, goes to state `next`, or ends the scope when that
 * is ASL_NONE. */
MUST_USE status engine_exit(step *s, engine_scope *scope, engine_payload output, json assigned,
                            uint32_t next);
/* Starts the state's work once more, after a pause. */
MUST_USE status engine_begin(step *s, engine_scope *scope);
/* Deals with the failure, if st is one, of that scope's state. */
MUST_USE status engine_settle(step *s, engine_scope *scope, status st);
MUST_USE status engine_finish(step *s, engine_outcome outcome, uint64_t previous_event,
                              engine_payload output, str error_name, str cause);

/* ---- failure.c, retry.c, catch.c */
/* Sets step->failure and returns ERROR_INVALID. */
COLD status engine_fail(step *s, str error_name, str cause);
/* Puts AWS's "An error occurred while executing the state ..." before the message (ptr NULL: memory
 * ran out). */
COLD status engine_fail_prefixed(step *s, const engine_scope *scope, str error_name, bool is_fatal,
                                 str message);
/* Records EvaluationFailed and fails with States.QueryEvaluationError. location "" = none. */
COLD status engine_fail_evaluated(step *s, engine_scope *scope, str location, str message);
/* With a format: States.Runtime; another error name, not fatal; a JSONata field. */
#define engine_fail_runtime(s, scope, ...)                                                         \
    engine_fail_prefixed((s), (scope), STR("States.Runtime"), true,                                \
                         arena_printf((s)->a, __VA_ARGS__))
#define engine_fail_named(s, scope, error_name, ...)                                               \
    engine_fail_prefixed((s), (scope), (error_name), false, arena_printf((s)->a, __VA_ARGS__))
#define engine_fail_evaluation(s, scope, location, ...)                                            \
    engine_fail_evaluated((s), (scope), (location), arena_printf((s)->a, __VA_ARGS__))
/* A JSONata expression whose result has the wrong kind. */
COLD status engine_fail_result_type(step *s, engine_scope *scope, const asl_node *node,
                                    const char *expected, json value);
/* States.DataLimitExceeded about `what` (a state's name or a task's resource). */
COLD status engine_fail_data_limit(step *s, str what);
/* Deals with step->failure of a scope's state: a retry, a catcher, or on to its parents. */
MUST_USE status engine_handle_failure(step *s, engine_scope *scope);
bool engine_error_matches(const str *error_equals, uint32_t count, const engine_failure *failure);
MUST_USE status engine_retry(step *s, engine_scope *scope, bool *ret_is_retried);
/* ERROR_INVALID when the catcher's own expressions fail. */
MUST_USE status engine_catch(step *s, engine_scope *scope, bool *ret_is_caught);

/* ---- flow.c: data flow */
typedef enum engine_path_style {
    ENGINE_STYLE_TEMPLATE, /* "The JSONPath '$.a' specified for the field 'b.$' could not be ..." */
    ENGINE_STYLE_PATH,     /* "Invalid path '$.a' : No results for path: $['a']" */
} engine_path_style;

/* What an expression sees, besides variables and the context object. */
struct engine_view {
    json input;        /* $ (JSONPath) */
    str input_text;    /* its own spelling, for messages */
    json result;       /* $states.result */
    json error_output; /* $states.errorOutput */
    engine_path_style style;
    const json *item; /* $$.Map.Item while an iteration's input is made; else NULL */
    uint32_t item_index;
};

MUST_USE status engine_evaluate(step *s, engine_scope *scope, const asl_node *node,
                                const engine_view *view, json *ret_value);
/* The same, with what went wrong left to the caller: a failed status that is not ERROR_MEMORY has
 * fault and s->reterr-independent words in ret_why. */
MUST_USE status engine_try_evaluate(step *s, engine_scope *scope, const asl_node *node,
                                    const engine_view *view, json *ret_value, asl_fault *ret_fault,
                                    error *ret_why);
/* Turns what engine_try_evaluate told into step->failure; returns ERROR_INVALID. */
COLD status engine_fail_fault(step *s, engine_scope *scope, const asl_fault *fault,
                              const error *why, const engine_view *view);
/* InputPath, then Parameters or Arguments. ret_effective may be NULL. */
MUST_USE status engine_flow_input(step *s, engine_scope *scope, engine_payload *ret_effective,
                                  engine_payload *ret_payload);
MUST_USE status engine_flow_input_path(step *s, engine_scope *scope, engine_payload *ret_effective);
/* From a state's result to its exit: ResultSelector, ResultPath, OutputPath, Assign, or JSONata's
 * Output and Assign; goes to the state's next one. */
MUST_USE status engine_flow_result(step *s, engine_scope *scope, engine_payload result);
/* The common end: JSONata's Output (or NULL), the size check, Assign, and the exit. */
MUST_USE status engine_flow_leave(step *s, engine_scope *scope, const asl_node *output,
                                  const asl_node *assign, const engine_view *view,
                                  engine_payload value, uint32_t next);
/* JSONPath's OutputPath alone (Choice, Wait, Succeed). */
MUST_USE status engine_flow_output_path(step *s, engine_scope *scope, engine_payload *payload);
MUST_USE status engine_flow_assign(step *s, engine_scope *scope, const asl_node *assign,
                                   const engine_view *view, json *ret_assigned);
MUST_USE status engine_flow_result_path(step *s, engine_scope *scope, const jsonpath *path,
                                        bool is_null, engine_payload result,
                                        engine_payload *ret_payload);
/* States.DataLimitExceeded when the payload is too large; measures it when it must. */
MUST_USE status engine_flow_check_size(step *s, engine_payload *payload, str what);
/* A whole number of a field such as TimeoutSeconds or MaxConcurrency. */
MUST_USE status engine_flow_integer(step *s, engine_scope *scope, const asl_node *node,
                                    const engine_view *view, int64_t *ret_value);

/* ---- context.c */
MUST_USE status engine_context(step *s, engine_scope *scope, const engine_view *view,
                               json *ret_object);
/* Whether evaluating the node may look at $$ or $states.context. */
bool engine_context_is_used(const asl_node *node);
/* The token of the scope's task; ptr NULL when there is none. */
MUST_USE status engine_task_token(step *s, const engine_scope *scope, str *ret_token);

/* ---- children.c */
MUST_USE status engine_children_begin(step *s, engine_scope *scope, uint32_t count);
MUST_USE status engine_child_start(step *s, engine_scope *scope, uint32_t workflow, uint32_t index,
                                   engine_payload input, uint64_t previous_event);
/* A child's result goes to its slot. */
MUST_USE status engine_child_collect(step *s, engine_scope *scope, engine_scope *child,
                                     engine_payload result);
/* The list of results, when all are there; the brood is gone. */
MUST_USE status engine_children_result(step *s, engine_scope *scope, engine_payload *ret_result);

/* ---- test_state.c: only for an execution with a test */
/* The state has been entered. */
MUST_USE status engine_test_begin(step *s, engine_scope *scope);
/* Keeps a value of the data flow, unless AWS does not tell it of that state. */
MUST_USE status engine_test_note(step *s, const engine_scope *scope, engine_inspected which,
                                 engine_payload payload);
/* engine_test_note where there is a test. */
static inline status engine_inspect(step *s, const engine_scope *scope, engine_inspected which,
                                    engine_payload payload)
{
    return UNLIKELY(s->x->test) ? engine_test_note(s, scope, which, payload) : STATUS_OK;
}
/* The state's exit, its variables assigned: the end of the test. */
MUST_USE status engine_test_exit(step *s, engine_scope *scope, engine_payload output);
/* What the end, or the catcher that took the failure, says went wrong. */
MUST_USE status engine_test_failure(step *s, str error_name, str cause);
MUST_USE status engine_test_catch(step *s, uint32_t which);
/* Retrier `which` takes the failure: after the delay, which ends the test, or not any more (-1). */
MUST_USE status engine_test_retry(step *s, const engine_scope *scope, uint32_t which,
                                  int64_t delay_ms);
/* What the mock says instead of a task or of children; there is one. */
MUST_USE status engine_test_mock(step *s, engine_scope *scope);
/* A Map in place of its iterations. */
MUST_USE status engine_test_map(step *s, engine_scope *scope, const engine_view *view, json items,
                                int64_t concurrency);
static inline bool engine_is_mocked(const step *s)
{
    return UNLIKELY(s->x->test) && s->x->test->mock != ENGINE_MOCK_NONE;
}

static inline engine_limits engine_limits_of(const step *s)
{
    return s->x->identity.limits;
}
static inline bool engine_is_failure(status st)
{
    return st.code == ERROR_INVALID;
}

#endif
