/* What of the parameters goes into path, query, headers and the host's name: rest-json, rest-xml.
 * https://smithy.io/2.0/spec/http-bindings.html */
#include "integrations/aws/request.h"

#include "integrations/aws/wire.h"

static bool is_given(json value)
{
    return !json_is_absent(value) && !json_is(value, JSON_NULL);
}

static status missing(request_maker *m, str name)
{
    return fail(m->reterr, ERROR_INVALID, "The field '%.*s' is required but was missing",
                STR_ARG(str_take(name, 200)));
}

/* ------------------------------------------------------------------------------------------ path
 */

/* Route 53 gives out ids as "/hostedzone/Z1" and takes "Z1", and so do the SDKs. */
static str as_label(request_maker *m, str value)
{
    size_t slash = str_find_last_char(value, '/');
    bool is_route53 = str_equal(aws_service_sdk_name(m->service), STR("route53"));
    return is_route53 && slash != STR_NOT_FOUND ? str_skip(value, slash + 1) : value;
}

static status find_label(request_maker *m, str label, aws_location location, aws_member *ret_member)
{
    for (uint32_t i = 0; aws_shape_exists(m->input) && i < aws_shape_member_count(m->input); i++) {
        aws_member member = aws_shape_member(m->input, i);
        bool is_it = location == AWS_IN_PATH
                         ? member.location == AWS_IN_PATH && str_equal(member.wire, label)
                         : member.is_host_label && str_equal_ignore_case(member.name, label);
        if (is_it) {
            *ret_member = member;
            return STATUS_OK;
        }
    }
    return missing(m, label);
}

static status label_value(request_maker *m, str label, aws_location location, str *ret_text)
{
    aws_member member;
    TRY(find_label(m, label, location, &member));
    json value = json_get(m->parameters, member.name);
    if (!is_given(value)) {
        bool is_own_account = str_equal(aws_service_sdk_name(m->service), STR("glacier")) &&
                              str_equal(label, STR("accountId"));
        *ret_text = STR("-"); /* Glacier: the account that signs */
        return is_own_account ? STATUS_OK : missing(m, member.name);
    }
    str text = wire_scalar_text(&member, value, AWS_TIME_ISO8601, m->a);
    if (!text.ptr) {
        return fail_memory(m->reterr);
    }
    text = as_label(m, text);
    if (text.len == 0) {
        return missing(m, member.name);
    }
    if (str_equal(member.wire, STR("Bucket")) &&
        str_equal(aws_service_sdk_name(m->service), STR("s3"))) {
        m->bucket = text;
    }
    *ret_text = text;
    return STATUS_OK;
}

static status add_path(request_maker *m, str uri)
{
    buf_reset(&m->path);
    while (uri.len) {
        size_t open = str_find_char(uri, '{');
        size_t close = str_find_char(uri, '}');
        if (open == STR_NOT_FOUND || close == STR_NOT_FOUND || close < open) {
            buf_add_str(&m->path, uri);
            break;
        }
        str label = str_from(uri.ptr + open + 1, close - open - 1);
        bool is_greedy = str_ends_with(label, STR("+"));
        str value;
        buf_add_str(&m->path, str_take(uri, open));
        TRY(label_value(m, is_greedy ? str_take(label, label.len - 1) : label, AWS_IN_PATH,
                        &value));
        wire_percent(value, is_greedy ? "/" : "", &m->path);
        uri = str_skip(uri, close + 1);
    }
    return STATUS_OK;
}

/* ----------------------------------------------------------------------------------------- query
 */

static void add_pair(request_maker *m, str name, str value)
{
    if (m->query.len) {
        buf_add_char(&m->query, '&');
    }
    wire_percent(name, "", &m->query);
    buf_add_char(&m->query, '=');
    wire_percent(value, "", &m->query);
}

static status add_query_value(request_maker *m, str name, const aws_member *member, json value)
{
    if (!is_given(value)) {
        return STATUS_OK;
    }
    str text = wire_scalar_text(member, value, AWS_TIME_ISO8601, m->a);
    if (!text.ptr) {
        return fail_memory(m->reterr);
    }
    add_pair(m, name, text);
    return STATUS_OK;
}

static status add_query_list(request_maker *m, str name, const aws_member *list, json value)
{
    aws_member items = aws_shape_member(list->shape, 0);
    for (uint32_t i = 0; i < json_count(value); i++) {
        TRY(add_query_value(m, name, &items, json_item(value, i)));
    }
    return STATUS_OK;
}

/* A map's names are the parameters' names. */
static status add_query_map(request_maker *m, const aws_member *map, json value)
{
    aws_member values = aws_shape_member(map->shape, 1);
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *entry = json_member_at(value, i);
        str name = json_str(entry->name);
        TRY(aws_shape_type(values.shape) == AWS_LIST
                ? add_query_list(m, name, &values, entry->value)
                : add_query_value(m, name, &values, entry->value));
    }
    return STATUS_OK;
}

static status add_query(request_maker *m, const aws_member *member, json value)
{
    switch (aws_shape_type(member->shape)) {
    case AWS_LIST:
        return add_query_list(m, member->wire, member, value);
    case AWS_MAP:
        return add_query_map(m, member, value);
    default:
        return add_query_value(m, member->wire, member, value);
    }
}

/* --------------------------------------------------------------------------------------- headers
 */

