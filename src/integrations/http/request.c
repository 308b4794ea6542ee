#include "integrations/http/request.h"

#include "integrations/http/encode.h"
#include "integrations/parameters.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdio.h>

enum {
    API_ENDPOINT,
    METHOD,
    AUTHENTICATION,
    INVOCATION_CONFIG,
    HEADERS,
    QUERY_PARAMETERS,
    REQUEST_BODY,
    TRANSFORM,
    PARAMETERS
};

static const parameter_rule parameter_rules[PARAMETERS] = {
    [API_ENDPOINT] = {"ApiEndpoint", true, JSON_STRING},
    [METHOD] = {"Method", true, JSON_STRING},
    [AUTHENTICATION] = {"Authentication", false, JSON_OBJECT},
    [INVOCATION_CONFIG] = {"InvocationConfig", false, JSON_OBJECT},
    [HEADERS] = {"Headers", false, JSON_OBJECT},
    [QUERY_PARAMETERS] = {"QueryParameters", false, JSON_ABSENT},
    [REQUEST_BODY] = {"RequestBody", false, JSON_ABSENT},
    [TRANSFORM] = {"Transform", false, JSON_OBJECT},
};

/* Headers that a Task may not set; those that end in * by their beginning. */
static const char *const forbidden_headers[] = {
    "A-IM",
    "Accept-Charset",
    "Accept-Datetime",
    "Accept-Encoding",
    "Authorization",
    "Cache-Control",
    "Connection",
    "Content-Encoding",
    "Content-MD5",
    "Date",
    "Expect",
    "Forwarded",
    "From",
    "Host",
    "HTTP2-Settings",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Max-Forwards",
    "Origin",
    "Pragma",
    "Proxy-Authorization",
    "Referer",
    "Server",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Via",
    "Warning",
    "x-forwarded-*",
    "x-amz-*",
    "x-amzn-*",
};

/* connect-api-gateway.html, "Request format" */
static const char *const gateway_headers[] = {
    "Authorization",
    "Connection",
    "Content-MD5",
    "Expect",
    "Host",
    "Max-Forwards",
    "Proxy-Authenticate",
    "Server",
    "TE",
    "Transfer-Encoding",
    "Trailer",
    "Upgrade",
    "Via",
    "Www-Authenticate",
    "x-forwarded*",
    "x-amz*",
};

/* Made here, whatever a Task says: the length by all callers. */
static const char *const own_headers[] = {"Content-Length", "User-Agent", "Range"};

typedef struct name_list {
    const char *const *names;
    size_t count;
} name_list;

static const struct {
    const char *what;
    name_list forbidden, own;
} callers[] = {
    [HTTP_CALLER_TASK] = {"an HTTP Task",
                          {forbidden_headers, ARRAY_LENGTH(forbidden_headers)},
                          {own_headers, ARRAY_LENGTH(own_headers)}},
    [HTTP_CALLER_API_GATEWAY] = {"a call of API Gateway",
                                 {gateway_headers, ARRAY_LENGTH(gateway_headers)},
                                 {own_headers, 1}},
    /* the headers are ours */
    [HTTP_CALLER_KUBERNETES] = {"a call of Kubernetes", {NULL, 0}, {own_headers, 1}},
};

static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"};

/* Sent with "Content-Length: 0" where there is no body, which some servers want. */
static const char *const with_body_methods[] = {"POST", "PUT", "PATCH"};
static const name_list with_body = {with_body_methods, ARRAY_LENGTH(with_body_methods)};

/* -------------------------------------------------------------------------------------- headers
 */

typedef struct header_list {
    arena *a;
    net_http_header *items;
    size_t count, room;
    bool is_broken;
} header_list;

static void add_header(header_list *list, str name, str value)
{
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        void *grown = arena_grow(list->a, list->items, list->room * sizeof(*list->items),
                                 room * sizeof(*list->items));
        list->is_broken |= !grown;
        if (!grown) {
            return;
        }
        list->items = grown;
        list->room = room;
    }
    list->items[list->count++] = (net_http_header){name, value};
}

static bool is_name(str text, str pattern)
{
    if (pattern.ptr[pattern.len - 1] == '*') {
        pattern.len--;
        return text.len >= pattern.len &&
               str_equal_ignore_case(str_take(text, pattern.len), pattern);
    }
    return str_equal_ignore_case(text, pattern);
}

