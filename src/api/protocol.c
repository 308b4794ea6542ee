/* AWS JSON 1.0. A request is POST / with X-Amz-Target: AWSStepFunctions.OPERATION and a JSON body;
 * the answer is application/x-amz-json-1.0. Errors are {"__type": ..., "message": ...}. Source:
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
#include "api/api_private.h"
#include "base/digest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TARGET_PREFIX STR("AWSStepFunctions.")
#define ANSWER_BYTES_MAX (64u << 20)
#define CALL_BYTES_MAX (256u << 20)

/* Errors of the framework rather than of the service, and those that are not 400. */
static const struct {
    const char *name, *type;
    unsigned status;
} framework_errors[] = {
    {"ValidationException", "com.amazon.coral.validate#ValidationException", 400},
    {"SerializationException", "com.amazon.coral.service#SerializationException", 400},
    {"UnknownOperationException", "com.amazon.coral.service#UnknownOperationException", 400},
    {"InternalFailure", "com.amazon.coral.service#InternalFailure", 500},
    {"ServiceUnavailable", "com.amazon.coral.availability#ServiceUnavailable", 503},
    {"ThrottlingException", "com.amazon.coral.availability#ThrottlingException", 400},
    {"AccessDeniedException", "com.amazon.coral.service#AccessDeniedException", 400},
    {"UnrecognizedClientException", "com.amazon.coral.service#UnrecognizedClientException", 400},
    {"InvalidSignatureException", "com.amazon.coral.service#InvalidSignatureException", 400},
    {"MissingAuthenticationTokenException",
     "com.amazon.coral.service#MissingAuthenticationTokenException", 400},
    {"IncompleteSignatureException", "com.amazon.coral.service#IncompleteSignatureException", 400},
};

void api_call_free(api_call *call)
{
    *(call->before ? &call->before->after : &call->api->calls) = call->after;
    if (call->after) {
        call->after->before = call->before;
    }
    arena_clean_up(&call->memory);
    free(call);
}

void api_drop_calls(api *a)
{
    while (a->calls) {
        if (a->calls->abandon) {
            a->calls->abandon(a->calls);
        }
        api_call_free(a->calls);
    }
}

/* A call from inside has nobody to send to. */
static bool answer_inside(api_call *call, const child_answer *answer)
{
    if (!call->answered) {
        return false;
    }
    call->answered(call->answered_user, answer);
    api_call_free(call);
    return true;
}

static void send_text(api_call *call, unsigned code, str body)
{
    net_http_header headers[] = {
        {STR("Content-Type"), STR("application/x-amz-json-1.0")},
        {STR("x-amzn-RequestId"), str_from_c(call->request_id)},
    };
    net_http_response response = {code, headers, ARRAY_LENGTH(headers), body};
    if (!call->is_gone) {
        net_http_answer(call->reply, &response);
    }
    api_call_free(call);
}

void api_answer(api_call *call, json output)
{
    if (answer_inside(call, &(child_answer){.output = output})) {
        return;
    }
    buf text;
    buf_init(&text, ANSWER_BYTES_MAX);
    if (json_is_absent(output)) {
        buf_add_literal(&text, "{}");
    }
    json_print(output, &text);
    error err;
    if (failed(buf_status(&text, &err))) {
        api_fail(call, &err);
    } else {
        send_text(call, 200, buf_str(&text));
    }
    buf_clean_up(&text);
}

void api_answer_object(api_call *call, json_object_builder *b)
{
    json output;
    error err;
    if (failed(json_object_finish(b, &output, &err))) {
        api_fail(call, &err);
    } else {
        api_answer(call, output);
    }
}

static void refuse(api_call *call, const char *name, str message)
{
    const char *type = name;
    unsigned http_status = 400;
    if (answer_inside(call, &(child_answer){.error_name = name, .message = message})) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(framework_errors); i++) {
        if (strcmp(name, framework_errors[i].name) == 0) {
            type = framework_errors[i].type;
            http_status = framework_errors[i].status;
        }
    }
    buf text;
    buf_init(&text, ANSWER_BYTES_MAX);
    buf_add_literal(&text, "{\"__type\":");
    if (type == name) {
        buf_add_format(&text, "\"com.amazonaws.swf.service.v2.model#%s\"", name);
    } else {
        json_print_string(str_from_c(type), &text);
    }
    buf_add_literal(&text, ",\"message\":");
    json_print_string(message, &text);
    buf_add_char(&text, '}');
    send_text(call, http_status, buf_str(&text));
    buf_clean_up(&text);
}

void api_refuse(api_call *call, const char *error_name, const char *format, ...)
{
    char *message = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&message, format, args);
    va_end(args);
    refuse(call, error_name, len < 0 ? STR("out of memory") : (str){message, (size_t)len});
    if (len >= 0) {
        free(message);
    }
}

void api_fail(api_call *call, const error *err)
{
    bool is_store =
        err->code == ERROR_IO || err->code == ERROR_CONFLICT || err->code == ERROR_LIMIT;
    refuse(call, is_store ? "ServiceUnavailable" : "InternalFailure",
           (str){err->message, err->length});
}

/* -------------------------------------------------------------------------------- taking apart */

api_call *api_call_new(api *a, net_http_reply *reply)
{
    api_call *call = calloc(1, sizeof(*call));
    if (call) {
        call->api = a;
        call->after = a->calls;
        if (a->calls) {
            a->calls->before = call;
        }
        a->calls = call;
        call->reply = reply;
        call->now_ms = net_loop_clock_ms(a->options.loop);
        arena_init(&call->memory, CALL_BYTES_MAX);
        call->account = a->options.account;
        uint64_t random[] = {entropy_next(&a->random), entropy_next(&a->random)};
        uuid_from_entropy((const unsigned char *)random, call->request_id);
    }
    return call;
}

