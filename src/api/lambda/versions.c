/* Versions: a copy of the configuration, and a hold on its package.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html */
#include "api/lambda/call.h"

/* Members that say when and by which name, rather than what. */
static bool is_same_function(json a, json b)
{
    static const char *const others[] = {"Version", "LastModified", "RevisionId", "Description"};
    for (uint32_t i = 0; i < json_count(a); i++) {
        const json_member *member = json_member_at(a, i);
        bool is_other = false;
        for (size_t k = 0; k < ARRAY_LENGTH(others); k++) {
            is_other |= str_equal(json_str(member->name), str_from_c(others[k]));
        }
        if (!is_other && !json_equal(member->value, json_get(b, json_str(member->name)))) {
            return false;
        }
    }
    return json_count(a) == json_count(b);
}

status lambda_api_publish(lambda_call *call, json record, json description, json *ret_record,
                          json *ret_version, error *reterr)
{
    json versions = json_get(record, STR("versions"));
    json version = json_get(record, STR("latest"));
    json last = json_item(versions, json_count(versions) - 1);
    int64_t number = 0;
    (void)json_int64(json_get(record, STR("lastVersion")), &number);
    if (json_count(versions) && is_same_function(version, last)) {
        *ret_record = record;
        *ret_version = last;
        return STATUS_OK;
    }
    number++;
    str text = arena_printf(&call->memory, "%lld", (long long)number);
    TRY(lambda_api_with(call, version, &version, reterr, "Version", json_from_str(text),
                        "RevisionId", lambda_api_new_id(call), NULL));
    if (json_is(description, JSON_STRING)) {
        TRY(lambda_api_with(call, version, &version, reterr, "Description", description, NULL));
    }
    json_array_builder all;
    json_array_begin(&all, &call->memory, json_count(versions) + 1);
    for (uint32_t i = 0; i < json_count(versions); i++) {
        json_array_add(&all, json_item(versions, i));
    }
    json_array_add(&all, version);
    TRY(json_array_finish(&all, &versions, reterr));
    TRY(lambda_api_with(call, record, ret_record, reterr, "versions", versions, "lastVersion",
                        json_from_int64(number), NULL));
    *ret_version = version;
    return STATUS_OK;
}

static bool check_sha(lambda_call *call, json latest)
{
    str wanted = lambda_api_text(call, "CodeSha256");
    str present = json_str(json_get(latest, STR("CodeSha256")));
    if (!wanted.len || str_equal(wanted, present)) {
        return true;
    }
    lambda_api_refuse(
        call, "InvalidParameterValueException",
        "CodeSHA256 (%.*s) is different from current CodeSHA256 in $LATEST (%.*s). Please "
        "try again with the CodeSHA256 in $LATEST.",
        STR_ARG(str_take(wanted, 100)), STR_ARG(present));
    return false;
}

void lambda_api_publish_version(lambda_call *call)
{
    json record = {0};
    json version = {0};
    json shown = {0};
    error err;
    if (!lambda_api_find_own_record(call, &record) ||
        !lambda_api_check_revision(call, json_get(record, STR("latest"))) ||
        !check_sha(call, json_get(record, STR("latest")))) {
        return;
    }
    status result = lambda_api_publish(call, record, lambda_api_member(call, "Description"),
                                       &record, &version, &err);
    if (ok(result)) {
        result = lambda_api_show_configuration(call, call->name.function, version,
                                               json_str(json_get(version, STR("Version"))), &shown,
                                               &err);
    }
    if (ok(result)) {
        result = json_copy(shown, &call->memory, &shown, &err); /* put frees the old record */
    }
    if (ok(result)) {
        result = lambda_catalog_put(call->api->functions, call->name.function, record, &err);
    }
    if (failed(result)) {
        lambda_api_fail(call, &err);
    } else {
        lambda_api_answer(call, 201, shown);
    }
}

/* $LATEST, then the numbers. The marker is the last one that was shown. */
void lambda_api_list_versions(lambda_call *call)
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
    json versions = json_get(record, STR("versions"));
    uint32_t at = 0;
    uint32_t total = json_count(versions) + 1;
    json_array_builder list;
    json_array_begin(&list, &call->memory, size);
    status result = STATUS_OK;
    str last = STR_NONE;
    for (bool is_past = !marker.ptr; ok(result) && at < total && list.count < size; at++) {
        json one = at ? json_item(versions, at - 1) : json_get(record, STR("latest"));
        str name = json_str(json_get(one, STR("Version")));
        json shown = {0};
        if (is_past) {
            result =
                lambda_api_show_configuration(call, call->name.function, one, name, &shown, &err);
            json_array_add(&list, shown);
            last = name;
        }
        is_past |= str_equal(name, marker);
    }
    lambda_api_answer_page(call, "Versions", result, &list, at < total ? last : STR_NONE, &err);
}
