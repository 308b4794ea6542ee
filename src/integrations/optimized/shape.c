#include "integrations/optimized/shape.h"

#include "base/timetext.h"
#include "integrations/aws/parameters_check.h"
#include "integrations/parameters.h"

#include <stdlib.h>

/* ---------------------------------------------------------------------------------------- sources
 */

/* One step of "Jobs[0].Status": a name, and an index where one follows. */
static json step_into(json value, str part)
{
    size_t bracket = str_find_char(part, '[');
    str name = bracket == STR_NOT_FOUND ? part : str_take(part, bracket);
    value = json_get(value, name);
    return bracket == STR_NOT_FOUND ? value : json_item(value, 0);
}

json optimized_find(const optimized_sources *sources, const char *source)
{
    str path = str_from_c(source);
    if (source[0] == '=') {
        return json_from_str(str_skip(path, 1));
    }
    json value = source[0] == 'p'   ? sources->parameters
                 : source[0] == 's' ? sources->submission
                                    : sources->description;
    str_split_next(&path, '.');
    while (path.ptr) {
        str part = str_split_next(&path, '.');
        if (!json_is(value, JSON_OBJECT)) {
            return (json){0};
        }
        value = step_into(value, part);
    }
    return value;
}

status optimized_make(const optimized_field *fields, size_t count, const optimized_sources *sources,
                      arena *a, json *ret_object, error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, a, (uint32_t)count);
    for (size_t i = 0; i < count && fields[i].name; i++) {
        json value = optimized_find(sources, fields[i].source);
        if (json_is_absent(value)) {
            continue;
        }
        if (fields[i].is_list) {
            json *items;
            json list;
            TRY(json_array_new(a, 1, &list, &items, reterr));
            items[0] = value;
            value = list;
        }
        json_object_add(&b, str_from_c(fields[i].name), value);
    }
    return json_object_finish(&b, ret_object, reterr);
}

/* ------------------------------------------------------------------------------------- parameters
 */

/* A copy of the object in which one member, unless it is text, is its JSON text. */
static status text_member(json object, str name, arena *a, json *ret_object, error *reterr)
{
    json value = json_get(object, name);
    *ret_object = object;
    if (json_is_absent(value) || json_is(value, JSON_STRING) || json_is(value, JSON_NULL)) {
        return STATUS_OK;
    }
    str text = json_text(value, a);
    if (!text.ptr) {
        return fail_memory(reterr);
    }
    return json_object_with(a, object, json_from_str(name), json_from_str(text), ret_object,
                            reterr);
}

/* "A[].B": the member B of each item of A. */
static status text_members(json object, str path, arena *a, json *ret_object, error *reterr)
{
    size_t at = str_find(path, STR("[]."));
    if (at == STR_NOT_FOUND) {
        return text_member(object, path, a, ret_object, reterr);
    }
    str list_name = str_take(path, at), name = str_skip(path, at + 3);
    json given = json_get(object, list_name), list;
    *ret_object = object;
    if (!json_is(given, JSON_ARRAY)) {
        return STATUS_OK;
    }
    json *items;
    TRY(json_array_new(a, json_count(given), &list, &items, reterr));
    for (uint32_t i = 0; i < json_count(given); i++) {
        items[i] = json_item(given, i);
        if (json_is(items[i], JSON_OBJECT)) {
            TRY(text_member(items[i], name, a, &items[i], reterr));
        }
    }
    return json_object_with(a, object, json_from_str(list_name), list, ret_object, reterr);
}

status optimized_parameters(const optimized_action *action, json given, arena *a,
                            json *ret_parameters, error *reterr)
{
    json parameters = given;
    if (!json_is(given, JSON_OBJECT)) {
        return fail(reterr, ERROR_TYPE, "The parameters must be an object, but are %s",
                    json_kind_name(json_kind_of(given)));
    }
    if (action->text_parameter) {
        TRY(text_members(given, str_from_c(action->text_parameter), a, &parameters, reterr));
    }
    if (action->request.fields[0].name) {
        optimized_sources sources = {.parameters = parameters};
        TRY(optimized_make(action->request.fields, OPTIMIZED_FIELDS_MAX, &sources, a, &parameters,
                           reterr));
    }
    *ret_parameters = parameters;
    return STATUS_OK;
}

