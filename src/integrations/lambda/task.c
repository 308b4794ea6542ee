/* Lambda as Step Functions calls it: a function's ARN as Resource, and lambda:invoke.
 *
 * How a function's error becomes Error and Cause: Error is the error object's errorType, Cause the
 * object's text: as the function's runtime has printed it for an ARN, and printed again without
 * white space for lambda:invoke, so recordings of AWS say. An object without errorType is
 * Lambda.Unknown
 * (https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html). */
#include "integrations/integration_kind.h"

#include "base/digest.h"
#include "integrations/lambda/name.h"
#include "integrations/parameters.h"
#include "integrations/sdk_metadata.h"

#include <openssl/evp.h>

#define SDK_SERVICE "AWSLambda"

/* ---------------------------------------------------------------------------------------- errors
 */

static void fail_as_service(integration_task *task, const char *error_name, int http_status,
                            const char *code_name, str message)
{
    char request_id[UUID_TEXT_SIZE];
    integrations_uuid(request_id);
    str cause =
        sdk_error_cause(&task->memory, message, SDK_SERVICE, http_status, code_name, request_id);
    integration_task_fail(task, str_from_c(error_name), cause);
}

static void fail_not_found(integration_task *task, const lambda_name *name)
{
    const integrations_options *settings = integrations_settings(task->owner);
    str region = name->region.len ? name->region : settings->region;
    str account = name->account.len ? name->account : settings->account;
    str qualifier = name->qualifier.len ? name->qualifier : STR("$LATEST");
    str message = arena_printf(
        &task->memory, "Function not found: arn:aws:lambda:%.*s:%.*s:function:%.*s:%.*s",
        STR_ARG(region), STR_ARG(account), STR_ARG(name->function), STR_ARG(qualifier));
    fail_as_service(task, "Lambda.ResourceNotFoundException", 404, "ResourceNotFoundException",
                    message);
}

/* A call that the pool refuses, in Lambda's own words where it would refuse it, too. */
static void fail_refused(integration_task *task, const lambda_name *name, const error *err)
{
    const integrations_options *settings = integrations_settings(task->owner);
    switch (err->code) {
    case ERROR_NOT_FOUND:
        if (settings->on_log) {
            settings->on_log(settings->log_user, name->function,
                             str_from(err->message, err->length));
        }
        fail_not_found(task, name);
        break;
    case ERROR_LIMIT:
        fail_as_service(task, "Lambda.TooManyRequestsException", 429, "TooManyRequestsException",
                        STR("Rate Exceeded."));
        break;
    default:
        fail_as_service(task, "Lambda.AWSLambdaException", 500, "ServiceException",
                        str_from(err->message, err->length));
    }
}

static void fail_with_function_error(integration_task *task, str payload, bool is_invoke)
{
    json value = {0};
    str type = STR_NONE;
    if (ok(json_parse_into(payload, &task->memory, &value, NULL))) {
        type = json_str(json_get(value, STR("errorType")));
    }
    if (type.len) {
        str printed = is_invoke ? json_text(value, &task->memory) : payload;
        integration_task_fail(task, type, printed.ptr ? printed : payload);
        return;
    }
    str cause = arena_printf(&task->memory,
                             "The cause could not be determined because Lambda did not return an "
                             "error type. Returned payload: %.*s",
                             STR_ARG(payload));
    integration_task_fail(task, STR("Lambda.Unknown"), cause);
}

/* Whether the result goes on; otherwise the task has failed. */
static bool take_payload(integration_task *task, const lambda_outcome *outcome, bool is_invoke,
                         json *ret_value)
{
    if (outcome->is_error) {
        fail_with_function_error(task, outcome->payload, is_invoke);
        return false;
    }
    /* AWS looks at the size first: what is too long need not even be JSON. */
    if (outcome->payload.len > PAYLOAD_BYTES_MAX) {
        str cause = arena_printf(&task->memory,
                                 "The state/task '%.*s' returned a result with a size exceeding "
                                 "the maximum number of bytes service limit.",
                                 STR_ARG(task->resource));
        integration_task_fail(task, STR("States.DataLimitExceeded"), cause);
        return false;
    }
    error err;
    if (failed(json_parse_into(outcome->payload, &task->memory, ret_value, &err))) {
        str cause = arena_printf(&task->memory,
                                 "The function returned a result that is not JSON (%s). Returned "
                                 "payload: %.*s",
                                 err.message, STR_ARG(str_take(outcome->payload, 1024)));
        integration_task_fail(task, STR("Lambda.Unknown"), cause);
        return false;
    }
    return true;
}

