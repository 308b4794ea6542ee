/* The optimized integrations as data: one row for each action that a Task can call as
 * arn:aws:states:::SERVICE:ACTION, with its patterns, the operation of the AWS SDK behind it, how
 * its parameters and results are shaped, and how a job of .sync is watched and cancelled. What is
 * not in the table (nor in integration.c) is refused by name when a state machine is created.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html and the
 * page of each service below it (connect-SERVICE.html). */
#ifndef GAIT_INTEGRATIONS_OPTIMIZED_ACTION_H
#define GAIT_INTEGRATIONS_OPTIMIZED_ACTION_H

#include "json/json.h"

#define OPTIMIZED_FIELDS_MAX 8

/* A member of an object that is made from others. The source is where its value comes from:
 *   "p.Cluster"          the Task's parameters
 *   "s.Tasks[0].TaskArn" the answer to the request
 *   "d.Jobs[0]"          the answer of job.describe
 *   "=text"              the text itself
 * A member whose source is not there is left out. */
typedef struct optimized_field {
    const char *name; /* NULL: no more */
    const char *source;
    bool is_list; /* its value is wrapped in a list */
} optimized_field;

/* An operation of the SDK. Without fields its parameters are the Task's own. */
typedef struct optimized_operation {
    const char *action; /* NULL: none */
    optimized_field fields[OPTIMIZED_FIELDS_MAX];
} optimized_operation;

typedef enum optimized_success {
    OPTIMIZED_BY_STATUS,     /* the status says how the job has ended */
    OPTIMIZED_BY_EXIT_CODES, /* so do the containers' exit codes: ecs:runTask */
} optimized_success;

typedef struct optimized_job {
    optimized_operation describe;
    const char *status;             /* source of the job's status */
    const char *succeeded, *failed; /* its final values, each followed by a space */
    bool gone_is_success; /* a job that deletes something: it succeeded when describe finds nothing
                           */
    optimized_success success;
    const char *result;         /* source of the Task's result */
    optimized_field output[3];  /* or its members */
    optimized_operation cancel; /* when the Task is stopped, or times out; may be none */
} optimized_job;

/* An id that Step Functions finds by a name before the request: of an item of a list that is asked
 * for page by page. */
typedef struct optimized_lookup {
    optimized_operation list;
    const char *items;     /* member of the answer: "InstanceGroups" */
    const char *name;      /* source of what an item's Name is to be: "p.InstanceGroupName" */
    const char *into, *as; /* the member of the parameters that gets the item's Id, and as what */
} optimized_lookup;

typedef enum optimized_pattern {
    OPTIMIZED_REQUEST = 1,
    OPTIMIZED_SYNC = 2,
    OPTIMIZED_TOKEN = 4,
    OPTIMIZED_SYNC_2 = 8,
} optimized_pattern;

typedef struct optimized_service {
    const char *name;         /* in ARNs: "elasticmapreduce" */
    const char *sdk;          /* in aws-sdk ARNs: "emr" */
    const char *error_prefix; /* "ElasticMapReduce" */
    const char *sdk_service;  /* in the SDK's words of an error: "AmazonElasticMapReduce" */
    const char
        *sdk_exception; /* its class of errors without one: "AmazonElasticMapReduceException" */
} optimized_service;

typedef struct optimized_action {
    const optimized_service *service;
    const char *name;
    unsigned patterns;    /* of optimized_pattern */
    bool has_no_metadata; /* the result is without SdkHttpMetadata and SdkResponseMetadata */
    optimized_operation request;
    /* The Task's parameters where they are not the operation's: names, each followed by a space, a
     * required one after "*". NULL: the operation's own. */
    const char *parameters;
    /* A parameter that tells one request from another: it is set where the Task has not, to the
     * same each time that the Task is begun, so that a request is not carried out twice. Or NULL.
     */
    const char *idempotency_token;
    /* A parameter that may be any JSON and is sent as text; NULL: none. "A[].B" is a member of each
     * item of a list. */
    const char *text_parameter;
    optimized_field output[3]; /* members of the result, from "s."; none: the answer itself */
    const optimized_job *job;
    const optimized_lookup *lookup; /* NULL: none */
} optimized_action;

/* NULL when there is none. */
const optimized_action *optimized_action_find(str service, str name);
uint32_t optimized_action_count(void);
const optimized_action *optimized_action_at(uint32_t index);
/* "", "sync", "sync:2", "waitForTaskToken". */
bool optimized_action_allows(const optimized_action *action, str pattern);

#endif
