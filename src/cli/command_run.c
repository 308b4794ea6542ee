/* gait run: one execution of a definition, here and now, without a server. */
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/findings.h"
#include "cli/input.h"
#include "cli/limits_setting.h"
#include "cli/tree.h"
#include "cli/usage.h"

#include "base/digest.h"
#include "net/signals.h"
#include "runtime/children.h"
#include "runtime/dispatch.h"
#include "runtime/mocks.h"
#include "runtime/names.h"
#include "runtime/run.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define INPUT_BYTES_MAX                                                                            \
    (128u << 20) /* read, to be refused with AWS's own words if past 256 KiB                       \
                  */
#define REDRAW_MS 100
#define ACCOUNT "123456789012"

static const char help[] =
    "usage: gait run DEFINITION [OPTION...]\n"
    "\n"
    "Runs a workflow (an Amazon States Language file, or - for standard input) from start to end\n"
    "and prints its output, one line of JSON. On a terminal the states are shown live on standard\n"
    "error.\n"
    "\n"
    "  --input JSON|@FILE|-   the execution's input: JSON text, a file, or standard input ({})\n"
    "  --functions DIR        local Lambda functions, one folder each (functions/ beside "
    "DEFINITION)\n"
    "  --data DIR             where topics, logs and what local services keep go (.gait)\n"
    "  --config FILE          JSON file with the settings of tasks and limits\n"
    "                         (docs/configuration.md)\n"
    "  --aws-models FILE      the AWS service models; without it, aws-models beside the program "
    "or\n"
    "                         in ../share/gait\n"
    "  --mock FILE            a mock configuration (docs/mocks.md); SFN_MOCK_CONFIG names it, too\n"
    "  --test-case NAME       its test case: tasks that it mocks are not called\n"
    "  --type TYPE            STANDARD or EXPRESS (STANDARD)\n"
    "  --name NAME            the execution's name (a UUID)\n"
    "  --virtual-time         waits, retries and timeouts pass at once; functions really run\n"
    "  --history FILE|-       write the history as GetExecutionHistory returns it; with - it is "
    "the\n"
    "                         first line on standard output, and the output the second\n"
    "  --quiet                no live view, no warnings\n"
    "  --help\n"
    "\n"
    "Exit status: 0 succeeded; 1 failed, timed out or stopped, with "
    "{\"status\",\"error\",\"cause\"} as\n"
    "JSON on standard error; 2 wrong usage or definition. Ctrl-C stops the execution\n"
    "(ExecutionAborted). AWS_REGION sets the region of the ARNs; GAIT_FUNCTIONS, GAIT_DATA,\n"
    "GAIT_CONFIG, GAIT_AWS_MODELS and GAIT_MOCK stand for the options of these names. NO_COLOR\n"
    "leaves the colours out.\n";

typedef struct run_options {
    const char *definition, *input, *functions, *data, *config, *aws_models, *name, *history, *mock,
        *test_case;
    const char *type;
    bool is_express, is_virtual_time, is_quiet;
} run_options;

/* All that a run holds on to, freed in one place. */
typedef struct run_command {
    run_options options;
    buf definition, input, functions_folder, mock;
    json_doc *config_doc;
    json config; /* absent without --config */
    arena texts;
    engine_identity identity;
    asl_diagnostics diagnostics;
    const asl_machine *machine;
    net_loop *loop;
    integrations *tasks;
    net_signal *interrupt, *terminate;
    net_timer *redraw;
    tree *view;
    FILE *history;
    bool has_history_events;
    arena event_memory;
    buf event_text;
    dispatch *tasks_in_flight;
    mocks *mocks; /* NULL without a test case */
    runtime_run *run;
} run_command;

/* ------------------------------------------------------------------------------------- options */

enum { OPTION_FIRST = 1000, OPTION_HELP = 2000 };

