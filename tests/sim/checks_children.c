/* What must hold of executions that executions have started. */
#include "world.h"

#include "runtime/map/map_run.h"
#include "runtime/shard_private.h"

#define LATE_MS_MAX 5000
#define PAGE 1000 /* more than any play has */

/* ------------------------------------------------------------------------------------- map runs */

typedef struct tally {
    map_run_counts executions, items;
    uint32_t rows, numbers_end;
    bool is_express; /* its children have rows when they have ended, and one each redrive */
} tally;

static void add(map_run_counts *counts, store_execution_status outcome, uint64_t count)
{
    uint64_t *const counters[] = {
        [STORE_RUNNING] = &counts->running, [STORE_SUCCEEDED] = &counts->succeeded,
        [STORE_FAILED] = &counts->failed,   [STORE_TIMED_OUT] = &counts->timed_out,
        [STORE_ABORTED] = &counts->aborted, [STORE_PENDING_REDRIVE] = &counts->pending_redrive,
    };
    *counters[outcome] += count;
}

/* The rows of its children, the newest first: each item went to one of them. */
static tally count_rows(sim_world *w, const map_run_view *run, arena *a)
{
    tally all = {0};
    store_execution *rows;
    store_execution_filter filter = {.machine_arn = run->arn};
    bool has_more, is_seen[PAGE] = {0};
    sim_check(w,
              ok(store_list_executions(w->store, &filter, PAGE, true, a, &rows, &all.rows,
                                       &has_more, NULL)) &&
                  !has_more,
              "the children of a map run cannot be listed");
    for (uint32_t i = 0; i < all.rows; i++) {
        json told, extra;
        int64_t number = -1, items = 0, redrive = 0;
        sim_check(w,
                  ok(json_parse_into(rows[i].text, a, &told, NULL)) &&
                      ok(json_parse_into(json_str(json_get(told, STR("extra"))), a, &extra, NULL)),
                  "a child's row cannot be read");
        json_int64(json_get(extra, STR("number")), &number);
        json_int64(json_get(extra, STR("itemCount")), &items);
        sim_check(w, number >= 0 && number < PAGE && items > 0, "a child has number %lld",
                  (long long)number);
        all.is_express = sim_is_express(&rows[i]);
        if (all.is_express && is_seen[number]) {
            continue;
        }
        sim_check(w, !is_seen[number], "map run %.*s has two children of number %lld",
                  STR_ARG(run->arn), (long long)number);
        is_seen[number] = true;
        all.numbers_end = MAX_OF(all.numbers_end, (uint32_t)number + 1);
        json_int64(json_get(extra, STR("mapRedrive")), &redrive);
        bool is_left = rows[i].status > STORE_SUCCEEDED && redrive < run->redrive_count;
        store_execution_status how = is_left ? STORE_PENDING_REDRIVE : rows[i].status;
        add(&all.executions, how, 1);
        add(&all.items, how, (uint64_t)items);
    }
    sim_check(w, all.is_express || all.numbers_end == all.rows,
              "a child of map run %.*s is missing", STR_ARG(run->arn));
    return all;
}

/* Those that run, and what they did before a redrive, nobody but the map run can tell. */
static map_run_counts with_express(const map_run_counts *told, const map_run_counts *rows)
{
    map_run_counts all = *rows;
    all.running = told->running;
    if (all.pending_redrive >= told->pending_redrive &&
        all.pending_redrive <= told->pending_redrive + told->running) {
        all.pending_redrive = told->pending_redrive;
    }
    return all;
}

static void check_counts(sim_world *w, const map_run_view *run, const char *what,
                         const map_run_counts *told, const map_run_counts *rows)
{
    sim_check(
        w,
        told->running == rows->running && told->succeeded == rows->succeeded &&
            told->failed == rows->failed && told->timed_out == rows->timed_out &&
            told->aborted == rows->aborted && told->pending_redrive == rows->pending_redrive &&
            told->total == told->pending + told->running + told->succeeded + told->failed +
                               told->timed_out + told->aborted + told->pending_redrive,
        "map run %.*s (%.*s): its %s are not what the rows say:"
        "\n           pending running succeeded failed timed-out aborted pending-redrive total"
        "\n  counted: %7llu %7llu %9llu %6llu %9llu %7llu %15llu %5llu"
        "\n  rows:            %7llu %9llu %6llu %9llu %7llu %15llu",
        STR_ARG(run->arn), STR_ARG(run->status), what, (unsigned long long)told->pending,
        (unsigned long long)told->running, (unsigned long long)told->succeeded,
        (unsigned long long)told->failed, (unsigned long long)told->timed_out,
        (unsigned long long)told->aborted, (unsigned long long)told->pending_redrive,
        (unsigned long long)told->total, (unsigned long long)rows->running,
        (unsigned long long)rows->succeeded, (unsigned long long)rows->failed,
        (unsigned long long)rows->timed_out, (unsigned long long)rows->aborted,
        (unsigned long long)rows->pending_redrive);
}

