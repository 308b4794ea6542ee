/* engine/codec.h: what is stored is small, reads back as it was, and an execution restored from it
 * goes on as if nothing had happened; bytes that were never written by it do no harm. */
#include "cases.h"
#include "read_json.h"
#include "restoring.h"
#include "unit.h"

#include "base/entropy.h"

#include <dirent.h>

/* -------------------------------------------------------------------------------------- events */

static const char machine_text[] =
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Next\":\"B\"},"
    "\"B\":{\"Type\":\"Pass\",\"End\":true}}}";

static json parsed(const char *text, arena *a)
{
    error err = {0};
    json value;
    assert_ok(json_parse_into(str_from_c(text), a, &value, &err), err);
    return value;
}

/* The events as they read back; the chunk stays in `out`. */
static const engine_event *read_back(const engine_event *events, uint32_t count, buf *out, arena *a)
{
    error err = {0};
    const engine_event *again;
    uint32_t again_count;
    buf_reset(out);
    assert_ok(engine_events_encode(events, count, out, &err), err);
    assert_ok(engine_events_decode(buf_str(out), a, &again, &again_count, &err), err);
    assert_int_equal(again_count, count);
    return again;
}

static str shown(const engine_event *event, const asl_machine *machine, arena *a)
{
    error err = {0};
    json object;
    assert_ok(engine_event_to_json(event, machine, true, a, &object, &err), err);
    return json_text(object, a);
}

/* An event with every member set, or with none. */
static engine_event event_of(engine_event_type type, bool is_full, arena *a)
{
    engine_event event = {.type = type,
                          .state = 1,
                          .id = 7,
                          .previous_id = 3,
                          .time_ms = 1700000000123,
                          .index = -1,
                          .timeout_seconds = -1,
                          .heartbeat_seconds = -1};
    if (!is_full) {
        return event;
    }
    event.payload = parsed("{ \"a\" : [1.0, \"\\ud800\", \"\\u0000\"] }", a);
    event.payload_text = STR("{ \"a\" : [1.0, \"\\ud800\", \"\\u0000\"] }");
    event.assigned = parsed("{\"x\":{\"y\":[]},\"z\":1e400}", a);
    event.credentials = parsed("{\"RoleArn\":\"arn:r\"}", a);
    event.name = STR("arn:name");
    event.error = STR("E\0F");
    event.cause = STR("because \xED\xA0\x80");
    event.resource = STR("publish");
    event.resource_type = STR("sns");
    event.region = STR("us-east-1");
    event.location = STR("Output");
    event.worker = STR("");
    event.index = INT64_MAX;
    event.timeout_seconds = 0;
    event.heartbeat_seconds = 99999999;
    return event;
}

static void every_type_of_event_reads_back(void **state)
{
    arena a;
    buf out;
    error err = {0};
    const asl_machine *machine;
    (void)state;
    arena_init(&a, 0);
    buf_init(&out, 1u << 20);
    assert_ok(asl_compile(str_from_c(machine_text), NULL, &machine, NULL, &err), err);
    for (int type = 1; type < ENGINE_EVENT_TYPES; type++) {
        for (int is_full = 0; is_full < 2; is_full++) {
            engine_event event = event_of((engine_event_type)type, is_full, &a);
            const engine_event *again = read_back(&event, 1, &out, &a);
            assert_true(str_equal(shown(again, machine, &a), shown(&event, machine, &a)));
            assert_int_equal(again->state, event.state);
            assert_int_equal(again->index, event.index);
            assert_true(str_equal(again->worker, event.worker));
            assert_int_equal(again->worker.ptr != NULL, event.worker.ptr != NULL);
            assert_int_equal(again->payload_text.ptr != NULL, is_full);
        }
    }
    asl_machine_release(machine);
    buf_clean_up(&out);
    arena_clean_up(&a);
}

