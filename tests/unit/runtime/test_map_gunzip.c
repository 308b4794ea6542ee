/* runtime/map/map_gunzip.h: what gzip has compressed, within bounds. */
#include "runtime/map/map_gunzip.h"

#include <stdlib.h>
#include <zlib.h>

#include "unit.h"

#define GZIP (16 + MAX_WBITS)

/* In malloc's memory. */
static str compressed(str text)
{
    z_stream z = {.next_in = (Bytef *)text.ptr, .avail_in = (uInt)text.len};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, text.len);
    char *bytes = malloc(room);
    assert_non_null(bytes);
    z.next_out = (Bytef *)bytes;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t length = room - z.avail_out;
    deflateEnd(&z);
    return str_from(bytes, length);
}

static void free_bytes(str bytes)
{
    free((char *)bytes.ptr);
}

/* Many rows, which differ: more than one slice when plain, and when compressed, too. */
static void add_rows(buf *out, uint32_t count)
{
    uint32_t noise = 1;
    for (uint32_t i = 0; i < count; i++) {
        noise = noise * 1664525 + 1013904223;
        buf_add_format(out, "%u,%08x\n", i, noise);
    }
}

static void what_was_compressed_comes_back(void **state)
{
    (void)state;
    static const uint32_t counts[] = {0, 1, 200000};
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
        buf plain, out;
        error err;
        buf_init(&plain, 16u << 20);
        buf_init(&out, 16u << 20);
        add_rows(&plain, counts[i]);
        str bytes = compressed(buf_str(&plain));
        assert_true(map_gunzip_is_wanted(bytes));
        assert_ok(map_gunzip(bytes, &out, &err), err);
        assert_true(str_equal(buf_str(&out), buf_str(&plain)));
        free_bytes(bytes);
        buf_clean_up(&plain);
        buf_clean_up(&out);
    }
}

static void files_one_behind_the_other_are_one(void **state)
{
    (void)state;
    buf both, out;
    error err;
    buf_init(&both, 4096);
    buf_init(&out, 4096);
    str one = compressed(STR("a\nb\n")), two = compressed(STR("c\n"));
    buf_add_str(&both, one);
    buf_add_str(&both, two);
    assert_ok(map_gunzip(buf_str(&both), &out, &err), err);
    assert_true(str_equal(buf_str(&out), STR("a\nb\nc\n")));
    free_bytes(one);
    free_bytes(two);
    buf_clean_up(&both);
    buf_clean_up(&out);
}

static void a_bomb_goes_no_further_than_the_buffer(void **state)
{
    (void)state;
    buf zeros, out;
    error err;
    buf_init(&zeros, 32u << 20);
    assert_true(buf_reserve(&zeros, 32u << 20));
    memset(zeros.ptr, 0, 32u << 20);
    zeros.len = 32u << 20;
    str bytes = compressed(buf_str(&zeros));
    assert_true(bytes.len < 64u << 10);
    buf_init(&out, 1u << 20);
    assert_int_equal(map_gunzip(bytes, &out, &err).code, ERROR_LIMIT);
    assert_true(out.len <= 1u << 20);
    free_bytes(bytes);
    buf_clean_up(&zeros);
    buf_clean_up(&out);
}

static void what_is_cut_off_or_damaged_is_refused(void **state)
{
    (void)state;
    buf plain, out;
    error err;
    buf_init(&plain, 65536);
    buf_init(&out, 65536);
    add_rows(&plain, 200);
    str bytes = compressed(buf_str(&plain));
    for (size_t length = 0; length < bytes.len; length++) {
        buf_reset(&out);
        assert_int_equal(map_gunzip(str_take(bytes, length), &out, &err).code, ERROR_SYNTAX);
    }
    char *damaged = (char *)bytes.ptr;
    damaged[bytes.len - 8] ^= 1; /* the checksum */
    buf_reset(&out);
    assert_int_equal(map_gunzip(bytes, &out, &err).code, ERROR_SYNTAX);
    buf_reset(&out);
    assert_int_equal(map_gunzip(STR("Bucket,Key\n"), &out, &err).code, ERROR_SYNTAX);
    assert_false(map_gunzip_is_wanted(STR("Bucket,Key\n")));
    assert_false(map_gunzip_is_wanted(STR("")));
    free_bytes(bytes);
    buf_clean_up(&plain);
    buf_clean_up(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_compressed_comes_back),
        cmocka_unit_test(files_one_behind_the_other_are_one),
        cmocka_unit_test(a_bomb_goes_no_further_than_the_buffer),
        cmocka_unit_test(what_is_cut_off_or_damaged_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
