/* Where a call of a service goes, and for which region and name it is signed. In this order:
 *
 *   AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL                       the environment
 *   "aws": {"services": {"dynamodb": {"endpoint": ...}}, "endpoint"}   Gait's configuration
 *   [services NAME] of the profile, its endpoint_url                   the shared files
 *   AWS, by the models
 *
 * Step Functions and Lambda are Gait itself unless an endpoint is configured for them by name. In
 * Gait's configuration the endpoint "aws" stands for AWS, also for services that Gait stands in for
 * (local/local.h). At AWS, AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT (and what stands
 * for them in the files) choose among a service's endpoints; a configured one has no variants.
 *
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
#ifndef GAIT_INTEGRATIONS_AWS_ENDPOINTS_H
#define GAIT_INTEGRATIONS_AWS_ENDPOINTS_H

#include "integrations/aws/models.h"
#include "integrations/aws/protocol.h"
#include "integrations/aws/settings.h"

typedef enum aws_target_kind {
    AWS_TARGET_AWS,
    AWS_TARGET_CONFIGURED, /* somebody has said where */
    AWS_TARGET_OWN,        /* this server */
} aws_target_kind;

typedef struct aws_target {
    aws_target_kind kind;
    bool is_chosen; /* AWS, since the configuration says "aws" */
    bool is_plain;  /* http: an emulator, or something beside us */
    str scheme;     /* "https" */
    str host;       /* with its port where that is not the scheme's own */
    str path;       /* goes before a request's path; "" mostly, never ends in "/" */
    str region;     /* that the signature is for */
    str service;    /* likewise: "dynamodb" */
    str dns_suffix; /* of the partition: "amazonaws.com" */
} aws_target;

/* `endpoint` (may be absent) goes before all that is configured, `own_endpoint` (may be absent) is
 * this server's. ERROR_INVALID for what is no URL of http or https, and tells where it stands;
 * ERROR_UNSUPPORTED where the service has no such endpoint as is asked for. */
MUST_USE status aws_target_find(const aws_settings *settings, aws_service service, str region,
                                str endpoint, str own_endpoint, arena *a, aws_target *ret_target,
                                error *reterr);

/* Where exactly one request goes: host prefixes (left out where somebody configured an address that
 * has no such names), and the bucket in S3's host name instead of the path (on AWS only, and where
 * its name allows it). */
typedef struct aws_place {
    str host;
    str path; /* as it is sent, the target's path included */
} aws_place;
MUST_USE status aws_target_place(const aws_target *target, aws_service service,
                                 const aws_request *request, arena *a, aws_place *ret_place,
                                 error *reterr);

/* Whether it is one that this server serves: Step Functions, Lambda. */
bool aws_target_may_be_own(aws_service service);
/* "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS" */
void aws_service_variable(aws_service service, char *out, size_t size);

/* A host that is this machine: localhost, 127.x.x.x, ::1. */
bool aws_host_is_loopback(str host);

#endif
