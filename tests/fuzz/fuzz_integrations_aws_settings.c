/* What people and other programs leave in files and variables: the shared files of the SDKs, an
 * endpoint, a region, the token of a login and the answer that renews it. The parts are divided by
 * NUL: the config file, the profile's name, AWS_ENDPOINT_URL, the region, the token's file, the
 * answer. */
#include "base/utf8.h"
#include "integrations/aws/clock_skew.h"
#include "integrations/aws/endpoints.h"
#include "integrations/aws/plan.h"
#include "integrations/aws/sso_token.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef GAIT_AWS_MODELS_FILE

#define PARTS 6
#define NOW_MS 1800000000000

static aws_models *models; /* opened once: a fuzzer is one thread, and opening takes milliseconds */

static void fuzz_targets(const aws_settings *settings, str region, arena *a)
{
    static const char *const services[] = {"s3", "sqs", "iam", "sfn", "geomaps"};
    for (size_t i = 0; i < ARRAY_LENGTH(services); i++) {
        aws_service service = aws_models_service(models, str_from_c(services[i]));
        aws_target target;
        error err;
        if (failed(aws_target_find(settings, service, region, STR_NONE, STR("http://127.0.0.1:1"),
                                   a, &target, &err))) {
            INVARIANT(err.length > 0);
            continue;
        }
        aws_request request = {.path = STR("/bucket/key"), .bucket = STR("bucket")};
        aws_place place;
        INVARIANT(ok(aws_target_place(&target, service, &request, a, &place, NULL)));
        for (size_t k = 0; k < place.host.len; k++) {
            INVARIANT(place.host.ptr[k] > ' ' && place.host.ptr[k] < 0x7f &&
                      place.host.ptr[k] != '@' && place.host.ptr[k] != '/');
        }
    }
}

static void fuzz_plan(const aws_settings *settings, arena *a)
{
    aws_plan plan;
    if (ok(aws_plan_make(settings, true, a, &plan, NULL))) {
        INVARIANT(plan.role_count <= AWS_PLAN_ROLES_MAX);
        INVARIANT(plan.kind != AWS_SOURCE_SSO || (plan.sso_region.len && plan.sso_account.len));
    }
    INVARIANT(aws_plan_explain(settings, false, a).ptr != NULL);
}

static void fuzz_renewal(str file, str answer, arena *a)
{
    aws_sso_token old = {.path = STR("/nowhere")}, renewed;
    json value;
    int64_t ahead_ms;
    (void)aws_clock_is_skewed(STR("RequestExpired"), answer, NOW_MS, &ahead_ms);
    if (failed(json_parse_into(file, a, &old.file, NULL)) || !json_is(old.file, JSON_OBJECT) ||
        failed(json_parse_into(answer, a, &value, NULL)) ||
        failed(aws_sso_token_renew(&old, value, NOW_MS, a, &renewed, NULL))) {
        return;
    }
    INVARIANT(aws_sso_token_is_valid(&renewed, NOW_MS));
    str text = json_text(renewed.file, a);
    INVARIANT(text.ptr && utf8_check(text) == text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str parts[PARTS] = {0};
    str rest = str_from((const char *)data, size);
    char *variable = malloc(size + 32);
    arena a;
    if (!models) {
        INVARIANT(ok(aws_models_open(STR(GAIT_AWS_MODELS_FILE), &models, NULL)));
    }
    INVARIANT(variable != NULL);
    arena_init(&a, 1u << 26);
    for (size_t i = 0; i < PARTS && rest.ptr; i++) {
        parts[i] = str_split_next(&rest, '\0');
    }
    snprintf(variable, size + 32, "AWS_ENDPOINT_URL=%.*s", STR_ARG(parts[2]));
    const char *const environment[] = {variable, NULL};
    aws_settings settings = {.environment = environment, .profile = parts[1]};
    arena_init(&settings.memory, 1u << 26);
    if (ok(aws_profiles_add(&settings.profiles, parts[0], false, &a, NULL))) {
        fuzz_targets(&settings, parts[3], &a);
        fuzz_plan(&settings, &a);
        INVARIANT(ok(aws_settings_read_calls(&settings, NULL)) || settings.trouble.ptr);
    }
    fuzz_renewal(parts[4], parts[5], &a);
    arena_clean_up(&settings.memory);
    arena_clean_up(&a);
    free(variable);
    return 0;
}

#else

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)data;
    return (int)size < 0;
}

#endif
