/* Aliases: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html */
#include "api/lambda/call.h"

#define DESCRIPTION_CHARS_MAX 256

static status show_alias(lambda_call *call, json alias, json *ret_shown, error *reterr)
{
    str name = json_str(json_get(alias, STR("Name")));
    str arn = lambda_api_arn(call, call->name.function, name);
    return lambda_api_with(call, alias, ret_shown, reterr, "AliasArn", json_from_str(arn), NULL);
}

static bool is_alias_name(str name)
{
    bool is_number = true;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && c != '-' && c != '_' && !(c >= 'a' && c <= 'z') &&
            !(c >= 'A' && c <= 'Z')) {
            return false;
        }
        is_number &= is_digit;
    }
    return name.len > 0 && name.len <= 128 && !is_number;
}

/* The function has the version; false: refused. */
static bool check_version(lambda_call *call, json record, str version)
{
    if (!json_is_absent(lambda_record_version(record, version)) && version.len) {
        return true;
    }
    str arn = lambda_api_arn(call, call->name.function, version);
    lambda_api_refuse(call, "ResourceNotFoundException", "Function not found: %.*s", STR_ARG(arn));
    return false;
}

static bool check_routing(lambda_call *call, json record, json routing, str main_version)
{
    json weights = json_get(routing, STR("AdditionalVersionWeights"));
    if (json_count(weights) > 1) {
        lambda_api_refuse(call, "InvalidParameterValueException",
                          "Number of items in AdditionalVersionWeights cannot be greater than 1");
        return false;
    }
    for (uint32_t i = 0; i < json_count(weights); i++) {
        const json_member *member = json_member_at(weights, i);
        double weight = json_double(member->value);
        str version = json_str(member->name);
        if (!(weight >= 0 && weight <= 1)) {
            lambda_api_refuse(call, "InvalidParameterValueException",
                              "The weights of AdditionalVersionWeights must be between 0 and 1");
            return false;
        }
        if (str_equal(version, main_version) || str_equal(version, STR("$LATEST")) ||
            str_equal(main_version, STR("$LATEST"))) {
            lambda_api_refuse(
                call, "InvalidParameterValueException", "%s",
                str_equal(version, main_version)
                    ? "Invalid function version in AdditionalVersionWeights. Function "
                      "version is already included in routing configuration."
                    : "$LATEST is not supported for an alias pointing to more than 1 "
                      "version");
            return false;
        }
        if (!check_version(call, record, version)) {
            return false;
        }
    }
    return true;
}

/* The input's members over an alias (JSON_ABSENT: a new one); false: refused. */
static bool read_alias(lambda_call *call, json record, json alias, json *ret_alias)
{
    error err;
    json description = lambda_api_member(call, "Description");
    json routing = lambda_api_member(call, "RoutingConfig");
    json version = lambda_api_member(call, "FunctionVersion");
    if (json_str(description).len > DESCRIPTION_CHARS_MAX) {
        lambda_api_violate(call, "description", json_str(description),
                           "Member must have length less than or equal to %d",
                           DESCRIPTION_CHARS_MAX);
        lambda_api_refuse_violations(call);
        return false;
    }
    if ((!json_is_absent(description) && !json_is(description, JSON_STRING)) ||
        (!json_is_absent(routing) && !json_is(routing, JSON_OBJECT))) {
        lambda_api_refuse(call, "SerializationException",
                          "'Description' must be a string, and 'RoutingConfig' an object");
        return false;
    }
    version = json_is_absent(version) ? json_get(alias, STR("FunctionVersion")) : version;
    routing = json_is_absent(routing) ? json_get(alias, STR("RoutingConfig")) : routing;
    description = json_is_absent(description) ? json_get(alias, STR("Description")) : description;
    if (!check_version(call, record, json_str(version)) ||
        !check_routing(call, record, routing, json_str(version))) {
        return false;
    }
    status result =
        lambda_api_with(call, json_empty_object(), &alias, &err, "Name", json_from_str(call->alias),
                        "FunctionVersion", version, "Description",
                        json_is_absent(description) ? json_literal("") : description, "RevisionId",
                        lambda_api_new_id(call), NULL);
    if (ok(result) && json_count(json_get(routing, STR("AdditionalVersionWeights")))) {
        result = lambda_api_with(call, alias, &alias, &err, "RoutingConfig", routing, NULL);
    }
    if (failed(result)) {
        lambda_api_fail(call, &err);
    }
    *ret_alias = alias;
    return ok(result);
}

/* The record with the alias of this name replaced, added, or (JSON_ABSENT) left out. */
static status put_alias(lambda_call *call, json record, str name, json alias, error *reterr)
{
    json aliases = json_get(record, STR("aliases"));
    json_array_builder all;
    json_array_begin(&all, &call->memory, json_count(aliases) + 1);
    for (uint32_t i = 0; i < json_count(aliases); i++) {
        json one = json_item(aliases, i);
        if (!str_equal(json_str(json_get(one, STR("Name"))), name)) {
            json_array_add(&all, one);
        }
    }
    if (!json_is_absent(alias)) {
        json_array_add(&all, alias);
    }
    TRY(json_array_finish(&all, &aliases, reterr));
    TRY(lambda_api_with(call, record, &record, reterr, "aliases", aliases, NULL));
    return lambda_catalog_put(call->api->functions, call->name.function, record, reterr);
}

