/* Wording: as recorded ("Must specify exactly one Log Destination."), or as users of AWS have
 * quoted it. Defaults: DescribeStateMachine shows level OFF, tracing disabled and AWS_OWNED_KEY
 * where nothing was given. */
#include "api/machine_settings.h"

#include "api/api_private.h"
#include "asl/asl.h"
#include "base/digest.h"

/* arn:PARTITION:iam::ACCOUNT:role/NAME */
static bool is_role_arn(str arn)
{
    str rest = arn, parts[5];
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        parts[i] = str_split_next(&rest, ':');
    }
    bool is_account = parts[4].len == 12;
    for (size_t i = 0; i < parts[4].len; i++) {
        is_account &= parts[4].ptr[i] >= '0' && parts[4].ptr[i] <= '9';
    }
    return str_equal(parts[0], STR("arn")) && str_starts_with(parts[1], STR("aws")) &&
           str_equal(parts[2], STR("iam")) && !parts[3].len && is_account &&
           str_starts_with(rest, STR("role/")) && rest.len > 5;
}

bool machine_settings_check_role(api_call *call, str role_arn)
{
    if (role_arn.ptr && !is_role_arn(role_arn)) {
        api_refuse(call, "InvalidArn", "Invalid Role Arn: '%.*s'", STR_ARG(role_arn));
        return false;
    }
    return true;
}

static bool read_role(api_call *call, machine_settings *settings)
{
    settings->role_arn = api_text(call, "roleArn");
    return machine_settings_check_role(call, settings->role_arn);
}

static bool read_definition(api_call *call, bool is_express, machine_settings *settings)
{
    str text = api_text(call, "definition"), summary;
    if (!text.ptr) {
        return true;
    }
    error err;
    char key[DIGEST_HEX_SIZE];
    const asl_machine *machine = NULL;
    asl_diagnostics diagnostics;
    asl_options options = {.is_express = is_express,
                           .check_resource = call->api->options.check_resource,
                           .check_arguments = call->api->options.check_arguments,
                           .user = call->api->options.check_user};
    asl_diagnostics_init(&diagnostics);
    status done = asl_compile(text, &options, &machine, &diagnostics, &err);
    bool is_invalid = done.code == ERROR_INVALID;
    if (is_invalid) {
        done = asl_diagnostics_summary(&diagnostics, &call->memory, &summary, &err);
    }
    asl_machine_release(machine);
    asl_diagnostics_clean_up(&diagnostics);
    settings->definition = text;
    settings->definition_key =
        arena_str(&call->memory, digest_compute_hex(DIGEST_SHA256, text, key));
    if (ok(done) && !settings->definition_key.ptr) {
        done = fail_memory(&err);
    }
    if (failed(done)) {
        api_fail(call, &err);
    } else if (is_invalid) {
        api_refuse(call, "InvalidDefinition", "Invalid State Machine Definition: '%.*s'",
                   STR_ARG(summary));
    }
    return ok(done) && !is_invalid;
}

/* What is wrong with a logging configuration; NULL when nothing is. */
static const char *judge_logging(json logging, str level)
{
    json destinations = json_get(logging, STR("destinations"));
    uint32_t count = json_count(destinations);
    if (count > 1 || (count != 1 && !str_equal(level, STR("OFF")))) {
        return "Must specify exactly one Log Destination.";
    }
    if (count) {
        str arn =
            json_str(json_get(json_get(json_item(destinations, 0), STR("cloudWatchLogsLogGroup")),
                              STR("logGroupArn")));
        if (!str_starts_with(arn, STR("arn:")) ||
            str_find(arn, STR(":log-group:")) == STR_NOT_FOUND) {
            return "Must specify a valid Log Group ARN.";
        }
        if (!str_ends_with(arn, STR(":*"))) {
            return "Log Group ARN must be provided with '*' qualifier.";
        }
    }
    return NULL;
}

static status make_logging(api_call *call, json given, json *ret_logging, error *reterr)
{
    json_object_builder b;
    json level = json_get(given, STR("level"));
    json include = json_get(given, STR("includeExecutionData"));
    json destinations = json_get(given, STR("destinations"));
    json_object_begin(&b, &call->memory, 3);
    json_object_add(&b, STR("level"), json_is(level, JSON_STRING) ? level : json_literal("OFF"));
    json_object_add(&b, STR("includeExecutionData"), json_boolean(json_is_true(include)));
    if (json_is(destinations, JSON_ARRAY)) {
        json_object_add(&b, STR("destinations"), destinations);
    }
    return json_object_finish(&b, ret_logging, reterr);
}

