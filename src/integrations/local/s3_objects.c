/* Objects of the local S3: get, head, put, copy, delete.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html and its siblings. */
#include "integrations/local/files.h"
#include "integrations/local/s3.h"

#include "base/percent.h"
#include "base/timetext.h"
#include "base/utf8.h"

/* What a request may say and a folder need not do: who owns the bucket, how it is encrypted and
 * kept. */
#define OWNER_RULES                                                                                \
    {"ExpectedBucketOwner", false, JSON_STRING},                                                   \
    {                                                                                              \
        "RequestPayer", false, JSON_STRING                                                         \
    }
#define KEEPING_RULES                                                                              \
    {"ACL", false, JSON_STRING}, {"ServerSideEncryption", false, JSON_STRING},                     \
        {"SSEKMSKeyId", false, JSON_STRING}, {"BucketKeyEnabled", false, JSON_BOOLEAN},            \
        {"StorageClass", false, JSON_STRING},                                                      \
    {                                                                                              \
        "Tagging", false, JSON_STRING                                                              \
    }

/* -------------------------------------------------------------------------- conditional requests
 */

typedef struct conditions {
    json match, none_match, modified_since, unmodified_since;
} conditions;

static bool etag_matches(str list, str etag)
{
    for (str rest = list; rest.ptr && rest.len;) {
        str one = str_trim(str_split_next(&rest, ','));
        bool is_quoted = one.len && one.ptr[0] == '"';
        if (str_equal(one, STR("*")) ||
            str_equal(one, is_quoted ? etag : str_take(str_skip(etag, 1), etag.len - 2))) {
            return true;
        }
    }
    return false;
}

/* Seconds, since that is what HTTP dates have. */
static bool is_after(const s3_object *object, json time)
{
    int64_t ms;
    return ok(time_parse_rfc3339(json_str(time), &ms, NULL)) &&
           object->modified_ms / 1000 > ms / 1000;
}

/* RFC 9110 13.2.2: in this order. false: the task has been refused. */
static bool conditions_hold(local_task *task, const conditions *c, const s3_object *object)
{
    bool is_failed = false, is_unmodified = false;
    if (!json_is_absent(c->match)) {
        is_failed = !etag_matches(json_str(c->match), object->etag);
    } else if (!json_is_absent(c->unmodified_since)) {
        is_failed = is_after(object, c->unmodified_since);
    }
    if (!json_is_absent(c->none_match)) {
        is_unmodified = etag_matches(json_str(c->none_match), object->etag);
    } else if (!json_is_absent(c->modified_since)) {
        is_unmodified = !is_after(object, c->modified_since);
    }
    if (is_failed) {
        local_refuse(task, 412, STR("PreconditionFailed"),
                     "At least one of the pre-conditions you specified did not hold");
    } else if (is_unmodified) {
        local_refuse(task, 304, STR("NotModified"), "Not Modified");
    }
    return !is_failed && !is_unmodified;
}

/* ----------------------------------------------------------------------------------------- ranges
 */

static bool read_digits(str text, int64_t *ret_number)
{
    int64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || i > 17) {
            return false;
        }
        number = number * 10 + (text.ptr[i] - '0');
    }
    *ret_number = number;
    return text.len > 0;
}

/* "bytes=0-9", "bytes=5-" or "bytes=-3" of an object; several ranges, and what is not well-formed,
 * give the whole object, as S3 does. false: it is past the end. */
static bool read_range(str text, int64_t size, int64_t *ret_begin, int64_t *ret_end)
{
    int64_t first = 0, last = 0;
    *ret_begin = 0;
    *ret_end = size;
    if (!str_starts_with(text, STR("bytes=")) || str_find_char(text, '-') == STR_NOT_FOUND) {
        return true;
    }
    str after = str_skip(text, sizeof("bytes=") - 1), before = str_split_next(&after, '-');
    bool has_first = read_digits(before, &first), has_last = read_digits(after, &last);
    if (!has_first && has_last && before.len == 0) { /* the last so many bytes */
        *ret_begin = size - MIN_OF(last, size);
        return last > 0 && size > 0;
    }
    if (!has_first || (!has_last && after.len > 0) || (has_last && last < first)) {
        return true;
    }
    *ret_begin = first;
    *ret_end = has_last ? MIN_OF(last + 1, size) : size;
    return first < size;
}

/* ------------------------------------------------------------------------------------------- read
 */