status optimized_parameters_check(const optimized_action *action, aws_operation operation,
                                  json given, bool is_template, arena *a, error *reterr)
{
    json parameters = given;
    if (!json_is(given, JSON_OBJECT)) {
        return STATUS_OK; /* an expression, or not to be known yet */
    }
    if (action->parameters) {
        return parameters_check_names(action->parameters, given, is_template, reterr);
    }
    if (action->text_parameter) {
        TRY(text_members(given, str_from_c(action->text_parameter), a, &parameters, reterr));
    }
    TRY(optimized_spell(aws_operation_input(operation), parameters, a, &parameters, reterr));
    return is_template ? aws_parameters_check(operation, parameters, reterr)
                       : parameters_check_values(operation, parameters, reterr);
}

/* ----------------------------------------------------------------------------------------- results
 */

static int by_name(const void *a, const void *b)
{
    return str_compare(json_str(((const json_member *)a)->name),
                       json_str(((const json_member *)b)->name));
}

static bool is_word(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = (char)(text.ptr[i] | 0x20);
        if (!(c >= 'a' && c <= 'z') && !(text.ptr[i] >= '0' && text.ptr[i] <= '9')) {
            return false;
        }
    }
    return text.len > 0;
}

/* Version 1 of the SDK, which these integrations show, spells members as the service does, with a
 * capital first: "MD5OfMessageBody", "BOOL" and "NULL", where version 2 has "Md5OfMessageBody",
 * "Bool" and "Nul". What stands in a header has the header's name there. */
static str version_1_name(const aws_member *member, arena *a)
{
    bool is_spelled = member->location == AWS_IN_BODY && is_word(member->wire);
    char *text = is_spelled ? arena_alloc(a, member->wire.len) : NULL;
    if (!text) {
        return member->name;
    }
    memcpy(text, member->wire.ptr, member->wire.len);
    text[0] = (char)(text[0] >= 'a' && text[0] <= 'z' ? text[0] - 32 : text[0]);
    return (str){text, member->wire.len};
}

static status build_sorted(json_member *members, uint32_t count, arena *a, json *ret_object,
                           error *reterr)
{
    json_object_builder b;
    qsort(members, count, sizeof(members[0]), by_name);
    json_object_begin(&b, a, count);
    for (uint32_t i = 0; i < count; i++) {
        json_object_add_named(&b, members[i].name, members[i].value);
    }
    return json_object_finish(&b, ret_object, reterr);
}

status optimized_sort(json object, arena *a, json *ret_object, error *reterr)
{
    uint32_t count = json_count(object);
    json_member *members = arena_array(a, json_member, count ? count : 1);
    if (!members) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        members[i] = *json_member_at(object, i);
    }
    return build_sorted(members, count, a, ret_object, reterr);
}

static status settle_structure(aws_shape shape, json value, arena *a, json *ret_value,
                               error *reterr)
{
    uint32_t count = json_count(value);
    json_member *members = arena_array(a, json_member, count ? count : 1);
    if (!members) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        aws_member known;
        members[i] = *json_member_at(value, i);
        if (aws_shape_find(shape, json_str(members[i].name), &known)) {
            members[i].name = json_from_str(version_1_name(&known, a));
            TRY(optimized_settle(known.shape, members[i].value, a, &members[i].value, reterr));
        }
    }
    return build_sorted(members, count, a, ret_value, reterr);
}

static status settle_list(aws_shape shape, json value, arena *a, json *ret_value, error *reterr)
{
    json list, *items;
    TRY(json_array_new(a, json_count(value), &list, &items, reterr));
    for (uint32_t i = 0; i < json_count(value); i++) {
        TRY(optimized_settle(aws_shape_member(shape, 0).shape, json_item(value, i), a, &items[i],
                             reterr));
    }
    *ret_value = list;
    return STATUS_OK;
}

static status settle_map(aws_shape shape, json value, arena *a, json *ret_value, error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, a, json_count(value));
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *member = json_member_at(value, i);
        json settled;
        TRY(optimized_settle(aws_shape_member(shape, 1).shape, member->value, a, &settled, reterr));
        json_object_add_named(&b, member->name, settled);
    }
    return json_object_finish(&b, ret_value, reterr);
}

