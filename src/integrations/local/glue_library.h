/* awsglue/utils.py for jobs that run here, as text. */
#ifndef GAIT_INTEGRATIONS_LOCAL_GLUE_LIBRARY_H
#define GAIT_INTEGRATIONS_LOCAL_GLUE_LIBRARY_H

#include "base/str.h"

str glue_library_options(void);

#endif
