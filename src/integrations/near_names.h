/* Which name was meant: for refusals that ask "did you mean ...?". */
#ifndef GAIT_INTEGRATIONS_NEAR_NAMES_H
#define GAIT_INTEGRATIONS_NEAR_NAMES_H

#include "base/macros.h"
#include "base/str.h"

#define NEAR_NAMES_CHARS_MAX 64 /* longer names are near to none */

/* How many letters must change, case aside, to make one name of the other. */
size_t near_names_distance(str a, str b);

#endif
