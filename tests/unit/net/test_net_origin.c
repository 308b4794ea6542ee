/* What a server without credentials answers depends on which page asks, by what name. */
#include "net/http_client.h"
#include "net/http_origin.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

#define ALLOWED STR("gait.example.org, .corp.example")

static void only_names_that_are_nobody_elses_are_known(void **state)
{
    (void)state;
    static const char *const known[] = {
        "127.0.0.1:8083",       "127.0.0.1",        "10.1.2.3:80",         "[::1]:8083",
        "localhost:8083",       "LOCALHOST",        "sync-localhost:8083", "gait:8083",
        "sync-127.0.0.1:8083",  "states.localhost", "gait.example.org",    "GAIT.example.org:443",
        "host.docker.internal", "a.b.corp.example", "sync-a.corp.example", "sync-gait.example.org",
    };
    static const char *const strange[] = {
        "evil.example",
        "evil.example:8083",
        "sync-evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.com",
        "corp.example",
        "evilcorp.example",
        "xgait.example.org",
        "",
        "sync-.",
        "1.2.3",
        "..",
        "[evil.example]",
        "[::1].evil.com",
        ":8083",
        "localhost.",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (!net_http_host_is_known(str_from_c(known[i]), ALLOWED)) {
            fail_msg("'%s' should be known", known[i]);
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(strange); i++) {
        if (net_http_host_is_known(str_from_c(strange[i]), ALLOWED)) {
            fail_msg("'%s' should be strange", strange[i]);
        }
    }
    assert_false(net_http_host_is_known(STR("gait.example.org"), STR_NONE));
    assert_true(net_http_host_is_known(STR("any.thing"), STR("*")));
}

typedef struct fixture {
    net_loop *loop;
    net_http_server *server;
    net_http_listener *listener;
    net_http_client *client;
    net_http_origin found;
} fixture;

static void handle(void *user, const net_http_request *request)
{
    fixture *f = user;
    f->found = net_http_origin_of(request, ALLOWED);
    net_http_response response = {.status = 200};
    net_http_answer(request->reply, &response);
}

static void on_done(void *user, const net_http_outcome *outcome)
{
    fixture *f = user;
    assert_int_equal(outcome->status, 200);
    net_loop_stop(f->loop);
}

static const struct {
    const char *method, *host, *origin, *site, *mode;
    net_http_origin wanted;
} requests[] = {
    /* no browser */
    {"POST", "localhost:8083", NULL, NULL, NULL, NET_HTTP_ORIGIN_FINE},
    {"POST", "evil.example", NULL, NULL, NULL, NET_HTTP_ORIGIN_STRANGE_HOST},
    /* the console's own page, by several names */
    {"POST", "localhost:8083", "http://localhost:8083", "same-origin", "cors",
     NET_HTTP_ORIGIN_FINE},
    {"POST", "127.0.0.1:8083", "http://127.0.0.1:8083", NULL, NULL, NET_HTTP_ORIGIN_FINE},
    {"GET", "localhost:8083", NULL, "same-origin", "cors", NET_HTTP_ORIGIN_FINE},
    {"GET", "localhost:8083", NULL, "none", "navigate", NET_HTTP_ORIGIN_FINE},
    /* behind a proxy that keeps the Host, and one that does not */
    {"POST", "gait.example.org", "https://gait.example.org", "same-origin", "cors",
     NET_HTTP_ORIGIN_FINE},
    {"POST", "127.0.0.1:8083", "https://gait.example.org", "same-origin", "cors",
     NET_HTTP_ORIGIN_FINE},
    /* a form or a script of another page */
    {"POST", "127.0.0.1:8083", "https://evil.example", "cross-site", "no-cors",
     NET_HTTP_ORIGIN_STRANGE_PAGE},
    {"POST", "127.0.0.1:8083", "null", NULL, NULL, NET_HTTP_ORIGIN_STRANGE_PAGE},
    {"POST", "localhost:8083", "http://localhost:3000", "same-site", "cors",
     NET_HTTP_ORIGIN_STRANGE_PAGE},
    {"POST", "localhost:8083", "http://localhost:8083.evil.example", NULL, NULL,
     NET_HTTP_ORIGIN_STRANGE_PAGE},
    {"POST", "localhost:8083", "https://evil.example", "cross-site", "navigate",
     NET_HTTP_ORIGIN_STRANGE_PAGE},
    /* an image or a script tag, and a link that somebody follows */
    {"GET", "localhost:8083", NULL, "cross-site", "no-cors", NET_HTTP_ORIGIN_STRANGE_PAGE},
    {"GET", "localhost:8083", NULL, "cross-site", "navigate", NET_HTTP_ORIGIN_FINE},
    /* a page whose name was made to mean this address is of the same origin */
    {"POST", "evil.example:8083", "http://evil.example:8083", "same-origin", "cors",
     NET_HTTP_ORIGIN_STRANGE_HOST},
};

static void pages_of_other_sites_are_strange(void **state)
{
    (void)state;
    fixture f = {0};
    error err;
    char url[64];
    net_http_server_options options = {.handler = handle, .user = &f};
    assert_ok(net_loop_new(&f.loop, &err), err);
    assert_ok(net_http_server_new(f.loop, &options, &f.server, &err), err);
    assert_ok(net_http_server_listen(f.server, "127.0.0.1", 0, NULL, &f.listener, &err), err);
    assert_ok(net_http_client_new(f.loop, &f.client, &err), err);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", net_http_listener_port(f.listener));
    for (size_t i = 0; i < ARRAY_LENGTH(requests); i++) {
        const char *values[] = {requests[i].host, requests[i].origin, requests[i].site,
                                requests[i].mode};
        static const char *const names[] = {"Host", "Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode"};
        net_http_header headers[4];
        size_t count = 0;
        for (size_t j = 0; j < 4; j++) {
            if (values[j]) {
                headers[count++] = (net_http_header){str_from_c(names[j]), str_from_c(values[j])};
            }
        }
        net_http_call_options call = {.method = str_from_c(requests[i].method),
                                      .url = str_from_c(url),
                                      .headers = headers,
                                      .header_count = count};
        net_http_call *started;
        assert_ok(net_http_call_start(f.client, &call, on_done, &f, &started, &err), err);
        net_loop_run(f.loop);
        if (f.found != requests[i].wanted) {
            fail_msg("request %zu was judged %d", i, f.found);
        }
    }
    net_http_client_free(f.client);
    net_http_server_free(f.server);
    net_loop_free(f.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_names_that_are_nobody_elses_are_known),
        cmocka_unit_test(pages_of_other_sites_are_strange),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
