/* rest-json: which operation a method and a path stand for, what stands in the path and the query,
 * and how answers and errors look. Sources: the service model; the shapes of errors as Lambda
 * answers them, {"Type": "User", "Message": ...} and the name in x-amzn-ErrorType. */
#include "api/lambda/lambda_api.h"

#include "api/lambda/call.h"
#include "base/percent.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/random.h>

#define CALL_BYTES_MAX (512u << 20)
#define ANSWER_BYTES_MAX (64u << 20)
#define SMALL_BODY_BYTES_MAX (1u << 20)
#define SEGMENTS_MAX 8
#define PATH_BYTES_MAX 2048
#define PAGE_SIZE_MAX 50

/* "*": the function; "+": the alias; "#": an ARN. */
static const struct {
    const char *method, *path;
    lambda_operation *run;
    size_t body_bytes_max;
    bool is_raw; /* the body is not a JSON object */
} operations[] = {
    {"POST", "2015-03-31/functions", lambda_api_create_function, LAMBDA_REQUEST_BYTES_MAX, false},
    {"GET", "2015-03-31/functions", lambda_api_list_functions, 0, true},
    {"GET", "2015-03-31/functions/*", lambda_api_get_function, 0, true},
    {"DELETE", "2015-03-31/functions/*", lambda_api_delete_function, 0, true},
    {"PUT", "2015-03-31/functions/*/code", lambda_api_update_function_code,
     LAMBDA_REQUEST_BYTES_MAX, false},
    {"GET", "2015-03-31/functions/*/configuration", lambda_api_get_function_configuration, 0, true},
    {"PUT", "2015-03-31/functions/*/configuration", lambda_api_update_function_configuration,
     SMALL_BODY_BYTES_MAX, false},
    {"POST", "2015-03-31/functions/*/invocations", lambda_api_invoke, LAMBDA_PAYLOAD_BYTES_MAX,
     true},
    {"POST", "2014-11-13/functions/*/invoke-async", lambda_api_invoke_async, LAMBDA_EVENT_BYTES_MAX,
     true},
    {"POST", "2015-03-31/functions/*/versions", lambda_api_publish_version, SMALL_BODY_BYTES_MAX,
     false},
    {"GET", "2015-03-31/functions/*/versions", lambda_api_list_versions, 0, true},
    {"POST", "2015-03-31/functions/*/aliases", lambda_api_create_alias, SMALL_BODY_BYTES_MAX,
     false},
    {"GET", "2015-03-31/functions/*/aliases", lambda_api_list_aliases, 0, true},
    {"GET", "2015-03-31/functions/*/aliases/+", lambda_api_get_alias, 0, true},
    {"PUT", "2015-03-31/functions/*/aliases/+", lambda_api_update_alias, SMALL_BODY_BYTES_MAX,
     false},
    {"DELETE", "2015-03-31/functions/*/aliases/+", lambda_api_delete_alias, 0, true},
    {"GET", "2020-06-30/functions/*/code-signing-config", lambda_api_get_code_signing_config, 0,
     true},
    {"DELETE", "2020-06-30/functions/*/code-signing-config", lambda_api_delete_code_signing_config,
     0, true},
    {"GET", "2017-03-31/tags/*", lambda_api_list_tags, 0, true},
    {"POST", "2017-03-31/tags/*", lambda_api_tag_resource, SMALL_BODY_BYTES_MAX, false},
    {"DELETE", "2017-03-31/tags/*", lambda_api_untag_resource, 0, true},
    {"GET", "lambda-packages/*/+", lambda_api_get_package, 0, true}, /* ours: Code.Location */
};

/* Paths that only Lambda has: what is not in the table above is refused as unknown. */
static const char *const own_paths[] = {
    "/2014-11-13/functions/",
    "/2015-03-31/functions",
    "/2015-03-31/event-source-mappings",
    "/2016-08-19/account-settings",
    "/2017-03-31/tags/arn:aws:lambda:",
    "/2017-03-31/tags/arn%3Aaws%3Alambda%3A",
    "/2017-10-31/functions/",
    "/2018-10-31/layers",
    "/2019-09-25/functions/",
    "/2019-09-30/functions/",
    "/2020-04-22/code-signing-configs",
    "/2020-06-30/functions/",
    "/2021-07-20/functions/",
    "/2021-10-31/functions/",
    "/2021-11-15/functions/",
    "/lambda-packages/",
};

/* What is not 400, or spells its message's member in lower case. */
static const struct {
    const char *name;
    unsigned http_status;
    const char *member;
} error_shapes[] = {
    {"InvalidParameterValueException", 400, "message"},
    {"InvalidRequestContentException", 400, "message"},
    {"PreconditionFailedException", 412, "message"},
    {"RequestTooLargeException", 413, "message"},
    {"ResourceConflictException", 409, "message"},
    {"ResourceNotFoundException", 404, "Message"},
    {"SerializationException", 400, "Message"},
    {"ServiceException", 500, "Message"},
    {"TooManyRequestsException", 429, "message"},
    {"UnknownOperationException", 404, "Message"},
    {"ValidationException", 400, "message"},
};

