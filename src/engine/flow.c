/* The data flow of a state.
 *
 *   JSONPath   raw input ─ InputPath ─ Parameters ─> work ─> result ─ ResultSelector
 *                  └───────────────────────────────────────> ResultPath ─ OutputPath ─> output
 *   JSONata    raw input ─ Arguments ─> work ─> result ─ Output ─> output
 *
 * Assign looks at the result, and at the variables as they were before the state.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
 * and https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html */
#include "engine/internal.h"

/* What asl_node_evaluate's callback gets. */
typedef struct variables_view {
    step *s;
    engine_scope *scope;
    const engine_view *view;
    const asl_node *node; /* what is evaluated */
    json states;          /* $states, made when first looked at */
    bool is_jsonata, is_out_of_memory;
} variables_view;

static status make_states(variables_view *v)
{
    step *s = v->s;
    json_object_builder builder;
    json_object_begin(&builder, s->a, 4);
    json_object_add(&builder, STR("input"), v->scope->work->input.value);
    if (engine_context_is_used(v->node)) {
        json context;
        TRY(engine_context(s, v->scope, v->view, &context));
        json_object_add(&builder, STR("context"), context);
    }
    if (!json_is_absent(v->view->result)) {
        json_object_add(&builder, STR("result"), v->view->result);
    }
    if (!json_is_absent(v->view->error_output)) {
        json_object_add(&builder, STR("errorOutput"), v->view->error_output);
    }
    return json_object_finish(&builder, &v->states, s->reterr);
}

static json variable(const void *user, str name)
{
    variables_view *v = (variables_view *)user;
    if (!v->is_jsonata || !str_equal(name, STR("states"))) {
        return engine_scope_variable(v->scope, name);
    }
    if (json_is_absent(v->states) && failed(make_states(v))) {
        v->is_out_of_memory = true;
    }
    return v->states;
}

status engine_try_evaluate(step *s, engine_scope *scope, const asl_node *node,
                           const engine_view *view, json *ret_value, asl_fault *ret_fault,
                           error *ret_why)
{
    if (node->kind == ASL_LITERAL) {
        *ret_value = node->as.literal;
        return STATUS_OK;
    }
    variables_view variables = {.s = s,
                                .scope = scope,
                                .view = view,
                                .node = node,
                                .is_jsonata =
                                    engine_state_of(s, scope)->language == ASL_JSONATA_LANGUAGE};
    expr_scope expression = {.variable = variable,
                             .variables = &variables,
                             .now_ms = s->in->now_ms,
                             .random = &s->random};
    if (!variables.is_jsonata) {
        expression.input = view->input;
        if (engine_context_is_used(node)) {
            TRY(engine_context(s, scope, view, &expression.context));
        }
    }
    status st = asl_node_evaluate(node, &expression, s->a, ret_value, ret_fault, ret_why);
    if (variables.is_out_of_memory || st.code == ERROR_MEMORY) {
        return fail_memory(s->reterr);
    }
    return st;
}

static str input_text(step *s, const engine_view *view)
{
    return view->input_text.ptr ? view->input_text : json_text(view->input, s->a);
}

static status fail_path(step *s, engine_scope *scope, const asl_node *node, const error *why,
                        const engine_view *view)
{
    if (view->style == ENGINE_STYLE_PATH || why->code != ERROR_NOT_FOUND) {
        return engine_fail_runtime(s, scope, "Invalid path '%.*s' : %s", STR_ARG(node->text),
                                   why->message);
    }
    str input = input_text(s, view);
    if (!input.ptr) {
        return fail_memory(s->reterr);
    }
    return engine_fail_runtime(s, scope,
                               "The JSONPath '%.*s' specified for the field '%.*s' could not be "
                               "found in the input '%.*s'",
                               STR_ARG(node->text), STR_ARG(node->field), STR_ARG(input));
}

static status fail_intrinsic(step *s, engine_scope *scope, const error *why)
{
    if (why->code == ERROR_NOT_FOUND) {
        return engine_fail_runtime(s, scope, "%s", why->message);
    }
    return engine_fail_named(s, scope, STR("States.IntrinsicFailure"), "%s", why->message);
}

status engine_fail_fault(step *s, engine_scope *scope, const asl_fault *fault, const error *why,
                         const engine_view *view)
{
    const asl_node *node = fault->node;
    switch (node->kind) {
    case ASL_INTRINSIC:
        return fail_intrinsic(s, scope, why);
    case ASL_JSONATA:
        break;
    default:
        return fail_path(s, scope, node, why, view);
    }
    if (fault->is_undefined) {
        return engine_fail_evaluation(
            s, scope, node->field,
            "The JSONata expression '%.*s' specified for the field '%.*s' returned nothing "
            "(undefined).",
            STR_ARG(node->text), STR_ARG(node->field));
    }
    return engine_fail_evaluation(s, scope, node->field,
                                  "The JSONata expression '%.*s' specified for the field '%.*s' "
                                  "threw an error during evaluation. %s%s%s",
                                  STR_ARG(node->text), STR_ARG(node->field), why->id,
                                  why->id[0] ? ": " : "", why->message);
}

