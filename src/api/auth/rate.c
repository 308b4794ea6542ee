#include "api/auth/rate.h"

#include "base/entropy.h"

#include <stdlib.h>

#define BURST_SECONDS 2
#define WAYS 4
#define SETS (AUTH_ADDRESSES_MAX / WAYS)

bool auth_bucket_take(auth_bucket *bucket, int64_t rate, int64_t now_ms)
{
    if (!rate) {
        return true;
    }
    int64_t full = rate * BURST_SECONDS * 1000;
    int64_t passed_ms = bucket->filled_ms ? now_ms - bucket->filled_ms : BURST_SECONDS * 1000;
    if (passed_ms > BURST_SECONDS * 1000) {
        passed_ms = BURST_SECONDS * 1000;
    }
    if (passed_ms > 0) {
        bucket->tokens_thousandths = MIN_OF(full, bucket->tokens_thousandths + passed_ms * rate);
    }
    bucket->filled_ms = now_ms;
    if (bucket->tokens_thousandths < 1000) {
        return false;
    }
    bucket->tokens_thousandths -= 1000;
    return true;
}

typedef struct entry {
    uint64_t hash;
    auth_bucket bucket;
} entry;

struct auth_buckets {
    uint64_t seed;
    entry entries[SETS][WAYS];
};

status auth_buckets_new(uint64_t seed, auth_buckets **ret_buckets, error *reterr)
{
    auth_buckets *buckets = calloc(1, sizeof(*buckets));
    if (!buckets) {
        return fail_memory(reterr);
    }
    buckets->seed = seed;
    *ret_buckets = buckets;
    return STATUS_OK;
}

void auth_buckets_free(auth_buckets *buckets)
{
    free(buckets);
}

bool auth_buckets_take(auth_buckets *buckets, str caller, int64_t rate, int64_t now_ms)
{
    entropy mix = {.state = buckets->seed};
    uint64_t hash = entropy_next(&mix);
    for (size_t i = 0; i < caller.len; i++) {
        mix.state = hash ^ (unsigned char)caller.ptr[i];
        hash = entropy_next(&mix);
    }
    entry *set = buckets->entries[hash % SETS];
    entry *found = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].hash == hash && set[i].bucket.filled_ms) {
            return auth_bucket_take(&set[i].bucket, rate, now_ms);
        }
        found = set[i].bucket.filled_ms < found->bucket.filled_ms ? &set[i] : found;
    }
    *found = (entry){.hash = hash};
    return auth_bucket_take(&found->bucket, rate, now_ms);
}