static void check_map_run(sim_world *w, const map_run_view *run, arena *a)
{
    tally rows = count_rows(w, run, a);
    if (rows.is_express || !rows.rows) {
        rows.executions = with_express(&run->executions, &rows.executions);
        rows.items = with_express(&run->items, &rows.items);
    }
    check_counts(w, run, "executions", &run->executions, &rows.executions);
    check_counts(w, run, "items", &run->items, &rows.items);
    sim_check(w, rows.is_express || !rows.rows || run->executions.total == rows.rows,
              "map run %.*s counts %llu executions of %u", STR_ARG(run->arn),
              (unsigned long long)run->executions.total, rows.rows);
    sim_check(w,
              w->is_wild || run->concurrency_max <= 0 ||
                  rows.executions.running <= (uint64_t)run->concurrency_max,
              "map run %.*s has %llu children at a time", STR_ARG(run->arn),
              (unsigned long long)rows.executions.running);
    uint64_t failures = run->items.failed + run->items.timed_out + run->items.aborted;
    double tolerated = MAX_OF((double)run->tolerated_count,
                              run->tolerated_percentage * (double)run->items.total / 100);
    if (str_equal(run->status, STR("SUCCEEDED"))) {
        sim_check(w, (double)failures <= tolerated, "map run %.*s succeeded with %llu failures",
                  STR_ARG(run->arn), (unsigned long long)failures);
        sim_check(w,
                  run->items.total == run->items.succeeded + run->items.failed +
                                          run->items.timed_out + run->items.aborted,
                  "map run %.*s succeeded, and an item is missing", STR_ARG(run->arn));
    }
}

static store_record *list_map_runs(sim_world *w, arena *a, uint32_t *ret_count)
{
    store_record *records;
    bool has_more;
    sim_check(w,
              ok(store_list_records(w->store, MAP_RUN_RECORD, STR(""), STR_NONE, PAGE, a, &records,
                                    ret_count, &has_more, NULL)) &&
                  !has_more,
              "map runs cannot be listed");
    return records;
}

void sim_check_map_runs(sim_world *w)
{
    arena a;
    if (!w->shard || w->batch || w->shard->open->work.count || w->shard->open->first ||
        w->shard->inputs.first) {
        return;
    }
    arena_init(&a, 0);
    uint32_t count;
    store_record *records = list_map_runs(w, &a, &count);
    for (uint32_t i = 0; i < count; i++) {
        map_run_view run;
        sim_check(w, ok(map_runs_describe(w->map_runs, records[i].key, &a, &run, NULL)),
                  "map run %.*s cannot be described", STR_ARG(records[i].key));
        check_map_run(w, &run, &a);
    }
    arena_clean_up(&a);
}

uint32_t sim_check_results(sim_world *w, str key, str body)
{
    arena a;
    arena_init(&a, 0);
    uint32_t count, redrives = 0, found = 0;
    json entries;
    store_record *records = list_map_runs(w, &a, &count);
    str file = str_skip(key, str_find_last_char(key, '/') + 1);
    str uuid = str_take(key, key.len - file.len - 1);
    uuid = str_skip(uuid, str_find_last_char(uuid, '/') + 1);
    for (uint32_t i = 0; i < count; i++) {
        map_run_view run;
        if (!str_ends_with(records[i].key, uuid)) {
            continue;
        }
        found++;
        sim_check(w, ok(map_runs_describe(w->map_runs, records[i].key, &a, &run, NULL)),
                  "map run %.*s cannot be described", STR_ARG(records[i].key));
        tally rows = count_rows(w, &run, &a);
        redrives = run.redrive_count;
        sim_check(w, ok(json_parse_into(body, &a, &entries, NULL)) && !rows.executions.running,
                  "results of %.*s are written while a child runs", STR_ARG(run.arn));
        uint64_t bad = rows.executions.failed + rows.executions.timed_out +
                       rows.executions.aborted + rows.executions.pending_redrive;
        bool is_good = str_equal(file, STR("SUCCEEDED_0.json"));
        sim_check(w,
                  str_equal(file, STR("manifest.json")) ||
                      json_count(entries) == (is_good ? rows.executions.succeeded : bad),
                  "%.*s tells of %u executions, there are %llu and %llu", STR_ARG(key),
                  json_count(entries), (unsigned long long)rows.executions.succeeded,
                  (unsigned long long)bad);
    }
    sim_check(w, found == 1, "who writes %.*s?", STR_ARG(key));
    arena_clean_up(&a);
    return redrives;
}

