#include "integrations/http/response.h"

#include "base/utf8.h"

static const struct {
    unsigned status;
    const char *reason;
} reasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

str http_response_reason(const net_http_outcome *outcome)
{
    if (outcome->reason.len) {
        return outcome->reason;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(reasons); i++) {
        if (reasons[i].status == outcome->status) {
            return str_from_c(reasons[i].reason);
        }
    }
    return STR("");
}

/* --------------------------------------------------------------------------------------- errors
 */

static status fail_with(str name, str cause, arena *a, http_result *ret, error *reterr)
{
    *ret = (http_result){.error = arena_str(a, name), .cause = arena_str(a, cause)};
    return ret->error.ptr && ret->cause.ptr ? STATUS_OK : fail_memory(reterr);
}

static status fail_unanswered(const http_response_words *words, const net_http_outcome *outcome,
                              arena *a, http_result *ret, error *reterr)
{
    str cause;
    switch (outcome->code) {
    case ERROR_LIMIT:
        cause = arena_printf(a,
                             "The state/task '%s' returned a result with a size exceeding the "
                             "maximum number of bytes service limit.",
                             words->resource);
        return fail_with(STR("States.DataLimitExceeded"), cause, a, ret, reterr);
    case ERROR_INVALID:
        return fail_with(STR("States.Runtime"), outcome->message, a, ret, reterr);
    default: /* refused, reset, silent for 60 seconds, no such name, not to be trusted, ... */
        return fail_with(str_from_c(words->unanswered), outcome->message, a, ret, reterr);
    }
}

/* ------------------------------------------------------------------------------------------ body
 */

static str header_value(const net_http_outcome *outcome, str name)
{
    for (size_t i = 0; i < outcome->header_count; i++) {
        if (str_equal_ignore_case(outcome->headers[i].name, name)) {
            return outcome->headers[i].value;
        }
    }
    return STR_NONE;
}

/* "application/json" of "Application/JSON; charset=utf-8" */
static str media_type(const net_http_outcome *outcome)
{
    str rest = header_value(outcome, STR("Content-Type"));
    return rest.ptr ? str_trim(str_split_next(&rest, ';')) : STR("");
}

static bool begins_with(str text, str prefix)
{
    return str_equal_ignore_case(str_take(text, prefix.len), prefix);
}

static bool is_binary(str type)
{
    return str_equal_ignore_case(type, STR("application/octet-stream")) ||
           begins_with(type, STR("image/")) || begins_with(type, STR("video/")) ||
           begins_with(type, STR("audio/"));
}

static bool is_json(str type)
{
    return !type.len || str_equal_ignore_case(type, STR("application/json")) ||
           (type.len > 5 && str_equal_ignore_case(str_skip(type, type.len - 5), STR("+json")));
}

/* JSON becomes its value, everything else a text. */
static status read_body(str body, str type, arena *a, json *ret_value, error *reterr)
{
    if (is_json(type) && str_trim(body).len) {
        status parsed = json_parse_into(body, a, ret_value, reterr);
        if (ok(parsed) || parsed.code == ERROR_MEMORY) {
            return parsed;
        }
    }
    str text = arena_str(a, body);
    *ret_value = json_from_str(text);
    return text.ptr ? STATUS_OK : fail_memory(reterr);
}

/* --------------------------------------------------------------------------------------- headers
 */

