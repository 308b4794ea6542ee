/* A log stream with records that wait is in `streams`, and goes when none is left:
 *
 *   record ──> waiting ──timer──> PutLogEvents ──accepted──> waiting, or gone
 *                 ▲                    │ no such stream
 *                 └── CreateLogStream ◄┘ (once a batch; else the batch is lost)
 *
 * Invariant: a stream has at most one call under way, so that its records keep their order. */
#include "runtime/logs/log_delivery.h"

#include "base/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
#define BATCH_COUNT_MAX 10000
#define BATCH_BYTES_MAX 1048576
#define RECORD_OVERHEAD_BYTES 26

#define WAITING_BYTES_MAX (64u << 20)
#define COLLECT_MS 20
#define COMPLAIN_MS_MIN 10000
#define FLUSH_MS_MAX 5000 /* ours: half of what `docker stop` gives */

typedef struct record {
    struct record *next;
    int64_t time_ms;
    size_t len;
    char message[];
} record;

typedef struct stream {
    log_delivery *owner;
    integration_task *call;
    record *first, *last;
    uint32_t sent; /* of them are in the call */
    bool was_made; /* for this batch */
    size_t group_length, key_length;
    char key[]; /* GROUP\nSTREAM */
} stream;

struct log_delivery {
    log_delivery_options options;
    map streams;
    net_timer *timer;
    arena memory; /* of one request */
    size_t waiting_bytes;
    uint64_t lost, lost_told;
    int64_t told_ms;
};

/* --------------------------------------------------------------------------------------- loss */

static void tell_lost(log_delivery *d, str why)
{
    char detail[400];
    snprintf(detail, sizeof(detail), "%.*s (%llu lost)", STR_ARG(str_take(why, 300)),
             (unsigned long long)(d->lost - d->lost_told));
    d->lost_told = d->lost;
    d->told_ms = net_loop_now_ms(d->options.loop);
    runtime_tell(&d->options.complain, true, "log records do not reach CloudWatch Logs", detail);
}

static void lose(log_delivery *d, uint64_t count, str why)
{
    d->lost += count;
    if (!d->lost_told || net_loop_now_ms(d->options.loop) - d->told_ms >= COMPLAIN_MS_MIN) {
        tell_lost(d, why);
    }
}

static void drop_records(stream *s, uint32_t count)
{
    for (; count > 0 && s->first; count--) {
        record *gone = s->first;
        s->first = gone->next;
        s->owner->waiting_bytes -= sizeof(*gone) + gone->len;
        free(gone);
    }
    if (!s->first) {
        s->last = NULL;
    }
    s->sent = 0;
    s->was_made = false;
}

static void stream_free(stream *s)
{
    integrations_cancel(s->call);
    drop_records(s, UINT32_MAX);
    free(s);
}

/* ------------------------------------------------------------------------------------- delivery
 */

static void stream_go_on(stream *s);

static status begin_call(stream *s, str resource, str action, json payload, integration_done *done,
                         error *reterr)
{
    integration_call call = {.resource = resource,
                             .service = STR("cloudwatchlogs"),
                             .action = action,
                             .pattern = STR(""),
                             .payload = payload};
    return integrations_start(s->owner->options.tasks, &call, done, s, &s->call, reterr);
}

static void begin_parameters(stream *s, json_object_builder *b)
{
    json_object_begin(b, &s->owner->memory, 3);
    json_object_add(b, STR("LogGroupName"), json_from_str(str_from(s->key, s->group_length)));
    json_object_add(
        b, STR("LogStreamName"),
        json_from_str(str_from(s->key + s->group_length + 1, s->key_length - s->group_length - 1)));
}

static void give_up(stream *s, str why)
{
    lose(s->owner, s->sent, why);
    drop_records(s, s->sent);
    stream_go_on(s);
}

static void send_batch(stream *s);

static void on_stream_made(void *user, const integration_result *result)
{
    stream *s = user;
    s->call = NULL;
    if (result->succeeded || str_ends_with(result->error, STR(".ResourceAlreadyExistsException"))) {
        send_batch(s);
    } else {
        give_up(s, result->cause);
    }
}

static void make_stream(stream *s)
{
    json parameters;
    json_object_builder b;
    error err = {0};
    s->was_made = true;
    begin_parameters(s, &b);
    status begun = json_object_finish(&b, &parameters, &err);
    if (ok(begun)) {
        begun = begin_call(s, STR("arn:aws:states:::aws-sdk:cloudwatchlogs:createLogStream"),
                           STR("createLogStream"), parameters, on_stream_made, &err);
    }
    arena_reset(&s->owner->memory);
    if (failed(begun)) {
        give_up(s, str_from(err.message, err.length));
    }
}

static void on_batch_sent(void *user, const integration_result *result)
{
    stream *s = user;
    s->call = NULL;
    if (result->succeeded) {
        drop_records(s, s->sent);
        stream_go_on(s);
    } else if (!s->was_made && str_ends_with(result->error, STR(".ResourceNotFoundException"))) {
        make_stream(s);
    } else {
        give_up(s, result->cause);
    }
}

/* Times may not go back within a batch. */
static status batch_of(stream *s, json *ret_events, error *reterr)
{
    arena *a = &s->owner->memory;
    size_t bytes = 0;
    int64_t time_ms = 0;
    json_array_builder list;
    json_array_begin(&list, a, 64);
    s->sent = 0;
    for (const record *r = s->first; r && s->sent < BATCH_COUNT_MAX; r = r->next) {
        bytes += r->len + RECORD_OVERHEAD_BYTES;
        if (s->sent && bytes > BATCH_BYTES_MAX) {
            break;
        }
        time_ms = MAX_OF(time_ms, r->time_ms);
        json event;
        json_object_builder b;
        json_object_begin(&b, a, 2);
        json_object_add(&b, STR("Timestamp"), json_from_int64(time_ms));
        json_object_add(&b, STR("Message"), json_from_str(str_from(r->message, r->len)));
        TRY(json_object_finish(&b, &event, reterr));
        json_array_add(&list, event);
        s->sent++;
    }
    return json_array_finish(&list, ret_events, reterr);
}

