/* DescribeStateMachine, DescribeStateMachineForExecution. */
#include "api/durable.h"
#include "api/execution_view.h"
#include "api/machines.h"
#include "api/operations.h"
#include "runtime/names.h"

/* The definition's text and, where states refer to variables, which. */
static status add_definition(api_call *call, str key, json_object_builder *b, error *reterr)
{
    if (str_equal(api_text(call, "includedData"), STR("METADATA_ONLY"))) {
        json_object_add(b, STR("definition"), json_literal("{}"));
        return STATUS_OK;
    }
    str text;
    json references;
    const asl_machine *machine;
    const api_options *options = &call->api->options;
    TRY(store_get_record(options->store, STR("definition"), key, &call->memory, &text, reterr));
    TRY(shard_definition(options->shard, key, &machine, reterr));
    TRY(asl_variable_references(machine, &call->memory, &references, reterr));
    json_object_add(b, STR("definition"), json_from_str(text));
    if (json_count(references)) {
        json_object_add(b, STR("variableReferences"), references);
    }
    return STATUS_OK;
}

static void add_configurations(json record, json_object_builder *b)
{
    static const char *const members[] = {"loggingConfiguration", "tracingConfiguration",
                                          "encryptionConfiguration"};
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        json_object_add(b, str_from_c(members[i]), json_get(record, str_from_c(members[i])));
    }
}

static void add_text(json_object_builder *b, const char *name, json value)
{
    if (json_str(value).len) {
        json_object_add(b, str_from_c(name), value);
    }
}

static status describe(api_call *call, str arn, json record, str label, json *ret_output,
                       error *reterr)
{
    static const char *const members[] = {"name", "roleArn", "type", "status"};
    json_object_builder b;
    int64_t created_ms = 0;
    json_int64(json_get(record, STR("creationMs")), &created_ms);
    json_object_begin(&b, &call->memory, 16);
    json_object_add(&b, STR("stateMachineArn"), json_from_str(arn));
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        json_object_add(&b, str_from_c(members[i]), json_get(record, str_from_c(members[i])));
    }
    json_object_add(&b, STR("creationDate"), api_date(created_ms));
    add_configurations(record, &b);
    add_text(&b, "revisionId", json_get(record, STR("revisionId")));
    add_text(&b, "description", json_get(record, STR("description")));
    add_text(&b, "label", json_from_str(label));
    TRY(add_definition(call, json_str(json_get(record, STR("definition"))), &b, reterr));
    return json_object_finish(&b, ret_output, reterr);
}

/* Whether a distributed Map is called so. One that the definition gives no Label has another for
 * each of its runs: it cannot be asked for. */
static status check_label(api_call *call, json record, str label, error *reterr)
{
    const asl_machine *machine;
    str key = json_str(json_get(record, STR("definition")));
    TRY(shard_definition(call->api->options.shard, key, &machine, reterr));
    for (uint32_t i = 0; i < machine->state_count; i++) {
        const asl_state *state = &machine->states[i];
        if (label.len && state->type == ASL_MAP && state->as.map.distributed &&
            str_equal(state->as.map.distributed->label, label)) {
            return STATUS_OK;
        }
    }
    return fail(reterr, ERROR_INVALID, "there is no such label");
}

/* A machine whose creation is not durable yet is in memory, but its definition is not in the store:
 * then the answer waits until it is, once. */
static void describe_now(api_call *call, shard_reply *again)
{
    api_arn arn;
    int64_t number;
    json output;
    error err;
    str text = api_text(call, "stateMachineArn"), label = STR_NONE;
    if (!api_arn_parse(call, text, ARN_MACHINE | ARN_VERSION, &arn)) {
        return;
    }
    str machine = runtime_machine_without_label(arn.machine);
    json record = api_machine_get(call->api, machine);
    if (machine.len < arn.machine.len) {
        label = str_skip(arn.machine, machine.len + 1);
    }
    if (arn.kind == ARN_VERSION && !json_is_absent(record)) {
        record = api_version_get(call, &arn, &number);
    }
    if (json_is_absent(record)) {
        api_machine_refuse_missing(call, text);
        return;
    }
    status done = label.ptr ? check_label(call, record, label, &err) : STATUS_OK;
    if (ok(done)) {
        done = describe(call, text, record, label, &output, &err);
    } else if (done.code == ERROR_INVALID) {
        api_machine_refuse_missing(call, text);
        return;
    }
    if (done.code == ERROR_NOT_FOUND && again) {
        done = shard_write(call->api->options.shard, NULL, 0, again, call, &err);
        if (ok(done)) {
            return;
        }
    }
    if (failed(done)) {
        api_fail(call, &err);
    } else {
        api_answer(call, output);
    }
}

