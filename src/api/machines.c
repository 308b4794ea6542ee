/* CreateStateMachine, UpdateStateMachine, DeleteStateMachine, ListStateMachines. */
#include "api/machines.h"

#include "api/durable.h"
#include "api/machine_settings.h"
#include "api/operations.h"
#include "api/page_token.h"
#include "api/tags.h"
#include "api/versions.h"
#include "base/digest.h"
#include "runtime/names.h"

static bool check_description(api_call *call)
{
    if (api_text(call, "versionDescription").ptr && !api_boolean(call, "publish", false)) {
        api_refuse(call, "ValidationException",
                   "Version description can only be set when publish is true");
        return false;
    }
    return true;
}

static void put_revision(api_call *call, resources_change *change, str arn, json machine)
{
    static const char *const members[] = {"updateMs", "loggingConfiguration",
                                          "tracingConfiguration", "encryptionConfiguration"};
    json_object_builder b;
    json record;
    str key = api_revision_key(arn, json_str(json_get(machine, STR("revisionId"))), &call->memory);
    json_object_begin(&b, &call->memory, ARRAY_LENGTH(members));
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        json_object_add(&b, str_from_c(members[i]), json_get(machine, str_from_c(members[i])));
    }
    if (!key.ptr || failed(json_object_finish(&b, &record, NULL))) {
        change->failure = (status){ERROR_MEMORY};
        return;
    }
    resources_put(change, REVISION, key, record);
}

/* Publishes if that is asked for, and puts the machine's record. False when the call is refused and
 * the change is over. */
static bool put_machine(api_call *call, resources_change *change, str arn, json machine,
                        str *ret_version_arn)
{
    version_made made = {0};
    error err;
    *ret_version_arn = STR_NONE;
    if (api_boolean(call, "publish", false)) {
        if (!api_version_publish(call, arn, machine, api_text(call, "versionDescription"), change,
                                 &made)) {
            arena_clean_up(&change->memory);
            return false;
        }
        if (failed(json_object_with(&call->memory, machine, json_literal("lastVersion"),
                                    json_from_int64(made.number), &machine, &err))) {
            arena_clean_up(&change->memory);
            api_fail(call, &err);
            return false;
        }
        *ret_version_arn = made.arn;
    }
    resources_put(change, MACHINE, arn, machine);
    put_revision(call, change, arn, machine);
    return true;
}

/* --------------------------------------------------------------------------------------- creating
 */

/* How CreateStateMachine was called, as far as later calls are compared with it. */
static status make_created(api_call *call, json *ret_created, error *reterr)
{
    json_object_builder b;
    str description = api_text(call, "versionDescription");
    json_object_begin(&b, &call->memory, 2);
    json_object_add(&b, STR("publish"), json_boolean(api_boolean(call, "publish", false)));
    if (description.ptr) {
        json_object_add(&b, STR("versionDescription"), json_from_str(description));
    }
    return json_object_finish(&b, ret_created, reterr);
}

static status make_record(api_call *call, const machine_settings *settings, json type, json created,
                          json tags, json *ret_record, error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, &call->memory, 16);
    json_object_add(&b, STR("name"), json_from_str(api_text(call, "name")));
    json_object_add(&b, STR("type"), type);
    json_object_add(&b, STR("roleArn"), json_from_str(settings->role_arn));
    json_object_add(&b, STR("definition"), json_from_str(settings->definition_key));
    json_object_add(&b, STR("creationMs"), json_from_int64(call->now_ms));
    json_object_add(&b, STR("updateMs"), json_from_int64(call->now_ms));
    json_object_add(&b, STR("revisionId"), json_literal(""));
    json_object_add(&b, STR("loggingConfiguration"), settings->logging);
    json_object_add(&b, STR("tracingConfiguration"), settings->tracing);
    json_object_add(&b, STR("encryptionConfiguration"), settings->encryption);
    json_object_add(&b, STR("tags"), tags);
    json_object_add(&b, STR("lastVersion"), json_from_int64(0));
    json_object_add(&b, STR("status"), json_literal("ACTIVE"));
    json_object_add(&b, STR("created"), created);
    return json_object_finish(&b, ret_record, reterr);
}

