/* A slot carries one event to its end, its pauses included; events wait in a queue for a slot.
 *
 *   queue ──> slot: send ──answered 2xx──> free
 *                    ▲ └──else──> pause ──┐
 *                    └────────────────────┘ until attemptsMax */
#include "runtime/status_events.h"

#include "base/digest.h"
#include "base/entropy.h"
#include "net/http_client.h"
#include "runtime/status_event.h"

#include <stdio.h>
#include <stdlib.h>

#define SLOTS 16 /* on their way at once */
#define QUEUE_BYTES_MAX (64u << 20)
#define EVENT_BYTES_MAX (4u << 20)
#define PAUSE_MS_MAX 60000
#define HTTP_MS_MAX 10000
#define COMPLAIN_MS_MIN 10000
#define CHUNKS_A_READ 64

typedef struct waiting {
    struct waiting *next;
    size_t len;
    char body[];
} waiting;

typedef struct slot {
    status_events *owner;
    waiting *event; /* owned; NULL: free */
    int64_t attempts;
    net_timer *pause;
    net_http_call *call;
    integration_task *task;
} slot;

struct status_events {
    status_events_options options;
    str url, function; /* one of them; both in `texts` */
    int64_t attempts_max, pause_ms, queue_max;
    arena texts, memory; /* memory: of one event */
    net_http_client *http;
    entropy random;
    buf body;
    waiting *first, *last;
    size_t waiting_bytes;
    uint64_t waiting_count, delivered, lost, lost_told;
    int64_t told_ms;
    bool has_told;
    slot slots[SLOTS];
};

/* --------------------------------------------------------------------------------------- loss */

/* An event is lost; told at most every ten seconds, with how many. */
static void lose(status_events *e, const char *why)
{
    char detail[512];
    int64_t now_ms = net_loop_now_ms(e->options.loop);
    e->lost++;
    if (e->has_told && now_ms - e->told_ms < COMPLAIN_MS_MIN) {
        return;
    }
    snprintf(detail, sizeof(detail), "%s (%llu lost)", why,
             (unsigned long long)(e->lost - e->lost_told));
    e->has_told = true;
    e->told_ms = now_ms;
    e->lost_told = e->lost;
    runtime_tell(&e->options.complain, true, "an execution status event is not delivered", detail);
}

/* ------------------------------------------------------------------------------------- delivery */

static void pump(status_events *e);

static void end_slot(slot *s)
{
    free(s->event);
    s->event = NULL;
    s->call = NULL;
    s->task = NULL;
    pump(s->owner);
}

static void attempt_failed(slot *s, bool may_retry, const char *why)
{
    status_events *e = s->owner;
    s->call = NULL;
    s->task = NULL;
    if (!may_retry || s->attempts >= e->attempts_max) {
        lose(e, why);
        end_slot(s);
        return;
    }
    int64_t doublings = MIN_OF(s->attempts - 1, (int64_t)16);
    int64_t pause_ms = MIN_OF(e->pause_ms << doublings, (int64_t)PAUSE_MS_MAX);
    net_timer_start(s->pause, pause_ms, 0);
}

static void attempt_worked(slot *s)
{
    s->owner->delivered++;
    end_slot(s);
}

/* Answers that another attempt may change: as EventBridge's API destinations. */
static bool may_try_again(unsigned code)
{
    return code >= 500 || code == 401 || code == 407 || code == 408 || code == 409 || code == 429;
}

static void http_done(void *user, const net_http_outcome *outcome)
{
    slot *s = user;
    char why[256];
    if (outcome->code == ERROR_NONE && outcome->status / 100 == 2) {
        attempt_worked(s);
        return;
    }
    if (outcome->code == ERROR_NONE) {
        snprintf(why, sizeof(why), "the target answers %u", outcome->status);
    } else {
        snprintf(why, sizeof(why), "%.*s", STR_ARG(str_take(outcome->message, 200)));
    }
    attempt_failed(s, outcome->code != ERROR_NONE || may_try_again(outcome->status), why);
}

