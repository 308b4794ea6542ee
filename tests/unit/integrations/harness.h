/* A folder of functions, a loop and the integrations: what the tests of this room share. */
#ifndef GAIT_TESTS_INTEGRATIONS_HARNESS_H
#define GAIT_TESTS_INTEGRATIONS_HARNESS_H

#include "integrations/integration.h"
#include "integrations/integration_kind.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

typedef struct harness {
    char folder[64]; /* holds functions/ and data/ */
    char functions[96], data[96];
    net_loop *loop;
    integrations *tasks;
    json_doc *config;
    arena memory;
    /* the last result, copied */
    int finished, wanted;
    bool succeeded, is_submitted;
    json output;
    char error[256];
    char cause[70000];
    char log[65536];
    size_t log_length;
} harness;

static void harness_log(void *user, str function, str line)
{
    harness *h = user;
    (void)function;
    if (h->log_length + line.len + 2 < sizeof(h->log)) {
        h->log_length += (size_t)snprintf(h->log + h->log_length, sizeof(h->log) - h->log_length,
                                          "%.*s\n", STR_ARG(line));
    }
}

static void harness_done(void *user, const integration_result *result)
{
    harness *h = user;
    h->succeeded = result->succeeded;
    h->is_submitted = result->is_submitted;
    snprintf(h->error, sizeof(h->error), "%.*s", STR_ARG(result->error));
    snprintf(h->cause, sizeof(h->cause), "%.*s", STR_ARG(result->cause));
    if (result->succeeded) {
        assert_true(ok(json_copy(result->output, &h->memory, &h->output, NULL)));
    }
    if (++h->finished >= h->wanted) {
        net_loop_stop(h->loop);
    }
}

static void harness_start(harness *h, const char *config)
{
    error err;
    integrations_options options = {
        .loop = h->loop,
        .functions_folder = str_from_c(h->functions),
        .data_folder = str_from_c(h->data),
        .account = STR("123456789012"),
        .region = STR("eu-west-1"),
        .on_log = harness_log,
        .log_user = h,
    };
    if (config) {
        assert_ok(json_parse(str_from_c(config), &h->config, &err), err);
        options.config = json_doc_root(h->config);
    }
    assert_ok(integrations_new(&options, &h->tasks, &err), err);
}

static int harness_set_up(void **state)
{
    harness *h = calloc(1, sizeof(*h));
    error err;
    snprintf(h->folder, sizeof(h->folder), "/tmp/gait-test-XXXXXX");
    assert_non_null(mkdtemp(h->folder));
    snprintf(h->functions, sizeof(h->functions), "%s/functions", h->folder);
    snprintf(h->data, sizeof(h->data), "%s/data", h->folder);
    assert_int_equal(mkdir(h->functions, 0777), 0);
    arena_init(&h->memory, 0);
    assert_ok(net_loop_new(&h->loop, &err), err);
    harness_start(h, NULL);
    *state = h;
    return 0;
}

/* The same with a configuration. */
static UNUSED void harness_configure(harness *h, const char *config)
{
    integrations_free(h->tasks);
    json_doc_release(h->config);
    h->config = NULL;
    harness_start(h, config);
}

static int harness_tear_down(void **state)
{
    harness *h = *state;
    char command[128];
    integrations_free(h->tasks);
    net_loop_free(h->loop);
    json_doc_release(h->config);
    arena_clean_up(&h->memory);
    snprintf(command, sizeof(command), "rm -rf '%s'", h->folder);
    assert_int_equal(system(command), 0);
    free(h);
    return 0;
}

/* A function that is made has five minutes for a call, which no machine is too slow for. */
static UNUSED void harness_file(harness *h, const char *function, const char *file,
                                const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", h->functions, function);
    if (mkdir(path, 0777) == 0 && strcmp(file, "function.json") != 0) {
        harness_file(h, function, "function.json", "{\"timeout\":300}");
    }
    snprintf(path, sizeof(path), "%s/%s/%s", h->functions, function, file);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    if (strcmp(file, "bootstrap") == 0) {
        chmod(path, 0777);
    }
}

static UNUSED json harness_json(harness *h, const char *text)
{
    json value = {0};
    error err;
    assert_ok(json_parse_into(str_from_c(text), &h->memory, &value, &err), err);
    return value;
}

/* Whether the caller has to look once more, a moment later; what does not come in two minutes has
 * gone wrong, however slow the machine is. */
static UNUSED bool harness_goes_on(int *turns)
{
    usleep(10000);
    return ++*turns < 12000;
}

static UNUSED integration_task *harness_begin(harness *h, integration_call call,
                                              const char *payload)
{
    integration_task *task = NULL;
    error err;
    call.payload = harness_json(h, payload);
    assert_ok(integrations_start(h->tasks, &call, harness_done, h, &task, &err), err);
    h->wanted++;
    return task;
}

static UNUSED integration_call harness_function_call(const char *function)
{
    static char arn[256];
    snprintf(arn, sizeof(arn), "arn:aws:lambda:eu-west-1:123456789012:function:%s", function);
    return (integration_call){.resource = str_from_c(arn), .service = STR("lambda")};
}

static UNUSED integration_call harness_service_call(const char *service, const char *action,
                                                    const char *pattern)
{
    static char arn[256];
    snprintf(arn, sizeof(arn), "arn:aws:states:::%s:%s%s%s", service, action, *pattern ? "." : "",
             pattern);
    return (integration_call){.resource = str_from_c(arn),
                              .service = str_from_c(service),
                              .action = str_from_c(action),
                              .pattern = str_from_c(pattern)};
}

/* Calls a function by its ARN and waits. */
static UNUSED void harness_call(harness *h, const char *function, const char *payload)
{
    harness_begin(h, harness_function_call(function), payload);
    net_loop_run(h->loop);
}

static UNUSED void harness_service(harness *h, const char *service, const char *action,
                                   const char *payload)
{
    harness_begin(h, harness_service_call(service, action, ""), payload);
    net_loop_run(h->loop);
}

static UNUSED void assert_output(harness *h, const char *expected)
{
    if (!h->succeeded) {
        fail_msg("failed: %s: %s", h->error, h->cause);
    }
    str text = json_text(h->output, &h->memory);
    assert_str_equal(text, expected);
}

/* A member of an object of the output, or of the cause. */
static UNUSED json harness_at(json value, const char *name)
{
    return json_get(value, str_from_c(name));
}

static UNUSED int harness_descriptors(void)
{
    int count = 0;
    DIR *listing = opendir("/proc/self/fd");
    while (readdir(listing)) {
        count++;
    }
    closedir(listing);
    return count;
}

/* Children of this process in any state, zombies included. */
static UNUSED int harness_children(void)
{
    char path[64];
    char text[4096] = "";
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t got = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    int count = 0;
    for (size_t i = 0; i < got; i++) {
        count += text[i] == ' ';
    }
    return count;
}

static UNUSED char *harness_read_data(harness *h, const char *file)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", h->data, file);
    FILE *in = fopen(path, "r");
    if (!in) {
        return NULL;
    }
    char *text = arena_alloc(&h->memory, 1 << 20);
    size_t got = fread(text, 1, (1 << 20) - 1, in);
    text[got] = '\0';
    fclose(in);
    return text;
}

#endif
