/* The secret's members are spelled as Python would ("api_key_value"), EventBridge's as the API does
 * ("ApiKeyValue"); both are found whatever their case and underscores. */
#include "integrations/http/remote.h"

/* `name` in lower case, without underscores. */
static bool is_named(str text, const char *name)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '_') {
            continue;
        }
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != *name++) {
            return false;
        }
    }
    return !*name;
}

static json find(json object, const char *name)
{
    for (uint32_t i = 0; json_is(object, JSON_OBJECT) && i < json_count(object); i++) {
        const json_member *member = json_member_at(object, i);
        if (is_named(json_str(member->name), name)) {
            return member->value;
        }
    }
    return (json){0};
}

/* The secret's, or else what was described. */
static json either(json secret, json described, const char *name)
{
    json found = find(secret, name);
    return json_is_absent(found) ? find(described, name) : found;
}

/* [{"Key", "Value"}]; what is no text is left out: nobody shall name a file of ours. */
static status read_list(json given, arena *a, json *ret_list, error *reterr)
{
    json_array_builder list;
    json_array_begin(&list, a, 4);
    for (uint32_t i = 0; json_is(given, JSON_ARRAY) && i < json_count(given); i++) {
        json key = find(json_item(given, i), "key"), value = find(json_item(given, i), "value");
        json_object_builder b;
        json item;
        if (!json_str(key).len || !json_is(value, JSON_STRING)) {
            continue;
        }
        json_object_begin(&b, a, 2);
        json_object_add(&b, STR("Key"), key);
        json_object_add(&b, STR("Value"), value);
        TRY(json_object_finish(&b, &item, reterr));
        json_array_add(&list, item);
    }
    return json_array_finish(&list, ret_list, reterr);
}

static status read_additions(json given, arena *a, json *ret_object, error *reterr)
{
    static const struct {
        const char *name, *wanted;
    } lists[] = {{"headerparameters", "HeaderParameters"},
                 {"querystringparameters", "QueryStringParameters"},
                 {"bodyparameters", "BodyParameters"}};
    json_object_builder b;
    json_object_begin(&b, a, ARRAY_LENGTH(lists));
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        json list;
        TRY(read_list(find(given, lists[i].name), a, &list, reterr));
        json_object_add(&b, str_from_c(lists[i].wanted), list);
    }
    return json_object_finish(&b, ret_object, reterr);
}

typedef struct text_member {
    const char *name, *wanted;
} text_member;

static status add_texts(json_object_builder *b, const text_member *members, size_t count,
                        json secret, json described, error *reterr)
{
    for (size_t i = 0; i < count; i++) {
        json value = either(secret, described, members[i].name);
        if (!json_is(value, JSON_STRING)) {
            return fail(reterr, ERROR_INVALID, "its '%s' is not in the secret", members[i].wanted);
        }
        json_object_add(b, str_from_c(members[i].wanted), value);
    }
    return STATUS_OK;
}

static status read_oauth(json secret, json described, arena *a, json *ret_object, error *reterr)
{
    static const text_member client_members[] = {{"clientid", "ClientID"},
                                                 {"clientsecret", "ClientSecret"}};
    static const text_member members[] = {{"authorizationendpoint", "AuthorizationEndpoint"},
                                          {"httpmethod", "HttpMethod"}};
    json_object_builder b, inner;
    json client, more;
    json kept = find(secret, "clientparameters");
    json_object_begin(&inner, a, 2);
    TRY(add_texts(&inner, client_members, 2, json_is_absent(kept) ? secret : kept,
                  find(described, "clientparameters"), reterr));
    TRY(json_object_finish(&inner, &client, reterr));
    TRY(read_additions(either(secret, described, "oauthhttpparameters"), a, &more, reterr));
    json_object_begin(&b, a, 4);
    json_object_add(&b, STR("ClientParameters"), client);
    TRY(add_texts(&b, members, 2, secret, described, reterr));
    json_object_add(&b, STR("OAuthHttpParameters"), more);
    return json_object_finish(&b, ret_object, reterr);
}

static const struct {
    const char *type, *name, *wanted;
    text_member members[2]; /* none: OAuth's */
} kinds[] = {
    {"BASIC",
     "basicauthparameters",
     "BasicAuthParameters",
     {{"username", "Username"}, {"password", "Password"}}},
    {"API_KEY",
     "apikeyauthparameters",
     "ApiKeyAuthParameters",
     {{"apikeyname", "ApiKeyName"}, {"apikeyvalue", "ApiKeyValue"}}},
    {"OAUTH_CLIENT_CREDENTIALS", "oauthparameters", "OAuthParameters", {{0}}},
};

static status read_own(size_t kind, json secret, json described, arena *a, json *ret_object,
                       error *reterr)
{
    json nested = find(secret, kinds[kind].name);
    json_object_builder b;
    secret = json_is_absent(nested) ? secret : nested;
    if (!kinds[kind].members[0].name) {
        return read_oauth(secret, described, a, ret_object, reterr);
    }
    json_object_begin(&b, a, 2);
    TRY(add_texts(&b, kinds[kind].members, 2, secret, described, reterr));
    return json_object_finish(&b, ret_object, reterr);
}

status http_remote_read(str name, json described, json secret, arena *a, json *ret_config,
                        error *reterr)
{
    str type = json_str(json_get(described, STR("AuthorizationType")));
    json parameters = json_get(described, STR("AuthParameters")), own, more, object, config;
    size_t kind = 0;
    while (kind < ARRAY_LENGTH(kinds) && !str_equal(type, str_from_c(kinds[kind].type))) {
        kind++;
    }
    if (kind == ARRAY_LENGTH(kinds)) {
        return fail(reterr, ERROR_INVALID, "its AuthorizationType '%.*s' is not known",
                    STR_ARG(str_take(type, 100)));
    }
    TRY(read_own(kind, secret, find(parameters, kinds[kind].name), a, &own, reterr));
    TRY(read_additions(either(secret, parameters, "invocationhttpparameters"), a, &more, reterr));
    json_object_builder b, inner;
    json_object_begin(&inner, a, 2);
    json_object_add(&inner, str_from_c(kinds[kind].wanted), own);
    json_object_add(&inner, STR("InvocationHttpParameters"), more);
    TRY(json_object_finish(&inner, &object, reterr));
    json_object_begin(&b, a, 2);
    json_object_add(&b, STR("AuthorizationType"), json_from_str(type));
    json_object_add(&b, STR("AuthParameters"), object);
    TRY(json_object_finish(&b, &object, reterr));
    TRY(json_object_with(a, json_empty_object(), json_from_str(name), object, &config, reterr));
    TRY(json_object_with(a, json_empty_object(), json_from_str(STR("connections")), config, &config,
                         reterr));
    if (failed(http_connections_check(config, NULL))) {
        return fail(reterr, ERROR_INVALID, "what it says is not complete");
    }
    return json_copy(config, a, ret_config, reterr);
}
