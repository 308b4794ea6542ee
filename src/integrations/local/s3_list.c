/* Lists of the local S3: buckets, and the objects of one in the order of their keys' bytes.
 *
 * A folder's entries sorted as keys ("a/" for a folder a) and walked depth first give that order,
 * with one folder a level in memory. Folders that cannot hold a wanted key are not entered. */
#include "integrations/local/files.h"
#include "integrations/local/s3.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------ one folder
 */

typedef struct folder {
    str key;      /* of what is in it: "" or "a/b/" */
    str *entries; /* sorted; a folder's name ends in a slash */
    size_t count, next;
} folder;

static int by_bytes(const void *a, const void *b)
{
    return str_compare(*(const str *)a, *(const str *)b);
}

static bool is_folder(int parent, const struct dirent *entry)
{
    struct stat about;
    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK) {
        return entry->d_type == DT_DIR;
    }
    return fstatat(parent, entry->d_name, &about, 0) == 0 && S_ISDIR(about.st_mode);
}

static status add_entry(folder *f, size_t *room, str name, arena *a, error *reterr)
{
    if (f->count == *room) {
        size_t more = *room ? 2 * *room : 64;
        f->entries = arena_grow(a, f->entries, *room * sizeof(str), more * sizeof(str));
        if (!f->entries) {
            return fail_memory(reterr);
        }
        *room = more;
    }
    f->entries[f->count++] = name;
    return name.ptr ? STATUS_OK : fail_memory(reterr);
}

static status folder_read(str bucket_path, str key, arena *a, folder *ret_folder, error *reterr)
{
    folder f = {.key = key};
    size_t room = 0;
    str path = arena_printf(a, "%.*s/%.*s", STR_ARG(bucket_path), STR_ARG(key));
    if (!path.ptr) {
        return fail_memory(reterr);
    }
    DIR *handle = opendir(path.ptr);
    if (!handle) {
        return local_file_fail(path, reterr);
    }
    status result = STATUS_OK;
    struct dirent *entry;
    while (ok(result) && (entry = readdir(handle))) {
        str name = str_from_c(entry->d_name);
        bool is_ours = str_ends_with(name, STR("~")); /* one that is being written */
        if (str_equal(name, STR(".")) || str_equal(name, STR("..")) || is_ours) {
            continue;
        }
        bool has_more = is_folder(dirfd(handle), entry);
        result = add_entry(&f, &room, arena_printf(a, "%s%s", entry->d_name, has_more ? "/" : ""),
                           a, reterr);
    }
    closedir(handle);
    if (ok(result) && f.count) {
        qsort(f.entries, f.count, sizeof(*f.entries), by_bytes);
    }
    *ret_folder = f;
    return result;
}

/* -------------------------------------------------------------------------------------- the walk
 */

typedef struct listing {
    local_task *task;
    s3_place bucket;
    str prefix, delimiter, after; /* keys <= after have been told */
    uint32_t keys_max;
    folder folders[S3_DEPTH_MAX];
    size_t depth;
    json_array_builder contents, prefixes;
    uint32_t count;
    str last; /* key or common prefix that was told last */
    bool is_truncated;
} listing;

/* Whether a key that begins with `start` may be wanted: it may still have the prefix, and come
 * after `after`. */
static bool may_hold(const listing *l, str start)
{
    size_t shared = MIN_OF(start.len, l->prefix.len);
    if (!str_equal(str_take(start, shared), str_take(l->prefix, shared))) {
        return false;
    }
    return str_compare(start, str_take(l->after, start.len)) >= 0;
}

/* Up to the first delimiter after the prefix; absent when there is none. */
static str common_prefix(const listing *l, str key)
{
    if (!l->delimiter.len || key.len < l->prefix.len) {
        return STR_NONE;
    }
    size_t at = str_find(str_skip(key, l->prefix.len), l->delimiter);
    return at == STR_NOT_FOUND ? STR_NONE : str_take(key, l->prefix.len + at + l->delimiter.len);
}

