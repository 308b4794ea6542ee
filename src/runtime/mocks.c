/* Counting: an execution's counts are made when its first mocked task comes. What its history holds
 * by then are the invocations before (after a restart), and the ones that are about to come: a task
 * is committed before it is started. So an invocation that has not ended waits for its task, the
 * oldest first, and what comes after all of them counts on.
 *
 * Counts are kept for the executions that were used last; others are read from the history again.
 */
#include "runtime/mocks.h"

#include "base/map.h"
#include "engine/codec.h"

#include <stdlib.h>

#define EXECUTIONS_KEPT_MAX 10000 /* ours */
#define CHUNKS_A_READ 1000

typedef struct state_count {
    uint64_t next;     /* number of the next invocation */
    uint64_t *waiting; /* owned: invocations in the history whose task has not come; ascending */
    uint32_t waiting_count, waiting_at;
} state_count;

typedef struct counts {
    uint64_t execution;            /* the map's key, as bytes */
    struct counts *before, *after; /* in order of use */
    state_count *states;           /* by the states' index; owned */
    uint32_t state_total;
} counts;

struct mocks {
    json_doc *file;
    store *from;
    runtime_tasks others;
    map by_execution;
    counts *first, *last; /* the one used longest ago is first */
};

/* ---------------------------------------------------------------------------------------- counts
 */

static void drop_counts(counts *c)
{
    for (uint32_t i = 0; i < c->state_total; i++) {
        free(c->states[i].waiting);
    }
    free(c->states);
    free(c);
}

static void free_counts(mocks *m, counts *c)
{
    *(c->before ? &c->before->after : &m->first) = c->after;
    *(c->after ? &c->after->before : &m->last) = c->before;
    map_remove(&m->by_execution, str_from((const char *)&c->execution, sizeof(c->execution)));
    drop_counts(c);
}

static status count_of(counts *c, uint32_t state, state_count **ret_count, error *reterr)
{
    if (state >= c->state_total) {
        uint32_t total = state + 1;
        state_count *grown = realloc(c->states, total * sizeof(*grown));
        if (!grown) {
            return fail_memory(reterr);
        }
        memset(grown + c->state_total, 0, (total - c->state_total) * sizeof(*grown));
        c->states = grown;
        c->state_total = total;
    }
    *ret_count = &c->states[state];
    return STATUS_OK;
}

static void use(mocks *m, counts *c)
{
    if (m->last == c) {
        return;
    }
    if (c->before || c->after || m->first == c) {
        *(c->before ? &c->before->after : &m->first) = c->after;
        *(c->after ? &c->after->before : &m->last) = c->before;
    }
    c->before = m->last;
    c->after = NULL;
    *(m->last ? &m->last->after : &m->first) = c;
    m->last = c;
}

typedef enum task_event { OTHER, BEGINS, GOES_ON, ENDS } task_event;

static const task_event task_events[ENGINE_EVENT_TYPES] = {
    [ENGINE_TASK_SCHEDULED_EVENT] = BEGINS,   [ENGINE_LAMBDA_SCHEDULED] = BEGINS,
    [ENGINE_ACTIVITY_SCHEDULED] = BEGINS,     [ENGINE_TASK_STARTED_EVENT] = GOES_ON,
    [ENGINE_TASK_SUBMITTED_EVENT] = GOES_ON,  [ENGINE_LAMBDA_STARTED] = GOES_ON,
    [ENGINE_ACTIVITY_STARTED] = GOES_ON,      [ENGINE_TASK_SUCCEEDED_EVENT] = ENDS,
    [ENGINE_TASK_FAILED_EVENT] = ENDS,        [ENGINE_TASK_TIMED_OUT_EVENT] = ENDS,
    [ENGINE_TASK_START_FAILED_EVENT] = ENDS,  [ENGINE_TASK_SUBMIT_FAILED_EVENT] = ENDS,
    [ENGINE_LAMBDA_SUCCEEDED] = ENDS,         [ENGINE_LAMBDA_FAILED] = ENDS,
    [ENGINE_LAMBDA_TIMED_OUT] = ENDS,         [ENGINE_LAMBDA_SCHEDULE_FAILED] = ENDS,
    [ENGINE_LAMBDA_START_FAILED] = ENDS,      [ENGINE_ACTIVITY_SUCCEEDED] = ENDS,
    [ENGINE_ACTIVITY_FAILED] = ENDS,          [ENGINE_ACTIVITY_TIMED_OUT] = ENDS,
    [ENGINE_ACTIVITY_SCHEDULE_FAILED] = ENDS,
};

/* An invocation found in the history, in the order of its scheduled event. */
typedef struct invocation {
    uint32_t state;
    uint64_t number;
    uint64_t last_event; /* of those that tell of it */
    bool has_ended;
} invocation;

typedef struct past {
    invocation *items; /* owned */
    uint32_t count, room;
} past;

