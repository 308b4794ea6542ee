#include "embed/result.h"

#include <stdlib.h>

struct gait_result {
    engine_outcome outcome;
    char *output, *error, *cause; /* owned; NULL when not set */
};

/* NULL for no text, and when out of memory. */
static char *owned_text(str text)
{
    return text.ptr ? str_duplicate(text) : NULL;
}

status embed_result_new(engine_outcome outcome, json output, str output_text, str error_name,
                        str cause, gait_result **ret_result, error *reterr)
{
    gait_result *result = calloc(1, sizeof(*result));
    arena a;
    arena_init(&a, 0);
    bool has_output = outcome == ENGINE_SUCCEEDED;
    if (has_output && !output_text.ptr) {
        output_text = json_text(output, &a);
    }
    bool is_made = result && (!has_output || output_text.ptr);
    if (is_made) {
        result->outcome = outcome;
        result->output = has_output ? owned_text(output_text) : NULL;
        result->error = owned_text(error_name);
        result->cause = owned_text(cause);
        is_made = !result->output == !has_output && !result->error == !error_name.ptr &&
                  !result->cause == !cause.ptr;
    }
    arena_clean_up(&a);
    if (!is_made) {
        gait_result_free(result);
        return fail_memory(reterr);
    }
    *ret_result = result;
    return STATUS_OK;
}

const char *gait_result_status(const gait_result *result)
{
    return engine_outcome_name(result->outcome);
}

const char *gait_result_output(const gait_result *result)
{
    return result->output;
}

const char *gait_result_error(const gait_result *result)
{
    return result->error;
}

const char *gait_result_cause(const gait_result *result)
{
    return result->cause;
}

void gait_result_free(gait_result *result)
{
    if (result) {
        free(result->output);
        free(result->error);
        free(result->cause);
        free(result);
    }
}
