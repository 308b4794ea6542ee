/* Credentials of machines, containers, processes and roles. */
#include "aws_provider.h"

#include "base/timetext.h"

#ifdef GAIT_AWS_MODELS_FILE

#define KEYS                                                                                       \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"secret\",\"Token\":"     \
    "\"token\",\"Expiration\":\"%s\"}"

static void serve(void *user, const net_http_request *request)
{
    fixture *f = user;
    char text[1024];
    note_request(f, request);
    if (f->is_silent) {
        return;
    }
    snprintf(f->authorization, sizeof(f->authorization), "%.*s",
             STR_ARG(net_http_request_header(request, "Authorization")));
    str token = net_http_request_header(request, "X-aws-ec2-metadata-token");
    bool is_metadata = str_starts_with(request->path, STR("/latest/meta-data"));
    if (str_equal(request->path, STR("/latest/api/token"))) {
        answer(request, 200, "session");
    } else if (is_metadata && !str_equal(token, STR("session"))) {
        answer(request, 401, "");
    } else if (str_ends_with(request->path, STR("/security-credentials/"))) {
        answer(request, 200, "the-role\n");
    } else if (str_equal(request->path, STR("/broken"))) {
        answer(request, 200, "no JSON secret");
    } else if (str_equal(request->path, STR("/forbidden"))) {
        answer(request, 403, "secret");
    } else {
        snprintf(text, sizeof(text), KEYS, f->expiration);
        answer(request, 200, text);
    }
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

/* Who cannot be asked any more is not asked by every call, while the last answer is good. */
static void keeps_the_old_ones_while_there_are_no_new_ones(void **state)
{
    fixture *f = *state;
    char expiration[TIME_TEXT_SIZE];
    time_print_rfc3339(net_loop_clock_ms(f->loop) + 120000, expiration);
    add_variable(f, "AWS_CONTAINER_CREDENTIALS_FULL_URI=", f->url);
    f->expiration = expiration;
    begin(f);
    ask(f, NULL, false, 1);
    assert_keys(f);
    f->expiration = "no time";
    int64_t begun_ms = net_loop_now_ms(f->loop);
    for (int i = 0; i < 5; i++) {
        ask(f, NULL, false, 1);
        assert_keys(f);
    }
    int64_t passed_ms = net_loop_now_ms(f->loop) - begun_ms;
    assert_true(f->requests <= 2 + passed_ms / 3000);
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
    int64_t begin_ms = net_loop_now_ms(f->loop);
    ask(f, NULL, false, 2);
    assert_told(f, "is no JSON");
    assert_int_equal(f->requests, 1);
    ask(f, NULL, false, 1); /* those who ask in the next seconds are told the same */
    assert_told(f, "is no JSON");
    if (net_loop_now_ms(f->loop) - begin_ms < 3000) {
        assert_int_equal(f->requests, 1);
    }
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
        WITH_SERVER(keeps_the_old_ones_while_there_are_no_new_ones),
        WITH_SERVER(reads_the_token_of_the_container_from_its_file),
        WITH_SERVER(tells_what_goes_wrong_without_a_secret),
        WITH_SERVER(tells_of_a_container_that_refuses),
        WITH_SERVER(gives_placeholders_for_emulators_only),
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
