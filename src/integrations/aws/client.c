/* The life of a call:
 *
 *     made ──> waits for credentials ──> exchange ──> done called ──> freed
 *       │              └── there are none ──┐            ▲
 *       ├── it cannot work: timer ──────────┴────────────┤
 *       └── a local service answers ─────────────────────┘
 *
 * Invariants: every call is in client->calls; exactly one of wait, exchange, local and the running
 * timer holds it up; what the exchange borrows is in the call's memory. */
#include "integrations/aws/client.h"

#include "base/digest.h"
#include "integrations/aws/parameters_check.h"
#include "integrations/aws/provider.h"
#include "integrations/aws/stand_in.h"
#include "integrations/aws/wire.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define MODELS_FILE "aws-models"

struct aws_client {
    aws_client_options options; /* texts in memory */
    arena memory;
    aws_models *models;
    aws_settings settings;
    bool has_settings;
    aws_context context;
    aws_provider *provider;
    aws_client_call *calls;
};

struct aws_client_call {
    aws_client *client;
    aws_client_call *previous, *next;
    aws_client_done *done;
    void *user;
    arena memory;
    aws_operation operation;
    json parameters, sent; /* the latter with tokens */
    aws_target target;
    int64_t timeout_ms;
    bool is_secret;
    bool body_is_bytes;
    aws_provider_key key;
    aws_provider_wait *wait;
    aws_exchange *exchange;
    local_task *local;
    net_timer *timer; /* tells `early`; NULL mostly */
    aws_outcome early;
};

/* ---------------------------------------------------------------------------------------- opening
 */

static status open_beside(const char *format, str folder, aws_client *client, error *reterr)
{
    arena a;
    arena_init(&a, 0);
    str path = arena_printf(&a, format, STR_ARG(folder));
    status opened = path.ptr ? aws_models_open(path, &client->models, reterr) : fail_memory(reterr);
    arena_clean_up(&a);
    return opened;
}

static status open_models(aws_client *client, error *reterr)
{
    static const char *const places[] = {"%.*s/" MODELS_FILE, "%.*s/../share/gait/" MODELS_FILE};
    char program[PATH_MAX];
    if (client->models) {
        return STATUS_OK;
    }
    if (client->options.models_path.len) {
        return aws_models_open(client->options.models_path, &client->models, reterr);
    }
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program));
    str folder = str_from(program, len > 0 ? (size_t)len : 0);
    size_t slash = str_find_last_char(folder, '/');
    folder = str_take(folder, slash == STR_NOT_FOUND ? 0 : slash);
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        status opened = open_beside(places[i], folder, client, reterr);
        if (opened.code != ERROR_NOT_FOUND) {
            return opened;
        }
    }
    return fail(reterr, ERROR_IO,
                "the AWS service models are missing: there is no file " MODELS_FILE
                " in %.*s or in ../share/gait beside it (--aws-models FILE says where it is)",
                STR_ARG(folder));
}

const aws_models *aws_client_models(aws_client *client, error *reterr)
{
    return ok(open_models(client, reterr)) ? client->models : NULL;
}

static status get_ready(aws_client *client, error *reterr)
{
    TRY(open_models(client, reterr));
    if (!client->has_settings) {
        TRY(aws_settings_read(client->options.environment, client->options.config,
                              &client->settings, reterr));
        client->has_settings = true;
    }
    if (client->provider) {
        return STATUS_OK;
    }
    client->context = (aws_context){
        .loop = client->options.loop,
        .http = client->options.http,
        .models = client->models,
        .settings = &client->settings,
        .region = aws_client_region(client),
        .own_endpoint = client->options.own_endpoint,
        .buckets = arena_array(&client->memory, aws_retry_bucket,
                               aws_models_service_count(client->models)),
        .clocks_ahead_ms =
            arena_array(&client->memory, int64_t, aws_models_service_count(client->models)),
    };
    return client->context.buckets && client->context.clocks_ahead_ms
               ? aws_provider_new(&client->context, &client->provider, reterr)
               : fail_memory(reterr);
}

