/* Durable executions in the caller's thread: a shard over a store, and a loop that turns only while
 * a function of the engine waits for something.
 *
 *   start, stop -- request --> shard -- batch --> store (committer thread)
 *   wait                         └── tasks: the program's handler, or the integrations
 *
 * Invariants: the shard recovers before its first request, and not in gait_engine_open, so that no
 * handler is called before the caller has the engine. A request lives until it is answered, though
 * nobody may wait for it any more (the disk refused). */
#include "embed/handler.h"
#include "embed/identity.h"
#include "embed/machine.h"
#include "embed/result.h"

#include "base/digest.h"
#include "runtime/dispatch.h"
#include "runtime/loop_host.h"
#include "runtime/retention.h"
#include "runtime/secret.h"

#include <stdlib.h>
#include <sys/random.h>

#define KEPT_MS (90LL * 24 * 3600 * 1000) /* as AWS keeps histories */

typedef struct request {
    struct request *next; /* of all */
    bool is_free, is_done, is_failed;
    error err;
} request;

struct gait_engine {
    gait_engine_options options;
    embed_handler handler;
    store *store;
    net_loop *loop;
    net_timer *deadline;
    integrations *tasks;
    dispatch *dispatched;
    shard *shard;
    retention *retention;
    request *requests; /* owned */
    arena scratch;     /* of one call */
    str awaited;       /* ARN; absent: none */
    bool is_awaited_over, is_late, is_recovered;
    bool has_refused, has_lost_a_result;
    error refusal;
};

/* ------------------------------------------------------------------------------------- callbacks
 */

static void on_deadline(void *user)
{
    gait_engine *e = user;
    e->is_late = true;
}

static void on_finished(void *self, const shard_execution *execution, const engine_effect *finish)
{
    gait_engine *e = self;
    const engine_identity *identity = execution->identity;
    e->is_awaited_over |= e->awaited.ptr && str_equal(e->awaited, identity->execution_arn);
    if (!e->options.on_end) {
        return;
    }
    gait_result *result = NULL;
    char *name = str_duplicate(identity->execution_name);
    status made = embed_result_new(finish->outcome, finish->payload, finish->payload_text,
                                   finish->error, finish->cause, &result, NULL);
    if (ok(made) && name) {
        e->options.on_end(e->options.user, name, result);
    } else {
        e->has_lost_a_result = true;
    }
    gait_result_free(result);
    free(name);
}

static void on_store_state(void *self, const error *err, bool is_final)
{
    (void)is_final;
    gait_engine *e = self;
    e->has_refused = err != NULL;
    if (err) {
        e->refusal = *err;
    }
}

/* ---------------------------------------------------------------------------------- open and close
 */

static status open_tasks(gait_engine *e, runtime_tasks *ret_tasks, error *reterr)
{
    const gait_engine_options *set = &e->options;
    if (set->on_task) {
        *ret_tasks = embed_handler_tasks(&e->handler);
        return STATUS_OK;
    }
    integrations_options options = {
        .loop = e->loop,
        .functions_folder = str_from_c(set->functions_folder),
        .data_folder = str_from_c(set->data_folder ? set->data_folder : ".gait"),
        .account = STR(EMBED_ACCOUNT),
        .region = STR(EMBED_REGION),
    };
    TRY(integrations_new(&options, &e->tasks, reterr));
    TRY(dispatch_new(e->tasks, &e->dispatched, reterr));
    *ret_tasks = dispatch_tasks(e->dispatched);
    return STATUS_OK;
}

static status open_engine(gait_engine *e, error *reterr)
{
    const char *folder = e->options.data_folder;
    TRY(folder ? store_open_sqlite(str_from_c(folder), &e->store, reterr)
               : store_open_memory(&e->store, reterr));
    TRY(net_loop_new(&e->loop, reterr));
    TRY(net_timer_new(e->loop, on_deadline, e, &e->deadline, reterr));
    shard_options options = {
        .store = e->store,
        .observer = {.self = e, .finished = on_finished, .store_state = on_store_state},
        .region = STR(EMBED_REGION),
        .account = STR(EMBED_ACCOUNT),
    };
    TRY(open_tasks(e, &options.tasks, reterr));
    TRY(secret_read(e->store, "task-token", options.key.bytes, reterr));
    if (getrandom(&options.entropy, sizeof(options.entropy), 0) != sizeof(options.entropy)) {
        return fail(reterr, ERROR_IO, "the system gives no random bytes");
    }
    TRY(loop_host_new(e->loop, e->store, &options.host, reterr));
    return shard_new(&options, &e->shard, reterr);
}

