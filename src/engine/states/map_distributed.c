/* Map in DISTRIBUTED mode: each item is an execution of its own. To the engine the map run is one
 * task: START_TASK carries what it needs to know, and its end comes back as a task's. What reading
 * the items, starting the children and counting them takes is the runtime's.
 *
 *   {"mapRunArn", "stateMachineArn": .../NAME/LABEL, "maxConcurrency",
 *    "toleratedFailureCount", "toleratedFailurePercentage": where they were set,
 *    "items": where they are given inline,
 *    "reader": {"resource", "arguments", "settings"},
 *    "batcher": {"settings", "input"}, "writer": {"resource", "arguments", "config"},
 *    "redriveCount": when it is redriven}
 *
 * Sources: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html and
 * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html */
#include "base/digest.h"
#include "engine/internal.h"

#define MAP_RUN_REDRIVES_MAX 1000 /* redrive-map-run.html */

/* ------------------------------------------------------------------------------------ settings */

/* A whole number; a text that says one is taken, too, as AWS does with variables. */
static status integer_of(step *s, engine_scope *scope, const asl_node *node,
                         const engine_view *view, json *ret_number)
{
    json value;
    int64_t number;
    TRY(engine_evaluate(s, scope, node, view, &value));
    str text = json_str(value);
    if (text.ptr && ok(json_parse_into(text, s->a, &value, NULL)) && json_int64(value, &number)) {
        *ret_number = json_from_int64(number);
        return STATUS_OK;
    }
    TRY(engine_flow_integer(s, scope, node, view, &number));
    *ret_number = json_from_int64(number);
    return STATUS_OK;
}

static bool is_limit(str name)
{
    static const char *const limits[] = {"MaxItems", "MaxItemsPerBatch", "MaxInputBytesPerBatch"};
    for (size_t i = 0; i < ARRAY_LENGTH(limits); i++) {
        if (str_equal(name, str_from_c(limits[i]))) {
            return true;
        }
    }
    return false;
}

/* ReaderConfig or ItemBatcher, with their paths and expressions evaluated. */
static status settings_of(step *s, engine_scope *scope, const asl_node *node,
                          const engine_view *view, json *ret_settings)
{
    json_object_builder builder;
    uint32_t count = node ? node->as.children.count : 0;
    json_object_begin(&builder, s->a, MAX_OF(count, 1));
    for (uint32_t i = 0; i < count; i++) {
        const asl_node *item = &node->as.children.items[i];
        json name = node->as.children.names[i], value;
        if (is_limit(json_str(name))) {
            TRY(integer_of(s, scope, item, view, &value));
        } else {
            TRY(engine_evaluate(s, scope, item, view, &value));
        }
        json_object_add_named(&builder, name, value);
    }
    return json_object_finish(&builder, ret_settings, s->reterr);
}

static status add_evaluated(step *s, engine_scope *scope, json_object_builder *builder,
                            const char *name, const asl_node *node, const engine_view *view)
{
    json value;
    if (!node) {
        return STATUS_OK;
    }
    TRY(engine_evaluate(s, scope, node, view, &value));
    json_object_add(builder, str_from_c(name), value);
    return STATUS_OK;
}

static status add_reader(step *s, engine_scope *scope, const asl_distributed *d,
                         const engine_view *view, json_object_builder *order)
{
    json_object_builder builder;
    json settings, object;
    if (!d->has_reader) {
        return STATUS_OK;
    }
    json_object_begin(&builder, s->a, 3);
    json_object_add(&builder, STR("resource"), json_from_str(d->reader_resource.arn));
    TRY(add_evaluated(s, scope, &builder, "arguments", d->reader_arguments, view));
    TRY(settings_of(s, scope, d->reader_settings, view, &settings));
    json_object_add(&builder, STR("settings"), settings);
    TRY(json_object_finish(&builder, &object, s->reterr));
    json_object_add(order, STR("reader"), object);
    return STATUS_OK;
}