/* Options with a text, and switches, by where they are kept. */
static const struct {
    const char *name;
    bool is_switch;
    size_t place; /* in run_options */
    const char *variable;
} plain_options[] = {
    {"input", false, offsetof(run_options, input), NULL},
    {"functions", false, offsetof(run_options, functions), "GAIT_FUNCTIONS"},
    {"data", false, offsetof(run_options, data), "GAIT_DATA"},
    {"config", false, offsetof(run_options, config), "GAIT_CONFIG"},
    {"aws-models", false, offsetof(run_options, aws_models), "GAIT_AWS_MODELS"},
    {"name", false, offsetof(run_options, name), NULL},
    {"history", false, offsetof(run_options, history), NULL},
    {"mock", false, offsetof(run_options, mock), "GAIT_MOCK"},
    {"test-case", false, offsetof(run_options, test_case), NULL},
    {"type", false, offsetof(run_options, type), NULL},
    {"virtual-time", true, offsetof(run_options, is_virtual_time), NULL},
    {"quiet", true, offsetof(run_options, is_quiet), NULL},
};

static void read_variables(run_options *o)
{
    for (size_t i = 0; i < ARRAY_LENGTH(plain_options); i++) {
        const char *value = plain_options[i].variable ? getenv(plain_options[i].variable) : NULL;
        if (value && *value) {
            memcpy((char *)o + plain_options[i].place, &value, sizeof(value));
        }
    }
}

/* 0, OPTION_HELP, or the exit status after telling what is wrong. */
static int read_options(int argc, char **argv, run_options *o)
{
    struct option known[ARRAY_LENGTH(plain_options) + 2] = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(plain_options); i++) {
        known[i] = (struct option){plain_options[i].name,
                                   plain_options[i].is_switch ? no_argument : required_argument,
                                   NULL, OPTION_FIRST + (int)i};
    }
    known[ARRAY_LENGTH(plain_options)] = (struct option){"help", no_argument, NULL, 'h'};
    optind = 0;
    opterr = 0;
    for (int found; (found = getopt_long(argc, argv, CLI_SHORT_OPTIONS, known, NULL)) != -1;) {
        if (found == 'h') {
            return OPTION_HELP;
        }
        if (found < OPTION_FIRST) {
            return cli_wrong_option("run", argv, found);
        }
        char *place = (char *)o + plain_options[found - OPTION_FIRST].place;
        if (plain_options[found - OPTION_FIRST].is_switch) {
            *(bool *)place = true;
        } else {
            *(const char **)place = optarg;
        }
    }
    return 0;
}

static int parse_options(int argc, char **argv, run_options *ret_options)
{
    run_options o = {
        .input = "{}", .data = ".gait", .type = "STANDARD", .mock = getenv("SFN_MOCK_CONFIG")};
    read_variables(&o);
    int wrong = read_options(argc, argv, &o);
    if (wrong == OPTION_HELP) {
        fputs(help, stdout);
    }
    if (wrong) {
        return wrong;
    }
    o.is_express = strcmp(o.type, "EXPRESS") == 0;
    if (!o.is_express && strcmp(o.type, "STANDARD") != 0) {
        return cli_wrong_usage("run", "--type is STANDARD or EXPRESS, not '%s'", o.type);
    }
    if (argc - optind != 1) {
        return cli_wrong_count("run", "DEFINITION", argc - optind);
    }
    if (o.test_case && !o.mock) {
        return cli_wrong_usage("run", "--test-case wants --mock FILE, which has it");
    }
    o.definition = argv[optind];
    *ret_options = o;
    return 0;
}

/* --------------------------------------------------------------------------------------- events */

static void write_history(run_command *c, const engine_event *events, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        json object;
        error err;
        arena_reset(&c->event_memory);
        buf_reset(&c->event_text);
        if (failed(engine_event_to_json(&events[i], c->machine, true, &c->event_memory, &object,
                                        &err))) {
            fprintf(stderr, "gait run: history: %s\n", err.message);
            return;
        }
        json_print(object, &c->event_text);
        fputs(c->has_history_events ? "," : "{\"events\":[", c->history);
        fwrite(c->event_text.ptr, 1, c->event_text.len, c->history);
        c->has_history_events = true;
    }
}

