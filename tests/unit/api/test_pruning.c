/* Records of definitions and revisions go when nothing refers to them any more, and not before. */
#include "api/pruning.h"
#include "runtime/loop_host.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

#define MACHINE_ARN "arn:aws:states:us-east-1:123456789012:stateMachine:m"

typedef struct fixture {
    net_loop *loop;
    store *store;
    shard *shard;
    resources *resources;
} fixture;

static uint32_t none_in_flight(void *self)
{
    (void)self;
    return 0;
}

static void commit(fixture *f, const store_write *w)
{
    error err;
    assert_ok(store_commit(f->store, w, 1, &err), err);
}

static void put(fixture *f, const char *kind, const char *key, const char *text)
{
    store_write w = {.kind = STORE_PUT_RECORD,
                     .record = {str_from_c(kind), str_from_c(key), str_from_c(text)}};
    commit(f, &w);
}

/* An execution's row; its definition is told by its number alone. */
static void put_execution(fixture *f, uint64_t seq)
{
    store_write w = {.kind = STORE_PUT_EXECUTION,
                     .execution = {.seq = seq,
                                   .arn = STR("x"),
                                   .machine_arn = STR(MACHINE_ARN),
                                   .name = STR("x"),
                                   .status = STORE_SUCCEEDED,
                                   .stop_ms = 1,
                                   .text = STR("{}")}};
    commit(f, &w);
}

static void delete_execution(fixture *f, uint64_t seq)
{
    store_write w = {.kind = STORE_DELETE_EXECUTION, .seq = seq};
    commit(f, &w);
}

static bool is_there(fixture *f, const char *kind, const char *key)
{
    arena a;
    arena_init(&a, 0);
    str text;
    status s = store_get_record(f->store, str_from_c(kind), str_from_c(key), &a, &text, NULL);
    arena_clean_up(&a);
    return ok(s);
}

static void open_all(fixture *f)
{
    error err;
    shard_options options = {.store = f->store, .tasks = {.in_flight = none_in_flight}};
    assert_ok(loop_host_new(f->loop, f->store, &options.host, &err), err);
    assert_ok(shard_new(&options, &f->shard, &err), err);
    assert_ok(shard_recover(f->shard, &err), err);
    assert_ok(resources_new(f->store, f->shard, &f->resources, &err), err);
}

static void close_all(fixture *f)
{
    resources_free(f->resources);
    shard_free(f->shard);
}

/* As after a restart, so that the records put meanwhile are seen. */
static void look(fixture *f)
{
    error err;
    open_all(f);
    assert_ok(pruning_look(f->store, f->shard, f->resources, &err), err);
    close_all(f); /* commits */
}

static int set_up(void **state)
{
    error err;
    fixture *f = calloc(1, sizeof(*f));
    *state = f;
    return ok(net_loop_new(&f->loop, &err)) && ok(store_open_memory(&f->store, &err)) ? 0 : -1;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    net_loop_free(f->loop);
    store_close(f->store);
    free(f);
    return 0;
}

static void what_no_machine_and_no_execution_needs_goes(void **state)
{
    fixture *f = *state;
    char key[40];
    for (int i = 0; i < 40; i++) { /* several pages */
        snprintf(key, sizeof(key), "unused%02d", i);
        put(f, "definition", key, "{}");
    }
    put(f, "definition", "present", "{}");
    put(f, "definition", "versioned", "{}");
    put(f, "revision", MACHINE_ARN "#r1", "{}");
    put(f, "revision", MACHINE_ARN "#r2", "{}");
    put(f, "revision", MACHINE_ARN "#r3", "{}");
    put(f, "machine", MACHINE_ARN, "{\"definition\":\"present\",\"revisionId\":\"r3\"}");
    put(f, "version", MACHINE_ARN ":1",
        "{\"machineArn\":\"" MACHINE_ARN "\",\"definition\":\"versioned\",\"revisionId\":\"r2\"}");
    look(f);
    assert_true(is_there(f, "definition", "unused00")); /* marked */
    look(f);
    for (int i = 0; i < 40; i++) {
        snprintf(key, sizeof(key), "unused%02d", i);
        assert_false(is_there(f, "definition", key));
    }
    assert_false(is_there(f, "unused", "definition/unused00"));
    assert_true(is_there(f, "definition", "present"));
    assert_true(is_there(f, "definition", "versioned"));
    assert_false(is_there(f, "revision", MACHINE_ARN "#r1"));
    assert_true(is_there(f, "revision", MACHINE_ARN "#r2"));
    assert_true(is_there(f, "revision", MACHINE_ARN "#r3"));
}

static void it_stays_while_an_execution_is_there_that_may_have_run_it(void **state)
{
    fixture *f = *state;
    put(f, "definition", "old", "{}");
    put_execution(f, 7);
    look(f);
    put_execution(f, 8); /* begun after the mark: with something else */
    look(f);
    assert_true(is_there(f, "definition", "old"));
    delete_execution(f, 7);
    look(f);
    assert_false(is_there(f, "definition", "old"));
}

static void what_is_used_again_loses_its_mark(void **state)
{
    fixture *f = *state;
    put(f, "definition", "d", "{}");
    look(f);
    assert_true(is_there(f, "unused", "definition/d"));
    put(f, "machine", MACHINE_ARN, "{\"definition\":\"d\",\"revisionId\":\"\"}");
    look(f);
    assert_false(is_there(f, "unused", "definition/d"));
    look(f);
    assert_true(is_there(f, "definition", "d"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_no_machine_and_no_execution_needs_goes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(it_stays_while_an_execution_is_there_that_may_have_run_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_used_again_loses_its_mark, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