static status add_batcher(step *s, engine_scope *scope, const asl_distributed *d,
                          const engine_view *view, json_object_builder *order)
{
    json_object_builder builder;
    json settings, object;
    if (!d->has_batcher) {
        return STATUS_OK;
    }
    json_object_begin(&builder, s->a, 2);
    TRY(settings_of(s, scope, d->batcher_settings, view, &settings));
    json_object_add(&builder, STR("settings"), settings);
    TRY(add_evaluated(s, scope, &builder, "input", d->batch_input, view));
    TRY(json_object_finish(&builder, &object, s->reterr));
    json_object_add(order, STR("batcher"), object);
    return STATUS_OK;
}

static status add_writer(step *s, engine_scope *scope, const asl_distributed *d,
                         const engine_view *view, json_object_builder *order)
{
    json_object_builder builder;
    json object;
    if (!d->has_writer) {
        return STATUS_OK;
    }
    json_object_begin(&builder, s->a, 3);
    if (d->writer_resource.arn.len) {
        json_object_add(&builder, STR("resource"), json_from_str(d->writer_resource.arn));
    }
    TRY(add_evaluated(s, scope, &builder, "arguments", d->writer_arguments, view));
    if (!json_is_absent(d->writer_config)) {
        json_object_add(&builder, STR("config"), d->writer_config);
    }
    TRY(json_object_finish(&builder, &object, s->reterr));
    json_object_add(order, STR("writer"), object);
    return STATUS_OK;
}

/* A fault of a setting's value: told as AWS does in the state's language. */
#define FAIL_SETTING(s, scope, node, ...)                                                          \
    (engine_state_of(s, scope)->language == ASL_JSONPATH                                           \
         ? engine_fail_runtime(s, scope, __VA_ARGS__)                                              \
         : engine_fail_evaluation(s, scope, (node)->field, __VA_ARGS__))

static status add_tolerance(step *s, engine_scope *scope, const asl_distributed *d,
                            const engine_view *view, json_object_builder *order)
{
    if (d->tolerated_count) {
        json count;
        int64_t number = 0;
        TRY(integer_of(s, scope, d->tolerated_count, view, &count));
        if (json_int64(count, &number) && number < 0) {
            return FAIL_SETTING(s, scope, d->tolerated_count,
                                "ToleratedFailureCount cannot be negative.");
        }
        json_object_add(order, STR("toleratedFailureCount"), count);
    }
    if (d->tolerated_percentage) {
        json value;
        TRY(engine_evaluate(s, scope, d->tolerated_percentage, view, &value));
        if (!json_is(value, JSON_NUMBER)) {
            TRY(integer_of(s, scope, d->tolerated_percentage, view, &value));
        }
        double percentage = json_double(value);
        if (!(percentage >= 0 && percentage <= 100)) {
            return FAIL_SETTING(s, scope, d->tolerated_percentage,
                                "ToleratedFailurePercentage must be between 0 and 100.");
        }
        json_object_add(order, STR("toleratedFailurePercentage"), value);
    }
    return STATUS_OK;
}

/* --------------------------------------------------------------------------------------- begin */

static str make_uuid(step *s)
{
    char text[UUID_TEXT_SIZE];
    uint64_t random[] = {entropy_next(&s->random), entropy_next(&s->random)};
    return arena_str(s->a, uuid_from_entropy((const unsigned char *)random, text));
}

/* arn:...:mapRun:NAME/LABEL:UUID, and the state machine that the children are told to be of:
 * arn:...:stateMachine:NAME/LABEL. A map inside a child is told by the outer machine's name. */
