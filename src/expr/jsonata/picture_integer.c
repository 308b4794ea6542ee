/* A decimal picture is read from right to left: digits and '#' count places, anything else is a
 * separator at the number of places counted so far. Formatting puts the separators into the
 * digits by those positions, also from the right. */
#include "expr/jsonata/picture_integer.h"

#include "base/utf8.h"
#include "expr/jsonata/picture_digits.h"
#include "expr/jsonata/picture_errors.h"
#include "expr/jsonata/picture_text.h"
#include "expr/jsonata/picture_words.h"

#include <math.h>
#include <stdlib.h>

/* The zeros of the decimal digit families (Unicode general category Nd, basic plane). */
static const uint16_t family_zeros[] = {
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
    0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0,
    0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
    0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
};

typedef struct keyword_row {
    const char *text;
    picture_primary primary;
    picture_case letter_case;
} keyword_row;

static const keyword_row keyword_rows[] = {
    {"A", PICTURE_LETTERS, PICTURE_UPPER}, {"a", PICTURE_LETTERS, PICTURE_LOWER},
    {"I", PICTURE_ROMAN, PICTURE_UPPER},   {"i", PICTURE_ROMAN, PICTURE_LOWER},
    {"W", PICTURE_WORDS, PICTURE_UPPER},   {"Ww", PICTURE_WORDS, PICTURE_TITLE},
    {"w", PICTURE_WORDS, PICTURE_LOWER},
};

/* Zero of the family that a digit belongs to; 0 when it is no digit. */
static uint32_t family_of(uint32_t code_point)
{
    for (size_t i = 0; i < ARRAY_LENGTH(family_zeros); i++) {
        if (code_point - family_zeros[i] < 10) {
            return family_zeros[i];
        }
    }
    return 0;
}

/* The code points of a text, in the arena; NULL on failure. */
static uint32_t *code_points(str text, size_t extra, arena *a, size_t *ret_count)
{
    size_t count = utf8_length(text);
    uint32_t *points = arena_array(a, uint32_t, count + extra + 1);
    if (!points) {
        return NULL;
    }
    size_t used = 0;
    for (size_t i = 0; i < text.len;) {
        points[used++] = utf8_next(text, &i);
    }
    *ret_count = used;
    return points;
}

static str text_of(const uint32_t *points, size_t count, arena *a)
{
    char *text = arena_alloc(a, count * 4 + 1);
    if (!text) {
        return STR_NONE;
    }
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len += utf8_write(points[i], text + len);
    }
    text[len] = 0;
    return (str){text, len};
}

/* The distance at which one separator repeats, or 0: every position is a multiple of it, and no
 * multiple up to their number is missing. */
static size_t regular_distance(const picture_separator *separators, size_t count)
{
    size_t divisor = 0;
    for (size_t i = 0; i < count; i++) {
        if (separators[i].code_point != separators[0].code_point) {
            return 0;
        }
        size_t x = divisor, y = separators[i].position;
        while (y) {
            size_t rest = x % y;
            x = y;
            y = rest;
        }
        divisor = x;
    }
    if (divisor == 0) {
        return 0;
    }
    for (size_t multiple = 1; multiple <= count; multiple++) {
        bool is_there = false;
        for (size_t i = multiple - 1; i < count && !is_there; i++) {
            is_there = separators[i].position == multiple * divisor;
        }
        if (!is_there) {
            return 0;
        }
    }
    return divisor;
}

static status read_decimal(str pattern, arena *a, picture_integer *picture, error *reterr)
{
    size_t count = 0;
    uint32_t *points = code_points(pattern, 0, a, &count);
    picture_separator *separators = arena_array(a, picture_separator, count + 1);
    if (!points || !separators) {
        return fail_memory(reterr);
    }
    for (size_t i = count; i-- > 0;) {
        size_t places = picture->mandatory_digits + picture->optional_digits;
        uint32_t family = family_of(points[i]);
        if (family) {
            if (picture->mandatory_digits && family != picture->zero) {
                return jsonata_picture_fail(reterr, PICTURE_DIGIT_FAMILIES, STR_NONE);
            }
            picture->zero = family;
            picture->mandatory_digits++;
        } else if (points[i] == '#') {
            picture->optional_digits++;
        } else {
            separators[picture->separator_count++] =
                (picture_separator){.position = places, .code_point = points[i]};
        }
    }
    if (picture->mandatory_digits == 0) {
        picture->primary = PICTURE_NUMBERING;
        picture->separator_count = 0;
        picture->token = pattern;
        return STATUS_OK;
    }
    size_t distance = regular_distance(separators, picture->separator_count);
    if (distance) {
        picture->is_regular = true;
        separators[0].position = distance;
        picture->separator_count = 1;
    }
    picture->separators = separators;
    return STATUS_OK;
}

