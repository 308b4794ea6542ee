/* Records of map runs go with the execution that they belong to, page after page. */
#include "runtime/loop_host.h"
#include "runtime/map/map_run.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

#define KEPT "arn:aws:states:r:a:execution:m:kept"
#define GONE "arn:aws:states:r:a:execution:m:gone"

static uint32_t none_in_flight(void *self)
{
    (void)self;
    return 0;
}

static void commit(store *s, const store_write *w, uint32_t count)
{
    error err;
    assert_ok(store_commit(s, w, count, &err), err);
}

static void put_run(store *s, const char *execution, int number)
{
    arena a;
    char arn[64], key[160];
    int arn_length = snprintf(arn, sizeof(arn), "arn:aws:states:r:a:mapRun:m/l:%04d", number);
    int key_length = snprintf(key, sizeof(key), "%s|%020d|%s", execution, number, arn);
    arena_init(&a, 0);
    str time = map_run_time_key(number, str_from(arn, (size_t)arn_length), &a);
    store_write writes[] = {
        {.kind = STORE_PUT_RECORD, .record = {MAP_RUN_TIME_RECORD, time, STR("{}")}},
        {.kind = STORE_PUT_RECORD,
         .record = {MAP_RUN_RECORD, str_from(arn, (size_t)arn_length), STR("{}")}},
        {.kind = STORE_PUT_RECORD,
         .record = {MAP_RUN_OF_RECORD, str_from(key, (size_t)key_length), STR("{}")}},
    };
    commit(s, writes, ARRAY_LENGTH(writes));
    arena_clean_up(&a);
}

static uint32_t count_records(store *s, str kind)
{
    arena a;
    store_record *records;
    uint32_t count;
    bool has_more;
    error err;
    arena_init(&a, 0);
    assert_ok(store_list_records(s, kind, STR(""), STR_NONE, 100000, &a, &records, &count,
                                 &has_more, &err),
              err);
    arena_clean_up(&a);
    return count;
}

/* What one look writes is durable when the shard has ended. */
static void prune(net_loop *loop, store *s, int looks)
{
    error err;
    shard *writer;
    map_runs *runs;
    shard_options options = {.store = s, .tasks = {.in_flight = none_in_flight}};
    map_runs_options of_runs = {.loop = loop, .store = s};
    assert_ok(loop_host_new(loop, s, &options.host, &err), err);
    assert_ok(shard_new(&options, &writer, &err), err);
    assert_ok(shard_recover(writer, &err), err);
    assert_ok(map_runs_new(&of_runs, &runs, &err), err);
    map_runs_connect(runs, writer);
    for (int i = 0; i < looks; i++) {
        assert_ok(map_runs_prune(runs, &err), err);
    }
    shard_free(writer);
    map_runs_free(runs);
}

static void map_runs_of_removed_executions_go(void **state)
{
    (void)state;
    error err;
    net_loop *loop;
    store *s;
    assert_ok(net_loop_new(&loop, &err), err);
    assert_ok(store_open_memory(&s, &err), err);
    store_write row = {.kind = STORE_PUT_EXECUTION,
                       .execution = {.seq = 1,
                                     .arn = STR(KEPT),
                                     .machine_arn = STR("m"),
                                     .name = STR("kept"),
                                     .status = STORE_SUCCEEDED,
                                     .stop_ms = 1,
                                     .text = STR("{}")}};
    commit(s, &row, 1);
    for (int i = 0; i < 1500; i++) {
        put_run(s, GONE, i);
    }
    put_run(s, KEPT, 9000);
    prune(loop, s, 1);
    assert_int_equal(count_records(s, MAP_RUN_RECORD), 501); /* a page is 1000 */
    prune(loop, s, 2);
    assert_int_equal(count_records(s, MAP_RUN_RECORD), 1);
    assert_int_equal(count_records(s, MAP_RUN_OF_RECORD), 1);
    assert_int_equal(count_records(s, MAP_RUN_TIME_RECORD), 1);
    net_loop_free(loop);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(map_runs_of_removed_executions_go)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
