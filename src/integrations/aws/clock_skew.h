/* A clock that is wrong: services refuse what was signed minutes before or after their own time,
 * and say what time it is. Pure. */
#ifndef GAIT_INTEGRATIONS_AWS_CLOCK_SKEW_H
#define GAIT_INTEGRATIONS_AWS_CLOCK_SKEW_H

#include "base/status.h"

/* Whether a refusal of a request that was signed at `signed_ms` means that the service's clock is
 * another, and then by how much it is ahead of ours. `code` is the service's, `date` its header of
 * that name; may be absent. */
bool aws_clock_is_skewed(str code, str date, int64_t signed_ms, int64_t *ret_ahead_ms);

#endif
