/* Making arrays and objects in an arena. */

#include "json/in_arena.h"

#include <stdio.h>

static void arrays_grow(void **state)
{
    (void)state;
    for (uint32_t room = 0; room < 20; room += 7) {
        error err;
        json array;
        json_array_builder b;
        json_array_begin(&b, &a, room);
        for (int i = 0; i < 1000; i++) {
            json_array_add(&b, json_from_int64(i));
            assert_non_null(arena_alloc(&a, 1)); /* the builder's block is not the last any more */
        }
        assert_ok(json_array_finish(&b, &array, &err), err);
        assert_int_equal(json_count(array), 1000);
        for (int i = 0; i < 1000; i++) {
            assert_int_equal(json_item(array, (uint32_t)i).at.integer, i);
        }
    }
}

static void nothing_added_gives_empty_ones(void **state)
{
    (void)state;
    error err;
    json value;
    json *items;
    json_array_builder array;
    json_array_begin(&array, &a, 5);
    assert_ok(json_array_finish(&array, &value, &err), err);
    assert_str_equal(json_text(value, &a), "[]");
    json_object_builder object;
    json_object_begin(&object, &a, 0);
    assert_ok(json_object_finish(&object, &value, &err), err);
    assert_str_equal(json_text(value, &a), "{}");
    assert_ok(json_array_new(&a, 0, &value, &items, &err), err);
    assert_str_equal(json_text(value, &a), "[]");
}

static void objects_grow_and_are_searched(void **state)
{
    (void)state;
    static char names[2000][16];
    for (uint32_t count = 1; count <= 2000; count = count * 3 / 2 + 1) {
        error err;
        json object;
        json_object_builder b;
        json_object_begin(&b, &a, count % 2 ? count : 0);
        for (uint32_t i = 0; i < count; i++) {
            snprintf(names[i], sizeof(names[i]), "%u", i * 7919 % 2003);
            json_object_add(&b, str_from_c(names[i]), json_from_int64(i));
        }
        assert_ok(json_object_finish(&b, &object, &err), err);
        assert_int_equal(json_count(object), count);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(json_find(object, str_from_c(names[i])), i);
        }
        assert_int_equal(json_find(object, STR("x")), -1);
    }
}

static void of_duplicates_the_last_value_stands_at_the_first_place(void **state)
{
    (void)state;
    for (uint32_t count = 1; count < 60; count++) {
        error err;
        json object;
        json_object_builder b;
        json_object_begin(&b, &a, 0);
        for (uint32_t i = 0; i < 3 * count; i++) {
            str name = arena_printf(&a, "n%u", i % count);
            json_object_add_named(&b, json_from_str(name), json_from_int64(i));
        }
        assert_ok(json_object_finish(&b, &object, &err), err);
        assert_int_equal(json_count(object), count);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(json_find(object, arena_printf(&a, "n%u", i)), i);
            assert_int_equal(json_member_at(object, i)->value.at.integer, 2 * count + i);
        }
    }
}

static void a_broken_builder_says_so_at_the_end(void **state)
{
    (void)state;
    arena small;
    arena_init(&small, 5000);
    error err;
    json value = json_literal("untouched");
    json_array_builder array;
    json_array_begin(&array, &small, 0);
    for (int i = 0; i < 10000; i++) {
        json_array_add(&array, json_null());
    }
    assert_int_equal(json_array_finish(&array, &value, &err).code, ERROR_MEMORY);
    json_object_builder object;
    json_object_begin(&object, &small, 1000000);
    json_object_add(&object, STR("a"), json_null());
    assert_int_equal(json_object_finish(&object, &value, &err).code, ERROR_MEMORY);
    json_array_begin(&array, &small, UINT32_MAX);
    json_array_add(&array, json_null());
    assert_int_equal(json_array_finish(&array, &value, &err).code, ERROR_MEMORY);
    json *items;
    assert_int_equal(json_array_new(&small, UINT32_MAX, &value, &items, &err).code, ERROR_MEMORY);
    assert_int_equal(value.kind, JSON_STRING);
    arena_clean_up(&small);
}

static void slices(void **state)
{
    (void)state;
    static const struct {
        uint32_t begin, end;
        const char *text;
    } cases[] = {{0, 5, "[0,1,2,3,4]"}, {0, 2, "[0,1]"}, {1, 3, "[1,2]"}, {4, 99, "[4]"},
                 {2, 2, "[]"},          {3, 1, "[]"},    {9, 12, "[]"},   {0, 0, "[]"}};
    json array = parse_in_arena("[0,1,2,3,4]");
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        error err;
        json slice;
        assert_ok(json_slice(&a, array, cases[i].begin, cases[i].end, &slice, &err), err);
        assert_str_equal(json_text(slice, &a), cases[i].text);
    }
    error err;
    json slice;
    assert_ok(json_slice(&a, array, 0, 3, &slice, &err), err);
    assert_ptr_equal(slice.at.items, array.at.items);
}

static json with(json object, const char *name, int64_t value)
{
    error err;
    json changed;
    assert_ok(json_object_with(&a, object, json_from_str(str_from_c(name)), json_from_int64(value),
                               &changed, &err),
              err);
    return changed;
}

static void an_object_with_one_member_set(void **state)
{
    (void)state;
    json object = parse_in_arena("{\"a\":1,\"b\":2}");
    assert_str_equal(json_text(with(object, "a", 9), &a), "{\"a\":9,\"b\":2}");
    assert_str_equal(json_text(with(object, "c", 9), &a), "{\"a\":1,\"b\":2,\"c\":9}");
    assert_str_equal(json_text(object, &a), "{\"a\":1,\"b\":2}");
    assert_str_equal(json_text(with(json_empty_object(), "a", 1), &a), "{\"a\":1}");
    assert_str_equal(json_text(with((json){0}, "a", 1), &a), "{\"a\":1}");
    error err;
    json changed;
    assert_int_equal(
        json_object_with(&a, parse_in_arena("[]"), json_literal("a"), json_null(), &changed, &err)
            .code,
        ERROR_TYPE);
}

static void members_set_one_after_another_stay_searchable(void **state)
{
    (void)state;
    json object = json_empty_object();
    for (uint32_t i = 0; i < 200; i++) {
        str name = arena_printf(&a, "%u", i * 83 % 211);
        object = with(object, name.ptr, i);
        assert_int_equal(json_count(object), i + 1);
        for (uint32_t j = 0; j <= i; j++) {
            assert_int_equal(json_find(object, arena_printf(&a, "%u", j * 83 % 211)), j);
        }
        object = with(object, name.ptr, 1000 + i);
        assert_int_equal(json_get(object, name).at.integer, 1000 + i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(arrays_grow),
        IN_ARENA(nothing_added_gives_empty_ones),
        IN_ARENA(objects_grow_and_are_searched),
        cmocka_unit_test_setup_teardown(of_duplicates_the_last_value_stands_at_the_first_place,
                                        begin, clean_up),
        IN_ARENA(a_broken_builder_says_so_at_the_end),
        IN_ARENA(slices),
        IN_ARENA(an_object_with_one_member_set),
        cmocka_unit_test_setup_teardown(members_set_one_after_another_stay_searchable, begin,
                                        clean_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
