/* lambda_pool: local functions, each with its warm processes and the calls that wait for one. */
#ifndef GAIT_INTEGRATIONS_LAMBDA_POOL_H
#define GAIT_INTEGRATIONS_LAMBDA_POOL_H

#include "base/status.h"
#include "integrations/lambda/catalog.h"
#include "net/loop.h"

typedef struct lambda_pool lambda_pool;
typedef struct lambda_invocation lambda_invocation;

typedef struct lambda_pool_options {
    net_loop *loop;
    lambda_catalog *catalog;           /* looked into first; borrowed; may be NULL */
    str functions_folder, data_folder; /* borrowed, as all texts here: they outlive the pool */
    str account, region;
    const char *const *environment; /* "NAME=value", NULL-terminated: what functions inherit */
    uint32_t processes_max;         /* of one function */
    uint32_t queue_max;             /* calls of one function that wait */
    int64_t idle_ms;                /* a process without work for so long ends */
    void (*on_log)(void *user, str function_name, str line); /* may be NULL */
    void *log_user;
} lambda_pool_options;

MUST_USE status lambda_pool_new(const lambda_pool_options *options, lambda_pool **ret_pool,
                                error *reterr);
/* Kills all processes; no callback comes any more. NULL is fine. */
void lambda_pool_free(lambda_pool *pool);

/* Whether the function can be called: as lambda_catalog_resolve or lambda_settings_load. The
 * qualifier may be absent. */
MUST_USE status lambda_pool_check(lambda_pool *pool, str function, str qualifier, error *reterr);
/* A created function is gone: its processes end, those that run after their call. */
void lambda_pool_forget(lambda_pool *pool, str function);

typedef struct lambda_request {
    str function;       /* a valid name */
    str qualifier;      /* absent: none */
    str payload;        /* JSON text, copied */
    str client_context; /* JSON text; absent: none */
    /* The same for a call that is made again after a crash, and no other's: so is the request id.
     * Absent: the id is random. */
    str key;
    bool wants_log_tail;
} lambda_request;

/* Borrowed for the callback. */
typedef struct lambda_outcome {
    bool is_error; /* payload is the function's, or the runtime's, error object */
    str payload;   /* as the function gave it: not known to be JSON */
    str request_id;
    str trace_id; /* X-Amzn-Trace-Id */
    str executed_version;
    str log_tail; /* the last LAMBDA_LOG_TAIL_BYTES of the call's log, when wanted */
} lambda_outcome;

typedef void lambda_done(void *user, const lambda_outcome *outcome);

/* done(user) is called once, from the loop, never before this returns. Failures: those of
 * lambda_pool_check; ERROR_LIMIT when too many calls wait. */
MUST_USE status lambda_pool_invoke(lambda_pool *pool, const lambda_request *request,
                                   lambda_done *done, void *user,
                                   lambda_invocation **ret_invocation, error *reterr);
/* done is not called any more. A call that waits is dropped; one that runs runs on. */
void lambda_invocation_abandon(lambda_invocation *invocation);

typedef struct lambda_pool_counts {
    uint32_t processes, idle, running, queued;
} lambda_pool_counts;
lambda_pool_counts lambda_pool_count(const lambda_pool *pool);

#endif
