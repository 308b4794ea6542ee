/* Child executions while memory runs out: a task that was started ends once, or was cancelled, and
 * nothing is left. The shard and the API are the test's own, and have all the memory they want. */
#include "failing_malloc.h"
#include "runtime/children.h"

#include "unit.h"

#define PARENT "arn:aws:states:r:1:execution:m:p"
#define CHILD "arn:aws:states:r:1:execution:c:child"
#define ALLOCATIONS_MAX 400

static const char definition[] =
    "{\"StartAt\":\"A\",\"States\":{"
    "\"A\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::states:startExecution.sync:2\","
    "\"Parameters\":{\"StateMachineArn\":\"arn:aws:states:r:1:stateMachine:c\"},\"Next\":\"B\"},"
    "\"B\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::states:startExecution\","
    "\"Parameters\":{\"StateMachineArn\":\"arn:aws:states:r:1:stateMachine:c\"},\"End\":true}}}";

typedef enum way { AT_ONCE, LATER, REFUSED } way;

typedef struct world {
    const asl_machine *machine;
    store *store;
    children *children;
    runtime_tasks tasks;
    shard_observer observer;
    arena memory;
    json started, described, empty;
    way way;
    child_answered *start_answered; /* to be called */
    void *start_user;
    child_answered *stop_answered;
    void *stop_user;
    int starts, ends, submissions, stops, records;
} world;

/* The shard: records are counted. */
status shard_join(shard *s, const store_write *writes, uint32_t count, shard_reply *reply,
                  void *user, error *reterr)
{
    world *w = (world *)(void *)s;
    (void)count, (void)reply, (void)user;
    if (allocation_fails()) {
        return fail_memory(reterr);
    }
    w->records += writes->kind == STORE_PUT_RECORD ? 1 : -1;
    return STATUS_OK;
}

static status call(void *api, str operation, json input, json parent, child_answered *answered,
                   void *user, error *reterr)
{
    world *w = api;
    (void)input, (void)parent;
    if (allocation_fails()) {
        return fail_memory(reterr);
    }
    child_answer answer = {.output = w->described};
    if (str_equal(operation, STR("StartExecution"))) {
        w->starts++;
        w->start_answered = answered;
        w->start_user = user;
        answer.output = w->started;
    } else if (str_equal(operation, STR("StopExecution"))) {
        w->stops++;
        answer.output = w->empty;
    }
    if (w->way == REFUSED) {
        answer = (child_answer){.error_name = "StateMachineDoesNotExist", .message = STR("none")};
    }
    if (w->way != LATER || !str_equal(operation, STR("StartExecution"))) {
        w->start_answered = NULL;
        answered(user, &answer);
    }
    return STATUS_OK;
}

static void receive(void *receiver, uint64_t execution, const engine_input *input)
{
    world *w = receiver;
    assert_int_equal(execution, 7);
    if (input->kind == ENGINE_TASK_SUBMITTED) {
        w->submissions++;
        return;
    }
    w->ends++;
    assert_true(input->kind == ENGINE_TASK_SUCCEEDED || input->error.len > 0);
}

static uint32_t none(void *self)
{
    (void)self;
    return 0;
}

static void no_cancel(void *self, uint64_t execution, uint64_t task_id)
{
    (void)self, (void)execution, (void)task_id;
}

static json parsed(world *w, const char *text)
{
    json value;
    error err;
    assert_ok(json_parse_into(str_from_c(text), &w->memory, &value, &err), err);
    return value;
}

static void open_world(world *w, way how)
{
    error err;
    *w = (world){.way = how};
    arena_init(&w->memory, 0);
    assert_ok(asl_compile(STR(definition), NULL, &w->machine, NULL, &err), err);
    assert_ok(store_open_memory(&w->store, &err), err);
    w->started = parsed(w, "{\"executionArn\":\"" CHILD "\",\"startDate\":1}");
    w->described =
        parsed(w, "{\"executionArn\":\"" CHILD "\",\"stateMachineArn\":\"arn:aws:states:r:1"
                  ":stateMachine:c\",\"name\":\"child\",\"status\":\"SUCCEEDED\","
                  "\"startDate\":1,\"stopDate\":2,\"input\":\"{}\",\"output\":\"[1]\"}");
    w->empty = json_empty_object();
    runtime_tasks others = {.self = w, .cancel = no_cancel, .in_flight = none};
    assert_ok(children_new(others, w->store, (entropy){.state = 1}, &w->children, &err), err);
    children_connect(w->children, (shard *)(void *)w, call, w);
    w->tasks = children_tasks(w->children);
    w->observer = children_observer(w->children, (shard_observer){0});
}