/* ----------------------------------------------------------------------------------- ends of calls
 */

static void call_free(lambda_call *call)
{
    if (call->api) {
        *(call->before ? &call->before->after : &call->api->calls) = call->after;
        if (call->after) {
            call->after->before = call->before;
        }
    }
    buf_clean_up(&call->violations);
    arena_clean_up(&call->memory);
    free(call);
}

void lambda_api_answer_with(lambda_call *call, const net_http_response *response)
{
    net_http_header headers[12];
    size_t count = 0;
    headers[count++] = (net_http_header){STR("x-amzn-RequestId"), str_from_c(call->request_id)};
    INVARIANT(response->header_count < ARRAY_LENGTH(headers));
    for (size_t i = 0; i < response->header_count; i++) {
        headers[count++] = response->headers[i];
    }
    net_http_response all = {response->status, headers, count, response->body};
    if (call->api) {
        net_http_answer(call->http->reply, &all);
    }
    call_free(call);
}

static void answer_text(lambda_call *call, unsigned http_status, const char *error_name, str body)
{
    net_http_header headers[] = {
        {STR("Content-Type"), STR("application/json")},
        {STR("x-amzn-ErrorType"), str_from_c(error_name)},
    };
    net_http_response response = {http_status, headers, error_name ? 2 : 1, body};
    lambda_api_answer_with(call, &response);
}

void lambda_api_answer(lambda_call *call, unsigned http_status, json output)
{
    buf text;
    error err;
    buf_init(&text, ANSWER_BYTES_MAX);
    json_print(output, &text);
    if (failed(buf_status(&text, &err))) {
        lambda_api_fail(call, &err);
    } else if (json_is_absent(output)) {
        net_http_response response = {.status = http_status};
        lambda_api_answer_with(call, &response);
    } else {
        answer_text(call, http_status, NULL, buf_str(&text));
    }
    buf_clean_up(&text);
}

void lambda_api_refuse(lambda_call *call, const char *error_name, const char *format, ...)
{
    size_t row = 0;
    while (row < ARRAY_LENGTH(error_shapes) && strcmp(error_shapes[row].name, error_name) != 0) {
        row++;
    }
    INVARIANT(row < ARRAY_LENGTH(error_shapes));
    char *message = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&message, format, arguments);
    va_end(arguments);
    buf text;
    buf_init(&text, ANSWER_BYTES_MAX);
    buf_add_format(
        &text, "{\"Type\":\"%s\",\"%s\":", error_shapes[row].http_status < 500 ? "User" : "Service",
        error_shapes[row].member);
    json_print_string(length < 0 ? STR("out of memory") : str_from(message, (size_t)length), &text);
    buf_add_char(&text, '}');
    answer_text(call, error_shapes[row].http_status, error_name, buf_str(&text));
    buf_clean_up(&text);
    if (length >= 0) {
        free(message);
    }
}

void lambda_api_fail(lambda_call *call, const error *err)
{
    lambda_api_refuse(call, "ServiceException", "%s", err->message);
}

