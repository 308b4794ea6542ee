/* Deadlines. The store has all those of stored executions; in memory are the nearest, up to the
 * horizon, and more are read when that comes. So a million executions that wait cost no memory, and
 * nothing at a start.
 *
 *      now                    horizon
 *   ────┼───────────────────────┼──────────────────────────────> due_ms
 *        in memory, all of them │ in the store alone, mostly
 *
 * Invariants:
 *   1. a committed deadline whose effects have left is in memory when it is due up to the horizon.
 *   2. what is in memory beyond the horizon is right too: moving and clearing look there as well.
 *      (Those of Express executions are in no store.)
 * A page that is read may hold a deadline that is fired, moved or cleared by a step that is not
 * durable yet: then it fires once more, which is stale for the engine, or the effect puts it right.
 */
#include "runtime/shard_private.h"

#define PAGE_DEFAULT 10000
#define NEAR_MS 3600000 /* kept in memory also where there are many */

static uint32_t page_size(const shard *s)
{
    return s->options.deadlines_page ? s->options.deadlines_page : PAGE_DEFAULT;
}

void shard_set_deadline(shard *s, const live *l, uint64_t id, int64_t due_ms)
{
    timer_key key = {l->seq, id};
    bool is_express = engine_execution_identity(l->execution)->is_express;
    if (s->horizon_ms == INT64_MAX && s->deadlines.count >= 2 * (uint64_t)page_size(s)) {
        s->horizon_ms = shard_now_ms(s) + NEAR_MS;
    }
    if (due_ms > s->horizon_ms && !is_express) {
        timers_clear(&s->deadlines, key);
        return;
    }
    status set = timers_set(&s->deadlines, key, due_ms, NULL);
    INVARIANT(ok(set)); /* it must not be forgotten: restart and read it from the store */
}

/* Of equal deadlines a page may hold only some: then the horizon stays before them. */
status shard_read_deadlines(shard *s, error *reterr)
{
    arena a;
    arena_init(&a, 0);
    uint32_t max = page_size(s), count = max;
    int64_t horizon_ms = s->horizon_ms;
    store_timer *page, after = {horizon_ms, INT64_MAX, INT64_MAX};
    status done = STATUS_OK;
    while (ok(done) && count == max && horizon_ms <= s->horizon_ms) {
        arena_reset(&a);
        done = store_list_timers(s->options.store, &after, max, &a, &page, &count, reterr);
        for (uint32_t i = 0; ok(done) && i < count; i++) {
            done = timers_set(&s->deadlines, (timer_key){page[i].seq, page[i].id}, page[i].due_ms,
                              reterr);
        }
        if (ok(done) && count) {
            after = page[count - 1];
            horizon_ms = after.due_ms - 1;
        }
    }
    arena_clean_up(&a);
    if (ok(done)) {
        s->horizon_ms = count == max ? horizon_ms : INT64_MAX;
    }
    return done;
}

/* What has fired is not in memory any more. False when none is due, or *ret_status failed. */
bool shard_take_due(shard *s, timer_key *ret_key, status *ret_status)
{
    timer_key key;
    int64_t due_ms, now_ms = shard_now_ms(s);
    bool is_due = timers_peek(&s->deadlines, &key, &due_ms) && due_ms <= now_ms;
    *ret_status = STATUS_OK;
    if (s->horizon_ms < now_ms && !(is_due && due_ms <= s->horizon_ms)) {
        *ret_status = shard_read_deadlines(s, NULL);
        is_due = timers_peek(&s->deadlines, &key, &due_ms) && due_ms <= now_ms;
    }
    if (failed(*ret_status) || !is_due) {
        return false;
    }
    timers_clear(&s->deadlines, key);
    *ret_key = key;
    return true;
}

bool shard_next_deadline(const shard *s, int64_t *ret_due_ms)
{
    timer_key key;
    int64_t due_ms = INT64_MAX;
    bool is_there = timers_peek(&s->deadlines, &key, &due_ms);
    if (s->horizon_ms != INT64_MAX) {
        due_ms = MIN_OF(due_ms, s->horizon_ms + 1);
        is_there = true;
    }
    *ret_due_ms = due_ms;
    return is_there;
}