/* In a list of texts, one with a comma or a quote is quoted. */
static void add_list_item(str text, buf *out)
{
    if (str_find_char(text, ',') == STR_NOT_FOUND && str_find_char(text, '"') == STR_NOT_FOUND) {
        buf_add_str(out, text);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"') {
            buf_add_char(out, '\\');
        }
        buf_add_char(out, text.ptr[i]);
    }
    buf_add_char(out, '"');
}

static status add_list_header(request_maker *m, const aws_member *list, json value)
{
    aws_member items = aws_shape_member(list->shape, 0);
    buf text;
    status s = STATUS_OK;
    buf_init(&text, NET_HTTP_HEADER_BYTES_MAX);
    for (uint32_t i = 0; i < json_count(value) && ok(s); i++) {
        str item = is_given(json_item(value, i))
                       ? wire_scalar_text(&items, json_item(value, i), AWS_TIME_RFC822, m->a)
                       : STR("");
        if (i) {
            buf_add_char(&text, ',');
        }
        if (!item.ptr) {
            s = fail_memory(m->reterr);
        } else if (aws_shape_type(items.shape) == AWS_STRING) {
            add_list_item(item, &text);
        } else {
            buf_add_str(&text, item);
        }
    }
    if (ok(s)) {
        s = buf_status(&text, m->reterr);
    }
    if (ok(s) && json_count(value)) {
        s = request_add_header(m, list->wire, arena_str(m->a, buf_str(&text)));
    }
    buf_clean_up(&text);
    return s;
}

static bool is_header_name(str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c <= 0x20 || c >= 0x7F || c == ':') {
            return false;
        }
    }
    return name.len > 0;
}

static status add_header_map(request_maker *m, const aws_member *map, json value)
{
    aws_member values = aws_shape_member(map->shape, 1);
    /* A map whose prefix the model does not say has the member's name there. */
    str prefix = str_equal(map->wire, map->name) ? STR("") : map->wire;
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *entry = json_member_at(value, i);
        str name = json_str(entry->name);
        if (!is_given(entry->value)) {
            continue;
        }
        if (!is_header_name(name)) {
            return fail(m->reterr, ERROR_INVALID,
                        "The name '%.*s' in the field '%.*s' cannot be part of a header's name",
                        STR_ARG(str_take(name, 200)), STR_ARG(map->name));
        }
        TRY(request_add_header(m, arena_printf(m->a, "%.*s%.*s", STR_ARG(prefix), STR_ARG(name)),
                               wire_scalar_text(&values, entry->value, AWS_TIME_RFC822, m->a)));
    }
    return STATUS_OK;
}

static status add_header(request_maker *m, const aws_member *member, json value)
{
    if (aws_shape_type(member->shape) == AWS_LIST) {
        return add_list_header(m, member, value);
    }
    return request_add_header(m, member->wire,
                              wire_scalar_text(member, value, AWS_TIME_RFC822, m->a));
}

/* ------------------------------------------------------------------------------------------- all
 */

static status add_place(request_maker *m, const aws_member *member, json value)
{
    switch (member->location) {
    case AWS_IN_QUERY:
        return add_query(m, member, value);
    case AWS_IN_HEADER:
        return add_header(m, member, value);
    case AWS_IN_HEADERS:
        return add_header_map(m, member, value);
    default:
        return STATUS_OK;
    }
}

status request_add_places(request_maker *m)
{
    str uri = m->traits.uri;
    size_t mark = str_find_char(uri, '?');
    TRY(add_path(m, mark == STR_NOT_FOUND ? uri : str_take(uri, mark)));
    if (mark != STR_NOT_FOUND) {
        buf_add_str(&m->query, str_skip(uri, mark + 1));
    }
    for (uint32_t i = 0; aws_shape_exists(m->input) && i < json_count(m->parameters); i++) {
        const json_member *given = json_member_at(m->parameters, i);
        aws_member member;
        if (is_given(given->value) && aws_shape_find(m->input, json_str(given->name), &member)) {
            TRY(add_place(m, &member, given->value));
        }
    }
    return STATUS_OK;
}

/* https://smithy.io/2.0/spec/endpoint-traits.html#hostlabel-trait */
static bool is_host_text(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '.')) {
            return false;
        }
    }
    return text.len > 0 && text.len <= 63;
}

status request_add_host_prefix(request_maker *m)
{
    str prefix = m->traits.host_prefix;
    size_t open = str_find_char(prefix, '{');
    size_t close = str_find_char(prefix, '}');
    str value;
    if (open == STR_NOT_FOUND || close == STR_NOT_FOUND || close < open) {
        m->host_prefix = prefix;
        return STATUS_OK;
    }
    TRY(label_value(m, str_from(prefix.ptr + open + 1, close - open - 1), AWS_IN_BODY, &value));
    if (!is_host_text(value)) {
        return fail(m->reterr, ERROR_INVALID,
                    "'%.*s' cannot be part of a host's name: only letters, digits, '-' and '.' can",
                    STR_ARG(str_take(value, 200)));
    }
    m->host_prefix = arena_printf(m->a, "%.*s%.*s%.*s", STR_ARG(str_take(prefix, open)),
                                  STR_ARG(value), STR_ARG(str_skip(prefix, close + 1)));
    return m->host_prefix.ptr ? STATUS_OK : fail_memory(m->reterr);
}
