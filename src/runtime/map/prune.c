/* Records of map runs go when the execution that they belong to has been removed. Each look takes a
 * page, and the next one goes on behind it. */
#include "runtime/map/map_run.h"

#define PAGE 1000

static void ignore(void *user, const error *err)
{
    (void)user, (void)err;
}

/* EXECUTION ARN|START|ARN */
static status judge(map_runs *runs, str key, arena *a, error *reterr)
{
    store_execution row;
    str execution_arn = str_take(key, str_find_char(key, '|'));
    str arn = str_skip(key, str_find_last_char(key, '|') + 1);
    if (map_get(&runs->by_arn, arn)) {
        return STATUS_OK; /* it runs; its start may not be durable yet */
    }
    status found = store_find_execution(runs->options.store, execution_arn, a, &row, reterr);
    if (found.code != ERROR_NOT_FOUND) {
        return found;
    }
    str start = str_skip(str_take(key, str_find_last_char(key, '|')), execution_arn.len + 1);
    int64_t start_ms = 0;
    for (size_t i = 0; start.ptr && i < start.len; i++) {
        start_ms = start_ms * 10 + (start.ptr[i] - '0');
    }
    str time = map_run_time_key(start_ms, arn, a);
    if (!time.ptr) {
        return fail_memory(reterr);
    }
    store_write writes[] = {
        {.kind = STORE_DELETE_RECORD, .record = {MAP_RUN_RECORD, arn, STR_NONE}},
        {.kind = STORE_DELETE_RECORD, .record = {MAP_RUN_OF_RECORD, key, STR_NONE}},
        {.kind = STORE_DELETE_RECORD, .record = {MAP_RUN_TIME_RECORD, time, STR_NONE}},
        {.kind = STORE_DELETE_RECORD, .record = {MAP_RUN_OPEN_RECORD, arn, STR_NONE}},
    };
    return shard_write(runs->shard, writes, ARRAY_LENGTH(writes), ignore, NULL, reterr);
}

static status look(map_runs *runs, arena *a, error *reterr)
{
    store_record *records;
    uint32_t count;
    bool has_more;
    TRY(store_list_records(runs->options.store, MAP_RUN_OF_RECORD, STR(""),
                           buf_str(&runs->pruned_to), PAGE, a, &records, &count, &has_more,
                           reterr));
    for (uint32_t i = 0; i < count; i++) {
        TRY(judge(runs, records[i].key, a, reterr));
    }
    buf_reset(&runs->pruned_to);
    if (has_more) {
        buf_add_str(&runs->pruned_to, records[count - 1].key);
    }
    return buf_status(&runs->pruned_to, reterr);
}

status map_runs_prune(map_runs *runs, error *reterr)
{
    arena a;
    arena_init(&a, 0);
    status done = look(runs, &a, reterr);
    arena_clean_up(&a);
    return done;
}
