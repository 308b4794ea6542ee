/* gait validate: definitions checked as ValidateStateMachineDefinition checks them. */
#include "cli/commands.h"
#include "cli/findings.h"
#include "cli/input.h"
#include "cli/usage.h"

#include "asl/asl.h"

#include <getopt.h>
#include <stdio.h>

/* Past AWS's own maximum, so that a longer one is refused by the compiler, in place. */
#define TEXT_BYTES_MAX (2 * (size_t)DEFINITION_BYTES_MAX)

static const char help[] =
    "usage: gait validate FILE... [--json] [--type STANDARD|EXPRESS] [--aws]\n"
    "\n"
    "Checks workflow definitions (Amazon States Language) as AWS does; - is standard input.\n"
    "Findings are told one a line: FILE:LINE:COLUMN: SEVERITY CODE MESSAGE (LOCATION).\n"
    "\n"
    "  --json         one line of JSON a file: {\"file\", \"result\": \"OK\" or \"FAIL\",\n"
    "                 \"diagnostics\": [{\"severity\", \"code\", \"message\", \"location\", "
    "\"line\",\n"
    "                 \"column\"}], \"truncated\"}\n"
    "  --type TYPE    the kind of workflow: STANDARD or EXPRESS (STANDARD)\n"
    "  --aws          refuse what only Gait accepts, such as short ARNs\n"
    "  --help\n"
    "\n"
    "Exit status: 0 no errors (there may be warnings); 1 errors; 2 wrong usage.\n";

typedef struct validate_options {
    asl_options asl;
    bool is_json;
} validate_options;

static const char *severity_name(asl_severity severity)
{
    return severity == ASL_ERROR ? "ERROR" : "WARNING";
}

static status diagnostic_to_json(const asl_diagnostic *item, arena *a, json *ret_object,
                                 error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, a, 6);
    json_object_add(&b, STR("severity"), json_from_str(str_from_c(severity_name(item->severity))));
    json_object_add(&b, STR("code"), json_from_str(str_from_c(item->code)));
    json_object_add(&b, STR("message"), json_from_str(item->message));
    if (item->location.len > 0) {
        json_object_add(&b, STR("location"), json_from_str(item->location));
    }
    json_object_add(&b, STR("line"), json_from_int64(item->line));
    json_object_add(&b, STR("column"), json_from_int64(item->column));
    return json_object_finish(&b, ret_object, reterr);
}

static status report_to_text(const char *file, const asl_diagnostics *d, arena *a, buf *text,
                             error *reterr)
{
    json list, report;
    json *items;
    TRY(json_array_new(a, d->count, &list, &items, reterr));
    for (uint32_t i = 0; i < d->count; i++) {
        TRY(diagnostic_to_json(&d->items[i], a, &items[i], reterr));
    }
    json_object_builder b;
    json_object_begin(&b, a, 4);
    json_object_add(&b, STR("file"), json_from_str(str_from_c(file)));
    json_object_add(&b, STR("result"),
                    d->error_count > 0 ? json_literal("FAIL") : json_literal("OK"));
    json_object_add(&b, STR("diagnostics"), list);
    json_object_add(&b, STR("truncated"), json_boolean(d->is_truncated));
    TRY(json_object_finish(&b, &report, reterr));
    json_print(report, text);
    return buf_status(text, reterr);
}

static status print_report(const char *file, const asl_diagnostics *d, error *reterr)
{
    arena a;
    buf text;
    arena_init(&a, 0);
    buf_init(&text, 256u << 20);
    status s = report_to_text(file, d, &a, &text, reterr);
    if (ok(s)) {
        printf("%.*s\n", STR_ARG(buf_str(&text)));
    }
    buf_clean_up(&text);
    arena_clean_up(&a);
    return s;
}

/* Returns whether the file is a valid definition. */
static bool validate_file(const char *path, const validate_options *o)
{
    const char *name = cli_input_name(path);
    const asl_machine *machine = NULL;
    asl_diagnostics d;
    error err = {0};
    buf text;
    bool is_valid = false;
    asl_diagnostics_init(&d);
    status s = cli_read_file(path, TEXT_BYTES_MAX, &text, &err);
    if (ok(s)) {
        s = asl_compile(buf_str(&text), &o->asl, &machine, &d, &err);
        is_valid = ok(s);
        if (ok(s) || s.code == ERROR_INVALID) {
            s = STATUS_OK;
            if (o->is_json) {
                s = print_report(name, &d, &err);
            } else {
                cli_print_findings(stdout, name, &d, true);
            }
        }
    }
    if (failed(s)) {
        fprintf(stderr, "gait validate: %s\n", err.message);
        is_valid = false;
    }
    asl_machine_release(machine);
    asl_diagnostics_clean_up(&d);
    buf_clean_up(&text);
    return is_valid;
}

/* 0 when the options are fine; otherwise *ret_status is the exit status. */
static bool read_options(int argc, char **argv, validate_options *o, int *ret_status)
{
    enum { JSON = 1, TYPE, AWS };
    static const struct option long_options[] = {
        {"json", no_argument, NULL, JSON},
        {"type", required_argument, NULL, TYPE},
        {"aws", no_argument, NULL, AWS},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    *ret_status = CLI_WRONG_USAGE;
    opterr = 0;
    for (int option;
         (option = getopt_long(argc, argv, CLI_SHORT_OPTIONS, long_options, NULL)) != -1;) {
        switch (option) {
        case JSON:
            o->is_json = true;
            break;
        case TYPE:
            o->asl.is_express = strcmp(optarg, "EXPRESS") == 0;
            if (!o->asl.is_express && strcmp(optarg, "STANDARD") != 0) {
                cli_wrong_usage("validate", "--type is STANDARD or EXPRESS, not '%s'", optarg);
                return false;
            }
            break;
        case AWS:
            o->asl.aws_only = true;
            break;
        case 'h':
            (void)fputs(help, stdout);
            *ret_status = 0;
            return false;
        default:
            *ret_status = cli_wrong_option("validate", argv, option);
            return false;
        }
    }
    if (optind == argc) {
        *ret_status = cli_wrong_count("validate", "FILE", 0);
        return false;
    }
    return true;
}

int cli_validate(int argc, char **argv)
{
    validate_options o = {0};
    int exit_status;
    if (!read_options(argc, argv, &o, &exit_status)) {
        return exit_status;
    }
    bool is_valid = true;
    for (int i = optind; i < argc; i++) {
        is_valid &= validate_file(argv[i], &o);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("gait validate: standard output");
        return 1;
    }
    return is_valid ? 0 : 1;
}
