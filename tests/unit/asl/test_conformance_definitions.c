/* Every definition of the recorded conformance cases: those that AWS accepted compile, those that
 * it refused are refused in its words. The cases lie beside the repository; without them the test
 * skips and says so. */

#include "asl/asl.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "read_json.h"
#include "unit.h"

#define CASES GAIT_SOURCE_DIR "/../shared/conformance/cases"

typedef struct tally {
    uint32_t accepted, refused, faults;
    const char *file;
} tally;

static void complain(tally *t, const char *what, str detail)
{
    t->faults++;
    print_message("%s: %s: %.*s\n", t->file, what, STR_ARG(detail));
}

/* ARNs and names that a run would fill in. */
static str fill_placeholders(str text, arena *a)
{
    buf out;
    buf_init(&out, 4u << 20);
    while (text.len > 0) {
        size_t begin = str_find(text, STR("@[["));
        buf_add_str(&out, str_take(text, begin));
        if (begin == STR_NOT_FOUND) {
            break;
        }
        text = str_skip(text, begin);
        size_t end = str_find(text, STR("]]@"));
        str reference = str_take(text, end);
        if (str_ends_with(reference, STR("activityArn"))) {
            buf_add_literal(&out, "arn:aws:states:us-east-1:111111111111:activity:worker");
        } else if (str_ends_with(reference, STR("FunctionArn"))) {
            buf_add_literal(&out, "arn:aws:lambda:us-east-1:111111111111:function:worker");
        } else {
            buf_add_literal(&out, "filled");
        }
        text = str_skip(text, end + 3);
    }
    str copy = arena_str(a, buf_str(&out));
    buf_clean_up(&out);
    return copy;
}

/* The first string anywhere in a value that holds `what`. */
static str find_text(json value, str what)
{
    if (json_is(value, JSON_STRING)) {
        return str_find(json_str(value), what) == STR_NOT_FOUND ? STR_NONE : json_str(value);
    }
    for (uint32_t i = 0; i < json_count(value); i++) {
        str found = find_text(json_is(value, JSON_OBJECT) ? json_member_at(value, i)->value
                                                          : json_item(value, i),
                              what);
        if (found.ptr) {
            return found;
        }
    }
    return STR_NONE;
}

/* What the case expects of a step: the values of the match steps that mention its id. */
static json expectation(json root, str id, arena *a)
{
    json steps = json_get(root, STR("steps"));
    str mention = arena_printf(a, "[[%.*s", STR_ARG(id));
    for (uint32_t i = 0; i < json_count(steps); i++) {
        json step = json_item(steps, i);
        str found = find_text(json_get(step, STR("value")), mention);
        if (found.ptr) {
            return json_get(json_get(root, STR("expected")), json_str(json_get(step, STR("key"))));
        }
    }
    return (json){0};
}

static void check_diagnostics(tally *t, json expected, const asl_diagnostics *d)
{
    json list = json_get(expected, STR("diagnostics"));
    if (json_count(list) != d->count) {
        complain(t, "another number of diagnostics", STR(""));
        return;
    }
    for (uint32_t i = 0; i < d->count; i++) {
        json item = json_item(list, i);
        if (!str_equal(json_str(json_get(item, STR("message"))), d->items[i].message) ||
            !str_equal(json_str(json_get(item, STR("code"))), str_from_c(d->items[i].code)) ||
            !str_equal(json_str(json_get(item, STR("location"))), d->items[i].location)) {
            complain(t, "another diagnostic", d->items[i].message);
        }
    }
}

static void check_refusal(tally *t, str message, const asl_diagnostics *d, bool is_refused,
                          arena *a)
{
    size_t begin = str_find(message, STR("Definition: '")) + 13;
    str wanted = str_skip(message, begin);
    wanted.len -= 1;
    str got = STR("");
    error err;
    assert_ok(asl_diagnostics_summary(d, a, &got, &err), err);
    if (!is_refused || !str_equal(got, wanted)) {
        complain(t, "AWS refused with", wanted);
        complain(t, "          but got", got);
    }
    t->refused++;
}

