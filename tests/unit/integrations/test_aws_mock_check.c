/* What TestState says of a mocked result that the service cannot give. */
#include "integrations/aws/mock_check.h"
#include "integrations/optimized/action.h"
#include "integrations/optimized/result_check.h"

#include <stdio.h>

#include "unit.h"

#ifdef GAIT_AWS_MODELS_FILE

static int open_models(void **state)
{
    aws_models *models;
    error err;
    assert_ok(aws_models_open(str_from_c(GAIT_AWS_MODELS_FILE), &models, &err), err);
    *state = models;
    return 0;
}

static int close_models(void **state)
{
    aws_models_close(*state);
    return 0;
}

/* NULL: it is fine. */
static void assert_said(void **state, const char *service, const char *action, bool is_optimized,
                        bool is_strict, const char *result, const char *said)
{
    json_doc *doc = NULL;
    error err = {0};
    assert_ok(json_parse(str_from_c(result), &doc, &err), err);
    status fits = aws_mock_check(*state, str_from_c(service), str_from_c(action), is_optimized,
                                 is_strict, json_doc_root(doc), &err);
    if (said) {
        assert_int_equal(fits.code, ERROR_INVALID);
        assert_string_equal(err.message, said);
    } else {
        assert_ok(fits, err);
    }
    json_doc_release(doc);
}

static void test_types_are_checked_by_the_model(void **state)
{
    assert_said(state, "lambda", "invoke", true, true, "{\"StatusCode\":\"200\"}",
                "Field 'StatusCode' must be a number");
    assert_said(state, "dynamodb", "putItem", true, true,
                "{\"ConsumedCapacity\":{\"CapacityUnits\":\"1\"}}",
                "Field 'CapacityUnits' must be a number");
    assert_said(state, "kms", "encrypt", false, false, "{\"CiphertextBlob\":123}",
                "Field 'CiphertextBlob' must be a string");
    assert_said(state, "dynamodb", "getItem", true, true, "{\"Item\":{\"a\":[]}}",
                "Field 'Item' must be an object");
    assert_said(state, "dynamodb", "getItem", false, true, "{\"Item\":{\"a\":{\"Bool\":\"x\"}}}",
                "Field 'Bool' must be a boolean");
    assert_said(state, "s3", "listObjectsV2", false, true, "{\"Contents\":{}}",
                "Field 'Contents' must be an array");
    assert_said(state, "s3", "listObjectsV2", false, true, "[]", "Mock result must be an object");
}

static void test_lists_are_checked_item_by_item(void **state)
{
    assert_said(state, "events", "putEvents", true, true,
                "{\"Entries\":[{\"EventId\":\"a\"},{\"EventId\":[\"b\"]}]}",
                "Field 'EventId' must be a string");
}

static void test_enumerations_are_checked(void **state)
{
    assert_said(state, "s3", "getObject", false, false, "{\"StorageClass\":\"Papyrus\"}",
                "Field 'StorageClass' is not an expected value");
    assert_said(state, "s3", "getObject", false, false, "{\"StorageClass\":\"GLACIER\"}", NULL);
}

static void test_required_members_are_wanted_when_strict(void **state)
{
    const char *lower = "{\"executionArn\":\"a\",\"startDate\":\"d\"}";
    assert_said(state, "states", "startExecution", true, false, lower, NULL);
    assert_said(state, "states", "startExecution", true, true, lower,
                "The field 'ExecutionArn' is required but was missing");
    assert_said(state, "states", "startExecution", true, true,
                "{\"ExecutionArn\":\"a\",\"StartDate\":\"2020-01-01T00:00:00Z\"}", NULL);
}

static void test_what_the_model_does_not_have_is_no_fault(void **state)
{
    assert_said(state, "events", "putEvents", true, true, "{\"random\":1}", NULL);
    assert_said(state, "dynamodb", "putItem", true, true, "{\"SdkHttpMetadata\":{}}", NULL);
    assert_said(state, "nothing", "atAll", false, true, "[]", NULL);
}

static void test_a_functions_payload_is_any_json_when_optimised(void **state)
{
    assert_said(state, "lambda", "invoke", true, true, "{\"Payload\":{\"a\":1}}", NULL);
    assert_said(state, "lambda", "invoke", false, true, "{\"Payload\":{\"a\":1}}",
                "Field 'Payload' must be a string");
}

typedef struct job_row {
    const char *service, *action, *pattern;
    bool is_strict;
    const char *result, *said; /* said NULL: it is fine */
} job_row;

