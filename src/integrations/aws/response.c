/* Answers, by protocol: first the body is parsed, then each member of the output is read from where
 * it is, so that the output has them by name in one order, as Step Functions has; a streamed body
 * comes last. */
#include "integrations/aws/response.h"

#include "integrations/aws/cbor.h"
#include "integrations/aws/wire.h"

str response_header(const response_reader *r, str name)
{
    for (uint32_t i = 0; i < r->header_count; i++) {
        if (str_equal_ignore_case(r->headers[i].name, name)) {
            return r->headers[i].value;
        }
    }
    return STR_NONE;
}

/* ---------------------------------------------------------------------------------------- places
 */

/* "a, b", where an item with a comma is quoted. */
static status read_header_list(const response_reader *r, const aws_member *list, str text,
                               json *ret_value)
{
    aws_member items = aws_shape_member(list->shape, 0);
    json_array_builder builder;
    json_array_begin(&builder, r->form.a, 4);
    while (text.ptr) {
        json item;
        text = str_trim(text);
        str one;
        if (text.len && text.ptr[0] == '"' &&
            str_find_char(str_skip(text, 1), '"') != STR_NOT_FOUND) {
            size_t end = str_find_char(str_skip(text, 1), '"');
            one = str_from(text.ptr + 1, end);
            text = str_skip(text, end + 2);
            (void)str_split_next(&text, ',');
        } else {
            one = str_trim(str_split_next(&text, ','));
        }
        TRY(wire_scalar_read(&r->form, &items, one, &item));
        json_array_add(&builder, item);
    }
    return json_array_finish(&builder, ret_value, r->form.reterr);
}

static status read_header_map(const response_reader *r, const aws_member *map, json *ret_value)
{
    str prefix = str_equal(map->wire, map->name) ? STR("") : map->wire;
    json_object_builder builder;
    json_object_begin(&builder, r->form.a, 4);
    for (uint32_t i = 0; i < r->header_count; i++) {
        str name = r->headers[i].name;
        if (str_equal_ignore_case(str_take(name, prefix.len), prefix)) {
            str key = wire_as_text(str_skip(name, prefix.len), r->form.a);
            str value = wire_as_text(r->headers[i].value, r->form.a);
            if (!key.ptr || !value.ptr) {
                return fail_memory(r->form.reterr);
            }
            json_object_add(&builder, key, json_from_str(value));
        }
    }
    return json_object_finish(&builder, ret_value, r->form.reterr);
}

status response_read_place(const response_reader *r, const aws_member *member, json *ret_value)
{
    *ret_value = (json){0};
    if (member->location == AWS_IN_STATUS) {
        *ret_value = json_from_int64(r->http_status);
        return STATUS_OK;
    }
    if (member->location == AWS_IN_HEADERS) {
        return read_header_map(r, member, ret_value);
    }
    str text = response_header(r, member->wire);
    int64_t time_ms;
    if (member->location != AWS_IN_HEADER || !text.ptr) {
        return STATUS_OK;
    }
    if (aws_shape_type(member->shape) == AWS_TIMESTAMP && !wire_time_read(text, &time_ms)) {
        return STATUS_OK; /* s3: an object's Expires is whatever its maker wrote there */
    }
    return aws_shape_type(member->shape) == AWS_LIST
               ? read_header_list(r, member, text, ret_value)
               : wire_scalar_read(&r->form, member, text, ret_value);
}

/* ---------------------------------------------------------------------------------------- bodies
 */

static status parse_json(response_reader *r)
{
    r->json_body = json_empty_object();
    if (str_trim(r->body).len == 0) {
        return STATUS_OK;
    }
    error err;
    status s = json_parse_into(r->body, r->form.a, &r->json_body, &err);
    if (failed(s) && s.code == ERROR_SYNTAX) {
        return fail(r->form.reterr, ERROR_SYNTAX, "the answer is not JSON: %s", err.message);
    }
    if (failed(s)) {
        return fail(r->form.reterr, s.code, "%s", err.message);
    }
    return STATUS_OK;
}

static status parse_xml(response_reader *r)
{
    xml_element *root;
    if (str_trim(r->body).len == 0) {
        return STATUS_OK;
    }
    TRY(xml_parse(str_trim(r->body), r->form.a, &root, r->form.reterr));
    r->xml_root = r->xml_output = root;
    if (r->traits.output_wrapper.len) {
        r->xml_output = xml_child(root, r->traits.output_wrapper);
    }
    return STATUS_OK;
}

static bool is_xml(const response_reader *r)
{
    return r->protocol == AWS_PROTOCOL_REST_XML || r->protocol == AWS_PROTOCOL_QUERY ||
           r->protocol == AWS_PROTOCOL_EC2;
}

status response_parse_body(response_reader *r)
{
    if (r->protocol == AWS_PROTOCOL_CBOR) {
        return cbor_parse(r->body, r->form.a, &r->json_body, r->form.reterr);
    }
    return is_xml(r) ? parse_xml(r) : parse_json(r);
}

/* --------------------------------------------------------------------------------------- outputs
 */

static status read_payload(response_reader *r, const aws_member *payload, json *ret_value)
{
    aws_type type = aws_shape_type(payload->shape);
    *ret_value = (json){0};
    if (type == AWS_BLOB || type == AWS_STRING) {
        str text = wire_as_text(r->body, r->form.a);
        if (!text.ptr) {
            return fail_memory(r->form.reterr);
        }
        *ret_value = json_from_str(text);
        return STATUS_OK;
    }
    TRY(response_parse_body(r));
    if (str_trim(r->body).len == 0) {
        return STATUS_OK;
    }
    return is_xml(r) ? response_read_xml(&r->form, r->xml_root, payload, ret_value)
                     : wire_value_read(&r->form, payload, r->json_body, 0, ret_value);
}

