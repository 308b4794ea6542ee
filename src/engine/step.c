/* engine_step: an input goes to the scope that waits for it, and the scopes that are ready run
 * until each waits for something outside.
 *
 *   input ──> row of `inputs` ──> the waiting scope's state ──> queue ──> run ──> commit
 *
 * Invariants:
 *  1. The queue holds every scope in phase ENTER or AGAIN exactly once, and no other.
 *  2. A failure of a state (ERROR_INVALID with step->failure set) is settled by the function that
 *     called into that state, so that it never unwinds past its own scope.
 *  3. When the outcome is no longer ENGINE_RUNNING, no event and no effect follows. */
#include "engine/internal.h"

static const engine_state_ops *const ops_of_type[ASL_STATE_TYPES] = {
    [ASL_TASK] = &engine_task_ops,         [ASL_PASS] = &engine_pass_ops,
    [ASL_CHOICE] = &engine_choice_ops,     [ASL_WAIT] = &engine_wait_ops,
    [ASL_SUCCEED] = &engine_succeed_ops,   [ASL_FAIL] = &engine_fail_ops,
    [ASL_PARALLEL] = &engine_parallel_ops, [ASL_MAP] = &engine_map_ops,
};

const engine_state_ops *engine_ops_of(const asl_state *state)
{
    return ops_of_type[state->type];
}

status engine_enqueue(step *s, engine_scope *scope)
{
    INVARIANT(!scope->is_queued && !scope->is_ended);
    if (s->queue_count == s->queue_room) {
        uint32_t room = s->queue_room ? s->queue_room * 2 : 8;
        engine_scope **queue = arena_alloc(s->a, room * sizeof(engine_scope *));
        if (!queue) {
            return fail_memory(s->reterr);
        }
        for (uint32_t i = 0; i < s->queue_count; i++) {
            queue[i] = s->queue[(s->queue_first + i) % s->queue_room];
        }
        s->queue = queue;
        s->queue_first = 0;
        s->queue_room = room;
    }
    s->queue[(s->queue_first + s->queue_count++) % s->queue_room] = scope;
    scope->is_queued = true;
    return STATUS_OK;
}

static engine_scope *dequeue(step *s)
{
    engine_scope *scope = s->queue[s->queue_first];
    s->queue_first = (s->queue_first + 1) % s->queue_room;
    s->queue_count--;
    scope->is_queued = false;
    return scope;
}

status engine_settle(step *s, engine_scope *scope, status st)
{
    if (!engine_is_failure(st)) {
        return st;
    }
    if (!s->history_is_full) {
        st = engine_handle_failure(s, scope);
    }
    if (engine_is_failure(st)) {
        INVARIANT(s->history_is_full);
        st = engine_finish(s, ENGINE_FAILED, engine_frame_of(scope)->last_event,
                           (engine_payload){0}, s->failure.error, s->failure.cause);
    }
    return st;
}

static status end_effects(step *s, engine_outcome outcome)
{
    engine_effect *effect;
    if (s->root && engine_may_be_redriven(s, outcome)) {
        TRY(engine_keep_scopes(s));
    } else if (s->root && outcome != ENGINE_SUCCEEDED) {
        TRY(engine_scope_abort(s, s->root, 0));
    }
    if (s->timeout_timer) {
        TRY(engine_effect_add(s, ENGINE_EFFECT_CLEAR_TIMER, &effect));
        effect->timer_id = s->timeout_timer;
        s->timeout_timer = 0;
    }
    return STATUS_OK;
}

