/* A task of ours, a flight, is kept from its start until its end has been received, or it was
 * cancelled and the child was asked to stop.
 *
 *      start ──> STARTING ── answered ──> WAITING (.sync) ── children_ended ──> DESCRIBING ──> over
 *                   │                        │
 *                   └ cancelled: is_dropped  └ cancelled: stopped, over
 *
 * Invariants:
 *  1. a flight is in by_task from its start to its end; one that waits is in by_child too.
 *  2. while a .sync child runs, the record of its flight is durable, or is in the shard's open
 * batch with or before the child's start. */
#include "runtime/children.h"

#include "base/digest.h"
#include "base/map.h"
#include "integrations/parameters.h"
#include "runtime/child_result.h"

#include <stdlib.h>

#define RECORD STR("child")
#define RECORDS_PAGE 1000
#define RECORD_KEY_BYTES_MAX 4096 /* an ARN and two numbers */

typedef struct flight_key {
    uint64_t execution, task_id;
} flight_key;

typedef struct flight flight;
struct flight {
    children *owner;
    flight_key key; /* also the map's key, as bytes */
    asl_pattern pattern;
    runtime_receive *receive;
    void *receiver;
    arena memory;
    str child;      /* its ARN; absent where it is not known yet; in memory */
    json parent;    /* who starts it; in memory */
    str record_key; /* absent where there is no record */
    bool is_starting;
    bool is_answering; /* the API is being called: an answer now is about what was there before */
    bool has_ended;    /* the child, while its start was not yet answered */
    bool is_waiting;   /* in by_child */
    bool is_dropped;   /* nobody wants the result: freed when the API has answered */
    bool is_unwanted;  /* nor that the child goes on */
    flight *next_of_child;
};

struct children {
    runtime_tasks others;
    shard_observer observer;
    store *store;
    shard *shard;
    child_call *call;
    void *api;
    entropy random;
    map by_task;  /* flight_key to flight */
    map by_child; /* ARN to the first flight that waits for it */
};

static str key_text(const flight_key *key)
{
    return (str){(const char *)key, sizeof(*key)};
}

bool children_are_started_by(const asl_resource *resource)
{
    return resource->kind == ASL_RESOURCE_SERVICE && !resource->is_aws_sdk &&
           str_equal(resource->service, STR("states")) &&
           str_equal(resource->action, STR("startExecution"));
}

static bool is_sync(const flight *f)
{
    return f->pattern == ASL_SYNC || f->pattern == ASL_SYNC_2;
}

/* ---------------------------------------------------------------------------- a flight and its end
 */

static void ignore_reply(void *user, const error *err)
{
    (void)user;
    (void)err;
}

/* Failing means that memory has run out: a record too many is found at the next start. */
static void drop_record(children *c, str key)
{
    store_write w = {.kind = STORE_DELETE_RECORD, .record = {.kind = RECORD, .key = key}};
    if (key.ptr) {
        status done = shard_join(c->shard, &w, 1, ignore_reply, NULL, NULL);
        (void)done;
    }
}

static void leave_child(flight *f)
{
    children *c = f->owner;
    if (!f->is_waiting) {
        return;
    }
    flight *first = map_get(&c->by_child, f->child);
    if (first != f) {
        while (first->next_of_child != f) {
            first = first->next_of_child;
        }
        first->next_of_child = f->next_of_child;
    } else {
        map_remove(&c->by_child, f->child);
        if (f->next_of_child) { /* the key is the new first one's own text; its place is free */
            status put = map_put(&c->by_child, f->next_of_child->child, f->next_of_child, NULL);
            INVARIANT(ok(put));
        }
    }
    f->is_waiting = false;
}

static void end_flight(flight *f)
{
    leave_child(f);
    if (map_get(&f->owner->by_task, key_text(&f->key)) == f) {
        map_remove(&f->owner->by_task, key_text(&f->key));
    }
    arena_clean_up(&f->memory);
    free(f);
}