static void describe_again(void *user, const error *err)
{
    api_call *call = user;
    if (err) {
        api_fail(call, err);
    } else {
        describe_now(call, NULL);
    }
}

void api_describe_state_machine(api_call *call)
{
    describe_now(call, describe_again);
}

/* ---------------------------------------------------------------------------------- of an
 * execution
 */

/* The execution that a map run's child belongs to, whose map run may be such a child's, too: it has
 * begun with a revision. Any other execution is its own. */
static status find_origin(api_call *call, const execution_view *view, execution_view *ret_origin,
                          error *reterr)
{
    execution_view origin = *view;
    for (;;) {
        map_run_view run;
        store_execution row;
        str arn = json_str(json_get(origin.extra, STR("mapRunArn")));
        if (!arn.ptr) {
            break;
        }
        TRY(map_runs_describe(call->api->options.map_runs, arn, &call->memory, &run, reterr));
        TRY(store_find_execution(call->api->options.store, run.execution_arn, &call->memory, &row,
                                 reterr));
        TRY(execution_view_read(call, &row, &origin, reterr));
    }
    *ret_origin = origin;
    return STATUS_OK;
}

/* The configurations that the machine had in the execution's revision. */
static status read_revision(api_call *call, const execution_view *origin, json *ret_record,
                            error *reterr)
{
    str text, revision = json_str(json_get(origin->extra, STR("revisionId")));
    str key = api_revision_key(origin->row.machine_arn, revision, &call->memory);
    if (!key.ptr) {
        return fail_memory(reterr);
    }
    TRY(store_get_record(call->api->options.store, REVISION, key, &call->memory, &text, reterr));
    return json_parse_into(text, &call->memory, ret_record, reterr);
}

static status describe_execution(api_call *call, const execution_view *view, json *ret_output,
                                 error *reterr)
{
    json revision = {0};
    json_object_builder b;
    int64_t updated_ms = 0;
    execution_view origin;
    TRY(find_origin(call, view, &origin, reterr));
    TRY(read_revision(call, &origin, &revision, reterr));
    json_int64(json_get(revision, STR("updateMs")), &updated_ms);
    str machine_arn = json_str(json_get(view->told, STR("machineArn"))); /* .../NAME/LABEL */
    size_t label = str_find_char(machine_arn, '/');
    json_object_begin(&b, &call->memory, 16);
    json_object_add(&b, STR("stateMachineArn"), json_from_str(machine_arn));
    json_object_add(&b, STR("name"), json_get(view->told, STR("machineName")));
    json_object_add(&b, STR("roleArn"), json_get(view->told, STR("roleArn")));
    json_object_add(&b, STR("updateDate"), api_date(updated_ms));
    add_configurations(revision, &b);
    add_text(&b, "revisionId", json_get(origin.extra, STR("revisionId")));
    add_text(&b, "mapRunArn", json_get(view->extra, STR("mapRunArn")));
    if (label != STR_NOT_FOUND) {
        add_text(&b, "label", json_from_str(str_skip(machine_arn, label + 1)));
    }
    TRY(add_definition(call, json_str(json_get(view->told, STR("definition"))), &b, reterr));
    return json_object_finish(&b, ret_output, reterr);
}

void api_describe_state_machine_for_execution(api_call *call)
{
    execution_view view;
    json output;
    error err;
    if (!execution_view_find(call, api_text(call, "executionArn"), &view)) {
        return;
    }
    if (failed(describe_execution(call, &view, &output, &err))) {
        api_fail(call, &err);
    } else {
        api_answer(call, output);
    }
}