static void on_events(void *user, const engine_event *events, uint32_t count)
{
    run_command *c = user;
    if (c->history) {
        write_history(c, events, count);
    }
    if (c->view) {
        tree_add(c->view, events, count);
    }
}

static void on_redraw(void *user)
{
    run_command *c = user;
    tree_draw(c->view, runtime_run_now_ms(c->run));
}

static void on_interrupt(void *user)
{
    run_command *c = user;
    runtime_run_stop(c->run);
}

/* ---------------------------------------------------------------------------------------- set-up
 */

/* The folder that was named, or functions/ beside the definition. */
static str functions_folder(run_command *c)
{
    str configured = cli_config_functions_folder(c->config);
    if (c->options.functions || configured.ptr) {
        return c->options.functions ? str_from_c(c->options.functions) : configured;
    }
    str path = str_from_c(c->options.definition);
    size_t slash = str_find_last_char(path, '/');
    buf_init(&c->functions_folder, 4096);
    buf_add_str(&c->functions_folder,
                slash == STR_NOT_FOUND ? STR_NONE : str_take(path, slash + 1));
    buf_add_literal(&c->functions_folder, "functions");
    return buf_str(&c->functions_folder);
}

static status read_input(run_command *c, error *reterr)
{
    const char *input = c->options.input;
    if (strcmp(input, "-") == 0) {
        return cli_read_file("-", INPUT_BYTES_MAX, &c->input, reterr);
    }
    if (input[0] == '@') {
        return cli_read_file(input + 1, INPUT_BYTES_MAX, &c->input, reterr);
    }
    buf_init(&c->input, INPUT_BYTES_MAX);
    buf_add_str(&c->input, str_from_c(input));
    return buf_status(&c->input, reterr);
}

/* For messages about its text. */
static const char *input_name(const char *input)
{
    return input[0] == '@' ? input + 1 : strcmp(input, "-") == 0 ? cli_input_name(input) : "input";
}

static status make_integrations(run_command *c, const engine_identity *identity, error *reterr)
{
    const char *models = c->options.aws_models, *functions = c->options.functions;
    if (models && access(models, R_OK) != 0) {
        return fail(reterr, ERROR_IO, "--aws-models: %s: %s", models, strerror(errno));
    }
    if (functions && access(functions, R_OK | X_OK) != 0) {
        return fail(reterr, ERROR_IO, "--functions: %s: %s", functions, strerror(errno));
    }
    if (c->options.config) {
        TRY(cli_config_read(c->options.config, &c->config_doc, &c->config, reterr));
    }
    TRY(cli_limits_read(json_get(c->config, STR("limits")), &c->identity.limits, reterr));
    integrations_options options = {
        .loop = c->loop,
        .functions_folder = functions_folder(c),
        .data_folder = str_from_c(c->options.data),
        .config = c->config,
        .account = identity->account,
        .region = identity->region,
        .aws_models = str_from_c(models),
    };
    return integrations_new(&options, &c->tasks, reterr);
}

/* Here nobody can send a task token back, nor poll an activity. */
static status check_resource(void *user, const asl_resource *resource, error *reterr)
{
    if (resource->kind == ASL_RESOURCE_ACTIVITY) {
        return fail(reterr, ERROR_UNSUPPORTED,
                    "an activity needs workers that poll a server: `gait run` has none");
    }
    if (children_are_started_by(resource)) {
        return fail(reterr, ERROR_UNSUPPORTED,
                    "states:startExecution needs a server that has the other state machine: "
                    "`gait serve` does it, `gait run` runs one execution");
    }
    if (resource->pattern == ASL_WAIT_FOR_TASK_TOKEN) {
        return fail(
            reterr, ERROR_UNSUPPORTED,
            ".waitForTaskToken needs a server to send the token back to: `gait run` has none");
    }
    return dispatch_check_resource(user, resource, reterr);
}

