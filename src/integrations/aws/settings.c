#include "integrations/aws/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIMEOUT_SECONDS_MAX 3600

/* --------------------------------------------------------------------------------- Gait's own file
 */

typedef struct member_rule {
    const char *name;
    json_kind kind;
    bool is_url;
    int64_t maximum; /* of a number */
} member_rule;

static const member_rule top_members[] = {
    {"endpoint", JSON_STRING, true, 0},
    {"region", JSON_STRING, false, 0},
    {"profile", JSON_STRING, false, 0},
    {"services", JSON_OBJECT, false, 0},
    {"useFipsEndpoint", JSON_BOOLEAN, false, 0},
    {"useDualstackEndpoint", JSON_BOOLEAN, false, 0},
    {"attemptsMax", JSON_NUMBER, false, AWS_ATTEMPTS_SETTING_MAX},
    {"timeoutSeconds", JSON_NUMBER, false, TIMEOUT_SECONDS_MAX},
    {"models", JSON_STRING, false, 0},
};
static const member_rule service_members[] = {
    {"endpoint", JSON_STRING, true, 0},
    {"region", JSON_STRING, false, 0},
};

static status check_member(const char *place, const member_rule *rule, json value, error *reterr)
{
    int64_t number;
    if (!json_is(value, rule->kind) || (rule->kind == JSON_STRING && !json_str(value).len)) {
        return fail(reterr, ERROR_INVALID, "%s.%s must be a %s%s", place, rule->name,
                    rule->kind == JSON_STRING ? "text that is not empty, not a " : "",
                    json_kind_name(rule->kind == JSON_STRING ? json_kind_of(value) : rule->kind));
    }
    if (rule->is_url && !str_equal(json_str(value), STR("aws")) &&
        !str_starts_with(json_str(value), STR("http://")) &&
        !str_starts_with(json_str(value), STR("https://"))) {
        return fail(reterr, ERROR_INVALID,
                    "%s.%s must begin with http:// or https://, which '%.*s' does not", place,
                    rule->name, STR_ARG(str_take(json_str(value), 200)));
    }
    if (rule->kind == JSON_NUMBER &&
        (!json_int64(value, &number) || number < 1 || number > rule->maximum)) {
        return fail(reterr, ERROR_RANGE, "%s.%s must be a whole number from 1 to %lld", place,
                    rule->name, (long long)rule->maximum);
    }
    return STATUS_OK;
}

static status check_members(const char *place, json object, const member_rule *rules, size_t count,
                            error *reterr)
{
    if (!json_is(object, JSON_OBJECT)) {
        return fail(reterr, ERROR_INVALID, "%s must be an object", place);
    }
    for (uint32_t i = 0; i < json_count(object); i++) {
        const json_member *member = json_member_at(object, i);
        str name = json_str(member->name);
        size_t row = 0;
        while (row < count && !str_equal(name, str_from_c(rules[row].name))) {
            row++;
        }
        if (row == count) {
            return fail(reterr, ERROR_INVALID, "%s has no member '%.*s'", place,
                        STR_ARG(str_take(name, 60)));
        }
        TRY(check_member(place, &rules[row], member->value, reterr));
    }
    return STATUS_OK;
}

status aws_settings_check(json config, error *reterr)
{
    if (json_is_absent(config)) {
        return STATUS_OK;
    }
    TRY(check_members("aws", config, top_members, ARRAY_LENGTH(top_members), reterr));
    json services = json_get(config, STR("services"));
    for (uint32_t i = 0; i < json_count(services); i++) {
        const json_member *member = json_member_at(services, i);
        arena a;
        arena_init(&a, 0);
        str place =
            arena_printf(&a, "aws.services.%.*s", STR_ARG(str_take(json_str(member->name), 60)));
        status checked = place.ptr ? check_members(place.ptr, member->value, service_members,
                                                   ARRAY_LENGTH(service_members), reterr)
                                   : fail_memory(reterr);
        arena_clean_up(&a);
        TRY(checked);
    }
    return STATUS_OK;
}

/* ---------------------------------------------------------------------------------- shared files
 */

str aws_settings_variable(const aws_settings *settings, const char *name)
{
    size_t len = strlen(name);
    for (const char *const *entry = settings->environment; entry && *entry; entry++) {
        if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=') {
            str value = str_from_c(*entry + len + 1);
            return value.len ? value : STR_NONE;
        }
    }
    return STR_NONE;
}

/* The text of an open file, as long as its state says, in one piece. */
static status read_whole(int file, size_t size, arena *a, str *ret_text)
{
    char *text = arena_alloc(a, size + 1);
    size_t at = 0;
    if (!text) {
        return fail_memory(NULL);
    }
    while (at < size) {
        ssize_t got = read(file, text + at, size - at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(NULL, ERROR_IO, "read");
        }
        if (got == 0) {
            break;
        }
        at += (size_t)got;
    }
    text[at] = '\0';
    *ret_text = str_from(text, at);
    return STATUS_OK;
}

str aws_settings_path(const aws_settings *settings, str path, arena *a)
{
    str home = aws_settings_variable(settings, "HOME");
    return str_starts_with(path, STR("~/")) && home.ptr
               ? arena_printf(a, "%.*s%.*s", STR_ARG(home), STR_ARG(str_skip(path, 1)))
               : arena_str(a, path);
}

