/* Wrong usage is told in one way by all commands: one line on standard error that names the command
 * and the word that is wrong, and where the help is. */
#ifndef GAIT_CLI_USAGE_H
#define GAIT_CLI_USAGE_H

#include "base/macros.h"

#define CLI_WRONG_USAGE 2 /* the exit status */

/* For getopt_long: a : first, so that a missing value is told apart, and nothing printed by it. */
#define CLI_SHORT_OPTIONS ":h"

/* Returns CLI_WRONG_USAGE. */
int cli_wrong_usage(const char *command, const char *format, ...) PRINTF_LIKE(2, 3);

/* `count` words were given where one was wanted. Returns CLI_WRONG_USAGE. */
int cli_wrong_count(const char *command, const char *wanted, int count);

/* Tells what getopt_long did not like: it returned `found`, '?' or ':'. opterr was 0. Returns
 * CLI_WRONG_USAGE. */
int cli_wrong_option(const char *command, char **argv, int found);

#endif