status jsonata_picture_integer_read(str text, arena *a, picture_integer *ret_picture, error *reterr)
{
    if (text.len > JSONATA_PICTURE_BYTES_MAX) {
        return fail(reterr, ERROR_LIMIT, "the picture is longer than %d bytes",
                    JSONATA_PICTURE_BYTES_MAX);
    }
    picture_integer picture = {.primary = PICTURE_DECIMAL, .zero = '0'};
    size_t semicolon = str_find_last_char(text, ';');
    str pattern = text;
    if (semicolon != STR_NOT_FOUND) {
        pattern = str_take(text, semicolon);
        picture.is_ordinal = semicolon + 1 < text.len && text.ptr[semicolon + 1] == 'o';
    }
    for (size_t i = 0; i < ARRAY_LENGTH(keyword_rows); i++) {
        if (str_equal(pattern, str_from_c(keyword_rows[i].text))) {
            picture.primary = keyword_rows[i].primary;
            picture.letter_case = keyword_rows[i].letter_case;
            *ret_picture = picture;
            return STATUS_OK;
        }
    }
    TRY(read_decimal(pattern, a, &picture, reterr));
    *ret_picture = picture;
    return STATUS_OK;
}

/* ---------------------------------------------------------------------------------- formatting */

/* Puts `separator` where `position` digits are to its right. In a number with fewer digits the
 * reference counts from the wrong end: what it then drops is dropped here, too. */
static size_t insert_separator(uint32_t *points, size_t count, picture_separator separator)
{
    if (separator.position > count) {
        size_t lost = 2 * count > separator.position ? 2 * count - separator.position : 0;
        memmove(points + 1, points + lost, (count - lost) * sizeof(*points));
        points[0] = separator.code_point;
        return count - lost + 1;
    }
    size_t at = count - separator.position;
    memmove(points + at + 1, points + at, separator.position * sizeof(*points));
    points[at] = separator.code_point;
    return count + 1;
}

/* Digits of the family, padded and grouped; an array with room for the ordinal's suffix. */
static status format_digits(const picture_integer *picture, double value, arena *a,
                            uint32_t **ret_points, size_t *ret_count, error *reterr)
{
    if (picture->mandatory_digits > JSONATA_PICTURE_WIDTH_MAX) {
        return jsonata_picture_fail_width(reterr);
    }
    char text[JSONATA_INTEGER_TEXT_SIZE];
    str digits = jsonata_integer_text(value, text);
    size_t count = MAX_OF(digits.len, picture->mandatory_digits);
    size_t pad = count - digits.len;
    size_t groups = picture->is_regular ? (count - 1) / picture->separators[0].position
                                        : picture->separator_count;
    uint32_t *points = arena_array(a, uint32_t, count + groups + 2);
    if (!points) {
        return fail_memory(reterr);
    }
    for (size_t i = 0; i < count; i++) {
        points[i] = picture->zero + (i < pad ? 0 : (uint32_t)(digits.ptr[i - pad] - '0'));
    }
    if (picture->is_regular) {
        size_t distance = picture->separators[0].position, from = count, to = count + groups;
        for (size_t i = 1; from > 0 && to > from; i++) {
            points[--to] = points[--from];
            if (i % distance == 0) {
                points[--to] = picture->separators[0].code_point;
            }
        }
        count += groups;
    } else {
        for (size_t i = groups; i-- > 0;) {
            count = insert_separator(points, count, picture->separators[i]);
        }
    }
    *ret_points = points;
    *ret_count = count;
    return STATUS_OK;
}

/* th, st, nd or rd, by what the text ends in: digits of other families get th. */
static const char *ordinal_suffix(const uint32_t *points, size_t count)
{
    static const char suffixes[4][3] = {"th", "st", "nd", "rd"};
    uint32_t last = count ? points[count - 1] - '0' : 0;
    bool is_teen = count > 1 && points[count - 2] == '1';
    return suffixes[last < 4 && !is_teen ? last : 0];
}

static status format_decimal(const picture_integer *picture, double value, bool is_negative,
                             arena *a, str *ret_text, error *reterr)
{
    uint32_t *points = NULL;
    size_t count = 0;
    TRY(format_digits(picture, value, a, &points, &count, reterr));
    str digits = text_of(points, count, a);
    if (!digits.ptr) {
        return fail_memory(reterr);
    }
    if (!is_negative && !picture->is_ordinal) {
        *ret_text = digits;
        return STATUS_OK;
    }
    str text = arena_printf(a, "%s%.*s%s", is_negative ? "-" : "", STR_ARG(digits),
                            picture->is_ordinal ? ordinal_suffix(points, count) : "");
    if (!text.ptr) {
        return fail_memory(reterr);
    }
    *ret_text = text;
    return STATUS_OK;
}

