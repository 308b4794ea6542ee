/* The console's files as the build packs them (console/tools/pack.mjs): compressed, by path. */
#ifndef GAIT_CONSOLE_FILES_H
#define GAIT_CONSOLE_FILES_H

#include "base/str.h"

#include <stddef.h>

typedef struct console_file {
    str path;          /* below /console/, such as "assets/index-1a2b3c.js" */
    str type;          /* its Content-Type */
    str etag;          /* with its quotes */
    bool is_immutable; /* its name changes with its content */
    bool is_gzip;
    const unsigned char *begin, *end;
} console_file;

/* Sorted by path. None when the program was built without the console. */
const console_file *console_files(size_t *ret_count);

#endif
