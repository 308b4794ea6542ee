/* The table of integrations, and the life of a task:
 *
 *     starting --kind->start--> running --integration_task_finish--> done called --> freed
 *         \__ finish inside start: the result is kept for the next turn           \
 *                                                          is_submitted: kept until cancelled
 *
 * Invariants: every task that is not freed is in owner->tasks; done is called at most once, and
 * never while is_starting. */
#include "integrations/integration_kind.h"

#include "base/digest.h"
#include "integrations/aws/mock_check.h"
#include "integrations/aws/settings.h"
#include "integrations/optimized/action.h"
#include "integrations/optimized/result_check.h"

#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define TASK_BYTES_USUAL 768 /* ours: the resource and the state of a kind */

struct integrations {
    integrations_options options; /* texts in memory */
    arena memory;
    integration_task *tasks;
    net_timer *later; /* delivers results of calls that ended while they started */
    lambda_catalog *functions;
    lambda_pool *lambda;
    net_http_client *http;
    aws_client *aws;
    local_services *local;
    bool is_sns_known, is_sns_elsewhere;
    str own_endpoint; /* in memory */
    http_tasks *http_tasks;
};

static const integration_kind integration_kinds[] = {
    {.service = "lambda",
     .check = lambda_arn_check,
     .start = lambda_arn_start,
     .cancel = lambda_task_cancel},
    {.service = "lambda",
     .action = "invoke",
     .can_wait_for_token = true,
     .start = lambda_invoke_start,
     .cancel = lambda_task_cancel},
    {.service = "sns",
     .check = sns_topic_check,
     .start = sns_topic_start,
     .cancel = sns_task_cancel},
    {.service = "sns",
     .action = "publish",
     .can_wait_for_token = true,
     .start = sns_publish_start,
     .cancel = sns_task_cancel},
    {.service = "http",
     .action = "invoke",
     .start = http_invoke_start,
     .cancel = http_invoke_cancel},
    {.service = "apigateway",
     .action = "invoke",
     .can_wait_for_token = true,
     .start = api_gateway_start,
     .cancel = api_gateway_cancel,
     .check_arguments = api_gateway_check_arguments},
    {.service = "eks",
     .action = "call",
     .start = kubernetes_call_start,
     .cancel = kubernetes_call_cancel,
     .check_arguments = kubernetes_call_check_arguments},
    {.service = "eks",
     .action = "runJob",
     .start = kubernetes_job_start,
     .cancel = kubernetes_job_cancel,
     .can_be_job = true,
     .check_arguments = kubernetes_job_check_arguments,
     .abort = kubernetes_job_abort},
};

/* Services of AWS are named by the AWS models. */
static const integration_kind aws_sdk_kind = {
    .service = "aws-sdk",
    .can_wait_for_token = true,
    .check = aws_sdk_check,
    .start = aws_sdk_start,
    .cancel = aws_sdk_cancel,
    .check_arguments = aws_sdk_check_arguments,
};

/* The rows of optimized/action.h. */
static const integration_kind optimized_kind = {
    .can_wait_for_token = true,
    .check = optimized_check,
    .start = optimized_start,
    .cancel = optimized_cancel,
    .can_be_job = true,
    .check_arguments = optimized_check_arguments,
    .abort = optimized_abort,
};

/* ----------------------------------------------------------------------------------------- tasks
 */

static void task_free(integration_task *task)
{
    if (task->previous) {
        task->previous->next = task->next;
    } else {
        task->owner->tasks = task->next;
    }
    if (task->next) {
        task->next->previous = task->previous;
    }
    arena_clean_up(&task->memory);
    free(task);
}

static void task_deliver(integration_task *task, const integration_result *result)
{
    integration_done *done = task->done;
    bool is_submitted = result->is_submitted;
    if (!is_submitted || !task->is_job) {
        task->done = NULL;
        task->state = NULL;
    }
    if (done) {
        done(task->user, result);
        if (is_submitted) {
            return; /* the owner's, who may have ended it */
        }
    }
    task_free(task);
}

/* Keeps a result until the next turn. Without memory for it the result is that. */
static void task_keep(integration_task *task, const integration_result *result)
{
    integration_result kept = *result;
    bool is_kept = true;
    if (!json_is_absent(result->output)) {
        is_kept = ok(json_copy(result->output, &task->memory, &kept.output, NULL));
    }
    kept.error = result->has_error ? arena_str(&task->memory, result->error) : STR_NONE;
    kept.cause = result->has_cause ? arena_str(&task->memory, result->cause) : STR_NONE;
    if (!is_kept || (result->has_error && !kept.error.ptr) ||
        (result->has_cause && !kept.cause.ptr)) {
        kept = (integration_result){.has_error = true, .error = STR("States.Runtime")};
    }
    task->result = kept;
    task->has_result = true;
    net_timer_start(task->owner->later, 0, 0);
}

