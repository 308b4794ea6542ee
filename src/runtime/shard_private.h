/* What the files of the shard share.
 *
 *   shard.c        requests, the queue, deadlines, batches
 *   shard_step.c   one input's step, and the writes that make it durable
 *   shard_act.c    effects leave
 *   shard_deadlines.c  the nearest deadlines, from effects and from the store
 *   shard_load.c   executions from the store, recovery, dropping what only waits
 *   shard_map.c    what map runs need
 *
 * Invariants:
 *   1. a live execution is in `by_seq` and `by_arn`; there is at most one per seq.
 *   2. no effect leaves before the batch that holds it is durable (Express has no batch).
 *   3. batches are committed in the order in which they were opened; open, committing and acting
 *      are three different ones.
 *   4. live.pins counts the pending entries that point to it; it is freed only at 0.
 *   5. idle executions (open, stored, no pins, no tasks of ours) form a list, the least recently
 *      stepped first.
 */
#ifndef GAIT_RUNTIME_SHARD_PRIVATE_H
#define GAIT_RUNTIME_SHARD_PRIVATE_H

#include "base/map.h"
#include "runtime/input_queue.h"
#include "runtime/shard.h"
#include "runtime/timers.h"

typedef struct live live;
struct live {
    shard *owner;
    engine_execution *execution;
    uint64_t seq; /* also the key in by_seq, as bytes */
    arena texts;  /* of the following ones */
    str listed_under, extra, definition_key, input_digest;
    uint32_t pins;
    uint32_t tasks;        /* started, not ended */
    bool is_stored;        /* its row is in the store, or in a batch */
    bool has_stored_tasks; /* what the row says */
    bool has_scopes;       /* scopes or timers may be in the store */
    bool is_finished;
    bool keeps_row; /* Express: see shard_start_request */
    str input;      /* in texts, where it keeps a row */
    bool is_idle;
    live *idle_before, *idle_after;
    shard_sync_reply *sync_reply;
    void *sync_user;
};

typedef enum pending_kind {
    PENDING_PIN, /* nothing leaves: the execution stays in memory until its writes are durable */
    PENDING_EFFECT,
    PENDING_EVENTS,
    PENDING_REPLY,
} pending_kind;

/* What leaves when a batch is durable; lives in the batch's memory. */
typedef struct pending {
    struct pending *next;
    pending_kind kind;
    live *of; /* pinned; NULL for a reply that is about none */
    engine_effect effect;
    json_doc *payload, *credentials; /* keep the effect's values: owned */
    str chunk;                       /* PENDING_EVENTS */
    shard_reply *reply;
    void *user;
    bool has_error;
    error_code code;
    str message;
} pending;

/* A batch with what leaves after it. */
typedef struct shard_batch {
    batch work; /* first */
    pending *first, *last;
} shard_batch;

struct shard {
    shard_options options;
    map by_seq, by_arn; /* to live */
    map definitions;    /* definition key to asl_machine */
    arena definition_keys;
    input_queue inputs;
    timers deadlines;
    int64_t horizon_ms;      /* deadlines up to it are in memory: shard_deadlines.c */
    shard_batch batches[3];  /* one for each of the following */
    shard_batch *open;       /* the one that is being collected */
    shard_batch *committing; /* NULL when none is */
    shard_batch *acting; /* durable, its effects are leaving: steps that they cause join `open` */
    arena express;       /* of one Express step */
    buf encoded;
    entropy random;
    uint64_t next_seq;
    uint64_t open_count;
    int64_t latest_ms;
    live *idle_first, *idle_last;
    uint32_t resident_idle;
    bool is_pumping;
    bool is_starved; /* memory ran out in the last turn: a pause before the next */
    bool is_refusing;
    error refusal;
};

int64_t shard_now_ms(shard *s);
/* Sets when the host shall wake the shard: after anything that gives it something to do. */
void shard_set_alarm(shard *s);

/* shard_step.c: steps the entry's execution. The entry is consumed. On failure (out of memory)
 * nothing has changed and the entry is still the caller's. */
MUST_USE status shard_step(shard *s, live *l, queued_input *entry, error *reterr);

/* The row's text: what is needed to load the execution again and to describe it. */
MUST_USE status shard_row_text(live *l, arena *a, str *ret_text, error *reterr);
MUST_USE status shard_write_row(shard_batch *b, live *l, bool has_tasks, int64_t stop_ms,
                                error *reterr);

/* shard_map.c: of an Express execution that has ended and keeps a row; the last event is its end.
 */
MUST_USE status shard_write_ended(shard *s, live *l, const engine_event *last, error *reterr);

/* shard_act.c */
shard_execution shard_about(const live *l);
void shard_act_all(shard *s, pending *first);
void shard_act_effect(shard *s, live *l, const engine_effect *effect);
void shard_receive(void *receiver, uint64_t execution, const engine_input *input);

/* shard_deadlines.c */
void shard_set_deadline(shard *s, const live *l, uint64_t id, int64_t due_ms);
/* Reads the next page from the store. */
MUST_USE status shard_read_deadlines(shard *s, error *reterr);
/* The earliest that is due, now the caller's. False when there is none, or *ret_status failed. */
bool shard_take_due(shard *s, timer_key *ret_key, status *ret_status);
/* When to look again; false when there is nothing to wait for. */
bool shard_next_deadline(const shard *s, int64_t *ret_due_ms);

/* shard_load.c */
MUST_USE status shard_add_live(shard *s, live *l, error *reterr);
live *shard_live_new(shard *s, uint64_t seq, error *reterr);
void shard_live_free(live *l);
/* In memory, or loaded. ERROR_NOT_FOUND when it is over or was never there. */
MUST_USE status shard_get_live(shard *s, uint64_t seq, live **ret_live, error *reterr);
/* The same for one that has ended unsuccessfully and kept its scopes: to be redriven. */
MUST_USE status shard_get_ended(shard *s, uint64_t seq, live **ret_live, error *reterr);
/* Called when something about it changed: frees it when it is over, or lists it as idle. */
void shard_settle(shard *s, live *l);
void shard_leave_idle(shard *s, live *l);
str shard_key_of_seq(const uint64_t *seq);
str shard_token(const void *user, uint64_t task_id, arena *a);

#endif
