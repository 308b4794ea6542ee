/* How a map run ends: what its children gave is read from their rows, becomes the Map's result or
 * files of the ResultWriter, and the task ends.
 *
 *   collect ── record ──> durable: all rows are ──> gather ──> result ──────────────> end
 *                                                      └─ files to S3, one by one ─────┘
 *
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html */
#include "base/limits.h"
#include "base/timetext.h"
#include "engine/codec.h"
#include "runtime/map/map_run.h"

#include <stdlib.h>

#define PAGE 500 /* rows that are gathered in a turn of the loop */
/* Far beyond what a state may give: more need not be gathered. */
#define RESULT_BYTES_MAX (16u << 20)

typedef enum result_file { FILE_SUCCEEDED, FILE_FAILED, FILE_PENDING, FILES } result_file;

static const char *const file_names[] = {"SUCCEEDED", "FAILED", "PENDING"};

typedef struct map_output {
    arena memory;
    json *outputs; /* by number; absent where there is none */
    json *details; /* by number: an entry of a file */
    uint8_t *files;
    uint32_t count;
    uint64_t bytes;
    bool is_too_large;
    store_execution_filter next_page;
    uint32_t step; /* the next file to write; FILES: the manifest */
    json keys[FILES];
    str manifest_key;
} map_output;

static bool has_writer(const map_run *run)
{
    return !json_is_absent(json_get(json_get(run->order, STR("writer")), STR("resource")));
}

/* NONE, COMPACT or FLATTEN; without a writer's configuration the results are given as they are. */
static str transformation_of(const map_run *run)
{
    json writer = json_get(run->order, STR("writer"));
    str name = json_str(json_get(json_get(writer, STR("config")), STR("Transformation")));
    return name.ptr ? name : has_writer(run) ? STR("NONE") : STR("COMPACT");
}

static bool is_in_lines(const map_run *run)
{
    json writer = json_get(run->order, STR("writer"));
    return str_equal(json_str(json_get(json_get(writer, STR("config")), STR("OutputType"))),
                     STR("JSONL"));
}

/* ------------------------------------------------------------------------------------ gathering */

static status edge_event(map_run *run, uint64_t seq, bool is_last, arena *a,
                         const engine_event **ret_event, error *reterr)
{
    store_chunk *chunks;
    const engine_event *events;
    uint32_t count;
    TRY(store_read_history(run->owner->options.store, seq, is_last ? 0 : 1, is_last, 1, a, &chunks,
                           &count, reterr));
    if (!count) {
        return fail(reterr, ERROR_NOT_FOUND, "the history of a child execution is gone");
    }
    TRY(engine_events_decode(chunks[0].bytes, a, &events, &count, reterr));
    *ret_event = &events[is_last ? count - 1 : 0];
    return STATUS_OK;
}

static void add_text(json_object_builder *b, const char *name, str text)
{
    if (text.ptr) {
        json_object_add(b, str_from_c(name), json_from_str(text));
    }
}

static void add_time(json_object_builder *b, const char *name, int64_t time_ms, arena *a)
{
    char text[TIME_TEXT_SIZE];
    add_text(b, name, arena_str(a, time_print_rfc3339(time_ms, text)));
}

static str payload_text(const engine_event *event, arena *a)
{
    return event->payload_text.ptr          ? event->payload_text
           : json_is_absent(event->payload) ? STR_NONE
                                            : json_text(event->payload, a);
}

