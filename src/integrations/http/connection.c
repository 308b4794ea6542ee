#include "integrations/http/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PARAMETERS_MAX 100     /* ConnectionHttpParameters: of each list */
#define SECRET_BYTES_MAX 65536 /* ours: of a file */

/* ------------------------------------------------------------------------------------- checking */

typedef struct member_rule {
    const char *name;
    bool is_required;
} member_rule;

static status check_members(str connection, json object, const char *what, const member_rule *rules,
                            size_t count, error *reterr)
{
    if (!json_is(object, JSON_OBJECT)) {
        return fail(reterr, ERROR_INVALID,
                    "configuration, connection '%.*s': '%s' must be an object", STR_ARG(connection),
                    what);
    }
    for (uint32_t i = 0; i < json_count(object); i++) {
        str name = json_str(json_member_at(object, i)->name);
        size_t row = 0;
        while (row < count && !str_equal(name, str_from_c(rules[row].name))) {
            row++;
        }
        if (row == count) {
            return fail(reterr, ERROR_INVALID,
                        "configuration, connection '%.*s': '%s' has no member '%.*s'",
                        STR_ARG(connection), what, STR_ARG(str_take(name, 100)));
        }
    }
    for (size_t row = 0; row < count; row++) {
        if (rules[row].is_required &&
            json_is_absent(json_get(object, str_from_c(rules[row].name)))) {
            return fail(reterr, ERROR_INVALID,
                        "configuration, connection '%.*s': '%s' has no member '%s'",
                        STR_ARG(connection), what, rules[row].name);
        }
    }
    return STATUS_OK;
}

/* A text, {"env": NAME} or {"file": PATH}. */
static status check_value(str connection, json value, const char *what, error *reterr)
{
    json env = json_get(value, STR("env"));
    json file = json_get(value, STR("file"));
    json source = json_is_absent(env) ? file : env;
    bool is_reference = json_count(value) == 1 && json_str(source).len > 0 &&
                        !memchr(json_str(source).ptr, '\0', json_str(source).len);
    if (json_is(value, JSON_STRING) || (json_is(value, JSON_OBJECT) && is_reference)) {
        return STATUS_OK;
    }
    return fail(reterr, ERROR_INVALID,
                "configuration, connection '%.*s': '%s' must be a text, {\"env\": NAME} or "
                "{\"file\": PATH}",
                STR_ARG(connection), what);
}

static status check_list(str connection, json list, const char *what, error *reterr)
{
    static const member_rule rules[] = {{"Key", true}, {"Value", true}, {"IsValueSecret", false}};
    if (json_is_absent(list)) {
        return STATUS_OK;
    }
    if (!json_is(list, JSON_ARRAY) || json_count(list) > PARAMETERS_MAX) {
        return fail(reterr, ERROR_INVALID,
                    "configuration, connection '%.*s': '%s' must be an array of at most %d items",
                    STR_ARG(connection), what, PARAMETERS_MAX);
    }
    for (uint32_t i = 0; i < json_count(list); i++) {
        json item = json_item(list, i);
        TRY(check_members(connection, item, what, rules, ARRAY_LENGTH(rules), reterr));
        if (!json_str(json_get(item, STR("Key"))).len) {
            return fail(reterr, ERROR_INVALID,
                        "configuration, connection '%.*s': a 'Key' of '%s' must be a text",
                        STR_ARG(connection), what);
        }
        TRY(check_value(connection, json_get(item, STR("Value")), what, reterr));
    }
    return STATUS_OK;
}

static const char *const lists[] = {"HeaderParameters", "QueryStringParameters", "BodyParameters"};

static status check_additions(str connection, json object, const char *what, error *reterr)
{
    static const member_rule rules[] = {
        {"HeaderParameters", false}, {"QueryStringParameters", false}, {"BodyParameters", false}};
    if (json_is_absent(object)) {
        return STATUS_OK;
    }
    TRY(check_members(connection, object, what, rules, ARRAY_LENGTH(rules), reterr));
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        TRY(check_list(connection, json_get(object, str_from_c(lists[i])), lists[i], reterr));
    }
    return STATUS_OK;
}

static const struct {
    const char *type, *parameters;
    member_rule members[2];
} kinds[] = {
    [HTTP_BASIC] = {"BASIC", "BasicAuthParameters", {{"Username", true}, {"Password", true}}},
    [HTTP_API_KEY] = {"API_KEY",
                      "ApiKeyAuthParameters",
                      {{"ApiKeyName", true}, {"ApiKeyValue", true}}},
    [HTTP_OAUTH] = {"OAUTH_CLIENT_CREDENTIALS",
                    "OAuthParameters",
                    {{"ClientID", true}, {"ClientSecret", true}}},
};