status engine_finish(step *s, engine_outcome outcome, uint64_t previous_event,
                     engine_payload output, str error_name, str cause)
{
    static const engine_event_type types[] = {
        [ENGINE_SUCCEEDED] = ENGINE_EXECUTION_SUCCEEDED,
        [ENGINE_FAILED] = ENGINE_EXECUTION_FAILED,
        [ENGINE_TIMED_OUT] = ENGINE_EXECUTION_TIMED_OUT,
        [ENGINE_ABORTED] = ENGINE_EXECUTION_ABORTED,
    };
    engine_event *event;
    engine_effect *effect;
    if (UNLIKELY(s->x->test) && outcome != ENGINE_SUCCEEDED) {
        TRY(engine_test_failure(s, error_name, cause));
    }
    TRY(engine_record(s, types[outcome], ASL_NONE, previous_event, &event));
    engine_event_payload(event, output);
    event->error = error_name;
    event->cause = cause;
    TRY(end_effects(s, outcome));
    TRY(engine_effect_add(s, ENGINE_EFFECT_FINISH, &effect));
    effect->at_ms = s->in->now_ms;
    effect->outcome = outcome;
    effect->payload = output.value;
    effect->payload_text = output.text;
    effect->error = error_name;
    effect->cause = cause;
    s->outcome = outcome;
    return STATUS_OK;
}

/* The scope's workflow is through. */
static status succeed(step *s, engine_scope *scope, engine_payload output)
{
    engine_scope *parent = scope->parent;
    if (!parent) {
        return engine_finish(s, ENGINE_SUCCEEDED, scope->work->last_event, output, STR_NONE,
                             STR_NONE);
    }
    engine_scope_end(s, scope);
    TRY(engine_scope_touch(s, parent));
    const engine_state_ops *ops = engine_ops_of(engine_state_of(s, parent));
    return engine_settle(s, parent, ops->child_succeeded(s, parent, scope, output));
}

static status assign_all(step *s, engine_frame *frame, json assigned)
{
    if (json_is_absent(frame->variables)) {
        frame->variables = assigned;
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < json_count(assigned); i++) {
        const json_member *member = json_member_at(assigned, i);
        TRY(json_object_with(s->a, frame->variables, member->name, member->value, &frame->variables,
                             s->reterr));
    }
    return STATUS_OK;
}

status engine_exit(step *s, engine_scope *scope, engine_payload output, json assigned,
                   uint32_t next)
{
    engine_frame *frame = scope->work;
    engine_event *event;
    INVARIANT(frame && frame->child_count == 0);
    TRY(engine_record_in(s, scope, ENGINE_STATE_EXITED, &event));
    engine_event_payload(event, output);
    event->assigned = assigned;
    if (json_count(assigned)) {
        TRY(assign_all(s, frame, assigned));
    }
    if (UNLIKELY(s->x->test)) {
        return engine_test_exit(s, scope, output);
    }
    if (next == ASL_NONE) {
        return succeed(s, scope, output);
    }
    frame->phase = ENGINE_PHASE_ENTER;
    frame->state = next;
    frame->input = output;
    frame->wreck = NULL;
    frame->task_payload = (engine_payload){0};
    return engine_enqueue(s, scope);
}

status engine_begin(step *s, engine_scope *scope)
{
    scope->work->phase = ENGINE_PHASE_ACTIVE;
    return engine_ops_of(engine_state_of(s, scope))->begin(s, scope);
}

static status enter(step *s, engine_scope *scope)
{
    engine_frame *frame = scope->work;
    engine_event *event;
    INVARIANT(frame->phase == ENGINE_PHASE_ENTER);
    frame->cause_event = frame->last_event;
    frame->retry_count = 0;
    frame->attempts = NULL;
    frame->task_id = 0;
    frame->heartbeat_seconds = -1;
    TRY(engine_record_in(s, scope, ENGINE_STATE_ENTERED, &event));
    engine_event_payload(event, frame->input);
    frame->entered_event = event->id;
    frame->entered_ms = s->in->now_ms;
    if (UNLIKELY(s->x->test)) {
        TRY(engine_test_begin(s, scope));
    }
    return engine_begin(s, scope);
}

/* Runs what is ready; *ret_wants_continue when the step has done enough. */
static status run(step *s, bool *ret_wants_continue)
{
    uint32_t transitions_max = engine_limits_of(s).step_transitions_max;
    while (s->queue_count && s->outcome == ENGINE_RUNNING) {
        if (s->transitions == transitions_max) {
            *ret_wants_continue = true;
            return STATUS_OK;
        }
        engine_scope *scope = dequeue(s);
        if (scope->is_ended) {
            continue;
        }
        s->transitions++;
        TRY(engine_scope_touch(s, scope));
        bool is_again = scope->work->phase == ENGINE_PHASE_AGAIN;
        TRY(engine_settle(s, scope, is_again ? engine_begin(s, scope) : enter(s, scope)));
    }
    return STATUS_OK;
}

