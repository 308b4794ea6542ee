/* Retriers: which one takes a failure, and how long the pause is.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 * #error-handling-retrying-after-an-error */
#include "engine/internal.h"

#include <math.h>

static bool is_terminal(str error_name)
{
    return str_equal(error_name, STR("States.DataLimitExceeded")) ||
           str_equal(error_name, STR("States.Runtime"));
}

/* A heartbeat that stayed away is States.Timeout in the history, and a Catch or Retry may name it
 * either way. */
static bool name_matches(str wanted, const engine_failure *failure)
{
    str name = failure->error.ptr ? failure->error : STR("");
    if (str_equal(wanted, name)) {
        return true;
    }
    if (str_equal(wanted, STR("States.ALL"))) {
        return !is_terminal(name);
    }
    if (str_equal(wanted, STR("States.TaskFailed"))) {
        return !is_terminal(name) && !str_equal(name, STR("States.Timeout"));
    }
    return failure->is_heartbeat && str_equal(wanted, STR("States.HeartbeatTimeout"));
}

bool engine_error_matches(const str *error_equals, uint32_t count, const engine_failure *failure)
{
    for (uint32_t i = 0; i < count; i++) {
        if (name_matches(error_equals[i], failure)) {
            return true;
        }
    }
    return false;
}

/* IntervalSeconds * BackoffRate^attempts, at most MaxDelaySeconds; with full jitter a random part
 * of it. */
static int64_t delay_ms(step *s, const asl_retrier *retrier, uint32_t attempts)
{
    double seconds =
        (double)retrier->interval_seconds * pow(retrier->backoff_rate, (double)attempts);
    double seconds_max = retrier->delay_seconds_max ? (double)retrier->delay_seconds_max
                                                    : (double)EXECUTION_SECONDS_MAX;
    if (!(seconds < seconds_max)) {
        seconds = seconds_max;
    }
    if (retrier->jitter == ASL_JITTER_FULL) {
        seconds *= entropy_next_double(&s->random);
    }
    return (int64_t)(seconds * 1000.0);
}

static status schedule(step *s, engine_scope *scope, const asl_state *state, uint32_t which)
{
    engine_frame *frame = scope->work;
    uint32_t *attempts = arena_array(s->a, uint32_t, state->retrier_count);
    if (!attempts) {
        return fail_memory(s->reterr);
    }
    if (frame->attempts) {
        memcpy(attempts, frame->attempts, state->retrier_count * sizeof *attempts);
    }
    int64_t delay = delay_ms(s, &state->retriers[which], attempts[which]);
    attempts[which]++;
    frame->attempts = attempts;
    frame->task_payload = (engine_payload){0}; /* a retried Map starts another map run */
    frame->retry_count++;
    frame->phase = ENGINE_PHASE_RETRY;
    return engine_timer_set(s, scope, ENGINE_TIMER_PAUSE, s->in->now_ms + delay);
}

/* A test ends here, unless the retrier has done all it may. */
static status retry_in_test(step *s, engine_scope *scope, uint32_t which, bool *ret_is_retried)
{
    const asl_retrier *retrier = &engine_state_of(s, scope)->retriers[which];
    int64_t attempts = MAX_OF(s->x->test->retry_count, (int64_t)0);
    if (attempts >= retrier->attempts_max) {
        return engine_test_retry(s, scope, which, -1);
    }
    TRY(engine_test_retry(s, scope, which, delay_ms(s, retrier, (uint32_t)attempts)));
    *ret_is_retried = true;
    return STATUS_OK;
}

status engine_retry(step *s, engine_scope *scope, bool *ret_is_retried)
{
    const asl_state *state = engine_state_of(s, scope);
    for (uint32_t i = 0; i < state->retrier_count; i++) {
        const asl_retrier *retrier = &state->retriers[i];
        if (!engine_error_matches(retrier->error_equals, retrier->error_count, &s->failure)) {
            continue;
        }
        uint32_t attempts = scope->work->attempts ? scope->work->attempts[i] : 0;
        if (UNLIKELY(s->x->test)) {
            return retry_in_test(s, scope, i, ret_is_retried);
        }
        if (attempts >= retrier->attempts_max) {
            return STATUS_OK;
        }
        TRY(schedule(s, scope, state, i));
        *ret_is_retried = true;
        return STATUS_OK;
    }
    return STATUS_OK;
}
