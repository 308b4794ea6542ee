/* A queue per activity that has tasks or pollers: both are lists, and at most one of them is not
 * empty. Memory is bounded by the executions that are open and by POLLERS_MAX an activity. */
#include "runtime/activities.h"

#include "base/map.h"

#include <stdlib.h>

#define POLLERS_MAX 1000 /* GetActivityTask: per activity ARN */

typedef struct waiting_task {
    struct waiting_task *before, *after;
    struct queue *in;
    uint64_t execution, task_id; /* together the key in by_task, as bytes */
    char *token;                 /* owned */
    size_t token_len;
    json_doc *input; /* owned */
} waiting_task;

struct activity_poll {
    activity_poll *before, *after;
    struct queue *in;
    activity_given *given;
    void *user;
    net_timer *deadline; /* owned */
};

typedef struct queue {
    activities *owner;
    char *arn; /* owned; the key in queues */
    size_t arn_len;
    waiting_task *first_task, *last_task;
    activity_poll *first_poll, *last_poll;
    uint32_t task_count, poll_count;
    uint32_t matching; /* match is under way: a callback of its may come back to this queue */
} queue;

struct activities {
    net_loop *loop;
    runtime_tasks others;
    map queues;  /* ARN to queue */
    map by_task; /* execution and task id to waiting_task */
};

/* --------------------------------------------------------------------------------------- queues */

static status get_queue(activities *a, str arn, queue **ret_queue, error *reterr)
{
    queue *q = map_get(&a->queues, arn);
    if (!q) {
        q = calloc(1, sizeof(*q));
        char *copy = str_duplicate(arn);
        status added =
            q && copy ? map_put(&a->queues, (str){copy, arn.len}, q, reterr) : fail_memory(reterr);
        if (failed(added)) {
            free(q);
            free(copy);
            return added;
        }
        *q = (queue){.owner = a, .arn = copy, .arn_len = arn.len};
    }
    *ret_queue = q;
    return STATUS_OK;
}

static void free_queue_when_empty(queue *q)
{
    if (!q->first_task && !q->first_poll && !q->matching) {
        map_remove(&q->owner->queues, (str){q->arn, q->arn_len});
        free(q->arn);
        free(q);
    }
}

static str key_of(const waiting_task *task)
{
    return (str){(const char *)&task->execution, 2 * sizeof(uint64_t)};
}
_Static_assert(offsetof(waiting_task, task_id) ==
                   offsetof(waiting_task, execution) + sizeof(uint64_t),
               "the key is contiguous");

static void unlink_task(waiting_task *task)
{
    queue *q = task->in;
    *(task->before ? &task->before->after : &q->first_task) = task->after;
    *(task->after ? &task->after->before : &q->last_task) = task->before;
    q->task_count--;
    map_remove(&q->owner->by_task, key_of(task));
}

static void free_task(waiting_task *task)
{
    json_doc_release(task->input);
    free(task->token);
    free(task);
}

static void unlink_poll(activity_poll *poll)
{
    queue *q = poll->in;
    *(poll->before ? &poll->before->after : &q->first_poll) = poll->after;
    *(poll->after ? &poll->after->before : &q->last_poll) = poll->before;
    q->poll_count--;
}

static void free_poll(activity_poll *poll)
{
    net_timer_free(poll->deadline);
    free(poll);
}

/* Hands the oldest task to the oldest poll while there are both. */
static void match(queue *q)
{
    q->matching++;
    while (q->first_task && q->first_poll) {
        waiting_task *task = q->first_task;
        activity_poll *poll = q->first_poll;
        unlink_task(task);
        unlink_poll(poll);
        activity_task given = {
            .execution = task->execution,
            .task_id = task->task_id,
            .token = {task->token, task->token_len},
            .input = json_doc_root(task->input),
        };
        poll->given(poll->user, &given);
        free_task(task);
        free_poll(poll);
    }
    q->matching--;
}

/* ----------------------------------------------------------------------------------------- tasks
 */

static status enqueue(activities *a, const runtime_task *asked, error *reterr)
{
    const engine_effect *effect = asked->effect;
    waiting_task *task = calloc(1, sizeof(*task));
    if (!task) {
        return fail_memory(reterr);
    }
    task->execution = asked->execution;
    task->task_id = effect->task_id;
    task->token = str_duplicate(effect->token);
    task->token_len = effect->token.len;
    queue *q = NULL;
    status done =
        task->token ? json_freeze(effect->payload, &task->input, reterr) : fail_memory(reterr);
    if (ok(done)) {
        done = get_queue(a, effect->state->as.task.resource.arn, &q, reterr);
    }
    if (ok(done)) {
        done = map_put(&a->by_task, key_of(task), task, reterr);
    }
    if (failed(done)) {
        free_task(task);
        if (q) {
            free_queue_when_empty(q);
        }
        return done;
    }
    task->in = q;
    task->before = q->last_task;
    *(q->last_task ? &q->last_task->after : &q->first_task) = task;
    q->last_task = task;
    q->task_count++;
    match(q);
    free_queue_when_empty(q);
    return STATUS_OK;
}

