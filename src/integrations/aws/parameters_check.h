/* Whether parameters fit an operation's model: see aws_parameters_check in protocol.h, too. */
#ifndef GAIT_INTEGRATIONS_AWS_PARAMETERS_CHECK_H
#define GAIT_INTEGRATIONS_AWS_PARAMETERS_CHECK_H

#include "integrations/aws/protocol.h"
#include "integrations/aws/shapes.h"

/* Unknown fields and values of a wrong type, at any depth. What is missing is the service's to
 * tell, but for what the path needs. */
MUST_USE status parameters_check_values(aws_operation operation, json parameters, error *reterr);

#endif
