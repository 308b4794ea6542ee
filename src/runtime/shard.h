/* shard: owns executions and moves them: load, step, commit, act.
 *
 *   API, timers, tasks ──input──> step ──delta──> the open batch ──> committer ──> effects leave
 *
 * A step's writes join the open batch; the shard goes on stepping other executions. Only when the
 * batch is durable do its effects leave: replies to clients, task dispatches, timers. An Express
 * execution is not stored: its effects leave at once, and it is gone at its end.
 *
 * An execution that only waits may be dropped from memory and is loaded again when an input for it
 * comes. Everything here is called on one thread, the host's. */
#ifndef GAIT_RUNTIME_SHARD_H
#define GAIT_RUNTIME_SHARD_H

#include "engine/codec.h"
#include "runtime/host.h"
#include "runtime/tasks.h"
#include "runtime/token.h"
#include "store/store.h"

typedef struct shard shard;

/* What is told about an execution besides what the engine knows. */
typedef struct shard_execution {
    uint64_t seq;
    const engine_identity *identity;
    str listed_under; /* the plain state machine's ARN */
    str extra; /* JSON object, the API's own: version and alias ARNs, trace header; may be "" */
    const asl_machine *machine; /* compiled: what events' state numbers mean */
} shard_execution;

typedef struct shard_observer {
    void *self;
    /* A step's events are durable (at once for Express). Decoded, which costs time: only for the
     * steps that `stepped` asks it for, where that is set. Borrowed for the call. May be NULL. */
    void (*events)(void *self, const shard_execution *execution, const engine_event *events,
                   uint32_t count);
    /* An execution has ended, durably. May be NULL. */
    void (*finished)(void *self, const shard_execution *execution, const engine_effect *finish);
    /* The store refuses to write (err), or works again (NULL). is_final: it will not. May be NULL.
     */
    void (*store_state)(void *self, const error *err, bool is_final);
    /* A step with events has been taken. It is not durable yet, so this is for counting, and for
     * saying whether `events` shall be called for it. May be NULL. */
    bool (*stepped)(void *self, const shard_execution *execution, const engine_event *events,
                    uint32_t count);
} shard_observer;

typedef struct shard_options {
    runtime_host host; /* the shard closes it, also when shard_new fails */
    store *store;
    runtime_tasks tasks;
    shard_observer observer;
    token_key key;
    engine_limits limits;
    entropy entropy; /* seed of all that is random in steps */
    str region, account;
    /* See engine_identity.refuse_task. May be NULL, or be set later. */
    str (*refuse_task)(const void *user, const asl_resource *resource, json payload, arena *a);
    const void *refuse_task_user;
    uint32_t resident_max;   /* executions kept in memory that only wait; 0 = 20,000 */
    uint32_t deadlines_page; /* that are read at a time; 0 = 10,000 */
} shard_options;

MUST_USE status shard_new(const shard_options *options, shard **ret_shard, error *reterr);
/* Sets who may refuse tasks, before anything is started or recovered. */
void shard_refuse_tasks(shard *s,
                        str (*refuse)(const void *user, const asl_resource *resource, json payload,
                                      arena *a),
                        const void *user);
/* Takes up the open executions of the store: their deadlines, and their tasks in flight, which are
 * dispatched again with the same ids. To be called once, before anything else. */
MUST_USE status shard_recover(shard *s, error *reterr);
/* Commits what is open, then ends. Executions stay as they are. NULL is fine. */
void shard_free(shard *s);

/* How a request ended, durably. err is NULL when it worked. */
typedef void shard_reply(void *user, const error *err);

typedef struct shard_start_request {
    const asl_machine *machine;
    str definition_key; /* of the record "definition" that holds its text, for loading it again */
    engine_identity identity; /* region, account, limits, start time and token are set here */
    str listed_under, extra;
    str input; /* JSON text, checked by the caller */
    json value;
    /* Express: a row and its first and last events are stored when it has ended, as a map run's
     * children need. What is in the row is durable no later than what is written after it. */
    bool keeps_row;
} shard_start_request;

/* The compiled definition of a "definition" record, which must be durable. Compiled ones are kept:
 * there are few, and each is used by many executions. Borrowed. */
MUST_USE status shard_definition(shard *s, str key, const asl_machine **ret_machine, error *reterr);

/* *ret_start_ms is known at once; the reply comes when the start is durable. A failure here means
 * that nothing was started and that there will be no reply: ERROR_LIMIT (too many open executions),
 * or the store is refusing writes (ERROR_IO). */
