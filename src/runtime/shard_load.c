/* Executions in and out of memory. */
#include "runtime/shard_private.h"

#include <stdlib.h>

#define RECOVERY_PAGE 1000
#define RESIDENT_MAX_DEFAULT 20000

str shard_key_of_seq(const uint64_t *seq)
{
    return (str){(const char *)seq, sizeof(*seq)};
}

str shard_token(const void *user, uint64_t task_id, arena *a)
{
    const live *l = user;
    return token_make(&l->owner->options.key, l->seq, task_id, a);
}

/* ------------------------------------------------------------------------------- the live table */

live *shard_live_new(shard *s, uint64_t seq, error *reterr)
{
    live *l = calloc(1, sizeof(*l));
    if (!l) {
        status failure = fail_memory(reterr);
        (void)failure;
        return NULL;
    }
    l->owner = s;
    l->seq = seq;
    arena_init(&l->texts, 0);
    return l;
}

void shard_live_free(live *l)
{
    if (l) {
        engine_execution_free(l->execution);
        arena_clean_up(&l->texts);
        free(l);
    }
}

static str arn_of(const live *l)
{
    return engine_execution_identity(l->execution)->execution_arn;
}

status shard_add_live(shard *s, live *l, error *reterr)
{
    TRY(map_put(&s->by_seq, shard_key_of_seq(&l->seq), l, reterr));
    status added = map_put(&s->by_arn, arn_of(l), l, reterr);
    if (failed(added)) {
        map_remove(&s->by_seq, shard_key_of_seq(&l->seq));
    }
    return added;
}

static void forget(shard *s, live *l)
{
    shard_leave_idle(s, l);
    map_remove(&s->by_seq, shard_key_of_seq(&l->seq));
    if (map_get(&s->by_arn, arn_of(l)) == l) { /* a newer one may have its name */
        map_remove(&s->by_arn, arn_of(l));
    }
    shard_live_free(l);
}

void shard_leave_idle(shard *s, live *l)
{
    if (!l->is_idle) {
        return;
    }
    *(l->idle_before ? &l->idle_before->idle_after : &s->idle_first) = l->idle_after;
    *(l->idle_after ? &l->idle_after->idle_before : &s->idle_last) = l->idle_before;
    l->idle_before = l->idle_after = NULL;
    l->is_idle = false;
    s->resident_idle--;
}

static void enter_idle(shard *s, live *l)
{
    l->idle_before = s->idle_last;
    *(s->idle_last ? &s->idle_last->idle_after : &s->idle_first) = l;
    s->idle_last = l;
    l->is_idle = true;
    s->resident_idle++;
    uint32_t max = s->options.resident_max ? s->options.resident_max : RESIDENT_MAX_DEFAULT;
    while (s->resident_idle > max) {
        forget(s, s->idle_first);
    }
}

void shard_settle(shard *s, live *l)
{
    if (l->pins) {
        return;
    }
    if (l->is_finished) {
        forget(s, l);
    } else if (!l->is_idle && !l->tasks && l->is_stored) {
        enter_idle(s, l);
    }
}

/* --------------------------------------------------------------------------------- from the store
 */

status shard_definition(shard *s, str key, const asl_machine **ret_machine, error *reterr)
{
    const asl_machine *machine = map_get(&s->definitions, key);
    if (!machine) {
        arena a;
        arena_init(&a, 0);
        str text, own_key = arena_str(&s->definition_keys, key);
        status done = own_key.ptr ? store_get_record(s->options.store, STR("definition"), key, &a,
                                                     &text, reterr)
                                  : fail_memory(reterr);
        if (ok(done)) {
            done = asl_compile(text, NULL, &machine, NULL, reterr);
        }
        if (ok(done)) {
            done = map_put(&s->definitions, own_key, (void *)machine, reterr);
            if (failed(done)) {
                asl_machine_release(machine);
            }
        }
        arena_clean_up(&a);
        TRY(done);
    }
    *ret_machine = machine;
    return STATUS_OK;
}

