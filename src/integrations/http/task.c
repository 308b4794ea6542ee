/* http:invoke as Step Functions calls it.
 *
 *   start ──> (a token is waited for) ──> the call ──> 401 or 407, once: another token ─┐
 *                    ▲                      └──> result                                 │
 *                    └──────────────────────────────────────────────────────────────────┘
 *
 * Redirects are not followed: an answer of 3xx is the error States.Http.StatusCode.3xx, so that
 * what authorises a call goes nowhere else.
 *
 * A connection's secrets are in memory while a request is being made, and in libcurl's copy of the
 * request until its end; a task that waits keeps none. */
#include "integrations/http/http_tasks.h"

#include "integrations/http/address.h"
#include "integrations/http/api_gateway.h"
#include "integrations/http/remote.h"
#include "integrations/http/response.h"
#include "integrations/http/token.h"
#include "integrations/integration_kind.h"
#include "integrations/parameters.h"

#include <stdlib.h>

#define RECEIVE_BUFFER_BYTES 1024 /* libcurl's least: thousands of tasks may wait */
#define IDLE_CONNECTIONS_MAX 256  /* ours */

struct http_tasks {
    net_http_client *client;
    http_tokens *tokens;
    http_remote *remote;
    json config;
    http_request_rules rules;
    bool is_link_local_allowed;
    str proxy;
    int64_t timeout_ms;
};

typedef struct http_task {
    integration_task *task;
    http_tasks *shared;
    net_http_call *call;
    http_token_waiter waiter;
    http_remote_waiter remote_waiter;
    json payload;                   /* the call's; in the task's memory where it is needed later */
    bool is_token_new;              /* the one in use was asked for because another was refused */
    bool is_oauth, is_kept;         /* the payload is */
    str bearer;                     /* of the call that is under way, in the task's memory */
    const integration_trace *trace; /* NULL: nobody wants to know */
    http_request told;              /* in the task's memory */
} http_task;

/* ------------------------------------------------------------------------------- what is shared
 */

static const parameter_rule settings_rules[] = {
    {"allowLinkLocal", false, JSON_BOOLEAN},
    {"allowPlain", false, JSON_BOOLEAN},
    {"proxy", false, JSON_STRING},
    {"timeoutSeconds", false, JSON_NUMBER},
};

status http_tasks_check(json config, error *reterr)
{
    json http = json_get(config, STR("http"));
    json values[ARRAY_LENGTH(settings_rules)];
    error err;
    if (!json_is_absent(http) &&
        failed(parameters_read(http, settings_rules, ARRAY_LENGTH(settings_rules), values, &err))) {
        return fail(reterr, ERROR_INVALID, "configuration, 'http': %s", err.message);
    }
    json timeout = json_get(http, STR("timeoutSeconds"));
    double milliseconds = json_double(timeout) * 1000;
    if (!json_is_absent(timeout) && !(milliseconds >= 1 && milliseconds <= HTTP_TASK_TIMEOUT_MS)) {
        return fail(reterr, ERROR_INVALID,
                    "configuration, 'http': 'timeoutSeconds' is between 0.001 and %d",
                    HTTP_TASK_TIMEOUT_MS / 1000);
    }
    TRY(api_gateway_config_check(config, reterr));
    return http_connections_check(config, reterr);
}

static bool may_connect(void *user, const struct sockaddr *address)
{
    const http_tasks *shared = user;
    return shared->is_link_local_allowed || !http_address_is_guarded(address);
}

status http_tasks_send(http_tasks *shared, const http_request *request, size_t response_bytes_max,
                       net_http_done *done, void *done_user, net_http_call **ret_call,
                       error *reterr)
{
    net_http_call_options options = {
        .method = request->method,
        .url = request->url,
        .headers = request->headers,
        .header_count = request->header_count,
        .body = request->body,
        .trusted = request->trusted,
        .total_ms_max = shared->timeout_ms,
        .connect_ms_max = shared->timeout_ms,
        .response_bytes_max = response_bytes_max,
        .is_encoding_refused = true,
        .is_secret = true,
        .may_connect = may_connect,
        .may_connect_user = shared,
        .proxy = shared->proxy,
        .buffer_bytes = RECEIVE_BUFFER_BYTES,
    };
    return net_http_call_start(shared->client, &options, done, done_user, ret_call, reterr);
}

