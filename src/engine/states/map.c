/* Map, and its INLINE mode: one iteration per item, at most so many at a time. The other mode is in
 * map_distributed.c.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html */
#include "engine/internal.h"

static status not_an_array(step *s, engine_scope *scope, const asl_state *state, json items)
{
    const asl_node *node = state->as.map.items;
    if (state->language == ASL_JSONATA_LANGUAGE && node) {
        return engine_fail_result_type(s, scope, node, "array", items);
    }
    if (state->language == ASL_JSONATA_LANGUAGE) {
        str text = json_text(items, s->a);
        if (!text.ptr) {
            return fail_memory(s->reterr);
        }
        return engine_fail_evaluation(
            s, scope, STR(""), "Map state input must be an array but was: %.*s", STR_ARG(text));
    }
    /* AWS says it without the prefix of other failures, and calls the context object $ too. */
    str path = node ? node->text : STR("$");
    if (str_starts_with(path, STR("$$"))) {
        path = str_skip(path, 1);
    }
    str cause = arena_printf(s->a, "Reference path \"%.*s\" must point to array.", STR_ARG(path));
    if (!cause.ptr) {
        return fail_memory(s->reterr);
    }
    status failure = engine_fail(s, STR("States.Runtime"), cause);
    s->failure.is_fatal = true;
    return failure;
}

static status items_of(step *s, engine_scope *scope, const asl_state *state,
                       const engine_view *view, json *ret_items)
{
    json items = view->input;
    if (state->as.map.items) {
        TRY(engine_evaluate(s, scope, state->as.map.items, view, &items));
    }
    if (!json_is(items, JSON_ARRAY)) {
        return not_an_array(s, scope, state, items);
    }
    *ret_items = items;
    return state->language == ASL_JSONPATH ? engine_inspect(s, scope, ENGINE_INSPECTED_ITEMS_PATH,
                                                            (engine_payload){.value = items})
                                           : STATUS_OK;
}

/* As the field says: 0 is no limit. */
static status concurrency_of(step *s, engine_scope *scope, const asl_state *state,
                             const engine_view *view, int64_t *ret_concurrency)
{
    int64_t concurrency = 0;
    const asl_node *node = state->as.map.concurrency_max;
    if (node) {
        TRY(engine_flow_integer(s, scope, node, view, &concurrency));
    }
    if (concurrency < 0) {
        static const char format[] = "The %.*s field refers to a negative value: %lld";
        long long value = (long long)concurrency;
        return state->language == ASL_JSONPATH
                   ? engine_fail_runtime(s, scope, format, STR_ARG(node->field), value)
                   : engine_fail_evaluation(s, scope, node->field, format, STR_ARG(node->field),
                                            value);
    }
    *ret_concurrency = concurrency;
    return STATUS_OK;
}

/* Starts the next iteration. */
static status start_iteration(step *s, engine_scope *scope, uint64_t previous_event)
{
    const asl_state *state = engine_state_of(s, scope);
    engine_frame *frame = scope->work;
    uint32_t index = frame->child_next;
    json item = json_item(frame->items, index);
    engine_payload input = {.value = item};
    engine_event *event;
    if (state->as.map.item_selector) {
        engine_view view = {.input = frame->children_input, .item = &item, .item_index = index};
        TRY(engine_evaluate(s, scope, state->as.map.item_selector, &view, &input.value));
        TRY(engine_flow_check_size(s, &input, state->name));
    }
    TRY(engine_record(s, ENGINE_MAP_ITERATION_STARTED, frame->state, previous_event, &event));
    event->index = index;
    TRY(engine_child_start(s, scope, state->as.map.processor, index, input, event->id));
    frame->child_next++;
    return STATUS_OK;
}

/* Both MapStateSucceeded and the exit follow the last MapIterationSucceeded, or MapStateStarted
 * when there was nothing to do. */
static status complete(step *s, engine_scope *scope, uint64_t last_event)
{
    engine_frame *frame = scope->work;
    engine_payload result;
    engine_event *event;
    TRY(engine_record(s, ENGINE_MAP_STATE_SUCCEEDED, frame->state, last_event, &event));
    frame->last_event = frame->cause_event = last_event;
    TRY(engine_children_result(s, scope, &result));
    return engine_flow_result(s, scope, result);
}

