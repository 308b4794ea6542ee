/* The Step Functions API: AWS JSON 1.0 over HTTP, one function per operation.
 *
 * protocol.c takes a request apart, checks its input against the model (model/), and calls the
 * operation's function from the table in operations.c. A function answers once, now or later, with
 * api_answer or api_refuse. Resources are records of the store (resources.h). */
#ifndef GAIT_API_API_H
#define GAIT_API_API_H

#include "net/http_server.h"
#include "runtime/activities.h"
#include "runtime/children.h"
#include "runtime/map/map_runs.h"
#include "runtime/shard.h"
#include "store/store.h"

typedef struct api api;

typedef struct api_options {
    net_loop *loop;
    store *store;
    shard *shard;
    activities *activities;
    map_runs *map_runs; /* NULL: there are none */
    str region, account;
    /* Whether a Task may use a resource: for asl_compile. May be NULL. */
    status (*check_resource)(void *user, const asl_resource *resource, error *reterr);
    /* Likewise, whether what it passes fits. */
    status (*check_arguments)(void *user, const asl_resource *resource, json arguments,
                              error *reterr);
    void *check_user; /* of both */
    /* Checks a TestState mock's result against the service's model: ERROR_INVALID with AWS's words,
     * such as "Field 'StatusCode' must be a number"; is_strict: required members must be there. May
     * be NULL: then no result is checked. */
    status (*check_mock)(void *user, const asl_resource *resource, json result, bool is_strict,
                         error *reterr);
    void *check_mock_user;
    /* Whether an execution of the machine can be started with a test case, which is what then may
     * follow a state machine's ARN after "#": ERROR_NOT_FOUND. NULL: there are no test cases. */
    status (*check_test_case)(void *user, str machine_name, str test_case,
                              const asl_machine *machine, error *reterr);
    void *check_test_case_user;
    entropy entropy;            /* seed of ids */
    unsigned char page_key[32]; /* authenticates page tokens */
    /* Access (auth/access.h). Both may be NULL: all is allowed. authenticate says who calls, before
     * anything of the body is looked at; authorize judges the parsed input before its operation
     * runs. On refusal they fill the error in and say which of AWS's error names it is. */
    status (*authenticate)(void *user, const net_http_request *request, const void **ret_caller,
                           const char **ret_error_name, error *reterr);
    status (*authorize)(void *user, const void *caller, const net_http_request *request,
                        str operation, json input, const char **ret_error_name, error *reterr);
    void *access_user; /* of both */
} api_options;

MUST_USE status api_new(const api_options *options, api **ret_api, error *reterr);
void api_free(api *a); /* NULL is fine */

/* Handles a POST with an X-Amz-Target of AWSStepFunctions; false (and nothing done) for any other
 * request, which is somebody else's. */
bool api_handle(api *a, const net_http_request *request);

/* An operation called from inside the process, with the api as `self`: no HTTP, no access check
 * (see child_call). */
MUST_USE status api_call_inside(void *self, str operation, json input, json parent,
                                child_answered *answered, void *user, error *reterr);

/* An execution's loggingConfiguration, as its state machine or version has it. Borrowed for the
 * turn; JSON_ABSENT when there is none. `a` may be NULL: the API does not serve yet. */
json api_logging_configuration(const api *a, const shard_execution *execution);

/* For shard_options.refuse_task, with the api as user: an activity that is not there (any more). */
str api_refuse_task(const void *user, const asl_resource *resource, json payload, arena *a);

#endif
