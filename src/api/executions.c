/* StartExecution, StartSyncExecution, StopExecution, DescribeExecution, ListExecutions. */
#include "api/api_private.h"
#include "api/arn.h"
#include "api/execution_view.h"
#include "api/machines.h"
#include "api/map_runs.h"
#include "api/operations.h"
#include "api/page_token.h"
#include "asl/jackson.h"
#include "base/digest.h"
#include "runtime/mocks.h"
#include "runtime/names.h"

#include <stdio.h>

/* A finished execution's name is free again after 90 days (StartExecution's API page). */
#define NAME_KEPT_MS (90LL * 86400 * 1000)

/* ------------------------------------------------------------------------------------- starting */

typedef struct start_state {
    str execution_arn;
    int64_t start_ms;
} start_state;

static void answer_started(void *user, const error *err)
{
    api_call *call = user;
    start_state *state = call->state;
    if (err) {
        api_fail(call, err);
        return;
    }
    json_object_builder b;
    json output;
    error failure;
    json_object_begin(&b, &call->memory, 2);
    json_object_add(&b, STR("executionArn"), json_from_str(state->execution_arn));
    json_object_add(&b, STR("startDate"), api_date(state->start_ms));
    if (failed(json_object_finish(&b, &output, &failure))) {
        api_fail(call, &failure);
        return;
    }
    api_answer(call, output);
}

/* What is kept with the execution besides what the engine knows. */
static status make_extra(api_call *call, const api_target *target, str *ret_text, error *reterr)
{
    json_object_builder b;
    json object;
    json_object_begin(&b, &call->memory, 6);
    if (target->version_arn.len) {
        json_object_add(&b, STR("stateMachineVersionArn"), json_from_str(target->version_arn));
    }
    if (target->alias_arn.len) {
        json_object_add(&b, STR("stateMachineAliasArn"), json_from_str(target->alias_arn));
    }
    if (target->revision_id.len) {
        json_object_add(&b, STR("revisionId"), json_from_str(target->revision_id));
    }
    str trace = api_text(call, "traceHeader");
    if (trace.len) {
        json_object_add(&b, STR("traceHeader"), json_from_str(trace));
    }
    if (!json_is_absent(call->parent)) {
        json_object_add(&b, STR("parent"), call->parent);
    }
    if (target->test_case.len) {
        json_object_add(&b, MOCKS_TEST_CASE, json_from_str(target->test_case));
    }
    TRY(json_object_finish(&b, &object, reterr));
    *ret_text = json_count(object) ? json_text(object, &call->memory) : STR("");
    return ret_text->ptr ? STATUS_OK : fail_memory(reterr);
}

/* The input's value; refuses the call with Jackson's words when it is not JSON. */
static bool read_input(api_call *call, shard_start_request *request)
{
    error err;
    asl_jackson said;
    request->input = api_text(call, "input");
    request->input = request->input.ptr ? request->input : STR("{}");
    status done = json_parse_into(request->input, &call->memory, &request->value, &err);
    if (ok(done)) {
        return true;
    }
    if (failed(asl_jackson_explain(request->input, &err, &call->memory, &said, &err))) {
        api_fail(call, &err);
        return false;
    }
    api_refuse(call, "InvalidExecutionInput", "Invalid State Machine Execution Input: '%.*s'",
               STR_ARG(said.message));
    return false;
}

/* The name asked for, or a UUID. */
static bool read_name(api_call *call, str *ret_name)
{
    str name = api_text(call, "name");
    if (name.ptr && !runtime_name_is_valid(name)) {
        api_refuse(call, "InvalidName", "Invalid Name: '%.*s'", STR_ARG(name));
        return false;
    }
    if (!name.ptr) {
        char uuid[UUID_TEXT_SIZE];
        uint64_t random[] = {entropy_next(&call->api->random), entropy_next(&call->api->random)};
        name = arena_str(&call->memory, uuid_from_entropy((const unsigned char *)random, uuid));
    }
    *ret_name = name;
    return true;
}

