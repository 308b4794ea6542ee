#include "integrations/aws/retry.h"

#define TRANSIENT_COST 5
#define TRANSIENT_BASE_MS 100
#define THROTTLED_BASE_MS 1000
#define DELAY_MS_MAX 20000

static bool is_among(str code, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(code, str_from_c(list[i]))) {
            return true;
        }
    }
    return false;
}

aws_retry_reason aws_retry_reason_of(unsigned http_status, str code)
{
    static const char *const throttled[] = {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    };
    static const char *const transient[] = {"RequestTimeout", "RequestTimeoutException",
                                            "IDPCommunicationError"};
    if (http_status == 429 || is_among(code, throttled, ARRAY_LENGTH(throttled))) {
        return AWS_RETRY_THROTTLED;
    }
    bool is_server =
        http_status == 500 || http_status == 502 || http_status == 503 || http_status == 504;
    return is_server || is_among(code, transient, ARRAY_LENGTH(transient)) ? AWS_RETRY_TRANSIENT
                                                                           : AWS_RETRY_NOT;
}

bool aws_retry_take(aws_retry_bucket *bucket, aws_retry_reason reason, uint32_t *ret_taken)
{
    if (reason == AWS_RETRY_NOT || bucket->used + TRANSIENT_COST > AWS_RETRY_TOKENS) {
        return false;
    }
    bucket->used += TRANSIENT_COST;
    *ret_taken = TRANSIENT_COST;
    return true;
}

void aws_retry_give(aws_retry_bucket *bucket, uint32_t taken)
{
    uint32_t back = taken ? taken : 1;
    bucket->used -= MIN_OF(back, bucket->used);
}

int64_t aws_retry_delay_ms(aws_retry_reason reason, uint32_t attempt, entropy *random)
{
    int64_t longest = reason == AWS_RETRY_THROTTLED ? THROTTLED_BASE_MS : TRANSIENT_BASE_MS;
    for (uint32_t i = 2; i < attempt && longest < DELAY_MS_MAX; i++) {
        longest *= 2;
    }
    return (int64_t)(entropy_next_double(random) * (double)MIN_OF(longest, DELAY_MS_MAX));
}