static void close_world(world *w)
{
    children_free(w->children);
    store_close(w->store);
    asl_machine_release(w->machine);
    arena_clean_up(&w->memory);
}

static void start(world *w, const char *state)
{
    const engine_identity identity = {.execution_arn = STR(PARENT), .execution_name = STR("p")};
    engine_effect effect = {.kind = ENGINE_EFFECT_START_TASK, .task_id = 3};
    for (uint32_t i = 0; i < w->machine->state_count; i++) {
        if (str_equal(w->machine->states[i].name, str_from_c(state))) {
            effect.state = &w->machine->states[i];
        }
    }
    effect.payload = parsed(w, "{\"StateMachineArn\":\"arn:aws:states:r:1:stateMachine:c\","
                               "\"Name\":\"child\",\"Input\":{\"a\":1}}");
    runtime_task task = {.execution = 7, .identity = &identity, .effect = &effect};
    w->tasks.start(w->tasks.self, &task, receive, w);
}

static void answer_start(world *w)
{
    child_answer answer = {.output = w->started};
    if (w->start_answered) {
        child_answered *answered = w->start_answered;
        w->start_answered = NULL;
        answered(w->start_user, &answer);
    }
}

static void child_ends(world *w)
{
    const engine_identity identity = {.execution_arn = STR(CHILD)};
    shard_execution about = {.identity = &identity};
    engine_effect finish = {.kind = ENGINE_EFFECT_FINISH, .outcome = ENGINE_SUCCEEDED};
    w->observer.finished(w->observer.self, &about, &finish);
}

typedef void step(world *w);

static void start_sync(world *w)
{
    start(w, "A");
}

static void start_only(world *w)
{
    start(w, "B");
}

static void cancel(world *w)
{
    w->tasks.cancel(w->tasks.self, 7, 3);
}

static void forget(world *w)
{
    w->tasks.forget(w->tasks.self, 7, 3);
}

static void nothing(world *w)
{
    (void)w;
}

/* Memory runs out in `hit`, at its n-th allocation, for every n: what was done before it and what
 * comes after have enough. */
static void run_out(way how, step *before, step *hit, step *after, int ends)
{
    bool is_through = false;
    for (long n = 0; n < ALLOCATIONS_MAX && !is_through; n++) {
        world w;
        open_world(&w, how);
        before(&w);
        fail_allocations_after(n);
        hit(&w);
        is_through = allocations_left > 0;
        fail_no_allocation();
        after(&w);
        answer_start(&w);
        child_ends(&w);
        assert_int_equal(w.ends, ends);
        assert_int_equal(w.tasks.in_flight(w.tasks.self), 0);
        assert_true(!is_through || w.records == 0);
        close_world(&w);
    }
    assert_true(is_through);
}

static void starting(void **state)
{
    (void)state;
    run_out(AT_ONCE, nothing, start_sync, nothing, 1);
    run_out(AT_ONCE, nothing, start_only, nothing, 1);
    run_out(LATER, nothing, start_sync, nothing, 1);
    run_out(LATER, nothing, start_only, nothing, 1);
    run_out(REFUSED, nothing, start_sync, nothing, 1);
}

static void an_answer(void **state)
{
    (void)state;
    run_out(LATER, start_sync, answer_start, nothing, 1);
    run_out(LATER, start_only, answer_start, nothing, 1);
}

static void start_and_answer(world *w)
{
    start_sync(w);
    answer_start(w);
}

static void the_end(void **state)
{
    (void)state;
    run_out(LATER, start_and_answer, child_ends, nothing, 1);
}

static void nobody_wants_it(void **state)
{
    (void)state;
    run_out(LATER, start_and_answer, cancel, nothing, 0);
    run_out(LATER, start_and_answer, forget, nothing, 0);
    run_out(LATER, start_sync, cancel, nothing, 0);
    run_out(LATER, start_sync, forget, nothing, 0);
    run_out(LATER, start_sync, cancel, answer_start, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starting),
        cmocka_unit_test(an_answer),
        cmocka_unit_test(the_end),
        cmocka_unit_test(nobody_wants_it),
    };
    return cmocka_run_group_tests_name("children_memory", tests, NULL, NULL);
}