/* What the settings say is looked at when the Map has started: so has AWS. */
static status begin_distributed(step *s, engine_scope *scope, const asl_state *state,
                                const engine_view *view)
{
    bool has_reader = state->as.map.distributed->has_reader;
    engine_event *event;
    int64_t concurrency = 0;
    json items = {0};
    if (engine_map_run_is_known(scope)) {
        return engine_map_run_again(s, scope);
    }
    if (!has_reader) {
        TRY(items_of(s, scope, state, view, &items));
    }
    TRY(engine_record_in(s, scope, ENGINE_MAP_STATE_STARTED, &event));
    event->index = has_reader ? 0 : json_count(items);
    TRY(concurrency_of(s, scope, state, view, &concurrency));
    return engine_map_run_begin(s, scope, view, items, concurrency);
}

/* With a mock nothing is read and nothing runs, so that every Map can be tested. */
static status begin_mocked(step *s, engine_scope *scope, const asl_state *state,
                           const engine_view *view)
{
    const asl_distributed *distributed = state->as.map.distributed;
    json items = s->x->test->reader_items;
    int64_t concurrency = 0;
    if (!distributed || !distributed->has_reader) {
        TRY(items_of(s, scope, state, view, &items));
    }
    TRY(concurrency_of(s, scope, state, view, &concurrency));
    return engine_test_map(s, scope, view, items, concurrency);
}

static status begin(step *s, engine_scope *scope)
{
    const asl_state *state = engine_state_of(s, scope);
    engine_frame *frame = scope->work;
    engine_payload effective = frame->input;
    engine_event *event;
    json items;
    int64_t concurrency = 0, concurrency_max = engine_limits_of(s).map_concurrency_max;
    if (state->language == ASL_JSONPATH) {
        TRY(engine_flow_input_path(s, scope, &effective));
    }
    engine_view view = {
        .input = effective.value, .input_text = effective.text, .style = ENGINE_STYLE_PATH};
    if (engine_is_mocked(s)) {
        return begin_mocked(s, scope, state, &view);
    }
    if (state->as.map.is_distributed) {
        return begin_distributed(s, scope, state, &view);
    }
    TRY(items_of(s, scope, state, &view, &items));
    TRY(concurrency_of(s, scope, state, &view, &concurrency));
    TRY(engine_record_in(s, scope, ENGINE_MAP_STATE_STARTED, &event));
    uint64_t started = event->id;
    event->index = json_count(items);
    TRY(engine_children_begin(s, scope, json_count(items)));
    frame->items = items;
    frame->children_input = effective.value;
    frame->concurrency =
        (uint32_t)(concurrency ? MIN_OF(concurrency, concurrency_max) : concurrency_max);
    while (frame->child_next < frame->child_count && frame->children_running < frame->concurrency) {
        TRY(start_iteration(s, scope, started));
    }
    return frame->child_count ? STATUS_OK : complete(s, scope, started);
}

/* The next iteration follows the one that made room for it: its last exit, not its
 * MapIterationSucceeded. */
static status child_succeeded(step *s, engine_scope *scope, engine_scope *child,
                              engine_payload result)
{
    engine_frame *frame = scope->work;
    uint64_t last_event = engine_frame_of(child)->last_event;
    engine_event *event;
    TRY(engine_record(s, ENGINE_MAP_ITERATION_SUCCEEDED, frame->state, last_event, &event));
    event->index = child->index;
    uint64_t succeeded = event->id;
    TRY(engine_child_collect(s, scope, child, result));
    if (frame->child_next < frame->child_count) {
        /* Only for the failure of what starts the iteration: when it has started, nothing in the
         * Map's own stored form has changed. */
        uint64_t last_before = frame->last_event, cause_before = frame->cause_event;
        frame->last_event = frame->cause_event = last_event;
        TRY(start_iteration(s, scope, last_event));
        frame->last_event = last_before;
        frame->cause_event = cause_before;
        return STATUS_OK;
    }
    return frame->children_running ? STATUS_OK : complete(s, scope, succeeded);
}

static status redriven(step *s, engine_scope *scope, uint64_t previous_event)
{
    const engine_frame *frame = scope->work;
    while (frame->child_next < frame->child_count && frame->children_running < frame->concurrency) {
        TRY(start_iteration(s, scope, previous_event));
    }
    return STATUS_OK;
}

const engine_state_ops engine_map_ops = {.begin = begin,
                                         .child_succeeded = child_succeeded,
                                         .redriven = redriven,
                                         .failed = ENGINE_MAP_STATE_FAILED,
                                         .aborted = ENGINE_MAP_STATE_ABORTED,
                                         .child_failed = ENGINE_MAP_ITERATION_FAILED,
                                         .child_aborted = ENGINE_MAP_ITERATION_ABORTED,
                                         .counts_retries = true};
