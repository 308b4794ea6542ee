/* gait jsonpath and gait jsonata, with their standard streams in files. */
#include "cli/commands.h"

#include "json/json.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

typedef struct outcome {
    int exit_status;
    buf out, err;
} outcome;

static FILE *stream_open(int number, int *ret_saved)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    *ret_saved = dup(number);
    assert_true(*ret_saved >= 0);
    return file;
}

static void stream_close(FILE *file, int number, int saved, buf *ret_text)
{
    char block[4096];
    (void)dup2(saved, number);
    (void)close(saved);
    rewind(file);
    buf_init(ret_text, 1 << 26);
    for (size_t got; (got = fread(block, 1, sizeof(block), file)) > 0;) {
        buf_add(ret_text, block, got);
    }
    (void)fclose(file);
}

typedef int command(int argc, char **argv);

static outcome run_command(command *wanted, str input, int argc, char **argv)
{
    outcome o;
    int saved[3];
    FILE *files[3];
    (void)fflush(stdout);
    (void)fflush(stderr);
    for (int i = 0; i < 3; i++) {
        files[i] = stream_open(i, &saved[i]);
    }
    assert_int_equal(fwrite(input.ptr, 1, input.len, files[0]), input.len);
    rewind(files[0]);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(dup2(fileno(files[i]), i), i);
    }
    optind = 0; /* the command line is a new one */
    o.exit_status = wanted(argc, argv);
    (void)fflush(stdout);
    (void)fflush(stderr);
    buf read_back;
    stream_close(files[0], 0, saved[0], &read_back);
    buf_clean_up(&read_back);
    stream_close(files[1], 1, saved[1], &o.out);
    stream_close(files[2], 2, saved[2], &o.err);
    return o;
}

static outcome run(str input, int argc, ...)
{
    char name[] = "jsonpath", *argv[8] = {name};
    va_list args;
    va_start(args, argc);
    for (int i = 0; i < argc; i++) {
        argv[i + 1] = (char *)(uintptr_t)va_arg(args, const char *);
    }
    va_end(args);
    return run_command(cli_jsonpath, input, argc + 1, argv);
}

static void outcome_check(outcome o, int exit_status, const char *out, const char *err)
{
    assert_str_equal(buf_str(&o.out), out);
    assert_str_equal(buf_str(&o.err), err);
    assert_int_equal(o.exit_status, exit_status);
    buf_clean_up(&o.out);
    buf_clean_up(&o.err);
}

static void a_path_is_evaluated(void **state)
{
    (void)state;
    str input = STR("{ \"a\": [1, {\"b\": 2.50}] }");
    outcome_check(run(input, 1, "$.a[1]"), 0, "{\"b\":2.50}\n", "");
    outcome_check(run(input, 3, "--input", "-", "$..b"), 0, "[2.50]\n", "");
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    outcome_check(run(STR("{}"), 1, "$.a"), 1, "", "gait jsonpath: No results for path: $['a']\n");
    outcome_check(run(STR("{}"), 1, "$.a["), 1, "",
                  "gait jsonpath: $.a[:4: Could not parse token starting at position 3. Expected "
                  "?, ', 0-9, * \n");
    outcome o = run(STR("{\n\"a\": nope}"), 1, "$.a");
    assert_int_equal(o.exit_status, 1);
    assert_true(str_starts_with(buf_str(&o.err), STR("standard input:2:6: ")));
    buf_clean_up(&o.out);
    buf_clean_up(&o.err);
    o = run(STR(""), 3, "--input", "/no/such/file", "$");
    assert_int_equal(o.exit_status, 1);
    assert_true(str_find(buf_str(&o.err), STR("/no/such/file")) != STR_NOT_FOUND);
    buf_clean_up(&o.out);
    buf_clean_up(&o.err);
}

static void wrong_usage_names_the_help(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"$", "$"}, {"--jsonl", "$"}, {"--nope", "$"}, {"--jsonl", "--input=x"}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        outcome o = run(STR("{}"), 2, rows[i][0], rows[i][1]);
        assert_int_equal(o.exit_status, 2);
        assert_int_equal(o.out.len, 0);
        assert_true(str_find(buf_str(&o.err), STR("`gait jsonpath --help`")) != STR_NOT_FOUND);
        buf_clean_up(&o.out);
        buf_clean_up(&o.err);
    }
    outcome o = run(STR("{}"), 1, "--help");
    assert_int_equal(o.exit_status, 0);
    assert_true(str_starts_with(buf_str(&o.out), STR("usage: gait jsonpath")));
    buf_clean_up(&o.out);
    buf_clean_up(&o.err);
}

