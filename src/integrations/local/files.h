/* Whole files of the local services: read at once, replaced in one step. All but the one that says
 * so block. */
#ifndef GAIT_INTEGRATIONS_LOCAL_FILES_H
#define GAIT_INTEGRATIONS_LOCAL_FILES_H

#include "base/arena.h"
#include "base/buf.h"
#include "net/loop.h"

/* ERROR_NOT_FOUND, ERROR_LIMIT past bytes_max, ERROR_IO (a folder, too). */
MUST_USE status local_file_read(str path, size_t bytes_max, arena *a, str *ret_text, error *reterr);
/* The new contents are durable before they take the old one's place; folders are made as needed.
 * ERROR_CONFLICT when a folder has the file's name, or a file the name of a folder on the way. */
MUST_USE status local_file_replace(str path, str contents, arena *a, error *reterr);
typedef void local_file_replaced(void *user, const error *err); /* NULL: it has been replaced */
/* The same by a worker beside the loop; done(user) comes once in the loop, in net_loop_free at the
 * latest. The contents are taken over, and the buffer is empty afterwards; not when this fails. */
MUST_USE status local_file_replace_beside(net_loop *loop, str path, buf *contents,
                                          local_file_replaced *done, void *user, error *reterr);
/* At most bytes_max of a file from an offset on; "" behind its end. */
MUST_USE status local_file_read_part(str path, int64_t offset, size_t bytes_max, arena *a,
                                     str *ret_text, error *reterr);
/* Makes the folders that lead to the path's last part. */
MUST_USE status local_file_make_folders(str path, arena *a, error *reterr);
/* ERROR_IO, or ERROR_NOT_FOUND, with the words of errno. */
COLD status local_file_fail(str path, error *reterr);

#endif
