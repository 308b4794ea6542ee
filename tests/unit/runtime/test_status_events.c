/* Execution status events: what EventBridge would deliver, and how delivery behaves when the target
 * does not. */
#include "runtime/status_event.h"
#include "runtime/status_events.h"

#include "net/http_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "observed.h"

#define ACCEPTS_AT_LAST 3

typedef struct fixture {
    net_loop *loop;
    net_http_server *server;
    net_http_listener *listener;
    net_timer *deadline;
    store *store;
    json_doc *config;
    status_events *events;
    unsigned answers[8]; /* the first ones; then 200 */
    int requests, accepted, wanted;
    json_doc *last; /* the last accepted body */
    bool is_out_of_time;
    char told[1024];
} fixture;

static void tell(void *user, bool is_error, const char *message, const char *detail)
{
    fixture *f = user;
    (void)is_error;
    snprintf(f->told, sizeof(f->told), "%s: %s", message, detail ? detail : "");
    net_loop_stop(f->loop);
}

static void receive(void *user, const net_http_request *request)
{
    fixture *f = user;
    error err = {0};
    unsigned code = f->requests < (int)ARRAY_LENGTH(f->answers) && f->answers[f->requests]
                        ? f->answers[f->requests]
                        : 200;
    f->requests++;
    assert_str_equal(request->method, "POST");
    assert_str_equal(request->path, "/hook");
    assert_str_equal(net_http_request_header(request, "content-type"), "application/json");
    if (code == 200) {
        json_doc_release(f->last);
        assert_ok(json_parse(request->body, &f->last, &err), err);
        if (++f->accepted == f->wanted) {
            net_loop_stop(f->loop);
        }
    }
    net_http_answer(request->reply, &(net_http_response){.status = code, .body = STR("")});
}

static void out_of_time(void *user)
{
    fixture *f = user;
    f->is_out_of_time = true;
    net_loop_stop(f->loop);
}

static int begin(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    error err = {0};
    assert_non_null(f);
    net_http_server_options http = {.handler = receive, .user = f};
    assert_ok(net_loop_new(&f->loop, &err), err);
    assert_ok(net_http_server_new(f->loop, &http, &f->server, &err), err);
    assert_ok(net_http_server_listen(f->server, "127.0.0.1", 0, NULL, &f->listener, &err), err);
    assert_ok(net_timer_new(f->loop, out_of_time, f, &f->deadline, &err), err);
    assert_ok(store_open_memory(&f->store, &err), err);
    *state = f;
    return 0;
}

static int end(void **state)
{
    fixture *f = *state;
    status_events_free(f->events);
    net_http_server_free(f->server);
    net_timer_free(f->deadline);
    net_loop_free(f->loop);
    store_close(f->store);
    json_doc_release(f->config);
    json_doc_release(f->last);
    free(f);
    return 0;
}

static void open_events(fixture *f, const char *more)
{
    char config[256];
    error err = {0};
    snprintf(config, sizeof(config), "{\"target\":\"http://127.0.0.1:%u/hook\",\"pauseMs\":1%s}",
             net_http_listener_port(f->listener), more);
    assert_ok(json_parse(str_from_c(config), &f->config, &err), err);
    status_events_options options = {.loop = f->loop,
                                     .store = f->store,
                                     .config = json_doc_root(f->config),
                                     .region = STR("us-east-1"),
                                     .entropy = {.state = 1},
                                     .complain = {tell, f}};
    assert_ok(status_events_new(&options, &f->events, &err), err);
}

static void wait_for(fixture *f, int accepted)
{
    f->wanted = accepted;
    net_timer_start(f->deadline, 120000, 0);
    net_loop_run(f->loop);
    assert_false(f->is_out_of_time);
}

static const char one_pass[] =
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true}}}";
static const char one_fail[] =
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Fail\",\"Error\":\"E\","
    "\"Cause\":\"why\"}}}";

/* The history as the shard would have stored it. */
static void keep_history(fixture *f, const observed *o)
{
    buf bytes;
    error err = {0};
    buf_init(&bytes, 1u << 20);
    assert_ok(engine_events_encode(o->delta.events, o->delta.event_count, &bytes, &err), err);
    store_write writes[] = {
        {.kind = STORE_PUT_EXECUTION,
         .execution = {.seq = o->about.seq,
                       .arn = o->about.identity->execution_arn,
                       .machine_arn = o->about.listed_under,
                       .name = o->about.identity->execution_name,
                       .status = STORE_FAILED,
                       .start_ms = STARTED_MS,
                       .stop_ms = STARTED_MS,
                       .last_event = o->delta.event_count,
                       .text = STR("{}")}},
        {.kind = STORE_APPEND_HISTORY,
         .seq = o->about.seq,
         .chunk = {1, o->delta.event_count, buf_str(&bytes)}},
    };
    assert_ok(store_commit(f->store, writes, 2, &err), err);
    buf_clean_up(&bytes);
}

