/* gait jsonpath: evaluate a JSONPath as AWS does, once or for a line of requests each. */
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/requests.h"

#include "expr/jsonpath/jsonpath.h"

#include <stdio.h>

static const char help[] =
    "usage: gait jsonpath [--input FILE] PATH\n"
    "       gait jsonpath --jsonl\n"
    "\n"
    "Evaluates a JSONPath of Step Functions and prints the result as compact JSON.\n"
    "\n"
    "  --input FILE   the JSON that $ stands for; standard input without it, or with -\n"
    "  --jsonl        standard input has one request a line,\n"
    "                     {\"id\": ..., \"path\": \"$.a\", \"data\": ...}\n"
    "                 with \"context\" for $$ and \"variables\" for $name where they are used;\n"
    "                 each is answered by a line\n"
    "                     {\"id\": ..., \"result\": ...}  or\n"
    "                     {\"id\": ..., \"error\": {\"message\": \"...\"}}\n"
    "  --help\n"
    "\n"
    "Exit status: 0 done; 1 the path or the input is wrong, or the path leads nowhere (a message\n"
    "tells why); 2 wrong usage.\n";

static json variable_of(const void *variables, str name)
{
    return json_get(*(const json *)variables, name);
}

/* ----------------------------------------------------------------------------------- one path */

/* Tells what is wrong with the input as FILE:LINE:COLUMN, and with the path by the path. */
static bool evaluate_file(const char *input, const char *path_text, arena *a, json *ret_value)
{
    buf text;
    error err = {0};
    const jsonpath *path;
    expr_scope scope = {0};
    bool is_done = false;
    if (failed(jsonpath_compile(str_from_c(path_text), a, &path, &err))) {
        buf_init(&text, 0);
        fprintf(stderr, "gait jsonpath: %s:%u: %s\n", path_text, err.column, err.message);
    } else if (failed(cli_read_file(input, JSON_TEXT_BYTES_MAX, &text, &err))) {
        fprintf(stderr, "gait jsonpath: %s\n", err.message);
    } else if (failed(json_parse_into(buf_str(&text), a, &scope.input, &err))) {
        fprintf(stderr, "%s:%u:%u: %s\n", cli_input_name(input), err.line, err.column, err.message);
    } else if (failed(jsonpath_evaluate(path, &scope, a, ret_value, &err))) {
        fprintf(stderr, "gait jsonpath: %s\n", err.message);
    } else {
        is_done = true;
    }
    buf_clean_up(&text);
    return is_done;
}

static int run_once(const char *input, const char *path)
{
    arena a;
    json value;
    arena_init(&a, CLI_MEMORY_BYTES_MAX);
    bool is_done = evaluate_file(input, path, &a, &value) && cli_print_value("jsonpath", value);
    arena_clean_up(&a);
    return is_done ? 0 : 1;
}

/* --------------------------------------------------------------------------------------- lines */

static status answer_request(json request, arena *a, json *ret_value, error *reterr)
{
    const jsonpath *path;
    json path_text = json_get(request, STR("path"));
    json variables = json_get(request, STR("variables"));
    expr_scope scope = {.input = json_get(request, STR("data")),
                        .context = json_get(request, STR("context")),
                        .variable = variable_of,
                        .variables = &variables};
    if (!json_is(path_text, JSON_STRING)) {
        return fail(reterr, ERROR_TYPE, "a request must have a path, which is a string");
    }
    TRY(jsonpath_compile(json_str(path_text), a, &path, reterr));
    if (json_is_absent(scope.input) && jsonpath_root_of(path) == JSONPATH_INPUT) {
        return fail(reterr, ERROR_TYPE, "a request must have data");
    }
    return jsonpath_evaluate(path, &scope, a, ret_value, reterr);
}

static void answer(void *user, json request, const error *unreadable, arena *a,
                   json_object_builder *answered)
{
    (void)user;
    error err;
    json value;
    if (!unreadable && ok(answer_request(request, a, &value, &err))) {
        json_object_add(answered, STR("result"), value);
        return;
    }
    const error *why = unreadable ? unreadable : &err;
    json_object_builder details;
    json object = json_null();
    json_object_begin(&details, a, 1);
    json_object_add(&details, STR("message"),
                    cli_copy_text(str_from(why->message, why->length), a));
    status made = json_object_finish(&details, &object, NULL);
    json_object_add(answered, STR("error"), ok(made) ? object : json_null());
}

int cli_jsonpath(int argc, char **argv)
{
    cli_evaluation asked;
    int exit_status;
    if (!cli_read_evaluation("jsonpath", "PATH", help, false, argc, argv, &asked, &exit_status)) {
        return exit_status;
    }
    return asked.is_jsonl ? cli_answer_requests("jsonpath", CLI_MEMORY_BYTES_MAX, answer, NULL)
                          : run_once(asked.input, asked.expression);
}
