/* Who does tasks. What a task answers is a function of the seed, its state, its input and its
 * attempt, so that it answers the same after a crash. */
#include "world.h"

#include "workflows.h"

#define QUICK_MS 300
#define POLL_WAIT_MS 60000
#define AGAIN_MS 20

uint64_t sim_hash(uint64_t seed, str text)
{
    uint64_t h = seed ^ 0xCBF29CE484222325u;
    for (size_t i = 0; i < text.len; i++) {
        h = (h ^ (unsigned char)text.ptr[i]) * 0x100000001B3u;
    }
    entropy e = {.state = h};
    return entropy_next(&e);
}

static sim_task *find(sim_world *w, uint64_t seq, uint64_t id)
{
    sim_task *task = w->tasks;
    while (task && (task->seq != seq || task->id != id)) {
        task = task->next;
    }
    return task;
}

static sim_execution *execution_of(sim_world *w, const engine_identity *identity)
{
    for (uint32_t i = 0; i < w->execution_count; i++) {
        if (str_equal(w->executions[i].arn, identity->execution_arn)) {
            return &w->executions[i];
        }
    }
    sim_execution *e = w->offspring;
    while (e && !str_equal(e->arn, identity->execution_arn)) {
        e = e->next;
    }
    if (!e) {
        e = arena_new(&w->memory, sim_execution);
        sim_check(w, e, "out of memory");
        *e = (sim_execution){.world = w,
                             .next = w->offspring,
                             .name = arena_str(&w->memory, identity->execution_name),
                             .arn = arena_str(&w->memory, identity->execution_arn),
                             .is_offspring = true};
        w->offspring = e;
    }
    return e;
}

/* How often what it runs in was redriven: a map run's child with its map run. */
static int64_t redrives_of(const runtime_task *asked)
{
    arena a;
    arena_init(&a, 0);
    json extra;
    int64_t count = asked->identity->redrive_count;
    if (asked->extra.len && ok(json_parse_into(asked->extra, &a, &extra, NULL))) {
        json_int64(json_get(extra, STR("mapRedrive")), &count);
    }
    arena_clean_up(&a);
    return count;
}

/* What will become of it. A third fails, some as often as they are tried; what has a time limit may
 * never answer. An obstacle is there until a redrive. The names of children differ from play to
 * play: their tasks' fates do not. */
static void plan_task(sim_world *w, sim_task *task, const runtime_task *asked)
{
    const engine_effect *effect = asked->effect;
    if (str_equal(effect->state->as.task.resource.arn, STR(SIM_OBSTACLE))) {
        task->failures = redrives_of(asked) ? 0 : UINT32_MAX;
        return;
    }
    uint64_t fate = sim_hash(w->plan.seed, task->of->is_offspring ? STR("child") : task->of->name);
    fate = sim_hash(fate, task->state);
    fate = task->is_callback ? fate : sim_hash(fate, task->payload);
    bool has_limit = effect->timeout_seconds > 0 || effect->heartbeat_seconds > 0;
    task->failures = fate % 3 ? 0 : (uint32_t)(fate / 3 % 4);
    task->is_never = has_limit && (fate >> 20) % 4 == 0 && task->attempt == (fate >> 30) % 2;
}

static sim_task *meet(sim_world *w, const runtime_task *asked, str payload)
{
    const engine_effect *effect = asked->effect;
    asl_resource_kind kind = effect->state->as.task.resource.kind;
    bool is_wanted = effect->state->as.task.resource.pattern == ASL_WAIT_FOR_TASK_TOKEN;
    sim_task *task = arena_new(&w->memory, sim_task);
    sim_check(w, task, "out of memory");
    *task = (sim_task){
        .next = w->tasks,
        .world = w,
        .seq = asked->execution,
        .id = effect->task_id,
        .of = execution_of(w, asked->identity),
        .attempt = effect->attempt,
        .payload = payload,
        .state = arena_str(&w->memory, effect->state->name),
        .token = effect->token.ptr ? arena_str(&w->memory, effect->token) : STR_NONE,
        .is_callback = effect->token.ptr && kind != ASL_RESOURCE_ACTIVITY &&
                       (is_wanted || (w->is_wild && effect->task_id % 3 == 0)), /* of .sync */
        .is_activity = kind == ASL_RESOURCE_ACTIVITY,
        .is_express = asked->identity->is_express,
    };
    plan_task(w, task, asked);
    w->tasks = task;
    return task;
}

