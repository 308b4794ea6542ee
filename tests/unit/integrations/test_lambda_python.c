/* Python functions: what they are given, and how what they do comes back. */
#include "harness.h"

static void the_event_goes_in_and_the_result_comes_out(void **state)
{
    harness *h = *state;
    harness_file(h, "echo", "handler.py", "def handler(event, context):\n    return event\n");
    harness_call(h, "echo", "{\"a\":[1,2.50,null,\"\\u00e9\"]}");
    assert_output(h, "{\"a\":[1,2.5,null,\"\xc3\xa9\"]}");
    harness_call(h, "echo", "0.0");
    assert_output(h, "0.0");
    harness_call(h, "echo", "\"HelloWorld\"");
    assert_output(h, "\"HelloWorld\"");
}

static void the_context_is_lambdas(void **state)
{
    harness *h = *state;
    harness_file(h, "about", "handler.py",
                 "import os\n"
                 "def lambda_handler(event, context):\n"
                 "    return [context.function_name, context.function_version,\n"
                 "            context.invoked_function_arn, context.memory_limit_in_mb,\n"
                 "            context.log_group_name, len(context.aws_request_id),\n"
                 "            600000 < context.get_remaining_time_in_millis() <= 900000,\n"
                 "            os.environ['AWS_REGION'], os.environ['_HANDLER'],\n"
                 "            os.getcwd() == os.environ['LAMBDA_TASK_ROOT'], os.environ['TZ'],\n"
                 "            os.environ['GREETING'], os.environ['AWS_EXECUTION_ENV'],\n"
                 "            context.client_context, open(0).read()]\n"
                 "def handler(event, context):\n"
                 "    return 'the wrong one'\n");
    harness_file(h, "about", "function.json",
                 "{\"environment\":{\"GREETING\":\"hi\"},\"memory\":256,\"timeout\":900}");
    harness_call(h, "about", "{}");
    assert_output(h, "[\"about\",\"$LATEST\",\"arn:aws:lambda:eu-west-1:123456789012:function:"
                     "about\",\"256\",\"/aws/lambda/about\",36,true,\"eu-west-1\",\"handler.lambda_"
                     "handler\",true,\":UTC\",\"hi\",\"AWS_Lambda_python3.12\",null,\"\"]");
}

/* Recorded from AWS: the cause is the error object, with paths of /var/task. */
static void an_exception_is_told_as_aws_tells_it(void **state)
{
    harness *h = *state;
    harness_file(h, "boom", "handler.py",
                 "def handler(event, context):\n"
                 "    raise Exception(\"Some exception was raised.\")\n");
    harness_call(h, "boom", "{}");
    assert_false(h->succeeded);
    assert_string_equal(h->error, "Exception");
    json cause = harness_json(h, h->cause);
    assert_str_equal(json_str(harness_at(cause, "errorMessage")), "Some exception was raised.");
    assert_str_equal(json_str(harness_at(cause, "errorType")), "Exception");
    assert_int_equal(json_str(harness_at(cause, "requestId")).len, 36);
    assert_str_equal(json_str(json_item(harness_at(cause, "stackTrace"), 0)),
                     "  File \"/var/task/handler.py\", line 2, in handler\n"
                     "    raise Exception(\"Some exception was raised.\")\n");
    assert_int_equal(json_count(harness_at(cause, "stackTrace")), 1);
    assert_int_equal(json_count(cause), 4);
}

static void a_custom_exception_without_words(void **state)
{
    harness *h = *state;
    harness_file(h, "custom", "handler.py",
                 "class CustomException(Exception):\n"
                 "    def __init__(self):\n"
                 "        self.message = 'unseen'\n"
                 "def handler(event, context):\n"
                 "    raise CustomException()\n");
    harness_call(h, "custom", "{}");
    assert_string_equal(h->error, "CustomException");
    assert_str_equal(json_str(harness_at(harness_json(h, h->cause), "errorMessage")), "");
}

static void assert_runtime_error(harness *h, const char *type, const char *message)
{
    assert_false(h->succeeded);
    assert_string_equal(h->error, type);
    assert_str_equal(json_str(harness_at(harness_json(h, h->cause), "errorMessage")), message);
}

