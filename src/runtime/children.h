/* children: executions that a Task starts (states:startExecution). Stands before other
 * runtime_tasks: these tasks are carried out here, through the API of the same process and without
 * HTTP; all others are handed on.
 *
 *   START_TASK ──> StartExecution ──> .sync: the child's end, as the shard tells it ──> the result
 *                       │                     └── CANCEL_TASK: StopExecution
 *                       └── request-response: its answer · .waitForTaskToken: submitted
 *
 * Nothing is started twice: what a task starts is named after the task, and its row says whose it
 * is. Who waits for whom is not stored: a parent's recovery asks again, and finds its child running
 * or ended. A child that a .sync task waits for has a record of the kind "child" while it runs, so
 * that one whose parent gave it up in a crash is found and stopped.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html */
#ifndef GAIT_RUNTIME_CHILDREN_H
#define GAIT_RUNTIME_CHILDREN_H

#include "runtime/shard.h"

typedef struct children children;

/* An answer of the API. Borrowed for the callback. */
typedef struct child_answer {
    const char *error_name; /* NULL: it worked. As in the API's model: "ExecutionAlreadyExists" */
    str message;
    json output; /* JSON_ABSENT when there is none */
} child_answer;
typedef void child_answered(void *user, const child_answer *answer);

/* Calls an operation of the API (api_call_inside). Everything is borrowed for the call. `parent` is
 * kept with an execution that is started, and starts it once: JSON_ABSENT for other operations.
 * answered comes once, perhaps before this returns; not when this fails. */
typedef status child_call(void *api, str operation, json input, json parent,
                          child_answered *answered, void *user, error *reterr);

/* `others` does what is not a child execution; `seed` is for request ids. */
MUST_USE status children_new(runtime_tasks others, store *keeper, entropy seed,
                             children **ret_children, error *reterr);
/* Who is asked, before anything is recovered: they are made after the tasks that they need. */
void children_connect(children *c, shard *s, child_call *call, void *api);
/* After the shard and the API. NULL is fine. */
void children_free(children *c);
runtime_tasks children_tasks(children *c);
/* Stands before another observer, to see executions end. */
shard_observer children_observer(children *c, shard_observer others);
/* After shard_recover: stops the children that nobody waits for any more. */
MUST_USE status children_recover(children *c, error *reterr);

/* Whether a resource is carried out here. */
bool children_are_started_by(const asl_resource *resource);

#endif