void integration_task_finish(integration_task *task, const integration_result *result)
{
    if (task->is_starting) {
        task_keep(task, result);
    } else {
        task_deliver(task, result);
    }
}

void integration_task_succeed(integration_task *task, json output)
{
    integration_result result = {
        .succeeded = true, .is_submitted = task->waits_for_token, .output = output};
    integration_task_finish(task, &result);
}

void integration_task_fail(integration_task *task, str error_name, str cause)
{
    integration_result result = {.has_error = error_name.ptr != NULL,
                                 .error = error_name,
                                 .has_cause = cause.ptr != NULL,
                                 .cause = cause};
    integration_task_finish(task, &result);
}

void integration_task_fail_internally(integration_task *task, const error *err)
{
    integration_task_fail(task, STR("States.Runtime"), str_from(err->message, err->length));
}

static void deliver_kept(void *user)
{
    integrations *tasks = user;
    /* A callback may start and cancel tasks: begin anew after each. */
    for (integration_task *task = tasks->tasks; task;) {
        if (task->has_result) {
            task->has_result = false;
            task_deliver(task, &task->result);
            task = tasks->tasks;
        } else {
            task = task->next;
        }
    }
}

/* ------------------------------------------------------------------------------------ the table */

/* Topics are here, unless an endpoint for SNS is configured. */
static bool is_elsewhere(integrations *tasks, const integration_call *call)
{
    if (!str_equal(call->service, STR("sns")) || !call->action.len) {
        return false;
    }
    if (!tasks->is_sns_known) {
        aws_client *client = integrations_aws(tasks, NULL);
        tasks->is_sns_elsewhere = client && aws_client_is_directed(client, call->service);
        tasks->is_sns_known = true;
    }
    return tasks->is_sns_elsewhere;
}

/* AWS has these words for a service, an action and a pattern that it does not know. */
status integration_refuse_resource(const integration_call *call, error *reterr)
{
    return fail(reterr, ERROR_INVALID,
                "The resource provided %.*s is not recognized. The value is not a valid resource "
                "ARN, or the resource is not available in this region.",
                STR_ARG(str_take(call->resource, 300)));
}

static status find_kind(integrations *tasks, const integration_call *call,
                        const integration_kind **ret_kind, error *reterr)
{
    if (str_find(call->resource, STR(":::aws-sdk:")) != STR_NOT_FOUND &&
        (!call->pattern.len || str_equal(call->pattern, STR("waitForTaskToken")))) {
        *ret_kind = &aws_sdk_kind;
        return STATUS_OK;
    }
    size_t count = is_elsewhere(tasks, call) ? 0 : ARRAY_LENGTH(integration_kinds);
    for (size_t i = 0; i < count; i++) {
        const integration_kind *kind = &integration_kinds[i];
        if (!str_equal(call->service, str_from_c(kind->service)) ||
            !str_equal(call->action, str_from_c(kind->action))) {
            continue;
        }
        if (call->pattern.len == 0 ||
            (kind->can_wait_for_token && str_equal(call->pattern, STR("waitForTaskToken"))) ||
            (kind->can_be_job && str_equal(call->pattern, STR("sync")))) {
            *ret_kind = kind;
            return STATUS_OK;
        }
    }
    const optimized_action *action = optimized_action_find(call->service, call->action);
    if (action && optimized_action_allows(action, call->pattern)) {
        *ret_kind = &optimized_kind;
        return STATUS_OK;
    }
    return integration_refuse_resource(call, reterr);
}

status integrations_check(integrations *tasks, const integration_call *call, error *reterr)
{
    const integration_kind *kind = NULL;
    TRY(find_kind(tasks, call, &kind, reterr));
    INVARIANT(kind);
    return kind->check ? kind->check(tasks, call, reterr) : STATUS_OK;
}

status integrations_check_arguments(integrations *tasks, const integration_call *call,
                                    bool is_template, error *reterr)
{
    const integration_kind *kind = NULL;
    if (failed(find_kind(tasks, call, &kind, NULL))) {
        return STATUS_OK; /* integrations_check refuses it */
    }
    return kind->check_arguments ? kind->check_arguments(tasks, call, is_template, reterr)
                                 : STATUS_OK;
}

