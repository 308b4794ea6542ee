/* engine_step's promises that a history does not show: what is stale, what a step costs, when it
 * yields, what its effects are. */
#include "engine/engine.h"
#include "unit.h"

#define FUNCTION "arn:aws:lambda:us-east-1:123456789012:function:f"

typedef struct fixture {
    const asl_machine *machine;
    engine_execution *x;
    arena a;
    engine_delta delta;
    json_doc *input;
} fixture;

static void begin(fixture *f, const char *definition, const char *input,
                  const engine_limits *limits)
{
    error err = {0};
    engine_identity identity = {.execution_arn = STR("arn:x"),
                                .execution_name = STR("x"),
                                .machine_arn = STR("arn:m"),
                                .machine_name = STR("m"),
                                .role_arn = STR("arn:r"),
                                .region = STR("us-east-1"),
                                .start_time_ms = 1000};
    if (limits) {
        identity.limits = *limits;
    }
    arena_init(&f->a, 0);
    assert_ok(asl_compile(str_from_c(definition), NULL, &f->machine, NULL, &err), err);
    assert_ok(json_parse(str_from_c(input), &f->input, &err), err);
    assert_ok(engine_execution_new(f->machine, &identity, &f->x, &err), err);
}

static void end(fixture *f)
{
    engine_execution_free(f->x);
    asl_machine_release(f->machine);
    json_doc_release(f->input);
    arena_clean_up(&f->a);
}

static void step(fixture *f, engine_input in)
{
    error err = {0};
    in.now_ms = in.now_ms ? in.now_ms : 1000;
    if (in.kind == ENGINE_START) {
        in.value = json_doc_root(f->input);
    }
    assert_ok(engine_step(f->x, &in, &f->a, &f->delta, &err), err);
}

static const engine_effect *effect_of(const fixture *f, engine_effect_kind kind, uint32_t nth)
{
    for (uint32_t i = 0; i < f->delta.effect_count; i++) {
        if (f->delta.effects[i].kind == kind && nth-- == 0) {
            return &f->delta.effects[i];
        }
    }
    return NULL;
}

static uint64_t started_task(const fixture *f, uint32_t nth)
{
    const engine_effect *effect = effect_of(f, ENGINE_EFFECT_START_TASK, nth);
    assert_non_null(effect);
    return effect->task_id;
}

static const char one_task[] =
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"" FUNCTION "\","
    "\"TimeoutSeconds\":9,\"Retry\":[{\"ErrorEquals\":[\"E\"]}],\"End\":true}}}";

static void a_task_can_be_submitted_and_succeed_in_one_step(void **state)
{
    static const char job[] =
        "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":"
        "\"arn:aws:states:::glue:startJobRun.sync\",\"Parameters\":{\"JobName\":\"j\"},"
        "\"End\":true}}}";
    fixture f = {0};
    (void)state;
    begin(&f, job, "{}", NULL);
    step(&f, (engine_input){.kind = ENGINE_START});
    step(&f, (engine_input){.kind = ENGINE_TASK_SUCCEEDED,
                            .task_id = started_task(&f, 0),
                            .value = json_from_int64(7),
                            .is_submission = true});
    assert_true(f.delta.event_count >= 2);
    assert_int_equal(f.delta.events[0].type, ENGINE_TASK_SUBMITTED_EVENT);
    assert_int_equal(f.delta.events[1].type, ENGINE_TASK_SUCCEEDED_EVENT);
    assert_int_equal(f.delta.events[1].previous_id, f.delta.events[0].id);
    assert_int_equal(effect_of(&f, ENGINE_EFFECT_FINISH, 0)->outcome, ENGINE_SUCCEEDED);
    end(&f);
}

