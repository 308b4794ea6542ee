/* Which loggingConfiguration an execution has: its version's, or its machine's as it is now. */
#include "api/api_private.h"
#include "api/machines.h"
#include "runtime/names.h"

/* The number of MACHINE_ARN:NUMBER; 0 for another text. */
static int64_t version_number(str version_arn)
{
    int64_t number = 0;
    size_t colon = str_find_last_char(version_arn, ':');
    str digits = colon == STR_NOT_FOUND ? STR_NONE : str_skip(version_arn, colon + 1);
    for (size_t i = 0; digits.ptr && i < digits.len && digits.len <= 10; i++) {
        char c = digits.ptr[i];
        if (c < '0' || c > '9') {
            return 0;
        }
        number = number * 10 + (c - '0');
    }
    return number;
}

/* A map run's children log as their parent does. */
static str machine_of(const shard_execution *execution)
{
    return runtime_machine_without_label(execution->identity->machine_arn);
}

static json version_record(const api *a, const shard_execution *execution)
{
    arena memory;
    json extra, record = {0};
    arena_init(&memory, 0);
    if (ok(json_parse_into(execution->extra, &memory, &extra, NULL))) {
        int64_t number = version_number(json_str(json_get(extra, STR("stateMachineVersionArn"))));
        str key = number ? api_version_key(machine_of(execution), number, &memory) : STR_NONE;
        record = key.ptr ? resources_get(a->resources, STR("version"), key) : record;
    }
    arena_clean_up(&memory);
    return record;
}

json api_logging_configuration(const api *a, const shard_execution *execution)
{
    json record = {0};
    if (!a) {
        return record;
    }
    if (execution->extra.len) {
        record = version_record(a, execution);
    }
    if (json_is_absent(record)) {
        record = resources_get(a->resources, STR("machine"), machine_of(execution));
    }
    return json_get(record, STR("loggingConfiguration"));
}