/* An entry of a result file, as AWS writes it. */
static status describe_child(map_run *run, const store_execution *row, const engine_event *first,
                             const engine_event *last, arena *a, json *ret_entry, error *reterr)
{
    static const char *const names[] = {
        [STORE_SUCCEEDED] = "SUCCEEDED", [STORE_FAILED] = "FAILED",
        [STORE_TIMED_OUT] = "TIMED_OUT", [STORE_ABORTED] = "ABORTED",
        [STORE_RUNNING] = "RUNNING",
    };
    bool is_success = row->status == STORE_SUCCEEDED;
    json_object_builder b;
    json included;
    json_object_begin(&b, a, 1);
    json_object_add(&b, STR("Included"), json_boolean(true));
    TRY(json_object_finish(&b, &included, reterr));
    json_object_begin(&b, a, 16);
    if (!is_success) {
        add_text(&b, "Cause", last->cause);
        add_text(&b, "Error", last->error);
    }
    add_text(&b, "ExecutionArn", row->arn);
    add_text(&b, "Input", payload_text(first, a));
    json_object_add(&b, STR("InputDetails"), included);
    add_text(&b, "Name", row->name);
    if (is_success) {
        add_text(&b, "Output", payload_text(last, a));
        json_object_add(&b, STR("OutputDetails"), included);
    }
    json_object_add(&b, STR("RedriveCount"), json_from_int64(run->view.redrive_count));
    add_text(&b, "RedriveStatus",
             is_success ? STR("NOT_REDRIVABLE") : STR("REDRIVABLE_BY_MAP_RUN"));
    if (is_success) {
        add_text(&b, "RedriveStatusReason", STR("Execution is SUCCEEDED and cannot be redriven"));
    }
    add_time(&b, "StartDate", row->start_ms, a);
    add_text(&b, "StateMachineArn", run->view.machine_arn);
    add_text(&b, "Status", str_from_c(names[row->status]));
    add_time(&b, "StopDate", row->stop_ms, a);
    return json_object_finish(&b, ret_entry, reterr);
}

/* A child that was unsuccessful is told as it is, whatever the transformation. */
static bool wants_details(const map_run *run, result_file file)
{
    return file != FILE_SUCCEEDED || str_equal(transformation_of(run), STR("NONE"));
}

/* Newest rows come first: of a child that was run again, the last one counts. What is kept is
 * copied: the rest goes with the page. */
static status gather_row(map_run *run, map_output *o, const store_execution *row, arena *page,
                         error *reterr)
{
    json told, extra, entry;
    int64_t number = -1;
    const engine_event *first, *last;
    TRY(json_parse_into(row->text, page, &told, reterr));
    TRY(json_parse_into(json_str(json_get(told, STR("extra"))), page, &extra, reterr));
    bool is_known = json_int64(json_get(extra, STR("number")), &number) && number >= 0 &&
                    number < (int64_t)o->count;
    if (!is_known || o->files[number]) {
        return STATUS_OK;
    }
    result_file file = row->status == STORE_SUCCEEDED ? FILE_SUCCEEDED : FILE_FAILED;
    o->files[number] = (uint8_t)(file + 1);
    if (row->status != STORE_SUCCEEDED && !has_writer(run)) {
        return STATUS_OK;
    }
    TRY(edge_event(run, row->seq, true, page, &last, reterr));
    if (row->status == STORE_SUCCEEDED) {
        o->bytes += json_text_length(last->payload, RESULT_BYTES_MAX);
        TRY(json_copy(last->payload, &o->memory, &o->outputs[number], reterr));
    }
    if (wants_details(run, file)) {
        TRY(edge_event(run, row->seq, false, page, &first, reterr));
        TRY(describe_child(run, row, first, last, page, &entry, reterr));
        TRY(json_copy(entry, &o->memory, &o->details[number], reterr));
    }
    o->is_too_large |= o->bytes > RESULT_BYTES_MAX && !has_writer(run);
    return STATUS_OK;
}

static status gather_page(map_run *run, map_output *o, bool *ret_has_more, error *reterr)
{
    arena page;
    store_execution *rows;
    uint32_t count = 0;
    INVARIANT(o);
    arena_init(&page, 0);
    status done = store_list_executions(run->owner->options.store, &o->next_page, PAGE, true, &page,
                                        &rows, &count, ret_has_more, reterr);
    for (uint32_t i = 0; ok(done) && i < count && !o->is_too_large; i++) {
        o->next_page.before_start_ms = rows[i].start_ms;
        o->next_page.before_seq = rows[i].seq;
        done = gather_row(run, o, &rows[i], &page, reterr);
    }
    *ret_has_more &= !o->is_too_large;
    arena_clean_up(&page);
    return done;
}

/* --------------------------------------------------------------------------------------- results
 */

