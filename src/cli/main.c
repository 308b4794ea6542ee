/* gait: looks the command up and hands over. */
#include "base/macros.h"
#include "cli/commands.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"run", cli_run, "run a workflow here and now, and print its output"},
    {"serve", cli_serve, "serve the Step Functions API"},
    {"validate", cli_validate, "check definitions as AWS does"},
    {"graph", cli_graph, "draw a definition"},
    {"jsonata", cli_jsonata, "evaluate a JSONata expression"},
    {"jsonpath", cli_jsonpath, "evaluate a JSONPath"},
    {"json", cli_json, "check JSON and print it compactly"},
};

static void print_help(FILE *to)
{
    fprintf(to, "gait %s: AWS Step Functions anywhere\n\nusage: gait COMMAND [ARGUMENT...]\n\n",
            GAIT_VERSION);
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
    }
    fprintf(to, "\n`gait help COMMAND` tells all about a command; `gait --version` the version.\n");
}

/* Its exit status, or -1 where there is no such command. */
static int run_command(const char *name, int argc, char **argv)
{
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        if (strcmp(name, commands[i].name) == 0) {
            return commands[i].run(argc, argv);
        }
    }
    return -1;
}

static int tell_help(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stdout);
        return 0;
    }
    char option[] = "--help";
    char *asked[] = {argv[1], option, NULL};
    int exit_status = run_command(argv[1], 2, asked);
    if (exit_status < 0) {
        fprintf(stderr, "gait: there is no command '%s'; `gait help` lists them\n", argv[1]);
    }
    return exit_status < 0 ? 2 : exit_status;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE,
           SIG_IGN); /* a closed pipe is an error of that write, not the end of the process */
    const char *name = argc > 1 ? argv[1] : "";
    int exit_status = argc > 1 ? run_command(name, argc - 1, argv + 1) : -1;
    if (exit_status >= 0) {
        return exit_status;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        printf("gait %s\n", GAIT_VERSION);
        return 0;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        return tell_help(argc - 1, argv + 1);
    }
    if (*name) {
        fprintf(stderr, "gait: there is no command '%s'; `gait help` lists them\n", name);
        return 2;
    }
    print_help(stderr);
    return 2;
}
