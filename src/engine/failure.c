/* How a state's failure is told, and what becomes of it: a retry, a catcher's state, or the end of
 * its scope, and then the same for its parent.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 *
 * Invariants:
 *  1. A failed state is retried, caught or ends its scope: exactly one of them.
 *  2. States.Runtime fails the execution at once, past every wildcard; only a state that names it
 *     may retry or catch it.
 *  3. Siblings of a failed branch or iteration are aborted before their parent goes on. */
#include "engine/internal.h"

status engine_fail(step *s, str error_name, str cause)
{
    s->failure = (engine_failure){.error = error_name, .cause = cause};
    return (status){ERROR_INVALID};
}

status engine_fail_prefixed(step *s, const engine_scope *scope, str error_name, bool is_fatal,
                            str message)
{
    str name = engine_state_of(s, scope)->name;
    if (!message.ptr) {
        return fail_memory(s->reterr);
    }
    str cause = arena_printf(
        s->a,
        "An error occurred while executing the state '%.*s' (entered at the "
        "event id #%llu). %.*s",
        STR_ARG(name), (unsigned long long)engine_frame_of(scope)->entered_event, STR_ARG(message));
    if (!cause.ptr) {
        return fail_memory(s->reterr);
    }
    status st = engine_fail(s, error_name, cause);
    s->failure.is_fatal = is_fatal;
    return st;
}

status engine_fail_evaluated(step *s, engine_scope *scope, str location, str message)
{
    status st = engine_fail_prefixed(s, scope, STR("States.QueryEvaluationError"), false, message);
    if (!engine_is_failure(st)) {
        return st;
    }
    engine_failure failure = s->failure;
    engine_event *event;
    engine_frame *frame = scope->work;
    TRY(engine_record(s, ENGINE_EVALUATION_FAILED, frame->state, frame->cause_event, &event));
    event->error = failure.error;
    event->cause = failure.cause;
    event->location = location.len ? location : STR_NONE;
    frame->last_event = event->id;
    return st;
}

status engine_fail_result_type(step *s, engine_scope *scope, const asl_node *node,
                               const char *expected, json value)
{
    str text = json_text(value, s->a);
    if (!text.ptr) {
        return fail_memory(s->reterr);
    }
    return engine_fail_evaluation(
        s, scope, node->field,
        "The JSONata expression '%.*s' specified for the field '%.*s' returned an unexpected "
        "result type. Expected '%s', but was '%s' for value: %.*s",
        STR_ARG(node->text), STR_ARG(node->field), expected, json_kind_name(json_kind_of(value)),
        STR_ARG(text));
}

status engine_fail_data_limit(step *s, str what)
{
    str cause = arena_printf(s->a,
                             "The state/task '%.*s' returned a result with a size exceeding the "
                             "maximum number of bytes service limit.",
                             STR_ARG(what));
    if (!cause.ptr) {
        return fail_memory(s->reterr);
    }
    return engine_fail(s, STR("States.DataLimitExceeded"), cause);
}

/* The scope's state has failed for good: its scope ends, and the parent's state has failed. */
static status fail_parent(step *s, engine_scope *scope)
{
    engine_scope *parent = scope->parent;
    uint64_t failing_event = engine_frame_of(scope)->last_event;
    TRY(engine_scope_touch(s, parent));
    engine_frame *frame = parent->work;
    const engine_state_ops *ops = engine_ops_of(engine_state_of(s, parent));
    if (ops->child_failed) {
        engine_event *event;
        TRY(engine_record(s, ops->child_failed, frame->state, failing_event, &event));
        event->index = scope->index;
    }
    TRY(engine_wreck(s, frame));
    engine_scope_end(s, scope);
    frame->last_event = failing_event;
    frame->cause_event = failing_event;
    return engine_children_abort(s, parent, failing_event);
}

/* Gives up what the failed state still waits for. */
static status stop_waiting(step *s, engine_scope *scope)
{
    engine_frame *frame = scope->work;
    for (engine_timer timer = 0; timer < ENGINE_TIMERS; timer++) {
        TRY(engine_timer_clear(s, scope, timer));
    }
    frame->task_id = 0;
    if (frame->child_count) {
        TRY(engine_wreck(s, frame));
        TRY(engine_children_abort(s, scope, frame->last_event));
    }
    frame->phase = ENGINE_PHASE_ACTIVE;
    return STATUS_OK;
}

static status fail_execution(step *s, const engine_scope *scope)
{
    return engine_finish(s, ENGINE_FAILED, engine_frame_of(scope)->last_event, (engine_payload){0},
                         s->failure.error, s->failure.cause);
}

static status record_failed(step *s, engine_scope *scope)
{
    engine_event_type type = engine_ops_of(engine_state_of(s, scope))->failed;
    engine_event *event;
    return type ? engine_record_in(s, scope, type, &event) : STATUS_OK;
}

/* Whether the state of this scope or of one around it names the error itself. */
static bool is_named(const step *s, const engine_scope *scope)
{
    for (; scope; scope = scope->parent) {
        const asl_state *state = engine_state_of(s, scope);
        for (uint32_t i = 0; i < state->retrier_count; i++) {
            const asl_retrier *retrier = &state->retriers[i];
            if (engine_error_matches(retrier->error_equals, retrier->error_count, &s->failure)) {
                return true;
            }
        }
        for (uint32_t i = 0; i < state->catcher_count; i++) {
            const asl_catcher *catcher = &state->catchers[i];
            if (engine_error_matches(catcher->error_equals, catcher->error_count, &s->failure)) {
                return true;
            }
        }
    }
    return false;
}

/* Whether the failure ends the execution without a word to the states around. */
static bool is_final(const step *s, const engine_scope *scope)
{
    return s->failure.is_fatal && !is_named(s, scope);
}

status engine_handle_failure(step *s, engine_scope *scope)
{
    for (;;) {
        bool is_done = false;
        TRY(engine_scope_touch(s, scope));
        if (is_final(s, scope)) {
            return fail_execution(s, scope);
        }
        TRY(stop_waiting(s, scope));
        TRY(engine_retry(s, scope, &is_done));
        if (is_done) {
            return STATUS_OK;
        }
        TRY(record_failed(s, scope));
        status caught = engine_catch(s, scope, &is_done);
        if (failed(caught) && (!engine_is_failure(caught) || s->history_is_full)) {
            return caught;
        }
        if (is_done) {
            return STATUS_OK;
        }
        /* A catcher's own expressions may have failed: its state does not catch that. */
        if (!scope->parent || is_final(s, scope->parent)) {
            return fail_execution(s, scope);
        }
        TRY(fail_parent(s, scope));
        scope = scope->parent;
    }
}
