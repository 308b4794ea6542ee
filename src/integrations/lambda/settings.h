/* What a function is: its folder, how it is run, and what function.json says of it. */
#ifndef GAIT_INTEGRATIONS_LAMBDA_SETTINGS_H
#define GAIT_INTEGRATIONS_LAMBDA_SETTINGS_H

#include "json/json.h"

typedef enum lambda_runtime {
    LAMBDA_PYTHON,
    LAMBDA_NODE,
    LAMBDA_CUSTOM, /* an executable named bootstrap */
} lambda_runtime;

typedef struct lambda_settings {
    arena memory; /* owns all below */
    str name;
    str version; /* "$LATEST" or a number */
    str folder;  /* absolute, NUL-terminated */
    str handler; /* "handler.lambda_handler"; the runtime may look for others when not is_written */
    bool is_handler_written;
    str runtime_name; /* "python3.12" */
    lambda_runtime runtime;
    int64_t timeout_ms;
    int64_t memory_mb;
    bool is_memory_limited; /* somebody has said how much: who takes more is killed */
    json environment;       /* object of strings; may be absent */
    /* Changes when function.json or a file of code right in the folder does; or see lambda_target.
     */
    uint64_t stamp;
} lambda_settings;

/* Reads functions_folder/name. ERROR_NOT_FOUND when there is no such function: the message names
 * the folder and functions that are called alike. ERROR_INVALID, ERROR_SYNTAX or ERROR_UNSUPPORTED
 * for a function.json or a folder that cannot be run. */
MUST_USE status lambda_settings_load(str functions_folder, str name, lambda_settings *ret_settings,
                                     error *reterr);
/* Every function of the folder in turn: the first name after `name` (absent: the first of all) into
 * `ret_name`; false at the end. */
bool lambda_settings_after(str functions_folder, str name,
                           char ret_name[LAMBDA_NAME_CHARS_MAX + 1]);
/* The kind of runtime that a name such as "python3.12" stands for; false when none is here. */
bool lambda_runtime_find(str runtime_name, lambda_runtime *ret_runtime);
void lambda_settings_clean_up(lambda_settings *settings);
/* The stamp as of now; 0 when the function is gone. */
uint64_t lambda_settings_stamp(str functions_folder, str name);

#endif
