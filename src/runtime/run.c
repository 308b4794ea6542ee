/* The loop of one execution: take an input, step, carry out the effects. Inputs come from the task
 * dispatch and from deadlines; both only queue, and `pump` works the queue off, so that a step is
 * never entered from within a step. */
#include "runtime/run.h"

#include "runtime/input_queue.h"
#include "runtime/timers.h"

#include <stdlib.h>

struct runtime_run {
    runtime_run_options options;
    engine_identity identity;
    engine_execution *execution;
    timers deadlines;
    net_timer *alarm; /* wakes the loop at the earliest deadline */
    input_queue inputs;
    arena step;
    entropy random;
    int64_t virtual_ms; /* how far the virtual clock is ahead of the real one */
    int64_t latest_ms;  /* the clock never goes back */
    bool is_pumping;
    bool wants_continue; /* the last step did as much as one may, and left the rest */
    bool is_begun;
    bool is_over;
    bool is_told;   /* whoever waits for the end knows of it */
    status failure; /* of the run itself: out of memory */
    error failure_error;
    runtime_result result;
    json_doc *input;
};

int64_t runtime_run_now_ms(const runtime_run *run)
{
    int64_t now_ms = net_loop_clock_ms(run->options.loop) + run->virtual_ms;
    return MAX_OF(now_ms, run->latest_ms);
}

static void break_off(runtime_run *run, status failure)
{
    if (ok(run->failure)) {
        run->failure = failure;
    }
    run->is_over = true;
}

/* ----------------------------------------------------------------------------- effects of a step
 */

static void receive(void *receiver, uint64_t execution, const engine_input *input);

static status finish(runtime_run *run, const engine_effect *effect, error *reterr)
{
    runtime_result *result = &run->result;
    result->outcome = effect->outcome;
    result->stop_time_ms = effect->at_ms;
    if (!json_is_absent(effect->payload)) {
        TRY(json_freeze(effect->payload, &result->output, reterr));
    }
    const str *from[] = {&effect->error, &effect->cause};
    str *to[] = {&result->error, &result->cause};
    for (size_t i = 0; i < ARRAY_LENGTH(from); i++) {
        if (from[i]->ptr) {
            char *copy = malloc(from[i]->len + 1);
            if (!copy) {
                return fail_memory(reterr);
            }
            memcpy(copy, from[i]->ptr, from[i]->len);
            *to[i] = (str){copy, from[i]->len};
        }
    }
    run->is_over = true;
    return STATUS_OK;
}

/* A map run's children need a server that keeps them. */
static status refuse_map_run(runtime_run *run, const engine_effect *effect)
{
    engine_input input = {
        .kind = ENGINE_TASK_FAILED,
        .task_id = effect->task_id,
        .error = STR("States.Runtime"),
        .cause = STR("A distributed Map runs in a server only (gait serve): set "
                     "ProcessorConfig.Mode to INLINE, or leave it out."),
    };
    receive(run, run->options.number, &input);
    return run->failure;
}

static status carry_out(runtime_run *run, const engine_effect *effect, error *reterr)
{
    timer_key key = {0, effect->timer_id};
    switch (effect->kind) {
    case ENGINE_EFFECT_START_TASK:
        if (effect->state->type == ASL_MAP) {
            return refuse_map_run(run, effect);
        }
        run->options.tasks.start(
            run->options.tasks.self,
            &(runtime_task){.execution = run->options.number,
                            .identity = engine_execution_identity(run->execution),
                            .effect = effect,
                            .extra = run->options.extra,
                            .trace = run->options.trace},
            receive, run);
        return run->failure;
    case ENGINE_EFFECT_CANCEL_TASK:
        run->options.tasks.cancel(run->options.tasks.self, run->options.number, effect->task_id);
        return STATUS_OK;
    case ENGINE_EFFECT_SET_TIMER:
        return timers_set(&run->deadlines, key, effect->at_ms, reterr);
    case ENGINE_EFFECT_CLEAR_TIMER:
        timers_clear(&run->deadlines, key);
        return STATUS_OK;
    case ENGINE_EFFECT_FINISH:
        return finish(run, effect, reterr);
    }
    return STATUS_OK;
}

