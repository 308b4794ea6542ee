/* GET search: executions of all state machines, newest first, by what is in them. It is done in the
 * loop: what one search looks at is bounded by rows and by bytes, its time by the bytes alone,
 * since the text is found by the method of Knuth, Morris and Pratt. */
#include "api/console/console_call.h"
#include "api/execution_view.h"
#include "api/page_token.h"

#include <stdio.h>

#define EXCERPT_CHARS 160
#define ROWS_A_READ 100

static const char *const searched[] = {"name", "input", "output", "error", "cause"};

typedef struct searching {
    api_call *call;
    const net_http_request *request;
    api_call *reading; /* its memory is that of the row that is looked at */
    str text;          /* absent: all */
    /* Where the first i bytes of the text fit, its first borders[i] bytes fit at their end. */
    uint16_t borders[CONSOLE_QUERY_BYTES_MAX + 1];
    store_execution_filter filter;
    bool wants[STORE_PENDING_REDRIVE + 1]; /* by status */
    int64_t after_ms, before_ms;
    uint32_t limit, found, looked_at;
    size_t searched_bytes;
    json_array_builder items;
    bool has_more;
} searching;

/* ---------------------------------------------------------------------------------------- one row
 */

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

/* How many bytes of the text fit, once `c` has come after the `fitting` ones. */
static size_t fit_next(const searching *s, size_t fitting, unsigned char c)
{
    while (fitting && lower(s->text.ptr[fitting]) != lower(c)) {
        fitting = s->borders[fitting];
    }
    return fitting + (lower(s->text.ptr[fitting]) == lower(c));
}

static void find_borders(searching *s)
{
    for (size_t i = 1; i < s->text.len; i++) {
        s->borders[i + 1] = (uint16_t)fit_next(s, s->borders[i], s->text.ptr[i]);
    }
}

/* Where the text is, in any ASCII case. */
static size_t find_text(const searching *s, str in)
{
    for (size_t at = 0, fitting = 0; at < in.len; at++) {
        fitting = fit_next(s, fitting, in.ptr[at]);
        if (fitting == s->text.len) {
            return at + 1 - fitting;
        }
    }
    return STR_NOT_FOUND;
}

/* The characters around a match, cut where characters begin. */
static str excerpt_of(str in, size_t at, size_t length)
{
    size_t before = length < EXCERPT_CHARS ? (EXCERPT_CHARS - length) / 2 : 0;
    size_t begin = at > before ? at - before : 0;
    while (begin > 0 && begin < in.len && (in.ptr[begin] & 0xC0) == 0x80) {
        begin--;
    }
    str part = str_take(str_skip(in, begin), EXCERPT_CHARS);
    while (part.len && begin + part.len < in.len && (in.ptr[begin + part.len] & 0xC0) == 0x80) {
        part.len--;
    }
    return part;
}

static status make_match(searching *s, json description, json *ret_match, error *reterr)
{
    *ret_match = (json){0};
    for (size_t i = 0; i < ARRAY_LENGTH(searched); i++) {
        str in = json_str(json_get(description, str_from_c(searched[i])));
        size_t at = find_text(s, in);
        s->searched_bytes += in.len;
        json_object_builder b;
        if (at == STR_NOT_FOUND) {
            continue;
        }
        json_object_begin(&b, &s->reading->memory, 2);
        json_object_add(&b, STR("in"), json_from_str(str_from_c(searched[i])));
        json_object_add(&b, STR("excerpt"), json_from_str(excerpt_of(in, at, s->text.len)));
        return json_object_finish(&b, ret_match, reterr);
    }
    return STATUS_OK;
}

static status add_item(searching *s, const execution_view *view, json match, error *reterr)
{
    json_object_builder b;
    json item;
    json_object_begin(&b, &s->reading->memory, 14);
    execution_view_add_summary(view, &b);
    if (!json_is_absent(match)) {
        json_object_add(&b, STR("match"), match);
    }
    TRY(json_object_finish(&b, &item, reterr));
    TRY(json_copy(item, &s->call->memory, &item, reterr));
    json_array_add(&s->items, item);
    s->found++;
    return STATUS_OK;
}

status console_api_row(api_call *call, const store_execution *row, json *ret_object, error *reterr)
{
    execution_view view;
    json_object_builder b;
    TRY(execution_view_read(call, row, &view, reterr));
    json_object_begin(&b, &call->memory, 14);
    execution_view_add_summary(&view, &b);
    return json_object_finish(&b, ret_object, reterr);
}

/* A map run's children are its page's, not the list's, unless somebody asks for them. */
static bool is_shown(const searching *s, const execution_view *view)
{
    const store_execution *row = &view->row;
    bool is_child = !json_is_absent(json_get(view->extra, STR("mapRunArn")));
    return s->wants[row->status] && row->start_ms >= s->after_ms && row->start_ms < s->before_ms &&
           (!is_child || s->filter.machine_arn.ptr) &&
           console_api_may(s->call, s->request, STR("ListExecutions"), "stateMachineArn",
                           row->machine_arn);
}

