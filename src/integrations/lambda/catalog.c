/* Records live in a map and in an ordered list of names; the disk is written first, and memory
 * follows when that has worked.
 *
 * Invariants: each record in memory is on the disk; each package that a record names is there: a
 * package is adopted before the record names it, and removed after no record does. */
#include "integrations/lambda/catalog.h"

#include "base/digest.h"
#include "base/map.h"
#include "integrations/lambda/name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define INCOMING ".incoming"
#define FUNCTIONS_MAX 100000

typedef struct entry {
    char name[LAMBDA_NAME_CHARS_MAX + 1];
    json_doc *record;
} entry;

struct lambda_catalog {
    char folder[PATH_MAX]; /* "" until a temporary one is made */
    bool is_temporary;
    map by_name;
    entry **in_order; /* owned, as its entries */
    uint32_t count, room;
    void (*discard)(void *user, const char *folder); /* may be NULL */
    void *discard_user;
};

/* ------------------------------------------------------------------------------------------- disk
 */

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

void lambda_catalog_discard(const char *folder)
{
    (void)nftw(folder, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

static status make_path(char path[PATH_MAX], error *reterr, const char *format, ...)
    PRINTF_LIKE(3, 4);
static status make_path(char path[PATH_MAX], error *reterr, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(path, PATH_MAX, format, arguments);
    va_end(arguments);
    return length < 0 || length >= PATH_MAX
               ? fail(reterr, ERROR_LIMIT, "the path of the data folder is too long")
               : STATUS_OK;
}

static status fail_system(const char *path, error *reterr)
{
    return fail(reterr, ERROR_IO, "%s: %s", path, strerror(errno));
}

static status make_folder(const char *path, error *reterr)
{
    return mkdir(path, 0777) && errno != EEXIST ? fail_system(path, reterr) : STATUS_OK;
}

/* The folder, made with the one above it when it is missing. */
static status make_top(lambda_catalog *c, error *reterr)
{
    if (!c->folder[0]) {
        const char *temporary = getenv("TMPDIR");
        TRY(make_path(c->folder, reterr, "%s/gait-lambda-XXXXXX",
                      temporary && *temporary ? temporary : "/tmp"));
        if (!mkdtemp(c->folder)) {
            status result = fail_system(c->folder, reterr);
            c->folder[0] = '\0';
            return result;
        }
        return STATUS_OK;
    }
    char above[PATH_MAX];
    TRY(make_path(above, reterr, "%s", c->folder));
    char *slash = strrchr(above, '/');
    if (slash && slash != above) {
        *slash = '\0';
        TRY(make_folder(above, reterr));
    }
    return make_folder(c->folder, reterr);
}

static status sync_folder(const char *path, error *reterr)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    status result = folder < 0 || fsync(folder) ? fail_system(path, reterr) : STATUS_OK;
    if (folder >= 0) {
        close(folder);
    }
    return result;
}

/* Replaces path by a new file with the text. */
static status write_file(const char *folder, const char *path, str text, error *reterr)
{
    char next[PATH_MAX];
    TRY(make_path(next, reterr, "%s.new", path));
    int file = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        return fail_system(next, reterr);
    }
    bool is_written = true;
    for (str rest = text; is_written && rest.len;) {
        ssize_t count = write(file, rest.ptr, rest.len);
        is_written = count > 0 || (count < 0 && errno == EINTR);
        rest = count > 0 ? str_skip(rest, (size_t)count) : rest;
    }
    is_written = is_written && fsync(file) == 0;
    status result = is_written ? STATUS_OK : fail_system(next, reterr);
    close(file);
    if (ok(result) && rename(next, path)) {
        result = fail_system(path, reterr);
    }
    if (failed(result)) {
        (void)unlink(next);
        return result;
    }
    return sync_folder(folder, reterr);
}

static status read_file(const char *path, buf *out, error *reterr)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return fail_system(path, reterr);
    }
    ssize_t count = 1;
    char block[16384];
    while (count > 0) {
        count = read(file, block, sizeof(block));
        if (count > 0) {
            buf_add(out, block, (size_t)count);
        }
    }
    close(file);
    return count < 0 ? fail_system(path, reterr) : buf_status(out, reterr);
}

