#include "integrations/aws/plan.h"

#include "base/digest.h"

#include <arpa/inet.h>
#include <stdio.h>

#define SESSION_NAME STR("gait")
#define CONTAINER_HOST "http://169.254.170.2"
#define ROLE_SECONDS_MAX 43200 /* STS: DurationSeconds */

typedef struct planner {
    const aws_settings *settings;
    arena *a;
    aws_plan plan;
} planner;

static str variable(const planner *p, const char *name)
{
    return aws_settings_variable(p->settings, name);
}

static str property(const planner *p, str profile, const char *name)
{
    str value =
        aws_profiles_get(&p->settings->profiles, AWS_SECTION_PROFILE, profile, str_from_c(name));
    return value.len ? value : STR_NONE;
}

/* ---------------------------------------------------------------------------------------- sources
 */

static status plan_environment(planner *p, error *reterr)
{
    aws_plan *plan = &p->plan;
    plan->access_key_id = variable(p, "AWS_ACCESS_KEY_ID");
    plan->secret_access_key = variable(p, "AWS_SECRET_ACCESS_KEY");
    plan->session_token = variable(p, "AWS_SESSION_TOKEN");
    if (!plan->access_key_id.ptr && !plan->secret_access_key.ptr) {
        return STATUS_OK;
    }
    if (!plan->access_key_id.ptr || !plan->secret_access_key.ptr) {
        return fail(reterr, ERROR_INVALID,
                    "of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set");
    }
    plan->kind = AWS_SOURCE_KEYS;
    return STATUS_OK;
}

static void plan_web_identity(planner *p)
{
    str file = variable(p, "AWS_WEB_IDENTITY_TOKEN_FILE");
    str role = variable(p, "AWS_ROLE_ARN");
    str session = variable(p, "AWS_ROLE_SESSION_NAME");
    if (file.ptr && role.ptr) {
        p->plan.kind = AWS_SOURCE_WEB_IDENTITY;
        p->plan.token_file = file;
        p->plan.web_role =
            (aws_role){.arn = role, .session_name = session.ptr ? session : SESSION_NAME};
    }
}

/* Addresses that only a container, or this machine, can answer at: a token goes there in the clear.
 */
