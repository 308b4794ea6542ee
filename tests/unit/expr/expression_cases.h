/* Data cases of expressions: every file of a folder is a list of objects, each one case. */
#ifndef GAIT_TESTS_UNIT_EXPR_EXPRESSION_CASES_H
#define GAIT_TESTS_UNIT_EXPR_EXPRESSION_CASES_H

#include "expr/scope.h"
#include "json/json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "read_json.h"
#include "unit.h"

typedef struct expression_case {
    const char *file;
    str name;
    json fields;
    expr_scope scope;
    entropy random;
    size_t *failures; /* counted, so that all of them are told */
} expression_case;

static json case_variable(const void *variables, str name)
{
    return json_get(*(const json *)variables, name);
}

static json_doc *case_file_read(const char *path)
{
    buf text;
    error err;
    assert_ok(read_text_file(path, &text, &err), err);
    json_doc *doc = NULL;
    if (failed(json_parse(buf_str(&text), &doc, &err))) {
        fail_msg("%s:%u:%u: %s", path, err.line, err.column, err.message);
    }
    buf_clean_up(&text);
    return doc;
}

/* Returns how many cases ran. */
static size_t case_folder_run(const char *folder, void (*run)(const expression_case *c))
{
    char path[1024];
    size_t count = 0, failures = 0;
    snprintf(path, sizeof(path), "%s/tests/cases/%s", GAIT_SOURCE_DIR, folder);
    DIR *entries = opendir(path);
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries));) {
        if (!str_ends_with(str_from_c(entry->d_name), STR(".json"))) {
            continue;
        }
        snprintf(path, sizeof(path), "%s/tests/cases/%s/%s", GAIT_SOURCE_DIR, folder,
                 entry->d_name);
        json_doc *doc = case_file_read(path);
        json cases = json_doc_root(doc);
        assert_true(json_count(cases) > 0);
        for (uint32_t i = 0; i < json_count(cases); i++, count++) {
            json fields = json_item(cases, i);
            json variables = json_get(fields, STR("variables"));
            expression_case c = {
                .file = entry->d_name, .fields = fields, .random = {1}, .failures = &failures};
            c.name = json_str(json_get(fields, STR("name")));
            c.scope = (expr_scope){.input = json_get(fields, STR("data")),
                                   .context = json_get(fields, STR("context")),
                                   .variable = case_variable,
                                   .variables = &variables};
            c.scope.random = &c.random;
            run(&c);
        }
        json_doc_release(doc);
    }
    closedir(entries);
    if (failures) {
        fail_msg("%zu of %zu cases failed", failures, count);
    }
    return count;
}

static void case_fail(const expression_case *c, str got, str expected)
{
    print_error("%s: %.*s: got %.*s, expected %.*s\n", c->file, STR_ARG(c->name), STR_ARG(got),
                STR_ARG(expected));
    ++*c->failures;
}

/* Compares what came out with the case's "result" or "error"; JSON_ABSENT stands for a failure. An
 * error that ends in "..." is the beginning of the message. */
UNUSED static void case_check(const expression_case *c, json result, const error *err, arena *a)
{
    str message = json_str(json_get(c->fields, STR("error")));
    str wanted = message.ptr ? message : json_text(json_get(c->fields, STR("result")), a);
    str got = json_is_absent(result) ? str_from_c(err->message) : json_text(result, a);
    bool matches = str_equal(got, wanted);
    if (message.ptr && str_ends_with(wanted, STR("..."))) {
        matches = str_starts_with(got, str_take(wanted, wanted.len - 3));
    }
    if (!matches || json_is_absent(result) != (message.ptr != NULL)) {
        case_fail(c, got, wanted);
    }
}

#endif