static void what_cannot_be_loaded_is_named(void **state)
{
    harness *h = *state;
    harness_file(h, "imports", "handler.py",
                 "import no_such_module\ndef handler(e, c):\n    pass\n");
    harness_call(h, "imports", "{}");
    assert_runtime_error(h, "Runtime.ImportModuleError",
                         "Unable to import module 'handler': No module named 'no_such_module'");
    harness_file(h, "syntax", "handler.py", "def handler(e, c)\n    pass\n");
    harness_call(h, "syntax", "{}");
    assert_runtime_error(h, "Runtime.UserCodeSyntaxError",
                         "Syntax error in module 'handler': expected ':' (handler.py, line 1)");
    harness_file(h, "missing", "handler.py", "def other(e, c):\n    pass\n");
    harness_call(h, "missing", "{}");
    assert_runtime_error(h, "Runtime.HandlerNotFound",
                         "Handler 'lambda_handler' missing on module 'handler'");
    harness_file(h, "named", "app.py", "def start(e, c):\n    return 'started'\n");
    harness_file(h, "named", "function.json",
                 "{\"runtime\":\"python3.12\",\"handler\":\"app.begin\"}");
    harness_call(h, "named", "{}");
    assert_runtime_error(h, "Runtime.HandlerNotFound", "Handler 'begin' missing on module 'app'");
    harness_file(h, "raises", "handler.py", "x = 1 / 0\n");
    harness_call(h, "raises", "{}");
    assert_runtime_error(h, "ZeroDivisionError", "division by zero");
}

static void results_that_have_no_json(void **state)
{
    harness *h = *state;
    harness_file(h, "set", "handler.py", "def handler(e, c):\n    return {'a': object}\n");
    harness_call(h, "set", "{}");
    assert_runtime_error(
        h, "Runtime.MarshalError",
        "Unable to marshal response: Object of type type is not JSON serializable");
    harness_file(
        h, "special", "handler.py",
        "import decimal, collections\n"
        "P = collections.namedtuple('P', 'x y')\n"
        "def handler(e, c):\n"
        "    return {'d': decimal.Decimal('1.10'), 'p': P(1, 2.5), 'b': b'ab', 1: True}\n");
    harness_call(h, "special", "{}");
    assert_output(h, "{\"d\":1.10,\"p\":{\"x\":1,\"y\":2.5},\"b\":\"ab\",\"1\":true}");
}

/* Bytes are the response's text itself: recorded from AWS. */
static void bytes_are_passed_as_they_are(void **state)
{
    harness *h = *state;
    harness_file(h, "bytes", "handler.py",
                 "def handler(event, context):\n    return b'\"HelloWorld!\"'\n");
    harness_call(h, "bytes", "{}");
    assert_output(h, "\"HelloWorld!\"");
    harness_file(h, "nojson", "handler.py", "def handler(event, context):\n    return b'oops'\n");
    harness_call(h, "nojson", "{}");
    assert_false(h->succeeded);
    assert_non_null(strstr(h->cause, "oops"));
}

static void too_long_a_result(void **state)
{
    harness *h = *state;
    harness_file(h, "long", "handler.py",
                 "def handler(event, context):\n    return b'a' * event\n");
    harness_call(h, "long", "263168");
    assert_string_equal(h->error, "States.DataLimitExceeded");
    assert_string_equal(h->cause,
                        "The state/task 'arn:aws:lambda:eu-west-1:123456789012:function:long' "
                        "returned a result with a size exceeding the maximum number of bytes "
                        "service limit.");
    harness_call(h, "long", "6291557");
    assert_string_equal(h->error, "Function.ResponseSizeTooLarge");
    harness_call(h, "long", "20000000");
    assert_string_equal(h->error, "Function.ResponseSizeTooLarge");
}

/* With a second, or with more where a function does not get to its first line in that time. */
static void call_until_timeout(harness *h, const char *function, const char *event)
{
    static const char *const limits[] = {"{\"timeout\":1}", "{\"timeout\":10}", "{\"timeout\":90}"};
    h->log_length = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(limits) && !h->log_length; i++) {
        harness_file(h, function, "function.json", limits[i]);
        usleep(150000); /* then a change is looked for */
        harness_call(h, function, event);
        assert_string_equal(h->error, "Sandbox.Timedout");
    }
}

static void a_timeout_kills_the_function(void **state)
{
    harness *h = *state;
    harness_file(h, "slow", "handler.py",
                 "import time, os\n"
                 "def handler(event, context):\n"
                 "    if event:\n"
                 "        print('before', flush=True)\n"
                 "        time.sleep(600)\n"
                 "    return 'quick'\n");
    call_until_timeout(h, "slow", "true");
    json cause = harness_json(h, h->cause);
    assert_str_equal(json_str(harness_at(cause, "errorType")), "Sandbox.Timedout");
    str message = json_str(harness_at(cause, "errorMessage"));
    assert_true(str_starts_with(message, STR("RequestId: ")));
    assert_true(str_find(message, STR(" Error: Task timed out after ")) != STR_NOT_FOUND);
    assert_true(str_ends_with(message, STR(".00 seconds")));
    assert_non_null(strstr(h->log, "before"));
    harness_file(h, "slow", "function.json", "{\"timeout\":300}");
    usleep(150000); /* then a change is looked for */
    harness_call(h, "slow", "false");
    assert_output(h, "\"quick\"");
}

