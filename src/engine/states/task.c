/* Task: work that is done outside. Function ARNs, activities and service integrations differ in
 * the events that tell of it, which is what the table is for.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 *
 * Invariants:
 *  1. Each attempt has a new task id; an input with another one changes nothing.
 *  2. A task has one end: succeeded, failed or timed out. */
#include "engine/internal.h"

typedef struct event_family {
    engine_event_type scheduled, started, succeeded, failed, timed_out;
    bool names_service; /* resource and resourceType are in every event */
    bool starts_later;  /* a worker takes it: ENGINE_TASK_STARTED tells */
} event_family;

static const event_family service_family = {ENGINE_TASK_SCHEDULED_EVENT,
                                            ENGINE_TASK_STARTED_EVENT,
                                            ENGINE_TASK_SUCCEEDED_EVENT,
                                            ENGINE_TASK_FAILED_EVENT,
                                            ENGINE_TASK_TIMED_OUT_EVENT,
                                            true,
                                            false};
static const event_family function_family = {ENGINE_LAMBDA_SCHEDULED,
                                             ENGINE_LAMBDA_STARTED,
                                             ENGINE_LAMBDA_SUCCEEDED,
                                             ENGINE_LAMBDA_FAILED,
                                             ENGINE_LAMBDA_TIMED_OUT,
                                             false,
                                             false};
static const event_family activity_family = {ENGINE_ACTIVITY_SCHEDULED,
                                             ENGINE_ACTIVITY_STARTED,
                                             ENGINE_ACTIVITY_SUCCEEDED,
                                             ENGINE_ACTIVITY_FAILED,
                                             ENGINE_ACTIVITY_TIMED_OUT,
                                             false,
                                             true};

static const event_family *const families[] = {
    [ASL_RESOURCE_FUNCTION] = &function_family,
    [ASL_RESOURCE_ACTIVITY] = &activity_family,
    [ASL_RESOURCE_SERVICE] = &service_family,
    [ASL_RESOURCE_TOPIC] = &service_family,
};

/* Records an event of the scope's task. */
static status record(step *s, engine_scope *scope, engine_event_type type, engine_event **ret_event)
{
    const asl_resource *resource = &engine_state_of(s, scope)->as.task.resource;
    TRY(engine_record_in(s, scope, type, ret_event));
    if (families[resource->kind]->names_service) {
        (*ret_event)->resource = resource->event_resource;
        (*ret_event)->resource_type = resource->event_type;
    }
    return STATUS_OK;
}

/* What DataLimitExceeded calls the task. */
static str result_name(const asl_resource *resource)
{
    return families[resource->kind]->names_service ? resource->event_type : resource->arn;
}

/* ---------------------------------------------------------------------------------- scheduling */

typedef struct task_order {
    engine_payload payload;
    json credentials;
    int64_t timeout_seconds, heartbeat_seconds; /* -1 = none */
} task_order;

static status seconds_of(step *s, engine_scope *scope, const asl_node *node,
                         const engine_view *view, int64_t *ret_seconds)
{
    *ret_seconds = -1;
    if (!node) {
        return STATUS_OK;
    }
    TRY(engine_flow_integer(s, scope, node, view, ret_seconds));
    if (*ret_seconds > 0 && *ret_seconds <= TASK_SECONDS_MAX) {
        return STATUS_OK;
    }
    long long seconds = (long long)*ret_seconds;
    static const char format[] = "The %.*s field must be between 1 and %d, but was %lld.";
    if (engine_state_of(s, scope)->language == ASL_JSONATA_LANGUAGE) {
        return engine_fail_evaluation(s, scope, node->field, format, STR_ARG(node->field),
                                      TASK_SECONDS_MAX, seconds);
    }
    return engine_fail_runtime(s, scope, format, STR_ARG(node->field), TASK_SECONDS_MAX, seconds);
}

