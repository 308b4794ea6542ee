/* TestState: one state, run for real or against a mock, and what its data flow did. Nothing is
 * stored: the run is as short-lived as the call.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html */
#include "api/api_private.h"
#include "api/operations.h"
#include "api/test_request.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "integrations/integration.h"
#include "runtime/run.h"

/* Numbers of runs, in `tasks` that the shard's executions use too: theirs are the store's, which
 * are positive in 64 bits. */
#define RUN_NUMBER_BASE (1ull << 63)

typedef struct testing {
    test_request request;
    engine_identity identity;
    runtime_run *run;
    str token;
    integration_trace trace;
    json http_request, http_response; /* in the call's memory; absent: not told */
} testing;

/* -------------------------------------------------------------------------------------- answer */

static json text_of(api_call *call, const engine_shown *shown)
{
    str text = shown->text.ptr ? shown->text : json_text(shown->value, &call->memory);
    return text.ptr ? json_from_str(text) : (json){0};
}

static void add_text(json_object_builder *b, const char *name, str text)
{
    if (text.ptr) {
        json_object_add(b, str_from_c(name), json_from_str(text));
    }
}

static void add_index(json_object_builder *b, const char *name, int64_t index)
{
    if (index >= 0) {
        json_object_add(b, str_from_c(name), json_from_int64(index));
    }
}

static status add_error_details(api_call *call, const engine_test *test, json_object_builder *to,
                                error *reterr)
{
    json_object_builder b;
    json details;
    json_object_begin(&b, &call->memory, 3);
    add_index(&b, "catchIndex", test->catch_index);
    add_index(&b, "retryIndex", test->retry_index);
    add_index(&b, "retryBackoffIntervalSeconds", test->retry_seconds);
    TRY(json_object_finish(&b, &details, reterr));
    if (json_count(details)) {
        json_object_add(to, STR("errorDetails"), details);
    }
    return STATUS_OK;
}

static status inspection(api_call *call, const engine_test *test, json *ret_object, error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, &call->memory, ENGINE_INSPECTEDS + 3);
    for (engine_inspected i = 0; i < ENGINE_INSPECTEDS; i++) {
        const engine_shown *shown = &test->shown[i];
        bool is_number =
            i >= ENGINE_INSPECTED_MAX_CONCURRENCY && i <= ENGINE_INSPECTED_TOLERATED_PERCENTAGE;
        if (json_is_absent(shown->value)) {
            continue;
        }
        json told = is_number ? shown->value : text_of(call, shown);
        if (json_is_absent(told)) {
            return fail_memory(reterr);
        }
        json_object_add(&b, str_from_c(engine_inspected_name(i)), told);
    }
    TRY(add_error_details(call, test, &b, reterr));
    const testing *t = call->state;
    if (!json_is_absent(t->http_request)) {
        json_object_add(&b, STR("request"), t->http_request);
    }
    if (!json_is_absent(t->http_response)) {
        json_object_add(&b, STR("response"), t->http_response);
    }
    return json_object_finish(&b, ret_object, reterr);
}

static status make_answer(api_call *call, const engine_test *test, json *ret_answer, error *reterr)
{
    static const char *const names[] = {
        [ENGINE_TEST_FAILED] = "FAILED",
        [ENGINE_TEST_SUCCEEDED] = "SUCCEEDED",
        [ENGINE_TEST_RETRIABLE] = "RETRIABLE",
        [ENGINE_TEST_CAUGHT] = "CAUGHT_ERROR",
    };
    str level = api_text(call, "inspectionLevel");
    json_object_builder b;
    json_object_begin(&b, &call->memory, 6);
    if (!json_is_absent(test->output.value)) {
        json output = text_of(call, &test->output);
        if (json_is_absent(output)) {
            return fail_memory(reterr);
        }
        json_object_add(&b, STR("output"), output);
    }
    add_text(&b, "error", test->found_error);
    add_text(&b, "cause", test->found_cause);
    if (level.ptr && !str_equal(level, STR("INFO"))) {
        json inspected;
        TRY(inspection(call, test, &inspected, reterr));
        json_object_add(&b, STR("inspectionData"), inspected);
    }
    add_text(&b, "nextState", test->next);
    add_text(&b, "status", str_from_c(names[test->status]));
    return json_object_finish(&b, ret_answer, reterr);
}

/* -------------------------------------------------------------------------------- HTTP Tasks
 */

typedef struct told_member {
    const char *name;
    str text;
} told_member;

/* The text with U+FFFD for what is not UTF-8: an answer may be anything. */
static str valid_text(str text, arena *a)
{
    if (!text.ptr || utf8_check(text) == text.len) {
        return text.ptr ? arena_str(a, text) : STR_NONE;
    }
    char *out = arena_alloc(a, 3 * text.len);
    size_t length = 0;
    for (size_t at = 0; out && at < text.len;) {
        length += utf8_write(utf8_next(text, &at), out + length);
    }
    return str_from(out, length);
}

static status tell_members(const told_member *members, size_t count, arena *a, json *ret_object,
                           error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, a, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        str text = valid_text(members[i].text, a);
        if (members[i].text.ptr && !text.ptr) {
            return fail_memory(reterr);
        }
        add_text(&b, members[i].name, text);
    }
    return json_object_finish(&b, ret_object, reterr);
}