static bool is_alive(int pid)
{
    char path[64];
    char text[256] = "";
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    size_t got = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
    if (file) {
        fclose(file);
    }
    return got && !strstr(text, ") Z ");
}

static void a_timeout_kills_the_functions_children(void **state)
{
    harness *h = *state;
    harness_file(h, "nest", "handler.py",
                 "import subprocess\n"
                 "def handler(event, context):\n"
                 "    child = subprocess.Popen(['sleep', '600'])\n"
                 "    print(child.pid, flush=True)\n"
                 "    child.wait()\n");
    call_until_timeout(h, "nest", "{}");
    int child = (int)strtol(h->log, NULL, 10);
    assert_true(child > 1);
    for (int turns = 0; is_alive(child) && harness_goes_on(&turns);) {
    }
    assert_false(is_alive(child));
}

static void a_death_is_noticed_at_once(void **state)
{
    harness *h = *state;
    harness_file(h, "dies", "handler.py",
                 "import os, sys, signal\n"
                 "def handler(event, context):\n"
                 "    if event == 'kill':\n"
                 "        os.kill(os.getpid(), signal.SIGKILL)\n"
                 "    if event == 'sys':\n"
                 "        sys.exit(7)\n"
                 "    os._exit(event)\n");
    static const struct {
        const char *event, *words;
    } deaths[] = {
        {"1", "Error: Runtime exited with error: exit status 1"},
        {"0", "Error: Runtime exited without providing a reason"},
        {"\"kill\"", "Error: Runtime exited with error: signal: killed"},
        {"\"sys\"", "Error: Runtime exited with error: exit status 7"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(deaths); i++) {
        harness_call(h, "dies", deaths[i].event);
        assert_string_equal(h->error, "Runtime.ExitError"); /* and not a timeout, after 300 s */
        str message = json_str(harness_at(harness_json(h, h->cause), "errorMessage"));
        assert_true(str_ends_with(message, str_from_c(deaths[i].words)));
    }
}

static void prints_are_logged_and_cannot_choke(void **state)
{
    harness *h = *state;
    harness_file(h, "talks", "handler.py",
                 "import logging, sys\n"
                 "def handler(event, context):\n"
                 "    print('to out')\n"
                 "    print('to err', file=sys.stderr)\n"
                 "    logging.getLogger().warning('careful')\n"
                 "    for i in range(event):\n"
                 "        print('x' * 1023)\n"
                 "    return 'done'\n");
    harness_call(h, "talks", "10240");
    assert_output(h, "\"done\"");
    assert_non_null(strstr(h->log, "to out\n"));
    assert_non_null(strstr(h->log, "to err\n"));
    assert_non_null(strstr(h->log, "[WARNING]\t"));
    assert_non_null(strstr(h->log, "\tcareful\n"));
    char path[512];
    struct stat about;
    snprintf(path, sizeof(path), "%s/logs/talks.log", h->data);
    assert_int_equal(stat(path, &about), 0);
    assert_true(about.st_size > 10 * 1024 * 1024);
    char *text = harness_read_data(h, "logs/talks.log");
    assert_non_null(strstr(text, "START RequestId: "));
}

static void a_grandchild_that_holds_the_output_does_not_hold_the_call(void **state)
{
    harness *h = *state;
    harness_file(h, "forks", "handler.py",
                 "import subprocess, os\n"
                 "def handler(event, context):\n"
                 "    subprocess.Popen(['sleep', '600'])\n"
                 "    if event:\n"
                 "        os._exit(3)\n"
                 "    return 'done'\n");
    harness_call(h, "forks", "false");
    assert_output(h, "\"done\"");
    harness_call(h, "forks", "true");
    assert_string_equal(h->error, "Runtime.ExitError"); /* and not a timeout, after 300 s */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, harness_set_up, harness_tear_down)
    const struct CMUnitTest tests[] = {
        T(the_event_goes_in_and_the_result_comes_out),
        T(the_context_is_lambdas),
        T(an_exception_is_told_as_aws_tells_it),
        T(a_custom_exception_without_words),
        T(what_cannot_be_loaded_is_named),
        T(results_that_have_no_json),
        T(bytes_are_passed_as_they_are),
        T(too_long_a_result),
        T(a_timeout_kills_the_function),
        T(a_timeout_kills_the_functions_children),
        T(a_death_is_noticed_at_once),
        T(prints_are_logged_and_cannot_choke),
        T(a_grandchild_that_holds_the_output_does_not_hold_the_call),
    };
    return cmocka_run_group_tests_name("lambda_python", tests, NULL, NULL);
}
