/* gait jsonata: evaluate a JSONata expression, once or for a line of requests each. */
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/requests.h"

#include "expr/jsonata/jsonata.h"

#include <math.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

static const char help[] =
    "usage: gait jsonata [--aws] [--input FILE] EXPRESSION\n"
    "       gait jsonata [--aws] --jsonl\n"
    "\n"
    "Evaluates a JSONata expression and prints the result as compact JSON. A result that is\n"
    "undefined prints nothing.\n"
    "\n"
    "  --input FILE   the JSON that $ stands for; standard input without it, or with -;\n"
    "                 nothing at all leaves $ undefined\n"
    "  --aws          the dialect of Step Functions: with $partition, $range, $hash, "
    "$random(seed),\n"
    "                 $uuid and $parse, without $eval\n"
    "  --jsonl        standard input has one request a line,\n"
    "                     {\"id\": ..., \"expr\": \"a.b\", \"data\": ...}\n"
    "                 without data, $ is undefined. Optional are \"bindings\" (an object of\n"
    "                 variables), \"timelimit\" (milliseconds) and \"depth\" (nested "
    "evaluations).\n"
    "                 Each is answered by a line\n"
    "                     {\"id\": ..., \"result\": ...}  or\n"
    "                     {\"id\": ..., \"undefined\": true}  or\n"
    "                     {\"id\": ..., \"error\": {\"code\": ..., \"token\": ..., \"position\": "
    "...,\n"
    "                      \"message\": ...}}\n"
    "  --help\n"
    "\n"
    "Exit status: 0 done; 1 the expression or the input is wrong (a message tells why); 2 wrong\n"
    "usage.\n";

static json variable_of(const void *variables, str name)
{
    return json_get(*(const json *)variables, name);
}

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_past_deadline(void *user)
{
    const int64_t *deadline_ms = user;
    return clock_ms(CLOCK_MONOTONIC) > *deadline_ms;
}

/* A seed for $random; time will do where the system has no randomness yet. */
static entropy new_entropy(void)
{
    entropy e = {.state = (uint64_t)clock_ms(CLOCK_REALTIME)}, seed;
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == (ssize_t)sizeof(seed)) {
        e = seed;
    }
    return e;
}

/* ------------------------------------------------------------------------------ one expression */

/* Tells what is wrong with the input as FILE:LINE:COLUMN, and with the expression by its code. */
static bool evaluate_file(const char *input, const char *expression, jsonata_dialect dialect,
                          arena *a, json *ret_value)
{
    buf text;
    error err = {0};
    const jsonata *program;
    entropy random = new_entropy();
    expr_scope scope = {.now_ms = clock_ms(CLOCK_REALTIME), .random = &random};
    bool is_done = false;
    if (failed(jsonata_compile(str_from_c(expression), dialect, a, &program, NULL, &err))) {
        buf_init(&text, 0);
        fprintf(stderr, "gait jsonata: %s: %s (at column %u)\n", err.id, err.message, err.column);
    } else if (failed(cli_read_file(input, JSON_TEXT_BYTES_MAX, &text, &err))) {
        fprintf(stderr, "gait jsonata: %s\n", err.message);
    } else if (text.len && failed(json_parse_into(buf_str(&text), a, &scope.input, &err))) {
        fprintf(stderr, "%s:%u:%u: %s\n", cli_input_name(input), err.line, err.column, err.message);
    } else if (failed(jsonata_evaluate(program, &scope, NULL, a, ret_value, NULL, &err))) {
        fprintf(stderr, "gait jsonata: %s: %s\n", err.id, err.message);
    } else {
        is_done = true;
    }
    buf_clean_up(&text);
    return is_done;
}

static int run_once(const char *input, const char *expression, jsonata_dialect dialect)
{
    arena a;
    json value = {0};
    arena_init(&a, 0);
    bool is_done =
        evaluate_file(input, expression, dialect, &a, &value) && cli_print_value("jsonata", value);
    arena_clean_up(&a);
    return is_done ? 0 : 1;
}

