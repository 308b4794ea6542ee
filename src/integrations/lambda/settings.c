/* Reading functions/NAME/: which file is there decides the runtime unless function.json does. */
#include "integrations/lambda/settings.h"

#include "integrations/lambda/name.h"
#include "integrations/near_names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEAR_NAMES_MAX 3
#define NAME_DISTANCE_MAX 3
#define FOLDER_ENTRIES_MAX 10000
#define MEMORY_MB_DEFAULT 128 /* Lambda: MemorySize */
#define MEMORY_MB_MAX 10240

/* In the order of preference. */
static const struct {
    const char *file;
    lambda_runtime runtime;
    const char *runtime_name, *handler;
} entries[] = {
    {"bootstrap", LAMBDA_CUSTOM, "provided.al2023", "handler"},
    {"handler.py", LAMBDA_PYTHON, "python3.12", "handler.lambda_handler"},
    {"lambda_function.py", LAMBDA_PYTHON, "python3.12", "lambda_function.lambda_handler"},
    {"index.mjs", LAMBDA_NODE, "nodejs20.x", "index.handler"},
    {"index.js", LAMBDA_NODE, "nodejs20.x", "index.handler"},
    {"index.cjs", LAMBDA_NODE, "nodejs20.x", "index.handler"},
};

static const struct {
    const char *prefix;
    lambda_runtime runtime;
    const char *handler; /* where function.json has none */
} runtimes[] = {
    {"python3", LAMBDA_PYTHON, "lambda_function.lambda_handler"},
    {"nodejs", LAMBDA_NODE, "index.handler"},
    {"provided", LAMBDA_CUSTOM, "handler"},
};

/* ------------------------------------------------------------------------------------ near names
 */

static status not_found(const char *folder, str name, error *reterr)
{
    char near_names[NEAR_NAMES_MAX * (LAMBDA_NAME_CHARS_MAX + 4) + 1] = "";
    size_t used = 0;
    int found = 0;
    DIR *listing = opendir(folder);
    if (!listing) {
        return fail(reterr, ERROR_NOT_FOUND,
                    "there is no function '%.*s': the functions folder '%s' cannot be read (%s)",
                    STR_ARG(name), folder, strerror(errno));
    }
    struct dirent *entry;
    for (int i = 0; i < FOLDER_ENTRIES_MAX && found < NEAR_NAMES_MAX && (entry = readdir(listing));
         i++) {
        str other = str_from_c(entry->d_name);
        if (!lambda_name_is_valid(other) || near_names_distance(name, other) > NAME_DISTANCE_MAX) {
            continue;
        }
        used += (size_t)snprintf(near_names + used, sizeof(near_names) - used, "%s'%s'",
                                 found ? ", " : "", entry->d_name);
        found++;
    }
    closedir(listing);
    return fail(reterr, ERROR_NOT_FOUND, "there is no function '%.*s' in the folder '%s'%s%s%s",
                STR_ARG(name), folder, found ? "; did you mean " : "", near_names,
                found ? "?" : "");
}

/* --------------------------------------------------------------------------------- function.json
 */

static status read_file(int folder, const char *name, arena *a, str *ret_text, error *reterr)
{
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return fail(reterr, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_IO, "%s: %s", name,
                    strerror(errno));
    }
    char *text = arena_alloc(a, FUNCTION_JSON_BYTES_MAX + 1);
    ssize_t length = text ? read(file, text, FUNCTION_JSON_BYTES_MAX + 1) : -1;
    close(file);
    if (!text) {
        return fail_memory(reterr);
    }
    if (length < 0 || length > FUNCTION_JSON_BYTES_MAX) {
        return fail(reterr, length < 0 ? ERROR_IO : ERROR_LIMIT, "%s cannot be read%s", name,
                    length < 0 ? "" : ": it is longer than 64 KiB");
    }
    *ret_text = str_from(text, (size_t)length);
    return STATUS_OK;
}

