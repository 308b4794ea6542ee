#include "api/execution_view.h"

#include "api/api_private.h"
#include "api/arn.h"
#include "base/limits.h"

#include "engine/codec.h"

#define REDRIVE_EVENTS_MAX 24999 /* service quotas: a longer history cannot be redriven */
#define REDRIVE_MS_MAX (14LL * 86400 * 1000)

static const char *const status_names[] = {
    [STORE_RUNNING] = "RUNNING", [STORE_SUCCEEDED] = "SUCCEEDED",
    [STORE_FAILED] = "FAILED",   [STORE_TIMED_OUT] = "TIMED_OUT",
    [STORE_ABORTED] = "ABORTED", [STORE_PENDING_REDRIVE] = "PENDING_REDRIVE",
};

const char *execution_view_status_name(store_execution_status code)
{
    return status_names[code];
}

store_execution_status execution_view_status_from_name(str name)
{
    for (size_t i = STORE_RUNNING; i < ARRAY_LENGTH(status_names); i++) {
        if (str_equal(name, str_from_c(status_names[i]))) {
            return (store_execution_status)i;
        }
    }
    return 0;
}

/* The store has how a child ended; that it waits for its map run to redrive it is the map run's to
 * know. Source: redrive-map-run.html#redrive-child-workflow-behavior. */
static bool waits_for_redrive(const api_call *call, const execution_view *view)
{
    int64_t number;
    json arn = json_get(view->extra, STR("mapRunArn"));
    bool is_unsuccessful = view->row.status != STORE_RUNNING && view->row.status != STORE_SUCCEEDED;
    return is_unsuccessful && call->api->options.map_runs && json_is(arn, JSON_STRING) &&
           json_int64(json_get(view->extra, STR("number")), &number) && number >= 0 &&
           number <= UINT32_MAX &&
           map_runs_will_redrive(call->api->options.map_runs, json_str(arn), (uint32_t)number,
                                 view->row.seq);
}

status execution_view_read(api_call *call, const store_execution *row, execution_view *ret_view,
                           error *reterr)
{
    execution_view view = {.row = *row};
    TRY(json_parse_into(row->text, &call->memory, &view.told, reterr));
    str extra = json_str(json_get(view.told, STR("extra")));
    TRY(json_parse_into(extra.len ? extra : STR("{}"), &call->memory, &view.extra, reterr));
    if (waits_for_redrive(call, &view)) {
        view.row.status = STORE_PENDING_REDRIVE;
    }
    *ret_view = view;
    return STATUS_OK;
}

bool execution_view_find(api_call *call, str arn_text, execution_view *ret_view)
{
    api_arn arn;
    error err;
    store_execution row;
    if (!api_arn_parse(call, arn_text, ARN_EXECUTION, &arn)) {
        return false;
    }
    status done =
        store_find_execution(call->api->options.store, arn_text, &call->memory, &row, &err);
    if (done.code == ERROR_NOT_FOUND) {
        api_refuse(call, "ExecutionDoesNotExist", "Execution Does Not Exist: '%.*s'",
                   STR_ARG(arn_text));
        return false;
    }
    if (ok(done)) {
        done = execution_view_read(call, &row, ret_view, &err);
    }
    if (failed(done)) {
        api_fail(call, &err);
        return false;
    }
    return true;
}

/* Copies the members that the API kept, such as stateMachineAliasArn. */
static void add_extra(const execution_view *view, json_object_builder *b, const char *name)
{
    json value = json_get(view->extra, str_from_c(name));
    if (!json_is_absent(value)) {
        json_object_add(b, str_from_c(name), value);
    }
}

void execution_view_add_summary(const execution_view *view, json_object_builder *b)
{
    json_object_add(b, STR("executionArn"), json_from_str(view->row.arn));
    bool is_child = !json_is_absent(json_get(view->extra, STR("mapRunArn")));
    json_object_add(b, STR("stateMachineArn"),
                    is_child ? json_get(view->told, STR("machineArn"))
                             : json_from_str(view->row.machine_arn));
    json_object_add(b, STR("name"), json_from_str(view->row.name));
    json_object_add(b, STR("status"), json_from_str(str_from_c(status_names[view->row.status])));
    json_object_add(b, STR("startDate"), api_date(view->row.start_ms));
    if (view->row.stop_ms >= 0) {
        json_object_add(b, STR("stopDate"), api_date(view->row.stop_ms));
    }
    add_extra(view, b, "stateMachineVersionArn");
    add_extra(view, b, "stateMachineAliasArn");
    add_extra(view, b, "mapRunArn");
    add_extra(view, b, "itemCount");
    json_object_add(b, STR("redriveCount"), json_get(view->told, STR("redriveCount")));
    int64_t redriven_ms;
    if (json_int64(json_get(view->told, STR("redriveDate")), &redriven_ms)) {
        json_object_add(b, STR("redriveDate"), api_date(redriven_ms));
    }
}