static status lower_case(str name, arena *a, str *ret_name, error *reterr)
{
    str copy = arena_str(a, name);
    if (!copy.ptr) {
        return fail_memory(reterr);
    }
    for (size_t i = 0; i < copy.len; i++) {
        char c = copy.ptr[i];
        ((char *)(uintptr_t)copy.ptr)[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    *ret_name = copy;
    return STATUS_OK;
}

/* {"set-cookie": ["a=1", "b=2"]}, in the order of first appearance. */
static status read_headers(const net_http_outcome *outcome, bool is_spelling_kept, arena *a,
                           json *ret_headers, error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, a, (uint32_t)outcome->header_count);
    for (size_t i = 0; i < outcome->header_count; i++) {
        str name;
        json_array_builder values;
        if (is_spelling_kept) {
            name = arena_str(a, outcome->headers[i].name);
            TRY(name.ptr ? STATUS_OK : fail_memory(reterr));
        } else {
            TRY(lower_case(outcome->headers[i].name, a, &name, reterr));
        }
        json_array_begin(&values, a, 1);
        bool is_told = false;
        for (size_t k = 0; k < outcome->header_count; k++) {
            if (str_equal_ignore_case(outcome->headers[k].name, name)) {
                str value = arena_str(a, outcome->headers[k].value);
                is_told |= k < i;
                if (!value.ptr) {
                    return fail_memory(reterr);
                }
                json_array_add(&values, json_from_str(value));
            }
        }
        json list;
        TRY(json_array_finish(&values, &list, reterr));
        if (!is_told) {
            json_object_add(&b, name, list);
        }
    }
    return json_object_finish(&b, ret_headers, reterr);
}

static bool is_text(const net_http_outcome *outcome)
{
    bool is_valid = utf8_check(outcome->body) == outcome->body.len;
    for (size_t i = 0; i < outcome->header_count; i++) {
        is_valid &= utf8_check(outcome->headers[i].value) == outcome->headers[i].value.len &&
                    utf8_check(outcome->headers[i].name) == outcome->headers[i].name.len;
    }
    return is_valid && utf8_check(outcome->reason) == outcome->reason.len;
}

static status read_result(const http_response_words *words, const net_http_outcome *outcome,
                          str type, arena *a, json *ret_result, error *reterr)
{
    json_object_builder b;
    json headers, body;
    str reason = arena_str(a, http_response_reason(outcome));
    if (!reason.ptr) {
        return fail_memory(reterr);
    }
    TRY(read_body(outcome->body, type, a, &body, reterr));
    json_object_begin(&b, a, 4);
    if (words->has_headers) {
        TRY(read_headers(outcome, words->is_spelling_kept, a, &headers, reterr));
        json_object_add(&b, STR("Headers"), headers);
    }
    json_object_add(&b, STR("ResponseBody"), body);
    json_object_add(&b, STR("StatusCode"), json_from_int64(outcome->status));
    json_object_add(&b, STR("StatusText"), json_from_str(reason));
    return json_object_finish(&b, ret_result, reterr);
}

static status fail_status(const http_response_words *words, const net_http_outcome *outcome,
                          arena *a, http_result *ret, error *reterr)
{
    str name = arena_printf(a, "%s.%u", words->status, outcome->status);
    str cause = words->cause == HTTP_CAUSE_BODY ? outcome->body : http_response_reason(outcome);
    json result;
    if (!name.ptr) {
        return fail_memory(reterr);
    }
    if (words->cause == HTTP_CAUSE_RESULT && is_text(outcome)) {
        TRY(read_result(words, outcome, media_type(outcome), a, &result, reterr));
        cause = json_text(result, a);
    }
    bool is_valid = utf8_check(cause) == cause.len;
    return fail_with(name, is_valid ? cause : STR(""), a, ret, reterr);
}

const http_response_words http_task_words = {
    .resource = "http",
    .status = "States.Http.StatusCode",
    .unanswered = "States.Http.Socket",
    .cause = HTTP_CAUSE_REASON,
    .has_headers = true,
};

status http_response_read_as(const http_response_words *words, const net_http_outcome *outcome,
                             arena *a, http_result *ret, error *reterr)
{
    if (outcome->code != ERROR_NONE) {
        return fail_unanswered(words, outcome, a, ret, reterr);
    }
    if (outcome->status < 200 || outcome->status > 299) {
        return fail_status(words, outcome, a, ret, reterr);
    }
    str type = media_type(outcome);
    if (is_binary(type)) {
        str cause = arena_printf(a, "The content type '%.*s' of the response is not supported",
                                 STR_ARG(str_take(type, 200)));
        return fail_with(STR("States.Runtime"), cause, a, ret, reterr);
    }
    if (!is_text(outcome)) {
        return fail_with(STR("States.Runtime"),
                         STR("The response cannot be read as a string: it is not UTF-8"), a, ret,
                         reterr);
    }
    *ret = (http_result){.succeeded = true};
    return read_result(words, outcome, type, a, &ret->output, reterr);
}

status http_response_read(const net_http_outcome *outcome, arena *a, http_result *ret,
                          error *reterr)
{
    return http_response_read_as(&http_task_words, outcome, a, ret, reterr);
}
