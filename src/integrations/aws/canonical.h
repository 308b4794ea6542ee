/* The parts of a canonical request: one spelling of path, query and headers, whatever was sent.
 * Failure (the buffer's maximum, or memory) sticks in the buf. */
#ifndef GAIT_INTEGRATIONS_AWS_CANONICAL_H
#define GAIT_INTEGRATIONS_AWS_CANONICAL_H

#include "base/buf.h"
#include "integrations/aws/sigv4.h"

/* Without ".", ".." and empty segments; every byte but A-Z a-z 0-9 - . _ ~ / escaped, so that an
 * escape in the path as sent is escaped again: AWS's rule for every service but S3. */
void aws_canonical_path(str path, buf *out);
/* S3's rule: nothing is left out, and what is escaped once stays so. */
void aws_canonical_path_kept(str path, buf *out);
/* Parameters unescaped, escaped again in one way, and sorted by name, then value. */
void aws_canonical_query(str query, arena *a, buf *out);
/* One line "name:value" of each signed header; values of one that comes more than once are joined
 * by commas, runs of spaces become one. */
void aws_canonical_headers(const aws_signed_request *request, str signed_headers, buf *out);

#endif
