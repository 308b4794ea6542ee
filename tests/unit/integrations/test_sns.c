/* SNS: what Publish takes and answers, and what subscribers get. */
#include "harness.h"
#include "net/http_server.h"

typedef struct sink {
    harness *h;
    net_http_server *server;
    net_http_listener *listener;
    int requests;
    int failures_first; /* answered 500 before the first 200 */
    bool is_silent;
    char body[4096];
    char type[64], id[64], raw[16];
} sink;

static void keep_header(char *out, size_t size, const net_http_request *request, const char *name)
{
    snprintf(out, size, "%.*s", STR_ARG(net_http_request_header(request, name)));
}

static void sink_handle(void *user, const net_http_request *request)
{
    sink *s = user;
    s->requests++;
    snprintf(s->body, sizeof(s->body), "%.*s", STR_ARG(request->body));
    keep_header(s->type, sizeof(s->type), request, "x-amz-sns-message-type");
    keep_header(s->id, sizeof(s->id), request, "x-amz-sns-message-id");
    keep_header(s->raw, sizeof(s->raw), request, "x-amz-sns-rawdelivery");
    if (!s->is_silent) {
        net_http_response response = {.status = s->requests <= s->failures_first ? 500 : 200};
        net_http_answer(request->reply, &response);
    }
}

static void sink_open(sink *s, harness *h)
{
    error err;
    *s = (sink){.h = h};
    net_http_server_options options = {.handler = sink_handle, .user = s};
    assert_ok(net_http_server_new(h->loop, &options, &s->server, &err), err);
    assert_ok(net_http_server_listen(s->server, "127.0.0.1", 0, NULL, &s->listener, &err), err);
}

static void configure_http(harness *h, const sink *s, const char *more)
{
    char config[512];
    snprintf(config, sizeof(config),
             "{\"sns\":{\"topics\":{\"orders\":{\"subscriptions\":[{\"protocol\":\"http\","
             "\"endpoint\":\"http://127.0.0.1:%u/hook\"%s}]}}}}",
             net_http_listener_port(s->listener), more);
    harness_configure(h, config);
}

static const char *const topic = "arn:aws:sns:eu-west-1:123456789012:orders";

static void publish(harness *h, const char *members)
{
    char parameters[2048];
    snprintf(parameters, sizeof(parameters), "{\"TopicArn\":\"%s\",%s}", topic, members);
    harness_service(h, "sns", "publish", parameters);
}

static json last_line(harness *h, const char *file)
{
    char *text = harness_read_data(h, file);
    assert_non_null(text);
    str rest = str_trim(str_from_c(text));
    size_t newline = str_find_last_char(rest, '\n');
    str line = newline == STR_NOT_FOUND ? rest : str_skip(rest, newline + 1);
    json value = {0};
    error err;
    assert_ok(json_parse_into(line, &h->memory, &value, &err), err);
    return value;
}

static void without_subscriptions_messages_are_kept_in_a_file(void **state)
{
    harness *h = *state;
    publish(h, "\"Message\":\"hello\",\"Subject\":\"greeting\"");
    assert_true(h->succeeded);
    json line = last_line(h, "sns/orders.jsonl");
    assert_str_equal(json_str(harness_at(line, "Type")), "Notification");
    assert_str_equal(json_str(harness_at(line, "TopicArn")), topic);
    assert_str_equal(json_str(harness_at(line, "Subject")), "greeting");
    assert_str_equal(json_str(harness_at(line, "Message")), "hello");
    assert_true(str_equal(json_str(harness_at(line, "MessageId")),
                          json_str(harness_at(h->output, "MessageId"))));
}

