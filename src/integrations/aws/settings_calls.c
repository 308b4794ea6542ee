/* What is configured about calls as such: how often they are made, and whom they trust.
 * Sources: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html and
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html (AWS_CA_BUNDLE) */
#include "integrations/aws/settings.h"

#define PEM_BEGIN STR("-----BEGIN ")

typedef struct setting {
    str value;
    const char *place; /* for messages */
} setting;

static setting find_setting(const aws_settings *s, const char *variable, const char *property)
{
    str value = aws_settings_variable(s, variable);
    return value.ptr ? (setting){value, variable}
                     : (setting){aws_settings_property(s, property), property};
}

/* The environment, Gait's configuration, the profile. */
static status read_attempts(aws_settings *s, error *reterr)
{
    setting found = find_setting(s, "AWS_MAX_ATTEMPTS", "max_attempts");
    bool is_of_profile = !aws_settings_variable(s, "AWS_MAX_ATTEMPTS").ptr;
    int64_t own = aws_settings_number(s, "attemptsMax", 0);
    uint32_t attempts = 0;
    if (own && is_of_profile) {
        s->attempts_max = (uint32_t)own;
        return STATUS_OK;
    }
    for (size_t i = 0; i < found.value.len; i++) {
        char c = found.value.ptr[i];
        bool is_digit = c >= '0' && c <= '9';
        attempts = is_digit && attempts <= AWS_ATTEMPTS_SETTING_MAX
                       ? attempts * 10 + (uint32_t)(c - '0')
                       : AWS_ATTEMPTS_SETTING_MAX + 1;
    }
    if (found.value.ptr && (attempts < 1 || attempts > AWS_ATTEMPTS_SETTING_MAX)) {
        return fail(reterr, ERROR_INVALID, "%s is '%.*s', which is no whole number from 1 to %d",
                    found.place, STR_ARG(str_take(found.value, 60)), AWS_ATTEMPTS_SETTING_MAX);
    }
    s->attempts_max = attempts ? attempts : AWS_ATTEMPTS_MAX;
    return STATUS_OK;
}

/* Calls are sent again as in the mode `standard`, whichever is named. */
static status check_mode(const aws_settings *s, error *reterr)
{
    static const char *const modes[] = {"legacy", "standard", "adaptive"};
    setting found = find_setting(s, "AWS_RETRY_MODE", "retry_mode");
    for (size_t i = 0; i < ARRAY_LENGTH(modes); i++) {
        if (!found.value.ptr || str_equal_ignore_case(found.value, str_from_c(modes[i]))) {
            return STATUS_OK;
        }
    }
    return fail(reterr, ERROR_INVALID, "%s is '%.*s', and must be standard, adaptive or legacy",
                found.place, STR_ARG(str_take(found.value, 60)));
}

static status read_trusted(aws_settings *s, error *reterr)
{
    setting found = find_setting(s, "AWS_CA_BUNDLE", "ca_bundle");
    str text;
    error err;
    if (!found.value.ptr) {
        return STATUS_OK;
    }
    status done = aws_settings_read_file(s, found.value, &s->memory, &text, &err);
    if (failed(done)) {
        return fail(reterr, done.code, "%s: %s", found.place, err.message);
    }
    if (str_find(text, PEM_BEGIN) == STR_NOT_FOUND) {
        return fail(reterr, ERROR_INVALID, "%s: %.*s holds no certificate as PEM", found.place,
                    STR_ARG(str_take(found.value, 200)));
    }
    s->trusted = text;
    return STATUS_OK;
}

status aws_settings_read_calls(aws_settings *settings, error *reterr)
{
    error err = {0};
    status done = read_attempts(settings, &err);
    if (ok(done)) {
        done = check_mode(settings, &err);
    }
    if (ok(done)) {
        done = read_trusted(settings, &err);
    }
    if (ok(done)) {
        return STATUS_OK;
    }
    settings->trouble = arena_str(&settings->memory, str_from(err.message, err.length));
    return done.code == ERROR_MEMORY || !settings->trouble.ptr ? fail_memory(reterr) : STATUS_OK;
}
