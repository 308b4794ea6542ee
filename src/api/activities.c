/* Activities and the long poll for their tasks. The record (kind "activity"): name, creationMs,
 * tags, encryptionConfiguration. */
#include "runtime/activities.h"

#include "api/api_private.h"
#include "api/arn.h"
#include "api/durable.h"
#include "api/machine_settings.h"
#include "api/operations.h"
#include "api/page_token.h"
#include "api/tags.h"
#include "runtime/names.h"

#define POLL_MS 60000 /* GetActivityTask: 60 seconds */

/* Begins a description; the caller may add to it and finishes it. */
static void describe(api_call *call, str arn, json record, json_object_builder *b)
{
    int64_t created_ms = 0;
    json_int64(json_get(record, STR("creationMs")), &created_ms);
    json_object_begin(b, &call->memory, 5);
    json_object_add(b, STR("activityArn"), json_from_str(arn));
    json_object_add(b, STR("name"), json_get(record, STR("name")));
    json_object_add(b, STR("creationDate"), api_date(created_ms));
}

/* ------------------------------------------------------------------------------- create and delete
 */

/* How a record or a request is encrypted: without a word of it AWS owns the key. */
static status encryption_of(api_call *call, json of, json *ret_encryption, error *reterr)
{
    json_object_builder b;
    json given = json_get(of, STR("encryptionConfiguration"));
    if (json_is(given, JSON_OBJECT)) {
        *ret_encryption = given;
        return STATUS_OK;
    }
    json_object_begin(&b, &call->memory, 1);
    json_object_add(&b, STR("type"), json_literal("AWS_OWNED_KEY"));
    return json_object_finish(&b, ret_encryption, reterr);
}

static status make_answer(api_call *call, str arn, int64_t created_ms, json *ret_output,
                          error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, &call->memory, 2);
    json_object_add(&b, STR("activityArn"), json_from_str(arn));
    json_object_add(&b, STR("creationDate"), api_date(created_ms));
    return json_object_finish(&b, ret_output, reterr);
}

static status make_record(api_call *call, json tags, json *ret_record, error *reterr)
{
    json_object_builder b;
    json encryption = json_get(call->input, STR("encryptionConfiguration"));
    json_object_begin(&b, &call->memory, 4);
    json_object_add(&b, STR("name"), json_from_str(api_text(call, "name")));
    json_object_add(&b, STR("creationMs"), json_from_int64(call->now_ms));
    json_object_add(&b, STR("tags"), tags);
    if (!json_is_absent(encryption)) {
        json_object_add(&b, STR("encryptionConfiguration"), encryption);
    }
    return json_object_finish(&b, ret_record, reterr);
}

static void create(api_call *call, str arn)
{
    json tags, record, output;
    error err;
    resources_change change;
    if (resources_seek(call->api->resources, STR("activity"), STR(""), STR("\xff")) >=
        ACTIVITIES_MAX) {
        api_refuse(call, "ActivityLimitExceeded", "Activity Limit Exceeded: %d", ACTIVITIES_MAX);
        return;
    }
    if (!tags_merge(call, (json){0}, json_get(call->input, STR("tags")), arn, &tags)) {
        return;
    }
    status done = make_record(call, tags, &record, &err);
    if (ok(done)) {
        done = make_answer(call, arn, call->now_ms, &output, &err);
    }
    if (failed(done)) {
        api_fail(call, &err);
        return;
    }
    resources_begin(call->api->resources, &change);
    resources_put(&change, STR("activity"), arn, record);
    api_commit(call, &change, output);
}

