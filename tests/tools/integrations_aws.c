/* The protocols of AWS services, to be compared with botocore's: integrations_aws MODELS reads
 * lines of JSON and answers each with a line.
 *
 *   {"service", "action", "parameters"}
 *     {"method", "path", "query", "hostPrefix", "headers": [[name, value]...], "body": base64}
 *   {"service", "action", "response": {"status", "headers": [[name, value]...], "body": base64}}
 *     {"succeeded", "output"} or {"succeeded", "error", "cause", "code", "requestId"}
 *   {"service", "region", "variant": a number, 0 if it is left out; "action": may be left out}
 *     {"host", "path", "signingRegion", "signingName"}
 *   what fails: {"failure": words}
 *
 * The first two take "protocol", the number of an aws_protocol, too. */
#include "integrations/aws/protocol.h"
#include "integrations/aws/wire.h"

#include <stdio.h>
#include <stdlib.h>

#define HEADERS_MAX 100

static json text_value(str text)
{
    return json_from_str(text);
}

static json base64_value(str bytes, arena *a)
{
    buf out;
    buf_init(&out, 2 * bytes.len + 16);
    wire_base64(bytes, &out);
    json value = json_from_str(arena_str(a, buf_str(&out)));
    buf_clean_up(&out);
    return value;
}

static status finish(json_object_builder *b, json *ret_answer, error *reterr)
{
    return json_object_finish(b, ret_answer, reterr);
}

static status make_request(aws_operation operation, json line, arena *a, json *ret_answer,
                           error *reterr)
{
    static const unsigned char entropy[AWS_ENTROPY_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8};
    aws_request request;
    json headers;
    json_array_builder list;
    json_object_builder b;
    TRY(aws_request_make(operation, json_get(line, STR("parameters")), entropy, a, &request,
                         reterr));
    json_array_begin(&list, a, 8);
    for (uint32_t i = 0; i < request.header_count; i++) {
        json pair, *items;
        TRY(json_array_new(a, 2, &pair, &items, reterr));
        items[0] = text_value(request.headers[i].name);
        items[1] = text_value(request.headers[i].value);
        json_array_add(&list, pair);
    }
    TRY(json_array_finish(&list, &headers, reterr));
    json_object_begin(&b, a, 8);
    json_object_add(&b, STR("method"), text_value(request.method));
    json_object_add(&b, STR("path"), text_value(request.path));
    json_object_add(&b, STR("query"), text_value(request.query));
    json_object_add(&b, STR("hostPrefix"), text_value(request.host_prefix));
    json_object_add(&b, STR("headers"), headers);
    json_object_add(&b, STR("body"), base64_value(request.body, a));
    json_object_add(&b, STR("anonymous"), json_boolean(request.is_anonymous));
    json_object_add(&b, STR("unsignedPayload"), json_boolean(request.payload_is_unsigned));
    return finish(&b, ret_answer, reterr);
}

static status read_response(aws_operation operation, json given, arena *a, json *ret_answer,
                            error *reterr)
{
    aws_header headers[HEADERS_MAX];
    uint32_t count = 0;
    int64_t code = 0;
    str body = STR("");
    aws_response response;
    json pairs = json_get(given, STR("headers"));
    for (uint32_t i = 0; i < json_count(pairs) && count < HEADERS_MAX; i++) {
        json pair = json_item(pairs, i);
        headers[count++] = (aws_header){.name = json_str(json_item(pair, 0)),
                                        .value = json_str(json_item(pair, 1))};
    }
    if (!json_int64(json_get(given, STR("status")), &code) ||
        failed(wire_base64_decode(json_str(json_get(given, STR("body"))), a, &body, reterr))) {
        return fail(reterr, ERROR_INVALID, "a response has a status and a body in base64");
    }
    TRY(aws_response_read(operation, (unsigned)code, headers, count, body, a, &response, reterr));
    json_object_builder b;
    json_object_begin(&b, a, 8);
    json_object_add(&b, STR("succeeded"), json_boolean(response.succeeded));
    json_object_add(&b, STR("requestId"), text_value(response.request_id));
    if (response.succeeded) {
        json_object_add(&b, STR("output"), response.output);
    } else {
        json_object_add(&b, STR("error"), text_value(response.error_name));
        json_object_add(&b, STR("code"), text_value(response.code));
        json_object_add(&b, STR("message"), text_value(response.message));
        json_object_add(&b, STR("cause"),
                        text_value(aws_response_cause(operation, &response, 1, a)));
    }
    return finish(&b, ret_answer, reterr);
}