/* ARNs as AWS builds them; the state machine is named after its file. */
static status make_identity(run_command *c, engine_identity *ret_identity, error *reterr)
{
    unsigned char random[16];
    char uuid[UUID_TEXT_SIZE];
    if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
        return fail(reterr, ERROR_IO, "the system gives no random bytes");
    }
    str name = c->options.name ? str_from_c(c->options.name) : uuid_from_entropy(random, uuid);
    if (!runtime_name_is_valid(name)) {
        return fail(reterr, ERROR_INVALID,
                    "--name: '%.*s' is not a name of 1 to 80 characters as AWS allows",
                    STR_ARG(str_take(name, 100)));
    }
    str machine = str_from_c(c->options.definition);
    size_t slash = str_find_last_char(machine, '/');
    machine = slash == STR_NOT_FOUND ? machine : str_skip(machine, slash + 1);
    size_t dot = str_find_char(machine, '.');
    machine = str_take(machine, dot == STR_NOT_FOUND || dot == 0 ? machine.len : dot);
    machine = runtime_name_is_valid(machine) ? machine : STR("workflow");
    const char *region = getenv("AWS_REGION");
    region = region && *region ? region : "us-east-1";
    engine_identity identity = {
        .execution_name = arena_str(&c->texts, name),
        .execution_arn = arena_printf(&c->texts, "arn:aws:states:%s:" ACCOUNT ":%s:%.*s:%.*s",
                                      region, c->options.is_express ? "express" : "execution",
                                      STR_ARG(machine), STR_ARG(name)),
        .machine_arn = arena_printf(&c->texts, "arn:aws:states:%s:" ACCOUNT ":stateMachine:%.*s",
                                    region, STR_ARG(machine)),
        .machine_name = arena_str(&c->texts, machine),
        .role_arn = STR("arn:aws:iam::" ACCOUNT ":role/gait"),
        .region = str_from_c(region),
        .account = STR(ACCOUNT),
        .is_express = c->options.is_express,
    };
    if (!identity.execution_name.ptr || !identity.execution_arn.ptr || !identity.machine_arn.ptr ||
        !identity.machine_name.ptr) {
        return fail_memory(reterr);
    }
    *ret_identity = identity;
    return STATUS_OK;
}

/* One that can be drawn upon: an editor's shell and the like call themselves dumb. */
static bool is_live_terminal(void)
{
    const char *name = getenv("TERM");
    return isatty(STDERR_FILENO) && !(name && strcmp(name, "dumb") == 0);
}

static status open_views(run_command *c, error *reterr)
{
    if (c->options.history) {
        bool is_stdout = strcmp(c->options.history, "-") == 0;
        c->history = is_stdout ? stdout : fopen(c->options.history, "w");
        if (!c->history) {
            return fail(reterr, ERROR_IO, "--history: %s: %s", c->options.history, strerror(errno));
        }
    }
    if (!c->options.is_quiet && is_live_terminal()) {
        /* https://no-color.org: any text but an empty one */
        const char *no_color = getenv("NO_COLOR");
        TRY(tree_new(stderr, !no_color || !*no_color, c->machine, &c->view, reterr));
        TRY(net_timer_new(c->loop, on_redraw, c, &c->redraw, reterr));
        net_timer_start(c->redraw, REDRAW_MS, REDRAW_MS);
    }
    TRY(net_signal_new(c->loop, SIGINT, on_interrupt, c, &c->interrupt, reterr));
    return net_signal_new(c->loop, SIGTERM, on_interrupt, c, &c->terminate, reterr);
}