/* ------------------------------------------------------------------------------------- inputs */

/* Each handler leaves *ret_is_stale true when nobody waits for the input. */
static status on_start(step *s, bool *ret_is_stale)
{
    if (s->x->is_started) {
        return STATUS_OK;
    }
    *ret_is_stale = false;
    engine_payload input = {.value = s->in->value};
    size_t compact = json_text_length(input.value, s->in->text.len);
    if (s->in->text.len && compact != s->in->text.len) {
        input.text = s->in->text;
    }
    engine_event *event;
    TRY(engine_record(s, ENGINE_EXECUTION_STARTED, ASL_NONE, 0, &event));
    engine_event_payload(event, input);
    event->name = s->x->identity.role_arn;
    s->execution_input = input.value;
    TRY(engine_scope_new(s, NULL, s->x->identity.workflow, 0, input, 0, &s->root));
    if (UNLIKELY(s->x->test)) {
        s->root->work->state = s->x->test->state;
        s->root->work->variables = s->x->test->variables;
    }
    return engine_enqueue(s, s->root);
}

static status on_continue(step *s, bool *ret_is_stale)
{
    *ret_is_stale = s->queue_count == 0;
    return STATUS_OK;
}

static status on_stop(step *s, bool *ret_is_stale)
{
    if (!s->x->is_started) {
        return STATUS_OK;
    }
    *ret_is_stale = false;
    return engine_finish(s, ENGINE_ABORTED, 0, (engine_payload){0}, s->in->error, s->in->cause);
}

static status on_execution_timeout(step *s)
{
    s->timeout_timer = 0;
    return engine_finish(s, ENGINE_TIMED_OUT, s->root ? engine_frame_of(s->root)->last_event : 0,
                         (engine_payload){0}, STR("States.Timeout"), STR_NONE);
}

/* A timer that has been moved since it was set off comes early: it comes again at its time. */
static status on_timer(step *s, bool *ret_is_stale)
{
    if (s->in->timer_id && s->in->timer_id == s->timeout_timer) {
        *ret_is_stale = s->in->now_ms < s->timeout_at_ms;
        return *ret_is_stale ? STATUS_OK : on_execution_timeout(s);
    }
    const engine_id_entry *entry = engine_ids_get(&s->x->ids, s->in->timer_id);
    engine_scope *scope = entry ? entry->scope : NULL;
    engine_timer timer = 0;
    while (scope && timer < ENGINE_TIMERS && scope->saved.timers[timer] != s->in->timer_id) {
        timer++;
    }
    if (!scope || timer == ENGINE_TIMERS || s->in->now_ms < scope->saved.timers_at_ms[timer]) {
        return STATUS_OK;
    }
    *ret_is_stale = false;
    TRY(engine_scope_touch(s, scope));
    engine_frame *frame = scope->work;
    frame->timers[timer] = 0;
    frame->cause_event = frame->last_event;
    if (timer != ENGINE_TIMER_PAUSE) {
        return engine_settle(s, scope,
                             engine_task_timed_out(s, scope, timer == ENGINE_TIMER_HEARTBEAT));
    }
    if (frame->phase == ENGINE_PHASE_RETRY) {
        return engine_settle(s, scope, engine_begin(s, scope));
    }
    INVARIANT(frame->phase == ENGINE_PHASE_WAIT);
    frame->phase = ENGINE_PHASE_ACTIVE;
    return engine_settle(s, scope, engine_ops_of(engine_state_of(s, scope))->pause_over(s, scope));
}

static status on_task(step *s, bool *ret_is_stale)
{
    const engine_id_entry *entry = engine_ids_get(&s->x->ids, s->in->task_id);
    engine_scope *scope = entry ? entry->scope : NULL;
    if (!scope || scope->saved.task_id != s->in->task_id ||
        scope->saved.phase != ENGINE_PHASE_TASK) {
        return STATUS_OK;
    }
    TRY(engine_scope_touch(s, scope));
    scope->work->cause_event = scope->work->last_event;
    bool is_map_run = engine_state_of(s, scope)->type == ASL_MAP;
    return engine_settle(s, scope,
                         is_map_run ? engine_map_run_input(s, scope, ret_is_stale)
                                    : engine_task_input(s, scope, ret_is_stale));
}

