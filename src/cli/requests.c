#include "cli/requests.h"

#include "cli/lines.h"
#include "cli/usage.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

bool cli_read_evaluation(const char *command, const char *wanted, const char *help, bool has_aws,
                         int argc, char **argv, cli_evaluation *ret_asked, int *ret_status)
{
    enum { INPUT = 1, JSONL, AWS };
    const struct option known[] = {
        {"input", required_argument, NULL, INPUT},
        {"jsonl", no_argument, NULL, JSONL},
        {"help", no_argument, NULL, 'h'},
        {has_aws ? "aws" : NULL, no_argument, NULL, AWS},
        {NULL, 0, NULL, 0},
    };
    cli_evaluation asked = {0};
    *ret_status = CLI_WRONG_USAGE;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, CLI_SHORT_OPTIONS, known, NULL)) != -1;) {
        switch (option) {
        case INPUT:
            asked.input = optarg;
            break;
        case JSONL:
            asked.is_jsonl = true;
            break;
        case AWS:
            asked.is_aws = true;
            break;
        case 'h':
            (void)fputs(help, stdout);
            *ret_status = 0;
            return false;
        default:
            (void)cli_wrong_option(command, argv, option);
            return false;
        }
    }
    if (asked.is_jsonl && (argc != optind || asked.input)) {
        (void)cli_wrong_usage(command, "with --jsonl all requests come by standard input");
        return false;
    }
    if (!asked.is_jsonl && argc - optind != 1) {
        (void)cli_wrong_count(command, wanted, argc - optind);
        return false;
    }
    asked.expression = asked.is_jsonl ? NULL : argv[optind];
    asked.input = asked.input ? asked.input : "-";
    *ret_asked = asked;
    return true;
}

static bool print_line(json value)
{
    buf text;
    buf_init(&text, CLI_TEXT_BYTES_MAX);
    json_print(value, &text);
    buf_add_char(&text, '\n');
    bool is_printed = !text.overflowed && fwrite(text.ptr, 1, text.len, stdout) == text.len;
    buf_clean_up(&text);
    return is_printed;
}

static bool flush(const char *command, bool is_printed)
{
    if (fflush(stdout) == 0 && is_printed) {
        return true;
    }
    fprintf(stderr, "gait %s: ", command);
    perror("standard output");
    return false;
}

bool cli_print_value(const char *command, json value)
{
    return flush(command, json_is_absent(value) || print_line(value));
}

json cli_copy_text(str text, arena *a)
{
    str copy = arena_str(a, text);
    return copy.ptr ? json_from_str(copy) : json_null();
}

static bool answer_line(str line, bool is_too_long, cli_answer *answer, void *user, arena *a)
{
    error err = {0};
    json request = {0}, answered;
    status read = is_too_long ? fail(&err, ERROR_LIMIT, "the line is longer than %u bytes",
                                     JSON_TEXT_BYTES_MAX)
                              : json_parse_into(line, a, &request, &err);
    if (ok(read) && !json_is(request, JSON_OBJECT)) {
        read = fail(&err, ERROR_TYPE, "a request must be an object");
    }
    json id = json_get(request, STR("id"));
    json_object_builder b;
    json_object_begin(&b, a, 2);
    json_object_add(&b, STR("id"), json_is_absent(id) ? json_null() : id);
    answer(user, request, failed(read) ? &err : NULL, a, &b);
    if (ok(json_object_finish(&b, &answered, NULL)) && print_line(answered)) {
        return true;
    }
    /* No memory for the answer: a smaller one, so that every request has one. */
    return fputs("{\"id\":null,\"error\":{\"message\":\"out of memory\"}}\n", stdout) >= 0;
}

int cli_answer_requests(const char *command, size_t memory_bytes_max, cli_answer *answer,
                        void *user)
{
    arena a;
    str line;
    bool is_too_long, is_printed = true;
    cli_lines *lines = malloc(sizeof(*lines));
    if (!lines) {
        fprintf(stderr, "gait %s: out of memory\n", command);
        return 1;
    }
    cli_lines_init(lines, JSON_TEXT_BYTES_MAX);
    arena_init(&a, memory_bytes_max);
    while (is_printed && cli_lines_next(lines, &line, &is_too_long)) {
        is_printed = answer_line(line, is_too_long, answer, user, &a);
        arena_reset(&a);
    }
    bool is_done = flush(command, is_printed);
    if (lines->read_error) {
        fprintf(stderr, "gait %s: standard input: %s\n", command, strerror(lines->read_error));
        is_done = false;
    }
    arena_clean_up(&a);
    cli_lines_clean_up(lines);
    free(lines);
    return is_done ? 0 : 1;
}
