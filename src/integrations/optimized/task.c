/* The life of a Task of an optimized integration:
 *
 *   start ──> requesting ──answered──> over (request-response), or waiting for its token
 *                 │ .sync
 *                 ▼
 *      told as submitted ──> waiting ──timer──> describing ──> over: succeeded or failed
 *                               ▲__________________│ still running
 *
 * A job that a restored execution asks about begins at "waiting". One that is aborted is cancelled:
 * at once, or when the answer to its request says which job it is; the task lives until then.
 *
 * Invariants: there is a call or a running timer, never both, until the task is over; after an
 * abort nothing is told any more. */
#include "integrations/integration_kind.h"

#include "base/digest.h"
#include "integrations/optimized/outcome.h"
#include "integrations/optimized/shape.h"
#include "integrations/parameters.h"

#define POLL_MS_FIRST 500
#define POLL_MS_MAX 20000
#define REFUSALS_MAX 5              /* of describing a job, one after the other */
#define SILENCE_MS_MAX (10 * 60000) /* without an answer about a job */

/* In the task's memory. */
typedef struct optimized_task {
    integration_task *task;
    const optimized_action *action;
    json parameters, submission;
    str role_arn;
    aws_client_call *call;
    net_timer *timer; /* of a job */
    arena_mark mark;  /* what a poll needs is given back before the next one */
    int64_t delay_ms, silent_since_ms;
    uint32_t refusals;
    bool is_job, is_aborted;
} optimized_task;

/* ---------------------------------------------------------------------------------- beginning a
 * call
 */

static net_loop *loop_of(const optimized_task *t)
{
    return integrations_settings(t->task->owner)->loop;
}

/* "https://HOST" of a queue's URL: whoever made it knows where it is. */
static str queue_endpoint(const optimized_task *t, json parameters)
{
    str url = json_str(json_get(parameters, STR("QueueUrl")));
    bool is_url = str_starts_with(url, STR("http://")) || str_starts_with(url, STR("https://"));
    if (!is_url || !str_equal(str_from_c(t->action->service->sdk), STR("sqs"))) {
        return STR_NONE;
    }
    size_t host = str_find(url, STR("://")) + 3;
    size_t path = str_find_char(str_skip(url, host), '/');
    return path == STR_NOT_FOUND ? url : str_take(url, host + path);
}

static status find_operation(integrations *tasks, const optimized_action *action, const char *name,
                             aws_operation *ret_operation, error *reterr)
{
    error err;
    aws_client *client = integrations_aws(tasks, &err);
    const aws_models *models = client ? aws_client_models(client, &err) : NULL;
    if (!models) {
        return fail(reterr, err.code, "%s", err.message);
    }
    return aws_models_find(models, str_from_c(action->service->sdk), str_from_c(name),
                           ret_operation, reterr);
}

static status begin_call(optimized_task *t, const char *action, json parameters,
                         aws_client_done *done, error *reterr)
{
    aws_operation operation = {0};
    TRY(find_operation(t->task->owner, t->action, action, &operation, reterr));
    TRY(optimized_spell(aws_operation_input(operation), parameters, &t->task->memory, &parameters,
                        reterr));
    aws_client_request request = {
        .service = str_from_c(t->action->service->sdk),
        .action = str_from_c(action),
        .parameters = parameters,
        .endpoint = queue_endpoint(t, parameters),
        .role_arn = t->role_arn,
    };
    return aws_client_call_start(integrations_aws(t->task->owner, NULL), &request, done, t,
                                 &t->call, reterr);
}

static status begin_operation(optimized_task *t, const optimized_operation *operation,
                              aws_client_done *done, error *reterr)
{
    optimized_sources sources = {.parameters = t->parameters, .submission = t->submission};
    json parameters;
    TRY(optimized_make(operation->fields, OPTIMIZED_FIELDS_MAX, &sources, &t->task->memory,
                       &parameters, reterr));
    return begin_call(t, operation->action, parameters, done, reterr);
}

/* ------------------------------------------------------------------------------------ how it ends
 */

static void leave(optimized_task *t)
{
    net_timer_free(t->timer);
    t->timer = NULL;
    t->task->state = NULL;
}

static void fail_with(optimized_task *t, str error_name, str cause)
{
    leave(t);
    integration_task_fail(t->task, error_name, cause);
}

static void fail_outcome(optimized_task *t, const aws_outcome *outcome)
{
    str error_name, cause;
    error err;
    if (failed(
            optimized_failure(t->action, outcome, &t->task->memory, &error_name, &cause, &err))) {
        leave(t);
        integration_task_fail_internally(t->task, &err);
    } else {
        fail_with(t, error_name, cause);
    }
}