gait_status gait_engine_open(const gait_engine_options *options, gait_engine **ret_engine,
                             gait_error *ret_error)
{
    error err = {0};
    gait_engine *e = calloc(1, sizeof(*e));
    if (!e) {
        (void)fail_memory(&err).code;
        return embed_tell(&err, ret_error);
    }
    memcpy(&e->options, options, MIN_OF(options->struct_size, sizeof(e->options)));
    embed_handler_init(&e->handler, e->options.on_task, e->options.user);
    arena_init(&e->scratch, 0);
    if (failed(open_engine(e, &err))) {
        gait_engine_close(e);
        return embed_tell(&err, ret_error);
    }
    *ret_engine = e;
    return GAIT_OK;
}

void gait_engine_close(gait_engine *e)
{
    if (!e) {
        return;
    }
    retention_free(e->retention);
    shard_free(e->shard);
    dispatch_free(e->dispatched);
    integrations_free(e->tasks);
    net_timer_free(e->deadline);
    net_loop_free(e->loop);
    store_close(e->store);
    for (request *r = e->requests, *next; r; r = next) {
        next = r->next;
        free(r);
    }
    embed_handler_clean_up(&e->handler);
    arena_clean_up(&e->scratch);
    free(e);
}

/* --------------------------------------------------------------------------------------- waiting
 */

/* Every call begins here. */
static status begin(gait_engine *e, error *reterr)
{
    arena_reset(&e->scratch);
    e->has_refused = false; /* the committer says so again at its next try */
    if (e->is_recovered) {
        return STATUS_OK;
    }
    TRY(shard_recover(e->shard, reterr));
    e->is_recovered = true;
    return retention_new(e->loop, e->shard, KEPT_MS, &e->retention, reterr);
}

typedef bool condition(const gait_engine *e, const request *r);

static bool is_answered(const gait_engine *e, const request *r)
{
    (void)e;
    return r->is_done;
}

static bool is_awaited_over(const gait_engine *e, const request *r)
{
    (void)r;
    return e->is_awaited_over;
}

static bool is_none_open(const gait_engine *e, const request *r)
{
    (void)r;
    return !shard_count(e->shard).open;
}

/* Turns the loop until the condition holds. */
static status turn_until(gait_engine *e, condition *holds, const request *r, int64_t timeout_ms,
                         error *reterr)
{
    e->is_late = false;
    if (timeout_ms >= 0) {
        net_timer_start(e->deadline, timeout_ms, 0);
    }
    while (!holds(e, r) && !e->is_late && !e->has_refused) {
        net_loop_turn(e->loop, true);
    }
    net_timer_stop(e->deadline);
    if (holds(e, r)) {
        return STATUS_OK;
    }
    if (e->has_refused) {
        return fail(reterr, ERROR_IO, "the store refuses to write: %s", e->refusal.message);
    }
    return fail(reterr, ERROR_TIMEOUT, "the time to wait has passed");
}

static request *new_request(gait_engine *e)
{
    request *r = e->requests;
    while (r && !r->is_free) {
        r = r->next;
    }
    if (!r) {
        r = calloc(1, sizeof(*r));
        if (!r) {
            return NULL;
        }
        r->next = e->requests;
        e->requests = r;
    }
    r->is_free = r->is_done = r->is_failed = false;
    return r;
}

static void answer(void *user, const error *err)
{
    request *r = user;
    r->is_done = true;
    r->is_failed = err != NULL;
    if (err) {
        r->err = *err;
    }
}

/* Waits for the answer to a request that was made (asked). */
static status await(gait_engine *e, request *r, status asked, error *reterr)
{
    if (failed(asked)) {
        r->is_free = true; /* there will be no answer */
        return asked;
    }
    TRY(turn_until(e, is_answered, r, -1, reterr));
    r->is_free = true;
    if (r->is_failed) {
        *reterr = r->err;
        return (status){r->err.code};
    }
    return STATUS_OK;
}

/* -------------------------------------------------------------------------------- what is asked */

/* A row of the store, with what the shard keeps in its text. */
typedef struct found {
    store_execution row;
    json told;
} found;

static status find(gait_engine *e, const char *name, found *ret_found, error *reterr)
{
    engine_identity identity;
    TRY(embed_identity_make(str_from_c(name), false, &e->scratch, &identity, reterr));
    status done = store_find_execution(e->store, identity.execution_arn, &e->scratch,
                                       &ret_found->row, reterr);
    if (done.code == ERROR_NOT_FOUND) {
        return fail(reterr, ERROR_NOT_FOUND, "there is no execution '%s'", name);
    }
    TRY(done);
    return json_parse_into(ret_found->row.text, &e->scratch, &ret_found->told, reterr);
}