status aws_settings_read_file(const aws_settings *settings, str path, arena *a, str *ret_text,
                              error *reterr)
{
    str whole = aws_settings_path(settings, path, a);
    if (!whole.ptr) {
        return fail_memory(reterr);
    }
    struct stat about;
    int file = open(whole.ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) {
        return fail(reterr, errno == ENOENT || errno == ENOTDIR ? ERROR_NOT_FOUND : ERROR_IO,
                    "%s: %s", whole.ptr, strerror(errno));
    }
    status done;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        done = fail(reterr, ERROR_IO, "%s: it is no file", whole.ptr);
    } else if (about.st_size > AWS_SHARED_FILE_BYTES_MAX) {
        done = fail(reterr, ERROR_LIMIT, "%s: it is longer than %u bytes", whole.ptr,
                    AWS_SHARED_FILE_BYTES_MAX);
    } else {
        done = read_whole(file, (size_t)about.st_size, a, ret_text);
        if (failed(done)) {
            done = fail(reterr, done.code, "%s: it cannot be read: %s", whole.ptr,
                        done.code == ERROR_MEMORY ? "out of memory" : strerror(errno));
        }
    }
    close(file);
    return done;
}

static status read_shared(aws_settings *s, str path, bool is_credentials_file, bool *ret_is_there,
                          error *reterr)
{
    str text;
    if (!path.ptr) {
        return STATUS_OK;
    }
    status done = aws_settings_read_file(s, path, &s->memory, &text, reterr);
    if (done.code == ERROR_NOT_FOUND) {
        return STATUS_OK;
    }
    TRY(done);
    *ret_is_there = true;
    return aws_profiles_add(&s->profiles, text, is_credentials_file, &s->memory, reterr);
}

/* The file that a variable names, or the one at home. */
static str shared_path(aws_settings *s, const char *variable, const char *name)
{
    str given = aws_settings_variable(s, variable);
    str home = aws_settings_variable(s, "HOME");
    return given.ptr  ? given
           : home.ptr ? arena_printf(&s->memory, "%.*s/.aws/%s", STR_ARG(home), name)
                      : STR_NONE;
}

status aws_settings_read(const char *const *environment, json config, aws_settings *ret_settings,
                         error *reterr)
{
    aws_settings s = {.environment = environment, .config = config};
    arena_init(&s.memory, AWS_SETTINGS_BYTES_MAX);
    s.profile = aws_settings_variable(&s, "AWS_PROFILE");
    if (!s.profile.ptr) {
        s.profile = json_str(json_get(config, STR("profile")));
    }
    s.is_profile_named = s.profile.ptr != NULL;
    s.profile = s.is_profile_named ? s.profile : STR("default");
    s.config_path = shared_path(&s, "AWS_CONFIG_FILE", "config");
    s.credentials_path = shared_path(&s, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    status done = read_shared(&s, s.credentials_path, true, &s.has_credentials, reterr);
    if (ok(done)) {
        done = read_shared(&s, s.config_path, false, &s.has_config, reterr);
    }
    if (ok(done)) {
        done = aws_settings_read_calls(&s, reterr);
    }
    if (failed(done)) {
        aws_settings_clean_up(&s);
        return done;
    }
    *ret_settings = s;
    return STATUS_OK;
}

void aws_settings_clean_up(aws_settings *settings)
{
    arena_wipe(&settings->memory);
    settings->profiles = (aws_profiles){0};
}

str aws_settings_property(const aws_settings *settings, const char *name)
{
    str value = aws_profiles_get(&settings->profiles, AWS_SECTION_PROFILE, settings->profile,
                                 str_from_c(name));
    return value.len ? value : STR_NONE;
}

static status read_switch(str value, const char *place, bool *ret_value, error *reterr)
{
    bool is_true = aws_settings_is_true(value);
    if (!is_true && !str_equal_ignore_case(value, STR("false"))) {
        return fail(reterr, ERROR_INVALID, "%s is '%.*s', which is neither true nor false", place,
                    STR_ARG(str_take(value, 60)));
    }
    *ret_value = is_true;
    return STATUS_OK;
}

status aws_settings_switch(const aws_settings *settings, const char *variable, const char *member,
                           const char *property, bool *ret_value, error *reterr)
{
    str value = aws_settings_variable(settings, variable);
    if (value.ptr) {
        return read_switch(value, variable, ret_value, reterr);
    }
    json own = json_get(settings->config, str_from_c(member));
    value = aws_settings_property(settings, property);
    if (json_is(own, JSON_BOOLEAN)) {
        *ret_value = json_is_true(own);
    } else if (value.ptr) {
        return read_switch(value, property, ret_value, reterr);
    } else {
        *ret_value = false;
    }
    return STATUS_OK;
}

bool aws_settings_is_true(str value)
{
    return str_equal_ignore_case(value, STR("true"));
}

int64_t aws_settings_number(const aws_settings *settings, const char *name, int64_t otherwise)
{
    int64_t number;
    return json_int64(json_get(settings->config, str_from_c(name)), &number) ? number : otherwise;
}
