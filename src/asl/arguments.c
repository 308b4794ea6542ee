/* What the optimised integrations must be given, which AWS checks when a machine is created: "The
 * field 'FunctionName' is required but was missing".
 * Source: the required members of each action's request, as its API reference lists them; see
 * https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html */

#include "asl/compiler.h"

#define REQUIRED_MAX 3

typedef struct argument_row {
    const char *service, *action;
    const char *required[REQUIRED_MAX];
} argument_row;

static const argument_row rows[] = {
    {"lambda", "invoke", {"FunctionName"}},
    {"sns", "publish", {"Message"}},
    {"sqs", "sendMessage", {"QueueUrl", "MessageBody"}},
    {"states", "startExecution", {"StateMachineArn"}},
    {"events", "putEvents", {"Entries"}},
    {"dynamodb", "getItem", {"TableName", "Key"}},
    {"dynamodb", "putItem", {"TableName", "Item"}},
    {"dynamodb", "updateItem", {"TableName", "Key"}},
    {"dynamodb", "deleteItem", {"TableName", "Key"}},
    {"batch", "submitJob", {"JobName", "JobDefinition", "JobQueue"}},
    {"ecs", "runTask", {"TaskDefinition"}},
    {"glue", "startJobRun", {"JobName"}},
    {"http", "invoke", {"ApiEndpoint", "Method"}},
};

static const argument_row *find_row(const asl_resource *resource)
{
    if (resource->kind != ASL_RESOURCE_SERVICE || resource->is_aws_sdk) {
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (str_equal(resource->service, str_from_c(rows[i].service)) &&
            str_equal(resource->action, str_from_c(rows[i].action))) {
            return &rows[i];
        }
    }
    return NULL;
}

/* Of which one must be given: an HTTP Task's connection. */
static const char *const connection_fields[] = {"Authentication", "InvocationConfig"};

static bool has_argument(json arguments, asl_language language, str name)
{
    for (uint32_t i = 0; i < json_count(arguments); i++) {
        str given = json_str(json_member_at(arguments, i)->name);
        if (language == ASL_JSONPATH && str_ends_with(given, STR(".$"))) {
            given.len -= 2;
        }
        if (str_equal(given, name)) {
            return true;
        }
    }
    return false;
}

void asl_check_arguments(asl_compiler *c, const asl_place *place, const asl_resource *resource,
                         asl_language language, json arguments)
{
    const argument_row *row = find_row(resource);
    bool is_checkable = json_is_absent(arguments) || json_is(arguments, JSON_OBJECT);
    for (size_t i = 0; row && is_checkable && i < REQUIRED_MAX && row->required[i]; i++) {
        if (!has_argument(arguments, language, str_from_c(row->required[i]))) {
            asl_schema_error(c, place, "The field '%s' is required but was missing",
                             row->required[i]);
        }
    }
    if (row && is_checkable && str_equal(resource->service, STR("http")) &&
        !has_argument(arguments, language, str_from_c(connection_fields[0])) &&
        !has_argument(arguments, language, str_from_c(connection_fields[1]))) {
        asl_schema_error(c, place, "The field '%s' is required but was missing",
                         connection_fields[0]);
    }
}
