/* What must hold, whatever happens. */
#include "world.h"

#include "engine/codec.h"
#include "runtime/shard_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define DEADLINES_MAX 200 /* what the plays have at a time is far less */
#define LATE_MS_MAX 5000  /* batches take time, and the disk refuses now and then */

static const char *const crash_names[] = {
    [SIM_NO_CRASH] = "none",     [SIM_CRASH_BEFORE] = "before", [SIM_CRASH_AFTER] = "after",
    [SIM_CRASH_MIDST] = "midst", [SIM_CRASH_STORM] = "storm",
};

void sim_failed(const sim_world *w, const char *what, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "seed %llu, batch %u, %lld ms: ", (unsigned long long)w->plan.seed, w->commits,
            (long long)w->now_ms);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(
        stderr,
        "\n  does not hold: %s\n  again: sim --seed %llu --crash %s --crash-at %u%s --verbose\n",
        what, (unsigned long long)w->plan.seed, crash_names[w->plan.crash], w->plan.crash_at,
        w->plan.is_calm ? " --calm" : "");
    fflush(stderr);
    _Exit(1);
}

void sim_say(const sim_world *w, const char *format, ...)
{
    if (w->plan.is_verbose) {
        va_list arguments;
        va_start(arguments, format);
        fprintf(stderr, "%12lld  ", (long long)w->now_ms);
        vfprintf(stderr, format, arguments);
        fputc('\n', stderr);
        va_end(arguments);
    }
}

/* -------------------------------------------------------------------------------------- history */

static sim_history *history_of(sim_world *w, uint64_t seq)
{
    if (seq >= w->history_count) {
        uint32_t count = (uint32_t)seq + 8;
        w->histories =
            arena_grow(&w->memory, w->histories, w->history_count * sizeof(*w->histories),
                       count * sizeof(*w->histories));
        sim_check(w, w->histories, "out of memory");
        memset(w->histories + w->history_count, 0,
               (count - w->history_count) * sizeof(*w->histories));
        w->history_count = count;
    }
    return &w->histories[seq];
}

uint64_t sim_last_event(sim_world *w, uint64_t seq)
{
    return history_of(w, seq)->last_event;
}

void sim_check_batch(sim_world *w, const batch *b)
{
    for (uint32_t i = 0; i < b->count; i++) {
        const store_write *write = &b->writes[i];
        if (write->kind != STORE_APPEND_HISTORY) {
            continue;
        }
        sim_history *h = history_of(w, write->seq);
        sim_check(w, write->chunk.first_event == h->last_event + 1,
                  "execution %llu: event %llu follows event %llu", (unsigned long long)write->seq,
                  (unsigned long long)write->chunk.first_event, (unsigned long long)h->last_event);
        h->last_event += write->chunk.event_count;
        if (h->chunk_count == h->chunk_room) {
            uint32_t room = h->chunk_room + 16;
            h->digests = arena_grow(&w->memory, h->digests, h->chunk_room * sizeof(uint64_t),
                                    room * sizeof(uint64_t));
            sim_check(w, h->digests, "out of memory");
            h->chunk_room = room;
        }
        h->digests[h->chunk_count++] = sim_hash(1, write->chunk.bytes);
    }
}

void sim_check_histories(sim_world *w)
{
    arena a;
    arena_init(&a, 0);
    for (uint32_t seq = 1; seq < w->history_count; seq++) {
        sim_history *h = &w->histories[seq];
        store_chunk *chunks = NULL;
        uint32_t count = 0;
        arena_reset(&a);
        sim_check(w,
                  ok(store_read_history(w->store, seq, 1, false, UINT32_MAX >> 1, &a, &chunks,
                                        &count, NULL)) ||
                      !h->chunk_count,
                  "the history cannot be read");
        sim_check(w, count == h->chunk_count, "execution %u has %u chunks of events, committed %u",
                  seq, count, h->chunk_count);
        for (uint32_t i = 0; i < count; i++) {
            sim_check(w, sim_hash(1, chunks[i].bytes) == h->digests[i],
                      "execution %u: an event has changed", seq);
        }
    }
    arena_clean_up(&a);
}

/* --------------------------------------------------------------------------- tasks and deadlines
 */

bool sim_find(sim_world *w, str arn, arena *a, store_execution *ret_row)
{
    return ok(store_find_execution(w->store, arn, a, ret_row, NULL));
}

const asl_machine *sim_machine_of(sim_world *w, const store_execution *row, arena *a,
                                  json *ret_told)
{
    const asl_machine *machine = NULL;
    sim_check(w,
              ok(json_parse_into(row->text, a, ret_told, NULL)) &&
                  ok(shard_definition(w->shard, json_str(json_get(*ret_told, STR("definition"))),
                                      &machine, NULL)),
              "%.*s has no definition", STR_ARG(row->arn));
    return machine;
}

