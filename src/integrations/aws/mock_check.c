#include "integrations/aws/mock_check.h"

#define DEPTH_MAX 100 /* ours: structures may hold themselves */

/* Optimised integrations whose name is not their service's among the models. */
static const struct {
    const char *service, *sdk_name;
} renamed[] = {
    {"events", "eventbridge"},           {"states", "sfn"},
    {"elasticmapreduce", "emr"},         {"emr-containers", "emrcontainers"},
    {"emr-serverless", "emrserverless"}, {"bedrock", "bedrockruntime"},
};

/* Members that an optimised integration gives as JSON, whatever the model says. */
static const struct {
    const char *service, *action, *member;
} given_as_json[] = {
    {"lambda", "invoke", "Payload"},
    {"bedrock", "invokeModel", "Body"},
};

static const struct {
    json_kind kind;
    const char *words;
} wanted[] = {
    [AWS_STRUCTURE] = {JSON_OBJECT, "an object"}, [AWS_LIST] = {JSON_ARRAY, "an array"},
    [AWS_MAP] = {JSON_OBJECT, "an object"},       [AWS_STRING] = {JSON_STRING, "a string"},
    [AWS_BOOLEAN] = {JSON_BOOLEAN, "a boolean"},  [AWS_INTEGER] = {JSON_NUMBER, "a number"},
    [AWS_LONG] = {JSON_NUMBER, "a number"},       [AWS_FLOAT] = {JSON_NUMBER, "a number"},
    [AWS_DOUBLE] = {JSON_NUMBER, "a number"},     [AWS_TIMESTAMP] = {JSON_STRING, "a string"},
    [AWS_BLOB] = {JSON_STRING, "a string"},
};

static status check_value(const aws_mock_rules *c, aws_shape shape, json value, str field,
                          uint32_t depth, error *reterr);

static status check_enumeration(aws_shape shape, json value, str field, error *reterr)
{
    aws_constraint constraint;
    if (!aws_shape_constraint(shape, &constraint) || !constraint.value_count) {
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < constraint.value_count; i++) {
        if (str_equal(aws_constraint_value(&constraint, i), json_str(value))) {
            return STATUS_OK;
        }
    }
    return fail(reterr, ERROR_INVALID, "Field '%.*s' is not an expected value", STR_ARG(field));
}

static status check_structure(const aws_mock_rules *c, aws_shape shape, json value, uint32_t depth,
                              error *reterr)
{
    for (uint32_t i = 0; c->is_strict && i < aws_shape_member_count(shape); i++) {
        aws_member member = aws_shape_member(shape, i);
        if (member.is_required && json_is_absent(json_get(value, member.name))) {
            /* AWS's words of a definition's field; of a mock's they are not recorded. */
            return fail(reterr, ERROR_INVALID, "The field '%.*s' is required but was missing",
                        STR_ARG(member.name));
        }
    }
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *given = json_member_at(value, i);
        aws_member member;
        str name = json_str(given->name);
        bool is_any = depth == 0 &&
                      (str_equal(name, c->json_members[0]) || str_equal(name, c->json_members[1]));
        if (!is_any && aws_shape_find(shape, name, &member)) {
            TRY(check_value(c, member.shape, given->value, member.name, depth + 1, reterr));
        }
    }
    return STATUS_OK;
}

static status check_value(const aws_mock_rules *c, aws_shape shape, json value, str field,
                          uint32_t depth, error *reterr)
{
    aws_type type = aws_shape_type(shape);
    if (aws_shape_is_document(shape) || json_is(value, JSON_NULL) || depth > DEPTH_MAX) {
        return STATUS_OK;
    }
    bool is_time = type == AWS_TIMESTAMP && c->times_may_be_numbers && json_is(value, JSON_NUMBER);
    if (!is_time && !json_is(value, wanted[type].kind)) {
        return field.len
                   ? fail(reterr, ERROR_INVALID, "Field '%.*s' must be %s", STR_ARG(field),
                          wanted[type].words)
                   : fail(reterr, ERROR_INVALID, "Mock result must be %s", wanted[type].words);
    }
    switch (type) {
    case AWS_STRUCTURE:
        return check_structure(c, shape, value, depth, reterr);
    case AWS_LIST:
        for (uint32_t i = 0; i < json_count(value); i++) {
            TRY(check_value(c, aws_shape_member(shape, 0).shape, json_item(value, i), field,
                            depth + 1, reterr));
        }
        return STATUS_OK;
    case AWS_MAP:
        for (uint32_t i = 0; i < json_count(value); i++) {
            TRY(check_value(c, aws_shape_member(shape, 1).shape, json_member_at(value, i)->value,
                            field, depth + 1, reterr));
        }
        return STATUS_OK;
    case AWS_STRING:
        return check_enumeration(shape, value, field, reterr);
    default:
        return STATUS_OK;
    }
}

status aws_mock_check_shape(aws_shape shape, const aws_mock_rules *rules, json value, str field,
                            error *reterr)
{
    return aws_shape_exists(shape) ? check_value(rules, shape, value, field, 0, reterr) : STATUS_OK;
}

status aws_mock_check(const aws_models *models, str service, str action, bool is_optimized,
                      bool is_strict, json result, error *reterr)
{
    aws_mock_rules rules = {.is_strict = is_strict, .json_members = {STR(""), STR("")}};
    str sdk_name = service;
    for (size_t i = 0; is_optimized && i < ARRAY_LENGTH(renamed); i++) {
        if (str_equal(service, str_from_c(renamed[i].service))) {
            sdk_name = str_from_c(renamed[i].sdk_name);
        }
    }
    for (size_t i = 0; is_optimized && i < ARRAY_LENGTH(given_as_json); i++) {
        if (str_equal(service, str_from_c(given_as_json[i].service)) &&
            str_equal(action, str_from_c(given_as_json[i].action))) {
            rules.json_members[0] = str_from_c(given_as_json[i].member);
        }
    }
    aws_operation operation;
    if (failed(aws_models_find(models, sdk_name, action, &operation, NULL))) {
        return STATUS_OK;
    }
    aws_shape output = aws_operation_output(operation);
    return aws_mock_check_shape(output, &rules, result, STR(""), reterr);
}
