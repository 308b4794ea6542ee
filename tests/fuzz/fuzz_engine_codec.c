/* Stored bytes as hostile input. The first byte says which: 'e', a chunk of events; else the scopes
 * of an execution, each as id, length (one byte each) and bytes. What is taken for events can be
 * shown, and stored again to the same effect; what is taken for an execution can be stored and
 * restored again, and goes on, whatever comes. */
#include "engine/codec.h"

#include <stdlib.h>

#define SCOPES_MAX 16
#define IDS_MAX 24
#define LATE_MS (INT64_C(1) << 60) /* every timer is due */
#define ARENA_BYTES_MAX (64u << 20)

static const char definition[] =
    "{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"End\":true,\"ItemProcessor\":"
    "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Parallel\",\"End\":true,\"Branches\":["
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"TimeoutSeconds\":60,\"Resource\":"
    "\"arn:aws:lambda:us-east-1:123456789012:function:f\",\"Retry\":[{\"ErrorEquals\":[\"E\"]}],"
    "\"End\":true}}},{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":9,"
    "\"Assign\":{\"v.$\":\"$$\"},\"End\":true}}}]}}}}}}";

/* ptr NULL when it cannot be shown: its state is not there. */
static str shown(const engine_event *event, const asl_machine *machine, arena *a)
{
    json object;
    return ok(engine_event_to_json(event, machine, true, a, &object, NULL)) ? json_text(object, a)
                                                                            : STR_NONE;
}

static void decode(const asl_machine *machine, str bytes)
{
    arena a;
    buf out;
    const engine_event *events, *again;
    uint32_t count, again_count;
    arena_init(&a, ARENA_BYTES_MAX);
    buf_init(&out, ARENA_BYTES_MAX);
    if (ok(engine_events_decode(bytes, &a, &events, &count, NULL)) &&
        ok(engine_events_encode(events, count, &out, NULL))) {
        status st = engine_events_decode(buf_str(&out), &a, &again, &again_count, NULL);
        INVARIANT(ok(st) || st.code == ERROR_MEMORY);
        INVARIANT(failed(st) || again_count == count);
        for (uint32_t i = 0; ok(st) && i < count; i++) {
            str first = shown(&events[i], machine, &a), second = shown(&again[i], machine, &a);
            INVARIANT(!first.ptr || !second.ptr || str_equal(first, second));
        }
    }
    buf_clean_up(&out);
    arena_clean_up(&a);
}

static uint32_t split(str bytes, engine_stored_scope *scopes)
{
    uint32_t count = 0;
    while (bytes.len >= 2 && count < SCOPES_MAX) {
        size_t length = (unsigned char)bytes.ptr[1];
        scopes[count].id = (unsigned char)bytes.ptr[0];
        bytes = str_skip(bytes, 2);
        scopes[count++].bytes = str_take(bytes, length);
        bytes = str_skip(bytes, length);
    }
    return count;
}

static engine_execution *store_and_restore(engine_execution *x, const asl_machine *machine,
                                           const engine_stored_scope *scopes, uint32_t count)
{
    engine_stored_scope again[SCOPES_MAX];
    buf bytes[SCOPES_MAX];
    engine_execution *restored;
    for (uint32_t i = 0; i < count; i++) {
        buf_init(&bytes[i], ARENA_BYTES_MAX);
        INVARIANT(ok(engine_scope_encode(x, scopes[i].id, &bytes[i], NULL)));
        again[i] = (engine_stored_scope){scopes[i].id, buf_str(&bytes[i])};
    }
    INVARIANT(ok(engine_execution_restore(machine, engine_execution_identity(x), again, count,
                                          &restored, NULL)));
    for (uint32_t i = 0; i < count; i++) {
        buf_clean_up(&bytes[i]);
    }
    engine_execution_free(x);
    return restored;
}

static void restore(const asl_machine *machine, str bytes)
{
    static const engine_input_kind kinds[] = {ENGINE_CONTINUE, ENGINE_TASK_SUCCEEDED, ENGINE_TIMER,
                                              ENGINE_TASK_FAILED};
    engine_stored_scope scopes[SCOPES_MAX];
    engine_identity identity = {.execution_name = STR("x"), .region = STR("r")};
    uint32_t count = split(bytes, scopes);
    engine_execution *x;
    if (failed(engine_execution_restore(machine, &identity, scopes, count, &x, NULL))) {
        return;
    }
    x = store_and_restore(x, machine, scopes, count);
    arena a;
    engine_delta delta;
    const engine_effect *effects;
    arena_init(&a, ARENA_BYTES_MAX);
    (void)!ok(engine_execution_pending(x, &a, &effects, &count, NULL));
    for (uint64_t id = 0; id < IDS_MAX; id++) {
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
            engine_input in = {.kind = kinds[(i + (bytes.len & 3)) & 3],
                               .now_ms = LATE_MS,
                               .task_id = id,
                               .timer_id = id,
                               .value = json_null(),
                               .error = STR("E")};
            (void)!ok(engine_step(x, &in, &a, &delta, NULL));
        }
    }
    arena_clean_up(&a);
    engine_execution_free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const asl_machine *machine;
    if (!machine && failed(asl_compile(str_from_c(definition), NULL, &machine, NULL, NULL))) {
        abort();
    }
    str bytes = {(const char *)data, size};
    if (size && data[0] == 'e') {
        decode(machine, str_skip(bytes, 1));
    } else if (size) {
        restore(machine, str_skip(bytes, 1));
    }
    return 0;
}