static void ids_and_times_may_jump_anywhere(void **state)
{
    arena a;
    buf out;
    (void)state;
    arena_init(&a, 0);
    buf_init(&out, 1u << 20);
    const struct {
        uint64_t id, previous;
        int64_t time_ms;
        uint32_t state;
    } rows[] = {{1, 0, 0, ASL_NONE},
                {2, 0, INT64_MAX, 0},
                {UINT64_MAX, 5, INT64_MIN, UINT32_MAX - 1},
                {3, UINT64_MAX, -1, 0},
                {4, 4, 1700000000000, ASL_NONE}};
    engine_event events[ARRAY_LENGTH(rows)];
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        events[i] = event_of(ENGINE_TASK_STATE_ABORTED, false, &a);
        events[i].id = rows[i].id;
        events[i].previous_id = rows[i].previous;
        events[i].time_ms = rows[i].time_ms;
        events[i].state = rows[i].state;
    }
    const engine_event *again = read_back(events, ARRAY_LENGTH(rows), &out, &a);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        assert_true(again[i].id == rows[i].id && again[i].previous_id == rows[i].previous);
        assert_true(again[i].time_ms == rows[i].time_ms && again[i].state == rows[i].state);
    }
    assert_ok(engine_events_encode(NULL, 0, &out, NULL), (error){.message = "no events"});
    buf_clean_up(&out);
    arena_clean_up(&a);
}

/* What the exit of one state and the entry of the next one have in common, and what a state adds to
 * its input, is what makes a chunk small. */
static void what_events_share_is_stored_once(void **state)
{
    enum { BYTES = 10000 };
    arena a;
    buf out, text;
    engine_event events[4];
    (void)state;
    arena_init(&a, 0);
    buf_init(&out, 1u << 20);
    buf_init(&text, 1u << 20);
    buf_add_literal(&text, "{\"long\":\"");
    for (int i = 0; i < BYTES; i++) {
        buf_add_char(&text, (char)('a' + i % 26));
    }
    buf_add_literal(&text, "\"}");
    for (size_t i = 0; i < ARRAY_LENGTH(events); i++) {
        events[i] = event_of(ENGINE_STATE_ENTERED, false, &a);
        events[i].id = i + 1;
        events[i].previous_id = i;
    }
    events[0].payload = events[1].payload = parsed(buf_c_str(&text), &a);
    error err = {0};
    assert_ok(json_object_with(&a, events[0].payload, json_literal("more"), json_from_int64(1),
                               &events[2].payload, &err),
              err);
    events[3].payload = events[0].payload;
    read_back(events, 1, &out, &a);
    size_t one = out.len;
    const engine_event *again = read_back(events, 4, &out, &a);
    assert_true(out.len < one + 40);
    assert_true(json_equal(again[2].payload, events[2].payload));
    assert_true(json_equal(again[3].payload, events[3].payload));
    assert_ptr_equal(again[1].payload.at.members, again[0].payload.at.members); /* parsed once */
    buf_clean_up(&text);
    buf_clean_up(&out);
    arena_clean_up(&a);
}

static void a_chunk_that_does_not_fit_leaves_the_buffer_as_it_was(void **state)
{
    arena a;
    buf out;
    error err = {0};
    (void)state;
    arena_init(&a, 0);
    engine_event events[] = {event_of(ENGINE_STATE_ENTERED, true, &a),
                             event_of(ENGINE_STATE_EXITED, true, &a)};
    for (size_t max = 0; max < 100; max++) {
        buf_init(&out, max + 2);
        buf_add_literal(&out, "ab");
        assert_int_equal(engine_events_encode(events, 2, &out, &err).code, ERROR_LIMIT);
        assert_str_equal(buf_str(&out), "ab");
        buf_clean_up(&out);
    }
    arena_clean_up(&a);
}

/* ------------------------------------------------------------------------------- hostile chunks */

static void decode_copy(str bytes, const asl_machine *machine)
{
    arena a;
    const engine_event *events;
    uint32_t count;
    char *exact = malloc(bytes.len ? bytes.len : 1); /* so that an overrun shows */
    assert_non_null(exact);
    memcpy(exact, bytes.ptr, bytes.len);
    arena_init(&a, 64u << 20);
    status st = engine_events_decode((str){exact, bytes.len}, &a, &events, &count, NULL);
    assert_true(ok(st) || st.code == ERROR_INVALID || st.code == ERROR_MEMORY);
    for (uint32_t i = 0; ok(st) && i < count; i++) {
        json object;
        if (ok(engine_event_to_json(&events[i], machine, true, &a, &object, NULL))) {
            assert_non_null(json_text(object, &a).ptr);
        }
    }
    arena_clean_up(&a);
    free(exact);
}

