/* Map runs while memory runs out: the task ends once, no child is waited for that was never
 * started, and the record tells the end. And one that is redriven while the one before still ends,
 * or stopped while the store refuses. The shard, the loop's timers and S3 are the test's own; rows
 * and records are in a store. */
#include "engine/codec.h"
#include "failing_malloc.h"
#include "runtime/map/map_run.h"

#include <stdlib.h>

#include "unit.h"

#define ITEMS 3
#define TASK 3
#define TASK_AGAIN 9 /* of the map run, redriven */
#define CHILDREN_MAX 16
#define TURNS_MAX 40
#define ALLOCATIONS_MAX 3000

#define ARN "arn:aws:states:r:1:mapRun:m/l:u"
#define ORDER                                                                                      \
    "{\"mapRunArn\":\"" ARN "\",\"stateMachineArn\":\"arn:aws:states:r:1:stateMachine:m/l\","      \
    "\"maxConcurrency\":2"
#define IN_LINE ORDER ",\"items\":[1,2,3],\"batcher\":{\"settings\":{\"MaxItemsPerBatch\":1}}}"
#define IN_FILES                                                                                   \
    ORDER ",\"reader\":{\"resource\":\"arn:aws:states:::s3:getObject\",\"arguments\":{\"Bucket\":" \
          "\"b\",\"Key\":\"k\"},\"settings\":{\"InputType\":\"JSON\"}},\"writer\":{\"resource\":"  \
          "\"arn:aws:states:::s3:putObject\",\"arguments\":{\"Bucket\":\"b\",\"Prefix\":\"p\"}}}"

static const char definition[] =
    "{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"End\":true,\"ItemProcessor\":{"
    "\"ProcessorConfig\":{\"Mode\":\"DISTRIBUTED\",\"ExecutionType\":\"STANDARD\"},\"StartAt\":"
    "\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}}}}";

typedef struct child {
    char *arn, *extra;
    bool is_running;
} child;

struct net_timer {
    net_callback *callback;
    void *user;
    bool is_set;
};

struct integration_task {
    integration_done *done; /* NULL: there is no call */
    void *user;
    bool is_reading;
};

typedef struct world {
    const asl_machine *machine;
    store *store;
    map_runs *runs;
    runtime_tasks tasks;
    shard_observer observer;
    arena memory;
    child children[CHILDREN_MAX];
    uint32_t child_count, stops;
    bool is_refusing;  /* the store, so no stop is taken */
    bool ends_at_stop; /* as Express children do, within the call */
    net_timer timers[2];
    uint32_t timer_count;
    integration_task call;
    shard_reply *reply; /* of what is in the open batch */
    void *reply_user;
    int ends;
    uint64_t ended;              /* the task */
    bool has_succeeded, is_over; /* as the task's end, and as the record says */
} world;

static world *here; /* of the functions below, which are told of no world */

/* What follows in the test's own functions has memory. */
static long pause_failing(void)
{
    long left = allocations_left;
    fail_no_allocation();
    return left;
}

/* ------------------------------------------------------------------------------------- the loop */

status net_timer_new(net_loop *loop, net_callback *callback, void *user, net_timer **ret_timer,
                     error *reterr)
{
    (void)loop, (void)reterr;
    here->timers[here->timer_count] = (net_timer){callback, user, false};
    *ret_timer = &here->timers[here->timer_count++];
    return STATUS_OK;
}

void net_timer_start(net_timer *timer, int64_t delay_ms, int64_t repeat_ms)
{
    (void)delay_ms, (void)repeat_ms;
    timer->is_set = true;
}

void net_timer_free(net_timer *timer)
{
    (void)timer;
}

int64_t net_loop_clock_ms(const net_loop *loop)
{
    (void)loop;
    return 1000;
}

/* -------------------------------------------------------------------------------------------- S3
 */

status integrations_start(integrations *tasks, const integration_call *call, integration_done *done,
                          void *user, integration_task **ret_task, error *reterr)
{
    (void)tasks;
    if (allocation_fails()) {
        return fail_memory(reterr);
    }
    assert_null(here->call.done);
    here->call = (integration_task){done, user, str_equal(call->action, STR("getObject"))};
    *ret_task = &here->call;
    return STATUS_OK;
}

void integrations_cancel(integration_task *task)
{
    if (task) {
        task->done = NULL;
    }
}

static bool answer_call(world *w)
{
    json_member body = {json_literal("Body"), json_literal("[1,2,3]")};
    integration_task call = w->call;
    integration_result result = {.succeeded = true};
    json_object_builder b;
    if (!call.done) {
        return false;
    }
    long left = pause_failing();
    json_object_begin(&b, &w->memory, 1);
    json_object_add_named(&b, body.name, body.value);
    assert_true(ok(json_object_finish(&b, &result.output, NULL)));
    allocations_left = left;
    w->call.done = NULL;
    call.done(call.user, &result);
    return true;
}

