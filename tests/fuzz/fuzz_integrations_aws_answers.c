/* Answers of AWS services in every protocol, and parameters of calls: the first byte chooses the
 * operation, the second the HTTP status; the rest is the body, a header's value, and as JSON the
 * parameters. What is read must print, and what is made must be whole. */
#include "base/utf8.h"
#include "integrations/aws/cbor.h"
#include "integrations/aws/protocol.h"
#include "integrations/aws/wire.h"
#include "integrations/aws/xml.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef GAIT_AWS_MODELS_FILE

static const struct {
    const char *service, *action;
    aws_protocol protocol;
} targets[] = {
    {"dynamodb", "query", AWS_PROTOCOL_JSON},
    {"sqs", "receiveMessage", AWS_PROTOCOL_JSON},
    {"batch", "describeJobs", AWS_PROTOCOL_REST_JSON},
    {"lambda", "invoke", AWS_PROTOCOL_REST_JSON},
    {"s3", "listObjectsV2", AWS_PROTOCOL_REST_XML},
    {"s3", "getObject", AWS_PROTOCOL_REST_XML},
    {"s3", "getBucketAcl", AWS_PROTOCOL_REST_XML},
    {"s3", "putBucketLifecycleConfiguration", AWS_PROTOCOL_REST_XML},
    {"sns", "publish", AWS_PROTOCOL_QUERY},
    {"sns", "getTopicAttributes", AWS_PROTOCOL_QUERY},
    {"cloudformation", "describeStacks", AWS_PROTOCOL_QUERY},
    {"ec2", "describeInstances", AWS_PROTOCOL_EC2},
    {"ec2", "runInstances", AWS_PROTOCOL_EC2},
    {"cloudwatch", "getMetricData", AWS_PROTOCOL_CBOR},
    {"cloudwatch", "putMetricData", AWS_PROTOCOL_CBOR},
};

static aws_models *models; /* opened once: a fuzzer is one thread, and opening takes milliseconds */

static void check_json(json value)
{
    buf out;
    buf_init(&out, (size_t)1 << 28);
    json_print(value, &out);
    if (!out.overflowed) {
        INVARIANT(utf8_check(buf_str(&out)) == out.len);
    }
    buf_clean_up(&out);
}

static void fuzz_response(aws_operation operation, unsigned http_status, str body, arena *a)
{
    str value = str_take(body, 64);
    aws_header headers[] = {
        {STR("x-amzn-RequestId"), value},   {STR("Last-Modified"), value},
        {STR("x-amz-meta-a"), value},       {STR("Content-Length"), value},
        {STR("x-amzn-ErrorType"), value},   {STR("x-amz-id-2"), value},
        {STR("x-amz-missing-meta"), value}, {STR("X-Amz-Function-Error"), value},
    };
    aws_response response;
    if (ok(aws_response_read(operation, http_status, headers, ARRAY_LENGTH(headers), body, a,
                             &response, NULL))) {
        if (response.succeeded) {
            INVARIANT(json_is(response.output, JSON_OBJECT));
            check_json(response.output);
        } else {
            INVARIANT(response.error_name.len > 0);
            check_json(json_from_str(aws_response_cause(operation, &response, 1, a)));
        }
    }
}

static void fuzz_request(aws_operation operation, str text, arena *a)
{
    json parameters;
    aws_request request;
    if (failed(json_parse_into(text, a, &parameters, NULL))) {
        return;
    }
    (void)ok(aws_parameters_check(operation, parameters, NULL));
    if (ok(aws_request_make(operation, parameters, (unsigned char[16]){0}, a, &request, NULL))) {
        INVARIANT(request.path.len > 0 && request.path.ptr[0] == '/');
        for (size_t i = 0; i < request.path.len; i++) {
            INVARIANT((unsigned char)request.path.ptr[i] > 0x20);
        }
        for (uint32_t i = 0; i < request.header_count; i++) {
            INVARIANT(str_find_char(request.headers[i].value, '\n') == STR_NOT_FOUND);
        }
    }
}

/* What is read from CBOR prints as CBOR that is read again. */
static void fuzz_cbor(str bytes, arena *a)
{
    json value, again;
    buf out;
    if (failed(cbor_parse(bytes, a, &value, NULL))) {
        return;
    }
    buf_init(&out, (size_t)1 << 28);
    cbor_print(value, &out);
    if (!out.overflowed) {
        INVARIANT(ok(cbor_parse(buf_str(&out), a, &again, NULL)) || a->bytes > 1u << 27);
    }
    buf_clean_up(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    aws_operation operation;
    error err = {0};
    if (!models && failed(aws_models_open(str_from_c(GAIT_AWS_MODELS_FILE), &models, &err))) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    if (size < 2) {
        return 0;
    }
    size_t chosen = data[0] % ARRAY_LENGTH(targets);
    unsigned http_status = data[1] < 128 ? 200 : data[1] < 192 ? 400 : 503;
    str rest = str_from((const char *)data + 2, size - 2);
    arena a;
    arena_init(&a, 1u << 28);
    INVARIANT(ok(aws_models_find(models, str_from_c(targets[chosen].service),
                                 str_from_c(targets[chosen].action), &operation, NULL)));
    INVARIANT(aws_operation_use_protocol(&operation, targets[chosen].protocol));
    fuzz_response(operation, http_status, rest, &a);
    fuzz_request(operation, rest, &a);
    fuzz_cbor(rest, &a);
    arena_clean_up(&a);
    return 0;
}

#else

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)data; /* built without the models: GAIT_AWS_MODELS=OFF */
    (void)size;
    return 0;
}

#endif
