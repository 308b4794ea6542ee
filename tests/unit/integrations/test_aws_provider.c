/* Credentials as they are asked for: a server on the loop plays the metadata service of EC2, a
 * container's agent, STS and IAM Identity Center. */
#include "integrations/aws/provider.h"

#include "net/http_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#ifdef GAIT_AWS_MODELS_FILE

#define KEYS                                                                                       \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"secret\",\"Token\":"     \
    "\"token\",\"Expiration\":\"%s\"}"
#define SSO_CORP_SHA1 "ee0bfd2552fbd840c02cc48b6e823320543c450f"
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
    aws_credentials *credentials; /* of the last answer, retained */
    error err;
} fixture;

static void answer(fixture *f, const net_http_request *request, unsigned code, const char *body)
{
    (void)f;
    net_http_response response = {code, NULL, 0, str_from_c(body)};
    net_http_answer(request->reply, &response);
}

static void serve(void *user, const net_http_request *request)
{
    fixture *f = user;
    char text[1024];
    snprintf(f->paths[f->requests % 16], sizeof(f->paths[0]), "%.*s %.*s", STR_ARG(request->method),
             STR_ARG(request->path));
    f->requests++;
    if (f->is_silent) {
        return;
    }
    snprintf(f->authorization, sizeof(f->authorization), "%.*s",
             STR_ARG(net_http_request_header(request, "Authorization")));
    str token = net_http_request_header(request, "X-aws-ec2-metadata-token");
    bool is_metadata = str_starts_with(request->path, STR("/latest/meta-data"));
    if (str_equal(request->path, STR("/latest/api/token"))) {
        answer(f, request, 200, "session");
    } else if (is_metadata && !str_equal(token, STR("session"))) {
        answer(f, request, 401, "");
    } else if (str_ends_with(request->path, STR("/security-credentials/"))) {
        answer(f, request, 200, "the-role\n");
    } else if (str_equal(request->path, STR("/federation/credentials"))) {
        answer(f, request, 200,
               "{\"roleCredentials\":{\"accessKeyId\":\"AKID\",\"secretAccessKey\":\"secret\","
               "\"sessionToken\":\"token\",\"expiration\":4070908800000}}");
    } else if (str_equal(request->path, STR("/broken"))) {
        answer(f, request, 200, "no JSON secret");
    } else if (str_equal(request->path, STR("/forbidden"))) {
        answer(f, request, 403, "secret");
    } else {
        snprintf(text, sizeof(text), KEYS, f->expiration);
        answer(f, request, 200, text);
    }
}

/* `name` ends with "="; the value may be one of the fixture's own texts. */
static void add_variable(fixture *f, const char *name, const char *value)
{
    char text[sizeof(f->texts[0])];
    assert_true((size_t)snprintf(text, sizeof(text), "%s%s", name, value) < sizeof(text));
    memcpy(f->texts[f->variable_count], text, sizeof(text));
    f->environment[f->variable_count] = f->texts[f->variable_count];
    f->variable_count++;
}

static int set_up(void **state)
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

static int tear_down(void **state)
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

static void begin(fixture *f)
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

static void on_told(void *user, aws_credentials *credentials, const error *err)
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

static void ask(fixture *f, const char *role, bool is_for_emulator, int times)
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

static void assert_keys(const fixture *f)
{
    assert_non_null(f->credentials);
    assert_str_equal(f->credentials->access_key_id, "AKID");
    assert_str_equal(f->credentials->secret_access_key, "secret");
    assert_str_equal(f->credentials->session_token, "token");
}

static void assert_told(const fixture *f, const char *words)
{
    assert_null(f->credentials);
    assert_non_null(strstr(f->err.message, words));
    assert_null(strstr(f->err.message, "secret "));
}

/* --------------------------------------------------------------------------------------------
 * tests
 */