static void every_line_is_answered(void **state)
{
    (void)state;
    static const struct {
        const char *request, *answer;
    } rows[] = {
        {"{\"id\":1,\"path\":\"$.a\",\"data\":{\"a\":\"x\"}}", "{\"id\":1,\"result\":\"x\"}"},
        {"{\"id\":[2],\"path\":\"$.z\",\"data\":{}}",
         "{\"id\":[2],\"error\":{\"message\":\"No results for path: $['z']\"}}"},
        {"{\"path\":\"$\",\"data\":null}\r", "{\"id\":null,\"result\":null}"},
        {"[1]", "{\"id\":null,\"error\":{\"message\":\"a request must be an object\"}}"},
        {"{\"id\":3,\"data\":1}", "{\"id\":3,\"error\":{\"message\":\"a request must have a path, "
                                  "which is a string\"}}"},
        {"{\"id\":4,\"path\":\"$\"}",
         "{\"id\":4,\"error\":{\"message\":\"a request must have data\"}}"},
        {"{\"id\":5,\"path\":\"$$.c\",\"context\":{\"c\":1}}", "{\"id\":5,\"result\":1}"},
        {"{\"id\":6,\"path\":\"$v[0]\",\"variables\":{\"v\":[9]}}", "{\"id\":6,\"result\":9}"},
    };
    buf input, wanted;
    buf_init(&input, 1 << 20);
    buf_init(&wanted, 1 << 20);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        buf_add_format(&input, "%s%s", i ? "\n" : "", rows[i].request);
        buf_add_format(&wanted, "%s\n", rows[i].answer);
    }
    outcome_check(run(buf_str(&input), 1, "--jsonl"), 0, buf_c_str(&wanted), "");
    buf_clean_up(&input);
    buf_clean_up(&wanted);
}

static void a_fault_of_an_expression_is_told_whole(void **state)
{
    (void)state;
    char name[] = "jsonata", option[] = "--jsonl", *argv[] = {name, option, NULL};
    outcome o = run_command(cli_jsonata, STR("{\"id\":1,\"expr\":\"1 + 'a'\"}\n"), 2, argv);
    outcome_check(o, 0,
                  "{\"id\":1,\"error\":{\"code\":\"T2002\",\"token\":\"+\",\"position\":3,"
                  "\"message\":\"The right side of the \\\"+\\\" operator must evaluate to a "
                  "number\"}}\n",
                  "");
}

static void a_bad_line_does_not_stop_the_others(void **state)
{
    (void)state;
    outcome o =
        run(STR("{\"id\":1,\n\n\xff\n{\"id\":2,\"path\":\"$\",\"data\":[]}\n"), 1, "--jsonl");
    str rest = buf_str(&o.out);
    for (int i = 0; i < 3; i++) {
        assert_true(str_starts_with(str_split_next(&rest, '\n'),
                                    STR("{\"id\":null,\"error\":{\"message\":\"")));
    }
    assert_str_equal(rest, "{\"id\":2,\"result\":[]}\n");
    assert_int_equal(o.exit_status, 0);
    buf_clean_up(&o.out);
    buf_clean_up(&o.err);
}

static void a_long_line_is_a_line(void **state)
{
    (void)state;
    buf input;
    buf_init(&input, 1 << 24);
    buf_add_literal(&input, "{\"id\":7,\"path\":\"$.length()\",\"data\":[0");
    for (int i = 1; i < 1000000; i++) {
        buf_add_literal(&input, ", 0");
    }
    buf_add_literal(&input, "]}\n");
    outcome_check(run(buf_str(&input), 1, "--jsonl"), 0, "{\"id\":7,\"result\":1000000}\n", "");
    buf_clean_up(&input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_evaluated),
        cmocka_unit_test(what_is_wrong_is_told),
        cmocka_unit_test(wrong_usage_names_the_help),
        cmocka_unit_test(every_line_is_answered),
        cmocka_unit_test(a_fault_of_an_expression_is_told_whole),
        cmocka_unit_test(a_bad_line_does_not_stop_the_others),
        cmocka_unit_test(a_long_line_is_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
