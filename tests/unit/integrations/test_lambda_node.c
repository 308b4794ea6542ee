/* Node.js functions: handlers of all styles, and how what they do comes back. */
#include "harness.h"

static void async_handlers_and_their_context(void **state)
{
    harness *h = *state;
    harness_file(h, "about", "index.mjs",
                 "export const handler = async (event, context) => [event, context.functionName,\n"
                 "  context.functionVersion, context.invokedFunctionArn, context.memoryLimitInMB,\n"
                 "  context.awsRequestId.length,\n"
                 "  context.getRemainingTimeInMillis() > 600000 &&\n"
                 "    context.getRemainingTimeInMillis() <= 900000,\n"
                 "  process.env.AWS_LAMBDA_FUNCTION_NAME];\n");
    harness_file(h, "about", "function.json", "{\"timeout\":900}");
    harness_call(h, "about", "{\"a\":1}");
    assert_output(h, "[{\"a\":1},\"about\",\"$LATEST\",\"arn:aws:lambda:eu-west-1:123456789012:"
                     "function:about\",\"128\",36,true,\"about\"]");
}

static void callbacks_wait_for_what_is_still_to_do(void **state)
{
    harness *h = *state;
    harness_file(h, "back", "index.js",
                 "let late = 0;\n"
                 "exports.handler = (event, context, callback) => {\n"
                 "  if (event === 'error') return callback(new TypeError('no'));\n"
                 "  if (event === 'text') return callback('only words');\n"
                 "  if (event === 'throw') throw new RangeError('far');\n"
                 "  if (event === 'nothing') return;\n"
                 "  if (event === 'late') return callback(null, late);\n"
                 "  context.callbackWaitsForEmptyEventLoop = event === 'wait';\n"
                 "  setTimeout(() => { late++; }, 300);\n"
                 "  callback(null, 'ok ' + late);\n"
                 "};\n");
    harness_call(h, "back", "\"wait\"");
    assert_output(h, "\"ok 0\"");
    harness_call(h, "back", "\"late\"");
    assert_output(h, "1");
    harness_call(h, "back", "\"now\"");
    assert_output(h, "\"ok 1\"");
    harness_call(h, "back", "\"nothing\"");
    assert_output(h, "null");
    harness_call(h, "back", "\"error\"");
    assert_string_equal(h->error, "TypeError");
    harness_call(h, "back", "\"text\"");
    assert_string_equal(h->error, "string");
    assert_str_equal(json_str(harness_at(harness_json(h, h->cause), "errorMessage")), "only words");
    harness_call(h, "back", "\"throw\"");
    assert_string_equal(h->error, "RangeError");
}

static void errors_have_type_message_and_trace(void **state)
{
    harness *h = *state;
    harness_file(
        h, "boom", "index.mjs",
        "class MyError extends Error { constructor(m) { super(m); this.name = 'MyError'; } "
        "}\n"
        "export const handler = async () => { throw new MyError('it broke'); };\n");
    harness_call(h, "boom", "{}");
    assert_string_equal(h->error, "MyError");
    json cause = harness_json(h, h->cause);
    assert_str_equal(json_str(harness_at(cause, "errorType")), "MyError");
    assert_str_equal(json_str(harness_at(cause, "errorMessage")), "it broke");
    json trace = harness_at(cause, "trace");
    assert_str_equal(json_str(json_item(trace, 0)), "MyError: it broke");
    assert_true(str_find(json_str(json_item(trace, 1)), STR("(file:///var/task/index.mjs:2:")) !=
                STR_NOT_FOUND);
}

static void assert_type_and_message(harness *h, const char *type, const char *message)
{
    assert_false(h->succeeded);
    assert_string_equal(h->error, type);
    assert_str_equal(json_str(harness_at(harness_json(h, h->cause), "errorMessage")), message);
}

static void what_cannot_be_loaded_is_named(void **state)
{
    harness *h = *state;
    harness_file(h, "imports", "index.js", "require('no-such-module');\n");
    harness_call(h, "imports", "{}");
    assert_type_and_message(h, "Runtime.ImportModuleError",
                            "Error: Cannot find module 'no-such-module'\nRequire stack:\n"
                            "- /var/task/index.js\n- /var/runtime/index.mjs");
    harness_file(h, "syntax", "index.mjs", "export const handler = async (=> {};\n");
    harness_call(h, "syntax", "{}");
    assert_string_equal(h->error, "Runtime.UserCodeSyntaxError");
    harness_file(h, "missing", "index.mjs", "export const other = 1;\n");
    harness_call(h, "missing", "{}");
    assert_type_and_message(h, "Runtime.HandlerNotFound",
                            "index.handler is undefined or not exported");
    harness_file(h, "nofile", "function.json",
                 "{\"runtime\":\"nodejs20.x\",\"handler\":\"app.handler\"}");
    harness_call(h, "nofile", "{}");
    assert_type_and_message(h, "Runtime.ImportModuleError",
                            "Error: Cannot find module 'app'\nRequire stack:\n"
                            "- /var/runtime/index.mjs");
}

static void unhandled_rejections_and_exits(void **state)
{
    harness *h = *state;
    harness_file(h, "dies", "index.mjs",
                 "export const handler = async event => {\n"
                 "  if (event === 'reject') { Promise.reject(new Error('lost'));\n"
                 "    await new Promise(r => setTimeout(r, 1000)); }\n"
                 "  if (event === 'throw') { setTimeout(() => { throw new Error('later'); }, 1);\n"
                 "    await new Promise(r => setTimeout(r, 1000)); }\n"
                 "  process.exit(event);\n"
                 "};\n");
    harness_call(h, "dies", "\"reject\"");
    assert_type_and_message(h, "Runtime.UnhandledPromiseRejection", "Error: lost");
    harness_call(h, "dies", "\"throw\"");
    assert_type_and_message(h, "Error", "later");
    harness_call(h, "dies", "1");
    assert_string_equal(h->error, "Runtime.ExitError");
}

static void a_busy_loop_is_stopped(void **state)
{
    harness *h = *state;
    harness_file(h, "busy", "index.mjs", "export const handler = async () => { for (;;) {} };\n");
    harness_file(h, "busy", "function.json", "{\"timeout\":1}");
    harness_call(h, "busy", "{}");
    assert_string_equal(h->error, "Sandbox.Timedout");
}

static void a_circular_result_is_an_error(void **state)
{
    harness *h = *state;
    harness_file(h, "round", "index.mjs",
                 "export const handler = async e => { const a = {}; a.a = a; return e ? a : "
                 "undefined; };\n");
    harness_call(h, "round", "true");
    assert_type_and_message(h, "Error", "Unable to stringify response body");
    harness_call(h, "round", "false");
    assert_output(h, "null");
}

static void the_console_writes_lambdas_lines(void **state)
{
    harness *h = *state;
    harness_file(h, "talks", "index.mjs",
                 "export const handler = async () => { console.log('hello %s', 'you'); };\n");
    harness_call(h, "talks", "{}");
    assert_non_null(strstr(h->log, "\tINFO\thello you\n"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, harness_set_up, harness_tear_down)
    const struct CMUnitTest tests[] = {
        T(async_handlers_and_their_context),   T(callbacks_wait_for_what_is_still_to_do),
        T(errors_have_type_message_and_trace), T(what_cannot_be_loaded_is_named),
        T(unhandled_rejections_and_exits),     T(a_busy_loop_is_stopped),
        T(a_circular_result_is_an_error),      T(the_console_writes_lambdas_lines),
    };
    return cmocka_run_group_tests_name("lambda_node", tests, NULL, NULL);
}
