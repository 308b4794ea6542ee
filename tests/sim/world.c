/* The order of things: one event after the other, in virtual time. */
#include "world.h"

#include "workflows.h"

#include <stdlib.h>

#define BEGIN_MS 1700000000000
#define START_MS_MAX 3000
#define STOP_MS_MAX 60000
#define REDRIVES_MAX 6 /* more than there are obstacles that a redrive removes: workflows.h */
#define WILD_PERCENT 15
#define MEDDLING_MAX 12
#define TURNS_MAX 100000
#define MEMORY_MAX (1u << 28)

bool sim_chance(sim_world *w, uint32_t percent)
{
    return !w->plan.is_calm && !w->is_preparing && sim_below(&w->chance, 100) < percent;
}

/* Often nothing, so that things meet in one turn. */
int64_t sim_delay(sim_world *w, uint32_t bound_ms)
{
    return w->plan.is_calm || w->is_preparing || sim_chance(w, 30)
               ? 0
               : sim_below(&w->chance, bound_ms);
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

void sim_post_call(sim_world *w, int64_t delay_ms, integration_task *call)
{
    post(w, &(sim_event){.at_ms = w->now_ms + delay_ms,
                         .kind = SIM_EVENT_CALLED,
                         .call = call,
                         .life = w->life});
}

void sim_post_sync(sim_world *w, int64_t delay_ms, sim_sync *sync)
{
    post(w, &(sim_event){.at_ms = w->now_ms + delay_ms, .kind = SIM_EVENT_SYNC, .sync = sync});
}

/* The next one: the earliest; of several at one time, any. False when the alarm or a timer comes
 * before it. */
static bool take(sim_world *w, sim_event *ret_event)
{
    int64_t due_ms = sim_loop_due_ms(w->loop);
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < w->event_count; i++) {
        const sim_event *e = &w->events[i], *b = &w->events[best];
        if (best == UINT32_MAX || e->at_ms < b->at_ms ||
            (e->at_ms == b->at_ms && e->order < b->order)) {
            best = i;
        }
    }
    if (best == UINT32_MAX || (w->alarm_ms >= 0 && w->alarm_ms < w->events[best].at_ms) ||
        (due_ms >= 0 && due_ms < w->events[best].at_ms)) {
        return false;
    }
    *ret_event = w->events[best];
    w->events[best] = w->events[--w->event_count];
    return true;
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
        sim_start(w, event->execution);
        break;
    case SIM_EVENT_STOP:
        sim_stop(w, event->execution);
        break;
    case SIM_EVENT_REDRIVE:
        sim_redrive(w, event->execution);
        break;
    case SIM_EVENT_LAND:
        sim_land(w);
        break;
    case SIM_EVENT_LANDED:
        sim_landed(w);
        break;
    case SIM_EVENT_GIVEN:
        sim_given(w, event->task);
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
    case SIM_EVENT_CALLED:
        sim_answer_call(event->call);
        break;
    case SIM_EVENT_SYNC:
        sim_start_sync(w, event->sync);
        break;
    case SIM_EVENT_MEDDLE:
        sim_meddle(w);
        break;
    case SIM_EVENT_RESTART:
        sim_check_histories(w);
        sim_boot(w);
        sim_check_meddling(w);
        break;
    }
}

static bool has_ended(sim_world *w)
{
    for (uint32_t i = 0; i < w->execution_count; i++) {
        sim_execution *e = &w->executions[i];
        if (e->started != SIM_ACKNOWLEDGED) {
            return false;
        }
        arena a;
        arena_init(&a, 0);
        store_execution row;
        bool is_over = sim_find(w, e->arn, &a, &row) && row.status != STORE_RUNNING &&
                       !sim_is_to_be_redriven(w, e);
        arena_clean_up(&a);
        if (!is_over) {
            return false;
        }
    }
    return true;
}

