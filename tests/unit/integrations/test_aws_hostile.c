/* Services, or whoever answers in their place, that say anything: each call ends once, with an
 * outcome that is text, holds no secret, and was sent nowhere else. A thread plays the server, byte
 * by byte, one answer a connection. */
#include "integrations/aws/client.h"

#include "base/timetext.h"
#include "base/utf8.h"
#include "integrations/aws/refusals.h"
#include "integrations/aws/wire.h"
#include "net/http_client.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#ifdef GAIT_AWS_MODELS_FILE

#define REQUESTS_MAX 8
#define REQUEST_BYTES_MAX 4096
#define BLOCK_BYTES 65536
#define SAID_BYTES_MAX (100u << 20) /* an answer without an end has one, should all be wanted */

/* What is said, then `piece` again and again, then the connection is closed. */
typedef struct script {
    const char *head;
    size_t head_length; /* 0: up to the NUL */
    const char *piece;  /* NULL: none */
    bool is_silent;     /* says nothing until the client goes away */
} script;

typedef struct fixture {
    net_loop *loop;
    net_http_client *http;
    aws_client *client;
    arena memory;
    /* the server */
    int listener;
    pthread_t thread;
    const script *scripts;
    size_t script_count;
    char requests[REQUESTS_MAX][REQUEST_BYTES_MAX];
    size_t request_count;
    /* the outcome */
    int told;
    aws_outcome_kind kind;
    unsigned attempts;
    char error_name[128], cause[2048], output[4096];
} fixture;

/* ----------------------------------------------------------------------------------------- server
 */

static size_t content_length(const char *text)
{
    const char *found = strstr(text, "Content-Length: ");
    return found ? strtoul(found + strlen("Content-Length: "), NULL, 10) : 0;
}

/* A request to its end, as much of it as there is room for. */
static void read_request(int connection, char *out)
{
    size_t used = 0;
    const char *body = NULL;
    while (used < REQUEST_BYTES_MAX - 1) {
        ssize_t got = read(connection, out + used, REQUEST_BYTES_MAX - 1 - used);
        if (got <= 0) {
            break;
        }
        used += (size_t)got;
        out[used] = '\0';
        body = strstr(out, "\r\n\r\n");
        if (body && used - (size_t)(body + 4 - out) >= content_length(out)) {
            break;
        }
    }
}

