/* RedriveExecution. The client tokens of the last redrives are kept with the execution, in what the
 * API keeps there: [{"token": ..., "date": ...}, ...].
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
 */
#include "api/api_private.h"
#include "api/execution_view.h"
#include "api/operations.h"

#define TOKENS_KEPT 10
#define TOKEN_MS_MAX (15 * 60 * 1000)

static void answer_date(api_call *call, int64_t redriven_ms)
{
    json_object_builder b;
    json_object_begin(&b, &call->memory, 1);
    json_object_add(&b, STR("redriveDate"), api_date(redriven_ms));
    api_answer_object(call, &b);
}

static json tokens_of(json extra)
{
    return json_get(extra, STR("redriveTokens"));
}

/* Whether the call's token redrove this execution not long ago. */
static bool is_repeated(const api_call *call, json extra, int64_t *ret_redriven_ms)
{
    json tokens = tokens_of(extra);
    str token = api_text(call, "clientToken");
    for (uint32_t i = 0; token.len && i < json_count(tokens); i++) {
        json entry = json_item(tokens, i);
        int64_t date;
        if (str_equal(json_str(json_get(entry, STR("token"))), token) &&
            json_int64(json_get(entry, STR("date")), &date) &&
            call->now_ms - date <= TOKEN_MS_MAX) {
            *ret_redriven_ms = date;
            return true;
        }
    }
    return false;
}

/* Whether it redrives it just now: that is not durable yet. */
static bool is_under_way(api_call *call, const execution_view *view)
{
    shard_found found;
    json extra;
    int64_t redriven_ms;
    return shard_find(call->api->options.shard, view->row.arn, &found) &&
           found.seq == view->row.seq && found.extra.len &&
           ok(json_parse_into(found.extra, &call->memory, &extra, NULL)) &&
           is_repeated(call, extra, &redriven_ms);
}

/* What is kept with the execution from now on: the same, and the call's token. */
static status extra_after(api_call *call, const execution_view *view, str *ret_text, error *reterr)
{
    str token = api_text(call, "clientToken");
    json before = tokens_of(view->extra), entry, tokens, extra = view->extra;
    if (token.len) {
        json_object_builder object;
        json_array_builder array;
        json_object_begin(&object, &call->memory, 2);
        json_object_add(&object, STR("token"), json_from_str(token));
        json_object_add(&object, STR("date"), json_from_int64(call->now_ms));
        TRY(json_object_finish(&object, &entry, reterr));
        uint32_t count = json_count(before);
        json_array_begin(&array, &call->memory, TOKENS_KEPT);
        for (uint32_t i = count >= TOKENS_KEPT ? count - TOKENS_KEPT + 1 : 0; i < count; i++) {
            json_array_add(&array, json_item(before, i));
        }
        json_array_add(&array, entry);
        TRY(json_array_finish(&array, &tokens, reterr));
        TRY(json_object_with(&call->memory, extra, json_from_str(STR("redriveTokens")), tokens,
                             &extra, reterr));
    }
    *ret_text = json_count(extra) ? json_text(extra, &call->memory) : STR("");
    return ret_text->ptr ? STATUS_OK : fail_memory(reterr);
}

static void refuse(api_call *call, const execution_view *view)
{
    str reason = execution_view_redrive_reason(call, view);
    if (!reason.ptr) { /* it ended before what a redrive needs was kept */
        reason = STR("Execution was started before the launch of RedriveExecution");
    }
    api_refuse(call, "ExecutionNotRedrivable", "%.*s", STR_ARG(reason));
}

static void answer_redriven(void *user, const error *err)
{
    api_call *call = user;
    execution_view view;
    int64_t redriven_ms = call->now_ms;
    if (err && err->code != ERROR_NOT_FOUND) {
        api_fail(call, err);
        return;
    }
    if (!execution_view_find(call, api_text(call, "executionArn"), &view)) {
        return;
    }
    if (err && !is_repeated(call, view.extra, &redriven_ms)) { /* another call was faster */
        refuse(call, &view);
        return;
    }
    json_int64(json_get(view.told, STR("redriveDate")), &redriven_ms);
    answer_date(call, redriven_ms);
}

void api_redrive_execution(api_call *call)
{
    execution_view view;
    error err;
    str extra;
    int64_t redriven_ms;
    if (!execution_view_find(call, api_text(call, "executionArn"), &view)) {
        return;
    }
    if (is_repeated(call, view.extra, &redriven_ms)) {
        answer_date(call, redriven_ms);
        return;
    }
    if (is_under_way(call, &view)) { /* answered when what is open now is durable */
        status waits = shard_write(call->api->options.shard, NULL, 0, answer_redriven, call, &err);
        if (failed(waits)) {
            api_fail(call, &err);
        }
        return;
    }
    if (!json_is_absent(json_get(view.extra, STR("mapRunArn")))) {
        api_refuse(call, "ExecutionNotRedrivable",
                   "Execution was started by a Map Run and can be redriven by its parent only");
        return;
    }
    if (execution_view_redrive_reason(call, &view).ptr) {
        refuse(call, &view);
        return;
    }
    status done = extra_after(call, &view, &extra, &err);
    if (ok(done)) {
        done = shard_redrive(call->api->options.shard, view.row.seq, extra, answer_redriven, call,
                             &err);
    }
    if (done.code == ERROR_LIMIT) {
        api_refuse(call, "ExecutionLimitExceeded", "%s", err.message);
    } else if (done.code == ERROR_NOT_FOUND) {
        answer_redriven(call, &err);
    } else if (failed(done)) {
        api_fail(call, &err);
    }
}
