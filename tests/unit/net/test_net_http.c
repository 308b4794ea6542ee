/* The HTTP server and the HTTP client, against each other, on one loop. */
#include "base/buf.h"
#include "net/http_client.h"
#include "net/http_server.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

typedef struct fixture {
    net_loop *loop;
    net_http_server *server;
    net_http_listener *listener;
    net_http_client *client;
    net_timer *late;
    net_http_reply *kept; /* not answered yet */
    int gone;
    /* the last outcome */
    error_code code;
    unsigned status_code;
    char body[256];
    size_t body_length;
    char message[256];
    char type[64];
    int finished;
    int wanted;
} fixture;

static void answer_text(net_http_reply *reply, unsigned code, str text)
{
    net_http_header type = {STR("Content-Type"), STR("text/plain")};
    net_http_response response = {
        .status = code, .headers = &type, .header_count = 1, .body = text};
    net_http_answer(reply, &response);
}

static void answer_late(void *user)
{
    fixture *f = user;
    answer_text(f->kept, 200, STR("late"));
    f->kept = NULL;
}

static void on_gone(void *user)
{
    fixture *f = user;
    f->gone++;
    f->kept = NULL;
    net_loop_stop(f->loop);
}

static void handle(void *user, const net_http_request *request)
{
    fixture *f = user;
    if (str_equal(request->path, STR("/echo"))) {
        char text[200];
        str tag = net_http_request_header(request, "x-tag");
        snprintf(text, sizeof(text), "%.*s %.*s [%.*s] %zu%s", STR_ARG(request->method),
                 STR_ARG(request->query), STR_ARG(tag), request->body.len,
                 request->is_body_cut ? " cut" : "");
        answer_text(request->reply, 201, str_from_c(text));
    } else if (str_equal(request->path, STR("/big"))) {
        char *big = calloc(1, 100000);
        answer_text(request->reply, 200, str_from(big, 100000));
        free(big);
    } else if (str_equal(request->path, STR("/redirect"))) {
        net_http_header where = {STR("Location"), STR("/echo")};
        net_http_response response = {.status = 302, .headers = &where, .header_count = 1};
        net_http_answer(request->reply, &response);
    } else {
        f->kept = request->reply;
        if (str_equal(request->path, STR("/late"))) {
            net_timer_start(f->late, 20, 0);
        } else if (str_equal(request->path, STR("/watched"))) {
            assert_true(ok(net_http_reply_watch(request->reply, on_gone, f, NULL)));
        }
    }
}

static void on_done(void *user, const net_http_outcome *outcome)
{
    fixture *f = user;
    f->code = outcome->code;
    f->status_code = outcome->status;
    snprintf(f->body, sizeof(f->body), "%.*s", (int)MIN_OF(outcome->body.len, 200),
             outcome->body.ptr);
    f->body_length = outcome->body.len;
    snprintf(f->message, sizeof(f->message), "%.*s", STR_ARG(outcome->message));
    for (size_t i = 0; i < outcome->header_count; i++) {
        if (str_equal_ignore_case(outcome->headers[i].name, STR("content-type"))) {
            snprintf(f->type, sizeof(f->type), "%.*s", STR_ARG(outcome->headers[i].value));
        }
    }
    if (++f->finished == f->wanted) {
        net_loop_stop(f->loop);
    }
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    error err;
    net_http_server_options options = {.handler = handle, .user = f, .body_bytes_max = 1000};
    assert_ok(net_loop_new(&f->loop, &err), err);
    assert_ok(net_timer_new(f->loop, answer_late, f, &f->late, &err), err);
    assert_ok(net_http_server_new(f->loop, &options, &f->server, &err), err);
    assert_ok(net_http_server_listen(f->server, "127.0.0.1", 0, f, &f->listener, &err), err);
    assert_ok(net_http_client_new(f->loop, &f->client, &err), err);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    net_http_client_free(f->client);
    net_http_server_free(f->server);
    net_timer_free(f->late);
    net_loop_free(f->loop);
    free(f);
    return 0;
}