status aws_client_new(const aws_client_options *options, aws_client **ret_client, error *reterr)
{
    TRY(aws_settings_check(options->config, reterr));
    aws_client *client = calloc(1, sizeof(*client));
    if (!client) {
        return fail_memory(reterr);
    }
    arena_init(&client->memory, 0);
    client->options = *options;
    if (!client->options.models_path.len) {
        client->options.models_path = json_str(json_get(options->config, STR("models")));
    }
    str *const texts[] = {&client->options.models_path, &client->options.region,
                          &client->options.own_endpoint};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        str copy = texts[i]->ptr ? arena_str(&client->memory, *texts[i]) : STR_NONE;
        if (texts[i]->ptr && !copy.ptr) {
            aws_client_free(client);
            return fail_memory(reterr);
        }
        *texts[i] = copy;
    }
    *ret_client = client;
    return STATUS_OK;
}

status aws_client_set_own_endpoint(aws_client *client, str url, error *reterr)
{
    str copy = arena_str(&client->memory, url);
    if (!copy.ptr) {
        return fail_memory(reterr);
    }
    client->options.own_endpoint = copy;
    client->context.own_endpoint = copy;
    return STATUS_OK;
}

aws_provider *aws_client_provider(aws_client *client, error *reterr)
{
    return ok(get_ready(client, reterr)) ? client->provider : NULL;
}

str aws_client_region(const aws_client *client)
{
    str region = json_str(json_get(client->options.config, STR("region")));
    return region.len ? region : client->options.region;
}

static void call_free(aws_client_call *call)
{
    if (call->previous) {
        call->previous->next = call->next;
    } else {
        call->client->calls = call->next;
    }
    if (call->next) {
        call->next->previous = call->previous;
    }
    aws_provider_cancel(call->wait);
    aws_exchange_cancel(call->exchange);
    local_task_cancel(call->local);
    net_timer_free(call->timer);
    arena_clean_up(&call->memory);
    free(call);
}

void aws_client_free(aws_client *client)
{
    if (!client) {
        return;
    }
    while (client->calls) {
        call_free(client->calls);
    }
    aws_provider_free(client->provider);
    if (client->has_settings) {
        aws_settings_clean_up(&client->settings);
    }
    aws_models_close(client->models);
    arena_clean_up(&client->memory);
    free(client);
}

/* Nobody has said where the service is, and a local one knows it. */
static bool is_stood_in(const aws_client *client, aws_operation operation, const aws_target *target)
{
    aws_service service = aws_operation_service(operation);
    return client->options.local && target->kind == AWS_TARGET_AWS && !target->is_chosen &&
           local_services_know(aws_service_sdk_name(service));
}

bool aws_client_is_directed(aws_client *client, str service)
{
    aws_target target;
    arena a;
    if (failed(get_ready(client, NULL))) {
        return false;
    }
    aws_service known = aws_models_service(client->models, service);
    arena_init(&a, 0);
    bool is_directed =
        aws_service_exists(known) &&
        ok(aws_target_find(&client->settings, known, client->context.region, STR_NONE,
                           client->context.own_endpoint, &a, &target, NULL)) &&
        (target.kind == AWS_TARGET_CONFIGURED || target.is_chosen);
    arena_clean_up(&a);
    return is_directed;
}

status aws_client_check(aws_client *client, str service, str action, error *reterr)
{
    aws_operation operation;
    aws_target target;
    error err;
    TRY(get_ready(client, reterr));
    TRY(aws_models_find(client->models, service, action, &operation, reterr));
    arena a;
    arena_init(&a, 0);
    status found =
        aws_target_find(&client->settings, aws_operation_service(operation), client->context.region,
                        STR_NONE, client->context.own_endpoint, &a, &target, &err);
    bool is_local = ok(found) && is_stood_in(client, operation, &target);
    arena_clean_up(&a);
    if (is_local && failed(local_services_check(service, action, &err))) {
        return fail(reterr, ERROR_INVALID, "%s", err.message);
    }
    return STATUS_OK; /* a wrong endpoint is told by the calls */
}

/* --------------------------------------------------------------------------------------- outcomes
 */

static void call_finish(aws_client_call *call, const aws_outcome *outcome)
{
    call->done(call->user, outcome);
    call_free(call);
}

static void on_outcome(void *user, const aws_outcome *outcome)
{
    aws_client_call *call = user;
    call->exchange = NULL;
    aws_outcome told = *outcome;
    told.parameters = call->parameters;
    call_finish(call, &told);
}

/* The outcome of what was never sent. */
static aws_outcome unsent(aws_client_call *call, str message)
{
    str words = wire_as_text(message, &call->memory); /* settings may hold any bytes */
    aws_outcome outcome = aws_outcome_unsent(call->operation, AWS_FAILED_ON_THE_WAY,
                                             words.ptr ? words : STR("out of memory"));
    str prefix = aws_service_exception_prefix(aws_operation_service(call->operation));
    outcome.exception = STR("SdkClientException");
    outcome.error_name = arena_printf(&call->memory, "%.*s.SdkClientException", STR_ARG(prefix));
    return outcome;
}

