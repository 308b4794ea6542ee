/* The engine: one pure step. An execution is a tree of scopes (the root, each Parallel branch, each
 * Map iteration); a scope runs one workflow and has one active state, its frame, with its input,
 * retry counters and deadlines; it also holds the scope's workflow variables.
 *
 * engine_step advances an execution by one input, until every live branch waits for something
 * outside. It is pure: time and entropy come with the input, what it wants done leaves as effects
 * in the delta, and nothing here calls out. The same inputs give byte-identical events.
 *
 * What may happen to an active state, and the function of states/ that makes it happen:
 *
 *   enter ──> (waiting for task, timer or children) ──> exit ──> enter the next state
 *     │                 │  ▲                              │
 *     └──── failure ────┴──┘ retry (a timer)              └──> the scope ends; its parent collects
 *              └──> catch: enter the catcher's state; or the scope fails, and its parent with it
 */
#ifndef GAIT_ENGINE_ENGINE_H
#define GAIT_ENGINE_ENGINE_H

#include "asl/asl.h"
#include "base/entropy.h"

/* Limits as AWS has them by default; each may be changed (0 = the default of base/limits.h). */
typedef struct engine_limits {
    uint32_t payload_bytes_max;
    uint32_t variables_bytes_max;
    uint32_t history_events_max;
    uint32_t step_transitions_max;
    uint32_t map_concurrency_max;
} engine_limits;

/* What an execution is and who it belongs to; texts are copied by engine_execution_new. */
typedef struct engine_identity {
    str execution_arn, execution_name;
    str machine_arn, machine_name;
    str role_arn;
    str region, account; /* for events' `region`, and ARNs made */
    int64_t start_time_ms;
    bool is_express;
    uint32_t workflow; /* that it runs, in asl_machine.workflows: 0, or a distributed Map's, whose
                          children have no timeout of their own */
    uint32_t redrive_count;
    int64_t redrive_time_ms; /* of the last redrive; looked at when there was one */
    engine_limits limits;
    /* The token of a task that waits for a callback: a pure function of the task's id. May be NULL
     * when no callback is possible. Returns ptr NULL when out of memory. */
    str (*task_token)(const void *user, uint64_t task_id, arena *a);
    const void *task_token_user;
    /* Asked before a task is scheduled, with what it would be given: the reason why it cannot be,
     * such as "The activity ARN does not exist.", which fails the execution with States.Runtime as
     * AWS does; ptr NULL when there is none. Its answer counts as input of the step. May be NULL.
     */
    str (*refuse_task)(const void *user, const asl_resource *resource, json payload, arena *a);
    const void *refuse_task_user;
} engine_identity;

typedef struct engine_execution engine_execution;

/* ------------------------------------------------------------------------------------- inputs */

typedef enum engine_input_kind {
    ENGINE_START,          /* value, text */
    ENGINE_CONTINUE,       /* after a delta with wants_continue */
    ENGINE_TASK_STARTED,   /* task_id; worker: an activity worker took it (other tasks: recorded at
                              once by the step that schedules them) */
    ENGINE_TASK_SUBMITTED, /* task_id, value: the request of .sync or .waitForTaskToken was accepted
                            */
    ENGINE_TASK_SUCCEEDED, /* task_id, value */
    ENGINE_TASK_FAILED,    /* task_id, error, cause */
    ENGINE_TASK_HEARTBEAT, /* task_id */
    ENGINE_TIMER,          /* timer_id; before its time (it was moved meanwhile) it is stale */
    ENGINE_STOP,           /* error, cause */
    ENGINE_REDRIVE,        /* an ended execution goes on where it was unsuccessful */
} engine_input_kind;

typedef struct engine_input {
    engine_input_kind kind;
    int64_t now_ms;
    entropy entropy; /* seed for what the step draws */
    uint64_t task_id;
    uint64_t timer_id;
    json value; /* borrowed for the step */
    str text;   /* ENGINE_START: the client's raw text, kept in the first events as it is; may be ""
                 */
    str worker; /* ENGINE_TASK_STARTED; ptr NULL when the worker has no name */
    str error, cause; /* ptr NULL when not given */
    /* ENGINE_TASK_FAILED: the request of .sync or .waitForTaskToken was itself refused. */
    bool is_submit_failure;
    /* ENGINE_TASK_SUCCEEDED of .sync or .waitForTaskToken: the value is also what was submitted,
     * and both are recorded by one step. */
    bool is_submission;
} engine_input;

/* ------------------------------------------------------------------------------------- the delta
 */