/* Idempotent by name, but the encryption may not be another one: CreateActivity's API page. */
static void answer_existing(api_call *call, str arn, json existing)
{
    json output, encryption, asked;
    error err;
    int64_t created_ms = 0;
    json_int64(json_get(existing, STR("creationMs")), &created_ms);
    status done = make_answer(call, arn, created_ms, &output, &err);
    if (ok(done)) {
        done = encryption_of(call, existing, &encryption, &err);
    }
    if (ok(done)) {
        done = encryption_of(call, call->input, &asked, &err);
    }
    if (failed(done)) {
        api_fail(call, &err);
    } else if (!json_equal(encryption, asked)) {
        api_refuse(call, "ActivityAlreadyExists", "Activity Already Exists: '%.*s'", STR_ARG(arn));
    } else {
        api_answer_durably(call, output);
    }
}

void api_create_activity(api_call *call)
{
    error err;
    str name = api_text(call, "name");
    const api_options *options = &call->api->options;
    if (!runtime_name_is_valid(name)) {
        api_refuse(call, "InvalidName", "Invalid Name: '%.*s'", STR_ARG(name));
        return;
    }
    if (!machine_settings_check_encryption(call,
                                           json_get(call->input, STR("encryptionConfiguration")))) {
        return;
    }
    str arn = arena_printf(&call->memory, "arn:aws:states:%.*s:%.*s:activity:%.*s",
                           STR_ARG(options->region), STR_ARG(call->account), STR_ARG(name));
    if (!arn.ptr) {
        (void)fail_memory(&err).code;
        api_fail(call, &err);
        return;
    }
    json existing = resources_get(call->api->resources, STR("activity"), arn);
    if (json_is_absent(existing)) {
        create(call, arn);
    } else {
        answer_existing(call, arn, existing);
    }
}

void api_delete_activity(api_call *call)
{
    api_arn arn;
    resources_change change;
    if (!api_arn_parse(call, api_text(call, "activityArn"), ARN_ACTIVITY, &arn)) {
        return;
    }
    resources_begin(call->api->resources, &change);
    resources_delete(&change, STR("activity"), arn.text);
    api_commit(call, &change, (json){0});
}

/* ------------------------------------------------------------------------------- describe and list
 */

/* The activity's record; refuses the call when there is none. */
static bool find(api_call *call, const char *member, str *ret_arn, json *ret_record)
{
    api_arn arn;
    if (!api_arn_parse(call, api_text(call, member), ARN_ACTIVITY, &arn)) {
        return false;
    }
    *ret_arn = arn.text;
    *ret_record = resources_get(call->api->resources, STR("activity"), arn.text);
    if (json_is_absent(*ret_record)) {
        api_refuse(call, "ActivityDoesNotExist", "Activity Does Not Exist: '%.*s'",
                   STR_ARG(arn.text));
        return false;
    }
    return true;
}

void api_describe_activity(api_call *call)
{
    str arn;
    json record, encryption;
    error err;
    json_object_builder b;
    if (!find(call, "activityArn", &arn, &record)) {
        return;
    }
    if (failed(encryption_of(call, record, &encryption, &err))) {
        api_fail(call, &err);
        return;
    }
    describe(call, arn, record, &b);
    json_object_add(&b, STR("encryptionConfiguration"), encryption);
    api_answer_object(call, &b);
}

void api_list_activities(api_call *call)
{
    const resources *r = call->api->resources;
    str prefix, position, key = STR_NONE, last = STR_NONE;
    json record, list;
    error err;
    json_array_builder items;
    json_object_builder b;
    if (!api_list_prefix(call, "activity", &prefix) ||
        !api_page_position(call, prefix, &position)) {
        return;
    }
    uint32_t size = api_page_size(call), count = 0;
    uint32_t at = resources_seek(r, STR("activity"), prefix, position);
    json_array_begin(&items, &call->memory, size);
    for (; resources_at(r, STR("activity"), prefix, at, &key, &record) && count < size; at++) {
        json item;
        describe(call, key, record, &b);
        if (failed(json_object_finish(&b, &item, &err))) {
            api_fail(call, &err);
            return;
        }
        json_array_add(&items, item);
        last = key;
        count++;
    }
    if (failed(json_array_finish(&items, &list, &err))) {
        api_fail(call, &err);
        return;
    }
    json_object_begin(&b, &call->memory, 2);
    json_object_add(&b, STR("activities"), list);
    if (resources_at(r, STR("activity"), prefix, at, &key, &record)) {
        json_object_add(&b, STR("nextToken"), json_from_str(api_page_token(call, prefix, last)));
    }
    api_answer_object(call, &b);
}