/* The results of a file, in the order of the items. */
static status list_results(map_run *run, map_output *o, result_file file, json *ret_list,
                           error *reterr)
{
    str how = transformation_of(run);
    bool is_flat = file == FILE_SUCCEEDED && str_equal(how, STR("FLATTEN"));
    json_array_builder b;
    json_array_begin(&b, &o->memory, MAX_OF(o->count, 1));
    for (uint32_t i = 0; i < o->count; i++) {
        json value = wants_details(run, file) ? o->details[i] : o->outputs[i];
        if (o->files[i] != file + 1 || json_is_absent(value)) {
            continue;
        }
        if (!is_flat || !json_is(value, JSON_ARRAY)) {
            json_array_add(&b, value);
            continue;
        }
        for (uint32_t k = 0; k < json_count(value); k++) {
            json_array_add(&b, json_item(value, k));
        }
    }
    return json_array_finish(&b, ret_list, reterr);
}

void map_run_free_output(map_run *run)
{
    if (run->output) {
        arena_clean_up(&run->output->memory);
        free(run->output);
        run->output = NULL;
    }
}

static void fail_run(map_run *run, str error_name, str cause)
{
    engine_input end = {.kind = ENGINE_TASK_FAILED, .error = error_name, .cause = cause};
    map_run_end(run, &end, "FAILED");
}

static void succeed(map_run *run, json result)
{
    engine_input end = {.kind = ENGINE_TASK_SUCCEEDED, .value = result};
    run->view.items.results_written = run->view.items.succeeded;
    run->view.executions.results_written = run->view.executions.succeeded;
    map_run_end(run, &end, "SUCCEEDED");
}

/* ----------------------------------------------------------------------------------------- files
 */

static void write_next(map_run *run);

/* The writer's own failure is told where nothing else has failed before it. */
static void fail_writer(map_run *run, str cause)
{
    if (run->error.ptr) {
        fail_run(run, run->error, run->cause);
    } else {
        fail_run(run, STR("States.ResultWriterFailed"), cause);
    }
}

static void on_put(void *user, const integration_result *result)
{
    map_run *run = user;
    run->call = NULL;
    if (!result->succeeded) {
        fail_writer(run, result->has_cause ? result->cause : result->error);
        return;
    }
    write_next(run);
}

static str key_of(const map_run *run, map_output *o, const char *name)
{
    json arguments = json_get(json_get(run->order, STR("writer")), STR("arguments"));
    str prefix = json_str(json_get(arguments, STR("Prefix")));
    str uuid = str_skip(run->view.arn, str_find_last_char(run->view.arn, ':') + 1);
    bool has_slash = !prefix.len || str_ends_with(prefix, STR("/"));
    return arena_printf(&o->memory, "%.*s%s%.*s/%s", STR_ARG(prefix.ptr ? prefix : STR("")),
                        has_slash ? "" : "/", STR_ARG(uuid), name);
}

static status put(map_run *run, map_output *o, str key, str body, error *reterr)
{
    json_object_builder b;
    json parameters, arguments = json_get(json_get(run->order, STR("writer")), STR("arguments"));
    json_object_begin(&b, &o->memory, 3);
    json_object_add(&b, STR("Bucket"), json_get(arguments, STR("Bucket")));
    json_object_add(&b, STR("Key"), json_from_str(key));
    json_object_add(&b, STR("Body"), json_from_str(body));
    TRY(json_object_finish(&b, &parameters, reterr));
    return map_run_call_s3(run, STR("putObject"), parameters, on_put, reterr);
}

/* A list is JSON, or JSON Lines: one for each result. */
static status body_of(const map_run *run, map_output *o, json value, str *ret_body, error *reterr)
{
    bool is_lines = is_in_lines(run) && json_is(value, JSON_ARRAY);
    buf text;
    buf_init(&text, AWS_BODY_BYTES_MAX);
    for (uint32_t i = 0; is_lines && i < json_count(value); i++) {
        json_print(json_item(value, i), &text);
        buf_add_char(&text, '\n');
    }
    if (!is_lines) {
        json_print(value, &text);
    }
    status done = buf_status(&text, reterr);
    str copy = ok(done) ? arena_str(&o->memory, buf_str(&text)) : STR_NONE;
    buf_clean_up(&text);
    TRY(done);
    *ret_body = copy;
    return copy.ptr ? STATUS_OK : fail_memory(reterr);
}

