/* Map runs that nobody waits for after a crash: the execution had ended, or gone on without them,
 * and the process died before all children were stopped. Each becomes a run that is stopping. */
#include "runtime/map/map_run.h"

#include <stdlib.h>

#define PAGE 1000

/* How many items there were is known as far as children were started. */
static void count_known_items(map_run *run)
{
    map_run_counts *items = &run->view.items;
    uint64_t known = items->running + items->succeeded + items->failed + items->timed_out +
                     items->aborted + items->pending_redrive;
    items->total = MAX_OF(items->total, known);
}

static status read_view(map_run *run, str text, error *reterr)
{
    map_run_view *view = &run->view;
    str copy = arena_str(&run->memory, text);
    if (!copy.ptr) {
        return fail_memory(reterr);
    }
    TRY(map_run_read_record(copy, &run->memory, view, reterr));
    uint64_t items = view->items.total;
    view->items = (map_run_counts){.total = items};
    view->executions = (map_run_counts){0};
    view->stop_ms = -1;
    return STATUS_OK;
}

static status new_abandoned(map_runs *runs, str text, map_run **ret_run, error *reterr)
{
    map_run *run = calloc(1, sizeof(*run));
    if (!run) {
        return fail_memory(reterr);
    }
    run->owner = runs;
    run->is_abandoned = true;
    run->is_cancelled = true;
    run->phase = MAP_RUN_STOPPING;
    arena_init(&run->memory, 0);
    map_init(&run->running, entropy_next(&runs->random), entropy_next(&runs->random));
    status done = read_view(run, text, reterr);
    if (ok(done)) {
        done = map_run_resume(run, reterr);
    }
    if (ok(done)) {
        count_known_items(run);
        done = map_put(&runs->by_arn, run->view.arn, run, reterr);
    }
    if (failed(done)) {
        map_run_free(run);
        return done;
    }
    *ret_run = run;
    return STATUS_OK;
}

static status recover_one(map_runs *runs, str arn, arena *a, error *reterr)
{
    str text;
    map_run *run = NULL;
    if (map_get(&runs->by_arn, arn)) {
        return STATUS_OK; /* its task was in flight: it goes on */
    }
    TRY(store_get_record(runs->options.store, MAP_RUN_RECORD, arn, a, &text, reterr));
    TRY(new_abandoned(runs, text, &run, reterr));
    INVARIANT(run);
    map_run_stop_children(run);
    map_run_fill(run); /* ends it where no child runs any more */
    return STATUS_OK;
}

status map_runs_recover(map_runs *runs, error *reterr)
{
    arena a;
    arena_init(&a, 0);
    str after = STR_NONE;
    bool has_more = true;
    status done = STATUS_OK;
    while (ok(done) && has_more) {
        store_record *records;
        uint32_t count;
        done = store_list_records(runs->options.store, MAP_RUN_OPEN_RECORD, STR(""), after, PAGE,
                                  &a, &records, &count, &has_more, reterr);
        for (uint32_t i = 0; ok(done) && i < count; i++) {
            done = recover_one(runs, records[i].key, &a, reterr);
            after = records[i].key;
        }
    }
    arena_clean_up(&a);
    return done;
}
