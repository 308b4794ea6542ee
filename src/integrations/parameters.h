/* The parameters of an integration's API call, read by name: what is not known is refused. */
#ifndef GAIT_INTEGRATIONS_PARAMETERS_H
#define GAIT_INTEGRATIONS_PARAMETERS_H

#include "json/json.h"

typedef struct parameter_rule {
    const char *name;
    bool is_required;
    json_kind kind; /* JSON_ABSENT: any */
} parameter_rule;

/* Fills ret_values[i] with the value of rules[i], JSON_ABSENT where it is not given. */
MUST_USE status parameters_read(json object, const parameter_rule *rules, size_t count,
                                json *ret_values, error *reterr);

/* The same by names alone, each followed by a space and a required one after "*": "*ClusterId Step
 * ". For the author of a template: there, names may end in ".$". */
MUST_USE status parameters_check_names(const char *names, json given, bool is_template,
                                       error *reterr);

#endif
