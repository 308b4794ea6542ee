/* Definitions and inputs as hostile input: the text before the first NUL is the definition, what
 * follows is the execution's input. Tasks are answered with their own payload, timers fire in turn,
 * up to a limit of steps. */
#include "engine/engine.h"

#define STEPS_MAX 200
#define WAITING_MAX 64

typedef struct waiting {
    uint64_t ids[WAITING_MAX];
    bool is_task[WAITING_MAX];
    int64_t due_ms[WAITING_MAX]; /* of a timer */
    uint32_t count;
} waiting;

static void note(waiting *w, const engine_delta *delta)
{
    for (uint32_t i = 0; i < delta->effect_count; i++) {
        const engine_effect *effect = &delta->effects[i];
        bool is_task = effect->kind == ENGINE_EFFECT_START_TASK;
        if ((is_task || effect->kind == ENGINE_EFFECT_SET_TIMER) && w->count < WAITING_MAX) {
            w->is_task[w->count] = is_task;
            w->due_ms[w->count] = effect->at_ms;
            w->ids[w->count++] = is_task ? effect->task_id : effect->timer_id;
        }
    }
}

static void run(engine_execution *x, json input, str text)
{
    waiting w = {0};
    int64_t now_ms = 0;
    arena a;
    engine_delta delta;
    engine_input in = {.kind = ENGINE_START, .value = input, .text = text};
    arena_init(&a, 64u << 20);
    for (int i = 0; i < STEPS_MAX; i++) {
        if (failed(engine_step(x, &in, &a, &delta, NULL))) {
            break;
        }
        for (uint32_t k = 0; k < delta.event_count; k++) {
            json event;
            (void)!ok(engine_event_to_json(&delta.events[k], engine_execution_machine(x), true, &a,
                                           &event, NULL));
        }
        note(&w, &delta);
        arena_reset(&a);
        if (delta.wants_continue) {
            in = (engine_input){.kind = ENGINE_CONTINUE};
        } else if (w.count) {
            w.count--;
            in = (engine_input){.kind = !w.is_task[w.count] ? ENGINE_TIMER
                                        : i % 3             ? ENGINE_TASK_SUCCEEDED
                                                            : ENGINE_TASK_FAILED,
                                .task_id = w.ids[w.count],
                                .timer_id = w.ids[w.count],
                                .value = input,
                                .error = STR("E")};
        } else {
            break;
        }
        now_ms += 1;
        if (in.kind == ENGINE_TIMER && i % 8) { /* else mostly too early */
            now_ms = MAX_OF(now_ms, w.due_ms[w.count]);
        }
        in.now_ms = now_ms;
    }
    arena_clean_up(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str bytes = {(const char *)data, size};
    size_t end = str_find_char(bytes, '\0');
    const asl_machine *machine;
    json_doc *input;
    if (end == STR_NOT_FOUND) {
        return 0;
    }
    if (failed(asl_compile(str_take(bytes, end), NULL, &machine, NULL, NULL))) {
        return 0;
    }
    str text = str_skip(bytes, end + 1);
    engine_execution *x;
    engine_identity identity = {.execution_name = STR("x"),
                                .region = STR("r"),
                                .limits = {.step_transitions_max = 50, .payload_bytes_max = 4096}};
    if (ok(json_parse(text, &input, NULL))) {
        if (ok(engine_execution_new(machine, &identity, &x, NULL))) {
            run(x, json_doc_root(input), text);
            engine_execution_free(x);
        }
        json_doc_release(input);
    }
    asl_machine_release(machine);
    return 0;
}
