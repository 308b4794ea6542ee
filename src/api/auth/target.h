/* What a call wants to do to what: the IAM action and resource of each operation.
 *
 * A version or an alias is judged by its state machine's ARN, with its number or name as the
 * condition key states:StateMachineQualifier; what has no resource of its own (lists, TestState,
 * validation, a task token that is none of ours) by the pattern ARN that AWS itself names in its
 * refusals, such as arn:aws:states:REGION:ACCOUNT:stateMachine:*.
 *
 * Source:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_stepfunctions.html and
 * https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html */
#ifndef GAIT_API_AUTH_TARGET_H
#define GAIT_API_AUTH_TARGET_H

#include "json/json.h"

#define AUTH_ACTIONS_MAX 3

typedef struct auth_target {
    str actions[AUTH_ACTIONS_MAX]; /* all must be allowed */
    size_t action_count;
    str resource;
    str qualifier; /* absent when there is none */
    str token;     /* absent, or a task's: the resource is its machine (auth_target_set_machine) */
} auth_target;

/* The input has not been checked yet: what is missing or of the wrong type is judged as "any", and
 * refused by validation afterwards. Text is the input's or in the arena. */
MUST_USE status auth_target_of(str operation, json input, str region, str account, arena *a,
                               auth_target *ret_target, error *reterr);

/* What `token` belongs to, where that is known: a state machine's ARN, which outlives the target.
 */
void auth_target_set_machine(auth_target *target, str machine_arn);

#endif