/* Where there are no credentials to prove, whoever signs with twelve digits as access key id is of
 * the account of that number: other emulators of AWS services (moto, LocalStack) read keys
 * likewise, so that one client reaches the same account everywhere. */
static str account_of_key(const net_http_request *request)
{
    str text = net_http_request_header(request, "Authorization");
    size_t at = str_find(text, STR("Credential="));
    str key = at == STR_NOT_FOUND ? STR_NONE : str_skip(text, at + STR("Credential=").len);
    key = str_split_next(&key, '/');
    for (size_t i = 0; i < key.len; i++) {
        if (key.ptr[i] < '0' || key.ptr[i] > '9') {
            return STR_NONE;
        }
    }
    return key.len == 12 ? key : STR_NONE;
}

static bool fail_for_memory(api_call *call)
{
    error err;
    (void)fail_memory(&err).code;
    api_fail(call, &err);
    return false;
}

static bool know_account(api_call *call, const net_http_request *request)
{
    str account = call->caller ? STR_NONE : account_of_key(request);
    if (!account.ptr) {
        return true;
    }
    call->account = arena_str(&call->memory, account);
    call->is_of_account = true;
    return call->account.ptr ? true : fail_for_memory(call);
}

bool api_list_prefix(api_call *call, const char *type, str *ret_prefix)
{
    str prefix = STR("");
    if (call->is_of_account) {
        prefix = arena_printf(&call->memory,
                              "arn:aws:states:%.*s:%.*s:%s:", STR_ARG(call->api->options.region),
                              STR_ARG(call->account), type);
    }
    *ret_prefix = prefix;
    return prefix.ptr ? true : fail_for_memory(call);
}

bool api_call_enter(api_call *call, const net_http_request *request)
{
    const api_options *o = &call->api->options;
    error err = {0};
    const char *refusal = NULL;
    if (request->is_body_cut) {
        api_refuse(call, "SerializationException", "The request is too large");
        return false;
    }
    if (o->authenticate &&
        failed(o->authenticate(o->access_user, request, &call->caller, &refusal, &err))) {
        api_refuse(call, refusal, "%s", err.message);
        return false;
    }
    if (!know_account(call, request)) {
        return false;
    }
    status done = json_parse_into(request->body.len ? request->body : STR("{}"), &call->memory,
                                  &call->input, &err);
    if (failed(done) || !json_is(call->input, JSON_OBJECT)) {
        api_refuse(call, "SerializationException", "%s",
                   failed(done) ? err.message : "The request must be a JSON object");
        return false;
    }
    return true;
}

/* The input, for somebody who may ask for this; false when the call has been refused. */
static bool admit(api_call *call, const net_http_request *request, str name)
{
    const api_options *o = &call->api->options;
    error err = {0};
    const char *refusal = NULL;
    if (!api_call_enter(call, request)) {
        return false;
    }
    if (o->authorize && failed(o->authorize(o->access_user, call->caller, request, name,
                                            call->input, &refusal, &err))) {
        api_refuse(call, refusal, "%s", err.message);
        return false;
    }
    return true;
}

/* The input is here, from somebody who may ask. */
static void perform(api_call *call, api_function *function)
{
    error err = {0};
    str message = STR_NONE;
    status done = api_validate(call->operation, call->input, &call->memory, &message, &err);
    if (done.code == ERROR_INVALID) {
        refuse(call, "ValidationException", message);
    } else if (done.code == ERROR_TYPE) {
        api_refuse(call, "SerializationException", "%s", err.message);
    } else if (failed(done)) {
        api_fail(call, &err);
    } else {
        function(call);
    }
}

static void run(api_call *call, const net_http_request *request, str name)
{
    call->operation = api_operation_find(name);
    api_function *function = call->operation ? api_function_find(name) : NULL;
    if (call->operation && !function) {
        api_refuse(call, "UnknownOperationException",
                   "The operation '%s' is not supported by this version of Gait yet",
                   call->operation->name);
        return;
    }
    if (!function) {
        api_refuse(call, "UnknownOperationException", "The operation '%.*s' does not exist",
                   STR_ARG(str_take(name, 100)));
        return;
    }
    if (admit(call, request, name)) {
        perform(call, function);
    }
}

status api_call_inside(void *self, str operation, json input, json parent, child_answered *answered,
                       void *user, error *reterr)
{
    api *a = self;
    api_function *function = api_function_find(operation);
    INVARIANT(function);
    api_call *call = api_call_new(a, NULL);
    if (!call) {
        return fail_memory(reterr);
    }
    status copied = json_copy(input, &call->memory, &call->input, reterr);
    if (ok(copied) && !json_is_absent(parent)) {
        copied = json_copy(parent, &call->memory, &call->parent, reterr);
    }
    if (failed(copied)) {
        api_call_free(call);
        return copied;
    }
    call->operation = api_operation_find(operation);
    call->answered = answered;
    call->answered_user = user;
    perform(call, function);
    return STATUS_OK;
}

bool api_handle(api *a, const net_http_request *request)
{
    str target = net_http_request_header(request, "X-Amz-Target");
    if (!str_equal(request->method, STR("POST")) || !str_starts_with(target, TARGET_PREFIX)) {
        return false;
    }
    api_call *call = api_call_new(a, request->reply);
    if (!call) {
        net_http_response busy = {.status = 503};
        net_http_answer(request->reply, &busy);
        return true;
    }
    run(call, request, str_skip(target, TARGET_PREFIX.len));
    return true;
}
