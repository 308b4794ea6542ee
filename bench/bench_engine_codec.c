/* What a step's history costs to store: ten Pass states with ResultPath, all in one step. Three
 * lines: encoding an event, decoding one, and the bytes that it takes. */
#include "engine/codec.h"
#include "pass_workflow.h"

#define CHUNKS 20000
#define RUNS 5
#define CHUNK_BYTES_MAX (1u << 20)

static double time_encoding(const engine_delta *delta, buf *out)
{
    error why = {0};
    double start = bench_seconds_now();
    for (int i = 0; i < CHUNKS; i++) {
        buf_reset(out);
        bench_check(engine_events_encode(delta->events, delta->event_count, out, &why), &why);
    }
    return (bench_seconds_now() - start) * 1e9 / CHUNKS / delta->event_count;
}

static double time_decoding(str chunk, arena *a)
{
    error why = {0};
    const engine_event *events;
    uint32_t count = 1;
    double start = bench_seconds_now();
    for (int i = 0; i < CHUNKS; i++) {
        arena_reset(a);
        bench_check(engine_events_decode(chunk, a, &events, &count, &why), &why);
    }
    return (bench_seconds_now() - start) * 1e9 / CHUNKS / count;
}

static void measure(const engine_delta *delta)
{
    double encoding[RUNS], decoding[RUNS], bytes[RUNS];
    buf out;
    arena a;
    buf_init(&out, CHUNK_BYTES_MAX);
    arena_init(&a, 0);
    for (int i = 0; i < RUNS; i++) {
        encoding[i] = time_encoding(delta, &out);
        decoding[i] = time_decoding(buf_str(&out), &a);
        bytes[i] = (double)out.len / delta->event_count;
    }
    bench_print("engine_codec_encode", encoding, RUNS, 1, "ns/event");
    bench_print("engine_codec_decode", decoding, RUNS, 1, "ns/event");
    bench_print("engine_codec_size", bytes, RUNS, 1, "bytes/event");
    buf_clean_up(&out);
    arena_clean_up(&a);
}

int main(void)
{
    arena a;
    error why = {0};
    const asl_machine *machine = pass_machine();
    engine_execution *execution;
    engine_delta delta;
    json_doc *input;
    arena_init(&a, 0);
    bench_check(json_parse(PASS_INPUT, &input, &why), &why);
    bench_check(engine_execution_new(machine, &pass_identity, &execution, &why), &why);
    engine_input in = {.kind = ENGINE_START,
                       .now_ms = 1700000000000,
                       .value = json_doc_root(input),
                       .text = PASS_INPUT};
    bench_check(engine_step(execution, &in, &a, &delta, &why), &why);
    INVARIANT(delta.event_count == PASS_EVENTS);
    measure(&delta);
    engine_execution_free(execution);
    json_doc_release(input);
    asl_machine_release(machine);
    arena_clean_up(&a);
    return 0;
}
