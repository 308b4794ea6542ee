/* SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat: by token, from anyone who holds it. */
#include "api/api_private.h"
#include "api/operations.h"
#include "asl/jackson.h"

static void answer(void *user, const error *err)
{
    api_call *call = user;
    if (!err) {
        api_answer(call, (json){0});
    } else if (err->code == ERROR_INVALID) {
        api_refuse(call, "InvalidToken", "Invalid Token: 'Invalid token'");
    } else if (err->code == ERROR_NOT_FOUND) {
        api_refuse(call, "TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
    } else {
        api_fail(call, err);
    }
}

static void end_task(api_call *call, shard_task_call what, json output)
{
    error err;
    status asked =
        shard_end_task(call->api->options.shard, what, api_text(call, "taskToken"), output,
                       api_text(call, "error"), api_text(call, "cause"), answer, call, &err);
    if (failed(asked)) {
        answer(call, &err);
    }
}

/* AWS looks at the token before it looks at the output. */
static bool is_token(api_call *call)
{
    str machine;
    return shard_task_machine(call->api->options.shard, api_text(call, "taskToken"), &call->memory,
                              &machine, NULL)
               .code != ERROR_INVALID;
}

void api_send_task_success(api_call *call)
{
    json output;
    error err;
    asl_jackson said;
    str text = api_text(call, "output");
    status parsed = json_parse_into(text, &call->memory, &output, &err);
    if (parsed.code == ERROR_MEMORY) {
        api_fail(call, &err);
    } else if (failed(parsed) && !is_token(call)) {
        api_refuse(call, "InvalidToken", "Invalid Token: 'Invalid token'");
    } else if (failed(parsed) &&
               failed(asl_jackson_explain(text, &err, &call->memory, &said, &err))) {
        api_fail(call, &err);
    } else if (failed(parsed)) {
        api_refuse(call, "InvalidOutput", "Invalid Output: '%.*s'", STR_ARG(said.message));
    } else {
        end_task(call, SHARD_TASK_SUCCESS, output);
    }
}

void api_send_task_failure(api_call *call)
{
    end_task(call, SHARD_TASK_FAILURE, (json){0});
}

void api_send_task_heartbeat(api_call *call)
{
    end_task(call, SHARD_TASK_HEARTBEAT, (json){0});
}
