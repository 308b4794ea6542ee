/* gait json: check JSON and print it compactly. */
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/usage.h"

#include "json/json.h"

#include <getopt.h>
#include <stdio.h>

#define TEXT_BYTES_MAX JSON_TEXT_BYTES_MAX

static const char help[] =
    "usage: gait json [--check] [--pretty] [FILE]\n"
    "\n"
    "Parses one JSON value from FILE (standard input without one, or with -) and prints it\n"
    "compactly.\n"
    "\n"
    "  --check    print nothing\n"
    "  --pretty   print it indented\n"
    "  --help\n"
    "\n"
    "Exit status: 0 it is JSON; 1 it is not, told as FILE:LINE:COLUMN: MESSAGE; 2 wrong usage.\n";

static bool print_value(json value, bool is_pretty)
{
    buf text;
    buf_init(&text, 2 * (size_t)TEXT_BYTES_MAX);
    if (is_pretty) {
        json_print_pretty(value, &text);
    } else {
        json_print(value, &text);
    }
    error err = {0};
    bool is_printed = false;
    if (failed(buf_status(&text, &err))) {
        fprintf(stderr, "gait json: %s\n", err.message);
    } else {
        (void)fwrite(text.ptr, 1, text.len, stdout);
        (void)fputc('\n', stdout);
        is_printed = fflush(stdout) == 0 && !ferror(stdout);
        if (!is_printed) {
            perror("gait json: standard output");
        }
    }
    buf_clean_up(&text);
    return is_printed;
}

static int run(const char *path, bool is_check, bool is_pretty)
{
    buf text;
    error err = {0};
    json_doc *doc = NULL;
    int exit_status = 1;
    if (failed(cli_read_file(path, TEXT_BYTES_MAX, &text, &err))) {
        fprintf(stderr, "gait json: %s\n", err.message);
    } else if (failed(json_parse(buf_str(&text), &doc, &err))) {
        fprintf(stderr, "%s:%u:%u: %s\n", cli_input_name(path), err.line, err.column, err.message);
    } else if (is_check || print_value(json_doc_root(doc), is_pretty)) {
        exit_status = 0;
    }
    json_doc_release(doc);
    buf_clean_up(&text);
    return exit_status;
}

int cli_json(int argc, char **argv)
{
    enum { CHECK = 1, PRETTY };
    static const struct option long_options[] = {
        {"check", no_argument, NULL, CHECK},
        {"pretty", no_argument, NULL, PRETTY},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool is_check = false, is_pretty = false;
    opterr = 0;
    for (int option;
         (option = getopt_long(argc, argv, CLI_SHORT_OPTIONS, long_options, NULL)) != -1;) {
        switch (option) {
        case CHECK:
            is_check = true;
            break;
        case PRETTY:
            is_pretty = true;
            break;
        case 'h':
            (void)fputs(help, stdout);
            return 0;
        default:
            return cli_wrong_option("json", argv, option);
        }
    }
    if (argc - optind > 1) {
        return cli_wrong_count("json", "FILE", argc - optind);
    }
    return run(optind < argc ? argv[optind] : "-", is_check, is_pretty);
}
