/* Where the request goes: https://HOST/STAGE/PATH, or what the configuration has in place of
 * https://HOST. */
#include "integrations/http/api_gateway.h"

#include "integrations/http/encode.h"
#include "integrations/parameters.h"

enum {
    API_ENDPOINT,
    METHOD,
    HEADERS,
    STAGE,
    PATH,
    QUERY_PARAMETERS,
    REQUEST_BODY,
    ALLOW_NULL_VALUES,
    AUTH_TYPE,
    PARAMETERS
};

static const parameter_rule rules[PARAMETERS] = {
    [API_ENDPOINT] = {"ApiEndpoint", true, JSON_STRING},
    [METHOD] = {"Method", true, JSON_STRING},
    [HEADERS] = {"Headers", false, JSON_OBJECT},
    [STAGE] = {"Stage", false, JSON_STRING},
    [PATH] = {"Path", false, JSON_STRING},
    [QUERY_PARAMETERS] = {"QueryParameters", false, JSON_OBJECT},
    [REQUEST_BODY] = {"RequestBody", false, JSON_ABSENT},
    [ALLOW_NULL_VALUES] = {"AllowNullValues", false, JSON_BOOLEAN},
    [AUTH_TYPE] = {"AuthType", false, JSON_STRING},
};

/* RequestBody is of these only. */
static const char *const with_body[] = {"PATCH", "POST", "PUT"};

static bool is_listed(str text, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(text, str_from_c(names[i]))) {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------------------------------- address
 */

status api_gateway_config_check(json config, error *reterr)
{
    json object = json_get(config, STR("apigateway"));
    json apis = json_get(object, STR("apis"));
    bool is_valid =
        json_is_absent(object) || (json_count(object) == 1 && json_is(apis, JSON_OBJECT));
    for (uint32_t i = 0; is_valid && i < json_count(apis); i++) {
        str url = json_str(json_member_at(apis, i)->value);
        is_valid = str_starts_with(url, STR("http://")) || str_starts_with(url, STR("https://"));
    }
    return is_valid ? STATUS_OK
                    : fail(reterr, ERROR_INVALID,
                           "configuration: 'apigateway' must be {\"apis\": {API ID: URL, ...}}");
}

/* "HOST[:PORT]" of "https://HOST[:PORT]/..." */
static str host_of(str url)
{
    size_t scheme = str_find(url, STR("://"));
    str host = scheme == STR_NOT_FOUND ? url : str_skip(url, scheme + 3);
    size_t end = 0;
    while (host.ptr && end < host.len && !strchr("/?#", host.ptr[end])) {
        end++;
    }
    return str_take(host, end);
}

/* ID.execute-api.REGION.amazonaws.com */
static str region_of(str host)
{
    static const char mark[] = ".execute-api.";
    size_t at = str_find(host, STR(mark));
    if (at == STR_NOT_FOUND) {
        return STR_NONE;
    }
    str rest = str_skip(host, at + sizeof(mark) - 1);
    size_t dot = str_find_char(rest, '.');
    return dot == STR_NOT_FOUND ? STR_NONE : str_take(rest, dot);
}

static str trim_slashes(str path)
{
    while (path.len && path.ptr[0] == '/') {
        path = str_skip(path, 1);
    }
    return path;
}

/* What a path cannot hold is escaped; what is escaped stays so. */
static void add_path(buf *out, str path)
{
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        if (c <= ' ' || c >= 0x7F || strchr("?#\"<>\\^`{|}", c)) {
            http_encode(str_from(path.ptr + i, 1), out);
        } else {
            buf_add_char(out, (char)c);
        }
    }
}

static status make_url(const json *values, json config, arena *a, api_gateway_request *request,
                       str *ret_url, error *reterr)
{
    str endpoint = json_str(values[API_ENDPOINT]), stage = json_str(values[STAGE]);
    json apis = json_get(json_get(config, STR("apigateway")), STR("apis"));
    buf url;
    request->host = host_of(endpoint);
    request->region = region_of(request->host);
    str id = str_take(request->host, MIN_OF(str_find_char(request->host, '.'), request->host.len));
    str instead = json_str(json_get(apis, request->host));
    instead = instead.len ? instead : json_str(json_get(apis, id));
    buf_init(&url, HTTP_URL_BYTES_MAX);
    if (!instead.len && str_find(endpoint, STR("://")) == STR_NOT_FOUND) {
        buf_add_literal(&url, "https://");
    }
    endpoint = instead.len ? instead : endpoint;
    while (endpoint.len && endpoint.ptr[endpoint.len - 1] == '/') {
        endpoint.len--;
    }
    buf_add_str(&url, endpoint);
    stage = trim_slashes(stage);
    while (stage.len && stage.ptr[stage.len - 1] == '/') {
        stage.len--;
    }
    buf_add_char(&url, '/');
    add_path(&url, stage);
    str path = trim_slashes(json_str(values[PATH]));
    if (stage.len && path.len) {
        buf_add_char(&url, '/');
    }
    add_path(&url, path);
    bool is_long = url.overflowed;
    *ret_url = is_long ? STR_NONE : arena_str(a, buf_str(&url));
    buf_clean_up(&url);
    return is_long ? fail(reterr, ERROR_LIMIT, "The URL of the request is longer than %d bytes",
                          HTTP_URL_BYTES_MAX)
           : ret_url->ptr ? STATUS_OK
                          : fail_memory(reterr);
}

