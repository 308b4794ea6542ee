/* JSONata: the data cases under tests/cases/jsonata (what the reference implementation gives, and
 * what Step Functions adds), and what data cannot show. */
#include "expr/jsonata/jsonata.h"

#include "expression_cases.h"

/* ------------------------------------------------------------------------------------ data cases
 */

typedef struct outcome {
    json value;
    jsonata_fault fault;
    error err;
    bool is_failed;
} outcome;

static outcome evaluate_in(const char *text, jsonata_dialect dialect, const expr_scope *scope,
                           const jsonata_options *options, arena *a)
{
    outcome o = {.fault.position = -1};
    const jsonata *program;
    status s = jsonata_compile(str_from_c(text), dialect, a, &program, &o.fault, &o.err);
    if (ok(s)) {
        s = jsonata_evaluate(program, scope, options, a, &o.value, &o.fault, &o.err);
    }
    o.is_failed = failed(s);
    return o;
}

static bool is_text(json expected, const char *got)
{
    return json_is_absent(expected) ? !got[0] : str_equal(json_str(expected), str_from_c(got));
}

/* Numbers as the reference's own, which may be apart in the last place. */
static bool is_close(json a, json b)
{
    if (a.kind != b.kind || json_count(a) != json_count(b)) {
        return false;
    }
    if (a.kind == JSON_NUMBER) {
        double x = json_double(a), y = json_double(b), apart = x > y ? x - y : y - x;
        return apart <= 1e-14 * (x > 0 ? x : -x);
    }
    bool same = a.kind == JSON_ARRAY || a.kind == JSON_OBJECT || json_equal(a, b);
    for (uint32_t i = 0; same && i < json_count(a); i++) {
        const json_member *member = a.kind == JSON_OBJECT ? json_member_at(a, i) : NULL;
        same = member ? is_close(member->value, json_get(b, json_str(member->name)))
                      : is_close(json_item(a, i), json_item(b, i));
    }
    return same;
}

static bool is_expected(const expression_case *c, const outcome *o)
{
    json fault = json_get(c->fields, STR("error"));
    if (!json_is_absent(fault) || o->is_failed) {
        json position = json_get(fault, STR("position"));
        return o->is_failed && is_text(json_get(fault, STR("code")), o->err.id) &&
               is_text(json_get(fault, STR("token")), o->fault.token) &&
               is_text(json_get(fault, STR("message")), o->err.message) &&
               o->fault.position ==
                   (json_is_absent(position) ? -1 : (int64_t)json_double(position));
    }
    if (json_is_true(json_get(c->fields, STR("undefined")))) {
        return json_is_absent(o->value);
    }
    return is_close(o->value, json_get(c->fields, STR("result")));
}

static void tell_failure(const expression_case *c, const char *text, const outcome *o, arena *a)
{
    str got = o->is_failed ? arena_printf(a, "%s: %s (token %s, position %ld)", o->err.id,
                                          o->err.message, o->fault.token, (long)o->fault.position)
                           : json_text(o->value, a);
    json expected = json_get(c->fields, o->is_failed ? STR("result") : STR("error"));
    if (json_is_absent(expected)) {
        expected = json_get(c->fields, o->is_failed ? STR("error") : STR("result"));
    }
    print_error("%s: ", text);
    case_fail(c, got, json_text(expected, a));
}

static void run_case(const expression_case *c)
{
    arena a;
    char path[1024], text[8192];
    json_doc *dataset = NULL;
    expr_scope scope = c->scope;
    arena_init(&a, 0);
    str name = json_str(json_get(c->fields, STR("dataset")));
    if (name.ptr) {
        snprintf(path, sizeof(path), "%s/tests/cases/jsonata/data/%.*s.json", GAIT_SOURCE_DIR,
                 STR_ARG(name));
        dataset = case_file_read(path);
        scope.input = json_doc_root(dataset);
    }
    str expression = json_str(json_get(c->fields, STR("expr")));
    snprintf(text, sizeof(text), "%.*s", STR_ARG(expression));
    bool is_aws = str_equal(json_str(json_get(c->fields, STR("dialect"))), STR("aws"));
    outcome o = evaluate_in(text, is_aws ? JSONATA_AWS : JSONATA_REFERENCE, &scope, NULL, &a);
    if (!is_expected(c, &o)) {
        tell_failure(c, text, &o, &a);
    }
    json_doc_release(dataset);
    arena_clean_up(&a);
}

static void the_data_cases_hold(void **state)
{
    (void)state;
    assert_true(case_folder_run("jsonata", run_case) > 1200);
}

/* ---------------------------------------------------------------------------------------- limits
 */

static entropy fixed_entropy = {.state = 7};

static outcome evaluate(const char *text, const jsonata_options *options, arena *a)
{
    const expr_scope scope = {.random = &fixed_entropy};
    return evaluate_in(text, JSONATA_REFERENCE, &scope, options, a);
}

