/* One step and its writes. The delta lives in the open batch's memory, so that what leaves later
 * can point to it; payloads of tasks are frozen, since the execution may move on before the commit.
 */
#include "runtime/shard_private.h"

static str outcome_text(str text, arena *a)
{
    return text.ptr ? arena_str(a, text) : STR_NONE;
}

/* ----------------------------------------------------------------------------------- what leaves
 */

static pending *add_pending(shard_batch *b, pending_kind kind, live *l, error *reterr)
{
    pending *p = arena_new(&b->work.memory, pending);
    if (!p) {
        status s = fail_memory(reterr);
        (void)s;
        return NULL;
    }
    p->kind = kind;
    p->of = l;
    return p;
}

static void link_pending(shard_batch *b, pending *p)
{
    if (b->last) {
        b->last->next = p;
    } else {
        b->first = p;
    }
    b->last = p;
    if (p->of) {
        p->of->pins++;
    }
}

/* A chain of what one step lets go of, linked to the batch only when all of it could be made. */
typedef struct chain {
    pending *first, *last;
} chain;

static void chain_add(chain *c, pending *p)
{
    if (c->last) {
        c->last->next = p;
    } else {
        c->first = p;
    }
    c->last = p;
}

static void chain_drop(chain *c)
{
    for (pending *p = c->first; p; p = p->next) {
        json_doc_release(p->payload);
        json_doc_release(p->credentials);
    }
}

static status keep_value(json *value, json_doc **ret_doc, error *reterr)
{
    if (json_is_absent(*value)) {
        return STATUS_OK;
    }
    TRY(json_freeze(*value, ret_doc, reterr));
    *value = json_doc_root(*ret_doc);
    return STATUS_OK;
}

static status collect_effects(shard_batch *b, live *l, const engine_delta *delta, chain *c,
                              error *reterr)
{
    for (uint32_t i = 0; i < delta->effect_count; i++) {
        pending *p = add_pending(b, PENDING_EFFECT, l, reterr);
        if (!p) {
            return (status){ERROR_MEMORY};
        }
        p->effect = delta->effects[i];
        chain_add(c, p);
        TRY(keep_value(&p->effect.payload, &p->payload, reterr));
        TRY(keep_value(&p->effect.credentials, &p->credentials, reterr));
        p->effect.payload_text = outcome_text(p->effect.payload_text, &b->work.memory);
        p->effect.error = outcome_text(p->effect.error, &b->work.memory);
        p->effect.cause = outcome_text(p->effect.cause, &b->work.memory);
    }
    return STATUS_OK;
}

static status collect_reply(shard_batch *b, const queued_input *entry, bool is_stale, chain *c,
                            error *reterr)
{
    if (!entry->reply) {
        return STATUS_OK;
    }
    pending *p = add_pending(b, PENDING_REPLY, NULL, reterr);
    if (!p) {
        return (status){ERROR_MEMORY};
    }
    p->reply = entry->reply;
    p->user = entry->user;
    if (is_stale) {
        p->has_error = true;
        p->code = ERROR_NOT_FOUND;
        p->message = STR("the task is not waiting any more");
    }
    chain_add(c, p);
    return STATUS_OK;
}

/* ---------------------------------------------------------------------------------------- writes
 */

status shard_row_text(live *l, arena *a, str *ret_text, error *reterr)
{
    const engine_identity *identity = engine_execution_identity(l->execution);
    json_object_builder b;
    json_object_begin(&b, a, 10);
    json_object_add(&b, STR("definition"), json_from_str(l->definition_key));
    json_object_add(&b, STR("machineArn"), json_from_str(identity->machine_arn));
    json_object_add(&b, STR("machineName"), json_from_str(identity->machine_name));
    json_object_add(&b, STR("roleArn"), json_from_str(identity->role_arn));
    json_object_add(&b, STR("inputDigest"), json_from_str(l->input_digest));
    json_object_add(&b, STR("redriveCount"), json_from_int64(identity->redrive_count));
    if (identity->workflow) {
        json_object_add(&b, STR("workflow"), json_from_int64(identity->workflow));
    }
    if (identity->redrive_count) {
        json_object_add(&b, STR("redriveDate"), json_from_int64(identity->redrive_time_ms));
    }
    json_object_add(&b, STR("extra"), json_from_str(l->extra));
    json object;
    TRY(json_object_finish(&b, &object, reterr));
    str text = json_text(object, a);
    if (!text.ptr) {
        return fail_memory(reterr);
    }
    *ret_text = text;
    return STATUS_OK;
}