static void start(void *self, const runtime_task *task, runtime_receive *receive, void *receiver)
{
    activities *a = self;
    error err;
    if (task->effect->state->as.task.resource.kind != ASL_RESOURCE_ACTIVITY) {
        a->others.start(a->others.self, task, receive, receiver);
    } else if (failed(enqueue(a, task, &err))) {
        engine_input failure = {.kind = ENGINE_TASK_FAILED,
                                .task_id = task->effect->task_id,
                                .error = STR("States.Runtime"),
                                .cause = {err.message, err.length}};
        receive(receiver, task->execution, &failure);
    }
}

static void remove_task(activities *a, uint64_t execution, uint64_t task_id)
{
    waiting_task wanted = {.execution = execution, .task_id = task_id};
    waiting_task *task = map_get(&a->by_task, key_of(&wanted));
    if (task) {
        queue *q = task->in;
        unlink_task(task);
        free_task(task);
        free_queue_when_empty(q);
    }
}

static void cancel(void *self, uint64_t execution, uint64_t task_id)
{
    activities *a = self;
    remove_task(a, execution, task_id);
    a->others.cancel(a->others.self, execution, task_id);
}

static void forget(void *self, uint64_t execution, uint64_t task_id)
{
    activities *a = self;
    remove_task(a, execution, task_id);
    runtime_tasks_forget(&a->others, execution, task_id);
}

static uint32_t in_flight(void *self)
{
    activities *a = self;
    return a->by_task.live + a->others.in_flight(a->others.self);
}

runtime_tasks activities_tasks(activities *a)
{
    return (runtime_tasks){
        .self = a, .start = start, .cancel = cancel, .in_flight = in_flight, .forget = forget};
}

/* ----------------------------------------------------------------------------------------- polls
 */

static void on_deadline(void *user)
{
    activity_poll *poll = user;
    queue *q = poll->in;
    unlink_poll(poll);
    poll->given(poll->user, NULL);
    free_poll(poll);
    free_queue_when_empty(q);
}

status activities_poll(activities *a, str activity_arn, int64_t wait_ms, activity_given *given,
                       void *user, activity_poll **ret_poll, error *reterr)
{
    queue *q;
    TRY(get_queue(a, activity_arn, &q, reterr));
    if (q->poll_count >= POLLERS_MAX) {
        return fail(reterr, ERROR_LIMIT, "%d workers poll this activity already", POLLERS_MAX);
    }
    activity_poll *poll = calloc(1, sizeof(*poll));
    status made = poll ? net_timer_new(a->loop, on_deadline, poll, &poll->deadline, reterr)
                       : fail_memory(reterr);
    if (failed(made)) {
        free(poll);
        free_queue_when_empty(q);
        return made;
    }
    poll->in = q;
    poll->given = given;
    poll->user = user;
    poll->before = q->last_poll;
    *(q->last_poll ? &q->last_poll->after : &q->first_poll) = poll;
    q->last_poll = poll;
    q->poll_count++;
    net_timer_start(poll->deadline, wait_ms, 0);
    *ret_poll = poll;
    match(q);
    free_queue_when_empty(q);
    return STATUS_OK;
}

void activities_cancel_poll(activity_poll *poll)
{
    queue *q = poll->in;
    unlink_poll(poll);
    free_poll(poll);
    free_queue_when_empty(q);
}

uint32_t activities_waiting(const activities *a, str activity_arn)
{
    const queue *q = map_get(&a->queues, activity_arn);
    return q ? q->task_count : 0;
}

/* -------------------------------------------------------------------------------- open and close
 */

status activities_new(net_loop *loop, runtime_tasks others, activities **ret_activities,
                      error *reterr)
{
    activities *a = calloc(1, sizeof(*a));
    if (!a) {
        return fail_memory(reterr);
    }
    a->loop = loop;
    a->others = others;
    map_init(&a->queues, (uintptr_t)a, (uintptr_t)loop);
    map_init(&a->by_task, 0, 0);
    *ret_activities = a;
    return STATUS_OK;
}

void activities_free(activities *a)
{
    if (!a) {
        return;
    }
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&a->queues, &cursor));) {
        queue *q = entry->value;
        while (q->first_task) {
            waiting_task *task = q->first_task;
            unlink_task(task);
            free_task(task);
        }
        while (q->first_poll) {
            activity_poll *poll = q->first_poll;
            unlink_poll(poll);
            free_poll(poll);
        }
        free(q->arn);
        free(q);
    }
    map_clean_up(&a->queues);
    map_clean_up(&a->by_task);
    free(a);
}
