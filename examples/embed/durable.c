/* Orders that survive the program: end it at any moment (Ctrl-C, kill -9) and start it again with
 * the same folder; every order goes on where it was.
 *
 *     cc durable.c $(pkg-config --cflags --libs gait) -o durable && ./durable orders 7 8 9
 */
#include <gait/gait.h>

#include <stdio.h>
#include <string.h>

static const char definition[] =
    "{\"StartAt\":\"Pay\",\"States\":{"
    "\"Pay\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:lambda:us-east-1:123456789012:function:"
    "pay\","
    "\"ResultPath\":\"$.receipt\",\"Next\":\"Pack\"},"
    "\"Pack\":{\"Type\":\"Wait\",\"Seconds\":1,\"Next\":\"Ship\"},"
    "\"Ship\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:lambda:us-east-1:123456789012:function:"
    "ship\",\"ResultPath\":\"$.shipped\",\"End\":true}}}";

/* May be asked for the same task twice, when the program ended in between: execution_name and
 * task_id are the same then, and tell whether a payment has been made already. */
static void do_task(void *user, const gait_task *task, gait_task_reply *reply)
{
    (void)user;
    printf("%s: %s (task %llu)\n", task->execution_name, task->state_name,
           (unsigned long long)task->task_id);
    gait_task_succeed(reply, "true", 4);
}

static void on_end(void *user, const char *name, const gait_result *result)
{
    (void)user;
    const char *output = gait_result_output(result);
    printf("%s: %s %s\n", name, gait_result_status(result), output ? output : "");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: durable FOLDER [ORDER]...\n");
        return 2;
    }
    gait_error error;
    gait_engine *engine = NULL;
    gait_engine_options options = GAIT_ENGINE_OPTIONS;
    options.data_folder = argv[1];
    options.on_task = do_task;
    options.on_end = on_end;
    gait_machine *machine = gait_machine_parse(definition, strlen(definition), NULL, &error);
    gait_status status = machine ? gait_engine_open(&options, &engine, &error) : error.status;
    for (int i = 2; i < argc && status == GAIT_OK; i++) {
        char name[80], input[80];
        snprintf(name, sizeof(name), "order-%s", argv[i]);
        snprintf(input, sizeof(input), "{\"order\":\"%s\"}", argv[i]);
        status = gait_engine_start(engine, machine, name, input, &error);
    }
    if (status == GAIT_OK) {
        status = gait_engine_wait(engine, NULL, -1, NULL, &error);
    }
    if (status != GAIT_OK) {
        fprintf(stderr, "%s\n", error.message);
    }
    gait_engine_close(engine);
    gait_machine_free(machine);
    return status == GAIT_OK ? 0 : 1;
}
