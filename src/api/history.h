/* Pages of an execution's history, as GetExecutionHistory shows it. */
#ifndef GAIT_API_HISTORY_H
#define GAIT_API_HISTORY_H

#include "engine/codec.h"
#include "store/store.h"

typedef struct history_page {
    arena *memory;
    store *store;
    const asl_machine *machine; /* that the execution runs */
    uint64_t seq;
    uint64_t next; /* id of the next event to show; in reverse 0 = from the last */
    bool is_reverse;
    bool include_data;
    uint32_t size;             /* at most so many events */
    uint32_t count;            /* result */
    json_array_builder events; /* result, to be finished */
    bool is_over;              /* result: there are no more */
} history_page;

/* What was read before is in `next`; the store tells whether more follow. */
MUST_USE status history_page_read(history_page *p, error *reterr);

#endif
