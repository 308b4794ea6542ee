/* FunctionConfiguration: read from requests by the rules of a table, and shown.
 * https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html */
#include "api/lambda/call.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/timetext.h"

#define HANDLER_CHARS_MAX 128
#define DESCRIPTION_CHARS_MAX 256
#define RUNTIMES "[provided.al2, provided.al2023, python3.x, nodejsN.x]"

/* Notes violations, or refuses and returns false. */
typedef bool member_check(lambda_call *call, json value);

static bool refuse_type(lambda_call *call, const char *name, const char *wanted)
{
    lambda_api_refuse(call, "SerializationException", "'%s' must be %s", name, wanted);
    return false;
}

/* ------------------------------------------------------------------------------------- the rules
 */

static bool is_digits(str text)
{
    for (size_t i = 0; text.ptr && i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return text.len > 0;
}

static bool is_runtime(str name)
{
    if (str_starts_with(name, STR("python3."))) {
        return is_digits(str_skip(name, 8));
    }
    if (str_starts_with(name, STR("nodejs")) && str_ends_with(name, STR(".x"))) {
        return is_digits(str_take(str_skip(name, 6), name.len - 8));
    }
    return str_equal(name, STR("provided")) || str_equal(name, STR("provided.al2")) ||
           str_equal(name, STR("provided.al2023"));
}

static bool check_runtime(lambda_call *call, json value)
{
    str name = json_str(value);
    if (is_runtime(name)) {
        return true;
    }
    lambda_api_refuse(
        call, "InvalidParameterValueException",
        "Value %.*s at 'runtime' failed to satisfy constraint: Member must satisfy enum "
        "value set: " RUNTIMES " or be a valid ARN",
        STR_ARG(str_take(name, 100)));
    return false;
}

/* arn:aws:iam::123456789012:role/NAME: nothing assumes it, but a wrong one fails in AWS, too. */
static bool check_role(lambda_call *call, json value)
{
    str rest = json_str(value);
    str parts[6] = {0};
    for (size_t i = 0; i < 5 && rest.ptr; i++) {
        parts[i] = str_split_next(&rest, ':');
    }
    parts[5] = rest;
    bool is_arn = str_equal(parts[0], STR("arn")) && str_starts_with(parts[1], STR("aws")) &&
                  str_equal(parts[2], STR("iam")) && parts[3].len == 0 && parts[4].len == 12 &&
                  is_digits(parts[4]) && str_starts_with(parts[5], STR("role")) && parts[5].len > 5;
    if (!is_arn) {
        lambda_api_violate(call, "role", str_take(json_str(value), 300),
                           "Member must satisfy regular expression pattern: "
                           "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+");
    }
    return true;
}

static bool check_handler(lambda_call *call, json value)
{
    str text = json_str(value);
    bool has_space = text.len == 0;
    for (size_t i = 0; i < text.len; i++) {
        has_space |= (unsigned char)text.ptr[i] <= ' ';
    }
    if (text.len > HANDLER_CHARS_MAX) {
        lambda_api_violate(call, "handler", text,
                           "Member must have length less than or equal to %d", HANDLER_CHARS_MAX);
    }
    if (has_space) {
        lambda_api_violate(call, "handler", text,
                           "Member must satisfy regular expression pattern: [^\\s]+");
    }
    return true;
}

static bool check_description(lambda_call *call, json value)
{
    str text = json_str(value);
    if (text.len > DESCRIPTION_CHARS_MAX) {
        lambda_api_violate(call, "description", text,
                           "Member must have length less than or equal to %d",
                           DESCRIPTION_CHARS_MAX);
    }
    return true;
}

static bool check_number(lambda_call *call, json value, const char *member, int64_t least,
                         int64_t most)
{
    int64_t number;
    char text[32];
    if (!json_int64(value, &number)) {
        return refuse_type(call, member, "an integer");
    }
    snprintf(text, sizeof(text), "%lld", (long long)number);
    if (number < least || number > most) {
        lambda_api_violate(
            call, member, str_from_c(text), "Member must have value %s than or equal to %lld",
            number < least ? "greater" : "less", (long long)(number < least ? least : most));
    }
    return true;
}

static bool check_timeout(lambda_call *call, json value)
{
    return check_number(call, value, "timeout", 1, LAMBDA_TIMEOUT_SECONDS_MAX);
}

static bool check_memory(lambda_call *call, json value)
{
    return check_number(call, value, "memorySize", 128, 10240);
}

static bool is_variable_name(str name)
{
    bool is_fine = name.len > 1;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        is_fine &= is_letter || (i && (c == '_' || (c >= '0' && c <= '9')));
    }
    return is_fine;
}

