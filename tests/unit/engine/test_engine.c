/* The engine, by cases: each file of tests/cases/engine says what it shows, a definition, what its
 * tasks answer, and the whole history that comes of it, a line an event:
 *
 *     4 PassStateEntered <3 +1500ms {"name":"B",...}      (id, type, previous id, time, details)
 *
 * Every case runs seven times: plain; again (the same bytes must come out); one transition a step;
 * stored and restored after every step, in both of these ways, with damaged bytes thrown in;
 * and with memory running out, at the allocator and at the arena, in each step as often as there
 * are places: the step fails, the execution is as it was, and the step made again goes through. */
#include "cases.h"
#include "engine/codec.h"
#include "read_json.h"
#include "unit.h"

#include <dirent.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_OWN_ALLOCATOR 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define HAS_OWN_ALLOCATOR 1
#endif

/* ---------------------------------------------------------------------- an allocator that fails */

static long allocations_left = -1; /* -1: never fails */
static long live_allocations;

#ifndef HAS_OWN_ALLOCATOR
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static bool runs_out(void)
{
    if (allocations_left < 0) {
        return false;
    }
    if (allocations_left == 0) {
        return true;
    }
    allocations_left--;
    return false;
}

void *malloc(size_t size)
{
    void *p = runs_out() ? NULL : __libc_malloc(size);
    live_allocations += p != NULL;
    return p;
}

void *calloc(size_t count, size_t size)
{
    void *p = runs_out() ? NULL : __libc_calloc(count, size);
    live_allocations += p != NULL;
    return p;
}

void *realloc(void *old, size_t size)
{
    void *p = runs_out() ? NULL : __libc_realloc(old, size);
    live_allocations += p != NULL && !old;
    return p;
}

void free(void *p)
{
    live_allocations -= p != NULL;
    __libc_free(p);
}
#endif

/* --------------------------------------------------------------------------------------- cases */

#define CASE_BYTES_MAX (1u << 20)

typedef struct engine_case {
    char path[512];
    json_doc *doc;
    json_doc *request;
} engine_case;

/* The driver's request. */
static void make_request(engine_case *c)
{
    arena a;
    json request;
    error err = {0};
    arena_init(&a, 0);
    assert_ok(engine_case_request(json_doc_root(c->doc), &a, &request, &err), err);
    assert_ok(json_freeze(request, &c->request, &err), err);
    arena_clean_up(&a);
}

static int load_case(void **state)
{
    engine_case *c = *state;
    error err = {0};
    buf text;
    assert_ok(read_text_file(c->path, &text, &err), err);
    assert_ok(json_parse(buf_str(&text), &c->doc, &err), err);
    buf_clean_up(&text);
    make_request(c);
    return 0;
}

static int unload_case(void **state)
{
    engine_case *c = *state;
    json_doc_release(c->doc);
    json_doc_release(c->request);
    return 0;
}

/* One line of the expected history. */
static void print_event(json event, buf *out)
{
    double seconds = json_double(json_get(event, STR("timestamp")));
    int64_t id = 0, previous = 0;
    assert_true(json_int64(json_get(event, STR("id")), &id));
    assert_true(json_int64(json_get(event, STR("previousEventId")), &previous));
    buf_add_format(out, "%lld %.*s <%lld +%lldms", (long long)id,
                   STR_ARG(json_str(json_get(event, STR("type")))), (long long)previous,
                   (long long)(seconds * 1000.0 + 0.5) - 1700000000000);
    if (json_count(event) > 4) {
        buf_add_char(out, ' ');
        json_print(json_member_at(event, 4)->value, out);
    }
}

static void start(replay *r, const engine_case *c)
{
    error err = {0};
    asl_diagnostics diagnostics;
    arena_init(&r->memory, 0);
    asl_diagnostics_init(&diagnostics);
    r->request = json_doc_root(c->request);
    assert_ok(asl_compile(text_of(r, "definition"), NULL, &r->machine, &diagnostics, &err), err);
    asl_diagnostics_clean_up(&diagnostics);
}

static void finish(replay *r)
{
    replay_clean_up(r);
    asl_machine_release(r->machine);
    arena_clean_up(&r->memory);
}

static void check_history(const replay *r, const engine_case *c)
{
    json expected = json_get(json_doc_root(c->doc), STR("expect"));
    for (uint32_t i = 0; i < r->event_count; i++) {
        buf line;
        buf_init(&line, CASE_BYTES_MAX);
        print_event(r->events[i], &line);
        str wanted = json_str(json_item(expected, i));
        if (!str_equal(buf_str(&line), wanted)) {
            fail_msg("%s:\n  expected %.*s\n  got      %.*s", c->path, STR_ARG(wanted),
                     STR_ARG(buf_str(&line)));
        }
        buf_clean_up(&line);
    }
    assert_int_equal(r->event_count, json_count(expected));
}

static void run_and_check(const engine_case *c, replay *r)
{
    start(r, c);
    replay_run(r);
    check_history(r, c);
    finish(r);
}

