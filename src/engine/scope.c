/* The tree of scopes: making, touching, ending them; their variables and their children's slots.
 *
 * Invariants:
 *  1. A scope's frame is read through engine_frame_of and written only through `work`.
 *  2. A touched scope is in the step's list exactly once, in order of touching; so is an ended one.
 *  3. A scope reads its own and its ancestors' variables, and assigns its own only.
 *  4. Recursion follows the nesting of the definition, at most DEFINITION_NESTING_MAX deep. */
#include "engine/internal.h"

static void list(step *s, engine_scope *scope)
{
    if (scope->is_touched) {
        return;
    }
    scope->is_touched = true;
    scope->next_touched = NULL;
    if (s->touched_last) {
        s->touched_last->next_touched = scope;
    } else {
        s->touched = scope;
    }
    s->touched_last = scope;
}

status engine_scope_new(step *s, engine_scope *parent, uint32_t workflow, uint32_t index,
                        engine_payload input, uint64_t previous_event, engine_scope **ret_scope)
{
    engine_frame *frame = arena_new(s->a, engine_frame);
    engine_scope *scope = frame ? calloc(1, sizeof *scope) : NULL;
    if (!scope) {
        return fail_memory(s->reterr);
    }
    frame->state = s->machine->workflows[workflow].start;
    frame->phase = ENGINE_PHASE_ENTER;
    frame->input = input;
    frame->last_event = previous_event;
    frame->heartbeat_seconds = -1;
    scope->id = parent ? ++s->last_id : 0;
    scope->parent = parent;
    scope->workflow = workflow;
    scope->index = index;
    scope->work = frame;
    scope->is_new = true;
    list(s, scope);
    *ret_scope = scope;
    return STATUS_OK;
}

status engine_scope_touch(step *s, engine_scope *scope)
{
    if (scope->work) {
        return STATUS_OK;
    }
    engine_frame *work = arena_alloc(s->a, sizeof *work);
    if (!work) {
        return fail_memory(s->reterr);
    }
    *work = scope->saved;
    work->slots = NULL;
    work->writes = work->writes_last = NULL;
    work->wreck = NULL;
    work->has_brood = scope->brood != NULL;
    scope->work = work;
    list(s, scope);
    return STATUS_OK;
}

void engine_scope_end(step *s, engine_scope *scope)
{
    INVARIANT(!scope->is_ended);
    scope->is_ended = true;
    list(s, scope);
}

json engine_scope_variable(const engine_scope *scope, str name)
{
    for (; scope; scope = scope->parent) {
        json variables = engine_frame_of(scope)->variables;
        json value = json_get(variables, name);
        if (!json_is_absent(value)) {
            return value;
        }
    }
    return (json){0};
}

status engine_scope_slots(step *s, const engine_scope *scope, engine_slot **ret_slots)
{
    const engine_frame *frame = engine_frame_of(scope);
    if (frame->slots) {
        *ret_slots = frame->slots;
        return STATUS_OK;
    }
    engine_slot *slots = arena_array(s->a, engine_slot, frame->child_count);
    if (!slots) {
        return fail_memory(s->reterr);
    }
    if (scope->brood && frame->child_count) {
        memcpy(slots, scope->brood, frame->child_count * sizeof *slots);
    }
    for (const engine_slot_write *write = frame->writes; write; write = write->next) {
        slots[write->index] = write->slot;
    }
    *ret_slots = slots;
    return STATUS_OK;
}

status engine_scope_set_slot(step *s, engine_scope *scope, uint32_t index, engine_slot slot)
{
    engine_frame *frame = scope->work;
    INVARIANT(frame && index < frame->child_count);
    if (frame->slots) {
        frame->slots[index] = slot;
        return STATUS_OK;
    }
    INVARIANT(frame->has_brood);
    engine_slot_write *write = arena_new(s->a, engine_slot_write);
    if (!write) {
        return fail_memory(s->reterr);
    }
    write->index = index;
    write->slot = slot;
    if (frame->writes_last) {
        frame->writes_last->next = write;
    } else {
        frame->writes = write;
    }
    frame->writes_last = write;
    return STATUS_OK;
}

static status record_aborted(step *s, const engine_scope *scope, engine_event_type type,
                             uint64_t failing_event)
{
    engine_event *event;
    if (type == ENGINE_EVENT_NONE) {
        return STATUS_OK;
    }
    return engine_record(s, type, engine_frame_of(scope)->state, failing_event, &event);
}