static void damaged_chunks_are_refused_or_mean_something_else(void **state)
{
    arena a;
    buf out;
    error err = {0};
    entropy noise = {.state = 1};
    const asl_machine *machine;
    engine_event events[6];
    const engine_event *again;
    uint32_t count;
    (void)state;
    arena_init(&a, 0);
    buf_init(&out, 1u << 20);
    assert_ok(asl_compile(str_from_c(machine_text), NULL, &machine, NULL, &err), err);
    for (size_t i = 0; i < ARRAY_LENGTH(events); i++) {
        events[i] = event_of(i % 2 ? ENGINE_STATE_EXITED : ENGINE_TASK_SCHEDULED_EVENT, true, &a);
        events[i].payload_text = STR_NONE;
    }
    events[2].payload = parsed("{\"a\":[1.0,\"\\ud800\",\"\\u0000\"],\"b\":2}", &a);
    read_back(events, ARRAY_LENGTH(events), &out, &a);
    str chunk = buf_str(&out);
    for (size_t length = 0; length < chunk.len; length++) {
        assert_int_equal(
            engine_events_decode(str_take(chunk, length), &a, &again, &count, NULL).code,
            ERROR_INVALID);
        decode_copy(str_take(chunk, length), machine);
    }
    for (int i = 0; i < 20000; i++) {
        size_t at = entropy_next(&noise) % chunk.len;
        char kept = out.ptr[at];
        out.ptr[at] = (char)entropy_next(&noise);
        decode_copy(chunk, machine);
        out.ptr[at] = kept;
    }
    buf_add_char(&out, 0); /* something is left over */
    assert_int_equal(engine_events_decode(buf_str(&out), &a, &again, &count, NULL).code,
                     ERROR_INVALID);
    asl_machine_release(machine);
    buf_clean_up(&out);
    arena_clean_up(&a);
}

/* A few bytes may say that a value begins as the last one did, many times over. */
static void a_chunk_cannot_expand_without_end(void **state)
{
    enum { EVENTS = 2000, BYTES = 100000 };
    arena a;
    buf out;
    const engine_event *events;
    uint32_t count;
    (void)state;
    arena_init(&a, 0);
    buf_init(&out, 1u << 20);
    buf_add_literal(&out, "\x01\xD0\x0F"); /* version, number of events */
    buf_add_literal(&out, "\x08\x03\x00\x01\xA2\x8D\x06\"");
    for (int i = 0; i < BYTES; i++) {
        buf_add_char(&out, 'a');
    }
    buf_add_char(&out, '"');
    for (int i = 1; i < EVENTS; i++) {
        buf_add_literal(&out, "\x08\x01\x02\xA2\x8D\x06\x00\x00"); /* all of the last one */
    }
    assert_int_equal(engine_events_decode(buf_str(&out), &a, &events, &count, NULL).code,
                     ERROR_INVALID);
    assert_true(a.bytes > 64u << 20 && a.bytes < 512u << 20);
    buf_clean_up(&out);
    arena_clean_up(&a);
}

/* --------------------------------------------------------------------------- restored executions
 */

typedef struct fixture {
    const asl_machine *machine;
    engine_execution *x;
    arena a;
    engine_delta delta;
} fixture;

static const engine_identity identity = {.execution_arn = {"arn:x", 5},
                                         .execution_name = {"x", 1},
                                         .region = {"us-east-1", 9},
                                         .start_time_ms = 1000,
                                         .limits = {.map_concurrency_max = 100000,
                                                    .history_events_max = 10000000,
                                                    .step_transitions_max = 10000000,
                                                    .payload_bytes_max = 64u << 20}};