/* Recursion follows the value, whose depth its parser has limited (JSON_DEPTH_MAX). */
status optimized_settle(aws_shape shape, json value, arena *a, json *ret_value, error *reterr)
{
    int64_t time_ms;
    *ret_value = value;
    if (!aws_shape_exists(shape) || aws_shape_is_document(shape)) {
        return STATUS_OK;
    }
    switch (aws_shape_type(shape)) {
    case AWS_STRUCTURE:
        return json_is(value, JSON_OBJECT) ? settle_structure(shape, value, a, ret_value, reterr)
                                           : STATUS_OK;
    case AWS_LIST:
        return json_is(value, JSON_ARRAY) ? settle_list(shape, value, a, ret_value, reterr)
                                          : STATUS_OK;
    case AWS_MAP:
        return json_is(value, JSON_OBJECT) ? settle_map(shape, value, a, ret_value, reterr)
                                           : STATUS_OK;
    case AWS_TIMESTAMP:
        if (json_is(value, JSON_STRING) &&
            ok(time_parse_rfc3339(json_str(value), &time_ms, NULL))) {
            *ret_value = json_from_int64(time_ms);
        }
        return STATUS_OK;
    default:
        return STATUS_OK;
    }
}

/* ---------------------------------------------------------------------------------- version 1's
 * names
 */

/* The operation's own spelling of a member that may be given in version 1's. */
static json spelled(aws_shape shape, json name, aws_member *ret_member, bool *ret_is_known)
{
    *ret_is_known = aws_shape_find(shape, json_str(name), ret_member);
    for (uint32_t i = 0; !*ret_is_known && i < aws_shape_member_count(shape); i++) {
        *ret_member = aws_shape_member(shape, i);
        str wire = ret_member->wire;
        *ret_is_known =
            wire.len && wire.ptr[0] < 'a' && str_equal(wire, json_str(name)); /* not "cluster" */
    }
    return *ret_is_known ? json_from_str(ret_member->name) : name;
}

static status spell_path(aws_shape shape, str given, arena *a, json_object_builder *b, json path,
                         error *reterr)
{
    aws_member known;
    bool is_known;
    json name = spelled(shape, json_from_str(str_take(given, given.len - 2)), &known, &is_known);
    str whole = arena_printf(a, "%.*s.$", STR_ARG(json_str(name)));
    if (!whole.ptr) {
        return fail_memory(reterr);
    }
    json_object_add(b, whole, path);
    return STATUS_OK;
}

static status spell_structure(aws_shape shape, json value, arena *a, json *ret_value, error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, a, json_count(value));
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *member = json_member_at(value, i);
        str given = json_str(member->name);
        if (str_ends_with(given, STR(".$"))) { /* of a template */
            TRY(spell_path(shape, given, a, &b, member->value, reterr));
            continue;
        }
        aws_member known;
        bool is_known;
        json name = spelled(shape, member->name, &known, &is_known), inner = member->value;
        if (is_known) {
            TRY(optimized_spell(known.shape, inner, a, &inner, reterr));
        }
        json_object_add_named(&b, name, inner);
    }
    return json_object_finish(&b, ret_value, reterr);
}

/* As optimized_settle. */
status optimized_spell(aws_shape shape, json value, arena *a, json *ret_value, error *reterr)
{
    *ret_value = value;
    if (!aws_shape_exists(shape) || aws_shape_is_document(shape)) {
        return STATUS_OK;
    }
    aws_type type = aws_shape_type(shape);
    if (type == AWS_STRUCTURE && json_is(value, JSON_OBJECT)) {
        return spell_structure(shape, value, a, ret_value, reterr);
    }
    if (type == AWS_LIST && json_is(value, JSON_ARRAY)) {
        json list, *items;
        TRY(json_array_new(a, json_count(value), &list, &items, reterr));
        for (uint32_t i = 0; i < json_count(value); i++) {
            TRY(optimized_spell(aws_shape_member(shape, 0).shape, json_item(value, i), a, &items[i],
                                reterr));
        }
        *ret_value = list;
    } else if (type == AWS_MAP && json_is(value, JSON_OBJECT)) {
        json_object_builder b;
        json_object_begin(&b, a, json_count(value));
        for (uint32_t i = 0; i < json_count(value); i++) {
            const json_member *member = json_member_at(value, i);
            json inner;
            TRY(optimized_spell(aws_shape_member(shape, 1).shape, member->value, a, &inner,
                                reterr));
            json_object_add_named(&b, member->name, inner);
        }
        return json_object_finish(&b, ret_value, reterr);
    }
    return STATUS_OK;
}
