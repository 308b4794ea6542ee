/* When a failed call is sent again, and after how long: the SDKs' standard mode. Pure.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
#ifndef GAIT_INTEGRATIONS_AWS_RETRY_H
#define GAIT_INTEGRATIONS_AWS_RETRY_H

#include "base/entropy.h"
#include "base/status.h"

/* A bucket of tokens of each service: a retry takes some, a success gives some back. When many
 * calls fail, the bucket runs dry and calls fail at their first attempt. */
typedef struct aws_retry_bucket {
    uint32_t used;
} aws_retry_bucket;

#define AWS_RETRY_TOKENS 500

typedef enum aws_retry_reason {
    AWS_RETRY_NOT,       /* it would fail again */
    AWS_RETRY_TRANSIENT, /* no connection, a timeout, a server's mistake */
    AWS_RETRY_THROTTLED,
} aws_retry_reason;

/* Of an answer that is no success; `code` is the service's. */
aws_retry_reason aws_retry_reason_of(unsigned http_status, str code);

/* Takes the tokens of one retry; false when there are too few. */
bool aws_retry_take(aws_retry_bucket *bucket, aws_retry_reason reason, uint32_t *ret_taken);
/* After a success: what its last retry took, or one where it had none. */
void aws_retry_give(aws_retry_bucket *bucket, uint32_t taken);

/* Before attempt number `attempt`, from 2: a random part of an exponentially growing time. */
int64_t aws_retry_delay_ms(aws_retry_reason reason, uint32_t attempt, entropy *random);

#endif