static net_http_call *start(fixture *f, const char *path, net_http_call_options options)
{
    char url[128];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", net_http_listener_port(f->listener), path);
    options.url = str_from_c(url);
    if (!options.method.ptr) {
        options.method = STR("GET");
    }
    net_http_call *call = NULL;
    error err;
    assert_ok(net_http_call_start(f->client, &options, on_done, f, &call, &err), err);
    f->wanted++;
    return call;
}

static void call(fixture *f, const char *path, net_http_call_options options)
{
    start(f, path, options);
    net_loop_run(f->loop);
}

static void method_query_headers_and_body_arrive(void **state)
{
    fixture *f = *state;
    net_http_header tag = {STR("X-Tag"), STR("blue")};
    call(f, "/echo?a=b%20c",
         (net_http_call_options){
             .method = STR("POST"), .headers = &tag, .header_count = 1, .body = STR("hello")});
    assert_int_equal(f->code, ERROR_NONE);
    assert_int_equal(f->status_code, 201);
    assert_string_equal(f->body, "POST a=b%20c [blue] 5");
    assert_string_equal(f->type, "text/plain");
    call(f, "/echo", (net_http_call_options){.method = STR("GET")});
    assert_string_equal(f->body, "GET  [] 0");
}

static void a_body_past_the_limit_is_cut_and_told(void **state)
{
    fixture *f = *state;
    char body[5000];
    memset(body, 'x', sizeof(body));
    call(f, "/echo", (net_http_call_options){.method = STR("PUT"), .body = str_from(body, 5000)});
    assert_string_equal(f->body, "PUT  [] 1000 cut");
}

static void an_answer_may_come_later(void **state)
{
    fixture *f = *state;
    call(f, "/late", (net_http_call_options){0});
    assert_string_equal(f->body, "late");
    call(f, "/late", (net_http_call_options){0}); /* the connection is used again */
    assert_string_equal(f->body, "late");
}

static void a_slow_server_times_out(void **state)
{
    fixture *f = *state;
    call(f, "/never", (net_http_call_options){.total_ms_max = 50});
    assert_int_equal(f->code, ERROR_TIMEOUT);
}

static net_http_call *start_and_keep(fixture *f, const char *path)
{
    net_http_call *begun = start(f, path, (net_http_call_options){0});
    while (!f->kept) {
        net_loop_turn(f->loop, true);
    }
    return begun;
}

static void a_client_that_goes_away_is_noticed(void **state)
{
    fixture *f = *state;
    net_http_call_cancel(start_and_keep(f, "/watched"));
    net_http_client_free(f->client); /* closes its connections */
    f->client = NULL;
    net_loop_run(f->loop);
    assert_int_equal(f->gone, 1);
    assert_null(f->kept);
}

static void too_long_a_response_is_refused(void **state)
{
    fixture *f = *state;
    call(f, "/big", (net_http_call_options){.response_bytes_max = 1000});
    assert_int_equal(f->code, ERROR_LIMIT);
    call(f, "/big", (net_http_call_options){0});
    assert_int_equal(f->code, ERROR_NONE);
    assert_int_equal(f->body_length, 100000);
}

static void redirects_are_followed_only_when_asked(void **state)
{
    fixture *f = *state;
    call(f, "/redirect", (net_http_call_options){0});
    assert_int_equal(f->status_code, 302);
    call(f, "/redirect", (net_http_call_options){.is_redirect_followed = true});
    assert_int_equal(f->status_code, 201);
}

static void a_server_that_is_not_there_is_an_error(void **state)
{
    fixture *f = *state;
    net_http_call_options options = {.method = STR("GET"), .url = STR("http://127.0.0.1:1/")};
    net_http_call *ignored;
    error err;
    assert_ok(net_http_call_start(f->client, &options, on_done, f, &ignored, &err), err);
    f->wanted++;
    net_loop_run(f->loop);
    assert_int_equal(f->code, ERROR_IO);
    options.url = STR("file:///etc/passwd");
    assert_ok(net_http_call_start(f->client, &options, on_done, f, &ignored, &err), err);
    f->wanted++;
    net_loop_run(f->loop);
    assert_int_equal(f->code, ERROR_UNSUPPORTED);
}

