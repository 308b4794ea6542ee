/* What the files of the pool share.
 *
 *     pool ──┬─ function ──┬─ queue of invocations (oldest first)
 *            │             └─ processes: starting | idle | running one invocation
 *            └─ one HTTP server; each process has a port of its own in it, which tells who asks
 *
 * Who calls whom: pool.c decides which call goes to which process; process.c starts and ends
 * processes; runtime_api.c turns their HTTP requests into calls of pool.c; log.c writes. */
#ifndef GAIT_INTEGRATIONS_LAMBDA_POOL_PRIVATE_H
#define GAIT_INTEGRATIONS_LAMBDA_POOL_PRIVATE_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/map.h"
#include "integrations/lambda/pool.h"
#include "integrations/lambda/settings.h"
#include "net/http_server.h"
#include "net/process.h"

typedef struct lambda_function lambda_function;
typedef struct lambda_process lambda_process;

/* A function's log file; opened when first written. */
typedef struct lambda_log {
    int file; /* -1: closed */
    uint64_t bytes;
    buf pending;
    bool is_broken; /* it could not be written once: no more tries */
} lambda_log;

#define LAMBDA_TRACE_SIZE 96
#define LAMBDA_KEY_SIZE (LAMBDA_NAME_CHARS_MAX + 24)

struct lambda_invocation {
    lambda_function *function;
    lambda_invocation *previous, *next; /* in function's queue, while it waits */
    lambda_process *starting;           /* the process that was started for it, while both wait */
    lambda_process *process;            /* that runs it */
    lambda_done *done;                  /* NULL once abandoned */
    void *user;
    char *payload; /* owned; freed once handed over */
    size_t payload_length;
    char *client_context; /* owned; may be NULL */
    char id[UUID_TEXT_SIZE];
    char trace_id[LAMBDA_TRACE_SIZE];
    char version[32];
    char arn_suffix[160]; /* ":QUALIFIER", or "" */
    int64_t begin_ms;     /* net_loop_now_ms at hand-over */
    bool wants_log_tail;
};

struct lambda_process {
    lambda_function *function;
    lambda_process *previous, *next; /* in function->processes */
    net_process *child;
    net_http_listener *listener;
    net_timer *timer;             /* the init phase's or the call's deadline */
    net_http_reply *waiting;      /* its request for the next call: it is idle */
    lambda_invocation *running;   /* or it runs this one */
    lambda_invocation *meant_for; /* or it starts, for this one */
    char *init_error;             /* owned; the error object it posted while starting */
    size_t init_error_length;
    int64_t idle_since_ms;
    bool is_started;                  /* it has asked for a call once */
    bool is_retired;                  /* the function has changed: no further call */
    char tail[LAMBDA_LOG_TAIL_BYTES]; /* a ring: the end of the call's log */
    size_t tail_total;                /* bytes written to it since the call's begin */
};

struct lambda_function {
    lambda_pool *pool;
    char key[LAMBDA_KEY_SIZE]; /* the map's: NAME, or NAME:VERSION of a created function */
    bool is_created;
    bool is_forgotten; /* it goes with its last process */
    lambda_settings settings;
    int64_t checked_ms; /* when the stamp was last looked at */
    lambda_process *processes;
    uint32_t process_count, starting_count;
    lambda_invocation *first, *last; /* the queue */
    uint32_t queue_length;
    lambda_log log;
};

struct lambda_pool {
    lambda_pool_options options;
    map functions; /* key → lambda_function, owned */
    net_http_server *server;
    net_timer *reaper;
    net_timer *later; /* looks again at queues that could not be served */
    net_timer *memory_watch;
};

/* pool.c */
void lambda_function_serve(lambda_function *function);
/* The call is over: done, and the memory is gone. payload is borrowed. */
void lambda_invocation_finish(lambda_invocation *invocation, bool is_error, str payload);
/* As Lambda reports failures of the sandbox: {"errorType":..,"errorMessage":"RequestId: ID Error:
 * .."} */
void lambda_invocation_fail(lambda_invocation *invocation, str error_type, const char *format, ...)
    PRINTF_LIKE(3, 4);
void lambda_queue_remove(lambda_invocation *invocation);

/* process.c */
MUST_USE status lambda_process_start(lambda_invocation *invocation, error *reterr);
void lambda_process_free(lambda_process *process); /* kills it */
/* Gives a waiting process the call. */
void lambda_process_hand_over(lambda_process *process, lambda_invocation *invocation);
/* It asks for a call: gives it one, or keeps it as idle. */
void lambda_process_wants_call(lambda_process *process, net_http_reply *reply);
/* It cannot start, and says why; its exit follows. */
void lambda_process_init_failed(lambda_process *process, str payload);
/* The process has ended its call. */
void lambda_process_call_over(lambda_process *process, bool is_error, str payload);

/* runtime_api.c */
void lambda_runtime_api_handle(void *user, const net_http_request *request);
void lambda_runtime_api_send(lambda_process *process, net_http_reply *reply,
                             const lambda_invocation *invocation);

/* memory.c: looks after the memory of the function's processes as long as one is at work. */
MUST_USE status lambda_memory_watch_new(lambda_pool *pool, error *reterr);
void lambda_memory_watch(const lambda_function *function);

/* environment.c: the environment of a process, NULL-terminated, in the arena. */
MUST_USE status lambda_environment(const lambda_function *function, uint16_t port, arena *a,
                                   const char ***ret_environment, error *reterr);

/* log.c */
void lambda_log_init(lambda_log *log);
void lambda_log_clean_up(lambda_log *log);
/* One line, to the file's pending text and to the process's tail. */
void lambda_log_line(lambda_process *process, str line);
void lambda_log_format(lambda_process *process, const char *format, ...) PRINTF_LIKE(2, 3);
void lambda_log_flush(lambda_function *function);
str lambda_log_tail(const lambda_process *process, char out[LAMBDA_LOG_TAIL_BYTES]);

#endif
