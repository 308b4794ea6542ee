/* What is configured about AWS, read while memory runs out: each reading is whole or an error with
 * words, and the file of a token holds the old one or the new one. */
#include "integrations/aws/endpoints.h"
#include "integrations/aws/plan.h"
#include "integrations/aws/sso_token.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "unit.h"

#include "failing_malloc.h"

#ifdef GAIT_AWS_MODELS_FILE

#define ARENA_BYTES 16384 /* more than it takes */
#define NOW_MS 1800000000000
#define CORP_SHA1 "ee0bfd2552fbd840c02cc48b6e823320543c450f"
#define ANSWER "{\"AccessToken\":\"new\",\"ExpiresIn\":3600,\"RefreshToken\":\"next\"}"

static const char config_text[] =
    "[default]\nsso_session=corp\nsso_account_id=1\nsso_role_name=r\nuse_fips_endpoint=true\n"
    "services = none\nmax_attempts = 2\nlong = a\n b\n c\n"
    "[services none]\nsns =\n  endpoint_url = http://h\n"
    "[sso-session corp]\nsso_region=eu-west-1\nsso_start_url=https://corp\n";
static const char token_text[] =
    "{\"accessToken\":\"old\",\"expiresAt\":\"2020-01-01T00:00:00UTC\",\"refreshToken\":\"r\","
    "\"clientId\":\"c\",\"clientSecret\":\"s\"}";

typedef struct fixture {
    char folder[64], variable[80], token_path[160];
    const char *environment[2];
    aws_models *models;
} fixture;

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    static const char *const folders[] = {"/.aws", "/.aws/sso", "/.aws/sso/cache"};
    char path[160];
    error err;
    fixture *f = calloc(1, sizeof(*f));
    snprintf(f->folder, sizeof(f->folder), "/tmp/gait-test-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    for (size_t i = 0; i < ARRAY_LENGTH(folders); i++) {
        snprintf(path, sizeof(path), "%s%s", f->folder, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    snprintf(path, sizeof(path), "%s/.aws/config", f->folder);
    put(path, config_text);
    snprintf(f->token_path, sizeof(f->token_path), "%s/.aws/sso/cache/%s.json", f->folder,
             CORP_SHA1);
    snprintf(f->variable, sizeof(f->variable), "HOME=%s", f->folder);
    f->environment[0] = f->variable;
    assert_ok(aws_models_open(STR(GAIT_AWS_MODELS_FILE), &f->models, &err), err);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    char command[128];
    aws_models_close(f->models);
    snprintf(command, sizeof(command), "rm -rf '%s'", f->folder);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

static status renew(const aws_settings *settings, const aws_plan *plan, arena *a, error *reterr)
{
    aws_sso_token token, renewed;
    json answer;
    TRY(aws_sso_token_read(settings, plan->sso_cache_key, a, &token, reterr));
    assert_true(aws_sso_token_wants_renewal(&token, NOW_MS));
    TRY(json_parse_into(STR(ANSWER), a, &answer, reterr));
    TRY(aws_sso_token_renew(&token, answer, NOW_MS, a, &renewed, reterr));
    assert_true(aws_sso_token_is_valid(&renewed, NOW_MS));
    return aws_sso_token_write(&renewed, a, reterr);
}

static status use(const fixture *f, const aws_settings *settings, arena *a, error *reterr)
{
    aws_plan plan;
    aws_target target;
    aws_service sqs = aws_models_service(f->models, STR("sqs"));
    TRY(aws_plan_make(settings, true, a, &plan, reterr));
    TRY(aws_target_find(settings, sqs, STR("us-east-1"), STR_NONE, STR_NONE, a, &target, reterr));
    assert_str_equal(target.host, "sqs-fips.us-east-1.amazonaws.com");
    return renew(settings, &plan, a, reterr);
}

/* Whether all of it succeeded in what is left of an arena, and with so many allocations. */
static bool read_in(const fixture *f, size_t used, long allocations)
{
    arena a;
    aws_settings settings;
    error err = {0};
    put(f->token_path, token_text);
    arena_init(&a, ARENA_BYTES);
    bool is_room = arena_reserve(&a, ARENA_BYTES - 64) && arena_alloc(&a, used);
    assert_true(is_room);
    fail_allocations_after(allocations);
    status done = aws_settings_read(f->environment, (json){0}, &settings, &err);
    if (ok(done)) {
        done = use(f, &settings, &a, &err);
        aws_settings_clean_up(&settings);
    }
    fail_no_allocation();
    assert_true(ok(done) || (err.length > 0 && err.code == ERROR_MEMORY));
    arena_clean_up(&a);
    return ok(done);
}

static void assert_token(const fixture *f, bool is_new)
{
    char text[512] = "";
    FILE *file = fopen(f->token_path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    fclose(file);
    if (is_new) {
        assert_non_null(strstr(text, "\"accessToken\":\"new\""));
        assert_non_null(strstr(text, "\"refreshToken\":\"next\""));
        assert_int_equal(text[strlen(text) - 1], '}');
    } else {
        assert_string_equal(text, token_text);
    }
}

static void is_whole_or_an_error(void **state)
{
    fixture *f = *state;
    bool is_whole = false;
    assert_true(read_in(f, 0, -1));
    assert_token(f, true);
    for (size_t used = 16; used < ARENA_BYTES - 128; used += used < 13000 ? 1000 : 16) {
        is_whole = read_in(f, used, -1);
        assert_token(f, is_whole);
    }
    assert_false(is_whole);
    long count = 0;
    for (; !read_in(f, 0, count); count++) {
        assert_token(f, false);
        assert_true(count < 1000);
    }
    assert_true(count > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_whole_or_an_error, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    return 0; /* built without the models: GAIT_AWS_MODELS=OFF */
}

#endif
