/* Definitions out of a seed: chains of every state type, nested, in both query languages, made so
 * that how an execution ends does not depend on who comes first. So one that was crashed and
 * recovered must end as one that was not:
 *   - branches and iterations fail with one error only, and catch what may time out;
 *   - what a task answers is a function of its place and its input (world_tasks.c);
 *   - an obstacle is a function that fails until a redrive. It stands where nothing catches its
 *     failure, and those who redrive do so until the execution succeeds or can never do so;
 *   - of a child execution, and of files in S3, is kept what has no names or dates in it. */
#ifndef GAIT_TESTS_SIM_WORKFLOWS_H
#define GAIT_TESTS_SIM_WORKFLOWS_H

#include "base/arena.h"
#include "base/entropy.h"

#define SIM_FUNCTION "arn:aws:lambda:us-east-1:123456789012:function:f"
#define SIM_OBSTACLE "arn:aws:lambda:us-east-1:123456789012:function:obstacle"
#define SIM_CHILD "arn:aws:states:us-east-1:123456789012:stateMachine:c"
#define SIM_EXPRESS "arn:aws:states:us-east-1:123456789012:stateMachine:x"
#define SIM_ACTIVITY "arn:aws:states:us-east-1:123456789012:activity:a"
#define SIM_CALLBACK "arn:aws:states:::lambda:invoke.waitForTaskToken"
#define SIM_ERROR "Planned"

/* ptr NULL when out of memory. */
str sim_workflow(entropy *random, arena *a);
/* Of the state machine that others start executions of: it starts none. */
str sim_child_workflow(entropy *random, arena *a);
/* Of an Express state machine: it waits for nothing but functions, and not long. */
str sim_express_workflow(entropy *random, arena *a);
/* The input of every execution: a number, and items of the same shape two levels down. */
str sim_input(entropy *random, arena *a);
/* In [0, bound). */
uint32_t sim_below(entropy *random, uint32_t bound);

#endif
