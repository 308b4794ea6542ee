/* A replay that trusts nothing but bytes: after every step the events are encoded and read back,
 * the changed scopes go into a store, and the next step is made on an execution restored from it.
 * Everything that steps tell, events and effects, is noted as text, to be compared with the same
 * replay's text on one execution that lives from start to end. Included by what tests
 * engine/codec.h. */
#ifndef GAIT_TESTS_ENGINE_RESTORING_H
#define GAIT_TESTS_ENGINE_RESTORING_H

#include "replay.h"

#include "engine/codec.h"

#define STORED_BYTES_MAX (64u << 20)
#define TRANSCRIPT_BYTES_MAX (256u << 20)

typedef struct stored {
    uint64_t id;
    buf bytes;
} stored;

typedef struct in_flight {
    uint64_t id;       /* of the task or the timer */
    str text;          /* the effect, as print_effect tells it */
    bool is_submitted; /* and waits for its callback */
} in_flight;

typedef struct restoring {
    replay *of;
    bool is_off; /* only notes the transcript */
    stored *scopes;
    size_t scope_count, scope_room;
    in_flight *waiting;
    size_t waiting_count, waiting_room;
    engine_execution *previous; /* the delta that the replay reads points into it */
    buf transcript;
    arena texts;
    size_t steps, largest, event_bytes, events, scope_bytes;
} restoring;

static void require(bool is_so, const char *what)
{
    if (!is_so) {
        die(what, &(error){.message = "it is not so"});
    }
}

/* ---------------------------------------------------------------------------------- transcript */

static void print_text(buf *out, const char *name, str text)
{
    if (text.ptr) {
        buf_add_format(out, " %s=%zu:", name, text.len);
        buf_add_str(out, text);
    }
}

static void print_value(buf *out, const char *name, json value)
{
    if (!json_is_absent(value)) {
        buf_add_format(out, " %s=", name);
        json_print(value, out);
    }
}

static void print_effect(buf *out, const engine_effect *e)
{
    buf_add_format(out, "effect %d task=%" PRIu64 " timer=%" PRIu64 " at=%" PRId64, e->kind,
                   e->task_id, e->timer_id, e->at_ms);
    buf_add_format(out, " limits=%" PRId64 ",%" PRId64 " attempt=%u outcome=%d", e->timeout_seconds,
                   e->heartbeat_seconds, e->attempt, e->outcome);
    if (e->state) {
        bool is_job = e->kind == ENGINE_EFFECT_START_TASK && e->state->type == ASL_TASK &&
                      (e->state->as.task.resource.pattern == ASL_SYNC ||
                       e->state->as.task.resource.pattern == ASL_SYNC_2);
        print_text(out, "state", e->state->location);
        print_text(out, "job", is_job ? STR("pattern=sync") : STR_NONE);
    }
    print_value(out, "payload", e->payload);
    print_text(out, "text", e->payload_text);
    print_value(out, "credentials", e->credentials);
    print_text(out, "token", e->token);
    print_text(out, "error", e->error);
    print_text(out, "cause", e->cause);
    print_value(out, "submission", e->submission);
}

static str event_text(const restoring *h, const engine_event *event, bool include_data, arena *a)
{
    json object;
    error err = {0};
    if (failed(engine_event_to_json(event, h->of->machine, include_data, a, &object, &err))) {
        die("event", &err);
    }
    str text = json_text(object, a);
    require(text.ptr != NULL, "an event has text");
    return text;
}

static void note(restoring *h, const engine_delta *delta, arena *a)
{
    buf_add_format(&h->transcript, "step%s%s\n", delta->is_stale ? " stale" : "",
                   delta->wants_continue ? " continue" : "");
    for (uint32_t i = 0; i < delta->event_count; i++) {
        buf_add_str(&h->transcript, event_text(h, &delta->events[i], true, a));
        buf_add_char(&h->transcript, '\n');
    }
    for (uint32_t i = 0; i < delta->effect_count; i++) {
        print_effect(&h->transcript, &delta->effects[i]);
        buf_add_char(&h->transcript, '\n');
    }
    require(!h->transcript.overflowed, "the transcript has room");
}

/* -------------------------------------------------------------------------------------- events */

