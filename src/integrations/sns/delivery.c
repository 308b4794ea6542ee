/* Deliveries: one per subscription, side by side. In AWS they happen after Publish has answered;
 * here Publish waits for them, so that no message is lost when the process ends after the last
 * state. As in AWS, a delivery that fails does not fail Publish.
 *
 * Invariant: `pending` counts the deliveries that have not ended, plus one while they are started;
 * done comes when it falls to 0. */
#include "integrations/sns/delivery.h"

#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTEMPTS_MAX 3 /* SNS tries HTTP endpoints three times at once, and more over the hours */
#define RETRY_AFTER_MS 1000
#define TIMEOUT_SECONDS_MAX 3600

typedef struct single_delivery {
    sns_delivery *delivery;
    json subscription;
    str arn, protocol, endpoint;
    net_http_call *call;           /* http: under way */
    net_timer *retry;              /* http: the next attempt */
    lambda_invocation *invocation; /* lambda: under way */
    uint32_t attempts;
} single_delivery;

struct sns_delivery {
    integrations *tasks;
    const sns_message *message;
    arena *a;
    net_callback *done;
    void *user;
    net_timer *finished;
    single_delivery *singles;
    uint32_t count, pending;
};

typedef status protocol_deliver(single_delivery *single, error *reterr);
static status deliver_http(single_delivery *single, error *reterr);
static status deliver_lambda(single_delivery *single, error *reterr);
static status deliver_file(single_delivery *single, error *reterr);

static const struct {
    const char *name;
    protocol_deliver *deliver;
    bool is_asynchronous;
} protocols[] = {
    {"http", deliver_http, true},
    {"https", deliver_http, true},
    {"lambda", deliver_lambda, true},
    {"file", deliver_file, false},
};

/* ---------------------------------------------------------------------------------- configuration
 */

static json topic_subscriptions(json config, str topic)
{
    json topics = json_get(json_get(config, STR("sns")), STR("topics"));
    return json_get(json_get(topics, topic), STR("subscriptions"));
}

static size_t find_protocol(str name)
{
    size_t row = 0;
    while (row < ARRAY_LENGTH(protocols) && !str_equal(name, str_from_c(protocols[row].name))) {
        row++;
    }
    return row;
}

static status check_subscription(json subscription, str topic, error *reterr)
{
    static const char *const known[] = {"protocol", "endpoint", "rawMessageDelivery",
                                        "timeoutSeconds"};
    for (uint32_t i = 0; i < json_count(subscription); i++) {
        str name = json_str(json_member_at(subscription, i)->name);
        bool is_known = false;
        for (size_t k = 0; k < ARRAY_LENGTH(known); k++) {
            is_known |= str_equal(name, str_from_c(known[k]));
        }
        if (!is_known) {
            return fail(reterr, ERROR_INVALID,
                        "configuration, topic '%.*s': a subscription has no member '%.*s'",
                        STR_ARG(topic), STR_ARG(name));
        }
    }
    str protocol = json_str(json_get(subscription, STR("protocol")));
    if (find_protocol(protocol) == ARRAY_LENGTH(protocols)) {
        return fail(reterr, ERROR_UNSUPPORTED,
                    "configuration, topic '%.*s': the protocol '%.*s' is not one of http, https, "
                    "lambda and file",
                    STR_ARG(topic), STR_ARG(protocol));
    }
    str endpoint = json_str(json_get(subscription, STR("endpoint")));
    if (!endpoint.len || memchr(endpoint.ptr, '\0', endpoint.len)) {
        return fail(reterr, ERROR_INVALID,
                    "configuration, topic '%.*s': a subscription has no 'endpoint'",
                    STR_ARG(topic));
    }
    json timeout = json_get(subscription, STR("timeoutSeconds"));
    double seconds = json_double(timeout);
    if (!json_is_absent(timeout) && !(seconds >= 0.001 && seconds <= TIMEOUT_SECONDS_MAX)) {
        return fail(reterr, ERROR_INVALID,
                    "configuration, topic '%.*s': the 'timeoutSeconds' of a subscription is a "
                    "number between 0.001 and %d",
                    STR_ARG(topic), TIMEOUT_SECONDS_MAX);
    }
    return STATUS_OK;
}