/* A task leaves the shard, whoever it is for: the same one as before a crash. */
static sim_task *see_task(sim_world *w, const runtime_task *asked)
{
    str payload = json_text(asked->effect->payload, &w->memory);
    sim_check(w, w->is_acting || asked->identity->is_express,
              "task %llu left outside of any commit", (unsigned long long)asked->effect->task_id);
    sim_task *task = find(w, asked->execution, asked->effect->task_id);
    if (!task) {
        task = meet(w, asked, payload);
    } else {
        sim_check(w, task->life != w->life, "task %llu was dispatched twice without a crash",
                  (unsigned long long)task->id);
        sim_check(w,
                  str_equal(task->payload, payload) && task->attempt == asked->effect->attempt &&
                      str_equal(task->token, asked->effect->token),
                  "task %llu is not the same after a crash", (unsigned long long)task->id);
    }
    sim_say(w, "task %llu of %.*s: %.*s", (unsigned long long)task->id, STR_ARG(task->of->name),
            STR_ARG(task->state));
    task->life = w->life;
    task->is_given = false;
    task->is_dispatched = true;
    task->is_new = !task->is_express;
    return task;
}

static void watch_start(void *self, const runtime_task *asked, runtime_receive *receive,
                        void *receiver)
{
    sim_world *w = self;
    if (sim_leaves(w)) {
        sim_task *task = see_task(w, asked);
        if (task->is_callback && !task->is_told) { /* a function, or a child execution */
            task->is_told = true;
            sim_post(w, sim_delay(w, QUICK_MS), SIM_EVENT_HEARTBEAT, NULL, task);
            sim_post(w, sim_delay(w, QUICK_MS), SIM_EVENT_ANSWER, NULL, task);
        }
        w->tasks_of_process.start(w->tasks_of_process.self, asked, receive, receiver);
    }
}

static void watch_cancel(void *self, uint64_t execution, uint64_t task_id)
{
    sim_world *w = self;
    sim_task *task = find(w, execution, task_id);
    if (sim_leaves(w)) {
        if (task) {
            task->is_dispatched = false;
        }
        w->tasks_of_process.cancel(w->tasks_of_process.self, execution, task_id);
    }
}

static void watch_forget(void *self, uint64_t execution, uint64_t task_id)
{
    sim_world *w = self;
    runtime_tasks_forget(&w->tasks_of_process, execution, task_id);
}

static uint32_t watch_in_flight(void *self)
{
    sim_world *w = self;
    return w->tasks_of_process.in_flight(w->tasks_of_process.self);
}

runtime_tasks sim_watch(sim_world *w, runtime_tasks tasks)
{
    w->tasks_of_process = tasks;
    return (runtime_tasks){.self = w,
                           .start = watch_start,
                           .cancel = watch_cancel,
                           .in_flight = watch_in_flight,
                           .forget = watch_forget};
}

/* Neither a map run nor a child nor an activity's: a function is called. */
static void start_task(void *self, const runtime_task *asked, runtime_receive *receive,
                       void *receiver)
{
    sim_world *w = self;
    sim_task *task = find(w, asked->execution, asked->effect->task_id);
    task->is_in_flight = true;
    task->receive = receive;
    task->receiver = receiver;
    if (task->is_callback) {
        sim_post_mortal(w, sim_delay(w, QUICK_MS), SIM_EVENT_SUBMIT, task);
    } else if (!task->is_never && sim_chance(w, 10)) {
        sim_end(w, task); /* before start returns */
    } else if (!task->is_never) {
        sim_post_mortal(w, sim_delay(w, QUICK_MS), SIM_EVENT_END, task);
    }
}

