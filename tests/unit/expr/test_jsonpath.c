/* JSONPath: the data cases under tests/cases/jsonpath, and what data cannot show. */
#include "expr/jsonpath/jsonpath.h"

#include "expression_cases.h"

static void run_case(const expression_case *c)
{
    arena a;
    error err = {0};
    json result = {0};
    const jsonpath *path;
    arena_init(&a, 0);
    json value = json_get(c->fields, STR("assign"));
    status s = jsonpath_compile(json_str(json_get(c->fields, STR("path"))), &a, &path, &err);
    if (ok(s)) {
        s = json_is_absent(value) ? jsonpath_evaluate(path, &c->scope, &a, &result, &err)
                                  : jsonpath_assign(path, c->scope.input, value, &a, &result, &err);
    }
    case_check(c, failed(s) ? (json){0} : result, &err, &a);
    arena_clean_up(&a);
}

static void the_data_cases_hold(void **state)
{
    (void)state;
    assert_true(case_folder_run("jsonpath", run_case) > 150);
}

static const jsonpath *compile(const char *text, arena *a)
{
    error err = {0};
    const jsonpath *path = NULL;
    assert_ok(jsonpath_compile(str_from_c(text), a, &path, &err), err);
    return path;
}

static void a_path_tells_what_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        jsonpath_root root;
        bool is_definite, is_reference;
        const char *normal, *variable;
    } rows[] = {
        {"$", JSONPATH_INPUT, true, true, "$", ""},
        {"$.a.b[0]", JSONPATH_INPUT, true, true, "$['a']['b'][0]", ""},
        {"$['a b']", JSONPATH_INPUT, true, true, "$['a b']", ""},
        {"$['it\\'s']", JSONPATH_INPUT, true, true, "$['it's']", ""},
        {"$[-1]", JSONPATH_INPUT, true, false, "$[-1]", ""},
        {"$.*", JSONPATH_INPUT, false, false, "$[*]", ""},
        {"$..a", JSONPATH_INPUT, false, false, "$..['a']", ""},
        {"$[0,1]", JSONPATH_INPUT, false, false, "$[0,1]", ""},
        {"$[1:]", JSONPATH_INPUT, false, false, "$[1:]", ""},
        {"$['a','b']", JSONPATH_INPUT, true, false, "$['a','b']", ""},
        {"$['a','b'].c", JSONPATH_INPUT, false, false, "$['a','b']['c']", ""},
        {"$.a[?(@.b)]", JSONPATH_INPUT, false, false, "$['a'][?]", ""},
        {"$.a.length()", JSONPATH_INPUT, true, false, "$['a'].length()", ""},
        {"$$", JSONPATH_CONTEXT, true, false, "$", ""},
        {"$$.Execution.Id", JSONPATH_CONTEXT, true, false, "$['Execution']['Id']", ""},
        {"$name", JSONPATH_VARIABLE, true, false, "$", "name"},
        {"$_n1.a[0]", JSONPATH_VARIABLE, true, false, "$['a'][0]", "_n1"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        arena a;
        arena_init(&a, 0);
        const jsonpath *path = compile(rows[i].text, &a);
        assert_int_equal(jsonpath_root_of(path), rows[i].root);
        assert_int_equal(jsonpath_is_definite(path), rows[i].is_definite);
        assert_int_equal(jsonpath_is_reference(path), rows[i].is_reference);
        assert_str_equal(jsonpath_text(path), rows[i].text);
        assert_str_equal(jsonpath_normal_text(path, &a), rows[i].normal);
        assert_str_equal(jsonpath_variable(path), rows[i].variable);
        arena_clean_up(&a);
    }
}

static void a_syntax_error_tells_its_place(void **state)
{
    (void)state;
    arena a;
    error err = {0};
    const jsonpath *path;
    arena_init(&a, 0);
    assert_int_equal(jsonpath_compile(STR("$.a[?(@.b == )]"), &a, &path, &err).code, ERROR_SYNTAX);
    assert_int_equal(err.offset, 13);
    assert_int_equal(err.column, 14);
    arena_clean_up(&a);
}

/* An array of `count` arrays of `count` numbers. */
static json make_grid(arena *a, uint32_t count)
{
    json grid, row, *rows, *items;
    assert_true(ok(json_array_new(a, count, &grid, &rows, NULL)));
    assert_true(ok(json_array_new(a, count, &row, &items, NULL)));
    for (uint32_t i = 0; i < count; i++) {
        rows[i] = row;
        items[i] = json_from_int64(i);
    }
    return grid;
}

static status evaluate(const char *text, json input, arena *a, json *ret_value, error *reterr)
{
    expr_scope scope = {.input = input};
    return jsonpath_evaluate(compile(text, a), &scope, a, ret_value, reterr);
}

static void a_path_that_multiplies_its_work_reaches_a_limit(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "$..[*]..[*]..[*]..[*]",
        "$[*][?(@ in $..*)]",
        "$[?(@ subsetof $[*][*])]",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        arena a;
        json value;
        error err = {0};
        arena_init(&a, 0);
        json grid = make_grid(&a, 2000);
        assert_int_equal(evaluate(paths[i], grid, &a, &value, &err).code, ERROR_LIMIT);
        assert_non_null(strstr(err.message, "more than 10000000 values"));
        arena_clean_up(&a);
    }
}