void lambda_api_violate(lambda_call *call, const char *member, str value, const char *format, ...)
{
    char words[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    buf_add_format(&call->violations, "%s", call->violation_count++ ? "; " : "");
    if (value.ptr) {
        buf_add_format(&call->violations, "Value '%.*s'", STR_ARG(value));
    } else {
        buf_add_literal(&call->violations, "Value null");
    }
    buf_add_format(&call->violations, " at '%s' failed to satisfy constraint: %s", member, words);
}

bool lambda_api_refuse_violations(lambda_call *call)
{
    if (call->violation_count == 0) {
        return false;
    }
    str all = buf_str(&call->violations);
    lambda_api_refuse(call, "ValidationException", "%u validation error%s detected: %.*s",
                      call->violation_count, call->violation_count == 1 ? "" : "s", STR_ARG(all));
    return true;
}

/* --------------------------------------------------------------------------------- taking apart */

/* Whether the path has the operation's form. */
static bool path_matches(str path, const char *form, str *ret_function, str *ret_alias)
{
    str rest = path.len && path.ptr[path.len - 1] == '/' ? str_take(path, path.len - 1) : path;
    str form_rest = str_from_c(form);
    rest = str_skip(rest, 1);
    for (int i = 0; i < SEGMENTS_MAX && form_rest.ptr && rest.ptr; i++) {
        str wanted = str_split_next(&form_rest, '/');
        str part = str_split_next(&rest, '/');
        if (str_equal(wanted, STR("*")) && part.len) {
            *ret_function = part;
        } else if (str_equal(wanted, STR("+")) && part.len) {
            *ret_alias = part;
        } else if (!str_equal(wanted, part)) {
            return false;
        }
    }
    return !form_rest.ptr && !rest.ptr;
}

static bool is_own(str target)
{
    for (size_t i = 0; i < ARRAY_LENGTH(own_paths); i++) {
        if (str_starts_with(target, str_from_c(own_paths[i]))) {
            return true;
        }
    }
    return false;
}

size_t lambda_api_body_limit(str target)
{
    size_t most = is_own(target) ? SMALL_BODY_BYTES_MAX : 0;
    str rest = target;
    str path = str_split_next(&rest, '?');
    str ignored;
    for (size_t i = 0; most && i < ARRAY_LENGTH(operations); i++) {
        if (path_matches(path, operations[i].path, &ignored, &ignored) &&
            operations[i].body_bytes_max > most) {
            most = operations[i].body_bytes_max;
        }
    }
    return most;
}

str lambda_api_query(lambda_call *call, const char *name)
{
    for (str rest = call->http->query; rest.ptr;) {
        str value = str_split_next(&rest, '&');
        str key = str_split_next(&value, '=');
        if (str_equal(key, str_from_c(name))) {
            return percent_decode(value.ptr ? value : STR(""), &call->memory);
        }
    }
    return STR_NONE;
}

bool lambda_api_query_has(lambda_call *call, const char *name, str wanted)
{
    for (str rest = call->http->query; rest.ptr;) {
        str value = str_split_next(&rest, '&');
        str key = str_split_next(&value, '=');
        if (str_equal(key, str_from_c(name)) &&
            str_equal(percent_decode(value, &call->memory), wanted)) {
            return true;
        }
    }
    return false;
}

json lambda_api_member(const lambda_call *call, const char *name)
{
    json value = json_get(call->input, str_from_c(name));
    return json_is(value, JSON_NULL) ? (json){0} : value;
}

str lambda_api_text(const lambda_call *call, const char *name)
{
    return json_str(lambda_api_member(call, name));
}

bool lambda_api_read_qualifier(lambda_call *call, str *ret_qualifier)
{
    str asked = lambda_api_query(call, "Qualifier");
    str own = call->name.qualifier;
    if (asked.len && own.len && !str_equal(asked, own)) {
        lambda_api_refuse(
            call, "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified "
            "qualifier.");
        return false;
    }
    *ret_qualifier = asked.len ? asked : own;
    for (size_t i = 0; i < ret_qualifier->len; i++) {
        char c = ret_qualifier->ptr[i];
        bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!is_plain && (!c || !strchr("-_$", c))) {
            lambda_api_violate(call, "qualifier", str_take(*ret_qualifier, 200),
                               "Member must satisfy regular expression pattern: "
                               "(|[a-zA-Z0-9$_-]+)");
            break;
        }
    }
    return !lambda_api_refuse_violations(call);
}

bool lambda_api_read_page(lambda_call *call, uint32_t *ret_size, str *ret_marker)
{
    str text = lambda_api_query(call, "MaxItems");
    uint32_t size = 0;
    for (size_t i = 0; i < text.len && size <= 10000; i++) {
        bool is_digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        size = is_digit ? size * 10 + (uint32_t)(text.ptr[i] - '0') : 10001;
    }
    if (text.ptr && (size < 1 || size > 10000)) {
        lambda_api_violate(call, "maxItems", str_take(text, 100), "Member must have value %s",
                           size < 1 ? "greater than or equal to 1" : "less than or equal to 10000");
        lambda_api_refuse_violations(call);
        return false;
    }
    str marker = lambda_api_query(call, "Marker");
    *ret_size = text.ptr ? MIN_OF(size, PAGE_SIZE_MAX) : PAGE_SIZE_MAX;
    *ret_marker = marker.len ? marker : STR_NONE;
    return true;
}

void lambda_api_answer_page(lambda_call *call, const char *member, status so_far,
                            json_array_builder *items, str next_marker, error *err)
{
    json list, answer = {0};
    status result = so_far;
    if (ok(result)) {
        result = json_array_finish(items, &list, err);
    }
    if (ok(result)) {
        result = lambda_api_with(call, json_empty_object(), &answer, err, member, list, NULL);
    }
    if (ok(result) && next_marker.ptr) {
        json marker = json_from_str(next_marker);
        result = lambda_api_with(call, answer, &answer, err, "NextMarker", marker, NULL);
    }
    if (failed(result)) {
        lambda_api_fail(call, err);
    } else {
        lambda_api_answer(call, 200, answer);
    }
}

/* ------------------------------------------------------------------------------------- handling */

