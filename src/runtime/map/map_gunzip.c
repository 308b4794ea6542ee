#include "runtime/map/map_gunzip.h"

#include <stdlib.h>
#include <zlib.h>

#define SLICE_BYTES (256u << 10)
#define GZIP_ONLY (16 + MAX_WBITS) /* inflateInit2: neither zlib's own format nor raw bytes */

bool map_gunzip_is_wanted(str bytes)
{
    return str_starts_with(bytes, (str){"\x1f\x8b", 2});
}

/* Inflates until the slice is full or the input ends. */
static int inflate_slice(z_stream *stream, char *slice, buf *out)
{
    stream->next_out = (Bytef *)slice;
    stream->avail_out = SLICE_BYTES;
    int told = inflate(stream, Z_NO_FLUSH);
    buf_add(out, slice, SLICE_BYTES - stream->avail_out);
    return told;
}

static status inflate_all(z_stream *stream, char *slice, buf *out, error *reterr)
{
    for (;;) {
        int told = inflate_slice(stream, slice, out);
        TRY(buf_status(out, reterr));
        if (told == Z_MEM_ERROR) {
            return fail_memory(reterr);
        }
        if (told == Z_STREAM_END && !stream->avail_in) {
            return STATUS_OK;
        }
        bool goes_on =
            told == Z_STREAM_END ? inflateReset(stream) == Z_OK : told == Z_OK && stream->avail_in;
        /* All was taken, but the slice was too small for what came of it. */
        bool is_held_back = told == Z_OK && !stream->avail_in && !stream->avail_out;
        if (!goes_on && !is_held_back) {
            return fail(reterr, ERROR_SYNTAX,
                        told == Z_OK || told == Z_BUF_ERROR ? "it ends early" : "it is damaged");
        }
    }
}

status map_gunzip(str bytes, buf *out, error *reterr)
{
    z_stream stream = {.next_in = (Bytef *)bytes.ptr, .avail_in = (uInt)bytes.len};
    if (bytes.len > UINT32_MAX) {
        return fail(reterr, ERROR_LIMIT, "more than 4 GiB are compressed");
    }
    char *slice = malloc(SLICE_BYTES);
    if (!slice || inflateInit2(&stream, GZIP_ONLY) != Z_OK) {
        free(slice);
        return fail_memory(reterr);
    }
    status done = inflate_all(&stream, slice, out, reterr);
    inflateEnd(&stream);
    free(slice);
    return done;
}
