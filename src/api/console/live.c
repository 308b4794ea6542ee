/* GET events: a stream of server-sent events, fed when the feed says that something has happened.
 *
 *   feed: changed ──> is due (a moment later: steps come in bursts) ──> read from the store ──>
 * sent
 *
 * An execution's stream sends its status and its history as it grows; a list's stream sends the
 * rows of executions that begin and end. Format:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html */
#include "api/arn.h"
#include "api/console/console_call.h"
#include "api/execution_view.h"
#include "api/history.h"

#include "net/http_stream.h"

#include <stdlib.h>

#define MOMENT_MS 100
#define BEAT_MS 15000
#define EVENTS_A_MESSAGE 500
#define CHANGES_MAX                                                                                \
    200 /* executions of a list that change within a moment; then the oldest wait                  \
         */
#define MESSAGE_BYTES_MAX NET_HTTP_STREAM_BYTES_MAX

struct console_stream {
    console_api *owner;
    console_stream *previous, *next;
    net_http_stream *stream;
    feed_watch *watch;
    net_timer *timer;
    bool is_due; /* the timer is for news, not for a beat */
    /* of an execution: */
    char *execution_arn; /* owned; NULL: of a list */
    uint64_t next_event;
    store_execution_status told; /* 0: none yet */
    uint32_t told_redrives;
    /* of a list: */
    char *changed[CHANGES_MAX]; /* owned */
    uint32_t changed_count;
};

/* ---------------------------------------------------------------------------------------- its life
 */

static void stream_free(console_stream *s)
{
    *(s->previous ? &s->previous->next : &s->owner->streams) = s->next;
    if (s->next) {
        s->next->previous = s->previous;
    }
    s->owner->stream_count--;
    feed_watch_free(s->watch);
    net_timer_free(s->timer);
    for (uint32_t i = 0; i < s->changed_count; i++) {
        free(s->changed[i]);
    }
    free(s->execution_arn);
    free(s);
}

static void on_gone(void *user)
{
    stream_free(user);
}

/* A page that is cut off asks again, from where it was. */
static void cut_off(console_stream *s)
{
    net_http_stream_end(s->stream);
    stream_free(s);
}

void console_api_streams_free(console_api *c)
{
    while (c->streams) {
        stream_free(c->streams);
    }
}

static void be_due(console_stream *s, int64_t delay_ms)
{
    if (!s->is_due) {
        s->is_due = true;
        net_timer_start(s->timer, delay_ms, 0);
    }
}

static void on_changed(void *user, str execution_arn)
{
    console_stream *s = user;
    if (!s->execution_arn) {
        for (uint32_t i = 0; i < s->changed_count; i++) {
            if (str_equal(str_from_c(s->changed[i]), execution_arn)) {
                be_due(s, MOMENT_MS);
                return;
            }
        }
        char *copy = s->changed_count < CHANGES_MAX ? str_duplicate(execution_arn) : NULL;
        if (copy) {
            s->changed[s->changed_count++] = copy;
        }
    }
    be_due(s, MOMENT_MS);
}

/* -----------------------------------------------------------------------------------------
 * messages
 */

static status send_message(console_stream *s, const char *event, uint64_t id, json data,
                           error *reterr)
{
    buf text;
    buf_init(&text, MESSAGE_BYTES_MAX);
    buf_add_format(&text, "event: %s\n", event);
    if (id) {
        buf_add_format(&text, "id: %llu\n", (unsigned long long)id);
    }
    buf_add_literal(&text, "data: ");
    json_print(data, &text); /* compact: one line */
    buf_add_literal(&text, "\n\n");
    status done = buf_status(&text, reterr);
    if (ok(done)) {
        done = net_http_stream_send(s->stream, buf_str(&text), reterr);
    }
    buf_clean_up(&text);
    return done;
}

static status send_status(console_stream *s, const store_execution *row, uint32_t redrives,
                          arena *a, error *reterr)
{
    json_object_builder b;
    json data;
    if (row->status == s->told && redrives == s->told_redrives) {
        return STATUS_OK;
    }
    json_object_begin(&b, a, 3);
    json_object_add(&b, STR("status"),
                    json_from_str(str_from_c(execution_view_status_name(row->status))));
    if (row->stop_ms >= 0) {
        json_object_add(&b, STR("stopDate"), api_date(row->stop_ms));
    }
    json_object_add(&b, STR("redriveCount"), json_from_int64(redrives));
    TRY(json_object_finish(&b, &data, reterr));
    TRY(send_message(s, "status", 0, data, reterr));
    s->told = row->status;
    s->told_redrives = redrives;
    return STATUS_OK;
}

static status send_history(console_stream *s, const store_execution *row, json told, arena *a,
                           error *reterr)
{
    history_page p = {.memory = a,
                      .store = s->owner->api->options.store,
                      .seq = row->seq,
                      .next = s->next_event,
                      .include_data = true,
                      .size = EVENTS_A_MESSAGE};
    json_object_builder b;
    json events, data;
    TRY(shard_definition(s->owner->api->options.shard, json_str(json_get(told, STR("definition"))),
                         &p.machine, reterr));
    TRY(history_page_read(&p, reterr));
    TRY(json_array_finish(&p.events, &events, reterr));
    json_object_begin(&b, a, 1);
    json_object_add(&b, STR("events"), events);
    TRY(json_object_finish(&b, &data, reterr));
    if (p.count) {
        TRY(send_message(s, "history", p.next - 1, data, reterr));
    }
    s->next_event = p.next;
    if (!p.is_over) {
        be_due(s, 0);
    }
    return STATUS_OK;
}