static void function_done(void *user, const integration_result *result)
{
    slot *s = user;
    char why[256];
    if (result->succeeded) {
        attempt_worked(s);
        return;
    }
    snprintf(why, sizeof(why), "the function fails: %.*s",
             STR_ARG(str_take(result->has_error ? result->error : STR("no error name"), 200)));
    attempt_failed(s, true, why);
}

static status send_http(slot *s, error *reterr)
{
    status_events *e = s->owner;
    net_http_header header = {STR("Content-Type"), STR("application/json")};
    net_http_call_options call = {
        .method = STR("POST"),
        .url = e->url,
        .headers = &header,
        .header_count = 1,
        .body = {s->event->body, s->event->len},
        .total_ms_max = HTTP_MS_MAX,
    };
    if (!e->http) {
        TRY(net_http_client_new(e->options.loop, &e->http, reterr));
    }
    return net_http_call_start(e->http, &call, http_done, s, &s->call, reterr);
}

static status send_to_function(slot *s, error *reterr)
{
    status_events *e = s->owner;
    integration_call call = {
        .execution_arn = STR(""),
        .execution_name = STR(""),
        .state_name = STR(""),
        .resource = e->function,
        .service = STR("lambda"),
        .pattern = STR(""),
        .attempt = (uint32_t)(s->attempts - 1),
    };
    arena_reset(&e->memory);
    TRY(json_parse_into((str){s->event->body, s->event->len}, &e->memory, &call.payload, reterr));
    return integrations_start(e->options.tasks, &call, function_done, s, &s->task, reterr);
}

static void send(void *user)
{
    slot *s = user;
    error err;
    s->attempts++;
    status done = s->owner->url.ptr ? send_http(s, &err) : send_to_function(s, &err);
    if (failed(done)) {
        attempt_failed(s, true, err.message);
    }
}

/* Gives free slots what waits. Sending begins in the next turn, so that this never nests. */
static void pump(status_events *e)
{
    for (size_t i = 0; i < SLOTS && e->first; i++) {
        slot *s = &e->slots[i];
        if (s->event) {
            continue;
        }
        s->event = e->first;
        s->attempts = 0;
        e->first = s->event->next;
        e->last = e->first ? e->last : NULL;
        e->waiting_count--;
        e->waiting_bytes -= s->event->len;
        net_timer_start(s->pause, 0, 0);
    }
}

static void enqueue(status_events *e, str body)
{
    bool has_room =
        e->waiting_count < (uint64_t)e->queue_max && body.len <= QUEUE_BYTES_MAX - e->waiting_bytes;
    waiting *added = has_room ? malloc(sizeof(*added) + body.len) : NULL;
    if (!added) {
        lose(e, has_room ? "out of memory" : "too many are waiting for the target");
        return;
    }
    added->next = NULL;
    added->len = body.len;
    memcpy(added->body, body.ptr, body.len);
    if (e->last) {
        e->last->next = added;
    } else {
        e->first = added;
    }
    e->last = added;
    e->waiting_count++;
    e->waiting_bytes += body.len;
    pump(e);
}

/* ----------------------------------------------------------------------------------- the events */

/* That of the execution's ARN: state machines of other accounts may be here, too. */
static str account_of(str arn)
{
    str account = STR_NONE;
    for (int i = 0; i < 5; i++) { /* arn, partition, service, region, account */
        account = str_split_next(&arn, ':');
    }
    return account;
}

static void print_and_enqueue(status_events *e, const status_event *told)
{
    status_event event = *told;
    char id[UUID_TEXT_SIZE];
    error err;
    uint64_t random[] = {entropy_next(&e->random), entropy_next(&e->random)};
    uuid_from_entropy((const unsigned char *)random, id);
    event.id = id;
    event.account = account_of(told->execution->identity->execution_arn);
    event.region = e->options.region;
    buf_reset(&e->body);
    if (failed(status_event_print(&event, &e->memory, &e->body, &err))) {
        lose(e, err.message);
        return;
    }
    enqueue(e, buf_str(&e->body));
}

static str payload_of(const engine_event *event, arena *a)
{
    if (event->payload_text.ptr || json_is_absent(event->payload)) {
        return event->payload_text;
    }
    return json_text(event->payload, a);
}

