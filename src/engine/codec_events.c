/* One step's events as a chunk. An event is its type, its numbers as differences to the event
 * before it, and the members that it has, told by a mask. */
#include "engine/codec.h"
#include "engine/codec_bytes.h"

#define CHUNK_VERSION 1
/* Type and mask: no event takes fewer bytes. */
#define EVENT_BYTES_MIN 2

typedef enum event_member {
    /* Most events have no others, and so a mask of one byte. */
    MEMBER_PAYLOAD = 1 << 0,
    MEMBER_STATE = 1 << 1,    /* another than that of the event before */
    MEMBER_PREVIOUS = 1 << 2, /* another than the event before */
    MEMBER_TIME = 1 << 3,     /* another than that of the event before */
    MEMBER_RESOURCE = 1 << 4,
    MEMBER_RESOURCE_TYPE = 1 << 5,
    MEMBER_INDEX = 1 << 6,
    MEMBER_ID = 1 << 7, /* another than that of the event before, plus 1 */
    MEMBER_PAYLOAD_TEXT = 1 << 8,
    MEMBER_ASSIGNED = 1 << 9,
    MEMBER_NAME = 1 << 10,
    MEMBER_ERROR = 1 << 11,
    MEMBER_CAUSE = 1 << 12,
    MEMBER_REGION = 1 << 13,
    MEMBER_LOCATION = 1 << 14,
    MEMBER_WORKER = 1 << 15,
    MEMBER_CREDENTIALS = 1 << 16,
    MEMBER_TIMEOUT = 1 << 17,
    MEMBER_HEARTBEAT = 1 << 18,
    MEMBERS_ALL = (1 << 19) - 1,
} event_member;

/* The texts and the numbers of an event, in the order of their bits. */
static const struct {
    event_member member;
    size_t offset;
} texts[] = {
    {MEMBER_NAME, offsetof(engine_event, name)},
    {MEMBER_ERROR, offsetof(engine_event, error)},
    {MEMBER_CAUSE, offsetof(engine_event, cause)},
    {MEMBER_RESOURCE, offsetof(engine_event, resource)},
    {MEMBER_RESOURCE_TYPE, offsetof(engine_event, resource_type)},
    {MEMBER_REGION, offsetof(engine_event, region)},
    {MEMBER_LOCATION, offsetof(engine_event, location)},
    {MEMBER_WORKER, offsetof(engine_event, worker)},
};
static const struct {
    event_member member;
    size_t offset;
} numbers[] = {
    {MEMBER_INDEX, offsetof(engine_event, index)},
    {MEMBER_TIMEOUT, offsetof(engine_event, timeout_seconds)},
    {MEMBER_HEARTBEAT, offsetof(engine_event, heartbeat_seconds)},
};

#define TEXT_OF(event, i) ((str *)(void *)((char *)(event) + texts[i].offset))
#define NUMBER_OF(event, i) ((int64_t *)(void *)((char *)(event) + numbers[i].offset))

static uint32_t members_of(engine_event *event, const engine_event *before)
{
    uint32_t mask = 0;
    mask |= event->id == before->id + 1 ? 0 : MEMBER_ID;
    mask |= event->previous_id == event->id - 1 ? 0 : MEMBER_PREVIOUS;
    mask |= event->time_ms == before->time_ms ? 0 : MEMBER_TIME;
    mask |= event->state == before->state ? 0 : MEMBER_STATE;
    mask |= event->payload_text.ptr && !json_is_absent(event->payload) ? MEMBER_PAYLOAD_TEXT : 0;
    mask |= json_is_absent(event->payload) ? 0 : MEMBER_PAYLOAD;
    mask |= json_is_absent(event->assigned) ? 0 : MEMBER_ASSIGNED;
    mask |= json_is_absent(event->credentials) ? 0 : MEMBER_CREDENTIALS;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        mask |= TEXT_OF(event, i)->ptr ? texts[i].member : 0;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        mask |= *NUMBER_OF(event, i) >= 0 ? numbers[i].member : 0;
    }
    return mask;
}

