/* JSON values for tests, in an arena that lives as long as one test. */
#ifndef GAIT_TESTS_INTEGRATIONS_JSON_VALUES_H
#define GAIT_TESTS_INTEGRATIONS_JSON_VALUES_H

#include "json/json.h"

#include "unit.h"

static arena memory;

static int set_up(void **state)
{
    (void)state;
    arena_init(&memory, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clean_up(&memory);
    return 0;
}

static json value_of(const char *text)
{
    json value = {0};
    error err;
    assert_ok(json_parse_into(str_from_c(text), &memory, &value, &err), err);
    return value;
}

#endif
