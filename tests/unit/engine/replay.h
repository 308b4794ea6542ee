/* Runs one execution in the engine alone, in virtual time: a request says what each task answers,
 * and the events come out as JSON. Included by what drives the engine in tests.
 *
 *   {"definition": text, "input": text, "executionArn", "executionName", "machineArn",
 *    "machineName", "roleArn", "region", "startTimeMs": number, "isExpress": boolean,
 *    "missingActivities": [arn], "stopAfterMs": number, "limits": {"historyEvents": number, ...},
 *    "redrives": number, a second after each unsuccessful end,
 *    "results": {state: [attempt, ...]}}
 *   attempt: a list of steps {"kind": "started"|"submitted"|"succeeded"|"failed"|"heartbeat",
 *            "value", "error", "cause", "worker", "afterMs"}; an attempt without an end is left to
 *            the timers. */
#ifndef GAIT_TESTS_ENGINE_REPLAY_H
#define GAIT_TESTS_ENGINE_REPLAY_H

#include "engine/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PENDING_MAX 100000
#define TIMERS_MAX 100000
#define EVENTS_MAX 30000

typedef struct pending_input {
    int64_t at_ms;
    uint64_t order, task_id;
    json step;
} pending_input;

typedef struct timer {
    uint64_t id;
    int64_t at_ms;
} timer;

typedef struct replay {
    arena memory;
    json request;
    engine_execution *x;
    const asl_machine *machine;
    int64_t now_ms;
    uint64_t order;
    pending_input *pending;
    size_t pending_count;
    timer *timers;
    size_t timer_count;
    json *events;
    uint32_t event_count, effect_count;
    uint32_t *attempts; /* per state */
    json_doc *input;
    engine_outcome outcome;
    engine_effect finish;
    /* How a step is made; NULL: engine_step. */
    status (*make_step)(void *user, engine_execution *x, const engine_input *in, arena *a,
                        engine_delta *ret_delta, error *reterr);
    void *user;
    uint32_t step_transitions_max; /* 0: as the request says */
} replay;

NO_RETURN static void die(const char *what, const error *why)
{
    fprintf(stderr, "replay: %s: %s\n", what, why->message);
    exit(2);
}

static str text_of(replay *r, const char *name)
{
    str text = json_str(json_get(r->request, str_from_c(name)));
    return text.ptr ? text : STR("");
}

static int64_t number_of(json object, const char *name)
{
    int64_t number = 0;
    json value = json_get(object, str_from_c(name));
    return !json_is_absent(value) && json_int64(value, &number) ? number : 0;
}

static void clear_timer(replay *r, uint64_t id)
{
    for (size_t i = 0; i < r->timer_count; i++) {
        if (r->timers[i].id == id) {
            r->timers[i] = r->timers[--r->timer_count];
            return;
        }
    }
}

static void set_timer(replay *r, uint64_t id, int64_t at_ms)
{
    clear_timer(r, id);
    INVARIANT(r->timer_count < TIMERS_MAX);
    r->timers[r->timer_count++] = (timer){id, at_ms};
}

static void cancel_task(replay *r, uint64_t task_id)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->pending_count; i++) {
        if (r->pending[i].task_id != task_id) {
            r->pending[kept++] = r->pending[i];
        }
    }
    r->pending_count = kept;
}

static void start_task(replay *r, const engine_effect *effect)
{
    json attempts = json_get(json_get(r->request, STR("results")), effect->state->name);
    json steps = json_item(attempts, r->attempts[effect->state->index]++);
    int64_t at_ms = r->now_ms;
    for (uint32_t i = 0; i < json_count(steps); i++) {
        json step = json_item(steps, i);
        INVARIANT(r->pending_count < PENDING_MAX);
        at_ms += number_of(step, "afterMs");
        r->pending[r->pending_count++] = (pending_input){at_ms, r->order++, effect->task_id, step};
    }
}