static void an_input_that_nobody_waits_for_is_stale(void **state)
{
    fixture f = {0};
    (void)state;
    begin(&f, one_task, "{}", NULL);
    step(&f, (engine_input){.kind = ENGINE_STOP});
    assert_true(f.delta.is_stale); /* not started yet */
    step(&f, (engine_input){.kind = ENGINE_START});
    uint64_t task = started_task(&f, 0);
    uint64_t timer = effect_of(&f, ENGINE_EFFECT_SET_TIMER, 0)->timer_id;
    uint64_t last = engine_execution_last_event(f.x);
    const engine_input stale[] = {
        {.kind = ENGINE_START},
        {.kind = ENGINE_CONTINUE},
        {.kind = ENGINE_TASK_SUCCEEDED, .task_id = task + 1000, .value = json_null()},
        {.kind = ENGINE_TASK_STARTED, .task_id = task}, /* a function has started already */
        {.kind = ENGINE_TIMER, .timer_id = 12345},
        {.kind = ENGINE_TIMER, .timer_id = task},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(stale); i++) {
        step(&f, stale[i]);
        assert_true(f.delta.is_stale);
        assert_int_equal(f.delta.event_count, 0);
        assert_int_equal(engine_execution_last_event(f.x), last);
    }
    step(&f, (engine_input){.kind = ENGINE_TASK_FAILED, .task_id = task, .error = STR("E")});
    assert_false(f.delta.is_stale);
    const engine_effect *cleared = effect_of(&f, ENGINE_EFFECT_CLEAR_TIMER, 0);
    assert_int_equal(cleared->timer_id, timer);
    step(&f, (engine_input){.kind = ENGINE_TASK_FAILED, .task_id = task, .error = STR("E")});
    assert_true(f.delta.is_stale); /* delivered twice */
    step(&f, (engine_input){.kind = ENGINE_TIMER, .timer_id = timer});
    assert_true(f.delta.is_stale); /* fired while it was cleared */
    step(&f, (engine_input){.kind = ENGINE_STOP});
    assert_int_equal(engine_execution_outcome(f.x), ENGINE_ABORTED);
    step(&f, (engine_input){.kind = ENGINE_STOP});
    assert_true(f.delta.is_stale); /* it is over */
    end(&f);
}

static void each_attempt_has_its_own_task_id(void **state)
{
    fixture f = {0};
    (void)state;
    begin(&f, one_task, "{}", NULL);
    step(&f, (engine_input){.kind = ENGINE_START});
    uint64_t first = started_task(&f, 0);
    assert_int_equal(effect_of(&f, ENGINE_EFFECT_START_TASK, 0)->attempt, 0);
    step(&f, (engine_input){.kind = ENGINE_TASK_FAILED, .task_id = first, .error = STR("E")});
    const engine_effect *pause = effect_of(&f, ENGINE_EFFECT_SET_TIMER, 0);
    assert_int_equal(pause->at_ms, 2000);
    step(&f, (engine_input){.kind = ENGINE_TIMER, .now_ms = 2000, .timer_id = pause->timer_id});
    assert_int_not_equal(started_task(&f, 0), first);
    assert_int_equal(effect_of(&f, ENGINE_EFFECT_START_TASK, 0)->attempt, 1);
    end(&f);
}

static const char callback[] =
    "{\"StartAt\":\"A\",\"TimeoutSeconds\":60,\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":"
    "\"arn:aws:states:::lambda:invoke.waitForTaskToken\",\"Parameters\":{\"FunctionName\":\"f\"},"
    "\"HeartbeatSeconds\":9,\"End\":true}}}";

/* A heartbeat whose batch is not durable yet leaves the old deadline with whoever keeps the time.
 */
static void a_timer_that_has_been_moved_fires_at_its_new_time(void **state)
{
    fixture f = {0};
    (void)state;
    begin(&f, callback, "{}", NULL);
    step(&f, (engine_input){.kind = ENGINE_START});
    uint64_t task = started_task(&f, 0);
    const engine_effect *set = effect_of(&f, ENGINE_EFFECT_SET_TIMER, 0);
    uint64_t heartbeat = set->timer_id;
    assert_int_equal(set->at_ms, 10000);
    step(&f, (engine_input){.kind = ENGINE_TASK_HEARTBEAT, .now_ms = 9990, .task_id = task});
    set = effect_of(&f, ENGINE_EFFECT_SET_TIMER, 0);
    assert_int_equal(set->timer_id, heartbeat);
    assert_int_equal(set->at_ms, 18990);
    const int64_t early[] = {10000, 18989};
    for (size_t i = 0; i < ARRAY_LENGTH(early); i++) {
        step(&f, (engine_input){.kind = ENGINE_TIMER, .now_ms = early[i], .timer_id = heartbeat});
        assert_true(f.delta.is_stale);
        assert_int_equal(f.delta.effect_count, 0);
        assert_int_equal(engine_execution_outcome(f.x), ENGINE_RUNNING);
    }
    step(&f, (engine_input){.kind = ENGINE_TIMER, .now_ms = 18990, .timer_id = heartbeat});
    assert_int_equal(engine_execution_outcome(f.x), ENGINE_FAILED);
    end(&f);
}

