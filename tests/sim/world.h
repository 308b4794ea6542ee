/* The world that a simulated shard lives in: virtual time, a store in memory, clients, functions,
 * holders of task tokens and workers of activities. It is the shard's host (runtime/host.h), so it
 * decides when a batch becomes durable, when the shard hears of it, and when the process dies.
 *
 *   client ── start, stop, redrive ──> API ──> shard ── batch ──> [commit] ── [committed] ──>
 * effects worker ── end task ────────────────────>     ▲                   │ crash: before, after,
 * or └── recover <───────┘ between two effects
 *
 * What starts executions itself stands in between, as in a server: children and map runs. Map runs
 * read and write files in S3, which outlives the process, and meddlers change machines and map
 * runs.
 *
 * Everything is a function of the seed. What must hold is checked where it happens (sim_check ends
 * the program and says how to run the same again); see checks.c. */
#ifndef GAIT_TESTS_SIM_WORLD_H
#define GAIT_TESTS_SIM_WORLD_H

#include "api/api.h"
#include "base/entropy.h"
#include "runtime/activities.h"
#include "runtime/children.h"
#include "runtime/map/map_runs.h"
#include "runtime/shard.h"

#define SIM_EXECUTIONS_MAX 3
#define SIM_SYNC_MAX 2
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
    struct sim_execution *next; /* of those that executions have started */
    str name, arn, input;
    uint32_t machine;
    sim_progress started, stopped, redriven;
    uint32_t redrives;            /* asked for */
    uint32_t asking;              /* redrives that are not answered, in this life */
    uint32_t redrives_max;        /* until it succeeds; 0: its client leaves it as it has ended */
    bool is_offspring;            /* started by an execution, or by its map run */
    bool was_stopping;            /* a stop was sent once */
    uint32_t ends_told, ends_max; /* by the observer, in this life */
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
    bool is_dispatched; /* left the shard, in this life, and was not cancelled */
    bool is_given;      /* to a worker, in this life */
    bool is_in_flight, is_callback, is_activity, is_never, is_express;
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
    SIM_EVENT_REDRIVE,   /* execution: unless it succeeded */
    SIM_EVENT_LAND,      /* the batch becomes durable, or the disk refuses */
    SIM_EVENT_LANDED,    /* the shard hears of it */
    SIM_EVENT_GIVEN,     /* task: a worker has it, and the shard hears of it */
    SIM_EVENT_SUBMIT,    /* task: its request is accepted */
    SIM_EVENT_END,       /* task: the function answers */
    SIM_EVENT_HEARTBEAT, /* task: by its token */
    SIM_EVENT_ANSWER,    /* task: by its token */
    SIM_EVENT_CALLED,    /* call: S3 answers */
    SIM_EVENT_SYNC,      /* sync: StartSyncExecution */
    SIM_EVENT_MEDDLE,    /* somebody changes something, world_meddlers.c */
    SIM_EVENT_RESTART,
} sim_event_kind;

/* Who calls StartSyncExecution, once. */
typedef struct sim_sync {
    struct sim_world *world;
    str input;
    char *end; /* how it ended; owned; NULL: there is no answer */
    bool is_sent;
} sim_sync;

typedef struct sim_event {
    int64_t at_ms;
    uint64_t order;
    sim_event_kind kind;
    uint32_t life; /* goes with the process of that life; 0: outlives it */
    sim_execution *execution;
    sim_task *task;
    integration_task *call;
    sim_sync *sync;
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
    children *children;
    map_runs *map_runs;
    api *api;
    runtime_tasks tasks_of_process; /* as the shard would have them without the world's watch */
    bool is_preparing;              /* nothing goes wrong yet */
    uint32_t machines_made;
    sim_event *events;
    uint32_t event_count, event_room;
    uint64_t next_order;
    sim_execution executions[SIM_EXECUTIONS_MAX];
    uint32_t execution_count;
    sim_execution *offspring; /* started by executions */
    str definitions[SIM_MACHINES_MAX];
    uint32_t machine_count;
    sim_task *tasks;
    activity_poll *poll;        /* of a worker that waits */
    struct sim_object *objects; /* in S3 */
    sim_sync syncs[SIM_SYNC_MAX];
    uint32_t sync_count;
    bool is_wild; /* meddlers change how things end */
    uint32_t meddling_left;
    bool is_updating;                                              /* machine m0 */
    uint32_t updates_sent, updates_acknowledged, updates_expected; /* of it */
    sim_history *histories;                                        /* by seq */
    uint32_t history_count;
} sim_world;

