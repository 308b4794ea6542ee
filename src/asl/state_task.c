/* Task: resource, time limits, credentials.
 * Source: states-language.net "Task State"; AWS "Task workflow state". */

#include "asl/compiler.h"

static bool check_express(asl_compiler *c, const asl_place *place, const asl_resource *resource)
{
    if (resource->kind == ASL_RESOURCE_ACTIVITY) {
        asl_schema_error(c, place, "Express state machine does not support Activity ARN");
        return false;
    }
    static const char *const names[] = {
        [ASL_SYNC] = ".sync",
        [ASL_SYNC_2] = ".sync:2",
        [ASL_WAIT_FOR_TASK_TOKEN] = ".waitForTaskToken",
    };
    if (resource->pattern != ASL_REQUEST_RESPONSE) {
        /* The space at the end is AWS's. */
        asl_schema_error(c, place,
                         "Express state machine does not support '%s' service integration ",
                         names[resource->pattern]);
        return false;
    }
    return true;
}

/* AWS SDK integrations have no jobs to wait for.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html */
static bool check_pattern(asl_compiler *c, const asl_place *place, const asl_resource *resource)
{
    bool is_sync = resource->pattern == ASL_SYNC || resource->pattern == ASL_SYNC_2;
    if (!resource->is_aws_sdk || !is_sync) {
        return true;
    }
    asl_schema_error(c, place,
                     "The resource provided %.*s is not recognized. The value is not a valid "
                     "resource ARN, or the resource is not available in this region.",
                     STR_ARG(resource->arn));
    return false;
}

static bool check_extension(asl_compiler *c, const asl_place *place, const asl_resource *resource)
{
    if (!resource->is_short && resource->kind != ASL_RESOURCE_TOPIC) {
        return true;
    }
    if (c->options->aws_only) {
        asl_schema_error(c, place, "Value is not a valid resource ARN");
        return false;
    }
    asl_report(c, ASL_WARNING, "SHORT_RESOURCE", place,
               "'%.*s' is a short form that only Gait accepts; AWS wants %s",
               STR_ARG(resource->arn),
               resource->kind == ASL_RESOURCE_TOPIC ? "arn:aws:states:::sns:publish"
                                                    : "the function's whole ARN");
    return true;
}

bool asl_compile_resource(asl_compiler *c, const asl_scope *scope, const asl_place *place,
                          json value, asl_resource *ret_resource)
{
    if (!asl_check_kind(c, place, value, JSON_STRING)) {
        return false;
    }
    error err = {0};
    status s = asl_resource_parse(json_str(value), c->a, ret_resource, &err);
    if (failed(s)) {
        c->is_broken |= s.code == ERROR_MEMORY;
        asl_schema_error(c, place, "%s", err.message);
        return false;
    }
    if (!check_pattern(c, place, ret_resource) || !check_extension(c, place, ret_resource) ||
        (scope->is_express && !check_express(c, place, ret_resource))) {
        return false;
    }
    if (c->options->check_resource) {
        s = c->options->check_resource(c->options->user, ret_resource, &err);
        if (s.code == ERROR_INVALID) {
            asl_schema_error(c, place, "%s", err.message);
            return false;
        }
        if (failed(s)) {
            asl_report(c, ASL_ERROR, "INVALID_RESOURCE", place, "%s", err.message);
            return false;
        }
    }
    return true;
}

static const asl_node *compile_seconds(asl_source *source, asl_field literal, asl_field path)
{
    asl_compiler *c = source->c;
    if (asl_has(source, literal) && asl_has(source, path)) {
        asl_schema_error(c, source->place, "Only one of these fields is allowed: [%s, %s]",
                         asl_field_name(literal), asl_field_name(path));
        return NULL;
    }
    if (asl_has(source, literal)) {
        asl_place place = asl_field_place(source, literal);
        return asl_integer_node(c, source->state->language, &place, source->fields[literal], 1,
                                TASK_SECONDS_MAX);
    }
    if (asl_has(source, path)) {
        asl_place place = asl_field_place(source, path);
        return asl_path_node(c, &place, source->fields[path]);
    }
    return NULL;
}

static void check_heartbeat(asl_source *source)
{
    const asl_node *timeout = source->state->as.task.timeout_seconds;
    const asl_node *heartbeat = source->state->as.task.heartbeat_seconds;
    int64_t timeout_seconds, heartbeat_seconds;
    if (timeout && heartbeat && timeout->kind == ASL_LITERAL && heartbeat->kind == ASL_LITERAL &&
        json_int64(timeout->as.literal, &timeout_seconds) &&
        json_int64(heartbeat->as.literal, &heartbeat_seconds) &&
        heartbeat_seconds >= timeout_seconds) {
        asl_place place = asl_field_place(source, FIELD_HEARTBEAT_SECONDS);
        asl_schema_error(source->c, &place, "HeartbeatSeconds must be smaller than TimeoutSeconds");
    }
}

static void compile_credentials(asl_source *source)
{
    asl_compiler *c = source->c;
    asl_language language = source->state->language;
    json value = source->fields[FIELD_CREDENTIALS];
    asl_place place = asl_field_place(source, FIELD_CREDENTIALS);
    bool is_expression = language == ASL_JSONATA_LANGUAGE && asl_is_jsonata(value);
    if (!is_expression) {
        if (!asl_check_kind(c, &place, value, JSON_OBJECT)) {
            return;
        }
        bool has_path =
            language == ASL_JSONPATH && !json_is_absent(json_get(value, STR("RoleArn.$")));
        if (!has_path && json_is_absent(json_get(value, STR("RoleArn")))) {
            asl_schema_error(c, &place, "The field 'RoleArn' is required but was missing");
            return;
        }
    }
    source->state->as.task.credentials = asl_payload_node(c, language, &place, value);
}

static void check_arguments(const asl_source *source)
{
    asl_field field = source->state->language == ASL_JSONPATH ? FIELD_PARAMETERS : FIELD_ARGUMENTS;
    asl_place place = asl_field_place(source, field);
    asl_compiler *c = source->c;
    const asl_resource *resource = &source->state->as.task.resource;
    uint32_t errors = c->diagnostics->error_count;
    error err;
    asl_check_arguments(c, &place, resource, source->state->language, source->fields[field]);
    if (c->options->check_arguments && json_is(source->fields[field], JSON_OBJECT) &&
        c->diagnostics->error_count == errors &&
        failed(
            c->options->check_arguments(c->options->user, resource, source->fields[field], &err))) {
        asl_schema_error(c, &place, "%s", err.message);
    }
}

void asl_compile_task(asl_source *source)
{
    asl_compiler *c = source->c;
    asl_state *s = source->state;
    if (asl_require(source, FIELD_RESOURCE)) {
        asl_place place = asl_field_place(source, FIELD_RESOURCE);
        if (asl_compile_resource(c, source->scope, &place, source->fields[FIELD_RESOURCE],
                                 &s->as.task.resource)) {
            check_arguments(source);
        }
    }
    s->as.task.timeout_seconds =
        compile_seconds(source, FIELD_TIMEOUT_SECONDS, FIELD_TIMEOUT_SECONDS_PATH);
    s->as.task.heartbeat_seconds =
        compile_seconds(source, FIELD_HEARTBEAT_SECONDS, FIELD_HEARTBEAT_SECONDS_PATH);
    check_heartbeat(source);
    if (asl_has(source, FIELD_CREDENTIALS)) {
        compile_credentials(source);
    }
}
