/* Transitions a second of the engine alone: ten Pass states with ResultPath, in memory, the events
 * built. One step runs the whole execution; the arena is reset between them. */
#include "pass_workflow.h"

#define EXECUTIONS 100000
#define RUNS 5

static double run(const asl_machine *machine, arena *a, json input)
{
    error why = {0};
    double start = bench_seconds_now();
    for (int i = 0; i < EXECUTIONS; i++) {
        engine_execution *execution;
        engine_delta delta;
        engine_input in = {.kind = ENGINE_START, .now_ms = 1700000000000, .value = input};
        bench_check(engine_execution_new(machine, &pass_identity, &execution, &why), &why);
        bench_check(engine_step(execution, &in, a, &delta, &why), &why);
        INVARIANT(delta.event_count == PASS_EVENTS);
        engine_execution_free(execution);
        arena_reset(a);
    }
    return (double)EXECUTIONS * PASS_STATES / (bench_seconds_now() - start);
}

int main(void)
{
    arena a;
    error why = {0};
    const asl_machine *machine = pass_machine();
    json_doc *input;
    double rates[RUNS];
    arena_init(&a, 0);
    bench_check(json_parse(PASS_INPUT, &input, &why), &why);
    for (int i = 0; i < RUNS; i++) {
        rates[i] = run(machine, &a, json_doc_root(input));
    }
    bench_print("engine_pass", rates, RUNS, 0, "transitions/s");
    json_doc_release(input);
    asl_machine_release(machine);
    arena_clean_up(&a);
    return 0;
}
