/* The services of the table, each in the file of its kind. */
#ifndef GAIT_INTEGRATIONS_OPTIMIZED_SERVICES_H
#define GAIT_INTEGRATIONS_OPTIMIZED_SERVICES_H

#include "integrations/optimized/action.h"

typedef struct optimized_actions {
    const optimized_action *actions;
    uint32_t count;
} optimized_actions;

extern const optimized_actions optimized_messaging; /* sqs, sns, events, dynamodb, bedrock */
extern const optimized_actions optimized_compute;   /* batch, ecs, codebuild, glue, databrew, ... */
extern const optimized_actions optimized_analytics; /* athena, sagemaker, EMR in its three forms */
extern const optimized_actions optimized_kubernetes; /* eks */

#define REQUEST OPTIMIZED_REQUEST
#define REQUEST_OR_SYNC (OPTIMIZED_REQUEST | OPTIMIZED_SYNC)
#define REQUEST_OR_TOKEN (OPTIMIZED_REQUEST | OPTIMIZED_TOKEN)

#endif