static str member_text(json object, const char *name, arena *a)
{
    str text = json_str(json_get(object, str_from_c(name)));
    return arena_str(a, text);
}

static status restore(shard *s, live *l, const store_execution *row, json told,
                      const engine_stored_scope *scopes, uint32_t count, error *reterr)
{
    int64_t redrive_count = 0, redrive_ms = 0, workflow = 0;
    json_int64(json_get(told, STR("workflow")), &workflow);
    json_int64(json_get(told, STR("redriveCount")), &redrive_count);
    json_int64(json_get(told, STR("redriveDate")), &redrive_ms);
    if (!arena_reserve(&l->texts, row->machine_arn.len + row->text.len + 4 * ARENA_TEXT_EXTRA)) {
        return fail_memory(reterr);
    }
    l->listed_under = arena_str(&l->texts, row->machine_arn);
    l->definition_key = member_text(told, "definition", &l->texts);
    l->extra = member_text(told, "extra", &l->texts);
    l->input_digest = member_text(told, "inputDigest", &l->texts);
    l->is_stored = true;
    l->has_scopes = true;
    l->has_stored_tasks = row->has_tasks;
    engine_identity identity = {
        .execution_arn = row->arn,
        .execution_name = row->name,
        .machine_arn = json_str(json_get(told, STR("machineArn"))),
        .machine_name = json_str(json_get(told, STR("machineName"))),
        .role_arn = json_str(json_get(told, STR("roleArn"))),
        .region = s->options.region,
        .account = s->options.account,
        .start_time_ms = row->start_ms,
        .workflow = (uint32_t)workflow,
        .redrive_count = (uint32_t)redrive_count,
        .redrive_time_ms = redrive_ms,
        .limits = s->options.limits,
        .task_token = shard_token,
        .task_token_user = l,
        .refuse_task = s->options.refuse_task,
        .refuse_task_user = s->options.refuse_task_user,
    };
    const asl_machine *machine;
    TRY(shard_definition(s, l->definition_key, &machine, reterr));
    return engine_execution_restore(machine, &identity, scopes, count, &l->execution, reterr);
}

static status load(shard *s, uint64_t seq, bool has_ended, live **ret_live, error *reterr)
{
    arena a;
    arena_init(&a, 0);
    live *l = NULL;
    store_execution row;
    store_scope *stored;
    uint32_t count;
    json told;
    status done = store_get_execution(s->options.store, seq, &a, &row, reterr);
    if (ok(done) && (row.status != STORE_RUNNING) != has_ended) {
        done = fail(reterr, ERROR_NOT_FOUND, "the execution has %s",
                    has_ended ? "not ended" : "ended");
    }
    if (ok(done)) {
        done = json_parse_into(row.text, &a, &told, reterr);
    }
    if (ok(done)) {
        done = store_read_scopes(s->options.store, seq, &a, &stored, &count, reterr);
    }
    if (ok(done) && has_ended && !count) {
        done = fail(reterr, ERROR_NOT_FOUND, "the execution's state was not kept");
    }
    if (ok(done)) {
        engine_stored_scope *scopes = arena_array(&a, engine_stored_scope, count ? count : 1);
        l = scopes ? shard_live_new(s, seq, reterr) : NULL;
        for (uint32_t i = 0; l && i < count; i++) {
            scopes[i] = (engine_stored_scope){stored[i].id, stored[i].bytes};
        }
        done = l ? restore(s, l, &row, told, scopes, count, reterr) : fail_memory(reterr);
    }
    if (ok(done)) {
        l->is_finished = has_ended;
        done = shard_add_live(s, l, reterr);
    }
    arena_clean_up(&a);
    if (failed(done)) {
        shard_live_free(l);
        return done;
    }
    *ret_live = l;
    return STATUS_OK;
}