static void assert_event(fixture *f, const char *expected)
{
    arena a;
    arena_init(&a, 0);
    json event = json_doc_root(f->last), without_id;
    assert_int_equal(json_str(json_get(event, STR("id"))).len, 36);
    assert_true(
        ok(json_object_with(&a, event, json_literal("id"), json_literal("ID"), &without_id, NULL)));
    str text = json_text(without_id, &a);
    assert_str_equal(text, expected);
    arena_clean_up(&a);
}

#define HEAD                                                                                       \
    "{\"version\":\"0\",\"id\":\"ID\",\"detail-type\":\"Step Functions Execution Status "          \
    "Change\",\"source\":\"aws.states\",\"account\":\"123456789012\",\"time\":"                    \
    "\"2024-04-24T11:54:30Z\",\"region\":\"us-east-1\",\"resources\":[\"arn:aws:states:"           \
    "us-east-1:123456789012:execution:orders:one\"],\"detail\":{\"executionArn\":\"arn:aws:"       \
    "states:us-east-1:123456789012:execution:orders:one\",\"stateMachineArn\":\"arn:aws:states:"   \
    "us-east-1:123456789012:stateMachine:orders\",\"name\":\"one\","

static void a_start_is_told_as_running_with_explicit_nulls(void **state)
{
    fixture *f = *state;
    observed o = {0};
    engine_identity identity = observed_identity();
    open_events(f, "");
    observed_begin(&o, &identity, STR(one_pass), STR("{\"a\": 1}"));
    assert_true(status_events_want(&o.about, o.delta.events, o.delta.event_count));
    status_events_add(f->events, &o.about, o.delta.events, o.delta.event_count);
    wait_for(f, 1);
    assert_event(f, HEAD
                 "\"status\":\"RUNNING\",\"startDate\":1713959670672,\"stopDate\":null,"
                 "\"input\":\"{\\\"a\\\": 1}\",\"output\":null,\"stateMachineVersionArn\":null,"
                 "\"stateMachineAliasArn\":null,\"redriveCount\":0,\"redriveDate\":null,"
                 "\"redriveStatus\":\"NOT_REDRIVABLE\",\"redriveStatusReason\":\"Execution is "
                 "RUNNING and cannot be redriven\",\"inputDetails\":{\"included\":true},"
                 "\"outputDetails\":null,\"error\":null,\"cause\":null}}");
    observed_end(&o);
}

static void an_end_is_told_with_the_input_of_the_start(void **state)
{
    fixture *f = *state;
    observed o = {0};
    engine_identity identity = observed_identity();
    open_events(f, "");
    observed_begin(&o, &identity, STR(one_fail), STR("{\"a\": 1}"));
    o.about.extra =
        STR("{\"stateMachineVersionArn\":\"arn:v:1\",\"stateMachineAliasArn\":\"arn:l\"}");
    keep_history(f, &o);
    status_events_finish(f->events, &o.about, observed_effect(&o, ENGINE_EFFECT_FINISH));
    wait_for(f, 1);
    assert_event(f, HEAD
                 "\"status\":\"FAILED\",\"startDate\":1713959670672,\"stopDate\":1713959670672,"
                 "\"input\":\"{\\\"a\\\": 1}\",\"output\":null,\"stateMachineVersionArn\":"
                 "\"arn:v:1\",\"stateMachineAliasArn\":\"arn:l\",\"redriveCount\":0,"
                 "\"redriveDate\":null,\"redriveStatus\":\"REDRIVABLE\","
                 "\"redriveStatusReason\":null,\"inputDetails\":{\"included\":true},"
                 "\"outputDetails\":null,\"error\":\"E\",\"cause\":\"why\"}}");
    observed_end(&o);
}

static void express_executions_send_none(void **state)
{
    fixture *f = *state;
    observed o = {0};
    engine_identity identity = observed_identity();
    identity.is_express = true;
    open_events(f, "");
    observed_begin(&o, &identity, STR(one_pass), STR("{}"));
    assert_false(status_events_want(&o.about, o.delta.events, o.delta.event_count));
    status_events_add(f->events, &o.about, o.delta.events, o.delta.event_count);
    status_events_finish(f->events, &o.about, observed_effect(&o, ENGINE_EFFECT_FINISH));
    assert_int_equal(status_events_count(f->events).waiting, 0);
    observed_end(&o);
}

static void send_one(fixture *f)
{
    observed o = {0};
    engine_identity identity = observed_identity();
    observed_begin(&o, &identity, STR(one_pass), STR("{}"));
    status_events_add(f->events, &o.about, o.delta.events, o.delta.event_count);
    observed_end(&o);
}

static void a_target_that_is_down_is_tried_again(void **state)
{
    fixture *f = *state;
    f->answers[0] = 503;
    f->answers[1] = 429;
    open_events(f, "");
    send_one(f);
    wait_for(f, 1);
    assert_int_equal(f->requests, ACCEPTS_AT_LAST);
    assert_string_equal(f->told, "");
}