static status make_order(step *s, engine_scope *scope, const asl_state *state,
                         task_order *ret_order)
{
    engine_payload effective;
    task_order order = {0};
    TRY(engine_flow_input(s, scope, &effective, &order.payload));
    engine_view view = {
        .input = effective.value, .input_text = effective.text, .style = ENGINE_STYLE_PATH};
    TRY(seconds_of(s, scope, state->as.task.timeout_seconds, &view, &order.timeout_seconds));
    TRY(seconds_of(s, scope, state->as.task.heartbeat_seconds, &view, &order.heartbeat_seconds));
    if (state->as.task.credentials) {
        view.style = ENGINE_STYLE_TEMPLATE;
        TRY(engine_evaluate(s, scope, state->as.task.credentials, &view, &order.credentials));
    }
    TRY(engine_flow_check_size(s, &order.payload, state->name));
    *ret_order = order;
    return STATUS_OK;
}

static status record_scheduled(step *s, engine_scope *scope, const asl_resource *resource,
                               const task_order *order)
{
    const event_family *family = families[resource->kind];
    engine_event *event;
    TRY(record(s, scope, family->scheduled, &event));
    engine_event_payload(event, order->payload);
    event->credentials = order->credentials;
    event->timeout_seconds = order->timeout_seconds;
    event->heartbeat_seconds = order->heartbeat_seconds;
    event->region = s->x->identity.region;
    if (!family->names_service) {
        event->resource = resource->arn;
    }
    return STATUS_OK;
}

static status start_effect(step *s, engine_scope *scope, const asl_state *state,
                           const task_order *order)
{
    engine_effect *effect;
    str token;
    TRY(engine_task_token(s, scope, &token));
    TRY(engine_effect_add(s, ENGINE_EFFECT_START_TASK, &effect));
    effect->task_id = scope->work->task_id;
    effect->state = state;
    effect->payload = order->payload.value;
    effect->payload_text = order->payload.text;
    effect->credentials = order->credentials;
    effect->token = token;
    effect->timeout_seconds = order->timeout_seconds;
    effect->heartbeat_seconds = order->heartbeat_seconds;
    effect->attempt = scope->work->retry_count;
    return STATUS_OK;
}

static status set_heartbeat(step *s, engine_scope *scope)
{
    int64_t seconds = scope->work->heartbeat_seconds;
    if (seconds < 0) {
        return STATUS_OK;
    }
    return engine_timer_set(s, scope, ENGINE_TIMER_HEARTBEAT, engine_after(s->in->now_ms, seconds));
}

static status check_resource(step *s, engine_scope *scope, const asl_resource *resource,
                             json payload)
{
    const engine_identity *identity = &s->x->identity;
    if (!identity->refuse_task) {
        return STATUS_OK;
    }
    str reason = identity->refuse_task(identity->refuse_task_user, resource, payload, s->a);
    return reason.ptr ? engine_fail_runtime(s, scope, "%.*s", STR_ARG(reason)) : STATUS_OK;
}

static status begin(step *s, engine_scope *scope)
{
    const asl_state *state = engine_state_of(s, scope);
    const asl_resource *resource = &state->as.task.resource;
    const event_family *family = families[resource->kind];
    engine_frame *frame = scope->work;
    engine_event *event;
    task_order order;
    frame->task_id = ++s->last_id;
    TRY(make_order(s, scope, state, &order));
    if (engine_is_mocked(s)) {
        return engine_test_mock(s, scope);
    }
    TRY(check_resource(s, scope, resource, order.payload.value));
    TRY(record_scheduled(s, scope, resource, &order));
    frame->task_is_started = !family->starts_later;
    frame->task_is_submitted = false;
    frame->heartbeat_seconds = order.heartbeat_seconds;
    if (!family->starts_later) {
        TRY(record(s, scope, family->started, &event));
    }
    frame->task_payload = order.payload;
    frame->task_credentials = order.credentials;
    frame->task_timeout_seconds = order.timeout_seconds;
    TRY(start_effect(s, scope, state, &order));
    if (order.timeout_seconds >= 0) {
        TRY(engine_timer_set(s, scope, ENGINE_TIMER_TIMEOUT,
                             engine_after(s->in->now_ms, order.timeout_seconds)));
    }
    if (!family->starts_later) {
        TRY(set_heartbeat(s, scope));
    }
    frame->phase = ENGINE_PHASE_TASK;
    return STATUS_OK;
}

/* ------------------------------------------------------------------------------------ outcomes */

