#include "integrations/aws/source.h"

#include <stdlib.h>

static void source_free(aws_source *source)
{
    aws_exchange_cancel(source->exchange);
    net_http_call_cancel(source->call);
    net_process_free(source->process);
    net_timer_free(source->timer);
    aws_credentials_release(source->found);
    if (source->output.ptr) {
        explicit_bzero(source->output.ptr, source->output.room);
    }
    buf_clean_up(&source->output);
    arena_wipe(&source->memory);
    free(source);
}

void aws_source_cancel(aws_source *source)
{
    if (source) {
        source_free(source);
    }
}

void aws_source_finish(aws_source *source, aws_credentials *credentials, const error *err)
{
    source->options.done(source->options.user, credentials, err);
    source_free(source);
}

void aws_source_finish_json(aws_source *source, json value, const char *where)
{
    aws_credentials *credentials = NULL;
    error err;
    if (failed(aws_credentials_from_json(value, &credentials, &err))) {
        aws_source_fail(source, err.code, "%s: %s", where, err.message);
    } else {
        aws_source_finish(source, credentials, NULL);
    }
}

/* Keys that are there already are told in the next turn, as if they had been asked for. */
static void on_timer(void *user)
{
    aws_source *source = user;
    aws_credentials *found = source->found;
    source->found = NULL;
    aws_source_finish(source, found, NULL);
}

static status tell_keys(aws_source *source, error *reterr)
{
    const aws_plan *plan = source->plan;
    TRY(aws_credentials_new(plan->access_key_id, plan->secret_access_key, plan->session_token,
                            AWS_CREDENTIALS_NEVER_EXPIRE, &source->found, reterr));
    net_timer_start(source->timer, 0, 0);
    return STATUS_OK;
}

static status ask_nothing(aws_source *source, error *reterr)
{
    (void)source;
    return fail(reterr, ERROR_NOT_FOUND, "there are no AWS credentials");
}

static status (*const askers[])(aws_source *source, error *reterr) = {
    [AWS_SOURCE_NONE] = ask_nothing,
    [AWS_SOURCE_KEYS] = tell_keys,
    [AWS_SOURCE_WEB_IDENTITY] = aws_source_ask_web_identity,
    [AWS_SOURCE_SSO] = aws_source_ask_sso,
    [AWS_SOURCE_PROCESS] = aws_source_ask_process,
    [AWS_SOURCE_CONTAINER] = aws_source_ask_container,
    [AWS_SOURCE_METADATA] = aws_source_ask_metadata,
};

static aws_source *source_new(const aws_source_options *options, error *reterr)
{
    aws_source *source = calloc(1, sizeof(*source));
    if (!source ||
        failed(net_timer_new(options->context->loop, on_timer, source, &source->timer, reterr))) {
        free(source);
        (void)fail_memory(reterr);
        return NULL;
    }
    source->options = *options;
    arena_init(&source->memory, 0);
    return source;
}

status aws_source_start(const aws_source_options *options, const aws_plan *plan,
                        aws_source **ret_source, error *reterr)
{
    aws_source *source = source_new(options, reterr);
    if (!source) {
        return fail_memory(reterr);
    }
    source->plan = plan;
    status result = askers[plan->kind](source, reterr);
    if (failed(result)) {
        source_free(source);
        return result;
    }
    *ret_source = source;
    return STATUS_OK;
}

status aws_source_find_operation(const aws_models *models, str service, str action,
                                 aws_operation *ret_operation, error *reterr)
{
    aws_service found = aws_models_service(models, service);
    aws_operation operation = {0};
    if (aws_service_exists(found)) {
        operation = aws_service_operation(found, action);
    }
    if (!aws_operation_exists(operation)) {
        return fail(reterr, ERROR_NOT_FOUND, "the AWS models have no %.*s:%.*s", STR_ARG(service),
                    STR_ARG(action));
    }
    *ret_operation = operation;
    return STATUS_OK;
}

/* -------------------------------------------------------------------------------- STS: AssumeRole
 */