/* One thing happens: an event, a timer, or the alarm. False when nothing will ever happen again. */
static bool turn(sim_world *w)
{
    sim_event event;
    int64_t due_ms = sim_loop_due_ms(w->loop);
    if (take(w, &event)) {
        w->now_ms = MAX_OF(w->now_ms, event.at_ms);
        happen(w, &event);
    } else if (due_ms >= 0 && (w->alarm_ms < 0 || due_ms <= w->alarm_ms)) {
        w->now_ms = MAX_OF(w->now_ms, due_ms);
        sim_loop_fire(w->loop);
    } else if (w->alarm_ms >= 0) {
        w->now_ms = MAX_OF(w->now_ms, w->alarm_ms);
        w->alarm_ms = -1;
        w->guest.wake(w->guest.self);
    } else {
        return false;
    }
    sim_check_dispatched(w);
    sim_check_deadlines(w);
    sim_check_map_runs(w);
    sim_poll(w);
    return true;
}

/* ------------------------------------------------------------------------------------ begin, end
 */

static void prepare_machines(sim_world *w)
{
    static const char *const names[] = {"m0", "m1"};
    w->machine_count = 1 + sim_below(&w->work, SIM_MACHINES_MAX);
    w->is_preparing = true;
    sim_boot(w);
    for (uint32_t i = 0; i < w->machine_count; i++) {
        w->definitions[i] = sim_workflow(&w->work, &w->memory);
        sim_say(w, "%s: %.*s", names[i], STR_ARG(w->definitions[i]));
        sim_create_machine(w, names[i], "STANDARD", w->definitions[i]);
    }
    str child = sim_child_workflow(&w->work, &w->memory);
    sim_say(w, "c: %.*s", STR_ARG(child));
    sim_create_machine(w, "c", "STANDARD", child);
    str express = sim_express_workflow(&w->work, &w->memory);
    sim_say(w, "x: %.*s", STR_ARG(express));
    sim_create_machine(w, "x", "EXPRESS", express);
    while (turn(w)) {
    }
    sim_check(w, w->machines_made == w->machine_count + 2, "a machine was not made");
    w->is_preparing = false;
}

static void prepare_executions(sim_world *w)
{
    w->execution_count = 1 + sim_below(&w->work, SIM_EXECUTIONS_MAX);
    for (uint32_t i = 0; i < w->execution_count; i++) {
        sim_execution *e = &w->executions[i];
        *e = (sim_execution){
            .world = w,
            .ends_max = 1,
            .name = arena_printf(&w->memory, "e%u", i),
            .input = sim_input(&w->work, &w->memory),
            .machine = sim_below(&w->work, w->machine_count),
            .redrives_max = sim_below(&w->work, 3) ? REDRIVES_MAX : 0,
        };
        e->arn = arena_printf(&w->memory, "arn:aws:states:us-east-1:123456789012:execution:m%u:e%u",
                              e->machine, i);
        sim_say(w, "%.*s: m%u, %.*s", STR_ARG(e->name), e->machine, STR_ARG(e->input));
        sim_post(w, sim_delay(w, START_MS_MAX), SIM_EVENT_START, e, NULL);
        if (sim_below(&w->work, 100) < 15 && !w->plan.is_calm) {
            sim_post(w, sim_below(&w->chance, STOP_MS_MAX), SIM_EVENT_STOP, e, NULL);
        }
    }
}

static void prepare_others(sim_world *w)
{
    w->sync_count = sim_below(&w->work, SIM_SYNC_MAX + 1);
    for (uint32_t i = 0; i < w->sync_count; i++) {
        w->syncs[i] = (sim_sync){.world = w, .input = sim_input(&w->work, &w->memory)};
        sim_post_sync(w, sim_delay(w, START_MS_MAX), &w->syncs[i]);
    }
    w->is_wild = sim_below(&w->work, 100) < WILD_PERCENT;
    w->meddling_left = w->plan.is_calm ? 0 : sim_below(&w->work, MEDDLING_MAX);
    if (w->meddling_left) {
        sim_post(w, sim_delay(w, START_MS_MAX), SIM_EVENT_MEDDLE, NULL, NULL);
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
    sim_loop_enter(w.loop, &w);
    prepare_machines(&w);
    prepare_executions(&w);
    prepare_others(&w);
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