/* ----------------------------------------------------------------------------- a function's ARN */

status lambda_arn_check(integrations *tasks, const integration_call *call, error *reterr)
{
    lambda_name name;
    TRY(lambda_name_parse(call->resource, &name, reterr));
    lambda_pool *pool = integrations_lambda(tasks, reterr);
    if (!pool) {
        return (status){ERROR_IO};
    }
    /* AWS does not look whether a function exists before it is called. */
    return integrations_settings(tasks)->may_come_later
               ? STATUS_OK
               : lambda_pool_check(pool, name.function, name.qualifier, reterr);
}

static void arn_on_done(void *user, const lambda_outcome *outcome)
{
    integration_task *task = user;
    json value = {0};
    task->state = NULL;
    if (take_payload(task, outcome, false, &value)) {
        integration_task_succeed(task, value);
    }
}

void lambda_task_cancel(integration_task *task)
{
    lambda_invocation_abandon(task->state);
}

/* Starts the function; what the pool refuses fails the task. */
static status invoke(integration_task *task, const lambda_name *name, const lambda_request *request,
                     lambda_done *done, error *reterr)
{
    lambda_pool *pool = integrations_lambda(task->owner, reterr);
    if (!pool) {
        return (status){ERROR_IO};
    }
    error err = {0};
    lambda_invocation *invocation = NULL;
    status result = lambda_pool_invoke(pool, request, done, task, &invocation, &err);
    if (failed(result)) {
        fail_refused(task, name, &err);
    } else if (done) {
        task->state = invocation;
    }
    return STATUS_OK;
}

status lambda_arn_start(integration_task *task, const integration_call *call, error *reterr)
{
    lambda_name name;
    TRY(lambda_name_parse(task->resource, &name, reterr));
    lambda_request request = {
        .function = name.function,
        .qualifier = name.qualifier,
        .payload = json_text(call->payload, &task->memory),
        .key = call->key,
    };
    if (!request.payload.ptr) {
        return fail_memory(reterr);
    }
    return invoke(task, &name, &request, arn_on_done, reterr);
}

/* ---------------------------------------------------------------------------------- lambda:invoke
 */

enum { FUNCTION_NAME, PAYLOAD, INVOCATION_TYPE, QUALIFIER, LOG_TYPE, CLIENT_CONTEXT, PARAMETERS };