/* An object's bytes as a text: Java's new String(bytes, UTF_8), which Step Functions' own is. */
static str as_text(str bytes, arena *a)
{
    buf text;
    if (utf8_check(bytes) == bytes.len) {
        return bytes;
    }
    buf_init(&text, 3 * bytes.len);
    for (size_t at = 0; at < bytes.len;) {
        char out[4];
        uint32_t code_point = utf8_next(bytes, &at);
        bool is_half = utf16_is_high(code_point) || utf16_is_low(code_point);
        buf_add(&text, out, utf8_write(is_half ? 0xFFFD : code_point, out));
    }
    str result = text.overflowed ? STR_NONE : arena_str(a, buf_str(&text));
    buf_clean_up(&text);
    return result;
}

typedef enum read_row {
    READ_BUCKET,
    READ_KEY,
    READ_RANGE,
    READ_MATCH,
    READ_NONE_MATCH,
    READ_MODIFIED_SINCE,
    READ_UNMODIFIED_SINCE,
    READ_ROWS = 9, /* and OWNER_RULES */
} read_row;

static const parameter_rule read_rules[READ_ROWS] = {
    {"Bucket", true, JSON_STRING},
    {"Key", true, JSON_STRING},
    {"Range", false, JSON_STRING},
    {"IfMatch", false, JSON_STRING},
    {"IfNoneMatch", false, JSON_STRING},
    {"IfModifiedSince", false, JSON_STRING},
    {"IfUnmodifiedSince", false, JSON_STRING},
    OWNER_RULES,
};

typedef struct reading {
    s3_place place;
    s3_object object;
    int64_t begin, end; /* of the range */
    bool is_partial;
} reading;

/* What getObject and headObject have in common. false: the task has been refused. */
static bool begin_reading(local_task *task, reading *r)
{
    json values[READ_ROWS];
    error err;
    if (!local_read(task, read_rules, READ_ROWS, values) ||
        !s3_find(task, values[READ_BUCKET], values[READ_KEY], &r->place)) {
        return false;
    }
    if (failed(s3_object_read(&r->place, &task->memory, &r->object, &err))) {
        s3_fail(task, &err);
        return false;
    }
    conditions c = {values[READ_MATCH], values[READ_NONE_MATCH], values[READ_MODIFIED_SINCE],
                    values[READ_UNMODIFIED_SINCE]};
    if (!conditions_hold(task, &c, &r->object)) {
        return false;
    }
    if (!read_range(json_str(values[READ_RANGE]), r->object.size, &r->begin, &r->end)) {
        local_refuse(task, 416, STR("InvalidRange"), "The requested range is not satisfiable");
        return false;
    }
    r->is_partial = r->end - r->begin != r->object.size;
    return true;
}

/* In the order in which the SDK gives them. */
static void describe(local_task *task, const reading *r, json_object_builder *b)
{
    arena *a = &task->memory;
    json_object_begin(b, a, 8);
    json_object_add(b, STR("AcceptRanges"), json_literal("bytes"));
    json_object_add(b, STR("ContentLength"), json_from_int64(r->end - r->begin));
    if (r->is_partial) {
        str range = arena_printf(a, "bytes %lld-%lld/%lld", (long long)r->begin,
                                 (long long)r->end - 1, (long long)r->object.size);
        json_object_add(b, STR("ContentRange"), json_from_str(range));
    }
    json_object_add(b, STR("ContentType"), json_from_str(r->object.content_type));
    json_object_add(b, STR("ETag"), json_from_str(r->object.etag));
    json_object_add(b, STR("LastModified"), json_from_str(local_date(a, r->object.modified_ms)));
    json_object_add(b, STR("Metadata"), r->object.metadata);
}

void s3_get_object(local_task *task)
{
    reading r = {0};
    str bytes = STR_NONE;
    error err;
    json_object_builder b;
    if (!begin_reading(task, &r)) {
        return;
    }
    if (failed(local_file_read(r.place.path, S3_OBJECT_BYTES_MAX, &task->memory, &bytes, &err))) {
        s3_fail(task, &err);
        return;
    }
    bytes = str_skip(str_take(bytes, (size_t)r.end), (size_t)r.begin);
    str text = task->body_is_bytes ? bytes : as_text(bytes, &task->memory);
    if (!text.ptr) {
        local_refuse(task, 0, STR("SdkClientException"), "out of memory");
        return;
    }
    describe(task, &r, &b);
    json_object_add(&b, STR("Body"), json_from_str(text));
    local_answer_object(task, &b);
}

void s3_head_object(local_task *task)
{
    reading r = {0};
    json_object_builder b;
    if (begin_reading(task, &r)) {
        describe(task, &r, &b);
        local_answer_object(task, &b);
    }
}

/* ------------------------------------------------------------------------------------------ write
 */

