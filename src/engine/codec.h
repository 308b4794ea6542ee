/* The engine's state and events as bytes, for the store. Compact (names and values by reference,
 * small integers) and versioned; read back only together with the same compiled machine. Pure. */
#ifndef GAIT_ENGINE_CODEC_H
#define GAIT_ENGINE_CODEC_H

#include "engine/engine.h"

/* One step's events as one chunk: values that several events share are in it once. */
MUST_USE status engine_events_encode(const engine_event *events, uint32_t count, buf *out,
                                     error *reterr);
/* The events of a chunk, in an arena; texts and values borrow from `bytes`. ERROR_INVALID for bytes
 * that are no chunk: they are checked as hostile input. */
MUST_USE status engine_events_decode(str bytes, arena *a, const engine_event **ret_events,
                                     uint32_t *ret_count, error *reterr);

/* One scope's state; `scope_id` is one of a delta's changed_scopes. Scope 0 also carries what the
 * execution as a whole needs: counters, its outcome. */
MUST_USE status engine_scope_encode(const engine_execution *execution, uint64_t scope_id, buf *out,
                                    error *reterr);

typedef struct engine_stored_scope {
    uint64_t id;
    str bytes;
} engine_stored_scope;

/* The execution as it was after the step that stored these scopes: all that were changed and have
 * not ended. ERROR_INVALID for bytes that do not fit together. */
MUST_USE status engine_execution_restore(const asl_machine *machine,
                                         const engine_identity *identity,
                                         const engine_stored_scope *scopes, uint32_t count,
                                         engine_execution **ret_execution, error *reterr);

/* What a restored execution waits for: START_TASK effects of the tasks in flight, with the same
 * task ids, payloads and tokens as the first time, and SET_TIMER effects of its deadlines. Of the
 * tasks that ENGINE_TASK_SUBMITTED has told of, jobs (.sync) come with their submission, and those
 * that wait for a callback do not come. */
MUST_USE status engine_execution_pending(const engine_execution *execution, arena *a,
                                         const engine_effect **ret_effects, uint32_t *ret_count,
                                         error *reterr);

#endif