static void asks_the_metadata_service_in_three_steps(void **state)
{
    fixture *f = *state;
    add_variable(f, "AWS_EC2_METADATA_SERVICE_ENDPOINT=", f->url);
    begin(f);
    ask(f, NULL, false, 1);
    assert_keys(f);
    assert_int_equal(f->requests, 3);
    assert_string_equal(f->paths[0], "PUT /latest/api/token");
    assert_string_equal(f->paths[1], "GET /latest/meta-data/iam/security-credentials/");
    assert_string_equal(f->paths[2], "GET /latest/meta-data/iam/security-credentials/the-role");
}

static void asks_once_for_all_who_wait(void **state)
{
    fixture *f = *state;
    add_variable(f, "AWS_CONTAINER_CREDENTIALS_FULL_URI=", f->url);
    add_variable(f, "AWS_CONTAINER_AUTHORIZATION_TOKEN=", "let me in");
    begin(f);
    ask(f, NULL, false, 50);
    assert_keys(f);
    ask(f, NULL, false, 50);
    assert_int_equal(f->requests, 1);
    assert_string_equal(f->authorization, "let me in");
    assert_non_null(aws_provider_peek(f->provider, (aws_provider_key){STR_NONE, false}));
}

static void asks_again_before_they_expire(void **state)
{
    fixture *f = *state;
    add_variable(f, "AWS_CONTAINER_CREDENTIALS_FULL_URI=", f->url);
    f->expiration = "2020-01-01T00:00:00Z";
    begin(f);
    ask(f, NULL, false, 1);
    assert_null(aws_provider_peek(f->provider, (aws_provider_key){STR_NONE, false}));
    ask(f, NULL, false, 1);
    assert_int_equal(f->requests, 2);
}

