/* What watching costs a step of a four-event workflow: counting it, and finding that its machine
 * logs nothing (the value: nanoseconds a step). */
#include "bench.h"
#include "runtime/logs/logs.h"
#include "runtime/metrics.h"

#define STEPS 200000
#define RUNS 5

static json none(void *user, const shard_execution *execution)
{
    (void)execution;
    return json_get(*(json *)user, STR("loggingConfiguration"));
}

int main(void)
{
    error why = {0};
    const asl_machine *machine;
    engine_execution *engine;
    engine_delta delta;
    arena a;
    net_loop *loop;
    metrics *m;
    runtime_logs *logs;
    json record;
    double results[RUNS];
    uint64_t wanted = 0;
    engine_identity identity = {
        .execution_arn = STR("arn:aws:states:us-east-1:1:execution:m:x"),
        .execution_name = STR("x"),
        .machine_arn = STR("arn:aws:states:us-east-1:1:stateMachine:m"),
        .machine_name = STR("m"),
        .role_arn = STR("arn:r"),
        .region = STR("us-east-1"),
    };
    arena_init(&a, 0);
    bench_check(
        asl_compile(STR("{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true}}}"),
                    NULL, &machine, NULL, &why),
        &why);
    bench_check(engine_execution_new(machine, &identity, &engine, &why), &why);
    engine_input start = {.kind = ENGINE_START, .value = json_empty_object(), .text = STR("{}")};
    bench_check(engine_step(engine, &start, &a, &delta, &why), &why);
    bench_check(
        json_parse_into(STR("{\"name\":\"m\",\"loggingConfiguration\":{\"level\":\"OFF\"}}"), &a,
                        &record, &why),
        &why);
    bench_check(net_loop_new(&loop, &why), &why);
    bench_check(metrics_new((json){0}, &m, &why), &why);
    runtime_logs_options options = {
        .loop = loop, .folder = STR("/tmp"), .configuration = none, .user = &record};
    bench_check(runtime_logs_new(&options, &logs, &why), &why);
    shard_execution about = {.seq = 1,
                             .identity = engine_execution_identity(engine),
                             .extra = STR(""),
                             .machine = machine};
    for (int run = 0; run < RUNS; run++) {
        double began = bench_seconds_now();
        for (int i = 0; i < STEPS; i++) {
            metrics_count(m, &about, delta.events, delta.event_count);
            wanted += runtime_logs_want(logs, &about, delta.events, delta.event_count);
        }
        results[run] = (bench_seconds_now() - began) * 1e9 / STEPS;
    }
    bench_print("runtime_observer", results, RUNS, 1, "ns/step");
    runtime_logs_free(logs);
    metrics_free(m);
    net_loop_free(loop);
    engine_execution_free(engine);
    asl_machine_release(machine);
    arena_clean_up(&a);
    return wanted != 0;
}