/* https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
static const char *const reserved_variables[] = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
};

static bool is_reserved(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(reserved_variables); i++) {
        if (str_equal(name, str_from_c(reserved_variables[i]))) {
            return true;
        }
    }
    return false;
}

static bool check_variable(lambda_call *call, const json_member *member)
{
    str name = json_str(member->name);
    str text = json_str(member->value);
    if (!json_is(member->value, JSON_STRING) || (text.len && memchr(text.ptr, 0, text.len))) {
        return refuse_type(call, "Environment.Variables", "an object of strings");
    }
    if (is_reserved(name)) {
        lambda_api_refuse(call, "InvalidParameterValueException",
                          "Lambda was unable to configure your environment variables because the "
                          "environment variables you have provided contains reserved keys that are "
                          "currently not supported for modification. Reserved keys used in this "
                          "request: %.*s",
                          STR_ARG(name));
        return false;
    }
    if (!is_variable_name(name)) {
        lambda_api_violate(
            call, "environment.variables", str_take(name, 200),
            "Map keys must satisfy constraint: [Member must satisfy regular expression "
            "pattern: [a-zA-Z]([a-zA-Z0-9_])+]");
    }
    return true;
}

static bool check_environment(lambda_call *call, json value)
{
    json variables = json_get(value, STR("Variables"));
    if (!json_is(value, JSON_OBJECT) ||
        (!json_is(variables, JSON_OBJECT) && !json_is_absent(variables))) {
        return refuse_type(call, "Environment", "an object with an object 'Variables'");
    }
    size_t bytes = 0;
    for (uint32_t i = 0; i < json_count(variables); i++) {
        const json_member *member = json_member_at(variables, i);
        if (!check_variable(call, member)) {
            return false;
        }
        bytes += json_str(member->name).len + json_str(member->value).len;
    }
    if (bytes > LAMBDA_ENVIRONMENT_BYTES_MAX) {
        lambda_api_refuse(call, "InvalidParameterValueException",
                          "Lambda was unable to configure your environment variables because the "
                          "environment variables you have provided exceeded the 4KB limit.");
        return false;
    }
    return true;
}

static bool check_package_type(lambda_call *call, json value)
{
    if (str_equal(json_str(value), STR("Zip"))) {
        return true;
    }
    lambda_api_refuse(call, "InvalidParameterValueException",
                      "PackageType %.*s is not supported here: Zip is", STR_ARG(json_str(value)));
    return false;
}

static bool check_snap_start(lambda_call *call, json value)
{
    str apply = json_str(json_get(value, STR("ApplyOn")));
    if (!apply.ptr || str_equal(apply, STR("None"))) {
        return true;
    }
    lambda_api_refuse(call, "InvalidParameterValueException", "SnapStart is not supported here");
    return false;
}

static bool is_nothing(json value)
{
    bool is_container = json_is(value, JSON_ARRAY) || json_is(value, JSON_OBJECT);
    return json_is_absent(value) || (is_container && json_count(value) == 0) ||
           (json_is(value, JSON_STRING) && json_str(value).len == 0);
}

/* What would change how a function runs, and cannot be done here. {"TargetArn": ""} is how a
 * dead-letter queue is taken away. */
static bool refuse_unless_empty(lambda_call *call, const char *name)
{
    json value = lambda_api_member(call, name);
    bool is_empty = is_nothing(value) || json_is(value, JSON_OBJECT);
    for (uint32_t i = 0; is_empty && json_is(value, JSON_OBJECT) && i < json_count(value); i++) {
        is_empty = is_nothing(json_member_at(value, i)->value);
    }
    if (!is_empty) {
        lambda_api_refuse(call, "InvalidParameterValueException", "%s is not supported here", name);
    }
    return is_empty;
}

static const struct {
    const char *name;
    json_kind kind;
    member_check *check; /* NULL: kept and shown, without effect here */
    const char *wanted;
} members[] = {
    {"PackageType", JSON_STRING, check_package_type, "a string"},
    {"Runtime", JSON_STRING, check_runtime, "a string"},
    {"Role", JSON_STRING, check_role, "a string"},
    {"Handler", JSON_STRING, check_handler, "a string"},
    {"Description", JSON_STRING, check_description, "a string"},
    {"Timeout", JSON_NUMBER, check_timeout, "an integer"},
    {"MemorySize", JSON_NUMBER, check_memory, "an integer"},
    {"Environment", JSON_OBJECT, check_environment, "an object"},
    {"SnapStart", JSON_OBJECT, check_snap_start, "an object"},
    {"VpcConfig", JSON_OBJECT, NULL, "an object"},
    {"TracingConfig", JSON_OBJECT, NULL, "an object"},
    {"KMSKeyArn", JSON_STRING, NULL, "a string"},
    {"Architectures", JSON_ARRAY, NULL, "a list"},
    {"EphemeralStorage", JSON_OBJECT, NULL, "an object"},
    {"LoggingConfig", JSON_OBJECT, NULL, "an object"},
};

static const char *const refused[] = {
    "Layers",           "FileSystemConfigs",    "ImageConfig",
    "DeadLetterConfig", "CodeSigningConfigArn", "CapacityProviderConfig",
    "PublishTo",        "DurableConfig",        "TenancyConfig",
};

/* ----------------------------------------------------------------------------------------- reading
 */