static void a_regular_expression_that_backtracks_reaches_a_limit(void **state)
{
    (void)state;
    arena a;
    json value, input;
    error err = {0};
    arena_init(&a, 0);
    str text = STR("[{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"}]");
    assert_ok(json_parse_into(text, &a, &input, &err), err);
    status s = evaluate("$[?(@.a =~ /(a*)*(a*)*(a+)+/)]", input, &a, &value, &err);
    assert_int_equal(s.code, ERROR_LIMIT);
    assert_non_null(strstr(err.message, "too much work"));
    arena_clean_up(&a);
}

static bool third_time(void *user)
{
    return ++*(int *)user >= 3;
}

static void a_path_ends_when_its_time_is_up(void **state)
{
    (void)state;
    static const char *const paths[] = {"$..*..*..*", "$[?(@[0] in $..*)]"};
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        arena a;
        error err = {0};
        json grid, value;
        buf text;
        int asked = 0;
        arena_init(&a, 0);
        buf_init(&text, 1 << 20);
        for (int row = 0; row < 10000; row++) {
            buf_add_literal(&text, "[[[[1,2,3]]]],");
        }
        str rows = arena_printf(&a, "[%.*s 0]", STR_ARG(buf_str(&text)));
        assert_ok(json_parse_into(rows, &a, &grid, &err), err);
        expr_scope scope = {.input = grid, .is_out_of_time = third_time, .user = &asked};
        const jsonpath *path = compile(paths[i], &a);
        assert_int_equal(jsonpath_evaluate(path, &scope, &a, &value, &err).code, ERROR_LIMIT);
        assert_string_equal(err.message, "The path takes too long");
        assert_in_range(asked, 3, 10);
        buf_clean_up(&text);
        arena_clean_up(&a);
    }
}

static void nesting_and_length_have_limits(void **state)
{
    (void)state;
    static const struct {
        const char *unit;
        size_t count;
        const char *end;
    } rows[] = {
        {"(", 100000, ""}, {"@[?(", 100000, "1"},     {"!", 100000, "@"},
        {"[", 100000, ""}, {"@.concat(", 100000, ""}, {"@.a.", 1000, "a)]"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        arena a;
        buf text;
        const jsonpath *path;
        arena_init(&a, 0);
        buf_init(&text, 1 << 24);
        buf_add_str(&text, i == 3 ? STR("$[?(@ == ") : STR("$[?("));
        for (size_t n = 0; n < rows[i].count; n++) {
            buf_add_str(&text, str_from_c(rows[i].unit));
        }
        buf_add_str(&text, str_from_c(rows[i].end));
        error err = {0};
        assert_int_equal(jsonpath_compile(buf_str(&text), &a, &path, &err).code, ERROR_LIMIT);
        buf_clean_up(&text);
        arena_clean_up(&a);
    }
}

/* The deepest data that a parser lets in: a scan needs no stack of its own for it. */
static void deep_data_is_scanned(void **state)
{
    (void)state;
    arena a;
    json value, input = json_from_int64(1);
    error err = {0};
    arena_init(&a, 0);
    for (int i = 0; i < 100000; i++) {
        json array, *items;
        assert_ok(json_array_new(&a, 1, &array, &items, &err), err);
        items[0] = input;
        input = array;
    }
    assert_ok(evaluate("$..*", input, &a, &value, &err), err);
    assert_int_equal(json_count(value), 100000);
    arena_clean_up(&a);
}

/* Every allocation of a small arena fails in turn: an error, never a crash or a wrong result. */
static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    str text = STR("$..book[?(@.price < 10 && @.title =~ /S.*/i)]['title','price']");
    for (size_t bytes = 4096; bytes < 400000; bytes += 4096) {
        arena a;
        json value, input;
        const jsonpath *path;
        arena_init(&a, bytes);
        status s = json_parse_into(STR("{\"book\":[{\"title\":\"Sayings\",\"price\":8.95}]}"), &a,
                                   &input, NULL);
        s = ok(s) ? jsonpath_compile(text, &a, &path, NULL) : s;
        if (ok(s)) {
            expr_scope scope = {.input = input};
            s = jsonpath_evaluate(path, &scope, &a, &value, NULL);
        }
        assert_true(ok(s) ? json_count(value) == 1 : s.code == ERROR_MEMORY);
        arena_clean_up(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_data_cases_hold),
        cmocka_unit_test(a_path_tells_what_it_is),
        cmocka_unit_test(a_syntax_error_tells_its_place),
        cmocka_unit_test(a_path_that_multiplies_its_work_reaches_a_limit),
        cmocka_unit_test(a_regular_expression_that_backtracks_reaches_a_limit),
        cmocka_unit_test(a_path_ends_when_its_time_is_up),
        cmocka_unit_test(nesting_and_length_have_limits),
        cmocka_unit_test(deep_data_is_scanned),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