status sns_subscriptions_check(json config, str topic, error *reterr)
{
    json list = topic_subscriptions(config, topic);
    if (!json_is_absent(list) && !json_is(list, JSON_ARRAY)) {
        return fail(reterr, ERROR_TYPE,
                    "configuration, topic '%.*s': 'subscriptions' must be an array",
                    STR_ARG(topic));
    }
    for (uint32_t i = 0; i < json_count(list); i++) {
        TRY(check_subscription(json_item(list, i), topic, reterr));
    }
    return STATUS_OK;
}

/* ---------------------------------------------------------------------------------------- endings
 */

static void delivery_free(sns_delivery *delivery)
{
    for (uint32_t i = 0; i < delivery->count; i++) {
        net_http_call_cancel(delivery->singles[i].call);
        net_timer_free(delivery->singles[i].retry);
        if (delivery->singles[i].invocation) {
            lambda_invocation_abandon(delivery->singles[i].invocation);
        }
    }
    net_timer_free(delivery->finished);
}

static void delivery_on_finished(void *user)
{
    sns_delivery *delivery = user;
    delivery_free(delivery);
    delivery->done(delivery->user); /* may free the arena, and delivery with it */
}

static void delivery_one_less(sns_delivery *delivery)
{
    if (--delivery->pending == 0) {
        net_timer_start(delivery->finished, 0, 0);
    }
}

void sns_delivery_cancel(sns_delivery *delivery)
{
    delivery_free(delivery);
}

/* ------------------------------------------------------------------------------------------ files
 */

static status append_line(const char *path, json value, arena *a, error *reterr)
{
    str text = json_text(value, a);
    str line = text.ptr ? arena_printf(a, "%.*s\n", STR_ARG(text)) : STR_NONE;
    if (!line.ptr) {
        return fail_memory(reterr);
    }
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    /* One write: lines of several processes do not mix. */
    ssize_t count = file < 0 ? -1 : write(file, line.ptr, line.len);
    int number = errno;
    if (file >= 0) {
        close(file);
    }
    if (count != (ssize_t)line.len) {
        return fail(reterr, ERROR_IO, "cannot write %s: %s", path, strerror(number));
    }
    return STATUS_OK;
}

/* DATA/sns/TOPIC<suffix> */
static status append_to_data(sns_delivery *delivery, const char *suffix, json value, error *reterr)
{
    str data = integrations_settings(delivery->tasks)->data_folder;
    char path[PATH_MAX];
    if (!data.ptr) {
        return fail(reterr, ERROR_NOT_FOUND, "no data folder was given");
    }
    snprintf(path, sizeof(path), "%.*s", STR_ARG(data));
    mkdir(path, 0777);
    snprintf(path, sizeof(path), "%.*s/sns", STR_ARG(data));
    mkdir(path, 0777);
    int length = snprintf(path, sizeof(path), "%.*s/sns/%.*s%s", STR_ARG(data),
                          STR_ARG(delivery->message->topic.name), suffix);
    if (length >= (int)sizeof(path)) {
        return fail(reterr, ERROR_LIMIT, "the path of the data folder is too long");
    }
    return append_line(path, value, delivery->a, reterr);
}

static status deliver_file(single_delivery *single, error *reterr)
{
    sns_delivery *delivery = single->delivery;
    char path[PATH_MAX];
    json line = {0};
    if (single->endpoint.len >= sizeof(path)) {
        return fail(reterr, ERROR_LIMIT, "the path is too long");
    }
    snprintf(path, sizeof(path), "%.*s", STR_ARG(single->endpoint));
    if (json_is_true(json_get(single->subscription, STR("rawMessageDelivery")))) {
        line = json_from_str(sns_message_text(delivery->message, single->protocol));
    } else {
        TRY(sns_message_envelope(delivery->message, single->protocol, single->arn, delivery->a,
                                 &line, reterr));
    }
    return append_line(path, line, delivery->a, reterr);
}

