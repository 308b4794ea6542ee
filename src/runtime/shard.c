/* Requests become inputs; inputs are stepped one after the other; batches go to the committer. */
#include "base/digest.h"
#include "runtime/shard_private.h"

#include <stdlib.h>

#define ENCODED_BYTES_MAX (1u << 28)
#define STEPS_A_TURN_MAX 256
#define STEP_RETRY_MS 100           /* after memory ran out */
#define OPEN_EXECUTIONS_MAX 1000000 /* AWS's quota, per account and region */

int64_t shard_now_ms(shard *s)
{
    s->latest_ms = MAX_OF(s->latest_ms, s->options.host.clock_ms(s->options.host.self));
    return s->latest_ms;
}

/* ---------------------------------------------------------------------------------------- batches
 */

static void reset_batch(shard_batch *b)
{
    arena_reset(&b->work.memory);
    b->work.writes = NULL;
    b->work.count = 0;
    b->work.room = 0;
    b->first = NULL;
    b->last = NULL;
}

static bool wants_commit(const shard *s)
{
    return !s->committing && (s->open->work.count || s->open->first);
}

/* One batch is committed at a time; what comes meanwhile joins the next one. */
static void flush(shard *s)
{
    if (!wants_commit(s)) {
        return;
    }
    s->committing = s->open;
    s->open = &s->batches[0];
    while (s->open == s->committing || s->open == s->acting) {
        s->open++;
    }
    s->options.host.commit(s->options.host.self, &s->committing->work);
}

static void pump(shard *s);

static void committed(void *user, batch *done)
{
    shard *s = user;
    INVARIANT(done == &s->committing->work);
    if (s->is_refusing) {
        s->is_refusing = false;
        if (s->options.observer.store_state) {
            s->options.observer.store_state(s->options.observer.self, NULL, false);
        }
    }
    s->acting = s->committing;
    s->committing = NULL;
    flush(s); /* the disk works while the effects leave */
    shard_act_all(s, s->acting->first);
    reset_batch(s->acting);
    s->acting = NULL;
    pump(s);
}

static void refused(void *user, const error *err, bool is_final)
{
    shard *s = user;
    s->is_refusing = true;
    s->refusal = *err;
    if (s->options.observer.store_state) {
        s->options.observer.store_state(s->options.observer.self, err, is_final);
    }
}

/* -------------------------------------------------------------------------- the queue and the
 * clock */

/* A batch is not committed at once but when the host has dealt with what has arrived: requests of
 * the same turn share it. Neither does the queue keep the host from others. */
void shard_set_alarm(shard *s)
{
    int64_t due_ms, delay_ms = -1;
    if (s->is_starved) {
        delay_ms = STEP_RETRY_MS;
    } else if (s->inputs.first || wants_commit(s)) {
        delay_ms = 0;
    } else if (shard_next_deadline(s, &due_ms)) {
        delay_ms = MAX_OF(due_ms - shard_now_ms(s), (int64_t)0);
    }
    s->options.host.set_alarm(s->options.host.self, delay_ms);
}

/* The entry's execution is over: whoever waits for an answer gets one. */
static void drop(queued_input *entry, const error *err)
{
    if (entry->reply) {
        entry->reply(entry->user, err);
    }
    queued_input_free(entry);
}

/* False when memory ran out: the entry is back in the queue. */
static bool step_one(shard *s, queued_input *entry)
{
    live *l;
    error err;
    status done = entry->input.kind == ENGINE_REDRIVE
                      ? shard_get_ended(s, entry->execution, &l, &err)
                      : shard_get_live(s, entry->execution, &l, &err);
    if (failed(done)) {
        if (done.code == ERROR_NOT_FOUND) {
            drop(entry, &err);
            return true;
        }
    } else {
        done = shard_step(s, l, entry, &err);
    }
    if (ok(done)) {
        return true;
    }
    entry->next = s->inputs.first;
    s->inputs.first = entry;
    s->inputs.last = s->inputs.last ? s->inputs.last : entry;
    return false;
}

