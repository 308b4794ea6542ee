/* Where calls go. */
#include "integrations/aws/endpoints.h"

#include <stdlib.h>

#include "unit.h"

#ifdef GAIT_AWS_MODELS_FILE

#define OWN "http://127.0.0.1:8083"

typedef struct fixture {
    aws_models *models;
    arena a;
    aws_settings settings;
    aws_target target;
    error err;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    assert_ok(aws_models_open(STR(GAIT_AWS_MODELS_FILE), &f->models, &f->err), f->err);
    arena_init(&f->a, 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    aws_models_close(f->models);
    arena_clean_up(&f->a);
    free(f);
    return 0;
}

static status find(fixture *f, const char *service, const char *region,
                   const char *const *environment, const char *config, const char *shared)
{
    f->settings = (aws_settings){.environment = environment, .profile = STR("default")};
    if (config) {
        assert_ok(json_parse_into(str_from_c(config), &f->a, &f->settings.config, &f->err), f->err);
    }
    if (shared) {
        assert_ok(
            aws_profiles_add(&f->settings.profiles, str_from_c(shared), false, &f->a, &f->err),
            f->err);
    }
    return aws_target_find(&f->settings, aws_models_service(f->models, str_from_c(service)),
                           str_from_c(region), STR_NONE, STR(OWN), &f->a, &f->target, &f->err);
}

static void goes_to_aws_by_region_and_partition(void **state)
{
    fixture *f = *state;
    const struct {
        const char *service, *region, *host, *signing_region, *signing_service;
    } cases[] = {
        {"dynamodb", "eu-west-1", "dynamodb.eu-west-1.amazonaws.com", "eu-west-1", "dynamodb"},
        {"cloudwatchlogs", "us-east-1", "logs.us-east-1.amazonaws.com", "us-east-1", "logs"},
        {"iam", "eu-west-1", "iam.amazonaws.com", "us-east-1", "iam"},
        {"sqs", "cn-north-1", "sqs.cn-north-1.amazonaws.com.cn", "cn-north-1", "sqs"},
        {"sqs", "eu-future-9", "sqs.eu-future-9.amazonaws.com", "eu-future-9", "sqs"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_ok(find(f, cases[i].service, cases[i].region, NULL, NULL, NULL), f->err);
        assert_int_equal(f->target.kind, AWS_TARGET_AWS);
        assert_str_equal(f->target.host, cases[i].host);
        assert_str_equal(f->target.region, cases[i].signing_region);
        assert_str_equal(f->target.service, cases[i].signing_service);
        assert_false(f->target.is_plain);
    }
}

static void takes_the_first_endpoint_that_is_configured(void **state)
{
    fixture *f = *state;
    static const char *const both[] = {"AWS_ENDPOINT_URL=http://all:1",
                                       "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=http://logs:1", NULL};
    static const char *const ignored[] = {"AWS_ENDPOINT_URL=http://all:1",
                                          "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", NULL};
    static const char config[] = "{\"endpoint\": \"https://own:443/x/\", \"services\": {\"sqs\": "
                                 "{\"endpoint\": \"http://queue\", \"region\": \"eu-north-1\"}, "
                                 "\"s3\": {\"endpoint\": \"aws\"}}}";
    static const char shared[] = "[default]\nendpoint_url = http://shared\nservices = here\n"
                                 "[services here]\ncloudwatch_logs =\n  endpoint_url = "
                                 "http://shared-logs\n";
    const struct {
        const char *service;
        const char *const *environment;
        const char *config, *shared;
        aws_target_kind kind;
        const char *host, *path;
    } cases[] = {
        {"cloudwatchlogs", both, config, shared, AWS_TARGET_CONFIGURED, "logs:1", ""},
        {"sqs", both, config, shared, AWS_TARGET_CONFIGURED, "all:1", ""},
        {"sqs", NULL, config, shared, AWS_TARGET_CONFIGURED, "queue", ""},
        {"sns", NULL, config, shared, AWS_TARGET_CONFIGURED, "own", "/x"},
        {"sns", ignored, config, shared, AWS_TARGET_CONFIGURED, "own", "/x"},
        {"cloudwatchlogs", NULL, NULL, shared, AWS_TARGET_CONFIGURED, "shared-logs", ""},
        {"sns", NULL, NULL, shared, AWS_TARGET_CONFIGURED, "shared", ""},
        {"sns", ignored, NULL, shared, AWS_TARGET_AWS, "sns.us-east-1.amazonaws.com", ""},
        {"s3", NULL, config, shared, AWS_TARGET_AWS, "s3.us-east-1.amazonaws.com", ""},
        /* Step Functions and Lambda are this server, unless they are named. */
        {"sfn", both, config, shared, AWS_TARGET_OWN, "127.0.0.1:8083", ""},
        {"lambda", NULL, NULL, NULL, AWS_TARGET_OWN, "127.0.0.1:8083", ""},
        {"sfn", NULL, "{\"services\": {\"sfn\": {\"endpoint\": \"http://other\"}}}", NULL,
         AWS_TARGET_CONFIGURED, "other", ""},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_ok(find(f, cases[i].service, "us-east-1", cases[i].environment, cases[i].config,
                       cases[i].shared),
                  f->err);
        assert_int_equal(f->target.kind, cases[i].kind);
        assert_str_equal(f->target.host, cases[i].host);
        assert_str_equal(f->target.path, cases[i].path);
    }
    assert_ok(find(f, "sqs", "us-east-1", NULL, config, NULL), f->err);
    assert_str_equal(f->target.region, "eu-north-1");
}

#define FIPS "AWS_USE_FIPS_ENDPOINT=true"
#define DUAL "AWS_USE_DUALSTACK_ENDPOINT=True"

static void chooses_fips_and_dual_stack_endpoints(void **state)
{
    fixture *f = *state;
    const struct {
        const char *service, *region, *first, *second, *config, *shared, *host, *signing_region;
    } cases[] = {
        {"dynamodb", "us-east-1", FIPS, NULL, NULL, NULL, "dynamodb-fips.us-east-1.amazonaws.com",
         "us-east-1"},
        {"dynamodb", "us-gov-west-1", FIPS, NULL, NULL, NULL,
         "dynamodb.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
        {"kms", "us-gov-west-1", FIPS, NULL, NULL, NULL, "kms-fips.us-gov-west-1.amazonaws.com",
         "us-gov-west-1"},
        {"iam", "eu-west-1", FIPS, NULL, NULL, NULL, "iam-fips.amazonaws.com", "us-east-1"},
        {"s3", "eu-west-1", DUAL, NULL, NULL, NULL, "s3.dualstack.eu-west-1.amazonaws.com",
         "eu-west-1"},
        {"s3", "us-west-2", FIPS, DUAL, NULL, NULL, "s3-fips.dualstack.us-west-2.amazonaws.com",
         "us-west-2"},
        {"sqs", "us-east-1", DUAL, NULL, NULL, NULL, "sqs.us-east-1.api.aws", "us-east-1"},
        {"sqs", "us-east-1", FIPS, DUAL, NULL, NULL, "sqs-fips.us-east-1.api.aws", "us-east-1"},
        {"sqs", "cn-north-1", DUAL, NULL, NULL, NULL, "sqs.cn-north-1.api.amazonwebservices.com.cn",
         "cn-north-1"},
        {"sqs", "us-future-9", FIPS, NULL, NULL, NULL, "sqs-fips.us-future-9.amazonaws.com",
         "us-future-9"},
        {"applicationsignals", "us-east-1", DUAL, NULL, NULL, NULL,
         "application-signals.us-east-1.api.aws", "us-east-1"},
        /* The environment, then Gait's configuration, then the profile. */
        {"sqs", "us-east-1", NULL, NULL, "{\"useFipsEndpoint\": true}", NULL,
         "sqs-fips.us-east-1.amazonaws.com", "us-east-1"},
        {"sqs", "us-east-1", NULL, NULL, NULL,
         "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = TRUE\n",
         "sqs-fips.us-east-1.api.aws", "us-east-1"},
        {"sqs", "us-east-1", "AWS_USE_FIPS_ENDPOINT=false", NULL, "{\"useFipsEndpoint\": true}",
         "[default]\nuse_fips_endpoint = true\n", "sqs.us-east-1.amazonaws.com", "us-east-1"},
        {"sqs", "us-east-1", NULL, NULL, "{\"useFipsEndpoint\": false}",
         "[default]\nuse_fips_endpoint = true\n", "sqs.us-east-1.amazonaws.com", "us-east-1"},
        /* S3's own property. */
        {"s3", "us-east-1", NULL, NULL, NULL, "[default]\ns3 =\n  use_dualstack_endpoint = true\n",
         "s3.dualstack.us-east-1.amazonaws.com", "us-east-1"},
        {"sqs", "us-east-1", NULL, NULL, NULL, "[default]\ns3 =\n  use_dualstack_endpoint = true\n",
         "sqs.us-east-1.amazonaws.com", "us-east-1"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const char *const environment[] = {cases[i].first, cases[i].second, NULL};
        assert_ok(find(f, cases[i].service, cases[i].region, environment, cases[i].config,
                       cases[i].shared),
                  f->err);
        assert_int_equal(f->target.kind, AWS_TARGET_AWS);
        assert_str_equal(f->target.host, cases[i].host);
        assert_str_equal(f->target.region, cases[i].signing_region);
    }
}

/* Nobody who wants FIPS gets anything else without a word. */
static void refuses_endpoints_that_are_not_there(void **state)
{
    fixture *f = *state;
    const struct {
        const char *service, *region, *first, *second, *shared, *words;
    } cases[] = {
        {"cloudfrontkeyvaluestore", "us-east-1", FIPS, NULL, NULL,
         "CloudFront KeyValueStore has no FIPS endpoint in the region 'us-east-1'"},
        {"sqs", "us-east-1", FIPS, "AWS_ENDPOINT_URL=http://127.0.0.1:5000", NULL,
         "FIPS endpoints are asked for (AWS_USE_FIPS_ENDPOINT), which an endpoint that is "
         "configured (AWS_ENDPOINT_URL) is not"},
        {"sqs", "us-east-1", DUAL, "AWS_ENDPOINT_URL_SQS=http://127.0.0.1:5000", NULL,
         "dual-stack endpoints are asked for"},
        {"sqs", "us-east-1", "AWS_USE_FIPS_ENDPOINT=yes", NULL, NULL,
         "AWS_USE_FIPS_ENDPOINT is 'yes', which is neither true nor false"},
        {"sqs", "us-east-1", NULL, NULL, "[default]\nuse_dualstack_endpoint = 1\n",
         "use_dualstack_endpoint is '1', which is neither true nor false"},
        {"sqs", "fips-us-east-1", NULL, NULL, NULL, "AWS_USE_FIPS_ENDPOINT=true asks for"},
        {"sqs", "us-gov-west-1-fips", NULL, NULL, NULL, "AWS_USE_FIPS_ENDPOINT=true asks for"},
        {"s3", "us-east-1", NULL, NULL, "[default]\ns3 =\n  use_accelerate_endpoint = true\n",
         "use_accelerate_endpoint"},
        {"sqs", "us-east-1", NULL, NULL, "[default]\nservices = nowhere\n",
         "names the services 'nowhere'"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const char *const environment[] = {cases[i].first, cases[i].second, NULL};
        assert_true(
            failed(find(f, cases[i].service, cases[i].region, environment, NULL, cases[i].shared)));
        assert_non_null(strstr(f->err.message, cases[i].words));
    }
    /* A queue's URL names the plain endpoint. */
    static const struct {
        const char *queue, *host; /* NULL: refused */
    } queues[] = {
        {"https://sqs.us-east-1.amazonaws.com", "sqs-fips.us-east-1.amazonaws.com"},
        {"https://queue.amazonaws.com", "sqs-fips.us-east-1.amazonaws.com"},
        {"https://evilamazonaws.com", NULL},
        {"https://sqs.us-east-1.amazonaws.com.evil.example", NULL},
        {"http://sqs.us-east-1.amazonaws.com", NULL},
        {"http://127.0.0.1:9324", NULL},
    };
    static const char *const asked[] = {FIPS, NULL};
    f->settings = (aws_settings){.environment = asked, .profile = STR("default")};
    for (size_t i = 0; i < ARRAY_LENGTH(queues); i++) {
        status found = aws_target_find(&f->settings, aws_models_service(f->models, STR("sqs")),
                                       STR("us-east-1"), str_from_c(queues[i].queue), STR(OWN),
                                       &f->a, &f->target, &f->err);
        assert_int_equal(ok(found), queues[i].host != NULL);
        assert_true(failed(found) || str_equal(f->target.host, str_from_c(queues[i].host)));
    }
    /* This server is no endpoint of AWS, and an address from elsewhere needs no section. */
    static const char *const fips[] = {FIPS, NULL};
    static const char *const url[] = {"AWS_ENDPOINT_URL=http://127.0.0.1:5000", NULL};
    assert_ok(find(f, "sfn", "us-east-1", fips, NULL, NULL), f->err);
    assert_int_equal(f->target.kind, AWS_TARGET_OWN);
    assert_ok(find(f, "sqs", "us-east-1", url, NULL, "[default]\nservices = nowhere\n"), f->err);
}

static void refuses_what_is_no_url(void **state)
{
    fixture *f = *state;
    static const char *const urls[] = {
        "AWS_ENDPOINT_URL=localhost:5000",
        "AWS_ENDPOINT_URL=ftp://h",
        "AWS_ENDPOINT_URL=http://",
        "AWS_ENDPOINT_URL=http://h/a?b",
        "AWS_ENDPOINT_URL=http://h\r\nX: y",
        "AWS_ENDPOINT_URL=http:///path",
        "AWS_ENDPOINT_URL=http://h/\xc3\xa4",
        "AWS_ENDPOINT_URL=https://h h",
        "AWS_ENDPOINT_URL=h",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(urls); i++) {
        const char *const environment[] = {urls[i], NULL};
        assert_true(failed(find(f, "sqs", "us-east-1", environment, NULL, NULL)));
        assert_non_null(strstr(f->err.message, "which is no URL"));
    }
    static const char *const secret[] = {"AWS_ENDPOINT_URL=https://user:pass-word@h/", NULL};
    assert_true(failed(find(f, "sqs", "us-east-1", secret, NULL, NULL)));
    assert_non_null(strstr(f->err.message, "AWS_ENDPOINT_URL holds a user's name or password"));
    assert_null(strstr(f->err.message, "pass-word"));
    assert_true(failed(find(f, "sqs", "no region!", NULL, NULL, NULL)));
}

static void place(fixture *f, const char *service, const aws_request *request, const char *host,
                  const char *path)
{
    aws_place found;
    assert_ok(aws_target_place(&f->target, aws_models_service(f->models, str_from_c(service)),
                               request, &f->a, &found, &f->err),
              f->err);
    assert_str_equal(found.host, host);
    assert_str_equal(found.path, path);
}

static void puts_buckets_where_their_host_is(void **state)
{
    fixture *f = *state;
    static const char *const minio[] = {"AWS_ENDPOINT_URL_S3=http://127.0.0.1:9000/s3", NULL};
    aws_request plain = {.path = STR("/my-bucket/a%20b"), .bucket = STR("my-bucket")};
    aws_request dotted = {.path = STR("/my.bucket/a"), .bucket = STR("my.bucket")};
    aws_request alone = {.path = STR("/my-bucket"), .bucket = STR("my-bucket")};
    aws_request none = {.path = STR("/")};
    assert_ok(find(f, "s3", "eu-west-1", NULL, NULL, NULL), f->err);
    place(f, "s3", &plain, "my-bucket.s3.eu-west-1.amazonaws.com", "/a%20b");
    place(f, "s3", &dotted, "s3.eu-west-1.amazonaws.com", "/my.bucket/a");
    place(f, "s3", &alone, "my-bucket.s3.eu-west-1.amazonaws.com", "/");
    place(f, "s3", &none, "s3.eu-west-1.amazonaws.com", "/");
    static const char *const both[] = {FIPS, DUAL, NULL};
    assert_ok(find(f, "s3", "us-east-1", both, NULL, NULL), f->err);
    place(f, "s3", &plain, "my-bucket.s3-fips.dualstack.us-east-1.amazonaws.com", "/a%20b");
    assert_ok(find(f, "geomaps", "us-east-1", NULL, NULL, NULL), f->err);
    place(f, "geomaps", &(aws_request){.path = STR("/static/map")},
          "maps.geo.us-east-1.amazonaws.com", "/v2/static/map");
    assert_ok(find(f, "s3", "eu-west-1", NULL, NULL, NULL), f->err);
    aws_request arn = {.path = STR("/arn%3Ax/a"), .bucket = STR("arn:aws:s3:x")};
    aws_place found;
    assert_true(failed(aws_target_place(&f->target, aws_models_service(f->models, STR("s3")), &arn,
                                        &f->a, &found, &f->err)));
    assert_ok(find(f, "s3", "eu-west-1", minio, NULL, NULL), f->err);
    place(f, "s3", &plain, "127.0.0.1:9000", "/s3/my-bucket/a%20b");
}

/* Nobody has a name sync-127.0.0.1; a VPC endpoint has its names. */
static void puts_prefixes_before_names_only(void **state)
{
    fixture *f = *state;
    const struct {
        const char *variable, *host;
    } cases[] = {
        {"X=", "sync-states.eu-west-1.amazonaws.com"},
        {"AWS_ENDPOINT_URL_SFN=http://127.0.0.1:1", "127.0.0.1:1"},
        {"AWS_ENDPOINT_URL_SFN=https://127.0.0.1:1", "127.0.0.1:1"},
        {"AWS_ENDPOINT_URL_SFN=https://[::1]:1", "[::1]:1"},
        {"AWS_ENDPOINT_URL_SFN=https://localhost:1", "localhost:1"},
        {"AWS_ENDPOINT_URL_SFN=http://states.example.org", "states.example.org"},
        {"AWS_ENDPOINT_URL_SFN=https://vpce-1.states.eu-west-1.vpce.amazonaws.com",
         "sync-vpce-1.states.eu-west-1.vpce.amazonaws.com"},
    };
    aws_request request = {.path = STR("/"), .host_prefix = STR("sync-")};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const char *const environment[] = {cases[i].variable, NULL};
        f->settings = (aws_settings){.environment = environment, .profile = STR("default")};
        assert_ok(aws_target_find(&f->settings, aws_models_service(f->models, STR("sfn")),
                                  STR("eu-west-1"), STR_NONE, STR_NONE, &f->a, &f->target, &f->err),
                  f->err);
        place(f, "sfn", &request, cases[i].host, "/");
    }
}

static void knows_this_machine(void **state)
{
    (void)state;
    static const char *const here[] = {"localhost", "LOCALHOST:80", "127.0.0.1:5000",
                                       "127.1.2.3", "[::1]:80",     "s3.localhost"};
    static const char *const elsewhere[] = {"127.example.com", "10.0.0.1", "localhost.example.com",
                                            "[::2]", "moto:5000"};
    for (size_t i = 0; i < ARRAY_LENGTH(here); i++) {
        assert_true(aws_host_is_loopback(str_from_c(here[i])));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(elsewhere); i++) {
        assert_false(aws_host_is_loopback(str_from_c(elsewhere[i])));
    }
}

int main(void)
{
#define WITH_MODELS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_MODELS(goes_to_aws_by_region_and_partition),
        WITH_MODELS(takes_the_first_endpoint_that_is_configured),
        WITH_MODELS(chooses_fips_and_dual_stack_endpoints),
        WITH_MODELS(refuses_endpoints_that_are_not_there),
        WITH_MODELS(refuses_what_is_no_url),
        WITH_MODELS(puts_buckets_where_their_host_is),
        WITH_MODELS(puts_prefixes_before_names_only),
        cmocka_unit_test(knows_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    return 0;
}

#endif
