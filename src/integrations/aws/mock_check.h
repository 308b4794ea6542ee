/* Whether a mocked result is one that an operation can give: TestState's fieldValidationMode.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_MockInput.html */
#ifndef GAIT_INTEGRATIONS_AWS_MOCK_CHECK_H
#define GAIT_INTEGRATIONS_AWS_MOCK_CHECK_H

#include "integrations/aws/shapes.h"
#include "json/json.h"

/* The names are an aws-sdk ARN's ("sfn", "startExecution"), or with is_optimized those of an
 * optimised integration ("states", "startExecution"). is_strict: required members must be there,
 * too. Members that the model does not have are no fault. ERROR_INVALID in AWS's words, such as
 * "Field 'StatusCode' must be a number"; what the models don't have is not checked. */
MUST_USE status aws_mock_check(const aws_models *models, str service, str action, bool is_optimized,
                               bool is_strict, json result, error *reterr);

typedef struct aws_mock_rules {
    bool is_strict;
    bool times_may_be_numbers; /* as the results of jobs have them */
    str json_members[2];       /* of the result itself: any JSON, whatever the model says; or "" */
} aws_mock_rules;
/* The same for what a shape describes; `field` is what it is called, "" of the result itself. */
MUST_USE status aws_mock_check_shape(aws_shape shape, const aws_mock_rules *rules, json value,
                                     str field, error *reterr);

#endif
