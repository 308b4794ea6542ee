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
    fprintf(to,
            "\n`gait COMMAND --help` tells all about a command; `gait --version` the version.\n");
}

int main(int argc, char **argv)
{
    signal(SIGPIPE,
           SIG_IGN); /* a closed pipe is an error of that write, not the end of the process */
    const char *name = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        if (strcmp(name, commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        printf("gait %s\n", GAIT_VERSION);
        return 0;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (*name) {
        fprintf(stderr, "gait: there is no command '%s'\n\n", name);
    }
    print_help(stderr);
    return 2;
}