/* What a test case does not mock must be a task that can be called here. */
static status check_unmocked(run_command *c, str test_case, error *reterr)
{
    for (uint32_t i = 0; i < c->machine->state_count; i++) {
        const asl_state *state = &c->machine->states[i];
        error err;
        if (state->type == ASL_TASK &&
            !mocks_has_state(c->mocks, c->identity.machine_name, test_case, state->name) &&
            failed(check_resource(c->tasks, &state->as.task.resource, &err))) {
            return fail(reterr, err.code, "the test case does not mock the state '%.*s': %s",
                        STR_ARG(state->name), err.message);
        }
    }
    return STATUS_OK;
}

/* Nobody sends it back: the mock answers. */
static str mocked_token(const void *user, uint64_t task_id, arena *a)
{
    (void)user;
    return arena_printf(a, "mocked-task-token-%llu", (unsigned long long)task_id);
}

static status open_mocks(run_command *c, runtime_tasks *tasks, str *ret_extra, error *reterr)
{
    str test_case = str_from_c(c->options.test_case);
    if (!test_case.ptr) {
        return STATUS_OK;
    }
    TRY(cli_read_file(c->options.mock, INPUT_BYTES_MAX, &c->mock, reterr));
    status read = mocks_new(buf_str(&c->mock), NULL, *tasks, &c->mocks, reterr);
    if (failed(read) && reterr->line) {
        fprintf(stderr, "%s:%u:%u: ", c->options.mock, reterr->line, reterr->column);
    }
    TRY(read);
    TRY(mocks_check_case(c->mocks, c->identity.machine_name, test_case, c->machine, reterr));
    TRY(check_unmocked(c, test_case, reterr));
    json_object_builder b;
    json extra;
    json_object_begin(&b, &c->texts, 1);
    json_object_add(&b, MOCKS_TEST_CASE, json_from_str(test_case));
    TRY(json_object_finish(&b, &extra, reterr));
    *ret_extra = json_text(extra, &c->texts);
    *tasks = mocks_tasks(c->mocks);
    c->identity.task_token = mocked_token;
    return ret_extra->ptr ? STATUS_OK : fail_memory(reterr);
}

static status prepare(run_command *c, error *reterr)
{
    TRY(cli_read_file(c->options.definition, DEFINITION_BYTES_MAX, &c->definition, reterr));
    TRY(read_input(c, reterr));
    TRY(make_identity(c, &c->identity, reterr));
    TRY(net_loop_new(&c->loop, reterr));
    TRY(make_integrations(c, &c->identity, reterr));
    asl_options asl = {.is_express = c->options.is_express,
                       .check_resource = c->options.test_case ? NULL : check_resource,
                       .check_arguments = c->options.test_case ? NULL : dispatch_check_arguments,
                       .user = c->tasks};
    status s = asl_compile(buf_str(&c->definition), &asl, &c->machine, &c->diagnostics, reterr);
    cli_print_findings(stderr, cli_input_name(c->options.definition), &c->diagnostics,
                       !c->options.is_quiet);
    TRY(s);
    TRY(open_views(c, reterr));
    TRY(dispatch_new(c->tasks, &c->tasks_in_flight, reterr));
    runtime_tasks tasks = dispatch_tasks(c->tasks_in_flight);
    str extra = STR_NONE;
    TRY(open_mocks(c, &tasks, &extra, reterr));
    runtime_run_options run = {
        .machine = c->machine,
        .identity = &c->identity,
        .input = buf_str(&c->input),
        .is_virtual_time = c->options.is_virtual_time,
        .loop = c->loop,
        .tasks = tasks,
        .extra = extra,
        .on_events = on_events,
        .user = c,
    };
    if (getrandom(&run.entropy, sizeof(run.entropy), 0) != sizeof(run.entropy)) {
        return fail(reterr, ERROR_IO, "the system gives no random bytes");
    }
    status made = runtime_run_new(&run, &c->run, reterr);
    if (made.code == ERROR_SYNTAX) {
        fprintf(stderr, "%s:%u:%u: ", input_name(c->options.input), reterr->line, reterr->column);
    }
    return made;
}

