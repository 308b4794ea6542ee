/* POST evaluate: an expression of one of the three languages, for the playground. It is evaluated
 * beside the loop, with a limit on its time and memory. */
#include "api/console/console_call.h"

#include "expr/intrinsic/intrinsic.h"
#include "expr/jsonata/jsonata.h"
#include "net/work.h"

#include <stdlib.h>
#include <time.h>

/* Owns its memory: the call may be dropped while the thread works. */
typedef struct evaluation {
    api_call *call; /* NULL: dropped */
    arena memory;
    str language, expression;
    json data, variables; /* in memory */
    entropy random;
    int64_t now_ms, deadline_ms;
    status result;
    json value;
    jsonata_fault fault;
    error err;
} evaluation;

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_out_of_time(void *user)
{
    return clock_ms() > ((evaluation *)user)->deadline_ms;
}

/* ---------------------------------------------------------------------------------- in the thread
 */

/* $states.input is the data, too: most expressions of a workflow begin with it. */
static json variable_of(const void *user, str name)
{
    const evaluation *e = user;
    json given = json_get(e->variables, name);
    return json_is_absent(given) && str_equal(name, STR("states"))
               ? json_get(e->variables, STR("$states"))
               : given;
}

static status add_states(evaluation *e, error *reterr)
{
    json_object_builder b;
    json states;
    json_object_begin(&b, &e->memory, 2);
    json_object_add(&b, STR("input"), e->data);
    json_object_add(&b, STR("context"), json_empty_object());
    TRY(json_object_finish(&b, &states, reterr));
    return json_object_with(&e->memory, e->variables, json_literal("$states"), states,
                            &e->variables, reterr);
}

static status evaluate_jsonata(evaluation *e, const expr_scope *scope, error *reterr)
{
    const jsonata *program;
    jsonata_options options = {.is_out_of_time = is_out_of_time, .user = e};
    TRY(jsonata_compile(e->expression, JSONATA_AWS, &e->memory, &program, &e->fault, reterr));
    return jsonata_evaluate(program, scope, &options, &e->memory, &e->value, &e->fault, reterr);
}

static status evaluate_path(evaluation *e, const expr_scope *scope, error *reterr)
{
    const jsonpath *path;
    TRY(jsonpath_compile(e->expression, &e->memory, &path, reterr));
    return jsonpath_evaluate(path, scope, &e->memory, &e->value, reterr);
}

static status evaluate_intrinsic(evaluation *e, const expr_scope *scope, error *reterr)
{
    const intrinsic *function;
    TRY(intrinsic_compile(e->expression, &e->memory, &function, reterr));
    return intrinsic_evaluate(function, scope, &e->memory, &e->value, reterr);
}

static const struct {
    const char *name, *error_name;
    status (*evaluate)(evaluation *e, const expr_scope *scope, error *reterr);
} languages[] = {
    {"jsonata", "States.QueryEvaluationError", evaluate_jsonata},
    {"jsonpath", "States.ParameterPathFailure", evaluate_path},
    {"intrinsic", "States.IntrinsicFailure", evaluate_intrinsic},
};

static size_t language_row(str name)
{
    size_t row = 0;
    while (row < ARRAY_LENGTH(languages) && !str_equal(name, str_from_c(languages[row].name))) {
        row++;
    }
    return row;
}

static void work(void *user)
{
    evaluation *e = user;
    const expr_scope scope = {.input = e->data,
                              .context = json_empty_object(),
                              .variable = variable_of,
                              .variables = e,
                              .now_ms = e->now_ms,
                              .random = &e->random,
                              .is_out_of_time = is_out_of_time,
                              .user = e};
    e->deadline_ms = clock_ms() + CONSOLE_EVALUATION_MS_MAX;
    e->result = add_states(e, &e->err);
    if (ok(e->result)) {
        e->result = languages[language_row(e->language)].evaluate(e, &scope, &e->err);
    }
}

/* ------------------------------------------------------------------------------------- in the loop
 */