status shard_get_live(shard *s, uint64_t seq, live **ret_live, error *reterr)
{
    live *l = map_get(&s->by_seq, shard_key_of_seq(&seq));
    if (!l) {
        TRY(load(s, seq, false, &l, reterr));
        shard_settle(s, l);
    } else if (l->is_finished) {
        return fail(reterr, ERROR_NOT_FOUND, "the execution has ended");
    }
    *ret_live = l;
    return STATUS_OK;
}

/* It stays in memory until something settles it: the redrive that follows, at the latest. */
status shard_get_ended(shard *s, uint64_t seq, live **ret_live, error *reterr)
{
    live *l = map_get(&s->by_seq, shard_key_of_seq(&seq));
    if (!l) {
        TRY(load(s, seq, true, &l, reterr));
    } else if (!l->is_finished) {
        return fail(reterr, ERROR_NOT_FOUND, "the execution has not ended");
    }
    *ret_live = l;
    return STATUS_OK;
}

status shard_task_machine(shard *s, str token, arena *a, str *ret_machine_arn, error *reterr)
{
    uint64_t seq, task_id;
    if (!token_read(&s->options.key, token, &seq, &task_id)) {
        return fail(reterr, ERROR_INVALID, "Invalid Token");
    }
    const live *l = map_get(&s->by_seq, shard_key_of_seq(&seq));
    str arn = l ? engine_execution_identity(l->execution)->machine_arn : STR_NONE;
    if (!l) {
        store_execution row;
        json told;
        TRY(store_get_execution(s->options.store, seq, a, &row, reterr));
        TRY(json_parse_into(row.text, a, &told, reterr));
        arn = json_str(json_get(told, STR("machineArn")));
    }
    arn = arena_str(a, arn);
    if (!arn.ptr) {
        return fail_memory(reterr);
    }
    *ret_machine_arn = arn;
    return STATUS_OK;
}

/* --------------------------------------------------------------------------------------- recovery
 */

/* Tasks that were in flight are dispatched again, with the same ids: idempotency is up to who does
 * them. One that was in the middle of its own work goes on; for others that is stale. */
static status resume_tasks(shard *s, uint64_t seq, error *reterr)
{
    live *l = NULL;
    const engine_effect *effects;
    uint32_t count;
    TRY(shard_get_live(s, seq, &l, reterr));
    arena a;
    arena_init(&a, 0);
    status done = engine_execution_pending(l->execution, &a, &effects, &count, reterr);
    if (ok(done)) {
        engine_input go_on = {.kind = ENGINE_CONTINUE};
        done = input_queue_add(&s->inputs, seq, &go_on, NULL, reterr);
    }
    if (ok(done)) {
        shard_leave_idle(s, l);
        l->pins++;
        for (uint32_t i = 0; i < count; i++) {
            if (effects[i].kind == ENGINE_EFFECT_START_TASK) {
                l->tasks++;
                shard_act_effect(s, l, &effects[i]);
            }
        }
        l->pins--;
        shard_settle(s, l);
    }
    arena_clean_up(&a);
    return done;
}

static status recover_tasks(shard *s, error *reterr)
{
    arena a;
    arena_init(&a, 0);
    uint64_t after = 0, *page;
    uint32_t count;
    status done;
    do {
        arena_reset(&a);
        done =
            store_list_in_flight(s->options.store, after, RECOVERY_PAGE, &a, &page, &count, reterr);
        for (uint32_t i = 0; ok(done) && i < count; i++) {
            done = resume_tasks(s, page[i], reterr);
            after = page[i];
        }
    } while (ok(done) && count == RECOVERY_PAGE);
    arena_clean_up(&a);
    return done;
}

status shard_recover(shard *s, error *reterr)
{
    store_totals totals;
    TRY(store_read_totals(s->options.store, &totals, reterr));
    s->next_seq = totals.seq_max + 1;
    s->open_count = totals.open_count;
    s->horizon_ms = INT64_MIN;
    TRY(shard_read_deadlines(s, reterr));
    s->is_pumping = true; /* nothing is stepped before all is back */
    status done = recover_tasks(s, reterr);
    s->is_pumping = false;
    TRY(done);
    shard_set_alarm(s);
    return STATUS_OK;
}