static void on_exchange(void *user, const integration_exchange *exchange)
{
    api_call *call = user;
    testing *t = call->state;
    const told_member request[] = {
        {"protocol", exchange->protocol}, {"method", exchange->method},
        {"url", exchange->url},           {"headers", exchange->request_headers},
        {"body", exchange->request_body},
    };
    const told_member response[] = {
        {"protocol", exchange->protocol},
        {"statusCode", exchange->status_code},
        {"statusMessage", exchange->status_message},
        {"headers", exchange->response_headers},
        {"body", exchange->response_body},
    };
    /* Without memory for it nothing is told; the test itself goes on. */
    json told = {0};
    if (ok(tell_members(request, ARRAY_LENGTH(request), &call->memory, &told, NULL))) {
        t->http_request = told;
    }
    if (exchange->has_response &&
        ok(tell_members(response, ARRAY_LENGTH(response), &call->memory, &told, NULL))) {
        t->http_response = told;
    }
}

/* ------------------------------------------------------------------------------------- running */

static void forget(api_call *call)
{
    testing *t = call->state;
    runtime_run_free(t->run);
    t->run = NULL;
    asl_machine_release(t->request.machine);
    t->request.machine = NULL;
    call->abandon = NULL;
}

static void on_over(void *user)
{
    api_call *call = user;
    testing *t = call->state;
    runtime_result result = {0};
    error err;
    json answer;
    status ended = runtime_run_take_result(t->run, &result, &err);
    runtime_result_clean_up(&result);
    if (ok(ended)) {
        ended = make_answer(call, &t->request.test, &answer, &err);
    }
    forget(call);
    if (failed(ended)) {
        api_fail(call, &err);
    } else {
        api_answer(call, answer);
    }
}

/* The client has hung up. */
static void on_gone(void *user)
{
    api_call *call = user;
    call->is_gone = true;
    forget(call);
    api_answer(call, (json){0});
}

static str token_of(const void *user, uint64_t task_id, arena *a)
{
    (void)task_id; /* there is one task */
    const testing *t = user;
    return arena_str(a, t->token);
}

static str new_uuid(api_call *call)
{
    char text[UUID_TEXT_SIZE];
    uint64_t random[] = {entropy_next(&call->api->random), entropy_next(&call->api->random)};
    return arena_str(&call->memory, uuid_from_entropy((const unsigned char *)random, text));
}

/* AWS runs a test as an Express execution of a machine that nobody made. */
static status identify(api_call *call, testing *t, error *reterr)
{
    const api_options *options = &call->api->options;
    arena *a = &call->memory;
    engine_identity *identity = &t->identity;
    str machine = new_uuid(call), role = api_text(call, "roleArn");
    identity->execution_name = new_uuid(call);
    identity->machine_name = machine;
    identity->machine_arn =
        arena_printf(a, "arn:aws:states:%.*s:%.*s:stateMachine:%.*s", STR_ARG(options->region),
                     STR_ARG(call->account), STR_ARG(machine));
    identity->execution_arn =
        arena_printf(a, "arn:aws:states:%.*s:%.*s:express:%.*s:%.*s", STR_ARG(options->region),
                     STR_ARG(call->account), STR_ARG(machine), STR_ARG(identity->execution_name));
    identity->role_arn = role.ptr ? role : STR("");
    identity->region = options->region;
    identity->account = call->account;
    identity->is_express = true;
    t->token = new_uuid(call);
    identity->task_token = token_of;
    identity->task_token_user = t;
    bool is_whole = machine.ptr && identity->execution_name.ptr && identity->machine_arn.ptr &&
                    identity->execution_arn.ptr && t->token.ptr;
    return is_whole ? STATUS_OK : fail_memory(reterr);
}

static status start(api_call *call, testing *t, error *reterr)
{
    const api_options *options = &call->api->options;
    TRY(identify(call, t, reterr));
    runtime_run_options run = {
        .machine = t->request.machine,
        .identity = &t->identity,
        .input = t->request.input,
        .entropy = entropy_branch(&call->api->random),
        .loop = options->loop,
        .tasks = activities_tasks(options->activities),
        .user = call,
        .number = RUN_NUMBER_BASE | call->api->tests_begun++,
        .test = &t->request.test,
        .on_over = on_over,
    };
    if (str_equal(api_text(call, "inspectionLevel"), STR("TRACE"))) {
        t->trace = (integration_trace){
            .is_revealing = json_is_true(json_get(call->input, STR("revealSecrets"))),
            .told = on_exchange,
            .user = call,
        };
        run.trace = &t->trace;
    }
    return runtime_run_new(&run, &t->run, reterr);
}

void api_test_state(api_call *call)
{
    error err;
    testing *t = arena_new(&call->memory, testing);
    if (!t) {
        (void)fail_memory(&err);
        api_fail(call, &err);
        return;
    }
    if (!test_request_read(call, &t->request)) {
        return;
    }
    call->state = t;
    call->abandon = forget;
    status started = start(call, t, &err);
    if (ok(started) && t->request.test.mock == ENGINE_MOCK_NONE) {
        started = net_http_reply_watch(call->reply, on_gone, call, &err);
    }
    if (failed(started)) {
        forget(call);
        api_fail(call, &err);
        return;
    }
    runtime_run_begin(t->run);
}