/* Ends the flight, then tells its end: what the receiver does may come back here. */
static void deliver(flight *f, const engine_input *end)
{
    children *c = f->owner;
    runtime_receive *receive = f->receive;
    void *receiver = f->receiver;
    uint64_t execution = f->key.execution;
    arena memory = f->memory; /* the input may point into it */
    drop_record(c, f->record_key);
    f->memory = (arena){0};
    arena_init(&f->memory, 0);
    leave_child(f);
    end_flight(f);
    receive(receiver, execution, end);
    arena_clean_up(&memory);
}

static void fail_flight(flight *f, str error_name, str cause)
{
    engine_input end = {.kind = ENGINE_TASK_FAILED,
                        .task_id = f->key.task_id,
                        .error = error_name,
                        .cause = cause,
                        .is_submit_failure = f->is_starting && f->pattern != ASL_REQUEST_RESPONSE};
    deliver(f, &end);
}

static void fail_internally(flight *f, const error *err)
{
    fail_flight(f, STR("States.Runtime"), (str){err->message, err->length});
}

/* The service has refused: its words, as its SDK prints them. */
static void fail_refused(flight *f, const child_answer *answer)
{
    str error_name, cause;
    error err;
    if (ok(child_result_error(answer->error_name, answer->message, &f->owner->random, &f->memory,
                              &error_name, &cause, &err))) {
        fail_flight(f, error_name, cause);
    } else {
        fail_internally(f, &err);
    }
}

/* ------------------------------------------------------------------------------- the child's end
 */

static void on_described(void *user, const child_answer *answer)
{
    flight *f = user;
    error err;
    json result = {0};
    str status_name = json_str(json_get(answer->output, STR("status")));
    if (f->is_dropped || answer->error_name) {
        if (f->is_dropped) {
            end_flight(f);
        } else {
            fail_refused(f, answer);
        }
        return;
    }
    if (str_equal(status_name, STR("RUNNING"))) {
        return; /* asked at a recovery: it is waited for */
    }
    status made = child_result(answer->output, f->pattern == ASL_SYNC_2, &f->memory, &result, &err);
    if (failed(made)) {
        fail_internally(f, &err);
    } else if (str_equal(status_name, STR("SUCCEEDED"))) {
        engine_input end = {
            .kind = ENGINE_TASK_SUCCEEDED, .task_id = f->key.task_id, .value = result};
        deliver(f, &end);
    } else {
        fail_flight(f, STR("States.TaskFailed"), json_text(result, &f->memory));
    }
}

static status call_about(children *c, const char *operation, str arn, child_answered *answered,
                         void *user, error *reterr)
{
    arena a;
    json_object_builder b;
    json input;
    arena_init(&a, 0);
    json_object_begin(&b, &a, 1);
    json_object_add(&b, STR("executionArn"), json_from_str(arn));
    status done = json_object_finish(&b, &input, reterr);
    if (ok(done)) {
        done = c->call(c->api, str_from_c(operation), input, (json){0}, answered, user, reterr);
    }
    arena_clean_up(&a);
    return done;
}

/* Asks how the child has ended. The answer comes at once: the flight may be gone then. */
static void describe(flight *f)
{
    error err;
    if (failed(call_about(f->owner, "DescribeExecution", f->child, on_described, f, &err))) {
        fail_internally(f, &err);
    }
}

static status wait_for_child(flight *f, error *reterr)
{
    children *c = f->owner;
    flight *first = map_get(&c->by_child, f->child);
    if (first) {
        f->next_of_child = first->next_of_child;
        first->next_of_child = f;
    } else {
        TRY(map_put(&c->by_child, f->child, f, reterr));
    }
    f->is_waiting = true;
    return STATUS_OK;
}

