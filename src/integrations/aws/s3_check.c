#include "integrations/aws/s3_check.h"

static const struct {
    const char *end, *what;
} buckets[] = {
    {"--x-s3", "a directory bucket of S3 Express One Zone"},
    {"--xa-s3", "an access point of a directory bucket of S3 Express One Zone"},
    {"--op-s3", "an access point of S3 on Outposts"},
};

static const char *const actions[] = {"createSession", "listDirectoryBuckets"};

status aws_s3_check(aws_operation operation, const aws_request *request, error *reterr)
{
    if (!str_equal(aws_service_sdk_name(aws_operation_service(operation)), STR("s3"))) {
        return STATUS_OK;
    }
    str shown = str_take(request->bucket, 200);
    for (size_t i = 0; i < ARRAY_LENGTH(buckets); i++) {
        if (str_ends_with(request->bucket, str_from_c(buckets[i].end))) {
            return fail(reterr, ERROR_UNSUPPORTED,
                        "the bucket '%.*s' is %s, which is not supported", STR_ARG(shown),
                        buckets[i].what);
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        if (str_equal(aws_operation_action(operation), str_from_c(actions[i]))) {
            return fail(reterr, ERROR_UNSUPPORTED,
                        "aws-sdk:s3:%s is of S3 Express One Zone, which is not supported",
                        actions[i]);
        }
    }
    return STATUS_OK;
}
