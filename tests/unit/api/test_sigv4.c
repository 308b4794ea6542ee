/* Signature Version 4 against AWS's published test suite (its requests, and the signatures that it
 * gives for them), and what a verifier has to refuse. */
#include "api/auth/sigv4.h"
#include "integrations/aws/canonical.h"

#include <stdio.h>

#include "unit.h"

#define SECRET STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
#define NOON_MS 1440938160000 /* 2015-08-30T12:36:00Z */
#define SCOPE "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"

typedef struct vector {
    const char *name, *method, *path, *query, *body;
    net_http_header headers[6];
    const char *signed_headers, *signature;
} vector;

#define HOST                                                                                       \
    {                                                                                              \
        STR("Host"), STR("example.amazonaws.com")                                                  \
    }
#define DATE                                                                                       \
    {                                                                                              \
        STR("X-Amz-Date"), STR("20150830T123600Z")                                                 \
    }

static const vector vectors[] = {
    {"get-vanilla",
     "GET",
     "/",
     NULL,
     "",
     {HOST, DATE},
     "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-vanilla-query-order-key-case",
     "GET",
     "/",
     "Param2=value2&Param1=value1",
     "",
     {HOST, DATE},
     "host;x-amz-date",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-query-unreserved",
     "GET",
     "/",
     "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~"
     "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     "",
     {HOST, DATE},
     "host;x-amz-date",
     "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
    {"get-unreserved",
     "GET",
     "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     NULL,
     "",
     {HOST, DATE},
     "host;x-amz-date",
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-utf8",
     "GET",
     "/\xe1\x88\xb4",
     NULL,
     "",
     {HOST, DATE},
     "host;x-amz-date",
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-space",
     "GET",
     "/example space/",
     NULL,
     "",
     {HOST, DATE},
     "host;x-amz-date",
     "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    {"get-slashes",
     "GET",
     "//example//",
     NULL,
     "",
     {HOST, DATE},
     "host;x-amz-date",
     "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
    {"get-relative",
     "GET",
     "/example/..",
     NULL,
     "",
     {HOST, DATE},
     "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-header-key-duplicate",
     "GET",
     "/",
     NULL,
     "",
     {HOST,
      {STR("My-Header1"), STR("value2")},
      {STR("My-Header1"), STR("value2")},
      {STR("My-Header1"), STR("value1")},
      DATE},
     "host;my-header1;x-amz-date",
     "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-header-value-order",
     "GET",
     "/",
     NULL,
     "",
     {HOST,
      {STR("My-Header1"), STR("value4")},
      {STR("My-Header1"), STR("value1")},
      {STR("My-Header1"), STR("value3")},
      {STR("My-Header1"), STR("value2")},
      DATE},
     "host;my-header1;x-amz-date",
     "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
    {"get-header-value-trim",
     "GET",
     "/",
     NULL,
     "",
     {HOST, {STR("My-Header1"), STR(" value1")}, {STR("My-Header2"), STR(" \"a   b   c\"")}, DATE},
     "host;my-header1;my-header2;x-amz-date",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"post-vanilla",
     "POST",
     "/",
     NULL,
     "",
     {HOST, DATE},
     "host;x-amz-date",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-x-www-form-urlencoded",
     "POST",
     "/",
     NULL,
     "Param1=value1",
     {{STR("Content-Type"), STR("application/x-www-form-urlencoded")}, HOST, DATE},
     "content-type;host;x-amz-date",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
};

typedef struct fixture {
    arena a;
    net_http_header headers[8];
    char authorization[512];
    auth_request request;
    auth_sigv4_rules rules;
    const char *error_name;
    error err;
} fixture;

/* The request of a vector with an Authorization header that carries its published signature. */
static void set_up(fixture *f, const vector *v)
{
    size_t count = 0;
    *f = (fixture){.rules = {STR("us-east-1"), STR("service"), NOON_MS, 300000}};
    arena_init(&f->a, 0);
    while (count < ARRAY_LENGTH(v->headers) && v->headers[count].name.ptr) {
        f->headers[count] = v->headers[count];
        count++;
    }
    snprintf(f->authorization, sizeof(f->authorization),
             "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=%s, Signature=%s",
             v->signed_headers, v->signature);
    f->headers[count++] = (net_http_header){STR("Authorization"), str_from_c(f->authorization)};
    f->request = (auth_request){.method = str_from_c(v->method),
                                .path = str_from_c(v->path),
                                .query = str_from_c(v->query),
                                .body = str_from_c(v->body),
                                .headers = f->headers,
                                .header_count = count};
}

static bool is_accepted(fixture *f, str secret)
{
    auth_claim claim;
    unsigned char signature[AUTH_SIGNATURE_BYTES];
    bool accepted = ok(auth_sigv4_read(&f->request, &claim, &f->error_name, &f->err)) &&
                    ok(auth_sigv4_check(&f->request, &claim, secret, &f->rules, &f->a, signature,
                                        &f->error_name, &f->err));
    arena_clean_up(&f->a);
    return accepted;
}

static void accepts_the_suite(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
        fixture f;
        set_up(&f, &vectors[i]);
        if (!is_accepted(&f, SECRET)) {
            fail_msg("%s: %s", vectors[i].name, f.err.message);
        }
    }
}

static void refuses_another_secret(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
        fixture f;
        set_up(&f, &vectors[i]);
        assert_false(is_accepted(&f, STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEZ")));
        assert_string_equal(f.error_name, "InvalidSignatureException");
        assert_string_equal(f.err.message,
                            "The request signature we calculated does not match the signature you "
                            "provided. Check your AWS Secret Access Key and signing method. "
                            "Consult the service documentation for details.");
        assert_null(strstr(f.err.message, vectors[i].signature));
    }
}

/* Whatever of a signed request is changed by one bit, its signature is no longer right. */
static void refuses_what_was_changed(void **state)
{
    (void)state;
    const vector *v = &vectors[ARRAY_LENGTH(vectors) - 1];
    for (int what = 0; what < 6; what++) {
        fixture f;
        set_up(&f, v);
        f.request.method = what == 0 ? STR("PUT") : f.request.method;
        f.request.path = what == 1 ? STR("/x") : f.request.path;
        f.request.query = what == 2 ? STR("a=b") : f.request.query;
        f.request.body = what == 3 ? STR("Param1=value2") : f.request.body;
        if (what == 4) {
            f.headers[1].value = STR("example.amazonaws.org");
        } else if (what == 5) {
            f.headers[0].value = STR("application/json");
        }
        assert_false(is_accepted(&f, SECRET));
        assert_string_equal(f.error_name, "InvalidSignatureException");
    }
}

static void refuses_other_times(void **state)
{
    (void)state;
    const struct {
        int64_t shift_ms;
        const char *message; /* NULL: accepted */
    } cases[] = {
        {300000, NULL},
        {300999, NULL},
        {-300000, NULL},
        {301000, "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z "
                 "(20150830T124101Z - 5 min.)"},
        {-301000, "Signature not yet current: 20150830T123600Z is still later than "
                  "20150830T123559Z (20150830T123059Z + 5 min.)"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        fixture f;
        set_up(&f, &vectors[0]);
        f.rules.now_ms += cases[i].shift_ms;
        assert_int_equal(is_accepted(&f, SECRET), !cases[i].message);
        if (cases[i].message) {
            assert_string_equal(f.error_name, "InvalidSignatureException");
            assert_string_equal(f.err.message, cases[i].message);
        }
    }
}

static void refuses_other_scopes(void **state)
{
    (void)state;
    const struct {
        const char *scope, *error_name, *message;
    } cases[] = {
        {"AKIDEXAMPLE/20150830/eu-west-1/service/aws4_request", "InvalidSignatureException",
         "Credential should be scoped to a valid region, not 'eu-west-1'. "},
        {"AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request", "InvalidSignatureException",
         "Credential should be scoped to correct service: 'service'. "},
        {"AKIDEXAMPLE/20150830/us-east-1/service/aws5_request", "InvalidSignatureException",
         "Credential should be scoped with a valid terminator: 'aws4_request', not "
         "'aws5_request'. "},
        {"AKIDEXAMPLE/20150831/us-east-1/service/aws4_request", "InvalidSignatureException",
         "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
         "HTTP: '20150831' != '20150830', from '20150830T123600Z'."},
        {"AKIDEXAMPLE/20150830/us-east-1/service", "IncompleteSignatureException",
         "Credential must have exactly 5 slash-delimited elements, e.g. "
         "keyid/date/region/service/term, got 'AKIDEXAMPLE/20150830/us-east-1/service'"},
        {SCOPE "/more", "IncompleteSignatureException",
         "Credential must have exactly 5 slash-delimited elements, e.g. "
         "keyid/date/region/service/term, got '" SCOPE "/more'"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        fixture f;
        set_up(&f, &vectors[0]);
        snprintf(f.authorization, sizeof(f.authorization),
                 "AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=host;x-amz-date, Signature=%s",
                 cases[i].scope, vectors[0].signature);
        f.headers[2].value = str_from_c(f.authorization);
        assert_false(is_accepted(&f, SECRET));
        assert_string_equal(f.err.message, cases[i].message);
        assert_string_equal(f.error_name, cases[i].error_name);
    }
}

static void refuses_headers_that_are_not_signed(void **state)
{
    (void)state;
    const struct {
        const char *signed_headers, *message;
    } cases[] = {
        {"x-amz-date;x-amz-target",
         "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
        {"host;x-amz-target", "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization."},
        {"host;x-amz-date", "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."},
        {"host;x-amz-target;x-amz-date",
         "'SignedHeaders' must be a sorted list of at most 100 lower-case header names."},
        {"host;host;x-amz-date;x-amz-target",
         "'SignedHeaders' must be a sorted list of at most 100 lower-case header names."},
        {"Accept;host;x-amz-date;x-amz-target",
         "'SignedHeaders' must be a sorted list of at most 100 lower-case header names."},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        fixture f;
        set_up(&f, &vectors[0]);
        snprintf(f.authorization, sizeof(f.authorization),
                 "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=%s, Signature=%s",
                 cases[i].signed_headers, vectors[0].signature);
        f.headers[2].value = str_from_c(f.authorization);
        f.headers[f.request.header_count++] =
            (net_http_header){STR("X-Amz-Target"), STR("AWSStepFunctions.ListStateMachines")};
        assert_false(is_accepted(&f, SECRET));
        assert_string_equal(f.error_name, "InvalidSignatureException");
        assert_string_equal(f.err.message, cases[i].message);
    }
}

static void names_what_a_header_lacks(void **state)
{
    (void)state;
    const struct {
        const char *authorization, *date, *error_name, *message;
    } cases[] = {
        {"", "20150830T123600Z", "MissingAuthenticationTokenException",
         "Missing Authentication Token"},
        {"Bearer abc", "20150830T123600Z", "IncompleteSignatureException",
         "Unsupported AWS 'algorithm': 'Bearer'."},
        {"AWS4-HMAC-SHA256 Credential=" SCOPE, "20150830T123600Z", "IncompleteSignatureException",
         "Authorization header requires 'Signature' parameter. Authorization header requires "
         "'SignedHeaders' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization="},
        {"AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=host, Signature=00, Signature=11",
         "20150830T123600Z", "IncompleteSignatureException",
         "The Authorization header has a part that is none of 'Credential=', 'SignedHeaders=' and "
         "'Signature=', or has one twice."},
        {"AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=host, Signature=00",
         "Sun, 30 Aug 2015 12:36:00 GMT", "IncompleteSignatureException",
         "Date must be in ISO-8601 'basic format'. Got 'Sun, 30 Aug 2015 12:36:00 GMT'. See "
         "http://en.wikipedia.org/wiki/ISO_8601"},
        {"AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=host, Signature=00",
         "20150230T123600Z", "IncompleteSignatureException",
         "Date must be in ISO-8601 'basic format'. Got '20150230T123600Z'. See "
         "http://en.wikipedia.org/wiki/ISO_8601"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        fixture f;
        set_up(&f, &vectors[0]);
        f.headers[1].value = str_from_c(cases[i].date);
        f.headers[2].value = str_from_c(cases[i].authorization);
        assert_false(is_accepted(&f, SECRET));
        assert_string_equal(f.error_name, cases[i].error_name);
        assert_true(strncmp(f.err.message, cases[i].message, strlen(cases[i].message)) == 0);
    }
}

/* A signature is text of 64 hexadecimal digits: not cut, not longer, not in capitals. */
static void takes_one_spelling_of_a_signature(void **state)
{
    (void)state;
    for (int what = 0; what < 4; what++) {
        fixture f;
        set_up(&f, &vectors[0]);
        size_t len = strlen(f.authorization);
        if (what == 0) {
            f.authorization[len - 1] = '\0';
        } else if (what == 1) {
            strcat(f.authorization, "0");
        } else if (what == 2) {
            f.authorization[len - 1] ^= 1;
        } else {
            for (size_t i = len - 64; i < len; i++) {
                f.authorization[i] =
                    f.authorization[i] >= 'a' ? f.authorization[i] - 32 : f.authorization[i];
            }
        }
        f.headers[2].value = str_from_c(f.authorization);
        assert_false(is_accepted(&f, SECRET));
        assert_string_equal(f.error_name, "InvalidSignatureException");
    }
}

static void makes_one_spelling_of_paths_and_queries(void **state)
{
    (void)state;
    const struct {
        const char *path, *query, *canonical_path, *canonical_query;
    } cases[] = {
        {"", "", "/", ""},
        {"/a/./b/../c", "b=1&a=2&a=1", "/a/c", "a=1&a=2&b=1"},
        {"/../../a/", "x", "/a/", "x="},
        {"/a%20b", "a%2fb=%7e", "/a%2520b", "a%2Fb=~"},
        {"/%zz", "%zz=%", "/%25zz", "%25zz=%25"},
        {"/a//b/", "&&a=&", "/a/b/", "a="},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        arena a;
        buf path, query;
        arena_init(&a, 0);
        buf_init(&path, 1000);
        buf_init(&query, 1000);
        aws_canonical_path(str_from_c(cases[i].path), &path);
        aws_canonical_query(str_from_c(cases[i].query), &a, &query);
        assert_str_equal(buf_str(&path), cases[i].canonical_path);
        assert_str_equal(buf_str(&query), cases[i].canonical_query);
        buf_clean_up(&path);
        buf_clean_up(&query);
        arena_clean_up(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_the_suite),
        cmocka_unit_test(refuses_another_secret),
        cmocka_unit_test(refuses_what_was_changed),
        cmocka_unit_test(refuses_other_times),
        cmocka_unit_test(refuses_other_scopes),
        cmocka_unit_test(refuses_headers_that_are_not_signed),
        cmocka_unit_test(names_what_a_header_lacks),
        cmocka_unit_test(takes_one_spelling_of_a_signature),
        cmocka_unit_test(makes_one_spelling_of_paths_and_queries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
