/* The shard's host. A batch lands after a while, and the shard hears of it later still; in between
 * the process may die. */
#include "world.h"

#include <string.h>

#define BATCH_MS_MAX 8
#define REFUSED_MS 50
#define DOWN_MS_MAX 2000
#define STORM_PERCENT 12
#define STORM_MAX 12

static void enter(void *self, const runtime_guest *guest)
{
    ((sim_world *)self)->guest = *guest;
}

static int64_t clock_ms(void *self)
{
    return ((sim_world *)self)->now_ms;
}

static void set_alarm(void *self, int64_t delay_ms)
{
    sim_world *w = self;
    w->alarm_ms = delay_ms < 0 ? -1 : w->now_ms + delay_ms;
}

static void commit(void *self, batch *work)
{
    sim_world *w = self;
    if (w->is_dying) {
        return;
    }
    sim_check(w, !w->batch, "two batches at a time");
    w->batch = work;
    sim_post_mortal(w, sim_delay(w, BATCH_MS_MAX), SIM_EVENT_LAND, NULL);
}

static void close_host(void *self)
{
    sim_world *w = self;
    w->alarm_ms = -1;
    w->batch = NULL;
}

/* ------------------------------------------------------------------------------------- observer */

static void on_finished(void *self, const shard_execution *about, const engine_effect *finish)
{
    sim_world *w = self;
    (void)finish;
    if (!sim_leaves(w) || about->identity->is_express) {
        return;
    }
    arena a;
    arena_init(&a, 0);
    store_execution row;
    sim_check(w,
              ok(store_get_execution(w->store, about->seq, &a, &row, NULL)) &&
                  row.status != STORE_RUNNING,
              "execution %llu is told as ended before its end is durable",
              (unsigned long long)about->seq);
    arena_clean_up(&a);
    for (uint32_t i = 0; i < w->execution_count; i++) {
        sim_execution *e = &w->executions[i];
        if (str_equal(e->arn, about->identity->execution_arn)) {
            e->ends_told++;
            sim_check(w, e->ends_told <= e->ends_max, "%.*s is told as ended twice",
                      STR_ARG(e->name));
            sim_want_redrive(w, e);
        }
    }
}

static void on_events(void *self, const shard_execution *about, const engine_event *events,
                      uint32_t count)
{
    sim_world *w = self;
    if (sim_leaves(w) && !about->identity->is_express) {
        sim_check(w, events[count - 1].id <= sim_last_event(w, about->seq),
                  "events are told before they are durable");
    }
}

/* --------------------------------------------------------------------------------- life and death
 */

/* As in a server: each does what it knows and hands on the rest. */
static void open_tasks(sim_world *w, shard_options *options)
{
    error err;
    entropy seed = {.state = w->plan.seed * 37 + w->life};
    sim_check(w,
              ok(children_new(sim_tasks(w), w->store, seed, &w->children, &err)) &&
                  ok(activities_new(w->loop, children_tasks(w->children), &w->activities, &err)),
              "%s", err.message);
    map_runs_options runs = {
        .loop = w->loop,
        .others = activities_tasks(w->activities),
        .store = w->store,
        .tasks = (integrations *)(void *)w, /* world_s3.c */
    };
    sim_check(w, ok(map_runs_new(&runs, &w->map_runs, &err)), "%s", err.message);
    options->tasks = sim_watch(w, map_runs_tasks(w->map_runs));
}

static void open_api(sim_world *w)
{
    error err;
    api_options options = {
        .loop = w->loop,
        .store = w->store,
        .shard = w->shard,
        .activities = w->activities,
        .map_runs = w->map_runs,
        .region = STR("us-east-1"),
        .account = STR("123456789012"),
        .entropy = {.state = w->plan.seed * 41 + w->life},
    };
    sim_check(w, ok(api_new(&options, &w->api, &err)), "%s", err.message);
}