/* ------------------------------------------------------------------------------------ the shard */

status shard_origin(shard *s, uint64_t seq, const asl_machine **ret_machine, arena *a,
                    str *ret_definition_key, error *reterr)
{
    (void)s, (void)seq, (void)a;
    if (allocation_fails()) {
        return fail_memory(reterr);
    }
    *ret_machine = here->machine;
    *ret_definition_key = STR("d");
    return STATUS_OK;
}

status shard_map_item(shard *s, uint64_t seq, uint64_t task_id, json item, uint32_t index, arena *a,
                      json *ret_input, str *ret_error, str *ret_cause, error *reterr)
{
    (void)s, (void)seq, (void)task_id, (void)index, (void)a, (void)ret_error, (void)ret_cause;
    if (allocation_fails()) {
        return fail_memory(reterr);
    }
    *ret_input = item;
    return STATUS_OK;
}

status shard_start(shard *s, const shard_start_request *request, int64_t *ret_start_ms,
                   shard_reply *reply, void *user, error *reterr)
{
    (void)s, (void)reply, (void)user;
    if (allocation_fails()) {
        return fail_memory(reterr);
    }
    assert_true(here->child_count < CHILDREN_MAX);
    long left = pause_failing();
    here->children[here->child_count++] = (child){
        .arn = str_duplicate(request->identity.execution_arn),
        .extra = str_duplicate(request->extra),
        .is_running = true,
    };
    allocations_left = left;
    *ret_start_ms = 1000;
    return STATUS_OK;
}

static void end_child(world *w, uint32_t number);

status shard_stop(shard *s, str execution_arn, str error_name, str cause, int64_t *ret_stop_ms,
                  shard_reply *reply, void *user, error *reterr)
{
    (void)s, (void)error_name, (void)cause, (void)ret_stop_ms, (void)reply;
    (void)user;
    if (allocation_fails()) {
        return fail_memory(reterr);
    }
    if (here->is_refusing) {
        return (status){ERROR_IO};
    }
    here->stops++;
    for (uint32_t i = 0; i < here->child_count && here->ends_at_stop; i++) {
        if (str_equal(str_from_c(here->children[i].arn), execution_arn)) {
            end_child(here, i);
        }
    }
    return STATUS_OK;
}

status shard_redrive(shard *s, uint64_t seq, str extra, shard_reply *reply, void *user,
                     error *reterr)
{
    (void)s, (void)seq, (void)extra, (void)reply, (void)user, (void)reterr;
    return (status){ERROR_NOT_FOUND}; /* nothing is redriven here */
}

status shard_join(shard *s, const store_write *writes, uint32_t count, shard_reply *reply,
                  void *user, error *reterr)
{
    (void)s;
    if (allocation_fails()) {
        return fail_memory(reterr);
    }
    long left = pause_failing();
    assert_true(ok(store_commit(here->store, writes, count, NULL)));
    allocations_left = left;
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(writes[i].record.kind, MAP_RUN_OPEN_RECORD)) {
            here->is_over = writes[i].kind == STORE_DELETE_RECORD;
        }
    }
    if (reply != map_run_ignore_reply) {
        here->reply = reply;
        here->reply_user = user;
    }
    return STATUS_OK;
}

static bool commit(world *w)
{
    shard_reply *reply = w->reply;
    if (!reply) {
        return false;
    }
    w->reply = NULL;
    reply(w->reply_user, NULL);
    return true;
}

/* --------------------------------------------------------------------------------- what happens */

static void receive(void *receiver, uint64_t execution, const engine_input *input)
{
    world *w = receiver;
    assert_int_equal(execution, 7);
    w->ended = input->task_id;
    w->ends++;
    w->has_succeeded = input->kind == ENGINE_TASK_SUCCEEDED;
    assert_true(w->has_succeeded || input->error.len > 0);
}