static status send_request(void *user, const http_request *request, size_t response_bytes_max,
                           net_http_done *done, void *done_user, net_http_call **ret_call,
                           error *reterr)
{
    return http_tasks_send(user, request, response_bytes_max, done, done_user, ret_call, reterr);
}

const http_request_rules *http_tasks_rules(const http_tasks *shared)
{
    return &shared->rules;
}

status http_tasks_new(net_loop *loop, json config, str region, http_tasks **ret_shared,
                      error *reterr)
{
    json http = json_get(config, STR("http"));
    http_tasks *shared = calloc(1, sizeof(*shared));
    if (!shared) {
        return fail_memory(reterr);
    }
    double seconds = json_double(json_get(http, STR("timeoutSeconds")));
    shared->config = config;
    shared->rules.region = region;
    shared->rules.is_plain_allowed = json_is_true(json_get(http, STR("allowPlain")));
    shared->is_link_local_allowed = json_is_true(json_get(http, STR("allowLinkLocal")));
    shared->proxy = json_str(json_get(http, STR("proxy")));
    shared->timeout_ms = seconds > 0 ? (int64_t)(seconds * 1000) : HTTP_TASK_TIMEOUT_MS;
    status made = net_http_client_new(loop, &shared->client, reterr);
    if (ok(made)) {
        net_http_client_limit(shared->client, HTTP_TASK_CONNECTIONS_MAX, IDLE_CONNECTIONS_MAX);
        made = http_tokens_new(loop, send_request, shared, &shared->rules, &shared->tokens, reterr);
    }
    if (ok(made)) {
        made = http_remote_new(loop, &shared->remote, reterr);
    }
    if (failed(made)) {
        http_tasks_free(shared);
        return made;
    }
    *ret_shared = shared;
    return STATUS_OK;
}

void http_tasks_free(http_tasks *shared)
{
    if (shared) {
        http_tokens_free(shared->tokens);
        http_remote_free(shared->remote);
        net_http_client_free(shared->client);
        free(shared);
    }
}

/* -------------------------------------------------------------------------------------- tracing
 */

/* "[a: b, c: d]" */
static str header_text(const net_http_header *headers, size_t count, arena *a)
{
    buf text;
    buf_init(&text, NET_HTTP_RESPONSE_BYTES_MAX);
    buf_add_char(&text, '[');
    for (size_t i = 0; i < count; i++) {
        buf_add_str(&text, i ? STR(", ") : STR(""));
        buf_add_str(&text, headers[i].name);
        buf_add_literal(&text, ": ");
        buf_add_str(&text, headers[i].value);
    }
    buf_add_char(&text, ']');
    str made = text.overflowed ? STR_NONE : arena_str(a, buf_str(&text));
    buf_clean_up(&text);
    return made;
}

static void tell(http_task *t, const net_http_outcome *outcome)
{
    arena *a = &t->task->memory;
    const http_request *request = &t->told;
    str protocol = str_take(request->url, str_find_char(request->url, ':'));
    integration_exchange told = {
        .protocol = protocol,
        .method = request->method,
        .url = request->url,
        .request_headers = header_text(request->headers, request->told_header_count, a),
        .request_body = request->body,
        .has_response = outcome->code == ERROR_NONE,
    };
    if (told.has_response) {
        told.status_code = arena_printf(a, "%u", outcome->status);
        told.status_message = http_response_reason(outcome);
        told.response_headers = header_text(outcome->headers, outcome->header_count, a);
        told.response_body = outcome->body;
    }
    t->trace->told(t->trace->user, &told);
}

/* --------------------------------------------------------------------------------------- results
 */

static void finish(http_task *t, const net_http_outcome *outcome)
{
    integration_task *task = t->task;
    http_result result;
    error err;
    if (t->trace) {
        tell(t, outcome);
    }
    task->state = NULL;
    if (failed(http_response_read(outcome, &task->memory, &result, &err))) {
        integration_task_fail_internally(task, &err);
    } else if (result.succeeded) {
        integration_task_succeed(task, result.output);
    } else {
        integration_task_fail(task, result.error, result.cause);
    }
}

