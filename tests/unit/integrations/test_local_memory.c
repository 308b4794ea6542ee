/* Local services while memory runs out: each request starts, or says that it did not; each that
 * starts is answered once, and what it has not done it does not claim. */
#include "local.h"

#include "failing_malloc.h"

#define ALLOCATIONS_MAX 200

static const struct {
    const char *service, *action, *parameters;
} requests[] = {
    {"s3", "createBucket", "{'Bucket':'made'}"},
    {"s3", "putObject", "{'Bucket':'code','Key':'a/b','Body':{'x':[1,2,3]},'Metadata':{'m':'n'}}"},
    {"s3", "getObject", "{'Bucket':'code','Key':'sum.py'}"},
    {"s3", "copyObject", "{'Bucket':'code','Key':'c','CopySource':'code/sum.py'}"},
    {"s3", "listObjectsV2", "{'Bucket':'code','Delimiter':'/'}"},
    {"s3", "listBuckets", "{}"},
    {"s3", "deleteObjects", "{'Bucket':'code','Delete':{'Objects':[{'Key':'c'},{'Key':'a/b'}]}}"},
    {"glue", "createJob",
     "{'Name':'j','Role':'r','Command':{'Name':'pythonshell','ScriptLocation':'s3://code/"
     "sum.py'}}"},
    {"glue", "getJob", "{'JobName':'sum'}"},
    {"glue", "startJobRun", "{'JobName':'sum','Arguments':{'--a':'1'}}"},
    {"glue", "getJobRuns", "{'JobName':'sum'}"},
    {"glue", "deleteJob", "{'JobName':'j'}"},
    {"redshiftdata", "describeStatement", "{'Id':'none'}"},
};

static int set_up(void **state)
{
    int result = local_set_up(state);
    local_write(*state, "s3/code/sum.py", "print(1)\n");
    local_open(*state,
               "{\"glue\":{\"jobs\":{\"sum\":{\"Command\":{\"Name\":\"pythonshell\","
               "\"ScriptLocation\":\"s3://code/sum.py\"},"
               "\"ExecutionProperty\":{\"MaxConcurrentRuns\":1000}}}}}",
               NULL);
    return result;
}

typedef struct ending {
    net_loop *loop;
    int count;
    bool succeeded;
} ending;

static void on_done(void *user, const local_answer *answer)
{
    ending *e = user;
    fail_no_allocation(); /* what follows is the test's and the loop's */
    e->count++;
    net_loop_stop(e->loop);
    e->succeeded = answer->succeeded;
    assert_true(answer->succeeded || answer->message.len > 0);
    assert_true(!answer->succeeded || json_is(answer->output, JSON_OBJECT));
}

/* Whether the request was done. */
static bool ask_with(local *l, size_t row, json parameters, long allocations)
{
    ending e = {.loop = l->loop};
    error err = {0};
    local_task *task = NULL;
    local_request request = {.service = str_from_c(requests[row].service),
                             .action = str_from_c(requests[row].action),
                             .parameters = parameters};
    fail_allocations_after(allocations);
    status started = local_task_begin(l->services, &request, on_done, &e, &task, &err);
    if (failed(started)) {
        fail_no_allocation();
        assert_int_equal(started.code, ERROR_MEMORY);
        assert_int_equal(e.count, 0);
        return false;
    }
    net_loop_run(l->loop);
    assert_int_equal(e.count, 1);
    return e.succeeded;
}

static void each_request_ends_whenever_memory_runs_out(void **state)
{
    local *l = *state;
    for (size_t row = 0; row < ARRAY_LENGTH(requests); row++) {
        char text[512];
        json parameters;
        error err;
        snprintf(text, sizeof(text), "%s", requests[row].parameters);
        for (char *quote = text; (quote = strchr(quote, '\''));) {
            *quote = '"';
        }
        assert_ok(json_parse_into(str_from_c(text), &l->memory, &parameters, &err), err);
        int failures = 0;
        for (long n = 0; n < ALLOCATIONS_MAX; n++) {
            bool is_done = ask_with(l, row, parameters, n);
            failures += !is_done;
            if (is_done) {
                break;
            }
        }
        assert_true(failures > 0);
        (void)ask_with(l, row, parameters, -1);
    }
}

static void services_that_find_no_memory_say_so(void **state)
{
    local *l = *state;
    for (long n = 0;; n++) {
        local_services *services = NULL;
        error err = {0};
        local_options options = {
            .loop = l->loop, .data_folder = str_from_c(l->folder), .account = STR("1")};
        fail_allocations_after(n);
        status made = local_services_new(&options, &services, &err);
        fail_no_allocation();
        if (ok(made)) {
            assert_true(n > 0);
            local_services_free(services);
            break;
        }
        assert_int_equal(made.code, ERROR_MEMORY);
        assert_null(services);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, local_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_request_ends_whenever_memory_runs_out),
        TEST(services_that_find_no_memory_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