static bool send_all(int connection, const char *text, size_t length)
{
    while (length) {
        ssize_t sent = send(connection, text, length, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        text += sent;
        length -= (size_t)sent;
    }
    return true;
}

static void say(int connection, const script *s)
{
    char rest[64];
    if (s->is_silent) {
        (void)!read(connection, rest, sizeof(rest));
        return;
    }
    bool is_heard =
        send_all(connection, s->head, s->head_length ? s->head_length : strlen(s->head));
    size_t length = s->piece ? strlen(s->piece) : 0, count = length ? BLOCK_BYTES / length : 0;
    char *block = malloc(BLOCK_BYTES);
    for (size_t i = 0; i < count; i++) {
        memcpy(block + i * length, s->piece, length);
    }
    for (size_t said = 0; is_heard && count && said < SAID_BYTES_MAX; said += count * length) {
        is_heard = send_all(connection, block, count * length);
    }
    free(block);
}

static void *serve(void *user)
{
    fixture *f = user;
    for (;;) {
        int connection = accept(f->listener, NULL, NULL);
        if (connection < 0) {
            return NULL;
        }
        size_t index = f->request_count++;
        if (index < REQUESTS_MAX) {
            read_request(connection, f->requests[index]);
            say(connection, &f->scripts[MIN_OF(index, f->script_count - 1)]);
        }
        close(connection);
    }
}

/* ---------------------------------------------------------------------------------------- fixture
 */

static const char *const keys[] = {"AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=key-secret",
                                   "AWS_SESSION_TOKEN=token-secret", NULL};

static void start(fixture *f, const char *const *environment, const script *scripts, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    char config[128];
    error err;
    json settings;
    f->scripts = scripts;
    f->script_count = count;
    f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(f->listener >= 0);
    assert_int_equal(bind(f->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(f->listener, 16), 0);
    assert_int_equal(getsockname(f->listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(pthread_create(&f->thread, NULL, serve, f), 0);
    snprintf(config, sizeof(config),
             "{\"endpoint\": \"http://127.0.0.1:%u\", \"timeoutSeconds\": 20}",
             ntohs(address.sin_port));
    assert_ok(json_parse_into(str_from_c(config), &f->memory, &settings, &err), err);
    aws_client_options options = {.loop = f->loop,
                                  .http = f->http,
                                  .config = settings,
                                  .region = STR("eu-west-1"),
                                  .environment = environment,
                                  .models_path = STR(GAIT_AWS_MODELS_FILE)};
    assert_ok(aws_client_new(&options, &f->client, &err), err);
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    error err;
    arena_init(&f->memory, 0);
    assert_ok(net_loop_new(&f->loop, &err), err);
    assert_ok(net_http_client_new(f->loop, &f->http, &err), err);
    f->listener = -1;
    *state = f;
    return 0;
}

/* The connections first, or the thread would wait for what comes over them. */
static int tear_down(void **state)
{
    fixture *f = *state;
    aws_client_free(f->client);
    net_http_client_free(f->http);
    if (f->listener >= 0) {
        shutdown(f->listener, SHUT_RDWR);
        pthread_join(f->thread, NULL);
        close(f->listener);
    }
    net_loop_free(f->loop);
    arena_clean_up(&f->memory);
    free(f);
    return 0;
}

static void copy_text(char *out, size_t size, str text)
{
    assert_int_equal(utf8_check(text), text.len);
    snprintf(out, size, "%.*s", STR_ARG(text));
}

static void on_outcome(void *user, const aws_outcome *outcome)
{
    fixture *f = user;
    f->told++;
    f->kind = outcome->kind;
    f->attempts = outcome->attempts;
    copy_text(f->error_name, sizeof(f->error_name), outcome->error_name);
    copy_text(f->output, sizeof(f->output), json_text(outcome->output, &f->memory));
    if (outcome->kind != AWS_SUCCEEDED) {
        copy_text(f->cause, sizeof(f->cause), aws_outcome_cause(outcome, &f->memory));
    }
    net_loop_stop(f->loop);
}

static void call_with_key(fixture *f, const char *service, const char *action,
                          const char *parameters, const char *key)
{
    aws_client_call *call;
    error err;
    json value;
    assert_ok(json_parse_into(str_from_c(parameters), &f->memory, &value, &err), err);
    aws_client_request request = {.service = str_from_c(service),
                                  .action = str_from_c(action),
                                  .parameters = value,
                                  .key = str_from_c(key)};
    f->told = 0;
    f->cause[0] = '\0';
    assert_ok(aws_client_call_start(f->client, &request, on_outcome, f, &call, &err), err);
    assert_int_equal(f->told, 0);
    net_loop_run(f->loop);
    assert_int_equal(f->told, 1);
    assert_null(strstr(f->cause, "-secret"));
}

static void call(fixture *f, const char *service, const char *action, const char *parameters)
{
    call_with_key(f, service, action, parameters, NULL);
}

/* One call of dynamodb:listTables against one script. */
static void assert_outcome(const script *said, aws_outcome_kind kind, unsigned attempts,
                           const char *words)
{
    void *state;
    assert_int_equal(set_up(&state), 0);
    fixture *f = state;
    start(f, keys, said, 1);
    call(f, "dynamodb", "listTables", "{}");
    assert_int_equal(f->kind, kind);
    assert_int_equal(f->attempts, attempts);
    assert_int_equal(f->request_count, attempts);
    if (!strstr(f->cause, words)) {
        print_error("'%s' is not in: %s\n", words, f->cause);
        fail();
    }
    assert_int_equal(tear_down(&state), 0);
}

/* --------------------------------------------------------------------------------------------
 * tests
 */

/* Whoever redirects would be given a signed request, and its answer. */
static void follows_no_redirect(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 307 Temporary\r\nLocation: //evil.example/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 308 Permanent\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(heads); i++) {
        script said = {.head = heads[i]};
        assert_outcome(&said, AWS_FAILED_BY_SERVICE, 1, "Status Code: 30");
    }
}

static void ends_answers_that_do_not_end(void **state)
{
    (void)state;
    static const script endless[] = {
        {.head = "HTTP/1.1 200 OK\r\n\r\n{\"TableNames\":[\"", .piece = "aaaaaaaaaaaaaaaaaaaaaaaa"},
        {.head = "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", .piece = "[[[[[[[[[[[[[["},
        {.head = "HTTP/1.1 200 OK\r\n",
         .piece = "X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"},
        {.head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .piece = "1\r\na\r\n"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(endless); i++) {
        assert_outcome(&endless[i], AWS_FAILED_ON_THE_WAY, 1,
                       "the response is longer than allowed (SDK Attempt Count: 1)");
    }
    static const script promises = {.piece = "HTTP/1.1 100 Continue\r\n\r\n", .head = ""};
    void *own;
    assert_int_equal(set_up(&own), 0);
    start(own, keys, &promises, 1);
    call(own, "dynamodb", "listTables", "{}");
    assert_int_equal(((fixture *)own)->kind, AWS_FAILED_ON_THE_WAY); /* libcurl's own limit */
    assert_int_equal(tear_down(&own), 0);
}

static void says_how_connections_break(void **state)
{
    (void)state;
    static const script cut = {.head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Table"};
    static const script nothing = {.head = ""};
    static const script other = {.head = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"};
    assert_outcome(&cut, AWS_FAILED_ON_THE_WAY, 3,
                   "Unable to execute HTTP request: Connection reset (SDK Attempt Count: 3)");
    assert_outcome(&nothing, AWS_FAILED_ON_THE_WAY, 3, "The target server failed to respond");
    assert_outcome(&other, AWS_FAILED_ON_THE_WAY, 1, "Unable to execute HTTP request: ");
}

static void refuses_answers_that_are_none(void **state)
{
    (void)state;
    static const char *const bodies[] = {"no JSON",  "[]", "{\"TableNames\": 7}",
                                         "\xff\xfe", "{",  "{\"TableNames\": [\"\xc3\x28\"]}"};
    for (size_t i = 0; i < ARRAY_LENGTH(bodies); i++) {
        char text[256];
        script said = {.head = text};
        snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
                 strlen(bodies[i]), bodies[i]);
        assert_outcome(&said, AWS_FAILED_ON_THE_WAY, 1, "Unable to unmarshall response (");
    }
}

/* Bytes that are no text come through as U+FFFD. */
static void makes_text_of_what_is_none(void **state)
{
    (void)state;
    static const script said = {
        .head = "HTTP/1.1 400 Bad\r\nx-amzn-RequestId: \xff\x01\xfe\r\nx-amzn-errortype: "
                "\xc3\x28\r\nContent-Length: 7\r\n\r\n\xff\xff\xff\xff\xff\xff\xff"};
    assert_outcome(&said, AWS_FAILED_BY_SERVICE, 1, "Request ID: \xef\xbf\xbd\x01\xef\xbf\xbd");
}

static void reads_no_xml_that_nests_or_declares(void **state)
{
    fixture *f = *state;
    char deep[8192] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    for (int i = 0; i < 1000; i++) {
        memcpy(deep + strlen(deep), "<a><b>", sizeof("<a><b>"));
    }
    const script scripts[] = {
        {.head = deep},
        {.head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<!DOCTYPE a [<!ENTITY b \"c\">]>"
                 "<a>&b;</a>"},
        {.head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<ListTopicsResponse>"},
    };
    static const char *const words[] = {"nests deeper than", "has a DOCTYPE", "not well-formed"};
    start(f, keys, scripts, ARRAY_LENGTH(scripts));
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        call(f, "sns", "listTopics", "{}");
        assert_int_equal(f->kind, AWS_FAILED_ON_THE_WAY);
        assert_string_equal(f->error_name, "Sns.SdkClientException");
        assert_non_null(strstr(f->cause, words[i]));
    }
}

/* Text that comes in millions of pieces takes no more than some times its length. */
static void reads_long_text_of_short_lines(void **state)
{
    fixture *f = *state;
    size_t lines = 5000000;
    static const char head[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<ListTopicsResponse>"
                               "<ListTopicsResult><NextToken>";
    static const char tail[] = "</NextToken></ListTopicsResult></ListTopicsResponse>";
    char *text = malloc(sizeof(head) + lines + sizeof(tail));
    memcpy(text, head, strlen(head));
    memset(text + strlen(head), '\n', lines);
    memcpy(text + strlen(head) + lines, tail, sizeof(tail));
    const script said = {.head = text};
    start(f, keys, &said, 1);
    call(f, "sns", "listTopics", "{}");
    assert_int_equal(f->kind, AWS_SUCCEEDED);
    free(text);
}

static void ends_calls_that_nobody_answers(void **state)
{
    fixture *f = *state;
    static const script said = {.is_silent = true};
    static const char *const once[] = {"AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=key-secret",
                                       "AWS_MAX_ATTEMPTS=1", NULL};
    aws_client_call *waiting;
    error err;
    start(f, once, &said, 1);
    aws_client_request request = {.service = STR("dynamodb"),
                                  .action = STR("listTables"),
                                  .parameters = json_empty_object(),
                                  .timeout_ms = 1500};
    assert_ok(aws_client_call_start(f->client, &request, on_outcome, f, &waiting, &err), err);
    net_loop_run(f->loop);
    assert_int_equal(f->kind, AWS_FAILED_ON_THE_WAY);
    assert_int_equal(f->attempts, 1);
    assert_string_equal(f->error_name, "DynamoDb.SdkClientException");
    /* On a very slow machine, the time may be over before anything is sent. */
    assert_true(strstr(f->cause, "Unable to execute HTTP request: Read timed out") ||
                strstr(f->cause, "failed: connect timed out"));
}

/* ------------------------------------------------------------------------------------------ clock
 */

#define REFUSED(code, date)                                                                        \
    "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nDate: " date "\r\nx-amzn-errortype: " code     \
    "\r\n\r\n{}"
#define ANSWERED                                                                                   \
    "HTTP/1.1 200 OK\r\nConnection: close\r\nDate: Tue, 03 Feb 2032 04:05:06 GMT\r\n\r\n"          \
    "{\"TableNames\":[]}"

static void assert_signed_on(const char *request, const char *day)
{
    const char *found = strstr(request, "X-Amz-Date: ");
    assert_non_null(found);
    assert_memory_equal(found + strlen("X-Amz-Date: "), day, strlen(day));
}

static void sets_its_clock_by_the_services(void **state)
{
    fixture *f = *state;
    static const script scripts[] = {
        {.head = REFUSED("InvalidSignatureException", "Tue, 03 Feb 2032 04:05:06 GMT")},
        {.head = ANSWERED},
        {.head = ANSWERED},
    };
    start(f, keys, scripts, ARRAY_LENGTH(scripts));
    call(f, "dynamodb", "listTables", "{}");
    assert_int_equal(f->kind, AWS_SUCCEEDED);
    assert_int_equal(f->attempts, 2);
    assert_signed_on(f->requests[1], "20320203T");
    call(f, "dynamodb", "listTables", "{}"); /* and keeps it so */
    assert_int_equal(f->attempts, 1);
    assert_signed_on(f->requests[2], "20320203T");
}

static void sets_its_clock_only_once(void **state)
{
    fixture *f = *state;
    static const script scripts[] = {
        {.head = REFUSED("RequestTimeTooSkewed", "Tue, 03 Feb 2032 04:05:06 GMT")},
        {.head = REFUSED("RequestTimeTooSkewed", "Wed, 03 Feb 2038 04:05:06 GMT")},
    };
    start(f, keys, scripts, ARRAY_LENGTH(scripts));
    call(f, "dynamodb", "listTables", "{}");
    assert_int_equal(f->kind, AWS_FAILED_BY_SERVICE);
    assert_int_equal(f->attempts, 2);
}

/* A key that is wrong stays wrong, and a date that is none sets no clock. */
static void leaves_its_clock_where_it_is_right(void **state)
{
    (void)state;
    char now[WIRE_TIME_SIZE], text[512];
    net_loop *loop;
    error err;
    assert_ok(net_loop_new(&loop, &err), err);
    wire_time_rfc822(net_loop_clock_ms(loop), now);
    net_loop_free(loop);
    const char *const dates[] = {now, "yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "9e99",
                                 "Fri, 01 Jan 9999 00:00:00 GMT"};
    for (size_t i = 0; i < ARRAY_LENGTH(dates); i++) {
        script said = {.head = text};
        snprintf(text, sizeof(text), REFUSED("InvalidSignatureException", "%s"), dates[i]);
        assert_outcome(&said, AWS_FAILED_BY_SERVICE, 1, "Status Code: 403");
    }
    static const script other = {
        .head = REFUSED("AccessDeniedException", "Tue, 03 Feb 2032 04:05:06 GMT")};
    assert_outcome(&other, AWS_FAILED_BY_SERVICE, 1, "Status Code: 403");
}

/* ----------------------------------------------------------------------------------------- again
 */

static const char *token_of(const char *request)
{
    const char *found = strstr(request, "\"ClientRequestToken\":\"");
    assert_non_null(found);
    return found + strlen("\"ClientRequestToken\":\"");
}

#define TOKEN_CHARS 36

/* A service that has done what was asked, but whose answer was lost, knows the second request by
 * its token; so does one that is asked again after a crash, by the same task. */
static void repeats_its_tokens(void **state)
{
    fixture *f = *state;
    static const char params[] =
        "{\"TransactItems\": [{\"Delete\": {\"TableName\": \"t\", \"Key\": "
        "{\"id\": {\"S\": \"1\"}}}}]}";
    static const script said = {
        .head = "HTTP/1.1 500 Oh\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"};
    start(f, keys, &said, 1);
    call_with_key(f, "dynamodb", "transactWriteItems", params, "task-1");
    assert_int_equal(f->attempts, 3);
    call_with_key(f, "dynamodb", "transactWriteItems", params, "task-1");
    call_with_key(f, "dynamodb", "transactWriteItems", params, "task-2");
    assert_true(f->request_count >= 7);
    for (size_t i = 1; i < 6; i++) {
        assert_memory_equal(token_of(f->requests[i]), token_of(f->requests[0]), TOKEN_CHARS);
    }
    assert_memory_not_equal(token_of(f->requests[6]), token_of(f->requests[0]), TOKEN_CHARS);
}

static void sends_as_often_as_is_configured(void **state)
{
    static const struct {
        const char *variable;
        unsigned attempts;
        const char *words;
    } cases[] = {
        {"AWS_MAX_ATTEMPTS=1", 1, "Status Code: 500"},
        {"AWS_MAX_ATTEMPTS=2", 2, "Status Code: 500"},
        {"AWS_RETRY_MODE=adaptive", 3, "Status Code: 500"},
        {"AWS_MAX_ATTEMPTS=0", 0, "AWS_MAX_ATTEMPTS is '0', which is no whole number from 1"},
        {"AWS_MAX_ATTEMPTS=1e9", 0, "AWS_MAX_ATTEMPTS is '1e9'"},
        {"AWS_RETRY_MODE=\xff never", 0, "must be standard, adaptive or legacy"},
        {"AWS_CA_BUNDLE=/nowhere/at/all", 0, "AWS_CA_BUNDLE: /nowhere/at/all: No such file"},
        {"AWS_CA_BUNDLE=/dev/null", 0, "AWS_CA_BUNDLE: /dev/null: it is no file"},
    };
    static const script said = {
        .head = "HTTP/1.1 500 Oh\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_int_equal(set_up(state), 0);
        fixture *f = *state;
        const char *const environment[] = {keys[0], keys[1], cases[i].variable, NULL};
        start(f, environment, &said, 1);
        call(f, "dynamodb", "listTables", "{}");
        assert_int_equal(f->attempts, cases[i].attempts);
        assert_non_null(strstr(f->cause, cases[i].words));
        assert_int_equal(tear_down(state), 0);
    }
}

/* -------------------------------------------------------------------------------- not supported */

/* Other signatures, other hosts: what would be sent without them is wrong, so nothing is. */
static void refuses_s3_express_by_name(void **state)
{
    static const struct {
        const char *action, *parameters, *words;
    } cases[] = {
        {"getObject", "{\"Bucket\": \"data--usw2-az1--x-s3\", \"Key\": \"k\"}",
         "'data--usw2-az1--x-s3' is a directory bucket of S3 Express One Zone"},
        {"putObject", "{\"Bucket\": \"data--usw2-az1--x-s3\", \"Key\": \"k\", \"Body\": \"b\"}",
         "directory bucket"},
        {"createBucket", "{\"Bucket\": \"data--usw2-az1--x-s3\"}", "directory bucket"},
        {"getObject", "{\"Bucket\": \"ap--usw2-az1--xa-s3\", \"Key\": \"k\"}",
         "access point of a directory bucket"},
        {"getObject", "{\"Bucket\": \"ap-123--op-s3\", \"Key\": \"k\"}", "S3 on Outposts"},
        {"createSession", "{\"Bucket\": \"data\"}",
         "aws-sdk:s3:createSession is not supported: it is of S3 Express"},
        {"listDirectoryBuckets", "{}", "aws-sdk:s3:listDirectoryBuckets is not supported"},
    };
    static const script said = {.head = ""};
    fixture *f = *state;
    start(f, keys, &said, 1);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        call(f, "s3", cases[i].action, cases[i].parameters);
        assert_int_equal(f->kind, AWS_FAILED_PARAMETERS);
        assert_non_null(strstr(f->cause, cases[i].words));
    }
    assert_int_equal(f->request_count, 0);
}

/* At AWS alone: nothing would be known of them at the endpoint that the models name. */
static void refuses_other_signatures_by_name(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *service, *action, *parameters, *words; /* NULL: nothing is refused */
    } cases[] = {
        {"eventbridge", "putEvents", "{\"Entries\": [], \"EndpointId\": \"abc.veo\"}",
         "aws-sdk:eventbridge:putEvents with EndpointId is not supported: global endpoints"},
        {"eventbridge", "putEvents", "{\"Entries\": []}", NULL},
        {"sesv2", "sendEmail", "{\"Content\": {}, \"EndpointId\": \"abc\"}", "SigV4a"},
        {"cloudfrontkeyvaluestore", "listKeys", "{\"KvsARN\": \"arn\"}", "SigV4a"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        error err;
        json parameters;
        aws_models *models;
        aws_operation operation;
        aws_target target = {.kind = AWS_TARGET_AWS};
        aws_request request = {0};
        assert_ok(aws_models_open(STR(GAIT_AWS_MODELS_FILE), &models, &err), err);
        assert_ok(json_parse_into(str_from_c(cases[i].parameters), &f->memory, &parameters, &err),
                  err);
        assert_ok(aws_models_find(models, str_from_c(cases[i].service), str_from_c(cases[i].action),
                                  &operation, &err),
                  err);
        status said = aws_request_refuse(operation, parameters, &request, &target, &err);
        assert_int_equal(said.code, cases[i].words ? ERROR_UNSUPPORTED : ERROR_NONE);
        assert_true(!cases[i].words || strstr(err.message, cases[i].words));
        target.kind = AWS_TARGET_CONFIGURED; /* an emulator may do what it likes */
        assert_ok(aws_request_refuse(operation, parameters, &request, &target, &err), err);
        aws_models_close(models);
    }
}

int main(void)
{
#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_no_redirect),
        cmocka_unit_test(ends_answers_that_do_not_end),
        cmocka_unit_test(says_how_connections_break),
        cmocka_unit_test(refuses_answers_that_are_none),
        cmocka_unit_test(makes_text_of_what_is_none),
        WITH_SERVER(reads_no_xml_that_nests_or_declares),
        WITH_SERVER(reads_long_text_of_short_lines),
        WITH_SERVER(ends_calls_that_nobody_answers),
        WITH_SERVER(sets_its_clock_by_the_services),
        WITH_SERVER(sets_its_clock_only_once),
        cmocka_unit_test(leaves_its_clock_where_it_is_right),
        WITH_SERVER(repeats_its_tokens),
        cmocka_unit_test(sends_as_often_as_is_configured),
        WITH_SERVER(refuses_s3_express_by_name),
        WITH_SERVER(refuses_other_signatures_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    return 0;
}

#endif