static bool check_test_case(api_call *call, const api_target *target, const asl_machine *machine)
{
    const api_options *options = &call->api->options;
    error err;
    status fits = options->check_test_case(options->check_test_case_user, target->name,
                                           target->test_case, machine, &err);
    if (failed(fits)) {
        api_refuse(call, "ValidationException", "%s", err.message);
    }
    return ok(fits);
}

/* Fills the request in from the call; false when the call has been refused, or waits. A definition
 * of which the store does not know yet is in the open batch, by an update that is not durable: the
 * call is begun again when it is, once. */
static bool make_request(api_call *call, const api_target *target, shard_reply *again,
                         shard_start_request *ret_request)
{
    error err;
    shard_start_request request = {0};
    engine_identity *identity = &request.identity;
    if (!read_name(call, &identity->execution_name) || !read_input(call, &request)) {
        return false;
    }
    str prefix =
        str_take(target->machine_arn, str_find(target->machine_arn, STR(":stateMachine:")));
    char uuid[UUID_TEXT_SIZE];
    uint64_t random[] = {entropy_next(&call->api->random), entropy_next(&call->api->random)};
    str run = uuid_from_entropy((const unsigned char *)random, uuid);
    identity->execution_arn =
        target->is_express
            ? arena_printf(&call->memory, "%.*s:express:%.*s:%.*s:%.*s", STR_ARG(prefix),
                           STR_ARG(target->name), STR_ARG(identity->execution_name), STR_ARG(run))
            : arena_printf(&call->memory, "%.*s:execution:%.*s:%.*s", STR_ARG(prefix),
                           STR_ARG(target->name), STR_ARG(identity->execution_name));
    identity->machine_arn = target->machine_arn;
    identity->machine_name = target->name;
    identity->role_arn = target->role_arn;
    identity->is_express = target->is_express;
    request.listed_under = target->machine_arn;
    request.definition_key = target->definition_key;
    status done = make_extra(call, target, &request.extra, &err);
    if (ok(done)) {
        done = shard_definition(call->api->options.shard, target->definition_key, &request.machine,
                                &err);
        if (done.code == ERROR_NOT_FOUND && again) {
            done = shard_write(call->api->options.shard, NULL, 0, again, call, &err);
            if (ok(done)) {
                return false;
            }
        }
    }
    if (failed(done)) {
        api_fail(call, &err);
        return false;
    }
    if (target->test_case.len && !check_test_case(call, target, request.machine)) {
        return false;
    }
    *ret_request = request;
    return true;
}

/* The original of a start that is asked for once more is acknowledged when it is durable, too. */
static void answer_stored(void *user, const error *err)
{
    api_call *call = user;
    const start_state *state = call->state;
    const api_options *options = &call->api->options;
    store_execution row;
    shard_found found;
    error failure;
    if (err) {
        api_fail(call, err);
        return;
    }
    status done =
        store_find_execution(options->store, state->execution_arn, &call->memory, &row, &failure);
    if (ok(done) && row.start_ms == state->start_ms) {
        answer_started(call, NULL);
        return;
    }
    if (shard_find(options->shard, state->execution_arn, &found)) { /* its turn has yet to come */
        done = shard_write(options->shard, NULL, 0, answer_stored, call, &failure);
    } else if (ok(done)) {
        done = fail(&failure, ERROR_NOT_FOUND, "the execution has not begun");
    }
    if (failed(done)) {
        api_fail(call, &failure);
    }
}

static void answer_original(api_call *call, const shard_found *found, str arn)
{
    start_state *state = arena_new(&call->memory, start_state);
    if (state) {
        *state = (start_state){arn, found->start_ms};
        call->state = state;
        answer_stored(call, NULL);
    } else {
        error err;
        (void)fail_memory(&err).code;
        api_fail(call, &err);
    }
}

/* Whether the name is taken: the same input while it runs is answered with the original, anything
 * else is refused. True when the call has been answered. */
