/* One scope as bytes. A parent's form says nothing about how far its children are: theirs do, so
 * that a step on one iteration of a Map stores that iteration alone. A child that is done leaves
 * its result under its own id. */
#include "engine/codec_scope.h"
#include "engine/codec.h"

static void write_payload(codec_writer *w, const engine_payload *payload)
{
    codec_write_number(w, payload->text.ptr != NULL);
    codec_write_payload(w, payload->value, payload->text);
}

static void write_task(codec_writer *w, const engine_frame *frame)
{
    codec_write_number(w, frame->task_id);
    codec_write_number(w, frame->task_is_started);
    bool has_submission = !json_is_absent(frame->task_submission);
    codec_write_number(w, has_submission ? CODEC_SUBMITTED_JOB : frame->task_is_submitted);
    write_payload(w, &frame->task_payload);
    codec_write_value(w, frame->task_credentials);
    if (has_submission) {
        codec_write_value(w, frame->task_submission);
    }
    codec_write_signed(w, frame->task_timeout_seconds);
    codec_write_signed(w, frame->heartbeat_seconds);
}

static void write_timers(codec_writer *w, const engine_frame *frame)
{
    for (int i = 0; i < ENGINE_TIMERS; i++) {
        codec_write_number(w, frame->timers[i]);
        if (frame->timers[i]) {
            codec_write_signed(w, frame->timers_at_ms[i]);
        }
    }
}

static void write_frame(codec_writer *w, const engine_frame *frame, uint32_t retrier_count)
{
    codec_write_number(w, frame->state);
    codec_write_number(w, frame->phase);
    write_payload(w, &frame->input);
    codec_write_value(w, frame->variables);
    codec_write_number(w, frame->variables_bytes);
    codec_write_number(w, frame->entered_event);
    codec_write_signed(w, frame->entered_ms);
    codec_write_number(w, frame->last_event);
    codec_write_number(w, frame->cause_event);
    codec_write_number(w, frame->retry_count);
    codec_write_number(w, frame->attempts != NULL);
    for (uint32_t i = 0; frame->attempts && i < retrier_count; i++) {
        codec_write_number(w, frame->attempts[i]);
    }
    if (frame->phase == ENGINE_PHASE_TASK) {
        write_task(w, frame);
    } else if (frame->phase == ENGINE_PHASE_AGAIN) {
        write_payload(w, &frame->task_payload); /* of a map run */
    }
    write_timers(w, frame);
    if (frame->phase == ENGINE_PHASE_CHILDREN) {
        codec_write_number(w, frame->child_count);
        codec_write_number(w, frame->concurrency);
        codec_write_value(w, frame->items);
        codec_write_value(w, frame->children_input);
    }
}

/* Every form carries the execution's counters as they were: the largest are the last ones. */
static void write_head(codec_writer *w, const engine_execution *x, codec_kind kind)
{
    codec_write_number(w, CODEC_SCOPE_VERSION);
    codec_write_number(w, kind);
    codec_write_number(w, x->last_event_id);
    codec_write_number(w, x->last_id);
}

static void write_done(codec_writer *w, const engine_scope *parent, uint32_t index)
{
    const engine_payload *result = &parent->brood[index].result;
    codec_write_number(w, parent->id);
    codec_write_number(w, index);
    write_payload(w, result);
}

static void write_live(codec_writer *w, const engine_execution *x, const engine_scope *scope)
{
    if (!scope->parent) {
        codec_write_number(w, x->timeout_timer);
        codec_write_signed(w, x->timeout_at_ms);
        codec_write_value(w, json_doc_root(x->input_doc));
    } else {
        codec_write_number(w, scope->parent->id);
        codec_write_number(w, scope->index);
    }
    write_frame(w, &scope->saved, x->machine->states[scope->saved.state].retrier_count);
}

