/* Created functions: their records and packages, on disk and in memory, and how tasks find them. */
#include "harness.h"

static lambda_catalog *catalog(harness *h)
{
    error err;
    lambda_catalog *c = integrations_functions(h->tasks, &err);
    assert_non_null(c);
    return c;
}

/* A package with one handler; its number. */
static void add_package(harness *h, const char *name, int number, const char *code)
{
    error err;
    char folder[PATH_MAX];
    char path[PATH_MAX + 32];
    assert_ok(lambda_catalog_incoming(catalog(h), folder, &err), err);
    snprintf(path, sizeof(path), "%s/code", folder);
    assert_int_equal(mkdir(path, 0777), 0);
    snprintf(path, sizeof(path), "%s/code/handler.py", folder);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(code, out);
    fclose(out);
    assert_ok(lambda_catalog_adopt(catalog(h), str_from_c(name), folder, number, &err), err);
}

static void put(harness *h, const char *name, const char *record)
{
    error err;
    assert_ok(lambda_catalog_put(catalog(h), str_from_c(name), harness_json(h, record), &err), err);
}

#define CONFIGURATION(version, id, code)                                                           \
    "{\"Runtime\":\"python3.12\",\"Handler\":\"handler.f\",\"Timeout\":300,\"MemorySize\":128,"    \
    "\"Version\":\"" version "\",\"RevisionId\":\"" id "\",\"code\":" code "}"

static bool has_package(harness *h, const char *name, int number)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/lambda/%s/%d/code/handler.py", h->data, name, number);
    return access(path, F_OK) == 0;
}

static void a_task_calls_a_created_function_before_one_of_the_folder(void **state)
{
    harness *h = *state;
    harness_file(h, "greet", "handler.py", "def handler(e, c): return 'folder'\n");
    harness_call(h, "greet", "1");
    assert_output(h, "\"folder\"");
    add_package(h, "greet", 1, "def f(e, c): return ['created', c.function_version]\n");
    put(h, "greet", "{\"latest\":" CONFIGURATION("$LATEST", "a", "1") "}");
    harness_call(h, "greet", "1");
    assert_output(h, "[\"created\",\"$LATEST\"]");
    error err;
    assert_ok(lambda_catalog_remove(catalog(h), STR("greet"), &err), err);
    lambda_pool_forget(integrations_lambda(h->tasks, NULL), STR("greet"));
    harness_call(h, "greet", "1");
    assert_output(h, "\"folder\"");
}

static void versions_and_aliases_lead_to_their_code(void **state)
{
    harness *h = *state;
    add_package(h, "greet", 1, "def f(e, c): return 'old'\n");
    add_package(h, "greet", 2, "def f(e, c): return 'new'\n");
    put(h, "greet",
        "{\"latest\":" CONFIGURATION("$LATEST", "a", "2") ",\"versions\":[" CONFIGURATION(
            "1", "b", "1") "],\"aliases\":[{\"Name\":\"live\",\"FunctionVersion\":\"1\"}]}");
    harness_call(h, "greet", "1");
    assert_output(h, "\"new\"");
    harness_call(h, "greet:1", "1");
    assert_output(h, "\"old\"");
    harness_call(h, "greet:live", "1");
    assert_output(h, "\"old\"");
    harness_call(h, "greet:other", "1");
    assert_string_equal(h->error, "Lambda.ResourceNotFoundException");
}

static void a_changed_revision_is_seen_at_once(void **state)
{
    harness *h = *state;
    add_package(h, "greet", 1, "def f(e, c): return 1\n");
    put(h, "greet", "{\"latest\":" CONFIGURATION("$LATEST", "a", "1") "}");
    harness_call(h, "greet", "1");
    assert_output(h, "1");
    add_package(h, "greet", 2, "def f(e, c): return 2\n");
    put(h, "greet", "{\"latest\":" CONFIGURATION("$LATEST", "b", "2") "}");
    harness_call(h, "greet", "1");
    assert_output(h, "2");
    assert_int_equal(lambda_pool_count(integrations_lambda(h->tasks, NULL)).processes, 1);
}