static void keep_alias(lambda_call *call, json record, json alias, unsigned http_status)
{
    json shown = {0};
    error err;
    status result = show_alias(call, alias, &shown, &err);
    if (ok(result)) {
        result = json_copy(shown, &call->memory, &shown, &err); /* put frees the old record */
    }
    if (ok(result)) {
        result = put_alias(call, record, call->alias, alias, &err);
    }
    if (failed(result)) {
        lambda_api_fail(call, &err);
    } else {
        lambda_api_answer(call, http_status, shown);
    }
}

/* The alias of the path; false: refused. */
static bool find_alias(lambda_call *call, json record, json *ret_alias)
{
    *ret_alias = lambda_record_alias(record, call->alias);
    if (!json_is_absent(*ret_alias)) {
        return true;
    }
    str arn = lambda_api_arn(call, call->name.function, call->alias);
    lambda_api_refuse(call, "ResourceNotFoundException", "Cannot find alias arn: %.*s",
                      STR_ARG(arn));
    return false;
}

void lambda_api_create_alias(lambda_call *call)
{
    json record = {0};
    json alias = {0};
    str name = lambda_api_text(call, "Name");
    if (!is_alias_name(name)) {
        lambda_api_violate(call, "name", str_take(name, 200),
                           "Member must satisfy regular expression pattern: "
                           "(?!^[0-9]+$)([a-zA-Z0-9-_]+)");
    }
    if (!lambda_api_text(call, "FunctionVersion").len) {
        lambda_api_violate(call, "functionVersion", STR_NONE, "Member must not be null");
    }
    if (lambda_api_refuse_violations(call) || !lambda_api_find_own_record(call, &record)) {
        return;
    }
    call->alias = name;
    if (!json_is_absent(lambda_record_alias(record, name))) {
        str arn = lambda_api_arn(call, call->name.function, name);
        lambda_api_refuse(call, "ResourceConflictException", "Alias already exists: %.*s",
                          STR_ARG(arn));
        return;
    }
    if (read_alias(call, record, (json){0}, &alias)) {
        keep_alias(call, record, alias, 201);
    }
}

void lambda_api_get_alias(lambda_call *call)
{
    json record = {0};
    json alias = {0};
    bool is_created = false;
    error err;
    if (!lambda_api_find_record(call, &record, &is_created) || !find_alias(call, record, &alias)) {
        return;
    }
    if (failed(show_alias(call, alias, &alias, &err))) {
        lambda_api_fail(call, &err);
    } else {
        lambda_api_answer(call, 200, alias);
    }
}

void lambda_api_update_alias(lambda_call *call)
{
    json record = {0};
    json alias = {0};
    if (lambda_api_find_own_record(call, &record) && find_alias(call, record, &alias) &&
        lambda_api_check_revision(call, alias) && read_alias(call, record, alias, &alias)) {
        keep_alias(call, record, alias, 200);
    }
}

/* Deleting what is not there succeeds, as in AWS. */
void lambda_api_delete_alias(lambda_call *call)
{
    json record = {0};
    error err;
    if (!lambda_api_find_own_record(call, &record)) {
        return;
    }
    if (failed(put_alias(call, record, call->alias, (json){0}, &err))) {
        lambda_api_fail(call, &err);
    } else {
        lambda_api_answer(call, 204, (json){0});
    }
}

void lambda_api_list_aliases(lambda_call *call)
{
    json record = {0};
    bool is_created = false;
    uint32_t size = 0;
    str marker = STR_NONE;
    error err;
    if (!lambda_api_read_page(call, &size, &marker) ||
        !lambda_api_find_record(call, &record, &is_created)) {
        return;
    }
    json aliases = json_get(record, STR("aliases"));
    str version = lambda_api_query(call, "FunctionVersion");
    uint32_t at = 0;
    status result = STATUS_OK;
    str last = STR_NONE;
    json_array_builder list;
    json_array_begin(&list, &call->memory, size);
    for (bool is_past = !marker.ptr; ok(result) && at < json_count(aliases) && list.count < size;
         at++) {
        json alias = json_item(aliases, at);
        str name = json_str(json_get(alias, STR("Name")));
        bool is_asked =
            !version.len || str_equal(version, json_str(json_get(alias, STR("FunctionVersion"))));
        if (is_past && is_asked) {
            result = show_alias(call, alias, &alias, &err);
            json_array_add(&list, alias);
            last = name;
        }
        is_past |= str_equal(name, marker);
    }
    bool has_more = at < json_count(aliases);
    lambda_api_answer_page(call, "Aliases", result, &list, has_more ? last : STR_NONE, &err);
}