status integrations_check_result(integrations *tasks, const integration_call *call, json result,
                                 bool is_strict, error *reterr)
{
    bool is_sdk = str_find(call->resource, STR(":::aws-sdk:")) != STR_NOT_FOUND;
    bool is_job = str_starts_with(call->pattern, STR("sync"));
    aws_client *client =
        call->action.len && (is_job || !call->pattern.len) ? integrations_aws(tasks, NULL) : NULL;
    const aws_models *models = client ? aws_client_models(client, NULL) : NULL;
    if (!models) {
        return STATUS_OK;
    }
    return is_job ? optimized_result_check(models, call->service, call->action, call->pattern,
                                           is_strict, result, reterr)
                  : aws_mock_check(models, call->service, call->action, !is_sdk, is_strict, result,
                                   reterr);
}

status integrations_start(integrations *tasks, const integration_call *call, integration_done *done,
                          void *user, integration_task **ret_task, error *reterr)
{
    const integration_kind *kind = NULL;
    TRY(find_kind(tasks, call, &kind, reterr));
    INVARIANT(kind);
    integration_task *task = calloc(1, sizeof(*task));
    if (!task) {
        return fail_memory(reterr);
    }
    arena_init(&task->memory, 0);
    task->owner = tasks;
    task->kind = kind;
    task->done = done;
    task->user = user;
    task->waits_for_token = str_equal(call->pattern, STR("waitForTaskToken"));
    task->is_starting = true;
    task->next = tasks->tasks;
    if (task->next) {
        task->next->previous = task;
    }
    tasks->tasks = task;
    /* Thousands may wait: what suffices for most is made to measure. */
    bool is_reserved = arena_reserve(&task->memory, TASK_BYTES_USUAL);
    task->resource = is_reserved ? arena_str(&task->memory, call->resource) : STR_NONE;
    status result = task->resource.ptr ? kind->start(task, call, reterr) : fail_memory(reterr);
    task->is_starting = false;
    if (failed(result)) {
        task_free(task);
        return result;
    }
    *ret_task = task;
    return STATUS_OK;
}

void integrations_cancel(integration_task *task)
{
    if (!task) {
        return;
    }
    if (task->state && task->kind->cancel) {
        task->kind->cancel(task);
    }
    task_free(task);
}

void integrations_abort(integration_task *task)
{
    if (task && task->is_job && task->state) {
        task->done = NULL;
        task->kind->abort(task);
    } else {
        integrations_cancel(task);
    }
}

/* ------------------------------------------------------------------------------- what they share
 */

void integrations_uuid(char out[UUID_TEXT_SIZE])
{
    unsigned char random[16];
    INVARIANT(getrandom(random, sizeof(random), 0) == sizeof(random));
    uuid_from_entropy(random, out);
}

const integrations_options *integrations_settings(const integrations *tasks)
{
    return &tasks->options;
}

static int64_t config_number(json config, str name, int64_t minimum, int64_t maximum,
                             int64_t otherwise)
{
    int64_t value;
    if (!json_int64(json_get(json_get(config, STR("functions")), name), &value)) {
        return otherwise;
    }
    return value < minimum ? minimum : value > maximum ? maximum : value;
}

static void tell_problem(void *user, const error *err)
{
    const integrations_options *options = user;
    if (options->on_log) {
        options->on_log(options->log_user, STR_NONE, str_from(err->message, err->length));
    }
}

lambda_catalog *integrations_functions(integrations *tasks, error *reterr)
{
    if (tasks->functions) {
        return tasks->functions;
    }
    str data = tasks->options.functions_are_temporary ? STR_NONE : tasks->options.data_folder;
    str folder = data.len ? arena_printf(&tasks->memory, "%.*s/lambda", STR_ARG(data)) : STR_NONE;
    if (data.len && !folder.ptr) {
        (void)fail_memory(reterr);
        return NULL;
    }
    return ok(lambda_catalog_open(folder, tell_problem, &tasks->options, &tasks->functions, reterr))
               ? tasks->functions
               : NULL;
}