static void cancel_task(void *self, uint64_t execution, uint64_t task_id)
{
    sim_world *w = self;
    sim_task *task = find(w, execution, task_id);
    if (task) {
        task->is_in_flight = false;
    }
}

static uint32_t count_in_flight(void *self)
{
    sim_world *w = self;
    uint32_t count = 0;
    for (sim_task *task = w->tasks; task; task = task->next) {
        count += task->is_in_flight && !task->is_activity;
    }
    return count;
}

runtime_tasks sim_tasks(sim_world *w)
{
    return (runtime_tasks){
        .self = w, .start = start_task, .cancel = cancel_task, .in_flight = count_in_flight};
}

/* --------------------------------------------------------------------------------- what they say
 */

static bool fails(const sim_task *task)
{
    return task->attempt < task->failures;
}

static json output_of(sim_world *w, const sim_task *task)
{
    return json_from_int64((int64_t)(sim_hash(w->plan.seed, task->state) % 1000));
}

void sim_submit(sim_world *w, sim_task *task)
{
    if (w->shard && task->is_in_flight && task->life == w->life) {
        engine_input input = {
            .kind = ENGINE_TASK_SUBMITTED, .task_id = task->id, .value = json_empty_object()};
        task->receive(task->receiver, task->seq, &input);
    }
}

void sim_end(sim_world *w, sim_task *task)
{
    engine_input input = {.task_id = task->id};
    if (fails(task)) {
        input.kind = ENGINE_TASK_FAILED;
        input.error = STR(SIM_ERROR);
        input.cause = STR("as planned");
    } else {
        input.kind = ENGINE_TASK_SUCCEEDED;
        input.value = output_of(w, task);
    }
    if (!task->is_in_flight) {
        return;
    }
    task->is_in_flight = false;
    task->receive(task->receiver, task->seq, &input);
    if (sim_chance(w, 15)) {
        task->receive(task->receiver, task->seq, &input); /* an answer that comes twice */
    }
}

static void on_answered(void *user, const error *err)
{
    sim_task *task = user;
    sim_world *w = task->world;
    if (!sim_leaves(w)) {
        return;
    }
    if (err) {
        sim_check(w, err->code == ERROR_NOT_FOUND, "%s", err->message);
        task->answered = SIM_REFUSED;
        return;
    }
    sim_check(w, task->answered != SIM_ACKNOWLEDGED, "task %llu was ended twice",
              (unsigned long long)task->id);
    sim_check(w, sim_last_event(w, task->seq) > task->events_before,
              "the end of task %llu is acknowledged before it is durable",
              (unsigned long long)task->id);
    task->answered = SIM_ACKNOWLEDGED;
    if (sim_chance(w, 30)) {
        sim_post(w, sim_delay(w, QUICK_MS), SIM_EVENT_ANSWER, NULL, task);
    }
}

static void on_heartbeat(void *user, const error *err)
{
    sim_task *task = user;
    sim_check(task->world, !err || err->code == ERROR_NOT_FOUND, "%s", err ? err->message : "");
}

