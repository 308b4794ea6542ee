/* Local services on a folder of their own, asked and awaited. */
#ifndef GAIT_TESTS_LOCAL_H
#define GAIT_TESTS_LOCAL_H

#include "integrations/local/local.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

typedef struct local {
    net_loop *loop;
    local_services *services;
    arena memory;
    char folder[64];
    bool body_is_bytes; /* of what is asked next */
    bool is_done, succeeded;
    json output;
    unsigned http_status;
    str code, message;
} local;

static void local_on_done(void *user, const local_answer *answer)
{
    local *l = user;
    error err;
    l->is_done = true;
    l->succeeded = answer->succeeded;
    l->http_status = answer->status;
    l->code = answer->succeeded ? STR("") : arena_str(&l->memory, answer->code);
    l->message = answer->succeeded ? STR("") : arena_str(&l->memory, answer->message);
    if (answer->succeeded) {
        assert_ok(json_copy(answer->output, &l->memory, &l->output, &err), err);
    }
    net_loop_stop(l->loop);
}

/* Parameters are JSON with ' for ". */
static void local_ask(local *l, const char *service, const char *action, const char *parameters)
{
    error err = {0};
    json value;
    local_task *task = NULL;
    char text[8192];
    size_t length = strlen(parameters);
    assert_true(length < sizeof(text));
    for (size_t i = 0; i <= length; i++) {
        text[i] = parameters[i] == '\'' ? '"' : parameters[i];
    }
    assert_ok(json_parse_into(str_from_c(text), &l->memory, &value, &err), err);
    l->is_done = false;
    local_request request = {str_from_c(service), str_from_c(action), value, l->body_is_bytes};
    assert_ok(local_task_begin(l->services, &request, local_on_done, l, &task, &err), err);
    assert_false(l->is_done);
    net_loop_run(l->loop);
    assert_true(l->is_done);
}

static json UNUSED local_output(local *l, const char *service, const char *action,
                                const char *parameters)
{
    local_ask(l, service, action, parameters);
    if (!l->succeeded) {
        fail_msg("%s: %.*s: %.*s", action, STR_ARG(l->code), STR_ARG(l->message));
    }
    return l->output;
}

static void UNUSED assert_refused(local *l, const char *service, const char *action,
                                  const char *parameters, unsigned http_status, const char *code)
{
    local_ask(l, service, action, parameters);
    assert_false(l->succeeded);
    assert_str_equal(l->code, code);
    assert_int_equal(l->http_status, http_status);
}

static void UNUSED assert_text(local *l, json value, const char *expected)
{
    assert_str_equal(json_text(value, &l->memory), expected);
}

static void local_open(local *l, const char *config, const char *const *environment)
{
    error err;
    json value = {0};
    assert_ok(json_parse_into(str_from_c(config), &l->memory, &value, &err), err);
    local_services_free(l->services);
    l->services = NULL;
    local_options options = {.loop = l->loop,
                             .data_folder = str_from_c(l->folder),
                             .config = value,
                             .account = STR("123456789012"),
                             .region = STR("eu-west-1"),
                             .environment = environment};
    assert_ok(local_services_new(&options, &l->services, &err), err);
}

static int local_set_up(void **state)
{
    error err;
    local *l = calloc(1, sizeof(*l));
    assert_non_null(l);
    arena_init(&l->memory, 0);
    snprintf(l->folder, sizeof(l->folder), "/tmp/gait-local-XXXXXX");
    assert_non_null(mkdtemp(l->folder));
    assert_ok(net_loop_new(&l->loop, &err), err);
    local_open(l, "{}", NULL);
    *state = l;
    return 0;
}

static int local_remove(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(path);
}

static int local_tear_down(void **state)
{
    local *l = *state;
    local_services_free(l->services);
    net_loop_free(l->loop);
    arena_clean_up(&l->memory);
    nftw(l->folder, local_remove, 16, FTW_DEPTH | FTW_PHYS);
    free(l);
    return 0;
}

/* A file under the data folder, made with its folders. */
static void UNUSED local_write(local *l, const char *name, const char *contents)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", l->folder, name);
    for (char *slash = path + strlen(l->folder); (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(path, 0777);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(contents, file);
    fclose(file);
}

#endif