/* Deadlines come before what is queued: a workflow that never waits can still time out. False when
 * one could not be read or taken: it is tried again after a pause. */
static bool take_next(shard *s, queued_input **ret_entry)
{
    timer_key due;
    status done;
    *ret_entry = NULL;
    if (!shard_take_due(s, &due, &done)) {
        *ret_entry = ok(done) ? input_queue_take(&s->inputs) : NULL;
        return ok(done);
    }
    input_queue alone = {0};
    engine_input input = {.kind = ENGINE_TIMER, .timer_id = due.id};
    if (failed(input_queue_add(&alone, due.owner, &input, ret_entry, NULL))) {
        status kept = timers_set(&s->deadlines, due, 0, NULL);
        INVARIANT(ok(kept)); /* its place was freed just now */
        return false;
    }
    return true;
}

static void pump(shard *s)
{
    if (s->is_pumping) {
        return;
    }
    s->is_pumping = true;
    s->is_starved = false;
    for (uint32_t steps = 0; !s->is_starved && steps < STEPS_A_TURN_MAX; steps++) {
        queued_input *entry;
        s->is_starved = !take_next(s, &entry);
        if (!entry) {
            break;
        }
        s->is_starved = !step_one(s, entry);
    }
    s->is_pumping = false;
    shard_set_alarm(s);
}

static void wake(void *self)
{
    shard *s = self;
    flush(s);
    pump(s);
}

void shard_receive(void *receiver, uint64_t execution, const engine_input *input)
{
    shard *s = receiver;
    status added = input_queue_add(&s->inputs, execution, input, NULL, NULL);
    INVARIANT(ok(added)); /* a result must not be lost: after a restart the task is done again */
    pump(s);
}

/* ------------------------------------------------------------------------------------ open, close
 */

status shard_new(const shard_options *options, shard **ret_shard, error *reterr)
{
    shard *s = calloc(1, sizeof(*s));
    if (!s) {
        options->host.close(options->host.self);
        return fail_memory(reterr);
    }
    s->options = *options;
    s->random = options->entropy;
    s->next_seq = 1;
    s->horizon_ms = INT64_MAX;
    s->open = &s->batches[0];
    map_init(&s->by_seq, entropy_next(&s->random), entropy_next(&s->random));
    map_init(&s->by_arn, entropy_next(&s->random), entropy_next(&s->random));
    map_init(&s->definitions, entropy_next(&s->random), entropy_next(&s->random));
    arena_init(&s->definition_keys, 0);
    arena_init(&s->express, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(s->batches); i++) {
        arena_init(&s->batches[i].work.memory, 0);
    }
    buf_init(&s->encoded, ENCODED_BYTES_MAX);
    timers_init(&s->deadlines);
    const runtime_guest guest = {s, wake, committed, refused};
    s->options.host.enter(s->options.host.self, &guest);
    *ret_shard = s;
    return STATUS_OK;
}

void shard_refuse_tasks(shard *s,
                        str (*refuse)(const void *user, const asl_resource *resource, json payload,
                                      arena *a),
                        const void *user)
{
    s->options.refuse_task = refuse;
    s->options.refuse_task_user = user;
}

/* Lets go of what a batch still holds, without acting on it. */
static void drop_batch(shard_batch *b)
{
    for (pending *p = b->first; p; p = p->next) {
        json_doc_release(p->payload);
        json_doc_release(p->credentials);
    }
    arena_clean_up(&b->work.memory);
}

