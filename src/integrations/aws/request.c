/* A request, by its protocol. Smithy's pages on AWS protocols say what each looks like:
 * https://smithy.io/2.0/aws/protocols/index.html */
#include "integrations/aws/request.h"

#include "base/digest.h"
#include "integrations/aws/cbor.h"
#include "integrations/aws/parameters_check.h"

status request_add_header(request_maker *m, str name, str value)
{
    if (!name.ptr || !value.ptr) {
        return fail_memory(m->reterr);
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '\r' || value.ptr[i] == '\n' || value.ptr[i] == '\0') {
            return fail(m->reterr, ERROR_INVALID,
                        "The value for the header '%.*s' must not hold line breaks",
                        STR_ARG(str_take(name, 200)));
        }
    }
    if (m->header_count == m->header_room) {
        uint32_t room = m->header_room ? 2 * m->header_room : 16;
        aws_header *grown =
            arena_grow(m->a, m->headers, m->header_room * sizeof(*grown), room * sizeof(*grown));
        if (!grown) {
            return fail_memory(m->reterr);
        }
        m->headers = grown;
        m->header_room = room;
    }
    m->headers[m->header_count++] = (aws_header){.name = name, .value = value};
    return STATUS_OK;
}

bool request_has_header(const request_maker *m, str name)
{
    for (uint32_t i = 0; i < m->header_count; i++) {
        if (str_equal_ignore_case(m->headers[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Whether each member of that name (a broken model may have more than one) takes a text. */
static bool is_text(aws_shape input, str name)
{
    bool takes_text = true;
    for (uint32_t i = 0; i < aws_shape_member_count(input); i++) {
        aws_member member = aws_shape_member(input, i);
        takes_text &= !str_equal(member.name, name) || aws_shape_type(member.shape) == AWS_STRING;
    }
    return takes_text;
}

status aws_request_add_tokens(aws_operation operation, json parameters,
                              const unsigned char entropy[AWS_ENTROPY_BYTES], arena *a,
                              json *ret_parameters, error *reterr)
{
    aws_shape input = aws_operation_input(operation);
    for (uint32_t i = 0; aws_shape_exists(input) && i < aws_shape_member_count(input); i++) {
        aws_member member = aws_shape_member(input, i);
        if (!member.is_token || !is_text(input, member.name) ||
            !json_is_absent(json_get(parameters, member.name))) {
            continue;
        }
        char text[UUID_TEXT_SIZE];
        str token = arena_str(a, uuid_from_entropy(entropy, text));
        if (!token.ptr) {
            return fail_memory(reterr);
        }
        TRY(json_object_with(a, parameters, json_from_str(member.name), json_from_str(token),
                             &parameters, reterr));
    }
    *ret_parameters = parameters;
    return STATUS_OK;
}

/* ---------------------------------------------------------------------------------------- bodies
 */

static status structure_of(request_maker *m, bool is_cbor, bool keeps_places, json *ret_value)
{
    wire_form form = {
        .is_cbor = is_cbor, .keeps_places = keeps_places, .a = m->a, .reterr = m->reterr};
    if (!aws_shape_exists(m->input)) {
        *ret_value = json_empty_object();
        return STATUS_OK;
    }
    return wire_structure_make(&form, m->input, m->parameters, 0, ret_value);
}

static status make_json(request_maker *m)
{
    json body;
    TRY(structure_of(m, false, false, &body));
    json_print(body, &m->body);
    str version = aws_service_json_version(m->service);
    TRY(request_add_header(m, STR("X-Amz-Target"),
                           arena_printf(m->a, "%.*s.%.*s",
                                        STR_ARG(aws_service_target_prefix(m->service)),
                                        STR_ARG(aws_operation_name(m->operation)))));
    return request_add_header(m, STR("Content-Type"),
                              arena_printf(m->a, "application/x-amz-json-%.*s",
                                           STR_ARG(version.len ? version : STR("1.0"))));
}

static status make_cbor(request_maker *m)
{
    json body;
    buf_reset(&m->path);
    buf_add_literal(&m->path, "/service/");
    buf_add_str(&m->path, aws_service_target_prefix(m->service));
    buf_add_literal(&m->path, "/operation/");
    buf_add_str(&m->path, aws_operation_name(m->operation));
    TRY(request_add_header(m, STR("smithy-protocol"), STR("rpc-v2-cbor")));
    TRY(request_add_header(m, STR("Accept"), STR("application/cbor")));
    if (!aws_shape_exists(m->input)) {
        return STATUS_OK;
    }
    TRY(structure_of(m, true, false, &body));
    cbor_print(body, &m->body);
    return request_add_header(m, STR("Content-Type"), STR("application/cbor"));
}

static bool find_payload(aws_shape input, aws_member *ret_payload)
{
    for (uint32_t i = 0; aws_shape_exists(input) && i < aws_shape_member_count(input); i++) {
        *ret_payload = aws_shape_member(input, i);
        if (ret_payload->is_payload) {
            return true;
        }
    }
    return false;
}

static bool has_body_member(aws_shape input)
{
    for (uint32_t i = 0; aws_shape_exists(input) && i < aws_shape_member_count(input); i++) {
        if (aws_shape_member(input, i).location == AWS_IN_BODY) {
            return true;
        }
    }
    return false;
}

/* A payload that is a text or bytes is the body as it is. */
static status make_raw_payload(request_maker *m, const aws_member *payload, json value)
{
    if (m->body_is_bytes) {
        buf_add_str(&m->body, json_str(value));
        return STATUS_OK;
    }
    str bytes = aws_shape_type(payload->shape) == AWS_STRING
                    ? json_str(value)
                    : wire_blob_bytes(payload, value, m->a);
    if (!bytes.ptr) {
        return fail_memory(m->reterr);
    }
    buf_add_str(&m->body, bytes);
    return STATUS_OK;
}

static status make_rest_json(request_maker *m)
{
    aws_member payload;
    json body;
    if (find_payload(m->input, &payload)) {
        aws_type type = aws_shape_type(payload.shape);
        bool is_raw = (type == AWS_BLOB || type == AWS_STRING) && !payload.is_json;
        json value = json_get(m->parameters, payload.name);
        bool is_given = !json_is_absent(value) && !json_is(value, JSON_NULL);
        if (is_raw) {
            return is_given ? make_raw_payload(m, &payload, value) : STATUS_OK;
        }
        wire_form form = {.a = m->a, .reterr = m->reterr};
        body = json_empty_object();
        if (is_given) {
            TRY(wire_value_make(&form, &payload, value, 0, &body));
        }
    } else if (has_body_member(m->input)) {
        TRY(structure_of(m, false, true, &body));
    } else {
        return STATUS_OK;
    }
    json_print(body, &m->body);
    return request_has_header(m, STR("Content-Type"))
               ? STATUS_OK
               : request_add_header(m, STR("Content-Type"), STR("application/json"));
}

static status make_rest_xml(request_maker *m)
{
    aws_member payload;
    if (!find_payload(m->input, &payload)) {
        return request_add_xml_body(m);
    }
    aws_type type = aws_shape_type(payload.shape);
    json value = json_get(m->parameters, payload.name);
    if (json_is_absent(value) || json_is(value, JSON_NULL)) {
        return STATUS_OK;
    }
    if (type != AWS_BLOB && type != AWS_STRING) {
        return request_add_xml_payload(m, &payload, value);
    }
    TRY(make_raw_payload(m, &payload, value));
    /* An object's body is text to Step Functions: so S3 tells of objects that a Task has put. */
    return type == AWS_STRING || request_has_header(m, STR("Content-Type"))
               ? STATUS_OK
               : request_add_header(m, STR("Content-Type"), STR("text/plain; charset=UTF-8"));
}

static status make_rest(request_maker *m)
{
    TRY(request_add_places(m));
    return aws_operation_protocol(m->operation) == AWS_PROTOCOL_REST_JSON ? make_rest_json(m)
                                                                          : make_rest_xml(m);
}

static status (*const makers[])(request_maker *) = {
    [AWS_PROTOCOL_JSON] = make_json,
    [AWS_PROTOCOL_REST_JSON] = make_rest,
    [AWS_PROTOCOL_REST_XML] = make_rest,
    [AWS_PROTOCOL_QUERY] = request_add_query_body,
    [AWS_PROTOCOL_EC2] = request_add_query_body,
    [AWS_PROTOCOL_CBOR] = make_cbor,
};

/* What the SDKs' customizations add for single services. */
static status add_service_headers(request_maker *m)
{
    str name = aws_service_sdk_name(m->service);
    if (aws_service_is_query_compatible(m->service)) {
        TRY(request_add_header(m, STR("x-amzn-query-mode"), STR("true")));
    }
    if (str_equal(name, STR("glacier"))) {
        TRY(request_add_header(m, STR("x-amz-glacier-version"),
                               aws_service_api_version(m->service)));
    }
    if (str_equal(name, STR("apigateway")) && !request_has_header(m, STR("Accept"))) {
        TRY(request_add_header(m, STR("Accept"), STR("application/json")));
    }
    return STATUS_OK;
}

static status make_all(request_maker *m, const unsigned char entropy[AWS_ENTROPY_BYTES])
{
    buf_add_char(&m->path, '/');
    TRY(aws_request_add_tokens(m->operation, m->parameters, entropy, m->a, &m->parameters,
                               m->reterr));
    TRY(request_add_host_prefix(m));
    TRY(makers[aws_operation_protocol(m->operation)](m));
    TRY(add_service_headers(m));
    TRY(buf_status(&m->body, m->reterr));
    return request_add_checksum(m);
}

static status hand_out(request_maker *m, aws_request *ret_request)
{
    TRY(buf_status(&m->path, m->reterr));
    TRY(buf_status(&m->query, m->reterr));
    aws_request request = {
        .method = str_from_c(m->traits.method),
        .path = arena_str(m->a, buf_str(&m->path)),
        .query = arena_str(m->a, buf_str(&m->query)),
        .host_prefix = m->host_prefix,
        .bucket = m->bucket,
        .headers = m->headers,
        .header_count = m->header_count,
        .body = arena_str(m->a, buf_str(&m->body)),
        .payload_is_unsigned = m->traits.payload_is_unsigned,
        .is_anonymous = m->traits.is_anonymous,
    };
    if (!request.path.ptr || !request.query.ptr || !request.body.ptr) {
        return fail_memory(m->reterr);
    }
    *ret_request = request;
    return STATUS_OK;
}

static status make_of(aws_operation operation, json parameters, bool body_is_bytes,
                      const unsigned char entropy[AWS_ENTROPY_BYTES], arena *a,
                      aws_request *ret_request, error *reterr)
{
    TRY(parameters_check_values(operation, parameters, reterr));
    request_maker m = {
        .operation = operation,
        .service = aws_operation_service(operation),
        .traits = aws_operation_traits_of(operation),
        .input = aws_operation_input(operation),
        .parameters = json_is_absent(parameters) ? json_empty_object() : parameters,
        .body_is_bytes = body_is_bytes,
        .a = a,
        .reterr = reterr,
        .host_prefix = STR(""),
        .bucket = STR(""),
    };
    buf_init(&m.path, AWS_BODY_BYTES_MAX);
    buf_init(&m.query, AWS_BODY_BYTES_MAX);
    buf_init(&m.body, AWS_BODY_BYTES_MAX);
    status s = make_all(&m, entropy);
    if (ok(s)) {
        s = hand_out(&m, ret_request);
    }
    buf_clean_up(&m.path);
    buf_clean_up(&m.query);
    buf_clean_up(&m.body);
    return s;
}

status aws_request_make(aws_operation operation, json parameters,
                        const unsigned char entropy[AWS_ENTROPY_BYTES], arena *a,
                        aws_request *ret_request, error *reterr)
{
    return make_of(operation, parameters, false, entropy, a, ret_request, reterr);
}

status aws_request_make_of_bytes(aws_operation operation, json parameters,
                                 const unsigned char entropy[AWS_ENTROPY_BYTES], arena *a,
                                 aws_request *ret_request, error *reterr)
{
    return make_of(operation, parameters, true, entropy, a, ret_request, reterr);
}