str api_refuse_task(const void *user, const asl_resource *resource, json payload, arena *a)
{
    (void)payload;
    const api *of = user;
    if (resource->kind != ASL_RESOURCE_ACTIVITY ||
        !json_is_absent(resources_get(of->resources, STR("activity"), resource->arn))) {
        return STR_NONE;
    }
    return arena_printf(a, "The activity %.*s does not exist.", STR_ARG(resource->arn));
}

/* ------------------------------------------------------------------------------------ the long
 * poll */

typedef struct polling {
    activity_poll *poll; /* NULL when it has ended */
    str arn;
    int64_t until_ms;
    str token, input;
} polling;

static void poll(api_call *call);

static void answer_nothing(api_call *call)
{
    json_object_builder b;
    json_object_begin(&b, &call->memory, 1);
    json_object_add(&b, STR("taskToken"), json_null());
    api_answer_object(call, &b);
}

/* The start is durable: the worker may have the task. When the task had ended meanwhile, wait on.
 */
static void answer_given(void *user, const error *err)
{
    api_call *call = user;
    polling *p = call->state;
    json_object_builder b;
    if (err && err->code == ERROR_NOT_FOUND && call->is_gone) {
        answer_nothing(call); /* nobody is there to be given another task */
        return;
    }
    if (err && err->code == ERROR_NOT_FOUND) {
        poll(call);
        return;
    }
    if (err) {
        api_fail(call, err);
        return;
    }
    json_object_begin(&b, &call->memory, 2);
    json_object_add(&b, STR("taskToken"), json_from_str(p->token));
    json_object_add(&b, STR("input"), json_from_str(p->input));
    api_answer_object(call, &b);
}

static void given(void *user, const activity_task *task)
{
    api_call *call = user;
    polling *p = call->state;
    error err;
    p->poll = NULL;
    if (!task) {
        answer_nothing(call);
        return;
    }
    p->token = arena_str(&call->memory, task->token);
    p->input = json_text(task->input, &call->memory);
    status told = p->token.ptr && p->input.ptr
                      ? shard_task_started(call->api->options.shard, task->execution, task->task_id,
                                           api_text(call, "workerName"), answer_given, call, &err)
                      : fail_memory(&err);
    if (failed(told)) {
        answer_given(call, &err);
    }
}

/* The worker has hung up. */
static void on_gone(void *user)
{
    api_call *call = user;
    polling *p = call->state;
    call->is_gone = true;
    if (p->poll) {
        activities_cancel_poll(p->poll);
        answer_nothing(call);
    } /* else it has been given a task, and waits for the start to be durable */
}

static void poll(api_call *call)
{
    polling *p = call->state;
    error err;
    int64_t left_ms = p->until_ms - net_loop_now_ms(call->api->options.loop);
    status asked = activities_poll(call->api->options.activities, p->arn,
                                   MAX_OF(left_ms, (int64_t)0), given, call, &p->poll, &err);
    if (asked.code == ERROR_LIMIT) {
        api_refuse(call, "ActivityWorkerLimitExceeded", "%s", err.message);
    } else if (failed(asked)) {
        api_fail(call, &err);
    }
}

void api_get_activity_task(api_call *call)
{
    error err;
    str arn;
    json record;
    if (!find(call, "activityArn", &arn, &record)) {
        return;
    }
    polling *p = arena_new(&call->memory, polling);
    status made = p ? net_http_reply_watch(call->reply, on_gone, call, &err) : fail_memory(&err);
    if (failed(made)) {
        api_fail(call, &err);
        return;
    }
    p->arn = arn;
    p->until_ms = net_loop_now_ms(call->api->options.loop) + POLL_MS;
    call->state = p;
    poll(call);
}