/* The first event, which has the input. */
static str read_input(status_events *e, uint64_t seq)
{
    store_chunk *chunks;
    const engine_event *events;
    uint32_t count;
    status done =
        store_read_history(e->options.store, seq, 1, false, 1, &e->memory, &chunks, &count, NULL);
    if (failed(done) || !count ||
        failed(engine_events_decode(chunks[0].bytes, &e->memory, &events, &count, NULL)) ||
        !count) {
        return STR_NONE;
    }
    return payload_of(&events[0], &e->memory);
}

/* When it was last redriven, looking back from its end; -1 when it was not.
 */
static int64_t read_redrive(status_events *e, const shard_execution *execution)
{
    uint64_t from = 0;
    while (execution->identity->redrive_count) {
        store_chunk *chunks;
        const engine_event *events;
        uint32_t chunk_count, count;
        if (failed(store_read_history(e->options.store, execution->seq, from, true, CHUNKS_A_READ,
                                      &e->memory, &chunks, &chunk_count, NULL)) ||
            !chunk_count) {
            break;
        }
        for (uint32_t i = 0; i < chunk_count; i++) {
            if (failed(engine_events_decode(chunks[i].bytes, &e->memory, &events, &count, NULL))) {
                return -1;
            }
            for (uint32_t k = count; k-- > 0;) {
                if (events[k].type == ENGINE_EXECUTION_REDRIVEN) {
                    return events[k].time_ms;
                }
            }
        }
        if (chunks[chunk_count - 1].first_event <= 1) {
            break;
        }
        from = chunks[chunk_count - 1].first_event - 1;
    }
    return -1;
}

static uint64_t read_last_event(status_events *e, uint64_t seq)
{
    store_execution row;
    return ok(store_get_execution(e->options.store, seq, &e->memory, &row, NULL)) ? row.last_event
                                                                                  : 0;
}

bool status_events_want(const shard_execution *execution, const engine_event *events,
                        uint32_t count)
{
    if (execution->identity->is_express || !count) {
        return false;
    }
    bool is_start = events[0].type == ENGINE_EXECUTION_STARTED;
    return is_start || events[0].type == ENGINE_EXECUTION_REDRIVEN;
}

void status_events_add(status_events *e, const shard_execution *execution,
                       const engine_event *events, uint32_t count)
{
    if (!status_events_want(execution, events, count)) {
        return;
    }
    arena_reset(&e->memory);
    bool is_start = events[0].type == ENGINE_EXECUTION_STARTED;
    status_event event = {
        .execution = execution,
        .outcome = ENGINE_RUNNING,
        .time_ms = events[0].time_ms,
        .redriven_ms = is_start ? -1 : events[0].time_ms,
        .input = is_start ? payload_of(&events[0], &e->memory) : read_input(e, execution->seq),
    };
    print_and_enqueue(e, &event);
}

void status_events_finish(status_events *e, const shard_execution *execution,
                          const engine_effect *finish)
{
    if (execution->identity->is_express) {
        return;
    }
    arena_reset(&e->memory);
    bool has_output = finish->outcome == ENGINE_SUCCEEDED && !json_is_absent(finish->payload);
    str output = finish->payload_text.ptr || !has_output ? finish->payload_text
                                                         : json_text(finish->payload, &e->memory);
    status_event event = {
        .execution = execution,
        .outcome = finish->outcome,
        .time_ms = finish->at_ms,
        .redriven_ms = read_redrive(e, execution),
        .last_event = finish->outcome == ENGINE_SUCCEEDED ? 0 : read_last_event(e, execution->seq),
        .input = read_input(e, execution->seq),
        .output = has_output ? output : STR_NONE,
        .error = finish->error,
        .cause = finish->cause,
    };
    print_and_enqueue(e, &event);
}

status_events_counts status_events_count(const status_events *e)
{
    status_events_counts counts = {e->waiting_count, e->delivered, e->lost};
    for (size_t i = 0; i < SLOTS; i++) {
        counts.waiting += e->slots[i].event != NULL;
    }
    return counts;
}

