/* What an HTTP Task sends, what becomes of an answer, and which addresses are out of bounds;
 * without a network. */
#include "integrations/http/address.h"
#include "integrations/http/encode.h"
#include "integrations/http/request.h"
#include "integrations/http/response.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "json_values.h"

static const char config[] =
    "{\"connections\":{\"basic\":{\"AuthorizationType\":\"BASIC\",\"AuthParameters\":{"
    "\"BasicAuthParameters\":{\"Username\":\"Aladdin\",\"Password\":\"open sesame\"},"
    "\"InvocationHttpParameters\":{\"HeaderParameters\":[{\"Key\":\"X-One\",\"Value\":\"c\"}],"
    "\"QueryStringParameters\":[{\"Key\":\"q\",\"Value\":\"c c\"}],"
    "\"BodyParameters\":[{\"Key\":\"b\",\"Value\":\"c\"}]}}},"
    "\"plain\":{\"AuthorizationType\":\"API_KEY\",\"AuthParameters\":{\"ApiKeyAuthParameters\":{"
    "\"ApiKeyName\":\"X-Key\",\"ApiKeyValue\":\"v\"}}}}}";

static http_connection connection(const char *name)
{
    http_connection found = {0};
    error err;
    assert_ok(http_connections_check(value_of(config), &err), err);
    assert_ok(http_connection_read(value_of(config), str_from_c(name), &memory, &found, &err), err);
    return found;
}

static status make(const char *more, const char *connection_name, http_request *ret, error *reterr)
{
    http_request_rules rules = {.region = STR("eu-west-1")};
    http_connection with = connection(connection_name);
    str text = arena_printf(&memory,
                            "{\"ApiEndpoint\":\"https://a.example/p\",\"Method\":\"POST\","
                            "\"InvocationConfig\":{\"ConnectionArn\":\"x\"}%s%s}",
                            *more ? "," : "", more);
    return http_request_make(value_of(text.ptr), &with, STR_NONE, &rules, &memory, ret, reterr);
}

static http_request made(const char *more, const char *connection_name)
{
    http_request request = {0};
    error err;
    assert_ok(make(more, connection_name, &request, &err), err);
    return request;
}

static str header(const http_request *request, const char *name)
{
    str found = STR_NONE;
    for (size_t i = 0; i < request->header_count; i++) {
        if (str_equal_ignore_case(request->headers[i].name, str_from_c(name))) {
            assert_null(found.ptr); /* once */
            found = request->headers[i].value;
        }
    }
    return found;
}

static void test_the_connection_is_merged_and_wins(void **state)
{
    (void)state;
    http_request request = made("\"Headers\":{\"x-ONE\":\"t\",\"x-two\":\"t\"},"
                                "\"QueryParameters\":{\"q\":\"t\",\"r\":\"t\"},"
                                "\"RequestBody\":{\"b\":\"t\",\"d\":1}",
                                "basic");
    assert_str_equal(header(&request, "X-One"), "c");
    assert_str_equal(header(&request, "x-two"), "t");
    assert_str_equal(header(&request, "Authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_str_equal(header(&request, "User-Agent"), "Amazon|StepFunctions|HttpInvoke|eu-west-1");
    assert_str_equal(header(&request, "Range"), "bytes=0-262144");
    assert_str_equal(header(&request, "Content-Type"), "application/json; charset=UTF-8");
    assert_str_equal(request.url, "https://a.example/p?r=t&q=c%20c");
    assert_str_equal(request.body, "{\"b\":\"c\",\"d\":1}");
}

static void test_a_body_comes_of_the_connection_alone(void **state)
{
    (void)state;
    http_request request = made("", "basic");
    assert_str_equal(request.body, "{\"b\":\"c\"}");
    request = made("", "plain");
    assert_str_equal(request.body, "");
    assert_str_equal(header(&request, "X-Key"), "v");
}

static void test_the_users_own_agent_range_and_length_are_dropped(void **state)
{
    (void)state;
    http_request request = made("\"Headers\":{\"user-agent\":\"x\",\"RANGE\":\"x\","
                                "\"content-length\":\"999\"}",
                                "plain");
    assert_str_equal(header(&request, "Range"), "bytes=0-262144");
    assert_null(header(&request, "Content-Length").ptr);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "\"Headers\":{\"Host\":\"h\"}",
        "\"Headers\":{\"X-AMZN-any\":\"h\"}",
        "\"Headers\":{\"a b\":\"h\"}",
        "\"Headers\":{\"a\":\"h\\n\"}",
        "\"Headers\":{\"a\":{}}",
        "\"Headers\":[]",
        "\"Method\":\"TRACE\"",
        "\"Method\":\"post\"",
        "\"QueryParameters\":{\"a\":{}}",
        "\"QueryParameters\":7",
        "\"Transform\":{\"RequestBodyEncoding\":\"GZIP\"}",
        "\"Transform\":{\"RequestEncodingOptions\":{\"ArrayFormat\":\"commas\"}}",
        "\"Transform\":{\"RequestBodyEncoding\":\"URL_ENCODED\"},\"RequestBody\":[1]",
        "\"ApiEndpoint\":\"http://a.example/\"",
        "\"ApiEndpoint\":\"http://127.0.0.1.a.example/\"",
        "\"ApiEndpoint\":\"http://127.1/\"",
        "\"ApiEndpoint\":\"https://u@a.example/\"",
        "\"ApiEndpoint\":\"gopher://a.example/\"",
        "\"ApiEndpoint\":\"https://\"",
        "\"ApiEndpoint\":\"https://a.example/ b\"",
        "\"Unknown\":1",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        http_request request;
        error err;
        if (ok(make(rows[i], "plain", &request, &err))) {
            fail_msg("was taken: %s", rows[i]);
        }
    }
}

static void test_where_http_is_allowed(void **state)
{
    (void)state;
    static const char *const rows[] = {"http://localhost:1/", "http://127.0.0.2/",
                                       "http://[::1]:2/", "HTTPS://a.example",
                                       "https://[2001:db8::1]:8443/x"};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        str more = arena_printf(&memory, "\"ApiEndpoint\":\"%s\"", rows[i]);
        assert_str_equal(made(more.ptr, "plain").url, rows[i]);
    }
}

