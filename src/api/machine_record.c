/* Finding machines, versions and aliases among the records, and removing machines whose last
 * execution has ended. */
#include "api/machines.h"

static void ignore(void *user, const error *err)
{
    (void)user;
    (void)err;
}

str api_version_key(str machine_arn, int64_t number, arena *a)
{
    return arena_printf(a, "%.*s:%010lld", STR_ARG(machine_arn), (long long)number);
}

str api_revision_key(str machine_arn, str revision_id, arena *a)
{
    return arena_printf(a, "%.*s#%.*s", STR_ARG(machine_arn), STR_ARG(revision_id));
}

static str prefix_of(str machine_arn, arena *a)
{
    return arena_printf(a, "%.*s:", STR_ARG(machine_arn));
}

void api_machine_range(const api *a, str kind, str machine_arn, uint32_t *ret_begin,
                       uint32_t *ret_end)
{
    arena memory;
    arena_init(&memory, 0);
    str prefix = prefix_of(machine_arn, &memory);
    str behind = arena_printf(&memory, "%.*s\xff", STR_ARG(prefix)); /* no key has this byte */
    *ret_begin = *ret_end = 0;
    if (prefix.ptr && behind.ptr) {
        *ret_begin = resources_seek(a->resources, kind, prefix, STR_NONE);
        *ret_end = resources_seek(a->resources, kind, prefix, behind);
    }
    arena_clean_up(&memory);
}

void api_machine_remove(resources_change *change, str machine_arn)
{
    static const char *const kinds[] = {"version", "alias"};
    str prefix = prefix_of(machine_arn, &change->memory), key;
    json record;
    if (!prefix.ptr) {
        change->failure = (status){ERROR_MEMORY};
        return;
    }
    for (size_t k = 0; k < ARRAY_LENGTH(kinds); k++) {
        str kind = str_from_c(kinds[k]);
        uint32_t i = resources_seek(change->of, kind, prefix, STR_NONE);
        for (; resources_at(change->of, kind, prefix, i, &key, &record); i++) {
            resources_delete(change, kind, key);
        }
    }
    resources_delete(change, MACHINE, machine_arn);
}

/* What cannot be read counts as running: the machine stays. */
bool api_machine_is_running(api *a, str machine_arn)
{
    arena memory;
    store_execution *rows;
    uint32_t count = 0;
    bool has_more;
    store_execution_filter filter = {.machine_arn = machine_arn, .status = STORE_RUNNING};
    arena_init(&memory, 0);
    status done = store_list_executions(a->options.store, &filter, 1, false, &memory, &rows, &count,
                                        &has_more, NULL);
    arena_clean_up(&memory);
    return failed(done) || count > 0;
}

static bool is_deleting(json record)
{
    return str_equal(json_str(json_get(record, STR("status"))), STR("DELETING"));
}

json api_machine_get(api *a, str machine_arn)
{
    json record = resources_get(a->resources, MACHINE, machine_arn);
    if (!is_deleting(record) || api_machine_is_running(a, machine_arn)) {
        return record;
    }
    resources_change change;
    resources_begin(a->resources, &change);
    api_machine_remove(&change, machine_arn);
    return ok(resources_commit(&change, ignore, NULL, NULL)) ? (json){0} : record;
}

void api_machine_refuse_missing(api_call *call, str arn)
{
    api_refuse(call, "StateMachineDoesNotExist", "State Machine Does Not Exist: '%.*s'",
               STR_ARG(arn));
}

bool api_machine_find(api_call *call, str machine_arn, str asked, json *ret_record)
{
    json record = api_machine_get(call->api, machine_arn);
    if (json_is_absent(record)) {
        api_machine_refuse_missing(call, asked);
        return false;
    }
    if (is_deleting(record)) {
        api_refuse(call, "StateMachineDeleting", "State Machine is being deleted: '%.*s'",
                   STR_ARG(machine_arn));
        return false;
    }
    *ret_record = record;
    return true;
}

/* "1", not "01": one version has one ARN. */
static bool read_number(str text, int64_t *ret_number)
{
    int64_t number = 0;
    if (!text.len || text.len > 10 || text.ptr[0] == '0') {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        number = number * 10 + (text.ptr[i] - '0');
    }
    *ret_number = number;
    return true;
}

json api_version_get(api_call *call, const api_arn *arn, int64_t *ret_number)
{
    if (arn->kind != ARN_VERSION || !read_number(arn->qualifier, ret_number)) {
        return (json){0};
    }
    str key = api_version_key(arn->machine, *ret_number, &call->memory);
    return key.ptr ? resources_get(call->api->resources, VERSION, key) : (json){0};
}

/* ---------------------------------------------------------------------------------------- targets
 */

/* One of the alias's versions, by weight. */
static str pick(api_call *call, json routing)
{
    int64_t drawn = (int64_t)(entropy_next(&call->api->random) % 100), weight = 0;
    for (uint32_t i = 0; i < json_count(routing); i++) {
        json item = json_item(routing, i);
        json_int64(json_get(item, STR("weight")), &weight);
        if (drawn < weight) {
            return json_str(json_get(item, STR("stateMachineVersionArn")));
        }
        drawn -= weight;
    }
    return json_str(json_get(json_item(routing, 0), STR("stateMachineVersionArn")));
}

static void fill(json record, api_target *target)
{
    target->name = json_str(json_get(record, STR("name")));
    target->definition_key = json_str(json_get(record, STR("definition")));
    target->role_arn = json_str(json_get(record, STR("roleArn")));
    target->revision_id = json_str(json_get(record, STR("revisionId")));
    target->is_express = str_equal(json_str(json_get(record, STR("type"))), STR("EXPRESS"));
    target->configuration = record;
}

/* Absent when there is no such version or alias. */
static json resolve_qualified(api_call *call, const api_arn *arn, api_target *target)
{
    int64_t number;
    api_arn version = *arn;
    if (arn->kind == ARN_ALIAS) {
        str problem;
        json alias = resources_get(call->api->resources, ALIAS, arn->text);
        str picked = pick(call, json_get(alias, STR("routing")));
        if (!picked.ptr || !api_arn_read(call, picked, ARN_VERSION, &version, &problem)) {
            return (json){0};
        }
        target->alias_arn = arn->text;
    }
    target->version_arn = version.text;
    return api_version_get(call, &version, &number);
}

bool api_resolve_target(api_call *call, str text, api_target *ret_target)
{
    api_arn arn;
    json record;
    api_target target = {.version_arn = STR(""), .alias_arn = STR(""), .test_case = STR("")};
    size_t hash = call->api->options.check_test_case ? str_find_char(text, '#') : STR_NOT_FOUND;
    if (hash != STR_NOT_FOUND) {
        target.test_case = str_skip(text, hash + 1);
        text = str_take(text, hash);
    }
    if (!api_arn_parse(call, text, ARN_MACHINE | ARN_VERSION | ARN_ALIAS, &arn)) {
        return false;
    }
    if (str_find_char(arn.name, '/') != STR_NOT_FOUND) {
        api_refuse(call, "ValidationException",
                   "This operation does not support labeled state machine ARNs: '%.*s'",
                   STR_ARG(text));
        return false;
    }
    if (!api_machine_find(call, arn.machine, text, &record)) {
        return false;
    }
    target.machine_arn = arn.machine;
    if (arn.kind != ARN_MACHINE) {
        record = resolve_qualified(call, &arn, &target);
        if (json_is_absent(record)) {
            api_machine_refuse_missing(call, text);
            return false;
        }
    }
    fill(record, &target);
    *ret_target = target;
    return true;
}
