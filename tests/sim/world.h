/* The world that a simulated shard lives in: virtual time, a store in memory, clients, functions,
 * holders of task tokens and workers of activities. It is the shard's host (runtime/host.h), so it
 * decides when a batch becomes durable, when the shard hears of it, and when the process dies.
 *
 *   client ── start, stop ──> shard ── batch ──> [commit] ── [committed] ──> effects
 *   worker ── end task ─────>   ▲                   │ crash: before, after, or between two effects
 *                               └── recover <───────┘
 *
 * Everything is a function of the seed. What must hold is checked where it happens (sim_check ends
 * the program and says how to run the same again); see checks.c. */
#ifndef GAIT_TESTS_SIM_WORLD_H
#define GAIT_TESTS_SIM_WORLD_H

#include "base/entropy.h"
#include "runtime/activities.h"
#include "runtime/shard.h"

#define SIM_EXECUTIONS_MAX 3
#define SIM_MACHINES_MAX 2

/* Where the process dies when its time has come. */
typedef enum sim_crash {
    SIM_NO_CRASH,
    SIM_CRASH_BEFORE, /* the batch is lost */
    SIM_CRASH_AFTER,  /* it is durable, and nobody was told */
    SIM_CRASH_MIDST,  /* some of its effects have left */
    SIM_CRASH_STORM,  /* again and again, each of these ways */
} sim_crash;

typedef struct sim_plan {
    uint64_t seed;
    bool is_calm; /* everything comes at once and in order: the reference */
    sim_crash crash;
    uint32_t crash_at; /* the number of the batch, from 1 */
    bool is_verbose;
} sim_plan;

typedef enum sim_progress { SIM_UNSENT, SIM_SENT, SIM_ACKNOWLEDGED, SIM_REFUSED } sim_progress;

typedef struct sim_execution {
    struct sim_world *world;
    str name, arn, input;
    uint32_t machine;
    sim_progress started, stopped;
    bool was_stopping; /* a stop was sent once */
    bool is_finished;  /* told by the observer, in this life */
} sim_execution;

/* A task that the shard has dispatched at least once. */
typedef struct sim_task {
    struct sim_task *next;
    struct sim_world *world;
    uint64_t seq, id;
    sim_execution *of;
    uint32_t life; /* in which it was dispatched last */
    uint32_t attempt;
    str payload, token, state;
    bool is_in_flight, is_callback, is_activity, is_never;
    bool is_told;      /* who holds its token will answer */
    bool is_new;       /* dispatched just now */
    uint32_t failures; /* attempts that fail */
    runtime_receive *receive;
    void *receiver;
    sim_progress answered;  /* by who holds its token */
    uint64_t events_before; /* the execution's, when the answer was sent */
} sim_task;

typedef enum sim_event_kind {
    SIM_EVENT_START,     /* execution */
    SIM_EVENT_STOP,      /* execution */
    SIM_EVENT_LAND,      /* the batch becomes durable, or the disk refuses */
    SIM_EVENT_LANDED,    /* the shard hears of it */
    SIM_EVENT_SUBMIT,    /* task: its request is accepted */
    SIM_EVENT_END,       /* task: the function answers */
    SIM_EVENT_HEARTBEAT, /* task: by its token */
    SIM_EVENT_ANSWER,    /* task: by its token */
    SIM_EVENT_RESTART,
} sim_event_kind;

typedef struct sim_event {
    int64_t at_ms;
    uint64_t order;
    sim_event_kind kind;
    uint32_t life; /* goes with the process of that life; 0: outlives it */
    sim_execution *execution;
    sim_task *task;
} sim_event;

/* What has been made durable of an execution's history. */
typedef struct sim_history {
    uint64_t last_event;
    uint32_t chunk_count, chunk_room;
    uint64_t *digests; /* in the world's arena */
} sim_history;

