/* arn:aws:states:::aws-sdk:SERVICE:ACTION: any operation of any AWS service.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html */
#include "integrations/aws/parameters_check.h"
#include "integrations/integration_kind.h"

bool integrations_are_directed(integrations *tasks, str service)
{
    aws_client *client = integrations_aws(tasks, NULL);
    return client && aws_client_is_directed(client, service);
}

status aws_sdk_check(integrations *tasks, const integration_call *call, error *reterr)
{
    error err;
    aws_client *client = integrations_aws(tasks, &err);
    if (!client) {
        return fail(reterr, err.code, "%s", err.message);
    }
    status checked = aws_client_check(client, call->service, call->action, &err);
    if (checked.code == ERROR_NOT_FOUND || checked.code == ERROR_UNSUPPORTED) {
        return integration_refuse_resource(call, reterr);
    }
    return failed(checked) ? fail(reterr, checked.code, "%s", err.message) : STATUS_OK;
}

status aws_sdk_check_arguments(integrations *tasks, const integration_call *call, bool is_template,
                               error *reterr)
{
    error err;
    aws_operation operation;
    aws_client *client = integrations_aws(tasks, &err);
    const aws_models *models = client ? aws_client_models(client, &err) : NULL;
    if (!models) {
        return fail(reterr, err.code, "%s", err.message);
    }
    TRY(aws_models_find(models, call->service, call->action, &operation, reterr));
    return is_template ? aws_parameters_check(operation, call->payload, reterr)
                       : parameters_check_values(operation, call->payload, reterr);
}

/* AWS's words for parameters that do not fit the action. */
static str explain_parameters(integration_task *task, const aws_outcome *outcome)
{
    str text = json_text(outcome->parameters, &task->memory);
    return arena_printf(&task->memory,
                        "The Parameters '%.*s' could not be used to start the Task: [%.*s]",
                        STR_ARG(text), STR_ARG(outcome->message));
}

static void on_outcome(void *user, const aws_outcome *outcome)
{
    integration_task *task = user;
    task->state = NULL;
    if (outcome->kind == AWS_SUCCEEDED) {
        integration_task_succeed(task, outcome->output);
        return;
    }
    if (outcome->kind == AWS_FAILED_PARAMETERS) {
        integration_task_fail(task, STR("States.Runtime"), explain_parameters(task, outcome));
        return;
    }
    integration_task_fail(task, outcome->error_name, aws_outcome_cause(outcome, &task->memory));
}

status aws_sdk_start(integration_task *task, const integration_call *call, error *reterr)
{
    error err;
    aws_client *client = integrations_aws(task->owner, &err);
    if (!client) {
        return fail(reterr, err.code, "%s", err.message);
    }
    aws_client_request request = {
        .service = call->service,
        .action = call->action,
        .parameters = call->payload,
        .region = STR_NONE,
        .key = call->key,
        .role_arn = call->role_arn,
        .body_is_bytes = call->body_is_bytes,
    };
    aws_client_call *started;
    TRY(aws_client_call_start(client, &request, on_outcome, task, &started, reterr));
    task->state = started;
    return STATUS_OK;
}

void aws_sdk_cancel(integration_task *task)
{
    aws_client_call_cancel(task->state);
}