void shard_free(shard *s)
{
    if (!s) {
        return;
    }
    if (!s->is_refusing) {
        flush(s); /* what is not durable yet was not acknowledged: this is a courtesy */
    }
    s->options.host.close(s->options.host.self);
    input_queue_clean_up(&s->inputs);
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&s->by_seq, &cursor));) {
        shard_live_free(entry->value);
    }
    cursor = 0;
    for (map_entry *entry; (entry = map_next(&s->definitions, &cursor));) {
        asl_machine_release(entry->value);
    }
    map_clean_up(&s->by_seq);
    map_clean_up(&s->by_arn);
    map_clean_up(&s->definitions);
    arena_clean_up(&s->definition_keys);
    arena_clean_up(&s->express);
    for (size_t i = 0; i < ARRAY_LENGTH(s->batches); i++) {
        drop_batch(&s->batches[i]);
    }
    timers_clean_up(&s->deadlines);
    buf_clean_up(&s->encoded);
    free(s);
}

/* -------------------------------------------------------------------------------------- requests
 */

str shard_input_digest(str input, char out[SHARD_DIGEST_SIZE])
{
    char hex[DIGEST_HEX_SIZE];
    str digest = digest_compute_hex(DIGEST_SHA256, input, hex);
    memcpy(out, digest.ptr, SHARD_DIGEST_SIZE);
    return (str){out, SHARD_DIGEST_SIZE - 1};
}

bool shard_find(const shard *s, str execution_arn, shard_found *ret_found)
{
    const live *l = map_get(&s->by_arn, execution_arn);
    if (!l) {
        return false;
    }
    *ret_found = (shard_found){
        .seq = l->seq,
        .start_ms = engine_execution_identity(l->execution)->start_time_ms,
        .is_open = !l->is_finished,
        .input_digest = l->input_digest,
        .extra = l->extra,
    };
    return true;
}

/* Whether a new execution or a result may come in: nothing is accepted that could not be made
 * durable. */
static status check_open(const shard *s, error *reterr)
{
    if (s->is_refusing) {
        return fail(reterr, ERROR_IO, "the store refuses to write: %s", s->refusal.message);
    }
    return STATUS_OK;
}

static status new_live(shard *s, const shard_start_request *request, int64_t start_ms,
                       live **ret_live, error *reterr)
{
    char digest[SHARD_DIGEST_SIZE];
    live *l = shard_live_new(s, s->next_seq, reterr);
    if (!l) {
        return (status){ERROR_MEMORY};
    }
    engine_identity identity = request->identity;
    identity.start_time_ms = start_ms;
    identity.region = s->options.region;
    identity.account = s->options.account;
    identity.limits = s->options.limits;
    identity.task_token = shard_token;
    identity.task_token_user = l;
    identity.refuse_task = s->options.refuse_task;
    identity.refuse_task_user = s->options.refuse_task_user;
    size_t bytes = request->listed_under.len + request->extra.len + request->definition_key.len +
                   sizeof(digest) + 4 * ARENA_TEXT_EXTRA;
    if (!arena_reserve(&l->texts, bytes)) {
        shard_live_free(l);
        return fail_memory(reterr);
    }
    l->listed_under = arena_str(&l->texts, request->listed_under);
    l->extra = arena_str(&l->texts, request->extra);
    l->definition_key = arena_str(&l->texts, request->definition_key);
    l->input_digest = arena_str(&l->texts, shard_input_digest(request->input, digest));
    l->keeps_row = request->keeps_row && identity.is_express;
    l->input = l->keeps_row ? arena_str(&l->texts, request->input) : STR("");
    bool is_made = l->listed_under.ptr && l->extra.ptr && l->definition_key.ptr &&
                   l->input_digest.ptr && l->input.ptr;
    status done = is_made ? engine_execution_new(request->machine, &identity, &l->execution, reterr)
                          : fail_memory(reterr);
    if (ok(done)) {
        done = shard_add_live(s, l, reterr);
    }
    if (failed(done)) {
        shard_live_free(l);
        return done;
    }
    *ret_live = l;
    return STATUS_OK;
}

