/* The Lambda Runtime API, as custom runtimes and AWS's own runtime clients speak it:
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 *
 * Which process asks is known by the port that it asks at: AWS_LAMBDA_RUNTIME_API is an address
 * without a path, and clients cannot be told to send anything else. */
#include "integrations/lambda/pool_private.h"

#include "net/http_origin.h"

#include <inttypes.h>
#include <stdio.h>

#define API "/2018-06-01/runtime/"

static void answer_json(net_http_reply *reply, unsigned code, str body)
{
    net_http_header type = {STR("Content-Type"), STR("application/json")};
    net_http_response response = {
        .status = code, .headers = &type, .header_count = 1, .body = body};
    net_http_answer(reply, &response);
}

static void answer_accepted(net_http_reply *reply)
{
    answer_json(reply, 202, STR("{\"status\":\"OK\"}\n"));
}

static void answer_error(net_http_reply *reply, unsigned code, const char *type,
                         const char *message)
{
    char body[256];
    snprintf(body, sizeof(body), "{\"errorMessage\":\"%s\",\"errorType\":\"%s\"}\n", message, type);
    answer_json(reply, code, str_from_c(body));
}

void lambda_runtime_api_send(lambda_process *process, net_http_reply *reply,
                             const lambda_invocation *invocation)
{
    const lambda_pool *pool = process->function->pool;
    char deadline[24];
    char arn[512];
    snprintf(deadline, sizeof(deadline), "%" PRId64,
             net_loop_clock_ms(pool->options.loop) + process->function->settings.timeout_ms);
    snprintf(arn, sizeof(arn), "arn:aws:lambda:%.*s:%.*s:function:%.*s%s",
             STR_ARG(pool->options.region), STR_ARG(pool->options.account),
             STR_ARG(process->function->settings.name), invocation->arn_suffix);
    net_http_header headers[] = {
        {STR("Content-Type"), STR("application/json")},
        {STR("Lambda-Runtime-Aws-Request-Id"), str_from_c(invocation->id)},
        {STR("Lambda-Runtime-Deadline-Ms"), str_from_c(deadline)},
        {STR("Lambda-Runtime-Invoked-Function-Arn"), str_from_c(arn)},
        {STR("Lambda-Runtime-Trace-Id"), str_from_c(invocation->trace_id)},
        {STR("Lambda-Runtime-Client-Context"), str_from_c(invocation->client_context)},
    };
    net_http_response response = {
        .status = 200,
        .headers = headers,
        .header_count = ARRAY_LENGTH(headers) - (invocation->client_context ? 0 : 1),
        .body = str_from(invocation->payload, invocation->payload_length),
    };
    net_http_answer(reply, &response);
}

static void handle_next(lambda_process *process, const net_http_request *request)
{
    if (process->running || process->waiting) {
        answer_error(request->reply, 403, "InvalidStateTransition",
                     "the present invocation has not been answered");
        return;
    }
    lambda_process_wants_call(process, request->reply);
}

static void handle_init_error(lambda_process *process, const net_http_request *request)
{
    lambda_process_init_failed(process, request->body);
    answer_accepted(request->reply);
}

static void handle_response(lambda_process *process, const net_http_request *request)
{
    if (request->is_body_cut || request->body.len > LAMBDA_RESPONSE_BYTES_MAX) {
        char payload[256];
        snprintf(payload, sizeof(payload),
                 "{\"errorType\":\"Function.ResponseSizeTooLarge\",\"errorMessage\":\"Response "
                 "payload size exceeded maximum allowed payload size (%u bytes).\"}",
                 LAMBDA_RESPONSE_BYTES_MAX);
        lambda_process_call_over(process, true, str_from_c(payload));
        answer_error(request->reply, 413, "RequestEntityTooLarge",
                     "Exceeded maximum allowed payload size (6291556 bytes).");
        return;
    }
    lambda_process_call_over(process, false, request->body);
    answer_accepted(request->reply);
}

/* A client that sends no error object still names the error's type in a header. */
static void handle_error(lambda_process *process, const net_http_request *request)
{
    str type = net_http_request_header(request, "Lambda-Runtime-Function-Error-Type");
    buf payload;
    buf_init(&payload, LAMBDA_RESPONSE_BYTES_MAX);
    if (request->body.len && !request->is_body_cut) {
        buf_add_str(&payload, request->body);
    } else {
        buf_add_literal(&payload, "{\"errorType\":");
        json_print_string(type.ptr ? type : STR("Runtime.Unknown"), &payload);
        buf_add_char(&payload, '}');
    }
    lambda_process_call_over(process, true, buf_str(&payload));
    buf_clean_up(&payload);
    answer_accepted(request->reply);
}

typedef void api_handler(lambda_process *process, const net_http_request *request);

static const struct {
    const char *method, *path; /* "*" stands for the request's id */
    api_handler *handle;
} operations[] = {
    {"GET", API "invocation/next", handle_next},
    {"POST", API "init/error", handle_init_error},
    {"POST", API "invocation/*/response", handle_response},
    {"POST", API "invocation/*/error", handle_error},
};

/* Whether the path has the pattern's form, and what stands at its star. */
static bool path_matches(str path, const char *pattern, str *ret_id)
{
    str form = str_from_c(pattern);
    size_t star = str_find_char(form, '*');
    if (star == STR_NOT_FOUND) {
        *ret_id = STR_NONE;
        return str_equal(path, form);
    }
    str head = str_take(form, star);
    str tail = str_skip(form, star + 1);
    if (path.len < head.len + tail.len || !str_starts_with(path, head) ||
        !str_ends_with(path, tail)) {
        return false;
    }
    *ret_id = str_take(str_skip(path, head.len), path.len - head.len - tail.len);
    return true;
}

void lambda_runtime_api_handle(void *user, const net_http_request *request)
{
    (void)user;
    lambda_process *process = request->listener_user;
    if (net_http_origin_of(request, STR_NONE) != NET_HTTP_ORIGIN_FINE) {
        answer_error(request->reply, 403, "InvalidRequest", "this is no place for web pages");
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++) {
        str id = STR_NONE;
        if (!str_equal(request->method, str_from_c(operations[i].method)) ||
            !path_matches(request->path, operations[i].path, &id)) {
            continue;
        }
        if (id.ptr && (!process->running || !str_equal(id, str_from_c(process->running->id)))) {
            answer_error(request->reply, 400, "InvalidRequestID", "Invalid request ID");
            return;
        }
        operations[i].handle(process, request);
        return;
    }
    answer_error(request->reply, 404, "InvalidRequest", "this runtime API has no such operation");
}
