/* What states:startExecution gives a Task. */
#include "runtime/child_result.h"
#include "unit.h"

static void assert_text(str text, const char *wanted)
{
    assert_non_null(text.ptr);
    assert_int_equal(text.len, strlen(wanted));
    assert_memory_equal(text.ptr, wanted, text.len);
}

static json parse(arena *a, const char *text)
{
    error err;
    json value;
    assert_ok(json_parse_into(str_from_c(text), a, &value, &err), err);
    return value;
}

static void an_execution_is_named_before_it_is_started(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, 0);
    static const char *const machines[] = {
        "arn:aws:states:r:1:stateMachine:m",
        "arn:aws:states:r:1:stateMachine:m:7",
        "arn:aws:states:r:1:stateMachine:m:live",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(machines); i++) {
        assert_text(child_result_arn(str_from_c(machines[i]), STR("n"), &a),
                    "arn:aws:states:r:1:execution:m:n");
    }
    assert_null(child_result_arn(STR("arn:aws:states:r:1:activity:m"), STR("n"), &a).ptr);
    assert_null(child_result_arn(STR(""), STR("n"), &a).ptr);
    arena_clean_up(&a);
}

static const char described[] =
    "{\"executionArn\":\"e\",\"status\":\"SUCCEEDED\",\"startDate\":1691858745.123,"
    "\"stopDate\":1691858746,\"input\":\"{\\\"a\\\": 1}\",\"inputDetails\":{\"included\":true},"
    "\"output\":\"[2]\",\"outputDetails\":{\"included\":true},\"redriveCount\":0}";

static void a_description_is_sorted_and_timed_in_milliseconds(void **state)
{
    (void)state;
    arena a;
    error err;
    json result;
    arena_init(&a, 0);
    assert_ok(child_result(parse(&a, described), false, &a, &result, &err), err);
    assert_text(json_text(result, &a),
                "{\"ExecutionArn\":\"e\",\"Input\":\"{\\\"a\\\": 1}\",\"InputDetails\":{"
                "\"Included\":true},\"Output\":\"[2]\",\"OutputDetails\":{\"Included\":true},"
                "\"RedriveCount\":0,\"StartDate\":1691858745123,\"Status\":\"SUCCEEDED\","
                "\"StopDate\":1691858746000}");
    assert_ok(child_result(parse(&a, described), true, &a, &result, &err), err);
    assert_text(json_text(json_get(result, STR("Input")), &a), "{\"a\":1}");
    assert_text(json_text(json_get(result, STR("Output")), &a), "[2]");
    arena_clean_up(&a);
}

static void a_start_has_the_answers_metadata(void **state)
{
    (void)state;
    arena a;
    error err;
    json result;
    entropy random = {.state = 7};
    arena_init(&a, 0);
    json answer = parse(&a, "{\"executionArn\":\"arn:x\",\"startDate\":1691858745.123}");
    assert_ok(child_result_of_start(answer, &random, &a, &result, &err), err);
    json http = json_get(result, STR("SdkHttpMetadata"));
    json headers = json_get(http, STR("HttpHeaders"));
    assert_text(json_str(json_get(headers, STR("Content-Length"))), "53");
    assert_text(json_str(json_get(headers, STR("Date"))), "Sat, 12 Aug 2023 16:45:45 GMT");
    assert_text(json_text(json_get(result, STR("StartDate")), &a), "1691858745123");
    assert_int_equal(json_count(result), 4);
    arena_clean_up(&a);
}

static void refusals_have_the_sdks_words(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"ExecutionAlreadyExists", "StepFunctions.ExecutionAlreadyExistsException",
         "no (Service: AWSStepFunctions; Status Code: 400; Error Code: ExecutionAlreadyExists; "},
        {"ValidationException", "StepFunctions.ValidationException",
         "no (Service: AWSStepFunctions; Status Code: 400; Error Code: ValidationException; "},
        {"InternalFailure", "StepFunctions.AWSStepFunctionsException",
         "no (Service: AWSStepFunctions; Status Code: 500; Error Code: InternalFailure; "},
    };
    arena a;
    error err;
    entropy random = {.state = 7};
    arena_init(&a, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str name, cause;
        assert_ok(child_result_error(cases[i][0], STR("no"), &random, &a, &name, &cause, &err),
                  err);
        assert_text(name, cases[i][1]);
        assert_true(str_starts_with(cause, str_from_c(cases[i][2])));
        assert_true(str_ends_with(cause, STR("; Proxy: null)")));
    }
    arena_clean_up(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_execution_is_named_before_it_is_started),
        cmocka_unit_test(a_description_is_sorted_and_timed_in_milliseconds),
        cmocka_unit_test(a_start_has_the_answers_metadata),
        cmocka_unit_test(refusals_have_the_sdks_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
