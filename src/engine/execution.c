/* The life of an execution's object, outside of steps. */
#include "engine/internal.h"

static const engine_limits defaults = {
    .payload_bytes_max = PAYLOAD_BYTES_MAX,
    .variables_bytes_max = VARIABLES_BYTES_MAX,
    .history_events_max = HISTORY_EVENTS_MAX,
    .step_transitions_max = ENGINE_STEP_TRANSITIONS_MAX,
    .map_concurrency_max = MAP_CONCURRENCY_INLINE_MAX,
};

/* At least one event must fit before the last one. */
#define HISTORY_EVENTS_MIN 2

static void fill_limits(engine_limits *limits)
{
    uint32_t *fields[] = {&limits->payload_bytes_max, &limits->variables_bytes_max,
                          &limits->history_events_max, &limits->step_transitions_max,
                          &limits->map_concurrency_max};
    const uint32_t values[] = {defaults.payload_bytes_max, defaults.variables_bytes_max,
                               defaults.history_events_max, defaults.step_transitions_max,
                               defaults.map_concurrency_max};
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        if (*fields[i] == 0) {
            *fields[i] = values[i];
        }
    }
    limits->history_events_max = MAX_OF(limits->history_events_max, HISTORY_EVENTS_MIN);
}

static bool copy_texts(engine_identity *identity, arena *texts)
{
    str *fields[] = {&identity->execution_arn, &identity->execution_name, &identity->machine_arn,
                     &identity->machine_name,  &identity->role_arn,       &identity->region,
                     &identity->account};
    size_t bytes = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        bytes += fields[i]->len + ARENA_TEXT_EXTRA;
    }
    if (!arena_reserve(texts, bytes)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        *fields[i] = arena_str(texts, *fields[i]);
        if (!fields[i]->ptr) {
            return false;
        }
    }
    return true;
}

status engine_execution_new(const asl_machine *machine, const engine_identity *identity,
                            engine_execution **ret_execution, error *reterr)
{
    engine_execution *x = calloc(1, sizeof *x);
    if (!x) {
        return fail_memory(reterr);
    }
    x->identity = *identity;
    fill_limits(&x->identity.limits);
    arena_init(&x->texts, 0);
    if (!copy_texts(&x->identity, &x->texts)) {
        arena_clean_up(&x->texts);
        free(x);
        return fail_memory(reterr);
    }
    x->machine = asl_machine_retain(machine);
    *ret_execution = x;
    return STATUS_OK;
}

void engine_execution_free(engine_execution *x)
{
    if (!x) {
        return;
    }
    engine_scope_free_retired(x);
    engine_scope_free(x->root);
    json_doc_release(x->input_doc);
    free(x->ready);
    free(x->ids.entries);
    arena_clean_up(&x->texts);
    asl_machine_release(x->machine);
    free(x);
}

engine_outcome engine_execution_outcome(const engine_execution *x)
{
    return x->outcome;
}

const asl_machine *engine_execution_machine(const engine_execution *x)
{
    return x->machine;
}

const engine_identity *engine_execution_identity(const engine_execution *x)
{
    return &x->identity;
}

uint64_t engine_execution_last_event(const engine_execution *x)
{
    return x->last_event_id;
}
