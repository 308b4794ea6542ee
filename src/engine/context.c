/* The context object, $$ in JSONPath and $states.context in JSONata: made when it is looked at.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
#include "engine/internal.h"

#include "base/timetext.h"

static status time_value(step *s, int64_t time_ms, json *ret_value)
{
    char text[TIME_TEXT_SIZE];
    str copy = arena_str(s->a, time_print_rfc3339(time_ms, text));
    if (!copy.ptr) {
        return fail_memory(s->reterr);
    }
    *ret_value = json_from_str(copy);
    return STATUS_OK;
}

static status execution_object(step *s, json *ret_object)
{
    const engine_identity *identity = &s->x->identity;
    if (!json_is_absent(s->context_execution)) {
        *ret_object = s->context_execution;
        return STATUS_OK;
    }
    json start_time, redrive_time = {0};
    TRY(time_value(s, identity->start_time_ms, &start_time));
    if (s->redrive_count) {
        TRY(time_value(s, s->redrive_time_ms, &redrive_time));
    }
    json_object_builder builder;
    json_object_begin(&builder, s->a, 7);
    json_object_add(&builder, STR("Id"), json_from_str(identity->execution_arn));
    json_object_add(&builder, STR("Input"), s->execution_input);
    json_object_add(&builder, STR("StartTime"), start_time);
    json_object_add(&builder, STR("Name"), json_from_str(identity->execution_name));
    if (identity->role_arn.len) { /* TestState may do without */
        json_object_add(&builder, STR("RoleArn"), json_from_str(identity->role_arn));
    }
    if (!identity->is_express) { /* an Express execution cannot be redriven */
        json_object_add(&builder, STR("RedriveCount"), json_from_int64(s->redrive_count));
    }
    if (s->redrive_count) {
        json_object_add(&builder, STR("RedriveTime"), redrive_time);
    }
    TRY(json_object_finish(&builder, &s->context_execution, s->reterr));
    *ret_object = s->context_execution;
    return STATUS_OK;
}

static status machine_object(step *s, json *ret_object)
{
    const engine_identity *identity = &s->x->identity;
    if (json_is_absent(s->context_machine)) {
        json_object_builder builder;
        json_object_begin(&builder, s->a, 2);
        json_object_add(&builder, STR("Id"), json_from_str(identity->machine_arn));
        json_object_add(&builder, STR("Name"), json_from_str(identity->machine_name));
        TRY(json_object_finish(&builder, &s->context_machine, s->reterr));
    }
    *ret_object = s->context_machine;
    return STATUS_OK;
}

static status state_object(step *s, const engine_scope *scope, json *ret_object)
{
    const engine_frame *frame = engine_frame_of(scope);
    const asl_state *state = engine_state_of(s, scope);
    json entered;
    TRY(time_value(s, frame->entered_ms, &entered));
    json_object_builder builder;
    json_object_begin(&builder, s->a, 3);
    json_object_add(&builder, STR("Name"), json_from_str(state->name));
    json_object_add(&builder, STR("EnteredTime"), entered);
    if (engine_ops_of(state)->counts_retries) {
        json_object_add(&builder, STR("RetryCount"), json_from_int64(frame->retry_count));
    }
    return json_object_finish(&builder, ret_object, s->reterr);
}

static status item_object(step *s, uint32_t index, json value, json *ret_object)
{
    json item;
    json_object_builder builder;
    json_object_begin(&builder, s->a, 2);
    json_object_add(&builder, STR("Index"), json_from_int64(index));
    json_object_add(&builder, STR("Value"), value);
    TRY(json_object_finish(&builder, &item, s->reterr));
    json_object_begin(&builder, s->a, 1);
    json_object_add(&builder, STR("Item"), item);
    return json_object_finish(&builder, ret_object, s->reterr);
}

