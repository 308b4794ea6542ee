/* Names of state machines, executions and activities.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
#ifndef GAIT_RUNTIME_NAMES_H
#define GAIT_RUNTIME_NAMES_H

#include "base/str.h"

/* 1 to 80 characters; no white space, brackets < > { } [ ], wildcards ? *, none of
 * " # % \ ^ | ~ ` $ & , ; : / and no control characters. */
bool runtime_name_is_valid(str name);

/* A state machine's ARN without the label that a map run's children have: .../NAME of
 * .../NAME/LABEL.
 */
str runtime_machine_without_label(str machine_arn);

#endif