/* Every event type of GetExecutionHistory. One row each in history.c: AWS's name, the key of its
 * details, and which members of engine_event are printed there. */
typedef enum engine_event_type {
    ENGINE_EVENT_NONE = 0,
    ENGINE_EXECUTION_STARTED,
    ENGINE_EXECUTION_SUCCEEDED,
    ENGINE_EXECUTION_FAILED,
    ENGINE_EXECUTION_TIMED_OUT,
    ENGINE_EXECUTION_ABORTED,
    ENGINE_EXECUTION_REDRIVEN,
    ENGINE_STATE_ENTERED, /* the state type makes it PassStateEntered, ... */
    ENGINE_STATE_EXITED,
    ENGINE_TASK_STATE_ABORTED,
    ENGINE_WAIT_STATE_ABORTED,
    ENGINE_PARALLEL_STATE_STARTED,
    ENGINE_PARALLEL_STATE_SUCCEEDED,
    ENGINE_PARALLEL_STATE_FAILED,
    ENGINE_PARALLEL_STATE_ABORTED,
    ENGINE_MAP_STATE_STARTED,
    ENGINE_MAP_STATE_SUCCEEDED,
    ENGINE_MAP_STATE_FAILED,
    ENGINE_MAP_STATE_ABORTED,
    ENGINE_MAP_ITERATION_STARTED,
    ENGINE_MAP_ITERATION_SUCCEEDED,
    ENGINE_MAP_ITERATION_FAILED,
    ENGINE_MAP_ITERATION_ABORTED,
    ENGINE_MAP_RUN_STARTED,
    ENGINE_MAP_RUN_SUCCEEDED,
    ENGINE_MAP_RUN_FAILED,
    ENGINE_MAP_RUN_ABORTED,
    ENGINE_MAP_RUN_REDRIVEN,
    ENGINE_TASK_SCHEDULED_EVENT,
    ENGINE_TASK_STARTED_EVENT,
    ENGINE_TASK_START_FAILED_EVENT,
    ENGINE_TASK_SUBMITTED_EVENT,
    ENGINE_TASK_SUBMIT_FAILED_EVENT,
    ENGINE_TASK_SUCCEEDED_EVENT,
    ENGINE_TASK_FAILED_EVENT,
    ENGINE_TASK_TIMED_OUT_EVENT,
    ENGINE_LAMBDA_SCHEDULED,
    ENGINE_LAMBDA_SCHEDULE_FAILED,
    ENGINE_LAMBDA_STARTED,
    ENGINE_LAMBDA_START_FAILED,
    ENGINE_LAMBDA_SUCCEEDED,
    ENGINE_LAMBDA_FAILED,
    ENGINE_LAMBDA_TIMED_OUT,
    ENGINE_ACTIVITY_SCHEDULED,
    ENGINE_ACTIVITY_SCHEDULE_FAILED,
    ENGINE_ACTIVITY_STARTED,
    ENGINE_ACTIVITY_SUCCEEDED,
    ENGINE_ACTIVITY_FAILED,
    ENGINE_ACTIVITY_TIMED_OUT,
    ENGINE_EVALUATION_FAILED,
    ENGINE_EVENT_TYPES,
} engine_event_type;

/* A history event. Values and texts are borrowed: they live until the execution's next step (and as
 * long as the delta's arena, the step's input and the execution). Absent: JSON_ABSENT, ptr NULL, or
 * -1. */
typedef struct engine_event {
    engine_event_type type;
    uint32_t state; /* asl_state index; ASL_NONE for the execution's own events */
    uint64_t id, previous_id;
    int64_t time_ms;
    json payload;     /* input, output or parameters */
    str payload_text; /* set where the client's own text is to be shown instead of payload */
    json assigned;    /* assignedVariables: an object; values are shown as JSON text */
    str name;         /* ExecutionStarted: the role; MapRunStarted: the map run (their ARNs) */
    str error, cause;
    str resource, resource_type, region;
    str location;     /* EvaluationFailed */
    str worker;       /* ActivityStarted */
    json credentials; /* taskCredentials */
    int64_t index;    /* Map iterations; length for MapStateStarted; redrive count */
    int64_t timeout_seconds, heartbeat_seconds;
} engine_event;

typedef enum engine_effect_kind {
    ENGINE_EFFECT_START_TASK,
    ENGINE_EFFECT_CANCEL_TASK,
    ENGINE_EFFECT_SET_TIMER,   /* timer_id, at_ms; setting it again moves it */
    ENGINE_EFFECT_CLEAR_TIMER, /* timer_id */
    ENGINE_EFFECT_FINISH,      /* the execution's end; always last */
} engine_effect_kind;

