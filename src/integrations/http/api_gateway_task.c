/* apigateway:invoke as Step Functions calls it: the mechanism is HTTP Tasks', who calls is told by
 * a signature.
 *
 *   start ──> (credentials are waited for) ──> the call ──> result
 *
 * Step Functions signs RESOURCE_POLICY as a service of AWS; here there is nobody but the owner of
 * the keys, so that it is signed as IAM_ROLE is. */
#include "integrations/http/api_gateway.h"
#include "integrations/http/http_tasks.h"
#include "integrations/http/response.h"
#include "integrations/integration_kind.h"
#include "integrations/parameters.h"

typedef struct api_gateway_task {
    integration_task *task;
    http_tasks *shared;
    aws_client *client;
    json payload; /* in the task's memory where it is needed later */
    str role_arn;
    aws_provider_wait *wait;
    net_http_call *call;
} api_gateway_task;

static const http_response_words words = {
    .resource = "apigateway",
    .status = "ApiGateway",
    .unanswered = "ApiGateway.SdkClientException",
    .cause = HTTP_CAUSE_BODY,
    .has_headers = true,
    .is_spelling_kept = true,
};

static void fail_with(api_gateway_task *t, const error *err)
{
    integration_task *task = t->task;
    str text = json_text(t->payload, &task->memory);
    str cause = arena_printf(&task->memory,
                             "The Parameters '%.*s' could not be used to start the Task: [%s]",
                             STR_ARG(text), err->message);
    task->state = NULL;
    integration_task_fail(task, STR("States.Runtime"), cause);
}

static void on_done(void *user, const net_http_outcome *outcome)
{
    api_gateway_task *t = user;
    integration_task *task = t->task;
    http_result result;
    error err;
    t->call = NULL;
    task->state = NULL;
    if (failed(http_response_read_as(&words, outcome, &task->memory, &result, &err))) {
        integration_task_fail_internally(task, &err);
    } else if (result.succeeded) {
        integration_task_succeed(task, result.output);
    } else {
        integration_task_fail(task, result.error, result.cause);
    }
}

static json config_of(const api_gateway_task *t)
{
    return integrations_settings(t->task->owner)->config;
}

static status make(const api_gateway_task *t, arena *a, api_gateway_request *ret,
                   http_request *ret_request, error *reterr)
{
    http_request_rules rules = *http_tasks_rules(t->shared);
    rules.caller = HTTP_CALLER_API_GATEWAY;
    TRY(api_gateway_read(t->payload, config_of(t), a, ret, reterr));
    return http_request_make(ret->parameters, NULL, STR_NONE, &rules, a, ret_request, reterr);
}

/* credentials NULL: unsigned. */
static status send(api_gateway_task *t, const aws_credentials *credentials, arena *a, error *reterr)
{
    api_gateway_request read = {0};
    http_request request = {0};
    TRY(make(t, a, &read, &request, reterr));
    if (credentials) {
        aws_signer signer = {
            .access_key_id = credentials->access_key_id,
            .secret_access_key = credentials->secret_access_key,
            .session_token = credentials->session_token,
            .region = read.region.len ? read.region : aws_client_region(t->client),
            .service = STR("execute-api"),
            .now_ms = net_loop_clock_ms(integrations_settings(t->task->owner)->loop),
        };
        TRY(api_gateway_sign(&request, &signer, a, &request, reterr));
    }
    return http_tasks_send(t->shared, &request, HTTP_TASK_RESPONSE_BYTES_MAX, on_done, t, &t->call,
                           reterr);
}

static void on_credentials(void *user, aws_credentials *credentials, const error *err)
{
    api_gateway_task *t = user;
    error failure;
    arena scratch;
    t->wait = NULL;
    if (!credentials) {
        integration_task *task = t->task;
        task->state = NULL;
        integration_task_fail(task, STR("ApiGateway.SdkClientException"),
                              str_from(err->message, err->length));
        return;
    }
    arena_init(&scratch, 0);
    if (failed(send(t, credentials, &scratch, &failure))) {
        fail_with(t, &failure);
    }
    arena_clean_up(&scratch);
}

/* Sends at once where nothing has to be waited for. */
static status begin(api_gateway_task *t, const integration_call *call, arena *scratch,
                    error *reterr)
{
    arena *a = &t->task->memory;
    api_gateway_request read = {0};
    http_request request = {0};
    TRY(make(t, scratch, &read, &request, reterr)); /* a wrong one asks for no credentials */
    if (!read.is_signed) {
        return send(t, NULL, scratch, reterr);
    }
    t->client = integrations_aws(t->task->owner, reterr);
    aws_provider *provider = t->client ? aws_client_provider(t->client, reterr) : NULL;
    if (!provider) {
        return (status){ERROR_IO};
    }
    t->role_arn = call->role_arn.len ? arena_str(a, call->role_arn) : STR_NONE;
    aws_provider_key key = {.role_arn = t->role_arn,
                            .is_for_emulator = str_starts_with(request.url, STR("http://"))};
    aws_credentials *credentials = aws_provider_peek(provider, key);
    if (credentials) {
        return send(t, credentials, scratch, reterr);
    }
    TRY(json_copy(t->payload, a, &t->payload, reterr));
    return aws_provider_ask(provider, key, on_credentials, t, &t->wait, reterr);
}

status api_gateway_start(integration_task *task, const integration_call *call, error *reterr)
{
    http_tasks *shared = integrations_http_tasks(task->owner, reterr);
    api_gateway_task *t = shared ? arena_new(&task->memory, api_gateway_task) : NULL;
    error err = {0};
    arena scratch;
    if (!t) {
        return shared ? fail_memory(reterr) : (status){ERROR_IO};
    }
    *t = (api_gateway_task){.task = task, .shared = shared, .payload = call->payload};
    task->state = t;
    arena_init(&scratch, 0);
    if (failed(begin(t, call, &scratch, &err))) {
        fail_with(t, &err);
    }
    arena_clean_up(&scratch);
    return STATUS_OK;
}

status api_gateway_check_arguments(integrations *tasks, const integration_call *call,
                                   bool is_template, error *reterr)
{
    (void)tasks;
    return json_is(call->payload, JSON_OBJECT)
               ? parameters_check_names("*ApiEndpoint *Method Headers Stage Path QueryParameters "
                                        "RequestBody AllowNullValues AuthType ",
                                        call->payload, is_template, reterr)
               : STATUS_OK;
}

void api_gateway_cancel(integration_task *task)
{
    api_gateway_task *t = task->state;
    aws_provider_cancel(t->wait);
    net_http_call_cancel(t->call);
}