static size_t find_kind(json connection)
{
    str type = json_str(json_get(connection, STR("AuthorizationType")));
    size_t kind = 0;
    while (kind < ARRAY_LENGTH(kinds) && !str_equal(type, str_from_c(kinds[kind].type))) {
        kind++;
    }
    return kind;
}

static status check_oauth(str connection, json object, json *ret_client, error *reterr)
{
    static const member_rule rules[] = {{"ClientParameters", true},
                                        {"AuthorizationEndpoint", true},
                                        {"HttpMethod", true},
                                        {"OAuthHttpParameters", false}};
    TRY(check_members(connection, object, "OAuthParameters", rules, ARRAY_LENGTH(rules), reterr));
    str method = json_str(json_get(object, STR("HttpMethod")));
    if (!str_equal(method, STR("GET")) && !str_equal(method, STR("POST")) &&
        !str_equal(method, STR("PUT"))) {
        return fail(reterr, ERROR_INVALID,
                    "configuration, connection '%.*s': 'HttpMethod' must be GET, POST or PUT",
                    STR_ARG(connection));
    }
    if (!json_str(json_get(object, STR("AuthorizationEndpoint"))).len) {
        return fail(reterr, ERROR_INVALID,
                    "configuration, connection '%.*s': 'AuthorizationEndpoint' must be a text",
                    STR_ARG(connection));
    }
    *ret_client = json_get(object, STR("ClientParameters"));
    return check_additions(connection, json_get(object, STR("OAuthHttpParameters")),
                           "OAuthHttpParameters", reterr);
}

static status check_connection(str name, json connection, error *reterr)
{
    static const member_rule rules[] = {
        {"AuthorizationType", true}, {"AuthParameters", true}, {"Description", false}};
    TRY(check_members(name, connection, "connection", rules, ARRAY_LENGTH(rules), reterr));
    size_t kind = find_kind(connection);
    if (kind == ARRAY_LENGTH(kinds)) {
        return fail(reterr, ERROR_INVALID,
                    "configuration, connection '%.*s': 'AuthorizationType' must be BASIC, API_KEY "
                    "or OAUTH_CLIENT_CREDENTIALS",
                    STR_ARG(name));
    }
    json parameters = json_get(connection, STR("AuthParameters"));
    const member_rule inside[] = {{kinds[kind].parameters, true},
                                  {"InvocationHttpParameters", false}};
    TRY(check_members(name, parameters, "AuthParameters", inside, ARRAY_LENGTH(inside), reterr));
    json own = json_get(parameters, str_from_c(kinds[kind].parameters));
    if (kind == HTTP_OAUTH) {
        TRY(check_oauth(name, own, &own, reterr));
    }
    TRY(check_members(name, own, kinds[kind].parameters, kinds[kind].members, 2, reterr));
    for (size_t i = 0; i < 2; i++) {
        const char *member = kinds[kind].members[i].name;
        TRY(check_value(name, json_get(own, str_from_c(member)), member, reterr));
    }
    return check_additions(name, json_get(parameters, STR("InvocationHttpParameters")),
                           "InvocationHttpParameters", reterr);
}

status http_connections_check(json config, error *reterr)
{
    json all = json_get(config, STR("connections"));
    if (!json_is_absent(all) && !json_is(all, JSON_OBJECT)) {
        return fail(reterr, ERROR_INVALID, "configuration: 'connections' must be an object");
    }
    for (uint32_t i = 0; i < json_count(all); i++) {
        const json_member *member = json_member_at(all, i);
        TRY(check_connection(str_take(json_str(member->name), 100), member->value, reterr));
    }
    return STATUS_OK;
}

/* -------------------------------------------------------------------------------------- reading */

/* The file without the newline that editors put at its end. */
static status read_file(const char *path, arena *a, str *ret_text, error *reterr)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        return fail(reterr, ERROR_INVALID, "a secret's file '%s' cannot be read: %s", path,
                    strerror(errno));
    }
    char *bytes = arena_alloc(a, SECRET_BYTES_MAX + 1);
    size_t count = bytes ? fread(bytes, 1, SECRET_BYTES_MAX + 1, file) : 0;
    bool is_read = !ferror(file);
    fclose(file);
    if (!bytes) {
        return fail_memory(reterr);
    }
    if (!is_read || count > SECRET_BYTES_MAX) {
        return fail(reterr, ERROR_INVALID, "a secret's file '%s' cannot be read, or is too long",
                    path);
    }
    while (count && (bytes[count - 1] == '\n' || bytes[count - 1] == '\r')) {
        count--;
    }
    *ret_text = str_from(bytes, count);
    return STATUS_OK;
}