static status add_prefix(listing *l, str prefix, error *reterr)
{
    json_object_builder b;
    json one;
    json_object_begin(&b, &l->task->memory, 1);
    json_object_add(&b, STR("Prefix"), json_from_str(prefix));
    TRY(json_object_finish(&b, &one, reterr));
    json_array_add(&l->prefixes, one);
    return STATUS_OK;
}

static status add_object(listing *l, str key, error *reterr)
{
    arena *a = &l->task->memory;
    s3_place place = l->bucket;
    s3_object object;
    json_object_builder b;
    json one;
    place.key = key;
    place.path = arena_printf(a, "%.*s/%.*s", STR_ARG(l->bucket.path), STR_ARG(key));
    if (!place.path.ptr) {
        return fail_memory(reterr);
    }
    TRY(s3_object_read(&place, a, &object, reterr));
    json_object_begin(&b, a, 5);
    json_object_add(&b, STR("Key"), json_from_str(key));
    json_object_add(&b, STR("LastModified"), json_from_str(local_date(a, object.modified_ms)));
    json_object_add(&b, STR("ETag"), json_from_str(object.etag));
    json_object_add(&b, STR("Size"), json_from_int64(object.size));
    json_object_add(&b, STR("StorageClass"), json_literal("STANDARD"));
    TRY(json_object_finish(&b, &one, reterr));
    json_array_add(&l->contents, one);
    return STATUS_OK;
}

/* Tells a key, or the prefix that stands for it and others. */
static status tell(listing *l, str key, error *reterr)
{
    str prefix = common_prefix(l, key);
    str told = prefix.ptr ? prefix : key;
    if (prefix.ptr && (str_equal(prefix, l->last) || str_equal(prefix, l->after))) {
        return STATUS_OK;
    }
    if (l->count == l->keys_max) {
        l->is_truncated = true;
        return STATUS_OK;
    }
    if (prefix.ptr) {
        TRY(add_prefix(l, prefix, reterr));
    } else {
        status added = add_object(l, key, reterr);
        if (added.code == ERROR_NOT_FOUND) {
            return STATUS_OK; /* removed meanwhile, or no file */
        }
        TRY(added);
    }
    l->count++;
    l->last = told;
    return STATUS_OK;
}

static status enter(listing *l, str key, error *reterr)
{
    if (l->depth == S3_DEPTH_MAX) {
        return fail(reterr, ERROR_LIMIT, "%.*s has folders more than %d deep",
                    STR_ARG(l->bucket.path), S3_DEPTH_MAX);
    }
    folder f = {0};
    status result = folder_read(l->bucket.path, key, &l->task->memory, &f, reterr);
    if (result.code == ERROR_NOT_FOUND && l->depth) {
        return STATUS_OK;
    }
    TRY(result);
    l->folders[l->depth++] = f;
    return STATUS_OK;
}

static status walk(listing *l, error *reterr)
{
    TRY(enter(l, STR(""), reterr));
    while (l->depth && !l->is_truncated) {
        folder *f = &l->folders[l->depth - 1];
        if (f->next == f->count) {
            l->depth--;
            continue;
        }
        str name = f->entries[f->next++];
        str key = arena_printf(&l->task->memory, "%.*s%.*s", STR_ARG(f->key), STR_ARG(name));
        if (!key.ptr) {
            return fail_memory(reterr);
        }
        bool is_told = !l->after.len || str_compare(key, l->after) > 0;
        if (!may_hold(l, key)) {
            continue;
        }
        if (!str_ends_with(name, STR("/"))) {
            if (is_told && str_starts_with(key, l->prefix)) {
                TRY(tell(l, key, reterr));
            }
        } else if (common_prefix(l, key).ptr) { /* all of it is one line */
            TRY(tell(l, key, reterr));
        } else {
            TRY(enter(l, key, reterr));
        }
    }
    return STATUS_OK;
}

/* ----------------------------------------------------------------------------------- the request
 */