static store_execution_status stored_status(engine_outcome outcome)
{
    static const store_execution_status statuses[] = {
        [ENGINE_RUNNING] = STORE_RUNNING, [ENGINE_SUCCEEDED] = STORE_SUCCEEDED,
        [ENGINE_FAILED] = STORE_FAILED,   [ENGINE_TIMED_OUT] = STORE_TIMED_OUT,
        [ENGINE_ABORTED] = STORE_ABORTED,
    };
    return statuses[outcome];
}

status shard_write_row(shard_batch *b, live *l, bool has_tasks, int64_t stop_ms, error *reterr)
{
    const engine_identity *identity = engine_execution_identity(l->execution);
    store_write w = {.kind = STORE_PUT_EXECUTION,
                     .execution = {.seq = l->seq,
                                   .arn = arena_str(&b->work.memory, identity->execution_arn),
                                   .machine_arn = arena_str(&b->work.memory, l->listed_under),
                                   .name = arena_str(&b->work.memory, identity->execution_name),
                                   .status = stored_status(engine_execution_outcome(l->execution)),
                                   .start_ms = identity->start_time_ms,
                                   .stop_ms = stop_ms,
                                   .last_event = engine_execution_last_event(l->execution),
                                   .has_tasks = has_tasks}};
    if (!w.execution.arn.ptr || !w.execution.machine_arn.ptr || !w.execution.name.ptr) {
        return fail_memory(reterr);
    }
    TRY(shard_row_text(l, &b->work.memory, &w.execution.text, reterr));
    return batch_add(&b->work, &w, reterr);
}

static status encoded(shard *s, arena *a, str *ret_bytes, error *reterr)
{
    TRY(buf_status(&s->encoded, reterr));
    str bytes = arena_str(a, buf_str(&s->encoded));
    if (!bytes.ptr) {
        return fail_memory(reterr);
    }
    *ret_bytes = bytes;
    return STATUS_OK;
}

static status write_history(shard *s, live *l, const engine_delta *delta, str *ret_chunk,
                            error *reterr)
{
    if (!delta->event_count) {
        return STATUS_OK;
    }
    store_write w = {.kind = STORE_APPEND_HISTORY,
                     .seq = l->seq,
                     .chunk = {delta->events[0].id, delta->event_count, STR_NONE}};
    buf_reset(&s->encoded);
    TRY(engine_events_encode(delta->events, delta->event_count, &s->encoded, reterr));
    TRY(encoded(s, &s->open->work.memory, &w.chunk.bytes, reterr));
    *ret_chunk = w.chunk.bytes;
    return batch_add(&s->open->work, &w, reterr);
}

static status write_scopes(shard *s, live *l, const engine_delta *delta, error *reterr)
{
    for (uint32_t i = 0; i < delta->changed_scope_count; i++) {
        store_write w = {.kind = STORE_PUT_SCOPE, .seq = l->seq, .id = delta->changed_scopes[i]};
        buf_reset(&s->encoded);
        TRY(engine_scope_encode(l->execution, w.id, &s->encoded, reterr));
        TRY(encoded(s, &s->open->work.memory, &w.bytes, reterr));
        TRY(batch_add(&s->open->work, &w, reterr));
    }
    for (uint32_t i = 0; i < delta->ended_scope_count; i++) {
        store_write w = {.kind = STORE_DELETE_SCOPE, .seq = l->seq, .id = delta->ended_scopes[i]};
        TRY(batch_add(&s->open->work, &w, reterr));
    }
    return STATUS_OK;
}

