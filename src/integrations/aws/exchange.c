/* The life of an exchange:
 *
 *     made ──> waiting for an answer ──> answered, or not ──> done called ──> freed
 *                     ▲                        │
 *                     └── backing off (timer) ─┘  while there are attempts and tokens left
 *
 * Invariants: either `call` is under way, or the timer runs, or done is being called. The request
 * is made once, so that a token made up for it is the same in every attempt; what one attempt adds
 * to the arena is forgotten before the next. */
#include "integrations/aws/exchange.h"

#include "integrations/aws/clock_skew.h"
#include "integrations/aws/refusals.h"
#include "integrations/aws/sigv4.h"
#include "integrations/aws/wire.h"

#include <stdlib.h>
#include <sys/random.h>

#define USER_AGENT STR("gait/" GAIT_VERSION)
#define UNSIGNED_PAYLOAD STR("UNSIGNED-PAYLOAD")

struct aws_exchange {
    const aws_context *context;
    aws_operation operation;
    json parameters; /* borrowed */
    const aws_target *target;
    aws_credentials *credentials;
    int64_t timeout_ms;
    bool is_secret;
    bool body_is_bytes;
    aws_outcome_done *done;
    void *user;
    arena memory;
    arena_mark attempt_mark; /* what follows belongs to one attempt */
    aws_request request;
    aws_place place;
    str url;
    net_http_call *call;
    net_timer *timer;
    entropy random;
    uint32_t attempts, attempts_max;
    uint32_t tokens_taken; /* by the last retry */
    int64_t ahead_ms;      /* the service's clock, of ours */
    int64_t signed_ms;     /* the time in the last attempt's signature */
    bool is_clock_set;     /* it was wrong: once is enough */
    bool has_early_outcome;
    aws_outcome early; /* delivered by the timer */
};

static void send_attempt(aws_exchange *x);

static void exchange_free(aws_exchange *x)
{
    net_http_call_cancel(x->call);
    net_timer_free(x->timer);
    aws_credentials_release(x->credentials);
    if (x->is_secret) {
        arena_wipe(&x->memory);
    } else {
        arena_clean_up(&x->memory);
    }
    free(x);
}

void aws_exchange_cancel(aws_exchange *exchange)
{
    if (exchange) {
        exchange_free(exchange);
    }
}

/* -------------------------------------------------------------------------------------- outcomes
 */

static void finish(aws_exchange *x, aws_outcome *outcome)
{
    outcome->operation = x->operation;
    outcome->parameters = x->parameters;
    outcome->attempts = x->attempts;
    x->done(x->user, outcome);
    exchange_free(x);
}

/* The words of SDK v2's SdkClientException, which Step Functions shows. */
static str describe_fault(aws_exchange *x, const net_http_outcome *answer)
{
    str host = x->place.host;
    size_t colon = str_find_last_char(host, ':');
    bool has_port = colon != STR_NOT_FOUND && !str_ends_with(host, STR("]"));
    str name = has_port ? str_take(host, colon) : host;
    const char *port = has_port ? "" : x->target->is_plain ? ":80" : ":443";
    arena *a = &x->memory;
    str message;
    switch (answer->fault) {
    case NET_HTTP_FAULT_RESOLVE:
        message = arena_printf(a, "%.*s: Name or service not known", STR_ARG(name));
        break;
    case NET_HTTP_FAULT_CONNECT:
        message =
            arena_printf(a, "Connect to %.*s%s failed: Connection refused", STR_ARG(host), port);
        break;
    case NET_HTTP_FAULT_CONNECT_TIMEOUT:
        message =
            arena_printf(a, "Connect to %.*s%s failed: connect timed out", STR_ARG(host), port);
        break;
    case NET_HTTP_FAULT_TIMEOUT:
        message = STR("Read timed out");
        break;
    case NET_HTTP_FAULT_NO_RESPONSE:
        message = arena_printf(a, "The target server failed to respond");
        break;
    case NET_HTTP_FAULT_RESET:
        message = STR("Connection reset");
        break;
    default:
        message = answer->message;
        break;
    }
    return arena_printf(a, "Unable to execute HTTP request: %.*s", STR_ARG(message));
}

aws_outcome aws_outcome_unsent(aws_operation operation, aws_outcome_kind kind, str message)
{
    return (aws_outcome){
        .kind = kind, .operation = operation, .message = message, .exception = STR("")};
}