static void check_map_runs_are_over(sim_world *w, arena *a)
{
    uint32_t count;
    store_record *records = list_map_runs(w, a, &count);
    for (uint32_t i = 0; i < count; i++) {
        map_run_view run;
        store_execution row;
        sim_check(w, ok(map_runs_describe(w->map_runs, records[i].key, a, &run, NULL)),
                  "map run %.*s cannot be described", STR_ARG(records[i].key));
        sim_check(w, !str_equal(run.status, STR("RUNNING")), "map run %.*s has never ended",
                  STR_ARG(run.arn));
        check_map_run(w, &run, a);
        str uuid = str_skip(run.arn, str_find_last_char(run.arn, ':') + 1);
        sim_check(w,
                  !str_equal(run.status, STR("SUCCEEDED")) ||
                      !sim_has_object(w, arena_printf(a, "%.*s/SUCCEEDED_0.json", STR_ARG(uuid))) ||
                      sim_has_object(w, arena_printf(a, "%.*s/manifest.json", STR_ARG(uuid))),
                  "map run %.*s has written no manifest", STR_ARG(run.arn));
        sim_check(w,
                  sim_find(w, run.execution_arn, a, &row) &&
                      run.stop_ms <= row.stop_ms + w->downtime_ms + LATE_MS_MAX,
                  "map run %.*s outlived its execution", STR_ARG(run.arn));
    }
}

/* ------------------------------------------------------------------------------------- children */

/* Started by a task: once, and not for longer than who waits for it runs. */
static void check_child(sim_world *w, const store_execution *child, json parent, arena *a)
{
    store_execution row;
    str arn = json_str(json_get(parent, STR("executionArn")));
    sim_check(w, sim_find(w, arn, a, &row), "the parent of %.*s is not there", STR_ARG(child->arn));
    if (json_is_true(json_get(parent, STR("isAwaited"))) && !w->is_wild) {
        sim_check(w, child->stop_ms <= row.stop_ms + w->downtime_ms + LATE_MS_MAX,
                  "%.*s ended at %lld, its parent %.*s at %lld", STR_ARG(child->arn),
                  (long long)child->stop_ms, STR_ARG(row.arn), (long long)row.stop_ms);
    }
}

void sim_check_offspring(sim_world *w)
{
    arena a;
    arena_init(&a, 0);
    store_execution *rows;
    store_execution_filter filter = {0};
    uint32_t count;
    bool has_more;
    sim_check(w,
              ok(store_list_executions(w->store, &filter, 10 * PAGE, true, &a, &rows, &count,
                                       &has_more, NULL)) &&
                  !has_more,
              "executions cannot be listed");
    json *parents = arena_array(&a, json, count);
    for (uint32_t i = 0; i < count; i++) {
        json told, extra;
        sim_machine_of(w, &rows[i], &a, &told);
        sim_check(w, rows[i].status != STORE_RUNNING, "%.*s has never ended", STR_ARG(rows[i].arn));
        str text = json_str(json_get(told, STR("extra")));
        if (text.len && ok(json_parse_into(text, &a, &extra, NULL))) {
            parents[i] = json_get(extra, STR("parent"));
        }
        if (!sim_is_express(&rows[i])) {
            sim_read_events(w, &rows[i], &a);
        }
        if (!json_is_absent(parents[i])) {
            check_child(w, &rows[i], parents[i], &a);
        }
        for (uint32_t k = 0; k < i && !json_is_absent(parents[i]); k++) {
            sim_check(w, !json_equal(parents[i], parents[k]), "%.*s and %.*s are of the same task",
                      STR_ARG(rows[i].arn), STR_ARG(rows[k].arn));
        }
    }
    check_map_runs_are_over(w, &a);
    uint32_t records;
    store_record *left;
    sim_check(w,
              ok(store_list_records(w->store, STR("child"), STR(""), STR_NONE, 1, &a, &left,
                                    &records, &has_more, NULL)) &&
                  !records,
              "the record of a child is left: %.*s", STR_ARG(left[0].key));
    arena_clean_up(&a);
}