typedef enum list_row {
    LIST_BUCKET,
    LIST_PREFIX,
    LIST_DELIMITER,
    LIST_MAX_KEYS,
    LIST_TOKEN,
    LIST_START_AFTER,
    LIST_ROWS = 8,
} list_row;

static const parameter_rule list_rules[LIST_ROWS] = {
    {"Bucket", true, JSON_STRING},
    {"Prefix", false, JSON_STRING},
    {"Delimiter", false, JSON_STRING},
    {"MaxKeys", false, JSON_NUMBER},
    {"ContinuationToken", false, JSON_STRING},
    {"StartAfter", false, JSON_STRING},
    {"ExpectedBucketOwner", false, JSON_STRING},
    {"RequestPayer", false, JSON_STRING},
};

static void answer_list(listing *l, const json *values)
{
    local_task *task = l->task;
    json_object_builder b;
    json contents, prefixes;
    error err;
    if (failed(json_array_finish(&l->contents, &contents, &err)) ||
        failed(json_array_finish(&l->prefixes, &prefixes, &err))) {
        local_fail(task, &err);
        return;
    }
    json_object_begin(&b, &task->memory, 10);
    json_object_add(&b, STR("CommonPrefixes"), prefixes);
    json_object_add(&b, STR("Contents"), contents);
    if (!json_is_absent(values[LIST_TOKEN])) {
        json_object_add(&b, STR("ContinuationToken"), values[LIST_TOKEN]);
    }
    if (!json_is_absent(values[LIST_DELIMITER])) {
        json_object_add(&b, STR("Delimiter"), values[LIST_DELIMITER]);
    }
    json_object_add(&b, STR("IsTruncated"), json_boolean(l->is_truncated));
    json_object_add(&b, STR("KeyCount"), json_from_int64(l->count));
    json_object_add(&b, STR("MaxKeys"), json_from_int64(l->keys_max));
    json_object_add(&b, STR("Name"), values[LIST_BUCKET]);
    if (l->is_truncated) {
        json_object_add(&b, STR("NextContinuationToken"), json_from_str(l->last));
    }
    json_object_add(&b, STR("Prefix"), json_from_str(l->prefix));
    if (!json_is_absent(values[LIST_START_AFTER])) {
        json_object_add(&b, STR("StartAfter"), values[LIST_START_AFTER]);
    }
    local_answer_object(task, &b);
}

void s3_list_objects_v2(local_task *task)
{
    json values[LIST_ROWS];
    int64_t keys_max = S3_KEYS_MAX;
    error err;
    listing *l = arena_new(&task->memory, listing);
    if (!l) {
        local_refuse(task, 0, STR("SdkClientException"), "out of memory");
        return;
    }
    if (!local_read(task, list_rules, LIST_ROWS, values) ||
        !s3_find_bucket(task, values[LIST_BUCKET], &l->bucket)) {
        return;
    }
    json_int64(values[LIST_MAX_KEYS], &keys_max);
    if (keys_max < 0) {
        local_refuse(task, 400, STR("InvalidArgument"),
                     "Argument maxKeys must be an integer between 0 and 2147483647");
        return;
    }
    l->task = task;
    l->keys_max = (uint32_t)MIN_OF(keys_max, S3_KEYS_MAX);
    l->prefix = json_str(values[LIST_PREFIX]);
    l->prefix = l->prefix.ptr ? l->prefix : STR("");
    l->delimiter = json_str(values[LIST_DELIMITER]);
    /* The token is the last key told: opaque to callers, but nothing that they could not say. */
    l->after = json_str(values[LIST_TOKEN].kind ? values[LIST_TOKEN] : values[LIST_START_AFTER]);
    json_array_begin(&l->contents, &task->memory, 16);
    json_array_begin(&l->prefixes, &task->memory, 4);
    if (l->keys_max && failed(walk(l, &err))) {
        s3_fail(task, &err);
        return;
    }
    answer_list(l, values);
}