static status find_endpoint(aws_service service, json line, arena *a, json *ret_answer,
                            error *reterr)
{
    aws_endpoint endpoint;
    json_object_builder b;
    int64_t variant = 0;
    (void)json_int64(json_get(line, STR("variant")), &variant);
    TRY(aws_service_endpoint_variant(service, json_str(json_get(line, STR("region"))),
                                     (unsigned)variant, a, &endpoint, reterr));
    json_object_begin(&b, a, 4);
    json_object_add(&b, STR("host"), text_value(endpoint.host));
    json_object_add(&b, STR("path"), text_value(endpoint.path));
    json_object_add(&b, STR("signingRegion"), text_value(endpoint.signing_region));
    json_object_add(&b, STR("signingName"), text_value(endpoint.signing_name));
    return finish(&b, ret_answer, reterr);
}

static status answer_line(const aws_models *models, str text, arena *a, json *ret_answer,
                          error *reterr)
{
    json line;
    aws_operation operation;
    TRY(json_parse_into(text, a, &line, reterr));
    str name = json_str(json_get(line, STR("service")));
    json region = json_get(line, STR("region"));
    json response = json_get(line, STR("response"));
    if (json_is(region, JSON_STRING)) {
        aws_service service = aws_models_service(models, name);
        aws_operation of =
            aws_service_exists(service)
                ? aws_service_operation(service, json_str(json_get(line, STR("action"))))
                : (aws_operation){0};
        service = aws_operation_exists(of) ? aws_operation_service(of) : service;
        return aws_service_exists(service) ? find_endpoint(service, line, a, ret_answer, reterr)
                                           : fail(reterr, ERROR_NOT_FOUND, "no such service");
    }
    TRY(aws_models_find(models, name, json_str(json_get(line, STR("action"))), &operation, reterr));
    int64_t protocol;
    if (json_int64(json_get(line, STR("protocol")), &protocol) &&
        !aws_operation_use_protocol(&operation, (aws_protocol)protocol)) {
        return fail(reterr, ERROR_INVALID, "the service does not speak this protocol");
    }
    return json_is_absent(response) ? make_request(operation, line, a, ret_answer, reterr)
                                    : read_response(operation, response, a, ret_answer, reterr);
}

static void print_answer(json answer, const error *err)
{
    buf out;
    buf_init(&out, (size_t)1 << 31);
    if (err) {
        buf_add_literal(&out, "{\"failure\":");
        json_print_string(str_from(err->message, err->length), &out);
        buf_add_char(&out, '}');
    } else {
        json_print(answer, &out);
    }
    buf_add_char(&out, '\n');
    fwrite(out.ptr, 1, out.len, stdout);
    fflush(stdout);
    buf_clean_up(&out);
}

int main(int argc, char **argv)
{
    aws_models *models;
    error err = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: integrations_aws MODELS\n");
        return 2;
    }
    if (failed(aws_models_open(str_from_c(argv[1]), &models, &err))) {
        fprintf(stderr, "integrations_aws: %s\n", err.message);
        return 1;
    }
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    arena a;
    arena_init(&a, 0);
    while ((length = getline(&line, &room, stdin)) > 0) {
        json answer = {0};
        bool is_answered =
            ok(answer_line(models, str_from(line, (size_t)length), &a, &answer, &err));
        print_answer(answer, is_answered ? NULL : &err);
        arena_reset(&a);
    }
    arena_clean_up(&a);
    free(line);
    aws_models_close(models);
    return 0;
}