static bool answer_taken(api_call *call, const shard_start_request *request)
{
    shard_found found = {0};
    char digest[SHARD_DIGEST_SIZE];
    str arn = request->identity.execution_arn;
    if (!shard_find(call->api->options.shard, arn, &found)) {
        store_execution row;
        execution_view view;
        error err;
        status done =
            store_find_execution(call->api->options.store, arn, &call->memory, &row, &err);
        if (done.code == ERROR_NOT_FOUND ||
            (ok(done) && row.stop_ms >= 0 && call->now_ms - row.stop_ms > NAME_KEPT_MS)) {
            return false;
        }
        done = ok(done) ? execution_view_read(call, &row, &view, &err) : done;
        if (failed(done)) {
            api_fail(call, &err);
            return true;
        }
        found.is_open = row.status == STORE_RUNNING;
        found.start_ms = row.start_ms;
        found.input_digest = json_str(json_get(view.told, STR("inputDigest")));
    }
    if (found.is_open &&
        str_equal(found.input_digest, shard_input_digest(request->input, digest))) {
        answer_original(call, &found, arn);
    } else {
        api_refuse(call, "ExecutionAlreadyExists", "Execution Already Exists: '%.*s'",
                   STR_ARG(arn));
    }
    return true;
}

/* The child of a task, when the task has started it before: whether it still runs and what became
 * of its state machine do not matter. True when the call has been answered. */
static bool answer_own_child(api_call *call)
{
    api_arn arn;
    str problem;
    store_execution row;
    execution_view view;
    if (json_is_absent(call->parent) ||
        !api_arn_read(call, api_text(call, "stateMachineArn"),
                      ARN_MACHINE | ARN_VERSION | ARN_ALIAS, &arn, &problem)) {
        return false;
    }
    str prefix = str_take(arn.machine, str_find(arn.machine, STR(":stateMachine:")));
    str name = api_text(call, "name");
    start_state state = {.execution_arn =
                             arena_printf(&call->memory, "%.*s:execution:%.*s:%.*s",
                                          STR_ARG(prefix), STR_ARG(arn.name), STR_ARG(name))};
    if (!state.execution_arn.ptr ||
        failed(store_find_execution(call->api->options.store, state.execution_arn, &call->memory,
                                    &row, NULL)) ||
        failed(execution_view_read(call, &row, &view, NULL)) ||
        !json_equal(json_get(view.extra, STR("parent")), call->parent)) {
        return false;
    }
    state.start_ms = row.start_ms;
    call->state = &state;
    answer_started(call, NULL);
    return true;
}

static void start_now(api_call *call, shard_reply *again)
{
    api_target target;
    shard_start_request request;
    error err;
    if (answer_own_child(call)) {
        return;
    }
    if (!api_resolve_target(call, api_text(call, "stateMachineArn"), &target) ||
        !make_request(call, &target, again, &request)) {
        return;
    }
    if (target.is_express && json_is_true(json_get(call->parent, STR("isAwaited")))) {
        api_refuse(call, "StateMachineTypeNotSupported",
                   "This operation is not supported by this type of state machine");
        return;
    }
    bool is_named = api_text(call, "name").ptr != NULL;
    if (is_named && !target.is_express && answer_taken(call, &request)) {
        return;
    }
    start_state *state = arena_new(&call->memory, start_state);
    status done = state ? STATUS_OK : fail_memory(&err);
    if (ok(done)) {
        state->execution_arn = request.identity.execution_arn;
        call->state = state;
        done = shard_start(call->api->options.shard, &request, &state->start_ms, answer_started,
                           call, &err);
    }
    if (done.code == ERROR_LIMIT) {
        api_refuse(call, "ExecutionLimitExceeded", "%s", err.message);
    } else if (failed(done)) {
        api_fail(call, &err);
    }
}

static void start_again(void *user, const error *err)
{
    api_call *call = user;
    if (err) {
        api_fail(call, err);
    } else {
        start_now(call, NULL);
    }
}

void api_start_execution(api_call *call)
{
    start_now(call, start_again);
}

/* ----------------------------------------------------------------------------- synchronous Express
 */

static void add_value(json_object_builder *b, const char *name, str text)
{
    if (text.ptr) {
        json_object_add(b, str_from_c(name), json_from_str(text));
    }
}

