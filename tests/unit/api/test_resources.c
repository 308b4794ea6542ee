/* Records in memory and in the store: seen at once, answered when durable, there after a restart.
 */
#include "api/resources.h"
#include "runtime/loop_host.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

typedef struct fixture {
    net_loop *loop;
    store *store;
    shard *shard;
    resources *resources;
    uint32_t replies;
} fixture;

static void no_start(void *self, const runtime_task *task, runtime_receive *receive, void *receiver)
{
    (void)self, (void)task, (void)receive, (void)receiver;
}

static void no_cancel(void *self, uint64_t execution, uint64_t task_id)
{
    (void)self, (void)execution, (void)task_id;
}

static uint32_t none_in_flight(void *self)
{
    (void)self;
    return 0;
}

static int set_up(void **state)
{
    error err;
    fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_ok(net_loop_new(&f->loop, &err), err);
    assert_ok(store_open_memory(&f->store, &err), err);
    shard_options options = {
        .store = f->store,
        .tasks = {.self = f, .start = no_start, .cancel = no_cancel, .in_flight = none_in_flight},
        .region = STR("us-east-1"),
        .account = STR("123456789012")};
    assert_ok(loop_host_new(f->loop, f->store, &options.host, &err), err);
    assert_ok(shard_new(&options, &f->shard, &err), err);
    assert_ok(shard_recover(f->shard, &err), err);
    assert_ok(resources_new(f->store, f->shard, &f->resources, &err), err);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    resources_free(f->resources);
    shard_free(f->shard);
    net_loop_free(f->loop);
    store_close(f->store);
    free(f);
    return 0;
}

static void count_reply(void *user, const error *err)
{
    fixture *f = user;
    assert_null(err);
    f->replies++;
}

static void commit(fixture *f, resources_change *change)
{
    error err;
    uint32_t before = f->replies;
    assert_ok(resources_commit(change, count_reply, f, &err), err);
    for (int turns = 0; f->replies == before && turns < 1000; turns++) {
        net_loop_turn(f->loop, true);
    }
    assert_int_equal(f->replies, before + 1);
}

static void put(fixture *f, const char *key, int64_t value)
{
    resources_change change;
    resources_begin(f->resources, &change);
    resources_put(&change, STR("machine"), str_from_c(key), json_from_int64(value));
    commit(f, &change);
}

static int64_t number(json value)
{
    int64_t n = -1;
    json_int64(value, &n);
    return n;
}

static void a_change_is_seen_before_it_is_durable(void **state)
{
    fixture *f = *state;
    error err;
    resources_change change;
    resources_begin(f->resources, &change);
    resources_put(&change, STR("machine"), STR("a"), json_from_int64(1));
    assert_true(json_is_absent(resources_get(f->resources, STR("machine"), STR("a"))));
    assert_ok(resources_commit(&change, count_reply, f, &err), err);
    assert_int_equal(number(resources_get(f->resources, STR("machine"), STR("a"))), 1);
    assert_int_equal(f->replies, 0);
    for (int turns = 0; !f->replies && turns < 1000; turns++) {
        net_loop_turn(f->loop, true);
    }
    assert_int_equal(f->replies, 1);
}

static void an_empty_change_is_answered_too(void **state)
{
    fixture *f = *state;
    resources_change change;
    resources_begin(f->resources, &change);
    commit(f, &change);
}

static void keys_are_in_order_and_can_be_sought(void **state)
{
    fixture *f = *state;
    static const char *const keys[] = {"b:2", "a:1", "b:1", "c", "b"};
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        put(f, keys[i], (int64_t)i);
    }
    str key;
    json value;
    uint32_t i = resources_seek(f->resources, STR("machine"), STR("b:"), STR_NONE);
    assert_true(resources_at(f->resources, STR("machine"), STR("b:"), i, &key, &value));
    assert_str_equal(key, "b:1");
    assert_true(resources_at(f->resources, STR("machine"), STR("b:"), i + 1, &key, &value));
    assert_str_equal(key, "b:2");
    assert_false(resources_at(f->resources, STR("machine"), STR("b:"), i + 2, &key, &value));
    i = resources_seek(f->resources, STR("machine"), STR("b:"), STR("b:1"));
    assert_true(resources_at(f->resources, STR("machine"), STR("b:"), i, &key, &value));
    assert_str_equal(key, "b:2");
}

static void several_records_change_together(void **state)
{
    fixture *f = *state;
    resources_change change;
    put(f, "a", 1);
    put(f, "b", 2);
    resources_begin(f->resources, &change);
    resources_delete(&change, STR("machine"), STR("a"));
    resources_delete(&change, STR("machine"), STR("missing"));
    resources_put(&change, STR("machine"), STR("b"), json_from_int64(3));
    resources_put_text(&change, STR("definition"), STR("d"), STR("any text"));
    commit(f, &change);
    assert_true(json_is_absent(resources_get(f->resources, STR("machine"), STR("a"))));
    assert_int_equal(number(resources_get(f->resources, STR("machine"), STR("b"))), 3);
    arena a;
    str text;
    error err;
    arena_init(&a, 0);
    assert_ok(store_get_record(f->store, STR("definition"), STR("d"), &a, &text, &err), err);
    assert_str_equal(text, "any text");
    arena_clean_up(&a);
}

static void what_is_stored_is_loaded_again(void **state)
{
    fixture *f = *state;
    error err;
    char key[16];
    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof(key), "key%02d", i);
        put(f, key, i);
    }
    resources_free(f->resources);
    assert_ok(resources_new(f->store, f->shard, &f->resources, &err), err);
    assert_int_equal(number(resources_get(f->resources, STR("machine"), STR("key07"))), 7);
    assert_int_equal(resources_seek(f->resources, STR("machine"), STR(""), STR("key19")), 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_change_is_seen_before_it_is_durable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_change_is_answered_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_are_in_order_and_can_be_sought, set_up, tear_down),
        cmocka_unit_test_setup_teardown(several_records_change_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_stored_is_loaded_again, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
