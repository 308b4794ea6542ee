/* Where a bucket and a key are on the disk, and what is known of the object there. */
#include "base/digest.h"
#include "integrations/local/files.h"
#include "integrations/local/s3.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTENT_TYPE_DEFAULT "binary/octet-stream"
#define PART_BYTES_MAX 225 /* of the 255 that a file's name may have: ".json", ".PID.NUMBER~" */

/* The rules that matter for a folder's name, out of
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
bool s3_is_bucket_name(str name)
{
    if (name.len < 3 || name.len > 63 || name.ptr[0] == '.' || name.ptr[name.len - 1] == '.' ||
        name.ptr[0] == '-' || name.ptr[name.len - 1] == '-' ||
        str_find(name, STR("..")) != STR_NOT_FOUND) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-')) {
            return false;
        }
    }
    return true;
}

bool s3_find_bucket(local_task *task, json bucket, s3_place *ret_place)
{
    s3_place place = {.bucket = json_str(bucket)};
    struct stat about;
    if (!s3_is_bucket_name(place.bucket)) {
        local_refuse(task, 400, STR("InvalidBucketName"), "The specified bucket is not valid.");
        return false;
    }
    if (!local_folder(task, "s3", &place.root)) {
        return false;
    }
    place.path =
        arena_printf(&task->memory, "%.*s/%.*s", STR_ARG(place.root), STR_ARG(place.bucket));
    if (!place.path.ptr) {
        local_refuse(task, 0, STR("SdkClientException"), "out of memory");
        return false;
    }
    if (stat(place.path.ptr, &about) || !S_ISDIR(about.st_mode)) {
        local_refuse(task, 404, STR("NoSuchBucket"), "The specified bucket does not exist");
        return false;
    }
    *ret_place = place;
    return true;
}

static const char *why_not_a_key(str key)
{
    if (key.len == 0 || key.len > S3_KEY_BYTES_MAX) {
        return "it has between 1 and 1024 bytes";
    }
    if (str_find_char(key, 0) != STR_NOT_FOUND) {
        return "it has a NUL byte";
    }
    for (str rest = key; rest.ptr;) {
        bool is_last = str_find_char(rest, '/') == STR_NOT_FOUND;
        str part = str_split_next(&rest, '/');
        if (part.len == 0 || str_equal(part, STR(".")) || str_equal(part, STR(".."))) {
            return "a folder cannot hold an empty part, '.' or '..'";
        }
        if (part.len > PART_BYTES_MAX) {
            return "a folder cannot hold a part of more than 225 bytes";
        }
        if (str_ends_with(part, STR("~"))) {
            return "names that end in '~' are of files that are being written";
        }
        if (is_last) {
            break;
        }
    }
    return NULL;
}

bool s3_find(local_task *task, json bucket, json key, s3_place *ret_place)
{
    s3_place place;
    if (!s3_find_bucket(task, bucket, &place)) {
        return false;
    }
    place.key = json_str(key);
    const char *why = why_not_a_key(place.key);
    if (why) {
        local_refuse(task, 400, STR("InvalidArgument"),
                     "The key '%.*s' cannot be an object of the local S3: %s",
                     STR_ARG(str_take(place.key, 200)), why);
        return false;
    }
    place.path = arena_printf(&task->memory, "%.*s/%.*s", STR_ARG(place.path), STR_ARG(place.key));
    if (!place.path.ptr) {
        local_refuse(task, 0, STR("SdkClientException"), "out of memory");
        return false;
    }
    *ret_place = place;
    return true;
}

/* ------------------------------------------------------------------------ what S3 knows of it */

static str about_path(const s3_place *place, arena *a)
{
    return arena_printf(a, "%.*s/.objects/%.*s/%.*s.json", STR_ARG(place->root),
                        STR_ARG(place->bucket), STR_ARG(place->key));
}

static int64_t modified_ns(const struct stat *about)
{
    return (int64_t)about->st_mtim.tv_sec * 1000000000 + about->st_mtim.tv_nsec;
}

/* Of a file that was put here by hand: it changes when the file does. S3 promises no more. */
static str etag_of_file(const struct stat *about, arena *a)
{
    char text[64], hex[DIGEST_HEX_SIZE];
    int length = snprintf(text, sizeof(text), "%lld:%lld", (long long)about->st_size,
                          (long long)modified_ns(about));
    str digest = digest_compute_hex(DIGEST_MD5, str_from(text, (size_t)length), hex);
    return arena_printf(a, "\"%.*s\"", STR_ARG(digest));
}