static void check_events(restoring *h, const engine_delta *delta, arena *a)
{
    error err = {0};
    buf bytes;
    const engine_event *events;
    uint32_t count;
    buf_init(&bytes, STORED_BYTES_MAX);
    if (failed(engine_events_encode(delta->events, delta->event_count, &bytes, &err)) ||
        failed(engine_events_decode(buf_str(&bytes), a, &events, &count, &err))) {
        die("chunk", &err);
    }
    require(count == delta->event_count, "a chunk has the step's events");
    for (uint32_t i = 0; i < count; i++) {
        for (int include_data = 0; include_data < 2; include_data++) {
            require(str_equal(event_text(h, &events[i], include_data, a),
                              event_text(h, &delta->events[i], include_data, a)),
                    "an event is the same when read back");
        }
    }
    h->event_bytes += bytes.len;
    h->events += count;
    buf_clean_up(&bytes);
}

/* --------------------------------------------------------------------------------------- store */

static stored *find_stored(restoring *h, uint64_t id)
{
    for (size_t i = 0; i < h->scope_count; i++) {
        if (h->scopes[i].id == id) {
            return &h->scopes[i];
        }
    }
    return NULL;
}

static stored *add_stored(restoring *h, uint64_t id)
{
    if (h->scope_count == h->scope_room) {
        h->scope_room = h->scope_room ? h->scope_room * 2 : 64;
        h->scopes = realloc(h->scopes, h->scope_room * sizeof *h->scopes);
        require(h->scopes != NULL, "there is memory");
    }
    stored *s = &h->scopes[h->scope_count++];
    s->id = id;
    buf_init(&s->bytes, STORED_BYTES_MAX);
    return s;
}

static void store_scopes(restoring *h, const engine_execution *x, const engine_delta *delta)
{
    error err = {0};
    for (uint32_t i = 0; i < delta->ended_scope_count; i++) {
        stored *s = find_stored(h, delta->ended_scopes[i]);
        require(s != NULL, "a scope that ends was stored");
        buf_clean_up(&s->bytes);
        *s = h->scopes[--h->scope_count];
    }
    for (uint32_t i = 0; i < delta->changed_scope_count; i++) {
        uint64_t id = delta->changed_scopes[i];
        stored *s = find_stored(h, id);
        s = s ? s : add_stored(h, id);
        buf_reset(&s->bytes);
        if (failed(engine_scope_encode(x, id, &s->bytes, &err))) {
            die("scope", &err);
        }
        h->scope_bytes += s->bytes.len;
        h->largest = MAX_OF(h->largest, s->bytes.len);
    }
}

static engine_execution *restore(const restoring *h, const engine_execution *x)
{
    error err = {0};
    engine_execution *restored;
    engine_stored_scope *scopes = table(h->scope_count + 1, sizeof *scopes);
    for (size_t i = 0; i < h->scope_count; i++) {
        scopes[i] = (engine_stored_scope){h->scopes[i].id, buf_str(&h->scopes[i].bytes)};
    }
    if (failed(engine_execution_restore(h->of->machine, engine_execution_identity(x), scopes,
                                        (uint32_t)h->scope_count, &restored, &err))) {
        die("restore", &err);
    }
    free(scopes);
    require(engine_execution_outcome(restored) == engine_execution_outcome(x),
            "what is restored runs, or has ended, as it was");
    require(engine_execution_last_event(restored) == engine_execution_last_event(x),
            "event ids go on where they were");
    return restored;
}

/* ----------------------------------------------------------------------------- what is in flight
 */

static void forget_waiting(restoring *h, uint64_t id)
{
    for (size_t i = 0; i < h->waiting_count; i++) {
        if (h->waiting[i].id == id) {
            h->waiting[i] = h->waiting[--h->waiting_count];
            return;
        }
    }
}

static void await(restoring *h, uint64_t id, const engine_effect *effect)
{
    buf text;
    buf_init(&text, STORED_BYTES_MAX);
    print_effect(&text, effect);
    forget_waiting(h, id);
    if (h->waiting_count == h->waiting_room) {
        h->waiting_room = h->waiting_room ? h->waiting_room * 2 : 64;
        h->waiting = realloc(h->waiting, h->waiting_room * sizeof *h->waiting);
        require(h->waiting != NULL, "there is memory");
    }
    h->waiting[h->waiting_count++] =
        (in_flight){.id = id, .text = arena_str(&h->texts, buf_str(&text))};
    buf_clean_up(&text);
}