static void assert_fault(const char *text, const jsonata_options *options, const char *code)
{
    arena a;
    arena_init(&a, 1 << 26);
    outcome o = evaluate(text, options, &a);
    if (!o.is_failed || strcmp(o.err.id, code) != 0) {
        fail_msg("%.200s: got %s %s, expected %s", text, o.is_failed ? o.err.id : "no error",
                 o.err.message, code);
    }
    arena_clean_up(&a);
}

static void recursion_ends_with_a_clear_error(void **state)
{
    (void)state;
    const jsonata_options shallow = {.depth_max = 302};
    assert_fault("($f := function($n){1 + $f($n + 1)}; $f(0))", NULL, "U1001");
    assert_fault("($f := function($n){$n = 0 ? 1 : $n * $f($n - 1)}; $f(100))", &shallow, "U1001");
    arena a;
    arena_init(&a, 0);
    outcome o =
        evaluate("($f := function($n){$n = 0 ? 1 : $n * $f($n - 1)}; $f(99))", &shallow, &a);
    assert_false(o.is_failed);
    arena_clean_up(&a);
}

static void tail_calls_take_no_stack_and_little_memory(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, 1 << 20);
    outcome o = evaluate("($f := function($n, $sum){$n = 0 ? $sum : $f($n - 1, $sum + $n)};"
                         "$f(100000, 0))",
                         NULL, &a);
    assert_false(o.is_failed);
    assert_true(json_double(o.value) == 5000050000.0);
    arena_clean_up(&a);
}

static void endless_loops_are_stopped(void **state)
{
    (void)state;
    const jsonata_options few = {.steps_max = 100000};
    assert_fault("($f := function(){$f()}; $f())", &few, "U1001");
}

static bool is_asked(void *user)
{
    ++*(int *)user;
    return *(int *)user > 3;
}

static void the_clock_may_stop_an_evaluation(void **state)
{
    (void)state;
    int times = 0;
    const jsonata_options timed = {.is_out_of_time = is_asked, .user = &times};
    assert_fault("($f := function(){$f()}; $f())", &timed, "U1001");
    assert_int_equal(times, 4);
}

static void memory_is_bounded(void **state)
{
    (void)state;
    assert_fault("$pad('x', 1000000000)", NULL, "U1002");
    assert_fault("$reduce([1..60], function($s, $i){$s & $s}, 'xx')", NULL, "U1002");
    assert_fault("[1..10000000]", NULL, "U1002");
    assert_fault("[1..10000001]", NULL, "D2014");
}

static void deep_texts_and_deep_values_are_refused(void **state)
{
    (void)state;
    static char brackets[20001], chain[20001];
    memset(brackets, '[', 20000);
    for (int i = 0; i < 20000; i += 2) {
        memcpy(chain + i, i ? "+1" : "11", 2);
    }
    assert_fault(brackets, NULL, "U1001");
    assert_fault(chain, NULL, "U1001");
    assert_fault("$reduce([1..5000], function($a, $i){[[$a]]}, 1)", NULL, "U1001");
    assert_fault("$string($reduce([1..5000], function($a, $i){[[$a]]}, 1))", NULL, "U1001");
    assert_fault("$count($reduce([1..5000], function($a, $i){{'a':$a}}, 1).**)", NULL, "U1001");
    assert_fault("($a := $reduce([1..5000], function($a, $i){[[$a]]}, 1); $a = [$a])", NULL,
                 "U1001");
    assert_fault("($f := function($g, $n){$n = 0 ? $g : $f($g ~> $string, $n - 1)};"
                 "$h := $f($string, 9000); $h(1))",
                 NULL, "U1001");
}

static void a_regex_that_never_ends_is_stopped(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, 0);
    outcome o =
        evaluate("$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', /(a*)*(a*)*c/)", NULL, &a);
    assert_true(!o.is_failed || o.err.code == ERROR_LIMIT);
    arena_clean_up(&a);
}

/* ------------------------------------------------------------------------------------- the outside
 */

static void results_carry_nothing_of_the_evaluation(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, 0);
    outcome o = evaluate("{'s': [1..3][], 'f': $sum, 'n': 1/0, 'g': [function(){1}]}", NULL, &a);
    assert_false(o.is_failed);
    assert_str_equal(json_text(o.value, &a), "{\"s\":[1,2,3],\"f\":\"\",\"n\":null,\"g\":[\"\"]}");
    assert_int_equal(o.value.extra, 0);
    assert_int_equal(json_get(o.value, STR("s")).extra, 0);
    assert_true(json_is_absent(evaluate("$sum", NULL, &a).value));
    arena_clean_up(&a);
}