static void test_urls_keep_their_own_query_and_lose_their_fragment(void **state)
{
    (void)state;
    http_request request =
        made("\"ApiEndpoint\":\"https://a.example/\\u00e9?x=1#frag\",\"QueryParameters\":\"y=2 3\"",
             "plain");
    assert_str_equal(request.url, "https://a.example/%C3%A9?x=1&y=2%203");
}

static void test_forms(void **state)
{
    (void)state;
    static const struct {
        const char *value, *format, *expected;
    } rows[] = {
        {"{\"a\":[1,[2,{\"b\":\"c d\"}]]}", "INDICES",
         "a%5B0%5D=1&a%5B1%5D%5B0%5D=2&a%5B1%5D%5B1%5D%5Bb%5D=c%20d"},
        {"{\"a\":[1,2],\"e\":[],\"o\":{}}", "BRACKETS", "a%5B%5D=1&a%5B%5D=2"},
        {"{\"a\":[\"x,y\",2]}", "COMMAS", "a=x%2Cy,2"},
        {"{\"a\":[1,{\"b\":2}]}", "COMMAS", "a%5B0%5D=1&a%5B1%5D%5Bb%5D=2"},
        {"{\"a\":[1,{\"b\":2}]}", "REPEAT", "a=1&a%5Bb%5D=2"},
        {"{\"\\u00fc\":null,\"t\":true,\"n\":1.50}", "INDICES", "%C3%BC=&t=true&n=1.50"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        http_array_format format;
        buf out;
        assert_true(http_array_format_from_name(str_from_c(rows[i].format), &format));
        buf_init(&out, 1000);
        http_encode_form(value_of(rows[i].value), format, &out);
        assert_false(out.overflowed);
        assert_str_equal(buf_str(&out), rows[i].expected);
        buf_clean_up(&out);
    }
}

static void test_a_form_has_a_limit(void **state)
{
    (void)state;
    buf out;
    buf_init(&out, 20);
    http_encode_form(value_of("{\"a\":[1,2,3,4,5,6]}"), HTTP_ARRAY_INDICES, &out);
    assert_true(out.overflowed);
    buf_clean_up(&out);
}

static void test_connection_arns(void **state)
{
    (void)state;
    static const struct {
        const char *arn;
        bool is_found;
    } rows[] = {
        {"arn:aws:events:us-east-1:123456789012:connection/basic/0a-b", true},
        {"basic", true},
        {"arn:aws:events:us-east-1:123456789012:connection/other/0a-b", false},
        {"arn:aws:events:us-east-1:123456789012:rule/basic", false},
        {"arn:", false},
        {"", false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        http_connection found;
        status read =
            http_connection_read(value_of(config), str_from_c(rows[i].arn), &memory, &found, NULL);
        assert_int_equal(read.code, rows[i].is_found ? ERROR_NONE : ERROR_NOT_FOUND);
    }
}

static void test_secrets_are_recognised(void **state)
{
    (void)state;
    http_connection with = connection("basic");
    assert_true(http_connection_shows(&with, STR("it was 'open sesame'")));
    assert_true(http_connection_shows(&with, STR("q=c c")));
    assert_false(http_connection_shows(&with, STR("it was that")));
}

/* ---------------------------------------------------------------------------------------- answers
 */

static http_result read_answer(unsigned code, const char *type, str body)
{
    net_http_header headers[] = {{STR("Content-Type"), str_from_c(type)}};
    net_http_outcome outcome = {.status = code,
                                .reason = STR(""),
                                .headers = headers,
                                .header_count = *type ? 1 : 0,
                                .body = body};
    http_result result;
    error err;
    assert_ok(http_response_read(&outcome, &memory, &result, &err), err);
    return result;
}

static void test_bodies_are_json_by_their_type(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body, *expected;
    } rows[] = {
        {"application/json", "{\"a\":1}", "{\"a\":1}"},
        {"Application/Problem+JSON; charset=utf-8", "[1]", "[1]"},
        {"", "[1]", "[1]"},
        {"text/plain", "[1]", "\"[1]\""},
        {"application/json", "[1", "\"[1\""},
        {"application/json", "", "\"\""},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        http_result result = read_answer(200, rows[i].type, str_from_c(rows[i].body));
        assert_true(result.succeeded);
        assert_str_equal(json_text(json_get(result.output, STR("ResponseBody")), &memory),
                         rows[i].expected);
        assert_str_equal(json_str(json_get(result.output, STR("StatusText"))), "OK");
    }
}

static void test_answers_that_are_errors(void **state)
{
    (void)state;
    http_result result = read_answer(404, "application/json", STR("{\"why\":1}"));
    assert_str_equal(result.error, "States.Http.StatusCode.404");
    assert_str_equal(result.cause, "Not Found");
    assert_str_equal(read_answer(200, "image/png", STR("x")).error, "States.Runtime");
    assert_str_equal(read_answer(200, "application/octet-stream; x", STR("x")).error,
                     "States.Runtime");
    assert_str_equal(read_answer(200, "text/plain", STR("\xff")).error, "States.Runtime");
    assert_str_equal(read_answer(304, "", STR("")).error, "States.Http.StatusCode.304");
}

/* -------------------------------------------------------------------------------------- addresses
 */

static bool is_guarded(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        return http_address_is_guarded((struct sockaddr *)&in);
    }
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return http_address_is_guarded((struct sockaddr *)&in6);
}