/* https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
static const parameter_rule invoke_parameters[PARAMETERS] = {
    [FUNCTION_NAME] = {"FunctionName", true, JSON_STRING},
    [PAYLOAD] = {"Payload", false, JSON_ABSENT},
    [INVOCATION_TYPE] = {"InvocationType", false, JSON_STRING},
    [QUALIFIER] = {"Qualifier", false, JSON_STRING},
    [LOG_TYPE] = {"LogType", false, JSON_STRING},
    [CLIENT_CONTEXT] = {"ClientContext", false, JSON_STRING},
};

/* The response's headers, in the order in which AWS lists them. */
static status build_result(integration_task *task, const lambda_outcome *outcome, json payload,
                           int http_status, json *ret_result, error *reterr)
{
    arena *a = &task->memory;
    char date[SDK_DATE_SIZE];
    bool has_result = outcome->executed_version.ptr != NULL;
    str request_id = arena_str(a, outcome->request_id);
    str version = arena_str(a, outcome->executed_version);
    str trace_id = arena_str(a, outcome->trace_id);
    str length = arena_printf(a, "%zu", outcome->payload.len);
    str now =
        arena_str(a, sdk_date(net_loop_clock_ms(integrations_settings(task->owner)->loop), date));
    if (!request_id.ptr || !version.ptr || !trace_id.ptr || !length.ptr || !now.ptr) {
        return fail_memory(reterr);
    }
    sdk_header headers[] = {
        {STR("X-Amz-Executed-Version"), version, 4},
        {STR("x-amzn-Remapped-Content-Length"), STR("0"), 5},
        {STR("Connection"), STR("keep-alive"), 0},
        {STR("x-amzn-RequestId"), request_id, 6},
        {STR("Content-Length"), length, 1},
        {STR("Date"), now, 3},
        {STR("X-Amzn-Trace-Id"), trace_id, 7},
        {STR("Content-Type"), STR("application/json"), 2},
    };
    sdk_response response = {
        .headers = headers + (has_result ? 0 : 1),
        .header_count = ARRAY_LENGTH(headers) - (has_result ? 0 : 1),
        .http_status = http_status,
        .request_id = request_id,
    };
    json_object_builder b;
    json_object_begin(&b, a, 6);
    if (has_result) {
        json_object_add(&b, STR("ExecutedVersion"), json_from_str(version));
    }
    if (outcome->log_tail.ptr) {
        char *text = arena_alloc(a, outcome->log_tail.len * 4 / 3 + 8);
        if (!text) {
            return fail_memory(reterr);
        }
        int count =
            EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)outcome->log_tail.ptr,
                            (int)outcome->log_tail.len);
        json_object_add(&b, STR("LogResult"), json_from_str(str_from(text, (size_t)count)));
    }
    if (has_result) {
        json_object_add(&b, STR("Payload"), payload);
    }
    TRY(sdk_metadata_add(&b, &response, reterr));
    json_object_add(&b, STR("StatusCode"), json_from_int64(http_status));
    return json_object_finish(&b, ret_result, reterr);
}

static void finish_with_result(integration_task *task, const lambda_outcome *outcome, json payload,
                               int http_status)
{
    json result = {0};
    error err;
    if (failed(build_result(task, outcome, payload, http_status, &result, &err))) {
        integration_task_fail_internally(task, &err);
        return;
    }
    integration_task_succeed(task, result);
}

static void invoke_on_done(void *user, const lambda_outcome *outcome)
{
    integration_task *task = user;
    json payload = {0};
    task->state = NULL;
    if (take_payload(task, outcome, true, &payload)) {
        finish_with_result(task, outcome, payload, 200);
    }
}

/* A string is the request's text itself, anything else is printed
 * (https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html). */
static bool read_payload(integration_task *task, json value, str *ret_payload)
{
    *ret_payload = json_is(value, JSON_STRING) ? json_str(value)
                   : json_is_absent(value)     ? STR("{}")
                                               : json_text(value, &task->memory);
    json ignored;
    error err;
    if (!json_is(value, JSON_STRING) ||
        ok(json_parse_into(*ret_payload, &task->memory, &ignored, &err))) {
        return true;
    }
    str message = arena_printf(&task->memory,
                               "Could not parse request body into json: Could not parse payload "
                               "into json: %s",
                               err.message);
    fail_as_service(task, "Lambda.InvalidRequestContentException", 400,
                    "InvalidRequestContentException", message);
    return false;
}

/* Base64 of JSON text. */
static bool read_client_context(integration_task *task, json value, str *ret_text)
{
    str text = json_str(value);
    json ignored;
    if (!text.ptr) {
        return true;
    }
    unsigned char *bytes = arena_alloc(&task->memory, text.len + 4);
    int count = bytes && text.len < 4096
                    ? EVP_DecodeBlock(bytes, (const unsigned char *)text.ptr, (int)text.len)
                    : -1;
    for (size_t i = text.len; count > 0 && i > 0 && text.ptr[i - 1] == '='; i--) {
        count--;
    }
    *ret_text = str_from((char *)bytes, count > 0 ? (size_t)count : 0);
    if (count > 0 && ok(json_parse_into(*ret_text, &task->memory, &ignored, NULL)) &&
        !memchr(bytes, '\n', (size_t)count)) {
        return true;
    }
    fail_as_service(task, "Lambda.InvalidRequestContentException", 400,
                    "InvalidRequestContentException",
                    STR("Client context must be a valid Base64-encoded JSON object."));
    return false;
}