static void finished(void *self, const shard_execution *execution, const engine_effect *finish)
{
    children *c = self;
    flight *next;
    if (c->observer.finished) {
        c->observer.finished(c->observer.self, execution, finish);
    }
    for (flight *f = map_get(&c->by_child, execution->identity->execution_arn); f; f = next) {
        next = f->next_of_child;
        if (f->is_starting) {
            f->has_ended = true;
        } else {
            describe(f);
        }
    }
}

static void events(void *self, const shard_execution *execution, const engine_event *items,
                   uint32_t count)
{
    children *c = self;
    c->observer.events(c->observer.self, execution, items, count);
}

static void store_state(void *self, const error *err, bool is_final)
{
    children *c = self;
    c->observer.store_state(c->observer.self, err, is_final);
}

static bool stepped(void *self, const shard_execution *execution, const engine_event *items,
                    uint32_t count)
{
    children *c = self;
    return c->observer.stepped(c->observer.self, execution, items, count);
}

shard_observer children_observer(children *c, shard_observer others)
{
    c->observer = others;
    return (shard_observer){
        .self = c,
        .events = others.events ? events : NULL,
        .finished = finished,
        .store_state = others.store_state ? store_state : NULL,
        .stepped = others.stepped ? stepped : NULL,
    };
}

/* ---------------------------------------------------------------------------------------- stopping
 */

static void on_stopped(void *user, const child_answer *answer)
{
    flight *f = user;
    if (!answer->error_name || strcmp(answer->error_name, "ServiceUnavailable") != 0) {
        drop_record(f->owner, f->record_key);
    }
    end_flight(f);
}

/* The flight ends when the child's stop is durable. */
static void stop_child(flight *f)
{
    f->is_dropped = true;
    leave_child(f);
    if (failed(call_about(f->owner, "StopExecution", f->child, on_stopped, f, NULL))) {
        end_flight(f);
    }
}

/* ---------------------------------------------------------------------------------------- starting
 */

static void on_submitted(flight *f, json output)
{
    flight_key key = f->key;
    children *c = f->owner;
    engine_input input = {
        .kind = f->pattern == ASL_REQUEST_RESPONSE ? ENGINE_TASK_SUCCEEDED : ENGINE_TASK_SUBMITTED,
        .task_id = f->key.task_id,
        .value = output,
    };
    if (!is_sync(f)) {
        deliver(f, &input);
        return;
    }
    bool has_ended = f->has_ended || f->is_answering;
    f->is_starting = false;
    f->receive(f->receiver, f->key.execution, &input);
    /* The receiver may have dropped it. */
    f = map_get(&c->by_task, key_text(&key));
    if (f && has_ended) {
        describe(f);
    }
}

static void on_started(void *user, const child_answer *answer)
{
    flight *f = user;
    error err;
    json output = {0};
    if (f->is_dropped && !answer->error_name && f->is_unwanted && is_sync(f)) {
        stop_child(f);
    } else if (f->is_dropped) {
        drop_record(f->owner, f->record_key); /* there is no child, or it goes on by itself */
        end_flight(f);
    } else if (answer->error_name) {
        fail_refused(f, answer);
    } else if (failed(child_result_of_start(answer->output, &f->owner->random, &f->memory, &output,
                                            &err))) {
        fail_internally(f, &err);
    } else {
        on_submitted(f, output);
    }
}

/* The name of what a task starts, where it says none: the same each time that it is asked for. */
static str name_after(flight *f, const engine_identity *identity)
{
    char hex[DIGEST_HEX_SIZE], uuid[UUID_TEXT_SIZE];
    str text = arena_printf(&f->memory, "%.*s %lld %llu", STR_ARG(identity->execution_arn),
                            (long long)identity->start_time_ms, (unsigned long long)f->key.task_id);
    str digest = digest_compute_hex(DIGEST_SHA256, text, hex);
    return text.ptr
               ? arena_str(&f->memory, uuid_from_entropy((const unsigned char *)digest.ptr, uuid))
               : STR_NONE;
}