static status (*const inputs[])(step *, bool *) = {
    [ENGINE_START] = on_start,         [ENGINE_CONTINUE] = on_continue,
    [ENGINE_TASK_STARTED] = on_task,   [ENGINE_TASK_SUBMITTED] = on_task,
    [ENGINE_TASK_SUCCEEDED] = on_task, [ENGINE_TASK_FAILED] = on_task,
    [ENGINE_TASK_HEARTBEAT] = on_task, [ENGINE_TIMER] = on_timer,
    [ENGINE_STOP] = on_stop,           [ENGINE_REDRIVE] = engine_redrive,
};

/* ---------------------------------------------------------------------------------------- step */

/* An execution that outlives its first step may not live for ever. A redrive begins the time anew
 * (AWS, redrive-executions.html). */
static status set_timeout(step *s)
{
    bool is_redrive = s->in->kind == ENGINE_REDRIVE;
    if ((s->x->is_started && !is_redrive) || s->outcome != ENGINE_RUNNING) {
        return STATUS_OK;
    }
    int64_t seconds_max = s->x->identity.is_express ? EXPRESS_SECONDS_MAX : EXECUTION_SECONDS_MAX;
    int64_t seconds = s->x->identity.workflow ? 0 : s->machine->timeout_seconds;
    if (seconds == 0 || seconds > seconds_max) {
        seconds = seconds_max;
    }
    engine_effect *effect;
    TRY(engine_effect_add(s, ENGINE_EFFECT_SET_TIMER, &effect));
    s->timeout_timer = ++s->last_id;
    s->timeout_at_ms =
        engine_after(is_redrive ? s->in->now_ms : s->x->identity.start_time_ms, seconds);
    effect->timer_id = s->timeout_timer;
    effect->at_ms = s->timeout_at_ms;
    return STATUS_OK;
}

/* What an earlier step left over runs first, whatever the input is. */
static status enqueue_left_over(step *s)
{
    for (uint32_t i = 0; i < s->x->ready_count; i++) {
        TRY(engine_enqueue(s, s->x->ready[i]));
    }
    return STATUS_OK;
}

status engine_step(engine_execution *x, const engine_input *in, arena *a, engine_delta *ret_delta,
                   error *reterr)
{
    step s = {.x = x,
              .machine = x->machine,
              .in = in,
              .a = a,
              .reterr = reterr,
              .random = in->entropy,
              .last_event_id = x->last_event_id,
              .last_id = x->last_id,
              .timeout_timer = x->timeout_timer,
              .timeout_at_ms = x->timeout_at_ms,
              .redrive_count = x->identity.redrive_count,
              .redrive_time_ms = x->identity.redrive_time_ms,
              .execution_input = json_doc_root(x->input_doc),
              .root = x->root};
    bool is_stale = true, wants_continue = false;
    engine_scope_free_retired(x);
    if (x->outcome != ENGINE_RUNNING && in->kind != ENGINE_REDRIVE) {
        *ret_delta = (engine_delta){.is_stale = true};
        return STATUS_OK;
    }
    INVARIANT(in->kind < ARRAY_LENGTH(inputs));
    status result = enqueue_left_over(&s);
    if (ok(result)) {
        result = inputs[in->kind](&s, &is_stale);
    }
    if (ok(result) && !is_stale) {
        result = run(&s, &wants_continue);
    }
    if (ok(result) && !is_stale) {
        result = set_timeout(&s);
    }
    if (ok(result) && !is_stale) {
        result = engine_commit(&s, wants_continue, ret_delta);
    }
    if (failed(result) || is_stale) {
        engine_roll_back(&s);
    }
    if (ok(result) && is_stale) {
        *ret_delta = (engine_delta){.is_stale = true};
    }
    return result;
}
