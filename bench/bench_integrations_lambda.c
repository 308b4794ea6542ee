/* Calls of a warm Node.js function, one after the other and 64 at once (four processes): from
 * integrations_start to its callback, JSON in and out. */
#include "bench.h"
#include "integrations/integration.h"

#include <sys/stat.h>
#include <unistd.h>

#define RUNS 5

typedef struct bench {
    net_loop *loop;
    integrations *tasks;
    int left, in_flight_max, in_flight;
} bench;

static void start_more(bench *b);

static void on_done(void *user, const integration_result *result)
{
    bench *b = user;
    if (!result->succeeded) {
        fprintf(stderr, "%.*s: %.*s\n", STR_ARG(result->error), STR_ARG(result->cause));
        exit(1);
    }
    b->in_flight--;
    start_more(b);
    if (b->in_flight == 0) {
        net_loop_stop(b->loop);
    }
}

static void start_more(bench *b)
{
    integration_call call = {.resource = STR("arn:aws:lambda:echo"),
                             .service = STR("lambda"),
                             .payload = json_literal("hello")};
    while (b->left > 0 && b->in_flight < b->in_flight_max) {
        integration_task *task;
        error err;
        b->left--;
        b->in_flight++;
        bench_check(integrations_start(b->tasks, &call, on_done, b, &task, &err), &err);
    }
}

static double run(bench *b, int count, int in_flight)
{
    b->left = count;
    b->in_flight_max = in_flight;
    double begin = bench_seconds_now();
    start_more(b);
    net_loop_run(b->loop);
    return count / (bench_seconds_now() - begin);
}

static void measure(bench *b, const char *name, int count, int in_flight)
{
    double rates[RUNS];
    run(b, 200, in_flight); /* starts the processes, and lets Node compile */
    for (int i = 0; i < RUNS; i++) {
        rates[i] = run(b, count, in_flight);
    }
    bench_print(name, rates, RUNS, 0, "calls/s");
}

int main(void)
{
    char folder[] = "/tmp/gait-bench-XXXXXX";
    char path[256];
    char command[300];
    error err;
    bench b = {0};
    json_doc *config = NULL;
    if (!mkdtemp(folder)) {
        return 1;
    }
    snprintf(path, sizeof(path), "%s/echo", folder);
    mkdir(path, 0777);
    snprintf(path, sizeof(path), "%s/echo/index.mjs", folder);
    FILE *file = fopen(path, "w");
    fputs("export const handler = async event => event;\n", file);
    fclose(file);
    integrations_options options = {.functions_folder = str_from_c(folder),
                                    .data_folder = str_from_c(folder),
                                    .account = STR("123456789012"),
                                    .region = STR("eu-west-1")};
    bench_check(json_parse(STR("{\"functions\":{\"processesMax\":4}}"), &config, &err), &err);
    bench_check(net_loop_new(&b.loop, &err), &err);
    options.loop = b.loop;
    options.config = json_doc_root(config);
    bench_check(integrations_new(&options, &b.tasks, &err), &err);
    measure(&b, "lambda_node_warm_serial", 1000, 1);
    measure(&b, "lambda_node_warm_64_at_once", 2000, 64);
    integrations_free(b.tasks);
    net_loop_free(b.loop);
    json_doc_release(config);
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command) == 0 ? 0 : 1;
}