static void an_execution_times_out_at_its_time(void **state)
{
    fixture f = {0};
    (void)state;
    begin(&f, callback, "{}", NULL);
    step(&f, (engine_input){.kind = ENGINE_START});
    const engine_effect *limit = effect_of(&f, ENGINE_EFFECT_SET_TIMER, 1);
    uint64_t timer = limit->timer_id;
    assert_int_equal(limit->at_ms, 61000);
    step(&f, (engine_input){.kind = ENGINE_TIMER, .now_ms = 60999, .timer_id = timer});
    assert_true(f.delta.is_stale);
    step(&f, (engine_input){.kind = ENGINE_TIMER, .now_ms = 61000, .timer_id = timer});
    assert_int_equal(engine_execution_outcome(f.x), ENGINE_TIMED_OUT);
    end(&f);
}

static void finish_is_the_last_effect_and_cancels_what_runs(void **state)
{
    fixture f = {0};
    (void)state;
    begin(&f, one_task, "{}", NULL);
    step(&f, (engine_input){.kind = ENGINE_START});
    uint64_t task = started_task(&f, 0);
    step(&f, (engine_input){.kind = ENGINE_STOP, .error = STR("Mine"), .cause = STR("why")});
    assert_int_equal(effect_of(&f, ENGINE_EFFECT_CANCEL_TASK, 0)->task_id, task);
    assert_non_null(effect_of(&f, ENGINE_EFFECT_CLEAR_TIMER, 1)); /* the task's, the execution's */
    const engine_effect *last = &f.delta.effects[f.delta.effect_count - 1];
    assert_int_equal(last->kind, ENGINE_EFFECT_FINISH);
    assert_int_equal(last->outcome, ENGINE_ABORTED);
    assert_str_equal(last->error, "Mine");
    assert_str_equal(last->cause, "why");
    end(&f);
}

static const char map_of_tasks[] =
    "{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"End\":true,\"ItemProcessor\":"
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"" FUNCTION "\","
    "\"Next\":\"B\"},\"B\":{\"Type\":\"Wait\",\"Seconds\":60,\"End\":true}}}}}}";

/* Invariant of commit.c: a step on one iteration writes that iteration alone. */
static void a_step_on_one_of_many_iterations_costs_the_same(void **state)
{
    enum { ITEMS = 5000 };
    const engine_limits limits = {
        .map_concurrency_max = ITEMS, .history_events_max = 100000, .step_transitions_max = 100000};
    fixture f = {0};
    buf items;
    error err = {0};
    (void)state;
    buf_init(&items, 1u << 20);
    buf_add_char(&items, '[');
    for (int i = 0; i < ITEMS; i++) {
        buf_add_format(&items, "%s{\"item\":%d}", i ? "," : "", i);
    }
    buf_add_char(&items, ']');
    begin(&f, map_of_tasks, buf_c_str(&items), &limits);
    step(&f, (engine_input){.kind = ENGINE_START});
    assert_int_equal(f.delta.changed_scope_count, ITEMS + 1);
    uint64_t task = started_task(&f, ITEMS / 2);
    arena small;
    engine_input in = {.kind = ENGINE_TASK_SUCCEEDED,
                       .now_ms = 1000,
                       .task_id = task,
                       .value = json_literal("done")};
    arena_init(&small, 4 * (size_t)ARENA_CHUNK_BYTES_MIN);
    assert_ok(engine_step(f.x, &in, &small, &f.delta, &err), err);
    assert_int_equal(f.delta.changed_scope_count, 1);
    assert_int_equal(f.delta.event_count, 3);
    arena_clean_up(&small);
    buf_clean_up(&items);
    end(&f);
}

