/* One walk each way.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html#shape-serialization and
 * https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
#include "integrations/aws/wire_value.h"

#include "integrations/aws/wire.h"

static status too_deep(const wire_form *form)
{
    return fail(form->reterr, ERROR_LIMIT, "the value nests deeper than %d", AWS_VALUE_DEPTH_MAX);
}

static status not_a(const wire_form *form, const aws_member *member, const char *what)
{
    return fail(form->reterr, ERROR_SYNTAX, "the answer's '%.*s' is no %s",
                STR_ARG(str_take(member->wire, 200)), what);
}

static json time_number(int64_t time_ms)
{
    json number =
        time_ms % 1000 ? json_from_double((double)time_ms / 1000) : json_from_int64(time_ms / 1000);
    number.extra = WIRE_TIME;
    return number;
}

static int64_t time_of(json value)
{
    int64_t time_ms = 0;
    bool is_time = json_is(value, JSON_STRING)
                       ? wire_time_from_text(json_str(value), &time_ms)
                       : wire_time_from_seconds(json_double(value), &time_ms);
    INVARIANT(is_time); /* parameters_check_values saw to it */
    return time_ms;
}

str wire_blob_bytes(const aws_member *member, json value, arena *a)
{
    if (json_is(value, JSON_STRING) && !member->is_streaming) {
        return json_str(value);
    }
    return json_text(value, a);
}

static str base64_text(str bytes, arena *a)
{
    buf text;
    buf_init(&text, bytes.len / 3 * 4 + 8);
    wire_base64(bytes, &text);
    str copy = ok(buf_status(&text, NULL)) ? arena_str(a, buf_str(&text)) : STR_NONE;
    buf_clean_up(&text);
    return copy;
}

str wire_scalar_text(const aws_member *member, json value, aws_time_format default_format, arena *a)
{
    char text[WIRE_TIME_SIZE];
    aws_time_format format = member->time_format ? member->time_format : default_format;
    str bytes;
    if (member->is_json) {
        bytes = json_text(value, a);
        return member->location == AWS_IN_HEADER && bytes.ptr ? base64_text(bytes, a) : bytes;
    }
    switch (aws_shape_type(member->shape)) {
    case AWS_TIMESTAMP:
        return arena_str(a, wire_time(format, time_of(value), text));
    case AWS_BLOB:
        bytes = wire_blob_bytes(member, value, a);
        return bytes.ptr ? base64_text(bytes, a) : bytes;
    case AWS_STRING:
        return json_str(value);
    default:
        return json_text(value, a);
    }
}

/* -------------------------------------------------------------------------------------- requests
 */

static status make_scalar(const wire_form *form, const aws_member *member, json value,
                          json *ret_value)
{
    aws_type type = aws_shape_type(member->shape);
    bool is_epoch = form->is_cbor || member->time_format == AWS_TIME_DEFAULT ||
                    member->time_format == AWS_TIME_EPOCH;
    if (type == AWS_TIMESTAMP && is_epoch) {
        *ret_value = time_number(time_of(value));
        return STATUS_OK;
    }
    if (type == AWS_FLOAT || type == AWS_DOUBLE) {
        value.extra = type == AWS_FLOAT ? WIRE_FLOAT : WIRE_DOUBLE;
        *ret_value = value;
        return STATUS_OK;
    }
    if (type == AWS_INTEGER || type == AWS_LONG) {
        int64_t number = 0;
        INVARIANT(json_int64(value, &number));
        *ret_value = json_from_int64(number);
        return STATUS_OK;
    }
    if (type != AWS_BLOB && type != AWS_TIMESTAMP && !member->is_json) {
        *ret_value = value;
        return STATUS_OK;
    }
    str text = type == AWS_BLOB && form->is_cbor
                   ? wire_blob_bytes(member, value, form->a)
                   : wire_scalar_text(member, value, AWS_TIME_EPOCH, form->a);
    if (!text.ptr) {
        return fail_memory(form->reterr);
    }
    *ret_value = json_from_str(text);
    ret_value->extra = type == AWS_BLOB && form->is_cbor ? WIRE_BYTES : 0;
    return STATUS_OK;
}

status wire_structure_make(const wire_form *form, aws_shape shape, json value, unsigned depth,
                           json *ret_value)
{
    json_object_builder builder;
    json_object_begin(&builder, form->a, json_count(value));
    wire_form inner = *form;
    inner.keeps_places = false;
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *given = json_member_at(value, i);
        aws_member member;
        json made;
        if (json_is(given->value, JSON_NULL) ||
            !aws_shape_find(shape, json_str(given->name), &member) ||
            (form->keeps_places && member.location != AWS_IN_BODY)) {
            continue;
        }
        TRY(wire_value_make(&inner, &member, given->value, depth + 1, &made));
        json_object_add(&builder, member.wire, made);
    }
    return json_object_finish(&builder, ret_value, form->reterr);
}

