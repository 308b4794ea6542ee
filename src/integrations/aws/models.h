/* The service models of AWS: every service, operation and shape that an `aws-sdk:` task can name,
 * as data in one file that tools/compile-aws-models makes from the `botocore` package and that is
 * mapped into memory (docs/internals/aws-models.md has its format).
 *
 * The file is hostile until aws_models_open has looked at it: its length, its digest, and every
 * index and offset in it. Afterwards nothing here fails. Immutable, so that threads may share it.
 * Handles are passed by value and live as long as the models; all text is borrowed from the file.
 */
#ifndef GAIT_INTEGRATIONS_AWS_MODELS_H
#define GAIT_INTEGRATIONS_AWS_MODELS_H

#include "base/arena.h"

typedef struct aws_models aws_models;

typedef struct aws_service {
    const aws_models *models; /* NULL: there is no such service */
    uint32_t index;
    uint32_t endpoint_set; /* private: of the operation that it comes from */
} aws_service;

typedef struct aws_operation {
    const aws_models *models; /* NULL: there is no such operation */
    uint32_t service, index;
    uint32_t protocol; /* private: 0, or 1 + the aws_protocol that was asked for */
} aws_operation;

typedef enum aws_protocol {
    AWS_PROTOCOL_JSON, /* 1.0 and 1.1 */
    AWS_PROTOCOL_REST_JSON,
    AWS_PROTOCOL_REST_XML,
    AWS_PROTOCOL_QUERY,
    AWS_PROTOCOL_EC2,
    AWS_PROTOCOL_CBOR, /* smithy-rpc-v2-cbor */
} aws_protocol;

/* ERROR_NOT_FOUND and ERROR_IO by the system's words; ERROR_INVALID for a file that is cut short,
 * damaged, or of another version of the format. */
MUST_USE status aws_models_open(str path, aws_models **ret_models, error *reterr);
/* The same from memory, which is borrowed and must be aligned to 8 bytes. */
MUST_USE status aws_models_from_memory(str bytes, aws_models **ret_models, error *reterr);
void aws_models_close(aws_models *models); /* NULL is fine */
/* The version of botocore that the models come from, such as "1.43.11". */
str aws_models_version(const aws_models *models);
uint32_t aws_models_service_count(const aws_models *models);
aws_service aws_models_service_at(const aws_models *models, uint32_t index);

/* By the name that Step Functions gives it: "dynamodb", "sfn", "cloudwatchlogs", "sesv2". */
aws_service aws_models_service(const aws_models *models, str sdk_name);
/* By camelCase action: "putItem". */
aws_operation aws_service_operation(aws_service service, str action);
static inline bool aws_service_exists(aws_service service)
{
    return service.models != NULL;
}
static inline bool aws_operation_exists(aws_operation operation)
{
    return operation.models != NULL;
}
/* Both at once, refused with words that name what is near: ERROR_NOT_FOUND. ERROR_UNSUPPORTED for
 * operations that stream events, or that Step Functions does not call. */
MUST_USE status aws_models_find(const aws_models *models, str sdk_name, str action,
                                aws_operation *ret_operation, error *reterr);

str aws_service_sdk_name(aws_service service);         /* "cloudwatchlogs" */
str aws_service_exception_prefix(aws_service service); /* "CloudWatchLogs": of error names */
str aws_service_id(aws_service service);               /* "CloudWatch Logs" */
str aws_service_endpoint_prefix(aws_service service);  /* "logs" */
str aws_service_signing_name(aws_service service);     /* "logs" */
str aws_service_target_prefix(aws_service service);    /* of X-Amz-Target; "" when it has none */
str aws_service_api_version(aws_service service);      /* "2014-03-28" */
/* The one of its protocols that botocore prefers. */
aws_protocol aws_service_protocol(aws_service service);
/* Whether the service has one endpoint for all regions of the region's partition. */
bool aws_service_is_global(aws_service service, str region);

uint32_t aws_service_operation_count(aws_service service);
aws_operation aws_service_operation_at(aws_service service, uint32_t index);
aws_service aws_operation_service(aws_operation operation);
str aws_operation_name(aws_operation operation);   /* "PutItem", as the service calls it */
str aws_operation_action(aws_operation operation); /* "putItem", as a resource ARN spells it */
aws_protocol aws_operation_protocol(aws_operation operation);
/* Has requests of this handle made by another protocol that the service speaks; false when it does
 * not. */
bool aws_operation_use_protocol(aws_operation *operation, aws_protocol protocol);
/* Whether calls of it are not signed (sts AssumeRoleWithWebIdentity, cognito SignUp, ...). */
bool aws_operation_is_anonymous(aws_operation operation);

/* Where calls go, by the models alone (no settings, no environment): those of an operation, where
 * the service was asked of it by aws_operation_service; else those of most operations. */
typedef struct aws_endpoint {
    str host;           /* "dynamodb.eu-west-1.amazonaws.com" */
    str path;           /* goes before a request's path: "" mostly, "/v2" */
    str signing_region; /* "us-east-1" for most global services */
    str signing_name;
    str partition; /* "aws" */
    str dns_suffix;
} aws_endpoint;
/* A region that no list has is taken for one of the partition whose pattern it matches, or of
 * "aws". Fails for want of memory, and with ERROR_INVALID where `region` is no host label. */
MUST_USE status aws_service_endpoint(aws_service service, str region, arena *a,
                                     aws_endpoint *ret_endpoint, error *reterr);
/* Bits: which of a service's endpoints of a region. */
#define AWS_ENDPOINT_FIPS 1u       /* whose cryptography is validated by FIPS 140 */
#define AWS_ENDPOINT_DUAL_STACK 2u /* of IPv6 and IPv4 */
/* The same of another variant. ERROR_UNSUPPORTED, by name, where the service has none. */
MUST_USE status aws_service_endpoint_variant(aws_service service, str region, unsigned variant,
                                             arena *a, aws_endpoint *ret_endpoint, error *reterr);

#endif
