/* Values on their way into and out of the SDK's operations. */
#ifndef GAIT_INTEGRATIONS_OPTIMIZED_SHAPE_H
#define GAIT_INTEGRATIONS_OPTIMIZED_SHAPE_H

#include "integrations/aws/shapes.h"
#include "integrations/optimized/action.h"

/* Where the sources of fields come from; any may be absent. */
typedef struct optimized_sources {
    json parameters, submission, description;
} optimized_sources;

/* JSON_ABSENT when it is not there. A text is borrowed from the row. */
json optimized_find(const optimized_sources *sources, const char *source);
/* The object of some fields, in their order. */
MUST_USE status optimized_make(const optimized_field *fields, size_t count,
                               const optimized_sources *sources, arena *a, json *ret_object,
                               error *reterr);

/* The Task's parameters as the operation takes them, JSON made text. */
MUST_USE status optimized_parameters(const optimized_action *action, json given, arena *a,
                                     json *ret_parameters, error *reterr);
/* Whether they fit: ERROR_INVALID, ERROR_UNSUPPORTED and ERROR_TYPE have Step Functions' words. For
 * the definition's author nothing is known of values yet: names may end in ".$", a text may be an
 * expression, and what is required is to be there. */
MUST_USE status optimized_parameters_check(const optimized_action *action, aws_operation operation,
                                           json given, bool is_template, arena *a, error *reterr);

/* Parameters whose members are spelled as version 1 of the SDK does ("BOOL", "SS"), in the spelling
 * of the models ("Bool", "Ss"), which is fine too. */
MUST_USE status optimized_spell(aws_shape shape, json value, arena *a, json *ret_value,
                                error *reterr);

/* What an operation answered, as optimized integrations give it: the members of each structure
 * spelled as version 1 does and sorted, and times as milliseconds (aws-sdk integrations give them
 * as text). */
MUST_USE status optimized_settle(aws_shape shape, json value, arena *a, json *ret_value,
                                 error *reterr);
/* An object with its own members sorted. */
MUST_USE status optimized_sort(json object, arena *a, json *ret_object, error *reterr);

#endif
