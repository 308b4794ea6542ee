/* What API Gateway and Kubernetes are sent, what is read of EventBridge's connections and of a
 * job's logs; without a network. */
#include "integrations/http/api_gateway.h"
#include "integrations/http/remote.h"
#include "integrations/kubernetes/cluster.h"
#include "integrations/kubernetes/logs.h"

#include "json_values.h"

static void assert_text(json value, const char *text)
{
    assert_str_equal(json_text(value, &memory), text);
}

/* ------------------------------------------------------------------------------------ presigning
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html: its example. */

static void presigns_the_example_of_s3(void **state)
{
    const net_http_header host = {STR("Host"), STR("examplebucket.s3.amazonaws.com")};
    aws_signed_request request = {.method = STR("GET"),
                                  .path = STR("/test.txt"),
                                  .query = STR(""),
                                  .body = STR(""),
                                  .headers = &host,
                                  .header_count = 1,
                                  .is_path_kept = true,
                                  .payload_digest = STR("UNSIGNED-PAYLOAD")};
    aws_signer signer = {.access_key_id = STR("AKIAIOSFODNN7EXAMPLE"),
                         .secret_access_key = STR("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                         .region = STR("us-east-1"),
                         .service = STR("s3"),
                         .now_ms = 1369353600000};
    str query;
    error err;
    (void)state;
    assert_ok(aws_presign(&request, &signer, 86400, &memory, &query, &err), err);
    assert_str_equal(
        query, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524"
               "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
               "X-Amz-SignedHeaders=host&X-Amz-Signature="
               "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

static void a_secret_that_cannot_sign_makes_no_token(void **state)
{
    aws_signer signer = {.access_key_id = STR("A"), .region = STR("r"), .service = STR("sts")};
    str token;
    error err;
    (void)state;
    assert_int_equal(
        kubernetes_token(STR("c"), STR("sts.example"), &signer, &memory, &token, &err).code,
        ERROR_LIMIT);
}

/* ------------------------------------------------------------------------------------ API Gateway
 */

static status read_api(const char *more, const char *config, api_gateway_request *ret, error *err)
{
    str text =
        arena_printf(&memory,
                     "{\"ApiEndpoint\":\"abc.execute-api.eu-west-1.amazonaws.com\",\"Method\":"
                     "\"POST\"%s}",
                     more);
    return api_gateway_read(value_of(text.ptr), config ? value_of(config) : (json){0}, &memory, ret,
                            err);
}

static void an_api_is_found_by_host_stage_and_path(void **state)
{
    static const struct {
        const char *more, *config, *url;
    } rows[] = {
        {"", NULL, "https://abc.execute-api.eu-west-1.amazonaws.com/"},
        {",\"Stage\":\"prod\"", NULL, "https://abc.execute-api.eu-west-1.amazonaws.com/prod"},
        {",\"Stage\":\"/prod/\",\"Path\":\"/a b/c?\"", NULL,
         "https://abc.execute-api.eu-west-1.amazonaws.com/prod/a%20b/c%3F"},
        {",\"Path\":\"a/%20\"", "{\"apigateway\":{\"apis\":{\"abc\":\"http://127.0.0.1:1/x/\"}}}",
         "http://127.0.0.1:1/x/a/%20"},
        {"", "{\"apigateway\":{\"apis\":{\"abd\":\"http://127.0.0.1:1\"}}}",
         "https://abc.execute-api.eu-west-1.amazonaws.com/"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        api_gateway_request request;
        error err;
        assert_ok(read_api(rows[i].more, rows[i].config, &request, &err), err);
        assert_str_equal(json_str(json_get(request.parameters, STR("ApiEndpoint"))), rows[i].url);
        assert_str_equal(request.region, "eu-west-1");
        assert_false(request.is_signed);
    }
}

static void nulls_are_left_out_at_every_depth(void **state)
{
    api_gateway_request request;
    error err;
    (void)state;
    const char *body = ",\"RequestBody\":{\"a\":null,\"b\":[null,{\"c\":null}]}";
    assert_ok(read_api(body, NULL, &request, &err), err);
    assert_text(json_get(request.parameters, STR("RequestBody")), "{\"b\":[null,{}]}");
    body = ",\"AllowNullValues\":true,\"RequestBody\":{\"a\":null}";
    assert_ok(read_api(body, NULL, &request, &err), err);
    assert_text(json_get(request.parameters, STR("RequestBody")), "{\"a\":null}");
}

static void what_no_api_takes_is_refused(void **state)
{
    static const char *const rows[] = {",\"AuthType\":\"IAM_AUTH\"", ",\"Transform\":{}",
                                       ",\"Headers\":[]", ",\"AllowNullValues\":1",
                                       ",\"QueryParameters\":\"a=b\""};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        api_gateway_request request;
        error err;
        assert_false(ok(read_api(rows[i], NULL, &request, &err)));
    }
    error err;
    assert_false(ok(api_gateway_config_check(value_of("{\"apigateway\":{\"apis\":[]}}"), &err)));
    assert_false(
        ok(api_gateway_config_check(value_of("{\"apigateway\":{\"apis\":{\"a\":\"b\"}}}"), &err)));
    assert_true(ok(api_gateway_config_check(value_of("{}"), &err)));
}

/* ------------------------------------------------------------------------------------ connections
 */

static void a_connection_is_read_however_its_secret_is_spelled(void **state)
{
    static const struct {
        const char *described, *secret;
    } rows[] = {
        {"{\"AuthorizationType\":\"BASIC\",\"AuthParameters\":{\"BasicAuthParameters\":"
         "{\"Username\":\"u\"}}}",
         "{\"password\":\"p\"}"},
        {"{\"AuthorizationType\":\"BASIC\"}",
         "{\"basic_auth_parameters\":{\"username\":\"u\",\"password\":\"p\"}}"},
        {"{\"AuthorizationType\":\"BASIC\"}", "{\"Username\":\"u\",\"PASSWORD\":\"p\"}"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        json config;
        http_connection connection;
        error err;
        assert_ok(http_remote_read(STR("n"), value_of(rows[i].described), value_of(rows[i].secret),
                                   &memory, &config, &err),
                  err);
        assert_ok(http_connection_read(config, STR("n"), &memory, &connection, &err), err);
        assert_str_equal(connection.user, "u");
        assert_str_equal(connection.secret, "p");
    }
}

static void a_connection_that_is_not_complete_is_refused(void **state)
{
    static const struct {
        const char *described, *secret;
    } rows[] = {
        {"{\"AuthorizationType\":\"BASIC\"}", "{\"username\":\"s3cret\"}"},
        {"{\"AuthorizationType\":\"BASIC\"}",
         "{\"username\":\"s3cret\",\"password\":{\"file\":\"/etc/passwd\"}}"},
        {"{\"AuthorizationType\":\"OTHER\"}", "{\"username\":\"s3cret\"}"},
        {"{\"AuthorizationType\":\"API_KEY\"}", "[\"s3cret\"]"},
        {"{}", "null"},
        {"{\"AuthorizationType\":\"OAUTH_CLIENT_CREDENTIALS\"}",
         "{\"client_id\":\"a\",\"client_secret\":\"s3cret\",\"authorization_endpoint\":\"\","
         "\"http_method\":\"PATCH\"}"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        json config;
        error err = {0};
        assert_int_equal(http_remote_read(STR("n"), value_of(rows[i].described),
                                          value_of(rows[i].secret), &memory, &config, &err)
                             .code,
                         ERROR_INVALID);
        assert_null(strstr(err.message, "s3cret"));
    }
}

/* ------------------------------------------------------------------------------------------- logs
 */

static void logs_are_told_by_pod_and_container(void **state)
{
    kubernetes_logs logs;
    json told, query;
    str path;
    error err;
    (void)state;
    assert_ok(kubernetes_logs_read(value_of("{\"RetrieveLogs\":true,\"LogParameters\":"
                                            "{\"tailLines\":[\"6\"]}}"),
                                   &logs, &err),
              err);
    json pods = value_of("{\"items\":[{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":["
                         "{\"name\":\"a\"},{\"name\":\"../b\"},{\"name\":\"c\"}]}},"
                         "{\"metadata\":{},\"spec\":{\"containers\":[{\"name\":\"d\"}]}}]}");
    assert_ok(kubernetes_logs_list(&logs, pods, &memory, &err), err);
    assert_int_equal(logs.count, 2); /* what is no name of Kubernetes' is in no path */
    assert_ok(kubernetes_logs_request(&logs, STR("n"), &memory, &path, &query, &err), err);
    assert_str_equal(path, "/api/v1/namespaces/n/pods/p/log");
    assert_text(query, "{\"tailLines\":[\"6\"],\"container\":\"a\"}");
    net_http_outcome outcome = {.status = 200, .body = STR("[1]"), .reason = STR("OK")};
    assert_ok(kubernetes_logs_add(&logs, &outcome, &memory, &err), err);
    outcome.body = STR("\xff");
    assert_ok(kubernetes_logs_add(&logs, &outcome, &memory, &err), err);
    assert_false(kubernetes_logs_is_one_left(&logs));
    assert_ok(kubernetes_logs_result(&logs, &memory, &told, &err), err);
    assert_text(told, "{\"pods\":{\"p\":{\"containers\":{\"a\":{\"log\":[1]},\"c\":{\"error\":"
                      "\"EKS.InvalidLog\",\"cause\":\"The log is not UTF-8\"}}}}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(presigns_the_example_of_s3, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_secret_that_cannot_sign_makes_no_token, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_api_is_found_by_host_stage_and_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nulls_are_left_out_at_every_depth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_no_api_takes_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_connection_is_read_however_its_secret_is_spelled, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_connection_that_is_not_complete_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(logs_are_told_by_pod_and_container, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