static void packages_go_when_nothing_names_them(void **state)
{
    harness *h = *state;
    add_package(h, "greet", 1, "");
    put(h, "greet", "{\"latest\":" CONFIGURATION("$LATEST", "a", "1") "}");
    add_package(h, "greet", 2, "");
    put(h, "greet", "{\"latest\":" CONFIGURATION("$LATEST", "b", "2") "}");
    assert_true(has_package(h, "greet", 1)); /* calls that run may read it */
    add_package(h, "greet", 3, "");
    put(h, "greet",
        "{\"latest\":" CONFIGURATION("$LATEST", "c",
                                     "3") ",\"versions\":[" CONFIGURATION("1", "d", "2") "]}");
    assert_false(has_package(h, "greet", 1));
    assert_true(has_package(h, "greet", 2));
    error err;
    assert_ok(lambda_catalog_remove(catalog(h), STR("greet"), &err), err);
    assert_false(has_package(h, "greet", 3));
    assert_true(json_is_absent(lambda_catalog_get(catalog(h), STR("greet"))));
}

static void records_are_read_again_and_damaged_ones_told(void **state)
{
    harness *h = *state;
    static const char *const names[] = {"c", "a", "b"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        put(h, names[i], "{\"latest\":" CONFIGURATION("$LATEST", "a", "1") "}");
    }
    char path[512];
    snprintf(path, sizeof(path), "%s/lambda/b/function.json", h->data);
    assert_int_equal(truncate(path, 20), 0);
    h->log_length = 0;
    harness_configure(h, NULL);
    str first = lambda_catalog_after(catalog(h), STR_NONE);
    assert_str_equal(first, "a");
    str second = lambda_catalog_after(catalog(h), first);
    assert_str_equal(second, "c");
    assert_null(lambda_catalog_after(catalog(h), second).ptr);
    assert_true(h->log_length > 0);
}

static void a_weight_shares_the_calls(void **state)
{
    harness *h = *state;
    put(h, "greet",
        "{\"latest\":" CONFIGURATION("$LATEST", "a", "1") ",\"versions\":[" CONFIGURATION(
            "1", "b", "1") "," CONFIGURATION("2", "c",
                                             "1") "],\"aliases\":[{\"Name\":\"live\","
                                                  "\"FunctionVersion\":\"1\",\"RoutingConfig\":{"
                                                  "\"AdditionalVersionWeights\":{\"2\":0.25}}}]"
                                                  "}");
    lambda_target target;
    error err;
    const uint32_t quarter = 1u << 30;
    assert_ok(
        lambda_catalog_resolve(catalog(h), STR("greet"), STR("live"), quarter - 1, &target, &err),
        err);
    assert_str_equal(target.version, "2");
    assert_ok(lambda_catalog_resolve(catalog(h), STR("greet"), STR("live"), quarter, &target, &err),
              err);
    assert_str_equal(target.version, "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_task_calls_a_created_function_before_one_of_the_folder,
                                        harness_set_up, harness_tear_down),
        cmocka_unit_test_setup_teardown(versions_and_aliases_lead_to_their_code, harness_set_up,
                                        harness_tear_down),
        cmocka_unit_test_setup_teardown(a_changed_revision_is_seen_at_once, harness_set_up,
                                        harness_tear_down),
        cmocka_unit_test_setup_teardown(packages_go_when_nothing_names_them, harness_set_up,
                                        harness_tear_down),
        cmocka_unit_test_setup_teardown(records_are_read_again_and_damaged_ones_told,
                                        harness_set_up, harness_tear_down),
        cmocka_unit_test_setup_teardown(a_weight_shares_the_calls, harness_set_up,
                                        harness_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