/* A delivery that failed for good: kept and told. */
static void single_failed(single_delivery *single, str words)
{
    sns_delivery *delivery = single->delivery;
    const integrations_options *settings = integrations_settings(delivery->tasks);
    json envelope = {0};
    json record = {0};
    json_object_builder b;
    json_object_begin(&b, delivery->a, 4);
    json_object_add(&b, STR("protocol"), json_from_str(single->protocol));
    json_object_add(&b, STR("endpoint"), json_from_str(single->endpoint));
    json_object_add(&b, STR("error"), json_from_str(words));
    bool is_made = ok(sns_message_envelope(delivery->message, single->protocol, single->arn,
                                           delivery->a, &envelope, NULL));
    json_object_add(&b, STR("message"), envelope);
    if (is_made && ok(json_object_finish(&b, &record, NULL))) {
        (void)append_to_data(delivery, ".failed.jsonl", record, NULL).code;
    }
    str line = arena_printf(delivery->a, "delivery to %.*s %.*s failed: %.*s",
                            STR_ARG(single->protocol), STR_ARG(single->endpoint), STR_ARG(words));
    if (settings->on_log && line.ptr) {
        settings->on_log(settings->log_user, delivery->message->topic.name, line);
    }
    delivery_one_less(delivery);
}

/* ----------------------------------------------------------------------------------------- lambda
 */

static void lambda_on_done(void *user, const lambda_outcome *outcome)
{
    single_delivery *single = user;
    single->invocation = NULL;
    if (outcome->is_error) {
        single_failed(single, outcome->payload);
    } else {
        delivery_one_less(single->delivery);
    }
}

static status deliver_lambda(single_delivery *single, error *reterr)
{
    sns_delivery *delivery = single->delivery;
    lambda_name name = {0};
    json event = {0};
    TRY(lambda_name_parse(single->endpoint, &name, reterr));
    TRY(sns_message_lambda_event(delivery->message, single->arn, delivery->a, &event, reterr));
    lambda_request request = {.function = name.function,
                              .qualifier = name.qualifier,
                              .payload = json_text(event, delivery->a)};
    lambda_pool *pool = integrations_lambda(delivery->tasks, reterr);
    if (!request.payload.ptr || !pool) {
        return request.payload.ptr ? (status){ERROR_IO} : fail_memory(reterr);
    }
    return lambda_pool_invoke(pool, &request, lambda_on_done, single, &single->invocation, reterr);
}

/* ------------------------------------------------------------------------------------------- http
 */

static void http_retry(void *user)
{
    single_delivery *single = user;
    error err = {0};
    if (failed(deliver_http(single, &err))) {
        single_failed(single, str_from(err.message, err.length));
    }
}

static void http_on_done(void *user, const net_http_outcome *outcome)
{
    single_delivery *single = user;
    single->call = NULL;
    if (outcome->code == ERROR_NONE && outcome->status >= 200 && outcome->status < 300) {
        delivery_one_less(single->delivery);
        return;
    }
    /* A client's error stays one: only what may pass is tried again. */
    bool may_pass = outcome->code != ERROR_NONE || outcome->status >= 500 || outcome->status == 429;
    if (may_pass && single->attempts < ATTEMPTS_MAX) {
        net_timer_start(single->retry, RETRY_AFTER_MS, 0);
        return;
    }
    str words = outcome->code == ERROR_NONE
                    ? arena_printf(single->delivery->a, "HTTP status %u", outcome->status)
                    : arena_str(single->delivery->a, outcome->message);
    single_failed(single, words);
}

