/* Named parameters become numbered ones, and nothing that only looks like one is touched. */
#include "integrations/local/redshift.h"

#include "json_values.h"

static status make(const char *sql, const char *parameters, redshift_query *query, error *reterr)
{
    return redshift_query_make(str_from_c(sql), value_of(parameters), &memory, query, reterr);
}

static void names_are_numbered_in_the_order_in_which_they_are_met(void **state)
{
    (void)state;
    redshift_query query;
    error err;
    assert_ok(make("insert into t values (:b, :a, :b::int)",
                   "[{\"Name\":\"a\",\"Value\":\"x'; drop table t; --\"},"
                   "{\"Name\":\"b\",\"Value\":\"2\"}]",
                   &query, &err),
              err);
    assert_string_equal(query.sql, "insert into t values ($1, $2, $1::int)");
    assert_int_equal(query.count, 2);
    assert_string_equal(query.values[0], "2");
    assert_string_equal(query.values[1], "x'; drop table t; --");
}

static void what_only_looks_like_a_name_is_left_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "select ':a'",        "select 'it''s :a'",
        "select E'\\':a'",    "select \":a\"",
        "select $$ :a $$",    "select $x$ :a $$ :a $x$",
        "select 1 -- :a\n",   "select /* /* :a */ :a */ 1",
        "select now()::date", "select array[1,2][1:2]",
        "select ':a", /* that the server refuses */
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        char sql[128];
        redshift_query query;
        error err;
        snprintf(sql, sizeof(sql), ":a %s", texts[i]);
        assert_ok(make(sql, "[{\"Name\":\"a\",\"Value\":\"1\"}]", &query, &err), err);
        assert_string_equal(query.sql + 3, texts[i]);
    }
}

static void a_name_and_its_value_need_each_other(void **state)
{
    (void)state;
    redshift_query query;
    error err;
    assert_int_equal(make("select :a, :b", "[{\"Name\":\"a\",\"Value\":\"1\"}]", &query, &err).code,
                     ERROR_NOT_FOUND);
    assert_string_equal(err.message, "Parameter :b has no value in Parameters");
    assert_int_equal(make("select 1", "[{\"Name\":\"a\",\"Value\":\"1\"}]", &query, &err).code,
                     ERROR_INVALID);
    assert_int_equal(make("select :a", "[{\"Name\":\"a\",\"Value\":1}]", &query, &err).code,
                     ERROR_INVALID);
    assert_int_equal(
        make("select :a", "[{\"Name\":\"a\",\"Value\":\"\\u0000\"}]", &query, &err).code,
        ERROR_INVALID);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(names_are_numbered_in_the_order_in_which_they_are_met),
        TEST(what_only_looks_like_a_name_is_left_alone),
        TEST(a_name_and_its_value_need_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