typedef enum invocation_type { REQUEST_RESPONSE, EVENT, DRY_RUN, INVOCATION_TYPES } invocation_type;

static invocation_type read_invocation_type(json value)
{
    static const char *const names[] = {"RequestResponse", "Event", "DryRun"};
    invocation_type type = REQUEST_RESPONSE;
    while (!json_is_absent(value) && type < INVOCATION_TYPES &&
           !str_equal(json_str(value), str_from_c(names[type]))) {
        type++;
    }
    return type;
}

static bool read_name(integration_task *task, const json *values, lambda_name *ret_name)
{
    error err;
    if (failed(lambda_name_parse(json_str(values[FUNCTION_NAME]), ret_name, &err))) {
        fail_as_service(task, "Lambda.AWSLambdaException", 400, "ValidationException",
                        arena_printf(&task->memory,
                                     "1 validation error detected: Value '%.*s' at 'functionName' "
                                     "failed to satisfy constraint",
                                     STR_ARG(str_take(json_str(values[FUNCTION_NAME]), 256))));
        return false;
    }
    if (json_str(values[QUALIFIER]).len) {
        ret_name->qualifier = json_str(values[QUALIFIER]);
    }
    return true;
}

/* Event and DryRun are answered at once. */
static status answer_at_once(integration_task *task, const lambda_name *name,
                             const lambda_request *request, invocation_type type, error *reterr)
{
    error err = {0};
    lambda_pool *pool = integrations_lambda(task->owner, reterr);
    if (!pool) {
        return (status){ERROR_IO};
    }
    lambda_invocation *invocation;
    status result = type == EVENT ? lambda_pool_invoke(pool, request, NULL, NULL, &invocation, &err)
                                  : lambda_pool_check(pool, name->function, name->qualifier, &err);
    if (failed(result)) {
        fail_refused(task, name, &err);
        return STATUS_OK;
    }
    char request_id[UUID_TEXT_SIZE];
    integrations_uuid(request_id);
    unsigned now_s = (unsigned)(net_loop_clock_ms(integrations_settings(task->owner)->loop) / 1000);
    lambda_outcome outcome = {
        .request_id = str_from_c(request_id),
        .trace_id = arena_printf(&task->memory, "Root=1-%08x-%.8s%.4s%.12s;Sampled=0", now_s,
                                 request_id, request_id + 9, request_id + 24),
    };
    finish_with_result(task, &outcome, json_null(), type == EVENT ? 202 : 204);
    return STATUS_OK;
}

status lambda_invoke_start(integration_task *task, const integration_call *call, error *reterr)
{
    json values[PARAMETERS];
    error err;
    lambda_name name;
    if (failed(parameters_read(call->payload, invoke_parameters, PARAMETERS, values, &err))) {
        integration_task_fail_internally(task, &err);
        return STATUS_OK;
    }
    invocation_type type = read_invocation_type(values[INVOCATION_TYPE]);
    if (type == INVOCATION_TYPES || (type != REQUEST_RESPONSE && task->waits_for_token)) {
        fail_as_service(task, "Lambda.AWSLambdaException", 400, "ValidationException",
                        STR("InvocationType must be RequestResponse, Event or DryRun"));
        return STATUS_OK;
    }
    lambda_request request = {
        .wants_log_tail = str_equal(json_str(values[LOG_TYPE]), STR("Tail")),
        .key = call->key,
    };
    if (!read_name(task, values, &name) || !read_payload(task, values[PAYLOAD], &request.payload) ||
        !read_client_context(task, values[CLIENT_CONTEXT], &request.client_context)) {
        return STATUS_OK;
    }
    if (!request.payload.ptr) {
        return fail_memory(reterr);
    }
    request.function = name.function;
    request.qualifier = name.qualifier;
    if (type != REQUEST_RESPONSE) {
        return answer_at_once(task, &name, &request, type, reterr);
    }
    return invoke(task, &name, &request, invoke_on_done, reterr);
}