static void send_batch(stream *s)
{
    json events, parameters;
    json_object_builder b;
    error err = {0};
    status begun = batch_of(s, &events, &err);
    if (ok(begun)) {
        begin_parameters(s, &b);
        json_object_add(&b, STR("LogEvents"), events);
        begun = json_object_finish(&b, &parameters, &err);
    }
    if (ok(begun)) {
        begun = begin_call(s, STR("arn:aws:states:::aws-sdk:cloudwatchlogs:putLogEvents"),
                           STR("putLogEvents"), parameters, on_batch_sent, &err);
    }
    arena_reset(&s->owner->memory);
    if (failed(begun)) {
        s->sent = MAX_OF(s->sent, 1U);
        give_up(s, str_from(err.message, err.length));
    }
}

/* More records are sent at the timer's next time: no recursion, and a fuller batch. */
static void stream_go_on(stream *s)
{
    log_delivery *d = s->owner;
    if (!s->first) {
        map_remove(&d->streams, str_from(s->key, s->key_length));
        stream_free(s);
    } else if (!net_timer_is_running(d->timer)) {
        net_timer_start(d->timer, COLLECT_MS, 0);
    }
}

static void on_timer(void *user)
{
    log_delivery *d = user;
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&d->streams, &cursor));) {
        stream *s = entry->value;
        if (!s->call && s->first) {
            send_batch(s);
        }
    }
}

/* --------------------------------------------------------------------------------------- records
 */

static stream *find_stream(log_delivery *d, str group, str name)
{
    char key[1024];
    int length = snprintf(key, sizeof(key), "%.*s\n%.*s", STR_ARG(group), STR_ARG(name));
    if (length < 0 || (size_t)length >= sizeof(key)) {
        return NULL;
    }
    stream *s = map_get(&d->streams, str_from(key, (size_t)length));
    if (s) {
        return s;
    }
    s = calloc(1, sizeof(*s) + (size_t)length);
    if (!s) {
        return NULL;
    }
    s->owner = d;
    s->group_length = group.len;
    s->key_length = (size_t)length;
    memcpy(s->key, key, (size_t)length);
    if (failed(map_put(&d->streams, str_from(s->key, s->key_length), s, NULL))) {
        free(s);
        return NULL;
    }
    return s;
}

void log_delivery_add(log_delivery *d, str group, str name, int64_t time_ms, str message)
{
    size_t bytes = sizeof(record) + message.len;
    stream *s = NULL;
    record *r = NULL;
    if (d->waiting_bytes + bytes <= d->options.bytes_max) {
        s = find_stream(d, group, name);
        r = s ? malloc(bytes) : NULL;
    }
    if (!r) {
        lose(d, 1, STR("too many wait"));
        return; /* a stream without records is found again, or goes with the delivery */
    }
    *r = (record){.time_ms = time_ms, .len = message.len};
    memcpy(r->message, message.ptr, message.len);
    if (s->last) {
        s->last->next = r;
    } else {
        s->first = r;
    }
    s->last = r;
    d->waiting_bytes += bytes;
    if (!net_timer_is_running(d->timer)) {
        net_timer_start(d->timer, COLLECT_MS, 0);
    }
}

status log_delivery_new(const log_delivery_options *options, log_delivery **ret_delivery,
                        error *reterr)
{
    uint64_t seeds[2];
    log_delivery *d = calloc(1, sizeof(*d));
    if (!d || getrandom(seeds, sizeof(seeds), 0) != sizeof(seeds)) {
        free(d);
        return fail_memory(reterr);
    }
    d->options = *options;
    d->options.bytes_max = options->bytes_max ? options->bytes_max : WAITING_BYTES_MAX;
    arena_init(&d->memory, 0);
    map_init(&d->streams, seeds[0], seeds[1]);
    status made = net_timer_new(options->loop, on_timer, d, &d->timer, reterr);
    if (failed(made)) {
        log_delivery_free(d);
        return made;
    }
    *ret_delivery = d;
    return STATUS_OK;
}

static void on_flush_end(void *user)
{
    bool *is_over = user;
    *is_over = true;
}

void log_delivery_flush(log_delivery *d)
{
    bool is_over = false;
    uint64_t left = 0;
    net_timer *end = NULL;
    error err;
    if (d->waiting_bytes &&
        ok(net_timer_new(d->options.loop, on_flush_end, &is_over, &end, &err))) {
        net_timer_start(end, FLUSH_MS_MAX, 0);
        while (d->waiting_bytes && !is_over) {
            net_loop_turn(d->options.loop, true);
        }
        net_timer_free(end);
    }
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&d->streams, &cursor));) {
        const stream *s = entry->value;
        for (const record *r = s->first; r; r = r->next) {
            left++;
        }
    }
    d->lost += left;
    if (d->lost > d->lost_told) {
        tell_lost(d, left ? STR("the server ends") : STR("since it was told last"));
    }
}

void log_delivery_free(log_delivery *d)
{
    if (!d) {
        return;
    }
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&d->streams, &cursor));) {
        stream_free(entry->value);
    }
    map_clean_up(&d->streams);
    net_timer_free(d->timer);
    arena_clean_up(&d->memory);
    free(d);
}
