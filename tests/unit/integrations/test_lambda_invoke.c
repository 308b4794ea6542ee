/* arn:aws:states:::lambda:invoke: its request and response, as recorded from AWS. */
#include "harness.h"

static const char *const echo = "def handler(event, context):\n    return event\n";

static void the_response_has_aws_shape(void **state)
{
    harness *h = *state;
    harness_file(h, "echo", "handler.py", echo);
    harness_service(h, "lambda", "invoke",
                    "{\"FunctionName\":\"echo\",\"Payload\":\"\\\"HelloWorld\\\"\"}");
    assert_true(h->succeeded);
    static const char *const members[] = {"ExecutedVersion", "Payload", "SdkHttpMetadata",
                                          "SdkResponseMetadata", "StatusCode"};
    assert_int_equal(json_count(h->output), ARRAY_LENGTH(members));
    for (uint32_t i = 0; i < ARRAY_LENGTH(members); i++) {
        assert_str_equal(json_str(json_member_at(h->output, i)->name), members[i]);
    }
    assert_str_equal(json_str(harness_at(h->output, "ExecutedVersion")), "$LATEST");
    assert_str_equal(json_str(harness_at(h->output, "Payload")), "HelloWorld");
    json http = harness_at(h->output, "SdkHttpMetadata");
    static const char *const all[] = {"X-Amz-Executed-Version",
                                      "x-amzn-Remapped-Content-Length",
                                      "Connection",
                                      "x-amzn-RequestId",
                                      "Content-Length",
                                      "Date",
                                      "X-Amzn-Trace-Id",
                                      "Content-Type"};
    static const char *const headers[] = {"Connection",
                                          "Content-Length",
                                          "Content-Type",
                                          "Date",
                                          "X-Amz-Executed-Version",
                                          "x-amzn-Remapped-Content-Length",
                                          "x-amzn-RequestId",
                                          "X-Amzn-Trace-Id"};
    for (uint32_t i = 0; i < 8; i++) {
        const json_member *one = json_member_at(harness_at(http, "AllHttpHeaders"), i);
        assert_str_equal(json_str(one->name), all[i]);
        assert_int_equal(json_count(one->value), 1);
        one = json_member_at(harness_at(http, "HttpHeaders"), i);
        assert_str_equal(json_str(one->name), headers[i]);
    }
    assert_str_equal(json_str(harness_at(harness_at(http, "HttpHeaders"), "Content-Length")), "12");
    str id = json_str(harness_at(harness_at(h->output, "SdkResponseMetadata"), "RequestId"));
    assert_int_equal(id.len, 36);
    assert_true(
        str_equal(id, json_str(harness_at(harness_at(http, "HttpHeaders"), "x-amzn-RequestId"))));
}