static status make_create_answer(api_call *call, str arn, json record, str version_arn,
                                 json *ret_output, error *reterr)
{
    json_object_builder b;
    int64_t created_ms = 0;
    json_int64(json_get(record, STR("creationMs")), &created_ms);
    json_object_begin(&b, &call->memory, 3);
    json_object_add(&b, STR("creationDate"), api_date(created_ms));
    json_object_add(&b, STR("stateMachineArn"), json_from_str(arn));
    if (version_arn.ptr) {
        json_object_add(&b, STR("stateMachineVersionArn"), json_from_str(version_arn));
    }
    return json_object_finish(&b, ret_output, reterr);
}

/* CreateStateMachine's API page tells what makes two calls the same: not the role, nor the tags. */
static bool is_same(json existing, const machine_settings *settings, json type, json created)
{
    return str_equal(json_str(json_get(existing, STR("definition"))), settings->definition_key) &&
           json_equal(json_get(existing, STR("type")), type) &&
           json_equal(json_get(existing, STR("loggingConfiguration")), settings->logging) &&
           json_equal(json_get(existing, STR("tracingConfiguration")), settings->tracing) &&
           json_equal(json_get(existing, STR("encryptionConfiguration")), settings->encryption) &&
           json_equal(json_get(existing, STR("created")), created);
}

static void answer_existing(api_call *call, str arn, json existing)
{
    json output;
    error err;
    str version_arn = STR_NONE;
    if (api_boolean(call, "publish", false)) { /* what is created published has version 1 */
        version_arn = arena_printf(&call->memory, "%.*s:1", STR_ARG(arn));
    }
    if (failed(make_create_answer(call, arn, existing, version_arn, &output, &err))) {
        api_fail(call, &err);
    } else {
        api_answer_durably(call, output);
    }
}

static void create(api_call *call, str arn, const machine_settings *settings, json type,
                   json created)
{
    json tags, record, output;
    str version_arn;
    error err;
    resources_change change;
    if (!tags_merge(call, (json){0}, json_get(call->input, STR("tags")), arn, &tags)) {
        return;
    }
    if (failed(make_record(call, settings, type, created, tags, &record, &err))) {
        api_fail(call, &err);
        return;
    }
    resources_begin(call->api->resources, &change);
    resources_put_text(&change, STR("definition"), settings->definition_key, settings->definition);
    if (!put_machine(call, &change, arn, record, &version_arn)) {
        return;
    }
    if (failed(make_create_answer(call, arn, record, version_arn, &output, &err))) {
        arena_clean_up(&change.memory);
        api_fail(call, &err);
        return;
    }
    api_commit(call, &change, output);
}

static uint32_t count_machines(const api *a)
{
    return resources_seek(a->resources, MACHINE, STR(""), STR("\xff"));
}

void api_create_state_machine(api_call *call)
{
    machine_settings settings;
    json created, existing;
    error err;
    const api_options *options = &call->api->options;
    str name = api_text(call, "name");
    bool is_express = str_equal(api_text(call, "type"), STR("EXPRESS"));
    if (!runtime_name_is_valid(name)) {
        api_refuse(call, "InvalidName", "Invalid Name: '%.*s'", STR_ARG(name));
        return;
    }
    if (!check_description(call) || !machine_settings_read(call, is_express, &settings)) {
        return;
    }
    str arn = arena_printf(&call->memory, "arn:aws:states:%.*s:%.*s:stateMachine:%.*s",
                           STR_ARG(options->region), STR_ARG(call->account), STR_ARG(name));
    status done = arn.ptr ? machine_settings_fill(call, &settings, &err) : fail_memory(&err);
    if (ok(done)) {
        done = make_created(call, &created, &err);
    }
    if (failed(done)) {
        api_fail(call, &err);
        return;
    }
    json type = is_express ? json_literal("EXPRESS") : json_literal("STANDARD");
    existing = api_machine_get(call->api, arn);
    if (json_is_absent(existing)) {
        if (count_machines(call->api) >= MACHINES_MAX) {
            api_refuse(call, "StateMachineLimitExceeded", "State Machine Limit Exceeded: %d",
                       MACHINES_MAX);
        } else {
            create(call, arn, &settings, type, created);
        }
    } else if (api_machine_find(call, arn, arn, &existing)) { /* not while it is being deleted */
        if (is_same(existing, &settings, type, created)) {
            answer_existing(call, arn, existing);
        } else {
            api_refuse(call, "StateMachineAlreadyExists", "State Machine Already Exists: '%.*s'",
                       STR_ARG(arn));
        }
    }
}