static void test_addresses_out_of_bounds(void **state)
{
    (void)state;
    static const char *const guarded[] = {
        "169.254.169.254",
        "169.254.0.1",
        "169.254.170.2",
        "fe80::1",
        "febf::1",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "::a9fe:a9fe",
        "0.0.0.0",
        "::",
        "100.100.100.200",
        "168.63.129.16",
        "fd20:ce::254",
        "::ffff:0.0.0.0",
    };
    static const char *const open[] = {
        "127.0.0.1",        "10.0.0.1",         "192.168.1.1", "169.253.255.255", "::1",
        "fd00:ec3::254",    "::ffff:127.0.0.1", "2001:db8::1", "100.100.100.201", "8.8.8.8",
        "64:ff9b::808:808",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(guarded); i++) {
        if (!is_guarded(guarded[i])) {
            fail_msg("%s may be reached", guarded[i]);
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(open); i++) {
        if (is_guarded(open[i])) {
            fail_msg("%s may not be reached", open[i]);
        }
    }
    struct sockaddr other = {.sa_family = AF_UNIX};
    assert_true(http_address_is_guarded(&other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_connection_is_merged_and_wins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_body_comes_of_the_connection_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_users_own_agent_range_and_length_are_dropped,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_where_http_is_allowed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_urls_keep_their_own_query_and_lose_their_fragment,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_forms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_form_has_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_connection_arns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_secrets_are_recognised, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bodies_are_json_by_their_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_answers_that_are_errors, set_up, tear_down),
        cmocka_unit_test(test_addresses_out_of_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
