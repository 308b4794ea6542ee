/* The store's contract: what a shard writes and reads. memory/, sqlite/ (and later postgres/) keep
 * it; nothing above src/store may know which one it is. tests/store is the contract as a test.
 *
 * Shape. A shard collects the writes of many steps in a batch; store_commit makes the batch
 * durable, all or nothing, and only then may the effects of these steps leave (commit, then act).
 * Reads see what has been committed.
 *
 *   record      a resource of the API (machine, version, alias, activity, ...): kind + key → text
 *   execution   a row per execution, known by `seq`, a number that is never used again
 *   history     chunks of events: one row per step, never a row per event
 *   scope       the engine's state of one scope of an open execution
 *   timer       a deadline of an open execution: due_ms → (seq, timer id)
 *   index       kept by the store: executions by machine and status, newest first
 *
 * Threads: one thread commits; any other may read at the same time. All text and bytes given in are
 * borrowed for the call; what is read is copied into the caller's arena. */
#ifndef GAIT_STORE_STORE_H
#define GAIT_STORE_STORE_H

#include "base/arena.h"

typedef struct store store;

/* ------------------------------------------------------------------------------------- writes */

typedef enum store_write_kind {
    STORE_PUT_RECORD,       /* record */
    STORE_DELETE_RECORD,    /* record.kind, record.key; a missing one is fine */
    STORE_PUT_EXECUTION,    /* execution: inserts, or replaces all but arn, machine_arn and name */
    STORE_END_EXECUTION,    /* seq: its scopes and timers go; row and history stay */
    STORE_DELETE_EXECUTION, /* seq: the row and all that belongs to it (retention) */
    STORE_APPEND_HISTORY,   /* seq, chunk */
    STORE_PUT_SCOPE,        /* seq, id, bytes */
    STORE_DELETE_SCOPE,     /* seq, id */
    STORE_SET_TIMER,        /* seq, id, due_ms: sets, or moves */
    STORE_CLEAR_TIMER,      /* seq, id; a missing one is fine */
} store_write_kind;

typedef struct store_record {
    str kind; /* "machine", "version", "alias", "activity", "maprun", "token", ... */
    str key;  /* unique within the kind; lists are in its byte order */
    str text; /* the caller's own form */
} store_record;

typedef enum store_execution_status {
    STORE_RUNNING = 1,
    STORE_SUCCEEDED,
    STORE_FAILED,
    STORE_TIMED_OUT,
    STORE_ABORTED,
    STORE_PENDING_REDRIVE,
} store_execution_status;

typedef struct store_execution {
    uint64_t seq;    /* chosen by the caller: larger than all before */
    str arn;         /* unique among open executions and for 90 days after */
    str machine_arn; /* that it is listed under; a version or alias is in `text` */
    str name;
    store_execution_status status;
    int64_t start_ms;
    int64_t stop_ms;     /* -1 while it is open */
    uint64_t last_event; /* id */
    bool has_tasks;      /* tasks are in flight, or it is about to go on: to be taken up again */
    str text; /* everything else that DescribeExecution tells, in the caller's own form */
} store_execution;

typedef struct store_chunk {
    uint64_t first_event;
    uint32_t event_count;
    str bytes;
} store_chunk;

typedef struct store_write {
    store_write_kind kind;
    uint64_t seq, id;
    int64_t due_ms;
    str bytes;
    store_record record;
    store_execution execution;
    store_chunk chunk;
} store_write;

/* Makes all writes durable, or none. Returns when they are (for SQLite: after the sync). ERROR_IO
 * when the disk refuses (full, read-only, damaged): nothing was written, and the batch may be tried
 * again; ERROR_CONFLICT when another owner has taken over (the epoch is not the newest any more):
 * this process must stop writing. */
MUST_USE status store_commit(store *s, const store_write *writes, uint32_t count, error *reterr);

/* -------------------------------------------------------------------------------------- reads */