typedef struct sim_world {
    sim_plan plan;
    arena memory;
    entropy work;   /* what is to be done: the same for each plan of a seed */
    entropy chance; /* what happens */
    store *store;
    int64_t now_ms, downtime_ms;
    int64_t alarm_ms; /* -1: not set */
    runtime_guest guest;
    batch *batch;   /* under way */
    bool is_acting; /* the effects of a batch leave, or what was in flight is taken up again */
    bool is_doomed; /* dies when effects_left more have left */
    bool is_dying;  /* nothing that is called now has any effect */
    uint32_t effects_left;
    bool is_refusing;
    uint32_t commits, crashes, life;
    shard *shard; /* NULL while the process is down */
    net_loop *loop;
    activities *activities;
    sim_event *events;
    uint32_t event_count, event_room;
    uint64_t next_order;
    sim_execution executions[SIM_EXECUTIONS_MAX];
    uint32_t execution_count;
    str definitions[SIM_MACHINES_MAX];
    uint32_t machine_count;
    sim_task *tasks;
    sim_task *started;      /* given to a worker just now */
    sim_history *histories; /* by seq */
    uint32_t history_count;
} sim_world;

typedef struct sim_result {
    uint32_t commits;
    uint32_t execution_count;
    char *ends[SIM_EXECUTIONS_MAX]; /* for the caller to free; "" for a stopped one */
} sim_result;

/* Plays a plan through and checks everything. */
sim_result sim_play(const sim_plan *plan);

/* ---- world.c */
bool sim_chance(sim_world *w, uint32_t percent);    /* false where everything is calm */
int64_t sim_delay(sim_world *w, uint32_t bound_ms); /* 0 where everything is calm */
void sim_post(sim_world *w, int64_t delay_ms, sim_event_kind kind, sim_execution *execution,
              sim_task *task);
void sim_post_mortal(sim_world *w, int64_t delay_ms, sim_event_kind kind, sim_task *task);

/* ---- world_host.c: the shard's host, and the process's life */
void sim_boot(sim_world *w);
void sim_shut(sim_world *w);
/* An effect is about to leave the shard: false when the process is dead already. */
bool sim_leaves(sim_world *w);
void sim_land(sim_world *w);
void sim_landed(sim_world *w);

/* ---- world_tasks.c: who does tasks */
runtime_tasks sim_tasks(sim_world *w);
void sim_submit(sim_world *w, sim_task *task);
void sim_end(sim_world *w, sim_task *task);
void sim_answer(sim_world *w, sim_task *task, bool is_heartbeat);
void sim_poll(sim_world *w);
void sim_forget_calls(sim_world *w); /* the process has died */
uint64_t sim_hash(uint64_t seed, str text);

/* ---- checks.c */
/* Ends the program when something does not hold, and says how to run the same again. */
#define sim_check(w, holds, ...)                                                                   \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            sim_failed((w), #holds, __VA_ARGS__);                                                  \
        }                                                                                          \
    } while (0)
_Noreturn void sim_failed(const sim_world *w, const char *what, const char *format, ...)
    PRINTF_LIKE(3, 4);
void sim_say(const sim_world *w, const char *format, ...) PRINTF_LIKE(2, 3);
/* The batch's history goes on where it was, and what was durable stays. */
void sim_check_batch(sim_world *w, const batch *b);
/* What is in the store is what has been committed, event for event. */
void sim_check_histories(sim_world *w);
/* A crash now would dispatch again what has just been dispatched: its commit came before it. */
void sim_check_dispatched(sim_world *w);
/* The alarm is not later than the earliest deadline, and where nothing is under way the shard knows
 * no other time of a deadline than the store. */
void sim_check_deadlines(sim_world *w);
/* All has ended as it should: fills in the results. */
void sim_check_end(sim_world *w, sim_result *ret_result);
uint64_t sim_last_event(sim_world *w, uint64_t seq);
bool sim_find(sim_world *w, str arn, arena *a, store_execution *ret_row);

#endif
