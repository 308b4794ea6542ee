/* The order of things: one event after the other, in virtual time. */
#include "world.h"

#include "workflows.h"

#include <stdlib.h>

#define BEGIN_MS 1700000000000
#define START_MS_MAX 3000
#define STOP_MS_MAX 60000
#define AGAIN_MS 100
#define TURNS_MAX 100000
#define MEMORY_MAX (1u << 28)

bool sim_chance(sim_world *w, uint32_t percent)
{
    return !w->plan.is_calm && sim_below(&w->chance, 100) < percent;
}

/* Often nothing, so that things meet in one turn. */
int64_t sim_delay(sim_world *w, uint32_t bound_ms)
{
    return w->plan.is_calm || sim_chance(w, 30) ? 0 : sim_below(&w->chance, bound_ms);
}

/* ---------------------------------------------------------------------------------------- events
 */

static void post(sim_world *w, const sim_event *event)
{
    if (w->event_count == w->event_room) {
        uint32_t room = w->event_room ? w->event_room * 2 : 64;
        w->events = realloc(w->events, room * sizeof(*w->events));
        sim_check(w, w->events, "out of memory");
        w->event_room = room;
    }
    w->events[w->event_count] = *event;
    w->events[w->event_count].order = w->plan.is_calm ? w->next_order++ : entropy_next(&w->chance);
    w->event_count++;
}

void sim_post(sim_world *w, int64_t delay_ms, sim_event_kind kind, sim_execution *execution,
              sim_task *task)
{
    post(w, &(sim_event){
                .at_ms = w->now_ms + delay_ms, .kind = kind, .execution = execution, .task = task});
}

void sim_post_mortal(sim_world *w, int64_t delay_ms, sim_event_kind kind, sim_task *task)
{
    post(w,
         &(sim_event){.at_ms = w->now_ms + delay_ms, .kind = kind, .task = task, .life = w->life});
}

/* The next one: the earliest; of several at one time, any. */
static bool take(sim_world *w, sim_event *ret_event)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < w->event_count; i++) {
        const sim_event *e = &w->events[i], *b = &w->events[best];
        if (best == UINT32_MAX || e->at_ms < b->at_ms ||
            (e->at_ms == b->at_ms && e->order < b->order)) {
            best = i;
        }
    }
    if (best == UINT32_MAX || (w->alarm_ms >= 0 && w->alarm_ms < w->events[best].at_ms)) {
        return false;
    }
    *ret_event = w->events[best];
    w->events[best] = w->events[--w->event_count];
    return true;
}

/* --------------------------------------------------------------------------------------- clients
 */

static void on_start(void *user, const error *err)
{
    sim_execution *e = user;
    sim_world *w = e->world;
    if (!sim_leaves(w)) {
        return;
    }
    arena a;
    arena_init(&a, 0);
    store_execution row;
    sim_check(w, !err, "%s", err ? err->message : "");
    sim_check(w, sim_find(w, e->arn, &a, &row), "%.*s is acknowledged before it is durable",
              STR_ARG(e->name));
    arena_clean_up(&a);
    e->started = SIM_ACKNOWLEDGED;
}

/* As the API does it: a name that is there already is the same execution. */
static void start(sim_world *w, sim_execution *e)
{
    arena a;
    arena_init(&a, 0);
    error err;
    store_execution row;
    shard_found found;
    json value;
    if (w->shard && sim_find(w, e->arn, &a, &row)) {
        e->started = SIM_ACKNOWLEDGED;
    }
    if (e->started == SIM_ACKNOWLEDGED || (w->shard && shard_find(w->shard, e->arn, &found))) {
        arena_clean_up(&a);
        return;
    }
    str key = arena_printf(&a, "d%u", e->machine);
    sim_check(w, ok(json_parse_into(e->input, &a, &value, &err)), "%s", err.message);
    shard_start_request request = {
        .definition_key = key,
        .identity = {.execution_arn = e->arn,
                     .execution_name = e->name,
                     .machine_arn = STR("arn:aws:states:us-east-1:123456789012:stateMachine:m"),
                     .machine_name = STR("m")},
        .listed_under = STR("arn:aws:states:us-east-1:123456789012:stateMachine:m"),
        .extra = STR("{}"),
        .input = e->input,
        .value = value,
    };
    int64_t start_ms;
    status s = w->shard ? shard_definition(w->shard, key, &request.machine, &err)
                        : fail(&err, ERROR_IO, "nobody is there");
    if (ok(s)) {
        e->started = SIM_SENT;
        s = shard_start(w->shard, &request, &start_ms, on_start, e, &err);
    }
    if (failed(s)) {
        sim_check(w, s.code == ERROR_IO && (!w->shard || w->is_refusing), "%s", err.message);
        sim_post(w, AGAIN_MS, SIM_EVENT_START, e, NULL);
    }
    arena_clean_up(&a);
}

static void on_stop(void *user, const error *err)
{
    sim_execution *e = user;
    sim_world *w = e->world;
    arena a;
    arena_init(&a, 0);
    store_execution row;
    if (sim_leaves(w) && !err) {
        sim_check(w, sim_find(w, e->arn, &a, &row) && row.status == STORE_ABORTED,
                  "the stop of %.*s is acknowledged before it is durable", STR_ARG(e->name));
        e->stopped = SIM_ACKNOWLEDGED;
    }
    arena_clean_up(&a);
}

