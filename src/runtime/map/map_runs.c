/* The table of map runs, and how one begins. */
#include "runtime/map/map_runs.h"

#include "runtime/map/map_run.h"
#include "runtime/mocks.h"

#include <stdlib.h>

#define AGAIN_MS 500
#define LIST_MAX 1000

static str key_text(const map_task_key *key)
{
    return (str){(const char *)key, sizeof(*key)};
}

void map_run_ignore_reply(void *user, const error *err)
{
    (void)user;
    (void)err;
}

static bool is_map(const engine_effect *effect)
{
    return effect->state->type == ASL_MAP;
}

/* ---------------------------------------------------------------------------------------- begin */

static status copy_text(arena *a, str text, str *ret_copy, error *reterr)
{
    *ret_copy = arena_str(a, text);
    return ret_copy->ptr ? STATUS_OK : fail_memory(reterr);
}

static status read_order(map_run *run, const runtime_task *task, error *reterr)
{
    const asl_distributed *d = task->effect->state->as.map.distributed;
    arena *a = &run->memory;
    map_run_view *view = &run->view;
    int64_t redrive = 0;
    TRY(json_freeze(task->effect->payload, &run->order_doc, reterr));
    run->order = json_doc_root(run->order_doc);
    run->workflow = task->effect->state->as.map.processor;
    run->is_express = d->is_express;
    view->arn = json_str(json_get(run->order, STR("mapRunArn")));
    view->machine_arn = json_str(json_get(run->order, STR("stateMachineArn")));
    view->status = STR("RUNNING");
    size_t at = str_find(view->machine_arn, STR(":stateMachine:"));
    if (!view->arn.len || at == STR_NOT_FOUND) {
        return fail(reterr, ERROR_INVALID, "the map run has no ARN");
    }
    run->machine_name = str_skip(view->machine_arn, at + STR(":stateMachine:").len);
    json_int64(json_get(run->order, STR("maxConcurrency")), &view->concurrency_max);
    json_int64(json_get(run->order, STR("redriveCount")), &redrive);
    view->redrive_count = (uint32_t)redrive;
    json count = json_get(run->order, STR("toleratedFailureCount"));
    json percentage = json_get(run->order, STR("toleratedFailurePercentage"));
    run->has_count = json_int64(count, &view->tolerated_count);
    run->has_percentage = json_is(percentage, JSON_NUMBER);
    view->tolerated_percentage = run->has_percentage ? json_double(percentage) : 0;
    TRY(copy_text(a, task->identity->execution_arn, &view->execution_arn, reterr));
    return copy_text(a, task->identity->role_arn, &run->role_arn, reterr);
}

/* Children are mocked like their parent (mocks.h). */
static status read_test_case(map_run *run, const runtime_task *task, error *reterr)
{
    arena *a = &run->memory;
    json extra;
    run->test_case = STR("");
    if (!task->extra.len) {
        return STATUS_OK;
    }
    TRY(json_parse_into(task->extra, a, &extra, reterr));
    json name = json_get(extra, MOCKS_TEST_CASE);
    if (json_is(name, JSON_STRING)) {
        run->test_case =
            arena_printf(a, ",\"%s\":%.*s", MOCKS_TEST_CASE.ptr, STR_ARG(json_text(name, a)));
    }
    return run->test_case.ptr ? STATUS_OK : fail_memory(reterr);
}

static status new_run(map_runs *runs, const runtime_task *task, runtime_receive *receive,
                      void *receiver, map_run **ret_run, error *reterr)
{
    map_run *run = calloc(1, sizeof(*run));
    if (!run) {
        return fail_memory(reterr);
    }
    run->owner = runs;
    run->key = (map_task_key){task->execution, task->effect->task_id};
    run->receive = receive;
    run->receiver = receiver;
    arena_init(&run->memory, 0);
    map_init(&run->running, entropy_next(&runs->random), entropy_next(&runs->random));
    status done = read_order(run, task, reterr);
    if (ok(done)) {
        done = read_test_case(run, task, reterr);
    }
    if (ok(done)) {
        done = map_items_new(run->order, &run->items, reterr);
    }
    if (failed(done)) {
        map_run_free(run);
        return done;
    }
    *ret_run = run;
    return STATUS_OK;
}

