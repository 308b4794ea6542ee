/* S3 on a folder: what users of S3 rely on, and what must never leave the folder. */
#include "local.h"

#define BUCKET "'Bucket':'sales'"

static json s3(void **state, const char *action, const char *parameters)
{
    return local_output(*state, "s3", action, parameters);
}

static void s3_refuses(void **state, const char *action, const char *parameters,
                       unsigned http_status, const char *code)
{
    assert_refused(*state, "s3", action, parameters, http_status, code);
}

static void make_bucket(void **state)
{
    assert_text(*state, s3(state, "createBucket", "{" BUCKET "}"), "{\"Location\":\"/sales\"}");
}

static void what_is_put_can_be_got(void **state)
{
    local *l = *state;
    make_bucket(state);
    json put = s3(state, "putObject",
                  "{" BUCKET ",'Key':'a/b.json','Body':{'n':1},'ContentType':'application/json',"
                  "'Metadata':{'by':'me'}}");
    assert_str_equal(json_str(json_get(put, STR("ETag"))), "\"082c26c8a6bc75226a31da5495cc9292\"");
    json got = s3(state, "getObject", "{" BUCKET ",'Key':'a/b.json'}");
    assert_str_equal(json_str(json_get(got, STR("Body"))), "{\"n\":1}");
    assert_str_equal(json_str(json_get(got, STR("ContentType"))), "application/json");
    assert_text(l, json_get(got, STR("ContentLength")), "7");
    assert_text(l, json_get(got, STR("Metadata")), "{\"by\":\"me\"}");
    assert_true(json_equal(json_get(got, STR("ETag")), json_get(put, STR("ETag"))));
    json head = s3(state, "headObject", "{" BUCKET ",'Key':'a/b.json'}");
    assert_true(json_is_absent(json_get(head, STR("Body"))));
    assert_true(
        json_equal(json_get(head, STR("LastModified")), json_get(got, STR("LastModified"))));
}

/* As Step Functions' PutObject does: the Body's JSON text is stored. */
static void a_body_that_is_a_string_keeps_its_quotes(void **state)
{
    make_bucket(state);
    s3(state, "putObject", "{" BUCKET ",'Key':'s','Body':'text'}");
    json got = s3(state, "getObject", "{" BUCKET ",'Key':'s'}");
    assert_str_equal(json_str(json_get(got, STR("Body"))), "\"text\"");
    assert_str_equal(json_str(json_get(got, STR("ContentType"))), "text/plain; charset=UTF-8");
}

static void a_body_of_bytes_is_the_object_as_it_is(void **state)
{
    local *l = *state;
    make_bucket(state);
    l->body_is_bytes = true;
    s3(state, "putObject", "{" BUCKET ",'Key':'s','Body':'text'}");
    local_write(l, "s3/sales/b", "\x1f\x8b\xff");
    json got = s3(state, "getObject", "{" BUCKET ",'Key':'b'}");
    assert_str_equal(json_str(json_get(got, STR("Body"))), "\x1f\x8b\xff");
    l->body_is_bytes = false;
    got = s3(state, "getObject", "{" BUCKET ",'Key':'s'}");
    assert_str_equal(json_str(json_get(got, STR("Body"))), "text");
}

static void files_put_there_by_hand_are_objects(void **state)
{
    local *l = *state;
    local_write(l, "s3/sales/2026/day.csv", "a,b\n1,2\n");
    json got = s3(state, "getObject", "{" BUCKET ",'Key':'2026/day.csv'}");
    assert_str_equal(json_str(json_get(got, STR("Body"))), "a,b\n1,2\n");
    assert_str_equal(json_str(json_get(got, STR("ContentType"))), "binary/octet-stream");
    /* One that is changed by hand is no longer what was put. */
    s3(state, "putObject", "{" BUCKET ",'Key':'x','Body':1,'ContentType':'application/json'}");
    local_write(l, "s3/sales/x", "longer");
    got = s3(state, "headObject", "{" BUCKET ",'Key':'x'}");
    assert_str_equal(json_str(json_get(got, STR("ContentType"))), "binary/octet-stream");
    assert_text(l, json_get(got, STR("ContentLength")), "6");
}

static void bytes_that_are_no_text_become_replacement_characters(void **state)
{
    local_write(*state, "s3/sales/x",
                "a\xff"
                "b");
    json got = s3(state, "getObject", "{" BUCKET ",'Key':'x'}");
    assert_str_equal(json_str(json_get(got, STR("Body"))), "a\xef\xbf\xbd"
                                                           "b");
}

