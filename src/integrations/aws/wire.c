/* Times: https://smithy.io/2.0/spec/protocol-traits.html#timestamp-formats */
#include "integrations/aws/wire.h"

#include "base/timetext.h"
#include "base/utf8.h"
#include "json/json.h"

#include <math.h>

/* Years 0001 to 9999, in milliseconds. */
#define TIME_MS_MIN (-62135596800000)
#define TIME_MS_MAX 253402300799999

static const char base64_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void wire_base64(str bytes, buf *out)
{
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t group = (uint32_t)at[i] << 16 | (left > 1 ? (uint32_t)at[i + 1] << 8 : 0) |
                         (left > 2 ? at[i + 2] : 0);
        buf_add_char(out, base64_letters[group >> 18]);
        buf_add_char(out, base64_letters[group >> 12 & 63]);
        buf_add_char(out, left > 1 ? base64_letters[group >> 6 & 63] : '=');
        buf_add_char(out, left > 2 ? base64_letters[group & 63] : '=');
    }
}

static int base64_value(char c)
{
    const char *at = c ? strchr(base64_letters, c) : NULL;
    return at ? (int)(at - base64_letters) : -1;
}

status wire_base64_decode(str text, arena *a, str *ret_bytes, error *reterr)
{
    unsigned char *bytes = arena_alloc(a, text.len / 4 * 3 + 4);
    size_t used = 0;
    uint32_t group = 0;
    int bits = 0;
    bool is_over = false, is_wrong = false;
    if (!bytes) {
        return fail_memory(reterr);
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int value = base64_value(c);
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
            continue;
        }
        if (c == '=') {
            is_over = true;
            continue;
        }
        is_wrong = is_wrong || value < 0 || is_over;
        group = group << 6 | (uint32_t)(value & 63);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[used++] = (unsigned char)(group >> bits);
        }
    }
    if (is_wrong || bits >= 6) { /* a single letter over says nothing */
        return fail(reterr, ERROR_SYNTAX, "it is not base64");
    }
    *ret_bytes = str_from((const char *)bytes, used);
    return STATUS_OK;
}

void wire_percent(str text, const char *also, buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_kept = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       (c && (strchr("-._~", c) || strchr(also, c)));
        if (is_kept) {
            buf_add_char(out, c);
        } else {
            buf_add_format(out, "%%%02X", (unsigned char)c);
        }
    }
}

str wire_as_text(str bytes, arena *a)
{
    if (utf8_check(bytes) == bytes.len) {
        return arena_str(a, bytes);
    }
    if (bytes.len > JSON_TEXT_BYTES_MAX / 3) {
        return STR_NONE;
    }
    char *text = arena_alloc(a, 3 * bytes.len);
    size_t used = 0;
    while (text && bytes.len) {
        size_t good = utf8_check(bytes);
        memcpy(text + used, bytes.ptr, good);
        used += good;
        bytes = str_skip(bytes, good);
        if (bytes.len) {
            used += utf8_write(0xFFFD, text + used);
            bytes = str_skip(bytes, 1);
        }
    }
    return text ? str_from(text, used) : STR_NONE;
}

/* ---------------------------------------------------------------------------------------- times */

bool wire_time_from_seconds(double seconds, int64_t *ret_time_ms)
{
    double ms = round(seconds * 1000);
    if (!(ms >= (double)TIME_MS_MIN && ms <= (double)TIME_MS_MAX)) {
        return false;
    }
    *ret_time_ms = (int64_t)ms;
    return true;
}

/* A JSON number, or one in quotes: digits, signs, a point, an exponent. */
static bool read_seconds(str text, int64_t *ret_time_ms)
{
    char digits[64];
    char *end = NULL;
    if (text.len == 0 || text.len >= sizeof(digits)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        digits[i] = text.ptr[i];
        if (!digits[i] || !strchr("0123456789+-.eE", digits[i])) {
            return false;
        }
    }
    digits[text.len] = '\0';
    double seconds = strtod(digits, &end);
    return end == digits + text.len && wire_time_from_seconds(seconds, ret_time_ms);
}

