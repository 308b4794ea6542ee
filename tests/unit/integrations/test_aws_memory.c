/* Requests and answers of AWS operations while memory runs out: each ends in an error with words,
 * or is whole. The arena is full a little later each time, and each allocation fails in turn. */
#include "integrations/aws/protocol.h"

#include "unit.h"

#include "failing_malloc.h"

#ifdef GAIT_AWS_MODELS_FILE

#define ARENA_BYTES 16384 /* more than a call takes */

typedef struct sample {
    const char *service, *action;
    aws_protocol protocol;
    const char *parameters, *answer;
} sample;

static const sample samples[] = {
    {"dynamodb", "getItem", AWS_PROTOCOL_JSON,
     "{\"TableName\":\"t\",\"Key\":{\"id\":{\"S\":\"1\"},\"b\":{\"B\":\"x\"}}}",
     "{\"Item\":{\"id\":{\"S\":\"1\"},\"b\":{\"B\":\"eA==\"}}}"},
    {"athena", "startQueryExecution", AWS_PROTOCOL_JSON, "{\"QueryString\":\"q\"}",
     "{\"QueryExecutionId\":\"i\"}"},
    {"batch", "submitJob", AWS_PROTOCOL_REST_JSON,
     "{\"JobName\":\"j\",\"JobQueue\":\"q\",\"JobDefinition\":\"d\",\"Tags\":{\"a\":\"b\"}}",
     "{\"jobId\":\"1\",\"jobName\":\"j\"}"},
    {"s3", "putObject", AWS_PROTOCOL_REST_XML,
     "{\"Bucket\":\"b\",\"Key\":\"k\",\"Body\":\"x\",\"Metadata\":{\"a\":\"b\"}}", ""},
    {"s3", "listObjectsV2", AWS_PROTOCOL_REST_XML, "{\"Bucket\":\"b\",\"Prefix\":\"p\"}",
     "<R><Contents><Key>k</Key><LastModified>2024-01-02T03:04:05Z</LastModified></Contents></R>"},
    {"s3", "putBucketTagging", AWS_PROTOCOL_REST_XML,
     "{\"Bucket\":\"b\",\"Tagging\":{\"TagSet\":[{\"Key\":\"k\",\"Value\":\"v\"}]}}", ""},
    {"sns", "publish", AWS_PROTOCOL_QUERY,
     "{\"TopicArn\":\"a\",\"Message\":\"m\",\"MessageAttributes\":{\"a\":{\"DataType\":\"x\"}}}",
     "<R><PublishResult><MessageId>i</MessageId></PublishResult></R>"},
    {"ec2", "describeInstances", AWS_PROTOCOL_EC2,
     "{\"Filters\":[{\"Name\":\"n\",\"Values\":[\"v\"]}]}",
     "<R><reservationSet><item><ownerId>o</ownerId></item></reservationSet></R>"},
    {"cloudwatch", "putMetricData", AWS_PROTOCOL_CBOR,
     "{\"Namespace\":\"n\",\"MetricData\":[{\"MetricName\":\"m\",\"Value\":1.5}]}", "\xa0"},
};

/* One call in what is left of an arena; whether all of it succeeded. */
static bool call_in(const sample *s, aws_operation operation, size_t used, long allocations)
{
    arena a;
    arena_init(&a, ARENA_BYTES);
    bool is_room = arena_reserve(&a, ARENA_BYTES - 64) && arena_alloc(&a, used);
    assert_true(is_room);
    json parameters = {0};
    aws_request request = {0};
    aws_response response = {0};
    error err = {0};
    fail_allocations_after(allocations);
    bool is_whole =
        ok(json_parse_into(str_from_c(s->parameters), &a, &parameters, &err)) &&
        ok(aws_request_make(operation, parameters, (unsigned char[16]){0}, &a, &request, &err)) &&
        ok(aws_response_read(operation, 200, NULL, 0, str_from_c(s->answer), &a, &response,
                             &err)) &&
        ok(aws_response_read(operation, 400, NULL, 0, STR("<Error/>"), &a, &response, &err));
    fail_no_allocation();
    if (is_whole) {
        assert_true(request.path.len > 0);
        assert_true(response.error_name.len > 0);
    } else {
        assert_true(err.length > 0);
        assert_true(err.code == ERROR_MEMORY || err.code == ERROR_LIMIT);
    }
    arena_clean_up(&a);
    return is_whole;
}

static void test_memory_that_runs_out_is_an_error_in_words(void **state)
{
    (void)state;
    aws_models *models;
    error err;
    assert_ok(aws_models_open(str_from_c(GAIT_AWS_MODELS_FILE), &models, &err), err);
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
        const sample *s = &samples[i];
        aws_operation operation;
        assert_ok(aws_models_find(models, str_from_c(s->service), str_from_c(s->action), &operation,
                                  &err),
                  err);
        assert_true(aws_operation_use_protocol(&operation, s->protocol));
        assert_true(call_in(s, operation, 0, -1));
        for (size_t used = 16; used < ARENA_BYTES - 128; used += 16) {
            (void)call_in(s, operation, used, -1);
        }
        assert_false(call_in(s, operation, ARENA_BYTES - 128, -1));
        for (long n = 0; n < 40; n++) {
            (void)call_in(s, operation, 0, n);
        }
        assert_false(call_in(s, operation, 0, 0));
    }
    aws_models_close(models);
}

static void test_models_that_find_no_memory_say_so(void **state)
{
    (void)state;
    for (long n = 0; n < 3; n++) {
        aws_models *models = NULL;
        error err = {0};
        fail_allocations_after(n);
        status s = aws_models_open(str_from_c(GAIT_AWS_MODELS_FILE), &models, &err);
        fail_no_allocation();
        assert_int_equal(s.code, n < 2 ? ERROR_MEMORY : ERROR_NONE);
        aws_models_close(models);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_that_runs_out_is_an_error_in_words),
        cmocka_unit_test(test_models_that_find_no_memory_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    return 0; /* built without the models: GAIT_AWS_MODELS=OFF */
}

#endif
