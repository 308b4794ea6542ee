/* The shared files of the SDKs, and which of all that is configured gives the credentials. */
#include "integrations/aws/plan.h"
#include "integrations/aws/retry.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

/* A home folder with .aws/config and .aws/credentials. */
typedef struct home {
    char folder[64], variable[80];
    const char *environment[8];
    size_t count;
    aws_settings settings;
    bool is_read;
    arena a;
    aws_plan plan;
    error err;
} home;

static void put(home *h, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/.aws/%s", h->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    home *h = calloc(1, sizeof(*h));
    char path[128];
    snprintf(h->folder, sizeof(h->folder), "/tmp/gait-test-XXXXXX");
    assert_non_null(mkdtemp(h->folder));
    snprintf(path, sizeof(path), "%s/.aws", h->folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(h->variable, sizeof(h->variable), "HOME=%s", h->folder);
    h->environment[h->count++] = h->variable;
    arena_init(&h->a, 0);
    *state = h;
    return 0;
}

static int tear_down(void **state)
{
    home *h = *state;
    char command[128];
    if (h->is_read) {
        aws_settings_clean_up(&h->settings);
    }
    arena_clean_up(&h->a);
    snprintf(command, sizeof(command), "rm -rf '%s'", h->folder);
    assert_int_equal(system(command), 0);
    free(h);
    return 0;
}

static void add_variable(home *h, const char *variable)
{
    h->environment[h->count++] = variable;
}

static status make(home *h)
{
    if (h->is_read) {
        aws_settings_clean_up(&h->settings);
    }
    assert_ok(aws_settings_read(h->environment, (json){0}, &h->settings, &h->err), h->err);
    h->is_read = true;
    return aws_plan_make(&h->settings, true, &h->a, &h->plan, &h->err);
}

static void make_well(home *h, aws_source_kind kind)
{
    assert_ok(make(h), h->err);
    assert_int_equal(h->plan.kind, kind);
}

static void assert_refused(home *h, const char *words)
{
    assert_true(failed(make(h)));
    assert_non_null(strstr(h->err.message, words));
}

/* ------------------------------------------------------------------------------------------ files
 */

static const char config_text[] = "# of all\n"
                                  "[default]\n"
                                  "region = eu-west-1 ; where\n"
                                  "no section\n"
                                  "[profile dev]\r\n"
                                  "REGION=us-east-1#kept\r\n"
                                  "s3 =\n"
                                  "  addressing_style = path\n"
                                  "\tmax = 2\n"
                                  "long = one\n"
                                  "   two\n"
                                  "services = here\n"
                                  "[sso-session corp]\n"
                                  "sso_region = eu-west-2\n"
                                  "[services here]\n"
                                  "dynamodb =\n"
                                  "  endpoint_url = http://127.0.0.1:8000\n"
                                  "[dev]\n"
                                  "region = ignored\n"
                                  "[unfinished\n"
                                  "region = ignored\n";

static void reads_the_files_of_the_sdks(void **state)
{
    (void)state;
    const struct {
        aws_section_kind kind;
        const char *section, *parent, *name, *value;
    } cases[] = {
        {AWS_SECTION_PROFILE, "default", NULL, "region", "eu-west-1"},
        {AWS_SECTION_PROFILE, "dev", NULL, "region", "us-east-1#kept"},
        {AWS_SECTION_PROFILE, "dev", "s3", "addressing_style", "path"},
        {AWS_SECTION_PROFILE, "dev", "s3", "max", "2"},
        {AWS_SECTION_PROFILE, "dev", NULL, "long", "one\ntwo"},
        {AWS_SECTION_PROFILE, "dev", NULL, "missing", NULL},
        {AWS_SECTION_SSO_SESSION, "corp", NULL, "sso_region", "eu-west-2"},
        {AWS_SECTION_SERVICES, "here", "dynamodb", "endpoint_url", "http://127.0.0.1:8000"},
        {AWS_SECTION_PROFILE, "corp", NULL, "sso_region", NULL},
    };
    arena a;
    aws_profiles profiles = {0};
    arena_init(&a, 0);
    assert_true(ok(
        aws_profiles_add(&profiles, STR("\xEF\xBB\xBF[dev]\nregion = first\n"), true, &a, NULL)));
    aws_profiles config = {0};
    assert_true(ok(aws_profiles_add(&config, str_from_c(config_text), false, &a, NULL)));
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str found = aws_profiles_get_nested(&config, cases[i].kind, str_from_c(cases[i].section),
                                            str_from_c(cases[i].parent), str_from_c(cases[i].name));
        assert_true(str_equal(found, str_from_c(cases[i].value)));
        assert_int_equal(found.ptr == NULL, cases[i].value == NULL);
    }
    assert_true(ok(aws_profiles_add(&profiles, str_from_c(config_text), false, &a, NULL)));
    str found = aws_profiles_get(&profiles, AWS_SECTION_PROFILE, STR("dev"), STR("region"));
    assert_str_equal(found, "first"); /* the credentials file goes first */
    arena_clean_up(&a);
}

