#include "runtime/feed.h"

#include "base/map.h"

#include <math.h>
#include <stdlib.h>

struct feed_watch {
    feed *owner;
    feed_watch *previous, *next;
    char *execution_arn, *machine_arn; /* owned; NULL: any */
    feed_changed *changed;
    void *user;
};

/* A ring: minute m is at m % FEED_MINUTES_MAX, if it is not an older one that is still there. */
typedef struct minutes {
    char *machine_arn;
    feed_minute ring[FEED_MINUTES_MAX];
} minutes;

struct feed {
    shard_observer next;
    feed_watch *watches;
    uint32_t list_watches; /* those without an execution's ARN */
    minutes *all;
    map by_machine; /* of minutes */
};

status feed_new(feed **ret_feed, error *reterr)
{
    feed *f = calloc(1, sizeof(*f));
    minutes *all = calloc(1, sizeof(*all));
    if (!f || !all) {
        free(f);
        free(all);
        return fail_memory(reterr);
    }
    f->all = all;
    map_init(&f->by_machine, 0, 0); /* keys are ARNs of our own machines */
    *ret_feed = f;
    return STATUS_OK;
}

void feed_free(feed *f)
{
    if (!f) {
        return;
    }
    map_entry *entry;
    for (uint32_t i = 0; (entry = map_next(&f->by_machine, &i));) {
        minutes *m = entry->value;
        free(m->machine_arn);
        free(m);
    }
    map_clean_up(&f->by_machine);
    free(f->all);
    free(f);
}

/* ----------------------------------------------------------------------------------------- minutes
 */

static minutes *minutes_of(feed *f, str machine_arn)
{
    minutes *m = map_get(&f->by_machine, machine_arn);
    if (m || f->by_machine.live == FEED_MACHINES_MAX) {
        return m;
    }
    m = calloc(1, sizeof(*m));
    char *arn = str_duplicate(machine_arn);
    if (!m || !arn || failed(map_put(&f->by_machine, str_from_c(arn), m, NULL))) {
        free(m);
        free(arn);
        return NULL; /* it is counted in the whole */
    }
    m->machine_arn = arn;
    return m;
}

static feed_minute *minute_at(minutes *m, int64_t time_ms)
{
    int64_t minute = time_ms / 60000;
    feed_minute *at = &m->ring[minute % FEED_MINUTES_MAX];
    if (at->minute != minute) {
        *at = (feed_minute){.minute = minute};
    }
    return at;
}

static void count_events(minutes *m, const engine_event *events, uint32_t count)
{
    if (!m) {
        return;
    }
    feed_minute *at = minute_at(m, events[0].time_ms);
    for (uint32_t i = 0; i < count; i++) {
        at->started += events[i].type == ENGINE_EXECUTION_STARTED;
        at->transitions += events[i].type == ENGINE_STATE_ENTERED;
    }
}

static uint32_t duration_row(int64_t duration_ms)
{
    double row = duration_ms > 1 ? 2 * log2((double)duration_ms) : 0;
    return (uint32_t)fmin(ceil(row), FEED_DURATIONS - 1);
}

static void count_end(minutes *m, const engine_effect *finish, int64_t duration_ms)
{
    if (!m) {
        return;
    }
    feed_minute *at = minute_at(m, finish->at_ms);
    uint64_t *const counters[] = {
        [ENGINE_SUCCEEDED] = &at->succeeded,
        [ENGINE_FAILED] = &at->failed,
        [ENGINE_TIMED_OUT] = &at->timed_out,
        [ENGINE_ABORTED] = &at->aborted,
    };
    ++*counters[finish->outcome];
    at->duration_ms_sum += (uint64_t)MAX_OF(duration_ms, 0);
    at->durations[duration_row(duration_ms)]++;
}

void feed_read(const feed *f, str machine_arn, int64_t first, int64_t last,
               feed_minute *ret_minutes)
{
    const minutes *m = machine_arn.ptr ? map_get(&f->by_machine, machine_arn) : f->all;
    for (int64_t minute = first; minute <= last; minute++) {
        const feed_minute *at = m ? &m->ring[minute % FEED_MINUTES_MAX] : NULL;
        bool is_there = at && at->minute == minute;
        ret_minutes[minute - first] = is_there ? *at : (feed_minute){.minute = minute};
    }
}