static str told_text(const found *f, const char *member)
{
    return json_str(json_get(f->told, str_from_c(member)));
}

/* Compiles the definition as it is in the store, where it is put first when it is new. */
static status keep_definition(gait_engine *e, const gait_machine *machine, str key,
                              const asl_machine **ret_machine, error *reterr)
{
    status done = shard_definition(e->shard, key, ret_machine, reterr);
    if (done.code != ERROR_NOT_FOUND) {
        return done;
    }
    request *r = new_request(e);
    if (!r) {
        return fail_memory(reterr);
    }
    store_write w = {.kind = STORE_PUT_RECORD,
                     .record = {STR("definition"), key, {machine->text, machine->length}}};
    TRY(await(e, r, shard_write(e->shard, &w, 1, answer, r, reterr), reterr));
    return shard_definition(e->shard, key, ret_machine, reterr);
}

/* As find; what the disk has refused so far is waited for. */
static status find_durable(gait_engine *e, const char *name, str arn, found *ret_found,
                           error *reterr)
{
    shard_found live;
    status done = find(e, name, ret_found, reterr);
    if (done.code != ERROR_NOT_FOUND || !shard_find(e->shard, arn, &live)) {
        return done;
    }
    request *r = new_request(e);
    if (!r) {
        return fail_memory(reterr);
    }
    TRY(await(e, r, shard_write(e->shard, NULL, 0, answer, r, reterr), reterr));
    return find(e, name, ret_found, reterr);
}

static status start(gait_engine *e, const gait_machine *machine, const char *name, str input,
                    error *reterr)
{
    char key[DIGEST_HEX_SIZE], digest[SHARD_DIGEST_SIZE];
    found there;
    int64_t start_ms;
    shard_start_request asked = {.input = input, .extra = STR("")};
    TRY(begin(e, reterr));
    if (machine->is_express) {
        return fail(reterr, ERROR_INVALID, "Express workflows are not kept: use gait_run");
    }
    if (input.len > PAYLOAD_BYTES_MAX) {
        return fail(reterr, ERROR_LIMIT, "the input is longer than %u bytes", PAYLOAD_BYTES_MAX);
    }
    TRY(embed_identity_make(str_from_c(name), false, &e->scratch, &asked.identity, reterr));
    TRY(json_parse_into(input, &e->scratch, &asked.value, reterr));
    asked.definition_key =
        digest_compute_hex(DIGEST_SHA256, (str){machine->text, machine->length}, key);
    asked.listed_under = asked.identity.machine_arn;
    status sought = find_durable(e, name, asked.identity.execution_arn, &there, reterr);
    if (ok(sought)) {
        bool is_same =
            str_equal(told_text(&there, "definition"), asked.definition_key) &&
            str_equal(told_text(&there, "inputDigest"), shard_input_digest(input, digest));
        return is_same ? STATUS_OK
                       : fail(reterr, ERROR_CONFLICT,
                              "'%s' is the name of an execution with another definition or input",
                              name);
    }
    if (sought.code != ERROR_NOT_FOUND) {
        return sought;
    }
    TRY(keep_definition(e, machine, asked.definition_key, &asked.machine, reterr));
    request *r = new_request(e);
    if (!r) {
        return fail_memory(reterr);
    }
    return await(e, r, shard_start(e->shard, &asked, &start_ms, answer, r, reterr), reterr);
}

gait_status gait_engine_start(gait_engine *e, const gait_machine *machine, const char *name,
                              const char *input, gait_error *ret_error)
{
    error err = {0};
    status done = start(e, machine, name, str_from_c(input ? input : "{}"), &err);
    return failed(done) ? embed_tell(&err, ret_error) : GAIT_OK;
}

gait_status gait_engine_stop(gait_engine *e, const char *name, const char *error_name,
                             const char *cause, gait_error *ret_error)
{
    error err = {0};
    found there;
    int64_t stop_ms;
    status done = begin(e, &err);
    if (ok(done)) {
        done = find(e, name, &there, &err);
    }
    request *r = ok(done) ? new_request(e) : NULL;
    if (r) {
        status asked = shard_stop(e->shard, there.row.arn, str_from_c(error_name),
                                  str_from_c(cause), &stop_ms, answer, r, &err);
        done = await(e, r, asked, &err);
    } else if (ok(done)) {
        done = fail_memory(&err);
    }
    return failed(done) ? embed_tell(&err, ret_error) : GAIT_OK;
}