/* ------------------------------------------------------------------------------------------ nulls
 */

/* Without the members that are null. Recursion follows the value, whose depth its parser has
 * limited (JSON_DEPTH_MAX). */
static status without_nulls(json value, arena *a, json *ret_value, error *reterr)
{
    *ret_value = value;
    if (json_is(value, JSON_OBJECT)) {
        json_object_builder b;
        json_object_begin(&b, a, json_count(value));
        for (uint32_t i = 0; i < json_count(value); i++) {
            const json_member *member = json_member_at(value, i);
            json inner;
            if (json_is(member->value, JSON_NULL)) {
                continue;
            }
            TRY(without_nulls(member->value, a, &inner, reterr));
            json_object_add_named(&b, member->name, inner);
        }
        return json_object_finish(&b, ret_value, reterr);
    }
    if (json_is(value, JSON_ARRAY)) {
        json list, *items;
        TRY(json_array_new(a, json_count(value), &list, &items, reterr));
        for (uint32_t i = 0; i < json_count(value); i++) {
            TRY(without_nulls(json_item(value, i), a, &items[i], reterr));
        }
        *ret_value = list;
    }
    return STATUS_OK;
}

/* --------------------------------------------------------------------------------------- together
 */

static status check_auth(str type, bool *ret_is_signed, error *reterr)
{
    static const char *const types[] = {"NO_AUTH", "IAM_ROLE", "RESOURCE_POLICY"};
    if (type.ptr && !is_listed(type, types, ARRAY_LENGTH(types))) {
        return fail(reterr, ERROR_INVALID,
                    "The AuthType must be NO_AUTH, IAM_ROLE or RESOURCE_POLICY");
    }
    *ret_is_signed = type.ptr && !str_equal(type, STR("NO_AUTH"));
    return STATUS_OK;
}

status api_gateway_read(json parameters, json config, arena *a, api_gateway_request *ret,
                        error *reterr)
{
    json values[PARAMETERS];
    api_gateway_request request = {0};
    json_object_builder b;
    str url;
    TRY(parameters_read(parameters, rules, PARAMETERS, values, reterr));
    TRY(check_auth(json_str(values[AUTH_TYPE]), &request.is_signed, reterr));
    TRY(make_url(values, config, a, &request, &url, reterr));
    str method = json_str(values[METHOD]);
    if (!is_listed(method, with_body, ARRAY_LENGTH(with_body))) {
        values[REQUEST_BODY] = (json){0};
    }
    bool are_nulls_sent = json_is_true(values[ALLOW_NULL_VALUES]);
    json_object_begin(&b, a, 5);
    json_object_add(&b, STR("ApiEndpoint"), json_from_str(url));
    json_object_add(&b, STR("Method"), values[METHOD]);
    static const size_t passed[] = {HEADERS, QUERY_PARAMETERS, REQUEST_BODY};
    for (size_t i = 0; i < ARRAY_LENGTH(passed); i++) {
        json value = values[passed[i]];
        if (json_is_absent(value)) {
            continue;
        }
        if (!are_nulls_sent) {
            TRY(without_nulls(value, a, &value, reterr));
        }
        json_object_add(&b, str_from_c(rules[passed[i]].name), value);
    }
    TRY(json_object_finish(&b, &request.parameters, reterr));
    *ret = request;
    return STATUS_OK;
}

/* Headers whose value is " " are not sent (request.c), and so not signed. */
static size_t list_sent(const http_request *request, str host, net_http_header *out)
{
    size_t count = 0;
    out[count++] = (net_http_header){STR("Host"), host};
    for (size_t i = 0; i < request->header_count; i++) {
        if (str_trim(request->headers[i].value).len) {
            out[count++] = request->headers[i];
        }
    }
    return count;
}

status api_gateway_sign(const http_request *request, const aws_signer *signer, arena *a,
                        http_request *ret, error *reterr)
{
    str host = host_of(request->url);
    str rest = str_skip(request->url, (size_t)(host.ptr - request->url.ptr) + host.len);
    size_t mark = str_find_char(rest, '?');
    net_http_header *sent = arena_array(a, net_http_header, request->header_count + 1);
    net_http_header *all =
        arena_array(a, net_http_header, request->header_count + AWS_SIGNATURE_HEADERS_MAX);
    size_t added = 0;
    if (!sent || !all) {
        return fail_memory(reterr);
    }
    aws_signed_request signed_request = {
        .method = request->method,
        .path = mark == STR_NOT_FOUND ? rest : str_take(rest, mark),
        .query = mark == STR_NOT_FOUND ? STR("") : str_skip(rest, mark + 1),
        .body = request->body.ptr ? request->body : STR(""),
        .headers = sent,
        .header_count = list_sent(request, host, sent),
    };
    TRY(aws_sign(&signed_request, signer, a, all + request->header_count, &added, reterr));
    if (request->header_count) {
        memcpy(all, request->headers, request->header_count * sizeof(*all));
    }
    *ret = *request;
    ret->headers = all;
    ret->header_count = request->header_count + added;
    return STATUS_OK;
}
