/* integrations: the other side of a Task. A call goes out, and its result comes back by callback.
 * What is here knows nothing of state machines: text and JSON in, text and JSON out.
 *
 * Each kind of integration is a row of the table in integration.c (see integration_kind.h to add
 * one). What is not in the table is refused by name. */
#ifndef GAIT_INTEGRATIONS_INTEGRATION_H
#define GAIT_INTEGRATIONS_INTEGRATION_H

#include "integrations/lambda/pool.h"
#include "net/loop.h"
#include "json/json.h"

typedef struct integrations integrations;
typedef struct integration_task integration_task;

/* What a function printed, line by line, for a person's eyes. */
typedef void integration_log(void *user, str function_name, str line);

typedef struct integrations_options {
    net_loop *loop;
    str functions_folder; /* holds a folder a function; absent: there are no functions */
    /* lambda/NAME/, logs/NAME.log, sns/TOPIC.jsonl; made when first needed. Absent: created
     * functions live until integrations_free, and there are no logs. */
    str data_folder;
    bool functions_are_temporary; /* created functions are not kept in the data folder, either */
    /* Borrowed, and outlives the integrations; may be absent. Its members:
     *   "functions": {"processesMax", "queueMax", "idleSeconds"}   limits of each function
     *   "sns": {"topics": {NAME: {"subscriptions": [{"protocol", "endpoint", ...}]}}}
     *   "aws": where AWS's services are and whose keys are used (aws/settings.h)
     *   "http", "connections": of HTTP Tasks (http/http_tasks.h, http/connection.h)
     *   "apigateway": who answers in place of its APIs (http/api_gateway.h) */
    json config;
    str account, region; /* of the ARNs made here */
    str aws_models;      /* the file aws-models; absent: see aws/client.h */
    /* What functions see of the outside, "NAME=value", NULL-terminated, borrowed; NULL: this
     * process's environment. */
    const char *const *environment;
    /* Functions may be made between the definition and the call: integrations_check accepts one
     * that is not there. */
    bool may_come_later;
    integration_log *on_log; /* may be NULL: logs go to files only */
    void *log_user;
} integrations_options;

MUST_USE status integrations_new(const integrations_options *options, integrations **ret_tasks,
                                 error *reterr);
/* Cancels every call and kills every process; runs the loop until they are gone, so it is not
 * called inside one of its callbacks. NULL is fine. */
void integrations_free(integrations *tasks);

/* One HTTP request and what came of it, as TestState tells of it. Borrowed for the call; a str that
 * is absent is left out. */
typedef struct integration_exchange {
    str protocol, method, url, request_headers, request_body;
    bool has_response;
    str status_code, status_message, response_headers, response_body;
} integration_exchange;

/* Who wants to see an HTTP Task's exchanges. Borrowed until the task has ended. */
typedef struct integration_trace {
    bool is_revealing; /* with what the connection added */
    void (*told)(void *user, const integration_exchange *exchange); /* at most once a task */
    void *user;
} integration_trace;

/* Everything is borrowed for the call, but for trace. */
typedef struct integration_call {
    str execution_arn, execution_name, state_name;
    str resource;        /* as written */
    str service, action; /* "lambda", "invoke"; action absent for a function's or topic's ARN */
    str pattern;         /* "", "sync", "sync:2", "waitForTaskToken" */
    str region, account; /* of the resource; may be absent */
    json payload;        /* the task's input: its Parameters or Arguments, or the state's input */
    str task_token;      /* for waitForTaskToken */
    str role_arn;        /* Credentials.RoleArn; absent: the keys of this machine */
    json submission;     /* of a job that was submitted before: watch it. Else absent */
    str key;             /* the same each time that this task is begun, and no other's; or absent */
    int64_t timeout_ms;  /* of the task, for information; 0: none. The caller keeps it. */
    uint32_t attempt;    /* 0 for the first */
    const integration_trace *trace; /* NULL: nobody wants to know */
    /* Of S3's getObject and putObject: Body is the object's bytes, in and out, and not JSON or a
     * text made of them. It need not be UTF-8, and has up to S3_OBJECT_BYTES_MAX. */
    bool body_is_bytes;
} integration_call;

/* Borrowed for the callback. */
typedef struct integration_result {
    bool succeeded;
    /* The request was accepted, and `output` is its answer. How the task ends comes later: by its
     * token (waitForTaskToken), or by done, once more (sync: the job's end). */
    bool is_submitted;
    bool has_error, has_cause;
    json output;
    str error, cause;
} integration_result;

typedef void integration_done(void *user, const integration_result *result);

/* Whether a resource can be called here; what the call says about input is not looked at.
 * ERROR_UNSUPPORTED or ERROR_NOT_FOUND, by name: a local function that is not there is refused with
 * the folder that was searched and names that look alike. */
MUST_USE status integrations_check(integrations *tasks, const integration_call *call,
                                   error *reterr);
/* Whether the call's payload fits the action, in AWS's words: 'The field "X" is not supported by
 * Step Functions'. is_template: as its author wrote it, where names may end in ".$" and texts may
 * be expressions; then what is required must be there. Only what the AWS models know is checked. */
MUST_USE status integrations_check_arguments(integrations *tasks, const integration_call *call,
                                             bool is_template, error *reterr);
/* Whether the service that the call names can give this result: ERROR_INVALID in AWS's words, such
 * as "Field 'StatusCode' must be a number". is_strict: required members must be there. What has no
 * model is not checked: functions, HTTP APIs, what comes with a token (.waitForTaskToken), and
 * everything where the file of models cannot be read. A job's result (.sync) is held against the
 * model of the operation that watches it. */
MUST_USE status integrations_check_result(integrations *tasks, const integration_call *call,
                                          json result, bool is_strict, error *reterr);
/* Begins the call. done(user) is called once from the loop, never before this returns, and ends
 * the task handle; after is_submitted it is the owner's to end by integrations_cancel. A
 * failure means that the call could not even begin (see integrations_check; out of memory): what a
 * service would answer, such as a missing parameter, comes through done. */
MUST_USE status integrations_start(integrations *tasks, const integration_call *call,
                                   integration_done *done, void *user, integration_task **ret_task,
                                   error *reterr);
/* done is not called any more. A function that runs is not stopped by it: as in AWS it goes on to
 * its end or its own timeout; so does a job. NULL is fine. */
void integrations_cancel(integration_task *task);
/* The same, and a job of .sync is cancelled, as AWS does when a Task is stopped or times out. */
void integrations_abort(integration_task *task);

/* For the Lambda API: the functions that were created, and all that run. Made when first needed;
 * NULL: see reterr. */
lambda_catalog *integrations_functions(integrations *tasks, error *reterr);
lambda_pool *integrations_lambda(integrations *tasks, error *reterr);
/* Where this server itself answers, "http://127.0.0.1:8083", once that is known: for Tasks that
 * call Step Functions or Lambda. */
MUST_USE status integrations_set_own_endpoint(integrations *tasks, str url, error *reterr);
/* Whether somebody has said where the service of AWS is ("cloudwatchlogs"): an address, or AWS
 * itself. Reads the service models. */
bool integrations_are_directed(integrations *tasks, str service);
const integrations_options *integrations_settings(const integrations *tasks);

#endif
