/* The window of children: items become batches, batches become executions, and an execution that
 * ends makes room for the next. */
#include "base/digest.h"
#include "base/limits.h"
#include "runtime/map/map_run.h"

#include <stdlib.h>

#define PAGE 1000
#define STARTS_A_TURN_MAX 200

/* ------------------------------------------------------------------------------------- children */

/* The same each time that child `number` is started: after a crash it is found, not started
 * twice. A child that is run again (Express, by a redrive) is another one. */
static bool name_child(map_run *run, uint32_t number, arena *a, engine_identity *identity)
{
    unsigned char digest[DIGEST_BYTES_MAX];
    char name[UUID_TEXT_SIZE], again[UUID_TEXT_SIZE];
    str text = arena_printf(a, "%.*s %u %u", STR_ARG(run->view.arn), number,
                            run->is_express ? run->view.redrive_count : 0);
    str prefix = str_take(run->view.arn, str_find(run->view.arn, STR(":mapRun:")));
    if (!text.ptr) {
        return false;
    }
    digest_compute(DIGEST_SHA256, text, digest); /* 32 bytes: enough for two */
    identity->execution_name = arena_str(a, uuid_from_entropy(digest, name));
    str second = uuid_from_entropy(digest + 16, again);
    identity->execution_arn =
        run->is_express
            ? arena_printf(a, "%.*s:express:%.*s:%.*s:%.*s", STR_ARG(prefix),
                           STR_ARG(run->machine_name), STR_ARG(identity->execution_name),
                           STR_ARG(second))
            : arena_printf(a, "%.*s:execution:%.*s:%.*s", STR_ARG(prefix),
                           STR_ARG(run->machine_name), STR_ARG(identity->execution_name));
    return identity->execution_name.ptr && identity->execution_arn.ptr;
}

/* What is kept with a child. */
static str extra_of(const map_run *run, uint32_t number, uint32_t items, arena *a)
{
    return arena_printf(
        a, "{\"mapRunArn\":\"%.*s\",\"itemCount\":%u,\"number\":%u,\"mapRedrive\":%u%.*s}",
        STR_ARG(run->view.arn), items, number, run->view.redrive_count, STR_ARG(run->test_case));
}

static status add_running(map_run *run, str arn, uint32_t number, uint32_t items, error *reterr)
{
    map_child *child = malloc(sizeof(*child) + arn.len);
    if (!child) {
        return fail_memory(reterr);
    }
    *child = (map_child){number, items};
    char *key = (char *)(child + 1);
    memcpy(key, arn.ptr, arn.len);
    status put = map_put(&run->running, (str){key, arn.len}, child, reterr);
    if (failed(put)) {
        free(child);
        return put;
    }
    run->view.executions.running++;
    run->view.items.running += items;
    return STATUS_OK;
}

static void remove_running(map_run *run, str arn)
{
    map_child *child = map_remove(&run->running, arn);
    run->view.executions.running--;
    run->view.items.running -= child->items;
    free(child);
}

/* All items that are known of: after a crash those of the children, too, until they have been read
 * again. */
static void count_items(map_run *run)
{
    if (run->is_abandoned) {
        return; /* they are not read again */
    }
    const map_run_counts *items = &run->view.items;
    uint64_t begun = items->running + items->succeeded + items->failed + items->timed_out +
                     items->aborted + items->pending_redrive;
    int64_t total = map_items_total(run->items);
    total = total >= 0 ? total : run->next_item;
    run->view.items.total = MAX_OF((uint64_t)total, begun);
}

static void count_ended(map_run_counts *counts, store_execution_status outcome, uint64_t count)
{
    switch (outcome) {
    case STORE_SUCCEEDED:
        counts->succeeded += count;
        break;
    case STORE_TIMED_OUT:
        counts->timed_out += count;
        break;
    case STORE_ABORTED:
        counts->aborted += count;
        break;
    default:
        counts->failed += count;
        break;
    }
}

static void count_child(map_run *run, store_execution_status outcome, uint32_t items)
{
    count_ended(&run->view.executions, outcome, 1);
    count_ended(&run->view.items, outcome, items);
}

