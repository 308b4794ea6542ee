/* The functions that take or make text. */
#include "expr/intrinsic/call.h"
#include "expr/java_text.h"

#include "base/digest.h"
#include "base/utf8.h"

/* --------------------------------------------------------------------------------------- Base64 */

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

status intrinsic_base64_encode(intrinsic_calling *c)
{
    str text;
    TRY(intrinsic_want_short_text(c, 0, &text));
    buf out;
    buf_init(&out, 8 * INTRINSIC_TEXT_CHARS_MAX);
    const unsigned char *in = (const unsigned char *)text.ptr;
    for (size_t i = 0; i < text.len; i += 3) {
        size_t have = MIN_OF(text.len - i, (size_t)3);
        uint32_t bits = (uint32_t)in[i] << 16 | (have > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                        (have > 2 ? in[i + 2] : 0);
        buf_add_char(&out, base64_digits[bits >> 18]);
        buf_add_char(&out, base64_digits[bits >> 12 & 63]);
        buf_add_char(&out, have > 1 ? base64_digits[bits >> 6 & 63] : '=');
        buf_add_char(&out, have > 2 ? base64_digits[bits & 63] : '=');
    }
    return intrinsic_give_text(c, &out);
}

/* Bytes that are no UTF-8 become U+FFFD, as in Java's new String(bytes, UTF_8). */
static status give_bytes(intrinsic_calling *c, buf *bytes)
{
    buf out;
    buf_init(&out, 4 * (bytes->len + 1));
    str rest = buf_str(bytes);
    while (rest.len) {
        size_t good = utf8_check(rest);
        buf_add(&out, rest.ptr, good);
        rest = str_skip(rest, good);
        if (rest.len) {
            buf_add_literal(&out, "\xEF\xBF\xBD");
            rest = str_skip(rest, 1);
        }
    }
    buf_clean_up(bytes);
    return intrinsic_give_text(c, &out);
}

/* Padding may be left out; anything but the 64 digits is refused, line ends too. */
status intrinsic_base64_decode(intrinsic_calling *c)
{
    str text;
    TRY(intrinsic_want_short_text(c, 0, &text));
    size_t digits = text.len;
    while (digits && text.len - digits < 2 && text.ptr[digits - 1] == '=') {
        digits--;
    }
    if (digits % 4 == 1 || (digits < text.len && text.len % 4)) {
        return fail(c->reterr, ERROR_INVALID,
                    "Argument 1 is not valid Base64: its last unit is "
                    "incomplete");
    }
    buf out;
    buf_init(&out, 4 * INTRINSIC_TEXT_CHARS_MAX);
    uint32_t bits = 0;
    for (size_t i = 0; i < digits; i++) {
        const char *digit = text.ptr[i] ? strchr(base64_digits, text.ptr[i]) : NULL;
        if (!digit) {
            buf_clean_up(&out);
            return fail(c->reterr, ERROR_INVALID, "Illegal base64 character %x",
                        (unsigned)(unsigned char)text.ptr[i]);
        }
        bits = bits << 6 | (uint32_t)(digit - base64_digits);
        if (i % 4) {
            buf_add_char(&out, (char)(bits >> (6 - 2 * (i % 4)) & 255));
        }
    }
    return give_bytes(c, &out);
}

/* ----------------------------------------------------------------------------------------- Hash */

/* "The data must be an object containing 10,000 characters or less": what is not a string is hashed
 * as its JSON text. */
status intrinsic_hash(intrinsic_calling *c)
{
    digest_kind kind;
    TRY(intrinsic_want(c, 1, JSON_STRING));
    if (!digest_kind_from_name(json_str(c->arguments[1]), &kind)) {
        return fail(c->reterr, ERROR_INVALID,
                    "The algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512");
    }
    str data = json_is(c->arguments[0], JSON_STRING) ? json_str(c->arguments[0])
                                                     : json_text(c->arguments[0], c->a);
    if (!data.ptr) {
        return fail_memory(c->reterr);
    }
    if (data.len > 4 * INTRINSIC_TEXT_CHARS_MAX ||
        utf8_length_utf16(data) > INTRINSIC_TEXT_CHARS_MAX) {
        return fail(c->reterr, ERROR_LIMIT, "Argument 1 is longer than %d characters",
                    INTRINSIC_TEXT_CHARS_MAX);
    }
    char hex[DIGEST_HEX_SIZE];
    str copy = arena_str(c->a, digest_compute_hex(kind, data, hex));
    *c->result = json_from_str(copy);
    return copy.ptr ? STATUS_OK : fail_memory(c->reterr);
}

/* ---------------------------------------------------------------------------------- StringSplit */

/* A bit for each code point up to the highest of them: there may be as many as there is text. */
typedef struct delimiters {
    uint8_t *bits;
    uint32_t count;
} delimiters;

static status read_delimiters(str text, arena *a, delimiters *ret_set, error *reterr)
{
    delimiters set = {0};
    for (size_t at = 0; at < text.len;) {
        uint32_t code_point = utf8_next(text, &at);
        set.count = MAX_OF(set.count, code_point + 1);
    }
    set.bits = arena_alloc(a, set.count / 8 + 1);
    if (!set.bits) {
        return fail_memory(reterr);
    }
    memset(set.bits, 0, set.count / 8 + 1);
    for (size_t at = 0; at < text.len;) {
        uint32_t code_point = utf8_next(text, &at);
        set.bits[code_point / 8] |= (uint8_t)(1u << code_point % 8);
    }
    *ret_set = set;
    return STATUS_OK;
}

static bool is_delimiter(const delimiters *set, uint32_t code_point)
{
    return code_point < set->count && (set->bits[code_point / 8] >> code_point % 8 & 1);
}

/* Every character of the second argument is a delimiter, and empty parts are dropped (recorded). */
status intrinsic_string_split(intrinsic_calling *c)
{
    TRY(intrinsic_want(c, 0, JSON_STRING));
    TRY(intrinsic_want(c, 1, JSON_STRING));
    str text = json_str(c->arguments[0]);
    delimiters set = {0};
    json_array_builder b;
    TRY(read_delimiters(json_str(c->arguments[1]), c->a, &set, c->reterr));
    json_array_begin(&b, c->a, 8);
    size_t begin = 0;
    for (size_t at = 0; at <= text.len;) {
        size_t here = at;
        if (here < text.len && !is_delimiter(&set, utf8_next(text, &at))) {
            continue;
        }
        if (here > begin) {
            json_array_add(&b, json_from_str(str_from(text.ptr + begin, here - begin)));
        }
        begin = at;
        at += here == text.len; /* the end closes the last part */
    }
    return json_array_finish(&b, c->result, c->reterr);
}

/* --------------------------------------------------------------------------------------- Format */

static status count_holes(intrinsic_calling *c, str template, uint32_t *ret_count)
{
    uint32_t count = 0;
    for (size_t i = 0; i < template.len; i++) {
        char ch = template.ptr[i];
        if (ch == '\\') {
            i++;
        } else if (ch == '{') {
            if (i + 1 == template.len || template.ptr[i + 1] != '}') {
                return fail(c->reterr, ERROR_INVALID, "matching '}' not found for '{'");
            }
            count++;
            i++;
        } else if (ch == '}') {
            return fail(c->reterr, ERROR_INVALID, "matching '{' not found for '}'");
        }
    }
    *ret_count = count;
    return STATUS_OK;
}

/* {} is replaced by the next argument; \{ \} \' \\ stand for the characters themselves, in a
 * template that comes from the data too. */
status intrinsic_format(intrinsic_calling *c)
{
    TRY(intrinsic_want(c, 0, JSON_STRING));
    str raw = c->call->arguments[0].raw;
    str template = raw.ptr ? raw : json_str(c->arguments[0]);
    uint32_t holes = 0;
    TRY(count_holes(c, template, &holes));
    if (holes != c->count - 1) {
        return fail(c->reterr, ERROR_INVALID,
                    "The template has %u occurrences of {}, but %u arguments follow it", holes,
                    c->count - 1);
    }
    buf out;
    uint32_t next = 1;
    buf_init(&out, JSON_TEXT_BYTES_MAX);
    for (size_t i = 0; i < template.len; i++) {
        char ch = template.ptr[i];
        if (ch == '{') {
            expr_java_text(c->arguments[next++], &out);
            i++;
        } else if (ch == '\\' && i + 1 < template.len && template.ptr[i + 1] &&
                   strchr("{}'\\", template.ptr[i + 1])) {
            buf_add_char(&out, template.ptr[++i]);
        } else {
            buf_add_char(&out, ch);
        }
    }
    return intrinsic_give_text(c, &out);
}