/* What was there before: nothing, a run that a crash has interrupted, or one that is redriven. */
static status look_back(map_run *run, error *reterr)
{
    arena a;
    str text;
    map_run_view before;
    int64_t now_ms = net_loop_clock_ms(run->owner->options.loop);
    arena_init(&a, 0);
    status done = store_get_record(run->owner->options.store, MAP_RUN_RECORD, run->view.arn, &a,
                                   &text, reterr);
    run->view.start_ms = now_ms;
    run->view.stop_ms = -1;
    if (done.code == ERROR_NOT_FOUND) {
        arena_clean_up(&a);
        return STATUS_OK;
    }
    if (ok(done)) {
        done = map_run_read_record(text, &a, &before, reterr);
    }
    if (ok(done)) {
        bool is_redrive = run->view.redrive_count > before.redrive_count;
        run->view.start_ms = before.start_ms;
        run->view.redrive_ms = is_redrive ? now_ms : before.redrive_ms;
        run->view.concurrency_max = before.concurrency_max;
        run->has_count |= before.tolerated_count != run->view.tolerated_count;
        run->has_percentage |= before.tolerated_percentage != run->view.tolerated_percentage;
        run->view.tolerated_count = before.tolerated_count;
        run->view.tolerated_percentage = before.tolerated_percentage;
        done = map_run_resume(run, reterr);
    }
    arena_clean_up(&a);
    return done;
}

/* The execution may have ended since the task was started, or be waiting for it no more: its word
 * that the task is cancelled is on its way. */
static void begin(map_run *run)
{
    map_runs *runs = run->owner;
    error err;
    status done = look_back(run, &err);
    if (ok(done)) {
        done = shard_origin(runs->shard, run->key.execution, &run->machine, &run->memory,
                            &run->definition_key, &err);
        if (done.code == ERROR_NOT_FOUND) {
            run->is_cancelled = true;
            map_run_stop(run, STR("States.Runtime"), STR("The Map Run was aborted."));
            map_run_fill(run);
            return;
        }
    }
    if (ok(done)) {
        done = map_run_write_record(run, map_run_ignore_reply, NULL, &err);
    }
    if (failed(done)) {
        engine_input end = {.kind = ENGINE_TASK_FAILED,
                            .error = STR("States.Runtime"),
                            .cause = {err.message, err.length}};
        map_run_end(run, &end, "FAILED");
        return;
    }
    map_run_fill(run);
}

static void fail_start(runtime_receive *receive, void *receiver, const runtime_task *task,
                       const error *err)
{
    engine_input input = {.kind = ENGINE_TASK_FAILED,
                          .task_id = task->effect->task_id,
                          .error = STR("States.Runtime"),
                          .cause = {err->message, err->length}};
    receive(receiver, task->execution, &input);
}

static status enter(map_run *run, error *reterr)
{
    map_runs *runs = run->owner;
    map_run *before = map_get(&runs->by_arn, run->view.arn);
    TRY(map_put(&runs->by_task, key_text(&run->key), run, reterr));
    status put = STATUS_OK;
    if (before) { /* its children are being stopped: this one begins when they have */
        before->heir = run;
    } else {
        put = map_put(&runs->by_arn, run->view.arn, run, reterr);
    }
    if (failed(put)) {
        map_remove(&runs->by_task, key_text(&run->key));
    }
    return put;
}

static void start(void *self, const runtime_task *task, runtime_receive *receive, void *receiver)
{
    map_runs *runs = self;
    map_run *run = NULL;
    error err;
    if (!is_map(task->effect)) {
        runs->options.others.start(runs->options.others.self, task, receive, receiver);
        return;
    }
    status done = new_run(runs, task, receive, receiver, &run, &err);
    if (ok(done)) {
        INVARIANT(run);
        done = enter(run, &err);
        if (failed(done)) {
            map_run_free(run);
        }
    }
    if (failed(done) || !run) {
        fail_start(receive, receiver, task, &err);
    } else if (map_get(&runs->by_arn, run->view.arn) == run) {
        begin(run);
    }
}