bool lambda_runtime_find(str runtime_name, lambda_runtime *ret_runtime)
{
    for (size_t i = 0; i < ARRAY_LENGTH(runtimes); i++) {
        if (str_starts_with(runtime_name, str_from_c(runtimes[i].prefix))) {
            *ret_runtime = runtimes[i].runtime;
            return true;
        }
    }
    return false;
}

typedef status member_reader(lambda_settings *settings, json value, error *reterr);

static status read_text(json value, str *ret_text, const char *name, error *reterr)
{
    str text = json_str(value);
    if (!text.len || memchr(text.ptr, '\0', text.len)) {
        return fail(reterr, ERROR_TYPE, "'%s' must be a string that is not empty", name);
    }
    *ret_text = text;
    return STATUS_OK;
}

static status read_handler(lambda_settings *settings, json value, error *reterr)
{
    settings->is_handler_written = true;
    return read_text(value, &settings->handler, "handler", reterr);
}

static status read_runtime(lambda_settings *settings, json value, error *reterr)
{
    TRY(read_text(value, &settings->runtime_name, "runtime", reterr));
    if (lambda_runtime_find(settings->runtime_name, &settings->runtime)) {
        return STATUS_OK;
    }
    return fail(reterr, ERROR_UNSUPPORTED,
                "the runtime '%.*s' is not run here: python3.x, nodejsNN.x and provided.* are",
                STR_ARG(settings->runtime_name));
}

static status read_number(json value, int64_t minimum, int64_t maximum, const char *name,
                          int64_t *ret_number, error *reterr)
{
    int64_t number;
    if (!json_int64(value, &number) || number < minimum || number > maximum) {
        return fail(reterr, ERROR_RANGE, "'%s' must be an integer from %lld to %lld", name,
                    (long long)minimum, (long long)maximum);
    }
    *ret_number = number;
    return STATUS_OK;
}

static status read_timeout(lambda_settings *settings, json value, error *reterr)
{
    int64_t seconds = 0;
    TRY(read_number(value, 1, LAMBDA_TIMEOUT_SECONDS_MAX, "timeout", &seconds, reterr));
    settings->timeout_ms = seconds * 1000;
    return STATUS_OK;
}

static status read_memory(lambda_settings *settings, json value, error *reterr)
{
    TRY(read_number(value, MEMORY_MB_DEFAULT, MEMORY_MB_MAX, "memory", &settings->memory_mb,
                    reterr));
    settings->is_memory_limited = true;
    return STATUS_OK;
}

static status read_environment(lambda_settings *settings, json value, error *reterr)
{
    if (!json_is(value, JSON_OBJECT)) {
        return fail(reterr, ERROR_TYPE, "'environment' must be an object of strings");
    }
    for (uint32_t i = 0; i < json_count(value); i++) {
        const json_member *member = json_member_at(value, i);
        str name = json_str(member->name);
        str text = json_str(member->value);
        if (!json_is(member->value, JSON_STRING) || !name.len || memchr(name.ptr, '\0', name.len) ||
            memchr(name.ptr, '=', name.len) || (text.len && memchr(text.ptr, '\0', text.len))) {
            return fail(reterr, ERROR_TYPE, "'environment': '%.*s' must be a string",
                        STR_ARG(name));
        }
    }
    settings->environment = value;
    return STATUS_OK;
}

static status read_description(lambda_settings *settings, json value, error *reterr)
{
    (void)settings;
    (void)value;
    (void)reterr;
    return STATUS_OK;
}

static const struct {
    const char *name;
    member_reader *read;
} members[] = {
    {"handler", read_handler}, {"runtime", read_runtime},         {"timeout", read_timeout},
    {"memory", read_memory},   {"environment", read_environment}, {"description", read_description},
};