status lambda_api_with(lambda_call *call, json object, json *ret_object, error *reterr, ...)
{
    va_list arguments;
    va_start(arguments, reterr);
    status result = STATUS_OK;
    for (const char *name; ok(result) && (name = va_arg(arguments, const char *));) {
        json value = va_arg(arguments, json);
        result = json_object_with(&call->memory, object, json_from_str(str_from_c(name)), value,
                                  &object, reterr);
    }
    va_end(arguments);
    if (ok(result)) {
        *ret_object = object;
    }
    return result;
}

static status defaults(lambda_call *call, json *ret_configuration, error *reterr)
{
    static const char text[] =
        "{\"Description\":\"\",\"Timeout\":3,\"MemorySize\":128,\"Version\":\"$LATEST\","
        "\"TracingConfig\":{\"Mode\":\"PassThrough\"},\"PackageType\":\"Zip\","
        "\"Architectures\":[\"x86_64\"],\"EphemeralStorage\":{\"Size\":512}}";
    return json_parse_into(str_from_c(text), &call->memory, ret_configuration, reterr);
}

bool lambda_api_read_configuration(lambda_call *call, json old, json *ret_configuration)
{
    error err;
    json configuration = old;
    if (json_is_absent(old) && failed(defaults(call, &configuration, &err))) {
        lambda_api_fail(call, &err);
        return false;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        if (!refuse_unless_empty(call, refused[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        json value = lambda_api_member(call, members[i].name);
        if (json_is_absent(value)) {
            continue;
        }
        if (!json_is(value, members[i].kind)) {
            return refuse_type(call, members[i].name, members[i].wanted);
        }
        if (members[i].check && !members[i].check(call, value)) {
            return false;
        }
        if (failed(lambda_api_with(call, configuration, &configuration, &err, members[i].name,
                                   value, NULL))) {
            lambda_api_fail(call, &err);
            return false;
        }
    }
    *ret_configuration = configuration;
    return !lambda_api_refuse_violations(call);
}

/* ----------------------------------------------------------------------------------------- showing
 */

json lambda_api_new_id(lambda_call *call)
{
    unsigned char random[16];
    char text[UUID_TEXT_SIZE];
    lambda_api_random(random, sizeof(random));
    return json_from_str(arena_str(&call->memory, uuid_from_entropy(random, text)));
}

/* 2026-01-02T03:04:05.678+0000 */
json lambda_api_now(lambda_call *call)
{
    char text[TIME_TEXT_SIZE];
    str now = time_print_rfc3339(net_loop_clock_ms(call->api->loop), text);
    return json_from_str(arena_printf(&call->memory, "%.*s+0000", (int)now.len - 1, now.ptr));
}

str lambda_api_arn(lambda_call *call, str function, str qualifier)
{
    const integrations_options *settings = integrations_settings(call->api->tasks);
    str region = call->name.region.len ? call->name.region : settings->region;
    str account = call->name.account.len ? call->name.account : settings->account;
    return arena_printf(&call->memory, "arn:aws:lambda:%.*s:%.*s:function:%.*s%s%.*s",
                        STR_ARG(region), STR_ARG(account), STR_ARG(function),
                        qualifier.len ? ":" : "", STR_ARG(qualifier));
}

status lambda_api_show_configuration(lambda_call *call, str function, json configuration,
                                     str qualifier, json *ret_shown, error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, &call->memory, json_count(configuration) + 8);
    json_object_add(&b, STR("FunctionName"), json_from_str(function));
    json_object_add(&b, STR("FunctionArn"),
                    json_from_str(lambda_api_arn(call, function, qualifier)));
    for (uint32_t i = 0; i < json_count(configuration); i++) {
        const json_member *member = json_member_at(configuration, i);
        bool is_empty_environment = str_equal(json_str(member->name), STR("Environment")) &&
                                    json_count(json_get(member->value, STR("Variables"))) == 0;
        if (!str_equal(json_str(member->name), STR("code")) && !is_empty_environment) {
            json_object_add_named(&b, member->name, member->value);
        }
    }
    json_object_add(&b, STR("State"), json_literal("Active"));
    json_object_add(&b, STR("LastUpdateStatus"), json_literal("Successful"));
    json off = {0};
    TRY(lambda_api_with(call, json_empty_object(), &off, reterr, "ApplyOn", json_literal("None"),
                        "OptimizationStatus", json_literal("Off"), NULL));
    json_object_add(&b, STR("SnapStart"), off);
    if (json_is_absent(json_get(configuration, STR("LoggingConfig")))) {
        str group = arena_printf(&call->memory, "/aws/lambda/%.*s", STR_ARG(function));
        json logging = {0};
        TRY(lambda_api_with(call, json_empty_object(), &logging, reterr, "LogFormat",
                            json_literal("Text"), "LogGroup", json_from_str(group), NULL));
        json_object_add(&b, STR("LoggingConfig"), logging);
    }
    return json_object_finish(&b, ret_shown, reterr);
}
