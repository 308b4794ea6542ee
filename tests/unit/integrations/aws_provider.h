/* Credentials as they are asked for: a server on the loop plays whoever gives them. A test has its
 * own `serve`. */
#ifndef GAIT_TESTS_UNIT_INTEGRATIONS_AWS_PROVIDER_H
#define GAIT_TESTS_UNIT_INTEGRATIONS_AWS_PROVIDER_H

#include "integrations/aws/provider.h"
#include "net/http_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#ifdef GAIT_AWS_MODELS_FILE

#define VARIABLES_MAX 8

typedef struct fixture {
    char folder[64], url[64], texts[VARIABLES_MAX][160];
    const char *environment[VARIABLES_MAX + 1];
    size_t variable_count;
    net_loop *loop;
    net_http_server *server;
    net_http_listener *listener;
    net_http_client *http;
    aws_models *models;
    aws_settings settings;
    bool has_settings;
    aws_context context;
    aws_provider *provider;
    aws_retry_bucket *buckets;
    const char *expiration;
    bool is_silent; /* the server does not answer */
    int requests, told, wanted;
    char paths[16][96];
    char authorization[64];
    void *more;                   /* of the test */
    aws_credentials *credentials; /* of the last answer, retained */
    error err;
} fixture;

static inline void answer(const net_http_request *request, unsigned code, const char *body)
{
    net_http_response response = {code, NULL, 0, str_from_c(body)};
    net_http_answer(request->reply, &response);
}

/* Counts the request and remembers its line. */
static inline void note_request(fixture *f, const net_http_request *request)
{
    snprintf(f->paths[f->requests % 16], sizeof(f->paths[0]), "%.*s %.*s", STR_ARG(request->method),
             STR_ARG(request->path));
    f->requests++;
}

static void serve(void *user, const net_http_request *request);

/* `name` ends with "="; the value may be one of the fixture's own texts. */
static inline void add_variable(fixture *f, const char *name, const char *value)
{
    char text[sizeof(f->texts[0])];
    assert_true((size_t)snprintf(text, sizeof(text), "%s%s", name, value) < sizeof(text));
    memcpy(f->texts[f->variable_count], text, sizeof(text));
    f->environment[f->variable_count] = f->texts[f->variable_count];
    f->variable_count++;
}

static inline int set_up(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    f->expiration = "2099-01-01T00:00:00Z";
    snprintf(f->folder, sizeof(f->folder), "/tmp/gait-test-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    assert_ok(net_loop_new(&f->loop, &f->err), f->err);
    net_http_server_options options = {.handler = serve, .user = f};
    assert_ok(net_http_server_new(f->loop, &options, &f->server, &f->err), f->err);
    assert_ok(net_http_server_listen(f->server, "127.0.0.1", 0, NULL, &f->listener, &f->err),
              f->err);
    assert_ok(net_http_client_new(f->loop, &f->http, &f->err), f->err);
    assert_ok(aws_models_open(STR(GAIT_AWS_MODELS_FILE), &f->models, &f->err), f->err);
    snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%u", net_http_listener_port(f->listener));
    f->buckets = calloc(aws_models_service_count(f->models), sizeof(*f->buckets));
    add_variable(f, "HOME=", f->folder);
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    fixture *f = *state;
    char command[128];
    aws_provider_free(f->provider);
    aws_credentials_release(f->credentials);
    if (f->has_settings) {
        aws_settings_clean_up(&f->settings);
    }
    aws_models_close(f->models);
    net_http_client_free(f->http);
    net_http_server_free(f->server);
    net_loop_free(f->loop);
    snprintf(command, sizeof(command), "rm -rf '%s'", f->folder);
    assert_int_equal(system(command), 0);
    free(f->buckets);
    free(f);
    return 0;
}

static inline void begin(fixture *f)
{
    assert_ok(aws_settings_read(f->environment, (json){0}, &f->settings, &f->err), f->err);
    f->has_settings = true;
    f->context = (aws_context){.loop = f->loop,
                               .http = f->http,
                               .models = f->models,
                               .settings = &f->settings,
                               .region = STR("eu-west-1"),
                               .buckets = f->buckets};
    assert_ok(aws_provider_new(&f->context, &f->provider, &f->err), f->err);
}

static inline void on_told(void *user, aws_credentials *credentials, const error *err)
{
    fixture *f = user;
    aws_credentials_release(f->credentials);
    f->credentials = aws_credentials_retain(credentials);
    if (err) {
        f->err = *err;
    }
    if (++f->told == f->wanted) {
        net_loop_stop(f->loop);
    }
}

static inline void ask(fixture *f, const char *role, bool is_for_emulator, int times)
{
    aws_provider_key key = {str_from_c(role), is_for_emulator};
    aws_provider_wait *wait;
    f->told = 0;
    f->wanted = times;
    for (int i = 0; i < times; i++) {
        assert_ok(aws_provider_ask(f->provider, key, on_told, f, &wait, &f->err), f->err);
    }
    assert_int_equal(f->told, 0);
    net_loop_run(f->loop);
    assert_int_equal(f->told, times);
}

static inline void assert_keys(const fixture *f)
{
    assert_non_null(f->credentials);
    assert_str_equal(f->credentials->access_key_id, "AKID");
    assert_str_equal(f->credentials->secret_access_key, "secret");
    assert_str_equal(f->credentials->session_token, "token");
}

static inline void assert_told(const fixture *f, const char *words)
{
    assert_null(f->credentials);
    assert_non_null(strstr(f->err.message, words));
    assert_null(strstr(f->err.message, "secret "));
}

#endif
#endif
