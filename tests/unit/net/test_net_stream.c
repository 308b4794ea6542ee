/* Answers that go on, read by a client on the same loop. */
#include "net/http_client.h"
#include "net/http_stream.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

typedef struct fixture {
    net_loop *loop;
    net_http_server *server;
    net_http_listener *listener;
    net_http_client *client;
    net_http_call *call;
    net_timer *beat;
    net_http_stream *stream;
    int beats, beats_max, gone;
    error_code sent; /* of the last send */
    char body[64];
    unsigned code;
    int finished;
} fixture;

static void on_gone(void *user)
{
    fixture *f = user;
    f->gone++;
    f->stream = NULL;
    net_timer_stop(f->beat);
    net_loop_stop(f->loop);
}

static void on_beat(void *user)
{
    fixture *f = user;
    char text[16];
    int length = snprintf(text, sizeof(text), "%d,", ++f->beats);
    if (f->beats > f->beats_max) {
        net_timer_stop(f->beat);
        net_http_stream_end(f->stream);
        f->stream = NULL;
        return;
    }
    f->sent = net_http_stream_send(f->stream, str_from(text, (size_t)length), NULL).code;
}

static void handle(void *user, const net_http_request *request)
{
    fixture *f = user;
    error err;
    net_http_header type = {STR("Content-Type"), STR("text/event-stream")};
    net_http_response head = {
        .status = 200, .headers = &type, .header_count = 1, .body = STR("begin,")};
    assert_ok(net_http_stream_begin(request->reply, &head, on_gone, f, &f->stream, &err), err);
    net_timer_start(f->beat, 5, 5);
}

static void on_done(void *user, const net_http_outcome *outcome)
{
    fixture *f = user;
    f->finished++;
    f->code = outcome->status;
    snprintf(f->body, sizeof(f->body), "%.*s", STR_ARG(outcome->body));
    net_loop_stop(f->loop);
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    error err;
    net_http_server_options options = {.handler = handle, .user = f};
    f->beats_max = 3;
    assert_ok(net_loop_new(&f->loop, &err), err);
    assert_ok(net_timer_new(f->loop, on_beat, f, &f->beat, &err), err);
    assert_ok(net_http_server_new(f->loop, &options, &f->server, &err), err);
    assert_ok(net_http_server_listen(f->server, "127.0.0.1", 0, f, &f->listener, &err), err);
    assert_ok(net_http_client_new(f->loop, &f->client, &err), err);
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", net_http_listener_port(f->listener));
    net_http_call_options call = {.method = STR("GET"), .url = str_from_c(url)};
    assert_ok(net_http_call_start(f->client, &call, on_done, f, &f->call, &err), err);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    net_http_client_free(f->client);
    net_http_server_free(f->server);
    net_timer_free(f->beat);
    net_loop_free(f->loop);
    free(f);
    return 0;
}

static void what_is_sent_arrives_in_order_until_the_end(void **state)
{
    fixture *f = *state;
    net_loop_run(f->loop);
    assert_int_equal(f->finished, 1);
    assert_int_equal(f->code, 200);
    assert_string_equal(f->body, "begin,1,2,3,");
    assert_int_equal(f->gone, 0); /* the owner ended it */
}

static void a_client_that_goes_away_is_noticed(void **state)
{
    fixture *f = *state;
    f->beats_max = 1000;
    while (f->beats < 2) {
        net_loop_turn(f->loop, true);
    }
    net_http_call_cancel(f->call);
    net_http_client_free(f->client); /* closes its connections */
    f->client = NULL;
    net_loop_run(f->loop);
    assert_int_equal(f->gone, 1);
    assert_int_equal(f->finished, 0);
}

static void a_server_with_a_stream_can_be_freed(void **state)
{
    fixture *f = *state;
    f->beats_max = 1000;
    while (f->beats < 2) {
        net_loop_turn(f->loop, true);
    }
    net_timer_stop(f->beat);
    net_http_server_free(f->server);
    f->server = NULL;
    assert_int_equal(f->gone, 0);
}

static void what_the_client_does_not_read_is_bounded(void **state)
{
    fixture *f = *state;
    error err = {0};
    while (!f->stream) {
        net_loop_turn(f->loop, true);
    }
    net_timer_stop(f->beat);
    char *block = calloc(1, 1 << 20);
    int sent = 0;
    while (ok(net_http_stream_send(f->stream, str_from(block, 1 << 20), &err))) {
        assert_true(++sent < 100); /* no turn of the loop: nobody reads */
    }
    free(block);
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_int_equal(sent, NET_HTTP_STREAM_BYTES_MAX >> 20);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(what_is_sent_arrives_in_order_until_the_end),
        T(a_client_that_goes_away_is_noticed),
        T(a_server_with_a_stream_can_be_freed),
        T(what_the_client_does_not_read_is_bounded),
    };
    return cmocka_run_group_tests_name("net_stream", tests, NULL, NULL);
}
