/* Whether a mocked result is one that a job of .sync can have: it is what the operation answers
 * that watches the job, and so held against that one's model. Source:
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_MockInput.html ("their
 * respective API models"), and connect-to-resource.html#connect-sync for what the result is. */
#ifndef GAIT_INTEGRATIONS_OPTIMIZED_RESULT_CHECK_H
#define GAIT_INTEGRATIONS_OPTIMIZED_RESULT_CHECK_H

#include "integrations/aws/mock_check.h"

/* The names are the ARN's: "glue", "startJobRun", "sync". See aws_mock_check for the rest. What is
 * no job here, or has no model (eks:runJob), is not checked. */
MUST_USE status optimized_result_check(const aws_models *models, str service, str action,
                                       str pattern, bool is_strict, json result, error *reterr);

#endif
