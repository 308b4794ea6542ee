/* The text that a picture has written. */
#ifndef GAIT_EXPR_JSONATA_PICTURE_TEXT_H
#define GAIT_EXPR_JSONATA_PICTURE_TEXT_H

#include "base/arena.h"
#include "base/buf.h"

/* Moves what is in the buf to the arena, unless `so_far` has failed, and cleans up the buf. Returns
 * so_far, or that memory ran out. */
MUST_USE status jsonata_picture_finish(status so_far, buf *out, arena *a, str *ret_text,
                                       error *reterr);

#endif