static void a_range_is_a_part(void **state)
{
    static const struct {
        const char *range, *body, *told; /* told NULL: the whole object */
    } cases[] = {
        {"bytes=0-3", "0123", "bytes 0-3/10"}, {"bytes=8-", "89", "bytes 8-9/10"},
        {"bytes=-2", "89", "bytes 8-9/10"},    {"bytes=5-99", "56789", "bytes 5-9/10"},
        {"bytes=-99", "0123456789", NULL},     {"bytes=3-1", "0123456789", NULL},
        {"lines=1-2", "0123456789", NULL},     {"bytes=0-1,3-4", "0123456789", NULL},
    };
    local_write(*state, "s3/sales/x", "0123456789");
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char parameters[128];
        snprintf(parameters, sizeof(parameters), "{" BUCKET ",'Key':'x','Range':'%s'}",
                 cases[i].range);
        json got = s3(state, "getObject", parameters);
        assert_str_equal(json_str(json_get(got, STR("Body"))), cases[i].body);
        json range = json_get(got, STR("ContentRange"));
        if (cases[i].told) {
            assert_str_equal(json_str(range), cases[i].told);
        } else {
            assert_true(json_is_absent(range));
        }
    }
    s3_refuses(state, "getObject", "{" BUCKET ",'Key':'x','Range':'bytes=10-'}", 416,
               "InvalidRange");
}

static void conditions_are_kept(void **state)
{
    make_bucket(state);
    s3(state, "putObject", "{" BUCKET ",'Key':'x','Body':1}"); /* the MD5 of "1" */
    const char *tag = "'\\\"c4ca4238a0b923820dcc509a6f75849b\\\"'";
    char parameters[256];
    snprintf(parameters, sizeof(parameters), "{" BUCKET ",'Key':'x','IfMatch':%s}", tag);
    s3(state, "getObject", parameters);
    snprintf(parameters, sizeof(parameters), "{" BUCKET ",'Key':'x','IfNoneMatch':%s}", tag);
    s3_refuses(state, "getObject", parameters, 304, "NotModified");
    s3_refuses(state, "getObject", "{" BUCKET ",'Key':'x','IfMatch':'other'}", 412,
               "PreconditionFailed");
    s3_refuses(state, "getObject",
               "{" BUCKET ",'Key':'x','IfModifiedSince':'2099-01-01T00:00:00Z'}", 304,
               "NotModified");
    s3_refuses(state, "getObject",
               "{" BUCKET ",'Key':'x','IfUnmodifiedSince':'2001-01-01T00:00:00Z'}", 412,
               "PreconditionFailed");
    s3_refuses(state, "putObject", "{" BUCKET ",'Key':'x','Body':2,'IfNoneMatch':'*'}", 412,
               "PreconditionFailed");
    s3(state, "putObject", "{" BUCKET ",'Key':'new','Body':2,'IfNoneMatch':'*'}");
}

static void what_is_not_there_is_named(void **state)
{
    s3_refuses(state, "getObject", "{" BUCKET ",'Key':'x'}", 404, "NoSuchBucket");
    make_bucket(state);
    s3_refuses(state, "getObject", "{" BUCKET ",'Key':'x'}", 404, "NoSuchKey");
    s3_refuses(state, "copyObject", "{" BUCKET ",'Key':'y','CopySource':'sales/x'}", 404,
               "NoSuchKey");
    s3_refuses(state, "createBucket", "{" BUCKET "}", 409, "BucketAlreadyOwnedByYou");
    s3(state, "deleteObject", "{" BUCKET ",'Key':'x'}"); /* as in S3: fine */
}

static void no_key_leaves_its_bucket(void **state)
{
    static const char *const keys[] = {"../x", "a/../../x", "/etc/passwd", "a//b",
                                       ".",    "a/./b",     "a/",          "a~/b~"};
    local *l = *state;
    local_write(l, "secret", "outside");
    make_bucket(state);
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        char parameters[128];
        snprintf(parameters, sizeof(parameters), "{" BUCKET ",'Key':'%s'}", keys[i]);
        s3_refuses(state, "getObject", parameters, 400, "InvalidArgument");
        snprintf(parameters, sizeof(parameters), "{" BUCKET ",'Key':'%s','Body':1}", keys[i]);
        s3_refuses(state, "putObject", parameters, 400, "InvalidArgument");
    }
    s3_refuses(state, "getObject", "{'Bucket':'..','Key':'secret'}", 400, "InvalidBucketName");
    s3_refuses(state, "getObject", "{'Bucket':'.objects','Key':'secret'}", 400,
               "InvalidBucketName");
    s3_refuses(state, "putObject", "{" BUCKET ",'Key':'a\\u0000b','Body':1}", 400,
               "InvalidArgument");
}

