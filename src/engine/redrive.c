/* Redrive: an execution that ended unsuccessfully goes on where it failed, was stopped or ran out
 * of time. Source: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 *
 *   failure ──> fail_parent ... (wrecks) ──> the end: engine_keep_scopes ──> kept, stored
 *                                                                              │ ENGINE_REDRIVE
 *   running <── queue <── ENTER, AGAIN, children <── engine_redrive <──────────┘
 *
 * A failure takes a state's children away as it climbs to the root; a retry or a catcher may still
 * end it. So the frame as it was is remembered for the rest of the step (its wreck), and the end
 * puts the tree together again: results of children that succeeded are still there, and what was
 * unsuccessful is marked to begin again.
 *
 * Invariants:
 *  1. A kept scope waits for nothing: it is in phase ENTER, AGAIN or CHILDREN, without task, timer
 *     or retries counted.
 *  2. A kept scope's ancestors are kept. */
#include "engine/internal.h"

bool engine_may_be_redriven(const step *s, engine_outcome outcome)
{
    /* The event ExecutionRedriven and one more must fit. */
    return outcome != ENGINE_SUCCEEDED && !s->x->identity.is_express && !s->x->test &&
           s->last_event_id + 1 < engine_limits_of(s).history_events_max;
}

status engine_wreck(step *s, engine_frame *frame)
{
    frame->wreck = NULL;
    engine_frame *wreck = arena_alloc(s->a, sizeof *wreck);
    if (!wreck) {
        return fail_memory(s->reterr);
    }
    *wreck = *frame;
    frame->wreck = wreck;
    return STATUS_OK;
}

static void mend(engine_frame *frame)
{
    const engine_frame *wreck = frame->wreck;
    frame->wreck = NULL;
    frame->phase = ENGINE_PHASE_CHILDREN;
    frame->items = wreck->items;
    frame->children_input = wreck->children_input;
    frame->child_count = wreck->child_count;
    frame->child_next = wreck->child_next;
    frame->children_running = wreck->children_running;
    frame->concurrency = wreck->concurrency;
    frame->has_brood = wreck->has_brood;
    frame->slots = wreck->slots;
    frame->writes = wreck->writes;
    frame->writes_last = wreck->writes_last;
}

/* Retries are counted from 0 again. A map run is gone on with: what it was told stays. */
static void forget_waiting(engine_frame *frame, const asl_state *state)
{
    if (state->type != ASL_MAP) {
        frame->task_payload = (engine_payload){0};
    }
    frame->task_id = 0;
    frame->task_is_started = frame->task_is_submitted = false;
    frame->task_credentials = frame->task_submission = (json){0};
    frame->heartbeat_seconds = -1;
    frame->retry_count = 0;
    frame->attempts = NULL;
    for (engine_timer timer = 0; timer < ENGINE_TIMERS; timer++) {
        frame->timers[timer] = 0;
    }
}

/* Nesting is the definition's, at most DEFINITION_NESTING_MAX deep. */
static status keep(step *s, engine_scope *scope)
{
    TRY(engine_scope_touch(s, scope));
    engine_frame *frame = scope->work;
    if (!scope->is_ended) { /* else this was done by what ended it */
        TRY(engine_scope_cancel(s, frame));
    }
    scope->is_ended = scope->is_queued = false;
    if (frame->wreck) {
        mend(frame);
    }
    forget_waiting(frame, engine_state_of(s, scope));
    if (frame->phase != ENGINE_PHASE_CHILDREN) {
        frame->phase = frame->phase == ENGINE_PHASE_ENTER ? ENGINE_PHASE_ENTER : ENGINE_PHASE_AGAIN;
        return STATUS_OK;
    }
    engine_slot *slots;
    TRY(engine_scope_slots(s, scope, &slots));
    for (uint32_t i = 0; i < frame->child_count; i++) {
        if (slots[i].child) {
            TRY(keep(s, slots[i].child));
        }
    }
    return STATUS_OK;
}

status engine_keep_scopes(step *s)
{
    TRY(keep(s, s->root));
    s->queue_count = 0;
    s->keeps_scopes = true;
    return STATUS_OK;
}

/* -------------------------------------------------------------------------------- going on */

static status go_on(step *s, engine_scope *scope, uint64_t redriven_event)
{
    TRY(engine_scope_touch(s, scope));
    engine_frame *frame = scope->work;
    const engine_state_ops *ops = engine_ops_of(engine_state_of(s, scope));
    frame->last_event = frame->cause_event = redriven_event;
    if (frame->phase != ENGINE_PHASE_CHILDREN) {
        if (engine_state_of(s, scope)->type == ASL_FAIL) {
            frame->phase = ENGINE_PHASE_ENTER; /* it is entered again, and fails again */
        }
        return engine_enqueue(s, scope);
    }
    engine_slot *slots;
    TRY(engine_scope_slots(s, scope, &slots));
    for (uint32_t i = 0; i < frame->child_count && s->outcome == ENGINE_RUNNING; i++) {
        if (slots[i].child && !slots[i].child->is_ended) {
            TRY(go_on(s, slots[i].child, redriven_event));
        }
    }
    if (ops->redriven && s->outcome == ENGINE_RUNNING && !scope->is_ended) {
        return engine_settle(s, scope, ops->redriven(s, scope, redriven_event));
    }
    return STATUS_OK;
}

status engine_redrive(step *s, bool *ret_is_stale)
{
    engine_event *event;
    if (s->x->outcome == ENGINE_RUNNING || !s->root) {
        return STATUS_OK;
    }
    *ret_is_stale = false;
    TRY(engine_record(s, ENGINE_EXECUTION_REDRIVEN, ASL_NONE, s->last_event_id, &event));
    event->index = ++s->redrive_count;
    s->redrive_time_ms = s->in->now_ms;
    return go_on(s, s->root, event->id);
}