/* A file that has nothing in it is not written. *ret_is_written: a call is under way. */
static status write_file(map_run *run, map_output *o, result_file file, bool *ret_is_written,
                         error *reterr)
{
    json list, *keys;
    str body;
    json_object_builder b;
    TRY(list_results(run, o, file, &list, reterr));
    *ret_is_written = json_count(list) > 0;
    TRY(json_array_new(&o->memory, *ret_is_written, &o->keys[file], &keys, reterr));
    if (!*ret_is_written) {
        return STATUS_OK;
    }
    str name =
        arena_printf(&o->memory, "%s_0.%s", file_names[file], is_in_lines(run) ? "jsonl" : "json");
    str key = name.ptr ? key_of(run, o, name.ptr) : STR_NONE;
    if (!key.ptr) {
        return fail_memory(reterr);
    }
    TRY(body_of(run, o, list, &body, reterr));
    json_object_begin(&b, &o->memory, 2);
    json_object_add(&b, STR("Key"), json_from_str(key));
    json_object_add(&b, STR("Size"), json_from_int64((int64_t)body.len));
    TRY(json_object_finish(&b, &keys[0], reterr));
    return put(run, o, key, body, reterr);
}

static status write_manifest(map_run *run, map_output *o, error *reterr)
{
    json arguments = json_get(json_get(run->order, STR("writer")), STR("arguments"));
    json_object_builder b;
    json files, manifest;
    str body;
    json_object_begin(&b, &o->memory, FILES);
    json_object_add(&b, STR("FAILED"), o->keys[FILE_FAILED]);
    json_object_add(&b, STR("PENDING"), o->keys[FILE_PENDING]);
    json_object_add(&b, STR("SUCCEEDED"), o->keys[FILE_SUCCEEDED]);
    TRY(json_object_finish(&b, &files, reterr));
    json_object_begin(&b, &o->memory, 3);
    json_object_add(&b, STR("DestinationBucket"), json_get(arguments, STR("Bucket")));
    json_object_add(&b, STR("MapRunArn"), json_from_str(run->view.arn));
    json_object_add(&b, STR("ResultFiles"), files);
    TRY(json_object_finish(&b, &manifest, reterr));
    o->manifest_key = key_of(run, o, "manifest.json");
    TRY(body_of(run, o, manifest, &body, reterr));
    return o->manifest_key.ptr ? put(run, o, o->manifest_key, body, reterr) : fail_memory(reterr);
}

static status written(map_run *run, map_output *o, json *ret_result, error *reterr)
{
    json arguments = json_get(json_get(run->order, STR("writer")), STR("arguments"));
    json_object_builder b;
    json details;
    json_object_begin(&b, &o->memory, 2);
    json_object_add(&b, STR("Bucket"), json_get(arguments, STR("Bucket")));
    json_object_add(&b, STR("Key"), json_from_str(o->manifest_key));
    TRY(json_object_finish(&b, &details, reterr));
    json_object_begin(&b, &o->memory, 2);
    json_object_add(&b, STR("MapRunArn"), json_from_str(run->view.arn));
    json_object_add(&b, STR("ResultWriterDetails"), details);
    return json_object_finish(&b, ret_result, reterr);
}

static void write_next(map_run *run)
{
    map_output *o = run->output;
    INVARIANT(o);
    bool is_written = false;
    error err;
    json result;
    status done = STATUS_OK;
    while (ok(done) && !is_written && o->step < FILES) {
        done = write_file(run, o, (result_file)o->step++, &is_written, &err);
    }
    if (ok(done) && !is_written && o->step == FILES) {
        o->step++;
        is_written = true;
        done = write_manifest(run, o, &err);
    }
    if (failed(done)) {
        fail_writer(run, (str){err.message, err.length});
    } else if (is_written) {
        return; /* on_put goes on */
    } else if (run->error.ptr) {
        fail_run(run, run->error, run->cause);
    } else if (ok(written(run, o, &result, &err))) {
        succeed(run, result);
    } else {
        fail_run(run, STR("States.Runtime"), (str){err.message, err.length});
    }
}