static void on_timer(void *user)
{
    aws_client_call *call = user;
    call_finish(call, &call->early);
}

static status tell_later(aws_client_call *call, aws_outcome_kind kind, const error *err,
                         error *reterr)
{
    str message = arena_str(&call->memory, str_from(err->message, err->length));
    if (!message.ptr || err->code == ERROR_MEMORY) {
        return fail_memory(reterr);
    }
    call->early = unsent(call, message);
    call->early.kind = kind;
    call->early.parameters = call->parameters;
    TRY(net_timer_new(call->client->options.loop, on_timer, call, &call->timer, reterr));
    net_timer_start(call->timer, 0, 0);
    return STATUS_OK;
}

/* ------------------------------------------------------------------------------------ credentials
 */

static status start_exchange(aws_client_call *call, aws_credentials *credentials, error *reterr)
{
    aws_exchange_request request = {.operation = call->operation,
                                    .parameters = call->sent,
                                    .target = &call->target,
                                    .credentials = credentials,
                                    .timeout_ms = call->timeout_ms,
                                    .is_secret = call->is_secret,
                                    .body_is_bytes = call->body_is_bytes};
    return aws_exchange_start(&call->client->context, &request, on_outcome, call, &call->exchange,
                              reterr);
}

/* Without credentials AWS is out of reach; an emulator needs none. */
static str explain(aws_client_call *call, const error *err)
{
    aws_service service = aws_operation_service(call->operation);
    if (call->target.kind != AWS_TARGET_AWS || err->code != ERROR_NOT_FOUND) {
        return arena_str(&call->memory, str_from(err->message, err->length));
    }
    char variable[128];
    aws_service_variable(service, variable, sizeof(variable));
    bool is_ours = aws_target_may_be_own(service);
    str help = arena_printf(
        &call->memory, "start %s and set %s=http://127.0.0.1:%d",
        is_ours ? "`gait serve`"
                : "a service that answers in its place (moto_server, LocalStack; ElasticMQ for "
                  "SQS, MinIO for S3)",
        variable, is_ours ? 8083 : 5000);
    return arena_printf(&call->memory,
                        "no endpoint is configured for %.*s, and for AWS itself %.*s. To work "
                        "without AWS, %.*s, or \"aws\": {\"services\": {\"%.*s\": {\"endpoint\": "
                        "...}}} in Gait's configuration file; docs/aws.md tells more",
                        STR_ARG(aws_service_id(service)),
                        STR_ARG(str_from(err->message, err->length)), STR_ARG(help),
                        STR_ARG(aws_service_sdk_name(service)));
}

static void on_credentials(void *user, aws_credentials *credentials, const error *err)
{
    aws_client_call *call = user;
    error failure = {0};
    call->wait = NULL;
    if (credentials && ok(start_exchange(call, credentials, &failure))) {
        return;
    }
    aws_outcome outcome = unsent(call, explain(call, credentials ? &failure : err));
    call_finish(call, &outcome);
}

/* ------------------------------------------------------------------------------------------ calls
 */

/* What waits for its answer on purpose. */
static int64_t suitable_timeout_ms(const aws_client *client, str service, str action)
{
    static const struct {
        const char *service, *action; /* NULL: all */
        int64_t ms;
    } rows[] = {
        {"lambda", "invoke", 915000},          {"sfn", "startSyncExecution", 315000},
        {"sfn", "getActivityTask", 75000},     {"swf", "pollForActivityTask", 75000},
        {"swf", "pollForDecisionTask", 75000}, {"bedrockruntime", NULL, 915000},
        {"sagemakerruntime", NULL, 75000},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (str_equal(service, str_from_c(rows[i].service)) &&
            (!rows[i].action || str_equal(action, str_from_c(rows[i].action)))) {
            return rows[i].ms;
        }
    }
    return aws_settings_number(&client->settings, "timeoutSeconds", AWS_ATTEMPT_MS_MAX / 1000) *
           1000;
}

static status find_operation(aws_client *client, const aws_client_request *request,
                             aws_operation *ret_operation, error *reterr)
{
    aws_service service = aws_models_service(client->models, request->service);
    aws_operation operation = {0};
    if (aws_service_exists(service)) {
        operation = aws_service_operation(service, request->action);
    }
    if (!aws_operation_exists(operation)) {
        TRY(aws_models_find(client->models, request->service, request->action, &operation, reterr));
    }
    *ret_operation = operation;
    return STATUS_OK;
}