static status look_at(searching *s, const store_execution *row, error *reterr)
{
    execution_view view;
    json description, match = {0};
    TRY(execution_view_read(s->reading, row, &view, reterr));
    if (!is_shown(s, &view)) {
        return STATUS_OK;
    }
    if (!s->text.len) {
        return add_item(s, &view, match, reterr);
    }
    TRY(execution_view_describe(s->reading, &view, true, &description, reterr));
    TRY(make_match(s, description, &match, reterr));
    return json_is_absent(match) ? STATUS_OK : add_item(s, &view, match, reterr);
}

/* --------------------------------------------------------------------------------------- the page
 */

static bool may_go_on(const searching *s)
{
    return s->found < s->limit && s->looked_at < CONSOLE_ROWS_MAX &&
           s->searched_bytes < CONSOLE_SEARCHED_BYTES_MAX;
}

static status collect(searching *s, error *reterr)
{
    arena *memory = &s->reading->memory;
    s->has_more = true;
    while (s->has_more && may_go_on(s)) {
        store_execution *rows;
        uint32_t count;
        bool has_more;
        arena_reset(memory);
        TRY(store_list_executions(s->call->api->options.store, &s->filter, ROWS_A_READ, true,
                                  memory, &rows, &count, &has_more, reterr));
        arena_mark rows_end = arena_here(memory);
        for (uint32_t i = 0; i < count && may_go_on(s); i++) {
            s->filter.before_start_ms = rows[i].start_ms;
            s->filter.before_seq = rows[i].seq;
            s->looked_at++;
            s->has_more = has_more || i + 1 < count;
            if (rows[i].start_ms < s->after_ms) { /* they come newest first */
                s->has_more = false;
                return STATUS_OK;
            }
            TRY(look_at(s, &rows[i], reterr));
            arena_rewind(memory, rows_end);
        }
        s->has_more = count && s->has_more;
    }
    return STATUS_OK;
}

static void read_statuses(searching *s, str list)
{
    for (size_t i = 0; i < ARRAY_LENGTH(s->wants); i++) {
        s->wants[i] = !list.len;
    }
    for (str rest = list; rest.ptr && rest.len;) {
        s->wants[execution_view_status_from_name(str_split_next(&rest, ','))] = true;
    }
}

static bool read_position(searching *s, str subject)
{
    str position;
    char text[64];
    long long start_ms;
    unsigned long long seq;
    api_call *call = s->call;
    if (!console_api_position(call, subject, &position)) {
        return false;
    }
    if (!position.ptr) {
        return true;
    }
    snprintf(text, sizeof(text), "%.*s", STR_ARG(position));
    if (sscanf(text, "%lld/%llu", &start_ms, &seq) == 2) {
        s->filter.before_start_ms = start_ms;
        s->filter.before_seq = seq;
    }
    return true;
}

static void answer(searching *s, str subject)
{
    api_call *call = s->call;
    json_object_builder b;
    json items, output;
    error err;
    status done = collect(s, &err);
    api_call_free(s->reading);
    if (ok(done)) {
        done = json_array_finish(&s->items, &items, &err);
    }
    if (ok(done)) {
        json_object_begin(&b, &call->memory, 3);
        json_object_add(&b, STR("executions"), items);
        if (s->has_more) {
            str position =
                arena_printf(&call->memory, "%lld/%llu", (long long)s->filter.before_start_ms,
                             (unsigned long long)s->filter.before_seq);
            json_object_add(&b, STR("nextToken"),
                            json_from_str(api_page_token(call, subject, position)));
        }
        json_object_add(&b, STR("isComplete"), json_boolean(!s->has_more || s->found == s->limit));
        done = json_object_finish(&b, &output, &err);
    }
    if (failed(done)) {
        api_fail(call, &err);
    } else {
        api_answer(call, output);
    }
}

void console_api_search(console_api *c, api_call *call, const net_http_request *request)
{
    (void)c;
    str machine = api_text(call, "machine"), text = api_text(call, "q");
    str statuses = api_text(call, "status");
    searching s = {
        .call = call,
        .request = request,
        .text = text,
        .filter = {.machine_arn = machine.len ? machine : STR_NONE},
        .after_ms = console_api_number(call, "after", 0) * 1000,
        .before_ms = console_api_number(call, "before", INT64_MAX / 1000) * 1000,
        .limit = (uint32_t)MIN_OF(MAX_OF(console_api_number(call, "limit", 50), 1), 200),
    };
    if (text.len > CONSOLE_QUERY_BYTES_MAX) {
        api_refuse(call, "ValidationException", "q is a text of at most %d bytes; this one has %zu",
                   CONSOLE_QUERY_BYTES_MAX, text.len);
        return;
    }
    str subject = arena_printf(&call->memory, "search/%.*s/%.*s/%.*s", STR_ARG(machine),
                               STR_ARG(statuses), STR_ARG(text));
    call->operation = api_operation_find(STR("ListExecutions")); /* what its page tokens are of */
    read_statuses(&s, statuses);
    if (!read_position(&s, subject)) {
        return;
    }
    s.reading = api_call_new(call->api, NULL);
    if (!s.reading) {
        error err;
        (void)fail_memory(&err).code;
        api_fail(call, &err);
        return;
    }
    find_borders(&s);
    json_array_begin(&s.items, &call->memory, s.limit);
    answer(&s, subject);
}
