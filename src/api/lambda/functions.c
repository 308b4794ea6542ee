/* Functions: created, shown, listed, changed, deleted. */
#include "api/lambda/call.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* ---------------------------------------------------------------------------------------- answers
 */

static void answer_configuration(lambda_call *call, unsigned http_status, json configuration,
                                 str qualifier)
{
    json shown = {0};
    error err;
    status result = lambda_api_show_configuration(call, call->name.function, configuration,
                                                  qualifier, &shown, &err);
    if (failed(result)) {
        lambda_api_fail(call, &err);
    } else {
        lambda_api_answer(call, http_status, shown);
    }
}

/* A changed function, published when the request says so, is kept and shown. */
static void keep_and_answer(lambda_call *call, unsigned http_status, json record)
{
    error err;
    str version = STR_NONE;
    status result = STATUS_OK;
    if (json_is_true(lambda_api_member(call, "Publish"))) {
        json published = {0};
        result = lambda_api_publish(call, record, (json){0}, &record, &published, &err);
        version = arena_str(&call->memory, json_str(json_get(published, STR("Version"))));
    }
    if (ok(result)) {
        result = lambda_catalog_put(call->api->functions, call->name.function, record, &err);
    }
    if (failed(result)) {
        lambda_api_fail(call, &err);
        return;
    }
    /* What `record` shared with the one before it is gone. */
    record = lambda_catalog_get(call->api->functions, call->name.function);
    answer_configuration(call, http_status, lambda_record_version(record, version), version);
}

/* ------------------------------------------------------------------------------------------ create
 */

/* Gives the record's latest configuration a package. */
static status set_package(lambda_call *call, json record, json latest,
                          const lambda_package *package, json *ret_record, error *reterr)
{
    int64_t number = 0;
    (void)json_int64(json_get(record, STR("lastCode")), &number);
    number++;
    TRY(lambda_catalog_adopt(call->api->functions, call->name.function, package->folder, number,
                             reterr));
    TRY(lambda_api_with(
        call, latest, &latest, reterr, "CodeSha256", json_from_str(str_from_c(package->sha256)),
        "CodeSize", json_from_int64(package->bytes), "code", json_from_int64(number),
        "LastModified", lambda_api_now(call), "RevisionId", lambda_api_new_id(call), NULL));
    return lambda_api_with(call, record, ret_record, reterr, "latest", latest, "lastCode",
                           json_from_int64(number), NULL);
}

static bool refuse_existing(lambda_call *call)
{
    bool exists = !json_is_absent(lambda_catalog_get(call->api->functions, call->name.function));
    if (exists) {
        lambda_api_refuse(call, "ResourceConflictException", "Function already exist: %.*s",
                          STR_ARG(call->name.function));
    }
    return exists;
}

static void create_unpacked(lambda_call *call, const lambda_package *package)
{
    error err;
    json latest = {0};
    json record = json_empty_object();
    json tags = lambda_api_member(call, "Tags");
    if (refuse_existing(call) || !lambda_api_read_configuration(call, (json){0}, &latest)) {
        lambda_api_discard(call->api, package->folder);
        return;
    }
    status result = STATUS_OK;
    if (json_count(tags)) {
        result = lambda_api_with(call, record, &record, &err, "tags", tags, NULL);
    }
    if (ok(result)) {
        result = set_package(call, record, latest, package, &record, &err);
    }
    if (failed(result)) {
        lambda_api_discard(call->api, package->folder);
        lambda_api_fail(call, &err);
    } else {
        keep_and_answer(call, 201, record);
    }
}

static bool check_create(lambda_call *call)
{
    static const char *const required[][2] = {{"Role", "role"}, {"Code", "code"}};
    json tags = lambda_api_member(call, "Tags");
    for (size_t i = 0; i < ARRAY_LENGTH(required); i++) {
        if (json_is_absent(lambda_api_member(call, required[i][0]))) {
            lambda_api_violate(call, required[i][1], STR_NONE, "Member must not be null");
        }
    }
    for (uint32_t i = 0; i < json_count(tags); i++) {
        if (!json_is(tags, JSON_OBJECT) || !json_is(json_member_at(tags, i)->value, JSON_STRING)) {
            lambda_api_refuse(call, "SerializationException",
                              "'Tags' must be an object of strings");
            return false;
        }
    }
    if (lambda_api_refuse_violations(call)) {
        return false;
    }
    if (call->name.qualifier.len) {
        lambda_api_refuse(call, "InvalidParameterValueException",
                          "A function is created without a version or an alias in its name");
        return false;
    }
    if (!lambda_api_text(call, "Runtime").ptr || !lambda_api_text(call, "Handler").ptr) {
        lambda_api_refuse(call, "InvalidParameterValueException",
                          "Runtime and Handler are mandatory parameters for functions created with "
                          "deployment packages.");
        return false;
    }
    return true;
}