static void clean_up(run_command *c)
{
    runtime_run_free(c->run);
    mocks_free(c->mocks);
    dispatch_free(c->tasks_in_flight);
    tree_free(c->view);
    net_timer_free(c->redraw);
    net_signal_free(c->interrupt);
    net_signal_free(c->terminate);
    integrations_free(c->tasks);
    net_loop_free(c->loop);
    asl_machine_release(c->machine);
    asl_diagnostics_clean_up(&c->diagnostics);
    json_doc_release(c->config_doc);
    arena_clean_up(&c->texts);
    arena_clean_up(&c->event_memory);
    buf_clean_up(&c->event_text);
    buf_clean_up(&c->functions_folder);
    buf_clean_up(&c->definition);
    buf_clean_up(&c->mock);
    buf_clean_up(&c->input);
}

/* --------------------------------------------------------------------------------------- results
 */

static int print_result(const runtime_result *result)
{
    buf text;
    buf_init(&text, JSON_TEXT_BYTES_MAX);
    if (result->outcome == ENGINE_SUCCEEDED) {
        json_print(json_doc_root(result->output), &text);
        buf_add_char(&text, '\n');
        fwrite(text.ptr, 1, text.len, stdout);
    } else {
        json members[] = {json_from_str(str_from_c(engine_outcome_name(result->outcome))),
                          result->error.ptr ? json_from_str(result->error) : json_null(),
                          result->cause.ptr ? json_from_str(result->cause) : json_null()};
        static const char *const names[] = {"{\"status\":", ",\"error\":", ",\"cause\":"};
        for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
            buf_add_str(&text, str_from_c(names[i]));
            json_print(members[i], &text);
        }
        buf_add_literal(&text, "}\n");
        fwrite(text.ptr, 1, text.len, stderr);
    }
    buf_clean_up(&text);
    return result->outcome == ENGINE_SUCCEEDED ? 0 : 1;
}

/* False when what was written did not arrive (a full disk, a closed pipe). */
static bool close_history(run_command *c)
{
    if (!c->history) {
        return true;
    }
    fputs(c->has_history_events ? "]}\n" : "{\"events\":[]}\n", c->history);
    bool is_written = fflush(c->history) == 0 && !ferror(c->history);
    if (c->history != stdout) {
        is_written = fclose(c->history) == 0 && is_written;
    }
    c->history = NULL;
    if (!is_written) {
        fprintf(stderr, "gait run: the history could not be written to %s\n", c->options.history);
    }
    return is_written;
}

int cli_run(int argc, char **argv)
{
    run_command c = {0};
    int usage = parse_options(argc, argv, &c.options);
    if (usage) {
        return usage == OPTION_HELP ? 0 : usage;
    }
    error err = {0};
    runtime_result result = {0};
    asl_diagnostics_init(&c.diagnostics);
    arena_init(&c.texts, 0);
    arena_init(&c.event_memory, 0);
    buf_init(&c.event_text, JSON_TEXT_BYTES_MAX);
    int exit_status = 2;
    status s = prepare(&c, &err);
    if (failed(s)) {
        if (!c.diagnostics.error_count) {
            fprintf(stderr, "%s%s\n", err.line ? "" : "gait run: ", err.message);
        }
        goto done;
    }
    exit_status = 1;
    s = runtime_run_finish(c.run, &result, &err);
    if (c.view) {
        tree_finish(c.view, runtime_run_now_ms(c.run));
    }
    bool is_history_written = close_history(&c);
    if (failed(s)) {
        fprintf(stderr, "gait run: %s\n", err.message);
        goto done;
    }
    exit_status = print_result(&result);
    if (fflush(stdout) != 0 || !is_history_written) {
        exit_status = 1;
    }
done:
    close_history(&c);
    runtime_result_clean_up(&result);
    clean_up(&c);
    return exit_status;
}
