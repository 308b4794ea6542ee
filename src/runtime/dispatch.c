/* In-flight tasks are kept by execution and task id, from before the integration is started until
 * its end is received or it is cancelled. */
#include "runtime/dispatch.h"

#include "base/map.h"

#include <stdio.h>
#include <stdlib.h>

#define TASK_KEY_SIZE 1024

/* The map's key, as bytes. */
typedef struct flight_key {
    uint64_t execution, task_id;
} flight_key;

typedef struct flight {
    dispatch *owner;
    runtime_receive *receive;
    void *receiver;
    flight_key key;
    integration_task *task;
    asl_pattern pattern;
    bool is_submitted;
} flight;

struct dispatch {
    integrations *tasks;
    map flights; /* flight_key to flight */
};

static str key_text(const flight_key *key)
{
    return (str){(const char *)key, sizeof(*key)};
}

status dispatch_new(integrations *tasks, dispatch **ret_dispatch, error *reterr)
{
    dispatch *d = calloc(1, sizeof(*d));
    if (!d) {
        return fail_memory(reterr);
    }
    d->tasks = tasks;
    map_init(&d->flights, 0, 0);
    *ret_dispatch = d;
    return STATUS_OK;
}

void dispatch_free(dispatch *d)
{
    if (!d) {
        return;
    }
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&d->flights, &cursor));) {
        flight *f = entry->value;
        if (f->task) {
            integrations_cancel(f->task);
        }
        free(f);
    }
    map_clean_up(&d->flights);
    free(d);
}

static void receive_result(void *user, const integration_result *result)
{
    flight *f = user;
    dispatch *d = f->owner;
    engine_input input = {
        .kind = result->is_submitted ? ENGINE_TASK_SUBMITTED
                : result->succeeded  ? ENGINE_TASK_SUCCEEDED
                                     : ENGINE_TASK_FAILED,
        .task_id = f->key.task_id,
        .value = result->output,
        .error = result->has_error ? result->error : STR_NONE,
        .cause = result->has_cause ? result->cause : STR_NONE,
        .is_submit_failure = f->pattern != ASL_REQUEST_RESPONSE && !f->is_submitted,
    };
    runtime_receive *receive = f->receive;
    void *receiver = f->receiver;
    uint64_t execution = f->key.execution;
    integration_task *submitted = NULL;
    if (result->is_submitted && f->pattern != ASL_WAIT_FOR_TASK_TOKEN) {
        f->is_submitted = true; /* a job: its end comes by here too */
    } else {
        submitted = result->is_submitted ? f->task : NULL;
        map_remove(&d->flights, key_text(&f->key));
        free(f);
    }
    receive(receiver, execution, &input);
    integrations_cancel(submitted); /* its token ends the task: nothing is left to do here */
}

static void receive_failure(runtime_receive *receive, void *receiver, flight_key key,
                            const error *err)
{
    engine_input input = {
        .kind = ENGINE_TASK_FAILED,
        .task_id = key.task_id,
        .error = STR("States.Runtime"),
        .cause = {err->message, err->length},
    };
    receive(receiver, key.execution, &input);
}

static str pattern_text(asl_pattern pattern)
{
    static const char *const names[] = {
        [ASL_REQUEST_RESPONSE] = "",
        [ASL_SYNC] = "sync",
        [ASL_SYNC_2] = "sync:2",
        [ASL_WAIT_FOR_TASK_TOKEN] = "waitForTaskToken",
    };
    return str_from_c(names[pattern]);
}

/* A function or topic ARN is a call of its service's one action. */
static void describe_resource(const asl_resource *resource, integration_call *call)
{
    call->resource = resource->arn;
    call->pattern = pattern_text(resource->pattern);
    call->service = resource->service;
    call->action = resource->action;
    if (resource->kind == ASL_RESOURCE_FUNCTION) {
        call->service = STR("lambda");
        call->action = STR_NONE;
    } else if (resource->kind == ASL_RESOURCE_TOPIC) {
        call->service = STR("sns");
        call->action = STR_NONE;
    }
    call->region = resource->region;
    call->account = resource->account;
}