static void answer_etag(local_task *task, const s3_object *object)
{
    json_object_builder b;
    json_object_begin(&b, &task->memory, 1);
    json_object_add(&b, STR("ETag"), json_from_str(object->etag));
    local_answer_object(task, &b);
}

/* IfMatch and IfNoneMatch of a write. false: the task has been refused. */
static bool may_write(local_task *task, const s3_place *place, json match, json none_match)
{
    s3_object there;
    bool is_there = ok(s3_object_read(place, &task->memory, &there, NULL));
    if (!json_is_absent(match) && !is_there) {
        local_refuse(task, 404, STR("NoSuchKey"), "The specified key does not exist.");
        return false;
    }
    if ((!json_is_absent(match) && !etag_matches(json_str(match), there.etag)) ||
        (!json_is_absent(none_match) && is_there)) {
        local_refuse(task, 412, STR("PreconditionFailed"),
                     "At least one of the pre-conditions you specified did not hold");
        return false;
    }
    return true;
}

typedef enum put_row {
    PUT_BUCKET,
    PUT_KEY,
    PUT_BODY,
    PUT_CONTENT_TYPE,
    PUT_METADATA,
    PUT_MATCH,
    PUT_NONE_MATCH,
    PUT_ROWS = 15, /* and OWNER_RULES and KEEPING_RULES */
} put_row;

static const parameter_rule put_rules[PUT_ROWS] = {
    {"Bucket", true, JSON_STRING},
    {"Key", true, JSON_STRING},
    {"Body", false, JSON_ABSENT},
    {"ContentType", false, JSON_STRING},
    {"Metadata", false, JSON_OBJECT},
    {"IfMatch", false, JSON_STRING},
    {"IfNoneMatch", false, JSON_STRING},
    OWNER_RULES,
    KEEPING_RULES,
};

void s3_put_object(local_task *task)
{
    json values[PUT_ROWS];
    s3_place place;
    error err;
    if (!local_read(task, put_rules, PUT_ROWS, values) ||
        !s3_find(task, values[PUT_BUCKET], values[PUT_KEY], &place) ||
        !may_write(task, &place, values[PUT_MATCH], values[PUT_NONE_MATCH])) {
        return;
    }
    /* Step Functions stores the Body's JSON text: a string keeps its quotes. */
    json body = values[PUT_BODY];
    str contents = json_is_absent(body)  ? STR("")
                   : task->body_is_bytes ? json_str(body)
                                         : json_text(body, &task->memory);
    s3_object object = {
        .content_type = json_is_absent(values[PUT_CONTENT_TYPE])
                            ? STR("text/plain; charset=UTF-8") /* recorded of AWS */
                            : json_str(values[PUT_CONTENT_TYPE]),
        .metadata =
            json_is_absent(values[PUT_METADATA]) ? json_empty_object() : values[PUT_METADATA],
    };
    status done = contents.ptr ? s3_object_write(&place, contents, &task->memory, &object, &err)
                               : fail_memory(&err);
    if (failed(done)) {
        s3_fail(task, &err);
    } else {
        answer_etag(task, &object);
    }
}

/* BUCKET/KEY, with or without a leading slash, percent-encoded. false: the task has been refused.
 */
