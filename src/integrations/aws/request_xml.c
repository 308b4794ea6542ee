/* Bodies of rest-xml, written as they are walked.
 * https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html */
#include "integrations/aws/request.h"

#include "integrations/aws/wire.h"

static void add_escaped(buf *out, str text)
{
    for (size_t i = 0; text.ptr && i < text.len; i++) {
        char c = text.ptr[i];
        switch (c) {
        case '&':
            buf_add_literal(out, "&amp;");
            break;
        case '<':
            buf_add_literal(out, "&lt;");
            break;
        case '>':
            buf_add_literal(out, "&gt;");
            break;
        case '"':
            buf_add_literal(out, "&quot;");
            break;
        case '\r': /* a parser would make a line feed of it */
            buf_add_literal(out, "&#13;");
            break;
        default:
            buf_add_char(out, c);
        }
    }
}

/* "PREFIX=URI" as an attribute. */
static void add_namespace(buf *out, str extra)
{
    size_t equals = str_find_char(extra, '=');
    if (equals == STR_NOT_FOUND) {
        return;
    }
    buf_add_literal(out, " xmlns");
    if (equals) {
        buf_add_char(out, ':');
        buf_add_str(out, str_take(extra, equals));
    }
    buf_add_literal(out, "=\"");
    add_escaped(out, str_skip(extra, equals + 1));
    buf_add_char(out, '"');
}

static void open_element(buf *out, str name, str namespace)
{
    buf_add_char(out, '<');
    buf_add_str(out, name);
    add_namespace(out, namespace);
    buf_add_char(out, '>');
}

static void close_element(buf *out, str name)
{
    buf_add_literal(out, "</");
    buf_add_str(out, name);
    buf_add_char(out, '>');
}

static status add_element(request_maker *m, const aws_member *member, str name, json value,
                          unsigned depth);

static bool is_nothing(json value)
{
    return json_is_absent(value) || json_is(value, JSON_NULL);
}

static status add_attributes(request_maker *m, aws_shape shape, json value)
{
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *given = json_member_at(value, i);
        aws_member member;
        if (is_nothing(given->value) || !aws_shape_find(shape, json_str(given->name), &member) ||
            !member.is_attribute) {
            continue;
        }
        str text = wire_scalar_text(&member, given->value, AWS_TIME_ISO8601, m->a);
        if (!text.ptr) {
            return fail_memory(m->reterr);
        }
        buf_add_char(&m->body, ' ');
        buf_add_str(&m->body, member.wire);
        buf_add_literal(&m->body, "=\"");
        add_escaped(&m->body, text);
        buf_add_char(&m->body, '"');
    }
    return STATUS_OK;
}

static status add_structure(request_maker *m, aws_shape shape, str name, str namespace, json value,
                            unsigned depth)
{
    buf_add_char(&m->body, '<');
    buf_add_str(&m->body, name);
    add_namespace(&m->body, namespace);
    TRY(add_attributes(m, shape, value));
    buf_add_char(&m->body, '>');
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *given = json_member_at(value, i);
        aws_member member;
        bool is_element = !is_nothing(given->value) &&
                          aws_shape_find(shape, json_str(given->name), &member) &&
                          !member.is_attribute && member.location == AWS_IN_BODY;
        if (is_element) {
            TRY(add_element(m, &member, member.wire, given->value, depth + 1));
        }
    }
    close_element(&m->body, name);
    return STATUS_OK;
}

static status add_list(request_maker *m, const aws_member *list, str name, json value,
                       unsigned depth)
{
    aws_member items = aws_shape_member(list->shape, 0);
    str item_name = list->is_flattened ? name : items.wire.len ? items.wire : STR("member");
    if (!list->is_flattened) {
        open_element(&m->body, name, list->extra);
    }
    for (uint32_t i = 0; i < json_count(value); i++) {
        if (!is_nothing(json_item(value, i))) {
            TRY(add_element(m, &items, item_name, json_item(value, i), depth + 1));
        }
    }
    if (!list->is_flattened) {
        close_element(&m->body, name);
    }
    return STATUS_OK;
}

static status add_map(request_maker *m, const aws_member *map, str name, json value, unsigned depth)
{
    aws_member keys = aws_shape_member(map->shape, 0);
    aws_member values = aws_shape_member(map->shape, 1);
    str entry_name = map->is_flattened ? name : STR("entry");
    if (!map->is_flattened) {
        open_element(&m->body, name, map->extra);
    }
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *given = json_member_at(value, i);
        if (is_nothing(given->value)) {
            continue;
        }
        open_element(&m->body, entry_name, STR(""));
        open_element(&m->body, keys.wire, keys.extra);
        add_escaped(&m->body, json_str(given->name));
        close_element(&m->body, keys.wire);
        TRY(add_element(m, &values, values.wire, given->value, depth + 1));
        close_element(&m->body, entry_name);
    }
    if (!map->is_flattened) {
        close_element(&m->body, name);
    }
    return STATUS_OK;
}

static status add_element(request_maker *m, const aws_member *member, str name, json value,
                          unsigned depth)
{
    if (depth > AWS_VALUE_DEPTH_MAX) {
        return fail(m->reterr, ERROR_LIMIT, "the parameters nest deeper than %d",
                    AWS_VALUE_DEPTH_MAX);
    }
    switch (aws_shape_type(member->shape)) {
    case AWS_STRUCTURE:
        return add_structure(m, member->shape, name, member->extra, value, depth);
    case AWS_LIST:
        return add_list(m, member, name, value, depth);
    case AWS_MAP:
        return add_map(m, member, name, value, depth);
    default: {
        str text = wire_scalar_text(member, value, AWS_TIME_ISO8601, m->a);
        if (!text.ptr) {
            return fail_memory(m->reterr);
        }
        open_element(&m->body, name, member->extra);
        add_escaped(&m->body, text);
        close_element(&m->body, name);
        return STATUS_OK;
    }
    }
}

static status add_type(request_maker *m)
{
    return request_has_header(m, STR("Content-Type"))
               ? STATUS_OK
               : request_add_header(m, STR("Content-Type"), STR("application/xml"));
}

status request_add_xml_payload(request_maker *m, const aws_member *payload, json value)
{
    TRY(add_element(m, payload, payload->wire, value, 0));
    return add_type(m);
}

status request_add_xml_body(request_maker *m)
{
    bool has_any = false;
    for (uint32_t i = 0; aws_shape_exists(m->input) && i < json_count(m->parameters); i++) {
        const json_member *given = json_member_at(m->parameters, i);
        aws_member member;
        has_any = has_any || (!is_nothing(given->value) &&
                              aws_shape_find(m->input, json_str(given->name), &member) &&
                              member.location == AWS_IN_BODY);
    }
    if (!has_any) {
        return STATUS_OK;
    }
    str uri = m->traits.input_namespace;
    str namespace = uri.len ? arena_printf(m->a, "=%.*s", STR_ARG(uri)) : STR("");
    if (!namespace.ptr) {
        return fail_memory(m->reterr);
    }
    TRY(add_structure(m, m->input, m->traits.input_root, namespace, m->parameters, 0));
    return add_type(m);
}