void lambda_api_create_function(lambda_call *call)
{
    json checked = {0};
    str text = STR_NONE;
    json code = lambda_api_member(call, "Code");
    if ((json_is_absent(json_get(code, STR("ImageUri"))) && !check_create(call)) ||
        !lambda_api_package_find(call, code, &text) ||
        !lambda_api_read_configuration(call, (json){0}, &checked) || refuse_existing(call)) {
        return;
    }
    lambda_api_package_read(call, text, create_unpacked);
}

/* ------------------------------------------------------------------------------------------ change
 */

static void update_unpacked(lambda_call *call, const lambda_package *package)
{
    error err;
    json record = {0};
    if (!lambda_api_find_own_record(call, &record) ||
        !lambda_api_check_revision(call, json_get(record, STR("latest")))) {
        lambda_api_discard(call->api, package->folder);
        return;
    }
    if (json_is_true(lambda_api_member(call, "DryRun"))) {
        json shown = {0};
        lambda_api_discard(call->api, package->folder);
        if (failed(lambda_api_with(call, json_get(record, STR("latest")), &shown, &err,
                                   "CodeSha256", json_from_str(str_from_c(package->sha256)),
                                   "CodeSize", json_from_int64(package->bytes), NULL))) {
            lambda_api_fail(call, &err);
        } else {
            answer_configuration(call, 200, shown, STR_NONE);
        }
        return;
    }
    if (failed(
            set_package(call, record, json_get(record, STR("latest")), package, &record, &err))) {
        lambda_api_discard(call->api, package->folder);
        lambda_api_fail(call, &err);
    } else {
        keep_and_answer(call, 200, record);
    }
}

void lambda_api_update_function_code(lambda_call *call)
{
    json record = {0};
    str text = STR_NONE;
    if (lambda_api_find_own_record(call, &record) &&
        lambda_api_check_revision(call, json_get(record, STR("latest"))) &&
        lambda_api_package_find(call, call->input, &text)) {
        lambda_api_package_read(call, text, update_unpacked);
    }
}

void lambda_api_update_function_configuration(lambda_call *call)
{
    json record = {0};
    json latest = {0};
    error err;
    if (!lambda_api_find_own_record(call, &record) ||
        !lambda_api_check_revision(call, json_get(record, STR("latest"))) ||
        !lambda_api_read_configuration(call, json_get(record, STR("latest")), &latest)) {
        return;
    }
    status result =
        lambda_api_with(call, latest, &latest, &err, "LastModified", lambda_api_now(call),
                        "RevisionId", lambda_api_new_id(call), NULL);
    if (ok(result)) {
        result = lambda_api_with(call, record, &record, &err, "latest", latest, NULL);
    }
    if (failed(result)) {
        lambda_api_fail(call, &err);
    } else {
        keep_and_answer(call, 200, record);
    }
}

/* -------------------------------------------------------------------------------------------- show
 */

/* The configuration that the name and Qualifier ask for; false: refused. */
static bool find_configuration(lambda_call *call, json *ret_record, json *ret_configuration,
                               str *ret_qualifier)
{
    bool is_created;
    if (!lambda_api_read_qualifier(call, ret_qualifier) ||
        !lambda_api_find_record(call, ret_record, &is_created)) {
        return false;
    }
    json alias = lambda_record_alias(*ret_record, *ret_qualifier);
    str version =
        json_is_absent(alias) ? *ret_qualifier : json_str(json_get(alias, STR("FunctionVersion")));
    *ret_configuration = lambda_record_version(*ret_record, version);
    if (json_is_absent(*ret_configuration)) {
        str arn = lambda_api_arn(call, call->name.function, *ret_qualifier);
        lambda_api_refuse(call, "ResourceNotFoundException", "Function not found: %.*s",
                          STR_ARG(arn));
        return false;
    }
    return true;
}

