/* Starting a call while memory runs out: it either does not begin, or it ends like any other. */
#include "harness.h"

#include "failing_malloc.h"

/* Lets the n-th allocation of the start fail, and the ones after it, for every n. */
static void start_with_failures(harness *h, integration_call call, const char *payload)
{
    bool is_through = false;
    call.payload = harness_json(h, payload);
    for (long n = 0; n < 400 && !is_through; n++) {
        integration_task *task = NULL;
        error err = {0};
        fail_allocations_after(n);
        status result = integrations_start(h->tasks, &call, harness_done, h, &task, &err);
        is_through = allocations_left > 0;
        fail_no_allocation();
        if (ok(result)) {
            h->wanted = h->finished + 1;
            net_loop_run(h->loop);
        } else {
            assert_true(err.length > 0);
        }
    }
    assert_true(is_through);
    assert_true(h->succeeded);
}

static void functions(void **state)
{
    harness *h = *state;
    harness_file(h, "echo", "handler.py", "def handler(event, context):\n    return event\n");
    start_with_failures(h, harness_function_call("echo"), "{\"a\":1}");
    start_with_failures(h, harness_service_call("lambda", "invoke", ""),
                        "{\"FunctionName\":\"echo\",\"Payload\":{\"b\":2}}");
}

static void topics(void **state)
{
    harness *h = *state;
    start_with_failures(h, harness_service_call("sns", "publish", ""),
                        "{\"TopicArn\":\"arn:aws:sns:t\",\"Message\":{\"a\":1},"
                        "\"MessageAttributes\":{\"x\":{\"DataType\":\"String\","
                        "\"StringValue\":\"y\"}}}");
}

/* The whole way of a call: a function's process that cannot be started fails its call. */
static void a_whole_call(void **state)
{
    harness *h = *state;
    harness_file(h, "echo", "handler.py", "def handler(event, context):\n    return event\n");
    for (long n = 0; n < 60; n += 3) {
        integration_task *task = NULL;
        integration_call call = harness_function_call("echo");
        call.payload = json_literal("x");
        assert_true(ok(integrations_start(h->tasks, &call, harness_done, h, &task, NULL)));
        h->wanted = h->finished + 1;
        fail_allocations_after(n);
        net_loop_turn(h->loop, false);
        fail_no_allocation();
        if (h->finished < h->wanted) {
            net_loop_run(h->loop);
        }
    }
    assert_int_equal(h->finished, 20);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, harness_set_up, harness_tear_down)
    const struct CMUnitTest tests[] = {T(functions), T(topics), T(a_whole_call)};
    return cmocka_run_group_tests_name("integrations_memory", tests, NULL, NULL);
}
