/* Glue jobs as processes: how they begin, what they are given, and every way in which they end. */
#include "local.h"

static const char *const config =
    "{\"glue\":{\"jobs\":{"
    "\"sum\":{\"Command\":{\"Name\":\"pythonshell\",\"ScriptLocation\":\"s3://code/sum.py\"},"
    "\"DefaultArguments\":{\"--a\":\"1\",\"--b\":\"2\"}},"
    "\"sleep\":{\"Command\":{\"Name\":\"pythonshell\",\"ScriptLocation\":\"s3://code/sleep.py\"},"
    "\"ExecutionProperty\":{\"MaxConcurrentRuns\":2}},"
    "\"spark\":{\"Command\":{\"Name\":\"glueetl\",\"ScriptLocation\":\"s3://code/sum.py\"}},"
    "\"ray\":{\"Command\":{\"Name\":\"glueray\",\"ScriptLocation\":\"s3://code/sum.py\"}}"
    "}}}";

static int set_up(void **state)
{
    int result = local_set_up(state);
    local_write(*state, "s3/code/sum.py",
                "import sys\n"
                "from awsglue.utils import getResolvedOptions\n"
                "o = getResolvedOptions(sys.argv, ['a', 'b'])\n"
                "print(o['JOB_NAME'], 'says', int(o['a']) + int(o['b']))\n");
    local_write(*state, "s3/code/sleep.py", "import time\ntime.sleep(600)\n");
    local_open(*state, config, NULL);
    return result;
}

static str start(local *l, const char *parameters)
{
    json answer = local_output(l, "glue", "startJobRun", parameters);
    str id = json_str(json_get(answer, STR("JobRunId")));
    assert_true(str_starts_with(id, STR("jr_")));
    assert_int_equal(id.len, 67);
    return id;
}

static json run_of(local *l, const char *job, str id)
{
    char parameters[256];
    snprintf(parameters, sizeof(parameters), "{'JobName':'%s','RunId':'%.*s'}", job, STR_ARG(id));
    return json_get(local_output(l, "glue", "getJobRun", parameters), STR("JobRun"));
}

static str state_of(json run)
{
    return json_str(json_get(run, STR("JobRunState")));
}

/* Waits until the run is no longer in that state. */
static json wait_while(local *l, const char *job, str id, const char *state)
{
    for (int i = 0; i < 12000; i++) {
        json run = run_of(l, job, id);
        if (!str_equal(state_of(run), str_from_c(state))) {
            return run;
        }
        usleep(10000);
        net_loop_turn(l->loop, false);
    }
    fail_msg("the run is %s for two minutes", state);
    return (json){0};
}

static void a_run_has_the_jobs_arguments_and_its_own(void **state)
{
    local *l = *state;
    char path[512], text[256] = "";
    str id = start(l, "{'JobName':'sum','Arguments':{'--b':'40'}}");
    json run = wait_while(l, "sum", id, "RUNNING");
    assert_str_equal(state_of(run), "SUCCEEDED");
    assert_text(l, json_get(run, STR("Arguments")), "{\"--a\":\"1\",\"--b\":\"40\"}");
    assert_false(json_is_absent(json_get(run, STR("CompletedOn"))));
    assert_true(json_is_absent(json_get(run, STR("ErrorMessage"))));
    snprintf(path, sizeof(path), "%s/glue/logs/sum/%.*s.log", l->folder, STR_ARG(id));
    FILE *log = fopen(path, "r");
    assert_non_null(log);
    assert_non_null(fgets(text, sizeof(text), log));
    fclose(log);
    assert_string_equal(text, "sum says 41\n");
}

static void a_script_that_fails_says_why(void **state)
{
    local *l = *state;
    str id = start(l, "{'JobName':'sum','Arguments':{'--a':'one'}}");
    json run = wait_while(l, "sum", id, "RUNNING");
    assert_str_equal(state_of(run), "FAILED");
    assert_str_equal(json_str(json_get(run, STR("ErrorMessage"))),
                     "ValueError: invalid literal for int() with base 10: 'one'");
}

static void a_run_can_be_stopped(void **state)
{
    local *l = *state;
    char parameters[256];
    str id = start(l, "{'JobName':'sleep'}");
    assert_str_equal(state_of(run_of(l, "sleep", id)), "RUNNING");
    snprintf(parameters, sizeof(parameters),
             "{'JobName':'sleep','JobRunIds':['%.*s','jr_none','%.*s']}", STR_ARG(id), STR_ARG(id));
    json answer = local_output(l, "glue", "batchStopJobRun", parameters);
    assert_int_equal(json_count(json_get(answer, STR("SuccessfulSubmissions"))), 2);
    assert_int_equal(json_count(json_get(answer, STR("Errors"))), 1);
    json run = wait_while(l, "sleep", id, "STOPPING");
    assert_str_equal(state_of(run), "STOPPED");
}