void lambda_api_get_function_configuration(lambda_call *call)
{
    json record = {0};
    json configuration = {0};
    str qualifier = STR_NONE;
    if (find_configuration(call, &record, &configuration, &qualifier)) {
        answer_configuration(call, 200, configuration, qualifier);
    }
}

static status show_function(lambda_call *call, json record, json configuration, str qualifier,
                            json *ret_shown, error *reterr)
{
    json shown = {0};
    json code = {0};
    int64_t number = 0;
    json tags = json_get(record, STR("tags"));
    str host = net_http_request_header(call->http, "Host");
    TRY(lambda_api_with(call, json_empty_object(), &code, reterr, "RepositoryType",
                        json_literal("S3"), NULL));
    if (json_int64(json_get(configuration, STR("code")), &number)) {
        str location = arena_printf(&call->memory, "http://%.*s/lambda-packages/%.*s/%lld.zip",
                                    STR_ARG(host), STR_ARG(call->name.function), (long long)number);
        TRY(lambda_api_with(call, code, &code, reterr, "Location", json_from_str(location), NULL));
    }
    TRY(lambda_api_show_configuration(call, call->name.function, configuration, qualifier, &shown,
                                      reterr));
    TRY(lambda_api_with(call, json_empty_object(), &shown, reterr, "Configuration", shown, "Code",
                        code, NULL));
    if (json_count(tags)) {
        TRY(lambda_api_with(call, shown, &shown, reterr, "Tags", tags, NULL));
    }
    *ret_shown = shown;
    return STATUS_OK;
}

void lambda_api_get_function(lambda_call *call)
{
    json record = {0};
    json configuration = {0};
    json shown = {0};
    str qualifier = STR_NONE;
    error err;
    if (!find_configuration(call, &record, &configuration, &qualifier)) {
        return;
    }
    if (failed(show_function(call, record, configuration, qualifier, &shown, &err))) {
        lambda_api_fail(call, &err);
    } else {
        lambda_api_answer(call, 200, shown);
    }
}

/* GET /lambda-packages/NAME/NUMBER.zip, which GetFunction's Code.Location names. */
void lambda_api_get_package(lambda_call *call)
{
    char path[PATH_MAX];
    char digits[24] = "";
    error err;
    bool is_number = call->alias.len > 4 && call->alias.len < sizeof(digits) &&
                     str_ends_with(call->alias, STR(".zip"));
    memcpy(digits, call->alias.ptr, is_number ? call->alias.len - 4 : 0);
    int64_t number = strtoll(digits, NULL, 10);
    status result = number <= 0 ? fail(&err, ERROR_NOT_FOUND, "%s", "")
                                : lambda_catalog_path(call->api->functions, call->name.function,
                                                      number, "code.zip", path, &err);
    int file = ok(result) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    buf bytes;
    buf_init(&bytes, LAMBDA_REQUEST_BYTES_MAX);
    ssize_t count = file < 0 ? -1 : 1;
    while (count > 0 && buf_reserve(&bytes, 1u << 20)) {
        count = read(file, bytes.ptr + bytes.len, 1u << 20);
        bytes.len += count > 0 ? (size_t)count : 0;
    }
    if (count < 0 || bytes.overflowed) {
        lambda_api_refuse(call, "ResourceNotFoundException", "There is no such package");
    } else {
        net_http_header type = {STR("Content-Type"), STR("application/zip")};
        net_http_response response = {200, &type, 1, buf_str(&bytes)};
        lambda_api_answer_with(call, &response);
    }
    buf_clean_up(&bytes);
    if (file >= 0) {
        close(file);
    }
}

/* -------------------------------------------------------------------------------------------- list
 */

/* The next name of both kinds, in order; those of the folder are copied. */
static str next_name(lambda_call *call, str after)
{
    char folder_name[LAMBDA_NAME_CHARS_MAX + 1];
    str created = lambda_catalog_after(call->api->functions, after);
    const integrations_options *options = integrations_settings(call->api->tasks);
    if (!lambda_settings_after(options->functions_folder, after, folder_name) ||
        (created.ptr && str_compare(created, str_from_c(folder_name)) <= 0)) {
        return created;
    }
    return arena_str(&call->memory, str_from_c(folder_name));
}