/* ------------------------------------------------------------------------------------------- end
 */

static status finish(map_run *run, error *reterr)
{
    json list;
    if (has_writer(run)) {
        write_next(run);
        return STATUS_OK;
    }
    if (run->error.ptr) {
        fail_run(run, run->error, run->cause);
        return STATUS_OK;
    }
    if (run->output->is_too_large) {
        fail_run(run, STR("States.DataLimitExceeded"),
                 STR("The Map Run's results exceed the maximum number of bytes service limit."));
        return STATUS_OK;
    }
    TRY(list_results(run, run->output, FILE_SUCCEEDED, &list, reterr));
    succeed(run, list);
    return STATUS_OK;
}

static status begin_output(map_run *run, error *reterr)
{
    map_output *o = calloc(1, sizeof(*o));
    if (!o) {
        return fail_memory(reterr);
    }
    run->output = o;
    arena_init(&o->memory, 0);
    o->next_page = (store_execution_filter){.machine_arn = run->view.arn};
    o->count = MAX_OF(run->next, run->seen_count);
    o->outputs = arena_array(&o->memory, json, MAX_OF(o->count, 1));
    o->details = arena_array(&o->memory, json, MAX_OF(o->count, 1));
    o->files = arena_array(&o->memory, uint8_t, MAX_OF(o->count, 1));
    return o->outputs && o->details && o->files ? STATUS_OK : fail_memory(reterr);
}

/* A page a turn: others want the loop, too. */
void map_run_gather(map_run *run)
{
    error err;
    bool has_more = false;
    status done = STATUS_OK;
    if (run->is_cancelled) {
        map_run_end(run, NULL, "ABORTED");
        return;
    }
    if (!run->output) {
        done = begin_output(run, &err);
    }
    bool wants_rows = !run->error.ptr || has_writer(run);
    if (ok(done) && wants_rows) {
        done = gather_page(run, run->output, &has_more, &err);
    }
    if (ok(done) && has_more) {
        map_run_want_turn(run);
        return;
    }
    if (ok(done)) {
        done = finish(run, &err);
    }
    if (failed(done)) {
        fail_run(run, STR("States.Runtime"), (str){err.message, err.length});
    }
}

/* All rows of children are durable now. */
static void on_recorded(void *user, const error *reason)
{
    (void)reason;
    map_run_gather(user);
}

void map_run_collect(map_run *run)
{
    error err;
    run->phase = MAP_RUN_COLLECTING;
    run->wants_turn = false;
    run->is_unrecorded = failed(map_run_write_record(run, on_recorded, run, &err));
    if (run->is_unrecorded) { /* memory has run out: later */
        map_run_try_again(run->owner);
    }
}

/* Without its record it would never have ended: when there is memory again, it ends once more. */
static void end_later(map_run *run, const engine_input *end)
{
    if (end && end->kind == ENGINE_TASK_FAILED && !run->error.ptr) {
        str error_name = arena_str(&run->memory, end->error);
        str cause = arena_str(&run->memory, end->cause);
        run->error = error_name.ptr ? error_name : STR("States.Runtime");
        run->cause = cause.ptr ? cause : STR("out of memory");
    }
    run->view.status = STR("RUNNING");
    run->view.stop_ms = -1;
    run->phase = MAP_RUN_COLLECTING;
    run->is_unrecorded = true;
    map_run_free_output(run);
    map_run_try_again(run->owner);
}

void map_run_end(map_run *run, const engine_input *end, const char *status_name)
{
    error err;
    run->view.status = str_from_c(run->is_cancelled ? "ABORTED" : status_name);
    run->view.stop_ms = net_loop_clock_ms(run->owner->options.loop);
    if (failed(map_run_write_record(run, map_run_ignore_reply, NULL, &err))) {
        end_later(run, end);
        return;
    }
    if (end && !run->is_cancelled) {
        engine_input input = *end;
        input.task_id = run->key.task_id;
        run->receive(run->receiver, run->key.execution, &input);
    }
    map_run_free_output(run);
    map_run_free(run);
}