static status make_parent(flight *f, const engine_identity *identity, str state_name, error *reterr)
{
    json_object_builder b;
    json object;
    json_object_begin(&b, &f->memory, 4);
    json_object_add(&b, STR("executionArn"), json_from_str(identity->execution_arn));
    json_object_add(&b, STR("isAwaited"), json_boolean(is_sync(f)));
    json_object_add(&b, STR("stateName"), json_from_str(state_name));
    json_object_add(
        &b, STR("task"),
        json_from_str(arena_printf(&f->memory, "%llu.%llu", (unsigned long long)f->key.execution,
                                   (unsigned long long)f->key.task_id)));
    TRY(json_object_finish(&b, &object, reterr));
    return json_copy(object, &f->memory, &f->parent, reterr);
}

/* What StartExecution is asked. */
static status make_input(flight *f, const runtime_task *task, json *ret_input, error *reterr)
{
    enum { MACHINE, NAME, INPUT, TRACE, COUNT };
    static const parameter_rule rules[COUNT] = {
        [MACHINE] = {"StateMachineArn", true, JSON_STRING},
        [NAME] = {"Name", false, JSON_STRING},
        [INPUT] = {"Input", false, JSON_ABSENT},
        [TRACE] = {"TraceHeader", false, JSON_STRING},
    };
    json given[COUNT];
    json_object_builder b;
    TRY(parameters_read(task->effect->payload, rules, COUNT, given, reterr));
    str name = json_is_absent(given[NAME]) ? name_after(f, task->identity) : json_str(given[NAME]);
    str input = json_is(given[INPUT], JSON_STRING) ? json_str(given[INPUT])
                : json_is_absent(given[INPUT]) || json_is(given[INPUT], JSON_NULL)
                    ? STR("{}")
                    : json_text(given[INPUT], &f->memory);
    if (!name.ptr || !input.ptr) {
        return fail_memory(reterr);
    }
    json_object_begin(&b, &f->memory, 4);
    json_object_add(&b, STR("stateMachineArn"), given[MACHINE]);
    json_object_add(&b, STR("name"), json_from_str(name));
    json_object_add(&b, STR("input"), json_from_str(input));
    if (!json_is_absent(given[TRACE])) {
        json_object_add(&b, STR("traceHeader"), given[TRACE]);
    }
    f->child = child_result_arn(json_str(given[MACHINE]), name, &f->memory);
    return json_object_finish(&b, ret_input, reterr);
}

static status write_record(flight *f, error *reterr)
{
    str parent = json_text(f->parent, &f->memory);
    f->record_key =
        arena_printf(&f->memory, "%.*s#%llu.%llu", STR_ARG(f->child),
                     (unsigned long long)f->key.execution, (unsigned long long)f->key.task_id);
    if (!parent.ptr || !f->record_key.ptr) {
        return fail_memory(reterr);
    }
    store_write w = {.kind = STORE_PUT_RECORD, .record = {RECORD, f->record_key, parent}};
    return shard_join(f->owner->shard, &w, 1, ignore_reply, NULL, reterr);
}

static status submit(flight *f, const runtime_task *task, error *reterr)
{
    children *c = f->owner;
    json input = {0};
    flight_key key = f->key;
    TRY(make_parent(f, task->identity, task->effect->state->name, reterr));
    TRY(make_input(f, task, &input, reterr));
    if (is_sync(f) && f->child.ptr) { /* the API refuses what has no ARN */
        TRY(write_record(f, reterr));
        TRY(wait_for_child(f, reterr));
    }
    /* An answer at once is about an execution that was there: perhaps it has ended already. */
    f->is_answering = true;
    TRY(c->call(c->api, STR("StartExecution"), input, f->parent, on_started, f, reterr));
    f = map_get(&c->by_task, key_text(&key));
    if (f) {
        f->is_answering = false;
    }
    return STATUS_OK;
}

