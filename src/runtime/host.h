/* runtime_host: the world as a shard sees it: what time it is, one alarm, and somebody who makes
 * batches durable. A server's stands on the event loop and a thread (loop_host.h); the simulator's
 * on virtual time (tests/sim).
 *
 *   shard ── set_alarm, commit ──> host
 *         <── wake, committed ────   ... later: never inside a call of the shard's
 */
#ifndef GAIT_RUNTIME_HOST_H
#define GAIT_RUNTIME_HOST_H

#include "runtime/batch.h"

/* What the host calls: the shard. */
typedef struct runtime_guest {
    void *self;
    void (*wake)(void *self);
    void (*committed)(void *self, batch *done);
    /* The disk refuses: the batch stays, and is tried again until it works. is_final: another owner
     * has taken over, and nothing will work any more. */
    void (*refused)(void *self, const error *err, bool is_final);
} runtime_guest;

typedef struct runtime_host {
    void *self;
    /* Once, before anything else. */
    void (*enter)(void *self, const runtime_guest *guest);
    /* Milliseconds since 1970-01-01T00:00:00Z; may jump. */
    int64_t (*clock_ms)(void *self);
    /* Wakes the guest once, after delay_ms; 0: as soon as what has arrived by now is dealt with;
     * negative: not at all. There is one alarm: the last call counts. */
    void (*set_alarm)(void *self, int64_t delay_ms);
    /* Makes the batch durable. One at a time: the next one after `committed`. */
    void (*commit)(void *self, batch *work);
    /* The guest leaves: a batch under way is waited for, and nothing is called any more. */
    void (*close)(void *self);
} runtime_host;

#endif
