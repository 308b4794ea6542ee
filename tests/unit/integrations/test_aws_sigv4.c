/* Signing: the signatures that AWS's documents give for their examples, and what is signed. The
 * computation itself is held to AWS's test suite by tests/unit/api/test_sigv4.c. */
#include "integrations/aws/canonical.h"
#include "integrations/aws/sigv4.h"

#include <string.h>

#include "unit.h"

#define MIDNIGHT_MS 1369353600000 /* 2013-05-24T00:00:00Z */
#define NOON_MS 1440938160000     /* 2015-08-30T12:36:00Z */

static const aws_signer s3_signer = {
    .access_key_id = {"AKIAIOSFODNN7EXAMPLE", 20},
    .secret_access_key = {"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 40},
    .region = {"us-east-1", 9},
    .service = {"s3", 2},
    .now_ms = MIDNIGHT_MS,
    .has_digest_header = true,
};

static const aws_signer plain_signer = {
    .access_key_id = {"AKIDEXAMPLE", 11},
    .secret_access_key = {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40},
    .region = {"us-east-1", 9},
    .service = {"service", 7},
    .now_ms = NOON_MS,
};

static str find(const net_http_header *headers, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(headers[i].name, str_from_c(name))) {
            return headers[i].value;
        }
    }
    return STR_NONE;
}

static void assert_signed(const aws_signed_request *request, const aws_signer *signer,
                          const char *authorization)
{
    arena a;
    net_http_header added[AWS_SIGNATURE_HEADERS_MAX];
    size_t count;
    error err;
    arena_init(&a, 0);
    assert_ok(aws_sign(request, signer, &a, added, &count, &err), err);
    assert_str_equal(find(added, count, "Authorization"), authorization);
    arena_clean_up(&a);
}

/* https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html: its four examples.
 */