/* ------------------------------------------------------------------------------- what came of it
 */

static engine_outcome outcome_of(store_execution_status of)
{
    static const engine_outcome outcomes[] = {
        [STORE_SUCCEEDED] = ENGINE_SUCCEEDED,
        [STORE_FAILED] = ENGINE_FAILED,
        [STORE_TIMED_OUT] = ENGINE_TIMED_OUT,
        [STORE_ABORTED] = ENGINE_ABORTED,
    };
    return of < ARRAY_LENGTH(outcomes) ? outcomes[of] : ENGINE_RUNNING;
}

/* The last event tells how it ended. */
static status read_result(gait_engine *e, const store_execution *row, gait_result **ret_result,
                          error *reterr)
{
    store_chunk *chunks;
    const engine_event *events;
    uint32_t count;
    TRY(store_read_history(e->store, row->seq, 0, true, 1, &e->scratch, &chunks, &count, reterr));
    if (!count) {
        return fail(reterr, ERROR_NOT_FOUND, "the execution's history is gone");
    }
    TRY(engine_events_decode(chunks[0].bytes, &e->scratch, &events, &count, reterr));
    const engine_event *last = &events[count - 1];
    return embed_result_new(outcome_of(row->status), last->payload, last->payload_text, last->error,
                            last->cause, ret_result, reterr);
}

static status wait_for_one(gait_engine *e, const char *name, int64_t timeout_ms,
                           gait_result **ret_result, error *reterr)
{
    found there;
    TRY(find(e, name, &there, reterr));
    if (there.row.status == STORE_RUNNING) {
        e->awaited = there.row.arn;
        e->is_awaited_over = false;
        status turned = turn_until(e, is_awaited_over, NULL, timeout_ms, reterr);
        e->awaited = STR_NONE;
        TRY(turned);
        TRY(find(e, name, &there, reterr));
    }
    return ret_result ? read_result(e, &there.row, ret_result, reterr) : STATUS_OK;
}

gait_status gait_engine_wait(gait_engine *e, const char *name, int64_t timeout_ms,
                             gait_result **ret_result, gait_error *ret_error)
{
    error err = {0};
    status done = begin(e, &err);
    if (ok(done)) {
        done = name ? wait_for_one(e, name, timeout_ms, ret_result, &err)
                    : turn_until(e, is_none_open, NULL, timeout_ms, &err);
    }
    if (ok(done) && e->has_lost_a_result) {
        e->has_lost_a_result = false;
        done = fail_memory(&err);
    }
    return failed(done) ? embed_tell(&err, ret_error) : GAIT_OK;
}

/* ---------------------------------------------------------------------------------------- history
 */

#define CHUNKS_A_READ 64

static status add_events(gait_engine *e, const store_chunk *chunk, const asl_machine *machine,
                         json_array_builder *events, error *reterr)
{
    const engine_event *decoded;
    uint32_t count;
    TRY(engine_events_decode(chunk->bytes, &e->scratch, &decoded, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        json object;
        TRY(engine_event_to_json(&decoded[i], machine, true, &e->scratch, &object, reterr));
        json_array_add(events, object);
    }
    return STATUS_OK;
}

static status read_history(gait_engine *e, const char *name, json *ret_events, error *reterr)
{
    found there;
    const asl_machine *machine;
    json_array_builder events;
    store_chunk *chunks;
    uint32_t count;
    uint64_t next = 1;
    TRY(begin(e, reterr));
    TRY(find(e, name, &there, reterr));
    TRY(shard_definition(e->shard, told_text(&there, "definition"), &machine, reterr));
    json_array_begin(&events, &e->scratch, 64);
    do {
        TRY(store_read_history(e->store, there.row.seq, next, false, CHUNKS_A_READ, &e->scratch,
                               &chunks, &count, reterr));
        for (uint32_t i = 0; i < count; i++) {
            TRY(add_events(e, &chunks[i], machine, &events, reterr));
            next = chunks[i].first_event + chunks[i].event_count;
        }
    } while (count == CHUNKS_A_READ);
    return json_array_finish(&events, ret_events, reterr);
}

char *gait_engine_history(gait_engine *e, const char *name, gait_error *ret_error)
{
    error err = {0};
    json events;
    status done = read_history(e, name, &events, &err);
    str text = ok(done) ? json_text(events, &e->scratch) : STR_NONE;
    char *copy = text.ptr ? str_duplicate(text) : NULL;
    if (ok(done) && !copy) {
        done = fail_memory(&err);
    }
    if (failed(done)) {
        embed_tell(&err, ret_error);
    }
    return copy;
}