/* ------------------------------------------------------------------------------- out of memory */

static uint32_t failed_steps[2]; /* at the allocator, at the arena */

typedef struct scarcity {
    arena arena; /* of the attempt that succeeded: the delta is in it */
    bool is_in_use;
    bool limits_arena; /* else the allocator fails */
} scarcity;

/* Room for a little more than at the attempt before. */
static void shrink(arena *a, size_t attempt)
{
    const size_t parts = 16, part = ARENA_CHUNK_BYTES_MIN / 16;
    a->bytes_max = ARENA_CHUNK_BYTES_MIN * (attempt / parts + 1);
    assert_non_null(arena_alloc(a, (parts - 1 - attempt % parts) * part));
}

static status scarce_step(void *user, engine_execution *x, const engine_input *in, arena *a,
                          engine_delta *ret_delta, error *reterr)
{
    scarcity *s = user;
    (void)a;
    for (long attempt = 0;; attempt++) {
        uint64_t last_event = engine_execution_last_event(x);
        engine_outcome outcome = engine_execution_outcome(x);
        if (s->is_in_use) {
            arena_clean_up(&s->arena);
        }
        s->is_in_use = true;
        arena_init(&s->arena, 0);
        if (s->limits_arena) {
            shrink(&s->arena, (size_t)attempt);
        }
        allocations_left = s->limits_arena ? -1 : attempt;
        status st = engine_step(x, in, &s->arena, ret_delta, reterr);
        allocations_left = -1;
        if (ok(st)) {
            return st;
        }
        assert_int_equal(st.code, ERROR_MEMORY);
        failed_steps[s->limits_arena]++;
        assert_int_equal(engine_execution_last_event(x), last_event);
        assert_int_equal(engine_execution_outcome(x), outcome);
        assert_true(attempt < 20000);
    }
}

static void run_scarce(const engine_case *c, bool limits_arena)
{
    scarcity s = {.limits_arena = limits_arena};
    replay r = {.make_step = scarce_step, .user = &s};
    run_and_check(c, &r);
    arena_clean_up(&s.arena);
}

/* -------------------------------------------------------------------------- stored and restored */

#define FORMS_MAX 4096

typedef struct storage {
    replay *r;
    engine_execution *before; /* of the last step: the delta's events may point into it */
    struct {
        uint64_t id;
        buf bytes;
    } forms[FORMS_MAX];
    uint32_t count;
    uint64_t noise;
} storage;

static uint32_t form_at(const storage *s, uint64_t id)
{
    uint32_t at = 0;
    while (at < s->count && s->forms[at].id != id) {
        at++;
    }
    return at;
}

/* What a store does with a delta. */
static void store(storage *s, const engine_execution *x, const engine_delta *delta)
{
    error err = {0};
    for (uint32_t i = 0; i < delta->changed_scope_count; i++) {
        uint32_t at = form_at(s, delta->changed_scopes[i]);
        if (at == s->count) {
            assert_true(s->count < FORMS_MAX);
            s->forms[s->count].id = delta->changed_scopes[i];
            buf_init(&s->forms[s->count++].bytes, CASE_BYTES_MAX);
        }
        buf_reset(&s->forms[at].bytes);
        assert_ok(engine_scope_encode(x, delta->changed_scopes[i], &s->forms[at].bytes, &err), err);
    }
    for (uint32_t i = 0; i < delta->ended_scope_count; i++) {
        uint32_t at = form_at(s, delta->ended_scopes[i]);
        assert_true(at < s->count); /* it was stored, and is told once */
        buf_clean_up(&s->forms[at].bytes);
        s->forms[at] = s->forms[--s->count];
    }
}

static status restore(const storage *s, const engine_execution *x, engine_execution **ret_x,
                      error *reterr)
{
    static engine_stored_scope scopes[FORMS_MAX];
    for (uint32_t i = 0; i < s->count; i++) {
        scopes[i] = (engine_stored_scope){s->forms[i].id, buf_str(&s->forms[i].bytes)};
    }
    return engine_execution_restore(engine_execution_machine(x), engine_execution_identity(x),
                                    scopes, s->count, ret_x, reterr);
}

/* Bytes that were damaged are refused, or taken for another state: never more than that. */
static void restore_damaged(storage *s, const engine_execution *x)
{
    entropy noise = {.state = s->noise};
    for (int i = 0; i < 40 && s->count; i++) {
        buf *bytes = &s->forms[entropy_next(&noise) % s->count].bytes;
        char *at = &bytes->ptr[entropy_next(&noise) % bytes->len];
        char kept = *at;
        size_t length = bytes->len;
        engine_execution *other = NULL;
        *at = (char)entropy_next(&noise);
        bytes->len = i % 8 ? length : entropy_next(&noise) % length;
        if (ok(restore(s, x, &other, NULL))) {
            engine_execution_free(other);
        }
        bytes->len = length;
        *at = kept;
    }
    s->noise = noise.state;
}