/* A file as long as is allowed takes no longer the more lines it has. */
static void reads_files_of_many_lines(void **state)
{
    (void)state;
    static const struct {
        const char *head, *line, *tail, *name, *value;
    } cases[] = {
        {"[default]\n", "a=b\n", "a=c\n", "a", "c"},
        {"", "[a]\n", "[default]\na=c\n", "a", "c"},
        {"[default]\na=b\n", " b\n", "a=c\n", "a", "c"},
        {"[default]\n", "s3=\n x=y\n", "a=c\n", "a", "c"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        arena a;
        buf text;
        aws_profiles profiles = {0};
        arena_init(&a, AWS_SETTINGS_BYTES_MAX);
        buf_init(&text, 2 * AWS_SHARED_FILE_BYTES_MAX);
        buf_add_str(&text, str_from_c(cases[i].head));
        while (text.len + 64 < AWS_SHARED_FILE_BYTES_MAX) {
            buf_add_str(&text, str_from_c(cases[i].line));
        }
        buf_add_str(&text, str_from_c(cases[i].tail));
        assert_true(ok(aws_profiles_add(&profiles, buf_str(&text), true, &a, NULL)));
        str found = aws_profiles_get(&profiles, AWS_SECTION_PROFILE, STR("default"),
                                     str_from_c(cases[i].name));
        assert_str_equal(found, cases[i].value);
        buf_clean_up(&text);
        arena_clean_up(&a);
    }
}

/* --------------------------------------------------------------------------------------- the chain
 */

static void takes_the_environment_first(void **state)
{
    home *h = *state;
    put(h, "credentials", "[default]\naws_access_key_id=FILE\naws_secret_access_key=s\n");
    make_well(h, AWS_SOURCE_KEYS);
    assert_str_equal(h->plan.access_key_id, "FILE");
    add_variable(h, "AWS_ACCESS_KEY_ID=ENV");
    assert_refused(h, "only one is set");
    add_variable(h, "AWS_SECRET_ACCESS_KEY=s");
    add_variable(h, "AWS_SESSION_TOKEN=t");
    make_well(h, AWS_SOURCE_KEYS);
    assert_str_equal(h->plan.access_key_id, "ENV");
    assert_str_equal(h->plan.session_token, "t");
}

static void takes_a_web_identity_before_profiles(void **state)
{
    home *h = *state;
    put(h, "credentials", "[default]\naws_access_key_id=FILE\naws_secret_access_key=s\n");
    add_variable(h, "AWS_WEB_IDENTITY_TOKEN_FILE=/token");
    add_variable(h, "AWS_ROLE_ARN=arn:aws:iam::1:role/r");
    make_well(h, AWS_SOURCE_WEB_IDENTITY);
    assert_str_equal(h->plan.token_file, "/token");
    assert_str_equal(h->plan.web_role.session_name, "gait");
}

static void follows_roles_from_profile_to_profile(void **state)
{
    home *h = *state;
    put(h, "credentials", "[base]\naws_access_key_id=K\naws_secret_access_key=s\n");
    put(h, "config",
        "[profile top]\nrole_arn=arn:top\nsource_profile=middle\nexternal_id=x\n"
        "[profile middle]\nrole_arn=arn:middle\nsource_profile=base\nrole_session_name=me\n"
        "duration_seconds=900\n"
        "[profile own]\nrole_arn=arn:own\nsource_profile=own\naws_access_key_id=O\n"
        "aws_secret_access_key=s\n");
    add_variable(h, "AWS_PROFILE=top");
    make_well(h, AWS_SOURCE_KEYS);
    assert_int_equal(h->plan.role_count, 2);
    assert_str_equal(h->plan.roles[0].arn, "arn:middle");
    assert_str_equal(h->plan.roles[0].session_name, "me");
    assert_int_equal(h->plan.roles[0].duration_seconds, 900);
    assert_str_equal(h->plan.roles[1].arn, "arn:top");
    assert_str_equal(h->plan.roles[1].external_id, "x");
    h->environment[1] = "AWS_PROFILE=own";
    make_well(h, AWS_SOURCE_KEYS);
    assert_str_equal(h->plan.access_key_id, "O");
    assert_int_equal(h->plan.role_count, 1);
}

static void takes_what_a_profile_names(void **state)
{
    home *h = *state;
    put(h, "config",
        "[profile process]\ncredential_process = print keys\n"
        "[profile sso]\nsso_session=corp\nsso_account_id=1\nsso_role_name=r\n"
        "[sso-session corp]\nsso_region=eu-west-2\nsso_start_url=https://corp\n"
        "[profile legacy]\nsso_start_url=https://corp\nsso_region=us-east-1\nsso_account_id=1\n"
        "sso_role_name=r\n"
        "[profile web]\nrole_arn=arn:w\nweb_identity_token_file=/t\n"
        "[profile machine]\nrole_arn=arn:m\ncredential_source=Ec2InstanceMetadata\n");
    add_variable(h, "AWS_PROFILE=process");
    make_well(h, AWS_SOURCE_PROCESS);
    assert_str_equal(h->plan.command, "print keys");
    h->environment[1] = "AWS_PROFILE=sso";
    make_well(h, AWS_SOURCE_SSO);
    assert_str_equal(h->plan.sso_region, "eu-west-2");
    /* SHA-1 of the session's name, and of the start URL: what `aws sso login` calls its files. */
    assert_str_equal(h->plan.sso_cache_key, "ee0bfd2552fbd840c02cc48b6e823320543c450f");
    h->environment[1] = "AWS_PROFILE=legacy";
    make_well(h, AWS_SOURCE_SSO);
    assert_str_equal(h->plan.sso_region, "us-east-1");
    h->environment[1] = "AWS_PROFILE=web";
    make_well(h, AWS_SOURCE_WEB_IDENTITY);
    assert_int_equal(h->plan.role_count, 0);
    h->environment[1] = "AWS_PROFILE=machine";
    make_well(h, AWS_SOURCE_METADATA);
    assert_int_equal(h->plan.role_count, 1);
}

static void refuses_profiles_that_cannot_work(void **state)
{
    home *h = *state;
    put(h, "config",
        "[profile circle]\nrole_arn=arn:a\nsource_profile=round\n"
        "[profile round]\nrole_arn=arn:b\nsource_profile=circle\n"
        "[profile alone]\nrole_arn=arn:a\n"
        "[profile lost]\nrole_arn=arn:a\nsource_profile=nowhere\n"
        "[profile empty]\nrole_arn=arn:a\nsource_profile=bare\n[profile bare]\nregion=x\n"
        "[profile half]\naws_access_key_id=K\n"
        "[profile mfa]\nrole_arn=arn:a\nsource_profile=bare\nmfa_serial=arn:mfa\n"
        "[profile source]\nrole_arn=arn:a\ncredential_source=Moon\n"
        "[profile sso]\nsso_session=nowhere\n");
    const struct {
        const char *variable, *words;
    } cases[] = {
        {"AWS_PROFILE=circle", "in a circle"},
        {"AWS_PROFILE=alone", "needs one of source_profile"},
        {"AWS_PROFILE=lost", "'nowhere', which is not there"},
        {"AWS_PROFILE=empty", "no credentials to assume a role with"},
        {"AWS_PROFILE=half", "only one"},
        {"AWS_PROFILE=mfa", "MFA"},
        {"AWS_PROFILE=source", "must be Environment, EcsContainer or"},
        {"AWS_PROFILE=sso", "not in the config file"},
        {"AWS_PROFILE=none", "the profile 'none' could not be found"},
    };
    h->count = 2;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        h->environment[1] = cases[i].variable;
        assert_refused(h, cases[i].words);
    }
}