static status start_child(map_run *run, json input, uint32_t items, error *reterr)
{
    arena a;
    int64_t start_ms;
    arena_init(&a, 0);
    shard_start_request request = {
        .machine = run->machine,
        .definition_key = run->definition_key,
        .identity = {.machine_arn = run->view.machine_arn,
                     .machine_name = run->machine_name,
                     .role_arn = run->role_arn,
                     .is_express = run->is_express,
                     .workflow = run->workflow},
        .listed_under = run->view.arn,
        .extra = extra_of(run, run->next, items, &a),
        .input = json_text(input, &a),
        .value = input,
        .keeps_row = true,
    };
    bool is_named = name_child(run, run->next, &a, &request.identity);
    status done = is_named && request.input.ptr && request.extra.ptr
                      ? add_running(run, request.identity.execution_arn, run->next, items, reterr)
                      : fail_memory(reterr);
    if (ok(done)) {
        uint32_t number = run->next++;
        run->view.executions.total++;
        done =
            shard_start(run->owner->shard, &request, &start_ms, map_run_ignore_reply, NULL, reterr);
        if (failed(done)) {
            run->next = number;
            run->view.executions.total--;
            remove_running(run, request.identity.execution_arn);
        }
    }
    arena_clean_up(&a);
    return done;
}

/* ------------------------------------------------------------------------------------ tolerance */

static bool is_exceeded(const map_run *run)
{
    const map_run_view *view = &run->view;
    uint64_t failures = view->items.failed + view->items.timed_out + view->items.aborted;
    if (!failures) {
        return false;
    }
    if (run->has_percentage && (run->is_exhausted || map_items_total(run->items) >= 0) &&
        (double)failures * 100 > view->tolerated_percentage * (double)view->items.total) {
        return true;
    }
    return (run->has_count || !run->has_percentage) && failures > (uint64_t)view->tolerated_count;
}

static void check_tolerance(map_run *run)
{
    if (run->phase == MAP_RUN_RUNNING && is_exceeded(run)) {
        map_run_stop(run, STR("States.ExceedToleratedFailureThreshold"),
                     STR("The specified tolerated failure threshold was exceeded"));
    }
}

void map_run_stop(map_run *run, str error_name, str cause)
{
    if (run->phase != MAP_RUN_RUNNING) {
        return;
    }
    run->phase = MAP_RUN_STOPPING;
    run->error = arena_str(&run->memory, error_name);
    run->cause = arena_str(&run->memory, cause);
    integrations_cancel(run->call);
    run->call = NULL;
    map_run_stop_children(run);
}

/* Express children end within the call: the run must not end before all were asked. */
void map_run_stop_children(map_run *run)
{
    arena a;
    bool was_filling = run->is_filling;
    uint32_t cursor = 0;
    arena_init(&a, 0);
    run->is_filling = true;
    for (map_entry *entry; (entry = map_next(&run->running, &cursor));) {
        int64_t stop_ms;
        str arn = arena_str(&a, entry->key);
        /* One that has ended meanwhile is told of, too; where the store refuses, or memory has run
         * out, later. */
        status stopped = arn.ptr ? shard_stop(run->owner->shard, arn, STR_NONE, STR_NONE, &stop_ms,
                                              map_run_ignore_reply, NULL, NULL)
                                 : (status){ERROR_MEMORY};
        if (stopped.code == ERROR_IO || stopped.code == ERROR_MEMORY) {
            map_run_try_again(run->owner);
        }
    }
    run->is_filling = was_filling;
    arena_clean_up(&a);
}

/* ---------------------------------------------------------------------------------------- items */

static void on_s3(void *user, const integration_result *result)
{
    map_run *run = user;
    error err;
    run->call = NULL;
    if (!result->succeeded) {
        map_run_stop(run, STR("States.ItemReaderFailed"),
                     result->has_cause ? result->cause : result->error);
    } else if (failed(map_items_give(run->items, result->output, &err))) {
        map_run_stop(run, STR("States.Runtime"), (str){err.message, err.length});
    }
    map_run_fill(run);
}

