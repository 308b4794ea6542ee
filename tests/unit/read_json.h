/* Cases that are files. */
#ifndef GAIT_TESTS_READ_JSON_H
#define GAIT_TESTS_READ_JSON_H

#include "json/json.h"

#include <stdio.h>

/* A file's text, owned by the caller: buf_clean_up. */
static inline status read_text_file(const char *path, buf *ret_text, error *reterr)
{
    buf text;
    char chunk[65536];
    FILE *file = fopen(path, "rb");
    if (!file) {
        return fail(reterr, ERROR_IO, "%s cannot be opened", path);
    }
    buf_init(&text, 64u << 20);
    for (size_t got; (got = fread(chunk, 1, sizeof(chunk), file)) > 0;) {
        buf_add(&text, chunk, got);
    }
    (void)fclose(file);
    status done = buf_status(&text, reterr);
    if (failed(done)) {
        buf_clean_up(&text);
        return done;
    }
    *ret_text = text;
    return STATUS_OK;
}

static inline status read_json_file(const char *path, arena *a, json *ret_value, error *reterr)
{
    buf text;
    TRY(read_text_file(path, &text, reterr));
    status parsed = json_parse_into(buf_str(&text), a, ret_value, reterr);
    buf_clean_up(&text);
    return parsed;
}

#endif
