/* Walks a request's input beside its shape. The wording is that of AWS's own framework: all
 * violations in one message; places as routingConfiguration.1.member.weight (1-based); values as
 * Java prints them. Recursion follows the model, which is a few levels deep, never the request. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "api/model/model.h"

#include "base/utf8.h"

#include <pcre2.h>

#define VALUE_CHARS_MAX 4096 /* of a value that is shown in a message; ours */
#define VIOLATIONS_MAX 50    /* ours */

typedef struct violations {
    arena *a;
    buf text;
    uint32_t count;
    error *reterr;
    status type_failure;
} violations;

const api_operation *api_operation_find(str name)
{
    for (uint32_t i = 0; i < api_operation_count; i++) {
        if (str_equal(name, str_from_c(api_operations[i].name))) {
            return &api_operations[i];
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------------------------- wording */

static void print_value(const api_shape *shape, json value, buf *out);

static void print_structure(const api_shape *shape, json value, buf *out)
{
    buf_add_str(out, str_from_c(shape->name));
    const char *before = "(";
    for (uint32_t i = 0; i < shape->count; i++) {
        json member = json_get(value, str_from_c(shape->members[i].name));
        if (!json_is_absent(member)) {
            buf_add_str(out, str_from_c(before));
            buf_add_str(out, str_from_c(shape->members[i].name));
            buf_add_char(out, '=');
            print_value(&api_shapes[shape->members[i].shape], member, out);
            before = ", ";
        }
    }
    buf_add_char(out, ')');
}

static void print_value(const api_shape *shape, json value, buf *out)
{
    if (shape->is_sensitive) {
        buf_add_literal(out, "***Sensitive Data Redacted***");
    } else if (shape->kind == API_STRUCTURE && json_is(value, JSON_OBJECT)) {
        print_structure(shape, value, out);
    } else if (shape->kind == API_LIST && json_is(value, JSON_ARRAY)) {
        buf_add_char(out, '[');
        for (uint32_t i = 0; i < json_count(value); i++) {
            buf_add_str(out, i ? STR(", ") : STR_NONE);
            print_value(&api_shapes[shape->item], json_item(value, i), out);
        }
        buf_add_char(out, ']');
    } else if (json_is(value, JSON_STRING)) {
        buf_add_str(out, str_take(json_str(value), VALUE_CHARS_MAX));
    } else {
        json_print(value, out);
    }
}

static void violate(violations *v, const api_shape *shape, json value, str place,
                    const char *constraint)
{
    if (v->count++ >= VIOLATIONS_MAX) {
        return;
    }
    if (v->text.len) {
        buf_add_literal(&v->text, "; ");
    }
    if (json_is_absent(value)) {
        buf_add_literal(&v->text, "Value null at '");
    } else {
        buf_add_literal(&v->text, "Value '");
        print_value(shape, value, &v->text);
        buf_add_literal(&v->text, "' at '");
    }
    buf_add_str(&v->text, place);
    buf_add_literal(&v->text, "' failed to satisfy constraint: ");
    buf_add_str(&v->text, str_from_c(constraint));
}

/* -------------------------------------------------------------------------------------- checks */

/* The wording of the framework's JSON reader, as its services show it. */
static status check_type(const api_shape *shape, json value, error *reterr)
{
    static const struct {
        json_kind wanted;
        const char *name;
    } wanted[] = {
        [API_STRUCTURE] = {JSON_OBJECT, "a structure"},
        [API_LIST] = {JSON_ARRAY, "a list"},
        [API_MAP] = {JSON_OBJECT, "a map"},
        [API_STRING] = {JSON_STRING, "String"},
        [API_BOOLEAN] = {JSON_BOOLEAN, "Boolean"},
        [API_INTEGER] = {JSON_NUMBER, "Integer"},
        [API_DOUBLE] = {JSON_NUMBER, "Double"},
        [API_TIMESTAMP] = {JSON_NUMBER, "Timestamp"},
    };
    json_kind kind = json_kind_of(value);
    if (kind == wanted[shape->kind].wanted) {
        return STATUS_OK;
    }
    switch (kind) {
    case JSON_OBJECT:
        return fail(reterr, ERROR_TYPE, "Start of structure or map found where not expected.");
    case JSON_ARRAY:
        return fail(reterr, ERROR_TYPE, "Start of list found where not expected");
    default:
        return fail(reterr, ERROR_TYPE, "%s can not be converted to %s",
                    kind == JSON_NUMBER   ? "NUMBER_VALUE"
                    : kind == JSON_STRING ? "STRING_VALUE"
                    : json_is_true(value) ? "TRUE_VALUE"
                                          : "FALSE_VALUE",
                    wanted[shape->kind].name);
    }
}

static void check_bounds(violations *v, const api_shape *shape, json value, str place,
                         int64_t amount, const char *what)
{
    char constraint[128];
    if (shape->max >= 0 && amount > shape->max) {
        snprintf(constraint, sizeof(constraint), "Member must have %s less than or equal to %lld",
                 what, (long long)shape->max);
        violate(v, shape, value, place, constraint);
    } else if (shape->min >= 0 && amount < shape->min) {
        snprintf(constraint, sizeof(constraint),
                 "Member must have %s greater than or equal to %lld", what, (long long)shape->min);
        violate(v, shape, value, place, constraint);
    }
}

/* Java's \p{ASCII} is spelled differently here. */
static bool matches(const char *pattern, str text)
{
    char translated[256];
    snprintf(translated, sizeof(translated), "\\A(?:%s)\\z",
             strcmp(pattern, "\\p{ASCII}*") == 0 ? "[[:ascii:]]*" : pattern);
    int code;
    PCRE2_SIZE at;
    pcre2_code *regex =
        pcre2_compile((PCRE2_SPTR)translated, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &at, NULL);
    INVARIANT(regex != NULL); /* the patterns are our own table's */
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    bool is_match = match && pcre2_match(regex, (PCRE2_SPTR)(text.ptr ? text.ptr : ""), text.len, 0,
                                         0, match, NULL) >= 0;
    pcre2_match_data_free(match);
    pcre2_code_free(regex);
    return is_match;
}

/* A number as the bounds see it: beyond 64 bits it is beyond every bound. */
static int64_t whole(json value)
{
    int64_t number;
    if (json_int64(value, &number)) {
        return number;
    }
    double real = json_double(value);
    return real >= 0x1p63 ? INT64_MAX : real <= -0x1p63 ? INT64_MIN : (int64_t)real;
}

/* Inputs and outputs are measured in bytes of UTF-8, and all other texts in characters.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
static bool is_payload(const api_shape *shape)
{
    return strcmp(shape->name, "SensitiveData") == 0;
}

static void check_string(violations *v, const api_shape *shape, json value, str place)
{
    str text = json_str(value);
    if (shape->values) {
        for (uint32_t i = 0; i < shape->count; i++) {
            if (str_equal(text, str_from_c(shape->values[i]))) {
                return;
            }
        }
        buf constraint;
        buf_init(&constraint, 4096);
        for (uint32_t i = 0; i < shape->count; i++) {
            buf_add_str(&constraint, i ? STR(", ") : STR("Member must satisfy enum value set: ["));
            buf_add_str(&constraint, str_from_c(shape->values[i]));
        }
        buf_add_char(&constraint, ']');
        violate(v, shape, value, place, buf_c_str(&constraint));
        buf_clean_up(&constraint);
        return;
    }
    check_bounds(v, shape, value, place,
                 is_payload(shape) ? (int64_t)text.len : (int64_t)utf8_length_utf16(text),
                 "length");
    if (shape->pattern && !matches(shape->pattern, text)) {
        char constraint[256];
        snprintf(constraint, sizeof(constraint),
                 "Member must satisfy regular expression pattern: %s", shape->pattern);
        violate(v, shape, value, place, constraint);
    }
}

static void check(violations *v, const api_shape *shape, json value, str place);

static void check_structure(violations *v, const api_shape *shape, json value, str place)
{
    for (uint32_t i = 0; i < shape->count; i++) {
        const api_member *member = &shape->members[i];
        json inner = json_get(value, str_from_c(member->name));
        str inner_place = place.len ? arena_printf(v->a, "%.*s.%s", STR_ARG(place), member->name)
                                    : str_from_c(member->name);
        if (!json_is_absent(inner) && !json_is(inner, JSON_NULL)) {
            check(v, &api_shapes[member->shape], inner, inner_place);
        } else if (member->is_required) {
            violate(v, shape, (json){0}, inner_place, "Member must not be null");
        }
    }
}

static void check_list(violations *v, const api_shape *shape, json value, str place)
{
    check_bounds(v, shape, value, place, json_count(value), "length");
    for (uint32_t i = 0; i < json_count(value) && v->count < VIOLATIONS_MAX; i++) {
        str inner_place = arena_printf(v->a, "%.*s.%u.member", STR_ARG(place), i + 1);
        check(v, &api_shapes[shape->item], json_item(value, i), inner_place);
    }
}

static void check(violations *v, const api_shape *shape, json value, str place)
{
    if (failed(v->type_failure)) {
        return;
    }
    v->type_failure = check_type(shape, value, v->reterr);
    if (failed(v->type_failure)) {
        return;
    }
    switch (shape->kind) {
    case API_STRUCTURE:
        check_structure(v, shape, value, place);
        break;
    case API_LIST:
        check_list(v, shape, value, place);
        break;
    case API_MAP:
        for (uint32_t i = 0; i < json_count(value) && v->count < VIOLATIONS_MAX; i++) {
            const json_member *entry = json_member_at(value, i);
            check(v, &api_shapes[shape->item], entry->value,
                  arena_printf(v->a, "%.*s.%.*s", STR_ARG(place), STR_ARG(json_str(entry->name))));
        }
        break;
    case API_STRING:
        check_string(v, shape, value, place);
        break;
    case API_INTEGER:
    case API_DOUBLE:
        check_bounds(v, shape, value, place, whole(value), "value");
        break;
    case API_BOOLEAN:
    case API_TIMESTAMP:
        break;
    }
}

status api_validate(const api_operation *operation, json input, arena *a, str *ret_message,
                    error *reterr)
{
    violations v = {.a = a, .reterr = reterr};
    buf_init(&v.text, 1u << 20);
    check(&v, &api_shapes[operation->input], input, STR_NONE);
    status s = v.type_failure;
    if (ok(s) && v.count) {
        str message = arena_printf(a, "%u validation error%s detected: %.*s", v.count,
                                   v.count == 1 ? "" : "s", STR_ARG(buf_str(&v.text)));
        s = message.ptr ? fail(reterr, ERROR_INVALID, "%.*s", STR_ARG(message))
                        : fail_memory(reterr);
        *ret_message = message;
    }
    buf_clean_up(&v.text);
    return s;
}