static status copy_request(aws_client_call *call, const aws_client_request *request, error *reterr)
{
    call->timeout_ms = request->timeout_ms
                           ? request->timeout_ms
                           : suitable_timeout_ms(call->client, request->service, request->action);
    call->is_secret = request->is_secret;
    call->body_is_bytes = request->body_is_bytes;
    call->key.role_arn = STR_NONE;
    if (request->role_arn.len) {
        call->key.role_arn = arena_str(&call->memory, request->role_arn);
        if (!call->key.role_arn.ptr) {
            return fail_memory(reterr);
        }
    }
    TRY(json_copy(request->parameters, &call->memory, &call->parameters, reterr));
    call->sent = call->parameters;
    if (!request->key.len || !json_is(call->parameters, JSON_OBJECT)) {
        return STATUS_OK;
    }
    unsigned char digest[DIGEST_BYTES_MAX];
    (void)digest_compute(DIGEST_SHA256, request->key, digest);
    return aws_request_add_tokens(call->operation, call->parameters, digest, &call->memory,
                                  &call->sent, reterr);
}

/* ----------------------------------------------------------------------------------------- locally
 */

static void on_local_answer(void *user, const local_answer *answer)
{
    aws_client_call *call = user;
    call->local = NULL;
    aws_outcome outcome = aws_stand_in_outcome(call->operation, answer, &call->memory);
    outcome.parameters = call->parameters;
    call_finish(call, &outcome);
}

static status start_locally(aws_client_call *call, error *reterr)
{
    aws_service service = aws_operation_service(call->operation);
    error err;
    if (failed(parameters_check_values(call->operation, call->parameters, &err))) {
        return tell_later(call, AWS_FAILED_PARAMETERS, &err, reterr);
    }
    local_request request = {.service = aws_service_sdk_name(service),
                             .action = aws_operation_action(call->operation),
                             .parameters = call->sent,
                             .body_is_bytes = call->body_is_bytes};
    status started = local_task_begin(call->client->options.local, &request, on_local_answer, call,
                                      &call->local, &err);
    return failed(started) ? tell_later(call, AWS_FAILED_ON_THE_WAY, &err, reterr) : STATUS_OK;
}

static status begin(aws_client_call *call, const aws_client_request *request, error *reterr)
{
    aws_client *client = call->client;
    error err;
    TRY(copy_request(call, request, reterr));
    status found = aws_target_find(&client->settings, aws_operation_service(call->operation),
                                   request->region.len ? request->region : client->context.region,
                                   request->endpoint, client->context.own_endpoint, &call->memory,
                                   &call->target, &err);
    if (failed(found)) {
        return tell_later(call, AWS_FAILED_ON_THE_WAY, &err, reterr);
    }
    if (is_stood_in(client, call->operation, &call->target)) {
        return start_locally(call, reterr);
    }
    if (aws_operation_is_anonymous(call->operation)) {
        return start_exchange(call, NULL, reterr);
    }
    call->key.is_for_emulator = call->target.is_plain;
    aws_credentials *credentials = aws_provider_peek(client->provider, call->key);
    return credentials ? start_exchange(call, credentials, reterr)
                       : aws_provider_ask(client->provider, call->key, on_credentials, call,
                                          &call->wait, reterr);
}

status aws_client_call_start(aws_client *client, const aws_client_request *request,
                             aws_client_done *done, void *user, aws_client_call **ret_call,
                             error *reterr)
{
    aws_operation operation;
    TRY(get_ready(client, reterr));
    TRY(find_operation(client, request, &operation, reterr));
    aws_client_call *call = calloc(1, sizeof(*call));
    if (!call) {
        return fail_memory(reterr);
    }
    *call = (aws_client_call){.client = client,
                              .done = done,
                              .user = user,
                              .operation = operation,
                              .next = client->calls};
    arena_init(&call->memory, 0);
    if (call->next) {
        call->next->previous = call;
    }
    client->calls = call;
    status begun = begin(call, request, reterr);
    if (failed(begun)) {
        call_free(call);
        return begun;
    }
    *ret_call = call;
    return STATUS_OK;
}

void aws_client_call_cancel(aws_client_call *call)
{
    if (call) {
        call_free(call);
    }
}