/* Recorded from AWS. */
static void the_answer_has_aws_shape(void **state)
{
    harness *h = *state;
    publish(h, "\"Message\":{\"Message\":\"HelloWorld!\"}");
    assert_true(h->succeeded);
    static const char *const members[] = {"MessageId", "SdkHttpMetadata", "SdkResponseMetadata"};
    assert_int_equal(json_count(h->output), 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_str_equal(json_str(json_member_at(h->output, i)->name), members[i]);
    }
    json headers = harness_at(harness_at(h->output, "SdkHttpMetadata"), "HttpHeaders");
    assert_str_equal(json_str(harness_at(headers, "Content-Length")), "294");
    assert_str_equal(json_str(harness_at(headers, "Content-Type")), "text/xml");
    assert_str_equal(json_str(harness_at(last_line(h, "sns/orders.jsonl"), "Message")),
                     "{\"Message\":\"HelloWorld!\"}");
    harness_service(h, "sns", "publish",
                    "{\"TopicArn\":\"arn:aws:sns:eu-west-1:123456789012:orders.fifo\","
                    "\"Message\":\"m\",\"MessageGroupId\":\"g\",\"MessageDeduplicationId\":\"d\"}");
    assert_true(h->succeeded);
    assert_str_equal(json_str(json_member_at(h->output, 3)->name), "SequenceNumber");
    assert_int_equal(json_str(json_member_at(h->output, 3)->value).len, 20);
}

static void a_bare_topic_arn_sends_the_input(void **state)
{
    harness *h = *state;
    integration_call call = {.resource = STR("arn:aws:sns:notifySuccess"), .service = STR("sns")};
    harness_begin(h, call, "{\"rows\":3}");
    net_loop_run(h->loop);
    assert_true(h->succeeded);
    json line = last_line(h, "sns/notifySuccess.jsonl");
    assert_str_equal(json_str(harness_at(line, "TopicArn")),
                     "arn:aws:sns:eu-west-1:123456789012:notifySuccess");
    assert_str_equal(json_str(harness_at(line, "Message")), "{\"rows\":3}");
}

static void http_subscribers_get_the_envelope(void **state)
{
    harness *h = *state;
    sink s;
    sink_open(&s, h);
    configure_http(h, &s, "");
    publish(h, "\"Message\":\"hi\",\"MessageAttributes\":{\"a\":{\"DataType\":\"String\","
               "\"StringValue\":\"x\"}}");
    assert_true(h->succeeded);
    assert_int_equal(s.requests, 1);
    assert_string_equal(s.type, "Notification");
    json envelope = harness_json(h, s.body);
    static const char *const members[] = {
        "Type",           "MessageId",        "TopicArn",  "Message",
        "Timestamp",      "SignatureVersion", "Signature", "SigningCertURL",
        "UnsubscribeURL", "MessageAttributes"};
    assert_int_equal(json_count(envelope), ARRAY_LENGTH(members));
    for (uint32_t i = 0; i < ARRAY_LENGTH(members); i++) {
        assert_str_equal(json_str(json_member_at(envelope, i)->name), members[i]);
    }
    assert_str_equal(json_text(harness_at(envelope, "MessageAttributes"), &h->memory),
                     "{\"a\":{\"Type\":\"String\",\"Value\":\"x\"}}");
    assert_str_equal(json_str(harness_at(envelope, "MessageId")), s.id);
    assert_null(harness_read_data(h, "sns/orders.jsonl"));
    configure_http(h, &s, ",\"rawMessageDelivery\":true");
    publish(h, "\"Message\":\"plain\"");
    assert_string_equal(s.body, "plain");
    assert_string_equal(s.raw, "true");
    net_http_server_free(s.server);
}

static void a_failing_endpoint_is_tried_again(void **state)
{
    harness *h = *state;
    sink s;
    sink_open(&s, h);
    s.failures_first = 1;
    configure_http(h, &s, "");
    publish(h, "\"Message\":\"hi\"");
    assert_true(h->succeeded);
    assert_int_equal(s.requests, 2);
    assert_null(harness_read_data(h, "sns/orders.failed.jsonl"));
    net_http_server_free(s.server);
}