/* ------------------------------------------------------------------------------------- settings */

static status read_number(json config, const char *name, int64_t max, int64_t *number,
                          error *reterr)
{
    json value = json_get(config, str_from_c(name));
    if (json_is_absent(value) || (json_int64(value, number) && *number >= 1 && *number <= max)) {
        return STATUS_OK;
    }
    return fail(reterr, ERROR_INVALID, "\"events\": \"%s\" wants a number from 1 to %lld", name,
                (long long)max);
}

static status check_members(json config, error *reterr)
{
    static const char *const known[] = {"target", "attemptsMax", "pauseMs", "queueMax"};
    for (uint32_t i = 0; i < json_count(config); i++) {
        str name = json_str(json_member_at(config, i)->name);
        bool is_known = false;
        for (size_t k = 0; k < ARRAY_LENGTH(known); k++) {
            is_known = is_known || str_equal(name, str_from_c(known[k]));
        }
        if (!is_known) {
            return fail(reterr, ERROR_INVALID, "\"events\" has a member \"%.*s\" that is not known",
                        STR_ARG(str_take(name, 64)));
        }
    }
    return STATUS_OK;
}

static status read_config(status_events *e, error *reterr)
{
    json config = e->options.config;
    str target = json_str(json_get(config, STR("target")));
    e->attempts_max = 5;
    e->pause_ms = 1000;
    e->queue_max = 10000;
    if (json_is(config, JSON_OBJECT)) {
        TRY(check_members(config, reterr));
        TRY(read_number(config, "attemptsMax", 20, &e->attempts_max, reterr));
        TRY(read_number(config, "pauseMs", PAUSE_MS_MAX, &e->pause_ms, reterr));
        TRY(read_number(config, "queueMax", 1000000, &e->queue_max, reterr));
    }
    bool is_url =
        str_starts_with(target, STR("http://")) || str_starts_with(target, STR("https://"));
    if (!is_url && (!str_starts_with(target, STR("function:")) || target.len == 9)) {
        return fail(reterr, ERROR_INVALID,
                    "\"events\" wants {\"target\": \"http://...\"} or {\"target\": "
                    "\"function:NAME\"}");
    }
    str copy = arena_str(&e->texts, target);
    if (!copy.ptr) {
        return fail_memory(reterr);
    }
    *(is_url ? &e->url : &e->function) = copy;
    return STATUS_OK;
}

status status_events_new(const status_events_options *options, status_events **ret_events,
                         error *reterr)
{
    status_events *e = calloc(1, sizeof(*e));
    if (!e) {
        return fail_memory(reterr);
    }
    e->options = *options;
    e->random = options->entropy;
    arena_init(&e->texts, 0);
    arena_init(&e->memory, 0);
    buf_init(&e->body, EVENT_BYTES_MAX);
    status done = read_config(e, reterr);
    for (size_t i = 0; i < SLOTS && ok(done); i++) {
        e->slots[i].owner = e;
        done = net_timer_new(options->loop, send, &e->slots[i], &e->slots[i].pause, reterr);
    }
    if (failed(done)) {
        status_events_free(e);
        return done;
    }
    *ret_events = e;
    return STATUS_OK;
}

void status_events_free(status_events *e)
{
    if (!e) {
        return;
    }
    status_events_counts counts = status_events_count(e);
    if (counts.waiting) {
        char detail[64];
        snprintf(detail, sizeof(detail), "%llu", (unsigned long long)counts.waiting);
        runtime_tell(&e->options.complain, true,
                     "execution status events were not delivered before the end", detail);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        slot *s = &e->slots[i];
        net_timer_free(s->pause);
        net_http_call_cancel(s->call);
        if (s->task) {
            integrations_cancel(s->task);
        }
        free(s->event);
    }
    for (waiting *at = e->first, *next; at; at = next) {
        next = at->next;
        free(at);
    }
    net_http_client_free(e->http);
    arena_clean_up(&e->texts);
    arena_clean_up(&e->memory);
    buf_clean_up(&e->body);
    free(e);
}