static status step(runtime_run *run, const engine_input *input, error *reterr)
{
    engine_input timed = *input;
    arena_reset(&run->step);
    run->latest_ms = runtime_run_now_ms(run);
    timed.now_ms = run->latest_ms;
    timed.entropy = entropy_branch(&run->random);
    engine_delta delta;
    TRY(engine_step(run->execution, &timed, &run->step, &delta, reterr));
    run->wants_continue = delta.wants_continue;
    if (delta.event_count && run->options.on_events) {
        run->options.on_events(run->options.user, delta.events, delta.event_count);
    }
    for (uint32_t i = 0; i < delta.effect_count; i++) {
        TRY(carry_out(run, &delta.effects[i], reterr));
    }
    return STATUS_OK;
}

/* The deadline that is due, if any. In virtual time, with nothing else to wait for, the next one is
 * always due. */
static bool take_due(runtime_run *run, engine_input *ret_input)
{
    timer_key key;
    int64_t due_ms;
    if (!timers_peek(&run->deadlines, &key, &due_ms)) {
        return false;
    }
    int64_t now_ms = runtime_run_now_ms(run);
    if (due_ms > now_ms) {
        if (!run->options.is_virtual_time || run->inputs.first || run->wants_continue ||
            run->options.tasks.in_flight(run->options.tasks.self)) {
            return false;
        }
        run->virtual_ms += due_ms - now_ms;
        run->latest_ms = due_ms;
    }
    timers_clear(&run->deadlines, key);
    *ret_input = (engine_input){.kind = ENGINE_TIMER, .timer_id = key.id};
    return true;
}

static void set_alarm(runtime_run *run)
{
    timer_key key;
    int64_t due_ms;
    if (timers_peek(&run->deadlines, &key, &due_ms)) {
        int64_t delay_ms = due_ms - runtime_run_now_ms(run);
        net_timer_start(run->alarm, MAX_OF(delay_ms, (int64_t)0), 0);
    } else {
        net_timer_stop(run->alarm);
    }
}

/* Deadlines come before what is queued, and that before going on with a long step: a workflow that
 * never waits can still time out. */
static bool take_next(runtime_run *run, engine_input *ret_input, queued_input **ret_entry)
{
    *ret_entry = NULL;
    if (take_due(run, ret_input)) {
        return true;
    }
    *ret_entry = input_queue_take(&run->inputs);
    if (*ret_entry) {
        *ret_input = (*ret_entry)->input;
        return true;
    }
    *ret_input = (engine_input){.kind = ENGINE_CONTINUE};
    return run->wants_continue;
}

/* The last thing that touches the run: on_over may free it. */
static void tell_over(runtime_run *run)
{
    net_timer_stop(run->alarm);
    if (run->is_told) {
        return;
    }
    run->is_told = true;
    if (run->options.on_over) {
        run->options.on_over(run->options.user);
    } else {
        net_loop_stop(run->options.loop);
    }
}

static void pump(runtime_run *run)
{
    if (run->is_pumping) {
        return;
    }
    run->is_pumping = run->is_begun = true;
    engine_input next = {0};
    queued_input *entry;
    /* a long step goes on in the next turn, so that signals and results are heard of */
    while (!run->is_over && next.kind != ENGINE_CONTINUE && take_next(run, &next, &entry)) {
        status s = step(run, &next, &run->failure_error);
        queued_input_free(entry);
        if (failed(s)) {
            break_off(run, s);
        }
    }
    run->is_pumping = false;
    if (run->is_over) {
        tell_over(run);
    } else if (run->wants_continue) {
        net_timer_start(run->alarm, 0, 0);
    } else {
        set_alarm(run);
    }
}