static void an_endpoint_is_tried_three_times_and_the_message_is_kept(void **state)
{
    harness *h = *state;
    sink s;
    sink_open(&s, h);
    s.failures_first = 100;
    configure_http(h, &s, "");
    publish(h, "\"Message\":\"hi\"");
    assert_true(h->succeeded);
    assert_int_equal(s.requests, 3);
    json kept = last_line(h, "sns/orders.failed.jsonl");
    assert_str_equal(json_str(harness_at(harness_at(kept, "message"), "Message")), "hi");
    net_http_server_free(s.server);
}

static void a_slow_endpoint_does_not_fail_the_task_and_the_message_is_kept(void **state)
{
    harness *h = *state;
    sink s;
    sink_open(&s, h);
    s.is_silent = true;
    configure_http(h, &s, ",\"timeoutSeconds\":0.5");
    publish(h, "\"Message\":\"hi\"");
    assert_true(h->succeeded);
    assert_in_range(s.requests, 0, 3); /* not all may get here in half a second */
    json kept = last_line(h, "sns/orders.failed.jsonl");
    assert_str_equal(json_str(harness_at(harness_at(kept, "message"), "Message")), "hi");
    assert_non_null(strstr(h->log, "delivery to http http://127.0.0.1:"));
    net_http_server_free(s.server);
}

static void functions_get_records_and_files_get_lines(void **state)
{
    harness *h = *state;
    char config[1024];
    harness_file(h, "listen", "handler.py",
                 "import json, os\n"
                 "def handler(event, context):\n"
                 "    open(os.environ['LAMBDA_TASK_ROOT'] + '/got.txt', 'w').write(\n"
                 "        json.dumps(event, sort_keys=True))\n");
    snprintf(config, sizeof(config),
             "{\"sns\":{\"topics\":{\"orders\":{\"subscriptions\":["
             "{\"protocol\":\"lambda\",\"endpoint\":\"listen\"},"
             "{\"protocol\":\"file\",\"endpoint\":\"%s/out.jsonl\"}]}}}}",
             h->functions);
    harness_configure(h, config);
    publish(h, "\"MessageStructure\":\"json\","
               "\"Message\":{\"default\":\"for all\",\"lambda\":\"for functions\"}");
    assert_true(h->succeeded);
    json got = last_line(h, "../functions/listen/got.txt");
    json record = json_item(harness_at(got, "Records"), 0);
    assert_str_equal(json_str(harness_at(record, "EventSource")), "aws:sns");
    json sns = harness_at(record, "Sns");
    assert_str_equal(json_str(harness_at(sns, "Message")), "for functions");
    assert_true(json_is(harness_at(sns, "Subject"), JSON_NULL));
    json line = last_line(h, "../functions/out.jsonl");
    assert_str_equal(json_str(harness_at(line, "Message")), "for all");
}

