#include "cli/usage.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>

int cli_wrong_usage(const char *command, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "gait %s: ", command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "; `gait %s --help` tells more\n", command);
    return CLI_WRONG_USAGE;
}

int cli_wrong_count(const char *command, const char *wanted, int count)
{
    return count > 0 ? cli_wrong_usage(command, "one %s at a time, not %d", wanted, count)
                     : cli_wrong_usage(command, "%s is missing", wanted);
}

int cli_wrong_option(const char *command, char **argv, int found)
{
    const char *word = argv[optind - 1];
    if (found == ':') {
        return cli_wrong_usage(command, "%s wants a value", word);
    }
    /* A long option that is known, with a value that it does not take, has its number here; a short
     * one that is not known has its letter, and may stand in a word with others. */
    if (optopt && word[0] == '-' && word[1] == '-') {
        return cli_wrong_usage(command, "%s: the option takes no value", word);
    }
    return optopt ? cli_wrong_usage(command, "there is no option '-%c'", optopt)
                  : cli_wrong_usage(command, "there is no option '%s'", word);
}