MUST_USE status shard_start(shard *s, const shard_start_request *request, int64_t *ret_start_ms,
                            shard_reply *reply, void *user, error *reterr);

/* Starts an Express execution and tells its end. */
typedef void shard_sync_reply(void *user, const shard_execution *execution,
                              const engine_effect *finish);
MUST_USE status shard_start_sync(shard *s, const shard_start_request *request,
                                 int64_t *ret_start_ms, shard_sync_reply *reply, void *user,
                                 error *reterr);

/* ERROR_NOT_FOUND: no open execution of that ARN. *ret_stop_ms is the stop date. */
MUST_USE status shard_stop(shard *s, str execution_arn, str error_name, str cause,
                           int64_t *ret_stop_ms, shard_reply *reply, void *user, error *reterr);

/* Redrives an ended execution; `extra` takes the place of what the API kept with it. The store must
 * know its end. ERROR_NOT_FOUND, here or in the reply: it is not there, it runs, it succeeded, or
 * what is needed to go on was not kept. */
MUST_USE status shard_redrive(shard *s, uint64_t seq, str extra, shard_reply *reply, void *user,
                              error *reterr);

/* For what is started on behalf of an execution that has a task in flight: the machine that it runs
 * and its definition's key (in the arena). ERROR_NOT_FOUND. */
MUST_USE status shard_origin(shard *s, uint64_t seq, const asl_machine **ret_machine, arena *a,
                             str *ret_definition_key, error *reterr);
/* engine_map_item for an execution whose task is a map run. */
MUST_USE status shard_map_item(shard *s, uint64_t seq, uint64_t task_id, json item, uint32_t index,
                               arena *a, json *ret_input, str *ret_error, str *ret_cause,
                               error *reterr);

typedef enum shard_task_call {
    SHARD_TASK_SUCCESS,
    SHARD_TASK_FAILURE,
    SHARD_TASK_HEARTBEAT,
} shard_task_call;
/* ERROR_INVALID: not a token of ours. ERROR_NOT_FOUND: the task has ended (or its execution has).
 */
MUST_USE status shard_end_task(shard *s, shard_task_call call, str token, json output,
                               str error_name, str cause, shard_reply *reply, void *user,
                               error *reterr);
/* The state machine whose execution a task token is of, without version, alias or label; the text
 * is in the arena. ERROR_INVALID and ERROR_NOT_FOUND as above. */
MUST_USE status shard_task_machine(shard *s, str token, arena *a, str *ret_machine_arn,
                                   error *reterr);
/* An activity's worker has taken the task. */
MUST_USE status shard_task_started(shard *s, uint64_t seq, uint64_t task_id, str worker,
                                   shard_reply *reply, void *user, error *reterr);

/* The newest execution of an ARN that is in memory, committed or not: what the store may not know
 * yet. False when there is none; the store tells of the others. The texts are borrowed for the
 * turn. */
typedef struct shard_found {
    uint64_t seq;
    int64_t start_ms;
    bool is_open;
    str input_digest; /* see shard_input_digest */
    str extra;        /* see shard_execution */
} shard_found;
bool shard_find(const shard *s, str execution_arn, shard_found *ret_found);
/* What tells whether two starts have the same input: hexadecimal, also in the row's text as
 * "inputDigest". */
#define SHARD_DIGEST_SIZE 65
str shard_input_digest(str input, char out[SHARD_DIGEST_SIZE]);

/* Adds records' writes to the open batch (copied) and replies when they are durable. */
MUST_USE status shard_write(shard *s, const store_write *writes, uint32_t count, shard_reply *reply,
                            void *user, error *reterr);

/* The same for what belongs to steps, such as the records of what executions have started: like
 * them it joins the open batch while the store refuses, too. Fails only when memory runs out. */
MUST_USE status shard_join(shard *s, const store_write *writes, uint32_t count, shard_reply *reply,
                           void *user, error *reterr);

/* Removes executions that ended before a time, the oldest `max` of them; they are gone when the
 * open batch is durable. */
MUST_USE status shard_retire(shard *s, int64_t stopped_before_ms, uint32_t max, uint32_t *ret_count,
                             error *reterr);

typedef struct shard_counts {
    uint64_t open, resident, timers, tasks_in_flight; /* timers: those in memory */
    uint64_t next_seq;                                /* of the next execution */
    bool is_store_refusing;
} shard_counts;
shard_counts shard_count(const shard *s);

#endif
