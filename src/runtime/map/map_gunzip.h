/* map_gunzip: a file that gzip has compressed (RFC 1952), such as those of an S3 inventory. */
#ifndef GAIT_RUNTIME_MAP_GUNZIP_H
#define GAIT_RUNTIME_MAP_GUNZIP_H

#include "base/buf.h"

/* Whether the bytes begin as such a file does. */
bool map_gunzip_is_wanted(str bytes);
/* Adds what was compressed; files that were put one behind the other count as one. ERROR_LIMIT when
 * the buffer's maximum is reached, however little of it was compressed; ERROR_SYNTAX for what is no
 * such file, or not a whole one; ERROR_MEMORY. */
MUST_USE status map_gunzip(str bytes, buf *out, error *reterr);

#endif
