/* What commands share that evaluate one expression, or answer one JSON request a line (--jsonl). */
#ifndef GAIT_CLI_REQUESTS_H
#define GAIT_CLI_REQUESTS_H

#include "json/json.h"

/* What such a command is asked for. */
typedef struct cli_evaluation {
    const char *expression; /* NULL with --jsonl */
    const char *input;      /* a file, or "-" */
    bool is_jsonl, is_aws;
} cli_evaluation;

/* Reads the options of `command`, which evaluates `wanted` ("PATH"); --aws is one where has_aws.
 * False where there is nothing more to do, with the exit status: help or what is wrong is told. */
bool cli_read_evaluation(const char *command, const char *wanted, const char *help, bool has_aws,
                         int argc, char **argv, cli_evaluation *ret_asked, int *ret_status);

/* Prints a value as one line of compact JSON (JSON_ABSENT: nothing) and flushes. Tells on standard
 * error, as `command`, when it could not be written. */
bool cli_print_value(const char *command, json value);

/* A copy for an answer, which is printed after who made it has returned; null without memory. */
json cli_copy_text(str text, arena *a);
/* Adds the members of a request's answer, but for its id; texts are the arena's or the request's.
 * `unreadable`, when not NULL, tells why `request` could not be read: the answer is an error then.
 */
typedef void cli_answer(void *user, json request, const error *unreadable, arena *a,
                        json_object_builder *answer);
/* Answers the requests on standard input, one a line, until it ends; a bad line is answered with an
 * error and the next one is served. A request may take memory_bytes_max (0: an arena's default).
 * Returns the command's exit status. */
int cli_answer_requests(const char *command, size_t memory_bytes_max, cli_answer *answer,
                        void *user);

#endif