static status make_error(const evaluation *e, arena *a, json *ret_error, error *reterr)
{
    json_object_builder b;
    str name = str_from_c(languages[language_row(e->language)].error_name);
    str message = e->err.id[0] ? arena_printf(a, "%s: %s", e->err.id, e->err.message)
                               : arena_str(a, str_from_c(e->err.message));
    if (!message.ptr) {
        return fail_memory(reterr);
    }
    json_object_begin(&b, a, 3);
    json_object_add(&b, STR("name"), json_from_str(name));
    json_object_add(&b, STR("message"), json_from_str(message));
    if (e->fault.position >= 0) {
        json_object_add(&b, STR("position"), json_from_int64(e->fault.position));
    }
    return json_object_finish(&b, ret_error, reterr);
}

static status make_answer(const evaluation *e, arena *a, json *ret_output, error *reterr)
{
    json_object_builder b;
    json failure;
    json_object_begin(&b, a, 1);
    if (failed(e->result)) {
        TRY(make_error(e, a, &failure, reterr));
        json_object_add(&b, STR("error"), failure);
    } else if (json_is_absent(e->value)) {
        json_object_add(&b, STR("isUndefined"), json_boolean(true));
    } else {
        json_object_add(&b, STR("result"), e->value);
    }
    return json_object_finish(&b, ret_output, reterr);
}

static void free_evaluation(evaluation *e)
{
    arena_clean_up(&e->memory);
    free(e);
}

static void done(void *user)
{
    evaluation *e = user;
    json output;
    error err;
    if (e->call) {
        api_call *call = e->call;
        call->abandon = NULL;
        if (failed(make_answer(e, &call->memory, &output, &err))) {
            api_fail(call, &err);
        } else {
            api_answer(call, output);
        }
    }
    free_evaluation(e);
}

static void abandon(api_call *call)
{
    ((evaluation *)call->state)->call = NULL;
}

static status begin(api_call *call, evaluation *e, error *reterr)
{
    json variables = json_get(call->input, STR("variables"));
    e->language = arena_str(&e->memory, api_text(call, "language"));
    e->expression = arena_str(&e->memory, api_text(call, "expression"));
    if (!e->language.ptr || !e->expression.ptr) {
        return fail_memory(reterr);
    }
    TRY(json_copy(json_get(call->input, STR("data")), &e->memory, &e->data, reterr));
    TRY(json_copy(json_is(variables, JSON_OBJECT) ? variables : json_empty_object(), &e->memory,
                  &e->variables, reterr));
    return net_work_start(call->api->options.loop, work, done, e, reterr);
}

void console_api_evaluate(console_api *c, api_call *call, const net_http_request *request)
{
    (void)c;
    error err;
    if (!console_api_demand(call, request, STR("TestState"), "", STR_NONE)) {
        return;
    }
    if (request->body.len > CONSOLE_BODY_BYTES_MAX) {
        api_refuse(call, "ValidationException", "The request has more than %u bytes",
                   CONSOLE_BODY_BYTES_MAX);
        return;
    }
    if (language_row(api_text(call, "language")) == ARRAY_LENGTH(languages) ||
        !json_is(json_get(call->input, STR("expression")), JSON_STRING)) {
        api_refuse(call, "ValidationException",
                   "language is jsonata, jsonpath or intrinsic, and expression is a text");
        return;
    }
    evaluation *e = calloc(1, sizeof(*e));
    if (!e) {
        (void)fail_memory(&err).code;
        api_fail(call, &err);
        return;
    }
    *e = (evaluation){.call = call,
                      .now_ms = call->now_ms,
                      .random = entropy_branch(&call->api->random),
                      .fault = {.position = -1}};
    arena_init(&e->memory, CONSOLE_MEMORY_BYTES_MAX);
    call->state = e;
    if (failed(begin(call, e, &err))) {
        call->state = NULL;
        free_evaluation(e);
        api_fail(call, &err);
        return;
    }
    call->abandon = abandon;
}
