/* Durable executions through the public header: what a program finds when it opens a folder again.
 */
#include "gait/gait.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char waits[] =
    "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\","
    "\"SecondsPath\":\"$.n\",\"Next\":\"T\"},\"T\":{\"Type\":\"Task\",\"Resource\":"
    "\"arn:aws:lambda:us-east-1:123456789012:function:f\",\"End\":true}}}";
static const char long_wait[] =
    "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":3600,\"End\":true}}}";
static const char task[] = "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"
                           "\"arn:aws:lambda:us-east-1:123456789012:function:f\",\"End\":true}}}";

typedef struct seen {
    uint32_t tasks, ends;
    uint64_t task_id;
    char name[81], status[16];
    bool dies; /* the process ends in the middle of a task, as by kill -9 */
} seen;

static void do_task(void *user, const gait_task *asked, gait_task_reply *reply)
{
    seen *s = user;
    if (s->dies) {
        _exit(7);
    }
    s->tasks++;
    s->task_id = asked->task_id;
    snprintf(s->name, sizeof(s->name), "%s", asked->execution_name);
    gait_task_succeed(reply, asked->payload, asked->payload_length);
}

static void on_end(void *user, const char *name, const gait_result *result)
{
    seen *s = user;
    s->ends++;
    snprintf(s->name, sizeof(s->name), "%s", name);
    snprintf(s->status, sizeof(s->status), "%s", gait_result_status(result));
}

static gait_machine *parse(const char *text)
{
    gait_error err;
    gait_machine *machine = gait_machine_parse(text, strlen(text), NULL, &err);
    if (!machine) {
        fail_msg("%s", err.message);
    }
    return machine;
}

static gait_engine *open_engine(const char *folder, seen *s)
{
    gait_error err;
    gait_engine *engine = NULL;
    gait_engine_options options = GAIT_ENGINE_OPTIONS;
    options.data_folder = folder;
    options.on_task = do_task;
    options.on_end = on_end;
    options.user = s;
    if (gait_engine_open(&options, &engine, &err) != GAIT_OK) {
        fail_msg("%s", err.message);
    }
    return engine;
}

static void check(gait_status told, gait_status wanted, const gait_error *err)
{
    if (told != wanted) {
        fail_msg("%d instead of %d: %s", told, wanted, told == GAIT_OK ? "" : err->message);
    }
}

/* A folder of the test's own. */
static int set_up(void **state)
{
    char template[] = "/tmp/gait-embed-XXXXXX";
    *state = mkdtemp(template) ? strdup(template) : NULL;
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[100];
    snprintf(command, sizeof(command), "rm -rf '%s'", (char *)*state);
    free(*state);
    return system(command);
}

static void an_execution_goes_on_when_the_folder_is_opened_again(void **state)
{
    gait_error err;
    gait_result *result = NULL;
    seen first = {0}, second = {0};
    gait_machine *machine = parse(waits);
    gait_engine *engine = open_engine(*state, &first);
    static const char *const seconds[] = {"{\"n\":1}", "{\"n\":10}", "{\"n\":60}"};
    static const char *const names[] = {"one", "ten", "sixty"};
    size_t i = 0;
    gait_status told = GAIT_OK;
    for (; told == GAIT_OK && i < ARRAY_LENGTH(names); i++) { /* until the machine is fast enough */
        check(gait_engine_start(engine, machine, names[i], seconds[i], &err), GAIT_OK, &err);
        told = gait_engine_wait(engine, names[i], 10, NULL, &err);
    }
    check(told, GAIT_ERROR_TIMEOUT, &err);
    const char *name = names[i - 1], *input = seconds[i - 1];
    gait_engine_close(engine);
    gait_machine_free(machine); /* the folder has the definition */

    engine = open_engine(*state, &second);
    check(gait_engine_wait(engine, name, 120000, &result, &err), GAIT_OK, &err);
    assert_string_equal(gait_result_status(result), "SUCCEEDED");
    assert_string_equal(gait_result_output(result), input);
    gait_result_free(result);
    assert_int_equal(first.tasks, i - 1);
    assert_int_equal(second.tasks, 1);
    assert_int_equal(second.ends, 1);
    assert_string_equal(second.name, name);
    gait_engine_close(engine);
}