static void fail_invalid(integration_task *task, const error *err)
{
    task->state = NULL;
    integration_task_fail_internally(task, err);
}

static void fail_connection(integration_task *task, const char *name, str cause)
{
    str error_name = arena_printf(&task->memory, "Events.ConnectionResource.%s", name);
    task->state = NULL;
    integration_task_fail(task, error_name, cause);
}

/* ------------------------------------------------------------------------------------------ calls
 */

static void proceed(http_task *t);

/* The configuration's, or EventBridge's. ERROR_NOT_FOUND: none of the first, and the other has not
 * been asked lately. */
static status read_connection(http_task *t, str arn, bool is_old_fine, arena *a,
                              http_connection *ret, error *reterr)
{
    status found = http_connection_read(t->shared->config, arn, a, ret, reterr);
    json remote = found.code == ERROR_NOT_FOUND
                      ? http_remote_find(t->shared->remote, arn, is_old_fine)
                      : (json){0};
    if (json_is_absent(remote)) {
        return found;
    }
    TRY(http_connection_read(remote, arn, a, ret, reterr));
    ret->name = arena_str(a, arn); /* of its tokens: other accounts may have one of that name */
    return ret->name.ptr ? STATUS_OK : fail_memory(reterr);
}

/* The call is borrowed only until it has been started, and what is waited for may take longer. */
static status keep_payload(http_task *t, error *reterr)
{
    if (!t->is_kept) {
        TRY(json_copy(t->payload, &t->task->memory, &t->payload, reterr));
        t->is_kept = true;
    }
    return STATUS_OK;
}

static void on_remote(http_remote_waiter *waiter, const char *error_name, str cause)
{
    http_task *t = (http_task *)((char *)waiter - offsetof(http_task, remote_waiter));
    if (error_name) {
        fail_connection(t->task, error_name, cause);
    } else {
        proceed(t);
    }
}

/* Fails where there is nobody to ask. */
static status ask_remote(http_task *t, str arn, error *reterr)
{
    aws_client *client = integrations_aws(t->task->owner, reterr);
    if (!client) {
        return (status){ERROR_IO};
    }
    TRY(keep_payload(t, reterr));
    return http_remote_ask(t->shared->remote, client, arn, &t->remote_waiter, reterr);
}

static void on_done(void *user, const net_http_outcome *outcome)
{
    http_task *t = user;
    t->call = NULL;
    bool is_refused =
        outcome->code == ERROR_NONE && (outcome->status == 401 || outcome->status == 407);
    if (t->is_oauth && is_refused && !t->is_token_new) {
        t->is_token_new = true;
        arena scratch;
        http_connection connection;
        str arn;
        arena_init(&scratch, 0);
        if (ok(http_request_connection(t->payload, &arn, NULL)) &&
            ok(read_connection(t, arn, true, &scratch, &connection, NULL))) {
            http_tokens_refuse(t->shared->tokens, connection.name, t->bearer);
        }
        arena_clean_up(&scratch);
        proceed(t);
        return;
    }
    finish(t, outcome);
}

/* What of the request TestState may tell. */
static status keep_told(http_task *t, const http_request *sent, error *reterr)
{
    arena *a = &t->task->memory;
    http_request unrevealed;
    if (!t->trace) {
        return STATUS_OK;
    }
    if (!t->trace->is_revealing) {
        TRY(http_request_make(t->payload, NULL, STR_NONE, &t->shared->rules, a, &unrevealed,
                              reterr));
        t->told = unrevealed;
        return STATUS_OK;
    }
    net_http_header *headers = arena_array(a, net_http_header, sent->told_header_count);
    t->told = (http_request){.method = arena_str(a, sent->method),
                             .url = arena_str(a, sent->url),
                             .headers = headers,
                             .told_header_count = sent->told_header_count,
                             .body = sent->body.ptr ? arena_str(a, sent->body) : STR_NONE};
    for (size_t i = 0; headers && i < sent->told_header_count; i++) {
        headers[i] = (net_http_header){arena_str(a, sent->headers[i].name),
                                       arena_str(a, sent->headers[i].value)};
    }
    return headers ? STATUS_OK : fail_memory(reterr);
}

