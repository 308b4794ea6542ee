/* How the optimized integrations shape what goes out and what comes back. */
#include "integrations/optimized/outcome.h"
#include "integrations/optimized/shape.h"

#include "aws_models.h"

#ifdef GAIT_AWS_MODELS_FILE

static void assert_json(fixture *f, json value, const char *wanted)
{
    str text = json_text(value, &f->a);
    assert_true(text.ptr != NULL);
    assert_string_equal(arena_printf(&f->a, "%.*s", STR_ARG(text)).ptr, wanted);
}

static const optimized_action *action(const char *service, const char *name)
{
    const optimized_action *found = optimized_action_find(str_from_c(service), str_from_c(name));
    assert_non_null(found);
    return found;
}

/* ------------------------------------------------------------------------------------- parameters
 */

static void json_is_sent_as_text(void **state)
{
    fixture *f = *state;
    static const char *const cases[][4] = {
        {"sqs", "sendMessage", "{\"QueueUrl\":\"q\",\"MessageBody\":{\"a\":[1]}}",
         "{\"QueueUrl\":\"q\",\"MessageBody\":\"{\\\"a\\\":[1]}\"}"},
        {"sqs", "sendMessage", "{\"QueueUrl\":\"q\",\"MessageBody\":\"text\"}",
         "{\"QueueUrl\":\"q\",\"MessageBody\":\"text\"}"},
        {"events", "putEvents", "{\"Entries\":[{\"Detail\":{}},{\"Detail\":\"{}\"},7]}",
         "{\"Entries\":[{\"Detail\":\"{}\"},{\"Detail\":\"{}\"},7]}"},
        {"events", "putEvents", "{\"Entries\":3}", "{\"Entries\":3}"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        json made;
        assert_ok(optimized_parameters(action(cases[i][0], cases[i][1]), value_of(f, cases[i][2]),
                                       &f->a, &made, &f->err),
                  f->err);
        assert_json(f, made, cases[i][3]);
    }
}

static void an_action_of_its_own_becomes_an_operation(void **state)
{
    fixture *f = *state;
    json made;
    assert_ok(optimized_parameters(action("elasticmapreduce", "addStep"),
                                   value_of(f, "{\"Step\":{\"Name\":\"n\"},\"ClusterId\":\"j\"}"),
                                   &f->a, &made, &f->err),
              f->err);
    assert_json(f, made, "{\"JobFlowId\":\"j\",\"Steps\":[{\"Name\":\"n\"}]}");
    assert_int_equal(
        optimized_parameters(action("sqs", "sendMessage"), value_of(f, "[]"), &f->a, &made, &f->err)
            .code,
        ERROR_TYPE);
}

static void what_does_not_fit_is_refused_in_awss_words(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *service, *name, *sdk, *given, *words; /* words NULL: it fits */
        bool is_template;
    } cases[] = {
        {"sqs", "sendMessage", "sqs", "{\"QueueUrl.$\":\"$.q\",\"MessageBody\":{\"x.$\":\"$\"}}",
         NULL, true},
        {"sqs", "sendMessage", "sqs", "{\"QueueUrl\":\"q\",\"MessageBody\":\"b\",\"Nope.$\":\"$\"}",
         "The field \"Nope.$\" is not supported by Step Functions", true},
        {"sqs", "sendMessage", "sqs", "{\"QueueUrl\":\"q\"}",
         "The field 'MessageBody' is required but was missing", true},
        {"sqs", "sendMessage", "sqs", "{\"QueueUrl\":\"q\",\"MessageBody\":null}", NULL, false},
        {"sqs", "sendMessage", "sqs", "{\"QueueUrl\":7,\"MessageBody\":\"b\"}",
         "The value for the field 'QueueUrl' must be a STRING", false},
        {"dynamodb", "putItem", "dynamodb",
         "{\"TableName\":\"t\",\"Item\":{\"a\":{\"BOOL\":true},\"b\":{\"SS\":[]},"
         "\"c\":{\"NULL\":true},\"d\":{\"Bool\":true},\"e\":{\"BOOL.$\":\"$.e\"}}}",
         NULL, true},
        {"elasticmapreduce", "cancelStep", "emr", "{\"ClusterId\":\"j\"}",
         "The field 'StepId' is required but was missing", true},
        {"elasticmapreduce", "cancelStep", "emr", "{\"ClusterId\":\"j\",\"StepIds\":[]}",
         "The field \"StepIds\" is not supported by Step Functions", true},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const optimized_action *row = action(cases[i].service, cases[i].name);
        aws_operation called = operation_of(f, cases[i].sdk, row->request.action);
        status fits = optimized_parameters_check(row, called, value_of(f, cases[i].given),
                                                 cases[i].is_template, &f->a, &f->err);
        if (cases[i].words) {
            assert_true(failed(fits));
            assert_string_equal(f->err.message, cases[i].words);
        } else {
            assert_ok(fits, f->err);
        }
    }
}