/* Executions' names may come again, their times don't. */
static str print_task_key(const runtime_task *task, char out[TASK_KEY_SIZE])
{
    int length = snprintf(out, TASK_KEY_SIZE, "%.*s %lld %llu",
                          STR_ARG(str_take(task->identity->execution_arn, TASK_KEY_SIZE / 2)),
                          (long long)task->identity->start_time_ms,
                          (unsigned long long)task->effect->task_id);
    return str_from(out, (size_t)MIN_OF(length, TASK_KEY_SIZE - 1));
}

static void start(void *self, const runtime_task *task, runtime_receive *receive, void *receiver)
{
    dispatch *d = self;
    const engine_effect *effect = task->effect;
    flight_key key = {task->execution, effect->task_id};
    error err = {0};
    char task_key[TASK_KEY_SIZE];
    flight *f = calloc(1, sizeof(*f));
    if (!f) {
        (void)fail_memory(&err);
        receive_failure(receive, receiver, key, &err);
        return;
    }
    *f = (flight){.owner = d,
                  .receive = receive,
                  .receiver = receiver,
                  .key = key,
                  .pattern = effect->state->as.task.resource.pattern,
                  .is_submitted = !json_is_absent(effect->submission)};
    integration_call call = {
        .execution_arn = task->identity->execution_arn,
        .execution_name = task->identity->execution_name,
        .state_name = effect->state->name,
        .payload = effect->payload,
        .task_token = effect->token,
        .role_arn = json_str(json_get(effect->credentials, STR("RoleArn"))),
        .timeout_ms = effect->timeout_seconds > 0 ? effect->timeout_seconds * 1000 : 0,
        .attempt = effect->attempt,
        .submission = effect->submission,
        .key = print_task_key(task, task_key),
        .trace = task->trace,
    };
    describe_resource(&effect->state->as.task.resource, &call);
    status started = map_put(&d->flights, key_text(&f->key), f, &err);
    if (ok(started)) {
        started = integrations_start(d->tasks, &call, receive_result, f, &f->task, &err);
        if (failed(started)) {
            map_remove(&d->flights, key_text(&f->key));
        }
    }
    if (failed(started)) {
        free(f);
        receive_failure(receive, receiver, key, &err);
    }
}

static void drop(dispatch *d, uint64_t execution, uint64_t task_id,
                 void (*end)(integration_task *task))
{
    flight_key key = {execution, task_id};
    flight *f = map_remove(&d->flights, key_text(&key));
    if (f) {
        if (f->task) {
            end(f->task);
        }
        free(f);
    }
}

static void cancel(void *self, uint64_t execution, uint64_t task_id)
{
    drop(self, execution, task_id, integrations_abort);
}

/* Its token has ended it: a job goes on. */
static void forget(void *self, uint64_t execution, uint64_t task_id)
{
    drop(self, execution, task_id, integrations_cancel);
}

static uint32_t in_flight(void *self)
{
    const dispatch *d = self;
    return d->flights.live;
}

runtime_tasks dispatch_tasks(dispatch *d)
{
    return (runtime_tasks){
        .self = d, .start = start, .cancel = cancel, .in_flight = in_flight, .forget = forget};
}

status dispatch_check_resource(void *user, const asl_resource *resource, error *reterr)
{
    integration_call call = {0};
    describe_resource(resource, &call);
    return integrations_check(user, &call, reterr);
}

status dispatch_check_arguments(void *user, const asl_resource *resource, json arguments,
                                error *reterr)
{
    integration_call call = {.payload = arguments};
    describe_resource(resource, &call);
    return integrations_check_arguments(user, &call, true, reterr);
}

str dispatch_refuse_task(const void *user, const asl_resource *resource, json payload, arena *a)
{
    integration_call call = {.payload = payload};
    error err;
    describe_resource(resource, &call);
    status fits = integrations_check_arguments((integrations *)user, &call, false, &err);
    bool is_refused =
        fits.code == ERROR_TYPE || fits.code == ERROR_INVALID || fits.code == ERROR_UNSUPPORTED;
    return is_refused ? arena_printf(a,
                                     "The Parameters '%.*s' could not be used to start the Task: "
                                     "[%s]",
                                     STR_ARG(json_text(payload, a)), err.message)
                      : STR_NONE;
}

status dispatch_check_mock(void *user, const asl_resource *resource, json result, bool is_strict,
                           error *reterr)
{
    integration_call call = {0};
    describe_resource(resource, &call);
    return integrations_check_result(user, &call, result, is_strict, reterr);
}
