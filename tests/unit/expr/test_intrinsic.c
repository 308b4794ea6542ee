/* Intrinsic functions: the data cases under tests/cases/intrinsic, and what data cannot show. */
#include "expr/intrinsic/intrinsic.h"

#include "base/utf8.h"

#include "expression_cases.h"

static void run_case(const expression_case *c)
{
    arena a;
    error err = {0};
    json result = {0};
    const intrinsic *call;
    arena_init(&a, 0);
    status s = intrinsic_compile(json_str(json_get(c->fields, STR("call"))), &a, &call, &err);
    if (ok(s)) {
        s = intrinsic_evaluate(call, &c->scope, &a, &result, &err);
    }
    case_check(c, failed(s) ? (json){0} : result, &err, &a);
    arena_clean_up(&a);
}

static void the_data_cases_hold(void **state)
{
    (void)state;
    assert_true(case_folder_run("intrinsic", run_case) > 120);
}

static const intrinsic *compile(const char *text, arena *a)
{
    error err = {0};
    const intrinsic *call = NULL;
    assert_ok(intrinsic_compile(str_from_c(text), a, &call, &err), err);
    return call;
}

static void calls_are_told_from_paths(void **state)
{
    (void)state;
    assert_true(intrinsic_looks_like(STR("States.UUID()")));
    assert_true(intrinsic_looks_like(STR("anything")));
    assert_true(intrinsic_looks_like(STR("")));
    assert_false(intrinsic_looks_like(STR("$.a")));
    assert_false(intrinsic_looks_like(STR("$$.a")));
}

static void a_syntax_error_tells_its_place(void **state)
{
    (void)state;
    arena a;
    error err = {0};
    const intrinsic *call;
    arena_init(&a, 0);
    str text = STR("States.Array(1, $.a..)");
    assert_int_equal(intrinsic_compile(text, &a, &call, &err).code, ERROR_SYNTAX);
    assert_int_equal(err.offset, 21);
    assert_int_equal(err.column, 22);
    arena_clean_up(&a);
}

static void collect(void *user, const jsonpath *path)
{
    buf *texts = user;
    buf_add_str(texts, jsonpath_text(path));
    buf_add_char(texts, ' ');
}

static void all_paths_are_visited(void **state)
{
    (void)state;
    arena a;
    buf texts;
    arena_init(&a, 0);
    buf_init(&texts, 1000);
    const intrinsic *call = compile("States.Array($.a, States.Array($v.b), 'x', $$.c)", &a);
    intrinsic_visit_paths(call, collect, &texts);
    assert_str_equal(buf_str(&texts), "$.a $v.b $$.c ");
    assert_str_equal(intrinsic_text(call), "States.Array($.a, States.Array($v.b), 'x', $$.c)");
    buf_clean_up(&texts);
    arena_clean_up(&a);
}

/* The same entropy gives the same values, and each call goes on from where the last one was. */
static void random_values_are_a_function_of_the_entropy(void **state)
{
    (void)state;
    arena a;
    json first, second, again;
    error err = {0};
    arena_init(&a, 0);
    const intrinsic *call =
        compile("States.Array(States.UUID(), States.MathRandom(0, 1000000))", &a);
    entropy random = {.state = 7};
    expr_scope scope = {.random = &random};
    assert_ok(intrinsic_evaluate(call, &scope, &a, &first, &err), err);
    assert_ok(intrinsic_evaluate(call, &scope, &a, &second, &err), err);
    random = (entropy){.state = 7};
    assert_ok(intrinsic_evaluate(call, &scope, &a, &again, &err), err);
    assert_true(json_equal(first, again));
    assert_false(json_equal(json_item(first, 0), json_item(second, 0)));
    assert_false(json_equal(json_item(first, 1), json_item(second, 1)));
    str uuid = json_str(json_item(first, 0));
    assert_int_equal(uuid.len, 36);
    assert_int_equal(uuid.ptr[14], '4');
    arena_clean_up(&a);
}

static void random_numbers_stay_in_their_range(void **state)
{
    (void)state;
    static const struct {
        const char *call;
        int64_t start, end;
    } rows[] = {
        {"States.MathRandom(12.5, 44.51)", 13, 45},
        {"States.MathRandom(9999, 99999)", 9999, 99999},
        {"States.MathRandom(-99999, -9999)", -99999, -9999},
        {"States.MathRandom(-2147483648, 2147483647)", INT32_MIN, INT32_MAX},
    };
    entropy random = {.state = 1};
    expr_scope scope = {.random = &random};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        arena a;
        arena_init(&a, 0);
        const intrinsic *call = compile(rows[i].call, &a);
        for (int n = 0; n < 1000; n++) {
            json value;
            int64_t number;
            error err = {0};
            assert_ok(intrinsic_evaluate(call, &scope, &a, &value, &err), err);
            assert_true(json_int64(value, &number));
            assert_true(number >= rows[i].start && number < rows[i].end);
        }
        arena_clean_up(&a);
    }
}