/* The value of a member of that name anywhere in a value. */
static json find_member(json value, str name)
{
    json found = json_is(value, JSON_OBJECT) ? json_get(value, name) : (json){0};
    for (uint32_t i = 0; i < json_count(value) && json_is_absent(found); i++) {
        found = find_member(json_is(value, JSON_OBJECT) ? json_member_at(value, i)->value
                                                        : json_item(value, i),
                            name);
    }
    return found;
}

static void check_references(tally *t, json root, const asl_machine *machine, arena *a)
{
    json wanted = find_member(json_get(root, STR("expected")), STR("variableReferences"));
    json got;
    error err;
    assert_ok(asl_variable_references(machine, a, &got, &err), err);
    str wanted_text = json_is_absent(wanted) ? STR("{}") : json_text(wanted, a);
    if (!str_equal(wanted_text, json_text(got, a))) {
        complain(t, "AWS refers to", wanted_text);
        complain(t, "      but got", json_text(got, a));
    }
}

static void check_definition(tally *t, json root, json step, arena *a)
{
    json args = json_get(step, STR("args"));
    str text = json_str(json_get(args, STR("definition")));
    if (!text.ptr) {
        return;
    }
    text = fill_placeholders(text, a);
    json expected = expectation(root, json_str(json_get(step, STR("id"))), a);
    asl_options options = {.is_express =
                               str_equal(json_str(json_get(args, STR("type"))), STR("EXPRESS"))};
    json parsed = {0};
    if (str_equal(json_str(json_get(step, STR("op"))), STR("test_state")) &&
        ok(json_parse_into(text, a, &parsed, NULL)) &&
        json_is_absent(json_get(parsed, STR("States")))) {
        options.state_name = STR("StateName");
    }
    asl_diagnostics d;
    asl_diagnostics_init(&d);
    const asl_machine *machine = NULL;
    error err = {0};
    status s = asl_compile(text, &options, &machine, &d, &err);
    bool is_raised = json_is_true(json_get(step, STR("raises")));
    str refusal =
        is_raised ? find_text(expected, STR("Invalid State Machine Definition: '")) : STR_NONE;
    if (str_equal(json_str(json_get(step, STR("op"))), STR("validate_state_machine_definition"))) {
        check_diagnostics(t, expected, &d);
    } else if (refusal.ptr) {
        check_refusal(t, refusal, &d, failed(s), a);
    } else if (failed(s)) {
        complain(t, "AWS accepted, but", str_from_c(err.message));
    } else {
        t->accepted++;
        if (str_equal(json_str(json_get(root, STR("category"))), STR("api_variable_references"))) {
            check_references(t, root, machine, a);
        }
    }
    asl_machine_release(machine);
    asl_diagnostics_clean_up(&d);
}

static void check_steps(tally *t, json root, json value, arena *a)
{
    if (json_is(value, JSON_OBJECT)) {
        check_definition(t, root, value, a);
    }
    for (uint32_t i = 0; i < json_count(value); i++) {
        check_steps(
            t, root,
            json_is(value, JSON_OBJECT) ? json_member_at(value, i)->value : json_item(value, i), a);
    }
}

static bool read_case(const char *name, arena *a, json *ret_root)
{
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/%s", CASES, name);
    return ok(read_json_file(path, a, ret_root, NULL));
}

static void aws_and_the_compiler_agree_on_recorded_definitions(void **state)
{
    (void)state;
    DIR *folder = opendir(CASES);
    if (!folder) {
        print_message("skipped: no recorded cases at %s\n", CASES);
        skip();
    }
    tally t = {0};
    for (struct dirent *entry; (entry = readdir(folder));) {
        json root = {0};
        arena a;
        arena_init(&a, 0);
        t.file = entry->d_name;
        if (str_ends_with(str_from_c(entry->d_name), STR(".json")) &&
            read_case(entry->d_name, &a, &root) &&
            !str_equal(json_str(json_get(root, STR("category"))), STR("unproven"))) {
            check_steps(&t, root, json_get(root, STR("steps")), &a);
        }
        arena_clean_up(&a);
    }
    (void)closedir(folder);
    print_message("%u accepted, %u refused\n", t.accepted, t.refused);
    assert_int_equal(t.faults, 0);
    assert_true(t.accepted > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aws_and_the_compiler_agree_on_recorded_definitions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