/* An item as ItemSelector makes it. False: there is none now, or the run stops. */
static bool take_item(map_run *run, arena *a, json *ret_item)
{
    map_items_told told;
    error err;
    str error_name = STR_NONE, cause = STR_NONE;
    if (run->kept) {
        *ret_item = json_doc_root(run->kept);
        return true;
    }
    status done = map_items_take(run->items, a, &told, &err);
    if (ok(done) && told.state == MAP_ITEMS_CALL) {
        done = map_run_call_s3(run, told.action, told.parameters, on_s3, &err);
        if (failed(done)) {
            map_run_stop(run, STR("States.ItemReaderFailed"), (str){err.message, err.length});
        }
        return false;
    }
    if (ok(done) && told.state == MAP_ITEMS_FAILED) {
        map_run_stop(run, STR("States.ItemReaderFailed"), told.cause);
        return false;
    }
    if (ok(done) && told.state == MAP_ITEMS_END) {
        run->is_exhausted = true;
        return false;
    }
    if (ok(done)) {
        done = shard_map_item(run->owner->shard, run->key.execution, run->key.task_id, told.item,
                              (uint32_t)run->next_item++, a, ret_item, &error_name, &cause, &err);
    }
    if (failed(done)) {
        map_run_stop(run, error_name.ptr ? error_name : STR("States.Runtime"),
                     cause.ptr ? cause : (str){err.message, err.length});
        return false;
    }
    return true;
}

/* -------------------------------------------------------------------------------------- batches
 */

static bool has_batcher(const map_run *run)
{
    return !json_is_absent(json_get(run->order, STR("batcher")));
}

/* Without a batcher a batch is one item. */
static int64_t batch_limit(const map_run *run, const char *name, int64_t otherwise)
{
    int64_t limit;
    json settings = json_get(json_get(run->order, STR("batcher")), STR("settings"));
    bool is_set = json_int64(json_get(settings, str_from_c(name)), &limit) && limit > 0;
    return has_batcher(run) ? (is_set ? limit : otherwise) : 1;
}

static bool is_full(const map_run *run)
{
    return run->batch_count >= batch_limit(run, "MaxItemsPerBatch", UINT32_MAX);
}

/* A batch holds at least one item, however large. */
static bool fits(const map_run *run, uint64_t bytes)
{
    int64_t bytes_max = batch_limit(run, "MaxInputBytesPerBatch", PAYLOAD_BYTES_MAX);
    return run->batch_count == 0 || run->batch_bytes + bytes <= (uint64_t)bytes_max;
}

static status add_to_batch(map_run *run, json item, error *reterr)
{
    if (run->batch_count == run->batch_room) {
        uint32_t room = run->batch_room ? run->batch_room * 2 : 8;
        json_doc **larger = realloc(run->batch, room * sizeof(json_doc *));
        if (!larger) {
            return fail_memory(reterr);
        }
        run->batch = larger;
        run->batch_room = room;
    }
    TRY(json_freeze(item, &run->batch[run->batch_count], reterr));
    run->batch_count++;
    run->batch_bytes += json_text_length(item, SIZE_MAX - 1);
    return STATUS_OK;
}

void map_run_drop_batch(map_run *run)
{
    for (uint32_t i = 0; i < run->batch_count; i++) {
        json_doc_release(run->batch[i]);
    }
    run->batch_count = 0;
    run->batch_bytes = 0;
}

/* The last item that did not fit begins the next batch. */
static status begin_batch(map_run *run, error *reterr)
{
    map_run_drop_batch(run);
    if (!run->kept) {
        return STATUS_OK;
    }
    TRY(add_to_batch(run, json_doc_root(run->kept), reterr));
    json_doc_release(run->kept);
    run->kept = NULL;
    return STATUS_OK;
}

/* Fills the batch. False: it is not complete yet, or there is nothing more, or the run stops. */
static bool fill_batch(map_run *run, arena *a)
{
    json item;
    error err;
    while (!is_full(run) && !run->kept) {
        if (!take_item(run, a, &item)) {
            return run->is_exhausted && run->phase == MAP_RUN_RUNNING && run->batch_count;
        }
        status done = fits(run, json_text_length(item, SIZE_MAX - 1))
                          ? add_to_batch(run, item, &err)
                          : json_freeze(item, &run->kept, &err);
        if (failed(done)) {
            map_run_stop(run, STR("States.Runtime"), (str){err.message, err.length});
            return false;
        }
    }
    return true;
}