static status add_event(past *p, counts *c, const engine_event *event, error *reterr)
{
    task_event kind = task_events[event->type];
    if (kind == BEGINS && event->state != ASL_NONE) {
        state_count *s = NULL;
        TRY(count_of(c, event->state, &s, reterr));
        if (p->count == p->room) {
            uint32_t room = p->room ? 2 * p->room : 64;
            invocation *grown = realloc(p->items, room * sizeof(*grown));
            if (!grown) {
                return fail_memory(reterr);
            }
            p->items = grown;
            p->room = room;
        }
        p->items[p->count++] = (invocation){event->state, s->next++, event->id, false};
        return STATUS_OK;
    }
    /* The newest first: what goes on is mostly what began last. */
    for (uint32_t i = p->count; kind != OTHER && i > 0; i--) {
        invocation *v = &p->items[i - 1];
        if (v->last_event == event->previous_id && !v->has_ended) {
            v->last_event = event->id;
            v->has_ended = kind == ENDS;
            break;
        }
    }
    return STATUS_OK;
}

static status keep_waiting(const past *p, counts *c, error *reterr)
{
    for (uint32_t i = 0; i < p->count; i++) {
        state_count *s = &c->states[p->items[i].state];
        if (p->items[i].has_ended) {
            continue;
        }
        uint64_t *grown = realloc(s->waiting, (s->waiting_count + 1) * sizeof(*grown));
        if (!grown) {
            return fail_memory(reterr);
        }
        s->waiting = grown;
        s->waiting[s->waiting_count++] = p->items[i].number;
    }
    return STATUS_OK;
}

static status read_past(mocks *m, counts *c, error *reterr)
{
    past p = {0};
    arena a;
    arena_init(&a, 0);
    uint64_t from = 1;
    uint32_t count = CHUNKS_A_READ;
    status done = STATUS_OK;
    while (ok(done) && count == CHUNKS_A_READ) {
        store_chunk *chunks;
        arena_reset(&a);
        done = store_read_history(m->from, c->execution, from, false, CHUNKS_A_READ, &a, &chunks,
                                  &count, reterr);
        for (uint32_t i = 0; ok(done) && i < count; i++) {
            const engine_event *events;
            uint32_t event_count;
            done = engine_events_decode(chunks[i].bytes, &a, &events, &event_count, reterr);
            for (uint32_t k = 0; ok(done) && k < event_count; k++) {
                done = add_event(&p, c, &events[k], reterr);
            }
            from = chunks[i].first_event + chunks[i].event_count;
        }
    }
    if (ok(done)) {
        done = keep_waiting(&p, c, reterr);
    }
    arena_clean_up(&a);
    free(p.items);
    return done;
}

static status make_counts(mocks *m, const runtime_task *task, counts **ret_counts, error *reterr)
{
    counts *c = calloc(1, sizeof(*c));
    if (!c) {
        return fail_memory(reterr);
    }
    c->execution = task->execution;
    /* What is Express has no history. */
    status done = m->from && !task->identity->is_express ? read_past(m, c, reterr) : STATUS_OK;
    if (ok(done)) {
        done = map_put(&m->by_execution,
                       str_from((const char *)&c->execution, sizeof(c->execution)), c, reterr);
    }
    if (failed(done)) {
        drop_counts(c);
        return done;
    }
    use(m, c);
    while (m->by_execution.live > EXECUTIONS_KEPT_MAX) {
        free_counts(m, m->first);
    }
    *ret_counts = c;
    return STATUS_OK;
}

static status count_invocation(mocks *m, const runtime_task *task, uint64_t *ret_number,
                               error *reterr)
{
    str key = str_from((const char *)&task->execution, sizeof(task->execution));
    counts *c = map_get(&m->by_execution, key);
    state_count *s = NULL;
    if (!c) {
        TRY(make_counts(m, task, &c, reterr));
    }
    use(m, c);
    TRY(count_of(c, task->effect->state->index, &s, reterr));
    *ret_number = s->waiting_at < s->waiting_count ? s->waiting[s->waiting_at++] : s->next++;
    return STATUS_OK;
}

/* --------------------------------------------------------------------------------------- answers
 */

typedef struct answering {
    const runtime_task *task;
    runtime_receive *receive;
    void *receiver;
} answering;

static void tell_started(const answering *to)
{
    engine_input input = {.kind = ENGINE_TASK_STARTED, .task_id = to->task->effect->task_id};
    to->receive(to->receiver, to->task->execution, &input);
}

/* A job or a callback is submitted and ends in one step: after a crash between the two nobody would
 * ever send the token. */
static void tell_succeeded(const answering *to, json value)
{
    engine_input input = {.kind = ENGINE_TASK_SUCCEEDED,
                          .task_id = to->task->effect->task_id,
                          .value = value,
                          .is_submission = to->task->effect->state->as.task.resource.pattern !=
                                           ASL_REQUEST_RESPONSE};
    to->receive(to->receiver, to->task->execution, &input);
}