/* s3 GetBucketLocation: the whole answer is the element of its one member. */
static bool is_root_the_member(const response_reader *r, const aws_member *member)
{
    return r->protocol == AWS_PROTOCOL_REST_XML && r->xml_root && !r->xml_root->first_child &&
           str_equal(r->xml_root->name, member->wire) && aws_shape_member_count(r->output) == 1;
}

static status read_body_member(const response_reader *r, const aws_member *member, json *ret_value)
{
    *ret_value = (json){0};
    if (is_xml(r)) {
        if (is_root_the_member(r, member)) {
            return r->xml_root->text.len
                       ? response_read_xml(&r->form, r->xml_root, member, ret_value)
                       : STATUS_OK;
        }
        return response_read_xml_member(&r->form, r->xml_output, member, ret_value);
    }
    json value = json_get(r->json_body, member->wire);
    if (json_is_absent(value) || json_is(value, JSON_NULL)) {
        return STATUS_OK;
    }
    return wire_value_read(&r->form, member, value, 1, ret_value);
}

static bool has_places(const response_reader *r)
{
    return r->protocol == AWS_PROTOCOL_REST_JSON || r->protocol == AWS_PROTOCOL_REST_XML;
}

/* *ret_payload_index is the member that the whole body is; the count of members when none is. */
static uint32_t payload_index(const response_reader *r)
{
    uint32_t count = aws_shape_member_count(r->output), index = 0;
    while (index < count && !(has_places(r) && aws_shape_member(r->output, index).is_payload)) {
        index++;
    }
    return index;
}

static status read_member(response_reader *r, const aws_member *member, bool is_payload,
                          bool has_payload, json *ret_value)
{
    if (is_payload) {
        return read_payload(r, member, ret_value);
    }
    if (has_places(r) && member->location != AWS_IN_BODY) {
        return response_read_place(r, member, ret_value);
    }
    *ret_value = (json){0};
    return has_payload ? STATUS_OK : read_body_member(r, member, ret_value);
}

static status read_output(response_reader *r, json *ret_output)
{
    json_object_builder builder;
    json_object_begin(&builder, r->form.a, 8);
    uint32_t count = aws_shape_exists(r->output) ? aws_shape_member_count(r->output) : 0;
    uint32_t payload = count ? payload_index(r) : 0;
    json streamed = {0};
    str streamed_name = STR("");
    if (payload == count) {
        TRY(response_parse_body(r));
        bool is_object = json_is(r->json_body, JSON_OBJECT) || json_is_absent(r->json_body) ||
                         json_is(r->json_body, JSON_NULL);
        if (!is_object) {
            return fail(r->form.reterr, ERROR_SYNTAX, "the answer is no object");
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        aws_member member = aws_shape_member(r->output, i);
        json value;
        TRY(read_member(r, &member, i == payload, payload < count, &value));
        if (i == payload && member.is_streaming) {
            streamed = value;
            streamed_name = member.name;
        } else if (!json_is_absent(value)) {
            json_object_add(&builder, member.name, value);
        }
    }
    if (!json_is_absent(streamed)) {
        json_object_add(&builder, streamed_name, streamed);
    }
    return json_object_finish(&builder, ret_output, r->form.reterr);
}

/* "" when none of them is there, or memory ran out. */
static str first_header(const response_reader *r, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        str value = response_header(r, str_from_c(names[i]));
        str text = value.ptr ? wire_as_text(value, r->form.a) : STR_NONE;
        if (text.ptr) {
            return text;
        }
    }
    return STR("");
}

/* query: ResponseMetadata/RequestId; ec2: requestId. */
static str request_id_in_xml(const response_reader *r)
{
    str id = xml_child_text(xml_child(r->xml_root, STR("ResponseMetadata")), STR("RequestId"));
    return id.len ? id : xml_child_text(r->xml_root, STR("requestId"));
}

/* S3 may answer 200 and then fail: CopyObject, CompleteMultipartUpload. */
static bool is_failure_in_success(const response_reader *r)
{
    return r->protocol == AWS_PROTOCOL_REST_XML && r->xml_root &&
           str_equal(r->xml_root->name, STR("Error"));
}

status aws_response_read(aws_operation operation, unsigned http_status, const aws_header *headers,
                         uint32_t header_count, str body, arena *a, aws_response *ret_response,
                         error *reterr)
{
    static const char *const id_headers[] = {"x-amzn-RequestId", "x-amz-request-id",
                                             "x-amzn-request-id", "x-amz-requestid"};
    response_reader r = {
        .operation = operation,
        .service = aws_operation_service(operation),
        .protocol = aws_operation_protocol(operation),
        .traits = aws_operation_traits_of(operation),
        .output = aws_operation_output(operation),
        .http_status = http_status,
        .headers = headers,
        .header_count = header_count,
        .body = body,
        .form = {.a = a, .reterr = reterr},
    };
    r.form.is_cbor = r.protocol == AWS_PROTOCOL_CBOR;
    aws_response response = {
        .succeeded = http_status >= 200 && http_status < 300,
        .http_status = http_status,
        .request_id = first_header(&r, id_headers, ARRAY_LENGTH(id_headers)),
        .extended_request_id = first_header(&r, (const char *const[]){"x-amz-id-2"}, 1),
    };
    if (response.succeeded) {
        TRY(read_output(&r, &response.output));
        response.succeeded = !is_failure_in_success(&r);
    }
    if (!response.succeeded) {
        TRY(response_read_failure(&r, &response));
    } else if (response.request_id.len == 0 && r.xml_root) {
        response.request_id = request_id_in_xml(&r);
    }
    *ret_response = response;
    return STATUS_OK;
}
