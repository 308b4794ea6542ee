/* The mock configuration file, and the counting of invocations. */
#include "runtime/mocks.h"

#include <stdio.h>

#include "unit.h"

static json parse(const char *text, json_doc **doc)
{
    error err;
    assert_ok(json_parse(str_from_c(text), doc, &err), err);
    return json_doc_root(*doc);
}

static void test_answers_by_ranges(void **state)
{
    (void)state;
    json_doc *doc;
    error err;
    json file = parse("{\"StateMachines\":{},\"MockedResponses\":{\"R\":{\"0\":{\"Return\":null},"
                      "\"1-2\":{\"Return\":\"b\"},\"10-10\":{\"Throw\":{\"Error\":\"E\"}}},"
                      "\"Empty\":{}}}",
                      &doc);
    assert_ok(mock_config_check(file, &err), err);
    static const struct {
        uint64_t invocation;
        bool is_there;
    } rows[] = {{0, true}, {1, true}, {2, true}, {3, false}, {9, false}, {10, true}, {11, false}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        json found = mock_config_answer(file, STR("R"), rows[i].invocation);
        assert_int_equal(!json_is_absent(found), rows[i].is_there);
    }
    assert_true(json_is(json_get(mock_config_answer(file, STR("R"), 0), STR("Return")), JSON_NULL));
    assert_true(json_is_absent(mock_config_answer(file, STR("Empty"), 0)));
    assert_true(json_is_absent(mock_config_answer(file, STR("None"), 0)));
    json_doc_release(doc);
}

static void test_files_that_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "[]",
        "{}",
        "{\"StateMachines\":{}}",
        "{\"StateMachines\":[],\"MockedResponses\":{}}",
        "{\"StateMachines\":{},\"MockedResponses\":{},\"MockedResponse\":{}}",
        "{\"StateMachines\":{\"M\":{}},\"MockedResponses\":{}}",
        "{\"StateMachines\":{\"M\":{\"TestCases\":{\"C\":[]}}},\"MockedResponses\":{}}",
        "{\"StateMachines\":{\"M\":{\"TestCases\":{\"C\":{\"S\":1}}}},\"MockedResponses\":{}}",
        "{\"StateMachines\":{\"M\":{\"TestCases\":{\"C\":{\"S\":\"R\"}}}},\"MockedResponses\":{}}",
        "{\"StateMachines\":{},\"MockedResponses\":{\"R\":[]}}",
        "{\"StateMachines\":{},\"MockedResponses\":{\"R\":{\"\":{\"Return\":1}}}}",
        "{\"StateMachines\":{},\"MockedResponses\":{\"R\":{\"-1\":{\"Return\":1}}}}",
        "{\"StateMachines\":{},\"MockedResponses\":{\"R\":{\"1-\":{\"Return\":1}}}}",
        "{\"StateMachines\":{},\"MockedResponses\":{\"R\":{\"1-2-3\":{\"Return\":1}}}}",
        "{\"StateMachines\":{},\"MockedResponses\":{\"R\":{\"99999999999999999999\":{\"Return\":1}}"
        "}}",
        "{\"StateMachines\":{},\"MockedResponses\":{\"R\":{\"0\":{\"Return\":1},\"0-3\":{"
        "\"Return\":"
        "1}}}}",
        "{\"StateMachines\":{},\"MockedResponses\":{\"R\":{\"0\":{}}}}",
        "{\"StateMachines\":{},\"MockedResponses\":{\"R\":{\"0\":{\"Throw\":{\"Error\":1}}}}}",
        "{\"StateMachines\":{},\"MockedResponses\":{\"R\":{\"0\":{\"Throw\":{\"Error\":\"E\","
        "\"Why\":\"x\"}}}}}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        json_doc *doc;
        error err = {0};
        status checked = mock_config_check(parse(rows[i], &doc), &err);
        if (checked.code != ERROR_INVALID) {
            fail_msg("was taken: %s", rows[i]);
        }
        assert_non_null(strstr(err.message, "mock configuration"));
        json_doc_release(doc);
    }
}

/* ------------------------------------------------------------------------------------ the layer */

typedef struct received {
    uint32_t others;      /* tasks that were not mocked */
    uint32_t submissions; /* inputs that say that they submit the task, too */
    engine_input_kind kinds[8];
    char values[8][64];
    uint32_t count;
} received;