status engine_scope_cancel(step *s, const engine_frame *frame)
{
    engine_effect *effect;
    if (frame->phase == ENGINE_PHASE_TASK) {
        TRY(engine_effect_add(s, ENGINE_EFFECT_CANCEL_TASK, &effect));
        effect->task_id = frame->task_id;
    }
    for (int i = 0; i < ENGINE_TIMERS; i++) {
        if (frame->timers[i]) {
            TRY(engine_effect_add(s, ENGINE_EFFECT_CLEAR_TIMER, &effect));
            effect->timer_id = frame->timers[i];
        }
    }
    return STATUS_OK;
}

status engine_scope_abort(step *s, engine_scope *scope, uint64_t failing_event)
{
    const engine_frame *frame = engine_frame_of(scope);
    engine_slot *slots = NULL;
    if (frame->child_count) {
        TRY(engine_scope_slots(s, scope, &slots));
        for (uint32_t i = 0; i < frame->child_count; i++) {
            if (slots[i].child && !slots[i].child->is_ended) {
                TRY(engine_scope_abort(s, slots[i].child, failing_event));
            }
        }
    }
    TRY(engine_scope_cancel(s, frame));
    if (failing_event && frame->phase == ENGINE_PHASE_TASK &&
        engine_state_of(s, scope)->type == ASL_MAP) {
        TRY(record_aborted(s, scope, ENGINE_MAP_RUN_ABORTED, failing_event));
    }
    if (failing_event && frame->phase != ENGINE_PHASE_ENTER) {
        TRY(record_aborted(s, scope, engine_ops_of(engine_state_of(s, scope))->aborted,
                           failing_event));
    }
    if (failing_event && scope->parent) {
        const engine_state_ops *ops = engine_ops_of(engine_state_of(s, scope->parent));
        if (ops->child_aborted) {
            engine_event *event;
            TRY(engine_record(s, ops->child_aborted, engine_frame_of(scope->parent)->state,
                              failing_event, &event));
            event->index = scope->index;
        }
    }
    engine_scope_end(s, scope);
    return STATUS_OK;
}

status engine_children_abort(step *s, engine_scope *scope, uint64_t failing_event)
{
    engine_frame *frame = scope->work;
    INVARIANT(frame);
    if (frame->child_count) {
        engine_slot *slots;
        TRY(engine_scope_slots(s, scope, &slots));
        for (uint32_t i = 0; i < frame->child_count; i++) {
            if (slots[i].child && !slots[i].child->is_ended) {
                TRY(engine_scope_abort(s, slots[i].child, failing_event));
            }
        }
    }
    frame->child_count = frame->child_next = frame->children_running = 0;
    frame->slots = NULL;
    frame->writes = frame->writes_last = NULL;
    frame->has_brood = false;
    frame->items = frame->children_input = (json){0};
    return STATUS_OK;
}

static void free_brood(engine_slot *brood, uint32_t count, bool with_children)
{
    for (uint32_t i = 0; brood && i < count; i++) {
        if (with_children) {
            engine_scope_free(brood[i].child);
        }
        json_doc_release(brood[i].result_doc);
    }
    free(brood);
}

static void free_retired_parts(engine_scope *scope)
{
    for (int i = 0; i < ENGINE_DOCS; i++) {
        json_doc_release(scope->retired_docs[i]);
        scope->retired_docs[i] = NULL;
    }
    free_brood(scope->retired_brood, scope->retired_brood_count, false);
    scope->retired_brood = NULL;
}

void engine_scope_free(engine_scope *scope)
{
    if (!scope) {
        return;
    }
    free_brood(scope->brood, scope->saved.child_count, true);
    free_retired_parts(scope);
    for (int i = 0; i < ENGINE_DOCS; i++) {
        json_doc_release(scope->docs[i]);
    }
    free(scope->saved.attempts);
    free(scope);
}

void engine_scope_free_retired(engine_execution *x)
{
    while (x->retired) {
        engine_scope *scope = x->retired;
        x->retired = scope->next_retired;
        scope->next_retired = NULL;
        if (scope->is_ended) {
            /* Its children ended before it and are in this list themselves. */
            free_brood(scope->brood, scope->saved.child_count, false);
            scope->brood = NULL;
            engine_scope_free(scope);
        } else {
            free_retired_parts(scope);
        }
    }
    engine_scope_free(x->retired_root);
    x->retired_root = NULL;
}
