/* feed: tells who watches what executions do, as it becomes durable, and counts it by the minute.
 * Nothing is told of what nobody watches, so that a feed costs a look-up a step. */
#ifndef GAIT_RUNTIME_FEED_H
#define GAIT_RUNTIME_FEED_H

#include "runtime/shard.h"

typedef struct feed feed;
typedef struct feed_watch feed_watch;

MUST_USE status feed_new(feed **ret_feed, error *reterr);
void feed_free(feed *f); /* all watches have been freed; NULL is fine */

/* The observer that a shard gets: it hands everything on to `next`. */
shard_observer feed_observe(feed *f, shard_observer next);

/* Something has happened to an execution, and the store knows it. Texts are borrowed. */
typedef void feed_changed(void *user, str execution_arn);

/* With an execution's ARN: every durable step of it. Otherwise: starts, redrives and ends of the
 * executions listed under `machine_arn`, or of all (absent). */
MUST_USE status feed_watch_new(feed *f, str execution_arn, str machine_arn, feed_changed *changed,
                               void *user, feed_watch **ret_watch, error *reterr);
void feed_watch_free(feed_watch *watch); /* NULL is fine; not inside a callback of the feed */

typedef struct feed_minute {
    int64_t minute; /* since 1970 */
    uint64_t started, succeeded, failed, timed_out, aborted, transitions;
    uint64_t duration_ms_sum; /* of those that ended */
    /* Durations of at most 2^(i/2) ms: quantiles are told from these. */
    uint32_t durations[FEED_DURATIONS];
} feed_minute;

/* The minutes from `first` to `last`, at most FEED_MINUTES_MAX back; those in which nothing
 * happened are zero. `machine_arn` absent: all. Only the first FEED_MACHINES_MAX machines are told
 * apart. */
void feed_read(const feed *f, str machine_arn, int64_t first, int64_t last,
               feed_minute *ret_minutes);
/* In ms; 0 when nothing ended. */
double feed_quantile(const feed_minute *minute, double share);

#endif