/* Its row and what it gives are durable before anybody hears of it. */
static void keep_row(world *w, uint32_t number, const child *c, bool has_succeeded)
{
    buf bytes;
    error err;
    arena a;
    arena_init(&a, 0);
    buf_init(&bytes, 10000);
    engine_event events[] = {
        {.type = ENGINE_EXECUTION_STARTED, .id = 1, .payload = json_from_int64(1)},
        {.type = has_succeeded ? ENGINE_EXECUTION_SUCCEEDED : ENGINE_EXECUTION_ABORTED,
         .id = 2,
         .previous_id = 1,
         .payload = json_from_int64(number)},
    };
    assert_ok(engine_events_encode(events, ARRAY_LENGTH(events), &bytes, &err), err);
    str extra = json_text(json_from_str(str_from_c(c->extra)), &a);
    store_execution row = {
        .seq = number + 1,
        .arn = str_from_c(c->arn),
        .machine_arn = STR(ARN),
        .name = STR("n"),
        .status = has_succeeded ? STORE_SUCCEEDED : STORE_ABORTED,
        .start_ms = 1000,
        .stop_ms = 1000,
        .last_event = 2,
        .text = arena_printf(&a, "{\"extra\":%.*s}", STR_ARG(extra)),
    };
    store_write writes[] = {
        {.kind = STORE_PUT_EXECUTION, .execution = row},
        {.kind = STORE_APPEND_HISTORY, .seq = row.seq, .chunk = {1, 2, buf_str(&bytes)}},
    };
    assert_ok(store_commit(w->store, writes, ARRAY_LENGTH(writes), &err), err);
    buf_clean_up(&bytes);
    arena_clean_up(&a);
}

static void end_child(world *w, uint32_t number)
{
    child *c = &w->children[number];
    bool was_stopped = w->stops > 0;
    long left = pause_failing();
    keep_row(w, number, c, !was_stopped);
    allocations_left = left;
    c->is_running = false;
    const engine_identity identity = {.execution_arn = str_from_c(c->arn)};
    shard_execution about = {.identity = &identity, .listed_under = STR(ARN)};
    engine_effect finish = {.kind = ENGINE_EFFECT_FINISH,
                            .outcome = was_stopped ? ENGINE_ABORTED : ENGINE_SUCCEEDED};
    w->observer.finished(w->observer.self, &about, &finish);
}

static bool end_a_child(world *w)
{
    for (uint32_t i = 0; i < w->child_count; i++) {
        if (w->children[i].is_running) {
            end_child(w, i);
            return true;
        }
    }
    return false;
}

static bool fire_a_timer(world *w)
{
    for (uint32_t i = 0; i < w->timer_count; i++) {
        if (w->timers[i].is_set) {
            w->timers[i].is_set = false;
            w->timers[i].callback(w->timers[i].user);
            return true;
        }
    }
    return false;
}

/* One thing after the other. False when nothing happens any more. */
static bool turn(world *w)
{
    return commit(w) || answer_call(w) || end_a_child(w) || fire_a_timer(w);
}

static uint32_t none(void *self)
{
    (void)self;
    return 0;
}

static void start(world *w, uint64_t task_id, const char *order)
{
    const engine_identity identity = {.execution_arn = STR("arn:aws:states:r:1:execution:m:p"),
                                      .role_arn = STR("role")};
    engine_effect effect = {.kind = ENGINE_EFFECT_START_TASK, .task_id = task_id};
    for (uint32_t i = 0; i < w->machine->state_count; i++) {
        if (w->machine->states[i].type == ASL_MAP) {
            effect.state = &w->machine->states[i];
        }
    }
    long left = pause_failing();
    assert_true(ok(json_parse_into(str_from_c(order), &w->memory, &effect.payload, NULL)));
    allocations_left = left;
    runtime_task task = {.execution = 7, .identity = &identity, .effect = &effect};
    w->tasks.start(w->tasks.self, &task, receive, w);
}

static void open_world(world *w)
{
    error err;
    *w = (world){.is_over = true};
    here = w;
    arena_init(&w->memory, 0);
    assert_ok(asl_compile(STR(definition), NULL, &w->machine, NULL, &err), err);
    assert_ok(store_open_memory(&w->store, &err), err);
    map_runs_options options = {.others = {.in_flight = none}, .store = w->store};
    assert_ok(map_runs_new(&options, &w->runs, &err), err);
    map_runs_connect(w->runs, (shard *)(void *)w);
    w->tasks = map_runs_tasks(w->runs);
    w->observer = map_runs_observer(w->runs, (shard_observer){0});
}

static void close_world(world *w)
{
    map_runs_free(w->runs);
    for (uint32_t i = 0; i < w->child_count; i++) {
        free(w->children[i].arn);
        free(w->children[i].extra);
    }
    store_close(w->store);
    asl_machine_release(w->machine);
    arena_clean_up(&w->memory);
}