static bool is_container_host(str url)
{
    static const char *const hosts[] = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]",
                                        "localhost", "[::1]"};
    str host = str_skip(url, 7);
    size_t end = str_find_char(host, '/');
    host = str_take(host, end == STR_NOT_FOUND ? host.len : end);
    size_t colon = str_find_last_char(host, ':');
    if (colon != STR_NOT_FOUND && !str_ends_with(host, STR("]"))) {
        host = str_take(host, colon);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(hosts); i++) {
        if (str_equal(host, str_from_c(hosts[i]))) {
            return true;
        }
    }
    char text[INET_ADDRSTRLEN] = {0};
    struct in_addr address;
    if (host.len >= sizeof(text)) {
        return false;
    }
    memcpy(text, host.ptr, host.len);
    return inet_pton(AF_INET, text, &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

static status plan_container(planner *p, error *reterr)
{
    str relative = variable(p, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    str full = variable(p, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!relative.ptr && !full.ptr) {
        return STATUS_OK;
    }
    if (!relative.ptr && str_find_char(full, '@') != STR_NOT_FOUND) {
        return fail(reterr, ERROR_INVALID,
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI must hold no user's name and password");
    }
    if (relative.ptr) {
        p->plan.url = arena_printf(p->a, CONTAINER_HOST "%.*s", STR_ARG(relative));
        if (!p->plan.url.ptr) {
            return fail_memory(reterr);
        }
    } else if (str_starts_with(full, STR("https://")) ||
               (str_starts_with(full, STR("http://")) && is_container_host(full))) {
        p->plan.url = full;
    } else {
        return fail(reterr, ERROR_INVALID,
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http at this machine or "
                    "at 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]");
    }
    p->plan.authorization = variable(p, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    p->plan.authorization_file = variable(p, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    p->plan.kind = AWS_SOURCE_CONTAINER;
    return STATUS_OK;
}

static bool is_metadata_disabled(const planner *p)
{
    return aws_settings_is_true(variable(p, "AWS_EC2_METADATA_DISABLED"));
}

/* ---------------------------------------------------------------------------------------- profile
 */

/* A value of the sso-session; where the profile has one, too, they must agree. */
static status read_sso(const planner *p, str profile, str session, const char *name, str *ret_value,
                       error *reterr)
{
    str own = property(p, profile, name);
    str shared = session.ptr ? aws_profiles_get(&p->settings->profiles, AWS_SECTION_SSO_SESSION,
                                                session, str_from_c(name))
                             : STR_NONE;
    if (own.len && shared.len && !str_equal(own, shared)) {
        return fail(reterr, ERROR_INVALID,
                    "%s of the profile '%.*s' differs from that of its sso-session '%.*s'", name,
                    STR_ARG(profile), STR_ARG(session));
    }
    if (!own.len && !shared.len) {
        return fail(reterr, ERROR_INVALID,
                    "the profile '%.*s' takes its credentials from IAM "
                    "Identity Center, and lacks %s",
                    STR_ARG(profile), name);
    }
    *ret_value = shared.len ? shared : own;
    return STATUS_OK;
}

/* The token's file is named by the SHA-1 of the session's name, or of the start URL. */
static status plan_sso(planner *p, str profile, error *reterr)
{
    char hex[DIGEST_HEX_SIZE];
    aws_plan *plan = &p->plan;
    str session = property(p, profile, "sso_session");
    str url = STR_NONE;
    if (session.ptr &&
        !aws_profiles_has(&p->settings->profiles, AWS_SECTION_SSO_SESSION, session)) {
        return fail(reterr, ERROR_INVALID,
                    "the profile '%.*s' names the sso-session '%.*s', which is not in the config "
                    "file",
                    STR_ARG(profile), STR_ARG(session));
    }
    TRY(read_sso(p, profile, session, "sso_start_url", &url, reterr));
    TRY(read_sso(p, profile, session, "sso_region", &plan->sso_region, reterr));
    TRY(read_sso(p, profile, session, "sso_account_id", &plan->sso_account, reterr));
    TRY(read_sso(p, profile, session, "sso_role_name", &plan->sso_role, reterr));
    str hex_text = digest_compute_hex(DIGEST_SHA1, session.ptr ? session : url, hex);
    plan->sso_cache_key = arena_str(p->a, hex_text);
    if (!plan->sso_cache_key.ptr) {
        return fail_memory(reterr);
    }
    plan->sso_profile = profile;
    plan->sso_is_renewable = session.ptr != NULL;
    plan->kind = AWS_SOURCE_SSO;
    return STATUS_OK;
}

static status read_role(const planner *p, str profile, str arn, aws_role *ret_role, error *reterr)
{
    str session = property(p, profile, "role_session_name");
    str duration = property(p, profile, "duration_seconds");
    if (property(p, profile, "mfa_serial").ptr) {
        return fail(reterr, ERROR_UNSUPPORTED,
                    "the profile '%.*s' wants a code of an MFA device (mfa_serial), which nobody "
                    "is there to type",
                    STR_ARG(profile));
    }
    aws_role role = {.arn = arn,
                     .session_name = session.ptr ? session : SESSION_NAME,
                     .external_id = property(p, profile, "external_id")};
    for (size_t i = 0; i < duration.len && role.duration_seconds <= ROLE_SECONDS_MAX; i++) {
        if (duration.ptr[i] < '0' || duration.ptr[i] > '9') {
            return fail(reterr, ERROR_INVALID,
                        "duration_seconds of the profile '%.*s' is no whole number",
                        STR_ARG(profile));
        }
        role.duration_seconds = role.duration_seconds * 10 + (duration.ptr[i] - '0');
    }
    *ret_role = role;
    return STATUS_OK;
}

static status plan_credential_source(planner *p, str profile, str source, error *reterr)
{
    if (str_equal(source, STR("Environment"))) {
        TRY(plan_environment(p, reterr));
    } else if (str_equal(source, STR("EcsContainer"))) {
        TRY(plan_container(p, reterr));
    } else if (str_equal(source, STR("Ec2InstanceMetadata"))) {
        p->plan.kind = AWS_SOURCE_METADATA;
    } else {
        return fail(reterr, ERROR_INVALID,
                    "credential_source of the profile '%.*s' must be Environment, EcsContainer or "
                    "Ec2InstanceMetadata",
                    STR_ARG(profile));
    }
    return p->plan.kind != AWS_SOURCE_NONE
               ? STATUS_OK
               : fail(reterr, ERROR_INVALID,
                      "the profile '%.*s' takes its credentials from %.*s, where there are none",
                      STR_ARG(profile), STR_ARG(source));
}

/* What a profile has by itself, without role_arn. */
static status plan_profile_source(planner *p, str profile, error *reterr)
{
    aws_plan *plan = &p->plan;
    str key = property(p, profile, "aws_access_key_id");
    str secret = property(p, profile, "aws_secret_access_key");
    bool has_login =
        property(p, profile, "sso_session").ptr || property(p, profile, "sso_start_url").ptr;
    /* Without these a login is for something else, such as a token of CodeCatalyst. */
    if (property(p, profile, "sso_account_id").ptr || property(p, profile, "sso_role_name").ptr) {
        return plan_sso(p, profile, reterr);
    }
    if (key.ptr || secret.ptr) {
        if (!key.ptr || !secret.ptr) {
            return fail(reterr, ERROR_INVALID,
                        "of aws_access_key_id and aws_secret_access_key the profile '%.*s' has "
                        "only one",
                        STR_ARG(profile));
        }
        plan->kind = AWS_SOURCE_KEYS;
        plan->access_key_id = key;
        plan->secret_access_key = secret;
        plan->session_token = property(p, profile, "aws_session_token");
        return STATUS_OK;
    }
    plan->command = property(p, profile, "credential_process");
    if (plan->command.ptr) {
        plan->kind = AWS_SOURCE_PROCESS;
        return STATUS_OK;
    }
    if (property(p, profile, "login_session").ptr) {
        return fail(reterr, ERROR_UNSUPPORTED,
                    "the profile '%.*s' has the login of `aws login` (login_session), which is not "
                    "supported: `aws configure export-credentials` as its credential_process is",
                    STR_ARG(profile));
    }
    return has_login ? plan_sso(p, profile, reterr) : STATUS_OK;
}

/* The source of a profile's role, or the next profile in *profile to look at. */
static status plan_role(planner *p, str *profile, str arn, bool *ret_is_whole, error *reterr)
{
    aws_role role;
    str here = *profile;
    str web = property(p, here, "web_identity_token_file");
    str source_profile = property(p, here, "source_profile");
    str source = property(p, here, "credential_source");
    TRY(read_role(p, here, arn, &role, reterr));
    *ret_is_whole = true;
    if (web.ptr) {
        p->plan.kind = AWS_SOURCE_WEB_IDENTITY;
        p->plan.token_file = web;
        p->plan.web_role = role;
        return STATUS_OK;
    }
    if (p->plan.role_count == AWS_PLAN_ROLES_MAX) {
        return fail(reterr, ERROR_LIMIT,
                    "the profiles lead from role to role in a circle, or through more than %d",
                    AWS_PLAN_ROLES_MAX);
    }
    p->plan.roles[p->plan.role_count++] = role;
    if (source.ptr && !source_profile.ptr) {
        return plan_credential_source(p, here, source, reterr);
    }
    if (!source_profile.ptr || source.ptr) {
        return fail(reterr, ERROR_INVALID,
                    "the profile '%.*s' has role_arn, and needs one of source_profile, "
                    "credential_source and web_identity_token_file",
                    STR_ARG(here));
    }
    if (!aws_profiles_has(&p->settings->profiles, AWS_SECTION_PROFILE, source_profile)) {
        return fail(reterr, ERROR_INVALID,
                    "the profile '%.*s' names the source_profile '%.*s', which is not there",
                    STR_ARG(here), STR_ARG(source_profile));
    }
    /* A profile may name itself: then its own keys assume its role. */
    if (str_equal(source_profile, here)) {
        return plan_profile_source(p, here, reterr);
    }
    *profile = source_profile;
    *ret_is_whole = false;
    return STATUS_OK;
}

static status plan_profile(planner *p, error *reterr)
{
    str profile = p->settings->profile;
    bool is_whole = false;
    if (!aws_profiles_has(&p->settings->profiles, AWS_SECTION_PROFILE, profile)) {
        return p->settings->is_profile_named
                   ? fail(reterr, ERROR_INVALID, "the profile '%.*s' could not be found",
                          STR_ARG(profile))
                   : STATUS_OK;
    }
    while (!is_whole) {
        str arn = property(p, profile, "role_arn");
        if (!arn.ptr) {
            is_whole = true;
            TRY(plan_profile_source(p, profile, reterr));
        } else {
            TRY(plan_role(p, &profile, arn, &is_whole, reterr));
        }
    }
    if (p->plan.kind == AWS_SOURCE_NONE && p->plan.role_count) {
        return fail(reterr, ERROR_INVALID,
                    "the profile '%.*s' has no credentials to assume a role with",
                    STR_ARG(profile));
    }
    return STATUS_OK;
}

/* Found from the last role to the first. */
static void turn_roles(aws_plan *plan)
{
    for (size_t i = 0; i < plan->role_count / 2; i++) {
        aws_role role = plan->roles[i];
        plan->roles[i] = plan->roles[plan->role_count - 1 - i];
        plan->roles[plan->role_count - 1 - i] = role;
    }
}

status aws_plan_make(const aws_settings *settings, bool may_ask_metadata, arena *a,
                     aws_plan *ret_plan, error *reterr)
{
    planner p = {.settings = settings, .a = a};
    TRY(plan_environment(&p, reterr));
    if (p.plan.kind == AWS_SOURCE_NONE) {
        plan_web_identity(&p);
    }
    if (p.plan.kind == AWS_SOURCE_NONE) {
        TRY(plan_profile(&p, reterr));
    }
    if (p.plan.kind == AWS_SOURCE_NONE) {
        TRY(plan_container(&p, reterr));
    }
    if (p.plan.kind == AWS_SOURCE_NONE && may_ask_metadata && !is_metadata_disabled(&p)) {
        p.plan.kind = AWS_SOURCE_METADATA;
    }
    turn_roles(&p.plan);
    *ret_plan = p.plan;
    return STATUS_OK;
}

str aws_plan_explain(const aws_settings *settings, bool may_ask_metadata, arena *a)
{
    planner p = {.settings = settings, .a = a};
    return arena_printf(
        a,
        "there are no AWS credentials: AWS_ACCESS_KEY_ID and AWS_WEB_IDENTITY_TOKEN_FILE are not "
        "set, the profile '%.*s' in %.*s%s and %.*s%s has none, AWS_CONTAINER_CREDENTIALS_* are "
        "not set, and %s",
        STR_ARG(settings->profile),
        STR_ARG(settings->credentials_path.ptr ? settings->credentials_path
                                               : STR("~/.aws/credentials")),
        settings->has_credentials ? "" : " (missing)",
        STR_ARG(settings->config_path.ptr ? settings->config_path : STR("~/.aws/config")),
        settings->has_config ? "" : " (missing)",
        is_metadata_disabled(&p) ? "the metadata service of EC2 is disabled"
        : may_ask_metadata       ? "the metadata service of EC2 does not answer"
                                 : "the metadata service of EC2 is not asked for this endpoint");
}
