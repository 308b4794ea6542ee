/* Buckets of the local S3: made, asked for, listed and removed. */
#include "integrations/local/files.h"
#include "integrations/local/s3.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* "Bucket", and what else a request may say of it. false: the task has been refused. */
static bool read_bucket(local_task *task, json *ret_bucket)
{
    static const parameter_rule rules[] = {
        {"Bucket", true, JSON_STRING},
        {"ExpectedBucketOwner", false, JSON_STRING},
        {"ACL", false, JSON_STRING},
        {"CreateBucketConfiguration", false, JSON_OBJECT},
        {"ObjectOwnership", false, JSON_STRING},
    };
    json values[ARRAY_LENGTH(rules)];
    bool is_read = local_read(task, rules, ARRAY_LENGTH(rules), values);
    *ret_bucket = is_read ? values[0] : (json){0};
    return is_read;
}

void s3_create_bucket(local_task *task)
{
    json bucket;
    str root;
    json_object_builder b;
    error err;
    if (!read_bucket(task, &bucket) || !local_folder(task, "s3", &root)) {
        return;
    }
    str name = json_str(bucket);
    if (!s3_is_bucket_name(name)) {
        local_refuse(task, 400, STR("InvalidBucketName"), "The specified bucket is not valid.");
        return;
    }
    str path = arena_printf(&task->memory, "%.*s/%.*s", STR_ARG(root), STR_ARG(name));
    str location = arena_printf(&task->memory, "/%.*s", STR_ARG(name));
    if (!path.ptr || !location.ptr) {
        (void)fail_memory(&err).code;
        local_fail(task, &err);
    } else if (failed(local_file_make_folders(path, &task->memory, &err))) {
        local_fail(task, &err);
    } else if (mkdir(path.ptr, 0777) == 0) {
        json_object_begin(&b, &task->memory, 1);
        json_object_add(&b, STR("Location"), json_from_str(location));
        local_answer_object(task, &b);
    } else if (errno == EEXIST) {
        local_refuse(task, 409, STR("BucketAlreadyOwnedByYou"),
                     "Your previous request to create the named bucket succeeded and you already "
                     "own it.");
    } else {
        (void)local_file_fail(path, &err).code;
        local_fail(task, &err);
    }
}

void s3_head_bucket(local_task *task)
{
    json bucket;
    s3_place place;
    json_object_builder b;
    if (read_bucket(task, &bucket) && s3_find_bucket(task, bucket, &place)) {
        json_object_begin(&b, &task->memory, 1);
        json_object_add(&b, STR("BucketRegion"), json_from_str(task->owner->options.region));
        local_answer_object(task, &b);
    }
}

void s3_delete_bucket(local_task *task)
{
    json bucket;
    s3_place place;
    error err;
    if (!read_bucket(task, &bucket) || !s3_find_bucket(task, bucket, &place)) {
        return;
    }
    if (rmdir(place.path.ptr) == 0) {
        local_answer_with(task, json_empty_object());
    } else if (errno == ENOTEMPTY || errno == EEXIST) {
        local_refuse(task, 409, STR("BucketNotEmpty"),
                     "The bucket you tried to delete is not empty");
    } else {
        (void)local_file_fail(place.path, &err).code;
        local_fail(task, &err);
    }
}

/* ------------------------------------------------------------------------------------------- list
 */

static int by_name(const void *a, const void *b)
{
    return str_compare(*(const str *)a, *(const str *)b);
}

static status bucket_line(local_task *task, str root, str name, json *ret_line, error *reterr)
{
    arena *a = &task->memory;
    struct stat about;
    json_object_builder b;
    str path = arena_printf(a, "%.*s/%.*s", STR_ARG(root), STR_ARG(name));
    if (!path.ptr) {
        return fail_memory(reterr);
    }
    if (stat(path.ptr, &about)) {
        return local_file_fail(path, reterr);
    }
    json_object_begin(&b, a, 2);
    json_object_add(&b, STR("CreationDate"),
                    json_from_str(local_date(a, (int64_t)about.st_mtim.tv_sec * 1000)));
    json_object_add(&b, STR("Name"), json_from_str(name));
    return json_object_finish(&b, ret_line, reterr);
}

static status list_buckets(local_task *task, str root, json *ret_list, error *reterr)
{
    arena *a = &task->memory;
    json_array_builder list;
    DIR *handle = opendir(root.ptr);
    str *names = arena_array(a, str, S3_BUCKETS_MAX);
    size_t count = 0;
    bool is_out_of_memory = !names;
    struct dirent *entry;
    while (handle && !is_out_of_memory && count < S3_BUCKETS_MAX && (entry = readdir(handle))) {
        if (s3_is_bucket_name(str_from_c(entry->d_name))) {
            names[count] = arena_str(a, str_from_c(entry->d_name));
            is_out_of_memory = !names[count++].ptr;
        }
    }
    if (handle) {
        closedir(handle);
    }
    if (is_out_of_memory) {
        return fail_memory(reterr);
    }
    qsort(names, count, sizeof(*names), by_name);
    json_array_begin(&list, a, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        json line = {0};
        TRY(bucket_line(task, root, names[i], &line, reterr));
        json_array_add(&list, line);
    }
    return json_array_finish(&list, ret_list, reterr);
}

void s3_list_buckets(local_task *task)
{
    str root;
    json list;
    json_object_builder b;
    error err;
    if (!local_read(task, NULL, 0, NULL) || !local_folder(task, "s3", &root)) {
        return;
    }
    if (failed(list_buckets(task, root, &list, &err))) {
        local_fail(task, &err);
        return;
    }
    json_object_begin(&b, &task->memory, 1);
    json_object_add(&b, STR("Buckets"), list);
    local_answer_object(task, &b);
}