static void fail_internally(optimized_task *t, const error *err)
{
    leave(t);
    integration_task_fail_internally(t->task, err);
}

/* ---------------------------------------------------------------------------------------
 * cancelling
 */

static void on_cancelled(void *user, const aws_outcome *outcome)
{
    optimized_task *t = user;
    (void)outcome; /* as AWS, once and in good faith: it may have ended by itself */
    t->call = NULL;
    leave(t);
    integration_task_finish(t->task, &(integration_result){0});
}

static void cancel_job(optimized_task *t)
{
    const optimized_operation *cancel = &t->action->job->cancel;
    net_timer_stop(t->timer);
    if (!cancel->action || failed(begin_operation(t, cancel, on_cancelled, NULL))) {
        leave(t);
        integration_task_finish(t->task, &(integration_result){0});
    }
}

void optimized_abort(integration_task *task)
{
    optimized_task *t = task->state;
    t->is_aborted = true;
    if (!t->is_job || json_is_absent(t->submission)) {
        if (t->is_job && t->call) {
            return; /* which job it is, its answer tells */
        }
        aws_client_call_cancel(t->call);
        leave(t);
        integration_task_finish(task, &(integration_result){0});
        return;
    }
    aws_client_call_cancel(t->call);
    t->call = NULL;
    cancel_job(t);
}

void optimized_cancel(integration_task *task)
{
    optimized_task *t = task->state;
    aws_client_call_cancel(t->call);
    leave(t);
}

/* -------------------------------------------------------------------------------- watching a job
 */

static void poll_later(optimized_task *t)
{
    net_timer_start(t->timer, t->delay_ms, 0);
    t->delay_ms = MIN_OF(t->delay_ms * 3 / 2, (int64_t)POLL_MS_MAX);
}

/* Whether `names`, each followed by a space, has the name. */
static bool is_one_of(str name, const char *names)
{
    str rest = str_from_c(names);
    while (rest.len) {
        if (str_equal(str_split_next(&rest, ' '), name)) {
            return true;
        }
    }
    return false;
}

/* A container that ended with another code than 0, or did not start. */
static bool has_bad_exit(json task)
{
    json containers = json_get(task, STR("Containers"));
    for (uint32_t i = 0; i < json_count(containers); i++) {
        int64_t code = -1;
        if (!json_int64(json_get(json_item(containers, i), STR("ExitCode")), &code) || code != 0) {
            return true;
        }
    }
    return json_count(containers) == 0;
}

static void end_job(optimized_task *t, bool succeeded, json description)
{
    const optimized_job *job = t->action->job;
    optimized_sources sources = {t->parameters, t->submission, description};
    json result = {0};
    error err = {0};
    status made = STATUS_OK;
    if (job->output[0].name) {
        made = optimized_make(job->output, ARRAY_LENGTH(job->output), &sources, &t->task->memory,
                              &result, &err);
    } else {
        result = optimized_find(&sources, job->result);
    }
    if (failed(made)) {
        fail_internally(t, &err);
    } else if (succeeded) {
        leave(t);
        integration_task_succeed(t->task, result);
    } else {
        fail_with(t, STR("States.TaskFailed"), json_text(result, &t->task->memory));
    }
}

static bool is_gone(const aws_outcome *outcome)
{
    return str_find(outcome->code, STR("NotFound")) != STR_NOT_FOUND;
}

/* The job could not be described: for a while that is no reason to give it up. */
static void on_undescribed(optimized_task *t, const aws_outcome *outcome)
{
    int64_t now_ms = net_loop_now_ms(loop_of(t));
    bool is_refused = outcome->kind == AWS_SUCCEEDED || outcome->kind == AWS_FAILED_PARAMETERS ||
                      (outcome->kind == AWS_FAILED_BY_SERVICE && outcome->http_status < 500);
    t->silent_since_ms = t->silent_since_ms ? t->silent_since_ms : now_ms;
    t->refusals += is_refused ? 1 : 0;
    if (t->refusals < REFUSALS_MAX && now_ms - t->silent_since_ms < SILENCE_MS_MAX) {
        poll_later(t);
    } else if (outcome->kind == AWS_SUCCEEDED) {
        fail_with(t, STR("States.TaskFailed"), json_text(outcome->output, &t->task->memory));
    } else {
        fail_outcome(t, outcome);
    }
}

