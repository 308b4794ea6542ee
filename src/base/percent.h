/* Percent escapes of URLs (RFC 3986, section 2.1). */
#ifndef GAIT_BASE_PERCENT_H
#define GAIT_BASE_PERCENT_H

#include "base/arena.h"

/* What is no escape stays as it is; so does %00, which is good for nothing but to cut a text short
 * somewhere. ptr NULL when out of memory. */
str percent_decode(str text, arena *a);
/* The same for what stands in a query, where a plus sign is a space. */
str percent_decode_query(str text, arena *a);

#endif