str execution_view_redrive_reason(api_call *call, const execution_view *view)
{
    if (view->row.status == STORE_RUNNING || view->row.status == STORE_SUCCEEDED) {
        return arena_printf(&call->memory, "Execution is %s and cannot be redriven",
                            status_names[view->row.status]);
    }
    if (view->row.last_event >= REDRIVE_EVENTS_MAX) {
        return STR("Execution history event limit exceeded");
    }
    if (call->now_ms - view->row.start_ms > EXECUTION_SECONDS_MAX * 1000LL) {
        return STR("Execution has exceeded the max execution time");
    }
    if (call->now_ms - view->row.stop_ms > REDRIVE_MS_MAX) {
        return STR("Execution redrivable period exceeded");
    }
    return STR_NONE;
}

static void add_redrive(api_call *call, const execution_view *view, json_object_builder *b)
{
    str reason = execution_view_redrive_reason(call, view);
    bool is_child = !json_is_absent(json_get(view->extra, STR("mapRunArn")));
    str status_name = reason.ptr ? STR("NOT_REDRIVABLE")
                      : is_child ? STR("REDRIVABLE_BY_MAP_RUN")
                                 : STR("REDRIVABLE");
    json_object_add(b, STR("redriveStatus"), json_from_str(status_name));
    if (reason.ptr) {
        json_object_add(b, STR("redriveStatusReason"), json_from_str(reason));
    }
}

/* The chunk's first or last event; the input is in the first of all, how it ended in the last. */
static status edge_event(api_call *call, uint64_t seq, bool is_last, const engine_event **ret_event,
                         error *reterr)
{
    store_chunk *chunks;
    const engine_event *events;
    uint32_t count;
    TRY(store_read_history(call->api->options.store, seq, is_last ? 0 : 1, is_last, 1,
                           &call->memory, &chunks, &count, reterr));
    if (!count) {
        return fail(reterr, ERROR_NOT_FOUND, "the execution's history is gone");
    }
    TRY(engine_events_decode(chunks[0].bytes, &call->memory, &events, &count, reterr));
    *ret_event = &events[is_last ? count - 1 : 0];
    return STATUS_OK;
}

static status add_data(api_call *call, const engine_event *event, const char *name,
                       const char *details_name, bool include_data, json_object_builder *b,
                       error *reterr)
{
    str text =
        event->payload_text.ptr ? event->payload_text : json_text(event->payload, &call->memory);
    json_object_builder details;
    json object;
    json_object_begin(&details, &call->memory, 1);
    json_object_add(&details, STR("included"), json_boolean(include_data));
    TRY(json_object_finish(&details, &object, reterr));
    if (!text.ptr) {
        return fail_memory(reterr);
    }
    if (include_data) {
        json_object_add(b, str_from_c(name), json_from_str(text));
    }
    json_object_add(b, str_from_c(details_name), object);
    return STATUS_OK;
}

static void add_text(json_object_builder *b, const char *name, str text)
{
    if (text.ptr) {
        json_object_add(b, str_from_c(name), json_from_str(text));
    }
}

status execution_view_describe(api_call *call, const execution_view *view, bool include_data,
                               json *ret_object, error *reterr)
{
    const engine_event *first, *last;
    json_object_builder b;
    json_object_begin(&b, &call->memory, 22);
    execution_view_add_summary(view, &b);
    TRY(edge_event(call, view->row.seq, false, &first, reterr));
    TRY(add_data(call, first, "input", "inputDetails", include_data, &b, reterr));
    if (view->row.status != STORE_RUNNING) {
        TRY(edge_event(call, view->row.seq, true, &last, reterr));
        if (view->row.status == STORE_SUCCEEDED) {
            TRY(add_data(call, last, "output", "outputDetails", include_data, &b, reterr));
        }
        if (include_data && view->row.status != STORE_TIMED_OUT) { /* only the history tells it */
            add_text(&b, "error", last->error);
            add_text(&b, "cause", last->cause);
        }
    }
    add_extra(view, &b, "traceHeader");
    add_redrive(call, view, &b);
    return json_object_finish(&b, ret_object, reterr);
}
