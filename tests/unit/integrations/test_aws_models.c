/* The file of AWS service models: what is found in it, and that a file which is not whole is
 * refused.
 */
#include "integrations/aws/models_file.h"

#include "base/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

#ifdef GAIT_AWS_MODELS_FILE

typedef struct fixture {
    aws_models *models;
    char *bytes; /* the file's, to be damaged */
    size_t length;
} fixture;

static int open_models(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    error err;
    assert_non_null(f);
    assert_ok(aws_models_open(str_from_c(GAIT_AWS_MODELS_FILE), &f->models, &err), err);
    FILE *file = fopen(GAIT_AWS_MODELS_FILE, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    f->length = (size_t)ftell(file);
    rewind(file);
    f->bytes = malloc(f->length);
    assert_non_null(f->bytes);
    assert_int_equal(fread(f->bytes, 1, f->length, file), f->length);
    fclose(file);
    *state = f;
    return 0;
}

static int close_models(void **state)
{
    fixture *f = *state;
    aws_models_close(f->models);
    free(f->bytes);
    free(f);
    return 0;
}

static void test_services_have_the_names_that_step_functions_gives_them(void **state)
{
    const fixture *f = *state;
    /* https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html */
    static const char *const rows[][3] = {
        {"dynamodb", "DynamoDb", "DynamoDB"},
        {"sfn", "Sfn", "SFN"},
        {"s3", "S3", "S3"},
        {"cloudwatchlogs", "CloudWatchLogs", "CloudWatch Logs"},
        {"sesv2", "SesV2", "SESv2"},
        {"redshiftdata", "RedshiftData", "Redshift Data"},
        {"eventbridge", "EventBridge", "EventBridge"},
        {"b2bi", "B2Bi", "b2bi"},
        {"iotfleetwise", "IoTFleetWise", "IoTFleetWise"},
        {"fsx", "FSx", "FSx"},
        {"databasemigration", "DatabaseMigration", "Database Migration Service"},
        {"config", "Config", "Config Service"},
        {"cloudhsmv2", "CloudHsmV2", "CloudHSM V2"},
        {"wafv2", "Wafv2", "WAFV2"},
        {"elasticloadbalancingv2", "ElasticLoadBalancingV2", "Elastic Load Balancing v2"},
        {"sagemakera2iruntime", "SageMakerA2IRuntime", "SageMaker A2I Runtime"},
        {"kinesisvideowebrtcstorage", "KinesisVideoWebRtcStorage", "Kinesis Video WebRTC Storage"},
        {"cognitoidentityprovider", "CognitoIdentityProvider", "Cognito Identity Provider"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        aws_service service = aws_models_service(f->models, str_from_c(rows[i][0]));
        assert_true(aws_service_exists(service));
        assert_str_equal(aws_service_sdk_name(service), rows[i][0]);
        assert_str_equal(aws_service_exception_prefix(service), rows[i][1]);
        assert_str_equal(aws_service_id(service), rows[i][2]);
    }
    assert_false(aws_service_exists(aws_models_service(f->models, STR("stepfunctions"))));
    assert_true(aws_models_service_count(f->models) > 400);
    assert_str_equal(aws_models_version(f->models), "1.43.11");
}

static void test_operations_are_found_by_their_action(void **state)
{
    const fixture *f = *state;
    aws_service service = aws_models_service(f->models, STR("cloudwatchlogs"));
    aws_operation operation = aws_service_operation(service, STR("putLogEvents"));
    assert_true(aws_operation_exists(operation));
    assert_str_equal(aws_operation_name(operation), "PutLogEvents");
    assert_str_equal(aws_operation_action(operation), "putLogEvents");
    assert_str_equal(aws_service_target_prefix(service), "Logs_20140328");
    assert_str_equal(aws_service_endpoint_prefix(service), "logs");
    assert_int_equal(aws_service_protocol(service), AWS_PROTOCOL_JSON);
    assert_false(aws_operation_exists(aws_service_operation(service, STR("PutLogEvents"))));
    for (uint32_t i = 0; i < aws_models_service_count(f->models); i++) {
        service = aws_models_service_at(f->models, i);
        for (uint32_t k = 0; k < aws_service_operation_count(service); k++) {
            operation = aws_service_operation_at(service, k);
            aws_operation found = aws_service_operation(service, aws_operation_action(operation));
            assert_int_equal(found.index, operation.index);
        }
    }
}

static void test_event_streams_are_refused_by_name(void **state)
{
    const fixture *f = *state;
    uint32_t streams = 0;
    for (uint32_t i = 0; i < aws_models_service_count(f->models); i++) {
        aws_service service = aws_models_service_at(f->models, i);
        for (uint32_t k = 0; k < aws_service_operation_count(service); k++) {
            aws_operation operation = aws_service_operation_at(service, k);
            aws_operation found;
            error err;
            if (!aws_operation_traits_of(operation).has_events) {
                continue;
            }
            streams++;
            assert_int_equal(aws_models_find(f->models, aws_service_sdk_name(service),
                                             aws_operation_action(operation), &found, &err)
                                 .code,
                             ERROR_UNSUPPORTED);
            assert_non_null(strstr(err.message, "it streams events"));
        }
    }
    assert_true(streams >= 20);
}

static void test_what_is_not_there_is_refused_by_name(void **state)
{
    const fixture *f = *state;
    static const struct {
        const char *service, *action;
        error_code code;
        const char *words;
    } rows[] = {
        {"dynamo", "getItem", ERROR_NOT_FOUND,
         "there is no AWS service 'dynamo'; did you mean 'dynamodb', 'dynamodbstreams'?"},
        {"sqs", "sendMessages", ERROR_NOT_FOUND,
         "the AWS service 'sqs' has no action 'sendMessages'; did you mean 'sendMessage'?"},
        {"zzzzzzzzzz", "x", ERROR_NOT_FOUND, "there is no AWS service 'zzzzzzzzzz'"},
        {"kinesis", "subscribeToShard", ERROR_UNSUPPORTED,
         "aws-sdk:kinesis:subscribeToShard is not offered to workflows: it streams events"},
        {"sts", "assumeRole", ERROR_UNSUPPORTED,
         "aws-sdk:sts:assumeRole is not offered to workflows"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        aws_operation operation;
        error err = {0};
        status s = aws_models_find(f->models, str_from_c(rows[i].service),
                                   str_from_c(rows[i].action), &operation, &err);
        assert_int_equal(s.code, rows[i].code);
        assert_string_equal(err.message, rows[i].words);
    }
}

static void test_members_have_the_sdks_names_and_the_services(void **state)
{
    const fixture *f = *state;
    static const char *const rows[][4] = {
        {"sfn", "startExecution", "StateMachineArn", "stateMachineArn"},
        {"s3", "putObject", "SsekmsKeyId", "x-amz-server-side-encryption-aws-kms-key-id"},
        {"s3", "putObject", "SseCustomerAlgorithm",
         "x-amz-server-side-encryption-customer-algorithm"},
        {"batch", "submitJob", "JobName", "jobName"},
        {"s3", "putObject", "ACL", NULL},
        {"dynamodb", "putItem", "tableName", NULL},
        {"sqs", "sendMessage", "QueueUrl", "QueueUrl"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        aws_operation operation;
        error err;
        aws_member member;
        assert_ok(aws_models_find(f->models, str_from_c(rows[i][0]), str_from_c(rows[i][1]),
                                  &operation, &err),
                  err);
        bool found =
            aws_shape_find(aws_operation_input(operation), str_from_c(rows[i][2]), &member);
        assert_int_equal(found, rows[i][3] != NULL);
        if (found) {
            assert_str_equal(member.wire, rows[i][3]);
        }
    }
}

static void test_errors_have_the_names_of_exceptions(void **state)
{
    const fixture *f = *state;
    static const char *const rows[][3] = {
        {"s3", "NoSuchBucket", "NoSuchBucketException"},
        {"sfn", "InvalidToken", "InvalidTokenException"},
        {"dynamodb", "ConditionalCheckFailedException", "ConditionalCheckFailedException"},
        {"rds", "DBInstanceNotFound", "DbInstanceNotFoundException"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        aws_error_shape found;
        aws_service service = aws_models_service(f->models, str_from_c(rows[i][0]));
        assert_true(aws_service_error(service, str_from_c(rows[i][1]), &found));
        assert_str_equal(found.exception, rows[i][2]);
    }
    aws_error_shape found;
    assert_false(aws_service_error(aws_models_service(f->models, STR("dynamodb")),
                                   STR("ValidationException"), &found));
}

static void test_endpoints_follow_region_and_partition(void **state)
{
    const fixture *f = *state;
    static const char *const rows[][5] = {
        {"dynamodb", "eu-west-1", "dynamodb.eu-west-1.amazonaws.com", "eu-west-1", "dynamodb"},
        {"iam", "eu-west-1", "iam.amazonaws.com", "us-east-1", "iam"},
        {"iam", "cn-north-1", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1", "iam"},
        {"sfn", "us-gov-west-1", "states.us-gov-west-1.amazonaws.com", "us-gov-west-1", "states"},
        {"sfn", "us-iso-east-1", "states.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", "states"},
        {"sqs", "eu-nowhere-9", "sqs.eu-nowhere-9.amazonaws.com", "eu-nowhere-9", "sqs"},
        {"sqs", "cn-nowhere-9", "sqs.cn-nowhere-9.amazonaws.com.cn", "cn-nowhere-9", "sqs"},
        {"sesv2", "eu-west-1", "email.eu-west-1.amazonaws.com", "eu-west-1", "ses"},
        {"route53", "eu-west-1", "route53.amazonaws.com", "us-east-1", "route53"},
        {"costexplorer", "eu-west-1", "ce.us-east-1.amazonaws.com", "us-east-1", "ce"},
    };
    arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        aws_endpoint endpoint;
        error err;
        aws_service service = aws_models_service(f->models, str_from_c(rows[i][0]));
        assert_ok(aws_service_endpoint(service, str_from_c(rows[i][1]), &a, &endpoint, &err), err);
        assert_str_equal(endpoint.host, rows[i][2]);
        assert_str_equal(endpoint.signing_region, rows[i][3]);
        assert_str_equal(endpoint.signing_name, rows[i][4]);
    }
    static const char *const operations[][3] = {
        {"neptunegraph", "executeQuery", "us-east-1.neptune-graph.amazonaws.com"},
        {"neptunegraph", "createGraph", "neptune-graph.us-east-1.amazonaws.com"},
        {"s3", "writeGetObjectResponse", "s3-object-lambda.us-east-1.amazonaws.com"},
        {"s3", "getObject", "s3.us-east-1.amazonaws.com"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++) {
        aws_operation operation;
        aws_endpoint endpoint;
        error err;
        assert_ok(aws_models_find(f->models, str_from_c(operations[i][0]),
                                  str_from_c(operations[i][1]), &operation, &err),
                  err);
        assert_ok(aws_service_endpoint(aws_operation_service(operation), STR("us-east-1"), &a,
                                       &endpoint, &err),
                  err);
        assert_str_equal(endpoint.host, operations[i][2]);
    }
    aws_endpoint endpoint;
    aws_service sqs = aws_models_service(f->models, STR("sqs"));
    assert_int_equal(aws_service_endpoint(sqs, STR("evil.com/"), &a, &endpoint, NULL).code,
                     ERROR_INVALID);
    assert_int_equal(aws_service_endpoint(sqs, STR(""), &a, &endpoint, NULL).code, ERROR_INVALID);
    assert_false(aws_service_is_global(sqs, STR("eu-west-1")));
    assert_true(aws_service_is_global(aws_models_service(f->models, STR("iam")), STR("eu-west-1")));
    arena_clean_up(&a);
}

/* ------------------------------------------------------------------------------- damaged files */

static status open_bytes(const char *bytes, size_t length)
{
    aws_models *models = NULL;
    status s = aws_models_from_memory(str_from(bytes, length), &models, NULL);
    aws_models_close(models);
    return s;
}

static void test_a_file_that_is_cut_short_or_damaged_is_refused(void **state)
{
    const fixture *f = *state;
    assert_true(ok(open_bytes(f->bytes, f->length)));
    static const size_t lengths[] = {0, 1, 8, 15, 47, 100, 1000, 100000};
    for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
        assert_int_equal(open_bytes(f->bytes, lengths[i]).code, ERROR_INVALID);
        assert_int_equal(open_bytes(f->bytes, f->length - 1 - lengths[i]).code, ERROR_INVALID);
    }
    for (size_t at = 0; at < f->length; at += f->length / 50 + 1) {
        f->bytes[at] ^= 0x40;
        assert_int_equal(open_bytes(f->bytes, f->length).code, ERROR_INVALID);
        f->bytes[at] ^= 0x40;
    }
    aws_models *models;
    error err;
    assert_int_equal(aws_models_open(STR("/nonexistent/aws-models"), &models, &err).code,
                     ERROR_NOT_FOUND);
    assert_int_equal(aws_models_open(STR("/dev/null"), &models, &err).code, ERROR_IO);
}

/* The digest does not vouch for the numbers: whoever wrote the file computed it as well. */
static void test_every_reference_is_checked(void **state)
{
    const fixture *f = *state;
    uint32_t sections[MODELS_SECTIONS][2];
    char *copy = malloc(f->length);
    assert_non_null(copy);
    memcpy(sections, f->bytes + 56, sizeof(sections));
    static const uint8_t references[MODELS_SECTIONS] = {
        /* 32-bit fields that point somewhere */
        [MODELS_SERVICES] = 12, [MODELS_OPERATIONS] = 6, [MODELS_EXTRAS] = 6,
        [MODELS_SHAPES] = 2,    [MODELS_MEMBERS] = 3,    [MODELS_MEMBER_EXTRAS] = 1,
        [MODELS_TEXTS] = 1,     [MODELS_ERRORS] = 2,     [MODELS_PARTITIONS] = 3,
        [MODELS_ENDPOINTS] = 5};
    for (int section = 0; section < MODELS_SECTIONS; section++) {
        for (uint32_t field = 0; field < references[section]; field++) {
            bool is_flag_field = (section == MODELS_SERVICES && (field == 9 || field == 11)) ||
                                 (section == MODELS_SHAPES && field == 0);
            if (is_flag_field) {
                continue;
            }
            memcpy(copy, f->bytes, f->length);
            uint32_t wrong = 0xFFFFFFF0;
            memcpy(copy + sections[section][0] + 4 * field, &wrong, 4);
            unsigned char digest[DIGEST_BYTES_MAX];
            digest_compute(DIGEST_SHA256, str_from(copy + 48, f->length - 48), digest);
            memcpy(copy + 16, digest, 32);
            if (ok(open_bytes(copy, f->length))) {
                fail_msg("section %d, field %u: not checked", section, field);
            }
        }
    }
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services_have_the_names_that_step_functions_gives_them),
        cmocka_unit_test(test_operations_are_found_by_their_action),
        cmocka_unit_test(test_event_streams_are_refused_by_name),
        cmocka_unit_test(test_what_is_not_there_is_refused_by_name),
        cmocka_unit_test(test_members_have_the_sdks_names_and_the_services),
        cmocka_unit_test(test_errors_have_the_names_of_exceptions),
        cmocka_unit_test(test_endpoints_follow_region_and_partition),
        cmocka_unit_test(test_a_file_that_is_cut_short_or_damaged_is_refused),
        cmocka_unit_test(test_every_reference_is_checked),
    };
    return cmocka_run_group_tests(tests, open_models, close_models);
}

#else

int main(void)
{
    return 0; /* built without the models: GAIT_AWS_MODELS=OFF */
}

#endif
