/* What states:startExecution gives a Task: the API's answers in the shape of the optimised
 * integration, whose members are capitalised and sorted, and whose dates are milliseconds. */
#ifndef GAIT_RUNTIME_CHILD_RESULT_H
#define GAIT_RUNTIME_CHILD_RESULT_H

#include "base/entropy.h"
#include "json/json.h"

/* The ARN that an execution of a state machine (or a version or alias of one) will have; ptr NULL
 * where that is no state machine's ARN, or out of memory. */
str child_result_arn(str machine_arn, str name, arena *a);

/* StartExecution's answer: ExecutionArn, SdkHttpMetadata, SdkResponseMetadata, StartDate. */
MUST_USE status child_result_of_start(json answer, entropy *random, arena *a, json *ret_output,
                                      error *reterr);
/* DescribeExecution's answer. Input and Output are texts (.sync), or values (.sync:2). */
MUST_USE status child_result(json answer, bool has_values, arena *a, json *ret_result,
                             error *reterr);
/* "StepFunctions.ExecutionAlreadyExistsException", and the SDK's words. */
MUST_USE status child_result_error(const char *error_name, str message, entropy *random, arena *a,
                                   str *ret_error, str *ret_cause, error *reterr);

#endif