static void names_of_version_1_are_taken(void **state)
{
    fixture *f = *state;
    json made;
    aws_operation put = operation_of(f, "dynamodb", "putItem");
    assert_ok(optimized_spell(aws_operation_input(put),
                              value_of(f, "{\"Item\":{\"BOOL\":{\"BOOL\":true},\"x\":{\"L\":["
                                          "{\"SS\":[\"a\"]}]}},\"Other\":{\"BOOL\":1}}"),
                              &f->a, &made, &f->err),
              f->err);
    assert_json(f, made,
                "{\"Item\":{\"BOOL\":{\"Bool\":true},\"x\":{\"L\":[{\"Ss\":[\"a\"]}]}},"
                "\"Other\":{\"BOOL\":1}}");
}

/* ----------------------------------------------------------------------------------------- results
 */

static void results_are_sorted_spelled_and_timed_as_version_1_does(void **state)
{
    fixture *f = *state;
    static const char *const cases[][4] = {
        {"sqs", "sendMessage", "{\"Md5OfMessageBody\":\"x\",\"MessageId\":\"y\"}",
         "{\"MD5OfMessageBody\":\"x\",\"MessageId\":\"y\"}"},
        {"glue", "getJobRun",
         "{\"JobRun\":{\"StartedOn\":\"2023-11-14T22:13:20.500Z\",\"Id\":\"r\","
         "\"Arguments\":{\"z\":\"2023-11-14T22:13:20Z\",\"a\":\"1\"}}}",
         "{\"JobRun\":{\"Arguments\":{\"z\":\"2023-11-14T22:13:20Z\",\"a\":\"1\"},\"Id\":\"r\","
         "\"StartedOn\":1700000000500}}"},
        {"dynamodb", "getItem", "{\"Item\":{\"b\":{\"Bool\":true},\"a\":{\"Nul\":true}}}",
         "{\"Item\":{\"b\":{\"BOOL\":true},\"a\":{\"NULL\":true}}}"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        json settled;
        aws_operation called = operation_of(f, cases[i][0], cases[i][1]);
        assert_ok(optimized_settle(aws_operation_output(called), value_of(f, cases[i][2]), &f->a,
                                   &settled, &f->err),
                  f->err);
        assert_json(f, settled, cases[i][3]);
    }
}

static void headers_are_told_in_the_order_of_javas_maps(void **state)
{
    fixture *f = *state;
    /* As AWS has told them of a GetItem, and in the order that they came in. */
    static const net_http_header headers[] = {
        {{"Server", 6}, {"s", 1}},        {{"Date", 4}, {"d", 1}},
        {{"Content-Type", 12}, {"j", 1}}, {{"Content-Length", 14}, {"2", 1}},
        {{"Connection", 10}, {"k", 1}},   {{"x-amzn-RequestId", 16}, {"r", 1}},
        {{"x-amz-crc32", 11}, {"c", 1}},
    };
    aws_outcome outcome = {.kind = AWS_SUCCEEDED,
                           .operation = operation_of(f, "dynamodb", "putItem"),
                           .output = json_empty_object(),
                           .http_status = 200,
                           .headers = headers,
                           .header_count = ARRAY_LENGTH(headers),
                           .request_id = STR("r")};
    json output;
    assert_ok(optimized_output(action("dynamodb", "putItem"), &outcome, &f->a, &output, &f->err),
              f->err);
    assert_json(
        f, output,
        "{\"SdkHttpMetadata\":{\"AllHttpHeaders\":{\"Server\":[\"s\"],\"Connection\":[\"k\"],"
        "\"x-amzn-RequestId\":[\"r\"],\"x-amz-crc32\":[\"c\"],\"Content-Length\":[\"2\"],"
        "\"Date\":[\"d\"],\"Content-Type\":[\"j\"]},\"HttpHeaders\":{\"Connection\":\"k\","
        "\"Content-Length\":\"2\",\"Content-Type\":\"j\",\"Date\":\"d\",\"Server\":\"s\","
        "\"x-amz-crc32\":\"c\",\"x-amzn-RequestId\":\"r\"},\"HttpStatusCode\":200},"
        "\"SdkResponseMetadata\":{\"RequestId\":\"r\"}}");
}

static void errors_have_version_1s_names_and_words(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *service, *name, *sdk, *exception, *code, *message, *error, *cause;
    } cases[] = {
        {"dynamodb", "putItem", "dynamodb", "DynamoDbException", "ValidationException", "no",
         "DynamoDB.AmazonDynamoDBException",
         "no (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; "
         "Request ID: r; Proxy: null)"},
        {"dynamodb", "putItem", "dynamodb", "ConditionalCheckFailedException",
         "ConditionalCheckFailedException", "no", "DynamoDB.ConditionalCheckFailedException",
         "no (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: "
         "ConditionalCheckFailedException; Request ID: r; Proxy: null)"},
        {"batch", "submitJob", "batch", "BatchException", "", "", "Batch.AWSBatchException",
         "null (Service: AWSBatch; Status Code: 400; Error Code: null; Request ID: r; Proxy: "
         "null)"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        aws_outcome outcome = {.kind = AWS_FAILED_BY_SERVICE,
                               .operation = operation_of(f, cases[i].sdk, cases[i].name),
                               .http_status = 400,
                               .request_id = STR("r"),
                               .exception = str_from_c(cases[i].exception),
                               .code = str_from_c(cases[i].code),
                               .message = str_from_c(cases[i].message)};
        str error_name, cause;
        assert_ok(optimized_failure(action(cases[i].service, cases[i].name), &outcome, &f->a,
                                    &error_name, &cause, &f->err),
                  f->err);
        assert_string_equal(error_name.ptr, cases[i].error);
        assert_string_equal(cause.ptr, cases[i].cause);
    }
}

static void patterns_are_those_of_the_row(void **state)
{
    (void)state;
    const optimized_action *task = action("ecs", "runTask");
    assert_true(optimized_action_allows(task, STR("")));
    assert_true(optimized_action_allows(task, STR("sync")));
    assert_true(optimized_action_allows(task, STR("waitForTaskToken")));
    assert_false(optimized_action_allows(task, STR("sync:2")));
    assert_false(optimized_action_allows(action("dynamodb", "getItem"), STR("waitForTaskToken")));
    assert_null(optimized_action_find(STR("dynamodb"), STR("fly")));
    assert_null(optimized_action_find(STR("s3"), STR("getObject")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(json_is_sent_as_text, open_models, close_models),
        cmocka_unit_test_setup_teardown(an_action_of_its_own_becomes_an_operation, open_models,
                                        close_models),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused_in_awss_words, open_models,
                                        close_models),
        cmocka_unit_test_setup_teardown(names_of_version_1_are_taken, open_models, close_models),
        cmocka_unit_test_setup_teardown(results_are_sorted_spelled_and_timed_as_version_1_does,
                                        open_models, close_models),
        cmocka_unit_test_setup_teardown(headers_are_told_in_the_order_of_javas_maps, open_models,
                                        close_models),
        cmocka_unit_test_setup_teardown(errors_have_version_1s_names_and_words, open_models,
                                        close_models),
        cmocka_unit_test(patterns_are_those_of_the_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    return 0;
}

#endif