static void no_more_run_at_once_than_allowed(void **state)
{
    local *l = *state;
    start(l, "{'JobName':'sleep'}");
    start(l, "{'JobName':'sleep'}");
    assert_refused(l, "glue", "startJobRun", "{'JobName':'sleep'}", 400,
                   "ConcurrentRunsExceededException");
    json runs = local_output(l, "glue", "getJobRuns", "{'JobName':'sleep'}");
    assert_int_equal(json_count(json_get(runs, STR("JobRuns"))), 2);
}

static void a_run_that_was_cut_off_has_failed(void **state)
{
    local *l = *state;
    str id = start(l, "{'JobName':'sleep'}");
    local_open(l, config, NULL); /* as after a restart */
    json run = run_of(l, "sleep", id);
    assert_str_equal(state_of(run), "FAILED");
    assert_str_equal(json_str(json_get(run, STR("ErrorMessage"))), "Gait ended while the job ran");
}

static void a_program_that_is_missing_is_a_run_that_failed(void **state)
{
    static const char *const environment[] = {"PATH=/nowhere", NULL};
    local *l = *state;
    local_open(l, config, environment);
    str id = start(l, "{'JobName':'spark'}");
    json run = run_of(l, "spark", id);
    assert_str_equal(state_of(run), "FAILED");
    str why = json_str(json_get(run, STR("ErrorMessage")));
    assert_true(str_find(why, STR("spark-submit")) != STR_NOT_FOUND);
}

static void jobs_can_be_made(void **state)
{
    local *l = *state;
    static const char *const job =
        "{'Name':'made','Role':'r','Command':{'Name':'pythonshell','ScriptLocation':"
        "'s3://code/sum.py'},'DefaultArguments':{'--a':'2','--b':'2'}}";
    assert_text(l, local_output(l, "glue", "createJob", job), "{\"Name\":\"made\"}");
    assert_refused(l, "glue", "createJob", job, 400, "AlreadyExistsException");
    str id = start(l, "{'JobName':'made'}");
    assert_str_equal(state_of(wait_while(l, "made", id, "RUNNING")), "SUCCEEDED");
    json got = local_output(l, "glue", "getJob", "{'JobName':'made'}");
    assert_str_equal(json_str(json_get(json_get(got, STR("Job")), STR("Role"))), "r");
    local_output(l, "glue", "deleteJob", "{'JobName':'made'}");
    assert_refused(l, "glue", "getJob", "{'JobName':'made'}", 400, "EntityNotFoundException");
}

static void what_cannot_be_run_is_refused(void **state)
{
    local *l = *state;
    assert_refused(l, "glue", "startJobRun", "{'JobName':'none'}", 400, "EntityNotFoundException");
    assert_refused(l, "glue", "startJobRun", "{'JobName':'ray'}", 400, "InvalidInputException");
    assert_non_null(strstr(l->message.ptr, "glueray"));
    assert_refused(l, "glue", "startJobRun", "{'JobName':'../sum'}", 400, "InvalidInputException");
    assert_refused(l, "glue", "getJobRun", "{'JobName':'sum','RunId':'../../x'}", 400,
                   "InvalidInputException");
    assert_refused(l, "glue", "getJobRun", "{'JobName':'sum','RunId':'jr_none'}", 400,
                   "EntityNotFoundException");
}

/* A script's place is a program's argument and a file's path: neither an option nor a way out. */
static void a_script_is_a_file_and_no_option(void **state)
{
    local *l = *state;
    static const char *const scripts[] = {"-cprint(1)", "--version", "s3://../s3/code/sum.py",
                                          "s3://code/../../x.py", "a\\u0000b"};
    char parameters[512];
    for (size_t i = 0; i < ARRAY_LENGTH(scripts); i++) {
        snprintf(parameters, sizeof(parameters),
                 "{'Name':'j','Role':'r','Command':{'Name':'pythonshell','ScriptLocation':'%s'}}",
                 scripts[i]);
        assert_refused(l, "glue", "createJob", parameters, 400, "InvalidInputException");
    }
}

static void a_run_takes_seven_days_at_most(void **state)
{
    local *l = *state;
    assert_refused(l, "glue", "startJobRun", "{'JobName':'sum','Timeout':10081}", 400,
                   "InvalidInputException");
    assert_refused(l, "glue", "startJobRun", "{'JobName':'sum','Timeout':9000000000000000000}", 400,
                   "InvalidInputException");
    assert_refused(l, "glue", "createJob",
                   "{'Name':'j','Role':'r','Timeout':9000000000000000000,'Command':{'Name':"
                   "'pythonshell','ScriptLocation':'s3://code/sum.py'}}",
                   400, "InvalidInputException");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, local_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_run_has_the_jobs_arguments_and_its_own),
        TEST(a_script_that_fails_says_why),
        TEST(a_run_can_be_stopped),
        TEST(no_more_run_at_once_than_allowed),
        TEST(a_run_that_was_cut_off_has_failed),
        TEST(a_program_that_is_missing_is_a_run_that_failed),
        TEST(jobs_can_be_made),
        TEST(what_cannot_be_run_is_refused),
        TEST(a_script_is_a_file_and_no_option),
        TEST(a_run_takes_seven_days_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