static status add_names(step *s, const asl_distributed *d, json_object_builder *order, str *ret_arn)
{
    str machine = s->x->identity.machine_arn, kind = STR(":stateMachine:");
    size_t at = str_find(machine, kind), slash = str_find(machine, STR("/"));
    str base = slash == STR_NOT_FOUND ? machine : str_take(machine, slash);
    at = at == STR_NOT_FOUND ? base.len : at;
    str prefix = str_take(base, at), name = str_skip(base, MIN_OF(at + kind.len, base.len));
    str label = d->label.len ? d->label : make_uuid(s), run = make_uuid(s);
    str arn = arena_printf(s->a, "%.*s:mapRun:%.*s/%.*s:%.*s", STR_ARG(prefix), STR_ARG(name),
                           STR_ARG(label), STR_ARG(run));
    str of = arena_printf(s->a, "%.*s:stateMachine:%.*s/%.*s", STR_ARG(prefix), STR_ARG(name),
                          STR_ARG(label));
    if (!label.ptr || !run.ptr || !arn.ptr || !of.ptr) {
        return fail_memory(s->reterr);
    }
    json_object_add(order, STR("mapRunArn"), json_from_str(arn));
    json_object_add(order, STR("stateMachineArn"), json_from_str(of));
    *ret_arn = arn;
    return STATUS_OK;
}

static status start_run(step *s, engine_scope *scope, engine_event_type type, str arn,
                        int64_t redrive_count, json order)
{
    engine_frame *frame = scope->work;
    engine_event *event;
    engine_effect *effect;
    TRY(engine_record_in(s, scope, type, &event));
    event->name = arn;
    event->index = redrive_count;
    frame->task_id = ++s->last_id;
    frame->task_is_started = true;
    frame->task_is_submitted = false;
    frame->task_payload = (engine_payload){.value = order};
    frame->task_timeout_seconds = -1;
    frame->phase = ENGINE_PHASE_TASK;
    TRY(engine_effect_add(s, ENGINE_EFFECT_START_TASK, &effect));
    effect->task_id = frame->task_id;
    effect->state = engine_state_of(s, scope);
    effect->payload = order;
    effect->attempt = frame->retry_count;
    return STATUS_OK;
}

/* The map run of before goes on, with its unsuccessful children. */
static status redrive_run(step *s, engine_scope *scope)
{
    json order = scope->work->task_payload.value;
    str arn = json_str(json_get(order, STR("mapRunArn")));
    int64_t count = 0;
    json_int64(json_get(order, STR("redriveCount")), &count);
    if (count >= MAP_RUN_REDRIVES_MAX) {
        return engine_fail_runtime(s, scope, "The Map Run has been redriven %d times.",
                                   MAP_RUN_REDRIVES_MAX);
    }
    TRY(json_object_with(s->a, order, json_from_str(STR("redriveCount")),
                         json_from_int64(count + 1), &order, s->reterr));
    return start_run(s, scope, ENGINE_MAP_RUN_REDRIVEN, arn, count + 1, order);
}

status engine_map_run_begin(step *s, engine_scope *scope, const engine_view *view, json items,
                            int64_t concurrency)
{
    const asl_distributed *d = engine_state_of(s, scope)->as.map.distributed;
    json_object_builder builder;
    json order;
    str arn;
    json_object_begin(&builder, s->a, 10);
    TRY(add_names(s, d, &builder, &arn));
    json_object_add(&builder, STR("maxConcurrency"), json_from_int64(concurrency));
    TRY(add_tolerance(s, scope, d, view, &builder));
    TRY(add_reader(s, scope, d, view, &builder));
    TRY(add_batcher(s, scope, d, view, &builder));
    TRY(add_writer(s, scope, d, view, &builder));
    if (!d->has_reader) {
        json_object_add(&builder, STR("items"), items);
    }
    TRY(json_object_finish(&builder, &order, s->reterr));
    return start_run(s, scope, ENGINE_MAP_RUN_STARTED, arn, -1, order);
}

bool engine_map_run_is_known(const engine_scope *scope)
{
    return !json_is_absent(engine_frame_of(scope)->task_payload.value);
}

status engine_map_run_again(step *s, engine_scope *scope)
{
    return redrive_run(s, scope);
}

