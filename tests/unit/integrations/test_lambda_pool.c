/* Processes of functions: reuse, limits, custom runtimes, changes, and that nothing leaks. */
#include "harness.h"

#include <signal.h>

static const char *const pid_function = "import os, time\n"
                                        "def handler(event, context):\n"
                                        "    time.sleep(event)\n"
                                        "    return os.getpid()\n";

static int64_t output_number(harness *h)
{
    int64_t number = -1;
    assert_true(json_int64(h->output, &number));
    return number;
}

static void a_warm_process_is_used_again(void **state)
{
    harness *h = *state;
    harness_file(h, "pid", "handler.py", pid_function);
    harness_call(h, "pid", "0");
    int64_t first = output_number(h);
    harness_call(h, "pid", "0");
    assert_int_equal(output_number(h), first);
}

static void a_changed_function_is_loaded_anew(void **state)
{
    harness *h = *state;
    harness_file(h, "changes", "handler.py", "def handler(e, c):\n    return 'old'\n");
    harness_call(h, "changes", "0");
    assert_output(h, "\"old\"");
    usleep(150000);
    harness_call(h, "changes", "0"); /* a __pycache__ that came with the first call is no change */
    assert_output(h, "\"old\"");
    harness_file(h, "changes", "handler.py", "def handler(e, c):\n    return 'brand new'\n");
    usleep(150000);
    net_loop_turn(h->loop, false);
    harness_call(h, "changes", "0");
    assert_output(h, "\"brand new\"");
}

static void calls_beyond_the_limit_wait(void **state)
{
    harness *h = *state;
    harness_configure(h, "{\"functions\":{\"processesMax\":2}}");
    harness_file(h, "pid", "handler.py", pid_function);
    for (int i = 0; i < 10; i++) {
        harness_begin(h, harness_function_call("pid"), "0.05");
    }
    net_loop_turn(h->loop, false);
    lambda_pool_counts counts = lambda_pool_count(integrations_lambda(h->tasks, NULL));
    assert_int_equal(counts.processes, 2);
    assert_int_equal(counts.running + counts.queued, 10); /* slow as we are, some may run */
    assert_true(counts.queued >= 8);
    net_loop_run(h->loop);
    assert_int_equal(h->finished, 10);
    counts = lambda_pool_count(integrations_lambda(h->tasks, NULL));
    assert_int_equal(counts.processes, 2);
    assert_int_equal(counts.queued, 0);
    assert_true(h->succeeded);
}

static void calls_beyond_the_queue_are_throttled(void **state)
{
    harness *h = *state;
    harness_configure(h, "{\"functions\":{\"processesMax\":1,\"queueMax\":1}}");
    harness_file(h, "pid", "handler.py", pid_function);
    for (int i = 0; i < 3; i++) {
        harness_begin(h, harness_function_call("pid"), "0.1");
    }
    h->wanted = 1; /* the refusal comes first */
    net_loop_run(h->loop);
    assert_string_equal(h->error, "Lambda.TooManyRequestsException");
    assert_non_null(strstr(h->cause, "Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error "
                                     "Code: TooManyRequestsException; Request ID: "));
    h->wanted = 3;
    net_loop_run(h->loop);
    assert_true(h->succeeded);
}

static void idle_processes_end(void **state)
{
    harness *h = *state;
    harness_configure(h, "{\"functions\":{\"idleSeconds\":0}}");
    harness_file(h, "pid", "handler.py", pid_function);
    harness_call(h, "pid", "0");
    int turns = 0;
    while (lambda_pool_count(integrations_lambda(h->tasks, NULL)).processes &&
           harness_goes_on(&turns)) {
        net_loop_turn(h->loop, false);
    }
    assert_int_equal(lambda_pool_count(integrations_lambda(h->tasks, NULL)).processes, 0);
}