static void headers_cannot_be_smuggled(void **state)
{
    fixture *f = *state;
    net_http_header bad = {STR("X"), STR("a\r\nY: b")};
    net_http_call_options options = {
        .method = STR("GET"), .url = STR("http://127.0.0.1/"), .headers = &bad, .header_count = 1};
    net_http_call *ignored;
    status result = net_http_call_start(f->client, &options, on_done, f, &ignored, NULL);
    assert_int_equal(result.code, ERROR_INVALID);
}

static void many_calls_at_once(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 200; i++) {
        start(f, "/echo", (net_http_call_options){0});
    }
    net_loop_run(f->loop);
    assert_int_equal(f->finished, 200);
    assert_int_equal(f->code, ERROR_NONE);
}

static void a_cancelled_call_says_nothing(void **state)
{
    fixture *f = *state;
    net_http_call *cancelled = start(f, "/echo", (net_http_call_options){0});
    f->wanted--;
    net_http_call_cancel(cancelled);
    call(f, "/echo", (net_http_call_options){0});
    assert_int_equal(f->finished, 1);
}

static void a_server_with_waiting_requests_can_be_freed(void **state)
{
    fixture *f = *state;
    net_http_call_cancel(start_and_keep(f, "/never"));
    net_http_server_free(f->server);
    f->server = NULL;
    assert_non_null(f->kept);
}

static void a_taken_port_and_a_bad_address_are_refused(void **state)
{
    fixture *f = *state;
    net_http_listener *listener;
    status result = net_http_server_listen(
        f->server, "127.0.0.1", net_http_listener_port(f->listener), NULL, &listener, NULL);
    assert_int_equal(result.code, ERROR_CONFLICT);
    result = net_http_server_listen(f->server, "localhost!", 0, NULL, &listener, NULL);
    assert_int_equal(result.code, ERROR_INVALID);
}

static void stop_from_outside(void *user)
{
    fixture *f = user;
    f->finished++;
    net_loop_stop(f->loop);
}

static void *post_from_thread(void *user)
{
    fixture *f = user;
    assert_true(ok(net_loop_post(f->loop, stop_from_outside, f, NULL)));
    return NULL;
}

static void another_thread_may_post(void **state)
{
    fixture *f = *state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, post_from_thread, f), 0);
    net_loop_run(f->loop);
    pthread_join(thread, NULL);
    assert_int_equal(f->finished, 1);
}

static void a_loop_that_was_stopped_before_it_ran_can_be_freed(void **state)
{
    (void)state;
    net_loop *loop;
    net_timer *timer;
    error err;
    assert_ok(net_loop_new(&loop, &err), err);
    assert_ok(net_timer_new(loop, answer_late, NULL, &timer, &err), err);
    net_loop_stop(loop);
    net_timer_free(timer);
    net_loop_free(loop);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(method_query_headers_and_body_arrive),
        T(a_body_past_the_limit_is_cut_and_told),
        T(an_answer_may_come_later),
        T(a_slow_server_times_out),
        T(a_client_that_goes_away_is_noticed),
        T(too_long_a_response_is_refused),
        T(redirects_are_followed_only_when_asked),
        T(a_server_that_is_not_there_is_an_error),
        T(headers_cannot_be_smuggled),
        T(many_calls_at_once),
        T(a_cancelled_call_says_nothing),
        T(a_server_with_waiting_requests_can_be_freed),
        T(a_taken_port_and_a_bad_address_are_refused),
        T(another_thread_may_post),
        cmocka_unit_test(a_loop_that_was_stopped_before_it_ran_can_be_freed),
    };
    return cmocka_run_group_tests_name("net_http", tests, NULL, NULL);
}