static void stop(sim_world *w, sim_execution *e)
{
    error err;
    int64_t stop_ms;
    if (!w->shard || e->started != SIM_ACKNOWLEDGED) {
        return;
    }
    e->stopped = SIM_SENT;
    e->was_stopping = true;
    if (failed(
            shard_stop(w->shard, e->arn, STR("Stopped"), STR_NONE, &stop_ms, on_stop, e, &err))) {
        e->stopped = SIM_REFUSED;
    }
}

/* ----------------------------------------------------------------------------------------- turns
 */

static void happen(sim_world *w, const sim_event *event)
{
    if (event->life && (event->life != w->life || !w->shard)) {
        return;
    }
    switch (event->kind) {
    case SIM_EVENT_START:
        start(w, event->execution);
        break;
    case SIM_EVENT_STOP:
        stop(w, event->execution);
        break;
    case SIM_EVENT_LAND:
        sim_land(w);
        break;
    case SIM_EVENT_LANDED:
        sim_landed(w);
        break;
    case SIM_EVENT_SUBMIT:
        sim_submit(w, event->task);
        break;
    case SIM_EVENT_END:
        sim_end(w, event->task);
        break;
    case SIM_EVENT_HEARTBEAT:
        sim_answer(w, event->task, true);
        break;
    case SIM_EVENT_ANSWER:
        sim_answer(w, event->task, false);
        break;
    case SIM_EVENT_RESTART:
        sim_check_histories(w);
        sim_boot(w);
        break;
    }
}

static bool has_ended(sim_world *w)
{
    for (uint32_t i = 0; i < w->execution_count; i++) {
        const sim_execution *e = &w->executions[i];
        if (e->started != SIM_ACKNOWLEDGED) {
            return false;
        }
        arena a;
        arena_init(&a, 0);
        store_execution row;
        bool is_over = sim_find(w, e->arn, &a, &row) && row.status != STORE_RUNNING;
        arena_clean_up(&a);
        if (!is_over) {
            return false;
        }
    }
    return true;
}

/* One thing happens: an event, or the alarm. False when nothing will ever happen again. */
static bool turn(sim_world *w)
{
    sim_event event;
    if (take(w, &event)) {
        w->now_ms = MAX_OF(w->now_ms, event.at_ms);
        happen(w, &event);
    } else if (w->alarm_ms >= 0) {
        w->now_ms = MAX_OF(w->now_ms, w->alarm_ms);
        w->alarm_ms = -1;
        w->guest.wake(w->guest.self);
    } else {
        return false;
    }
    sim_check_dispatched(w);
    sim_check_deadlines(w);
    sim_poll(w);
    return true;
}

/* ------------------------------------------------------------------------------------ begin, end
 */

static void prepare_machines(sim_world *w)
{
    error err;
    w->machine_count = 1 + sim_below(&w->work, SIM_MACHINES_MAX);
    for (uint32_t i = 0; i < w->machine_count; i++) {
        w->definitions[i] = sim_workflow(&w->work, &w->memory);
        const asl_machine *machine;
        sim_check(w, ok(asl_compile(w->definitions[i], NULL, &machine, NULL, &err)), "%s in %.*s",
                  err.message, STR_ARG(w->definitions[i]));
        asl_machine_release(machine);
        sim_say(w, "d%u: %.*s", i, STR_ARG(w->definitions[i]));
        store_write write = {
            .kind = STORE_PUT_RECORD,
            .record = {STR("definition"), arena_printf(&w->memory, "d%u", i), w->definitions[i]}};
        sim_check(w, ok(store_commit(w->store, &write, 1, &err)), "%s", err.message);
    }
}

static void prepare_executions(sim_world *w)
{
    w->execution_count = 1 + sim_below(&w->work, SIM_EXECUTIONS_MAX);
    for (uint32_t i = 0; i < w->execution_count; i++) {
        sim_execution *e = &w->executions[i];
        *e = (sim_execution){
            .world = w,
            .name = arena_printf(&w->memory, "e%u", i),
            .arn = arena_printf(&w->memory, "arn:aws:states:us-east-1:123456789012:execution:m:e%u",
                                i),
            .input = sim_input(&w->work, &w->memory),
            .machine = sim_below(&w->work, w->machine_count),
        };
        sim_say(w, "%.*s: d%u, %.*s", STR_ARG(e->name), e->machine, STR_ARG(e->input));
        sim_post(w, sim_delay(w, START_MS_MAX), SIM_EVENT_START, e, NULL);
        if (sim_below(&w->work, 100) < 15 && !w->plan.is_calm) {
            sim_post(w, sim_below(&w->chance, STOP_MS_MAX), SIM_EVENT_STOP, e, NULL);
        }
    }
}

sim_result sim_play(const sim_plan *plan)
{
    sim_world w = {.plan = *plan, .now_ms = BEGIN_MS, .alarm_ms = -1};
    sim_result result = {0};
    error err;
    arena_init(&w.memory, MEMORY_MAX);
    w.work.state = plan->seed;
    w.chance.state = plan->seed ^ 0x9E3779B97F4A7C15u;
    sim_check(&w, ok(store_open_memory(&w.store, &err)), "%s", err.message);
    sim_check(&w, ok(net_loop_new(&w.loop, &err)), "%s", err.message);
    prepare_machines(&w);
    prepare_executions(&w);
    sim_boot(&w);
    for (uint32_t turns = 0; turn(&w); turns++) {
        sim_check(&w, turns < TURNS_MAX, "it never ends");
    }
    sim_check(&w, has_ended(&w), "nothing happens any more, and not all executions have ended");
    sim_check_end(&w, &result);
    sim_shut(&w);
    net_loop_free(w.loop);
    store_close(w.store);
    free(w.events);
    arena_clean_up(&w.memory);
    return result;
}
