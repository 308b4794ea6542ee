/* retention: what ended long enough ago is removed, page by page; nothing else is. */
#include "runtime/loop_host.h"
#include "runtime/retention.h"
#include <stdio.h>

#include "unit.h"

#define EXECUTIONS 500 /* more than two pages */
#define DAY_MS (86400LL * 1000)

static uint32_t none_in_flight(void *self)
{
    (void)self;
    return 0;
}

static void put(store *s, uint64_t seq, store_execution_status code, int64_t stop_ms)
{
    char arn[64];
    int len = snprintf(arn, sizeof(arn), "arn:aws:states:r:a:execution:m:%d", (int)seq);
    store_write w = {.kind = STORE_PUT_EXECUTION,
                     .execution = {.seq = seq,
                                   .arn = {arn, (size_t)len},
                                   .machine_arn = STR("m"),
                                   .name = STR("n"),
                                   .status = code,
                                   .start_ms = 1,
                                   .stop_ms = stop_ms,
                                   .text = STR("{}")}};
    error err;
    assert_ok(store_commit(s, &w, 1, &err), err);
}

static void old_executions_are_removed_and_others_kept(void **state)
{
    (void)state;
    error err;
    net_loop *loop;
    store *s;
    shard *owner;
    retention *keeper;
    store_totals totals = {0};
    assert_ok(net_loop_new(&loop, &err), err);
    assert_ok(store_open_memory(&s, &err), err);
    int64_t now_ms = net_loop_clock_ms(loop);
    for (uint64_t seq = 1; seq <= EXECUTIONS; seq++) {
        put(s, seq, STORE_SUCCEEDED, now_ms - 2 * DAY_MS);
    }
    put(s, EXECUTIONS + 1, STORE_FAILED, now_ms);
    put(s, EXECUTIONS + 2, STORE_RUNNING, -1);
    shard_options options = {.store = s, .tasks = {.in_flight = none_in_flight}};
    assert_ok(loop_host_new(loop, s, &options.host, &err), err);
    assert_ok(shard_new(&options, &owner, &err), err);
    assert_ok(retention_new(loop, owner, DAY_MS, &keeper, &err), err);
    int64_t until_ms = net_loop_now_ms(loop) + 120000;
    do {
        net_loop_turn(loop, true);
        assert_ok(store_read_totals(s, &totals, &err), err);
    } while (totals.execution_count > 2 && net_loop_now_ms(loop) < until_ms);
    assert_int_equal(totals.execution_count, 2);
    assert_int_equal(totals.open_count, 1);
    assert_int_equal(totals.seq_max, EXECUTIONS + 2);
    retention_free(keeper);
    shard_free(owner);
    net_loop_free(loop);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_executions_are_removed_and_others_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