static void cancel(void *self, uint64_t execution, uint64_t task_id)
{
    map_runs *runs = self;
    map_task_key key = {execution, task_id};
    map_run *run = map_get(&runs->by_task, key_text(&key));
    if (!run) {
        runs->options.others.cancel(runs->options.others.self, execution, task_id);
        return;
    }
    map_run *before = map_get(&runs->by_arn, run->view.arn);
    INVARIANT(before);
    if (before != run) { /* it has not begun */
        before->heir = NULL;
        map_run_free(run);
        return;
    }
    run->is_cancelled = true;
    map_run_stop(run, STR("States.Runtime"), STR("The Map Run was aborted."));
    map_run_fill(run);
}

static void forget(void *self, uint64_t execution, uint64_t task_id)
{
    map_runs *runs = self;
    runtime_tasks_forget(&runs->options.others, execution, task_id);
}

static uint32_t in_flight(void *self)
{
    map_runs *runs = self;
    return runs->by_task.live + runs->options.others.in_flight(runs->options.others.self);
}

runtime_tasks map_runs_tasks(map_runs *runs)
{
    return (runtime_tasks){
        .self = runs, .start = start, .cancel = cancel, .in_flight = in_flight, .forget = forget};
}

/* --------------------------------------------------------------------------------------------- S3
 */

status map_run_call_s3(map_run *run, str action, json parameters, integration_done *done,
                       error *reterr)
{
    arena a;
    arena_init(&a, 0);
    integration_call call = {
        .execution_arn = run->view.execution_arn,
        .resource = arena_printf(&a, "arn:aws:states:::aws-sdk:s3:%.*s", STR_ARG(action)),
        .service = STR("s3"),
        .action = action,
        .pattern = STR(""),
        .payload = parameters,
        .body_is_bytes = str_ends_with(action, STR("Object")),
    };
    status started = call.resource.ptr ? integrations_start(run->owner->options.tasks, &call, done,
                                                            run, &run->call, reterr)
                                       : fail_memory(reterr);
    arena_clean_up(&a);
    return started;
}

/* -------------------------------------------------------------------------------------- observing
 */

static void finished(void *self, const shard_execution *execution, const engine_effect *finish)
{
    map_runs *runs = self;
    map_run *run = map_get(&runs->by_arn, execution->listed_under);
    if (runs->observer.finished) {
        runs->observer.finished(runs->observer.self, execution, finish);
    }
    if (run) {
        map_run_child_ended(run, execution->identity->execution_arn, finish->outcome);
    }
}

static void events(void *self, const shard_execution *execution, const engine_event *items,
                   uint32_t count)
{
    map_runs *runs = self;
    runs->observer.events(runs->observer.self, execution, items, count);
}

static void store_state(void *self, const error *err, bool is_final)
{
    map_runs *runs = self;
    runs->observer.store_state(runs->observer.self, err, is_final);
}

static bool stepped(void *self, const shard_execution *execution, const engine_event *items,
                    uint32_t count)
{
    map_runs *runs = self;
    return runs->observer.stepped(runs->observer.self, execution, items, count);
}

shard_observer map_runs_observer(map_runs *runs, shard_observer others)
{
    runs->observer = others;
    return (shard_observer){
        .self = runs,
        .events = others.events ? events : NULL,
        .finished = finished,
        .store_state = others.store_state ? store_state : NULL,
        .stepped = others.stepped ? stepped : NULL,
    };
}

/* --------------------------------------------------------------------------- describe and update
 */

map_run_view map_run_shown(const map_run *run)
{
    map_run_view view = run->view;
    map_run_counts *counts[] = {&view.items, &view.executions};
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
        map_run_counts *c = counts[i];
        uint64_t begun =
            c->running + c->succeeded + c->failed + c->timed_out + c->aborted + c->pending_redrive;
        c->pending = c->total > begun ? c->total - begun : 0;
    }
    return view;
}