static void a_key_cannot_be_under_another(void **state)
{
    make_bucket(state);
    s3(state, "putObject", "{" BUCKET ",'Key':'a','Body':1}");
    s3_refuses(state, "putObject", "{" BUCKET ",'Key':'a/b','Body':1}", 400, "InvalidArgument");
    s3(state, "putObject", "{" BUCKET ",'Key':'c/d','Body':1}");
    s3_refuses(state, "putObject", "{" BUCKET ",'Key':'c','Body':1}", 400, "InvalidArgument");
}

static void copies_keep_or_replace_what_is_said_of_them(void **state)
{
    local *l = *state;
    make_bucket(state);
    s3(state, "putObject", "{" BUCKET ",'Key':'a b','Body':1,'ContentType':'text/x'}");
    s3(state, "copyObject", "{" BUCKET ",'Key':'c','CopySource':'/sales/a%20b'}");
    json head = s3(state, "headObject", "{" BUCKET ",'Key':'c'}");
    assert_str_equal(json_str(json_get(head, STR("ContentType"))), "text/x");
    s3(state, "copyObject",
       "{" BUCKET ",'Key':'c','CopySource':'sales/a b','MetadataDirective':'REPLACE',"
       "'Metadata':{'k':'v'}}");
    head = s3(state, "headObject", "{" BUCKET ",'Key':'c'}");
    assert_text(l, json_get(head, STR("Metadata")), "{\"k\":\"v\"}");
    assert_str_equal(json_str(json_get(head, STR("ContentType"))), "binary/octet-stream");
}

static void assert_list(void **state, const char *more, const char *keys, const char *prefixes)
{
    local *l = *state;
    char parameters[256], text[512] = "", *at = text;
    snprintf(parameters, sizeof(parameters), "{" BUCKET "%s}", more);
    json list = s3(state, "listObjectsV2", parameters);
    json contents = json_get(list, STR("Contents")), common = json_get(list, STR("CommonPrefixes"));
    for (uint32_t i = 0; i < json_count(contents); i++) {
        str key = json_str(json_get(json_item(contents, i), STR("Key")));
        at +=
            snprintf(at, sizeof(text) - (size_t)(at - text), "%s%.*s", i ? " " : "", STR_ARG(key));
    }
    assert_string_equal(text, keys);
    at = text;
    *at = 0;
    for (uint32_t i = 0; i < json_count(common); i++) {
        str key = json_str(json_get(json_item(common, i), STR("Prefix")));
        at +=
            snprintf(at, sizeof(text) - (size_t)(at - text), "%s%.*s", i ? " " : "", STR_ARG(key));
    }
    assert_string_equal(text, prefixes);
    int64_t count = -1;
    json_int64(json_get(list, STR("KeyCount")), &count);
    assert_int_equal(count, json_count(contents) + json_count(common));
    l->output = list;
}

static void lists_are_in_the_order_of_bytes(void **state)
{
    static const char *const files[] = {"a/z", "a.txt", "a/b/c", "a0", "b", "B/x", "ab/c"};
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        char path[64];
        snprintf(path, sizeof(path), "s3/sales/%s", files[i]);
        local_write(*state, path, "x");
    }
    assert_list(state, "", "B/x a.txt a/b/c a/z a0 ab/c b", "");
    assert_list(state, ",'Prefix':'a/'", "a/b/c a/z", "");
    assert_list(state, ",'Prefix':'a'", "a.txt a/b/c a/z a0 ab/c", "");
    assert_list(state, ",'Prefix':'a/b'", "a/b/c", "");
    assert_list(state, ",'Delimiter':'/'", "a.txt a0 b", "B/ a/ ab/");
    assert_list(state, ",'Delimiter':'/','Prefix':'a/'", "a/z", "a/b/");
    assert_list(state, ",'Delimiter':'.'", "B/x a/b/c a/z a0 ab/c b", "a.");
    assert_list(state, ",'StartAfter':'a/b/c'", "a/z a0 ab/c b", "");
    assert_list(state, ",'Prefix':'nothing'", "", "");
}

