/* Calls of AWS services while memory runs out: each says that it did not start, or ends once, with
 * an outcome that has words. Nothing listens at the endpoint, and S3 is the local one. */
#include "integrations/aws/client.h"
#include "integrations/local/local.h"
#include "net/http_client.h"

#include <stdlib.h>

#include "unit.h"

#include "failing_malloc.h"

#ifdef GAIT_AWS_MODELS_FILE

#define ALLOCATIONS_MAX 400

typedef struct fixture {
    net_loop *loop;
    net_http_client *http;
    local_services *local;
    aws_client *client;
    arena memory;
    int told;
    bool has_ended_well;
} fixture;

static const char *const environment[] = {"AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=secret",
                                          NULL};

static const char *const config =
    "{\"attemptsMax\":1,\"services\":{\"dynamodb\":{\"endpoint\":\"http://127.0.0.1:1\"}}}";

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    error err;
    json settings = {0};
    assert_non_null(f);
    arena_init(&f->memory, 0);
    assert_ok(net_loop_new(&f->loop, &err), err);
    assert_ok(net_http_client_new(f->loop, &f->http, &err), err);
    local_options local = {.loop = f->loop, .data_folder = STR("/nowhere"), .account = STR("1")};
    assert_ok(local_services_new(&local, &f->local, &err), err);
    assert_ok(json_parse_into(str_from_c(config), &f->memory, &settings, &err), err);
    aws_client_options options = {.loop = f->loop,
                                  .http = f->http,
                                  .local = f->local,
                                  .environment = environment,
                                  .config = settings,
                                  .region = STR("eu-west-1"),
                                  .models_path = STR(GAIT_AWS_MODELS_FILE)};
    assert_ok(aws_client_new(&options, &f->client, &err), err);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    aws_client_free(f->client);
    local_services_free(f->local);
    net_http_client_free(f->http);
    net_loop_free(f->loop);
    arena_clean_up(&f->memory);
    free(f);
    return 0;
}

static void on_done(void *user, const aws_outcome *outcome)
{
    fixture *f = user;
    fail_no_allocation(); /* what follows is the test's */
    f->told++;
    f->has_ended_well = outcome->message.len > 0 && outcome->error_name.len > 0;
    assert_int_not_equal(outcome->kind, AWS_SUCCEEDED);
    net_loop_stop(f->loop);
}

/* Whether the call came to its end as it does with memory enough. */
static bool call_with(fixture *f, const aws_client_request *request, long allocations,
                      bool is_cancelled)
{
    aws_client_call *call = NULL;
    error err = {0};
    f->told = 0;
    f->has_ended_well = false;
    fail_allocations_after(allocations);
    status started = aws_client_call_start(f->client, request, on_done, f, &call, &err);
    if (failed(started)) {
        fail_no_allocation();
        assert_true(err.length > 0);
        assert_int_equal(f->told, 0);
        return false;
    }
    if (is_cancelled) {
        fail_no_allocation();
        aws_client_call_cancel(call);
        net_loop_turn(f->loop, false);
        assert_int_equal(f->told, 0);
        return false;
    }
    net_loop_run(f->loop);
    assert_int_equal(f->told, 1);
    return f->has_ended_well;
}

static void check(fixture *f, const char *service, const char *action, const char *parameters)
{
    aws_client_request request = {.service = str_from_c(service),
                                  .action = str_from_c(action),
                                  .key = STR("the same each time")};
    error err;
    int bad = 0;
    assert_ok(json_parse_into(str_from_c(parameters), &f->memory, &request.parameters, &err), err);
    for (long n = 0; n < ALLOCATIONS_MAX; n++) {
        (void)call_with(f, &request, n, true);
        bad += !call_with(f, &request, n, false);
    }
    assert_true(bad > 0 && bad < ALLOCATIONS_MAX);
    assert_true(call_with(f, &request, -1, false));
}

static void a_call_over_the_net_ends_whenever_memory_runs_out(void **state)
{
    check(*state, "dynamodb", "getItem", "{\"TableName\":\"t\",\"Key\":{\"id\":{\"S\":\"1\"}}}");
}

static void a_call_of_a_local_service_ends_whenever_memory_runs_out(void **state)
{
    check(*state, "s3", "getObject", "{\"Bucket\":\"bucket\",\"Key\":\"k\"}");
}

static void wrong_parameters_are_told_whenever_memory_runs_out(void **state)
{
    check(*state, "dynamodb", "getItem", "{\"TableName\":1}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_call_over_the_net_ends_whenever_memory_runs_out),
        TEST(a_call_of_a_local_service_ends_whenever_memory_runs_out),
        TEST(wrong_parameters_are_told_whenever_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    return 0; /* built without the models: GAIT_AWS_MODELS=OFF */
}

#endif
