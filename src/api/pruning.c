#include "api/pruning.h"

#include "api/machines.h"
#include "base/map.h"

#include <stdlib.h>

#define PAGE 16 /* definitions may be large */
#define MARK STR("unused")

typedef struct look {
    store *store;
    shard *writer;
    const resources *resources;
    arena memory; /* of the look */
    arena page;
    map used; /* KIND/KEY of what machines and versions refer to */
    uint64_t next_seq, oldest_seq;
    error *reterr;
} look;

static str name_of(str kind, str key, arena *a)
{
    return arena_printf(a, "%.*s/%.*s", STR_ARG(kind), STR_ARG(key));
}

static status use(look *l, str kind, str key)
{
    str name = key.ptr ? name_of(kind, key, &l->memory) : STR_NONE;
    return name.ptr ? map_put(&l->used, name, l, l->reterr) : fail_memory(l->reterr);
}

/* A version has its machine's members at the time it was made. */
static status use_all(look *l, str kind)
{
    str key;
    json record;
    for (uint32_t i = 0; resources_at(l->resources, kind, STR(""), i, &key, &record); i++) {
        json machine = json_get(record, STR("machineArn"));
        str arn = json_is_absent(machine) ? key : json_str(machine);
        str revision = json_str(json_get(record, STR("revisionId")));
        TRY(use(l, STR("definition"), json_str(json_get(record, STR("definition")))));
        TRY(use(l, REVISION, api_revision_key(arn, revision, &l->memory)));
    }
    return STATUS_OK;
}

static void ignore(void *user, const error *err)
{
    (void)user, (void)err;
}

/* Marks, unmarks or removes. */
static status judge(look *l, str kind, str key)
{
    str name = name_of(kind, key, &l->page), mark = STR_NONE;
    if (!name.ptr) {
        return fail_memory(l->reterr);
    }
    status found = store_get_record(l->store, MARK, name, &l->page, &mark, l->reterr);
    if (failed(found) && found.code != ERROR_NOT_FOUND) {
        return found;
    }
    bool is_used = map_get(&l->used, name) != NULL;
    store_write writes[2] = {{.kind = STORE_DELETE_RECORD, .record = {MARK, name, STR_NONE}}};
    uint32_t count = 1;
    if (!is_used && failed(found)) {
        mark = arena_printf(&l->page, "%llu", (unsigned long long)l->next_seq);
        writes[0] = (store_write){.kind = STORE_PUT_RECORD, .record = {MARK, name, mark}};
    } else if (!is_used && strtoull(mark.ptr, NULL, 10) <= l->oldest_seq) {
        writes[1] = (store_write){.kind = STORE_DELETE_RECORD, .record = {kind, key, STR_NONE}};
        count = 2;
    } else if (!is_used || failed(found)) {
        return STATUS_OK;
    }
    return shard_write(l->writer, writes, count, ignore, NULL, l->reterr);
}

static status judge_all(look *l, str kind)
{
    store_record *records;
    uint32_t count;
    str after = STR("");
    bool has_more = true;
    status done = STATUS_OK;
    while (ok(done) && has_more) {
        after = arena_str(&l->memory, after);
        arena_reset(&l->page);
        done = after.ptr ? store_list_records(l->store, kind, STR(""), after, PAGE, &l->page,
                                              &records, &count, &has_more, l->reterr)
                         : fail_memory(l->reterr);
        for (uint32_t i = 0; ok(done) && i < count; i++) {
            done = judge(l, kind, records[i].key);
            after = records[i].key;
        }
    }
    return done;
}

static status look_at_all(look *l)
{
    store_totals totals;
    TRY(store_read_totals(l->store, &totals, l->reterr));
    l->next_seq = shard_count(l->writer).next_seq;
    l->oldest_seq = totals.seq_min ? totals.seq_min : UINT64_MAX;
    TRY(use_all(l, MACHINE));
    TRY(use_all(l, VERSION));
    TRY(judge_all(l, STR("definition")));
    return judge_all(l, REVISION);
}

status pruning_look(store *s, shard *writer, const resources *r, error *reterr)
{
    look l = {.store = s, .writer = writer, .resources = r, .reterr = reterr};
    arena_init(&l.memory, 0);
    arena_init(&l.page, 0);
    map_init(&l.used, (uintptr_t)s, (uintptr_t)writer);
    status done = look_at_all(&l);
    map_clean_up(&l.used);
    arena_clean_up(&l.page);
    arena_clean_up(&l.memory);
    return done;
}