/* A token that the container is given goes nowhere else in the clear. */
static void asks_containers_at_their_own_addresses(void **state)
{
    home *h = *state;
    const struct {
        const char *variable;
        bool is_allowed;
    } cases[] = {
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI=https://anywhere/x", true},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:9/x", true},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://localhost/x", true},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.23/x", true},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://[fd00:ec2::23]/x", true},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1.evil.example/x", false},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.169.254/x", false},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://example.com/x", false},
    };
    h->count = 2;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        h->environment[1] = cases[i].variable;
        if (cases[i].is_allowed) {
            make_well(h, AWS_SOURCE_CONTAINER);
        } else {
            assert_refused(h, "must be https");
        }
    }
    h->environment[1] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/x";
    make_well(h, AWS_SOURCE_CONTAINER);
    assert_str_equal(h->plan.url, "http://169.254.170.2/v2/x");
}

static void asks_the_machine_last(void **state)
{
    home *h = *state;
    make_well(h, AWS_SOURCE_METADATA);
    add_variable(h, "AWS_EC2_METADATA_DISABLED=TRUE");
    make_well(h, AWS_SOURCE_NONE);
    str words = aws_plan_explain(&h->settings, true, &h->a);
    assert_true(str_find(words, STR("AWS_ACCESS_KEY_ID")) != STR_NOT_FOUND);
    assert_true(str_find(words, STR("/.aws/credentials (missing)")) != STR_NOT_FOUND);
}

