/* Tests whose values live in one arena, which each of them has fresh. */
#ifndef GAIT_TESTS_JSON_IN_ARENA_H
#define GAIT_TESTS_JSON_IN_ARENA_H

#include "json/json.h"

#include "unit.h"

static arena a;

static int begin(void **state)
{
    (void)state;
    arena_init(&a, 0);
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    arena_clean_up(&a);
    return 0;
}

/* For cmocka_unit_test_setup_teardown's table. */
#define IN_ARENA(function) cmocka_unit_test_setup_teardown(function, begin, clean_up)

static inline json parse_in_arena(const char *text)
{
    error err;
    json value;
    assert_ok(json_parse_into(str_from_c(text), &a, &value, &err), err);
    return value;
}

#endif