static void on_described(void *user, const aws_outcome *outcome)
{
    optimized_task *t = user;
    const optimized_job *job = t->action->job;
    json description = {0};
    error err;
    t->call = NULL;
    if (outcome->kind == AWS_FAILED_BY_SERVICE && job->gone_is_success && is_gone(outcome)) {
        end_job(t, true, t->submission);
        return;
    }
    if (outcome->kind == AWS_SUCCEEDED &&
        failed(optimized_settle(aws_operation_output(outcome->operation), outcome->output,
                                &t->task->memory, &description, &err))) {
        fail_internally(t, &err);
        return;
    }
    optimized_sources sources = {t->parameters, t->submission, description};
    str state = json_str(optimized_find(&sources, job->status));
    if (!state.ptr) {
        on_undescribed(t, outcome);
        return;
    }
    t->refusals = 0;
    t->silent_since_ms = 0;
    if (is_one_of(state, job->succeeded)) {
        bool is_bad = job->success == OPTIMIZED_BY_EXIT_CODES &&
                      has_bad_exit(optimized_find(&sources, job->result));
        end_job(t, !is_bad, description);
    } else if (is_one_of(state, job->failed)) {
        end_job(t, false, description);
    } else {
        poll_later(t);
    }
}

static void on_poll(void *user)
{
    optimized_task *t = user;
    error err;
    arena_rewind(&t->task->memory, t->mark);
    if (failed(begin_operation(t, &t->action->job->describe, on_described, &err))) {
        fail_internally(t, &err);
    }
}

/* ---------------------------------------------------------------------------------- the request */

/* PutEvents succeeds although entries have failed. */
static bool has_failed_entries(json output)
{
    int64_t count = 0;
    return json_int64(json_get(output, STR("FailedEntryCount")), &count) && count > 0;
}

/* A model's answer is JSON mostly, and comes as text. */
static status open_body(optimized_task *t, json output, json *ret_output, error *reterr)
{
    arena *a = &t->task->memory;
    json body = json_get(output, STR("Body")), value;
    *ret_output = output;
    if (!str_equal(str_from_c(t->action->name), STR("invokeModel")) ||
        !json_is(body, JSON_STRING) || failed(json_parse_into(json_str(body), a, &value, NULL))) {
        return STATUS_OK;
    }
    return json_object_with(a, output, json_from_str(STR("Body")), value, ret_output, reterr);
}

static void on_submitted(optimized_task *t, json output)
{
    integration_result result = {.succeeded = true, .is_submitted = true, .output = output};
    t->submission = output;
    t->mark = arena_here(&t->task->memory);
    if (t->is_aborted) {
        cancel_job(t);
        return;
    }
    poll_later(t);
    integration_task_finish(t->task, &result);
}

static void on_requested(void *user, const aws_outcome *outcome)
{
    optimized_task *t = user;
    json output = {0};
    error err;
    t->call = NULL;
    if (t->is_aborted && outcome->kind != AWS_SUCCEEDED) {
        leave(t);
        integration_task_finish(t->task, &(integration_result){0});
        return;
    }
    if (outcome->kind != AWS_SUCCEEDED) {
        fail_outcome(t, outcome);
        return;
    }
    status made = optimized_output(t->action, outcome, &t->task->memory, &output, &err);
    made = ok(made) ? open_body(t, output, &output, &err) : made;
    if (failed(made)) {
        fail_internally(t, &err);
    } else if (t->is_job) {
        on_submitted(t, output);
    } else if (has_failed_entries(output)) {
        fail_with(t, STR("EventBridge.FailedEntry"), json_text(output, &t->task->memory));
    } else {
        leave(t);
        integration_task_succeed(t->task, output);
    }
}

/* Each event says which execution, of which state machine, has sent it. */
static status add_resources(const integration_call *call, json *entry, arena *a, error *reterr)
{
    static const char kind[] = ":execution:";
    json given = json_get(*entry, STR("Resources")), list, *items;
    uint32_t count = json_is(given, JSON_ARRAY) ? json_count(given) : 0;
    size_t at = str_find(call->execution_arn, str_from_c(kind));
    TRY(json_array_new(a, count + (at == STR_NOT_FOUND ? 1 : 2), &list, &items, reterr));
    for (uint32_t i = 0; i < count; i++) {
        items[i] = json_item(given, i);
    }
    if (at != STR_NOT_FOUND) {
        str name = str_skip(call->execution_arn, at + sizeof(kind) - 1);
        name = str_split_next(&name, ':');
        str machine = arena_printf(a, "%.*s:stateMachine:%.*s",
                                   STR_ARG(str_take(call->execution_arn, at)), STR_ARG(name));
        items[count++] = json_from_str(machine);
    }
    items[count] = json_from_str(call->execution_arn);
    return json_object_with(a, *entry, json_from_str(STR("Resources")), list, entry, reterr);
}