static void write_event(codec_writer *w, engine_event event, const engine_event *before)
{
    uint32_t mask = members_of(&event, before);
    codec_write_number(w, event.type);
    codec_write_number(w, mask);
    if (mask & MEMBER_ID) {
        codec_write_number(w, event.id - before->id);
    }
    if (mask & MEMBER_PREVIOUS) {
        codec_write_signed(w, (int64_t)(event.id - event.previous_id));
    }
    if (mask & MEMBER_TIME) {
        codec_write_signed(w, (int64_t)((uint64_t)event.time_ms - (uint64_t)before->time_ms));
    }
    if (mask & MEMBER_STATE) {
        codec_write_number(w, (uint32_t)(event.state + 1)); /* ASL_NONE: 0 */
    }
    if (mask & MEMBER_PAYLOAD) {
        codec_write_payload(w, event.payload, event.payload_text);
    }
    if (mask & MEMBER_ASSIGNED) {
        codec_write_value(w, event.assigned);
    }
    if (mask & MEMBER_CREDENTIALS) {
        codec_write_value(w, event.credentials);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (mask & texts[i].member) {
            codec_write_text(w, *TEXT_OF(&event, i));
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        if (mask & numbers[i].member) {
            codec_write_number(w, (uint64_t)*NUMBER_OF(&event, i));
        }
    }
}

status engine_events_encode(const engine_event *events, uint32_t count, buf *out, error *reterr)
{
    static const engine_event none;
    codec_writer w;
    codec_writer_init(&w, out);
    codec_write_number(&w, CHUNK_VERSION);
    codec_write_number(&w, count);
    for (uint32_t i = 0; i < count; i++) {
        write_event(&w, events[i], i ? &events[i - 1] : &none);
    }
    return codec_writer_end(&w, reterr);
}

static void read_members(codec_reader *r, uint32_t mask, engine_event *event)
{
    if (mask & MEMBER_PAYLOAD) {
        codec_read_payload(r, mask & MEMBER_PAYLOAD_TEXT, &event->payload, &event->payload_text);
    }
    if (mask & MEMBER_ASSIGNED) {
        event->assigned = codec_read_value(r);
        r->is_broken |= !json_is(event->assigned, JSON_OBJECT); /* variables, by their names */
    }
    if (mask & MEMBER_CREDENTIALS) {
        event->credentials = codec_read_value(r);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (mask & texts[i].member) {
            *TEXT_OF(event, i) = codec_read_text(r);
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        if (mask & numbers[i].member) {
            *NUMBER_OF(event, i) = (int64_t)(codec_read_number(r) & INT64_MAX);
        }
    }
}

static void read_event(codec_reader *r, const engine_event *before, engine_event *event)
{
    *event = (engine_event){.index = -1, .timeout_seconds = -1, .heartbeat_seconds = -1};
    event->type = (engine_event_type)codec_read_small(r, ENGINE_EVENT_TYPES - 1);
    uint32_t mask = codec_read_small(r, MEMBERS_ALL);
    event->id = before->id + (mask & MEMBER_ID ? codec_read_number(r) : 1);
    event->previous_id = event->id - (mask & MEMBER_PREVIOUS ? (uint64_t)codec_read_signed(r) : 1);
    uint64_t later_ms = mask & MEMBER_TIME ? (uint64_t)codec_read_signed(r) : 0;
    event->time_ms = (int64_t)((uint64_t)before->time_ms + later_ms);
    event->state = mask & MEMBER_STATE ? codec_read_small(r, UINT32_MAX) - 1 : before->state;
    r->is_broken |= event->type == ENGINE_EVENT_NONE;
    read_members(r, mask, event);
}

status engine_events_decode(str bytes, arena *a, const engine_event **ret_events,
                            uint32_t *ret_count, error *reterr)
{
    static const engine_event none;
    codec_reader r = {.bytes = bytes, .a = a};
    if (codec_read_small(&r, CHUNK_VERSION) != CHUNK_VERSION) {
        r.is_broken = true;
    }
    uint32_t count = codec_read_small(&r, UINT32_MAX);
    if (r.is_broken || count > r.bytes.len / EVENT_BYTES_MIN) {
        return fail(reterr, ERROR_INVALID, "these bytes are not a chunk of events");
    }
    engine_event *events = arena_array(a, engine_event, count);
    if (!events) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < count && !r.is_broken; i++) {
        read_event(&r, i ? &events[i - 1] : &none, &events[i]);
    }
    TRY(codec_read_end(&r, reterr));
    *ret_events = events;
    *ret_count = count;
    return STATUS_OK;
}
