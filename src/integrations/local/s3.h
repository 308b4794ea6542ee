/* Private to the folder: buckets as folders of DATA/s3, objects as files in them.
 *
 * A key's parts become folders, so that people find their files where they expect them. Keys that a
 * folder cannot hold (an empty part, "." or "..") are refused by name. What S3 knows of an object
 * beside its bytes is kept in DATA/s3/.objects/BUCKET/KEY.json, and counts as long as the file's
 * size and time are the ones written there: files may be put and changed by hand. */
#ifndef GAIT_INTEGRATIONS_LOCAL_S3_H
#define GAIT_INTEGRATIONS_LOCAL_S3_H

#include "integrations/local/local_service.h"

typedef struct s3_place {
    str root;   /* DATA/s3 */
    str bucket; /* its name */
    str key;    /* absent: the bucket itself */
    str path;   /* of the folder or file */
} s3_place;

typedef struct s3_object {
    int64_t size, modified_ms;
    str etag;         /* with its quotes */
    str content_type; /* as given to PutObject */
    json metadata;    /* an object */
} s3_object;

/* false: the task has been refused. The bucket is there, the object perhaps not. */
bool s3_find(local_task *task, json bucket, json key, s3_place *ret_place);
/* The bucket's name only, and its folder's path. */
bool s3_find_bucket(local_task *task, json bucket, s3_place *ret_place);
/* Whether a name is one that CreateBucket would take. */
bool s3_is_bucket_name(str name);

/* ERROR_NOT_FOUND when there is no such object. */
MUST_USE status s3_object_read(const s3_place *place, arena *a, s3_object *ret_object,
                               error *reterr);
/* Puts the bytes there, with what is said of them in `object` (content_type and metadata); fills
 * the rest. */
MUST_USE status s3_object_write(const s3_place *place, str contents, arena *a, s3_object *object,
                                error *reterr);
/* Fine when it is not there. */
MUST_USE status s3_object_remove(const s3_place *place, arena *a, error *reterr);
/* Answers a failure of one of these: no such object as S3 says it, others as they are. */
void s3_fail(local_task *task, const error *err);

#endif
