/* What became of a call, in the words of the optimized integrations. */
#ifndef GAIT_INTEGRATIONS_OPTIMIZED_OUTCOME_H
#define GAIT_INTEGRATIONS_OPTIMIZED_OUTCOME_H

#include "integrations/aws/outcome.h"
#include "integrations/optimized/action.h"

/* An answer's own output, sorted, with SdkHttpMetadata and SdkResponseMetadata where the action has
 * them. */
MUST_USE status optimized_output(const optimized_action *action, const aws_outcome *outcome,
                                 arena *a, json *ret_output, error *reterr);

/* A failure's error name and cause, as the SDK's version 1 says them:
 * "DynamoDB.ConditionalCheckFailedException", "MESSAGE (Service: AmazonDynamoDBv2; Status Code:
 * 400; Error Code: CODE; Request ID: ID; Proxy: null)". Parameters that do not fit are
 * States.Runtime. */
MUST_USE status optimized_failure(const optimized_action *action, const aws_outcome *outcome,
                                  arena *a, str *ret_error, str *ret_cause, error *reterr);

/* "The Parameters '{...}' could not be used to start the Task: [MESSAGE]" */
str optimized_refusal(json parameters, str message, arena *a);

#endif