/* What has fired is over, unless the step sets it again. */
static status write_timers(shard *s, live *l, const engine_input *input, const engine_delta *delta,
                           error *reterr)
{
    if (input->kind == ENGINE_TIMER && !delta->is_stale) {
        store_write w = {.kind = STORE_CLEAR_TIMER, .seq = l->seq, .id = input->timer_id};
        TRY(batch_add(&s->open->work, &w, reterr));
    }
    for (uint32_t i = 0; i < delta->effect_count; i++) {
        const engine_effect *effect = &delta->effects[i];
        store_write w = {.seq = l->seq, .id = effect->timer_id, .due_ms = effect->at_ms};
        if (effect->kind == ENGINE_EFFECT_SET_TIMER) {
            w.kind = STORE_SET_TIMER;
        } else if (effect->kind == ENGINE_EFFECT_CLEAR_TIMER) {
            w.kind = STORE_CLEAR_TIMER;
        } else {
            continue;
        }
        TRY(batch_add(&s->open->work, &w, reterr));
    }
    return STATUS_OK;
}

static const engine_effect *finish_of(const engine_delta *delta)
{
    const engine_effect *last =
        delta->effect_count ? &delta->effects[delta->effect_count - 1] : NULL;
    return last && last->kind == ENGINE_EFFECT_FINISH ? last : NULL;
}

static uint32_t tasks_left(const live *l, const engine_delta *delta)
{
    int64_t tasks = finish_of(delta) ? 0 : (int64_t)l->tasks + delta->tasks_change;
    INVARIANT(tasks >= 0);
    return (uint32_t)tasks;
}

/* A redrive opens the execution again. */
static bool is_redrive(const queued_input *entry, const engine_delta *delta)
{
    return entry->input.kind == ENGINE_REDRIVE && !delta->is_stale;
}

static status write_all(shard *s, live *l, const queued_input *entry, const engine_delta *delta,
                        bool has_tasks, str *ret_chunk, error *reterr)
{
    const engine_effect *finish = finish_of(delta);
    bool is_reopened = is_redrive(entry, delta);
    if (!l->is_stored || finish || is_reopened || has_tasks != l->has_stored_tasks) {
        TRY(shard_write_row(s->open, l, has_tasks, finish ? finish->at_ms : -1, reterr));
    }
    TRY(write_history(s, l, delta, ret_chunk, reterr));
    if (!finish || delta->keeps_scopes) {
        TRY(write_scopes(s, l, delta, reterr));
        return write_timers(s, l, &entry->input, delta, reterr);
    }
    if (l->has_scopes) {
        store_write w = {.kind = STORE_END_EXECUTION, .seq = l->seq};
        return batch_add(&s->open->work, &w, reterr);
    }
    return STATUS_OK;
}

/* --------------------------------------------------------------------------------------- the step
 */

/* After the engine has moved on there is no way back: from here on memory must suffice. An arena is
 * bounded and a step small, so running out here means that the process is about to be killed. */
static status make_durable(shard *s, live *l, const queued_input *entry, const engine_delta *delta,
                           bool is_told, error *reterr)
{
    chain leaving = {0};
    str chunk = STR_NONE;
    uint32_t tasks = tasks_left(l, delta);
    bool has_tasks = tasks > 0 || delta->wants_continue;
    status done = write_all(s, l, entry, delta, has_tasks, &chunk, reterr);
    if (ok(done)) {
        pending *p =
            add_pending(s->open, is_told && chunk.ptr ? PENDING_EVENTS : PENDING_PIN, l, reterr);
        done = p ? STATUS_OK : (status){ERROR_MEMORY};
        if (p) {
            p->chunk = chunk;
            chain_add(&leaving, p);
        }
    }
    if (ok(done)) {
        done = collect_effects(s->open, l, delta, &leaving, reterr);
    }
    if (ok(done)) {
        done = collect_reply(s->open, entry, delta->is_stale, &leaving, reterr);
    }
    if (failed(done)) {
        chain_drop(&leaving);
        return done;
    }
    const engine_effect *finish = finish_of(delta);
    l->tasks = tasks;
    l->is_stored = true;
    l->has_stored_tasks = has_tasks;
    l->has_scopes = l->has_scopes || !finish || delta->keeps_scopes;
    l->is_finished = finish || (delta->is_stale && l->is_finished);
    for (pending *p = leaving.first, *next; p; p = next) {
        next = p->next;
        p->next = NULL;
        link_pending(s->open, p);
    }
    return STATUS_OK;
}