static void read_about(const s3_place *place, const struct stat *file, arena *a, s3_object *object)
{
    str path = about_path(place, a), text;
    json about;
    int64_t size = -1, time = -1;
    if (!path.ptr || failed(local_file_read(path, S3_ABOUT_BYTES_MAX, a, &text, NULL)) ||
        failed(json_parse_into(text, a, &about, NULL))) {
        return;
    }
    json_int64(json_get(about, STR("size")), &size);
    json_int64(json_get(about, STR("modifiedNs")), &time);
    str etag = json_str(json_get(about, STR("etag")));
    str content_type = json_str(json_get(about, STR("contentType")));
    json metadata = json_get(about, STR("metadata"));
    if (size == file->st_size && time == modified_ns(file) && etag.len && content_type.ptr &&
        json_is(metadata, JSON_OBJECT)) {
        object->etag = etag;
        object->content_type = content_type;
        object->metadata = metadata;
    }
}

status s3_object_read(const s3_place *place, arena *a, s3_object *ret_object, error *reterr)
{
    struct stat file;
    if (stat(place->path.ptr, &file)) {
        return local_file_fail(place->path, reterr);
    }
    if (!S_ISREG(file.st_mode)) {
        return fail(reterr, ERROR_NOT_FOUND, "%.*s is not a file", STR_ARG(place->path));
    }
    s3_object object = {
        .size = file.st_size,
        .modified_ms = modified_ns(&file) / 1000000,
        .content_type = STR(CONTENT_TYPE_DEFAULT),
        .metadata = json_empty_object(),
    };
    read_about(place, &file, a, &object);
    if (!object.etag.ptr) {
        object.etag = etag_of_file(&file, a);
    }
    if (!object.etag.ptr) {
        return fail_memory(reterr);
    }
    *ret_object = object;
    return STATUS_OK;
}

static status write_about(const s3_place *place, const struct stat *file, const s3_object *object,
                          arena *a, error *reterr)
{
    json_object_builder b;
    json about;
    json_object_begin(&b, a, 5);
    json_object_add(&b, STR("size"), json_from_int64(file->st_size));
    json_object_add(&b, STR("modifiedNs"), json_from_int64(modified_ns(file)));
    json_object_add(&b, STR("etag"), json_from_str(object->etag));
    json_object_add(&b, STR("contentType"), json_from_str(object->content_type));
    json_object_add(&b, STR("metadata"), object->metadata);
    TRY(json_object_finish(&b, &about, reterr));
    str path = about_path(place, a), text = json_text(about, a);
    if (!path.ptr || !text.ptr) {
        return fail_memory(reterr);
    }
    return local_file_replace(path, text, a, reterr);
}

status s3_object_write(const s3_place *place, str contents, arena *a, s3_object *object,
                       error *reterr)
{
    char hex[DIGEST_HEX_SIZE];
    struct stat file;
    status written = local_file_replace(place->path, contents, a, reterr);
    if (written.code == ERROR_CONFLICT) {
        return fail(reterr, ERROR_CONFLICT,
                    "The key '%.*s' cannot be an object of the local S3: a part of it is an object "
                    "already, or it is the folder of others",
                    STR_ARG(str_take(place->key, 200)));
    }
    TRY(written);
    if (stat(place->path.ptr, &file)) {
        return local_file_fail(place->path, reterr);
    }
    object->size = file.st_size;
    object->modified_ms = modified_ns(&file) / 1000000;
    object->etag =
        arena_printf(a, "\"%.*s\"", STR_ARG(digest_compute_hex(DIGEST_MD5, contents, hex)));
    object->content_type =
        object->content_type.ptr ? object->content_type : STR(CONTENT_TYPE_DEFAULT);
    if (!object->etag.ptr) {
        return fail_memory(reterr);
    }
    return write_about(place, &file, object, a, reterr);
}

/* The folders that a removed file leaves empty go too: S3 knows no empty folders. */
static void remove_empty_folders(str path, size_t root_length, arena *a)
{
    str copy = arena_str(a, path);
    char *name = (char *)copy.ptr; /* our own copy */
    for (size_t i = copy.len; name && i-- > root_length;) {
        if (name[i] == '/') {
            name[i] = 0;
            if (i == root_length || rmdir(name)) {
                return;
            }
        }
    }
}

status s3_object_remove(const s3_place *place, arena *a, error *reterr)
{
    str about = about_path(place, a);
    if (!about.ptr) {
        return fail_memory(reterr);
    }
    if (unlink(place->path.ptr) && errno != ENOENT && errno != ENOTDIR && errno != EISDIR) {
        return local_file_fail(place->path, reterr);
    }
    unlink(about.ptr);
    remove_empty_folders(place->path, place->path.len - place->key.len - 1, a);
    return STATUS_OK;
}

void s3_fail(local_task *task, const error *err)
{
    if (err->code == ERROR_NOT_FOUND) {
        local_refuse(task, 404, STR("NoSuchKey"), "The specified key does not exist.");
    } else if (err->code == ERROR_CONFLICT) {
        local_refuse(task, 400, STR("InvalidArgument"), "%s", err->message);
    } else if (err->code == ERROR_LIMIT) {
        local_refuse(task, 400, STR("EntityTooLarge"), "%s", err->message);
    } else {
        local_fail(task, err);
    }
}