static void on_role(void *user, const aws_outcome *outcome)
{
    aws_source *source = user;
    source->exchange = NULL;
    if (outcome->kind != AWS_SUCCEEDED) {
        str cause = aws_outcome_cause(outcome, &source->memory);
        aws_source_fail(source, ERROR_INVALID, "%.*s", STR_ARG(str_take(cause, 800)));
        return;
    }
    aws_source_finish_json(source, json_get(outcome->output, STR("Credentials")),
                           "the answer of STS");
}

static status ask_role(aws_source *source, const aws_role *role, aws_credentials *credentials,
                       error *reterr)
{
    const aws_context *context = source->options.context;
    aws_operation operation;
    json parameters;
    TRY(aws_source_find_operation(context->models, STR("sts"), STR("assumeRole"), &operation,
                                  reterr));
    TRY(aws_target_find(context->settings, aws_operation_service(operation), context->region,
                        STR_NONE, STR_NONE, &source->memory, &source->target, reterr));
    if (credentials->is_placeholder && source->target.kind == AWS_TARGET_AWS) {
        return fail(reterr, ERROR_NOT_FOUND,
                    "the role %.*s cannot be assumed: there are no AWS credentials, and no "
                    "endpoint is configured for STS (AWS_ENDPOINT_URL_STS)",
                    STR_ARG(str_take(role->arn, 200)));
    }
    json_object_builder b;
    json_object_begin(&b, &source->memory, 4);
    json_object_add(&b, STR("RoleArn"), json_from_str(role->arn));
    json_object_add(&b, STR("RoleSessionName"), json_from_str(role->session_name));
    if (role->external_id.ptr) {
        json_object_add(&b, STR("ExternalId"), json_from_str(role->external_id));
    }
    if (role->duration_seconds) {
        json_object_add(&b, STR("DurationSeconds"), json_from_int64(role->duration_seconds));
    }
    TRY(json_object_finish(&b, &parameters, reterr));
    aws_exchange_request request = {.operation = operation,
                                    .parameters = parameters,
                                    .target = &source->target,
                                    .credentials = credentials,
                                    .timeout_ms = AWS_CREDENTIALS_MS_MAX,
                                    .is_secret = true};
    return aws_exchange_start(context, &request, on_role, source, &source->exchange, reterr);
}

status aws_source_start_role(const aws_source_options *options, const aws_role *role,
                             aws_credentials *credentials, aws_source **ret_source, error *reterr)
{
    aws_source *source = source_new(options, reterr);
    if (!source) {
        return fail_memory(reterr);
    }
    status result = ask_role(source, role, credentials, reterr);
    if (failed(result)) {
        source_free(source);
        return result;
    }
    *ret_source = source;
    return STATUS_OK;
}

/* --------------------------------------------------------------------------------- web identity
 */

status aws_source_ask_web_identity(aws_source *source, error *reterr)
{
    const aws_context *context = source->options.context;
    const aws_plan *plan = source->plan;
    aws_operation operation;
    json parameters;
    str token = STR_NONE;
    TRY(aws_source_find_operation(context->models, STR("sts"), STR("assumeRoleWithWebIdentity"),
                                  &operation, reterr));
    TRY(aws_target_find(context->settings, aws_operation_service(operation), context->region,
                        STR_NONE, STR_NONE, &source->memory, &source->target, reterr));
    TRY(aws_settings_read_file(source->options.settings, plan->token_file, &source->memory, &token,
                               reterr));
    json_object_builder b;
    json_object_begin(&b, &source->memory, 3);
    json_object_add(&b, STR("RoleArn"), json_from_str(plan->web_role.arn));
    json_object_add(&b, STR("RoleSessionName"), json_from_str(plan->web_role.session_name));
    json_object_add(&b, STR("WebIdentityToken"), json_from_str(str_trim(token)));
    TRY(json_object_finish(&b, &parameters, reterr));
    aws_exchange_request request = {.operation = operation,
                                    .parameters = parameters,
                                    .target = &source->target,
                                    .timeout_ms = AWS_CREDENTIALS_MS_MAX,
                                    .is_secret = true};
    return aws_exchange_start(context, &request, on_role, source, &source->exchange, reterr);
}