static bool is_pending(sim_world *w, const sim_task *task)
{
    arena a;
    arena_init(&a, 0);
    engine_execution *execution = NULL;
    const engine_effect *effects = NULL;
    store_execution row;
    store_scope *stored;
    json told;
    int64_t workflow = 0;
    uint32_t count = 0;
    bool found = false;
    if (ok(store_get_execution(w->store, task->seq, &a, &row, NULL)) &&
        ok(store_read_scopes(w->store, task->seq, &a, &stored, &count, NULL)) && count) {
        const asl_machine *machine = sim_machine_of(w, &row, &a, &told);
        json_int64(json_get(told, STR("workflow")), &workflow);
        engine_identity identity = {.execution_arn = task->of->arn,
                                    .execution_name = task->of->name,
                                    .workflow = (uint32_t)workflow};
        engine_stored_scope *scopes = arena_array(&a, engine_stored_scope, count);
        for (uint32_t i = 0; scopes && i < count; i++) {
            scopes[i] = (engine_stored_scope){stored[i].id, stored[i].bytes};
        }
        sim_check(
            w,
            ok(engine_execution_restore(machine, &identity, scopes, count, &execution, NULL)) &&
                ok(engine_execution_pending(execution, &a, &effects, &count, NULL)),
            "%.*s cannot be restored", STR_ARG(task->of->name));
        for (uint32_t i = 0; i < count; i++) {
            found |= effects[i].kind == ENGINE_EFFECT_START_TASK && effects[i].task_id == task->id;
        }
    }
    engine_execution_free(execution);
    arena_clean_up(&a);
    return found;
}

void sim_check_dispatched(sim_world *w)
{
    for (sim_task *task = w->tasks; task; task = task->next) {
        if (task->is_new && task->is_dispatched) {
            sim_check(w, is_pending(w, task), "task %llu of %.*s left before its commit",
                      (unsigned long long)task->id, STR_ARG(task->of->name));
        }
        task->is_new = false;
    }
}

/* Express executions are counted, too, and the store has none of them that runs. */
static void check_open_count(sim_world *w)
{
    store_totals totals;
    sim_check(w, ok(store_read_totals(w->store, &totals, NULL)), "the totals cannot be read");
    uint64_t open = shard_count(w->shard).open;
    sim_check(w, open >= totals.open_count, "%llu executions are open, the shard counts %llu",
              (unsigned long long)totals.open_count, (unsigned long long)open);
}

/* A deadline that the store has no more may be left over (src/runtime/shard_deadlines.c); one that
 * was moved may not. */
static void check_moved(sim_world *w, const store_timer *stored, uint32_t count)
{
    const timers *kept = &w->shard->deadlines;
    for (uint32_t i = 0; i < kept->count; i++) {
        const timers_entry *here = &kept->heap[i];
        for (uint32_t k = 0; k < count; k++) {
            sim_check(w,
                      stored[k].seq != here->key.owner || stored[k].id != here->key.id ||
                          stored[k].due_ms == here->due_ms,
                      "deadline %llu of execution %llu is at %lld, the shard has it at %lld",
                      (unsigned long long)stored[k].id, (unsigned long long)stored[k].seq,
                      (long long)stored[k].due_ms, (long long)here->due_ms);
        }
    }
}

void sim_check_deadlines(sim_world *w)
{
    arena a;
    arena_init(&a, 0);
    store_timer *stored;
    uint32_t count = 0;
    if (w->shard && !w->batch &&
        ok(store_list_timers(w->store, NULL, DEADLINES_MAX, &a, &stored, &count, NULL)) && count) {
        int64_t due_ms = MAX_OF(stored[0].due_ms, w->now_ms);
        sim_check(w, w->alarm_ms >= 0 && w->alarm_ms <= due_ms,
                  "a deadline is at %lld, the alarm at %lld", (long long)due_ms,
                  (long long)w->alarm_ms);
        if (!w->shard->open->work.count && !w->shard->open->first) {
            check_moved(w, stored, count);
            check_open_count(w);
        }
    }
    arena_clean_up(&a);
}

/* ------------------------------------------------------------------------------------- the end */

/* A Wait is over when its time has come: not before, and not long after. */
static void check_waits(sim_world *w, const asl_machine *machine, const engine_event *events,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const engine_event *out = &events[i];
        if (out->type != ENGINE_STATE_EXITED || machine->states[out->state].type != ASL_WAIT) {
            continue;
        }
        const engine_event *in = &events[out->previous_id - 1];
        const asl_node *seconds = machine->states[out->state].as.wait.value;
        int64_t asked;
        if (in->type != ENGINE_STATE_ENTERED || seconds->kind != ASL_LITERAL ||
            !json_int64(seconds->as.literal, &asked)) {
            continue;
        }
        int64_t waited_ms = out->time_ms - in->time_ms;
        sim_check(w,
                  waited_ms >= asked * 1000 &&
                      waited_ms <= asked * 1000 + w->downtime_ms + LATE_MS_MAX,
                  "event %llu: a Wait of %lld s took %lld ms", (unsigned long long)out->id,
                  (long long)asked, (long long)waited_ms);
    }
}