static status name_sender(const integration_call *call, json *parameters, arena *a, error *reterr)
{
    json given = json_get(*parameters, STR("Entries")), list, *items;
    if (!str_equal(call->action, STR("putEvents")) || !json_is(given, JSON_ARRAY)) {
        return STATUS_OK;
    }
    TRY(json_array_new(a, json_count(given), &list, &items, reterr));
    for (uint32_t i = 0; i < json_count(given); i++) {
        items[i] = json_item(given, i);
        if (json_is(items[i], JSON_OBJECT)) {
            TRY(add_resources(call, &items[i], a, reterr));
        }
    }
    return json_object_with(a, *parameters, json_from_str(STR("Entries")), list, parameters,
                            reterr);
}

/* A request that is begun again after a crash is the same one. */
static status add_token(const optimized_task *t, const integration_call *call, json *parameters,
                        error *reterr)
{
    arena *a = &t->task->memory;
    char hex[DIGEST_HEX_SIZE], uuid[UUID_TEXT_SIZE];
    const char *name = t->action->idempotency_token;
    if (!name || !call->key.len || !json_is_absent(json_get(*parameters, str_from_c(name)))) {
        return STATUS_OK;
    }
    str digest = digest_compute_hex(DIGEST_SHA256, call->key, hex);
    str token = arena_str(a, uuid_from_entropy((const unsigned char *)digest.ptr, uuid));
    return token.ptr ? json_object_with(a, *parameters, json_from_str(str_from_c(name)),
                                        json_from_str(token), parameters, reterr)
                     : fail_memory(reterr);
}

/* ---------------------------------------------------------------------------------- by its name
 */

static void on_listed(void *user, const aws_outcome *outcome);

static status list_page(optimized_task *t, str marker, error *reterr)
{
    const optimized_operation *list = &t->action->lookup->list;
    optimized_sources sources = {.parameters = t->parameters};
    arena *a = &t->task->memory;
    json parameters;
    TRY(optimized_make(list->fields, OPTIMIZED_FIELDS_MAX, &sources, a, &parameters, reterr));
    if (marker.len) {
        TRY(json_object_with(a, parameters, json_from_str(STR("Marker")), json_from_str(marker),
                             &parameters, reterr));
    }
    return begin_call(t, list->action, parameters, on_listed, reterr);
}

/* The request that the id has been found for. */
static status request_with(optimized_task *t, json id, error *reterr)
{
    const optimized_lookup *lookup = t->action->lookup;
    arena *a = &t->task->memory;
    json parameters, object = json_get(t->parameters, str_from_c(lookup->into));
    TRY(json_object_with(a, object, json_from_str(str_from_c(lookup->as)), id, &object, reterr));
    TRY(json_object_with(a, t->parameters, json_from_str(str_from_c(lookup->into)), object,
                         &parameters, reterr));
    TRY(json_copy(parameters, a, &parameters, reterr)); /* the id is the answer's */
    TRY(optimized_parameters(t->action, parameters, a, &parameters, reterr));
    return begin_call(t, t->action->request.action, parameters, on_requested, reterr);
}

static void fail_nameless(optimized_task *t, str name)
{
    const optimized_service *service = t->action->service;
    arena *a = &t->task->memory;
    str error_name = arena_printf(a, "%s.%s", service->error_prefix, service->sdk_exception);
    str cause = arena_printf(a, "The cluster has no %s with the name '%.*s'",
                             t->action->lookup->into, STR_ARG(str_take(name, 300)));
    fail_with(t, error_name, cause);
}

static void on_listed(void *user, const aws_outcome *outcome)
{
    optimized_task *t = user;
    const optimized_lookup *lookup = t->action->lookup;
    optimized_sources sources = {.parameters = t->parameters};
    str name = json_str(optimized_find(&sources, lookup->name));
    error err = {0};
    t->call = NULL;
    if (outcome->kind != AWS_SUCCEEDED) {
        fail_outcome(t, outcome);
        return;
    }
    json items = json_get(outcome->output, str_from_c(lookup->items)), id = {0};
    for (uint32_t i = 0; i < json_count(items) && json_is_absent(id); i++) {
        json item = json_item(items, i);
        id =
            str_equal(json_str(json_get(item, STR("Name"))), name) ? json_get(item, STR("Id")) : id;
    }
    str marker = json_str(json_get(outcome->output, STR("Marker")));
    status begun = json_is(id, JSON_STRING) ? request_with(t, id, &err)
                   : marker.len             ? list_page(t, marker, &err)
                                            : STATUS_OK;
    if (failed(begun)) {
        fail_internally(t, &err);
    } else if (!t->call) {
        fail_nameless(t, name);
    }
}

