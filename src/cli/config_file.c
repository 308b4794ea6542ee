/* Which members there are is checked here for the whole file, so that a name that is spelled wrong
 * is refused and not left out. What a section holds, most of the parts check themselves: sections
 * with members below are those of parts that only look when a task needs them. */
#include "cli/config_file.h"

#include "cli/input.h"
#include "cli/settings.h"

#define CONFIG_BYTES_MAX (1u << 20)
#define MEMBERS_MAX 4

typedef struct config_member {
    const char *name;
    json_kind kind;
    int64_t maximum;   /* of a number, from 0 */
    const char *inner; /* all that each of an object's members may have; NULL: not looked at */
} config_member;

static const struct config_section {
    const char *name;
    json_kind kind;
    config_member members[MEMBERS_MAX]; /* none: the part that reads the section checks it */
} sections[] = {
    {"apigateway", JSON_OBJECT, {{0}}},
    {"aws", JSON_OBJECT, {{0}}},
    {"connections", JSON_OBJECT, {{0}}},
    {"credentials", JSON_ARRAY, {{0}}},
    {"events", JSON_OBJECT, {{0}}},
    {"functions",
     JSON_OBJECT,
     {{"folder", JSON_STRING, 0, NULL},
      {"processesMax", JSON_NUMBER, 1000, NULL},
      {"queueMax", JSON_NUMBER, 1000000, NULL},
      {"idleSeconds", JSON_NUMBER, 86400, NULL}}},
    {"glue", JSON_OBJECT, {{"jobs", JSON_OBJECT, 0, NULL}}},
    {"http", JSON_OBJECT, {{0}}},
    {"limits", JSON_OBJECT, {{0}}},
    {"logs", JSON_OBJECT, {{0}}},
    {"metrics", JSON_OBJECT, {{0}}},
    {"redshift-data", JSON_OBJECT, {{"connection", JSON_STRING, 0, NULL}}},
    {"sns", JSON_OBJECT, {{"topics", JSON_OBJECT, 0, "subscriptions"}}},
};

static const char *kind_name(json_kind kind)
{
    return kind == JSON_OBJECT   ? "an object"
           : kind == JSON_ARRAY  ? "an array"
           : kind == JSON_STRING ? "a text"
                                 : "a number";
}

static const struct config_section *find_section(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(sections); i++) {
        if (str_equal(name, str_from_c(sections[i].name))) {
            return &sections[i];
        }
    }
    return NULL;
}

static const config_member *find_member(const struct config_section *section, str name)
{
    for (size_t i = 0; i < MEMBERS_MAX && section->members[i].name; i++) {
        if (str_equal(name, str_from_c(section->members[i].name))) {
            return &section->members[i];
        }
    }
    return NULL;
}

static status check_inner(const char *path, const char *section, const json_member *member,
                          const char *inner, error *reterr)
{
    str name = str_take(json_str(member->name), 60);
    if (!json_is(member->value, JSON_OBJECT)) {
        return fail(reterr, ERROR_TYPE, "%s: '%s': '%.*s' must be an object", path, section,
                    STR_ARG(name));
    }
    for (uint32_t i = 0; i < json_count(member->value); i++) {
        str found = json_str(json_member_at(member->value, i)->name);
        if (!str_equal(found, str_from_c(inner))) {
            return fail(reterr, ERROR_INVALID, "%s: '%s': '%.*s' has no member '%.*s', only '%s'",
                        path, section, STR_ARG(name), STR_ARG(str_take(found, 60)), inner);
        }
    }
    return STATUS_OK;
}

static status check_member(const char *path, const struct config_section *section,
                           const json_member *member, error *reterr)
{
    str name = str_take(json_str(member->name), 60);
    const config_member *known = find_member(section, json_str(member->name));
    int64_t number;
    if (!known) {
        return fail(reterr, ERROR_INVALID, "%s: '%s' has no member '%.*s'", path, section->name,
                    STR_ARG(name));
    }
    if (!json_is(member->value, known->kind)) {
        return fail(reterr, ERROR_TYPE, "%s: '%s.%s' must be %s", path, section->name, known->name,
                    kind_name(known->kind));
    }
    if (known->kind == JSON_NUMBER &&
        (!json_int64(member->value, &number) || number < 0 || number > known->maximum)) {
        return fail(reterr, ERROR_RANGE, "%s: '%s.%s' must be a whole number from 0 to %lld", path,
                    section->name, known->name, (long long)known->maximum);
    }
    for (uint32_t i = 0; known->inner && i < json_count(member->value); i++) {
        TRY(check_inner(path, section->name, json_member_at(member->value, i), known->inner,
                        reterr));
    }
    return STATUS_OK;
}

static status check_section(const char *path, const json_member *member, error *reterr)
{
    str name = json_str(member->name);
    const struct config_section *section = find_section(name);
    if (settings_has(name) && !(section && json_is(member->value, section->kind))) {
        return STATUS_OK; /* its value is settings_read's affair */
    }
    if (!section) {
        return fail(reterr, ERROR_INVALID,
                    "%s: there is no setting '%.*s'; docs/configuration.md lists them", path,
                    STR_ARG(str_take(name, 60)));
    }
    if (!json_is(member->value, section->kind)) {
        return fail(reterr, ERROR_TYPE, "%s: '%s' must be %s", path, section->name,
                    kind_name(section->kind));
    }
    for (uint32_t i = 0; section->members[0].name && i < json_count(member->value); i++) {
        TRY(check_member(path, section, json_member_at(member->value, i), reterr));
    }
    return STATUS_OK;
}

static status check_file(const char *path, json config, error *reterr)
{
    if (!json_is(config, JSON_OBJECT)) {
        return fail(reterr, ERROR_TYPE, "%s: the configuration must be an object", path);
    }
    for (uint32_t i = 0; i < json_count(config); i++) {
        TRY(check_section(path, json_member_at(config, i), reterr));
    }
    return STATUS_OK;
}

status cli_config_read(const char *path, json_doc **ret_doc, json *ret_config, error *reterr)
{
    buf text;
    json_doc *doc = NULL;
    error err = {0};
    status s = cli_read_file(path, CONFIG_BYTES_MAX, &text, &err);
    if (failed(s)) {
        s = fail(reterr, err.code, "%s", err.message);
    } else if (failed(json_parse(buf_str(&text), &doc, &err))) {
        s = fail(reterr, err.code, "%s:%u:%u: %s", path, err.line, err.column, err.message);
    } else {
        s = check_file(path, json_doc_root(doc), reterr);
    }
    buf_clean_up(&text);
    if (failed(s)) {
        json_doc_release(doc);
        return s;
    }
    *ret_doc = doc;
    *ret_config = json_doc_root(doc);
    return STATUS_OK;
}

str cli_config_functions_folder(json config)
{
    json functions = json_get(config, STR("functions"));
    return json_str(json_is(functions, JSON_OBJECT) ? json_get(functions, STR("folder"))
                                                    : functions);
}
