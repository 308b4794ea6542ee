/* local: AWS services that this machine stands in for when no endpoint is configured for them: S3
 * on a folder, the Redshift Data API on a PostgreSQL, Glue jobs as processes. They take and give
 * what the real service's SDK integration takes and gives (members in PascalCase), so that nothing
 * above knows which one answered. */
#ifndef GAIT_INTEGRATIONS_LOCAL_LOCAL_H
#define GAIT_INTEGRATIONS_LOCAL_LOCAL_H

#include "net/loop.h"
#include "json/json.h"

typedef struct local_services local_services;
typedef struct local_task local_task;

typedef struct local_options {
    net_loop *loop;
    str data_folder; /* s3/, redshift-data/ and glue/ are made in it; absent: nothing can be kept */
    /* Borrowed, and outlives the services; may be absent. Its members:
     *   "redshift-data": {"connection": a libpq connection string}
     *   "glue": {"jobs": {NAME: {"Command", "DefaultArguments", "Timeout", ...}}} as CreateJob's */
    json config;
    str account, region;
    const char *const *environment; /* of jobs, NULL-terminated, borrowed; NULL: this process's */
} local_options;

/* Borrowed for the callback. */
typedef struct local_answer {
    bool succeeded;
    json output;
    /* Of a failure, as the service tells it: the HTTP status, the error's code ("NoSuchKey") and
     * its message. A status of 0: the request never got as far as the service. */
    unsigned status;
    str code, message;
} local_answer;

typedef void local_done(void *user, const local_answer *answer);

/* Whether a service is one of these, by the name that its SDK integration has ("redshiftdata"). */
bool local_services_know(str service);
/* ERROR_UNSUPPORTED, by name, for an action that is not done here. */
MUST_USE status local_services_check(str service, str action, error *reterr);

MUST_USE status local_services_new(const local_options *options, local_services **ret_services,
                                   error *reterr);
/* Ends all jobs and statements, and runs the loop until their threads are gone. NULL is fine. */
void local_services_free(local_services *services);

typedef struct local_request {
    str service, action;
    json parameters;    /* copied */
    bool body_is_bytes; /* see integration_call */
} local_request;

/* done(user) comes once from the loop, never before this returns, and
 * ends the task. */
MUST_USE status local_task_begin(local_services *services, const local_request *request,
                                 local_done *done, void *user, local_task **ret_task,
                                 error *reterr);
/* done is not called any more. What was begun is not undone. NULL is fine. */
void local_task_cancel(local_task *task);

#endif