typedef struct sim_result {
    uint32_t commits;
    uint32_t end_count;
    bool is_wild; /* the ends say nothing */
    /* Of executions, then of synchronous ones; for the caller to free; "": nobody knows. */
    char *ends[SIM_EXECUTIONS_MAX + SIM_SYNC_MAX];
} sim_result;

/* Plays a plan through and checks everything. */
sim_result sim_play(const sim_plan *plan);

/* ---- world.c */
bool sim_chance(sim_world *w, uint32_t percent);    /* false where everything is calm */
int64_t sim_delay(sim_world *w, uint32_t bound_ms); /* 0 where everything is calm */
void sim_post(sim_world *w, int64_t delay_ms, sim_event_kind kind, sim_execution *execution,
              sim_task *task);
void sim_post_mortal(sim_world *w, int64_t delay_ms, sim_event_kind kind, sim_task *task);

void sim_post_call(sim_world *w, int64_t delay_ms, integration_task *call);
void sim_post_sync(sim_world *w, int64_t delay_ms, sim_sync *sync);

/* ---- world_loop.c: timers in virtual time */
void sim_loop_enter(net_loop *loop, const sim_world *w);
int64_t sim_loop_due_ms(const net_loop *loop); /* -1: never */
void sim_loop_fire(net_loop *loop);
void sim_loop_keep_house(net_loop *loop); /* what is set to repeat comes once */

/* ---- world_clients.c */
#define SIM_MACHINE_ARN "arn:aws:states:us-east-1:123456789012:stateMachine:"
void sim_create_machine(sim_world *w, const char *name, const char *type, str definition);
void sim_start(sim_world *w, sim_execution *e);
void sim_stop(sim_world *w, sim_execution *e);
void sim_redrive(sim_world *w, sim_execution *e);
void sim_want_redrive(sim_world *w, sim_execution *e);
bool sim_is_to_be_redriven(sim_world *w, sim_execution *e);
void sim_ask_again(sim_world *w);

void sim_call(sim_world *w, const char *operation, str input, child_answered *answered, void *user);
bool sim_is_error(const child_answer *answer, const char *name);
void sim_start_sync(sim_world *w, sim_sync *sync);

/* ---- world_meddlers.c */
void sim_meddle(sim_world *w);
/* The process has started again: what was acknowledged to them is there. */
void sim_check_meddling(sim_world *w);

/* ---- world_s3.c */
void sim_answer_call(integration_task *call);
bool sim_has_object(const sim_world *w, str suffix); /* whose key ends so */

/* ---- world_host.c: the shard's host, and the process's life */
void sim_boot(sim_world *w);
void sim_shut(sim_world *w);
/* An effect is about to leave the shard: false when the process is dead already. */
bool sim_leaves(sim_world *w);
void sim_land(sim_world *w);
void sim_landed(sim_world *w);

/* ---- world_tasks.c: who does tasks */
runtime_tasks sim_tasks(sim_world *w);
runtime_tasks sim_watch(sim_world *w, runtime_tasks tasks); /* who sees all tasks leave */
void sim_submit(sim_world *w, sim_task *task);
void sim_end(sim_world *w, sim_task *task);
void sim_answer(sim_world *w, sim_task *task, bool is_heartbeat);
void sim_poll(sim_world *w);
void sim_given(sim_world *w, sim_task *task);
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
/* What runs in an execution: its machine, and what its row says. */
const asl_machine *sim_machine_of(sim_world *w, const store_execution *row, arena *a,
                                  json *ret_told);
bool sim_is_express(const store_execution *row);
/* All events of a history, whose ids have no gap. */
const engine_event *sim_read_events(sim_world *w, const store_execution *row, arena *a);

/* ---- checks_children.c */
/* Where nothing is under way, the counters of map runs are what the rows of their children say. */
void sim_check_map_runs(sim_world *w);
/* A file of a map run's results is being written: what it tells is durable. How often the map run
 * was redriven. */
uint32_t sim_check_results(sim_world *w, str key, str body);
/* Each task has started one child at most, which ended no later than its task; each item of a map
 * run went to one child. */
void sim_check_offspring(sim_world *w);

#endif