/* --------------------------------------------------------------------------------------- updating
 */

/* Sets a member where a value is given, and tells whether that changed it. */
static status set(api_call *call, json *record, const char *name, json value, bool *has_changed,
                  error *reterr)
{
    if (json_is_absent(value) || json_equal(json_get(*record, str_from_c(name)), value)) {
        return STATUS_OK;
    }
    *has_changed = true;
    return json_object_with(&call->memory, *record, json_from_str(str_from_c(name)), value, record,
                            reterr);
}

static json text_value(str text)
{
    return text.ptr ? json_from_str(text) : (json){0};
}

/* Only a real change makes a new revision. */
static status change_record(api_call *call, const machine_settings *settings, json *record,
                            error *reterr)
{
    bool has_changed = false, is_stamped = false;
    TRY(set(call, record, "definition", text_value(settings->definition_key), &has_changed,
            reterr));
    TRY(set(call, record, "roleArn", text_value(settings->role_arn), &has_changed, reterr));
    TRY(set(call, record, "loggingConfiguration", settings->logging, &has_changed, reterr));
    TRY(set(call, record, "tracingConfiguration", settings->tracing, &has_changed, reterr));
    TRY(set(call, record, "encryptionConfiguration", settings->encryption, &has_changed, reterr));
    if (has_changed) {
        char uuid[UUID_TEXT_SIZE];
        uint64_t random[] = {entropy_next(&call->api->random), entropy_next(&call->api->random)};
        str revision =
            arena_str(&call->memory, uuid_from_entropy((const unsigned char *)random, uuid));
        if (!revision.ptr) {
            return fail_memory(reterr);
        }
        TRY(set(call, record, "revisionId", json_from_str(revision), &is_stamped, reterr));
    }
    return set(call, record, "updateMs", json_from_int64(call->now_ms), &is_stamped, reterr);
}

static status make_update_answer(api_call *call, json record, str version_arn, json *ret_output,
                                 error *reterr)
{
    json_object_builder b;
    json revision = json_get(record, STR("revisionId"));
    json_object_begin(&b, &call->memory, 3);
    json_object_add(&b, STR("updateDate"), api_date(call->now_ms));
    if (json_str(revision).len) {
        json_object_add(&b, STR("revisionId"), revision);
    }
    if (version_arn.ptr) {
        json_object_add(&b, STR("stateMachineVersionArn"), json_from_str(version_arn));
    }
    return json_object_finish(&b, ret_output, reterr);
}

static bool is_empty_update(const api_call *call)
{
    static const char *const members[] = {"definition", "roleArn", "loggingConfiguration",
                                          "tracingConfiguration", "encryptionConfiguration"};
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        json value = json_get(call->input, str_from_c(members[i]));
        if (!json_is_absent(value) && !json_is(value, JSON_NULL)) {
            return false;
        }
    }
    return true;
}

static void update(api_call *call, str arn, json record)
{
    machine_settings settings;
    json output;
    str version_arn;
    error err;
    resources_change change;
    bool is_express = str_equal(json_str(json_get(record, STR("type"))), STR("EXPRESS"));
    if (!machine_settings_read(call, is_express, &settings)) {
        return;
    }
    if (failed(change_record(call, &settings, &record, &err))) {
        api_fail(call, &err);
        return;
    }
    resources_begin(call->api->resources, &change);
    if (settings.definition.ptr) {
        resources_put_text(&change, STR("definition"), settings.definition_key,
                           settings.definition);
    }
    if (!put_machine(call, &change, arn, record, &version_arn)) {
        return;
    }
    if (failed(make_update_answer(call, record, version_arn, &output, &err))) {
        arena_clean_up(&change.memory);
        api_fail(call, &err);
        return;
    }
    api_commit(call, &change, output);
}

void api_update_state_machine(api_call *call)
{
    api_arn arn;
    json record;
    str text = api_text(call, "stateMachineArn");
    if (!api_arn_parse(call, text, ARN_MACHINE, &arn)) {
        return;
    }
    if (is_empty_update(call)) {
        api_refuse(call, "MissingRequiredParameter",
                   "Either the definition, the role ARN, the LoggingConfiguration, or the "
                   "TracingConfiguration must be specified");
        return;
    }
    if (check_description(call) && api_machine_find(call, arn.machine, text, &record)) {
        update(call, arn.machine, record);
    }
}

