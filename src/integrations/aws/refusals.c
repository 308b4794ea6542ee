#include "integrations/aws/refusals.h"

static const struct {
    const char *end, *what;
} buckets[] = {
    {"--x-s3", "a directory bucket of S3 Express One Zone"},
    {"--xa-s3", "an access point of a directory bucket of S3 Express One Zone"},
    {"--op-s3", "an access point of S3 on Outposts"},
};

static const struct {
    const char *service, *action, *member; /* NULL: any; with a member, where it is given */
    bool is_at_aws;                        /* what stands in for AWS may do it all the same */
    const char *why;
} rows[] = {
    {"s3", "createSession", NULL, false, "it is of S3 Express One Zone"},
    {"s3", "listDirectoryBuckets", NULL, false, "it is of S3 Express One Zone"},
    {"eventbridge", "putEvents", "EndpointId", true, "global endpoints take signatures by SigV4a"},
    {"sesv2", "sendEmail", "EndpointId", true, "global endpoints take signatures by SigV4a"},
    {"sesv2", "sendBulkEmail", "EndpointId", true, "global endpoints take signatures by SigV4a"},
    {"cloudfrontkeyvaluestore", NULL, NULL, true,
     "each store has its own endpoint, which takes signatures by SigV4a"},
};

static status refuse_bucket(str bucket, error *reterr)
{
    for (size_t i = 0; i < ARRAY_LENGTH(buckets); i++) {
        if (str_ends_with(bucket, str_from_c(buckets[i].end))) {
            return fail(reterr, ERROR_UNSUPPORTED,
                        "the bucket '%.*s' is %s, which is not supported",
                        STR_ARG(str_take(bucket, 200)), buckets[i].what);
        }
    }
    return STATUS_OK;
}

status aws_request_refuse(aws_operation operation, json parameters, const aws_request *request,
                          const aws_target *target, error *reterr)
{
    str service = aws_service_sdk_name(aws_operation_service(operation));
    str action = aws_operation_action(operation);
    if (str_equal(service, STR("s3"))) {
        TRY(refuse_bucket(request->bucket, reterr));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *member = rows[i].member;
        json given = member ? json_get(parameters, str_from_c(member)) : json_boolean(true);
        if (str_equal(service, str_from_c(rows[i].service)) &&
            (!rows[i].action || str_equal(action, str_from_c(rows[i].action))) &&
            !json_is_absent(given) && !json_is(given, JSON_NULL) &&
            (!rows[i].is_at_aws || target->kind == AWS_TARGET_AWS)) {
            return fail(reterr, ERROR_UNSUPPORTED, "aws-sdk:%.*s:%.*s%s%s is not supported: %s",
                        STR_ARG(service), STR_ARG(action), member ? " with " : "",
                        member ? member : "", rows[i].why);
        }
    }
    return STATUS_OK;
}