static void bad_requests_are_refused(void **state)
{
    harness *h = *state;
    static const struct {
        const char *parameters, *error, *words;
    } cases[] = {
        {"{\"Message\":\"m\"}", "SNS.InvalidParameterException", "TopicArn or TargetArn"},
        {"{\"TopicArn\":\"orders\",\"Message\":\"m\"}", "SNS.InvalidParameterException", "orders"},
        {"{\"TopicArn\":\"arn:aws:sns:../x\",\"Message\":\"m\"}", "SNS.InvalidParameterException",
         "../x"},
        {"{\"TopicArn\":\"arn:aws:sns:t\",\"Message\":\"\"}", "SNS.InvalidParameterException",
         "Empty message"},
        {"{\"TopicArn\":\"arn:aws:sns:t\"}", "SNS.InvalidParameterException", "'Message'"},
        {"{\"TopicArn\":\"arn:aws:sns:t\",\"Message\":\"m\",\"Topic\":1}", "States.Runtime",
         "'Topic'"},
        {"{\"PhoneNumber\":\"+1555\",\"Message\":\"m\"}", "States.Runtime", "PhoneNumber"},
        {"{\"TopicArn\":\"arn:aws:sns:t\",\"Message\":\"m\",\"Subject\":\"\"}",
         "SNS.InvalidParameterException", "Subject"},
        {"{\"TopicArn\":\"arn:aws:sns:t\",\"Message\":\"m\",\"MessageStructure\":\"json\"}",
         "SNS.InvalidParameterException", "failed to parse"},
        {"{\"TopicArn\":\"arn:aws:sns:t\",\"Message\":{},\"MessageStructure\":\"json\"}",
         "SNS.InvalidParameterException", "No default entry"},
        {"{\"TopicArn\":\"arn:aws:sns:t\",\"Message\":\"m\",\"MessageAttributes\":{\"a\":{"
         "\"DataType\":\"Odd\",\"StringValue\":\"x\"}}}",
         "SNS.InvalidParameterException", "'a' has an invalid message attribute type"},
        {"{\"TopicArn\":\"arn:aws:sns:t.fifo\",\"Message\":\"m\"}", "SNS.InvalidParameterException",
         "MessageGroupId"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        harness_service(h, "sns", "publish", cases[i].parameters);
        assert_false(h->succeeded);
        assert_string_equal(h->error, cases[i].error);
        if (!strstr(h->cause, cases[i].words)) {
            fail_msg("%s: %s", cases[i].parameters, h->cause);
        }
    }
}

static void a_bad_configuration_is_refused_by_name(void **state)
{
    static const struct {
        const char *subscription, *words;
        error_code code;
    } cases[] = {
        {"\"protocol\":\"smtp\",\"endpoint\":\"a@b\"", "'smtp'", ERROR_UNSUPPORTED},
        {"\"protocol\":\"http\"", "'endpoint'", ERROR_INVALID},
        {"\"protocol\":\"file\",\"endpoint\":\"f\",\"timeout\":1", "'timeout'", ERROR_INVALID},
        {"\"protocol\":\"file\",\"endpoint\":\"f\",\"timeoutSeconds\":3601", "'timeoutSeconds'",
         ERROR_INVALID},
        {"\"protocol\":\"file\",\"endpoint\":\"f\",\"timeoutSeconds\":\"5\"", "'timeoutSeconds'",
         ERROR_INVALID},
    };
    harness *h = *state;
    integration_call call = {.resource = STR("arn:aws:sns:t"), .service = STR("sns")};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char config[256];
        error err;
        snprintf(config, sizeof(config),
                 "{\"sns\":{\"topics\":{\"t\":{\"subscriptions\":[{%s}]}}}}",
                 cases[i].subscription);
        harness_configure(h, config);
        assert_int_equal(integrations_check(h->tasks, &call, &err).code, cases[i].code);
        assert_non_null(strstr(err.message, cases[i].words));
        harness_begin(h, call, "{}");
        net_loop_run(h->loop);
        assert_false(h->succeeded);
    }
}

static void a_cancelled_delivery_says_nothing(void **state)
{
    harness *h = *state;
    sink s;
    sink_open(&s, h);
    s.is_silent = true;
    configure_http(h, &s, "");
    integration_task *task =
        harness_begin(h, harness_service_call("sns", "publish", ""),
                      "{\"TopicArn\":\"arn:aws:sns:orders\",\"Message\":\"m\"}");
    while (!s.requests) {
        net_loop_turn(h->loop, true);
    }
    integrations_cancel(task);
    net_loop_turn(h->loop, false);
    assert_int_equal(h->finished, 0);
    net_http_server_free(s.server);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, harness_set_up, harness_tear_down)
    const struct CMUnitTest tests[] = {
        T(without_subscriptions_messages_are_kept_in_a_file),
        T(the_answer_has_aws_shape),
        T(a_bare_topic_arn_sends_the_input),
        T(http_subscribers_get_the_envelope),
        T(a_failing_endpoint_is_tried_again),
        T(an_endpoint_is_tried_three_times_and_the_message_is_kept),
        T(a_slow_endpoint_does_not_fail_the_task_and_the_message_is_kept),
        T(functions_get_records_and_files_get_lines),
        T(bad_requests_are_refused),
        T(a_bad_configuration_is_refused_by_name),
        T(a_cancelled_delivery_says_nothing),
    };
    return cmocka_run_group_tests_name("sns", tests, NULL, NULL);
}