static void the_input_is_never_changed(void **state)
{
    (void)state;
    arena a;
    json input;
    arena_init(&a, 0);
    str text = STR("{\"a\":[[1],[2]],\"o\":{\"b\":1}}");
    assert_true(ok(json_parse_into(text, &a, &input, NULL)));
    const expr_scope scope = {.input = input, .random = &fixed_entropy};
    static const char *const texts[] = {"[a, o, $]", "$ ~> |o|{'b':2}|", "a^($[0])", "o{'x':$}",
                                        "$append(a, [$.a])"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        assert_false(evaluate_in(texts[i], JSONATA_AWS, &scope, NULL, &a).is_failed);
        assert_true(str_equal(json_text(input, &a), text));
    }
    arena_clean_up(&a);
}

static void the_same_entropy_gives_the_same_result(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, 0);
    str texts[2];
    for (size_t i = 0; i < 2; i++) {
        entropy random = {.state = 42};
        const expr_scope scope = {.random = &random, .now_ms = 1700000000123};
        outcome o = evaluate_in("[$random(), $uuid(), $shuffle([1..9]), $now(), $millis()]",
                                JSONATA_AWS, &scope, NULL, &a);
        assert_false(o.is_failed);
        texts[i] = json_text(o.value, &a);
    }
    assert_true(str_equal(texts[0], texts[1]));
    assert_true(str_find(texts[0], STR("2023-11-14T22:13:20.123Z")) != STR_NOT_FOUND);
    arena_clean_up(&a);
}

static json names_variable(const void *variables, str name)
{
    (void)variables;
    return str_equal(name, STR("given")) ? json_literal("here") : (json){0};
}

static void variables_come_from_the_scope_unless_bound(void **state)
{
    (void)state;
    arena a;
    arena_init(&a, 0);
    const expr_scope scope = {.variable = names_variable, .random = &fixed_entropy};
    outcome o = evaluate_in("[$given, ($given := 1; $given), $given, $other]", JSONATA_AWS, &scope,
                            NULL, &a);
    assert_str_equal(json_text(o.value, &a), "[\"here\",1,\"here\"]");
    arena_clean_up(&a);
}

static void add_name(void *user, str name)
{
    buf *names = user;
    buf_add_str(names, name);
    buf_add_char(names, ' ');
}

static void free_variables_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *names;
    } rows[] = {
        {"$a + $b", "a b "},
        {"$sum($x)", "x "},
        {"$ & $$", ""},
        {"($a := 1; $a + $b)", "b "},
        {"function($p){$p + $q}", "q "},
        {"($f := function(){$g()}; $g := function(){1}; $f())", ""},
        {"($a := 1); $a", "a "},
        {"x@$v#$i.[$v, $i, $w]", "w "},
        {"x[1]#$i.$i", ""},
        {"$states.input.a[$n = 1]{$k: $v}^($t)", "states n t k v "},
        {"$ ~> |$p|{'a':$u},$d|", "p u d "},
        {"$f(?, $x)", "f x "},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        arena a;
        const jsonata *program;
        buf names;
        arena_init(&a, 0);
        buf_init(&names, 1000);
        status s = jsonata_compile(str_from_c(rows[i].text), JSONATA_AWS, &a, &program, NULL, NULL);
        if (ok(s)) {
            jsonata_visit_variables(program, add_name, &names);
            if (!str_equal(buf_str(&names), str_from_c(rows[i].names))) {
                fail_msg("%s: %s", rows[i].text, buf_c_str(&names));
            }
        }
        buf_clean_up(&names);
        arena_clean_up(&a);
    }
}

static void any_bytes_are_safe(void **state)
{
    (void)state;
    static const str texts[] = {
        STR("\0"),
        STR("'a\0b'"),
        STR("a\0b"),
        STR("'\xff\xfe'"),
        STR("\xed\xa0\x80"),
        STR("$length('\xed\xa0\x80\xed')"),
        STR("'\xed\xa0\xbd' & '\xed\xb8\x80'"),
        STR("/\xff/"),
        STR("$uppercase('\xc3')"),
        STR("`\0`"),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        arena a;
        const jsonata *program;
        json value;
        const expr_scope scope = {.random = &fixed_entropy};
        arena_init(&a, 0);
        if (ok(jsonata_compile(texts[i], JSONATA_REFERENCE, &a, &program, NULL, NULL))) {
            (void)ok(jsonata_evaluate(program, &scope, NULL, &a, &value, NULL, NULL));
        }
        arena_clean_up(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_data_cases_hold),
        cmocka_unit_test(recursion_ends_with_a_clear_error),
        cmocka_unit_test(tail_calls_take_no_stack_and_little_memory),
        cmocka_unit_test(endless_loops_are_stopped),
        cmocka_unit_test(the_clock_may_stop_an_evaluation),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(deep_texts_and_deep_values_are_refused),
        cmocka_unit_test(a_regex_that_never_ends_is_stopped),
        cmocka_unit_test(results_carry_nothing_of_the_evaluation),
        cmocka_unit_test(the_input_is_never_changed),
        cmocka_unit_test(the_same_entropy_gives_the_same_result),
        cmocka_unit_test(variables_come_from_the_scope_unless_bound),
        cmocka_unit_test(free_variables_are_told),
        cmocka_unit_test(any_bytes_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
