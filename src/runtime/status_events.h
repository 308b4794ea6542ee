/* status_events: sends "Execution Status Change" events to one target, an HTTP address or a local
 * function: RUNNING when a Standard execution starts (or is redriven), and how it ended.
 *
 * Best effort, as EventBridge's are: an event that cannot be delivered is tried again with growing
 * pauses, a bounded number of times; a queue that is full loses the new ones. Events of different
 * executions may overtake each other, and a retry the events after it. */
#ifndef GAIT_RUNTIME_STATUS_EVENTS_H
#define GAIT_RUNTIME_STATUS_EVENTS_H

#include "integrations/integration.h"
#include "runtime/complain.h"
#include "runtime/shard.h"

typedef struct status_events status_events;

typedef struct status_events_options {
    net_loop *loop;
    store *store;        /* for an execution's input when it has ended */
    integrations *tasks; /* for local functions */
    /* The server's "events":
     *   "target"       "http://...", "https://..." or "function:NAME"
     *   "attemptsMax"  1 to 20 (5): how often an event is sent at most
     *   "pauseMs"      1 to 60,000 (1000): before the second attempt; doubles each time
     *   "queueMax"     1 to 1,000,000 (10,000): events that wait */
    json config;
    str region;
    entropy entropy; /* seed of the events' ids */
    runtime_complain complain;
} status_events_options;

/* ERROR_INVALID, with what to change, for a config that is wrong. */
MUST_USE status status_events_new(const status_events_options *options, status_events **ret_events,
                                  error *reterr);
/* What has not been delivered is lost. NULL is fine. */
void status_events_free(status_events *e);

/* Whether a step's events have one that status_events_add wants to see. */
bool status_events_want(const shard_execution *execution, const engine_event *events,
                        uint32_t count);
/* Sends RUNNING when the events have an execution's start or redrive. */
void status_events_add(status_events *e, const shard_execution *execution,
                       const engine_event *events, uint32_t count);
/* Sends how an execution has ended. */
void status_events_finish(status_events *e, const shard_execution *execution,
                          const engine_effect *finish);

typedef struct status_events_counts {
    uint64_t waiting, delivered, lost;
} status_events_counts;
status_events_counts status_events_count(const status_events *e);

#endif
