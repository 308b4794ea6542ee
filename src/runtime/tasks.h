/* runtime_tasks: who carries out executions' tasks, as an interface: the integrations (dispatch.h),
 * an embedder's own function, a simulator. */
#ifndef GAIT_RUNTIME_TASKS_H
#define GAIT_RUNTIME_TASKS_H

#include "engine/engine.h"

struct integration_trace;

/* A task as the runtime knows it: the execution's number, and the engine's task id within it. */
typedef struct runtime_task {
    uint64_t execution;
    const engine_identity *identity; /* of the execution; lives until the task has ended */
    const engine_effect *effect;     /* ENGINE_EFFECT_START_TASK; borrowed for the call */
    /* JSON object, what the API keeps with the execution (shard_execution.extra); "" or absent when
     * there is nothing. */
    str extra;
    const struct integration_trace *trace; /* NULL, or as in integration_call */
} runtime_task;

/* Called once for the end of every task that was started and not cancelled, perhaps before `start`
 * returns; before that perhaps for ENGINE_TASK_SUBMITTED. The input is borrowed for the call. */
typedef void runtime_receive(void *receiver, uint64_t execution, const engine_input *input);

typedef struct runtime_tasks {
    void *self;
    /* What cannot be started is received as failed: a started task always ends. */
    void (*start)(void *self, const runtime_task *task, runtime_receive *receive, void *receiver);
    /* Nothing more is received of it. A task that has ended already is fine. */
    void (*cancel)(void *self, uint64_t execution, uint64_t task_id);
    /* Tasks started whose end has not been received. */
    uint32_t (*in_flight)(void *self);
    /* The task was ended by its token: nothing more is received of it, and what it has begun
     * outside (a job, a child execution) goes on. NULL: `cancel` is called. */
    void (*forget)(void *self, uint64_t execution, uint64_t task_id);
} runtime_tasks;

static inline void runtime_tasks_forget(const runtime_tasks *tasks, uint64_t execution,
                                        uint64_t task_id)
{
    (tasks->forget ? tasks->forget : tasks->cancel)(tasks->self, execution, task_id);
}

#endif