static void signs_the_examples_of_s3(void **state)
{
    (void)state;
    const net_http_header host = {STR("Host"), STR("examplebucket.s3.amazonaws.com")};
    const net_http_header get[] = {host, {STR("Range"), STR("bytes=0-9")}};
    const net_http_header put[] = {host,
                                   {STR("Date"), STR("Fri, 24 May 2013 00:00:00 GMT")},
                                   {STR("x-amz-storage-class"), STR("REDUCED_REDUNDANCY")}};
    const struct {
        aws_signed_request request;
        const char *authorization;
    } cases[] = {
        {{.method = STR("GET"), .path = STR("/test.txt"), .headers = get, .header_count = 2},
         "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
         "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
         "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
        {{.method = STR("PUT"),
          .path = STR("/test%24file.text"),
          .body = STR("Welcome to Amazon S3."),
          .headers = put,
          .header_count = 3},
         "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
         "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, "
         "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
        {{.method = STR("GET"),
          .path = STR("/"),
          .query = STR("lifecycle"),
          .headers = &host,
          .header_count = 1},
         "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
         "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
         "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
        {{.method = STR("GET"),
          .path = STR("/"),
          .query = STR("prefix=J&max-keys=2"),
          .headers = &host,
          .header_count = 1},
         "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
         "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
         "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        aws_signed_request request = cases[i].request;
        request.is_path_kept = true;
        assert_signed(&request, &s3_signer, cases[i].authorization);
    }
}

/* AWS's test suite for Signature Version 4: get-vanilla. */
static void signs_the_requests_of_the_suite(void **state)
{
    (void)state;
    const net_http_header host = {STR("Host"), STR("example.amazonaws.com")};
    assert_signed(
        &(aws_signed_request){
            .method = STR("GET"), .path = STR("/"), .headers = &host, .header_count = 1},
        &plain_signer,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

/* A token belongs to temporary keys; the service has to see it, and nobody may take it off. */
static void signs_the_session_token(void **state)
{
    (void)state;
    arena a;
    net_http_header added[AWS_SIGNATURE_HEADERS_MAX];
    size_t count;
    error err;
    const net_http_header host = {STR("Host"), STR("example.amazonaws.com")};
    aws_signer signer = plain_signer;
    signer.session_token = STR("TOKEN==");
    arena_init(&a, 0);
    aws_signed_request request = {
        .method = STR("POST"), .path = STR("/"), .headers = &host, .header_count = 1};
    assert_ok(aws_sign(&request, &signer, &a, added, &count, &err), err);
    assert_str_equal(find(added, count, "X-Amz-Security-Token"), "TOKEN==");
    assert_true(str_find(find(added, count, "Authorization"),
                         STR("SignedHeaders=host;x-amz-date;x-amz-security-token,")) !=
                STR_NOT_FOUND);
    arena_clean_up(&a);
}

/* Proxies and HTTP clients change these on the way. */
static void leaves_out_what_changes_on_the_way(void **state)
{
    (void)state;
    arena a;
    net_http_header added[AWS_SIGNATURE_HEADERS_MAX];
    size_t count;
    error err;
    const net_http_header headers[] = {{STR("Host"), STR("h")},
                                       {STR("User-Agent"), STR("x")},
                                       {STR("X-Amzn-Trace-Id"), STR("x")},
                                       {STR("Content-Type"), STR("x")}};
    arena_init(&a, 0);
    aws_signed_request request = {
        .method = STR("GET"), .path = STR("/"), .headers = headers, .header_count = 4};
    assert_ok(aws_sign(&request, &plain_signer, &a, added, &count, &err), err);
    assert_true(str_find(find(added, count, "Authorization"),
                         STR("SignedHeaders=content-type;host;x-amz-date,")) != STR_NOT_FOUND);
    arena_clean_up(&a);
}

static void says_that_a_payload_is_unsigned(void **state)
{
    (void)state;
    arena a;
    net_http_header added[AWS_SIGNATURE_HEADERS_MAX];
    size_t count;
    error err;
    const net_http_header host = {STR("Host"), STR("h")};
    arena_init(&a, 0);
    aws_signed_request request = {.method = STR("PUT"),
                                  .path = STR("/"),
                                  .body = STR("body"),
                                  .headers = &host,
                                  .header_count = 1,
                                  .payload_digest = STR("UNSIGNED-PAYLOAD")};
    assert_ok(aws_sign(&request, &s3_signer, &a, added, &count, &err), err);
    assert_str_equal(find(added, count, "X-Amz-Content-Sha256"), "UNSIGNED-PAYLOAD");
    str canonical = aws_canonical_request(&request, STR("host"), &a);
    assert_true(str_ends_with(canonical, STR("\nUNSIGNED-PAYLOAD")));
    arena_clean_up(&a);
}

static void keeps_the_paths_of_s3(void **state)
{
    (void)state;
    const struct {
        const char *path, *canonical;
    } cases[] = {
        {"", "/"},
        {"/a/./b/../c//d", "/a/./b/../c//d"},
        {"/a%20b%2Fc", "/a%20b%2Fc"},
        {"/a b(c)", "/a%20b%28c%29"},
        {"/%zz", "/%25zz"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        buf out;
        buf_init(&out, 1000);
        aws_canonical_path_kept(str_from_c(cases[i].path), &out);
        assert_str_equal(buf_str(&out), cases[i].canonical);
        buf_clean_up(&out);
    }
}

static void refuses_a_secret_that_cannot_sign(void **state)
{
    (void)state;
    static char secret[AWS_SECRET_BYTES_MAX + 1];
    arena a;
    net_http_header added[AWS_SIGNATURE_HEADERS_MAX];
    size_t count;
    aws_signed_request request = {.method = STR("GET"), .path = STR("/")};
    aws_signer signer = plain_signer;
    arena_init(&a, 0);
    memset(secret, 'x', sizeof(secret));
    signer.secret_access_key = str_from(secret, sizeof(secret));
    assert_true(failed(aws_sign(&request, &signer, &a, added, &count, NULL)));
    signer.secret_access_key = STR("");
    assert_true(failed(aws_sign(&request, &signer, &a, added, &count, NULL)));
    arena_clean_up(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_the_examples_of_s3),
        cmocka_unit_test(signs_the_requests_of_the_suite),
        cmocka_unit_test(signs_the_session_token),
        cmocka_unit_test(leaves_out_what_changes_on_the_way),
        cmocka_unit_test(says_that_a_payload_is_unsigned),
        cmocka_unit_test(keeps_the_paths_of_s3),
        cmocka_unit_test(refuses_a_secret_that_cannot_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