static void payloads_of_all_kinds(void **state)
{
    harness *h = *state;
    harness_file(h, "echo", "handler.py", echo);
    static const struct {
        const char *parameters, *payload;
    } cases[] = {
        {"{\"FunctionName\":\"echo\",\"Payload\":\"true\"}", "true"},
        {"{\"FunctionName\":\"echo\",\"Payload\":null}", "null"},
        {"{\"FunctionName\":\"echo\",\"Payload\":{\"a\":[]}}", "{\"a\":[]}"},
        {"{\"FunctionName\":\"echo\"}", "{}"},
        {"{\"FunctionName\":\"arn:aws:lambda:echo\",\"Payload\":1}", "1"},
        {"{\"FunctionName\":\"123456789012:function:echo\",\"Payload\":1}", "1"},
        {"{\"FunctionName\":\"echo:prod\",\"Payload\":1}", "1"},
        {"{\"FunctionName\":\"arn:aws:lambda:r:123456789012:function:echo:$LATEST\",\"Payload\":1}",
         "1"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        harness_service(h, "lambda", "invoke", cases[i].parameters);
        assert_true(h->succeeded);
        assert_str_equal(json_text(harness_at(h->output, "Payload"), &h->memory), cases[i].payload);
    }
    harness_service(h, "lambda", "invoke", "{\"FunctionName\":\"echo\",\"Payload\":\"oops\"}");
    assert_string_equal(h->error, "Lambda.InvalidRequestContentException");
}

/* Recorded from AWS. */
static void a_function_that_is_not_there(void **state)
{
    harness *h = *state;
    harness_service(h, "lambda", "invoke", "{\"FunctionName\":\"no_such\",\"Payload\":null}");
    assert_string_equal(h->error, "Lambda.ResourceNotFoundException");
    assert_true(str_starts_with(
        str_from_c(h->cause),
        STR("Function not found: arn:aws:lambda:eu-west-1:123456789012:function:no_such:$LATEST "
            "(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request "
            "ID: ")));
    assert_true(str_ends_with(str_from_c(h->cause), STR("; Proxy: null)")));
    assert_non_null(strstr(h->log, "there is no function 'no_such' in the folder"));
}

/* Recorded from AWS: the error object is printed anew, without white space; that of a function
 * which is called by its ARN is as the function's runtime has printed it. */
static void an_exception_fails_the_task(void **state)
{
    static const char *const printed[] = {
        "{\"errorMessage\":\"no\",\"errorType\":\"Exception\",\"requestId\":\"",
        "{\"errorMessage\": \"no\", \"errorType\": \"Exception\", \"requestId\": \""};
    harness *h = *state;
    harness_file(h, "boom", "handler.py",
                 "def handler(event, context):\n    raise Exception('no')\n");
    for (size_t i = 0; i < ARRAY_LENGTH(printed); i++) {
        if (i == 0) {
            harness_service(h, "lambda", "invoke", "{\"FunctionName\":\"boom\"}");
        } else {
            harness_call(h, "boom", "{}");
        }
        assert_false(h->succeeded);
        assert_string_equal(h->error, "Exception");
        assert_int_equal(strncmp(h->cause, printed[i], strlen(printed[i])), 0);
    }
}

static void other_invocation_types(void **state)
{
    harness *h = *state;
    harness_file(h, "echo", "handler.py", echo);
    harness_service(h, "lambda", "invoke",
                    "{\"FunctionName\":\"echo\",\"InvocationType\":\"Event\"}");
    assert_true(h->succeeded);
    assert_str_equal(json_text(harness_at(h->output, "StatusCode"), &h->memory), "202");
    assert_true(json_is_absent(harness_at(h->output, "Payload")));
    harness_service(h, "lambda", "invoke",
                    "{\"FunctionName\":\"echo\",\"InvocationType\":\"DryRun\"}");
    assert_str_equal(json_text(harness_at(h->output, "StatusCode"), &h->memory), "204");
    harness_service(h, "lambda", "invoke",
                    "{\"FunctionName\":\"nope\",\"InvocationType\":\"Event\"}");
    assert_string_equal(h->error, "Lambda.ResourceNotFoundException");
    harness_service(h, "lambda", "invoke",
                    "{\"FunctionName\":\"echo\",\"InvocationType\":\"Later\"}");
    assert_false(h->succeeded);
}

static void log_tail_and_client_context(void **state)
{
    harness *h = *state;
    harness_file(h, "talks", "handler.py",
                 "def handler(event, context):\n"
                 "    print('spoken')\n"
                 "    return context.client_context.custom\n");
    harness_service(h, "lambda", "invoke",
                    "{\"FunctionName\":\"talks\",\"LogType\":\"Tail\","
                    "\"ClientContext\":\"eyJjdXN0b20iOnsiYSI6MX19\"}");
    assert_true(h->succeeded);
    assert_str_equal(json_text(harness_at(h->output, "Payload"), &h->memory), "{\"a\":1}");
    /* "START RequestId: " in Base64 */
    assert_true(str_starts_with(json_str(harness_at(h->output, "LogResult")),
                                STR("U1RBUlQgUmVxdWVzdElkOi")));
    harness_service(h, "lambda", "invoke",
                    "{\"FunctionName\":\"talks\",\"ClientContext\":\"%%%\"}");
    assert_false(h->succeeded);
}

static void unknown_and_missing_parameters_are_named(void **state)
{
    harness *h = *state;
    harness_service(h, "lambda", "invoke", "{\"FunctionName\":\"echo\",\"Paylaod\":1}");
    assert_string_equal(h->error, "States.Runtime");
    assert_non_null(strstr(h->cause, "'Paylaod'"));
    harness_service(h, "lambda", "invoke", "{}");
    assert_non_null(strstr(h->cause, "'FunctionName'"));
    harness_service(h, "lambda", "invoke", "[]");
    assert_false(h->succeeded);
    harness_service(h, "lambda", "invoke", "{\"FunctionName\":\"../x\"}");
    assert_false(h->succeeded);
}

static void waiting_for_a_token_submits(void **state)
{
    harness *h = *state;
    harness_file(h, "echo", "handler.py", echo);
    integration_task *task =
        harness_begin(h, harness_service_call("lambda", "invoke", "waitForTaskToken"),
                      "{\"FunctionName\":\"echo\",\"Payload\":{\"token\":\"t\"}}");
    net_loop_run(h->loop);
    assert_true(h->succeeded && h->is_submitted);
    assert_str_equal(json_str(harness_at(harness_at(h->output, "Payload"), "token")), "t");
    integrations_cancel(task);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, harness_set_up, harness_tear_down)
    const struct CMUnitTest tests[] = {
        T(the_response_has_aws_shape),
        T(payloads_of_all_kinds),
        T(a_function_that_is_not_there),
        T(an_exception_fails_the_task),
        T(other_invocation_types),
        T(log_tail_and_client_context),
        T(unknown_and_missing_parameters_are_named),
        T(waiting_for_a_token_submits),
    };
    return cmocka_run_group_tests_name("lambda_invoke", tests, NULL, NULL);
}