/* A job is asked about again, with its submission; what waits for a callback is not. */
static void note_submission(restoring *h, in_flight *task, json value)
{
    if (str_find(task->text, STR("pattern=sync")) == STR_NOT_FOUND) {
        task->is_submitted = true;
        return;
    }
    buf text;
    buf_init(&text, STORED_BYTES_MAX);
    buf_add_str(&text, task->text);
    print_value(&text, "submission", value);
    task->text = arena_str(&h->texts, buf_str(&text));
    buf_clean_up(&text);
}

static void follow(restoring *h, const engine_input *in, const engine_delta *delta)
{
    for (size_t i = 0; in->kind == ENGINE_TASK_SUBMITTED && i < h->waiting_count; i++) {
        if (h->waiting[i].id == in->task_id) {
            note_submission(h, &h->waiting[i], in->value);
        }
    }
    if (in->kind == ENGINE_TASK_SUCCEEDED || in->kind == ENGINE_TASK_FAILED) {
        forget_waiting(h, in->task_id);
    }
    if (in->kind == ENGINE_TIMER) {
        forget_waiting(h, in->timer_id);
    }
    for (uint32_t i = 0; i < delta->effect_count; i++) {
        const engine_effect *effect = &delta->effects[i];
        switch (effect->kind) {
        case ENGINE_EFFECT_START_TASK:
            await(h, effect->task_id, effect);
            break;
        case ENGINE_EFFECT_SET_TIMER:
            await(h, effect->timer_id, effect);
            break;
        case ENGINE_EFFECT_CANCEL_TASK:
            forget_waiting(h, effect->task_id);
            break;
        case ENGINE_EFFECT_CLEAR_TIMER:
            forget_waiting(h, effect->timer_id);
            break;
        case ENGINE_EFFECT_FINISH:
            break;
        }
    }
}

static void check_pending(restoring *h, const engine_execution *restored, arena *a)
{
    error err = {0};
    const engine_effect *effects;
    uint32_t count;
    size_t wanted = 0;
    if (failed(engine_execution_pending(restored, a, &effects, &count, &err))) {
        die("pending", &err);
    }
    for (size_t i = 0; i < h->waiting_count; i++) {
        wanted += !h->waiting[i].is_submitted;
    }
    for (uint32_t i = 0; i < count; i++) {
        bool is_there = false;
        buf text;
        buf_init(&text, STORED_BYTES_MAX);
        print_effect(&text, &effects[i]);
        for (size_t k = 0; k < h->waiting_count && !is_there; k++) {
            is_there = !h->waiting[k].is_submitted && str_equal(h->waiting[k].text, buf_str(&text));
        }
        if (!is_there) {
            fprintf(stderr, "pending: %.*s\n", STR_ARG(buf_str(&text)));
        }
        require(is_there, "what is pending was asked for, word for word");
        buf_clean_up(&text);
    }
    require(count == wanted, "everything that was asked for and not answered is pending");
}

/* ---------------------------------------------------------------------------------------- steps */

static status restoring_step(void *user, engine_execution *x, const engine_input *in, arena *a,
                             engine_delta *ret_delta, error *reterr)
{
    restoring *h = user;
    engine_execution_free(h->previous);
    h->previous = NULL;
    TRY(engine_step(x, in, a, ret_delta, reterr));
    note(h, ret_delta, a);
    if (h->is_off || ret_delta->is_stale) {
        return STATUS_OK;
    }
    check_events(h, ret_delta, a);
    if (engine_execution_outcome(x) != ENGINE_RUNNING && !ret_delta->keeps_scopes) {
        return STATUS_OK;
    }
    h->steps++;
    store_scopes(h, x, ret_delta);
    follow(h, in, ret_delta);
    h->of->x = restore(h, x);
    h->previous = x;
    check_pending(h, h->of->x, a);
    return STATUS_OK;
}

static void restoring_begin(restoring *h, replay *r)
{
    h->of = r;
    r->make_step = restoring_step;
    r->user = h;
    buf_init(&h->transcript, TRANSCRIPT_BYTES_MAX);
    arena_init(&h->texts, 0);
}

static void restoring_end(restoring *h)
{
    engine_execution_free(h->previous);
    for (size_t i = 0; i < h->scope_count; i++) {
        buf_clean_up(&h->scopes[i].bytes);
    }
    free(h->scopes);
    free(h->waiting);
    buf_clean_up(&h->transcript);
    arena_clean_up(&h->texts);
}

#endif