/* The timers that a restored execution asks for are those that were set. */
static void check_pending(const replay *r, engine_execution *x)
{
    arena a;
    error err = {0};
    const engine_effect *effects;
    uint32_t count, timers = 0;
    arena_init(&a, 0);
    assert_ok(engine_execution_pending(x, &a, &effects, &count, &err), err);
    for (uint32_t i = 0; i < count; i++) {
        if (effects[i].kind != ENGINE_EFFECT_SET_TIMER) {
            assert_int_equal(effects[i].kind, ENGINE_EFFECT_START_TASK);
            continue;
        }
        size_t at = 0;
        while (at < r->timer_count && r->timers[at].id != effects[i].timer_id) {
            at++;
        }
        assert_true(at < r->timer_count);
        assert_int_equal(r->timers[at].at_ms, effects[i].at_ms);
        timers++;
    }
    assert_int_equal(timers, r->timer_count);
    arena_clean_up(&a);
}

/* Every step is made by an execution that has just been restored, and its events are read back. */
static status stored_step(void *user, engine_execution *x, const engine_input *in, arena *a,
                          engine_delta *ret_delta, error *reterr)
{
    storage *s = user;
    buf chunk;
    engine_execution_free(s->before);
    s->before = x;
    if (in->kind != ENGINE_TIMER && in->kind != ENGINE_START) {
        check_pending(s->r, x);
    }
    TRY(engine_step(x, in, a, ret_delta, reterr));
    buf_init(&chunk, CASE_BYTES_MAX);
    TRY(engine_events_encode(ret_delta->events, ret_delta->event_count, &chunk, reterr));
    str bytes = arena_str(a, buf_str(&chunk));
    buf_clean_up(&chunk);
    TRY(engine_events_decode(bytes, a, &ret_delta->events, &ret_delta->event_count, reterr));
    store(s, x, ret_delta);
    bool goes_on = engine_execution_outcome(x) == ENGINE_RUNNING || ret_delta->keeps_scopes;
    if (goes_on && !ret_delta->is_stale) {
        restore_damaged(s, x);
        TRY(restore(s, x, &s->r->x, reterr));
    } else {
        s->before = NULL;
    }
    return STATUS_OK;
}

static void run_stored(const engine_case *c, uint32_t step_transitions_max)
{
    static storage s;
    replay r = {.make_step = stored_step, .user = &s, .step_transitions_max = step_transitions_max};
    s = (storage){.r = &r, .noise = 1};
    run_and_check(c, &r);
    engine_execution_free(s.before);
    for (uint32_t i = 0; i < s.count; i++) {
        buf_clean_up(&s.forms[i].bytes);
    }
}

static void case_gives_its_history(void **state)
{
    const engine_case *c = *state;
    long live = live_allocations;
    for (int i = 0; i < 2; i++) {
        replay r = {0};
        run_and_check(c, &r);
    }
    replay slow = {.step_transitions_max = 1};
    run_and_check(c, &slow);
    run_stored(c, 0);
    run_stored(c, 1);
    run_scarce(c, true);
#ifndef HAS_OWN_ALLOCATOR
    run_scarce(c, false);
#endif
    assert_int_equal(live_allocations, live);
}

/* The cases above are worth something only if memory did run out, in many places. */
static void memory_ran_out_in_many_places(void **state)
{
    (void)state;
    assert_true(failed_steps[true] > 200);
#ifndef HAS_OWN_ALLOCATOR
    assert_true(failed_steps[false] > 300);
#endif
}

/* ------------------------------------------------------------------------------------ the list */

#define CASES_MAX 1000

static engine_case cases[CASES_MAX];
static char names[CASES_MAX][256];
static struct CMUnitTest tests[CASES_MAX + 1];

static int by_name(const void *a, const void *b)
{
    return strcmp(((const engine_case *)a)->path, ((const engine_case *)b)->path);
}

int main(void)
{
    const char *folder = GAIT_SOURCE_DIR "/tests/cases/engine";
    size_t count = 0;
    DIR *directory = opendir(folder);
    if (!directory) {
        fprintf(stderr, "test_engine: no cases at %s\n", folder);
        return 1;
    }
    for (struct dirent *entry; (entry = readdir(directory)) && count < CASES_MAX;) {
        if (str_ends_with(str_from_c(entry->d_name), STR(".json"))) {
            snprintf(cases[count++].path, sizeof cases[0].path, "%s/%s", folder, entry->d_name);
        }
    }
    closedir(directory);
    qsort(cases, count, sizeof cases[0], by_name);
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "%s", strrchr(cases[i].path, '/') + 1);
        tests[i] = (struct CMUnitTest){names[i], case_gives_its_history, load_case, unload_case,
                                       &cases[i]};
    }
    tests[count] = (struct CMUnitTest)cmocka_unit_test(memory_ran_out_in_many_places);
    return count ? _cmocka_run_group_tests("engine", tests, count + 1, NULL, NULL) : 1;
}