typedef enum engine_outcome {
    ENGINE_RUNNING = 0,
    ENGINE_SUCCEEDED,
    ENGINE_FAILED,
    ENGINE_TIMED_OUT,
    ENGINE_ABORTED,
} engine_outcome;

typedef struct engine_effect {
    engine_effect_kind kind;
    uint64_t task_id; /* never reused within an execution: the idempotency key of the task */
    uint64_t timer_id;
    int64_t at_ms;          /* SET_TIMER; FINISH: the stop date */
    const asl_state *state; /* START_TASK: the resource and pattern are in it */
    json payload;           /* START_TASK: input or parameters; FINISH: output */
    str payload_text;       /* the client's own spelling of payload; ptr NULL: its compact text */
    json credentials;       /* START_TASK; absent when not set */
    str token; /* START_TASK that waits for a callback, or an activity; else ptr NULL */
    /* START_TASK of a restored execution: the task is a job (.sync) that ENGINE_TASK_SUBMITTED has
     * told of, with this value: it is not to be submitted again. Else absent. */
    json submission;
    int64_t timeout_seconds, heartbeat_seconds; /* START_TASK; -1 = not set */
    uint32_t attempt;                           /* START_TASK: 0 for the first try */
    engine_outcome outcome;                     /* FINISH */
    str error, cause;                           /* FINISH; ptr NULL when not set */
} engine_effect;

typedef struct engine_delta {
    const engine_event *events;
    uint32_t event_count;
    const engine_effect *effects;
    uint32_t effect_count;
    /* For storing only what a step changed: ids of scopes created or changed (a branch or iteration
     * that has succeeded is kept, with its result, until all have), and of those that are gone.
     * When the execution ends all are gone, and these are empty, unless keeps_scopes. */
    const uint64_t *changed_scopes;
    uint32_t changed_scope_count;
    const uint64_t *ended_scopes;
    uint32_t ended_scope_count;
    /* The execution ended unsuccessfully and may be redriven: its scopes stay, as those of a
     * running one do. */
    bool keeps_scopes;
    int32_t tasks_change; /* of the number of tasks that are to be dispatched again after a crash */
    bool wants_continue;  /* step_transitions_max was reached: call again with ENGINE_CONTINUE */
    bool is_stale; /* the input's task or timer is not (or no longer) waited for: nothing done */
} engine_delta;

/* --------------------------------------------------------------------------------------- calls */

/* A new execution that has not started. Retains the machine. */
MUST_USE status engine_execution_new(const asl_machine *machine, const engine_identity *identity,
                                     engine_execution **ret_execution, error *reterr);
void engine_execution_free(engine_execution *execution); /* NULL is fine */

/* One step; the delta lives in the arena. On failure (out of memory only: what goes wrong in a
 * workflow is its history) nothing has changed. */
MUST_USE status engine_step(engine_execution *execution, const engine_input *input, arena *a,
                            engine_delta *ret_delta, error *reterr);

/* What a distributed Map's item is to its child execution: the item, or what ItemSelector makes of
 * it. task_id is that of the map run's START_TASK, whose payload is told in
 * states/map_distributed.c. */
typedef struct engine_map_item_request {
    uint64_t task_id;
    json item;
    uint32_t index;
    int64_t now_ms;
    entropy entropy;
} engine_map_item_request;
/* The input is in the arena, or is the item. ERROR_INVALID: the selector fails as ret_error and
 * ret_cause tell. ERROR_NOT_FOUND: the map run is not waited for any more. The execution stays as
 * it is, but what its last delta points to is gone. */
MUST_USE status engine_map_item(engine_execution *execution, const engine_map_item_request *request,
                                arena *a, json *ret_input, str *ret_error, str *ret_cause,
                                error *reterr);

engine_outcome engine_execution_outcome(const engine_execution *execution);
const asl_machine *engine_execution_machine(const engine_execution *execution);
const engine_identity *engine_execution_identity(const engine_execution *execution);
/* Ids of the last event. */
uint64_t engine_execution_last_event(const engine_execution *execution);

/* An event as GetExecutionHistory shows it. With include_data false, payloads are left out as AWS
 * does. `timestamp` is a number of seconds with three decimals. */
MUST_USE status engine_event_to_json(const engine_event *event, const asl_machine *machine,
                                     bool include_data, arena *a, json *ret_object, error *reterr);
/* AWS's name: "PassStateEntered". */
const char *engine_event_name(const engine_event *event, const asl_machine *machine);
const char *engine_outcome_name(engine_outcome outcome); /* "SUCCEEDED", ... */

#endif