static void apply(replay *r, const engine_effect *effect)
{
    r->effect_count++;
    switch (effect->kind) {
    case ENGINE_EFFECT_START_TASK:
        start_task(r, effect);
        break;
    case ENGINE_EFFECT_CANCEL_TASK:
        cancel_task(r, effect->task_id);
        break;
    case ENGINE_EFFECT_SET_TIMER:
        set_timer(r, effect->timer_id, effect->at_ms);
        break;
    case ENGINE_EFFECT_CLEAR_TIMER:
        clear_timer(r, effect->timer_id);
        break;
    case ENGINE_EFFECT_FINISH:
        r->outcome = effect->outcome;
        r->finish = *effect;
        break;
    }
}

static void step(replay *r, engine_input *in)
{
    error err = {0};
    engine_delta delta;
    in->now_ms = r->now_ms;
    in->entropy = (entropy){.state = (uint64_t)r->now_ms};
    do {
        status st = r->make_step ? r->make_step(r->user, r->x, in, &r->memory, &delta, &err)
                                 : engine_step(r->x, in, &r->memory, &delta, &err);
        if (failed(st)) {
            die("step", &err);
        }
        for (uint32_t i = 0; i < delta.event_count; i++) {
            INVARIANT(r->event_count < EVENTS_MAX);
            if (failed(engine_event_to_json(&delta.events[i], r->machine, true, &r->memory,
                                            &r->events[r->event_count++], &err))) {
                die("event", &err);
            }
            /* Later steps may free what this event points to. */
            if (failed(json_copy(r->events[r->event_count - 1], &r->memory,
                                 &r->events[r->event_count - 1], &err))) {
                die("copy", &err);
            }
        }
        for (uint32_t i = 0; i < delta.effect_count; i++) {
            apply(r, &delta.effects[i]);
        }
        in->kind = ENGINE_CONTINUE;
    } while (delta.wants_continue);
}

static str text_or_none(json step, const char *name)
{
    return json_str(json_get(step, str_from_c(name)));
}

static void deliver(replay *r, size_t at)
{
    static const struct {
        const char *name;
        engine_input_kind kind;
    } kinds[] = {
        {"started", ENGINE_TASK_STARTED},     {"submitted", ENGINE_TASK_SUBMITTED},
        {"succeeded", ENGINE_TASK_SUCCEEDED}, {"failed", ENGINE_TASK_FAILED},
        {"heartbeat", ENGINE_TASK_HEARTBEAT}, {"stop", ENGINE_STOP},
    };
    pending_input p = r->pending[at];
    memmove(&r->pending[at], &r->pending[at + 1], (--r->pending_count - at) * sizeof *r->pending);
    engine_input in = {.task_id = p.task_id};
    r->now_ms = MAX_OF(r->now_ms, p.at_ms);
    str kind = text_or_none(p.step, "kind");
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (str_equal(kind, str_from_c(kinds[i].name))) {
            in.kind = kinds[i].kind;
        }
    }
    in.value = json_get(p.step, STR("value"));
    in.error = text_or_none(p.step, "error");
    in.cause = text_or_none(p.step, "cause");
    in.worker = text_or_none(p.step, "worker");
    in.is_submit_failure = json_is_true(json_get(p.step, STR("isSubmitFailure")));
    step(r, &in);
}

/* The next thing to happen, in time and then in order; false when nothing will. */
static bool advance(replay *r)
{
    size_t input = 0, next = 0;
    for (size_t i = 1; i < r->pending_count; i++) {
        const pending_input *a = &r->pending[i], *b = &r->pending[input];
        if (a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order)) {
            input = i;
        }
    }
    for (size_t i = 1; i < r->timer_count; i++) {
        const timer *a = &r->timers[i], *b = &r->timers[next];
        if (a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->id < b->id)) {
            next = i;
        }
    }
    if (r->pending_count && (!r->timer_count || r->pending[input].at_ms <= r->timers[next].at_ms)) {
        deliver(r, input);
        return true;
    }
    /* The last timer of an execution that waits for ever is its own limit of a year. */
    if (!r->timer_count || (r->timer_count == 1 && r->machine->timeout_seconds == 0 &&
                            r->timers[next].at_ms - r->now_ms > 300 * 86400000LL)) {
        return false;
    }
    timer fired = r->timers[next];
    r->timers[next] = r->timers[--r->timer_count];
    r->now_ms = MAX_OF(r->now_ms, fired.at_ms);
    engine_input in = {.kind = ENGINE_TIMER, .timer_id = fired.id};
    step(r, &in);
    return true;
}