status engine_scope_encode(const engine_execution *x, uint64_t scope_id, buf *out, error *reterr)
{
    codec_writer w;
    const engine_id_entry *entry = engine_ids_get(&x->ids, scope_id);
    const engine_scope *scope = scope_id ? (entry ? entry->scope : NULL) : x->root;
    if (!scope) {
        return fail(reterr, ERROR_NOT_FOUND, "the execution has no scope %llu",
                    (unsigned long long)scope_id);
    }
    codec_writer_init(&w, out);
    if (entry && entry->slot) {
        write_head(&w, x, CODEC_DONE);
        write_done(&w, scope, entry->slot - 1);
    } else {
        bool is_ended = !scope_id && x->outcome != ENGINE_RUNNING;
        write_head(&w, x, is_ended ? CODEC_ENDED : CODEC_LIVE);
        if (is_ended) {
            codec_write_number(&w, x->outcome);
        }
        write_live(&w, x, scope);
    }
    return codec_writer_end(&w, reterr);
}

/* --------------------------------------------------------------------------- what is in flight */

typedef struct pending {
    const engine_execution *x;
    arena *a;
    engine_effect *effects;
    uint32_t count, room;
    error *reterr;
} pending;

static status add_effect(pending *p, engine_effect effect)
{
    if (p->count == p->room) {
        uint32_t room = p->room ? p->room * 2 : 8;
        engine_effect *effects =
            arena_grow(p->a, p->effects, p->count * sizeof *effects, room * sizeof *effects);
        if (!effects) {
            return fail_memory(p->reterr);
        }
        p->effects = effects;
        p->room = room;
    }
    p->effects[p->count++] = effect;
    return STATUS_OK;
}

static status add_task(pending *p, const engine_scope *scope)
{
    const engine_frame *frame = &scope->saved;
    step s = {
        .x = (engine_execution *)p->x, .machine = p->x->machine, .a = p->a, .reterr = p->reterr};
    str token;
    TRY(engine_task_token(&s, scope, &token));
    return add_effect(p, (engine_effect){.kind = ENGINE_EFFECT_START_TASK,
                                         .task_id = frame->task_id,
                                         .state = &p->x->machine->states[frame->state],
                                         .payload = frame->task_payload.value,
                                         .payload_text = frame->task_payload.text,
                                         .credentials = frame->task_credentials,
                                         .submission = frame->task_submission,
                                         .token = token,
                                         .timeout_seconds = frame->task_timeout_seconds,
                                         .heartbeat_seconds = frame->heartbeat_seconds,
                                         .attempt = frame->retry_count});
}

static status add_timer(pending *p, uint64_t id, int64_t at_ms)
{
    return add_effect(p, (engine_effect){.kind = ENGINE_EFFECT_SET_TIMER,
                                         .timer_id = id,
                                         .at_ms = at_ms,
                                         .timeout_seconds = -1,
                                         .heartbeat_seconds = -1});
}

/* Nesting is the definition's. */
static status add_scope(pending *p, const engine_scope *scope)
{
    const engine_frame *frame = &scope->saved;
    if (engine_frame_has_task(frame)) {
        TRY(add_task(p, scope));
    }
    for (int i = 0; i < ENGINE_TIMERS; i++) {
        if (frame->timers[i]) {
            TRY(add_timer(p, frame->timers[i], frame->timers_at_ms[i]));
        }
    }
    for (uint32_t i = 0; scope->brood && i < frame->child_count; i++) {
        if (scope->brood[i].child) {
            TRY(add_scope(p, scope->brood[i].child));
        }
    }
    return STATUS_OK;
}

status engine_execution_pending(const engine_execution *x, arena *a,
                                const engine_effect **ret_effects, uint32_t *ret_count,
                                error *reterr)
{
    pending p = {.x = x, .a = a, .reterr = reterr};
    if (x->root) {
        TRY(add_scope(&p, x->root));
    }
    if (x->timeout_timer) {
        TRY(add_timer(&p, x->timeout_timer, x->timeout_at_ms));
    }
    *ret_effects = p.effects;
    *ret_count = p.count;
    return STATUS_OK;
}