/* ERROR_NOT_FOUND when there is none. */
MUST_USE status store_get_record(store *s, str kind, str key, arena *a, str *ret_text,
                                 error *reterr);
/* Records of a kind whose key starts with `prefix` and is greater than `after` (may be absent), in
 * the order of their keys, at most `max`; is told whether there are more. */
MUST_USE status store_list_records(store *s, str kind, str prefix, str after, uint32_t max,
                                   arena *a, store_record **ret_records, uint32_t *ret_count,
                                   bool *ret_has_more, error *reterr);

MUST_USE status store_get_execution(store *s, uint64_t seq, arena *a, store_execution *ret_row,
                                    error *reterr);
/* The newest one of that ARN. */
MUST_USE status store_find_execution(store *s, str arn, arena *a, store_execution *ret_row,
                                     error *reterr);

typedef struct store_execution_filter {
    str machine_arn;               /* absent: all machines */
    store_execution_status status; /* 0: all */
    int64_t before_start_ms; /* the page before this one ended at (start_ms, seq): only older */
    uint64_t before_seq;     /* 0: from the newest */
} store_execution_filter;
/* Newest first, by (start_ms, seq). `text` is not filled in where with_text is false. */
MUST_USE status store_list_executions(store *s, const store_execution_filter *filter, uint32_t max,
                                      bool with_text, arena *a, store_execution **ret_rows,
                                      uint32_t *ret_count, bool *ret_has_more, error *reterr);

/* Chunks that hold events from `from_event` up (or down, with is_reverse, from_event 0 = the last),
 * whole, at most `max`, in that order. */
MUST_USE status store_read_history(store *s, uint64_t seq, uint64_t from_event, bool is_reverse,
                                   uint32_t max, arena *a, store_chunk **ret_chunks,
                                   uint32_t *ret_count, error *reterr);

typedef struct store_scope {
    uint64_t id;
    str bytes;
} store_scope;
/* All scopes of an execution, by id. */
MUST_USE status store_read_scopes(store *s, uint64_t seq, arena *a, store_scope **ret_scopes,
                                  uint32_t *ret_count, error *reterr);

typedef struct store_timer {
    int64_t due_ms;
    uint64_t seq, id;
} store_timer;
/* Timers in the order of (due_ms, seq, id), from after `after` (NULL: the first), at most `max`: a
 * shard keeps the nearest ones in memory and asks for more. */
MUST_USE status store_list_timers(store *s, const store_timer *after, uint32_t max, arena *a,
                                  store_timer **ret_timers, uint32_t *ret_count, error *reterr);

/* Open executions with tasks in flight, by seq, after `after_seq`: for recovery. */
MUST_USE status store_list_in_flight(store *s, uint64_t after_seq, uint32_t max, arena *a,
                                     uint64_t **ret_seqs, uint32_t *ret_count, error *reterr);

/* Executions that ended before a time, in any order: for retention. */
MUST_USE status store_list_expired(store *s, int64_t stopped_before_ms, uint32_t max, arena *a,
                                   uint64_t **ret_seqs, uint32_t *ret_count, error *reterr);

typedef struct store_totals {
    uint64_t seq_max;    /* the largest ever given out; 0 when empty */
    uint64_t seq_min;    /* the oldest execution's that is there; 0 when there is none */
    uint64_t open_count; /* executions that are RUNNING */
    uint64_t execution_count;
    uint64_t epoch; /* of this opening: larger than all before; fences every commit */
} store_totals;
MUST_USE status store_read_totals(store *s, store_totals *ret_totals, error *reterr);

/* -------------------------------------------------------------------------------- open and close
 */

MUST_USE status store_open_memory(store **ret_store, error *reterr);
/* A folder, made when missing, that one process may hold at a time: ERROR_CONFLICT otherwise,
 * naming the process. ERROR_IO for what the file system or a damaged database says, with the path
 * and what to do. */
MUST_USE status store_open_sqlite(str folder, store **ret_store, error *reterr);
void store_close(store *s); /* NULL is fine */

#endif