void sim_boot(sim_world *w)
{
    error err;
    w->life++;
    w->is_dying = false;
    w->is_doomed = false;
    w->is_refusing = false;
    w->alarm_ms = -1;
    shard_options options = {
        .host = {w, enter, clock_ms, set_alarm, commit, close_host},
        .store = w->store,
        .observer = {.self = w, .events = on_events, .finished = on_finished},
        .entropy = {.state = w->plan.seed * 31 + w->life},
        .region = STR("us-east-1"),
        .account = STR("123456789012"),
        .limits.step_transitions_max = 2 + (uint32_t)(w->plan.seed % 7),
        .deadlines_page = 1 + (uint32_t)(w->plan.seed % 5),
        .resident_max = 1 + (uint32_t)(w->plan.seed % 3),
    };
    open_tasks(w, &options);
    options.observer = children_observer(w->children, options.observer);
    options.observer = map_runs_observer(w->map_runs, options.observer);
    sim_check(w, ok(shard_new(&options, &w->shard, &err)), "%s", err.message);
    map_runs_connect(w->map_runs, w->shard);
    open_api(w);
    children_connect(w->children, w->shard, api_call_inside, w->api);
    w->is_acting = true; /* what was in flight is dispatched again */
    sim_check(w, ok(shard_recover(w->shard, &err)), "%s", err.message);
    sim_check(w, ok(children_recover(w->children, &err)), "%s", err.message);
    sim_check(w, ok(map_runs_recover(w->map_runs, &err)), "%s", err.message);
    w->is_acting = false;
}

void sim_shut(sim_world *w)
{
    w->is_dying = true;
    w->is_acting = false;
    api_free(w->api);
    shard_free(w->shard);
    map_runs_free(w->map_runs);
    activities_free(w->activities);
    children_free(w->children);
    w->api = NULL;
    w->shard = NULL;
    w->map_runs = NULL;
    w->activities = NULL;
    w->children = NULL;
    w->is_dying = false;
}

static void die(sim_world *w)
{
    sim_say(w, "the process dies at batch %u", w->commits);
    w->crashes++;
    sim_shut(w);
    sim_forget_calls(w);
    int64_t down_ms = sim_delay(w, DOWN_MS_MAX);
    w->downtime_ms += down_ms;
    sim_post(w, down_ms, SIM_EVENT_RESTART, NULL, NULL);
}

static sim_crash crash_here(sim_world *w)
{
    if (w->plan.crash != SIM_CRASH_STORM) {
        return w->commits == w->plan.crash_at ? w->plan.crash : SIM_NO_CRASH;
    }
    return w->crashes < STORM_MAX && sim_chance(w, STORM_PERCENT)
               ? (sim_crash)(SIM_CRASH_BEFORE + entropy_next(&w->chance) % 3)
               : SIM_NO_CRASH;
}

static bool is_refused(sim_world *w)
{
    if (!sim_chance(w, 3)) {
        return false;
    }
    error err;
    status s = fail(&err, ERROR_IO, "no space left");
    (void)s;
    w->is_refusing = true;
    w->guest.refused(w->guest.self, &err, false);
    sim_post_mortal(w, REFUSED_MS, SIM_EVENT_LAND, NULL);
    return true;
}

void sim_land(sim_world *w)
{
    error err;
    if (is_refused(w)) {
        return;
    }
    w->commits += !w->is_preparing;
    sim_crash crash = w->is_preparing ? SIM_NO_CRASH : crash_here(w);
    if (crash == SIM_CRASH_BEFORE) {
        die(w);
        return;
    }
    sim_say(w, "batch %u: %u writes", w->commits, w->batch->count);
    sim_check_batch(w, w->batch);
    sim_check(w, ok(store_commit(w->store, w->batch->writes, w->batch->count, &err)), "%s",
              err.message);
    if (crash == SIM_CRASH_AFTER) {
        die(w);
        return;
    }
    if (crash == SIM_CRASH_MIDST) {
        w->effects_left = (uint32_t)(entropy_next(&w->chance) % 4);
        w->is_doomed = true;
    }
    sim_post_mortal(w, sim_delay(w, BATCH_MS_MAX), SIM_EVENT_LANDED, NULL);
}

bool sim_leaves(sim_world *w)
{
    if (w->is_doomed && w->is_acting && !w->is_dying) {
        w->is_dying = w->effects_left == 0;
        w->effects_left -= w->effects_left > 0;
    }
    return !w->is_dying;
}

void sim_landed(sim_world *w)
{
    batch *done = w->batch;
    w->batch = NULL;
    w->is_refusing = false;
    w->is_acting = true;
    w->guest.committed(w->guest.self, done);
    w->is_acting = false;
    if (w->is_doomed) {
        die(w);
    }
}