static bool is_listed(str name, const name_list *patterns)
{
    for (size_t i = 0; i < patterns->count; i++) {
        if (is_name(name, str_from_c(patterns->names[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_header_name(str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c <= ' ' || c >= 0x7F || strchr("()<>@,;:\\\"/[]?={}", c)) {
            return false;
        }
    }
    return name.len > 0;
}

static bool is_header_value(str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < ' ' && c != '\t') || c == 0x7F) {
            return false;
        }
    }
    return true;
}

static bool pairs_have(http_pairs pairs, str name, bool ignores_case)
{
    for (uint32_t i = 0; i < pairs.count; i++) {
        if (ignores_case ? str_equal_ignore_case(pairs.items[i].name, name)
                         : str_equal(pairs.items[i].name, name)) {
            return true;
        }
    }
    return false;
}

static status scalar_text(json value, arena *a, str *ret_text, error *reterr)
{
    buf text;
    buf_init(&text, PAYLOAD_BYTES_MAX + 2);
    http_encode_scalar(value, &text);
    *ret_text = text.overflowed ? STR_NONE : arena_str(a, buf_str(&text));
    buf_clean_up(&text);
    return ret_text->ptr ? STATUS_OK : fail_memory(reterr);
}

static status add_task_header(header_list *list, str name, json value, error *reterr)
{
    str text;
    if (json_kind_of(value) >= JSON_ARRAY) {
        return fail(reterr, ERROR_TYPE, "The header '%.*s' must be a string or an array of strings",
                    STR_ARG(name));
    }
    TRY(scalar_text(value, list->a, &text, reterr));
    if (!is_header_value(text)) {
        return fail(reterr, ERROR_INVALID, "The value of the header '%.*s' is not valid",
                    STR_ARG(name));
    }
    add_header(list, name, text);
    return STATUS_OK;
}

static status add_task_headers(header_list *list, json headers, const http_connection *connection,
                               http_caller caller, error *reterr)
{
    for (uint32_t i = 0; i < json_count(headers); i++) {
        const json_member *member = json_member_at(headers, i);
        str name = str_take(json_str(member->name), 1024);
        if (is_listed(name, &callers[caller].forbidden)) {
            return fail(reterr, ERROR_INVALID, "The header '%.*s' is not allowed in %s",
                        STR_ARG(name), callers[caller].what);
        }
        if (!is_header_name(name)) {
            return fail(reterr, ERROR_INVALID, "The name of the header '%.*s' is not valid",
                        STR_ARG(name));
        }
        if (is_listed(name, &callers[caller].own) ||
            (connection && pairs_have(connection->to_call.headers, name, true))) {
            continue;
        }
        if (!json_is(member->value, JSON_ARRAY)) {
            TRY(add_task_header(list, name, member->value, reterr));
        }
        for (uint32_t k = 0; json_is(member->value, JSON_ARRAY) && k < json_count(member->value);
             k++) {
            TRY(add_task_header(list, name, json_item(member->value, k), reterr));
        }
    }
    return STATUS_OK;
}

static status add_authorization(header_list *list, const http_connection *connection, str bearer,
                                error *reterr)
{
    arena *a = list->a;
    str value = STR_NONE;
    if (connection->authorization == HTTP_API_KEY) {
        if (!is_header_name(connection->user) || !is_header_value(connection->secret)) {
            return fail(reterr, ERROR_INVALID,
                        "The API key of the connection '%.*s' cannot be sent as a header",
                        STR_ARG(connection->name));
        }
        add_header(list, connection->user, connection->secret);
        return STATUS_OK;
    }
    if (connection->authorization == HTTP_OAUTH) {
        if (!is_header_value(bearer)) {
            return fail(reterr, ERROR_INVALID, "The token of the connection cannot be sent");
        }
        value = arena_printf(a, "Bearer %.*s", STR_ARG(bearer));
    } else {
        str both =
            arena_printf(a, "%.*s:%.*s", STR_ARG(connection->user), STR_ARG(connection->secret));
        char *text = both.ptr ? arena_alloc(a, 6 + both.len * 4 / 3 + 8) : NULL;
        if (text) {
            memcpy(text, "Basic ", 6);
            int count = EVP_EncodeBlock((unsigned char *)text + 6, (const unsigned char *)both.ptr,
                                        (int)both.len);
            value = str_from(text, 6 + (size_t)count);
        }
    }
    add_header(list, STR("Authorization"), value);
    return value.ptr ? STATUS_OK : fail_memory(reterr);
}

static status add_pairs(header_list *list, http_pairs pairs, const http_connection *connection,
                        error *reterr)
{
    for (uint32_t i = 0; i < pairs.count; i++) {
        if (!is_header_name(pairs.items[i].name) || !is_header_value(pairs.items[i].value)) {
            return fail(reterr, ERROR_INVALID,
                        "The header '%.*s' of the connection '%.*s' is not valid",
                        STR_ARG(str_take(pairs.items[i].name, 100)), STR_ARG(connection->name));
        }
        add_header(list, pairs.items[i].name, pairs.items[i].value);
    }
    return STATUS_OK;
}

static bool has_header(const header_list *list, str name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_equal_ignore_case(list->items[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------------------------------ URL
 */

/* By what is written: "127.0.0.1.example.com" is a name like others. */
static bool is_loopback(str host)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr address;
    snprintf(text, sizeof(text), "%.*s", STR_ARG(host));
    bool is_address = host.len < sizeof(text) && inet_pton(AF_INET, text, &address) == 1;
    return str_equal_ignore_case(host, STR("localhost")) || str_equal(host, STR("[::1]")) ||
           (is_address && str_starts_with(host, STR("127.")));
}

static status check_url(str url, const http_request_rules *rules, error *reterr)
{
    size_t scheme = str_find(url, STR("://"));
    str rest = str_skip(url, scheme == STR_NOT_FOUND ? url.len : scheme + 3);
    size_t end = 0;
    while (rest.ptr && end < rest.len && !strchr("/?#", rest.ptr[end])) {
        end++;
    }
    str authority = str_take(rest, end);
    str host = authority;
    size_t colon = str_find_last_char(host, ':');
    if (colon != STR_NOT_FOUND && !(host.len && host.ptr[host.len - 1] == ']')) {
        host = str_take(host, colon);
    }
    bool is_secure = str_equal_ignore_case(str_take(url, scheme), STR("https"));
    bool is_plain = str_equal_ignore_case(str_take(url, scheme), STR("http"));
    for (size_t i = 0; i < url.len; i++) {
        is_secure &= (unsigned char)url.ptr[i] > ' ' && url.ptr[i] != 0x7F;
        is_plain &= (unsigned char)url.ptr[i] > ' ' && url.ptr[i] != 0x7F;
    }
    if (scheme == STR_NOT_FOUND || !host.len || (!is_secure && !is_plain) ||
        str_find_char(authority, '@') != STR_NOT_FOUND) {
        return fail(reterr, ERROR_INVALID, "The ApiEndpoint is not a valid HTTPS URL");
    }
    if (is_plain && !rules->is_plain_allowed && !is_loopback(host)) {
        return fail(reterr, ERROR_INVALID,
                    "The ApiEndpoint must begin with https:// (http:// is for loopback, or for "
                    "\"http\": {\"allowPlain\": true} in the configuration)");
    }
    return STATUS_OK;
}

/* A member of QueryParameters: arrays repeat their name. */
static status add_query_member(str name, json value, arena *a, buf *out, error *reterr)
{
    str text;
    if (json_is(value, JSON_OBJECT)) {
        return fail(reterr, ERROR_TYPE,
                    "The query parameter '%.*s' must be a string, a number, a boolean or an array "
                    "of them",
                    STR_ARG(str_take(name, 100)));
    }
    for (uint32_t i = 0; i < (json_is(value, JSON_ARRAY) ? json_count(value) : 1); i++) {
        json item = json_is(value, JSON_ARRAY) ? json_item(value, i) : value;
        if (json_kind_of(item) >= JSON_ARRAY) {
            return fail(reterr, ERROR_TYPE, "The query parameter '%.*s' is nested too deeply",
                        STR_ARG(str_take(name, 100)));
        }
        TRY(scalar_text(item, a, &text, reterr));
        http_encode_pair(name, text, out);
    }
    return STATUS_OK;
}

/* "a=1&b=2" as it is, but for what a URL cannot hold. */
static void add_query_text(str text, buf *out)
{
    if (out->len && text.len) {
        buf_add_char(out, '&');
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c <= ' ' || c >= 0x7F || c == '#' || c == '"' || c == '<' || c == '>') {
            http_encode(str_from(text.ptr + i, 1), out);
        } else {
            buf_add_char(out, (char)c);
        }
    }
}

static status add_query(json query, const http_connection *connection, arena *a, buf *out,
                        error *reterr)
{
    if (json_is(query, JSON_STRING)) {
        add_query_text(json_str(query), out);
    } else if (json_is(query, JSON_ARRAY)) {
        for (uint32_t i = 0; i < json_count(query); i++) {
            json item = json_item(query, i);
            if (json_is(item, JSON_ARRAY)) {
                return fail(reterr, ERROR_TYPE, "QueryParameters is nested too deeply");
            }
            TRY(add_query(item, connection, a, out, reterr));
        }
    } else if (json_is(query, JSON_OBJECT)) {
        for (uint32_t i = 0; i < json_count(query); i++) {
            const json_member *member = json_member_at(query, i);
            str name = json_str(member->name);
            if (!connection || !pairs_have(connection->to_call.query, name, false)) {
                TRY(add_query_member(name, member->value, a, out, reterr));
            }
        }
    } else if (!json_is_absent(query) && !json_is(query, JSON_NULL)) {
        return fail(reterr, ERROR_TYPE, "QueryParameters must be a string, an array or an object");
    }
    return STATUS_OK;
}

static void add_query_pairs(http_pairs pairs, buf *out)
{
    for (uint32_t i = 0; i < pairs.count; i++) {
        http_encode_pair(pairs.items[i].name, pairs.items[i].value, out);
    }
}

/* The endpoint with its query, without its fragment; bytes beyond ASCII are escaped. */
static status make_url(str endpoint, const buf *query, arena *a, str *ret_url, error *reterr)
{
    buf url;
    buf_init(&url, HTTP_URL_BYTES_MAX);
    endpoint = str_take(endpoint, MIN_OF(str_find_char(endpoint, '#'), endpoint.len));
    for (size_t i = 0; i < endpoint.len; i++) {
        if ((unsigned char)endpoint.ptr[i] >= 0x80) {
            http_encode(str_from(endpoint.ptr + i, 1), &url);
        } else {
            buf_add_char(&url, endpoint.ptr[i]);
        }
    }
    if (query->len) {
        buf_add_char(&url, str_find_char(endpoint, '?') == STR_NOT_FOUND ? '?' : '&');
        buf_add_str(&url, buf_str(query));
    }
    str made = url.overflowed ? STR_NONE : arena_str(a, buf_str(&url));
    bool is_long = url.overflowed || query->overflowed;
    buf_clean_up(&url);
    if (is_long) {
        return fail(reterr, ERROR_LIMIT, "The URL of the request is longer than %d bytes",
                    HTTP_URL_BYTES_MAX);
    }
    *ret_url = made;
    return made.ptr ? STATUS_OK : fail_memory(reterr);
}

/* ----------------------------------------------------------------------------------------- body
 */

typedef struct body_transform {
    bool is_form;
    http_array_format arrays;
} body_transform;

static status read_transform(json transform, body_transform *ret, error *reterr)
{
    static const parameter_rule rules[] = {{"RequestBodyEncoding", false, JSON_STRING},
                                           {"RequestEncodingOptions", false, JSON_OBJECT}};
    static const parameter_rule inside[] = {{"ArrayFormat", false, JSON_STRING}};
    json values[2], format = {0};
    *ret = (body_transform){0};
    if (json_is_absent(transform)) {
        return STATUS_OK;
    }
    TRY(parameters_read(transform, rules, 2, values, reterr));
    str encoding = json_str(values[0]);
    ret->is_form = str_equal(encoding, STR("URL_ENCODED"));
    if (encoding.ptr && !ret->is_form && !str_equal(encoding, STR("NONE"))) {
        return fail(reterr, ERROR_INVALID, "RequestBodyEncoding must be NONE or URL_ENCODED");
    }
    if (!json_is_absent(values[1])) {
        TRY(parameters_read(values[1], inside, 1, &format, reterr));
    }
    if (!json_is_absent(format) && !http_array_format_from_name(json_str(format), &ret->arrays)) {
        return fail(reterr, ERROR_INVALID,
                    "ArrayFormat must be INDICES, REPEAT, COMMAS or BRACKETS");
    }
    return STATUS_OK;
}

/* The Task's body with the connection's members in place of its own. */
static status merge_body(json body, http_pairs pairs, arena *a, json *ret_body, error *reterr)
{
    json merged = body;
    if (!pairs.count) {
        *ret_body = body;
        return STATUS_OK;
    }
    if (json_is_absent(body) || json_is(body, JSON_NULL)) {
        merged = json_empty_object();
    } else if (!json_is(body, JSON_OBJECT)) {
        return fail(reterr, ERROR_INVALID,
                    "The RequestBody must be a JSON object, because the connection has body "
                    "parameters");
    }
    for (uint32_t i = 0; i < pairs.count; i++) {
        TRY(json_object_with(a, merged, json_from_str(pairs.items[i].name),
                             json_from_str(pairs.items[i].value), &merged, reterr));
    }
    *ret_body = merged;
    return STATUS_OK;
}

static status make_body(json body, const body_transform *transform, arena *a, str *ret_body,
                        error *reterr)
{
    buf text;
    *ret_body = STR_NONE;
    if (json_is_absent(body) || json_is(body, JSON_NULL)) {
        return STATUS_OK;
    }
    buf_init(&text, HTTP_REQUEST_BODY_BYTES_MAX);
    if (json_is(body, JSON_STRING)) {
        buf_add_str(&text, json_str(body));
    } else if (!transform->is_form) {
        json_print(body, &text);
    } else if (json_is(body, JSON_OBJECT)) {
        http_encode_form(body, transform->arrays, &text);
    } else {
        return fail(reterr, ERROR_TYPE, "A RequestBody that is URL-encoded must be a JSON object");
    }
    bool is_long = text.overflowed;
    str made = is_long ? STR_NONE : arena_str(a, buf_str(&text));
    buf_clean_up(&text);
    if (is_long) {
        return fail(reterr, ERROR_LIMIT, "The body of the request is longer than %d bytes",
                    HTTP_REQUEST_BODY_BYTES_MAX);
    }
    *ret_body = made;
    return made.ptr ? STATUS_OK : fail_memory(reterr);
}

/* ---------------------------------------------------------------------------------- all together
 */

static status read_arn(json object, str *ret_arn, error *reterr)
{
    static const parameter_rule rules[] = {{"ConnectionArn", true, JSON_STRING}};
    json arn;
    TRY(parameters_read(object, rules, 1, &arn, reterr));
    *ret_arn = json_str(arn);
    return STATUS_OK;
}

status http_request_connection(json parameters, str *ret_arn, error *reterr)
{
    json values[PARAMETERS];
    TRY(parameters_read(parameters, parameter_rules, PARAMETERS, values, reterr));
    bool has_old = !json_is_absent(values[AUTHENTICATION]);
    bool has_new = !json_is_absent(values[INVOCATION_CONFIG]);
    if (has_old == has_new) {
        return fail(reterr, ERROR_INVALID,
                    has_old ? "Only one of the fields 'Authentication' and 'InvocationConfig' is "
                              "allowed"
                            : "One of the fields 'Authentication' and 'InvocationConfig' is "
                              "required");
    }
    return read_arn(has_old ? values[AUTHENTICATION] : values[INVOCATION_CONFIG], ret_arn, reterr);
}

static status make_all_headers(json task_headers, const http_connection *connection, str bearer,
                               const http_request_rules *rules, http_request *request,
                               header_list *list, error *reterr)
{
    str agent =
        arena_printf(list->a, "Amazon|StepFunctions|HttpInvoke|%.*s", STR_ARG(rules->region));
    TRY(add_task_headers(list, task_headers, connection, rules->caller, reterr));
    if (connection) {
        TRY(add_authorization(list, connection, bearer, reterr));
        TRY(add_pairs(list, connection->to_call.headers, connection, reterr));
    }
    if (rules->caller == HTTP_CALLER_TASK) {
        add_header(list, STR("User-Agent"), agent);
        add_header(list, STR("Range"), STR("bytes=0-262144"));
    }
    request->told_header_count = list->count;
    if (request->body.ptr && !has_header(list, STR("Content-Type"))) {
        add_header(list, STR("Content-Type"),
                   request->body.len ? STR("application/json; charset=UTF-8")
                                     : STR(" ")); /* libcurl would name a form */
    }
    if (!has_header(list, STR("Accept"))) {
        add_header(list, STR("Accept"), STR(" ")); /* libcurl would add one of its own */
    }
    request->headers = list->items;
    request->header_count = list->count;
    return list->is_broken || !agent.ptr ? fail_memory(reterr) : STATUS_OK;
}

status http_request_make(json parameters, const http_connection *connection, str bearer,
                         const http_request_rules *rules, arena *a, http_request *ret,
                         error *reterr)
{
    json values[PARAMETERS], body;
    body_transform transform;
    http_request request = {0};
    header_list list = {.a = a};
    TRY(parameters_read(parameters, parameter_rules, PARAMETERS, values, reterr));
    request.method = json_str(values[METHOD]);
    bool is_known = false;
    for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
        is_known |= str_equal(request.method, str_from_c(methods[i]));
    }
    if (!is_known) {
        return fail(reterr, ERROR_INVALID,
                    "The Method must be GET, POST, PUT, DELETE, PATCH, OPTIONS or HEAD");
    }
    TRY(check_url(json_str(values[API_ENDPOINT]), rules, reterr));
    TRY(read_transform(values[TRANSFORM], &transform, reterr));
    TRY(merge_body(values[REQUEST_BODY], connection ? connection->to_call.body : (http_pairs){0}, a,
                   &body, reterr));
    TRY(make_body(body, &transform, a, &request.body, reterr));
    if (!request.body.ptr && is_listed(request.method, &with_body)) {
        request.body = STR("");
    }
    buf query;
    buf_init(&query, HTTP_URL_BYTES_MAX);
    status made = add_query(values[QUERY_PARAMETERS], connection, a, &query, reterr);
    if (ok(made) && connection) {
        add_query_pairs(connection->to_call.query, &query);
    }
    if (ok(made)) {
        made = make_url(json_str(values[API_ENDPOINT]), &query, a, &request.url, reterr);
    }
    buf_clean_up(&query);
    TRY(made);
    TRY(make_all_headers(values[HEADERS], connection, bearer, rules, &request, &list, reterr));
    *ret = request;
    return STATUS_OK;
}

/* The client's id and secret go with the other parameters: into the body, or with GET into the
 * query. What the connection says itself comes instead of the defaults. */
status http_request_token(const http_connection *connection, const http_request_rules *rules,
                          arena *a, http_request *ret, error *reterr)
{
    const http_additions *more = &connection->to_token_request;
    http_request request = {.method = connection->token_method};
    bool is_get = str_equal(request.method, STR("GET"));
    header_list list = {.a = a};
    const http_pair defaults[] = {{STR("grant_type"), STR("client_credentials")},
                                  {STR("client_id"), connection->user},
                                  {STR("client_secret"), connection->secret}};
    buf query, form;
    TRY(check_url(connection->token_endpoint, rules, reterr));
    buf_init(&query, HTTP_URL_BYTES_MAX);
    buf_init(&form, HTTP_REQUEST_BODY_BYTES_MAX);
    for (size_t i = 0; i < ARRAY_LENGTH(defaults); i++) {
        if (!pairs_have(more->body, defaults[i].name, false) &&
            !pairs_have(more->query, defaults[i].name, false)) {
            http_encode_pair(defaults[i].name, defaults[i].value, is_get ? &query : &form);
        }
    }
    add_query_pairs(more->query, &query);
    add_query_pairs(more->body, is_get ? &query : &form);
    status made = make_url(connection->token_endpoint, &query, a, &request.url, reterr);
    if (ok(made) && !is_get) {
        request.body = arena_str(a, buf_str(&form));
        made = request.body.ptr && !form.overflowed ? STATUS_OK : fail_memory(reterr);
    }
    buf_clean_up(&query);
    buf_clean_up(&form);
    TRY(made);
    TRY(add_pairs(&list, more->headers, connection, reterr));
    if (!is_get && !has_header(&list, STR("Content-Type"))) {
        add_header(&list, STR("Content-Type"), STR("application/x-www-form-urlencoded"));
    }
    if (!has_header(&list, STR("Accept"))) {
        add_header(&list, STR("Accept"), STR("application/json"));
    }
    request.headers = list.items;
    request.header_count = list.count;
    *ret = request;
    return list.is_broken ? fail_memory(reterr) : STATUS_OK;
}
