/* How an execution has ended, as the public API shows it. */
#ifndef GAIT_EMBED_RESULT_H
#define GAIT_EMBED_RESULT_H

#include "engine/engine.h"
#include "gait/gait.h"

/* The output is shown where the outcome is SUCCEEDED: as `output_text`, or where that has no ptr as
 * the compact text of `output`. error_name and cause have no ptr when not set. All are copied. */
MUST_USE status embed_result_new(engine_outcome outcome, json output, str output_text,
                                 str error_name, str cause, gait_result **ret_result,
                                 error *reterr);

#endif