static status send_execution(console_stream *s, arena *a, error *reterr)
{
    store_execution row;
    json told;
    int64_t redrives = 0;
    TRY(store_find_execution(s->owner->api->options.store, str_from_c(s->execution_arn), a, &row,
                             reterr));
    TRY(json_parse_into(row.text, a, &told, reterr));
    json_int64(json_get(told, STR("redriveCount")), &redrives);
    bool is_over = row.status != STORE_RUNNING;
    if (!is_over || !s->told) { /* its end is told after its last event */
        TRY(send_status(s, &row, (uint32_t)redrives, a, reterr));
    }
    TRY(send_history(s, &row, told, a, reterr));
    return is_over && !s->is_due ? send_status(s, &row, (uint32_t)redrives, a, reterr) : STATUS_OK;
}

/* An Express execution has no row. */
static status send_row(console_stream *s, str execution_arn, error *reterr)
{
    api_call *reading = api_call_new(s->owner->api, NULL);
    store_execution row;
    json data;
    if (!reading) {
        return fail_memory(reterr);
    }
    status done = store_find_execution(s->owner->api->options.store, execution_arn,
                                       &reading->memory, &row, reterr);
    if (ok(done)) {
        done = console_api_row(reading, &row, &data, reterr);
    }
    if (ok(done)) {
        done = send_message(s, "execution", 0, data, reterr);
    }
    api_call_free(reading);
    return done.code == ERROR_NOT_FOUND ? STATUS_OK : done;
}

static status send_list(console_stream *s, error *reterr)
{
    for (uint32_t i = 0; i < s->changed_count; i++) {
        TRY(send_row(s, str_from_c(s->changed[i]), reterr));
    }
    for (uint32_t i = 0; i < s->changed_count; i++) {
        free(s->changed[i]);
    }
    s->changed_count = 0;
    return STATUS_OK;
}

static void on_timer(void *user)
{
    console_stream *s = user;
    bool is_news = s->is_due;
    arena a;
    error err;
    status done;
    s->is_due = false;
    arena_init(&a, CONSOLE_MEMORY_BYTES_MAX);
    if (!is_news) {
        done = net_http_stream_send(s->stream, STR(":\n\n"), &err);
    } else if (s->execution_arn) {
        done = send_execution(s, &a, &err);
    } else {
        done = send_list(s, &err);
    }
    arena_clean_up(&a);
    if (failed(done)) {
        cut_off(s);
    } else if (!s->is_due) {
        net_timer_start(s->timer, BEAT_MS, 0);
    }
}

/* ------------------------------------------------------------------------------------ the
 * beginning
 */

static status open_stream(console_stream *s, api_call *call, error *reterr)
{
    static const net_http_header headers[] = {
        {STR("Content-Type"), STR("text/event-stream")},
        {STR("Cache-Control"), STR("no-store")},
        {STR("X-Content-Type-Options"), STR("nosniff")},
    };
    net_http_response head = {.status = 200,
                              .headers = headers,
                              .header_count = ARRAY_LENGTH(headers),
                              .body = STR(":\n\n")};
    str execution = api_text(call, "execution"), machine = api_text(call, "machine");
    TRY(net_timer_new(call->api->options.loop, on_timer, s, &s->timer, reterr));
    TRY(feed_watch_new(s->owner->feed, execution.len ? execution : STR_NONE,
                       machine.len ? machine : STR_NONE, on_changed, s, &s->watch, reterr));
    if (execution.len) {
        s->next_event = (uint64_t)console_api_number(call, "after", 0) + 1;
        s->execution_arn = str_duplicate(execution);
        if (!s->execution_arn) {
            return fail_memory(reterr);
        }
    }
    return net_http_stream_begin(call->reply, &head, on_gone, s, &s->stream, reterr);
}

static bool is_allowed(api_call *call, const net_http_request *request)
{
    str execution = api_text(call, "execution"), machine = api_text(call, "machine");
    execution_view view;
    if (execution.len) {
        return execution_view_find(call, execution, &view) &&
               console_api_demand(call, request, STR("GetExecutionHistory"), "executionArn",
                                  execution);
    }
    return console_api_demand(call, request, STR("ListExecutions"), "stateMachineArn",
                              machine.len ? machine : STR_NONE);
}

void console_api_events(console_api *c, api_call *call, const net_http_request *request)
{
    error err;
    if (!is_allowed(call, request)) {
        return;
    }
    if (c->stream_count == CONSOLE_STREAMS_MAX) {
        api_refuse(call, "ServiceUnavailable", "%d pages watch already", CONSOLE_STREAMS_MAX);
        return;
    }
    console_stream *s = calloc(1, sizeof(*s));
    if (!s) {
        (void)fail_memory(&err).code;
        api_fail(call, &err);
        return;
    }
    *s = (console_stream){.owner = c, .next = c->streams};
    if (s->next) {
        s->next->previous = s;
    }
    c->streams = s;
    c->stream_count++;
    if (failed(open_stream(s, call, &err))) {
        stream_free(s);
        api_fail(call, &err);
        return;
    }
    api_call_free(call);
    if (s->execution_arn) {
        be_due(s, 0);
    } else {
        net_timer_start(s->timer, BEAT_MS, 0);
    }
}