/* --------------------------------------------------------------------------------------- lines */

static status read_request(json request, jsonata_options *ret_options, int64_t *ret_deadline_ms,
                           error *reterr)
{
    json limit = json_get(request, STR("timelimit")), depth = json_get(request, STR("depth"));
    if (!json_is(json_get(request, STR("expr")), JSON_STRING)) {
        return fail(reterr, ERROR_TYPE, "a request must have an expr, which is a string");
    }
    if (json_double(limit) >= 0) { /* false for what is no number */
        *ret_deadline_ms = clock_ms(CLOCK_MONOTONIC) + (int64_t)fmin(json_double(limit), 1e12);
        ret_options->is_out_of_time = is_past_deadline;
        ret_options->user = ret_deadline_ms;
    }
    if (json_double(depth) >= 1) {
        ret_options->depth_max = (uint32_t)fmin(json_double(depth), 1e9);
    }
    return STATUS_OK;
}

static status answer_request(json request, jsonata_dialect dialect, entropy *random, arena *a,
                             json *ret_value, jsonata_fault *ret_fault, error *reterr)
{
    const jsonata *program;
    jsonata_options options = {0};
    int64_t deadline_ms = 0;
    json bindings = json_get(request, STR("bindings"));
    const expr_scope scope = {.input = json_get(request, STR("data")),
                              .variable = variable_of,
                              .variables = &bindings,
                              .now_ms = clock_ms(CLOCK_REALTIME),
                              .random = random};
    TRY(read_request(request, &options, &deadline_ms, reterr));
    json expression = json_get(request, STR("expr"));
    TRY(jsonata_compile(json_str(expression), dialect, a, &program, ret_fault, reterr));
    return jsonata_evaluate(program, &scope, &options, a, ret_value, ret_fault, reterr);
}

static json error_object(const jsonata_fault *fault, const error *err, arena *a)
{
    json_object_builder b;
    json object;
    json_object_begin(&b, a, 4);
    if (err->id[0]) {
        json_object_add(&b, STR("code"), cli_copy_text(str_from_c(err->id), a));
    }
    if (fault->has_token) {
        json_object_add(&b, STR("token"), cli_copy_text(str_from_c(fault->token), a));
    }
    if (fault->position >= 0) {
        json_object_add(&b, STR("position"), json_from_int64(fault->position));
    }
    json_object_add(&b, STR("message"), cli_copy_text(str_from(err->message, err->length), a));
    return ok(json_object_finish(&b, &object, NULL)) ? object : json_null();
}

typedef struct jsonl {
    jsonata_dialect dialect;
    entropy random;
} jsonl;

static void answer(void *user, json request, const error *unreadable, arena *a,
                   json_object_builder *answered)
{
    jsonl *asked = user;
    error err;
    json value = {0};
    jsonata_fault fault = {.position = -1};
    status s = unreadable ? (status){unreadable->code}
                          : answer_request(request, asked->dialect, &asked->random, a, &value,
                                           &fault, &err);
    if (failed(s)) {
        const error *why = unreadable ? unreadable : &err;
        json_object_add(answered, STR("error"), error_object(&fault, why, a));
    } else if (json_is_absent(value)) {
        json_object_add(answered, STR("undefined"), json_boolean(true));
    } else {
        json_object_add(answered, STR("result"), value);
    }
}

int cli_jsonata(int argc, char **argv)
{
    cli_evaluation asked;
    int exit_status;
    if (!cli_read_evaluation("jsonata", "EXPRESSION", help, true, argc, argv, &asked,
                             &exit_status)) {
        return exit_status;
    }
    jsonata_dialect dialect = asked.is_aws ? JSONATA_AWS : JSONATA_REFERENCE;
    if (asked.is_jsonl) {
        jsonl lines = {dialect, new_entropy()};
        return cli_answer_requests("jsonata", 0, answer, &lines);
    }
    return run_once(asked.input, asked.expression, dialect);
}