static bool read_source(local_task *task, str source, json *ret_bucket, json *ret_key)
{
    str key = percent_decode(source, &task->memory);
    if (key.len && key.ptr[0] == '/') {
        key = str_skip(key, 1);
    }
    if (!key.ptr || str_find_char(key, '/') == STR_NOT_FOUND) {
        local_refuse(task, 400, STR("InvalidArgument"),
                     "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
        return false;
    }
    *ret_bucket = json_from_str(str_split_next(&key, '/'));
    *ret_key = json_from_str(key);
    return true;
}

typedef enum copy_row {
    COPY_BUCKET,
    COPY_KEY,
    COPY_SOURCE,
    COPY_CONTENT_TYPE,
    COPY_METADATA,
    COPY_DIRECTIVE,
    COPY_ROWS = 14, /* and OWNER_RULES and KEEPING_RULES */
} copy_row;

static const parameter_rule copy_rules[COPY_ROWS] = {
    {"Bucket", true, JSON_STRING},
    {"Key", true, JSON_STRING},
    {"CopySource", true, JSON_STRING},
    {"ContentType", false, JSON_STRING},
    {"Metadata", false, JSON_OBJECT},
    {"MetadataDirective", false, JSON_STRING},
    OWNER_RULES,
    KEEPING_RULES,
};

static void answer_copied(local_task *task, const s3_object *object)
{
    json_object_builder b;
    json result;
    error err;
    json_object_begin(&b, &task->memory, 2);
    json_object_add(&b, STR("ETag"), json_from_str(object->etag));
    json_object_add(&b, STR("LastModified"),
                    json_from_str(local_date(&task->memory, object->modified_ms)));
    if (failed(json_object_finish(&b, &result, &err))) {
        local_fail(task, &err);
        return;
    }
    json_object_begin(&b, &task->memory, 1);
    json_object_add(&b, STR("CopyObjectResult"), result);
    local_answer_object(task, &b);
}

void s3_copy_object(local_task *task)
{
    json values[COPY_ROWS], from_bucket, from_key;
    s3_place from, to;
    s3_object object;
    str contents = STR_NONE;
    error err;
    if (!local_read(task, copy_rules, COPY_ROWS, values) ||
        !read_source(task, json_str(values[COPY_SOURCE]), &from_bucket, &from_key) ||
        !s3_find(task, from_bucket, from_key, &from) ||
        !s3_find(task, values[COPY_BUCKET], values[COPY_KEY], &to)) {
        return;
    }
    status done = s3_object_read(&from, &task->memory, &object, &err);
    if (ok(done)) {
        done = local_file_read(from.path, S3_OBJECT_BYTES_MAX, &task->memory, &contents, &err);
    }
    if (ok(done) && str_equal(json_str(values[COPY_DIRECTIVE]), STR("REPLACE"))) {
        object.content_type = json_str(values[COPY_CONTENT_TYPE]);
        object.metadata =
            json_is_absent(values[COPY_METADATA]) ? json_empty_object() : values[COPY_METADATA];
    }
    if (ok(done)) {
        done = s3_object_write(&to, contents, &task->memory, &object, &err);
    }
    if (failed(done)) {
        s3_fail(task, &err);
    } else {
        answer_copied(task, &object);
    }
}

/* ----------------------------------------------------------------------------------------- delete
 */

void s3_delete_object(local_task *task)
{
    static const parameter_rule rules[] = {
        {"Bucket", true, JSON_STRING},
        {"Key", true, JSON_STRING},
        OWNER_RULES,
    };
    json values[ARRAY_LENGTH(rules)];
    s3_place place;
    error err;
    if (!local_read(task, rules, ARRAY_LENGTH(rules), values) ||
        !s3_find(task, values[0], values[1], &place)) {
        return;
    }
    if (failed(s3_object_remove(&place, &task->memory, &err))) {
        s3_fail(task, &err);
    } else {
        local_answer_with(task, json_empty_object());
    }
}

/* {"Key"} of what is gone; false: the task has been refused. */
static bool delete_one(local_task *task, json bucket, json key, json_array_builder *deleted)
{
    s3_place place;
    error err;
    json_object_builder b;
    json one;
    if (!s3_find(task, bucket, key, &place)) {
        return false;
    }
    status done = s3_object_remove(&place, &task->memory, &err);
    json_object_begin(&b, &task->memory, 1);
    json_object_add(&b, STR("Key"), key);
    if (ok(done)) {
        done = json_object_finish(&b, &one, &err);
    }
    if (failed(done)) {
        s3_fail(task, &err);
        return false;
    }
    json_array_add(deleted, one);
    return true;
}

void s3_delete_objects(local_task *task)
{
    static const parameter_rule rules[] = {
        {"Bucket", true, JSON_STRING},
        {"Delete", true, JSON_OBJECT},
        OWNER_RULES,
    };
    json values[ARRAY_LENGTH(rules)], list;
    json_array_builder deleted;
    json_object_builder b;
    error err;
    if (!local_read(task, rules, ARRAY_LENGTH(rules), values)) {
        return;
    }
    json objects = json_get(values[1], STR("Objects"));
    if (json_count(objects) == 0 || json_count(objects) > S3_KEYS_MAX) {
        local_refuse(task, 400, STR("MalformedXML"),
                     "The XML you provided was not well-formed or did not validate against our "
                     "published schema");
        return;
    }
    json_array_begin(&deleted, &task->memory, json_count(objects));
    for (uint32_t i = 0; i < json_count(objects); i++) {
        json key = json_get(json_item(objects, i), STR("Key"));
        if (!delete_one(task, values[0], key, &deleted)) {
            return;
        }
    }
    if (failed(json_array_finish(&deleted, &list, &err))) {
        local_fail(task, &err);
        return;
    }
    json_object_begin(&b, &task->memory, 1);
    if (!json_is_true(json_get(values[1], STR("Quiet")))) {
        json_object_add(&b, STR("Deleted"), list);
    }
    local_answer_object(task, &b);
}