static json included(api_call *call)
{
    json_object_builder b;
    json object = {0};
    json_object_begin(&b, &call->memory, 1);
    json_object_add(&b, STR("included"), json_boolean(true));
    return ok(json_object_finish(&b, &object, NULL)) ? object : (json){0};
}

/* Billed in steps of 100 ms and 64 MB, as Express workflows are. */
static json billing(api_call *call, int64_t duration_ms)
{
    json_object_builder b;
    json object = {0};
    int64_t steps = (MAX_OF(duration_ms, (int64_t)1) + 99) / 100;
    json_object_begin(&b, &call->memory, 2);
    json_object_add(&b, STR("billedMemoryUsedInMB"), json_from_int64(64));
    json_object_add(&b, STR("billedDurationInMilliseconds"), json_from_int64(steps * 100));
    return ok(json_object_finish(&b, &object, NULL)) ? object : (json){0};
}

static void answer_sync(void *user, const shard_execution *execution, const engine_effect *finish)
{
    api_call *call = user;
    const engine_identity *identity = execution->identity;
    str input = api_text(call, "input");
    str machine = api_text(call, "stateMachineArn");
    if (call->api->options.check_test_case) { /* "ARN#CASE" */
        machine = str_split_next(&machine, '#');
    }
    json_object_builder b;
    json_object_begin(&b, &call->memory, 16);
    json_object_add(&b, STR("executionArn"), json_from_str(identity->execution_arn));
    json_object_add(&b, STR("stateMachineArn"), json_from_str(machine));
    json_object_add(&b, STR("name"), json_from_str(identity->execution_name));
    json_object_add(&b, STR("startDate"), api_date(identity->start_time_ms));
    json_object_add(&b, STR("stopDate"), api_date(finish->at_ms));
    json_object_add(&b, STR("status"),
                    json_from_str(str_from_c(engine_outcome_name(finish->outcome))));
    add_value(&b, "error", finish->error);
    add_value(&b, "cause", finish->cause);
    json_object_add(&b, STR("input"), json_from_str(input.ptr ? input : STR("{}")));
    json_object_add(&b, STR("inputDetails"), included(call));
    if (finish->outcome == ENGINE_SUCCEEDED) {
        add_value(&b, "output", json_text(finish->payload, &call->memory));
    }
    json_object_add(&b, STR("outputDetails"), included(call));
    add_value(&b, "traceHeader", api_text(call, "traceHeader"));
    json_object_add(&b, STR("billingDetails"),
                    billing(call, finish->at_ms - identity->start_time_ms));
    api_answer_object(call, &b);
}

static void start_sync_now(api_call *call, shard_reply *again)
{
    api_target target;
    shard_start_request request;
    error err;
    int64_t start_ms;
    if (!api_resolve_target(call, api_text(call, "stateMachineArn"), &target)) {
        return;
    }
    if (!target.is_express) {
        api_refuse(call, "StateMachineTypeNotSupported",
                   "This operation is not supported by this type of state machine");
        return;
    }
    if (make_request(call, &target, again, &request) &&
        failed(shard_start_sync(call->api->options.shard, &request, &start_ms, answer_sync, call,
                                &err))) {
        api_fail(call, &err);
    }
}

static void start_sync_again(void *user, const error *err)
{
    api_call *call = user;
    if (err) {
        api_fail(call, err);
    } else {
        start_sync_now(call, NULL);
    }
}

void api_start_sync_execution(api_call *call)
{
    start_sync_now(call, start_sync_again);
}

/* ------------------------------------------------------------------------------ stop and describe
 */

static void answer_stopped(void *user, const error *err)
{
    api_call *call = user;
    int64_t *stop_ms = call->state;
    json_object_builder b;
    json output;
    error failure;
    if (err && err->code != ERROR_NOT_FOUND) { /* ended meanwhile: that is what was wanted */
        api_fail(call, err);
        return;
    }
    json_object_begin(&b, &call->memory, 1);
    json_object_add(&b, STR("stopDate"), api_date(*stop_ms));
    if (failed(json_object_finish(&b, &output, &failure))) {
        api_fail(call, &failure);
    } else {
        api_answer(call, output);
    }
}