status engine_evaluate(step *s, engine_scope *scope, const asl_node *node, const engine_view *view,
                       json *ret_value)
{
    if (node->kind == ASL_LITERAL) {
        *ret_value = node->as.literal;
        return STATUS_OK;
    }
    asl_fault fault = {.node = node};
    error why = {0};
    status st = engine_try_evaluate(s, scope, node, view, ret_value, &fault, &why);
    if (ok(st) || st.code == ERROR_MEMORY) {
        return st;
    }
    if (!fault.node) {
        fault.node = node;
    }
    return engine_fail_fault(s, scope, &fault, &why, view);
}

/* ------------------------------------------------------------------------------------ on entry */

status engine_flow_input_path(step *s, engine_scope *scope, engine_payload *ret_effective)
{
    const asl_node *node = engine_state_of(s, scope)->input_path;
    const engine_payload *raw = &scope->work->input;
    if (!node) {
        *ret_effective = *raw;
        return engine_inspect(s, scope, ENGINE_INSPECTED_INPUT_PATH, *raw);
    }
    engine_view view = {.input = raw->value, .input_text = raw->text, .style = ENGINE_STYLE_PATH};
    engine_payload effective = {0};
    TRY(engine_evaluate(s, scope, node, &view, &effective.value));
    *ret_effective = effective;
    return engine_inspect(s, scope, ENGINE_INSPECTED_INPUT_PATH, effective);
}

static bool uses_input(const asl_node *node)
{
    if (node->kind == ASL_PATH) {
        return jsonpath_root_of(node->as.path) == JSONPATH_INPUT;
    }
    if (node->kind != ASL_OBJECT && node->kind != ASL_ARRAY) {
        return false;
    }
    for (uint32_t i = 0; i < node->as.children.count; i++) {
        if (uses_input(&node->as.children.items[i])) {
            return true;
        }
    }
    return false;
}

status engine_flow_input(step *s, engine_scope *scope, engine_payload *ret_effective,
                         engine_payload *ret_payload)
{
    const asl_state *state = engine_state_of(s, scope);
    engine_inspected shown =
        state->language == ASL_JSONPATH ? ENGINE_INSPECTED_PARAMETERS : ENGINE_INSPECTED_ARGUMENTS;
    engine_payload effective = scope->work->input;
    if (state->language == ASL_JSONPATH) {
        TRY(engine_flow_input_path(s, scope, &effective));
    }
    if (ret_effective) {
        *ret_effective = effective;
    }
    *ret_payload = effective;
    if (!state->parameters) {
        return engine_inspect(s, scope, shown, effective);
    }
    if (state->language == ASL_JSONPATH && json_is(effective.value, JSON_NULL) &&
        uses_input(state->parameters)) {
        return engine_fail_runtime(s, scope,
                                   "Unable to apply Path transformation to null or empty input.");
    }
    engine_view view = {.input = effective.value, .input_text = effective.text};
    *ret_payload = (engine_payload){0};
    TRY(engine_evaluate(s, scope, state->parameters, &view, &ret_payload->value));
    return engine_inspect(s, scope, shown, *ret_payload);
}

/* ------------------------------------------------------------------------------------- on exit */

status engine_flow_check_size(step *s, engine_payload *payload, str what)
{
    size_t bytes_max = engine_limits_of(s).payload_bytes_max;
    bool is_shallow = payload->bytes < JSON_DEPTH_MAX || !json_nests_too_deep(payload->value);
    if (payload->bytes && payload->bytes <= bytes_max && is_shallow) {
        return STATUS_OK;
    }
    size_t bytes =
        payload->text.ptr ? payload->text.len : json_text_length(payload->value, bytes_max);
    if (bytes > bytes_max) {
        return engine_fail_data_limit(s, what);
    }
    payload->bytes = bytes ? bytes : 1;
    return STATUS_OK;
}

status engine_flow_result_path(step *s, engine_scope *scope, const jsonpath *path, bool is_null,
                               engine_payload result, engine_payload *ret_payload)
{
    const engine_payload *raw = &scope->work->input;
    if (is_null) {
        *ret_payload = *raw;
        return STATUS_OK;
    }
    if (!path) {
        *ret_payload = result;
        return STATUS_OK;
    }
    engine_payload merged = {0};
    error why = {0};
    status st = jsonpath_assign(path, raw->value, result.value, s->a, &merged.value, &why);
    if (st.code == ERROR_MEMORY) {
        return fail_memory(s->reterr);
    }
    if (failed(st)) {
        str input = raw->text.ptr ? raw->text : json_text(raw->value, s->a);
        if (!input.ptr) {
            return fail_memory(s->reterr);
        }
        return engine_fail_named(s, scope, STR("States.ResultPathMatchFailure"),
                                 "Unable to apply ReferencePath %.*s to input %.*s",
                                 STR_ARG(jsonpath_text(path)), STR_ARG(input));
    }
    if (json_nests_too_deep(merged.value)) {
        return engine_fail_named(s, scope, STR("States.ResultPathMatchFailure"),
                                 "Unable to apply ReferencePath %.*s: the result would nest deeper "
                                 "than the maximum of %d",
                                 STR_ARG(jsonpath_text(path)), JSON_DEPTH_MAX);
    }
    if (raw->bytes && result.bytes) {
        merged.bytes = raw->bytes + result.bytes + jsonpath_text(path).len * 6;
    }
    *ret_payload = merged;
    return STATUS_OK;
}

