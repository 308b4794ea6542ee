/* Logins at IAM Identity Center: tokens in files, renewed where they can be, and the credentials
 * that they buy. */
#include "aws_provider.h"

#include "base/timetext.h"
#include "integrations/aws/sso_token.h"

#ifdef GAIT_AWS_MODELS_FILE

/* SHA-1 of "corp", and of "https://corp": what `aws sso login` calls its files. */
#define SESSION_FILE "ee0bfd2552fbd840c02cc48b6e823320543c450f"
#define LEGACY_FILE "17da54e8ec4ee05390f1915bb3ef5fea7ebd238e"
#define CLIENT                                                                                     \
    "\"clientId\":\"client\",\"clientSecret\":\"client-secret\",\"registrationExpiresAt\":"        \
    "\"2099-01-01T00:00:00Z\""
#define VALID "{\"accessToken\":\"good-secret\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}"
#define EXPIRED                                                                                    \
    "{\"startUrl\":\"https://corp\",\"region\":\"eu-west-2\",\"accessToken\":\"old-secret\","      \
    "\"expiresAt\":\"2020-01-01T00:00:00UTC\",\"refreshToken\":\"refresh-secret\"," CLIENT         \
    ",\"scopes\":[\"sso:account:access\"]}"
#define RENEWED "{\"accessToken\":\"new-secret\",\"tokenType\":\"Bearer\",\"expiresIn\":3600%s}"

/* What the server has been asked, and is to answer. */
typedef struct center {
    unsigned token_status, credentials_status, renewals;
    const char *token_answer, *file_meanwhile;
    char token_body[512], bearer[64], credentials_query[128];
} center;