static void who_takes_more_memory_than_was_said_is_killed(void **state)
{
    harness *h = *state;
    static const char *const greedy = "import time\n"
                                      "def handler(event, context):\n"
                                      "    x = bytearray(b'x') * (event[0] << 20)\n"
                                      "    time.sleep(event[1])\n"
                                      "    return len(x) >> 20\n";
    harness_file(h, "greedy", "handler.py", greedy);
    harness_call(h, "greedy", "[200,0.3]"); /* nothing was said */
    assert_int_equal(output_number(h), 200);
    harness_file(h, "greedy", "function.json", "{\"memory\":128,\"timeout\":300}");
    usleep(150000);
    harness_call(h, "greedy", "[200,250]");
    assert_string_equal(h->error, "Runtime.ExitError");
    assert_non_null(strstr(h->cause, "Runtime exited with error: signal: killed"));
    harness_call(h, "greedy", "[50,0.3]");
    assert_int_equal(output_number(h), 50);
}

static void an_idle_process_that_is_killed_is_replaced(void **state)
{
    harness *h = *state;
    harness_file(h, "pid", "handler.py", pid_function);
    harness_call(h, "pid", "0");
    int64_t first = output_number(h);
    kill((pid_t)first, SIGKILL);
    usleep(50000);
    harness_call(h, "pid", "0");
    if (h->succeeded) { /* the death may be seen before or after the call is handed over */
        assert_true(output_number(h) != first);
    } else {
        assert_string_equal(h->error, "Runtime.ExitError");
    }
    harness_call(h, "pid", "0");
    assert_true(h->succeeded && output_number(h) != first);
}

static const char *const shell_bootstrap =
    "#!/bin/sh\n"
    "api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime\n"
    "while :; do\n"
    "  event=$(curl -sS -D /tmp/gait-headers-$$ $api/invocation/next) || exit 1\n"
    "  id=$(grep -i '^lambda-runtime-aws-request-id' /tmp/gait-headers-$$ | tr -d '\\r' |\n"
    "       cut -d' ' -f2)\n"
    "  rm /tmp/gait-headers-$$\n"
    "  case $event in\n"
    "  '\"fail\"') curl -sS -X POST $api/invocation/$id/error\\\n"
    "      -d '{\"errorType\":\"My.Error\",\"errorMessage\":\"bad\"}' ;;\n"
    "  '\"untyped\"') curl -sS -X POST $api/invocation/$id/error -d '{\"errorMessage\":\"m\"}' ;;\n"
    "  '\"wrong\"') curl -sS -X POST $api/invocation/someone-elses/response -d 1\n"
    "      curl -sS -X POST $api/invocation/$id/response -d '\"own\"' ;;\n"
    "  '\"twice\"') curl -sS $api/invocation/next; curl -sS $api/other\n"
    "      curl -sS -X POST $api/invocation/$id/response -d 2 ;;\n"
    "  *) curl -sS -X POST $api/invocation/$id/response -d \"{\\\"got\\\":$event}\" ;;\n"
    "  esac\n"
    "done\n";

static void a_custom_bootstrap_serves_calls(void **state)
{
    harness *h = *state;
    harness_file(h, "shell", "bootstrap", shell_bootstrap);
    harness_call(h, "shell", "[1]");
    assert_output(h, "{\"got\":[1]}");
    harness_call(h, "shell", "\"fail\"");
    assert_string_equal(h->error, "My.Error");
    assert_string_equal(h->cause, "{\"errorType\":\"My.Error\",\"errorMessage\":\"bad\"}");
    harness_call(h, "shell", "\"untyped\"");
    assert_string_equal(h->error, "Lambda.Unknown");
    assert_string_equal(h->cause,
                        "The cause could not be determined because Lambda did not return an error "
                        "type. Returned payload: {\"errorMessage\":\"m\"}");
    harness_call(h, "shell", "\"wrong\"");
    assert_output(h, "\"own\"");
    assert_non_null(strstr(h->log, "InvalidRequestID"));
    harness_call(h, "shell", "\"twice\"");
    assert_output(h, "2");
    assert_non_null(strstr(h->log, "InvalidStateTransition"));
    assert_non_null(strstr(h->log, "no such operation"));
}