static void long_lists_come_in_pages(void **state)
{
    local *l = *state;
    for (int i = 0; i < 25; i++) {
        char path[64];
        snprintf(path, sizeof(path), "s3/sales/%s%02d", i % 2 ? "d/" : "", i);
        local_write(l, path, "x");
    }
    int keys = 0, pages = 0;
    char token[64] = "";
    for (;;) {
        char parameters[256];
        snprintf(parameters, sizeof(parameters), "{" BUCKET ",'MaxKeys':4%s%s%s}",
                 *token ? ",'ContinuationToken':'" : "", token, *token ? "'" : "");
        json list = s3(state, "listObjectsV2", parameters);
        keys += (int)json_count(json_get(list, STR("Contents")));
        pages++;
        if (!json_is_true(json_get(list, STR("IsTruncated")))) {
            break;
        }
        snprintf(token, sizeof(token), "%.*s",
                 STR_ARG(json_str(json_get(list, STR("NextContinuationToken")))));
    }
    assert_int_equal(keys, 25);
    assert_int_equal(pages, 7);
    /* A common prefix is told once, on whatever page. */
    assert_list(state, ",'Delimiter':'/','MaxKeys':13,'StartAfter':'23'", "24", "d/");
    assert_list(state, ",'Delimiter':'/','ContinuationToken':'d/'", "", "");
}

static void what_is_deleted_is_gone_with_its_folders(void **state)
{
    local *l = *state;
    char path[512];
    make_bucket(state);
    s3(state, "putObject", "{" BUCKET ",'Key':'a/b/c','Body':1}");
    s3(state, "putObject", "{" BUCKET ",'Key':'d','Body':1}");
    s3_refuses(state, "deleteBucket", "{" BUCKET "}", 409, "BucketNotEmpty");
    json gone = s3(state, "deleteObjects",
                   "{" BUCKET ",'Delete':{'Objects':[{'Key':'a/b/c'},{'Key':'d'},{'Key':'e'}]}}");
    assert_text(l, gone, "{\"Deleted\":[{\"Key\":\"a/b/c\"},{\"Key\":\"d\"},{\"Key\":\"e\"}]}");
    snprintf(path, sizeof(path), "%s/s3/sales/a", l->folder);
    assert_int_equal(access(path, F_OK), -1);
    s3(state, "deleteBucket", "{" BUCKET "}");
    assert_text(l, s3(state, "listBuckets", "{}"), "{\"Buckets\":[]}");
}

static void what_is_not_done_is_refused_by_name(void **state)
{
    error err;
    assert_true(local_services_know(STR("s3")));
    assert_false(local_services_know(STR("dynamodb")));
    assert_int_equal(local_services_check(STR("s3"), STR("createMultipartUpload"), &err).code,
                     ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "s3:createMultipartUpload"));
    s3_refuses(state, "getObject", "{" BUCKET ",'Key':'x','VersionId':'1'}", 400,
               "ValidationException");
    assert_non_null(strstr(((local *)*state)->message.ptr, "VersionId"));
}

static void a_cancelled_task_says_nothing(void **state)
{
    local *l = *state;
    error err;
    json parameters;
    local_task *task = NULL;
    assert_ok(json_parse_into(STR("{\"Bucket\":\"sales\"}"), &l->memory, &parameters, &err), err);
    l->is_done = false;
    local_request request = {STR("s3"), STR("createBucket"), parameters, false};
    assert_ok(local_task_begin(l->services, &request, local_on_done, l, &task, &err), err);
    local_task_cancel(task);
    local_open(l, "{}", NULL); /* waits for the thread */
    assert_false(l->is_done);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, local_set_up, local_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_put_can_be_got),
        TEST(a_body_that_is_a_string_keeps_its_quotes),
        TEST(a_body_of_bytes_is_the_object_as_it_is),
        TEST(files_put_there_by_hand_are_objects),
        TEST(bytes_that_are_no_text_become_replacement_characters),
        TEST(a_range_is_a_part),
        TEST(conditions_are_kept),
        TEST(what_is_not_there_is_named),
        TEST(no_key_leaves_its_bucket),
        TEST(a_key_cannot_be_under_another),
        TEST(copies_keep_or_replace_what_is_said_of_them),
        TEST(lists_are_in_the_order_of_bytes),
        TEST(long_lists_come_in_pages),
        TEST(what_is_deleted_is_gone_with_its_folders),
        TEST(what_is_not_done_is_refused_by_name),
        TEST(a_cancelled_task_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
