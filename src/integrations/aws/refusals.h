/* What the models describe and this client does not do, since it goes by other endpoints or other
 * signatures (SigV4a, sessions): refused by name, instead of being sent where it is not.
 * Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html
 * and https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-global-endpoints.html */
#ifndef GAIT_INTEGRATIONS_AWS_REFUSALS_H
#define GAIT_INTEGRATIONS_AWS_REFUSALS_H

#include "integrations/aws/endpoints.h"

/* ERROR_UNSUPPORTED. */
MUST_USE status aws_request_refuse(aws_operation operation, json parameters,
                                   const aws_request *request, const aws_target *target,
                                   error *reterr);

#endif