static status deliver_http(single_delivery *single, error *reterr)
{
    sns_delivery *delivery = single->delivery;
    const sns_message *message = delivery->message;
    net_http_client *client = integrations_http(delivery->tasks, reterr);
    bool is_raw = json_is_true(json_get(single->subscription, STR("rawMessageDelivery")));
    json envelope = {0};
    double seconds = json_double(json_get(single->subscription, STR("timeoutSeconds")));
    if (!client) {
        return (status){ERROR_IO};
    }
    TRY(sns_message_envelope(message, single->protocol, single->arn, delivery->a, &envelope,
                             reterr));
    net_http_header headers[] = {
        {STR("x-amz-sns-message-type"), STR("Notification")},
        {STR("x-amz-sns-message-id"), message->id},
        {STR("x-amz-sns-topic-arn"), message->topic.arn},
        {STR("x-amz-sns-subscription-arn"), single->arn},
        {STR("Content-Type"), STR("text/plain; charset=UTF-8")},
        {STR("User-Agent"), STR("Amazon Simple Notification Service Agent")},
        {STR("x-amz-sns-rawdelivery"), STR("true")},
    };
    net_http_call_options options = {
        .method = STR("POST"),
        .url = single->endpoint,
        .headers = headers,
        .header_count = ARRAY_LENGTH(headers) - (is_raw ? 0 : 1),
        .body =
            is_raw ? sns_message_text(message, single->protocol) : json_text(envelope, delivery->a),
        .total_ms_max = seconds > 0 ? (int64_t)(seconds * 1000) : SNS_HTTP_TIMEOUT_MS,
    };
    if (!options.body.ptr) {
        return fail_memory(reterr);
    }
    single->attempts++;
    return net_http_call_start(client, &options, http_on_done, single, &single->call, reterr);
}

/* ---------------------------------------------------------------------------------------- starting
 */

/* The same subscription has the same ARN each time. */
static str subscription_arn(const sns_message *message, json subscription, arena *a)
{
    unsigned char digest[DIGEST_BYTES_MAX];
    char uuid[UUID_TEXT_SIZE];
    digest_compute(DIGEST_MD5, json_text(subscription, a), digest);
    uuid_from_entropy(digest, uuid);
    return arena_printf(a, "%.*s:%s", STR_ARG(message->topic.arn), uuid);
}

static void single_start(single_delivery *single)
{
    error err = {0};
    size_t row = find_protocol(single->protocol);
    INVARIANT(row < ARRAY_LENGTH(protocols));
    single->delivery->pending++;
    if (failed(protocols[row].deliver(single, &err))) {
        single_failed(single, str_from(err.message, err.length));
    } else if (!protocols[row].is_asynchronous) {
        delivery_one_less(single->delivery);
    }
}

static status prepare_singles(sns_delivery *delivery, json list, error *reterr)
{
    net_loop *loop = integrations_settings(delivery->tasks)->loop;
    delivery->singles = arena_array(delivery->a, single_delivery, json_count(list));
    if (!delivery->singles) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < json_count(list); i++) {
        single_delivery *single = &delivery->singles[delivery->count];
        single->delivery = delivery;
        single->subscription = json_item(list, i);
        single->protocol = json_str(json_get(single->subscription, STR("protocol")));
        single->endpoint = json_str(json_get(single->subscription, STR("endpoint")));
        single->arn = subscription_arn(delivery->message, single->subscription, delivery->a);
        TRY(net_timer_new(loop, http_retry, single, &single->retry, reterr));
        delivery->count++;
        if (!single->arn.ptr) {
            return fail_memory(reterr);
        }
    }
    return STATUS_OK;
}

status sns_delivery_start(integrations *tasks, const sns_message *message, arena *a,
                          net_callback *done, void *user, sns_delivery **ret_delivery,
                          error *reterr)
{
    const integrations_options *settings = integrations_settings(tasks);
    json list = topic_subscriptions(settings->config, message->topic.name);
    TRY(sns_subscriptions_check(settings->config, message->topic.name, reterr));
    sns_delivery *delivery = arena_new(a, sns_delivery);
    if (!delivery) {
        return fail_memory(reterr);
    }
    *delivery = (sns_delivery){
        .tasks = tasks, .message = message, .a = a, .done = done, .user = user, .pending = 1};
    TRY(net_timer_new(settings->loop, delivery_on_finished, delivery, &delivery->finished, reterr));
    status result = prepare_singles(delivery, list, reterr);
    if (ok(result) && json_count(list) == 0) {
        json line = {0};
        result = sns_message_envelope(message, STR("file"), message->topic.arn, a, &line, reterr);
        if (ok(result)) {
            result = append_to_data(delivery, ".jsonl", line, reterr);
        }
    }
    if (failed(result)) {
        delivery_free(delivery);
        return result;
    }
    for (uint32_t i = 0; i < delivery->count; i++) {
        single_start(&delivery->singles[i]);
    }
    delivery_one_less(delivery);
    *ret_delivery = delivery;
    return STATUS_OK;
}
