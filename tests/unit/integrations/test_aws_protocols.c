/* Requests and answers of AWS operations, where they follow Step Functions more than the services:
 * names, blobs, times, refusals. tests/tools/test_aws_protocols.py compares all services with
 * botocore. */
#include "integrations/aws/cbor.h"
#include "integrations/aws/protocol.h"
#include "integrations/aws/wire.h"
#include "integrations/aws/xml.h"

#include <stdio.h>

#include "aws_models.h"

#ifdef GAIT_AWS_MODELS_FILE

static const unsigned char entropy[AWS_ENTROPY_BYTES] = {1, 2, 3};

static aws_request make(fixture *f, const char *service, const char *action, const char *parameters)
{
    aws_request request;
    error err;
    assert_ok(aws_request_make(operation_of(f, service, action), value_of(f, parameters), entropy,
                               &f->a, &request, &err),
              err);
    return request;
}

static str header(const aws_request *request, const char *name)
{
    for (uint32_t i = 0; i < request->header_count; i++) {
        if (str_equal_ignore_case(request->headers[i].name, str_from_c(name))) {
            return request->headers[i].value;
        }
    }
    return STR_NONE;
}

static aws_response read_answer(fixture *f, const char *service, const char *action,
                                unsigned http_status, const char *body)
{
    aws_response response;
    error err;
    assert_ok(aws_response_read(operation_of(f, service, action), http_status, NULL, 0,
                                str_from_c(body), &f->a, &response, &err),
              err);
    return response;
}

/* -------------------------------------------------------------------------------------- requests
 */

/* The recorded answer of S3 to such a call has this very checksum: with its quotes. */
static void test_a_string_in_a_stream_keeps_its_quotes(void **state)
{
    fixture *f = *state;
    aws_request request =
        make(f, "s3", "putObject", "{\"Bucket\":\"b\",\"Key\":\"k\",\"Body\":\"text data\"}");
    assert_str_equal(request.body, "\"text data\"");
    assert_str_equal(header(&request, "x-amz-checksum-crc32"), "KUmHvQ==");
    assert_str_equal(header(&request, "Content-Type"), "text/plain; charset=UTF-8");
    assert_str_equal(request.method, "PUT");
    assert_str_equal(request.path, "/b/k");
    assert_str_equal(request.bucket, "b");
    request =
        make(f, "s3", "putObject", "{\"Bucket\":\"b\",\"Key\":\"k\",\"Body\":[\"List\",\"Data\"]}");
    assert_str_equal(request.body, "[\"List\",\"Data\"]");
    assert_str_equal(header(&request, "x-amz-checksum-crc32"), "1F2MPA==");
    request = make(f, "s3", "putObject",
                   "{\"Bucket\":\"b\",\"Key\":\"k\",\"Body\":{},\"ContentType\":\"text/x\"}");
    assert_str_equal(header(&request, "Content-Type"), "text/x");
}

static void test_a_string_in_another_blob_is_its_bytes(void **state)
{
    fixture *f = *state;
    aws_request request = make(f, "firehose", "putRecord",
                               "{\"DeliveryStreamName\":\"s\",\"Record\":{\"Data\":\"a\\n\"}}");
    assert_str_equal(request.body, "{\"DeliveryStreamName\":\"s\",\"Record\":{\"Data\":\"YQo=\"}}");
    request = make(f, "lambda", "invoke", "{\"FunctionName\":\"f\",\"Payload\":{\"a\":[1,2]}}");
    assert_str_equal(request.body, "{\"a\":[1,2]}");
    assert_str_equal(request.path, "/2015-03-31/functions/f/invocations");
}

static void test_nulls_are_left_out(void **state)
{
    fixture *f = *state;
    aws_request request = make(f, "dynamodb", "putItem", "{\"TableName\":\"t\",\"Item\":null}");
    assert_str_equal(request.body, "{\"TableName\":\"t\"}");
    assert_str_equal(header(&request, "X-Amz-Target"), "DynamoDB_20120810.PutItem");
}

static void test_tokens_are_made_up_where_they_are_left_out(void **state)
{
    fixture *f = *state;
    aws_request request = make(f, "athena", "startQueryExecution", "{\"QueryString\":\"q\"}");
    json body;
    assert_true(ok(json_parse_into(request.body, &f->a, &body, NULL)));
    assert_int_equal(json_str(json_get(body, STR("ClientRequestToken"))).len, 36);
    request = make(f, "athena", "startQueryExecution",
                   "{\"QueryString\":\"q\",\"ClientRequestToken\":\"mine\"}");
    assert_str_equal(request.body, "{\"QueryString\":\"q\",\"ClientRequestToken\":\"mine\"}");
}