static status make_list(const wire_form *form, const aws_member *items, json value, unsigned depth,
                        json *ret_value)
{
    json_array_builder builder;
    json_array_begin(&builder, form->a, json_count(value));
    for (uint32_t i = 0; i < json_count(value); i++) {
        json made;
        TRY(wire_value_make(form, items, json_item(value, i), depth + 1, &made));
        json_array_add(&builder, made);
    }
    return json_array_finish(&builder, ret_value, form->reterr);
}

static status make_map(const wire_form *form, const aws_member *values, json value, unsigned depth,
                       json *ret_value)
{
    json_object_builder builder;
    json_object_begin(&builder, form->a, json_count(value));
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *entry = json_member_at(value, i);
        json made;
        if (!json_is(entry->value, JSON_NULL)) {
            TRY(wire_value_make(form, values, entry->value, depth + 1, &made));
            json_object_add_named(&builder, entry->name, made);
        }
    }
    return json_object_finish(&builder, ret_value, form->reterr);
}

status wire_value_make(const wire_form *form, const aws_member *member, json value, unsigned depth,
                       json *ret_value)
{
    aws_type type = aws_shape_type(member->shape);
    if (depth > AWS_VALUE_DEPTH_MAX) {
        return too_deep(form);
    }
    if (json_is(value, JSON_NULL) || aws_shape_is_document(member->shape)) {
        *ret_value = value;
        return STATUS_OK;
    }
    if (type == AWS_STRUCTURE) {
        return wire_structure_make(form, member->shape, value, depth, ret_value);
    }
    if (type == AWS_LIST || type == AWS_MAP) {
        aws_member part = aws_shape_member(member->shape, type == AWS_MAP);
        return type == AWS_LIST ? make_list(form, &part, value, depth, ret_value)
                                : make_map(form, &part, value, depth, ret_value);
    }
    return make_scalar(form, member, value, ret_value);
}

/* --------------------------------------------------------------------------------------- answers
 */

static status give_time(const wire_form *form, const aws_member *member, bool is_time,
                        int64_t time_ms, json *ret_value)
{
    char text[WIRE_TIME_SIZE];
    if (!is_time) {
        return not_a(form, member, "time");
    }
    str copy = arena_str(form->a, wire_time_iso8601(time_ms, text));
    if (!copy.ptr) {
        return fail_memory(form->reterr);
    }
    *ret_value = json_from_str(copy);
    return STATUS_OK;
}

static status give_text(const wire_form *form, str text, json *ret_value)
{
    str copy = wire_as_text(text, form->a);
    if (!copy.ptr) {
        return fail_memory(form->reterr);
    }
    *ret_value = json_from_str(copy);
    return STATUS_OK;
}

static status give_base64(const wire_form *form, const aws_member *member, str text,
                          json *ret_value)
{
    str bytes;
    status s = wire_base64_decode(text, form->a, &bytes, form->reterr);
    if (failed(s)) {
        return s.code == ERROR_SYNTAX ? not_a(form, member, "base64") : s;
    }
    return give_text(form, bytes, ret_value);
}

static status read_number(const wire_form *form, const aws_member *member, str text,
                          json *ret_value)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    json number;
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (str_equal(text, str_from_c(words[i]))) {
            *ret_value = json_from_str(str_from_c(words[i]));
            return STATUS_OK;
        }
    }
    if (str_starts_with(text, STR("+"))) {
        text = str_skip(text, 1);
    }
    status s = json_parse_into(text, form->a, &number, form->reterr);
    if (s.code == ERROR_MEMORY) {
        return s;
    }
    if (failed(s) || !json_is(number, JSON_NUMBER)) {
        return not_a(form, member, "number");
    }
    *ret_value = number;
    return STATUS_OK;
}

status wire_scalar_read(const wire_form *form, const aws_member *member, str text, json *ret_value)
{
    int64_t time_ms = 0;
    bool is_time;
    switch (aws_shape_type(member->shape)) {
    case AWS_BOOLEAN:
        *ret_value = json_boolean(str_equal_ignore_case(str_trim(text), STR("true")));
        return STATUS_OK;
    case AWS_INTEGER:
    case AWS_LONG:
    case AWS_FLOAT:
    case AWS_DOUBLE:
        return read_number(form, member, str_trim(text), ret_value);
    case AWS_TIMESTAMP:
        is_time = wire_time_read(str_trim(text), &time_ms);
        return give_time(form, member, is_time, time_ms, ret_value);
    case AWS_BLOB:
        return give_base64(form, member, text, ret_value);
    default:
        if (member->is_json && member->location == AWS_IN_HEADER) {
            return give_base64(form, member, text, ret_value);
        }
        return give_text(form, text, ret_value);
    }
}