/* ----------------------------------------------------------------------------------------- memory
 */

/* Where the name stands, or would stand. */
static uint32_t position(const lambda_catalog *c, str name)
{
    uint32_t low = 0;
    uint32_t high = c->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (str_compare(str_from_c(c->in_order[middle]->name), name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void entry_free(entry *e)
{
    json_doc_release(e->record);
    free(e);
}

static status add_entry(lambda_catalog *c, str name, entry **ret_entry, error *reterr)
{
    if (c->count >= FUNCTIONS_MAX) {
        return fail(reterr, ERROR_LIMIT, "there are %u functions already", c->count);
    }
    if (c->count == c->room) {
        uint32_t room = c->room ? 2 * c->room : 16;
        entry **grown = realloc(c->in_order, room * sizeof(entry *));
        if (!grown) {
            return fail_memory(reterr);
        }
        c->in_order = grown;
        c->room = room;
    }
    entry *e = calloc(1, sizeof(*e));
    if (!e) {
        return fail_memory(reterr);
    }
    snprintf(e->name, sizeof(e->name), "%.*s", STR_ARG(name));
    status result = map_put(&c->by_name, str_from_c(e->name), e, reterr);
    if (failed(result)) {
        free(e);
        return result;
    }
    uint32_t at = position(c, name);
    memmove(c->in_order + at + 1, c->in_order + at, (c->count - at) * sizeof(entry *));
    c->in_order[at] = e;
    c->count++;
    *ret_entry = e;
    return STATUS_OK;
}

static void remove_entry(lambda_catalog *c, str name)
{
    entry *e = map_remove(&c->by_name, name);
    if (e) {
        uint32_t at = position(c, str_from_c(e->name));
        c->count--;
        memmove(c->in_order + at, c->in_order + at + 1, (c->count - at) * sizeof(entry *));
        entry_free(e);
    }
}

/* ------------------------------------------------------------------------------- opening and end
 */

static status load(lambda_catalog *c, const char *name, error *reterr)
{
    char path[PATH_MAX];
    entry *e = NULL;
    json_doc *record = NULL;
    buf text;
    TRY(make_path(path, reterr, "%s/%s/function.json", c->folder, name));
    buf_init(&text, LAMBDA_RECORD_BYTES_MAX);
    status result = read_file(path, &text, reterr);
    if (ok(result)) {
        error inner;
        result = json_parse(buf_str(&text), &record, &inner);
        if (failed(result)) {
            result = fail(reterr, result.code, "%s:%u:%u: %s", path, inner.line, inner.column,
                          inner.message);
        }
    }
    buf_clean_up(&text);
    if (ok(result) && !json_is(json_get(json_doc_root(record), STR("latest")), JSON_OBJECT)) {
        result = fail(reterr, ERROR_INVALID, "%s is not a function's record", path);
    }
    if (ok(result)) {
        result = add_entry(c, str_from_c(name), &e, reterr);
    }
    if (failed(result)) {
        json_doc_release(record);
        return result;
    }
    e->record = record;
    return STATUS_OK;
}

static void load_all(lambda_catalog *c, void (*on_problem)(void *user, const error *err),
                     void *user)
{
    DIR *listing = opendir(c->folder);
    struct dirent *item;
    while (listing && (item = readdir(listing))) {
        error err = {0};
        if (lambda_name_is_valid(str_from_c(item->d_name)) && failed(load(c, item->d_name, &err)) &&
            on_problem) {
            on_problem(user, &err);
        }
    }
    if (listing) {
        closedir(listing);
    }
}

status lambda_catalog_open(str folder, void (*on_problem)(void *user, const error *err), void *user,
                           lambda_catalog **ret_catalog, error *reterr)
{
    uint64_t seeds[2];
    lambda_catalog *c = calloc(1, sizeof(*c));
    if (!c || getrandom(seeds, sizeof(seeds), 0) != sizeof(seeds)) {
        free(c);
        return fail_memory(reterr);
    }
    status result = make_path(c->folder, reterr, "%.*s", STR_ARG(folder));
    if (failed(result)) {
        free(c);
        return result;
    }
    map_init(&c->by_name, seeds[0], seeds[1]);
    c->is_temporary = folder.len == 0;
    if (!c->is_temporary) {
        load_all(c, on_problem, user);
    }
    *ret_catalog = c;
    return STATUS_OK;
}

void lambda_catalog_free(lambda_catalog *c)
{
    if (!c) {
        return;
    }
    if (c->is_temporary && c->folder[0]) {
        lambda_catalog_discard(c->folder);
    }
    for (uint32_t i = 0; i < c->count; i++) {
        entry_free(c->in_order[i]);
    }
    map_clean_up(&c->by_name);
    free(c->in_order);
    free(c);
}

/* ---------------------------------------------------------------------------------------- packages
 */

static bool names_package(json record, int64_t number)
{
    int64_t code;
    json versions = json_get(record, STR("versions"));
    if (json_int64(json_get(json_get(record, STR("latest")), STR("code")), &code) &&
        code == number) {
        return true;
    }
    for (uint32_t i = 0; i < json_count(versions); i++) {
        if (json_int64(json_get(json_item(versions, i), STR("code")), &code) && code == number) {
            return true;
        }
    }
    return false;
}

status lambda_catalog_incoming(lambda_catalog *c, char ret_folder[PATH_MAX], error *reterr)
{
    unsigned char entropy[16];
    char id[UUID_TEXT_SIZE];
    char path[PATH_MAX];
    TRY(make_top(c, reterr));
    TRY(make_path(path, reterr, "%s/" INCOMING, c->folder));
    TRY(make_folder(path, reterr));
    if (getrandom(entropy, sizeof(entropy), 0) != sizeof(entropy)) {
        return fail(reterr, ERROR_IO, "the system gives no random bytes");
    }
    TRY(make_path(path, reterr, "%s/" INCOMING "/%s", c->folder,
                  uuid_from_entropy(entropy, id).ptr));
    if (mkdir(path, 0777)) {
        return fail_system(path, reterr);
    }
    memcpy(ret_folder, path, sizeof(path));
    return STATUS_OK;
}

void lambda_catalog_discard_by(lambda_catalog *c, void (*discard)(void *user, const char *folder),
                               void *user)
{
    c->discard = discard;
    c->discard_user = user;
}

static void give_up(lambda_catalog *c, const char *folder)
{
    char moved[PATH_MAX];
    if (!c->discard || failed(lambda_catalog_incoming(c, moved, NULL)) || rename(folder, moved)) {
        lambda_catalog_discard(folder);
    } else {
        c->discard(c->discard_user, moved);
    }
}

/* Removes packages that neither record names. */
static void remove_packages(lambda_catalog *c, const char *name, json record, json before)
{
    char path[PATH_MAX];
    if (failed(make_path(path, NULL, "%s/%s", c->folder, name))) {
        return;
    }
    DIR *listing = opendir(path);
    struct dirent *item;
    while (listing && (item = readdir(listing))) {
        char *end;
        long long number = strtoll(item->d_name, &end, 10);
        if (*end || number <= 0 || names_package(record, number) || names_package(before, number)) {
            continue;
        }
        if (ok(make_path(path, NULL, "%s/%s/%s", c->folder, name, item->d_name))) {
            give_up(c, path);
        }
    }
    if (listing) {
        closedir(listing);
    }
}

void lambda_catalog_tidy(lambda_catalog *c)
{
    char path[PATH_MAX];
    if (c->folder[0] && ok(make_path(path, NULL, "%s/" INCOMING, c->folder))) {
        lambda_catalog_discard(path);
    }
    for (uint32_t i = 0; i < c->count; i++) {
        json record = json_doc_root(c->in_order[i]->record);
        remove_packages(c, c->in_order[i]->name, record, record);
    }
}

status lambda_catalog_path(const lambda_catalog *c, str name, int64_t number, const char *what,
                           char ret_path[PATH_MAX], error *reterr)
{
    return make_path(ret_path, reterr, "%s/%.*s/%" PRId64 "/%s", c->folder, STR_ARG(name), number,
                     what);
}

status lambda_catalog_adopt(lambda_catalog *c, str name, const char *incoming, int64_t number,
                            error *reterr)
{
    char folder[PATH_MAX];
    char path[PATH_MAX];
    TRY(make_path(folder, reterr, "%s/%.*s", c->folder, STR_ARG(name)));
    TRY(make_path(path, reterr, "%s/%" PRId64, folder, number));
    TRY(make_folder(folder, reterr));
    lambda_catalog_discard(path); /* left by a crash: no record names it */
    if (rename(incoming, path)) {
        return fail_system(path, reterr);
    }
    return sync_folder(folder, reterr);
}

/* ----------------------------------------------------------------------------------------- records
 */

json lambda_catalog_get(const lambda_catalog *c, str name)
{
    const entry *e = map_get(&c->by_name, name);
    return e ? json_doc_root(e->record) : (json){0};
}

str lambda_catalog_after(const lambda_catalog *c, str name)
{
    uint32_t at = name.ptr ? position(c, name) : 0;
    if (name.ptr && at < c->count && str_equal(str_from_c(c->in_order[at]->name), name)) {
        at++;
    }
    return at < c->count ? str_from_c(c->in_order[at]->name) : STR_NONE;
}

static status write_record(lambda_catalog *c, str name, json record, error *reterr)
{
    char folder[PATH_MAX];
    char path[PATH_MAX];
    TRY(make_top(c, reterr));
    TRY(make_path(folder, reterr, "%s/%.*s", c->folder, STR_ARG(name)));
    TRY(make_path(path, reterr, "%s/function.json", folder));
    TRY(make_folder(folder, reterr));
    buf text;
    buf_init(&text, LAMBDA_RECORD_BYTES_MAX);
    json_print_pretty(record, &text);
    buf_add_char(&text, '\n');
    status result = buf_status(&text, reterr);
    if (ok(result)) {
        result = write_file(folder, path, buf_str(&text), reterr);
    }
    buf_clean_up(&text);
    return ok(result) ? sync_folder(c->folder, reterr) : result;
}

status lambda_catalog_put(lambda_catalog *c, str name, json record, error *reterr)
{
    json_doc *doc = NULL;
    entry *e = map_get(&c->by_name, name);
    bool is_new = !e;
    TRY(json_freeze(record, &doc, reterr));
    status result = e ? STATUS_OK : add_entry(c, name, &e, reterr);
    if (ok(result)) {
        result = write_record(c, name, json_doc_root(doc), reterr);
        if (failed(result) && is_new) {
            remove_entry(c, name);
        }
    }
    if (failed(result)) {
        json_doc_release(doc);
        return result;
    }
    json_doc *before = e->record;
    e->record = doc;
    remove_packages(c, e->name, json_doc_root(doc), json_doc_root(before));
    json_doc_release(before);
    return STATUS_OK;
}

status lambda_catalog_remove(lambda_catalog *c, str name, error *reterr)
{
    char path[PATH_MAX];
    char folder[PATH_MAX];
    TRY(make_path(folder, reterr, "%s/%.*s", c->folder, STR_ARG(name)));
    TRY(make_path(path, reterr, "%s/function.json", folder));
    if (unlink(path) && errno != ENOENT) {
        return fail_system(path, reterr);
    }
    status result = sync_folder(folder, reterr);
    give_up(c, folder);
    remove_entry(c, name);
    return result;
}

/* ----------------------------------------------------------------------------------------
 * resolving
 */

json lambda_record_version(json record, str version)
{
    json versions = json_get(record, STR("versions"));
    if (version.len == 0 || str_equal(version, STR("$LATEST"))) {
        return json_get(record, STR("latest"));
    }
    for (uint32_t i = 0; i < json_count(versions); i++) {
        json one = json_item(versions, i);
        if (str_equal(json_str(json_get(one, STR("Version"))), version)) {
            return one;
        }
    }
    return (json){0};
}

json lambda_record_alias(json record, str alias)
{
    json aliases = json_get(record, STR("aliases"));
    for (uint32_t i = 0; i < json_count(aliases); i++) {
        json one = json_item(aliases, i);
        if (str_equal(json_str(json_get(one, STR("Name"))), alias)) {
            return one;
        }
    }
    return (json){0};
}

/* The version that an alias sends this call to:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html */
static str alias_version(json alias, uint32_t random)
{
    json weights = json_get(json_get(alias, STR("RoutingConfig")), STR("AdditionalVersionWeights"));
    double at = (double)random / 4294967296.0;
    for (uint32_t i = 0; i < json_count(weights); i++) {
        const json_member *member = json_member_at(weights, i);
        at -= json_double(member->value);
        if (at < 0) {
            return json_str(member->name);
        }
    }
    return json_str(json_get(alias, STR("FunctionVersion")));
}

/* Revision ids are random UUIDs: no two configurations share one. */
static uint64_t stamp_of(json configuration)
{
    str id = json_str(json_get(configuration, STR("RevisionId")));
    uint64_t stamp = 0xCBF29CE484222325u;
    for (size_t i = 0; i < id.len; i++) {
        stamp = (stamp ^ (unsigned char)id.ptr[i]) * 0x100000001B3u;
    }
    return stamp;
}

status lambda_catalog_resolve(const lambda_catalog *c, str name, str qualifier, uint32_t random,
                              lambda_target *ret_target, error *reterr)
{
    const entry *e = map_get(&c->by_name, name);
    if (!e) {
        return fail(reterr, ERROR_UNSUPPORTED, "the function '%.*s' was not created here",
                    STR_ARG(name));
    }
    json record = json_doc_root(e->record);
    json alias = lambda_record_alias(record, qualifier);
    str version = json_is_absent(alias) ? qualifier : alias_version(alias, random);
    json configuration = lambda_record_version(record, version);
    if (json_is_absent(configuration)) {
        return fail(reterr, ERROR_NOT_FOUND, "the function '%.*s' has no version or alias '%.*s'",
                    STR_ARG(name), STR_ARG(qualifier));
    }
    *ret_target = (lambda_target){
        .configuration = configuration,
        .version = json_str(json_get(configuration, STR("Version"))),
        .stamp = stamp_of(configuration),
    };
    return STATUS_OK;
}

static status fill_settings(const lambda_catalog *c, str name, const lambda_target *target,
                            lambda_settings *s, error *reterr)
{
    int64_t number = 0;
    int64_t timeout_s = LAMBDA_TIMEOUT_SECONDS_DEFAULT;
    char path[PATH_MAX];
    char absolute[PATH_MAX];
    json configuration = {0};
    TRY(json_copy(target->configuration, &s->memory, &configuration, reterr));
    (void)json_int64(json_get(configuration, STR("code")), &number);
    (void)json_int64(json_get(configuration, STR("Timeout")), &timeout_s);
    (void)json_int64(json_get(configuration, STR("MemorySize")), &s->memory_mb);
    s->is_memory_limited = s->memory_mb > 0;
    TRY(lambda_catalog_path(c, name, number, "code", path, reterr));
    if (!realpath(path, absolute)) {
        return fail_system(path, reterr);
    }
    s->name = arena_str(&s->memory, name);
    s->folder = arena_str(&s->memory, str_from_c(absolute));
    s->version = arena_str(&s->memory, target->version);
    if (!s->name.ptr || !s->folder.ptr || !s->version.ptr) {
        return fail_memory(reterr);
    }
    s->handler = json_str(json_get(configuration, STR("Handler")));
    s->is_handler_written = true;
    s->runtime_name = json_str(json_get(configuration, STR("Runtime")));
    s->timeout_ms = timeout_s * 1000;
    s->environment = json_get(json_get(configuration, STR("Environment")), STR("Variables"));
    s->stamp = target->stamp;
    return lambda_runtime_find(s->runtime_name, &s->runtime)
               ? STATUS_OK
               : fail(reterr, ERROR_UNSUPPORTED, "the runtime '%.*s' is not run here",
                      STR_ARG(s->runtime_name));
}

status lambda_catalog_settings(const lambda_catalog *c, str name, const lambda_target *target,
                               lambda_settings *ret_settings, error *reterr)
{
    lambda_settings settings = {0};
    arena_init(&settings.memory, 0);
    status result = fill_settings(c, name, target, &settings, reterr);
    if (failed(result)) {
        lambda_settings_clean_up(&settings);
        return result;
    }
    *ret_settings = settings;
    return STATUS_OK;
}