/* What is missing, or given although it is to be found, is refused before anything is asked. */
static status look_up(optimized_task *t, error *reterr)
{
    const optimized_lookup *lookup = t->action->lookup;
    optimized_sources sources = {.parameters = t->parameters};
    json object = json_get(t->parameters, str_from_c(lookup->into));
    TRY(parameters_check_names(t->action->parameters, t->parameters, false, reterr));
    if (!json_is(object, JSON_OBJECT) ||
        !json_is(optimized_find(&sources, lookup->name), JSON_STRING)) {
        return fail(reterr, ERROR_TYPE, "The field '%s' must be an object, and its name a string",
                    lookup->into);
    }
    if (!json_is_absent(json_get(object, str_from_c(lookup->as)))) {
        return fail(reterr, ERROR_UNSUPPORTED,
                    "The field \"%s\" is not supported by Step Functions", lookup->as);
    }
    return list_page(t, STR_NONE, reterr);
}

static status begin_lookup(optimized_task *t, error *reterr)
{
    error err = {0};
    status begun = json_is(t->parameters, JSON_OBJECT)
                       ? look_up(t, &err)
                       : fail(&err, ERROR_TYPE, "The parameters must be an object");
    if (failed(begun) && (begun.code == ERROR_TYPE || begun.code == ERROR_UNSUPPORTED ||
                          begun.code == ERROR_INVALID)) {
        str message = str_from(err.message, err.length);
        fail_with(t, STR("States.Runtime"),
                  optimized_refusal(t->parameters, message, &t->task->memory));
        return STATUS_OK;
    }
    return failed(begun) ? fail(reterr, err.code, "%s", err.message) : STATUS_OK;
}

static status request(optimized_task *t, const integration_call *call, error *reterr)
{
    arena *a = &t->task->memory;
    json parameters;
    TRY(optimized_parameters(t->action, t->parameters, a, &parameters, reterr));
    TRY(name_sender(call, &parameters, a, reterr));
    TRY(add_token(t, call, &parameters, reterr));
    return begin_call(t, t->action->request.action, parameters, on_requested, reterr);
}

static bool is_sync(str pattern)
{
    return str_equal(pattern, STR("sync")) || str_equal(pattern, STR("sync:2"));
}

status optimized_start(integration_task *task, const integration_call *call, error *reterr)
{
    arena *a = &task->memory;
    optimized_task *t = arena_new(a, optimized_task);
    if (!t) {
        return fail_memory(reterr);
    }
    t->task = task;
    t->action = optimized_action_find(call->service, call->action);
    t->role_arn = call->role_arn.ptr ? arena_str(a, call->role_arn) : STR_NONE;
    t->is_job = is_sync(call->pattern);
    t->delay_ms = POLL_MS_FIRST;
    INVARIANT(t->action);
    TRY(json_copy(call->payload, a, &t->parameters, reterr));
    task->is_job = t->is_job;
    if (t->is_job) {
        TRY(net_timer_new(loop_of(t), on_poll, t, &t->timer, reterr));
    }
    task->state = t;
    status done = STATUS_OK;
    if (t->is_job && !json_is_absent(call->submission)) {
        done = json_copy(call->submission, a, &t->submission, reterr);
        t->mark = arena_here(a);
        net_timer_start(t->timer, 0, 0);
    } else {
        done = t->action->lookup ? begin_lookup(t, reterr) : request(t, call, reterr);
    }
    if (failed(done)) {
        leave(t);
    }
    return done;
}

status optimized_check(integrations *tasks, const integration_call *call, error *reterr)
{
    const optimized_action *action = optimized_action_find(call->service, call->action);
    aws_operation operation = {0};
    INVARIANT(action);
    return find_operation(tasks, action, action->request.action, &operation, reterr);
}

status optimized_check_arguments(integrations *tasks, const integration_call *call,
                                 bool is_template, error *reterr)
{
    const optimized_action *action = optimized_action_find(call->service, call->action);
    aws_operation operation = {0};
    arena a;
    INVARIANT(action);
    TRY(find_operation(tasks, action, action->request.action, &operation, reterr));
    arena_init(&a, 0);
    status fits =
        optimized_parameters_check(action, operation, call->payload, is_template, &a, reterr);
    arena_clean_up(&a);
    return fits;
}
