/* What of S3 goes by other endpoints and other signatures, and is refused by name: directory
 * buckets (S3 Express One Zone), Outposts, and access points by their ARN.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html
 */
#ifndef GAIT_INTEGRATIONS_AWS_S3_CHECK_H
#define GAIT_INTEGRATIONS_AWS_S3_CHECK_H

#include "integrations/aws/protocol.h"

/* ERROR_UNSUPPORTED. Operations of other services pass. */
MUST_USE status aws_s3_check(aws_operation operation, const aws_request *request, error *reterr);

#endif
