/* Writing: each part of the picture appends its text. */
#include "expr/jsonata/picture_datetime.h"

#include "expr/jsonata/picture_datetime_parts.h"
#include "expr/jsonata/picture_errors.h"
#include "expr/jsonata/picture_text.h"

#include <math.h>

typedef struct moment {
    int64_t time_ms; /* shifted into the timezone */
    double offset_hours;
    double offset_minutes;
} moment;

static status write_integer(const picture_integer *picture, double value, arena *a, buf *out,
                            error *reterr)
{
    str text;
    TRY(jsonata_picture_integer_format(picture, value, a, &text, reterr));
    buf_add_str(out, text);
    return STATUS_OK;
}

/* One or two digits show hours, and minutes only where there are some; three or four, or a
 * separator, show hours and minutes. */
static status write_timezone(const datetime_part *part, const moment *m, arena *a, buf *out,
                             error *reterr)
{
    const picture_integer *integer = &part->integer;
    bool is_decimal = integer->primary == PICTURE_DECIMAL;
    double offset = m->offset_hours * 100 + m->offset_minutes;
    bool is_short = !integer->is_regular && integer->mandatory_digits <= 2;
    if (!is_decimal || (!integer->is_regular && integer->mandatory_digits > 4)) {
        return jsonata_picture_fail(reterr, PICTURE_TIMEZONE_DIGITS, STR_NONE);
    }
    if (offset == 0 && part->shows_z) {
        buf_add_char(out, 'Z');
        return STATUS_OK;
    }
    if (datetime_letter(part) == 'z') {
        buf_add_literal(out, "GMT");
    }
    if (offset >= 0) {
        buf_add_char(out, '+');
    }
    TRY(write_integer(integer, is_short ? m->offset_hours : offset, a, out, reterr));
    if (is_short && m->offset_minutes != 0) {
        static const picture_integer two_digits = {.zero = '0', .mandatory_digits = 2};
        buf_add_char(out, ':');
        TRY(write_integer(&two_digits, m->offset_minutes, a, out, reterr));
    }
    return STATUS_OK;
}

static status write_part(const datetime_part *part, const moment *m, arena *a, buf *out,
                         error *reterr)
{
    if (part->literal.ptr) {
        buf_add_str(out, part->literal);
        return STATUS_OK;
    }
    char letter = datetime_letter(part);
    if (letter == 'C' || letter == 'E') {
        buf_add_literal(out, "ISO");
        return STATUS_OK;
    }
    if (letter == 'Z' || letter == 'z') {
        return write_timezone(part, m, a, out, reterr);
    }
    int value = jsonata_datetime_value(m->time_ms, letter);
    if (part->is_name || letter == 'P') {
        char text[16];
        str name = jsonata_datetime_name(part, value, text);
        if (!name.ptr) {
            return jsonata_picture_fail(reterr, PICTURE_NAME_NOT_ALLOWED, part->component);
        }
        buf_add_str(out, name);
        return STATUS_OK;
    }
    if (letter == 'Y' && part->year_digits < 7) { /* no year has more digits */
        int power = 1;
        for (size_t i = 0; i < part->year_digits; i++) {
            power *= 10;
        }
        value %= power;
    }
    return write_integer(&part->integer, value, a, out, reterr);
}

/* Hours and minutes from "+0100": the number that the text begins with, divided by 100. */
static status read_timezone(str text, moment *m, error *reterr)
{
    str number = str_trim(text);
    bool is_negative = number.len && number.ptr[0] == '-';
    if (number.len && (number.ptr[0] == '-' || number.ptr[0] == '+')) {
        number = str_skip(number, 1);
    }
    double offset = 0;
    size_t i = 0;
    for (; i < number.len && number.ptr[i] >= '0' && number.ptr[i] <= '9'; i++) {
        offset = offset * 10 + (number.ptr[i] - '0');
    }
    if (i == 0 || offset > 1e12) {
        return fail(reterr, ERROR_INVALID, "the timezone must be like \"+0100\" or \"-0500\"");
    }
    offset = is_negative ? -offset : offset;
    m->offset_hours = floor(offset / 100);
    m->offset_minutes = fmod(offset, 100);
    return STATUS_OK;
}

static const time_parts year_10000 = {.year = 10000, .month = 1, .day = 1};

status jsonata_from_millis(double ms, str picture_text, str zone, arena *a, str *ret_text,
                           error *reterr)
{
    moment m = {0};
    if (zone.ptr) {
        TRY(read_timezone(zone, &m, reterr));
    }
    double shifted = trunc(ms) + (m.offset_hours * 60 + m.offset_minutes) * 60000;
    if (!(fabs(ms) <= DATETIME_MS_MAX) || !(fabs(shifted) <= DATETIME_MS_MAX)) {
        return fail(reterr, ERROR_RANGE, "no date is %.17g milliseconds from 1970", ms);
    }
    m.time_ms = (int64_t)shifted;
    bool is_utc = m.offset_hours == 0 && m.offset_minutes == 0;
    if (!picture_text.ptr && is_utc && m.time_ms >= 0 && m.time_ms < time_join(&year_10000)) {
        char text[TIME_TEXT_SIZE];
        str copy = arena_str(a, time_print_rfc3339(m.time_ms, text));
        if (!copy.ptr) {
            return fail_memory(reterr);
        }
        *ret_text = copy;
        return STATUS_OK;
    }
    if (!picture_text.ptr) {
        picture_text = STR("[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]");
    }
    datetime_picture picture;
    TRY(jsonata_datetime_picture_read(picture_text, a, &picture, reterr));
    buf out;
    buf_init(&out, 8 * (size_t)JSONATA_PICTURE_WIDTH_MAX);
    status result = STATUS_OK;
    for (size_t i = 0; i < picture.count && ok(result) && !out.overflowed; i++) {
        result = write_part(&picture.parts[i], &m, a, &out, reterr);
    }
    if (ok(result)) {
        result = buf_status(&out, reterr);
    }
    return jsonata_picture_finish(result, &out, a, ret_text, reterr);
}