static status read_value(json value, arena *a, str *ret_text, error *reterr)
{
    if (json_is(value, JSON_STRING)) {
        *ret_text = json_str(value);
        return STATUS_OK;
    }
    json env = json_get(value, STR("env"));
    str name = arena_str(a, json_str(json_is_absent(env) ? json_get(value, STR("file")) : env));
    if (!name.ptr) {
        return fail_memory(reterr);
    }
    if (json_is_absent(env)) {
        return read_file(name.ptr, a, ret_text, reterr);
    }
    const char *found = getenv(name.ptr);
    if (!found) {
        return fail(reterr, ERROR_INVALID, "the environment variable '%s' is not set", name.ptr);
    }
    *ret_text = str_from_c(found);
    return STATUS_OK;
}

static status read_list(json list, arena *a, http_pairs *ret_pairs, error *reterr)
{
    uint32_t count = json_count(list);
    http_pair *items = arena_array(a, http_pair, count ? count : 1);
    if (!items) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        items[i].name = json_str(json_get(json_item(list, i), STR("Key")));
        TRY(read_value(json_get(json_item(list, i), STR("Value")), a, &items[i].value, reterr));
    }
    *ret_pairs = (http_pairs){items, count};
    return STATUS_OK;
}

static status read_additions(json object, arena *a, http_additions *ret, error *reterr)
{
    http_pairs *const places[] = {&ret->headers, &ret->query, &ret->body};
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        TRY(read_list(json_get(object, str_from_c(lists[i])), a, places[i], reterr));
    }
    return STATUS_OK;
}

/* arn:aws:events:us-east-1:123456789012:connection/NAME/ID */
str http_connection_name(str arn)
{
    str rest = arn;
    if (!str_starts_with(arn, STR("arn:"))) {
        return arn;
    }
    for (int i = 0; i < 5 && rest.ptr; i++) {
        str_split_next(&rest, ':');
    }
    if (!rest.ptr || !str_starts_with(rest, STR("connection/"))) {
        return STR_NONE;
    }
    rest = str_skip(rest, strlen("connection/"));
    return str_split_next(&rest, '/');
}

static status read_connection(json found, arena *a, http_connection *connection, error *reterr)
{
    json parameters = json_get(found, STR("AuthParameters"));
    size_t kind = find_kind(found);
    INVARIANT(kind < ARRAY_LENGTH(kinds)); /* checked before anything ran */
    json own = json_get(parameters, str_from_c(kinds[kind].parameters));
    connection->authorization = (http_authorization)kind;
    if (kind == HTTP_OAUTH) {
        connection->token_endpoint = json_str(json_get(own, STR("AuthorizationEndpoint")));
        connection->token_method = json_str(json_get(own, STR("HttpMethod")));
        TRY(read_additions(json_get(own, STR("OAuthHttpParameters")), a,
                           &connection->to_token_request, reterr));
        own = json_get(own, STR("ClientParameters"));
    }
    str *const places[] = {&connection->user, &connection->secret};
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        TRY(read_value(json_get(own, str_from_c(kinds[kind].members[i].name)), a, places[i],
                       reterr));
    }
    return read_additions(json_get(parameters, STR("InvocationHttpParameters")), a,
                          &connection->to_call, reterr);
}

status http_connection_read(json config, str arn, arena *a, http_connection *ret, error *reterr)
{
    http_connection connection = {.name = http_connection_name(arn)};
    json found = json_get(json_get(config, STR("connections")), connection.name);
    if (!connection.name.len || !json_is(found, JSON_OBJECT)) {
        return fail(reterr, ERROR_NOT_FOUND,
                    "there is no connection '%.*s': name it among the \"connections\" of the "
                    "configuration file",
                    STR_ARG(str_take(connection.name.len ? connection.name : arn, 200)));
    }
    TRY(read_connection(found, a, &connection, reterr));
    *ret = connection;
    return STATUS_OK;
}

static bool pairs_show(http_pairs pairs, str text)
{
    for (uint32_t i = 0; i < pairs.count; i++) {
        if (pairs.items[i].value.len && str_find(text, pairs.items[i].value) != STR_NOT_FOUND) {
            return true;
        }
    }
    return false;
}

bool http_connection_shows(const http_connection *connection, str text)
{
    const http_additions *const additions[] = {&connection->to_call, &connection->to_token_request};
    for (size_t i = 0; i < ARRAY_LENGTH(additions); i++) {
        if (pairs_show(additions[i]->headers, text) || pairs_show(additions[i]->query, text) ||
            pairs_show(additions[i]->body, text)) {
            return true;
        }
    }
    return connection->secret.len && str_find(text, connection->secret) != STR_NOT_FOUND;
}