/* Of a map run's Express child only the first and the last event are kept. */
bool sim_is_express(const store_execution *row)
{
    return str_find(row->arn, STR(":express:")) != STR_NOT_FOUND;
}

const engine_event *sim_read_events(sim_world *w, const store_execution *row, arena *a)
{
    const engine_event *events = NULL;
    uint32_t count = 0, total = 0;
    store_chunk *chunks = NULL;
    sim_check(w,
              ok(store_read_history(w->store, row->seq, 1, false, UINT32_MAX >> 1, a, &chunks,
                                    &count, NULL)),
              "the history cannot be read");
    engine_event *all = arena_array(a, engine_event, row->last_event);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t here = 0;
        sim_check(w,
                  ok(engine_events_decode(chunks[i].bytes, a, &events, &here, NULL)) && all &&
                      total + here <= row->last_event,
                  "a chunk cannot be read");
        memcpy(all + total, events, here * sizeof(*all));
        total += here;
    }
    for (uint32_t i = 0; i < total; i++) {
        sim_check(w, all[i].id == i + 1 && all[i].previous_id <= i, "%.*s: event %u has id %llu",
                  STR_ARG(row->name), i + 1, (unsigned long long)all[i].id);
    }
    sim_check(w, total == row->last_event && total, "%.*s: events are missing", STR_ARG(row->name));
    return all;
}

/* A redrive is told once, and each one. */
static void check_redrives(sim_world *w, const sim_execution *e, const engine_event *events,
                           uint32_t count)
{
    uint32_t redrives = 0;
    for (uint32_t i = 0; i < count; i++) {
        redrives += events[i].type == ENGINE_EXECUTION_REDRIVEN;
    }
    sim_check(w, redrives == e->redrives, "%.*s was redriven %u times, its history says %u",
              STR_ARG(e->name), e->redrives, redrives);
}

/* The cause of a failed child holds names and dates, which differ. */
static char *end_text(sim_world *w, const sim_execution *e, const store_execution *row, arena *a)
{
    json told;
    const asl_machine *machine = sim_machine_of(w, row, a, &told);
    const engine_event *all = sim_read_events(w, row, a);
    check_redrives(w, e, all, (uint32_t)row->last_event);
    if (!e->redrives) {
        check_waits(w, machine, all, (uint32_t)row->last_event);
    }
    const engine_event *last = &all[row->last_event - 1];
    bool has_names = str_equal(last->error, STR("States.TaskFailed"));
    str payload = json_text(last->payload, a);
    str text =
        arena_printf(a, "%s %.*s %.*s %.*s", engine_event_name(last, machine), STR_ARG(payload),
                     STR_ARG(last->error), STR_ARG(has_names ? STR("") : last->cause));
    return str_duplicate(text);
}

void sim_check_end(sim_world *w, sim_result *ret_result)
{
    arena a;
    arena_init(&a, 0);
    store_timer *stored;
    uint64_t *seqs;
    uint32_t count = 0;
    sim_check_histories(w);
    sim_check_offspring(w);
    for (uint32_t i = 0; i < w->execution_count; i++) {
        sim_execution *e = &w->executions[i];
        store_execution row;
        sim_check(w, sim_find(w, e->arn, &a, &row), "%.*s was started, and is not there",
                  STR_ARG(e->name));
        sim_check(w,
                  e->stopped != SIM_ACKNOWLEDGED || row.status == STORE_ABORTED || e->redrives_max,
                  "%.*s was stopped, and is not ABORTED", STR_ARG(e->name));
        sim_check(w, row.status != STORE_ABORTED || e->stopped != SIM_UNSENT || e->was_stopping,
                  "%.*s was not stopped, and is ABORTED", STR_ARG(e->name));
        ret_result->ends[i] = end_text(w, e, &row, &a);
        if (row.status == STORE_ABORTED && ret_result->ends[i]) {
            ret_result->ends[i][0] = '\0';
        }
    }
    sim_check(w, ok(store_list_timers(w->store, NULL, 1, &a, &stored, &count, NULL)) && !count,
              "a deadline is left");
    sim_check(w, ok(store_list_in_flight(w->store, 0, 1, &a, &seqs, &count, NULL)) && !count,
              "execution %llu still has tasks", (unsigned long long)seqs[0]);
    shard_counts counts = shard_count(w->shard);
    sim_check(w, !counts.open && !counts.timers && !counts.tasks_in_flight,
              "%llu open, %llu timers, %llu tasks are left", (unsigned long long)counts.open,
              (unsigned long long)counts.timers, (unsigned long long)counts.tasks_in_flight);
    arena_clean_up(&a);
    for (uint32_t i = 0; i < w->sync_count; i++) {
        char *end = w->syncs[i].end;
        ret_result->ends[w->execution_count + i] = end ? end : str_duplicate(STR(""));
    }
    ret_result->end_count = w->execution_count + w->sync_count;
    ret_result->is_wild = w->is_wild;
    ret_result->commits = w->commits;
}