static void a_missing_path_is_told_from_a_wrong_argument(void **state)
{
    (void)state;
    arena a;
    json value;
    error err;
    arena_init(&a, 0);
    expr_scope scope = {.input = json_empty_object()};
    const intrinsic *missing = compile("States.Array($.no)", &a);
    const intrinsic *wrong = compile("States.ArrayLength($)", &a);
    assert_int_equal(intrinsic_evaluate(missing, &scope, &a, &value, &err).code, ERROR_NOT_FOUND);
    assert_int_equal(intrinsic_evaluate(wrong, &scope, &a, &value, &err).code, ERROR_TYPE);
    arena_clean_up(&a);
}

static bool second_time(void *user)
{
    return ++*(int *)user >= 2;
}

static void a_call_ends_when_its_time_is_up(void **state)
{
    (void)state;
    arena a;
    error err = {0};
    json value;
    int asked = 0;
    arena_init(&a, 0);
    const intrinsic *call = compile("States.Array(States.Array(1), States.Array(2))", &a);
    expr_scope scope = {
        .input = json_empty_object(), .is_out_of_time = second_time, .user = &asked};
    assert_int_equal(intrinsic_evaluate(call, &scope, &a, &value, &err).code, ERROR_LIMIT);
    assert_non_null(strstr(err.message, "too long"));
    assert_int_equal(asked, 2);
    arena_clean_up(&a);
}

/* As many delimiters as there is text: each of them is looked at once. */
static void a_text_is_split_at_any_number_of_characters(void **state)
{
    (void)state;
    enum { COUNT = 50000 };
    arena a;
    error err = {0};
    json text, delimiters, value, input;
    buf out, marks;
    arena_init(&a, 0);
    buf_init(&out, 1 << 20);
    buf_init(&marks, 1 << 20);
    for (uint32_t i = 0; i < COUNT; i++) {
        char ch[4];
        str mark = str_from(ch, utf8_write(0x1000 + i, ch));
        buf_add_str(&marks, mark);
        buf_add_char(&out, 'x');
        buf_add_str(&out, mark);
    }
    text = json_from_str(buf_str(&out));
    delimiters = json_from_str(buf_str(&marks));
    json_object_builder b;
    json_object_begin(&b, &a, 2);
    json_object_add(&b, STR("t"), text);
    json_object_add(&b, STR("d"), delimiters);
    assert_ok(json_object_finish(&b, &input, &err), err);
    expr_scope scope = {.input = input};
    const intrinsic *call = compile("States.StringSplit($.t, $.d)", &a);
    assert_ok(intrinsic_evaluate(call, &scope, &a, &value, &err), err);
    assert_int_equal(json_count(value), COUNT);
    assert_str_equal(json_str(json_item(value, COUNT - 1)), "x");
    call = compile("States.StringSplit($.t, '')", &a);
    assert_ok(intrinsic_evaluate(call, &scope, &a, &value, &err), err);
    assert_int_equal(json_count(value), 1);
    buf_clean_up(&marks);
    buf_clean_up(&out);
    arena_clean_up(&a);
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    str text = STR("States.Format('{} {}', States.ArrayUnique($.a), States.Base64Encode($.t))");
    for (size_t bytes = 4096; bytes < 200000; bytes += 4096) {
        arena a;
        json value, input;
        const intrinsic *call;
        arena_init(&a, bytes);
        status s = json_parse_into(STR("{\"a\":[1,2,1],\"t\":\"text\"}"), &a, &input, NULL);
        s = ok(s) ? intrinsic_compile(text, &a, &call, NULL) : s;
        if (ok(s)) {
            expr_scope scope = {.input = input};
            s = intrinsic_evaluate(call, &scope, &a, &value, NULL);
        }
        assert_true(ok(s) ? json_is(value, JSON_STRING) : s.code == ERROR_MEMORY);
        arena_clean_up(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_data_cases_hold),
        cmocka_unit_test(calls_are_told_from_paths),
        cmocka_unit_test(a_syntax_error_tells_its_place),
        cmocka_unit_test(all_paths_are_visited),
        cmocka_unit_test(random_values_are_a_function_of_the_entropy),
        cmocka_unit_test(random_numbers_stay_in_their_range),
        cmocka_unit_test(a_missing_path_is_told_from_a_wrong_argument),
        cmocka_unit_test(a_call_ends_when_its_time_is_up),
        cmocka_unit_test(a_text_is_split_at_any_number_of_characters),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