static void a_bootstrap_that_cannot_run_is_told(void **state)
{
    harness *h = *state;
    harness_file(h, "broken", "bootstrap", "#!/no/such/interpreter\n");
    harness_call(h, "broken", "[1]");
    assert_string_equal(h->error, "Runtime.InvalidEntrypoint");
    harness_file(h, "exits", "bootstrap", "#!/bin/sh\nexit 4\n");
    harness_call(h, "exits", "[1]");
    assert_string_equal(h->error, "Runtime.ExitError");
    assert_non_null(strstr(h->cause, "exit status 4"));
    harness_file(
        h, "says", "bootstrap",
        "#!/bin/sh\n"
        "curl -sS -X POST http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/init/error \\\n"
        "  -d '{\"errorType\":\"Init.Bad\",\"errorMessage\":\"no database\"}'\n"
        "exit 1\n");
    harness_call(h, "says", "[1]");
    assert_string_equal(h->error, "Init.Bad");
    assert_string_equal(h->cause, "{\"errorType\":\"Init.Bad\",\"errorMessage\":\"no database\"}");
}

/* AWS's own client for custom Python runtimes, where it is installed (pip install awslambdaric). */
static void awslambdaric_serves_calls(void **state)
{
    harness *h = *state;
    const char *python = getenv("GAIT_TEST_AWSLAMBDARIC_PYTHON");
    char bootstrap[512];
    if (!python) {
        skip();
    }
    snprintf(bootstrap, sizeof(bootstrap), "#!/bin/sh\nexec %s -m awslambdaric app.handler\n",
             python);
    harness_file(h, "ric", "bootstrap", bootstrap);
    harness_file(h, "ric", "app.py",
                 "def handler(event, context):\n"
                 "    return [event[::-1], context.function_name, 1 // len(event)]\n");
    harness_call(h, "ric", "\"abc\"");
    assert_output(h, "[\"cba\",\"ric\",0]");
    harness_call(h, "ric", "\"\"");
    assert_string_equal(h->error, "ZeroDivisionError");
}

static void a_thousand_calls_leave_nothing_behind(void **state)
{
    harness *h = *state;
    harness_configure(h, "{\"functions\":{\"processesMax\":3}}");
    harness_file(h, "echo", "index.mjs", "export const handler = async event => event;\n");
    int before = harness_descriptors();
    for (int i = 0; i < 1000; i++) {
        harness_begin(h, harness_function_call("echo"), "{\"n\":1}");
    }
    net_loop_run(h->loop);
    assert_int_equal(h->finished, 1000);
    assert_output(h, "{\"n\":1}");
    assert_int_equal(harness_children(), 3);
    harness_configure(h, NULL); /* the pool goes, and another comes */
    for (int turns = 0; harness_children() && harness_goes_on(&turns);) {
        net_loop_turn(h->loop, false);
    }
    net_loop_turn(h->loop, false);
    assert_int_equal(harness_children(), 0);
    assert_true(harness_descriptors() <= before + 1);
}

static void a_cancelled_call_says_nothing_and_runs_on(void **state)
{
    harness *h = *state;
    harness_configure(h, "{\"functions\":{\"processesMax\":1}}");
    harness_file(h, "pid", "handler.py", pid_function);
    integration_task *running = harness_begin(h, harness_function_call("pid"), "0.2");
    integration_task *queued = harness_begin(h, harness_function_call("pid"), "0.2");
    while (!lambda_pool_count(integrations_lambda(h->tasks, NULL)).running) {
        net_loop_turn(h->loop, true);
    }
    integrations_cancel(running);
    integrations_cancel(queued);
    h->wanted = 1;
    harness_begin(h, harness_function_call("pid"), "0");
    h->wanted = 1;
    net_loop_run(h->loop);
    assert_int_equal(h->finished, 1);
    assert_int_equal(lambda_pool_count(integrations_lambda(h->tasks, NULL)).processes, 1);
}