/* The task is over: nothing more is expected of it. */
static status end_task(step *s, engine_scope *scope)
{
    scope->work->phase = ENGINE_PHASE_ACTIVE;
    scope->work->task_id = 0;
    scope->work->task_payload = (engine_payload){0};
    scope->work->task_credentials = (json){0};
    scope->work->task_submission = (json){0};
    TRY(engine_timer_clear(s, scope, ENGINE_TIMER_TIMEOUT));
    return engine_timer_clear(s, scope, ENGINE_TIMER_HEARTBEAT);
}

static status fail_task(step *s, engine_scope *scope, engine_event_type type, str error_name,
                        str cause)
{
    engine_event *event;
    TRY(record(s, scope, type, &event));
    event->error = error_name;
    event->cause = cause;
    scope->work->cause_event = event->id;
    return engine_fail(s, error_name, cause);
}

static status on_succeeded(step *s, engine_scope *scope, const event_family *family)
{
    const asl_resource *resource = &engine_state_of(s, scope)->as.task.resource;
    engine_payload result = {.value = s->in->value};
    engine_event *event;
    if (s->in->is_submission && !scope->work->task_is_submitted) {
        TRY(record(s, scope, ENGINE_TASK_SUBMITTED_EVENT, &event));
        event->payload = s->in->value;
    }
    TRY(end_task(s, scope));
    status size = engine_flow_check_size(s, &result, result_name(resource));
    if (engine_is_failure(size)) {
        return fail_task(s, scope, family->failed, s->failure.error, s->failure.cause);
    }
    TRY(size);
    TRY(record(s, scope, family->succeeded, &event));
    engine_event_payload(event, result);
    scope->work->cause_event = event->id;
    return engine_flow_result(s, scope, result);
}

static status on_started(step *s, engine_scope *scope, const event_family *family,
                         bool *ret_is_stale)
{
    engine_event *event;
    if (scope->work->task_is_started) {
        return STATUS_OK;
    }
    *ret_is_stale = false;
    scope->work->task_is_started = true;
    TRY(record(s, scope, family->started, &event));
    event->worker = s->in->worker;
    return set_heartbeat(s, scope);
}

/* A job that a restored execution asks about again may be told as submitted once more. */
static status on_submitted(step *s, engine_scope *scope, bool *ret_is_stale)
{
    asl_pattern pattern = engine_state_of(s, scope)->as.task.resource.pattern;
    engine_event *event;
    if (scope->work->task_is_submitted) {
        *ret_is_stale = true;
        return STATUS_OK;
    }
    TRY(record(s, scope, ENGINE_TASK_SUBMITTED_EVENT, &event));
    event->payload = s->in->value;
    scope->work->task_is_submitted = true;
    if (pattern == ASL_SYNC || pattern == ASL_SYNC_2) {
        scope->work->task_submission = s->in->value;
    }
    return STATUS_OK;
}

status engine_task_input(step *s, engine_scope *scope, bool *ret_is_stale)
{
    const event_family *family = families[engine_state_of(s, scope)->as.task.resource.kind];
    if (s->in->kind == ENGINE_TASK_STARTED) {
        return on_started(s, scope, family, ret_is_stale);
    }
    *ret_is_stale = false;
    switch (s->in->kind) {
    case ENGINE_TASK_SUBMITTED:
        return on_submitted(s, scope, ret_is_stale);
    case ENGINE_TASK_SUCCEEDED:
        return on_succeeded(s, scope, family);
    case ENGINE_TASK_FAILED:
        TRY(end_task(s, scope));
        return fail_task(
            s, scope, s->in->is_submit_failure ? ENGINE_TASK_SUBMIT_FAILED_EVENT : family->failed,
            s->in->error, s->in->cause);
    default:
        return set_heartbeat(s, scope);
    }
}

status engine_task_timed_out(step *s, engine_scope *scope, bool is_heartbeat)
{
    const event_family *family = families[engine_state_of(s, scope)->as.task.resource.kind];
    engine_effect *effect;
    TRY(engine_effect_add(s, ENGINE_EFFECT_CANCEL_TASK, &effect));
    effect->task_id = scope->work->task_id;
    TRY(end_task(s, scope));
    status st = fail_task(s, scope, family->timed_out, STR("States.Timeout"), STR_NONE);
    s->failure.is_heartbeat = is_heartbeat;
    return st;
}

const engine_state_ops engine_task_ops = {
    .begin = begin, .aborted = ENGINE_TASK_STATE_ABORTED, .counts_retries = true};