void api_stop_execution(api_call *call)
{
    execution_view view;
    error err;
    str arn = api_text(call, "executionArn");
    if (!execution_view_find(call, arn, &view)) {
        return;
    }
    int64_t *stop_ms = arena_new(&call->memory, int64_t);
    if (!stop_ms) {
        (void)fail_memory(&err).code;
        api_fail(call, &err);
        return;
    }
    call->state = stop_ms;
    if (view.row.status != STORE_RUNNING) {
        *stop_ms = view.row.stop_ms;
        answer_stopped(call, NULL);
        return;
    }
    status done = shard_stop(call->api->options.shard, arn, api_text(call, "error"),
                             api_text(call, "cause"), stop_ms, answer_stopped, call, &err);
    if (done.code == ERROR_NOT_FOUND) { /* it has ended: answered when that is durable, too */
        done = shard_write(call->api->options.shard, NULL, 0, answer_stopped, call, &err);
    }
    if (failed(done)) {
        api_fail(call, &err);
    }
}

/* Express executions are described only when a Map Run has started them. */
static bool find_described(api_call *call, execution_view *ret_view)
{
    str arn = api_text(call, "executionArn");
    store_execution row;
    bool is_express = str_find(arn, STR(":express:")) != STR_NOT_FOUND;
    if (is_express &&
        ok(store_find_execution(call->api->options.store, arn, &call->memory, &row, NULL)) &&
        ok(execution_view_read(call, &row, ret_view, NULL))) {
        return true;
    }
    return execution_view_find(call, arn, ret_view);
}

void api_describe_execution(api_call *call)
{
    execution_view view;
    json output;
    error err;
    bool include_data = !str_equal(api_text(call, "includedData"), STR("METADATA_ONLY"));
    if (!find_described(call, &view)) {
        return;
    }
    if (failed(execution_view_describe(call, &view, include_data, &output, &err))) {
        api_fail(call, &err);
    } else {
        api_answer(call, output);
    }
}

/* ----------------------------------------------------------------------------------------- listing
 */

/* Of a page that is filtered: then a shorter one is answered, and where to go on. */
#define LOOKED_AT_MAX 10000

typedef struct listing {
    api_call *call;
    store_execution_filter filter;
    str version_or_alias;          /* only executions started by it; "" = all */
    str redrive;                   /* "", "REDRIVEN", "NOT_REDRIVEN" */
    store_execution_status status; /* 0: any */
    uint32_t size;
    uint32_t looked_at;
    json_array_builder items;
    uint32_t count;
    store_execution last;
} listing;

static bool is_wanted(const listing *l, const execution_view *view)
{
    if (l->version_or_alias.len &&
        !str_equal(json_str(json_get(view->extra, STR("stateMachineVersionArn"))),
                   l->version_or_alias) &&
        !str_equal(json_str(json_get(view->extra, STR("stateMachineAliasArn"))),
                   l->version_or_alias)) {
        return false;
    }
    if (l->status && view->row.status != l->status) {
        return false;
    }
    int64_t redrives = 0;
    json_int64(json_get(view->told, STR("redriveCount")), &redrives);
    return !l->redrive.len || (redrives > 0) == str_equal(l->redrive, STR("REDRIVEN"));
}

static status add_item(listing *l, const execution_view *view, error *reterr)
{
    json_object_builder b;
    json item;
    json_object_begin(&b, &l->call->memory, 14);
    execution_view_add_summary(view, &b);
    TRY(json_object_finish(&b, &item, reterr));
    json_array_add(&l->items, item);
    l->count++;
    return STATUS_OK;
}