static status start(shard *s, const shard_start_request *request, int64_t *ret_start_ms,
                    live **ret_live, queued_input **ret_entry, error *reterr)
{
    TRY(check_open(s, reterr));
    if (s->open_count >= OPEN_EXECUTIONS_MAX) {
        return fail(reterr, ERROR_LIMIT, "the maximum of %d open executions is reached",
                    OPEN_EXECUTIONS_MAX);
    }
    int64_t start_ms = shard_now_ms(s);
    engine_input input = {.kind = ENGINE_START, .value = request->value, .text = request->input};
    TRY(input_queue_add(&s->inputs, s->next_seq, &input, ret_entry, reterr));
    status made = new_live(s, request, start_ms, ret_live, reterr);
    if (failed(made)) {
        (*ret_entry)->execution = 0; /* nobody: it is dropped when its turn comes */
        return made;
    }
    s->next_seq++;
    s->open_count++;
    *ret_start_ms = start_ms;
    return STATUS_OK;
}

status shard_start(shard *s, const shard_start_request *request, int64_t *ret_start_ms,
                   shard_reply *reply, void *user, error *reterr)
{
    live *l;
    queued_input *entry;
    TRY(start(s, request, ret_start_ms, &l, &entry, reterr));
    entry->reply = reply;
    entry->user = user;
    pump(s);
    return STATUS_OK;
}

status shard_start_sync(shard *s, const shard_start_request *request, int64_t *ret_start_ms,
                        shard_sync_reply *reply, void *user, error *reterr)
{
    live *l;
    queued_input *entry;
    INVARIANT(request->identity.is_express);
    TRY(start(s, request, ret_start_ms, &l, &entry, reterr));
    l->sync_reply = reply;
    l->sync_user = user;
    pump(s);
    return STATUS_OK;
}

static status request(shard *s, uint64_t seq, const engine_input *input, shard_reply *reply,
                      void *user, error *reterr)
{
    live *l;
    queued_input *entry;
    TRY(check_open(s, reterr));
    TRY(shard_get_live(s, seq, &l, reterr));
    TRY(input_queue_add(&s->inputs, seq, input, &entry, reterr));
    entry->reply = reply;
    entry->user = user;
    pump(s);
    return STATUS_OK;
}

status shard_stop(shard *s, str execution_arn, str error_name, str cause, int64_t *ret_stop_ms,
                  shard_reply *reply, void *user, error *reterr)
{
    uint64_t seq;
    const live *l = map_get(&s->by_arn, execution_arn);
    if (l) {
        seq = l->seq;
    } else {
        arena a;
        arena_init(&a, 0);
        store_execution row;
        status found = store_find_execution(s->options.store, execution_arn, &a, &row, reterr);
        seq = ok(found) ? row.seq : 0;
        arena_clean_up(&a);
        TRY(found);
    }
    engine_input input = {.kind = ENGINE_STOP, .error = error_name, .cause = cause};
    *ret_stop_ms = shard_now_ms(s);
    return request(s, seq, &input, reply, user, reterr);
}

status shard_redrive(shard *s, uint64_t seq, str extra, shard_reply *reply, void *user,
                     error *reterr)
{
    live *l;
    queued_input *entry;
    engine_input input = {.kind = ENGINE_REDRIVE, .text = extra};
    TRY(check_open(s, reterr));
    if (s->open_count >= OPEN_EXECUTIONS_MAX) {
        return fail(reterr, ERROR_LIMIT, "the maximum of %d open executions is reached",
                    OPEN_EXECUTIONS_MAX);
    }
    TRY(shard_get_ended(s, seq, &l, reterr));
    TRY(input_queue_add(&s->inputs, seq, &input, &entry, reterr));
    entry->reply = reply;
    entry->user = user;
    pump(s);
    return STATUS_OK;
}