static void test_times_are_text_or_seconds(void **state)
{
    fixture *f = *state;
    static const char *const rows[][2] = {
        {"\"2024-02-29T13:14:15Z\"", "1709212455"},
        {"\"2024-02-29T14:14:15.5+01:00\"", "1709212455.5"},
        {"1709212455", "1709212455"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char parameters[200], expected[200];
        snprintf(parameters, sizeof(parameters), "{\"Entries\":[{\"Time\":%s}]}", rows[i][0]);
        snprintf(expected, sizeof(expected), "{\"Entries\":[{\"Time\":%s}]}", rows[i][1]);
        aws_request request = make(f, "eventbridge", "putEvents", parameters);
        assert_str_equal(request.body, expected);
    }
}

static void test_paths_are_escaped_once(void **state)
{
    fixture *f = *state;
    aws_request request =
        make(f, "s3", "getObject", "{\"Bucket\":\"b\",\"Key\":\"a b/../c%20?#\\u00e9\"}");
    assert_str_equal(request.path, "/b/a%20b/../c%2520%3F%23%C3%A9");
    assert_str_equal(request.query, "");
    request = make(f, "lambda", "invoke", "{\"FunctionName\":\"a/b:1\"}");
    assert_str_equal(request.path, "/2015-03-31/functions/a%2Fb%3A1/invocations");
}

static void test_parameters_that_do_not_fit_are_refused_in_aws_words(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *service, *action, *parameters;
        error_code code;
        const char *words;
    } rows[] = {
        {"dynamodb", "putItem", "{\"tableName\":\"t\"}", ERROR_UNSUPPORTED,
         "The field \"tableName\" is not supported by Step Functions"},
        {"dynamodb", "putItem", "{\"Item\":{\"a\":{\"BOOL\":true}}}", ERROR_UNSUPPORTED,
         "The field \"BOOL\" is not supported by Step Functions"},
        {"dynamodb", "putItem", "{\"Item\":{\"a\":{\"N\":5}}}", ERROR_TYPE,
         "The value for the field 'N' must be a STRING"},
        {"sqs", "receiveMessage", "{\"MaxNumberOfMessages\":1.5}", ERROR_TYPE,
         "The value for the field 'MaxNumberOfMessages' must be an INTEGER"},
        {"sqs", "receiveMessage", "{\"MaxNumberOfMessages\":3000000000}", ERROR_TYPE,
         "The value for the field 'MaxNumberOfMessages' must be an INTEGER"},
        {"eventbridge", "putEvents", "{\"Entries\":[{\"Time\":\"soon\"}]}", ERROR_TYPE,
         "The value for the field 'Time' must be a TIMESTAMP"},
        {"s3", "getObject", "{\"Bucket\":\"b\"}", ERROR_INVALID,
         "The field 'Key' is required but was missing"},
        {"s3", "getObject", "{\"Bucket\":\"\",\"Key\":\"k\"}", ERROR_INVALID,
         "The field 'Bucket' is required but was missing"},
        {"s3", "putObject", "{\"Bucket\":\"b\",\"Key\":\"k\",\"ContentType\":\"a\\r\\nb\"}",
         ERROR_INVALID, "The value for the header 'Content-Type' must not hold line breaks"},
        {"s3control", "getPublicAccessBlock", "{\"AccountId\":\"evil.test/\"}", ERROR_INVALID,
         "'evil.test/' cannot be part of a host's name: only letters, digits, '-' and '.' can"},
        {"sts", "getCallerIdentity", "{\"A\":1}", ERROR_UNSUPPORTED,
         "The field \"A\" is not supported by Step Functions"},
        {"sts", "getCallerIdentity", "[]", ERROR_TYPE, "The parameters must be an OBJECT"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        aws_request request;
        error err = {0};
        status s =
            aws_request_make(operation_of(f, rows[i].service, rows[i].action),
                             value_of(f, rows[i].parameters), entropy, &f->a, &request, &err);
        assert_string_equal(err.message, rows[i].words);
        assert_int_equal(s.code, rows[i].code);
    }
}

static void test_a_definition_s_parameters_are_checked_before_any_call(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *parameters, *words; /* NULL: they fit */
    } rows[] = {
        {"{\"TableName\":\"t\",\"Item.$\":\"$.item\"}", NULL},
        {"{\"TableName\":\"{% $t %}\",\"Item\":{\"id\":{\"S.$\":\"$.id\"},\"x.$\":\"$.x\"}}", NULL},
        {"{\"TableName\":\"t\",\"Item\":\"{% $item %}\"}", NULL},
        {"{\"TableName\":\"t\"}", "The field 'Item' is required but was missing"},
        {"{\"TableName\":\"t\",\"Item.$\":\"$\",\"Tabel.$\":\"$\"}",
         "The field \"Tabel.$\" is not supported by Step Functions"},
        {"{\"TableName\":1,\"Item\":{}}", "The value for the field 'TableName' must be a STRING"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        error err = {0};
        status s = aws_parameters_check(operation_of(f, "dynamodb", "putItem"),
                                        value_of(f, rows[i].parameters), &err);
        assert_string_equal(err.message, rows[i].words ? rows[i].words : "");
        assert_int_equal(ok(s), rows[i].words == NULL);
    }
}

/* --------------------------------------------------------------------------------------- answers
 */

static void check_output(fixture *f, const aws_response *response, const char *expected)
{
    assert_true(response->succeeded);
    str text = json_text(response->output, &f->a);
    assert_str_equal(text, expected);
}

static void test_outputs_have_the_sdk_s_names_in_order(void **state)
{
    fixture *f = *state;
    aws_response response = read_answer(
        f, "sfn", "startExecution", 200,
        "{\"startDate\":1709212455.123,\"executionArn\":\"arn\",\"other\":1,\"x\":null}");
    check_output(f, &response,
                 "{\"ExecutionArn\":\"arn\",\"StartDate\":\"2024-02-29T13:14:15.123Z\"}");
    response = read_answer(f, "dynamodb", "getItem", 200,
                           "{\"Item\":{\"id\":{\"BOOL\":true},\"n\":{\"NULL\":true},"
                           "\"b\":{\"B\":\"aGk=\"},\"ss\":{\"SS\":[\"a\"]}}}");
    check_output(f, &response,
                 "{\"Item\":{\"id\":{\"Bool\":true},\"n\":{\"Nul\":true},\"b\":{\"B\":\"hi\"},"
                 "\"ss\":{\"Ss\":[\"a\"]}}}");
    response = read_answer(f, "dynamodb", "putItem", 200, "");
    check_output(f, &response, "{}");
}

static void test_an_object_s_body_comes_last_as_text(void **state)
{
    fixture *f = *state;
    aws_header headers[] = {
        {STR("content-length"), STR("2")},
        {STR("ETag"), STR("\"e\"")},
        {STR("X-Amz-Meta-Colour"), STR("red")},
        {STR("Last-Modified"), STR("Thu, 29 Feb 2024 13:14:15 GMT")},
        {STR("Expires"), STR("whenever")},
    };
    aws_response response;
    error err;
    assert_ok(aws_response_read(operation_of(f, "s3", "getObject"), 200, headers, 5, STR("a\xff"),
                                &f->a, &response, &err),
              err);
    check_output(f, &response,
                 "{\"ContentLength\":2,\"ETag\":\"\\\"e\\\"\",\"LastModified\":"
                 "\"2024-02-29T13:14:15Z\",\"Metadata\":{\"Colour\":\"red\"},"
                 "\"Body\":\"a\xEF\xBF\xBD\"}");
}

static void test_what_an_answer_cannot_be_is_a_syntax_error(void **state)
{
    fixture *f = *state;
    static const char *const rows[][3] = {
        {"dynamodb", "getItem", "{\"Item\":[]}"},
        {"dynamodb", "getItem", "{\"Item\":{\"a\":{\"B\":\"*\"}}}"},
        {"sfn", "startExecution", "{\"startDate\":\"soon\"}"},
        {"sfn", "startExecution", "{\"startDate\":1e300}"},
        {"sqs", "receiveMessage", "{\"Messages\":{}}"},
        {"s3", "listObjectsV2", "<a><KeyCount>x</KeyCount></a>"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        aws_response response;
        error err;
        status s = aws_response_read(operation_of(f, rows[i][0], rows[i][1]), 200, NULL, 0,
                                     str_from_c(rows[i][2]), &f->a, &response, &err);
        assert_int_equal(s.code, ERROR_SYNTAX);
    }
}

static void test_cbor_keeps_to_rfc_8949(void **state)
{
    fixture *f = *state;
    /* The examples of its appendix A. */
    static const struct {
        const char *bytes;
        size_t length;
        const char *text;
    } rows[] = {
        {"\x00", 1, "0"},
        {"\x18\x64", 2, "100"},
        {"\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00", 9, "1000000000000"},
        {"\x39\x03\xe7", 3, "-1000"},
        {"\xf9\x3c\x00", 3, "1"},
        {"\xf9\x7b\xff", 3, "65504"},
        {"\xf9\x00\x01", 3, "5.960464477539063e-8"},
        {"\xfa\x47\xc3\x50\x00", 5, "100000"},
        {"\xfb\xc0\x10\x66\x66\x66\x66\x66\x66", 9, "-4.1"},
        {"\xf9\x7e\x00", 3, "\"NaN\""},
        {"\xf5", 1, "true"},
        {"\xf6", 1, "null"},
        {"\xc1\x1a\x51\x4b\x67\xb0", 6, "1363896240"},
        {"\x62\xc3\xbc", 3, "\"\u00fc\""},
        {"\x7f\x65"
         "strea"
         "\x64"
         "ming\xff",
         13, "\"streaming\""},
        {"\x9f\x01\x82\x02\x03\x9f\x04\x05\xff\xff", 10, "[1,[2,3],[4,5]]"},
        {"\xbf\x61\x61\x01\x61\x62\x9f\x02\x03\xff\xff", 11, "{\"a\":1,\"b\":[2,3]}"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        json value;
        error err;
        assert_ok(cbor_parse(str_from(rows[i].bytes, rows[i].length), &f->a, &value, &err), err);
        assert_str_equal(json_text(value, &f->a), rows[i].text);
        for (size_t cut = 1; cut < rows[i].length; cut++) {
            assert_true(failed(cbor_parse(str_from(rows[i].bytes, cut), &f->a, &value, NULL)));
        }
    }
}

static void test_xml_with_a_doctype_is_refused(void **state)
{
    fixture *f = *state;
    xml_element *root;
    error err;
    assert_int_equal(
        xml_parse(STR("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), &f->a, &root, &err).code,
        ERROR_SYNTAX);
    assert_non_null(strstr(err.message, "DOCTYPE"));
    assert_ok(
        xml_parse(STR("<x:a xmlns:x='u'> <b>1&lt;</b><c/><b>2</b> </x:a>"), &f->a, &root, &err),
        err);
    assert_str_equal(root->name, "a");
    assert_str_equal(xml_child_text(root, STR("b")), "1<");
    assert_str_equal(xml_next_like(xml_child(root, STR("b")))->text, "2");
}

static void test_base64_and_times_both_ways(void **state)
{
    fixture *f = *state;
    static const char *const bases[][2] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < ARRAY_LENGTH(bases); i++) {
        buf out;
        str bytes;
        buf_init(&out, 100);
        wire_base64(str_from_c(bases[i][0]), &out);
        assert_str_equal(buf_str(&out), bases[i][1]);
        assert_true(ok(wire_base64_decode(buf_str(&out), &f->a, &bytes, NULL)));
        assert_str_equal(bytes, bases[i][0]);
        buf_clean_up(&out);
    }
    str bytes;
    assert_true(failed(wire_base64_decode(STR("Z"), &f->a, &bytes, NULL)));
    assert_true(failed(wire_base64_decode(STR("Zg==Zg"), &f->a, &bytes, NULL)));
    static const char *const times[] = {"2024-02-29T13:14:15Z", "Thu, 29 Feb 2024 13:14:15 GMT",
                                        "1709212455", "1709212455.000", "1.709212455e9"};
    for (size_t i = 0; i < ARRAY_LENGTH(times); i++) {
        int64_t time_ms = 0;
        char text[WIRE_TIME_SIZE];
        assert_true(wire_time_read(str_from_c(times[i]), &time_ms));
        assert_str_equal(wire_time_iso8601(time_ms, text), times[0]);
        assert_str_equal(wire_time_rfc822(time_ms, text), times[1]);
        assert_str_equal(wire_time_epoch(time_ms, text), times[2]);
    }
    char text[WIRE_TIME_SIZE];
    assert_str_equal(wire_time_epoch(-1500, text), "-1.500");
    assert_str_equal(wire_time_epoch(-500, text), "-0.500");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_string_in_a_stream_keeps_its_quotes),
        cmocka_unit_test(test_a_string_in_another_blob_is_its_bytes),
        cmocka_unit_test(test_nulls_are_left_out),
        cmocka_unit_test(test_tokens_are_made_up_where_they_are_left_out),
        cmocka_unit_test(test_times_are_text_or_seconds),
        cmocka_unit_test(test_paths_are_escaped_once),
        cmocka_unit_test(test_parameters_that_do_not_fit_are_refused_in_aws_words),
        cmocka_unit_test(test_a_definition_s_parameters_are_checked_before_any_call),
        cmocka_unit_test(test_outputs_have_the_sdk_s_names_in_order),
        cmocka_unit_test(test_an_object_s_body_comes_last_as_text),
        cmocka_unit_test(test_what_an_answer_cannot_be_is_a_syntax_error),
        cmocka_unit_test(test_cbor_keeps_to_rfc_8949),
        cmocka_unit_test(test_xml_with_a_doctype_is_refused),
        cmocka_unit_test(test_base64_and_times_both_ways),
    };
    return cmocka_run_group_tests(tests, open_models, close_models);
}

#else

int main(void)
{
    return 0; /* built without the models: GAIT_AWS_MODELS=OFF */
}

#endif