/* The error's words, unless they would show a secret. */
static void fail_request(http_task *t, const http_connection *connection, error *err)
{
    if (http_connection_shows(connection, str_from(err->message, err->length))) {
        (void)fail(err, err->code, "The request cannot be made");
    }
    fail_invalid(t->task, err);
}

static void send_with(http_task *t, const http_connection *connection, str bearer, arena *scratch)
{
    http_request request;
    error err;
    if (t->is_oauth) {
        t->bearer = arena_str(&t->task->memory, bearer);
    }
    status sent = http_request_make(t->payload, connection, bearer, &t->shared->rules, scratch,
                                    &request, &err);
    if (ok(sent)) {
        sent = keep_told(t, &request, &err);
    }
    if (ok(sent)) {
        sent = send_request(t->shared, &request, HTTP_TASK_RESPONSE_BYTES_MAX, on_done, t, &t->call,
                            &err);
    }
    if (failed(sent)) {
        fail_request(t, connection, &err);
    }
}

static void on_token(http_token_waiter *waiter, str token, str cause)
{
    http_task *t = (http_task *)((char *)waiter - offsetof(http_task, waiter));
    http_connection connection;
    error err;
    str arn;
    if (!token.ptr) {
        fail_connection(t->task, "InvalidConnectionState", cause);
        return;
    }
    arena scratch;
    arena_init(&scratch, 0);
    status found = http_request_connection(t->payload, &arn, &err);
    if (ok(found)) {
        found = read_connection(t, arn, true, &scratch, &connection, &err);
    }
    if (failed(found)) {
        fail_connection(t->task, "InvalidConnectionState", str_from(err.message, err.length));
    } else {
        send_with(t, &connection, token, &scratch);
    }
    arena_clean_up(&scratch);
}

/* Reads the connection, and sends, or waits for the token. */
static void proceed(http_task *t)
{
    arena scratch;
    http_connection connection;
    error err;
    str arn, token = STR_NONE;
    arena_init(&scratch, 0);
    if (failed(http_request_connection(t->payload, &arn, &err))) {
        fail_invalid(t->task, &err);
        goto done;
    }
    status found = read_connection(t, arn, t->is_oauth, &scratch, &connection, &err);
    if (found.code == ERROR_NOT_FOUND && str_starts_with(arn, STR("arn:")) &&
        http_connection_name(arn).len && ok(ask_remote(t, arn, NULL))) {
        goto done;
    }
    if (failed(found)) {
        fail_connection(
            t->task, found.code == ERROR_NOT_FOUND ? "ResourceNotFound" : "InvalidConnectionState",
            str_from(err.message, err.length));
        goto done;
    }
    if (connection.authorization == HTTP_OAUTH && !t->is_oauth) {
        t->is_oauth = true;
        if (failed(keep_payload(t, &err))) {
            fail_invalid(t->task, &err);
            goto done;
        }
    }
    if (t->is_oauth) {
        /* What is wrong with the Task itself shall not cost a token. */
        http_request request;
        if (failed(http_request_make(t->payload, NULL, STR_NONE, &t->shared->rules, &scratch,
                                     &request, &err))) {
            fail_invalid(t->task, &err);
            goto done;
        }
        if (failed(http_tokens_get(t->shared->tokens, &connection, &t->waiter, &token, &err))) {
            fail_request(t, &connection, &err);
            goto done;
        }
        if (!token.ptr) {
            goto done;
        }
    }
    send_with(t, &connection, token, &scratch);
done:
    arena_clean_up(&scratch);
}

status http_invoke_start(integration_task *task, const integration_call *call, error *reterr)
{
    http_tasks *shared = integrations_http_tasks(task->owner, reterr);
    http_task *t = shared ? arena_new(&task->memory, http_task) : NULL;
    if (!t) {
        return shared ? fail_memory(reterr) : (status){ERROR_IO};
    }
    *t = (http_task){.task = task,
                     .shared = shared,
                     .waiter = {.ready = on_token},
                     .remote_waiter = {.ready = on_remote},
                     .payload = call->payload,
                     .trace = call->trace};
    task->state = t;
    proceed(t);
    return STATUS_OK;
}

void http_invoke_cancel(integration_task *task)
{
    http_task *t = task->state;
    http_tokens_leave(&t->waiter);
    http_remote_leave(&t->remote_waiter);
    net_http_call_cancel(t->call);
}
