/* Whole files of the local services: read in parts, and replaced beside the loop. */
#include "integrations/local/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

typedef struct fixture {
    net_loop *loop;
    arena memory;
    char folder[64];
    uint32_t done_count;
    bool has_failed;
} fixture;

static void begin(fixture *f)
{
    error err;
    *f = (fixture){0};
    arena_init(&f->memory, 0);
    snprintf(f->folder, sizeof(f->folder), "/tmp/gait-files-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    assert_ok(net_loop_new(&f->loop, &err), err);
}

static void end(fixture *f)
{
    net_loop_free(f->loop);
    arena_clean_up(&f->memory);
    rmdir(f->folder);
}

static void on_replaced(void *user, const error *err)
{
    fixture *f = user;
    f->done_count++;
    f->has_failed = err != NULL;
    net_loop_stop(f->loop);
}

static void a_file_is_replaced_beside_the_loop(void **state)
{
    fixture f;
    error err;
    buf contents;
    str text;
    (void)state;
    begin(&f);
    str path = arena_printf(&f.memory, "%s/one", f.folder);
    buf_init(&contents, 1u << 20);
    buf_add_literal(&contents, "first line\nsecond line\n");
    assert_ok(local_file_replace_beside(f.loop, path, &contents, on_replaced, &f, &err), err);
    assert_int_equal(contents.len, 0); /* the worker has them: the next result may be gathered */
    assert_int_equal(f.done_count, 0);
    buf_add_literal(&contents, "others");
    net_loop_run(f.loop);
    assert_int_equal(f.done_count, 1);
    assert_false(f.has_failed);
    assert_ok(local_file_read(path, 100, &f.memory, &text, &err), err);
    assert_true(str_equal(text, STR("first line\nsecond line\n")));
    buf_clean_up(&contents);
    unlink(path.ptr);
    end(&f);
}

static void a_failure_comes_by_the_loop_too(void **state)
{
    fixture f;
    error err;
    buf contents;
    (void)state;
    begin(&f);
    buf_init(&contents, 100);
    buf_add_literal(&contents, "x");
    assert_ok(
        local_file_replace_beside(f.loop, str_from_c(f.folder), &contents, on_replaced, &f, &err),
        err); /* a folder has that name */
    net_loop_run(f.loop);
    assert_int_equal(f.done_count, 1);
    assert_true(f.has_failed);
    buf_clean_up(&contents);
    end(&f);
}

static void the_loops_end_waits_for_a_file(void **state)
{
    fixture f;
    error err;
    buf contents;
    (void)state;
    begin(&f);
    str path = arena_printf(&f.memory, "%s/last", f.folder);
    buf_init(&contents, 100);
    buf_add_literal(&contents, "x");
    assert_ok(local_file_replace_beside(f.loop, path, &contents, on_replaced, &f, &err), err);
    net_loop_free(f.loop);
    f.loop = NULL;
    assert_int_equal(f.done_count, 1);
    assert_int_equal(unlink(path.ptr), 0);
    buf_clean_up(&contents);
    end(&f);
}

static void a_part_is_read_without_the_rest(void **state)
{
    fixture f;
    error err;
    str text;
    (void)state;
    begin(&f);
    str path = arena_printf(&f.memory, "%s/part", f.folder);
    assert_ok(local_file_replace(path, STR("0123456789"), &f.memory, &err), err);
    static const struct {
        int64_t offset;
        size_t bytes_max;
        const char *expected;
    } rows[] = {{0, 4, "0123"}, {4, 100, "456789"}, {9, 1, "9"}, {10, 5, ""}, {999, 5, ""}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        assert_ok(
            local_file_read_part(path, rows[i].offset, rows[i].bytes_max, &f.memory, &text, &err),
            err);
        assert_true(str_equal(text, str_from_c(rows[i].expected)));
    }
    unlink(path.ptr);
    assert_int_equal(local_file_read_part(path, 0, 5, &f.memory, &text, &err).code,
                     ERROR_NOT_FOUND);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_replaced_beside_the_loop),
        cmocka_unit_test(a_failure_comes_by_the_loop_too),
        cmocka_unit_test(the_loops_end_waits_for_a_file),
        cmocka_unit_test(a_part_is_read_without_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