static const char loop[] =
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$."
    "end\","
    "\"IsPresent\":true,\"Next\":\"B\"}],\"Default\":\"A\"},\"B\":{\"Type\":\"Succeed\"}}}";

static void a_long_loop_yields_and_goes_on(void **state)
{
    const engine_limits limits = {.step_transitions_max = 100, .history_events_max = UINT32_MAX};
    fixture f = {0};
    (void)state;
    begin(&f, loop, "{}", &limits);
    step(&f, (engine_input){.kind = ENGINE_START});
    for (int i = 0; i < 1000; i++) {
        assert_true(f.delta.wants_continue);
        arena_reset(&f.a);
        step(&f, (engine_input){.kind = ENGINE_CONTINUE});
        assert_int_equal(f.delta.event_count, 200);
    }
    assert_int_equal(engine_execution_last_event(f.x), 1 + 2 * 100 * 1001);
    step(&f, (engine_input){.kind = ENGINE_STOP});
    assert_int_equal(engine_execution_outcome(f.x), ENGINE_ABORTED);
    end(&f);
}

static void payloads_are_left_out_on_request(void **state)
{
    fixture f = {0};
    error err = {0};
    json event;
    (void)state;
    begin(&f, one_task, "{\"secret\":1}", NULL);
    step(&f, (engine_input){.kind = ENGINE_START});
    for (uint32_t i = 0; i < f.delta.event_count; i++) {
        assert_ok(engine_event_to_json(&f.delta.events[i], f.machine, false, &f.a, &event, &err),
                  err);
        assert_int_equal(str_find(json_text(event, &f.a), STR("secret")), STR_NOT_FOUND);
    }
    assert_string_equal(engine_event_name(&f.delta.events[1], f.machine), "TaskStateEntered");
    end(&f);
}

static const char children[] =
    "{\"StartAt\":\"P\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":9,\"End\":true},"
    "\"P\":{\"Type\":\"Parallel\",\"Next\":\"W\",\"Branches\":["
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"" FUNCTION
    "\",\"End\":true}}},"
    "{\"StartAt\":\"B\",\"States\":{\"B\":{\"Type\":\"Task\",\"Resource\":\"" FUNCTION
    "\",\"End\":true}}}]}}}";

static void ended_scopes_are_told(void **state)
{
    fixture f = {0};
    (void)state;
    begin(&f, children, "{}", NULL);
    step(&f, (engine_input){.kind = ENGINE_START});
    uint64_t first = started_task(&f, 0), second = started_task(&f, 1);
    assert_int_equal(f.delta.changed_scope_count, 3);
    assert_int_equal(f.delta.ended_scope_count, 0);
    step(&f, (engine_input){.kind = ENGINE_TASK_SUCCEEDED, .task_id = first, .value = json_null()});
    /* The branch, which is kept with its result until the other one ends. */
    assert_int_equal(f.delta.changed_scope_count, 1);
    assert_int_equal(f.delta.ended_scope_count, 0);
    step(&f,
         (engine_input){.kind = ENGINE_TASK_SUCCEEDED, .task_id = second, .value = json_null()});
    assert_int_equal(f.delta.changed_scope_count, 1);
    assert_int_equal(f.delta.ended_scope_count, 2);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_can_be_submitted_and_succeed_in_one_step),
        cmocka_unit_test(an_input_that_nobody_waits_for_is_stale),
        cmocka_unit_test(each_attempt_has_its_own_task_id),
        cmocka_unit_test(a_timer_that_has_been_moved_fires_at_its_new_time),
        cmocka_unit_test(an_execution_times_out_at_its_time),
        cmocka_unit_test(finish_is_the_last_effect_and_cancels_what_runs),
        cmocka_unit_test(a_step_on_one_of_many_iterations_costs_the_same),
        cmocka_unit_test(a_long_loop_yields_and_goes_on),
        cmocka_unit_test(payloads_are_left_out_on_request),
        cmocka_unit_test(ended_scopes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