static void others_start(void *self, const runtime_task *task, runtime_receive *receive,
                         void *receiver)
{
    received *r = self;
    (void)task;
    (void)receive;
    (void)receiver;
    r->others++;
}

static void others_cancel(void *self, uint64_t execution, uint64_t task_id)
{
    (void)self;
    (void)execution;
    (void)task_id;
}

static uint32_t others_in_flight(void *self)
{
    (void)self;
    return 3;
}

static void receive(void *receiver, uint64_t execution, const engine_input *input)
{
    received *r = receiver;
    arena a;
    arena_init(&a, 0);
    assert_int_equal(execution, 7);
    str text = input->kind == ENGINE_TASK_FAILED ? input->error : json_text(input->value, &a);
    r->kinds[r->count] = input->kind;
    r->submissions += input->is_submission;
    snprintf(r->values[r->count++], sizeof(r->values[0]), "%.*s", STR_ARG(text));
    arena_clean_up(&a);
}

static const char config[] =
    "{\"StateMachines\":{\"M\":{\"TestCases\":{\"C\":{\"S\":\"R\"}}}},\"MockedResponses\":{\"R\":{"
    "\"0\":{\"Return\":{\"n\":0}},\"1\":{\"Throw\":{\"Error\":\"Oops\",\"Cause\":\"c\"}}}}}";

static asl_state state_of(const char *name, const char *resource, arena *a)
{
    asl_state s = {.name = str_from_c(name), .type = ASL_TASK};
    error err;
    assert_ok(asl_resource_parse(str_from_c(resource), a, &s.as.task.resource, &err), err);
    return s;
}

static void start(mocks *m, const asl_state *s, const char *extra, received *r)
{
    engine_identity identity = {.machine_name = STR("M")};
    engine_effect effect = {.kind = ENGINE_EFFECT_START_TASK, .task_id = 5, .state = s};
    runtime_task task = {
        .execution = 7, .identity = &identity, .effect = &effect, .extra = str_from_c(extra)};
    runtime_tasks tasks = mocks_tasks(m);
    tasks.start(tasks.self, &task, receive, r);
}

static void test_invocations_are_counted_and_others_handed_on(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, 0);
    received r = {0};
    mocks *m = NULL;
    error err;
    runtime_tasks others = {
        .self = &r, .start = others_start, .cancel = others_cancel, .in_flight = others_in_flight};
    assert_ok(mocks_new(STR(config), NULL, others, &m, &err), err);
    asl_state mocked = state_of("S", "arn:aws:states:::lambda:invoke", &a);
    asl_state waits = state_of("S", "arn:aws:states:::sqs:sendMessage.waitForTaskToken", &a);
    asl_state other = state_of("T", "arn:aws:states:::lambda:invoke", &a);
    start(m, &mocked, "", &r);
    start(m, &mocked, "{\"testCase\":\"D\"}", &r);
    start(m, &other, "{\"testCase\":\"C\"}", &r);
    start(m, &mocked, "not JSON", &r);
    assert_int_equal(r.others, 4);
    start(m, &waits, "{\"testCase\":\"C\"}", &r);
    start(m, &mocked, "{\"testCase\":\"C\"}", &r);
    start(m, &mocked, "{\"testCase\":\"C\"}", &r);
    assert_int_equal(r.count, 3);
    assert_int_equal(r.submissions, 1); /* with the end: no crash can come between */
    assert_int_equal(r.kinds[0], ENGINE_TASK_SUCCEEDED);
    assert_string_equal(r.values[0], "{\"n\":0}");
    assert_string_equal(r.values[1], "Oops");
    assert_string_equal(r.values[2], "States.Runtime");
    assert_int_equal(mocks_tasks(m).in_flight(mocks_tasks(m).self), 3);
    assert_true(mocks_has_state(m, STR("M"), STR("C"), STR("S")));
    assert_false(mocks_has_state(m, STR("M"), STR("C"), STR("T")));
    mocks_free(m);
    arena_clean_up(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_by_ranges),
        cmocka_unit_test(test_files_that_are_refused),
        cmocka_unit_test(test_invocations_are_counted_and_others_handed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