static status read_members(lambda_settings *settings, json object, error *reterr)
{
    if (!json_is(object, JSON_OBJECT)) {
        return fail(reterr, ERROR_TYPE, "it must hold a JSON object");
    }
    for (uint32_t i = 0; i < json_count(object); i++) {
        const json_member *member = json_member_at(object, i);
        size_t row = 0;
        while (row < ARRAY_LENGTH(members) &&
               !str_equal(json_str(member->name), str_from_c(members[row].name))) {
            row++;
        }
        if (row == ARRAY_LENGTH(members)) {
            return fail(reterr, ERROR_INVALID,
                        "'%.*s' is not known: handler, runtime, timeout, memory, environment and "
                        "description are",
                        STR_ARG(json_str(member->name)));
        }
        TRY(members[row].read(settings, member->value, reterr));
    }
    return STATUS_OK;
}

static status read_function_json(lambda_settings *settings, int folder, error *reterr)
{
    error inner = {0};
    str text = STR_NONE;
    json object = {0};
    status result = read_file(folder, "function.json", &settings->memory, &text, &inner);
    if (result.code == ERROR_NOT_FOUND) {
        return STATUS_OK;
    }
    if (ok(result)) {
        result = json_parse_into(text, &settings->memory, &object, &inner);
        if (failed(result)) {
            return fail(reterr, result.code, "function '%.*s': function.json:%u:%u: %s",
                        STR_ARG(settings->name), inner.line, inner.column, inner.message);
        }
        result = read_members(settings, object, &inner);
    }
    if (failed(result)) {
        return fail(reterr, result.code, "function '%.*s': function.json: %s",
                    STR_ARG(settings->name), inner.message);
    }
    return STATUS_OK;
}

/* ----------------------------------------------------------------------------------- the folder */

/* What function.json left open is decided by the file that is there. */
static status choose_entry(lambda_settings *settings, int folder, error *reterr)
{
    bool is_runtime_written = settings->runtime_name.ptr != NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(entries); i++) {
        if ((is_runtime_written && entries[i].runtime != settings->runtime) ||
            faccessat(folder, entries[i].file, F_OK, 0)) {
            continue;
        }
        settings->runtime = entries[i].runtime;
        if (!is_runtime_written) {
            settings->runtime_name = str_from_c(entries[i].runtime_name);
        }
        if (!settings->is_handler_written) {
            settings->handler = str_from_c(entries[i].handler);
        }
        return STATUS_OK;
    }
    if (!is_runtime_written) {
        return fail(reterr, ERROR_INVALID,
                    "function '%.*s': its folder '%s' holds no handler.py, index.mjs, index.js or "
                    "bootstrap, and no function.json that names a runtime",
                    STR_ARG(settings->name), settings->folder.ptr);
    }
    for (size_t i = 0; !settings->is_handler_written && i < ARRAY_LENGTH(runtimes); i++) {
        if (runtimes[i].runtime == settings->runtime) {
            settings->handler = str_from_c(runtimes[i].handler);
        }
    }
    return STATUS_OK;
}

/* Whether a change of the file is a change of the function. Data files are not looked at: functions
 * may write them. */
static bool is_code(str file)
{
    static const char *const endings[] = {".py", ".js", ".mjs", ".cjs"};
    static const char *const names[] = {"function.json", "package.json", "bootstrap"};
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        if (str_ends_with(file, str_from_c(endings[i]))) {
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (str_equal(file, str_from_c(names[i]))) {
            return true;
        }
    }
    return false;
}

static uint64_t stamp_file(int folder, const char *name)
{
    struct stat about;
    if (fstatat(folder, name, &about, 0)) {
        return 0;
    }
    uint64_t parts[] = {(uint64_t)about.st_mtim.tv_sec, (uint64_t)about.st_mtim.tv_nsec,
                        (uint64_t)about.st_size, (uint64_t)about.st_ino};
    uint64_t stamp = 0xCBF29CE484222325u;
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        stamp = (stamp ^ parts[i]) * 0x100000001B3u;
        stamp ^= stamp >> 32;
    }
    return stamp;
}

