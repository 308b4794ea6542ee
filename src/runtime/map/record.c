/* The record of a map run: its settings, and how it has ended. */
#include "runtime/map/map_run.h"

#include <stdio.h>

static const struct {
    const char *name;
    size_t offset;
} count_rows[] = {
    {"pending", offsetof(map_run_counts, pending)},
    {"running", offsetof(map_run_counts, running)},
    {"succeeded", offsetof(map_run_counts, succeeded)},
    {"failed", offsetof(map_run_counts, failed)},
    {"timedOut", offsetof(map_run_counts, timed_out)},
    {"aborted", offsetof(map_run_counts, aborted)},
    {"total", offsetof(map_run_counts, total)},
    {"resultsWritten", offsetof(map_run_counts, results_written)},
    {"pendingRedrive", offsetof(map_run_counts, pending_redrive)},
};
#define COUNT_OF(counts, i) ((uint64_t *)(void *)((char *)(counts) + count_rows[i].offset))

static status counts_object(map_run_counts counts, arena *a, json *ret_object, error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, a, ARRAY_LENGTH(count_rows));
    for (size_t i = 0; i < ARRAY_LENGTH(count_rows); i++) {
        json_object_add(&b, str_from_c(count_rows[i].name),
                        json_from_int64((int64_t)*COUNT_OF(&counts, i)));
    }
    return json_object_finish(&b, ret_object, reterr);
}

static void read_counts(json object, map_run_counts *counts)
{
    for (size_t i = 0; i < ARRAY_LENGTH(count_rows); i++) {
        int64_t count = 0;
        json_int64(json_get(object, str_from_c(count_rows[i].name)), &count);
        *COUNT_OF(counts, i) = (uint64_t)MAX_OF(count, (int64_t)0);
    }
}

static status record_text(const map_run_view *view, arena *a, str *ret_text, error *reterr)
{
    json_object_builder b;
    json items, executions, object;
    TRY(counts_object(view->items, a, &items, reterr));
    TRY(counts_object(view->executions, a, &executions, reterr));
    json_object_begin(&b, a, 13);
    json_object_add(&b, STR("mapRunArn"), json_from_str(view->arn));
    json_object_add(&b, STR("executionArn"), json_from_str(view->execution_arn));
    json_object_add(&b, STR("stateMachineArn"), json_from_str(view->machine_arn));
    json_object_add(&b, STR("status"), json_from_str(view->status));
    json_object_add(&b, STR("startDate"), json_from_int64(view->start_ms));
    json_object_add(&b, STR("stopDate"), json_from_int64(view->stop_ms));
    json_object_add(&b, STR("maxConcurrency"), json_from_int64(view->concurrency_max));
    json_object_add(&b, STR("toleratedFailureCount"), json_from_int64(view->tolerated_count));
    json_object_add(&b, STR("toleratedFailurePercentage"),
                    json_from_double(view->tolerated_percentage));
    json_object_add(&b, STR("items"), items);
    json_object_add(&b, STR("executions"), executions);
    json_object_add(&b, STR("redriveCount"), json_from_int64(view->redrive_count));
    json_object_add(&b, STR("redriveDate"), json_from_int64(view->redrive_ms));
    TRY(json_object_finish(&b, &object, reterr));
    *ret_text = json_text(object, a);
    return ret_text->ptr ? STATUS_OK : fail_memory(reterr);
}

str map_run_time_key(int64_t start_ms, str arn, arena *a)
{
    return arena_printf(a, "%020lld|%.*s", (long long)(INT64_MAX - start_ms), STR_ARG(arn));
}

/* The second record lets the map runs of an execution be listed, the third one all of them; the
 * last one lets those that are not over be found after a crash. */
status map_run_write_record(map_run *run, shard_reply *reply, void *user, error *reterr)
{
    arena a;
    arena_init(&a, 0);
    str text, of = arena_printf(&a, "%.*s|%020lld|%.*s", STR_ARG(run->view.execution_arn),
                                (long long)run->view.start_ms, STR_ARG(run->view.arn));
    str time = map_run_time_key(run->view.start_ms, run->view.arn, &a);
    map_run_view view = map_run_shown(run);
    status done = of.ptr && time.ptr ? record_text(&view, &a, &text, reterr) : fail_memory(reterr);
    if (ok(done)) {
        store_write writes[] = {
            {.kind = STORE_PUT_RECORD, .record = {MAP_RUN_RECORD, run->view.arn, text}},
            {.kind = STORE_PUT_RECORD, .record = {MAP_RUN_OF_RECORD, of, STR("{}")}},
            {.kind = STORE_PUT_RECORD, .record = {MAP_RUN_TIME_RECORD, time, STR("{}")}},
            {.kind = run->view.stop_ms < 0 ? STORE_PUT_RECORD : STORE_DELETE_RECORD,
             .record = {MAP_RUN_OPEN_RECORD, run->view.arn, STR("{}")}},
        };
        done = shard_join(run->owner->shard, writes, ARRAY_LENGTH(writes), reply, user, reterr);
    }
    arena_clean_up(&a);
    return done;
}

static int64_t number(json object, const char *name)
{
    int64_t value = 0;
    json_int64(json_get(object, str_from_c(name)), &value);
    return value;
}

status map_run_read_record(str text, arena *a, map_run_view *ret_view, error *reterr)
{
    json object;
    TRY(json_parse_into(text, a, &object, reterr));
    map_run_view view = {
        .arn = json_str(json_get(object, STR("mapRunArn"))),
        .execution_arn = json_str(json_get(object, STR("executionArn"))),
        .machine_arn = json_str(json_get(object, STR("stateMachineArn"))),
        .status = json_str(json_get(object, STR("status"))),
        .start_ms = number(object, "startDate"),
        .stop_ms = number(object, "stopDate"),
        .concurrency_max = number(object, "maxConcurrency"),
        .tolerated_count = number(object, "toleratedFailureCount"),
        .tolerated_percentage = json_double(json_get(object, STR("toleratedFailurePercentage"))),
        .redrive_count = (uint32_t)number(object, "redriveCount"),
        .redrive_ms = number(object, "redriveDate"),
    };
    read_counts(json_get(object, STR("items")), &view.items);
    read_counts(json_get(object, STR("executions")), &view.executions);
    *ret_view = view;
    return STATUS_OK;
}