static status input_of_batch(map_run *run, arena *a, json *ret_input, error *reterr)
{
    json_object_builder b;
    json list, *items, input = json_get(json_get(run->order, STR("batcher")), STR("input"));
    if (!has_batcher(run)) {
        *ret_input = json_doc_root(run->batch[0]);
        return STATUS_OK;
    }
    TRY(json_array_new(a, run->batch_count, &list, &items, reterr));
    for (uint32_t i = 0; i < run->batch_count; i++) {
        items[i] = json_doc_root(run->batch[i]);
    }
    json_object_begin(&b, a, 2);
    if (!json_is_absent(input)) {
        json_object_add(&b, STR("BatchInput"), input);
    }
    json_object_add(&b, STR("Items"), list);
    return json_object_finish(&b, ret_input, reterr);
}

/* ----------------------------------------------------------------------------------- the window */

/* A child that waited for its redrive does so no longer. */
static void leave_pending_redrive(map_run *run, const map_seen *seen)
{
    run->view.executions.pending_redrive--;
    run->view.items.pending_redrive -= seen->items;
}

/* A child that failed before the map run was redriven goes on (Standard), or is run again. */
static status redrive_child(map_run *run, const map_seen *seen, arena *a, error *reterr)
{
    engine_identity identity = {0};
    str extra = extra_of(run, run->next, run->batch_count, a);
    if (!name_child(run, run->next, a, &identity) || !extra.ptr) {
        return fail_memory(reterr);
    }
    TRY(add_running(run, identity.execution_arn, run->next, run->batch_count, reterr));
    status done =
        shard_redrive(run->owner->shard, seen->seq, extra, map_run_ignore_reply, NULL, reterr);
    if (failed(done)) {
        remove_running(run, identity.execution_arn);
        return done;
    }
    leave_pending_redrive(run, seen);
    run->next++;
    return STATUS_OK;
}

/* Child `next`, with the batch that is complete. */
static status start_next(map_run *run, arena *a, error *reterr)
{
    json input;
    const map_seen *seen = run->next < run->seen_count ? &run->seen[run->next] : NULL;
    if (seen && seen->is_there && !seen->is_to_be_redriven) {
        run->next++;
        return STATUS_OK;
    }
    if (seen && seen->is_to_be_redriven && !run->is_express) {
        status done = redrive_child(run, seen, a, reterr);
        if (done.code != ERROR_NOT_FOUND) {
            return done;
        }
        leave_pending_redrive(run, seen);
        count_child(run, seen->status, seen->items); /* it cannot be redriven */
        run->next++;
        return STATUS_OK;
    }
    TRY(input_of_batch(run, a, &input, reterr));
    TRY(start_child(run, input, run->batch_count, reterr));
    if (seen && seen->is_to_be_redriven) { /* in the place of the one before */
        leave_pending_redrive(run, seen);
        run->view.executions.total--;
    }
    return STATUS_OK;
}

static bool has_place(const map_run *run)
{
    int64_t max = run->view.concurrency_max;
    max = max > 0 && max < MAP_CONCURRENCY_DISTRIBUTED_MAX ? max : MAP_CONCURRENCY_DISTRIBUTED_MAX;
    return run->phase == MAP_RUN_RUNNING && !run->call &&
           run->view.executions.running < (uint64_t)max;
}

static bool fill_once(map_run *run, arena *a)
{
    error err;
    arena_reset(a);
    if (!fill_batch(run, a)) {
        return false;
    }
    status done = start_next(run, a, &err);
    if (done.code == ERROR_LIMIT || done.code == ERROR_IO) { /* later, when there is room */
        map_run_try_again(run->owner);
        return false;
    }
    if (ok(done)) {
        done = begin_batch(run, &err);
    }
    if (failed(done)) {
        map_run_stop(run, STR("States.Runtime"), (str){err.message, err.length});
    }
    return ok(done);
}

