/* GetExecutionHistory: chunks of the store, decoded and shown as AWS shows them. */
#include "api/history.h"
#include "api/api_private.h"
#include "api/execution_view.h"
#include "api/operations.h"
#include "api/page_token.h"

#include <stdio.h>
#include <stdlib.h>

#define CHUNKS_A_READ 16

static status add_event(history_page *p, const engine_event *event, error *reterr)
{
    json object;
    TRY(engine_event_to_json(event, p->machine, p->include_data, p->memory, &object, reterr));
    json_array_add(&p->events, object);
    p->count++;
    p->next = p->is_reverse ? event->id - 1 : event->id + 1;
    return STATUS_OK;
}

static bool is_due(const history_page *p, uint64_t id)
{
    return p->is_reverse ? !p->next || id <= p->next : id >= p->next;
}

static status add_chunk(history_page *p, const store_chunk *chunk, error *reterr)
{
    const engine_event *events;
    uint32_t count;
    TRY(engine_events_decode(chunk->bytes, p->memory, &events, &count, reterr));
    for (uint32_t i = 0; i < count && p->count < p->size; i++) {
        const engine_event *event = &events[p->is_reverse ? count - 1 - i : i];
        if (is_due(p, event->id)) {
            TRY(add_event(p, event, reterr));
        }
    }
    return STATUS_OK;
}

/* Only the history itself tells: an execution's row is not written with each of its steps. */
static status look_beyond(history_page *p, error *reterr)
{
    store_chunk *chunks;
    uint32_t count = 0;
    p->is_over = p->next == 0;
    if (p->is_reverse) {
        return STATUS_OK;
    }
    /* the first may be the one that ends just before */
    TRY(store_read_history(p->store, p->seq, p->next, false, 2, p->memory, &chunks, &count,
                           reterr));
    p->is_over = !count || chunks[count - 1].first_event + chunks[count - 1].event_count <= p->next;
    return STATUS_OK;
}

status history_page_read(history_page *p, error *reterr)
{
    bool is_at_end = false;
    json_array_begin(&p->events, p->memory, p->size);
    while (!is_at_end && p->count < p->size) {
        store_chunk *chunks;
        uint32_t count, before = p->count;
        TRY(store_read_history(p->store, p->seq, p->next, p->is_reverse, CHUNKS_A_READ, p->memory,
                               &chunks, &count, reterr));
        for (uint32_t i = 0; i < count && p->count < p->size; i++) {
            TRY(add_chunk(p, &chunks[i], reterr));
        }
        is_at_end = p->count == before || count < CHUNKS_A_READ || (p->is_reverse && !p->next);
    }
    return look_beyond(p, reterr);
}

static void answer(api_call *call, history_page *p, str subject)
{
    json_object_builder b;
    json events, output;
    error err;
    json_object_begin(&b, &call->memory, 2);
    status done = json_array_finish(&p->events, &events, &err);
    if (ok(done)) {
        json_object_add(&b, STR("events"), events);
        if (!p->is_over) {
            str position = arena_printf(&call->memory, "%llu", (unsigned long long)p->next);
            str token = api_page_token(call, subject, position);
            json_object_add(&b, STR("nextToken"), json_from_str(token));
        }
        done = json_object_finish(&b, &output, &err);
    }
    if (failed(done)) {
        api_fail(call, &err);
    } else {
        api_answer(call, output);
    }
}

void api_get_execution_history(api_call *call)
{
    execution_view view;
    error err;
    str arn = api_text(call, "executionArn"), position;
    bool is_reverse = api_boolean(call, "reverseOrder", false);
    str subject = arena_printf(&call->memory, "%.*s/%d", STR_ARG(arn), is_reverse);
    if (!execution_view_find(call, arn, &view) || !api_page_position(call, subject, &position)) {
        return;
    }
    history_page p = {.memory = &call->memory,
                      .store = call->api->options.store,
                      .seq = view.row.seq,
                      .next = is_reverse ? 0 : 1,
                      .is_reverse = is_reverse,
                      .include_data = api_boolean(call, "includeExecutionData", true),
                      .size = api_page_size(call)};
    if (position.len) {
        char text[32];
        snprintf(text, sizeof(text), "%.*s", STR_ARG(position));
        p.next = strtoull(text, NULL, 10);
    }
    status done =
        shard_definition(call->api->options.shard, json_str(json_get(view.told, STR("definition"))),
                         &p.machine, &err);
    if (ok(done)) {
        done = history_page_read(&p, &err);
    }
    if (failed(done)) {
        api_fail(call, &err);
    } else {
        answer(call, &p, subject);
    }
}
