/* DescribeMapRun, ListMapRuns, UpdateMapRun. */
#include "api/map_runs.h"

#include "api/api_private.h"
#include "api/arn.h"
#include "api/execution_view.h"
#include "api/operations.h"
#include "api/page_token.h"

#include <stdlib.h>

bool api_map_run_find(api_call *call, map_run_view *ret_view)
{
    api_arn arn;
    error err;
    str text = api_text(call, "mapRunArn");
    if (!api_arn_parse(call, text, ARN_MAP_RUN, &arn)) {
        return false;
    }
    status done =
        call->api->options.map_runs
            ? map_runs_describe(call->api->options.map_runs, text, &call->memory, ret_view, &err)
            : fail(&err, ERROR_NOT_FOUND, "there are no map runs");
    if (done.code == ERROR_NOT_FOUND) {
        api_refuse(call, "ResourceNotFound", "Resource not found: '%.*s'", STR_ARG(text));
    } else if (failed(done)) {
        api_fail(call, &err);
    }
    return ok(done);
}

static json counts(api_call *call, const map_run_counts *c)
{
    const struct {
        const char *name;
        uint64_t count;
    } rows[] = {
        {"pending", c->pending},      {"running", c->running},
        {"succeeded", c->succeeded},  {"failed", c->failed},
        {"timedOut", c->timed_out},   {"aborted", c->aborted},
        {"total", c->total},          {"resultsWritten", c->results_written},
        {"failuresNotRedrivable", 0}, {"pendingRedrive", c->pending_redrive},
    };
    json_object_builder b;
    json object = {0};
    json_object_begin(&b, &call->memory, ARRAY_LENGTH(rows));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        json_object_add(&b, str_from_c(rows[i].name), json_from_int64((int64_t)rows[i].count));
    }
    return ok(json_object_finish(&b, &object, NULL)) ? object : (json){0};
}

void api_describe_map_run(api_call *call)
{
    map_run_view view = {0};
    json_object_builder b;
    if (!api_map_run_find(call, &view)) {
        return;
    }
    json_object_begin(&b, &call->memory, 13);
    json_object_add(&b, STR("mapRunArn"), json_from_str(view.arn));
    json_object_add(&b, STR("executionArn"), json_from_str(view.execution_arn));
    json_object_add(&b, STR("status"), json_from_str(view.status));
    json_object_add(&b, STR("startDate"), api_date(view.start_ms));
    if (view.stop_ms >= 0) {
        json_object_add(&b, STR("stopDate"), api_date(view.stop_ms));
    }
    json_object_add(&b, STR("maxConcurrency"), json_from_int64(view.concurrency_max));
    json_object_add(&b, STR("toleratedFailurePercentage"),
                    json_from_double(view.tolerated_percentage));
    json_object_add(&b, STR("toleratedFailureCount"), json_from_int64(view.tolerated_count));
    json_object_add(&b, STR("itemCounts"), counts(call, &view.items));
    json_object_add(&b, STR("executionCounts"), counts(call, &view.executions));
    json_object_add(&b, STR("redriveCount"), json_from_int64(view.redrive_count));
    if (view.redrive_count) {
        json_object_add(&b, STR("redriveDate"), api_date(view.redrive_ms));
    }
    api_answer_object(call, &b);
}

static status add_listed(api_call *call, json_array_builder *items, const map_run_view *view,
                         error *reterr)
{
    json_object_builder b;
    json item;
    json_object_begin(&b, &call->memory, 5);
    json_object_add(&b, STR("executionArn"), json_from_str(view->execution_arn));
    json_object_add(&b, STR("mapRunArn"), json_from_str(view->arn));
    json_object_add(&b, STR("stateMachineArn"), json_from_str(view->machine_arn));
    json_object_add(&b, STR("startDate"), api_date(view->start_ms));
    if (view->stop_ms >= 0) {
        json_object_add(&b, STR("stopDate"), api_date(view->stop_ms));
    }
    TRY(json_object_finish(&b, &item, reterr));
    json_array_add(items, item);
    return STATUS_OK;
}

void api_list_map_runs(api_call *call)
{
    execution_view execution;
    map_run_view *views = NULL;
    uint32_t count = 0, size = api_page_size(call);
    str arn = api_text(call, "executionArn"), position;
    error err;
    json list;
    json_array_builder items;
    json_object_builder b;
    if (!execution_view_find(call, arn, &execution) || !api_page_position(call, arn, &position)) {
        return;
    }
    status done = call->api->options.map_runs ? map_runs_list(call->api->options.map_runs, arn,
                                                              &call->memory, &views, &count, &err)
                                              : STATUS_OK;
    str text = arena_printf(&call->memory, "%.*s", STR_ARG(position.ptr ? position : STR("0")));
    uint32_t from = text.ptr ? (uint32_t)strtoul(text.ptr, NULL, 10) : 0;
    uint32_t end = count - MIN_OF(from, count) > size ? from + size : count;
    json_array_begin(&items, &call->memory, size);
    for (uint32_t i = from; ok(done) && i < end; i++) {
        done = add_listed(call, &items, &views[i], &err);
    }
    if (ok(done)) {
        done = json_array_finish(&items, &list, &err);
    }
    if (failed(done)) {
        api_fail(call, &err);
        return;
    }
    json_object_begin(&b, &call->memory, 2);
    json_object_add(&b, STR("mapRuns"), list);
    if (end < count) {
        str token = api_page_token(call, arn, arena_printf(&call->memory, "%u", end));
        json_object_add(&b, STR("nextToken"), json_from_str(token));
    }
    api_answer_object(call, &b);
}

static void answer_updated(void *user, const error *err)
{
    api_call *call = user;
    if (err) {
        api_fail(call, err);
    } else {
        api_answer(call, (json){0});
    }
}

void api_update_map_run(api_call *call)
{
    map_run_view view = {0};
    error err;
    json percentage = json_get(call->input, STR("toleratedFailurePercentage"));
    map_run_change change = {
        .concurrency_max = api_number(call, "maxConcurrency", -1),
        .tolerated_count = api_number(call, "toleratedFailureCount", -1),
        .tolerated_percentage = json_is(percentage, JSON_NUMBER) ? json_double(percentage) : -1,
    };
    if (!api_map_run_find(call, &view)) {
        return;
    }
    status done =
        map_runs_update(call->api->options.map_runs, view.arn, &change, answer_updated, call, &err);
    if (done.code == ERROR_NOT_FOUND) {
        api_refuse(call, "ValidationException",
                   "Map Run '%.*s' is in status %.*s and cannot be updated", STR_ARG(view.arn),
                   STR_ARG(view.status));
    } else if (failed(done)) {
        api_fail(call, &err);
    }
}