/* A recovered .sync task: the child has been started. */
static status resume(flight *f, json submission, error *reterr)
{
    f->child = arena_str(&f->memory, json_str(json_get(submission, STR("ExecutionArn"))));
    f->record_key =
        arena_printf(&f->memory, "%.*s#%llu.%llu", STR_ARG(f->child),
                     (unsigned long long)f->key.execution, (unsigned long long)f->key.task_id);
    if (!f->child.ptr || !f->record_key.ptr) {
        return fail_memory(reterr);
    }
    TRY(wait_for_child(f, reterr));
    describe(f);
    return STATUS_OK;
}

static flight *new_flight(children *c, const runtime_task *task, runtime_receive *receive,
                          void *receiver)
{
    flight *f = calloc(1, sizeof(*f));
    if (!f) {
        return NULL;
    }
    f->owner = c;
    f->key = (flight_key){task->execution, task->effect->task_id};
    f->pattern = task->effect->state->as.task.resource.pattern;
    f->receive = receive;
    f->receiver = receiver;
    arena_init(&f->memory, 0);
    if (failed(map_put(&c->by_task, key_text(&f->key), f, NULL))) {
        free(f);
        return NULL;
    }
    return f;
}

static void start(void *self, const runtime_task *task, runtime_receive *receive, void *receiver)
{
    children *c = self;
    json submission = task->effect->submission;
    if (!children_are_started_by(&task->effect->state->as.task.resource)) {
        c->others.start(c->others.self, task, receive, receiver);
        return;
    }
    flight *f = new_flight(c, task, receive, receiver);
    if (!f) {
        engine_input failure = {.kind = ENGINE_TASK_FAILED,
                                .task_id = task->effect->task_id,
                                .error = STR("States.Runtime"),
                                .cause = STR("out of memory")};
        receive(receiver, task->execution, &failure);
        return;
    }
    error err = {0};
    f->is_starting = json_is_absent(submission);
    status done = f->is_starting ? submit(f, task, &err) : resume(f, submission, &err);
    if (failed(done)) {
        fail_internally(f, &err);
    }
}

/* ------------------------------------------------------------------------------- not wanted any
 * more */

static void drop_flight(children *c, uint64_t execution, uint64_t task_id, bool is_unwanted)
{
    flight_key key = {execution, task_id};
    flight *f = map_get(&c->by_task, key_text(&key));
    if (!f || f->is_dropped) {
        return;
    }
    if (f->is_starting) {
        f->is_dropped = true;
        f->is_unwanted = is_unwanted;
        leave_child(f);
    } else if (is_unwanted) {
        stop_child(f);
    } else {
        drop_record(c, f->record_key);
        end_flight(f);
    }
}

static void cancel(void *self, uint64_t execution, uint64_t task_id)
{
    children *c = self;
    drop_flight(c, execution, task_id, true);
    c->others.cancel(c->others.self, execution, task_id);
}

/* Its token has ended the task: the child goes on. */
static void forget(void *self, uint64_t execution, uint64_t task_id)
{
    children *c = self;
    drop_flight(c, execution, task_id, false);
    runtime_tasks_forget(&c->others, execution, task_id);
}

static uint32_t in_flight(void *self)
{
    children *c = self;
    return c->by_task.live + c->others.in_flight(c->others.self);
}

runtime_tasks children_tasks(children *c)
{
    return (runtime_tasks){
        .self = c, .start = start, .cancel = cancel, .in_flight = in_flight, .forget = forget};
}

/* --------------------------------------------------------------------------------------- recovery
 */

