/* The protocols query and ec2: parameters flattened into names with dots.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, aws-ec2-query-protocol.html */
#include "integrations/aws/request.h"

#include "integrations/aws/wire.h"

typedef struct query_maker {
    request_maker *m;
    bool is_ec2;
    buf name; /* of the value at hand: "Filter.1.Value.2" */
} query_maker;

static void add_pair(query_maker *q, str value)
{
    buf *out = &q->m->body;
    if (out->len) {
        buf_add_char(out, '&');
    }
    wire_percent(buf_str(&q->name), "", out);
    buf_add_char(out, '=');
    wire_percent(value, "", out);
}

static status add_value(query_maker *q, const aws_member *member, json value, unsigned depth);

/* Appends ".NAME" (without the dot at the start); *ret_length takes it away again. */
static void push(query_maker *q, str name, size_t *ret_length)
{
    *ret_length = q->name.len;
    if (q->name.len) {
        buf_add_char(&q->name, '.');
    }
    buf_add_str(&q->name, name);
}

static void push_number(query_maker *q, uint32_t number, size_t *ret_length)
{
    *ret_length = q->name.len;
    buf_add_format(&q->name, ".%u", number);
}

static void pop(query_maker *q, size_t length)
{
    if (q->name.len > length) {
        q->name.len = length;
    }
}

/* ec2 spells members with an upper-case letter in requests, unless it has a name of its own. */
static status add_member(query_maker *q, const aws_member *member, json value, unsigned depth)
{
    str name = member->wire;
    size_t length;
    bool has_own_name = q->is_ec2 && member->extra.len;
    push(q, has_own_name ? member->extra : name, &length);
    if (q->is_ec2 && !has_own_name && name.len && ok(buf_status(&q->name, NULL))) {
        char *first = q->name.ptr + q->name.len - name.len;
        *first = (char)(*first >= 'a' && *first <= 'z' ? *first - 32 : *first);
    }
    status s = add_value(q, member, value, depth);
    pop(q, length);
    return s;
}

static status add_structure(query_maker *q, aws_shape shape, json value, unsigned depth)
{
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *given = json_member_at(value, i);
        aws_member member;
        if (!json_is(given->value, JSON_NULL) &&
            aws_shape_find(shape, json_str(given->name), &member)) {
            TRY(add_member(q, &member, given->value, depth + 1));
        }
    }
    return STATUS_OK;
}

/* "NAME.member.1"; flattened "NAME.1", where the items' own name stands for the list's. */
static status add_list(query_maker *q, const aws_member *list, json value, unsigned depth)
{
    aws_member items = aws_shape_member(list->shape, 0);
    size_t length = q->name.len;
    if (json_count(value) == 0) {
        if (!q->is_ec2) {
            add_pair(q, STR(""));
        }
        return STATUS_OK;
    }
    buf kept;
    buf_init(&kept, AWS_BODY_BYTES_MAX);
    buf_add_str(&kept, buf_str(&q->name));
    if (!q->is_ec2 && !list->is_flattened) {
        push(q, items.wire.len ? items.wire : STR("member"), &length);
    } else if (!q->is_ec2 && items.wire.len) {
        size_t dot = str_find_last_char(buf_str(&q->name), '.');
        q->name.len = dot == STR_NOT_FOUND ? 0 : dot;
        push(q, items.wire, &length);
    }
    status s = buf_status(&kept, q->m->reterr);
    for (uint32_t i = 0; i < json_count(value) && ok(s); i++) {
        size_t inner;
        push_number(q, i + 1, &inner);
        s = add_value(q, &items, json_item(value, i), depth + 1);
        pop(q, inner);
    }
    q->name.len = 0;
    buf_add_str(&q->name, buf_str(&kept));
    buf_clean_up(&kept);
    return s;
}

static status add_map(query_maker *q, const aws_member *map, json value, unsigned depth)
{
    aws_member keys = aws_shape_member(map->shape, 0);
    aws_member values = aws_shape_member(map->shape, 1);
    size_t length = q->name.len, entry, inner;
    uint32_t number = 0;
    if (!map->is_flattened) {
        push(q, STR("entry"), &length);
    }
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *given = json_member_at(value, i);
        if (json_is(given->value, JSON_NULL)) {
            continue;
        }
        push_number(q, ++number, &entry);
        push(q, keys.wire, &inner);
        add_pair(q, json_str(given->name));
        pop(q, inner);
        push(q, values.wire, &inner);
        TRY(add_value(q, &values, given->value, depth + 1));
        pop(q, entry);
    }
    pop(q, length);
    return STATUS_OK;
}

static status add_value(query_maker *q, const aws_member *member, json value, unsigned depth)
{
    if (depth > AWS_VALUE_DEPTH_MAX) {
        return fail(q->m->reterr, ERROR_LIMIT, "the parameters nest deeper than %d",
                    AWS_VALUE_DEPTH_MAX);
    }
    if (json_is(value, JSON_NULL)) {
        return STATUS_OK;
    }
    switch (aws_shape_type(member->shape)) {
    case AWS_STRUCTURE:
        return add_structure(q, member->shape, value, depth);
    case AWS_LIST:
        return add_list(q, member, value, depth);
    case AWS_MAP:
        return add_map(q, member, value, depth);
    default: {
        str text = wire_scalar_text(member, value, AWS_TIME_ISO8601, q->m->a);
        if (!text.ptr) {
            return fail_memory(q->m->reterr);
        }
        add_pair(q, text);
        return STATUS_OK;
    }
    }
}

status request_add_query_body(request_maker *m)
{
    query_maker q = {.m = m, .is_ec2 = aws_operation_protocol(m->operation) == AWS_PROTOCOL_EC2};
    buf_add_literal(&m->body, "Action=");
    wire_percent(aws_operation_name(m->operation), "", &m->body);
    buf_add_literal(&m->body, "&Version=");
    wire_percent(aws_service_api_version(m->service), "", &m->body);
    buf_init(&q.name, AWS_BODY_BYTES_MAX);
    status s = STATUS_OK;
    if (aws_shape_exists(m->input)) {
        s = add_structure(&q, m->input, m->parameters, 0);
    }
    if (ok(s)) {
        s = buf_status(&q.name, m->reterr);
    }
    buf_clean_up(&q.name);
    if (failed(s)) {
        return s;
    }
    return request_add_header(m, STR("Content-Type"),
                              STR("application/x-www-form-urlencoded; charset=utf-8"));
}