static void set_error_name(aws_exchange *x, aws_outcome *outcome)
{
    str prefix = aws_service_exception_prefix(aws_operation_service(x->operation));
    outcome->exception = STR("SdkClientException");
    outcome->error_name = arena_printf(&x->memory, "%.*s.SdkClientException", STR_ARG(prefix));
    if (!outcome->error_name.ptr) {
        outcome->error_name = outcome->exception;
    }
}

/* Settings and servers may hold any bytes; an outcome's words are text. */
static str words_of(aws_exchange *x, str message)
{
    return wire_as_text(message, &x->memory);
}

static void fail_on_the_way(aws_exchange *x, str words)
{
    str message = words_of(x, words);
    message = message.ptr ? message : STR("out of memory");
    aws_outcome outcome = aws_outcome_unsent(x->operation, AWS_FAILED_ON_THE_WAY, message);
    set_error_name(x, &outcome);
    finish(x, &outcome);
}

/* ----------------------------------------------------------------------------------------- answers
 */

static bool try_again(aws_exchange *x, aws_retry_reason reason)
{
    aws_retry_bucket *bucket = &x->context->buckets[x->operation.service];
    if (x->attempts >= x->attempts_max || !aws_retry_take(bucket, reason, &x->tokens_taken)) {
        return false;
    }
    net_timer_start(x->timer, aws_retry_delay_ms(reason, x->attempts + 1, &x->random), 0);
    return true;
}

/* A request that was refused because of its time is signed again, once, by the service's clock. */
static bool set_clock(aws_exchange *x, const net_http_outcome *answer, str code)
{
    str date = STR_NONE;
    int64_t ahead_ms;
    for (size_t i = 0; i < answer->header_count; i++) {
        if (str_equal_ignore_case(answer->headers[i].name, STR("Date"))) {
            date = answer->headers[i].value;
        }
    }
    if (x->is_clock_set || !x->credentials ||
        !aws_clock_is_skewed(code, date, x->signed_ms, &ahead_ms)) {
        return false;
    }
    x->is_clock_set = true;
    x->ahead_ms += ahead_ms;
    if (x->context->clocks_ahead_ms) {
        x->context->clocks_ahead_ms[x->operation.service] = x->ahead_ms;
    }
    return true;
}

static void fill_outcome(const net_http_outcome *answer, const aws_response *response,
                         aws_outcome *ret_outcome)
{
    *ret_outcome = (aws_outcome){
        .kind = response->succeeded ? AWS_SUCCEEDED : AWS_FAILED_BY_SERVICE,
        .output = response->output,
        .http_status = answer->status,
        .headers = answer->headers,
        .header_count = answer->header_count,
        .request_id = response->request_id,
        .extended_request_id = response->extended_request_id,
        .error_name = response->error_name,
        .exception = response->exception,
        .code = response->code,
        .message = response->message,
    };
}

static void read_answer(aws_exchange *x, const net_http_outcome *answer)
{
    aws_response response = {0};
    error err = {0};
    status read = aws_response_read(x->operation, answer->status, answer->headers,
                                    (uint32_t)answer->header_count, answer->body, &x->memory,
                                    &response, &err);
    if (ok(read) && response.succeeded && x->body_is_bytes) {
        read = json_object_with(&x->memory, response.output, json_literal("Body"),
                                json_from_str(answer->body), &response.output, &err);
    }
    if (failed(read)) {
        str message = arena_printf(&x->memory,
                                   "Unable to unmarshall response (%s). Response Code: "
                                   "%u",
                                   err.message, answer->status);
        fail_on_the_way(x, message);
        return;
    }
    if (!response.succeeded) {
        aws_retry_reason reason = set_clock(x, answer, response.code)
                                      ? AWS_RETRY_TRANSIENT
                                      : aws_retry_reason_of(answer->status, response.code);
        if (try_again(x, reason)) {
            return;
        }
    }
    if (response.succeeded) {
        aws_retry_give(&x->context->buckets[x->operation.service], x->tokens_taken);
    }
    aws_outcome outcome;
    fill_outcome(answer, &response, &outcome);
    finish(x, &outcome);
}

static void on_answer(void *user, const net_http_outcome *answer)
{
    aws_exchange *x = user;
    x->call = NULL;
    if (answer->code == ERROR_NONE) {
        read_answer(x, answer);
        return;
    }
    bool is_final = answer->code == ERROR_LIMIT || answer->code == ERROR_MEMORY ||
                    answer->code == ERROR_INVALID || answer->code == ERROR_UNSUPPORTED;
    if (is_final || !try_again(x, AWS_RETRY_TRANSIENT)) {
        fail_on_the_way(x, describe_fault(x, answer));
    }
}