lambda_pool *integrations_lambda(integrations *tasks, error *reterr)
{
    const integrations_options *options = &tasks->options;
    if (!tasks->lambda) {
        lambda_catalog *catalog = integrations_functions(tasks, reterr);
        if (!catalog) {
            return NULL;
        }
        lambda_pool_options pool = {
            .loop = options->loop,
            .catalog = catalog,
            .functions_folder = options->functions_folder,
            .data_folder = options->data_folder,
            .account = options->account,
            .region = options->region,
            .environment =
                options->environment ? options->environment : (const char *const *)environ,
            .on_log = options->on_log,
            .log_user = options->log_user,
            .processes_max = (uint32_t)config_number(options->config, STR("processesMax"), 1, 1000,
                                                     LAMBDA_PROCESSES_MAX),
            .queue_max = (uint32_t)config_number(options->config, STR("queueMax"), 0, 1000000,
                                                 LAMBDA_QUEUE_MAX),
            .idle_ms = 1000 * config_number(options->config, STR("idleSeconds"), 0, 86400,
                                            LAMBDA_IDLE_MS_MAX / 1000),
        };
        if (failed(lambda_pool_new(&pool, &tasks->lambda, reterr))) {
            return NULL;
        }
    }
    return tasks->lambda;
}

net_http_client *integrations_http(integrations *tasks, error *reterr)
{
    if (!tasks->http && failed(net_http_client_new(tasks->options.loop, &tasks->http, reterr))) {
        return NULL;
    }
    return tasks->http;
}

aws_client *integrations_aws(integrations *tasks, error *reterr)
{
    const integrations_options *options = &tasks->options;
    net_http_client *http = tasks->aws ? tasks->http : integrations_http(tasks, reterr);
    if (tasks->aws || !http) {
        return tasks->aws;
    }
    local_options local = {
        .loop = options->loop,
        .data_folder = options->data_folder,
        .config = options->config,
        .account = options->account,
        .region = options->region,
        .environment = options->environment,
    };
    if (!tasks->local && failed(local_services_new(&local, &tasks->local, reterr))) {
        return NULL;
    }
    aws_client_options aws = {
        .local = tasks->local,
        .loop = options->loop,
        .http = http,
        .models_path = options->aws_models,
        .config = json_get(options->config, STR("aws")),
        .region = options->region,
        .environment = options->environment ? options->environment : (const char *const *)environ,
        .own_endpoint = tasks->own_endpoint,
    };
    return ok(aws_client_new(&aws, &tasks->aws, reterr)) ? tasks->aws : NULL;
}

status integrations_set_own_endpoint(integrations *tasks, str url, error *reterr)
{
    tasks->own_endpoint = arena_str(&tasks->memory, url);
    if (!tasks->own_endpoint.ptr) {
        return fail_memory(reterr);
    }
    return tasks->aws ? aws_client_set_own_endpoint(tasks->aws, url, reterr) : STATUS_OK;
}

http_tasks *integrations_http_tasks(integrations *tasks, error *reterr)
{
    const integrations_options *options = &tasks->options;
    if (!tasks->http_tasks && failed(http_tasks_new(options->loop, options->config, options->region,
                                                    &tasks->http_tasks, reterr))) {
        return NULL;
    }
    return tasks->http_tasks;
}

static bool copy_options(integrations *tasks, const integrations_options *options)
{
    tasks->options = *options;
    str *texts[] = {&tasks->options.functions_folder, &tasks->options.data_folder,
                    &tasks->options.account, &tasks->options.region, &tasks->options.aws_models};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (texts[i]->ptr) {
            *texts[i] = arena_str(&tasks->memory, *texts[i]);
            if (!texts[i]->ptr) {
                return false;
            }
        }
    }
    return true;
}

status integrations_new(const integrations_options *options, integrations **ret_tasks,
                        error *reterr)
{
    integrations *tasks = calloc(1, sizeof(*tasks));
    if (!tasks) {
        return fail_memory(reterr);
    }
    arena_init(&tasks->memory, 0);
    status result = copy_options(tasks, options) ? STATUS_OK : fail_memory(reterr);
    if (ok(result)) {
        result = aws_settings_check(json_get(options->config, STR("aws")), reterr);
    }
    if (ok(result)) {
        result = http_tasks_check(options->config, reterr);
    }
    if (ok(result)) {
        result = net_timer_new(options->loop, deliver_kept, tasks, &tasks->later, reterr);
    }
    if (failed(result)) {
        arena_clean_up(&tasks->memory);
        free(tasks);
        return result;
    }
    *ret_tasks = tasks;
    return STATUS_OK;
}

void integrations_free(integrations *tasks)
{
    if (!tasks) {
        return;
    }
    while (tasks->tasks) {
        integrations_cancel(tasks->tasks);
    }
    lambda_pool_free(tasks->lambda);
    lambda_catalog_free(tasks->functions);
    http_tasks_free(tasks->http_tasks); /* asks AWS for connections */
    aws_client_free(tasks->aws);
    local_services_free(tasks->local);
    net_http_client_free(tasks->http);
    net_timer_free(tasks->later);
    arena_clean_up(&tasks->memory);
    free(tasks);
}
