/* Whole files of the local services: read at once, replaced in one step. Blocking. */
#ifndef GAIT_INTEGRATIONS_LOCAL_FILES_H
#define GAIT_INTEGRATIONS_LOCAL_FILES_H

#include "base/arena.h"

/* ERROR_NOT_FOUND, ERROR_LIMIT past bytes_max, ERROR_IO (a folder, too). */
MUST_USE status local_file_read(str path, size_t bytes_max, arena *a, str *ret_text, error *reterr);
/* The new contents are durable before they take the old one's place; folders are made as needed.
 * ERROR_CONFLICT when a folder has the file's name, or a file the name of a folder on the way. */
MUST_USE status local_file_replace(str path, str contents, arena *a, error *reterr);
/* Makes the folders that lead to the path's last part. */
MUST_USE status local_file_make_folders(str path, arena *a, error *reterr);
/* ERROR_IO, or ERROR_NOT_FOUND, with the words of errno. */
COLD status local_file_fail(str path, error *reterr);

#endif
