/* The configuration file of `gait serve` and `gait run` (docs/configuration.md): the settings of
 * settings.h, and a section for each part that has settings of its own. */
#ifndef GAIT_CLI_CONFIG_FILE_H
#define GAIT_CLI_CONFIG_FILE_H

#include "json/json.h"

/* Reads and parses the file at path, and refuses members that nobody would read. *ret_config is
 * borrowed from *ret_doc, which the caller releases. The error names the file, and the line and
 * column where its text is not JSON. */
MUST_USE status cli_config_read(const char *path, json_doc **ret_doc, json *ret_config,
                                error *reterr);

/* The folder of local functions that the file names: "functions" as a text, or its member "folder";
 * absent where it names none. */
str cli_config_functions_folder(json config);

#endif