bool wire_time_from_text(str text, int64_t *ret_time_ms)
{
    return ok(time_parse_rfc3339(text, ret_time_ms, NULL)) || read_seconds(text, ret_time_ms);
}

static bool read_digits(str *rest, size_t count, int *ret_number)
{
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (!rest->ptr || i >= rest->len || rest->ptr[i] < '0' || rest->ptr[i] > '9') {
            return false;
        }
        number = 10 * number + (rest->ptr[i] - '0');
    }
    *rest = str_skip(*rest, count);
    *ret_number = number;
    return true;
}

static bool skip_text(str *rest, const char *text)
{
    bool is_there = str_starts_with(*rest, str_from_c(text));
    *rest = str_skip(*rest, is_there ? strlen(text) : 0);
    return is_there;
}

static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/* "Mon, 02 Jan 2006 15:04:05 GMT"; the weekday is not looked at. */
static bool read_rfc822(str text, int64_t *ret_time_ms)
{
    time_parts parts = {0};
    str rest = str_skip(text, 3);
    if (!skip_text(&rest, ", ") || !read_digits(&rest, 2, &parts.day) || !skip_text(&rest, " ")) {
        return false;
    }
    for (int i = 0; i < 12 && !parts.month; i++) {
        if (skip_text(&rest, month_names[i])) {
            parts.month = i + 1;
        }
    }
    if (!parts.month || !skip_text(&rest, " ") || !read_digits(&rest, 4, &parts.year) ||
        !skip_text(&rest, " ") || !read_digits(&rest, 2, &parts.hour) || !skip_text(&rest, ":") ||
        !read_digits(&rest, 2, &parts.minute) || !skip_text(&rest, ":") ||
        !read_digits(&rest, 2, &parts.second)) {
        return false;
    }
    bool is_date = parts.year && parts.day &&
                   parts.day <= time_days_in_month(parts.year, parts.month) && parts.hour < 24 &&
                   parts.minute < 60 && parts.second <= 60;
    if (is_date) {
        *ret_time_ms = time_join(&parts);
    }
    return is_date;
}

bool wire_time_read(str text, int64_t *ret_time_ms)
{
    return wire_time_from_text(text, ret_time_ms) || read_rfc822(text, ret_time_ms);
}

str wire_time_iso8601(int64_t time_ms, char out[WIRE_TIME_SIZE])
{
    time_parts t = time_split(time_ms);
    int length = snprintf(out, WIRE_TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", t.year, t.month,
                          t.day, t.hour, t.minute, t.second);
    length += snprintf(out + length, WIRE_TIME_SIZE - (size_t)length,
                       t.millisecond ? ".%03dZ" : "Z", t.millisecond);
    return str_from(out, (size_t)length);
}

str wire_time_rfc822(int64_t time_ms, char out[WIRE_TIME_SIZE])
{
    time_parts t = time_split(time_ms);
    int length =
        snprintf(out, WIRE_TIME_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT", day_names[t.weekday],
                 t.day, month_names[t.month - 1], t.year, t.hour, t.minute, t.second);
    return str_from(out, (size_t)length);
}

str wire_time_epoch(int64_t time_ms, char out[WIRE_TIME_SIZE])
{
    int64_t rest = time_ms % 1000;
    int64_t magnitude = rest < 0 ? -rest : rest;
    int length = snprintf(out, WIRE_TIME_SIZE, "%s%lld", time_ms < 0 && time_ms > -1000 ? "-" : "",
                          (long long)(time_ms / 1000));
    if (rest) {
        length += snprintf(out + length, WIRE_TIME_SIZE - (size_t)length, ".%03d", (int)magnitude);
    }
    return str_from(out, (size_t)length);
}

str wire_time(aws_time_format format, int64_t time_ms, char out[WIRE_TIME_SIZE])
{
    switch (format) {
    case AWS_TIME_RFC822:
        return wire_time_rfc822(time_ms, out);
    case AWS_TIME_EPOCH:
        return wire_time_epoch(time_ms, out);
    default:
        return wire_time_iso8601(time_ms, out);
    }
}
