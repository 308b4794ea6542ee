#include "integrations/parameters.h"

status parameters_read(json object, const parameter_rule *rules, size_t count, json *ret_values,
                       error *reterr)
{
    if (!json_is(object, JSON_OBJECT)) {
        return fail(reterr, ERROR_TYPE, "the parameters must be an object, but are %s",
                    json_kind_name(json_kind_of(object)));
    }
    for (uint32_t i = 0; i < json_count(object); i++) {
        str name = json_str(json_member_at(object, i)->name);
        size_t row = 0;
        while (row < count && !str_equal(name, str_from_c(rules[row].name))) {
            row++;
        }
        if (row == count) {
            return fail(reterr, ERROR_UNSUPPORTED,
                        "The field '%.*s' is not supported by Step Functions",
                        STR_ARG(str_take(name, 200)));
        }
    }
    for (size_t row = 0; row < count; row++) {
        json value = json_get(object, str_from_c(rules[row].name));
        if (json_is_absent(value) && rules[row].is_required) {
            return fail(reterr, ERROR_INVALID, "The field '%s' is required but was missing",
                        rules[row].name);
        }
        if (!json_is_absent(value) && rules[row].kind != JSON_ABSENT &&
            json_kind_of(value) != rules[row].kind) {
            return fail(reterr, ERROR_TYPE, "The field '%s' must be of type %s, but is %s",
                        rules[row].name, json_kind_name(rules[row].kind),
                        json_kind_name(json_kind_of(value)));
        }
    }
    for (size_t row = 0; row < count; row++) {
        ret_values[row] = json_get(object, str_from_c(rules[row].name));
    }
    return STATUS_OK;
}

/* Whether `names`, such as "*ClusterId Step ", has the name. */
static bool has_name(const char *names, str name)
{
    str rest = str_from_c(names);
    while (rest.len) {
        str one = str_split_next(&rest, ' ');
        one = str_starts_with(one, STR("*")) ? str_skip(one, 1) : one;
        if (str_equal(one, name)) {
            return true;
        }
    }
    return false;
}

static bool is_given(json given, str name, bool is_template)
{
    for (uint32_t i = 0; i < json_count(given); i++) {
        str member = json_str(json_member_at(given, i)->name);
        if (is_template && str_ends_with(member, STR(".$"))) {
            member.len -= 2;
        }
        if (str_equal(member, name)) {
            return true;
        }
    }
    return false;
}

status parameters_check_names(const char *names, json given, bool is_template, error *reterr)
{
    for (uint32_t i = 0; i < json_count(given); i++) {
        str name = json_str(json_member_at(given, i)->name);
        if (is_template && str_ends_with(name, STR(".$"))) {
            name.len -= 2;
        }
        if (!has_name(names, name)) {
            return fail(reterr, ERROR_UNSUPPORTED,
                        "The field \"%.*s\" is not supported by Step Functions",
                        STR_ARG(str_take(name, 200)));
        }
    }
    str rest = str_from_c(names);
    while (rest.len) {
        str one = str_split_next(&rest, ' ');
        if (str_starts_with(one, STR("*")) && !is_given(given, str_skip(one, 1), is_template)) {
            return fail(reterr, ERROR_INVALID, "The field '%.*s' is required but was missing",
                        STR_ARG(str_skip(one, 1)));
        }
    }
    return STATUS_OK;
}