/* ----------------------------------------------------------------------------------------- sending
 */

static status list_headers(aws_exchange *x, net_http_header **ret_headers, size_t *ret_count,
                           error *reterr)
{
    const aws_request *request = &x->request;
    net_http_header *headers = arena_array(&x->memory, net_http_header,
                                           request->header_count + 2 + AWS_SIGNATURE_HEADERS_MAX);
    if (!headers) {
        return fail_memory(reterr);
    }
    size_t count = 0;
    headers[count++] = (net_http_header){STR("Host"), x->place.host};
    headers[count++] = (net_http_header){STR("User-Agent"), USER_AGENT};
    for (uint32_t i = 0; i < request->header_count; i++) {
        headers[count++] = request->headers[i];
    }
    *ret_headers = headers;
    *ret_count = count;
    if (!x->credentials || request->is_anonymous) {
        return STATUS_OK;
    }
    bool is_s3 =
        str_equal(x->target->service, STR("s3")) || str_starts_with(x->target->service, STR("s3-"));
    aws_signed_request signed_request = {
        .method = request->method,
        .path = x->place.path,
        .query = request->query,
        .body = request->body,
        .headers = headers,
        .header_count = count,
        .is_path_kept = is_s3,
        .payload_digest = request->payload_is_unsigned ? UNSIGNED_PAYLOAD : STR_NONE,
    };
    x->signed_ms = net_loop_clock_ms(x->context->loop) + x->ahead_ms;
    aws_signer signer = {
        .access_key_id = x->credentials->access_key_id,
        .secret_access_key = x->credentials->secret_access_key,
        .session_token = x->credentials->session_token,
        .region = x->target->region,
        .service = x->target->service,
        .now_ms = x->signed_ms,
        .has_digest_header = is_s3 || request->payload_is_unsigned,
    };
    size_t added;
    TRY(aws_sign(&signed_request, &signer, &x->memory, headers + count, &added, reterr));
    *ret_count = count + added;
    return STATUS_OK;
}

/* Proxies are for what is far away. */
static bool may_connect_anywhere(void *user, const struct sockaddr *address)
{
    (void)user;
    (void)address;
    return true;
}

static status start_attempt(aws_exchange *x, error *reterr)
{
    net_http_header *headers = NULL;
    size_t count = 0;
    TRY(list_headers(x, &headers, &count, reterr));
    const aws_request *request = &x->request;
    bool has_body = request->body.len || str_equal(request->method, STR("POST")) ||
                    str_equal(request->method, STR("PUT")) ||
                    str_equal(request->method, STR("PATCH"));
    bool is_near = x->target->kind == AWS_TARGET_OWN || aws_host_is_loopback(x->place.host);
    net_http_call_options options = {
        .method = request->method,
        .url = x->url,
        .headers = headers,
        .header_count = count,
        .body = !has_body           ? STR_NONE
                : request->body.len ? request->body
                                    : STR(""),
        .total_ms_max = x->timeout_ms,
        .response_bytes_max = x->body_is_bytes ? S3_OBJECT_BYTES_MAX : AWS_RESPONSE_BYTES_MAX,
        .is_encoding_refused = true,
        .is_path_kept = true,
        .is_secret = x->is_secret,
        .trusted = x->target->is_plain ? STR_NONE : x->context->settings->trusted,
        .may_connect = is_near ? may_connect_anywhere : NULL,
    };
    return net_http_call_start(x->context->http, &options, on_answer, x, &x->call, reterr);
}

static void send_attempt(aws_exchange *x)
{
    error err = {0};
    arena_rewind(&x->memory, x->attempt_mark);
    x->attempts++;
    if (failed(start_attempt(x, &err))) {
        fail_on_the_way(x, str_from(err.message, err.length));
    }
}

static void on_timer(void *user)
{
    aws_exchange *x = user;
    if (x->has_early_outcome) {
        finish(x, &x->early);
    } else {
        send_attempt(x);
    }
}

/* ---------------------------------------------------------------------------------------- starting
 */