static status make_tracing(api_call *call, json given, json *ret_tracing, error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, &call->memory, 1);
    json_object_add(&b, STR("enabled"),
                    json_boolean(json_is_true(json_get(given, STR("enabled")))));
    return json_object_finish(&b, ret_tracing, reterr);
}

#define KEY_REUSE_SECONDS_DEFAULT 300 /* EncryptionConfiguration's API page */

static status make_encryption(api_call *call, json given, json *ret_encryption, error *reterr)
{
    json_object_builder b;
    json key = json_get(given, STR("kmsKeyId"));
    json seconds = json_get(given, STR("kmsDataKeyReusePeriodSeconds"));
    json_object_begin(&b, &call->memory, 3);
    if (json_is(key, JSON_STRING)) {
        json_object_add(&b, STR("kmsKeyId"), key);
        json_object_add(&b, STR("kmsDataKeyReusePeriodSeconds"),
                        json_is(seconds, JSON_NUMBER) ? seconds
                                                      : json_from_int64(KEY_REUSE_SECONDS_DEFAULT));
        json_object_add(&b, STR("type"), json_literal("CUSTOMER_MANAGED_KMS_KEY"));
    } else {
        json_object_add(&b, STR("type"), json_literal("AWS_OWNED_KEY"));
    }
    return json_object_finish(&b, ret_encryption, reterr);
}

static const char *judge_encryption(json given)
{
    bool is_owned = str_equal(json_str(json_get(given, STR("type"))), STR("AWS_OWNED_KEY"));
    bool has_key = json_is(json_get(given, STR("kmsKeyId")), JSON_STRING);
    if (!is_owned && !has_key) {
        return "kmsKeyId must be specified when type is CUSTOMER_MANAGED_KMS_KEY";
    }
    bool has_period = json_is(json_get(given, STR("kmsDataKeyReusePeriodSeconds")), JSON_NUMBER);
    if (is_owned && (has_key || has_period)) {
        return "kmsKeyId and kmsDataKeyReusePeriodSeconds must not be specified when type is "
               "AWS_OWNED_KEY";
    }
    return NULL;
}

bool machine_settings_check_encryption(api_call *call, json encryption)
{
    const char *problem = json_is(encryption, JSON_OBJECT) ? judge_encryption(encryption) : NULL;
    if (problem) {
        api_refuse(call, "InvalidEncryptionConfiguration", "Invalid Encryption Configuration: %s",
                   problem);
    }
    return !problem;
}

static json given_object(const api_call *call, const char *member)
{
    json value = json_get(call->input, str_from_c(member));
    return json_is(value, JSON_OBJECT) ? value : (json){0};
}

static bool read_configurations(api_call *call, machine_settings *settings)
{
    error err;
    status done = STATUS_OK;
    json logging = given_object(call, "loggingConfiguration");
    json tracing = given_object(call, "tracingConfiguration");
    json encryption = given_object(call, "encryptionConfiguration");
    if (!json_is_absent(logging)) {
        done = make_logging(call, logging, &settings->logging, &err);
        const char *problem =
            ok(done) ? judge_logging(logging, json_str(json_get(settings->logging, STR("level"))))
                     : NULL;
        if (problem) {
            api_refuse(call, "InvalidLoggingConfiguration", "Invalid Logging Configuration: %s",
                       problem);
            return false;
        }
    }
    if (ok(done) && !json_is_absent(tracing)) {
        done = make_tracing(call, tracing, &settings->tracing, &err);
    }
    if (ok(done) && !json_is_absent(encryption)) {
        if (!machine_settings_check_encryption(call, encryption)) {
            return false;
        }
        done = make_encryption(call, encryption, &settings->encryption, &err);
    }
    if (failed(done)) {
        api_fail(call, &err);
    }
    return ok(done);
}

bool machine_settings_read(api_call *call, bool is_express, machine_settings *ret_settings)
{
    machine_settings settings = {0};
    if (!read_role(call, &settings) || !read_definition(call, is_express, &settings) ||
        !read_configurations(call, &settings)) {
        return false;
    }
    *ret_settings = settings;
    return true;
}

status machine_settings_fill(api_call *call, machine_settings *settings, error *reterr)
{
    machine_settings filled = *settings;
    json none = {0};
    if (json_is_absent(filled.logging)) {
        TRY(make_logging(call, none, &filled.logging, reterr));
    }
    if (json_is_absent(filled.tracing)) {
        TRY(make_tracing(call, none, &filled.tracing, reterr));
    }
    if (json_is_absent(filled.encryption)) {
        TRY(make_encryption(call, none, &filled.encryption, reterr));
    }
    *settings = filled;
    return STATUS_OK;
}