/* --------------------------------------------------------------------------------------- deleting
 */

/* The machine is marked, and every execution that was started before is known to the store now. */
static void delete_marked(void *user, const error *err)
{
    api_call *call = user;
    if (err) {
        api_fail(call, err);
        return;
    }
    api_machine_get(call->api, api_text(call, "stateMachineArn")); /* goes when nothing runs */
    api_answer_durably(call, (json){0});
}

void api_delete_state_machine(api_call *call)
{
    api_arn arn;
    json marked;
    error err;
    resources_change change;
    str text = api_text(call, "stateMachineArn");
    if (!api_arn_parse(call, text, ARN_MACHINE | ARN_VERSION | ARN_ALIAS, &arn)) {
        return;
    }
    if (arn.kind != ARN_MACHINE || str_find_char(arn.name, '/') != STR_NOT_FOUND) {
        api_refuse(call, "ValidationException",
                   "This operation does not support qualified state machine ARNs: '%.*s'",
                   STR_ARG(text));
        return;
    }
    json record = api_machine_get(call->api, arn.machine);
    if (json_is_absent(record)) {
        api_answer_durably(call, (json){0});
        return;
    }
    status done = json_object_with(&call->memory, record, json_literal("status"),
                                   json_literal("DELETING"), &marked, &err);
    if (ok(done)) {
        resources_begin(call->api->resources, &change);
        resources_put(&change, MACHINE, arn.machine, marked);
        done = resources_commit(&change, delete_marked, call, &err);
    }
    if (failed(done)) {
        api_fail(call, &err);
    }
}

/* ---------------------------------------------------------------------------------------- listing
 */

static status make_item(api_call *call, str arn, json record, json *ret_item, error *reterr)
{
    json_object_builder b;
    int64_t created_ms = 0;
    json_int64(json_get(record, STR("creationMs")), &created_ms);
    json_object_begin(&b, &call->memory, 4);
    json_object_add(&b, STR("stateMachineArn"), json_from_str(arn));
    json_object_add(&b, STR("name"), json_get(record, STR("name")));
    json_object_add(&b, STR("type"), json_get(record, STR("type")));
    json_object_add(&b, STR("creationDate"), api_date(created_ms));
    return json_object_finish(&b, ret_item, reterr);
}

/* Machines whose last execution has ended go before they are shown. */
static void sweep(api *a)
{
    str key;
    json record;
    for (uint32_t i = 0; resources_at(a->resources, MACHINE, STR(""), i, &key, &record);) {
        i += !json_is_absent(api_machine_get(a, key));
    }
}

static status list(api_call *call, str prefix, str position, json *ret_output, error *reterr)
{
    resources *r = call->api->resources;
    uint32_t size = api_page_size(call), count = 0;
    uint32_t i = resources_seek(r, MACHINE, prefix, position);
    json_array_builder items;
    json_object_builder b;
    json record, item, list;
    str key, last = STR_NONE;
    json_array_begin(&items, &call->memory, 16);
    for (; count < size && resources_at(r, MACHINE, prefix, i, &key, &record); i++, count++) {
        TRY(make_item(call, key, record, &item, reterr));
        json_array_add(&items, item);
        last = key;
    }
    TRY(json_array_finish(&items, &list, reterr));
    json_object_begin(&b, &call->memory, 2);
    json_object_add(&b, STR("stateMachines"), list);
    if (resources_at(r, MACHINE, prefix, i, &key, &record)) {
        json_object_add(&b, STR("nextToken"), json_from_str(api_page_token(call, prefix, last)));
    }
    return json_object_finish(&b, ret_output, reterr);
}

void api_list_state_machines(api_call *call)
{
    str prefix, position;
    json output;
    error err;
    if (!api_list_prefix(call, "stateMachine", &prefix) ||
        !api_page_position(call, prefix, &position)) {
        return;
    }
    sweep(call->api);
    if (failed(list(call, prefix, position, &output, &err))) {
        api_fail(call, &err);
    } else {
        api_answer(call, output);
    }
}