static void a_task_under_way_is_done_again_after_a_crash(void **state)
{
    gait_error err;
    gait_result *result = NULL;
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        seen s = {.dies = true};
        gait_engine *engine = open_engine(*state, &s);
        gait_machine *machine = parse(task);
        gait_engine_start(engine, machine, "crash", NULL, &err);
        gait_engine_wait(engine, "crash", 120000, NULL, &err);
        _exit(0); /* not reached: the task ends the process */
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 7);

    seen s = {0};
    gait_engine *engine = open_engine(*state, &s);
    check(gait_engine_wait(engine, NULL, 120000, NULL, &err), GAIT_OK, &err);
    assert_int_equal(s.tasks, 1);
    check(gait_engine_wait(engine, "crash", 0, &result, &err), GAIT_OK, &err);
    assert_string_equal(gait_result_output(result), "{}");
    gait_result_free(result);
    char *history = gait_engine_history(engine, "crash", &err);
    assert_non_null(strstr(history, "\"type\":\"ExecutionSucceeded\""));
    uint32_t scheduled = 0;
    for (const char *at = history; (at = strstr(at, "LambdaFunctionScheduled\"")); at++) {
        scheduled++;
    }
    assert_int_equal(scheduled, 1); /* a transition happens once */
    gait_text_free(history);
    gait_engine_close(engine);
}

static void a_name_is_for_one_execution(void **state)
{
    gait_error err;
    seen s = {0};
    gait_machine *machine = parse(task), *other = parse(long_wait);
    gait_engine *engine = open_engine(*state, &s);
    check(gait_engine_start(engine, machine, "n", "1", &err), GAIT_OK, &err);
    check(gait_engine_wait(engine, "n", 120000, NULL, &err), GAIT_OK, &err);
    check(gait_engine_start(engine, machine, "n", "1", &err), GAIT_OK, &err);
    assert_int_equal(s.tasks, 1);
    check(gait_engine_start(engine, machine, "n", "2", &err), GAIT_ERROR_CONFLICT, &err);
    check(gait_engine_start(engine, other, "n", "1", &err), GAIT_ERROR_CONFLICT, &err);
    gait_engine_close(engine);
    gait_machine_free(machine);
    gait_machine_free(other);
}

static void a_running_execution_can_be_stopped(void **state)
{
    gait_error err;
    gait_result *result = NULL;
    seen s = {0};
    gait_machine *machine = parse(long_wait);
    (void)state;
    gait_engine *engine = open_engine(NULL, &s); /* in memory */
    check(gait_engine_start(engine, machine, "long", NULL, &err), GAIT_OK, &err);
    check(gait_engine_wait(engine, NULL, 0, NULL, &err), GAIT_ERROR_TIMEOUT, &err);
    check(gait_engine_stop(engine, "long", "Enough", "said so", &err), GAIT_OK, &err);
    check(gait_engine_wait(engine, "long", 120000, &result, &err), GAIT_OK, &err);
    assert_string_equal(gait_result_status(result), "ABORTED");
    assert_string_equal(gait_result_error(result), "Enough");
    assert_string_equal(gait_result_cause(result), "said so");
    assert_string_equal(s.status, "ABORTED");
    gait_result_free(result);
    check(gait_engine_stop(engine, "long", NULL, NULL, &err), GAIT_ERROR_NOT_FOUND, &err);
    gait_engine_close(engine);
    gait_machine_free(machine);
}

static void what_is_wrong_is_told(void **state)
{
    gait_error err;
    seen s = {0};
    gait_machine_options express = GAIT_MACHINE_OPTIONS;
    express.is_express = 1;
    gait_machine *standard = parse(task);
    gait_machine *machine = gait_machine_parse(long_wait, strlen(long_wait), &express, &err);
    gait_engine *engine = open_engine(*state, &s), *second = NULL;
    check(gait_engine_start(engine, machine, "x", NULL, &err), GAIT_ERROR_INVALID, &err);
    check(gait_engine_start(engine, standard, "x", "{", &err), GAIT_ERROR_INVALID, &err);
    check(gait_engine_start(engine, standard, "a b", NULL, &err), GAIT_ERROR_INVALID, &err);
    check(gait_engine_wait(engine, "none", 0, NULL, &err), GAIT_ERROR_NOT_FOUND, &err);
    assert_null(gait_engine_history(engine, "none", &err));
    assert_int_equal(err.status, GAIT_ERROR_NOT_FOUND);
    gait_engine_options options = GAIT_ENGINE_OPTIONS;
    options.data_folder = *state;
    check(gait_engine_open(&options, &second, &err), GAIT_ERROR_CONFLICT, &err);
    options.data_folder = "/dev/null/folder";
    check(gait_engine_open(&options, &second, &err), GAIT_ERROR_IO, &err);
    assert_null(second);
    gait_engine_close(engine);
    gait_engine_close(NULL);
    gait_machine_free(machine);
    gait_machine_free(standard);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(an_execution_goes_on_when_the_folder_is_opened_again),
        IN_FOLDER(a_task_under_way_is_done_again_after_a_crash),
        IN_FOLDER(a_name_is_for_one_execution),
        IN_FOLDER(a_running_execution_can_be_stopped),
        IN_FOLDER(what_is_wrong_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