status map_runs_describe(map_runs *runs, str arn, arena *a, map_run_view *ret_view, error *reterr)
{
    const map_run *run = map_get(&runs->by_arn, arn);
    str text;
    if (run) {
        *ret_view = map_run_shown(run);
        return STATUS_OK;
    }
    TRY(store_get_record(runs->options.store, MAP_RUN_RECORD, arn, a, &text, reterr));
    return map_run_read_record(text, a, ret_view, reterr);
}

bool map_runs_will_redrive(const map_runs *runs, str arn, uint32_t number, uint64_t seq)
{
    const map_run *run = map_get(&runs->by_arn, arn);
    bool is_ahead = run && run->phase == MAP_RUN_RUNNING && number >= run->next;
    return is_ahead && number < run->seen_count && run->seen[number].is_to_be_redriven &&
           run->seen[number].seq == seq;
}

status map_runs_list(map_runs *runs, str execution_arn, arena *a, map_run_view **ret_views,
                     uint32_t *ret_count, error *reterr)
{
    store_record *records;
    uint32_t count;
    bool has_more;
    str prefix = arena_printf(a, "%.*s|", STR_ARG(execution_arn));
    if (!prefix.ptr) {
        return fail_memory(reterr);
    }
    TRY(store_list_records(runs->options.store, MAP_RUN_OF_RECORD, prefix, STR_NONE, LIST_MAX, a,
                           &records, &count, &has_more, reterr));
    map_run_view *views = arena_array(a, map_run_view, MAX_OF(count, 1));
    if (!views) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        str arn = records[i].key;
        arn = str_skip(arn, str_find_last_char(arn, '|') + 1);
        TRY(map_runs_describe(runs, arn, a, &views[count - 1 - i], reterr));
    }
    *ret_views = views;
    *ret_count = count;
    return STATUS_OK;
}

status map_runs_newest(map_runs *runs, str after, uint32_t max, arena *a, map_run_view **ret_views,
                       uint32_t *ret_count, str *ret_next, error *reterr)
{
    store_record *records;
    uint32_t count;
    bool has_more;
    TRY(store_list_records(runs->options.store, MAP_RUN_TIME_RECORD, STR(""), after, max, a,
                           &records, &count, &has_more, reterr));
    map_run_view *views = arena_array(a, map_run_view, MAX_OF(count, 1));
    if (!views) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        str key = records[i].key, arn = str_skip(key, str_find_char(key, '|') + 1);
        TRY(map_runs_describe(runs, arn, a, &views[i], reterr));
    }
    *ret_views = views;
    *ret_count = count;
    *ret_next = has_more && count ? records[count - 1].key : STR_NONE;
    return STATUS_OK;
}

status map_runs_update(map_runs *runs, str arn, const map_run_change *change, shard_reply *reply,
                       void *user, error *reterr)
{
    map_run *run = map_get(&runs->by_arn, arn);
    if (!run || run->phase != MAP_RUN_RUNNING) {
        return fail(reterr, ERROR_NOT_FOUND, "the map run is over");
    }
    map_run_view before = run->view;
    if (change->concurrency_max >= 0) {
        run->view.concurrency_max = change->concurrency_max;
    }
    if (change->tolerated_count >= 0) {
        run->view.tolerated_count = change->tolerated_count;
    }
    if (change->tolerated_percentage >= 0) {
        run->view.tolerated_percentage = change->tolerated_percentage;
    }
    status done = map_run_write_record(run, reply, user, reterr);
    if (failed(done)) {
        run->view = before;
        return done;
    }
    run->has_count |= change->tolerated_count >= 0;
    run->has_percentage |= change->tolerated_percentage >= 0;
    map_run_fill(run);
    return STATUS_OK;
}

/* -------------------------------------------------------------------------------- open and close
 */

void map_run_try_again(map_runs *runs)
{
    net_timer_start(runs->again, AGAIN_MS, 0);
}