static void check(harness *h, const char *resource, const char *service, const char *action,
                  const char *pattern, error_code expected, const char *words)
{
    integration_call call = {.resource = str_from_c(resource),
                             .service = str_from_c(service),
                             .action = str_from_c(action),
                             .pattern = str_from_c(pattern)};
    error err = {0};
    status result = integrations_check(h->tasks, &call, &err);
    if (result.code != expected || (words && !strstr(err.message, words))) {
        fail_msg("%s: %s: %s", resource, error_code_name(result.code), err.message);
    }
}

static void what_is_not_there_is_refused_by_name(void **state)
{
    harness *h = *state;
    harness_file(h, "extractData", "handler.py", "");
    harness_file(h, "odd", "function.json", "{\"runtime\":\"java21\"}");
    harness_file(h, "typo", "function.json", "{\"tiemout\":3}");
    harness_file(h, "text", "function.json", "{\"timeout\":3,}");
    harness_file(h, "empty", "README", "");
    check(h, "arn:aws:lambda:extractData", "lambda", NULL, "", ERROR_NONE, NULL);
    check(h, "arn:aws:lambda:us-east-1:123456789012:function:extractData:prod", "lambda", NULL, "",
          ERROR_NONE, NULL);
    check(h, "arn:aws:lambda:extractdate", "lambda", NULL, "", ERROR_NOT_FOUND,
          "did you mean 'extractData'?");
    check(h, "arn:aws:lambda:zzz", "lambda", NULL, "", ERROR_NOT_FOUND, "/functions'");
    check(h, "arn:aws:lambda:../../etc", "lambda", NULL, "", ERROR_INVALID, "../../etc");
    check(h, "arn:aws:lambda:odd", "lambda", NULL, "", ERROR_UNSUPPORTED, "java21");
    check(h, "arn:aws:lambda:typo", "lambda", NULL, "", ERROR_INVALID, "'tiemout' is not known");
    check(h, "arn:aws:lambda:text", "lambda", NULL, "", ERROR_SYNTAX, "function.json:1:");
    check(h, "arn:aws:lambda:empty", "lambda", NULL, "", ERROR_INVALID, "holds no handler.py");
    check(h, "arn:aws:states:::lambda:invoke", "lambda", "invoke", "", ERROR_NONE, NULL);
    check(h, "arn:aws:states:::lambda:invoke.waitForTaskToken", "lambda", "invoke",
          "waitForTaskToken", ERROR_NONE, NULL);
    check(h, "arn:aws:states:::lambda:invoke.sync", "lambda", "invoke", "sync", ERROR_INVALID,
          "sync");
    check(h, "arn:aws:states:::forecast:startJobRun", "forecast", "startJobRun", "", ERROR_INVALID,
          "forecast:startJobRun");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, harness_set_up, harness_tear_down)
    const struct CMUnitTest tests[] = {
        T(a_warm_process_is_used_again),
        T(a_changed_function_is_loaded_anew),
        T(calls_beyond_the_limit_wait),
        T(calls_beyond_the_queue_are_throttled),
        T(idle_processes_end),
        T(who_takes_more_memory_than_was_said_is_killed),
        T(an_idle_process_that_is_killed_is_replaced),
        T(a_custom_bootstrap_serves_calls),
        T(a_bootstrap_that_cannot_run_is_told),
        T(awslambdaric_serves_calls),
        T(a_thousand_calls_leave_nothing_behind),
        T(a_cancelled_call_says_nothing_and_runs_on),
        T(what_is_not_there_is_refused_by_name),
    };
    return cmocka_run_group_tests_name("lambda_pool", tests, NULL, NULL);
}