/* ---------------------------------------------------------------------------------- its end */

/* aws-behaviour: MapStateExited hangs on MapRunStarted. */
static status succeeded(step *s, engine_scope *scope)
{
    engine_frame *frame = scope->work;
    engine_payload result = {.value = s->in->value};
    engine_event *event;
    uint64_t started = frame->last_event;
    frame->task_payload = (engine_payload){0};
    TRY(engine_record_in(s, scope, ENGINE_MAP_RUN_SUCCEEDED, &event));
    TRY(engine_flow_check_size(s, &result, engine_state_of(s, scope)->name));
    TRY(engine_record_in(s, scope, ENGINE_MAP_STATE_SUCCEEDED, &event));
    frame->last_event = frame->cause_event = started;
    return engine_flow_result(s, scope, result);
}

static status run_failed(step *s, engine_scope *scope)
{
    engine_event *event;
    TRY(engine_record_in(s, scope, ENGINE_MAP_RUN_FAILED, &event));
    event->error = s->in->error;
    event->cause = s->in->cause;
    return engine_fail(s, s->in->error, s->in->cause);
}

status engine_map_run_input(step *s, engine_scope *scope, bool *ret_is_stale)
{
    bool is_success = s->in->kind == ENGINE_TASK_SUCCEEDED;
    if (!is_success && s->in->kind != ENGINE_TASK_FAILED) {
        return STATUS_OK;
    }
    *ret_is_stale = false;
    scope->work->phase = ENGINE_PHASE_ACTIVE;
    scope->work->task_id = 0;
    return is_success ? succeeded(s, scope) : run_failed(s, scope);
}

/* ------------------------------------------------------------------------------ a child's input */

static status select_item(step *s, engine_scope *scope, json item, uint32_t index,
                          engine_payload *ret_input)
{
    const asl_state *state = engine_state_of(s, scope);
    engine_payload effective = scope->work->input;
    if (state->language == ASL_JSONPATH) {
        TRY(engine_flow_input_path(s, scope, &effective));
    }
    engine_view view = {.input = effective.value, .item = &item, .item_index = index};
    TRY(engine_evaluate(s, scope, state->as.map.item_selector, &view, &ret_input->value));
    return engine_flow_check_size(s, ret_input, state->name);
}

status engine_map_item(engine_execution *x, const engine_map_item_request *request, arena *a,
                       json *ret_input, str *ret_error, str *ret_cause, error *reterr)
{
    const engine_id_entry *entry = engine_ids_get(&x->ids, request->task_id);
    engine_scope *scope = entry ? entry->scope : NULL;
    engine_input in = {.now_ms = request->now_ms, .entropy = request->entropy};
    if (!scope || scope->saved.task_id != request->task_id) {
        return fail(reterr, ERROR_NOT_FOUND, "the map run is over");
    }
    if (!x->machine->states[scope->saved.state].as.map.item_selector) {
        *ret_input = request->item;
        return STATUS_OK;
    }
    step s = {.x = x,
              .machine = x->machine,
              .in = &in,
              .a = a,
              .reterr = reterr,
              .random = in.entropy,
              .last_event_id = x->last_event_id,
              .last_id = x->last_id,
              .redrive_count = x->identity.redrive_count,
              .redrive_time_ms = x->identity.redrive_time_ms,
              .execution_input = json_doc_root(x->input_doc),
              .root = x->root};
    engine_payload input = {0};
    engine_scope_free_retired(x);
    status st = engine_scope_touch(&s, scope);
    if (ok(st)) {
        st = select_item(&s, scope, request->item, request->index, &input);
    }
    engine_roll_back(&s);
    if (engine_is_failure(st)) {
        *ret_error = s.failure.error;
        *ret_cause = s.failure.cause;
        return fail(reterr, ERROR_INVALID, "ItemSelector");
    }
    *ret_input = ok(st) ? input.value : *ret_input;
    return st;
}
