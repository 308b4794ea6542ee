/* Answers that go on while memory runs out: none begins by halves, and one that has begun ends with
 * its connection. */
#include "net/http_client.h"
#include "net/http_stream.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

#include "failing_malloc.h"

typedef struct fixture {
    net_loop *loop;
    net_http_server *server;
    net_http_client *client;
    net_http_stream *stream;
    long allocations;
    bool has_begun, has_sent;
    int gone, finished;
} fixture;

static void on_gone(void *user)
{
    fixture *f = user;
    f->gone++;
    f->stream = NULL;
}

static void handle(void *user, const net_http_request *request)
{
    fixture *f = user;
    error err = {0};
    net_http_header type = {STR("Content-Type"), STR("text/event-stream")};
    net_http_response head = {
        .status = 200, .headers = &type, .header_count = 1, .body = STR("begin,")};
    fail_allocations_after(f->allocations);
    f->has_begun = ok(net_http_stream_begin(request->reply, &head, on_gone, f, &f->stream, &err));
    f->has_sent = f->has_begun && ok(net_http_stream_send(f->stream, STR("and more"), &err));
    fail_no_allocation();
    if (!f->has_begun) {
        assert_int_equal(err.code, ERROR_MEMORY);
        net_http_response busy = {.status = 503}; /* the reply is still ours */
        net_http_answer(request->reply, &busy);
        return;
    }
    assert_true(f->has_sent || err.length > 0);
    net_http_stream_end(f->stream);
    f->stream = NULL;
}

static void on_done(void *user, const net_http_outcome *outcome)
{
    fixture *f = user;
    f->finished++;
    assert_int_equal(outcome->status, f->has_begun ? 200 : 503);
    if (f->has_sent) {
        assert_str_equal(outcome->body, "begin,and more");
    }
    net_loop_stop(f->loop);
}

static void a_stream_begins_whole_or_not_at_all(void **state)
{
    (void)state;
    fixture f = {0};
    error err;
    net_http_listener *listener;
    net_http_server_options options = {.handler = handle, .user = &f};
    assert_ok(net_loop_new(&f.loop, &err), err);
    assert_ok(net_http_server_new(f.loop, &options, &f.server, &err), err);
    assert_ok(net_http_server_listen(f.server, "127.0.0.1", 0, NULL, &listener, &err), err);
    assert_ok(net_http_client_new(f.loop, &f.client, &err), err);
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", net_http_listener_port(listener));
    for (f.allocations = 0; f.allocations < 20 && !f.has_sent; f.allocations++) {
        net_http_call_options call = {.method = STR("GET"), .url = str_from_c(url)};
        net_http_call *started;
        int before = f.finished;
        assert_ok(net_http_call_start(f.client, &call, on_done, &f, &started, &err), err);
        net_loop_run(f.loop);
        assert_int_equal(f.finished, before + 1);
    }
    assert_true(f.has_sent);
    assert_true(f.allocations > 2);
    assert_int_equal(f.gone, 0); /* all ended by their owner */
    net_http_client_free(f.client);
    net_http_server_free(f.server);
    net_loop_free(f.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_stream_begins_whole_or_not_at_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
