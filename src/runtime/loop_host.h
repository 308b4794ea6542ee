/* loop_host: a shard's host on an event loop: its clock, a timer of it, and a committer thread. */
#ifndef GAIT_RUNTIME_LOOP_HOST_H
#define GAIT_RUNTIME_LOOP_HOST_H

#include "net/loop.h"
#include "runtime/host.h"

/* The shard that takes it closes it. */
MUST_USE status loop_host_new(net_loop *loop, store *s, runtime_host *ret_host, error *reterr);

#endif
