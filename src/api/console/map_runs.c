/* GET map-runs: the map runs of all executions, newest first. */
#include "runtime/map/map_runs.h"
#include "api/console/console_call.h"
#include "api/page_token.h"

#define SUBJECT STR("map-runs")

typedef struct listing {
    api_call *call;
    const net_http_request *request;
    uint32_t limit, found, looked_at;
    str after; /* the place of the last one that was looked at; absent: at an end */
    json_array_builder items;
} listing;

static status add_item(listing *l, const map_run_view *view, error *reterr)
{
    const map_run_counts *counts = &view->items;
    json_object_builder b;
    json item;
    json_object_begin(&b, &l->call->memory, 10);
    json_object_add(&b, STR("mapRunArn"), json_from_str(view->arn));
    json_object_add(&b, STR("executionArn"), json_from_str(view->execution_arn));
    json_object_add(&b, STR("stateMachineArn"), json_from_str(view->machine_arn));
    json_object_add(&b, STR("status"), json_from_str(view->status));
    json_object_add(&b, STR("startDate"), api_date(view->start_ms));
    if (view->stop_ms >= 0) {
        json_object_add(&b, STR("stopDate"), api_date(view->stop_ms));
    }
    json_object_add(&b, STR("total"), json_from_int64((int64_t)counts->total));
    json_object_add(&b, STR("succeeded"), json_from_int64((int64_t)counts->succeeded));
    json_object_add(
        &b, STR("unsuccessful"),
        json_from_int64((int64_t)(counts->failed + counts->timed_out + counts->aborted)));
    json_object_add(&b, STR("redriveCount"), json_from_int64(view->redrive_count));
    TRY(json_object_finish(&b, &item, reterr));
    json_array_add(&l->items, item);
    l->found++;
    return STATUS_OK;
}

/* Of each page as many as are wanted still, so that the next one begins where it ends. */
static status collect(listing *l, error *reterr)
{
    map_runs *runs = l->call->api->options.map_runs;
    do {
        map_run_view *views;
        uint32_t count;
        TRY(map_runs_newest(runs, l->after, l->limit - l->found, &l->call->memory, &views, &count,
                            &l->after, reterr));
        for (uint32_t i = 0; i < count; i++) {
            if (console_api_may(l->call, l->request, STR("ListMapRuns"), "executionArn",
                                views[i].execution_arn)) {
                TRY(add_item(l, &views[i], reterr));
            }
        }
        l->looked_at += count;
    } while (l->after.ptr && l->found < l->limit && l->looked_at < CONSOLE_ROWS_MAX);
    return STATUS_OK;
}

static status make_answer(listing *l, json *ret_output, error *reterr)
{
    api_call *call = l->call;
    json_object_builder b;
    json items;
    json_array_begin(&l->items, &call->memory, l->limit);
    if (call->api->options.map_runs) {
        TRY(collect(l, reterr));
    }
    TRY(json_array_finish(&l->items, &items, reterr));
    json_object_begin(&b, &call->memory, 2);
    json_object_add(&b, STR("mapRuns"), items);
    if (call->api->options.map_runs && l->after.ptr) {
        json_object_add(&b, STR("nextToken"),
                        json_from_str(api_page_token(call, SUBJECT, l->after)));
    }
    return json_object_finish(&b, ret_output, reterr);
}

void console_api_map_runs(console_api *c, api_call *call, const net_http_request *request)
{
    (void)c;
    listing l = {
        .call = call,
        .request = request,
        .limit = (uint32_t)MIN_OF(MAX_OF(console_api_number(call, "limit", 50), 1), 200),
    };
    json output;
    error err;
    call->operation = api_operation_find(STR("ListMapRuns")); /* what its page tokens are of */
    if (!console_api_position(call, SUBJECT, &l.after)) {
        return;
    }
    if (failed(make_answer(&l, &output, &err))) {
        api_fail(call, &err);
    } else {
        api_answer(call, output);
    }
}