double feed_quantile(const feed_minute *minute, double share)
{
    uint64_t total = 0, below = 0;
    for (uint32_t i = 0; i < FEED_DURATIONS; i++) {
        total += minute->durations[i];
    }
    for (uint32_t i = 0; i < FEED_DURATIONS; i++) {
        below += minute->durations[i];
        if (total && (double)below >= share * (double)total) {
            return exp2(i / 2.0);
        }
    }
    return 0;
}

/* ----------------------------------------------------------------------------------------- watches
 */

status feed_watch_new(feed *f, str execution_arn, str machine_arn, feed_changed *changed,
                      void *user, feed_watch **ret_watch, error *reterr)
{
    feed_watch *w = calloc(1, sizeof(*w));
    if (!w) {
        return fail_memory(reterr);
    }
    *w = (feed_watch){.owner = f, .next = f->watches, .changed = changed, .user = user};
    w->execution_arn = execution_arn.ptr ? str_duplicate(execution_arn) : NULL;
    w->machine_arn = machine_arn.ptr ? str_duplicate(machine_arn) : NULL;
    if ((execution_arn.ptr && !w->execution_arn) || (machine_arn.ptr && !w->machine_arn)) {
        free(w->execution_arn);
        free(w->machine_arn);
        free(w);
        return fail_memory(reterr);
    }
    if (w->next) {
        w->next->previous = w;
    }
    f->watches = w;
    f->list_watches += !execution_arn.ptr;
    *ret_watch = w;
    return STATUS_OK;
}

void feed_watch_free(feed_watch *w)
{
    if (!w) {
        return;
    }
    *(w->previous ? &w->previous->next : &w->owner->watches) = w->next;
    if (w->next) {
        w->next->previous = w->previous;
    }
    w->owner->list_watches -= !w->execution_arn;
    free(w->execution_arn);
    free(w->machine_arn);
    free(w);
}

static bool watches_all_of(const feed_watch *w, const shard_execution *execution)
{
    return !w->execution_arn &&
           (!w->machine_arn || str_equal(str_from_c(w->machine_arn), execution->listed_under));
}

static bool watches_one(const feed_watch *w, const shard_execution *execution)
{
    return w->execution_arn &&
           str_equal(str_from_c(w->execution_arn), execution->identity->execution_arn);
}

static bool begins(const engine_event *events, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (events[i].type == ENGINE_EXECUTION_STARTED ||
            events[i].type == ENGINE_EXECUTION_REDRIVEN) {
            return true;
        }
    }
    return false;
}

/* ----------------------------------------------------------------------------------------
 * observing
 */

static bool stepped(void *self, const shard_execution *execution, const engine_event *events,
                    uint32_t count)
{
    feed *f = self;
    bool is_wanted = f->next.stepped && f->next.stepped(f->next.self, execution, events, count);
    count_events(f->all, events, count);
    count_events(minutes_of(f, execution->listed_under), events, count);
    for (const feed_watch *w = f->watches; w && !is_wanted; w = w->next) {
        is_wanted =
            watches_one(w, execution) || (watches_all_of(w, execution) && begins(events, count));
    }
    return is_wanted;
}

static void durable(void *self, const shard_execution *execution, const engine_event *events,
                    uint32_t count)
{
    feed *f = self;
    if (f->next.events) {
        f->next.events(f->next.self, execution, events, count);
    }
    bool is_beginning = f->list_watches && begins(events, count);
    for (feed_watch *w = f->watches; w; w = w->next) {
        if (watches_one(w, execution) || (is_beginning && watches_all_of(w, execution))) {
            w->changed(w->user, execution->identity->execution_arn);
        }
    }
}

static void finished(void *self, const shard_execution *execution, const engine_effect *finish)
{
    feed *f = self;
    if (f->next.finished) {
        f->next.finished(f->next.self, execution, finish);
    }
    int64_t duration_ms = finish->at_ms - execution->identity->start_time_ms;
    count_end(f->all, finish, duration_ms);
    count_end(minutes_of(f, execution->listed_under), finish, duration_ms);
    for (feed_watch *w = f->watches; w; w = w->next) {
        if (watches_one(w, execution) || watches_all_of(w, execution)) {
            w->changed(w->user, execution->identity->execution_arn);
        }
    }
}

static void store_state(void *self, const error *err, bool is_final)
{
    feed *f = self;
    if (f->next.store_state) {
        f->next.store_state(f->next.self, err, is_final);
    }
}

shard_observer feed_observe(feed *f, shard_observer next)
{
    f->next = next;
    return (shard_observer){.self = f,
                            .events = durable,
                            .finished = finished,
                            .store_state = store_state,
                            .stepped = stepped};
}