/* Memory runs out at the n-th allocation, for every n, and is there again `turns` turns later. */
static void run_out(const char *order, int turns)
{
    bool is_through = false;
    for (long n = 0; n < ALLOCATIONS_MAX && !is_through; n++) {
        world w;
        open_world(&w);
        fail_allocations_after(n);
        start(&w, TASK, order);
        bool has_run_out = allocations_left == 0;
        for (int i = 0, left = turns; i < TURNS_MAX && turn(&w); i++) {
            has_run_out |= allocations_left == 0;
            left -= allocations_left == 0;
            if (left == 0) {
                fail_no_allocation();
            }
        }
        is_through = !has_run_out;
        fail_no_allocation();
        while (turn(&w)) {
        }
        assert_int_equal(w.ends, 1);
        assert_int_equal(w.tasks.in_flight(w.tasks.self), 0);
        assert_true(w.is_over);
        assert_true(w.has_succeeded || !is_through);
        assert_true(!is_through || w.child_count == ITEMS);
        close_world(&w);
    }
    assert_true(is_through);
}

static void items_given_in_line(void **state)
{
    (void)state;
    run_out(IN_LINE, 1);
    run_out(IN_LINE, 3);
}

static void items_and_results_in_files(void **state)
{
    (void)state;
    run_out(IN_FILES, 1);
    run_out(IN_FILES, 3);
}

/* Cancelled while two children run: they are stopped, and nobody is told of an end. */
static void a_cancelled_one(void **state)
{
    (void)state;
    bool is_through = false;
    for (long n = 0; n < ALLOCATIONS_MAX && !is_through; n++) {
        world w;
        open_world(&w);
        start(&w, TASK, IN_LINE);
        assert_int_equal(w.child_count, 2);
        fail_allocations_after(n);
        w.tasks.cancel(w.tasks.self, 7, TASK);
        is_through = allocations_left > 0;
        fail_no_allocation();
        while (w.stops < 2) {
            assert_true(fire_a_timer(&w)); /* tries again */
        }
        while (turn(&w)) {
        }
        assert_int_equal(w.ends, 0);
        assert_int_equal(w.tasks.in_flight(w.tasks.self), 0);
        assert_true(w.is_over);
        close_world(&w);
    }
    assert_true(is_through);
}

static void children_are_stopped_when_the_store_works_again(void **state)
{
    (void)state;
    world w;
    open_world(&w);
    start(&w, TASK, IN_LINE);
    w.ends_at_stop = true;
    w.is_refusing = true;
    w.tasks.cancel(w.tasks.self, 7, TASK);
    w.is_refusing = false;
    assert_true(fire_a_timer(&w));
    assert_int_equal(w.stops, 2);
    while (commit(&w)) {
    }
    assert_true(w.is_over);
    assert_int_equal(w.tasks.in_flight(w.tasks.self), 0);
    close_world(&w);
}

/* A map run whose execution was stopped while it was writing its results, and redriven then. */
static void open_redriven(world *w)
{
    open_world(w);
    start(w, TASK, IN_FILES);
    assert_true(answer_call(w));
    while (!w->call.done) {
        assert_true(turn(w));
    }
    assert_false(w->call.is_reading);
    w->tasks.cancel(w->tasks.self, 7, TASK);
    start(w, TASK_AGAIN, ORDER ",\"redriveCount\":1,\"items\":[1,2,3,4]}");
}

static void a_redriven_one_waits_for_the_one_before(void **state)
{
    (void)state;
    world w;
    open_redriven(&w);
    uint32_t children = w.child_count;
    assert_int_equal(w.tasks.in_flight(w.tasks.self), 2);
    assert_false(end_a_child(&w));
    while (w.call.done) {
        assert_int_equal(w.child_count, children);
        assert_true(answer_call(&w));
    }
    while (turn(&w)) {
    }
    assert_int_equal(w.child_count, children + 1);
    assert_int_equal(w.ends, 1);
    assert_int_equal(w.ended, TASK_AGAIN);
    assert_true(w.has_succeeded && w.is_over);
    close_world(&w);
}

static void one_that_waits_may_be_cancelled(void **state)
{
    (void)state;
    world w;
    open_redriven(&w);
    w.tasks.cancel(w.tasks.self, 7, TASK_AGAIN);
    while (turn(&w)) {
    }
    assert_int_equal(w.ends, 0);
    assert_int_equal(w.tasks.in_flight(w.tasks.self), 0);
    assert_true(w.is_over);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_given_in_line),
        cmocka_unit_test(items_and_results_in_files),
        cmocka_unit_test(a_cancelled_one),
        cmocka_unit_test(children_are_stopped_when_the_store_works_again),
        cmocka_unit_test(a_redriven_one_waits_for_the_one_before),
        cmocka_unit_test(one_that_waits_may_be_cancelled),
    };
    return cmocka_run_group_tests_name("map_runs_memory", tests, NULL, NULL);
}