static void begin(fixture *f, const char *definition, str input)
{
    error err = {0};
    engine_input in = {.kind = ENGINE_START, .now_ms = 1000};
    arena_init(&f->a, 0);
    assert_ok(asl_compile(str_from_c(definition), NULL, &f->machine, NULL, &err), err);
    assert_ok(engine_execution_new(f->machine, &identity, &f->x, &err), err);
    assert_ok(json_parse_into(input, &f->a, &in.value, &err), err);
    assert_ok(engine_step(f->x, &in, &f->a, &f->delta, &err), err);
}

static void end(fixture *f)
{
    engine_execution_free(f->x);
    asl_machine_release(f->machine);
    arena_clean_up(&f->a);
}

#define FUNCTION "arn:aws:lambda:us-east-1:123456789012:function:f"
static const char map_of_tasks[] =
    "{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"End\":true,\"ItemProcessor\":"
    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"" FUNCTION "\","
    "\"Next\":\"B\"},\"B\":{\"Type\":\"Task\",\"Resource\":\"" FUNCTION "\",\"End\":true}}}}}}";

static size_t changed_bytes(const fixture *f)
{
    error err = {0};
    buf out;
    buf_init(&out, 64u << 20);
    for (uint32_t i = 0; i < f->delta.changed_scope_count; i++) {
        assert_ok(engine_scope_encode(f->x, f->delta.changed_scopes[i], &out, &err), err);
    }
    size_t bytes = out.len;
    buf_clean_up(&out);
    return bytes;
}

/* Neither an iteration's own steps nor its end write its parent or its siblings again. */
static void a_step_of_a_large_map_stores_one_iteration(void **state)
{
    enum { ITEMS = 10000, STEPS = 100 };
    fixture f;
    buf items;
    error err = {0};
    uint64_t tasks[STEPS];
    (void)state;
    buf_init(&items, 16u << 20);
    buf_add_char(&items, '[');
    for (int i = 0; i < ITEMS; i++) {
        buf_add_format(&items, "%s{\"item\":%d}", i ? "," : "", i);
    }
    buf_add_char(&items, ']');
    begin(&f, map_of_tasks, buf_str(&items));
    uint32_t found = 0;
    for (uint32_t i = 0; i < f.delta.effect_count && found < STEPS; i++) {
        if (f.delta.effects[i].kind == ENGINE_EFFECT_START_TASK) {
            tasks[found++] = f.delta.effects[i].task_id;
        }
    }
    for (uint32_t i = 0; i < STEPS; i++) {
        engine_input in = {.kind = ENGINE_TASK_SUCCEEDED,
                           .now_ms = 2000,
                           .task_id = tasks[i],
                           .value = json_literal("done")};
        for (int k = 0; k < 2; k++) { /* A, and then B, with which the iteration ends */
            assert_ok(engine_step(f.x, &in, &f.a, &f.delta, &err), err);
            assert_int_equal(f.delta.changed_scope_count, 1);
            assert_int_equal(f.delta.ended_scope_count, 0);
            assert_true(changed_bytes(&f) < 80);
            in.task_id = k ? 0 : f.delta.effects[0].task_id;
        }
    }
    buf_clean_up(&items);
    end(&f);
}

static const char one_wait[] =
    "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Parallel\",\"End\":true,\"Branches\":["
    "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":9,\"End\":true}}},"
    "{\"StartAt\":\"V\",\"States\":{\"V\":{\"Type\":\"Wait\",\"Seconds\":9,\"End\":true}}}]}}}";

