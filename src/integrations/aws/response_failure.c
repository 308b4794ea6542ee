/* Errors of services: which code, which words, and what Step Functions calls them. A body that
 * cannot be read leaves both empty: the status alone says that it failed. */
#include "integrations/aws/response.h"

/* "aws.protocoltests#FooError:http://..." is FooError. */
static str bare_code(str code)
{
    size_t colon = str_find_char(code, ':');
    code = str_take(code, colon);
    size_t hash = str_find_last_char(code, '#');
    return hash == STR_NOT_FOUND ? code : str_skip(code, hash + 1);
}

static str text_of(json object, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        str text = json_str(json_get(object, str_from_c(names[i])));
        if (text.ptr) {
            return text;
        }
    }
    return STR("");
}

static void read_json_error(const response_reader *r, aws_response *response)
{
    static const char *const codes[] = {"__type", "code", "Code"};
    static const char *const messages[] = {"message", "Message", "errorMessage"};
    str code = response_header(r, STR("x-amzn-errortype"));
    response->code = bare_code(code.ptr ? code : text_of(r->json_body, codes, ARRAY_LENGTH(codes)));
    response->message = text_of(r->json_body, messages, ARRAY_LENGTH(messages));
}

/* <ErrorResponse><Error>, <Response><Errors><Error>, or <Error> itself. */
static void read_xml_error(const response_reader *r, aws_response *response)
{
    const xml_element *root = r->xml_root;
    const xml_element *found = root && str_equal(root->name, STR("Error")) ? root : NULL;
    found = found ? found : xml_child(root, STR("Error"));
    found = found ? found : xml_child(xml_child(root, STR("Errors")), STR("Error"));
    response->code = xml_child_text(found, STR("Code"));
    response->message = xml_child_text(found, STR("Message"));
    if (response->message.len == 0) {
        response->message = xml_child_text(found, STR("message"));
    }
    static const char *const ids[] = {"RequestId", "RequestID", "requestId"};
    for (size_t i = 0; i < ARRAY_LENGTH(ids) && response->request_id.len == 0; i++) {
        response->request_id = xml_child_text(root, str_from_c(ids[i]));
        if (response->request_id.len == 0) {
            response->request_id = xml_child_text(found, str_from_c(ids[i]));
        }
    }
    if (response->extended_request_id.len == 0) {
        response->extended_request_id = xml_child_text(found, STR("HostId"));
    }
}

/* An answer to HEAD has no body to say what is not there: the SDK for Java knows it from the
 * operation. */
static const struct {
    const char *action, *code;
} head_codes[] = {{"headObject", "NoSuchKey"}, {"headBucket", "NoSuchBucket"}};

static void guess_code(const response_reader *r, aws_response *response)
{
    bool is_s3 = str_equal(aws_service_sdk_name(r->service), STR("s3"));
    for (size_t i = 0; i < ARRAY_LENGTH(head_codes) && is_s3 && r->http_status == 404; i++) {
        if (str_equal(aws_operation_action(r->operation), str_from_c(head_codes[i].action))) {
            response->code = str_from_c(head_codes[i].code);
        }
    }
}

status response_read_failure(response_reader *r, aws_response *ret_response)
{
    aws_response response = *ret_response;
    aws_error_shape known;
    str prefix = aws_service_exception_prefix(r->service);
    error *reterr = r->form.reterr;
    r->form.reterr = NULL;
    bool is_read = r->xml_root || ok(response_parse_body(r));
    r->form.reterr = reterr;
    bool is_json = r->protocol == AWS_PROTOCOL_JSON || r->protocol == AWS_PROTOCOL_REST_JSON ||
                   r->protocol == AWS_PROTOCOL_CBOR;
    response.succeeded = false;
    response.output = (json){0};
    response.code = response.message = STR("");
    if (!is_read) {
        r->json_body = json_empty_object();
        r->xml_root = NULL;
    }
    if (is_json) {
        read_json_error(r, &response);
    } else {
        read_xml_error(r, &response);
    }
    if (response.code.len == 0) {
        guess_code(r, &response);
    }
    bool is_known = response.code.len && aws_service_error(r->service, response.code, &known);
    response.exception =
        is_known ? known.exception : arena_printf(r->form.a, "%.*sException", STR_ARG(prefix));
    response.error_name =
        response.exception.ptr
            ? arena_printf(r->form.a, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(response.exception))
            : STR_NONE;
    if (!response.error_name.ptr) {
        return fail_memory(reterr);
    }
    *ret_response = response;
    return STATUS_OK;
}

str aws_response_cause(aws_operation operation, const aws_response *response, unsigned attempts,
                       arena *a)
{
    str prefix = aws_service_exception_prefix(aws_operation_service(operation));
    str extended = response->extended_request_id;
    str count = attempts ? arena_printf(a, " (SDK Attempt Count: %u)", attempts) : STR("");
    str message = response->message.len ? response->message : STR("null");
    str id = response->request_id.len ? response->request_id : STR("null");
    if (!count.ptr) {
        return STR_NONE;
    }
    return arena_printf(a, "%.*s (Service: %.*s, Status Code: %u, Request ID: %.*s%s%.*s)%.*s",
                        STR_ARG(message), STR_ARG(prefix), response->http_status, STR_ARG(id),
                        extended.len ? ", Extended Request ID: " : "", STR_ARG(extended),
                        STR_ARG(count));
}
