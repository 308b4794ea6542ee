#include "runtime/batch.h"

status batch_add(batch *b, const store_write *write, error *reterr)
{
    if (b->count == b->room) {
        uint32_t room = b->room ? b->room * 2 : 64;
        store_write *writes =
            arena_grow(&b->memory, b->writes, b->room * sizeof(*writes), room * sizeof(*writes));
        if (!writes) {
            return fail_memory(reterr);
        }
        b->writes = writes;
        b->room = room;
    }
    b->writes[b->count++] = *write;
    return STATUS_OK;
}
