/* Validation by data: the files of tests/cases/validate hold definitions and all that is to be said
 * about each. The format:
 *
 *   name         what the case shows
 *   definition   an object; or `text`, as it is, for what is not JSON; or `state`, a state alone
 *   type         "EXPRESS" (STANDARD without it)
 *   aws          true: only what AWS accepts
 *   diagnostics  [severity, code, message, location] each, in order; a fifth item is "line:column"
 */

#include "asl/asl.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "read_json.h"
#include "unit.h"

#define CASES GAIT_SOURCE_DIR "/tests/cases/validate"

static bool read_cases(const char *name, arena *a, json *ret_root)
{
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/%s", CASES, name);
    return ok(read_json_file(path, a, ret_root, NULL));
}

static bool is_same(json expected, const asl_diagnostic *d, arena *a)
{
    str severity = d->severity == ASL_ERROR ? STR("ERROR") : STR("WARNING");
    str place = arena_printf(a, "%u:%u", d->line, d->column);
    return str_equal(json_str(json_item(expected, 0)), severity) &&
           str_equal(json_str(json_item(expected, 1)), str_from_c(d->code)) &&
           str_equal(json_str(json_item(expected, 2)), d->message) &&
           str_equal(json_str(json_item(expected, 3)), d->location) &&
           (json_count(expected) < 5 || str_equal(json_str(json_item(expected, 4)), place));
}

static bool check(str name, json expected, const asl_diagnostics *d, arena *a)
{
    bool is_well = json_count(expected) == d->count;
    for (uint32_t i = 0; i < d->count; i++) {
        const asl_diagnostic *item = &d->items[i];
        if (!is_same(json_item(expected, i), item, a)) {
            is_well = false;
        }
    }
    if (is_well) {
        return true;
    }
    print_message("%.*s\n", STR_ARG(name));
    for (uint32_t i = 0; i < d->count; i++) {
        const asl_diagnostic *item = &d->items[i];
        print_message("  got: %s %s \"%.*s\" at %.*s (%u:%u)\n",
                      item->severity == ASL_ERROR ? "ERROR" : "WARNING", item->code,
                      STR_ARG(item->message), STR_ARG(item->location), item->line, item->column);
    }
    for (uint32_t i = 0; i < json_count(expected); i++) {
        print_message("  expected: %.*s\n", STR_ARG(json_text(json_item(expected, i), a)));
    }
    return false;
}

static bool run_case(json root, arena *a)
{
    str name = json_str(json_get(root, STR("name")));
    asl_options options = {
        .is_express = str_equal(json_str(json_get(root, STR("type"))), STR("EXPRESS")),
        .aws_only = json_is_true(json_get(root, STR("aws"))),
    };
    str text = json_str(json_get(root, STR("text")));
    json state = json_get(root, STR("state"));
    if (!json_is_absent(state)) {
        options.state_name = STR("State");
        text = json_text(state, a);
    } else if (!text.ptr) {
        text = json_text(json_get(root, STR("definition")), a);
    }
    asl_diagnostics d;
    asl_diagnostics_init(&d);
    const asl_machine *machine = NULL;
    error err = {0};
    status s = asl_compile(text, &options, &machine, &d, &err);
    bool is_well = check(name, json_get(root, STR("diagnostics")), &d, a);
    if (ok(s) != (d.error_count == 0)) {
        print_message("%.*s: status and diagnostics disagree: %s\n", STR_ARG(name), err.message);
        is_well = false;
    }
    asl_machine_release(machine);
    asl_diagnostics_clean_up(&d);
    return is_well;
}

static void every_case_gets_its_diagnostics(void **state)
{
    (void)state;
    DIR *folder = opendir(CASES);
    assert_non_null(folder);
    uint32_t count = 0, faults = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!str_ends_with(str_from_c(entry->d_name), STR(".json"))) {
            continue;
        }
        json root = {0};
        arena a;
        arena_init(&a, 0);
        if (!read_cases(entry->d_name, &a, &root)) {
            print_message("%s cannot be read\n", entry->d_name);
            faults++;
        }
        for (uint32_t i = 0; i < json_count(root); i++, count++) {
            faults += !run_case(json_item(root, i), &a);
        }
        arena_clean_up(&a);
    }
    (void)closedir(folder);
    print_message("%u cases\n", count);
    assert_int_equal(faults, 0);
    assert_true(count >= 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_gets_its_diagnostics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
