#include "expr/jsonata/picture_text.h"

status jsonata_picture_finish(status so_far, buf *out, arena *a, str *ret_text, error *reterr)
{
    status result = so_far;
    if (ok(result)) {
        str text = arena_str(a, buf_str(out));
        if (text.ptr) {
            *ret_text = text;
        } else {
            result = fail_memory(reterr);
        }
    }
    buf_clean_up(out);
    return result;
}