static status add_function(lambda_call *call, json_array_builder *list, str name, bool all_versions,
                           error *reterr)
{
    json shown = {0};
    json record = lambda_catalog_get(call->api->functions, name);
    if (json_is_absent(record) && failed(lambda_api_folder_record(call, name, &record, NULL))) {
        return STATUS_OK; /* a folder that cannot be run is not a function */
    }
    TRY(lambda_api_show_configuration(call, name, json_get(record, STR("latest")),
                                      all_versions ? STR("$LATEST") : STR_NONE, &shown, reterr));
    json_array_add(list, shown);
    json versions = json_get(record, STR("versions"));
    for (uint32_t i = 0; all_versions && i < json_count(versions); i++) {
        json version = json_item(versions, i);
        TRY(lambda_api_show_configuration(
            call, name, version, json_str(json_get(version, STR("Version"))), &shown, reterr));
        json_array_add(list, shown);
    }
    return STATUS_OK;
}

void lambda_api_list_functions(lambda_call *call)
{
    uint32_t size = 0;
    str name = STR_NONE;
    error err;
    if (!lambda_api_read_page(call, &size, &name)) {
        return;
    }
    bool all_versions = str_equal(lambda_api_query(call, "FunctionVersion"), STR("ALL"));
    json_array_builder list;
    json_array_begin(&list, &call->memory, size);
    status result = STATUS_OK;
    str next = next_name(call, name);
    while (ok(result) && next.ptr && list.count < size) {
        name = next;
        result = add_function(call, &list, name, all_versions, &err);
        next = next_name(call, name);
    }
    lambda_api_answer_page(call, "Functions", result, &list, next.ptr ? name : STR_NONE, &err);
}

/* ------------------------------------------------------------------------------------------ delete
 */

static bool is_aliased(json record, str version)
{
    json aliases = json_get(record, STR("aliases"));
    for (uint32_t i = 0; i < json_count(aliases); i++) {
        json alias = json_item(aliases, i);
        json weights =
            json_get(json_get(alias, STR("RoutingConfig")), STR("AdditionalVersionWeights"));
        if (str_equal(json_str(json_get(alias, STR("FunctionVersion"))), version) ||
            json_find(weights, version) >= 0) {
            return true;
        }
    }
    return false;
}

static status without_version(lambda_call *call, json record, str version, json *ret_record,
                              error *reterr)
{
    json versions = json_get(record, STR("versions"));
    json_array_builder left;
    json_array_begin(&left, &call->memory, json_count(versions));
    for (uint32_t i = 0; i < json_count(versions); i++) {
        json one = json_item(versions, i);
        if (!str_equal(json_str(json_get(one, STR("Version"))), version)) {
            json_array_add(&left, one);
        }
    }
    TRY(json_array_finish(&left, &versions, reterr));
    return lambda_api_with(call, record, ret_record, reterr, "versions", versions, NULL);
}

static void delete_version(lambda_call *call, json record, str version)
{
    error err;
    if (!json_is_absent(lambda_record_alias(record, version))) {
        lambda_api_refuse(call, "InvalidParameterValueException",
                          "Deletion of aliases is not currently supported.");
    } else if (str_equal(version, STR("$LATEST"))) {
        lambda_api_refuse(call, "InvalidParameterValueException",
                          "$LATEST version cannot be deleted without deleting the function.");
    } else if (is_aliased(record, version)) {
        lambda_api_refuse(call, "ResourceConflictException",
                          "Version %.*s of the function is referenced by an alias",
                          STR_ARG(version));
    } else {
        status result = without_version(call, record, version, &record, &err);
        if (ok(result)) {
            result = lambda_catalog_put(call->api->functions, call->name.function, record, &err);
        }
        if (failed(result)) {
            lambda_api_fail(call, &err);
        } else {
            lambda_api_answer(call, 204, (json){0});
        }
    }
}

void lambda_api_delete_function(lambda_call *call)
{
    json record = {0};
    str qualifier = STR_NONE;
    error err;
    if (!lambda_api_read_qualifier(call, &qualifier) ||
        !lambda_api_find_own_record(call, &record)) {
        return;
    }
    if (qualifier.len) {
        delete_version(call, record, qualifier);
        return;
    }
    lambda_pool *pool = integrations_lambda(call->api->tasks, &err);
    status result = pool ? lambda_catalog_remove(call->api->functions, call->name.function, &err)
                         : (status){ERROR_IO};
    if (failed(result)) {
        lambda_api_fail(call, &err);
        return;
    }
    lambda_pool_forget(pool, call->name.function);
    lambda_api_answer(call, 204, (json){0});
}