/* A sum, because a listing has no order. */
static uint64_t stamp_folder(int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = copy < 0 ? NULL : fdopendir(copy);
    if (!listing) {
        if (copy >= 0) {
            close(copy);
        }
        return 0;
    }
    uint64_t stamp = 1;
    struct dirent *entry;
    for (int i = 0; i < FOLDER_ENTRIES_MAX && (entry = readdir(listing)); i++) {
        if (is_code(str_from_c(entry->d_name))) {
            stamp += stamp_file(folder, entry->d_name);
        }
    }
    closedir(listing);
    return stamp;
}

static int open_folder(str functions_folder, str name, char *path, size_t path_size)
{
    int length = snprintf(path, path_size, "%.*s/%.*s", STR_ARG(functions_folder), STR_ARG(name));
    if (length < 0 || (size_t)length >= path_size) {
        return -1;
    }
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

uint64_t lambda_settings_stamp(str functions_folder, str name)
{
    char path[PATH_MAX];
    int folder = open_folder(functions_folder, name, path, sizeof(path));
    if (folder < 0) {
        return 0;
    }
    uint64_t stamp = stamp_folder(folder);
    close(folder);
    return stamp;
}

bool lambda_settings_after(str functions_folder, str name, char ret_name[LAMBDA_NAME_CHARS_MAX + 1])
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%.*s", STR_ARG(functions_folder));
    DIR *listing = functions_folder.len && functions_folder.len < PATH_MAX ? opendir(path) : NULL;
    str best = STR_NONE;
    struct dirent *entry;
    while (listing && (entry = readdir(listing))) {
        str other = str_from_c(entry->d_name);
        struct stat about;
        if (lambda_name_is_valid(other) && (!name.ptr || str_compare(other, name) > 0) &&
            (!best.ptr || str_compare(other, best) < 0) &&
            fstatat(dirfd(listing), entry->d_name, &about, 0) == 0 && S_ISDIR(about.st_mode)) {
            memcpy(ret_name, other.ptr, other.len + 1);
            best = str_from(ret_name, other.len);
        }
    }
    if (listing) {
        closedir(listing);
    }
    return best.ptr != NULL;
}

static status load_from(lambda_settings *settings, int folder, const char *path, error *reterr)
{
    char absolute[PATH_MAX];
    if (!realpath(path, absolute)) {
        return fail(reterr, ERROR_IO, "%s: %s", path, strerror(errno));
    }
    settings->folder = arena_str(&settings->memory, str_from_c(absolute));
    if (!settings->folder.ptr || !settings->name.ptr) {
        return fail_memory(reterr);
    }
    settings->stamp = stamp_folder(folder);
    TRY(read_function_json(settings, folder, reterr));
    return choose_entry(settings, folder, reterr);
}

status lambda_settings_load(str functions_folder, str name, lambda_settings *ret_settings,
                            error *reterr)
{
    INVARIANT(lambda_name_is_valid(name));
    if (!functions_folder.ptr) {
        return fail(reterr, ERROR_NOT_FOUND,
                    "there is no function '%.*s': no functions folder was given", STR_ARG(name));
    }
    char path[PATH_MAX];
    int folder = open_folder(functions_folder, name, path, sizeof(path));
    if (folder < 0) {
        snprintf(path, sizeof(path), "%.*s", STR_ARG(functions_folder));
        return not_found(path, name, reterr);
    }
    lambda_settings settings = {.timeout_ms = LAMBDA_TIMEOUT_SECONDS_DEFAULT * 1000,
                                .memory_mb = MEMORY_MB_DEFAULT};
    arena_init(&settings.memory, 0);
    settings.name = arena_str(&settings.memory, name);
    settings.version = STR("$LATEST");
    status result = load_from(&settings, folder, path, reterr);
    close(folder);
    if (failed(result)) {
        lambda_settings_clean_up(&settings);
        return result;
    }
    *ret_settings = settings;
    return STATUS_OK;
}

void lambda_settings_clean_up(lambda_settings *settings)
{
    arena_clean_up(&settings->memory);
}