/* The innermost iteration that the scope is part of. */
static status map_object(step *s, const engine_scope *scope, const engine_view *view,
                         json *ret_object)
{
    if (view->item) {
        return item_object(s, view->item_index, *view->item, ret_object);
    }
    for (; scope->parent; scope = scope->parent) {
        const engine_frame *parent = engine_frame_of(scope->parent);
        if (s->machine->states[parent->state].type == ASL_MAP) {
            return item_object(s, scope->index, json_item(parent->items, scope->index), ret_object);
        }
    }
    return STATUS_OK;
}

status engine_task_token(step *s, const engine_scope *scope, str *ret_token)
{
    const asl_state *state = engine_state_of(s, scope);
    const engine_identity *identity = &s->x->identity;
    *ret_token = STR_NONE;
    if (state->type != ASL_TASK || !identity->task_token) {
        return STATUS_OK;
    }
    const asl_resource *resource = &state->as.task.resource;
    if (resource->pattern == ASL_REQUEST_RESPONSE && resource->kind != ASL_RESOURCE_ACTIVITY) {
        return STATUS_OK;
    }
    *ret_token =
        identity->task_token(identity->task_token_user, engine_frame_of(scope)->task_id, s->a);
    return ret_token->ptr ? STATUS_OK : fail_memory(s->reterr);
}

status engine_context(step *s, engine_scope *scope, const engine_view *view, json *ret_object)
{
    json execution, machine, state, map = {0}, task = {0};
    str token;
    if (UNLIKELY(s->x->test) && !json_is_absent(s->x->test->context)) {
        *ret_object = s->x->test->context;
        return STATUS_OK;
    }
    TRY(execution_object(s, &execution));
    TRY(machine_object(s, &machine));
    TRY(state_object(s, scope, &state));
    TRY(map_object(s, scope, view, &map));
    TRY(engine_task_token(s, scope, &token));
    json_object_builder builder;
    if (token.ptr) {
        json_object_begin(&builder, s->a, 1);
        json_object_add(&builder, STR("Token"), json_from_str(token));
        TRY(json_object_finish(&builder, &task, s->reterr));
    }
    json_object_begin(&builder, s->a, 5);
    json_object_add(&builder, STR("Execution"), execution);
    json_object_add(&builder, STR("StateMachine"), machine);
    json_object_add(&builder, STR("State"), state);
    if (token.ptr) {
        json_object_add(&builder, STR("Task"), task);
    }
    if (!json_is_absent(map)) {
        json_object_add(&builder, STR("Map"), map);
    }
    return json_object_finish(&builder, ret_object, s->reterr);
}

static void note_context(void *user, const jsonpath *path)
{
    *(bool *)user |= jsonpath_root_of(path) == JSONPATH_CONTEXT;
}

/* Whether a JSONata text may look at $states.context: unless each $states in it is followed by the
 * name of another member. */
static bool looks_at_context(str text)
{
    static const char *const others[] = {".input", ".result", ".errorOutput"};
    const str states = STR("$states");
    for (size_t at; (at = str_find(text, states)) != STR_NOT_FOUND;) {
        text = str_skip(text, at + states.len);
        bool is_other = false;
        for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
            is_other |= str_starts_with(text, str_from_c(others[i]));
        }
        if (!is_other) {
            return true;
        }
    }
    return false;
}

bool engine_context_is_used(const asl_node *node)
{
    bool is_used = false;
    switch (node->kind) {
    case ASL_PATH:
        /* A filter may compare with $$ whatever the path's own root is. */
        return str_find(node->text, STR("$$")) != STR_NOT_FOUND;
    case ASL_INTRINSIC:
        intrinsic_visit_paths(node->as.call, note_context, &is_used);
        return is_used;
    case ASL_JSONATA:
        return looks_at_context(node->text);
    case ASL_OBJECT:
    case ASL_ARRAY:
        for (uint32_t i = 0; i < node->as.children.count && !is_used; i++) {
            is_used = engine_context_is_used(&node->as.children.items[i]);
        }
        return is_used;
    default:
        return false;
    }
}