status shard_end_task(shard *s, shard_task_call call, str token, json output, str error_name,
                      str cause, shard_reply *reply, void *user, error *reterr)
{
    static const engine_input_kind kinds[] = {
        [SHARD_TASK_SUCCESS] = ENGINE_TASK_SUCCEEDED,
        [SHARD_TASK_FAILURE] = ENGINE_TASK_FAILED,
        [SHARD_TASK_HEARTBEAT] = ENGINE_TASK_HEARTBEAT,
    };
    uint64_t seq, task_id;
    if (!token_read(&s->options.key, token, &seq, &task_id)) {
        return fail(reterr, ERROR_INVALID, "Invalid Token");
    }
    engine_input input = {.kind = kinds[call],
                          .task_id = task_id,
                          .value = output,
                          .error = error_name,
                          .cause = cause};
    return request(s, seq, &input, reply, user, reterr);
}

status shard_task_started(shard *s, uint64_t seq, uint64_t task_id, str worker, shard_reply *reply,
                          void *user, error *reterr)
{
    engine_input input = {.kind = ENGINE_TASK_STARTED, .task_id = task_id, .worker = worker};
    return request(s, seq, &input, reply, user, reterr);
}

static status copy_text(arena *a, str *text, error *reterr)
{
    *text = arena_str(a, *text);
    return text->ptr ? STATUS_OK : fail_memory(reterr);
}

status shard_write(shard *s, const store_write *writes, uint32_t count, shard_reply *reply,
                   void *user, error *reterr)
{
    TRY(check_open(s, reterr));
    return shard_join(s, writes, count, reply, user, reterr);
}

status shard_join(shard *s, const store_write *writes, uint32_t count, shard_reply *reply,
                  void *user, error *reterr)
{
    arena *memory = &s->open->work.memory;
    pending *p = arena_new(memory, pending);
    store_write *copies = arena_array(memory, store_write, count);
    if (!p || !copies) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        INVARIANT(writes[i].kind == STORE_PUT_RECORD || writes[i].kind == STORE_DELETE_RECORD);
        copies[i] = writes[i];
        TRY(copy_text(memory, &copies[i].record.kind, reterr));
        TRY(copy_text(memory, &copies[i].record.key, reterr));
        TRY(copy_text(memory, &copies[i].record.text, reterr));
    }
    uint32_t before = s->open->work.count;
    for (uint32_t i = 0; i < count; i++) {
        status added = batch_add(&s->open->work, &copies[i], reterr);
        if (failed(added)) {
            s->open->work.count = before;
            return added;
        }
    }
    *p = (pending){.kind = PENDING_REPLY, .reply = reply, .user = user};
    *(s->open->last ? &s->open->last->next : &s->open->first) = p;
    s->open->last = p;
    shard_set_alarm(s);
    return STATUS_OK;
}

status shard_retire(shard *s, int64_t stopped_before_ms, uint32_t max, uint32_t *ret_count,
                    error *reterr)
{
    arena a;
    arena_init(&a, 0);
    uint64_t *seqs;
    uint32_t count = 0;
    status done = check_open(s, reterr);
    if (ok(done)) {
        done =
            store_list_expired(s->options.store, stopped_before_ms, max, &a, &seqs, &count, reterr);
    }
    for (uint32_t i = 0; ok(done) && i < count; i++) {
        store_write w = {.kind = STORE_DELETE_EXECUTION, .seq = seqs[i]};
        done = batch_add(&s->open->work, &w, reterr);
    }
    arena_clean_up(&a);
    if (ok(done)) {
        *ret_count = count;
    }
    shard_set_alarm(s);
    return done;
}

shard_counts shard_count(const shard *s)
{
    return (shard_counts){
        .open = s->open_count,
        .resident = s->by_seq.live,
        .timers = s->deadlines.count,
        .next_seq = s->next_seq,
        .tasks_in_flight = s->options.tasks.in_flight(s->options.tasks.self),
        .is_store_refusing = s->is_refusing,
    };
}