static void put_token(fixture *f, const char *name, const char *text)
{
    char path[192];
    snprintf(path, sizeof(path), "%s/.aws/sso/cache/%s.json", f->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void copy_str(char *out, size_t size, str text)
{
    snprintf(out, size, "%.*s", STR_ARG(text));
}

static void serve_token(fixture *f, center *c, const net_http_request *request)
{
    c->renewals++;
    copy_str(c->token_body, sizeof(c->token_body), request->body);
    if (c->file_meanwhile) {
        put_token(f, SESSION_FILE, c->file_meanwhile);
    }
    answer(request, c->token_status, c->token_answer);
}

static void serve(void *user, const net_http_request *request)
{
    fixture *f = user;
    center *c = f->more;
    note_request(f, request);
    if (str_equal(request->path, STR("/token"))) {
        serve_token(f, c, request);
        return;
    }
    if (!str_equal(request->path, STR("/federation/credentials"))) {
        answer(request, 200,
               "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AKID</AccessKeyId>"
               "<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>"
               "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>"
               "</AssumeRoleResponse>");
        return;
    }
    copy_str(c->bearer, sizeof(c->bearer),
             net_http_request_header(request, "x-amz-sso_bearer_token"));
    copy_str(c->credentials_query, sizeof(c->credentials_query), request->query);
    answer(request, c->credentials_status,
           c->credentials_status == 200
               ? "{\"roleCredentials\":{\"accessKeyId\":\"AKID\",\"secretAccessKey\":\"secret\","
                 "\"sessionToken\":\"token\",\"expiration\":4070908800000}}"
               : "{\"message\":\"No access\"}");
}

static int set_up_center(void **state)
{
    static const char *const folders[] = {"/.aws", "/.aws/sso", "/.aws/sso/cache"};
    char path[160];
    assert_int_equal(set_up(state), 0);
    fixture *f = *state;
    center *c = calloc(1, sizeof(*c));
    *c = (center){.token_status = 200, .credentials_status = 200};
    f->more = c;
    for (size_t i = 0; i < ARRAY_LENGTH(folders); i++) {
        snprintf(path, sizeof(path), "%s%s", f->folder, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    snprintf(path, sizeof(path), "%s/.aws/config", f->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("[default]\nsso_session=corp\nsso_account_id=123\nsso_role_name=reader\n"
          "[profile legacy]\nsso_start_url=https://corp\nsso_region=eu-west-2\nsso_account_id=123\n"
          "sso_role_name=reader\n"
          "[profile role]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=default\n"
          "[sso-session corp]\nsso_region=eu-west-2\nsso_start_url=https://corp\n"
          "sso_registration_scopes=sso:account:access\n",
          file);
    fclose(file);
    add_variable(f, "AWS_ENDPOINT_URL=", f->url);
    return 0;
}

static int tear_down_center(void **state)
{
    fixture *f = *state;
    free(f->more);
    return tear_down(state);
}

/* As after a restart. */
static void begin_again(fixture *f)
{
    aws_provider_free(f->provider);
    assert_ok(aws_provider_new(&f->context, &f->provider, &f->err), f->err);
}

static json read_file(fixture *f, arena *a)
{
    str text;
    json value;
    assert_ok(aws_settings_read_file(&f->settings, STR("~/.aws/sso/cache/" SESSION_FILE ".json"), a,
                                     &text, &f->err),
              f->err);
    assert_ok(json_parse_into(text, a, &value, &f->err), f->err);
    return value;
}

static void assert_member(json object, const char *name, const char *value)
{
    assert_str_equal(json_str(json_get(object, str_from_c(name))), value);
}

/* --------------------------------------------------------------------------------------------
 * tests
 */

static void buys_credentials_with_the_token_of_a_login(void **state)
{
    fixture *f = *state;
    center *c = f->more;
    put_token(f, SESSION_FILE, VALID);
    begin(f);
    ask(f, NULL, false, 3);
    assert_keys(f);
    ask(f, NULL, false, 1);
    assert_int_equal(f->requests, 1); /* kept, since they are good for long */
    assert_string_equal(f->paths[0], "GET /federation/credentials");
    assert_string_equal(c->bearer, "good-secret");
    assert_non_null(strstr(c->credentials_query, "role_name=reader"));
    assert_non_null(strstr(c->credentials_query, "account_id=123"));
}

static void takes_the_token_of_an_older_profile(void **state)
{
    fixture *f = *state;
    add_variable(f, "AWS_PROFILE=", "legacy");
    begin(f);
    put_token(f, LEGACY_FILE, VALID);
    ask(f, NULL, false, 1);
    assert_keys(f);
}

static void renews_a_token_and_keeps_the_new_one(void **state)
{
    fixture *f = *state;
    center *c = f->more;
    char text[256], path[192];
    struct stat about;
    arena a;
    arena_init(&a, 0);
    snprintf(text, sizeof(text), RENEWED, ",\"refreshToken\":\"next-secret\"");
    c->token_answer = text;
    put_token(f, SESSION_FILE, EXPIRED);
    begin(f);
    ask(f, NULL, false, 1);
    assert_keys(f);
    assert_string_equal(c->token_body,
                        "{\"clientId\":\"client\",\"clientSecret\":\"client-secret\","
                        "\"grantType\":\"refresh_token\",\"refreshToken\":"
                        "\"refresh-secret\"}");
    assert_string_equal(c->bearer, "new-secret");
    json file = read_file(f, &a);
    assert_member(file, "accessToken", "new-secret");
    assert_member(file, "refreshToken", "next-secret");
    assert_member(file, "clientId", "client");
    assert_member(file, "clientSecret", "client-secret");
    assert_member(file, "startUrl", "https://corp");
    assert_member(file, "region", "eu-west-2");
    assert_member(file, "registrationExpiresAt", "2099-01-01T00:00:00Z");
    assert_int_equal(json_count(json_get(file, STR("scopes"))), 1);
    assert_int_equal(json_str(json_get(file, STR("expiresAt"))).len,
                     strlen("2030-01-02T03:04:05Z"));
    snprintf(path, sizeof(path), "%s/.aws/sso/cache/%s.json", f->folder, SESSION_FILE);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(about.st_nlink, 1);
    begin_again(f);
    ask(f, NULL, false, 1);
    assert_keys(f);
    assert_int_equal(c->renewals, 1);
    arena_clean_up(&a);
}

static void keeps_the_refresh_token_where_there_is_no_new_one(void **state)
{
    fixture *f = *state;
    center *c = f->more;
    char text[256];
    arena a;
    arena_init(&a, 0);
    snprintf(text, sizeof(text), RENEWED, "");
    c->token_answer = text;
    put_token(f, SESSION_FILE, EXPIRED);
    begin(f);
    ask(f, NULL, false, 1);
    assert_keys(f);
    assert_member(read_file(f, &a), "refreshToken", "refresh-secret");
    arena_clean_up(&a);
}

/* The AWS CLI and other programs renew the same token. */
static void takes_what_another_has_renewed_meanwhile(void **state)
{
    fixture *f = *state;
    center *c = f->more;
    c->token_status = 400;
    c->token_answer = "{\"error\":\"invalid_grant\"}";
    c->file_meanwhile = VALID;
    put_token(f, SESSION_FILE, EXPIRED);
    begin(f);
    ask(f, NULL, false, 1);
    assert_keys(f);
    assert_string_equal(c->bearer, "good-secret");
}

static void says_when_a_login_is_needed(void **state)
{
    static const struct {
        const char *file; /* NULL: none */
        unsigned token_status, credentials_status;
        const char *token_answer, *profile, *words;
        int requests;
    } cases[] = {
        {NULL, 200, 200, "", "default", "No such file", 0},
        {"secret no JSON", 200, 200, "", "default", "is no JSON object", 0},
        {"{\"accessToken\":\"a-secret\"}", 200, 200, "", "default", "holds no token", 0},
        {"{\"accessToken\":\"a-secret\",\"expiresAt\":\"2020-01-01T00:00:00Z\"}", 200, 200, "",
         "default", "has expired", 0},
        {"{\"accessToken\":\"a-secret\",\"expiresAt\":\"2020-01-01T00:00:00Z\",\"refreshToken\":"
         "\"b-secret\",\"clientId\":\"c\",\"clientSecret\":\"d-secret\",\"registrationExpiresAt\":"
         "\"2020-01-01T00:00:00Z\"}",
         200, 200, "", "default", "has expired", 0},
        {EXPIRED, 400, 200,
         "{\"error\":\"invalid_grant\",\"__type\":\"InvalidGrantException\",\"message\":\"secret "
         "x\"}",
         "default", "cannot be renewed: InvalidGrantException", 1},
        {VALID, 200, 401, "", "default", "not valid any more", 1},
        {EXPIRED, 200, 200, "", "legacy", "has expired", 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char login[64];
        assert_int_equal(set_up_center(state), 0);
        fixture *f = *state;
        center *c = f->more;
        c->token_status = cases[i].token_status;
        c->token_answer = cases[i].token_answer;
        c->credentials_status = cases[i].credentials_status;
        add_variable(f, "AWS_PROFILE=", cases[i].profile);
        if (cases[i].file) {
            put_token(f, SESSION_FILE, cases[i].file);
            put_token(f, LEGACY_FILE, cases[i].file);
        }
        begin(f);
        ask(f, NULL, false, 1);
        snprintf(login, sizeof(login), "`aws sso login --profile %s`", cases[i].profile);
        assert_told(f, login);
        assert_told(f, cases[i].words);
        assert_null(strstr(f->err.message, "-secret"));
        assert_int_equal(f->requests, cases[i].requests);
        assert_int_equal(tear_down_center(state), 0);
    }
}

/* A new login would not help: the words say what is wrong instead. */
static void tells_apart_what_a_login_does_not_mend(void **state)
{
    fixture *f = *state;
    center *c = f->more;
    c->credentials_status = 403;
    put_token(f, SESSION_FILE, VALID);
    begin(f);
    ask(f, NULL, false, 1);
    assert_told(f, "no credentials of the role 'reader' in the account '123'");
    assert_non_null(strstr(f->err.message, "No access"));
    assert_null(strstr(f->err.message, "login"));
}

static void refuses_a_renewal_that_says_nothing(void **state)
{
    static const char *const answers[] = {
        "{}",
        "{\"accessToken\":\"x-secret\"}",
        "{\"accessToken\":\"x-secret\",\"expiresIn\":0}",
        "{\"accessToken\":\"x-secret\",\"expiresIn\":2147483647}",
        "{\"accessToken\":\"\",\"expiresIn\":3600}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        arena a;
        arena_init(&a, 0);
        assert_int_equal(set_up_center(state), 0);
        fixture *f = *state;
        center *c = f->more;
        c->token_answer = answers[i];
        put_token(f, SESSION_FILE, EXPIRED);
        begin(f);
        ask(f, NULL, false, 1);
        assert_told(f, "holds no token, or not for how long");
        assert_null(strstr(f->err.message, "-secret"));
        assert_member(read_file(f, &a), "accessToken", "old-secret");
        arena_clean_up(&a);
        assert_int_equal(tear_down_center(state), 0);
    }
}

/* A token is renewed early, so that one which cannot be renewed now is good for some minutes yet.
 */
static void uses_the_old_token_while_nobody_renews_it(void **state)
{
    fixture *f = *state;
    center *c = f->more;
    char text[512], expires[TIME_TEXT_SIZE];
    time_print_rfc3339(net_loop_clock_ms(f->loop) + 600000, expires);
    snprintf(text, sizeof(text),
             "{\"accessToken\":\"good-secret\",\"expiresAt\":\"%s\",\"refreshToken\":\"r\"," CLIENT
             "}",
             expires);
    put_token(f, SESSION_FILE, text);
    c->token_status = 400;
    c->token_answer = "{}";
    begin(f);
    ask(f, NULL, false, 1);
    assert_keys(f);
    assert_int_equal(c->renewals, 1);
    assert_string_equal(c->bearer, "good-secret");
}

static void assumes_a_role_with_them(void **state)
{
    fixture *f = *state;
    put_token(f, SESSION_FILE, VALID);
    add_variable(f, "AWS_PROFILE=", "role");
    begin(f);
    ask(f, NULL, false, 1);
    assert_keys(f);
    assert_int_equal(f->requests, 2);
    assert_string_equal(f->paths[1], "POST /");
}

static void renews_a_quarter_of_an_hour_early(void **state)
{
    (void)state;
    aws_sso_token token = {.expires_ms = 2000000,
                           .refresh_token = STR("r"),
                           .client_id = STR("c"),
                           .client_secret = STR("s"),
                           .registration_expires_ms = INT64_MAX};
    assert_false(aws_sso_token_wants_renewal(&token, 2000000 - 900001));
    assert_true(aws_sso_token_wants_renewal(&token, 2000000 - 900000));
    assert_true(aws_sso_token_is_valid(&token, 1999999));
    assert_false(aws_sso_token_is_valid(&token, 2000000));
    assert_true(aws_sso_token_wants_renewal(&token, 3000000));
    token.registration_expires_ms = 3000000;
    assert_false(aws_sso_token_wants_renewal(&token, 3000000));
    token.registration_expires_ms = INT64_MAX;
    token.client_secret = STR_NONE;
    assert_false(aws_sso_token_wants_renewal(&token, 3000000));
}

int main(void)
{
#define WITH_CENTER(test) cmocka_unit_test_setup_teardown(test, set_up_center, tear_down_center)
    const struct CMUnitTest tests[] = {
        WITH_CENTER(buys_credentials_with_the_token_of_a_login),
        WITH_CENTER(takes_the_token_of_an_older_profile),
        WITH_CENTER(renews_a_token_and_keeps_the_new_one),
        WITH_CENTER(keeps_the_refresh_token_where_there_is_no_new_one),
        WITH_CENTER(takes_what_another_has_renewed_meanwhile),
        cmocka_unit_test(says_when_a_login_is_needed),
        WITH_CENTER(tells_apart_what_a_login_does_not_mend),
        cmocka_unit_test(refuses_a_renewal_that_says_nothing),
        WITH_CENTER(uses_the_old_token_while_nobody_renews_it),
        WITH_CENTER(assumes_a_role_with_them),
        cmocka_unit_test(renews_a_quarter_of_an_hour_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    return 0;
}

#endif