static status make_request(aws_exchange *x, error *reterr)
{
    unsigned char entropy_bytes[AWS_ENTROPY_BYTES + sizeof(x->random.state)];
    if (getrandom(entropy_bytes, sizeof(entropy_bytes), 0) != (ssize_t)sizeof(entropy_bytes)) {
        return fail(reterr, ERROR_IO, "the system gives no random bytes");
    }
    memcpy(&x->random.state, entropy_bytes + AWS_ENTROPY_BYTES, sizeof(x->random.state));
    TRY((x->body_is_bytes ? aws_request_make_of_bytes : aws_request_make)(
        x->operation, x->parameters, entropy_bytes, &x->memory, &x->request, reterr));
    TRY(aws_request_refuse(x->operation, x->parameters, &x->request, x->target, reterr));
    TRY(aws_target_place(x->target, aws_operation_service(x->operation), &x->request, &x->memory,
                         &x->place, reterr));
    x->url = arena_printf(&x->memory, "%.*s://%.*s%.*s%s%.*s", STR_ARG(x->target->scheme),
                          STR_ARG(x->place.host), STR_ARG(x->place.path),
                          x->request.query.len ? "?" : "", STR_ARG(x->request.query));
    return x->url.ptr ? STATUS_OK : fail_memory(reterr);
}

/* What is wrong with a request is an outcome, not a failure to start. */
static status refuse(aws_exchange *x, aws_outcome_kind kind, const error *err, error *reterr)
{
    str message = words_of(x, str_from(err->message, err->length));
    if (!message.ptr || err->code == ERROR_MEMORY) {
        return fail_memory(reterr);
    }
    x->early = aws_outcome_unsent(x->operation, kind, message);
    set_error_name(x, &x->early);
    x->has_early_outcome = true;
    net_timer_start(x->timer, 0, 0);
    return STATUS_OK;
}

static status begin(aws_exchange *x, error *reterr)
{
    error err = {0};
    str trouble = x->context->settings->trouble;
    if (trouble.ptr) {
        (void)fail(&err, ERROR_INVALID, "%.*s", STR_ARG(trouble));
        return refuse(x, AWS_FAILED_ON_THE_WAY, &err, reterr);
    }
    status made = make_request(x, &err);
    x->attempt_mark = arena_here(&x->memory);
    if (failed(made)) {
        bool is_parameter =
            err.code == ERROR_TYPE || err.code == ERROR_UNSUPPORTED || err.code == ERROR_INVALID;
        return refuse(x, is_parameter ? AWS_FAILED_PARAMETERS : AWS_FAILED_ON_THE_WAY, &err,
                      reterr);
    }
    if (failed(start_attempt(x, &err))) {
        return refuse(x, AWS_FAILED_ON_THE_WAY, &err, reterr);
    }
    x->attempts = 1;
    return STATUS_OK;
}

status aws_exchange_start(const aws_context *context, const aws_exchange_request *request,
                          aws_outcome_done *done, void *user, aws_exchange **ret_exchange,
                          error *reterr)
{
    aws_exchange *x = calloc(1, sizeof(*x));
    if (!x) {
        return fail_memory(reterr);
    }
    *x = (aws_exchange){
        .context = context,
        .operation = request->operation,
        .parameters = request->parameters,
        .target = request->target,
        .credentials = aws_credentials_retain(request->credentials),
        .timeout_ms = request->timeout_ms,
        .is_secret = request->is_secret,
        .body_is_bytes = request->body_is_bytes,
        .done = done,
        .user = user,
        .attempts_max =
            context->settings->attempts_max ? context->settings->attempts_max : AWS_ATTEMPTS_MAX,
        .ahead_ms =
            context->clocks_ahead_ms ? context->clocks_ahead_ms[request->operation.service] : 0,
    };
    arena_init(&x->memory, 0);
    status result = net_timer_new(context->loop, on_timer, x, &x->timer, reterr);
    if (ok(result)) {
        result = begin(x, reterr);
    }
    if (failed(result)) {
        exchange_free(x);
        return result;
    }
    *ret_exchange = x;
    return STATUS_OK;
}

str aws_outcome_cause(const aws_outcome *outcome, arena *a)
{
    if (outcome->kind == AWS_FAILED_BY_SERVICE) {
        aws_response response = {
            .http_status = outcome->http_status,
            .error_name = outcome->error_name,
            .exception = outcome->exception,
            .code = outcome->code,
            .message = outcome->message,
            .request_id = outcome->request_id,
            .extended_request_id = outcome->extended_request_id,
        };
        return aws_response_cause(outcome->operation, &response, outcome->attempts, a);
    }
    return outcome->attempts ? arena_printf(a, "%.*s (SDK Attempt Count: %u)",
                                            STR_ARG(outcome->message), outcome->attempts)
                             : arena_str(a, outcome->message);
}