#define EXECUTION                                                                                  \
    "\"ExecutionArn\":\"a\",\"StateMachineArn\":\"m\",\"Status\":\"SUCCEEDED\",\"StartDate\":1.5"

static void test_a_jobs_result_is_what_its_watcher_answers(void **state)
{
    static const job_row rows[] = {
        {"glue", "startJobRun", "sync", true, "{\"JobRunState\":\"SUCCEEDED\",\"Attempt\":0}",
         NULL},
        {"glue", "startJobRun", "sync", true, "{\"JobRunState\":\"Done\"}",
         "Field 'JobRunState' is not an expected value"},
        {"glue", "startJobRun", "sync", false, "{\"Attempt\":\"0\"}",
         "Field 'Attempt' must be a number"},
        {"glue", "startJobRun", "sync", false, "[]", "Mock result must be an object"},
        {"batch", "submitJob", "sync", false, "{\"Container\":{\"ExitCode\":\"0\"}}",
         "Field 'ExitCode' must be a number"},
        {"batch", "submitJob", "sync", false, "{\"Container\":{\"ExitCode\":0}}", NULL},
        {"codebuild", "startBuild", "sync", true, "{\"Build\":{\"BuildComplete\":true}}", NULL},
        {"codebuild", "startBuild", "sync", true, "{\"Build\":{\"BuildComplete\":\"yes\"}}",
         "Field 'BuildComplete' must be a boolean"},
        {"codebuild", "startBuild", "sync", true, "{\"Build\":7}",
         "Field 'Build' must be an object"},
        {"codebuild", "startBuild", "sync", true, "7", "Mock result must be an object"},
        {"states", "startExecution", "sync", true, "{" EXECUTION ",\"Output\":\"{}\"}", NULL},
        {"states", "startExecution", "sync", true, "{" EXECUTION ",\"Output\":{}}",
         "Field 'Output' must be a string"},
        {"states", "startExecution", "sync:2", true, "{" EXECUTION ",\"Output\":{\"n\":1}}", NULL},
        {"states", "startExecution", "sync:2", true, "{\"Output\":{\"n\":1}}",
         "The field 'ExecutionArn' is required but was missing"},
        {"states", "startExecution", "sync:2", false, "{\"Output\":{\"n\":1}}", NULL},
        {"states", "startExecution", "sync:2", false, "{\"Status\":\"DONE\"}",
         "Field 'Status' is not an expected value"},
        {"eks", "runJob", "sync", true, "[1]", NULL},
        {"nothing", "atAll", "sync", true, "[1]", NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const job_row *row = &rows[i];
        json_doc *doc = NULL;
        error err = {0};
        assert_ok(json_parse(str_from_c(row->result), &doc, &err), err);
        status fits = optimized_result_check(*state, str_from_c(row->service),
                                             str_from_c(row->action), str_from_c(row->pattern),
                                             row->is_strict, json_doc_root(doc), &err);
        if (ok(fits) != !row->said || (row->said && strcmp(err.message, row->said) != 0)) {
            fail_msg("%s:%s.%s of %s: %s", row->service, row->action, row->pattern, row->result,
                     ok(fits) ? "is fine" : err.message);
        }
        json_doc_release(doc);
    }
}

/* Each job's row leads to a shape: what it is watched by is in the models, and has the members. */
static void test_every_jobs_result_has_a_model(void **state)
{
    uint32_t jobs = 0;
    for (uint32_t i = 0; i < optimized_action_count(); i++) {
        const optimized_action *action = optimized_action_at(i);
        error err = {0};
        if (!action->job) {
            continue;
        }
        jobs++;
        status fits =
            optimized_result_check(*state, str_from_c(action->service->name),
                                   str_from_c(action->name), STR("sync"), true, (json){0}, &err);
        if (ok(fits)) {
            fail_msg("%s:%s has a result without a model", action->service->name, action->name);
        }
    }
    assert_true(jobs > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_jobs_result_is_what_its_watcher_answers),
        cmocka_unit_test(test_every_jobs_result_has_a_model),
        cmocka_unit_test(test_types_are_checked_by_the_model),
        cmocka_unit_test(test_lists_are_checked_item_by_item),
        cmocka_unit_test(test_enumerations_are_checked),
        cmocka_unit_test(test_required_members_are_wanted_when_strict),
        cmocka_unit_test(test_what_the_model_does_not_have_is_no_fault),
        cmocka_unit_test(test_a_functions_payload_is_any_json_when_optimised),
    };
    return cmocka_run_group_tests(tests, open_models, close_models);
}

#else

int main(void)
{
    puts("skipped: the AWS models were not built");
    return 0;
}

#endif
