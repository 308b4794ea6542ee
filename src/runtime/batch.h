/* batch: writes that become durable together, and the memory that they point to. */
#ifndef GAIT_RUNTIME_BATCH_H
#define GAIT_RUNTIME_BATCH_H

#include "store/store.h"

typedef struct batch {
    arena memory;        /* what the writes and the steps' deltas point to */
    store_write *writes; /* in `memory` */
    uint32_t count, room;
} batch;

/* Appends a write to a batch. */
MUST_USE status batch_add(batch *b, const store_write *write, error *reterr);

#endif