/* Whether the observer wants to see the step's events once they are durable. */
static bool observe(shard *s, const live *l, const engine_delta *delta)
{
    const shard_observer *observer = &s->options.observer;
    if (!delta->event_count || (!observer->stepped && !observer->events)) {
        return false;
    }
    shard_execution about = shard_about(l);
    bool is_wanted = !observer->stepped ||
                     observer->stepped(observer->self, &about, delta->events, delta->event_count);
    return is_wanted && observer->events;
}

/* Express: nothing is stored, and all leaves at once. */
static void act_at_once(shard *s, live *l, const queued_input *entry, const engine_delta *delta,
                        bool is_told)
{
    l->tasks = tasks_left(l, delta);
    l->is_finished = finish_of(delta) != NULL;
    l->pins++;
    if (l->is_finished && l->keeps_row) {
        status kept = shard_write_ended(s, l, &delta->events[delta->event_count - 1], NULL);
        INVARIANT(ok(kept)); /* as in make_durable */
    }
    if (is_told) {
        shard_execution about = shard_about(l);
        s->options.observer.events(s->options.observer.self, &about, delta->events,
                                   delta->event_count);
    }
    for (uint32_t i = 0; i < delta->effect_count; i++) {
        shard_act_effect(s, l, &delta->effects[i]);
    }
    if (entry->reply) {
        error stale;
        if (delta->is_stale) {
            (void)fail(&stale, ERROR_NOT_FOUND, "the task is not waiting any more").code;
        }
        entry->reply(entry->user, delta->is_stale ? &stale : NULL);
    }
    l->pins--;
}

/* What the API keeps with the execution is new with each redrive. */
static void reopen(shard *s, live *l, const queued_input *entry)
{
    str extra = arena_str(&l->texts, entry->input.text);
    INVARIANT(extra.ptr); /* as in make_durable: the engine has moved on */
    l->extra = extra;
    s->open_count++;
}

/* A task that its token has ended: whoever carries it out needs to know. */
static void forget_task(shard *s, const live *l, const queued_input *entry,
                        const engine_delta *delta)
{
    engine_input_kind kind = entry->input.kind;
    bool is_end = kind == ENGINE_TASK_SUCCEEDED || kind == ENGINE_TASK_FAILED;
    if (is_end && entry->reply && !delta->is_stale) {
        runtime_tasks_forget(&s->options.tasks, l->seq, entry->input.task_id);
    }
}

status shard_step(shard *s, live *l, queued_input *entry, error *reterr)
{
    const engine_identity *identity = engine_execution_identity(l->execution);
    bool is_express = identity->is_express;
    arena *memory = is_express ? &s->express : &s->open->work.memory;
    if (is_express) {
        arena_reset(memory);
    }
    shard_leave_idle(s, l);
    entry->input.now_ms = shard_now_ms(s);
    entry->input.entropy = entropy_branch(&s->random);
    engine_delta delta;
    TRY(engine_step(l->execution, &entry->input, memory, &delta, reterr));
    if (delta.wants_continue) {
        engine_input again = {.kind = ENGINE_CONTINUE};
        TRY(input_queue_add(&s->inputs, l->seq, &again, NULL, reterr));
    }
    if (is_redrive(entry, &delta)) {
        reopen(s, l, entry);
    }
    forget_task(s, l, entry, &delta);
    bool is_told = observe(s, l, &delta);
    if (is_express) {
        act_at_once(s, l, entry, &delta, is_told);
    } else {
        status done = make_durable(s, l, entry, &delta, is_told, reterr);
        INVARIANT(ok(done)); /* the engine has moved on: better to restart from the last commit */
    }
    queued_input_free(entry);
    shard_settle(s, l);
    return STATUS_OK;
}