static void checks_gaits_own_settings(void **state)
{
    home *h = *state;
    const struct {
        const char *text, *words;
    } cases[] = {
        {"{\"endpoint\": \"127.0.0.1:5000\"}", "aws.endpoint must begin with http://"},
        {"{\"services\": {\"s3\": {\"url\": \"x\"}}}", "aws.services.s3 has no member 'url'"},
        {"{\"attemptsMax\": 0}", "aws.attemptsMax must be a whole number from 1"},
        {"{\"region\": 5}", "aws.region must be a text"},
        {"{\"regoin\": \"x\"}", "aws has no member 'regoin'"},
        {"[]", "aws must be an object"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        json config;
        assert_ok(json_parse_into(str_from_c(cases[i].text), &h->a, &config, &h->err), h->err);
        assert_true(failed(aws_settings_check(config, &h->err)));
        assert_non_null(strstr(h->err.message, cases[i].words));
    }
}

/* ----------------------------------------------------------------------------------------- retries
 */

static void tries_again_what_may_succeed(void **state)
{
    (void)state;
    const struct {
        unsigned status;
        const char *code;
        aws_retry_reason reason;
    } cases[] = {
        {400, "ThrottlingException", AWS_RETRY_THROTTLED},
        {400, "ProvisionedThroughputExceededException", AWS_RETRY_THROTTLED},
        {503, "SlowDown", AWS_RETRY_THROTTLED},
        {429, "", AWS_RETRY_THROTTLED},
        {500, "InternalError", AWS_RETRY_TRANSIENT},
        {503, "", AWS_RETRY_TRANSIENT},
        {400, "RequestTimeout", AWS_RETRY_TRANSIENT},
        {400, "ValidationException", AWS_RETRY_NOT},
        {404, "NoSuchKey", AWS_RETRY_NOT},
        {501, "NotImplemented", AWS_RETRY_NOT},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_int_equal(aws_retry_reason_of(cases[i].status, str_from_c(cases[i].code)),
                         cases[i].reason);
    }
    entropy random = {.state = 7};
    for (uint32_t attempt = 2; attempt < 40; attempt++) {
        int64_t delay = aws_retry_delay_ms(AWS_RETRY_THROTTLED, attempt, &random);
        assert_true(delay >= 0 && delay <= 20000);
        assert_true(attempt > 2 || delay <= 1000);
    }
}

/* When everything fails, at most a hundred retries are made before one call succeeds. */
static void stops_trying_when_nothing_succeeds(void **state)
{
    (void)state;
    aws_retry_bucket bucket = {0};
    uint32_t taken = 0;
    int retries = 0;
    while (aws_retry_take(&bucket, AWS_RETRY_TRANSIENT, &taken)) {
        retries++;
    }
    assert_int_equal(retries, 100);
    aws_retry_give(&bucket, taken);
    assert_true(aws_retry_take(&bucket, AWS_RETRY_TRANSIENT, &taken));
    assert_false(aws_retry_take(&bucket, AWS_RETRY_TRANSIENT, &taken));
}

int main(void)
{
#define WITH_HOME(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_files_of_the_sdks),
        cmocka_unit_test(reads_files_of_many_lines),
        WITH_HOME(takes_the_environment_first),
        WITH_HOME(takes_a_web_identity_before_profiles),
        WITH_HOME(follows_roles_from_profile_to_profile),
        WITH_HOME(takes_what_a_profile_names),
        WITH_HOME(refuses_profiles_that_cannot_work),
        WITH_HOME(asks_containers_at_their_own_addresses),
        WITH_HOME(asks_the_machine_last),
        WITH_HOME(checks_gaits_own_settings),
        cmocka_unit_test(tries_again_what_may_succeed),
        cmocka_unit_test(stops_trying_when_nothing_succeeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
