/* What the local services (local/local.h) answer in AWS's place, as a call's outcome. */
#ifndef GAIT_INTEGRATIONS_AWS_STAND_IN_H
#define GAIT_INTEGRATIONS_AWS_STAND_IN_H

#include "integrations/aws/outcome.h"
#include "integrations/local/local.h"

/* Borrows from the answer; made texts are in the arena. */
aws_outcome aws_stand_in_outcome(aws_operation operation, const local_answer *answer, arena *a);

#endif