/* Pages of the store until the page of the call is full, or enough was looked at for one turn. */
static status collect(listing *l, bool *ret_has_more, error *reterr)
{
    bool has_more = true;
    while (has_more && l->count < l->size && l->looked_at < LOOKED_AT_MAX) {
        store_execution *rows;
        uint32_t count;
        TRY(store_list_executions(l->call->api->options.store, &l->filter, l->size - l->count, true,
                                  &l->call->memory, &rows, &count, &has_more, reterr));
        l->looked_at += count;
        for (uint32_t i = 0; i < count; i++) {
            execution_view view;
            TRY(execution_view_read(l->call, &rows[i], &view, reterr));
            l->filter.before_start_ms = rows[i].start_ms;
            l->filter.before_seq = rows[i].seq;
            if (is_wanted(l, &view)) {
                TRY(add_item(l, &view, reterr));
            }
        }
    }
    *ret_has_more = has_more;
    return STATUS_OK;
}

static void answer_listing(listing *l, str subject)
{
    bool has_more = false;
    json items, output;
    error err;
    json_object_builder b;
    status done = collect(l, &has_more, &err);
    if (ok(done)) {
        done = json_array_finish(&l->items, &items, &err);
    }
    if (ok(done)) {
        json_object_begin(&b, &l->call->memory, 2);
        json_object_add(&b, STR("executions"), items);
        if (has_more) {
            str position =
                arena_printf(&l->call->memory, "%lld/%llu", (long long)l->filter.before_start_ms,
                             (unsigned long long)l->filter.before_seq);
            add_value(&b, "nextToken", api_page_token(l->call, subject, position));
        }
        done = json_object_finish(&b, &output, &err);
    }
    if (failed(done)) {
        api_fail(l->call, &err);
    } else {
        api_answer(l->call, output);
    }
}

void api_list_executions(api_call *call)
{
    api_arn arn = {0};
    str machine = api_text(call, "stateMachineArn"), map_run = api_text(call, "mapRunArn");
    str subject = machine.ptr ? machine : map_run, position;
    if (!machine.ptr == !map_run.ptr) {
        api_refuse(call, "ValidationException",
                   "Must specify either stateMachineArn or mapRunArn, but not both");
        return;
    }
    unsigned kinds = machine.ptr ? ARN_MACHINE | ARN_VERSION | ARN_ALIAS : ARN_MAP_RUN;
    if (!api_arn_parse(call, subject, kinds, &arn) ||
        !api_page_position(call, subject, &position)) {
        return;
    }
    map_run_view run;
    if (map_run.ptr && !api_map_run_find(call, &run)) {
        return;
    }
    resources *r = call->api->resources;
    json record = resources_get(r, STR("machine"), arn.machine);
    if (machine.ptr && json_is_absent(record)) {
        api_refuse(call, "StateMachineDoesNotExist", "State Machine Does Not Exist: '%.*s'",
                   STR_ARG(machine));
        return;
    }
    if (str_equal(json_str(json_get(record, STR("type"))), STR("EXPRESS"))) {
        api_refuse(call, "StateMachineTypeNotSupported",
                   "This operation is not supported by this type of state machine");
        return;
    }
    store_execution_status wanted = execution_view_status_from_name(api_text(call, "statusFilter"));
    if (machine.ptr && wanted == STORE_PENDING_REDRIVE) {
        api_refuse(call, "ValidationException",
                   "The statusFilter PENDING_REDRIVE must be used with a mapRunArn");
        return;
    }
    listing l = {
        .call = call,
        /* The store knows how each execution ended, and not that it waits for a redrive. */
        .filter = {.machine_arn = machine.ptr ? arn.machine : map_run,
                   .status = wanted == STORE_PENDING_REDRIVE ? 0 : wanted},
        .status = wanted,
        .version_or_alias = arn.qualifier.ptr ? machine : STR_NONE,
        .redrive = api_text(call, "redriveFilter"),
        .size = api_page_size(call),
    };
    if (position.ptr) {
        char text[64];
        snprintf(text, sizeof(text), "%.*s", STR_ARG(position));
        long long start_ms;
        unsigned long long seq;
        if (sscanf(text, "%lld/%llu", &start_ms, &seq) == 2) {
            l.filter.before_start_ms = start_ms;
            l.filter.before_seq = seq;
        }
    }
    json_array_begin(&l.items, &call->memory, l.size);
    answer_listing(&l, subject);
}