/* Reads "ARN#EXECUTION.TASK". */
static bool read_record_key(str key, str *ret_child, flight_key *ret_key)
{
    size_t at = str_find_last_char(key, '#');
    if (at == STR_NOT_FOUND) {
        return false;
    }
    str numbers = str_skip(key, at + 1);
    INVARIANT(numbers.ptr);
    *ret_child = str_take(key, at);
    uint64_t *number = &ret_key->execution;
    *ret_key = (flight_key){0};
    for (size_t i = 0; i < numbers.len; i++) {
        if (numbers.ptr[i] == '.') {
            number = &ret_key->task_id;
        } else {
            *number = *number * 10 + (uint64_t)(numbers.ptr[i] - '0');
        }
    }
    return number == &ret_key->task_id;
}

/* Whether the record's child runs, and is the one that the task has started. */
static bool is_orphan(children *c, const store_record *record, str child, arena *a)
{
    store_execution row;
    json told, extra, parent;
    return ok(store_find_execution(c->store, child, a, &row, NULL)) &&
           row.status == STORE_RUNNING && ok(json_parse_into(row.text, a, &told, NULL)) &&
           ok(json_parse_into(json_str(json_get(told, STR("extra"))), a, &extra, NULL)) &&
           ok(json_parse_into(record->text, a, &parent, NULL)) &&
           json_equal(json_get(extra, STR("parent")), parent);
}

static void recover_record(children *c, const store_record *record, arena *a)
{
    str child;
    flight_key key;
    if (!read_record_key(record->key, &child, &key) || map_get(&c->by_task, key_text(&key))) {
        return;
    }
    if (!is_orphan(c, record, child, a)) {
        drop_record(c, record->key);
        return;
    }
    flight *f = calloc(1, sizeof(*f));
    if (!f) {
        return; /* found again at the next start */
    }
    f->owner = c;
    f->key = key;
    arena_init(&f->memory, 0);
    if (failed(map_put(&c->by_task, key_text(&f->key), f, NULL))) {
        free(f);
        return;
    }
    f->child = arena_str(&f->memory, child);
    f->record_key = arena_str(&f->memory, record->key);
    stop_child(f);
}

status children_recover(children *c, error *reterr)
{
    arena page, one; /* there may be as many records as executions that wait */
    buf after;
    bool has_more = true;
    status done = STATUS_OK;
    arena_init(&page, 0);
    arena_init(&one, 0);
    buf_init(&after, RECORD_KEY_BYTES_MAX);
    while (ok(done) && has_more) {
        store_record *records;
        uint32_t count;
        arena_reset(&page);
        done = store_list_records(c->store, RECORD, STR(""), after.len ? buf_str(&after) : STR_NONE,
                                  RECORDS_PAGE, &page, &records, &count, &has_more, reterr);
        for (uint32_t i = 0; ok(done) && i < count; i++) {
            arena_reset(&one);
            recover_record(c, &records[i], &one);
        }
        if (ok(done) && count) {
            buf_reset(&after);
            buf_add_str(&after, records[count - 1].key);
            done = buf_status(&after, reterr);
        }
    }
    buf_clean_up(&after);
    arena_clean_up(&one);
    arena_clean_up(&page);
    return done;
}

/* --------------------------------------------------------------------------------- open and close
 */

status children_new(runtime_tasks others, store *keeper, entropy seed, children **ret_children,
                    error *reterr)
{
    children *c = calloc(1, sizeof(*c));
    if (!c) {
        return fail_memory(reterr);
    }
    c->others = others;
    c->store = keeper;
    c->random = seed;
    map_init(&c->by_task, 0, 0);
    map_init(&c->by_child, entropy_next(&c->random), entropy_next(&c->random));
    *ret_children = c;
    return STATUS_OK;
}

void children_connect(children *c, shard *s, child_call *call, void *api)
{
    c->shard = s;
    c->call = call;
    c->api = api;
}

void children_free(children *c)
{
    if (!c) {
        return;
    }
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&c->by_task, &cursor));) {
        flight *f = entry->value;
        arena_clean_up(&f->memory);
        free(f);
    }
    map_clean_up(&c->by_task);
    map_clean_up(&c->by_child);
    free(c);
}