/* A run may end while it is tried: begin anew after each that changed. */
static void again(void *user)
{
    map_runs *runs = user;
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&runs->by_arn, &cursor));) {
        map_run *run = entry->value;
        if (run->phase == MAP_RUN_COLLECTING && run->is_unrecorded) {
            map_run_collect(run);
        } else if (run->phase == MAP_RUN_RUNNING) {
            map_run_fill(run);
        } else if (run->phase == MAP_RUN_STOPPING) {
            map_run_stop_children(run);
            map_run_fill(run); /* Express children have ended within the call */
        }
    }
}

/* The table may change while a run goes on: its next one is looked for anew. */
static map_run *next_in_turn(map_runs *runs)
{
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&runs->by_arn, &cursor));) {
        map_run *run = entry->value;
        if (run->wants_turn) {
            return run;
        }
    }
    return NULL;
}

/* One run a turn; the timer is set again by those that want more. */
static void turn(void *user)
{
    map_runs *runs = user;
    map_run *run = next_in_turn(runs);
    if (!run) {
        return;
    }
    run->wants_turn = false;
    if (run->phase == MAP_RUN_COLLECTING) {
        map_run_gather(run);
    } else {
        map_run_fill(run);
    }
    if (next_in_turn(runs)) {
        net_timer_start(runs->turn, 0, 0);
    }
}

void map_run_want_turn(map_run *run)
{
    run->wants_turn = true;
    net_timer_start(run->owner->turn, 0, 0);
}

static void clean_up(map_run *run)
{
    integrations_cancel(run->call);
    map_run_free_output(run);
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&run->running, &cursor));) {
        free(entry->value);
    }
    map_clean_up(&run->running);
    map_run_drop_batch(run);
    free(run->batch);
    json_doc_release(run->kept);
    map_items_free(run->items);
    free(run->seen);
    json_doc_release(run->order_doc);
    arena_clean_up(&run->memory);
    free(run);
}

void map_run_free(map_run *run)
{
    map_runs *runs = run->owner;
    map_run *heir = run->heir;
    if (map_get(&runs->by_task, key_text(&run->key)) == run) {
        map_remove(&runs->by_task, key_text(&run->key));
    }
    if (run->view.arn.ptr && map_get(&runs->by_arn, run->view.arn) == run) {
        map_remove(&runs->by_arn, run->view.arn);
    }
    clean_up(run);
    if (heir) {
        status put = map_put(&runs->by_arn, heir->view.arn, heir, NULL);
        INVARIANT(ok(put)); /* its place has just been freed */
        begin(heir);
    }
}

status map_runs_new(const map_runs_options *options, map_runs **ret_runs, error *reterr)
{
    map_runs *runs = calloc(1, sizeof(*runs));
    if (!runs) {
        return fail_memory(reterr);
    }
    runs->options = *options;
    map_init(&runs->by_arn, 0, 0);
    map_init(&runs->by_task, 0, 0);
    buf_init(&runs->pruned_to, MAP_RUN_KEY_BYTES_MAX);
    status made = net_timer_new(options->loop, again, runs, &runs->again, reterr);
    if (ok(made)) {
        made = net_timer_new(options->loop, turn, runs, &runs->turn, reterr);
    }
    if (failed(made)) {
        map_runs_free(runs);
        return made;
    }
    *ret_runs = runs;
    return STATUS_OK;
}

/* Those that have no task are in no other table. */
static void free_abandoned(map_runs *runs)
{
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&runs->by_arn, &cursor));) {
        map_run *run = entry->value;
        if (run->is_abandoned) {
            clean_up(run);
        }
    }
}

void map_runs_connect(map_runs *runs, shard *s)
{
    runs->shard = s;
}

void map_runs_free(map_runs *runs)
{
    if (!runs) {
        return;
    }
    free_abandoned(runs);
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&runs->by_task, &cursor));) {
        clean_up(entry->value);
    }
    map_clean_up(&runs->by_arn);
    map_clean_up(&runs->by_task);
    buf_clean_up(&runs->pruned_to);
    net_timer_free(runs->again);
    net_timer_free(runs->turn);
    free(runs);
}