status jsonata_picture_integer_format(const picture_integer *picture, double value, arena *a,
                                      str *ret_text, error *reterr)
{
    if (!isfinite(value)) {
        return fail(reterr, ERROR_RANGE, "only a finite number can be formatted");
    }
    value = floor(value);
    bool is_negative = value < 0;
    value = fabs(value);
    if (picture->primary == PICTURE_DECIMAL) {
        return format_decimal(picture, value, is_negative, a, ret_text, reterr);
    }
    if (picture->primary == PICTURE_NUMBERING) {
        return jsonata_picture_fail(reterr, PICTURE_SEQUENCE, picture->token);
    }
    buf out;
    buf_init(&out, JSONATA_PICTURE_WIDTH_MAX);
    if (is_negative) {
        buf_add_char(&out, '-');
    }
    if (picture->primary == PICTURE_WORDS) {
        jsonata_words_format(value, picture->is_ordinal, picture->letter_case, &out);
    } else if (picture->primary == PICTURE_ROMAN) {
        jsonata_roman_format(value, picture->letter_case, &out);
    } else {
        jsonata_letters_format(value, picture->letter_case, &out);
    }
    status result = STATUS_OK;
    if (out.overflowed) {
        result = jsonata_picture_fail_width(reterr);
    }
    return jsonata_picture_finish(result, &out, a, ret_text, reterr);
}

/* ------------------------------------------------------------------------------------- parsing */

/* The number that a text begins with, as parseInt of ECMAScript: white space, a sign, and decimal
 * digits, or 0x and hexadecimal ones. Other digit families count from `zero`. */
static double parse_leading_integer(const uint32_t *points, size_t count, uint32_t zero,
                                    char *digits)
{
    size_t i = 0, used = 0;
    bool is_negative = false;
#define AT(index) ((index) < count ? points[index] - zero + '0' : 0)
    while (i < count && (AT(i) == ' ' || (AT(i) >= 9 && AT(i) <= 13) || AT(i) == 0xA0)) {
        i++;
    }
    if (AT(i) == '+' || AT(i) == '-') {
        is_negative = AT(i) == '-';
        i++;
    }
    if (AT(i) == '0' && (AT(i + 1) | 0x20) == 'x') {
        digits[used++] = '0';
        digits[used++] = 'x';
        for (i += 2; (AT(i) - '0') < 10 || ((AT(i) | 0x20) - 'a') < 6; i++) {
            digits[used++] = (char)AT(i);
        }
        used = used == 2 ? 0 : used;
    } else {
        for (; AT(i) - '0' < 10; i++) {
            digits[used++] = (char)AT(i);
        }
    }
#undef AT
    digits[used] = 0;
    double value = used ? strtod(digits, NULL) : NAN;
    return !isfinite(value) ? NAN : is_negative ? -value : value;
}

static bool is_separator(const picture_integer *picture, uint32_t code_point)
{
    if (picture->is_regular) {
        return code_point == ','; /* whatever the picture's is: so in the reference */
    }
    for (size_t i = 0; i < picture->separator_count; i++) {
        if (picture->separators[i].code_point == code_point) {
            return true;
        }
    }
    return false;
}

static status parse_decimal(const picture_integer *picture, str text, arena *a, double *ret_value,
                            error *reterr)
{
    size_t count = 0;
    uint32_t *points = code_points(text, 0, a, &count);
    char *digits = arena_alloc(a, text.len + 3);
    if (!points || !digits) {
        return fail_memory(reterr);
    }
    if (picture->is_ordinal) {
        count = count > 2 ? count - 2 : 0;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_separator(picture, points[i])) {
            points[kept++] = points[i];
        }
    }
    *ret_value = parse_leading_integer(points, kept, picture->zero, digits);
    return STATUS_OK;
}

status jsonata_picture_integer_parse(const picture_integer *picture, str text, arena *a,
                                     double *ret_value, error *reterr)
{
    switch (picture->primary) {
    case PICTURE_DECIMAL:
        return parse_decimal(picture, text, a, ret_value, reterr);
    case PICTURE_LETTERS:
        *ret_value = jsonata_letters_parse(text, picture->letter_case);
        return STATUS_OK;
    case PICTURE_ROMAN:
        *ret_value = jsonata_roman_parse(text, picture->letter_case);
        return STATUS_OK;
    case PICTURE_WORDS:
        *ret_value = jsonata_words_parse(text);
        return STATUS_OK;
    case PICTURE_NUMBERING:
        break;
    }
    return jsonata_picture_fail(reterr, PICTURE_SEQUENCE, picture->token);
}

/* ----------------------------------------------------------------------------------- functions */

status jsonata_format_integer(double value, str text, arena *a, str *ret_text, error *reterr)
{
    picture_integer picture;
    TRY(jsonata_picture_integer_read(text, a, &picture, reterr));
    return jsonata_picture_integer_format(&picture, value, a, ret_text, reterr);
}

status jsonata_parse_integer(str text, str picture_text, arena *a, json *ret_value, error *reterr)
{
    picture_integer picture;
    TRY(jsonata_picture_integer_read(picture_text, a, &picture, reterr));
    double value = 0;
    TRY(jsonata_picture_integer_parse(&picture, text, a, &value, reterr));
    *ret_value = isnan(value) ? json_null() : json_from_double(value);
    return STATUS_OK;
}