void map_run_fill(map_run *run)
{
    arena a;
    if (run->is_filling) {
        return;
    }
    count_items(run);
    check_tolerance(run); /* after a crash it may have been exceeded before */
    run->is_filling = true;
    arena_init(&a, 0);
    uint32_t starts = 0;
    while (starts < STARTS_A_TURN_MAX && has_place(run) && fill_once(run, &a)) {
        starts++;
    }
    if (starts == STARTS_A_TURN_MAX) {
        map_run_want_turn(run);
    }
    arena_clean_up(&a);
    run->is_filling = false;
    count_items(run);
    if (run->is_exhausted) {
        check_tolerance(run);
    }
    bool is_through =
        run->phase == MAP_RUN_STOPPING || (run->is_exhausted && !run->batch_count && !run->kept);
    if (is_through && run->phase != MAP_RUN_COLLECTING && !run->running.live) {
        map_run_collect(run);
    }
}

void map_run_child_ended(map_run *run, str arn, engine_outcome outcome)
{
    static const store_execution_status statuses[] = {
        [ENGINE_SUCCEEDED] = STORE_SUCCEEDED,
        [ENGINE_FAILED] = STORE_FAILED,
        [ENGINE_TIMED_OUT] = STORE_TIMED_OUT,
        [ENGINE_ABORTED] = STORE_ABORTED,
    };
    const map_child *child = map_get(&run->running, arn);
    if (!child) {
        return;
    }
    count_items(run);
    count_child(run, statuses[outcome], child->items);
    remove_running(run, arn);
    check_tolerance(run);
    map_run_fill(run);
}

/* ------------------------------------------------------------------------------------- resuming */

static status make_room(map_run *run, uint32_t number, error *reterr)
{
    if (number < run->seen_count) {
        return STATUS_OK;
    }
    uint32_t count = MAX_OF(run->seen_count * 2, number + 1);
    map_seen *seen = realloc(run->seen, count * sizeof(*seen));
    if (!seen) {
        return fail_memory(reterr);
    }
    memset(seen + run->seen_count, 0, (count - run->seen_count) * sizeof(*seen));
    run->seen = seen;
    run->seen_count = count;
    return STATUS_OK;
}

/* Newest first: of a child that was run again the last time counts. */
static status see(map_run *run, const store_execution *row, arena *a, error *reterr)
{
    json told, extra;
    int64_t number = 0, items = 1, redrive = 0;
    TRY(json_parse_into(row->text, a, &told, reterr));
    str text = json_str(json_get(told, STR("extra")));
    TRY(json_parse_into(text.len ? text : STR("{}"), a, &extra, reterr));
    json_int64(json_get(extra, STR("number")), &number);
    json_int64(json_get(extra, STR("itemCount")), &items);
    json_int64(json_get(extra, STR("mapRedrive")), &redrive);
    TRY(make_room(run, (uint32_t)number, reterr));
    map_seen *seen = &run->seen[number];
    if (seen->is_there) {
        return STATUS_OK;
    }
    bool is_unsuccessful = row->status != STORE_RUNNING && row->status != STORE_SUCCEEDED;
    *seen = (map_seen){.is_there = true,
                       .is_to_be_redriven =
                           is_unsuccessful && redrive < (int64_t)run->view.redrive_count,
                       .status = row->status,
                       .items = (uint32_t)items,
                       .seq = row->seq};
    run->view.executions.total++;
    if (row->status == STORE_RUNNING) {
        return add_running(run, row->arn, (uint32_t)number, (uint32_t)items, reterr);
    }
    if (seen->is_to_be_redriven) {
        run->view.executions.pending_redrive++;
        run->view.items.pending_redrive += seen->items;
    } else {
        count_child(run, row->status, (uint32_t)items);
    }
    return STATUS_OK;
}

status map_run_resume(map_run *run, error *reterr)
{
    store_execution_filter filter = {.machine_arn = run->view.arn};
    bool has_more = true;
    status done = STATUS_OK;
    arena a;
    arena_init(&a, 0);
    while (ok(done) && has_more) {
        store_execution *rows;
        uint32_t count;
        arena_reset(&a);
        done = store_list_executions(run->owner->options.store, &filter, PAGE, true, &a, &rows,
                                     &count, &has_more, reterr);
        for (uint32_t i = 0; ok(done) && i < count; i++) {
            filter.before_start_ms = rows[i].start_ms;
            filter.before_seq = rows[i].seq;
            done = see(run, &rows[i], &a, reterr);
        }
    }
    arena_clean_up(&a);
    return done;
}
