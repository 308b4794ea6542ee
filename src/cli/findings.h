/* What is wrong with a definition, one line a finding, for people and editors:
 * FILE:LINE:COLUMN: SEVERITY CODE MESSAGE (LOCATION). */
#ifndef GAIT_CLI_FINDINGS_H
#define GAIT_CLI_FINDINGS_H

#include "asl/asl.h"

#include <stdio.h>

void cli_print_findings(FILE *to, const char *file, const asl_diagnostics *findings,
                        bool with_warnings);

#endif