static void tell_failed(const answering *to, str error_name, str cause)
{
    engine_input input = {.kind = ENGINE_TASK_FAILED,
                          .task_id = to->task->effect->task_id,
                          .error = error_name,
                          .cause = cause};
    to->receive(to->receiver, to->task->execution, &input);
}

static void answer(const answering *to, json found)
{
    const asl_resource *resource = &to->task->effect->state->as.task.resource;
    json thrown = json_get(found, STR("Throw"));
    json returned = json_get(found, STR("Return"));
    if (resource->kind == ASL_RESOURCE_ACTIVITY) {
        tell_started(to);
    }
    if (!json_is_absent(thrown)) {
        tell_failed(to, json_str(json_get(thrown, STR("Error"))),
                    json_str(json_get(thrown, STR("Cause"))));
        return;
    }
    tell_succeeded(to, returned);
}

/* The response that the task's test case gives its state; absent: it is not mocked. */
static str response_of(const mocks *m, const runtime_task *task, arena *a)
{
    json extra, states;
    if (!task->extra.len || failed(json_parse_into(task->extra, a, &extra, NULL))) {
        return STR_NONE;
    }
    str test_case = json_str(json_get(extra, MOCKS_TEST_CASE));
    str rest = task->identity->machine_name;
    str machine = str_split_next(&rest, '/'); /* a map run's children are of NAME/LABEL */
    if (!test_case.ptr ||
        failed(mock_config_case(json_doc_root(m->file), machine, test_case, &states, NULL))) {
        return STR_NONE;
    }
    return json_str(json_get(states, task->effect->state->name));
}

static void start(void *self, const runtime_task *task, runtime_receive *receive, void *receiver)
{
    mocks *m = self;
    const answering to = {task, receive, receiver};
    uint64_t number = 0;
    error err;
    arena a;
    arena_init(&a, 0);
    str response = response_of(m, task, &a);
    if (!response.ptr) {
        m->others.start(m->others.self, task, receive, receiver);
    } else if (failed(count_invocation(m, task, &number, &err))) {
        tell_failed(&to, STR("States.Runtime"), str_from(err.message, err.length));
    } else {
        json found = mock_config_answer(json_doc_root(m->file), response, number);
        str cause = arena_printf(&a,
                                 "The mocked response '%.*s' says nothing of invocation %llu of "
                                 "the state '%.*s'",
                                 STR_ARG(response), (unsigned long long)number,
                                 STR_ARG(task->effect->state->name));
        if (json_is_absent(found)) {
            tell_failed(&to, STR("States.Runtime"), cause);
        } else {
            answer(&to, found);
        }
    }
    arena_clean_up(&a);
}

static void cancel(void *self, uint64_t execution, uint64_t task_id)
{
    mocks *m = self;
    m->others.cancel(m->others.self, execution, task_id); /* mocked ones have ended */
}

static void forget(void *self, uint64_t execution, uint64_t task_id)
{
    mocks *m = self;
    runtime_tasks_forget(&m->others, execution, task_id);
}

static uint32_t in_flight(void *self)
{
    mocks *m = self;
    return m->others.in_flight(m->others.self);
}

runtime_tasks mocks_tasks(mocks *m)
{
    return (runtime_tasks){
        .self = m, .start = start, .cancel = cancel, .in_flight = in_flight, .forget = forget};
}

/* ----------------------------------------------------------------------------------------- others
 */

status mocks_check_case(void *user, str machine_name, str test_case, const asl_machine *machine,
                        error *reterr)
{
    const mocks *m = user;
    json states;
    TRY(mock_config_case(json_doc_root(m->file), machine_name, test_case, &states, reterr));
    return mock_config_check_states(states, machine, reterr);
}

bool mocks_has_state(const mocks *m, str machine_name, str test_case, str state_name)
{
    json states;
    return ok(mock_config_case(json_doc_root(m->file), machine_name, test_case, &states, NULL)) &&
           json_find(states, state_name) >= 0;
}

status mocks_new(str file_text, store *from, runtime_tasks others, mocks **ret_mocks, error *reterr)
{
    json_doc *file = NULL;
    TRY(json_parse(file_text, &file, reterr));
    mocks *m = calloc(1, sizeof(*m));
    status made = m ? mock_config_check(json_doc_root(file), reterr) : fail_memory(reterr);
    if (failed(made)) {
        json_doc_release(file);
        free(m);
        return made;
    }
    *m = (mocks){.file = file, .from = from, .others = others};
    map_init(&m->by_execution, 0, 0);
    *ret_mocks = m;
    return STATUS_OK;
}

void mocks_free(mocks *m)
{
    if (!m) {
        return;
    }
    while (m->first) {
        free_counts(m, m->first);
    }
    map_clean_up(&m->by_execution);
    json_doc_release(m->file);
    free(m);
}