static void attempts_are_bounded_and_the_loss_is_told(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 8; i++) {
        f->answers[i] = 500;
    }
    open_events(f, ",\"attemptsMax\":3");
    send_one(f);
    wait_for(f, 1); /* tell() stops the loop */
    assert_int_equal(f->requests, 3);
    assert_non_null(strstr(f->told, "the target answers 500 (1 lost)"));
    assert_int_equal(status_events_count(f->events).lost, 1);
    assert_int_equal(status_events_count(f->events).waiting, 0);
}

static void a_refusal_is_final(void **state)
{
    fixture *f = *state;
    f->answers[0] = 400;
    open_events(f, "");
    send_one(f);
    wait_for(f, 1);
    assert_int_equal(f->requests, 1);
    assert_non_null(strstr(f->told, "the target answers 400"));
}

static void many_events_are_all_delivered(void **state)
{
    fixture *f = *state;
    open_events(f, "");
    for (int i = 0; i < 200; i++) {
        send_one(f);
    }
    wait_for(f, 200);
    assert_int_equal(f->requests, 200);
    assert_int_equal(status_events_count(f->events).lost, 0);
}

static void a_full_queue_loses_what_comes_then(void **state)
{
    fixture *f = *state;
    open_events(f, ",\"queueMax\":4");
    for (int i = 0; i < 16 + 4 + 5; i++) { /* 16 are on their way at once */
        send_one(f);
    }
    assert_int_equal(status_events_count(f->events).lost, 5);
    assert_non_null(strstr(f->told, "too many are waiting"));
    wait_for(f, 20);
}

/* 248 KB for both: the input goes first. */
static void long_payloads_are_left_out(void **state)
{
    enum { LENGTH = 200 * 1024 };
    observed o = {0};
    engine_identity identity = observed_identity();
    char *big = malloc(LENGTH);
    arena a;
    buf out;
    error err = {0};
    json event;
    (void)state;
    assert_non_null(big);
    memset(big, 'x', LENGTH);
    arena_init(&a, 0);
    buf_init(&out, 4u << 20);
    observed_begin(&o, &identity, STR(one_pass), STR("{}"));
    status_event told = {.execution = &o.about,
                         .outcome = ENGINE_SUCCEEDED,
                         .time_ms = STARTED_MS,
                         .redriven_ms = -1,
                         .input = {big, LENGTH},
                         .output = {big, LENGTH},
                         .id = "id",
                         .account = STR("1"),
                         .region = STR("r")};
    assert_ok(status_event_print(&told, &a, &out, &err), err);
    assert_ok(json_parse_into(buf_str(&out), &a, &event, &err), err);
    json detail = json_get(event, STR("detail"));
    assert_true(json_is(json_get(detail, STR("input")), JSON_NULL));
    assert_true(
        json_is(json_get(json_get(detail, STR("inputDetails")), STR("included")), JSON_BOOLEAN));
    assert_false(json_is_true(json_get(json_get(detail, STR("inputDetails")), STR("included"))));
    assert_int_equal(json_str(json_get(detail, STR("output"))).len, LENGTH);
    assert_true(json_is_true(json_get(json_get(detail, STR("outputDetails")), STR("included"))));
    free(big);
    observed_end(&o);
    arena_clean_up(&a);
    buf_clean_up(&out);
}

static void a_wrong_setting_is_refused_in_words(void **state)
{
    static const char *const wrong[] = {
        "{}",
        "{\"target\":\"ftp://x\"}",
        "{\"target\":\"function:\"}",
        "{\"target\":3}",
        "\"http://x\"",
        "{\"target\":\"http://x\",\"attemptsMax\":0}",
        "{\"target\":\"http://x\",\"pauseMs\":\"soon\"}",
        "{\"target\":\"http://x\",\"retries\":3}",
    };
    fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        error err = {0};
        json_doc *config;
        status_events *events = NULL;
        assert_ok(json_parse(str_from_c(wrong[i]), &config, &err), err);
        status_events_options options = {.loop = f->loop, .config = json_doc_root(config)};
        assert_int_equal(status_events_new(&options, &events, &err).code, ERROR_INVALID);
        assert_non_null(strstr(err.message, "\"events\""));
        json_doc_release(config);
    }
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        WITH(a_start_is_told_as_running_with_explicit_nulls),
        WITH(an_end_is_told_with_the_input_of_the_start),
        WITH(express_executions_send_none),
        WITH(a_target_that_is_down_is_tried_again),
        WITH(attempts_are_bounded_and_the_loss_is_told),
        WITH(a_refusal_is_final),
        WITH(many_events_are_all_delivered),
        WITH(a_full_queue_loses_what_comes_then),
        WITH(long_payloads_are_left_out),
        WITH(a_wrong_setting_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
