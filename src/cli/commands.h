/* The commands of `gait`: one prototype a command, one file a command (command_NAME.c). argv[0] is
 * the command's name. Returns the process's exit status: 0 done, 1 the thing asked about failed (an
 * execution, a validation, an evaluation), 2 wrong usage. */
#ifndef GAIT_CLI_COMMANDS_H
#define GAIT_CLI_COMMANDS_H

int cli_graph(int argc, char **argv);
int cli_json(int argc, char **argv);
int cli_jsonata(int argc, char **argv);
int cli_jsonpath(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_serve(int argc, char **argv);
int cli_validate(int argc, char **argv);

#endif
