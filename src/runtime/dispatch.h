/* dispatch: carries out the engine's START_TASK and CANCEL_TASK effects through the integrations,
 * and hands each task's end back as an engine input. */
#ifndef GAIT_RUNTIME_DISPATCH_H
#define GAIT_RUNTIME_DISPATCH_H

#include "integrations/integration.h"
#include "runtime/tasks.h"

typedef struct dispatch dispatch;

/* `tasks` outlives it. */
MUST_USE status dispatch_new(integrations *tasks, dispatch **ret_dispatch, error *reterr);
void dispatch_free(dispatch *d); /* cancels what is in flight; NULL is fine */
/* As the runtime calls it. */
runtime_tasks dispatch_tasks(dispatch *d);

/* For asl_options.check_resource: whether a state machine run here may use the resource. `user` is
 * the integrations. */
status dispatch_check_resource(void *user, const asl_resource *resource, error *reterr);
/* For asl_options.check_arguments, with the same user: Parameters or Arguments as written. */
status dispatch_check_arguments(void *user, const asl_resource *resource, json arguments,
                                error *reterr);
/* For engine_identity.refuse_task, with the same user: why AWS would not start the task with this
 * payload. */
str dispatch_refuse_task(const void *user, const asl_resource *resource, json payload, arena *a);
/* For api_options.check_mock, with the same user. */
status dispatch_check_mock(void *user, const asl_resource *resource, json result, bool is_strict,
                           error *reterr);

#endif