status engine_flow_output_path(step *s, engine_scope *scope, engine_payload *payload)
{
    const asl_node *node = engine_state_of(s, scope)->output_path;
    if (!node) {
        return STATUS_OK;
    }
    engine_view view = {
        .input = payload->value, .input_text = payload->text, .style = ENGINE_STYLE_PATH};
    engine_payload output = {0};
    TRY(engine_evaluate(s, scope, node, &view, &output.value));
    *payload = output;
    return STATUS_OK;
}

status engine_flow_assign(step *s, engine_scope *scope, const asl_node *assign,
                          const engine_view *view, json *ret_assigned)
{
    json assigned = {0};
    if (assign) {
        TRY(engine_evaluate(s, scope, assign, view, &assigned));
        size_t bytes_max = engine_limits_of(s).payload_bytes_max;
        size_t bytes = json_text_length(assigned, bytes_max);
        size_t all_max = engine_limits_of(s).variables_bytes_max;
        engine_frame *frame = scope->work;
        if (bytes <= bytes_max && frame->variables_bytes + bytes > all_max) {
            frame->variables_bytes = json_text_length(frame->variables, all_max);
        }
        if (bytes > bytes_max || frame->variables_bytes + bytes > all_max) {
            return engine_fail_data_limit(s, engine_state_of(s, scope)->name);
        }
        frame->variables_bytes += bytes;
    }
    *ret_assigned = assigned;
    return STATUS_OK;
}

status engine_flow_leave(step *s, engine_scope *scope, const asl_node *output,
                         const asl_node *assign, const engine_view *view, engine_payload value,
                         uint32_t next)
{
    json assigned = {0};
    if (output) {
        value = (engine_payload){0};
        TRY(engine_evaluate(s, scope, output, view, &value.value));
    }
    TRY(engine_flow_check_size(s, &value, engine_state_of(s, scope)->name));
    TRY(engine_flow_assign(s, scope, assign, view, &assigned));
    return engine_exit(s, scope, value, assigned, next);
}

static status select_result(step *s, engine_scope *scope, const asl_state *state,
                            engine_payload *result)
{
    if (!state->result_selector) {
        return STATUS_OK;
    }
    engine_view view = {.input = result->value, .input_text = result->text};
    engine_payload selected = {0};
    TRY(engine_evaluate(s, scope, state->result_selector, &view, &selected.value));
    *result = selected;
    return STATUS_OK;
}

status engine_flow_result(step *s, engine_scope *scope, engine_payload result)
{
    const asl_state *state = engine_state_of(s, scope);
    TRY(engine_inspect(s, scope, ENGINE_INSPECTED_RESULT, result));
    if (state->language == ASL_JSONATA_LANGUAGE) {
        engine_view view = {.result = result.value};
        return engine_flow_leave(s, scope, state->output, state->assign, &view, result,
                                 state->next);
    }
    engine_view view = {.input = result.value, .input_text = result.text};
    TRY(select_result(s, scope, state, &result));
    TRY(engine_inspect(s, scope, ENGINE_INSPECTED_RESULT_SELECTOR, result));
    if (!result.bytes && state->result_path) {
        TRY(engine_flow_check_size(s, &result, state->name));
    }
    TRY(engine_flow_result_path(s, scope, state->result_path, state->result_path_is_null, result,
                                &result));
    TRY(engine_inspect(s, scope, ENGINE_INSPECTED_RESULT_PATH, result));
    TRY(engine_flow_output_path(s, scope, &result));
    return engine_flow_leave(s, scope, NULL, state->assign, &view, result, state->next);
}

/* ------------------------------------------------------------------------------------- numbers */

status engine_flow_integer(step *s, engine_scope *scope, const asl_node *node,
                           const engine_view *view, int64_t *ret_value)
{
    json value = {0};
    TRY(engine_evaluate(s, scope, node, view, &value));
    if (json_int64(value, ret_value)) {
        return STATUS_OK;
    }
    bool is_jsonata = engine_state_of(s, scope)->language == ASL_JSONATA_LANGUAGE;
    if (is_jsonata && !json_is(value, JSON_NUMBER)) {
        return engine_fail_result_type(s, scope, node, "number", value);
    }
    str text = json_is(value, JSON_STRING) ? json_str(value) : json_text(value, s->a);
    if (!text.ptr) {
        return fail_memory(s->reterr);
    }
    if (is_jsonata) {
        return engine_fail_evaluation(
            s, scope, node->field,
            "The %.*s field refers to value \"%.*s\" which is not a valid integer",
            STR_ARG(node->field), STR_ARG(text));
    }
    return engine_fail_runtime(s, scope,
                               "The %.*s field refers to value \"%.*s\" which is not a valid "
                               "integer: %.*s",
                               STR_ARG(node->field), STR_ARG(text), STR_ARG(node->text));
}
