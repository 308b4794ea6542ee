/* retention: removes executions, with their histories, some time after they have ended (90 days in
 * AWS). Looks once an hour, and removes a page at a time so that nobody waits for it. */
#ifndef GAIT_RUNTIME_RETENTION_H
#define GAIT_RUNTIME_RETENTION_H

#include "net/loop.h"
#include "runtime/shard.h"

typedef struct retention retention;

MUST_USE status retention_new(net_loop *loop, shard *s, int64_t kept_ms, retention **ret_retention,
                              error *reterr);
void retention_free(retention *r); /* NULL is fine */

#endif