void lambda_api_random(void *out, size_t bytes)
{
    INVARIANT(getrandom(out, bytes, 0) == (ssize_t)bytes);
}

static lambda_call *call_new(lambda_api *api, const net_http_request *request)
{
    unsigned char random[16];
    lambda_call *call = calloc(1, sizeof(*call));
    if (!call) {
        return NULL;
    }
    lambda_api_random(random, sizeof(random));
    call->api = api;
    call->http = request;
    call->input = json_empty_object();
    call->after = api->calls;
    if (call->after) {
        call->after->before = call;
    }
    api->calls = call;
    arena_init(&call->memory, CALL_BYTES_MAX);
    buf_init(&call->violations, 1u << 16);
    uuid_from_entropy(random, call->request_id);
    return call;
}

/* The function that the path or FunctionName names; false: refused. */
static bool read_name(lambda_call *call, str text)
{
    error err;
    if (ok(lambda_name_parse(text, &call->name, &err))) {
        return true;
    }
    lambda_api_violate(
        call, "functionName", str_take(text, 300),
        "Member must satisfy regular expression pattern: "
        "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:"
        ")?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?");
    lambda_api_refuse_violations(call);
    return false;
}

static bool read_input(lambda_call *call)
{
    error err;
    str body = call->http->body;
    if (body.len && (failed(json_parse_into(body, &call->memory, &call->input, &err)) ||
                     !json_is(call->input, JSON_OBJECT))) {
        lambda_api_refuse(call, "SerializationException",
                          "Could not parse request body into json: it must be a JSON object");
        return false;
    }
    return true;
}

static void run(lambda_call *call, size_t row, str function)
{
    if (call->http->is_body_cut || call->http->body.len > operations[row].body_bytes_max) {
        if (operations[row].body_bytes_max == LAMBDA_PAYLOAD_BYTES_MAX) {
            lambda_api_refuse(
                call, "RequestTooLargeException",
                "Request must be smaller than %u bytes for the InvokeFunction operation",
                LAMBDA_PAYLOAD_BYTES_MAX);
        } else {
            lambda_api_refuse(call, "RequestTooLargeException",
                              "Request must be smaller than %zu bytes for the %s operation",
                              operations[row].body_bytes_max,
                              operations[row].run == lambda_api_create_function ? "CreateFunction"
                              : operations[row].run == lambda_api_update_function_code
                                  ? "UpdateFunctionCode"
                                  : "requested");
        }
        return;
    }
    if (!operations[row].is_raw && !read_input(call)) {
        return;
    }
    if (operations[row].run == lambda_api_create_function) {
        function = lambda_api_text(call, "FunctionName");
    }
    bool is_list = operations[row].run == lambda_api_list_functions;
    if (is_list || read_name(call, percent_decode(function, &call->memory))) {
        operations[row].run(call);
    }
}

bool lambda_api_handle(lambda_api *api, const net_http_request *request)
{
    if (!is_own(request->path)) {
        return false;
    }
    lambda_call *call = call_new(api, request);
    if (!call) {
        net_http_response busy = {.status = 503};
        net_http_answer(request->reply, &busy);
        return true;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++) {
        str function = STR_NONE;
        str alias = STR_NONE;
        if (str_equal(request->method, str_from_c(operations[i].method)) &&
            path_matches(request->path, operations[i].path, &function, &alias)) {
            call->alias = percent_decode(alias, &call->memory);
            run(call, i, function);
            return true;
        }
    }
    lambda_api_refuse(call, "UnknownOperationException",
                      "This operation of the Lambda API is not served here: %.*s %.*s",
                      STR_ARG(request->method), STR_ARG(str_take(request->path, 300)));
    return true;
}

status lambda_api_new(net_loop *loop, integrations *tasks, lambda_api **ret_api, error *reterr)
{
    lambda_catalog *functions = integrations_functions(tasks, reterr);
    if (!functions) {
        return (status){ERROR_IO};
    }
    lambda_api *api = calloc(1, sizeof(*api));
    if (!api) {
        return fail_memory(reterr);
    }
    *api = (lambda_api){.loop = loop, .tasks = tasks, .functions = functions};
    lambda_catalog_tidy(functions);
    lambda_catalog_discard_by(functions, lambda_api_discard, api);
    *ret_api = api;
    return STATUS_OK;
}

void lambda_api_free(lambda_api *api)
{
    if (!api) {
        return;
    }
    for (lambda_call *call = api->calls, *next; call; call = next) {
        next = call->after;
        if (call->invocation) {
            lambda_invocation_abandon(call->invocation);
        }
        if (call->is_unpacking) {
            call->api = NULL; /* the worker's end frees it */
        } else {
            call_free(call);
        }
    }
    lambda_catalog_discard_by(api->functions, NULL, NULL);
    free(api);
}
