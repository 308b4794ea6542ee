/* What map runs need of a shard beside starting, stopping and redriving executions. */
#include "runtime/shard_private.h"

status shard_origin(shard *s, uint64_t seq, const asl_machine **ret_machine, arena *a,
                    str *ret_definition_key, error *reterr)
{
    live *l;
    TRY(shard_get_live(s, seq, &l, reterr));
    str key = arena_str(a, l->definition_key);
    if (!key.ptr) {
        return fail_memory(reterr);
    }
    *ret_machine = engine_execution_machine(l->execution);
    *ret_definition_key = key;
    return STATUS_OK;
}

status shard_map_item(shard *s, uint64_t seq, uint64_t task_id, json item, uint32_t index, arena *a,
                      json *ret_input, str *ret_error, str *ret_cause, error *reterr)
{
    live *l;
    TRY(shard_get_live(s, seq, &l, reterr));
    engine_map_item_request request = {.task_id = task_id,
                                       .item = item,
                                       .index = index,
                                       .now_ms = shard_now_ms(s),
                                       .entropy = entropy_branch(&s->random)};
    return engine_map_item(l->execution, &request, a, ret_input, ret_error, ret_cause, reterr);
}

/* Its row, and a chunk with its first and its last event: what it was given, and how it ended. */
status shard_write_ended(shard *s, live *l, const engine_event *last, error *reterr)
{
    arena *memory = &s->open->work.memory;
    engine_event events[2] = {
        {.type = ENGINE_EXECUTION_STARTED,
         .state = ASL_NONE,
         .id = 1,
         .time_ms = engine_execution_identity(l->execution)->start_time_ms,
         .name = engine_execution_identity(l->execution)->role_arn,
         .index = -1,
         .timeout_seconds = -1,
         .heartbeat_seconds = -1},
        *last,
    };
    buf_reset(&s->encoded);
    TRY(json_parse_into(l->input, memory, &events[0].payload, reterr));
    TRY(engine_events_encode(events, ARRAY_LENGTH(events), &s->encoded, reterr));
    TRY(buf_status(&s->encoded, reterr));
    str bytes = arena_str(memory, buf_str(&s->encoded));
    if (!bytes.ptr) {
        return fail_memory(reterr);
    }
    store_write chunk = {.kind = STORE_APPEND_HISTORY, .seq = l->seq, .chunk = {1, 2, bytes}};
    TRY(shard_write_row(s->open, l, false, last->time_ms, reterr));
    return batch_add(&s->open->work, &chunk, reterr);
}