static str make_token(const void *user, uint64_t task_id, arena *a)
{
    (void)user;
    return arena_printf(a, "token-%" PRIu64, task_id);
}

static str refuse(const void *user, const asl_resource *resource, json payload, arena *a)
{
    (void)payload;
    const replay *r = user;
    json missing = json_get(r->request, STR("missingActivities"));
    for (uint32_t i = 0; i < json_count(missing); i++) {
        if (str_equal(json_str(json_item(missing, i)), resource->arn)) {
            return arena_printf(a, "The activity %.*s does not exist.", STR_ARG(resource->arn));
        }
    }
    return STR_NONE;
}

static void *table(size_t count, size_t size)
{
    void *p = calloc(count, size);
    if (!p) {
        die("memory", &(error){.message = "out of memory"});
    }
    return p;
}

static void replay_run(replay *r)
{
    error err = {0};
    json_doc *input;
    engine_identity identity = {.execution_arn = text_of(r, "executionArn"),
                                .execution_name = text_of(r, "executionName"),
                                .machine_arn = text_of(r, "machineArn"),
                                .machine_name = text_of(r, "machineName"),
                                .role_arn = text_of(r, "roleArn"),
                                .region = text_of(r, "region"),
                                .account = STR("123456789012"),
                                .start_time_ms = number_of(r->request, "startTimeMs"),
                                .is_express = json_is_true(json_get(r->request, STR("isExpress"))),
                                .task_token = make_token,
                                .refuse_task = refuse,
                                .refuse_task_user = r};
    json limits = json_get(r->request, STR("limits"));
    identity.limits.history_events_max = (uint32_t)number_of(limits, "historyEvents");
    identity.limits.step_transitions_max = (uint32_t)number_of(limits, "stepTransitions");
    identity.limits.map_concurrency_max = (uint32_t)number_of(limits, "mapConcurrency");
    identity.limits.payload_bytes_max = (uint32_t)number_of(limits, "payloadBytes");
    if (r->step_transitions_max) {
        identity.limits.step_transitions_max = r->step_transitions_max;
    }
    r->now_ms = identity.start_time_ms;
    if (failed(engine_execution_new(r->machine, &identity, &r->x, &err)) ||
        failed(json_parse(text_of(r, "input"), &input, &err))) {
        die("input", &err);
    }
    r->attempts = table(r->machine->state_count, sizeof *r->attempts);
    r->pending = table(PENDING_MAX, sizeof *r->pending);
    r->timers = table(TIMERS_MAX, sizeof *r->timers);
    r->events = table(EVENTS_MAX, sizeof *r->events);
    int64_t stop_ms = number_of(r->request, "stopAfterMs");
    if (stop_ms) {
        json stop;
        if (failed(json_parse_into(STR("{\"kind\":\"stop\"}"), &r->memory, &stop, &err))) {
            die("stop", &err);
        }
        r->pending[r->pending_count++] = (pending_input){r->now_ms + stop_ms, 0, 0, stop};
    }
    engine_input in = {
        .kind = ENGINE_START, .value = json_doc_root(input), .text = text_of(r, "input")};
    step(r, &in);
    while (r->outcome == ENGINE_RUNNING && advance(r)) {
    }
    for (int64_t left = number_of(r->request, "redrives");
         left > 0 && r->outcome > ENGINE_SUCCEEDED; left--) {
        engine_input redrive = {.kind = ENGINE_REDRIVE};
        r->now_ms += 1000;
        r->outcome = ENGINE_RUNNING;
        step(r, &redrive);
        while (r->outcome == ENGINE_RUNNING && advance(r)) {
        }
    }
    r->input = input;
}

static void replay_clean_up(replay *r)
{
    engine_execution_free(r->x);
    json_doc_release(r->input);
    free(r->attempts);
    free(r->pending);
    free(r->timers);
    free(r->events);
}

#endif