static status read_scalar(const wire_form *form, const aws_member *member, json value,
                          json *ret_value)
{
    aws_type type = aws_shape_type(member->shape);
    int64_t time_ms = 0;
    bool is_time;
    if (type == AWS_BLOB && value.extra == WIRE_BYTES) {
        return give_text(form, json_str(value), ret_value);
    }
    if (json_is(value, JSON_STRING)) {
        return value.extra == WIRE_BYTES
                   ? not_a(form, member, "text")
                   : wire_scalar_read(form, member, json_str(value), ret_value);
    }
    switch (type) {
    case AWS_TIMESTAMP:
        is_time =
            json_is(value, JSON_NUMBER) && wire_time_from_seconds(json_double(value), &time_ms);
        return give_time(form, member, is_time, time_ms, ret_value);
    case AWS_STRING: {
        if (form->is_cbor) {
            return not_a(form, member, "text");
        }
        str text = json_text(value, form->a);
        if (!text.ptr) {
            return fail_memory(form->reterr);
        }
        *ret_value = json_from_str(text);
        return STATUS_OK;
    }
    case AWS_BOOLEAN:
        *ret_value = value;
        return json_is(value, JSON_BOOLEAN) ? STATUS_OK : not_a(form, member, "boolean");
    default:
        value.extra = 0;
        *ret_value = value;
        return json_is(value, JSON_NUMBER) ? STATUS_OK : not_a(form, member, "number or base64");
    }
}

status wire_structure_read(const wire_form *form, aws_shape shape, json value, unsigned depth,
                           json_object_builder *builder)
{
    wire_form inner = *form;
    inner.keeps_places = false;
    for (uint32_t i = 0; i < aws_shape_member_count(shape); i++) {
        aws_member member = aws_shape_member(shape, i);
        json given = json_get(value, member.wire);
        json made = {0};
        if (json_is_absent(given) || json_is(given, JSON_NULL) ||
            (form->keeps_places && member.location != AWS_IN_BODY)) {
            continue;
        }
        TRY(wire_value_read(&inner, &member, given, depth + 1, &made));
        json_object_add(builder, member.name, made);
    }
    return STATUS_OK;
}

static status read_list(const wire_form *form, const aws_member *items, json value, unsigned depth,
                        json *ret_value)
{
    json_array_builder builder;
    json_array_begin(&builder, form->a, json_count(value));
    for (uint32_t i = 0; i < json_count(value); i++) {
        json made = json_item(value, i);
        if (!json_is(made, JSON_NULL)) {
            TRY(wire_value_read(form, items, made, depth + 1, &made));
        }
        json_array_add(&builder, made);
    }
    return json_array_finish(&builder, ret_value, form->reterr);
}

static status read_object(const wire_form *form, const aws_member *member, json value,
                          unsigned depth, json *ret_value)
{
    json_object_builder builder;
    json_object_begin(&builder, form->a, json_count(value));
    if (aws_shape_type(member->shape) == AWS_STRUCTURE) {
        TRY(wire_structure_read(form, member->shape, value, depth, &builder));
        return json_object_finish(&builder, ret_value, form->reterr);
    }
    aws_member values = aws_shape_member(member->shape, 1);
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *entry = json_member_at(value, i);
        json made = {0};
        if (!json_is(entry->value, JSON_NULL)) {
            TRY(wire_value_read(form, &values, entry->value, depth + 1, &made));
            json_object_add_named(&builder, entry->name, made);
        }
    }
    return json_object_finish(&builder, ret_value, form->reterr);
}

status wire_value_read(const wire_form *form, const aws_member *member, json value, unsigned depth,
                       json *ret_value)
{
    aws_type type = aws_shape_type(member->shape);
    if (depth > AWS_VALUE_DEPTH_MAX) {
        return too_deep(form);
    }
    if (aws_shape_is_document(member->shape)) { /* CBOR has none */
        *ret_value = value;
        return form->is_cbor ? not_a(form, member, "document") : STATUS_OK;
    }
    if (type == AWS_LIST) {
        aws_member items = aws_shape_member(member->shape, 0);
        return json_is(value, JSON_ARRAY) ? read_list(form, &items, value, depth, ret_value)
                                          : not_a(form, member, "list");
    }
    if (type == AWS_STRUCTURE || type == AWS_MAP) {
        return json_is(value, JSON_OBJECT) ? read_object(form, member, value, depth, ret_value)
                                           : not_a(form, member, "object");
    }
    return read_scalar(form, member, value, ret_value);
}