void sim_answer(sim_world *w, sim_task *task, bool is_heartbeat)
{
    if (task->is_never && !is_heartbeat) {
        return;
    }
    error err;
    shard_task_call call = is_heartbeat  ? SHARD_TASK_HEARTBEAT
                           : fails(task) ? SHARD_TASK_FAILURE
                                         : SHARD_TASK_SUCCESS;
    if (!is_heartbeat && task->answered != SIM_ACKNOWLEDGED && task->answered != SIM_SENT) {
        task->answered = SIM_SENT;
        task->events_before = sim_last_event(w, task->seq);
    }
    status s = w->shard ? shard_end_task(w->shard, call, task->token, output_of(w, task),
                                         STR(SIM_ERROR), STR("as planned"),
                                         is_heartbeat ? on_heartbeat : on_answered, task, &err)
                        : fail(&err, ERROR_IO, "nobody is there");
    if (s.code == ERROR_IO) {
        sim_post(w, AGAIN_MS, is_heartbeat ? SIM_EVENT_HEARTBEAT : SIM_EVENT_ANSWER, NULL, task);
    } else if (failed(s)) {
        sim_check(w, s.code == ERROR_NOT_FOUND, "%s", err.message);
    }
}

/* Some workers crash once they have the task, and some answers never reach them: both are known
 * from what has a time limit only. */
static void on_given(void *user, const activity_task *given)
{
    sim_world *w = user;
    w->poll = NULL;
    if (!given || w->is_dying) {
        return;
    }
    sim_task *task = find(w, given->execution, given->task_id);
    sim_check(w, task && task->is_dispatched, "a worker was given a task that did not leave");
    sim_check(w, !task->is_given, "task %llu was given to two workers",
              (unsigned long long)task->id);
    sim_check(w, str_equal(task->token, given->token), "task %llu has another token",
              (unsigned long long)task->id);
    task->is_given = true;
    sim_say(w, "task %llu of %.*s: given to a worker", (unsigned long long)task->id,
            STR_ARG(task->of->name));
    if (!task->is_never) {
        sim_post(w, sim_delay(w, QUICK_MS), SIM_EVENT_ANSWER, NULL, task);
    }
    if (sim_chance(w, 50)) {
        sim_post(w, sim_delay(w, QUICK_MS), SIM_EVENT_HEARTBEAT, NULL, task);
    }
    if (!task->is_never || !sim_chance(w, 50)) {
        sim_post_mortal(w, 0, SIM_EVENT_GIVEN, task); /* when the activity's queue is done */
    }
}

static void on_started(void *user, const error *err)
{
    (void)user, (void)err;
}

void sim_given(sim_world *w, sim_task *task)
{
    error err;
    if (failed(shard_task_started(w->shard, task->seq, task->id, STR("w"), on_started, w, &err))) {
        sim_check(w, err.code == ERROR_NOT_FOUND || err.code == ERROR_IO, "%s", err.message);
    }
}

static void poll_once(sim_world *w)
{
    error err;
    sim_check(w,
              ok(activities_poll(w->activities, STR(SIM_ACTIVITY), POLL_WAIT_MS, on_given, w,
                                 &w->poll, &err)),
              "%s", err.message);
}

/* Workers ask while there are tasks; one more waits now and then, or goes away again. */
void sim_poll(sim_world *w)
{
    if (!w->shard || w->is_preparing) {
        return;
    }
    if (w->poll && sim_chance(w, 30)) {
        activities_cancel_poll(w->poll);
        w->poll = NULL;
    }
    while (!w->poll && activities_waiting(w->activities, STR(SIM_ACTIVITY))) {
        poll_once(w);
    }
    if (!w->poll && sim_chance(w, 5)) {
        poll_once(w);
    }
}

/* Express executions are gone, and their numbers may be given to others. */
static void forget_express(sim_world *w)
{
    for (sim_task **link = &w->tasks; *link;) {
        if ((*link)->is_express) {
            *link = (*link)->next;
        } else {
            link = &(*link)->next;
        }
    }
}

void sim_forget_calls(sim_world *w)
{
    w->poll = NULL;
    forget_express(w);
    for (sim_task *task = w->tasks; task; task = task->next) {
        task->is_in_flight = false;
        task->is_dispatched = false;
        if (task->answered == SIM_SENT && task->token.ptr) {
            task->answered = SIM_UNSENT;
            sim_post(w, AGAIN_MS, SIM_EVENT_ANSWER, NULL, task);
        }
    }
    sim_ask_again(w);
}