static void wake(void *user)
{
    pump(user);
}

static void receive(void *receiver, uint64_t execution, const engine_input *input)
{
    (void)execution; /* there is but one */
    runtime_run *run = receiver;
    status s = input_queue_add(&run->inputs, 0, input, NULL, &run->failure_error);
    if (failed(s)) {
        break_off(run, s);
    }
    pump(run);
}

/* --------------------------------------------------------------------------------------- calls */

/* The same limit that StartExecution checks before an execution exists. */
static status check_input(const runtime_run_options *options, error *reterr)
{
    uint32_t configured = options->identity->limits.payload_bytes_max;
    uint32_t bytes_max = configured ? configured : PAYLOAD_BYTES_MAX;
    if (options->input.len > bytes_max) {
        return fail(reterr, ERROR_LIMIT, "the input has %zu bytes; the maximum is %u",
                    options->input.len, bytes_max);
    }
    return STATUS_OK;
}

status runtime_run_new(const runtime_run_options *options, runtime_run **ret_run, error *reterr)
{
    TRY(check_input(options, reterr));
    runtime_run *run = calloc(1, sizeof(*run));
    if (!run) {
        return fail_memory(reterr);
    }
    run->options = *options;
    run->identity = *options->identity;
    run->random = options->entropy;
    timers_init(&run->deadlines);
    arena_init(&run->step, 0);
    run->identity.start_time_ms = runtime_run_now_ms(run);
    run->result.start_time_ms = run->identity.start_time_ms;
    status s = json_parse(options->input, &run->input, reterr);
    if (ok(s)) {
        s = engine_execution_new(options->machine, &run->identity, &run->execution, reterr);
    }
    if (ok(s) && options->test) {
        engine_execution_test(run->execution, options->test);
    }
    if (ok(s)) {
        s = net_timer_new(options->loop, wake, run, &run->alarm, reterr);
    }
    if (ok(s)) {
        engine_input start = {
            .kind = ENGINE_START, .value = json_doc_root(run->input), .text = options->input};
        s = input_queue_add(&run->inputs, 0, &start, NULL, reterr);
    }
    if (failed(s)) {
        runtime_run_free(run);
        return s;
    }
    *ret_run = run;
    return STATUS_OK;
}

void runtime_run_begin(runtime_run *run)
{
    INVARIANT(run->options.on_over != NULL);
    pump(run);
}

status runtime_run_finish(runtime_run *run, runtime_result *ret_result, error *reterr)
{
    pump(run);
    if (!run->is_over) {
        net_loop_run(run->options.loop);
    }
    return runtime_run_take_result(run, ret_result, reterr);
}

status runtime_run_take_result(runtime_run *run, runtime_result *ret_result, error *reterr)
{
    INVARIANT(run->is_over);
    if (failed(run->failure)) {
        if (reterr) {
            *reterr = run->failure_error;
        }
        return run->failure;
    }
    *ret_result = run->result;
    run->result = (runtime_result){0};
    return STATUS_OK;
}

void runtime_run_stop(runtime_run *run)
{
    engine_input stop = {.kind = ENGINE_STOP};
    if (!run->is_over) {
        receive(run, 0, &stop);
    }
}

void runtime_run_free(runtime_run *run)
{
    if (!run) {
        return;
    }
    if (run->is_begun && !run->is_over) {
        run->is_told = true;
        runtime_run_stop(run);
    }
    net_timer_free(run->alarm);
    engine_execution_free(run->execution);
    timers_clean_up(&run->deadlines);
    input_queue_clean_up(&run->inputs);
    arena_clean_up(&run->step);
    json_doc_release(run->input);
    runtime_result_clean_up(&run->result);
    free(run);
}

void runtime_result_clean_up(runtime_result *result)
{
    json_doc_release(result->output);
    free((void *)result->error.ptr);
    free((void *)result->cause.ptr);
    *result = (runtime_result){0};
}