static void scopes_that_do_not_fit_together_are_refused(void **state)
{
    fixture f;
    buf bytes[3];
    engine_execution *x;
    error err = {0};
    (void)state;
    begin(&f, one_wait, STR("{}"));
    assert_int_equal(f.delta.changed_scope_count, 3);
    engine_stored_scope s[3];
    for (int i = 0; i < 3; i++) {
        buf_init(&bytes[i], 1u << 20);
        s[i].id = f.delta.changed_scopes[i];
        assert_ok(engine_scope_encode(f.x, s[i].id, &bytes[i], &err), err);
        s[i].bytes = buf_str(&bytes[i]);
    }
    assert_int_equal(s[0].id, 0);
    const engine_stored_scope empty = {0, STR_NONE}, twice_root = s[0];
    engine_stored_scope other = s[1], swapped = s[2];
    other.id = 0;
    swapped.bytes = s[1].bytes; /* the same place twice */
    const struct {
        engine_stored_scope scopes[4];
        uint32_t count;
    } wrong[] = {{{s[0]}, 0},
                 {{s[0]}, 1},                    /* nothing that it waits for */
                 {{s[1], s[2]}, 2},              /* no root */
                 {{s[0], s[1]}, 2},              /* one branch is missing */
                 {{s[0], s[1], s[1]}, 3},        /* twice */
                 {{s[0], s[1], s[2], other}, 4}, /* a branch as the root */
                 {{s[0], s[1], swapped}, 3},
                 {{twice_root, s[0], s[1], s[2]}, 4},
                 {{empty, s[1], s[2]}, 3}};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        assert_int_equal(engine_execution_restore(f.machine, &identity, wrong[i].scopes,
                                                  wrong[i].count, &x, &err)
                             .code,
                         ERROR_INVALID);
    }
    engine_stored_scope backwards[] = {s[2], s[1], s[0]};
    assert_ok(engine_execution_restore(f.machine, &identity, backwards, 3, &x, &err), err);
    engine_execution_free(x);
    assert_int_equal(engine_scope_encode(f.x, 4711, &bytes[0], &err).code, ERROR_NOT_FOUND);
    for (int i = 0; i < 3; i++) {
        buf_clean_up(&bytes[i]);
    }
    end(&f);
}

/* ------------------------------------------------------------------ all cases, step after step */

static str run(const char *path, restoring *h, replay *r)
{
    error err = {0};
    json given;
    arena_init(&r->memory, 0);
    restoring_begin(h, r);
    assert_ok(read_json_file(path, &r->memory, &given, &err), err);
    assert_ok(engine_case_request(given, &r->memory, &r->request, &err), err);
    assert_ok(asl_compile(text_of(r, "definition"), NULL, &r->machine, NULL, &err), err);
    replay_run(r);
    return buf_str(&h->transcript);
}

static void finish(restoring *h, replay *r)
{
    restoring_end(h);
    replay_clean_up(r);
    asl_machine_release(r->machine);
    arena_clean_up(&r->memory);
}

static size_t steps_restored;

/* Events and effects of every step are those of an execution that was never restored; what a
 * restored one waits for is what was asked for, word for word. */
static void check_case(const char *path, uint32_t step_transitions_max)
{
    restoring kept = {.is_off = true}, restored = {0};
    replay a = {.step_transitions_max = step_transitions_max};
    replay b = {.step_transitions_max = step_transitions_max};
    str wanted = run(path, &kept, &a), got = run(path, &restored, &b);
    if (!str_equal(wanted, got)) {
        fail_msg("%s: a restored execution goes another way:\n%.*s\ninstead of\n%.*s", path,
                 STR_ARG(got), STR_ARG(wanted));
    }
    steps_restored += restored.steps;
    finish(&kept, &a);
    finish(&restored, &b);
}

static void restored_executions_go_on_as_if_nothing_had_happened(void **state)
{
    const char *folder = GAIT_SOURCE_DIR "/tests/cases/engine";
    DIR *directory = opendir(folder);
    (void)state;
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[512];
        if (str_ends_with(str_from_c(entry->d_name), STR(".json"))) {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            check_case(path, 0);
            check_case(path, 1);
            check_case(path, 3);
        }
    }
    closedir(directory);
    assert_true(steps_restored > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_of_event_reads_back),
        cmocka_unit_test(ids_and_times_may_jump_anywhere),
        cmocka_unit_test(what_events_share_is_stored_once),
        cmocka_unit_test(a_chunk_that_does_not_fit_leaves_the_buffer_as_it_was),
        cmocka_unit_test(damaged_chunks_are_refused_or_mean_something_else),
        cmocka_unit_test(a_chunk_cannot_expand_without_end),
        cmocka_unit_test(a_step_of_a_large_map_stores_one_iteration),
        cmocka_unit_test(scopes_that_do_not_fit_together_are_refused),
        cmocka_unit_test(restored_executions_go_on_as_if_nothing_had_happened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
