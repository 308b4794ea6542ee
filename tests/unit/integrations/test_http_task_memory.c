/* An HTTP Task while memory runs out: it does not begin, or it ends with an error of its own. The
 * port refuses, so that the end of a whole call is States.Http.Socket. */
#include "harness.h"

#include "failing_malloc.h"

static const char config[] =
    "{\"http\":{\"timeoutSeconds\":5},\"connections\":{\"key\":{\"AuthorizationType\":\"API_KEY\","
    "\"AuthParameters\":{\"ApiKeyAuthParameters\":{\"ApiKeyName\":\"X-Key\",\"ApiKeyValue\":"
    "\"v\"},\"InvocationHttpParameters\":{\"HeaderParameters\":[{\"Key\":\"a\",\"Value\":\"b\"}],"
    "\"QueryStringParameters\":[{\"Key\":\"q\",\"Value\":\"r\"}]}}},"
    "\"oauth\":{\"AuthorizationType\":\"OAUTH_CLIENT_CREDENTIALS\",\"AuthParameters\":{"
    "\"OAuthParameters\":{\"ClientParameters\":{\"ClientID\":\"i\",\"ClientSecret\":\"s\"},"
    "\"AuthorizationEndpoint\":\"http://127.0.0.1:1/token\",\"HttpMethod\":\"POST\"}}}}}";

static void exchanged(void *user, const integration_exchange *exchange)
{
    (void)user;
    assert_false(exchange->has_response);
}

static void start_with_failures(harness *h, const char *connection, const char *last_error)
{
    const integration_trace trace = {.is_revealing = true, .told = exchanged};
    integration_call call = harness_service_call("http", "invoke", "");
    char payload[512];
    bool is_through = false;
    snprintf(payload, sizeof(payload),
             "{\"ApiEndpoint\":\"http://127.0.0.1:1/x\",\"Method\":\"POST\",\"InvocationConfig\":{"
             "\"ConnectionArn\":\"%s\"},\"Headers\":{\"X\":[\"1\",2]},\"QueryParameters\":{\"a\":"
             "[1,\"b\"]},\"RequestBody\":{\"c\":[1,{\"d\":2}]},\"Transform\":{"
             "\"RequestBodyEncoding\":\"URL_ENCODED\"}}",
             connection);
    call.payload = harness_json(h, payload);
    call.trace = &trace;
    for (long n = 0; n < 1000 && !is_through; n++) {
        integration_task *task = NULL;
        error err = {0};
        fail_allocations_after(n);
        status result = integrations_start(h->tasks, &call, harness_done, h, &task, &err);
        is_through = allocations_left > 0;
        fail_no_allocation();
        if (ok(result)) {
            h->wanted = h->finished + 1;
            net_loop_run(h->loop);
            assert_false(h->succeeded);
        } else {
            assert_true(err.length > 0);
        }
    }
    assert_true(is_through);
    assert_string_equal(h->error, last_error);
}

static void a_call(void **state)
{
    harness *h = *state;
    harness_configure(h, config);
    start_with_failures(h, "key", "States.Http.Socket");
}

static void a_token(void **state)
{
    harness *h = *state;
    harness_configure(h, config);
    start_with_failures(h, "oauth", "Events.ConnectionResource.InvalidConnectionState");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, harness_set_up, harness_tear_down)
    const struct CMUnitTest tests[] = {T(a_call), T(a_token)};
    return cmocka_run_group_tests_name("http_task_memory", tests, NULL, NULL);
}