static void reads_the_token_of_the_container_from_its_file(void **state)
{
    fixture *f = *state;
    char path[96];
    snprintf(path, sizeof(path), "%s/token", f->folder);
    FILE *file = fopen(path, "w");
    fputs("from a file\n", file);
    fclose(file);
    add_variable(f, "AWS_CONTAINER_CREDENTIALS_FULL_URI=", f->url);
    add_variable(f, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=", path);
    begin(f);
    ask(f, NULL, false, 1);
    assert_keys(f);
    assert_string_equal(f->authorization, "from a file");
}

/* Neither the words of the one who answered nor a part of the keys. */
static void tells_what_goes_wrong_without_a_secret(void **state)
{
    fixture *f = *state;
    char url[96];
    snprintf(url, sizeof(url), "%s/broken", f->url);
    add_variable(f, "AWS_CONTAINER_CREDENTIALS_FULL_URI=", url);
    begin(f);
    ask(f, NULL, false, 2);
    assert_told(f, "is no JSON");
    ask(f, NULL, false, 1); /* those who ask in the next seconds are told the same */
    assert_told(f, "is no JSON");
    assert_int_equal(f->requests, 1);
}

static void tells_of_a_container_that_refuses(void **state)
{
    fixture *f = *state;
    char url[96];
    snprintf(url, sizeof(url), "%s/forbidden", f->url);
    add_variable(f, "AWS_CONTAINER_CREDENTIALS_FULL_URI=", url);
    begin(f);
    ask(f, NULL, false, 1);
    assert_told(f, "(status 403)");
}

static void gives_placeholders_for_emulators_only(void **state)
{
    fixture *f = *state;
    add_variable(f, "AWS_EC2_METADATA_SERVICE_ENDPOINT=", f->url);
    f->is_silent = true;
    add_variable(f, "AWS_METADATA_SERVICE_TIMEOUT=", "1");
    begin(f);
    ask(f, NULL, true, 3);
    assert_non_null(f->credentials);
    assert_true(f->credentials->is_placeholder);
    assert_str_equal(f->credentials->access_key_id, "test");
    assert_int_equal(f->requests, 0);
    ask(f, NULL, false, 1);
    assert_told(f, "the metadata service of EC2 does not answer");
    assert_non_null(strstr(f->err.message, "AWS_ACCESS_KEY_ID"));
    /* With placeholders nobody goes to the real STS. */
    ask(f, "arn:aws:iam::1:role/r", true, 1);
    assert_told(f, "AWS_ENDPOINT_URL_STS");
}

static void gets_the_credentials_of_a_login(void **state)
{
    fixture *f = *state;
    char path[160];
    static const char *const folders[] = {"%s/.aws", "%s/.aws/sso", "%s/.aws/sso/cache"};
    for (size_t i = 0; i < ARRAY_LENGTH(folders); i++) {
        snprintf(path, sizeof(path), "%s%s", f->folder, folders[i] + 2);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    snprintf(path, sizeof(path), "%s/.aws/config", f->folder);
    FILE *file = fopen(path, "w");
    fputs("[default]\nsso_session=corp\nsso_account_id=1\nsso_role_name=r\n"
          "[sso-session corp]\nsso_region=eu-west-1\nsso_start_url=https://corp\n",
          file);
    fclose(file);
    add_variable(f, "AWS_ENDPOINT_URL_SSO=", f->url);
    begin(f);
    ask(f, NULL, false, 1);
    assert_told(f, "`aws sso login --profile default` gets one");
    /* SHA-1 of "corp" */
    snprintf(path, sizeof(path), "%s/.aws/sso/cache/%s.json", f->folder, SSO_CORP_SHA1);
    file = fopen(path, "w");
    fputs("{\"accessToken\":\"t\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}", file);
    fclose(file);
    aws_provider_free(f->provider);
    assert_ok(aws_provider_new(&f->context, &f->provider, &f->err), f->err);
    ask(f, NULL, false, 1);
    assert_keys(f);
    assert_string_equal(f->paths[0], "GET /federation/credentials");
}

static void runs_a_process_that_fails(void **state)
{
    fixture *f = *state;
    char path[96];
    snprintf(path, sizeof(path), "%s/config", f->folder);
    FILE *file = fopen(path, "w");
    fputs("[default]\ncredential_process = echo 'secret key'; exit 3\n", file);
    fclose(file);
    add_variable(f, "AWS_CONFIG_FILE=", path);
    begin(f);
    ask(f, NULL, false, 1);
    assert_told(f, "failed, with status 3");
}

/* Whoever goes away is not told, the others are; and all may go in the middle. */
static void forgets_who_has_gone(void **state)
{
    fixture *f = *state;
    aws_provider_key key = {STR_NONE, false};
    aws_provider_wait *waits[3];
    add_variable(f, "AWS_CONTAINER_CREDENTIALS_FULL_URI=", f->url);
    begin(f);
    for (size_t i = 0; i < 3; i++) {
        assert_ok(aws_provider_ask(f->provider, key, on_told, f, &waits[i], &f->err), f->err);
    }
    aws_provider_cancel(waits[1]);
    f->wanted = 2;
    net_loop_run(f->loop);
    assert_int_equal(f->told, 2);
    f->is_silent = true;
    key.role_arn = STR("arn:aws:iam::1:role/r");
    assert_ok(aws_provider_ask(f->provider, key, on_told, f, &waits[0], &f->err), f->err);
    assert_ok(aws_provider_ask(f->provider, key, on_told, f, &waits[1], &f->err), f->err);
    aws_provider_cancel(waits[0]);
    for (int i = 0; i < 3; i++) {
        net_loop_turn(f->loop, false);
    }
    assert_int_equal(f->told, 2);
}

int main(void)
{
#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_SERVER(asks_the_metadata_service_in_three_steps),
        WITH_SERVER(asks_once_for_all_who_wait),
        WITH_SERVER(asks_again_before_they_expire),
        WITH_SERVER(reads_the_token_of_the_container_from_its_file),
        WITH_SERVER(tells_what_goes_wrong_without_a_secret),
        WITH_SERVER(tells_of_a_container_that_refuses),
        WITH_SERVER(gives_placeholders_for_emulators_only),
        WITH_SERVER(gets_the_credentials_of_a_login),
        WITH_SERVER(runs_a_process_that_fails),
        WITH_SERVER(forgets_who_has_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    return 0;
}

#endif
