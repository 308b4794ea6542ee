/* Parameters against the model, before anything is made of them: the words are those that Step
 * Functions has in a task's failure. */
#include "integrations/aws/parameters_check.h"

#include "integrations/aws/wire.h"

typedef struct checker {
    bool is_template; /* as in a definition: names ending in ".$", JSONata expressions */
    bool wants_required;
    error *reterr;
} checker;

static const char *const kind_words[] = {
    [AWS_STRUCTURE] = "an OBJECT",   [AWS_LIST] = "a LIST",       [AWS_MAP] = "a MAP",
    [AWS_STRING] = "a STRING",       [AWS_BOOLEAN] = "a BOOLEAN", [AWS_INTEGER] = "an INTEGER",
    [AWS_LONG] = "a LONG",           [AWS_FLOAT] = "a FLOAT",     [AWS_DOUBLE] = "a DOUBLE",
    [AWS_TIMESTAMP] = "a TIMESTAMP", [AWS_BLOB] = "a STRING",
};

static status wrong_type(const checker *c, const aws_member *member)
{
    return fail(c->reterr, ERROR_TYPE, "The value for the field '%.*s' must be %s",
                STR_ARG(str_take(member->name, 200)), kind_words[aws_shape_type(member->shape)]);
}

static bool is_expression(json value)
{
    str text = json_str(value);
    return str_starts_with(text, STR("{%")) && str_ends_with(text, STR("%}"));
}

static bool is_time(json value)
{
    int64_t time_ms;
    return json_is(value, JSON_STRING) ? wire_time_from_text(json_str(value), &time_ms)
                                       : wire_time_from_seconds(json_double(value), &time_ms);
}

static bool is_scalar_right(aws_type type, json value)
{
    int64_t number;
    switch (type) {
    case AWS_STRING:
        return json_is(value, JSON_STRING);
    case AWS_BOOLEAN:
        return json_is(value, JSON_BOOLEAN);
    case AWS_INTEGER:
        return json_int64(value, &number) && number >= INT32_MIN && number <= INT32_MAX;
    case AWS_LONG:
        return json_int64(value, &number);
    case AWS_FLOAT:
    case AWS_DOUBLE:
        return json_is(value, JSON_NUMBER);
    case AWS_TIMESTAMP:
        return (json_is(value, JSON_STRING) || json_is(value, JSON_NUMBER)) && is_time(value);
    default:
        return true; /* a blob is text, or the JSON text of what it is */
    }
}

static status check_value(const checker *c, const aws_member *member, json value, unsigned depth);

static status check_structure(const checker *c, aws_shape shape, json value, unsigned depth)
{
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *given = json_member_at(value, i);
        str name = json_str(given->name);
        bool is_path = c->is_template && str_ends_with(name, STR(".$"));
        aws_member member;
        if (!aws_shape_find(shape, is_path ? str_take(name, name.len - 2) : name, &member)) {
            return fail(c->reterr, ERROR_UNSUPPORTED,
                        "The field \"%.*s\" is not supported by Step Functions",
                        STR_ARG(str_take(name, 200)));
        }
        if (!is_path) {
            TRY(check_value(c, &member, given->value, depth));
        }
    }
    for (uint32_t i = 0; c->wants_required && i < aws_shape_member_count(shape); i++) {
        aws_member member = aws_shape_member(shape, i);
        if (!member.is_required || member.is_token ||
            !json_is_absent(json_get(value, member.name))) {
            continue;
        }
        char path[256];
        snprintf(path, sizeof(path), "%.*s.$", STR_ARG(str_take(member.name, 200)));
        if (!c->is_template || json_is_absent(json_get(value, str_from_c(path)))) {
            return fail(c->reterr, ERROR_INVALID, "The field '%.*s' is required but was missing",
                        STR_ARG(str_take(member.name, 200)));
        }
    }
    return STATUS_OK;
}

static status check_value(const checker *c, const aws_member *member, json value, unsigned depth)
{
    aws_type type = aws_shape_type(member->shape);
    if (depth > AWS_VALUE_DEPTH_MAX) {
        return fail(c->reterr, ERROR_LIMIT, "The parameters nest deeper than %d",
                    AWS_VALUE_DEPTH_MAX);
    }
    bool is_anything = member->is_json || aws_shape_is_document(member->shape);
    if (json_is(value, JSON_NULL) || is_anything || (c->is_template && is_expression(value))) {
        return STATUS_OK;
    }
    switch (type) {
    case AWS_STRUCTURE:
        return json_is(value, JSON_OBJECT) ? check_structure(c, member->shape, value, depth + 1)
                                           : wrong_type(c, member);
    case AWS_LIST:
    case AWS_MAP:
        if (!json_is(value, type == AWS_LIST ? JSON_ARRAY : JSON_OBJECT)) {
            return wrong_type(c, member);
        }
        break;
    default:
        return is_scalar_right(type, value) ? STATUS_OK : wrong_type(c, member);
    }
    aws_member part = aws_shape_member(member->shape, type == AWS_MAP);
    part.name = member->name;
    for (uint32_t i = 0; i < json_count(value); i++) {
        if (type == AWS_LIST) {
            TRY(check_value(c, &part, json_item(value, i), depth + 1));
            continue;
        }
        const json_member *entry = json_member_at(value, i);
        if (!(c->is_template && str_ends_with(json_str(entry->name), STR(".$")))) {
            TRY(check_value(c, &part, entry->value, depth + 1));
        }
    }
    return STATUS_OK;
}

static status check(const checker *c, aws_operation operation, json parameters)
{
    aws_operation_traits traits = aws_operation_traits_of(operation);
    aws_shape input = aws_operation_input(operation);
    if (traits.has_events) {
        return fail(c->reterr, ERROR_UNSUPPORTED,
                    "The operation '%.*s' streams events, which is not supported by Step Functions",
                    STR_ARG(aws_operation_action(operation)));
    }
    if (json_is_absent(parameters)) {
        parameters = json_empty_object();
    }
    if (!json_is(parameters, JSON_OBJECT)) {
        if (c->is_template && is_expression(parameters)) {
            return STATUS_OK;
        }
        return fail(c->reterr, ERROR_TYPE, "The parameters must be an OBJECT");
    }
    if (!aws_shape_exists(input)) {
        return json_count(parameters) == 0
                   ? STATUS_OK
                   : fail(c->reterr, ERROR_UNSUPPORTED,
                          "The field \"%.*s\" is not supported by Step Functions",
                          STR_ARG(str_take(json_str(json_member_at(parameters, 0)->name), 200)));
    }
    return check_structure(c, input, parameters, 1);
}

status aws_parameters_check(aws_operation operation, json parameters, error *reterr)
{
    checker c = {.is_template = true, .wants_required = true, .reterr = reterr};
    return check(&c, operation, parameters);
}

status parameters_check_values(aws_operation operation, json parameters, error *reterr)
{
    checker c = {.reterr = reterr};
    return check(&c, operation, parameters);
}
