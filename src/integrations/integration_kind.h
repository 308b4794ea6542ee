/* Private to the room: what a kind of integration is, and what integration.c does for all of them.
 * To add a kind: a file of its own, its row in integration_kinds (integration.c), its test. */
#ifndef GAIT_INTEGRATIONS_INTEGRATION_KIND_H
#define GAIT_INTEGRATIONS_INTEGRATION_KIND_H

#include "integrations/aws/client.h"
#include "integrations/http/http_tasks.h"
#include "integrations/integration.h"
#include "net/http_client.h"

typedef struct integration_kind {
    const char *service;
    const char *action;      /* NULL: an ARN of the service itself (a function, a topic) */
    bool can_wait_for_token; /* .waitForTaskToken */
    bool can_be_job;         /* .sync: start sets task->is_job */
    /* May be NULL. */
    status (*check)(integrations *tasks, const integration_call *call, error *reterr);
    /* Begins, or answers at once by integration_task_finish or _fail (which may be called here). */
    status (*start)(integration_task *task, const integration_call *call, error *reterr);
    /* The owner has lost interest: task->state will get no further callback. May be NULL. */
    void (*cancel)(integration_task *task);
    /* See integrations_check_arguments; NULL: they are not checked. */
    status (*check_arguments)(integrations *tasks, const integration_call *call, bool is_template,
                              error *reterr);
    /* Of a job: nobody waits for it any more. It is cancelled, and the task ends then. */
    void (*abort)(integration_task *task);
} integration_kind;

struct integration_task {
    integrations *owner;
    integration_task *previous, *next; /* in owner->tasks */
    const integration_kind *kind;
    integration_done *done; /* NULL once called */
    void *user;
    arena memory;              /* what the task needs until its end */
    str resource;              /* in memory */
    bool waits_for_token;      /* success means that the request was accepted */
    bool is_job;               /* done is called for its submission, and again for its end */
    bool is_starting;          /* a result must wait for the next turn */
    bool has_result;           /* `result` waits */
    integration_result result; /* in memory */
    void *state;               /* of the kind */
};

/* Calls done, now or in the next turn, and frees the task unless it stays submitted. The result may
 * be anything that lives during the call. */
void integration_task_finish(integration_task *task, const integration_result *result);
void integration_task_succeed(integration_task *task, json output);
/* An absent str is left out of the result. */
void integration_task_fail(integration_task *task, str error_name, str cause);
/* The same with the words of `err`, when memory or the system failed: States.Runtime. */
void integration_task_fail_internally(integration_task *task, const error *err);

/* ERROR_INVALID in AWS's words: nothing can be called by this resource. */
status integration_refuse_resource(const integration_call *call, error *reterr);

/* Made when first needed; NULL: see reterr. */
net_http_client *integrations_http(integrations *tasks, error *reterr);
http_tasks *integrations_http_tasks(integrations *tasks, error *reterr);
/* Likewise. */
aws_client *integrations_aws(integrations *tasks, error *reterr);
/* A version-4 UUID. */
void integrations_uuid(char out[37]);

/* The rows: */
status lambda_arn_check(integrations *tasks, const integration_call *call, error *reterr);
status lambda_arn_start(integration_task *task, const integration_call *call, error *reterr);
status lambda_invoke_start(integration_task *task, const integration_call *call, error *reterr);
void lambda_task_cancel(integration_task *task);
status sns_topic_check(integrations *tasks, const integration_call *call, error *reterr);
status sns_topic_start(integration_task *task, const integration_call *call, error *reterr);
status sns_publish_start(integration_task *task, const integration_call *call, error *reterr);
void sns_task_cancel(integration_task *task);
status http_invoke_start(integration_task *task, const integration_call *call, error *reterr);
void http_invoke_cancel(integration_task *task);
status api_gateway_start(integration_task *task, const integration_call *call, error *reterr);
status api_gateway_check_arguments(integrations *tasks, const integration_call *call,
                                   bool is_template, error *reterr);
void api_gateway_cancel(integration_task *task);
status kubernetes_call_start(integration_task *task, const integration_call *call, error *reterr);
status kubernetes_call_check_arguments(integrations *tasks, const integration_call *call,
                                       bool is_template, error *reterr);
void kubernetes_call_cancel(integration_task *task);
status kubernetes_job_start(integration_task *task, const integration_call *call, error *reterr);
status kubernetes_job_check_arguments(integrations *tasks, const integration_call *call,
                                      bool is_template, error *reterr);
void kubernetes_job_cancel(integration_task *task);
void kubernetes_job_abort(integration_task *task);

status optimized_check(integrations *tasks, const integration_call *call, error *reterr);
status optimized_start(integration_task *task, const integration_call *call, error *reterr);
/* Whether the parameters fit: see integrations_check_arguments. */
status optimized_check_arguments(integrations *tasks, const integration_call *call,
                                 bool is_template, error *reterr);
status aws_sdk_check_arguments(integrations *tasks, const integration_call *call, bool is_template,
                               error *reterr);
void optimized_cancel(integration_task *task);
void optimized_abort(integration_task *task);

status aws_sdk_check(integrations *tasks, const integration_call *call, error *reterr);
status aws_sdk_start(integration_task *task, const integration_call *call, error *reterr);
void aws_sdk_cancel(integration_task *task);

#endif
