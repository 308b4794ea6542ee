/* A picture has one or two sub-pictures, each
 *
 *     prefix  integer part . fractional part e exponent part  suffix
 *             \_________ mantissa _________/
 *             \________________ active part ________________/
 *
 * read in one pass into `parts`, checked by the rules of the specification, and measured into
 * `sizes`. The number is written as plain digits first; separators are put into these. */
#include "expr/jsonata/picture_number.h"

#include "base/utf8.h"
#include "expr/jsonata/picture_digits.h"
#include "expr/jsonata/picture_errors.h"
#include "expr/jsonata/picture_text.h"

#include <math.h>

typedef enum symbol {
    SYMBOL_DECIMAL,
    SYMBOL_GROUPING,
    SYMBOL_EXPONENT,
    SYMBOL_MINUS,
    SYMBOL_PERCENT,
    SYMBOL_PER_MILLE,
    SYMBOL_ZERO,
    SYMBOL_DIGIT,
    SYMBOL_PATTERN,
    SYMBOL_INFINITY,
    SYMBOL_NAN,
    SYMBOL_COUNT,
} symbol;

static const struct {
    str name;
    str text;
} symbol_rows[SYMBOL_COUNT] = {
    [SYMBOL_DECIMAL] = {{"decimal-separator", 17}, {".", 1}},
    [SYMBOL_GROUPING] = {{"grouping-separator", 18}, {",", 1}},
    [SYMBOL_EXPONENT] = {{"exponent-separator", 18}, {"e", 1}},
    [SYMBOL_MINUS] = {{"minus-sign", 10}, {"-", 1}},
    [SYMBOL_PERCENT] = {{"percent", 7}, {"%", 1}},
    [SYMBOL_PER_MILLE] = {{"per-mille", 9}, {"\xE2\x80\xB0", 3}},
    [SYMBOL_ZERO] = {{"zero-digit", 10}, {"0", 1}},
    [SYMBOL_DIGIT] = {{"digit", 5}, {"#", 1}},
    [SYMBOL_PATTERN] = {{"pattern-separator", 17}, {";", 1}},
    [SYMBOL_INFINITY] = {{"infinity", 8}, {"Infinity", 8}},
    [SYMBOL_NAN] = {{"NaN", 3}, {"NaN", 3}},
};

typedef struct symbols {
    str text[SYMBOL_COUNT];
    uint32_t zero;
} symbols;

static status read_symbols(json options, symbols *ret_symbols, error *reterr)
{
    for (int i = 0; i < SYMBOL_COUNT; i++) {
        json option = json_get(options, symbol_rows[i].name);
        ret_symbols->text[i] =
            json_is(option, JSON_STRING) ? json_str(option) : symbol_rows[i].text;
        if (ret_symbols->text[i].len > JSONATA_PICTURE_BYTES_MAX) {
            return fail(reterr, ERROR_LIMIT, "the option \"%.*s\" is longer than %d bytes",
                        STR_ARG(symbol_rows[i].name), JSONATA_PICTURE_BYTES_MAX);
        }
    }
    size_t offset = 0;
    str zero = ret_symbols->text[SYMBOL_ZERO];
    ret_symbols->zero = zero.len ? utf8_next(zero, &offset) : '0';
    return STATUS_OK;
}

/* ------------------------------------------------------------------------------- sub-pictures */

/* One character of a text, as a slice; moves past it. */
static str next_char(str text, size_t *offset)
{
    size_t start = *offset;
    (void)utf8_next(text, offset);
    return (str){text.ptr + start, *offset - start};
}

static bool is_digit(const symbols *s, str c)
{
    size_t offset = 0;
    return c.len && utf8_next(c, &offset) - s->zero < 10;
}
static bool is_optional(const symbols *s, str c)
{
    return str_equal(c, s->text[SYMBOL_DIGIT]);
}
static bool is_exponent(const symbols *s, str c)
{
    return str_equal(c, s->text[SYMBOL_EXPONENT]);
}
static bool is_grouping(const symbols *s, str c)
{
    return str_equal(c, s->text[SYMBOL_GROUPING]);
}
static bool is_active(const symbols *s, str c)
{
    return is_digit(s, c) || is_optional(s, c) || is_exponent(s, c) || is_grouping(s, c) ||
           str_equal(c, s->text[SYMBOL_DECIMAL]) || str_equal(c, s->text[SYMBOL_PATTERN]);
}

typedef struct parts {
    str whole, prefix, suffix, active, mantissa, integer, fraction;
    str exponent; /* ptr NULL when there is no exponent separator */
} parts;

static str between(str text, size_t begin, size_t end)
{
    if (!text.ptr) { /* an absent exponent */
        return text;
    }
    begin = MIN_OF(begin, text.len);
    end = MIN_OF(end, text.len);
    return begin <= end ? (str){text.ptr + begin, end - begin} : (str){text.ptr + begin, 0};
}

/* Byte offset of a UTF-16 unit. */
static size_t unit_offset(str text, size_t unit)
{
    size_t offset = 0;
    for (size_t units = 0; offset < text.len && units < unit; units++) {
        units += utf8_next(text, &offset) > 0xFFFF;
    }
    return offset;
}

static parts split_parts(const symbols *s, str whole)
{
    parts p = {.whole = whole};
    size_t first = 0, last = whole.len;
    bool is_found = false;
    for (size_t i = 0; i < whole.len;) {
        size_t start = i;
        str c = next_char(whole, &i);
        if (is_active(s, c) && !is_exponent(s, c)) {
            first = is_found ? first : start;
            last = i;
            is_found = true;
        }
    }
    p.prefix = between(whole, 0, first);
    p.suffix = between(whole, last, whole.len);
    p.active = between(whole, first, last);
    p.mantissa = p.active;
    /* The reference finds the separator by its place in the whole sub-picture, and cuts the active
     * part there: behind a prefix, the cut is too far right. */
    str exponent = s->text[SYMBOL_EXPONENT];
    size_t at = str_find(str_skip(whole, first), exponent);
    if (at != STR_NOT_FOUND && at <= last - first) {
        size_t cut = utf8_length_utf16(str_take(whole, first + at));
        p.mantissa = str_take(p.active, unit_offset(p.active, cut));
        p.exponent = str_skip(p.active, unit_offset(p.active, cut + 1));
    }
    p.integer = p.mantissa;
    p.fraction = p.suffix;
    size_t decimal = str_find(p.mantissa, s->text[SYMBOL_DECIMAL]);
    if (decimal != STR_NOT_FOUND) {
        p.integer = between(p.mantissa, 0, decimal);
        p.fraction = between(p.mantissa, decimal + s->text[SYMBOL_DECIMAL].len, p.mantissa.len);
    }
    return p;
}

static size_t count_digits(const symbols *s, str text, bool with_optional)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len;) {
        str c = next_char(text, &i);
        count += is_digit(s, c) || (with_optional && is_optional(s, c));
    }
    return count;
}

static bool has(const symbols *s, const parts *p, symbol which)
{
    return str_find(p->whole, s->text[which]) != STR_NOT_FOUND;
}
static bool has_twice(const symbols *s, const parts *p, symbol which)
{
    str what = s->text[which];
    size_t first = str_find(p->whole, what);
    return first != STR_NOT_FOUND && p->whole.len > first &&
           str_find(str_skip(p->whole, first + 1), what) != STR_NOT_FOUND;
}

static bool has_passive(const symbols *s, str text)
{
    for (size_t i = 0; i < text.len;) {
        if (!is_active(s, next_char(text, &i))) {
            return true;
        }
    }
    return false;
}

static bool is_grouping_at_decimal(const symbols *s, const parts *p)
{
    size_t at = str_find(p->whole, s->text[SYMBOL_DECIMAL]);
    str grouping = s->text[SYMBOL_GROUPING];
    return at != STR_NOT_FOUND && grouping.len &&
           (str_ends_with(between(p->whole, 0, at), grouping) ||
            str_starts_with(str_skip(p->whole, at + s->text[SYMBOL_DECIMAL].len), grouping));
}

static bool is_grouping_doubled(const symbols *s, const parts *p)
{
    str grouping = s->text[SYMBOL_GROUPING];
    for (str rest = p->whole; grouping.len;) {
        size_t at = str_find(rest, grouping);
        if (at == STR_NOT_FOUND) {
            return false;
        }
        rest = str_skip(rest, at + grouping.len);
        if (str_starts_with(rest, grouping)) {
            return true;
        }
    }
    return false;
}

/* The parts before the first, and from the last '#' on. */
static bool has_digit_before_optional(const symbols *s, str integer)
{
    size_t at = str_find(integer, s->text[SYMBOL_DIGIT]);
    return at != STR_NOT_FOUND && count_digits(s, between(integer, 0, at), false) > 0;
}
static bool has_digit_after_optional(const symbols *s, str fraction)
{
    bool is_after = false;
    bool result = false;
    for (size_t i = 0; i < fraction.len;) {
        str c = next_char(fraction, &i);
        if (is_optional(s, c)) {
            is_after = true;
            result = is_digit(s, c);
        } else if (is_after && is_digit(s, c)) {
            result = true;
        }
    }
    return result;
}

/* Where several rules are broken, the reference tells the last one. */
static status check_parts(const symbols *s, const parts *p, error *reterr)
{
    bool has_exponent = p->exponent.ptr != NULL;
    bool has_decimal = has(s, p, SYMBOL_DECIMAL);
    bool has_ratio = has(s, p, SYMBOL_PERCENT) || has(s, p, SYMBOL_PER_MILLE);
    str grouping = s->text[SYMBOL_GROUPING];
    const struct {
        picture_error which;
        bool is_broken;
    } rules[] = {
        {PICTURE_EXPONENT_DIGITS,
         has_exponent && (p->exponent.len == 0 ||
                          count_digits(s, p->exponent, false) != utf8_length(p->exponent))},
        {PICTURE_PERCENT_AND_EXPONENT, has_exponent && p->exponent.len > 0 && has_ratio},
        {PICTURE_FRACTION_ORDER, has_digit_after_optional(s, p->fraction)},
        {PICTURE_INTEGER_ORDER, has_digit_before_optional(s, p->integer)},
        {PICTURE_GROUPING_TWICE, is_grouping_doubled(s, p)},
        {PICTURE_GROUPING_AT_END,
         !has_decimal && grouping.len && str_ends_with(p->integer, grouping)},
        {PICTURE_GROUPING_AT_DECIMAL, is_grouping_at_decimal(s, p)},
        {PICTURE_PASSIVE_INSIDE, has_passive(s, p->active)},
        {PICTURE_NO_DIGIT, count_digits(s, p->mantissa, true) == 0},
        {PICTURE_PERCENT_AND_PER_MILLE, has(s, p, SYMBOL_PERCENT) && has(s, p, SYMBOL_PER_MILLE)},
        {PICTURE_PER_MILLE_TWICE, has_twice(s, p, SYMBOL_PER_MILLE)},
        {PICTURE_PERCENT_TWICE, has_twice(s, p, SYMBOL_PERCENT)},
        {PICTURE_DECIMAL_TWICE, has_twice(s, p, SYMBOL_DECIMAL)},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rules); i++) {
        if (rules[i].is_broken) {
            return jsonata_picture_fail(reterr, rules[i].which, STR_NONE);
        }
    }
    return STATUS_OK;
}

/* ------------------------------------------------------------------------------------ measures */

typedef struct sizes {
    size_t integer_min, fraction_min, fraction_max, exponent_min;
    int scaling; /* digits before the point of a number with exponent */
} sizes;

static sizes measure(const symbols *s, const parts *p)
{
    bool has_exponent = p->exponent.ptr != NULL;
    sizes z = {
        .integer_min = count_digits(s, p->integer, false),
        .fraction_min = count_digits(s, p->fraction, false),
        .fraction_max = count_digits(s, p->fraction, true),
        .exponent_min = count_digits(s, p->exponent, false),
    };
    z.scaling = (int)z.integer_min;
    if (z.integer_min == 0 && z.fraction_max == 0) {
        if (has_exponent) {
            z.fraction_min = z.fraction_max = 1;
        } else {
            z.integer_min = 1;
        }
    }
    if (has_exponent && z.integer_min == 0 &&
        str_find(p->integer, s->text[SYMBOL_DIGIT]) != STR_NOT_FOUND) {
        z.integer_min = 1;
    }
    if (z.integer_min == 0 && z.fraction_min == 0) {
        z.fraction_min = 1;
    }
    return z;
}

/* Positions of the separators of the integer part, in digits to their right. */
static size_t integer_positions(const symbols *s, str part, size_t *positions)
{
    size_t count = 0;
    for (size_t i = 0; i < part.len;) {
        if (is_grouping(s, next_char(part, &i))) {
            positions[count++] = count_digits(s, str_skip(part, i), true);
        }
    }
    return count;
}

/* Positions of the separators of the fraction, in digits to their left. The reference looks for the
 * second and further ones in the integer part, but measures them in the fraction. */
static size_t fraction_positions(const symbols *s, const parts *p, size_t *positions)
{
    str separator = s->text[SYMBOL_GROUPING];
    size_t count = 0;
    size_t at = separator.len ? str_find(p->fraction, separator) : STR_NOT_FOUND;
    size_t unit = at == STR_NOT_FOUND ? 0 : utf8_length_utf16(str_take(p->fraction, at));
    while (at != STR_NOT_FOUND) {
        str left = str_take(p->fraction, unit_offset(p->fraction, unit));
        positions[count++] = count_digits(s, left, true);
        size_t from = unit_offset(p->integer, unit + 1);
        at = str_find(str_skip(p->integer, from), separator);
        unit = utf8_length_utf16(str_take(p->integer, from + (at == STR_NOT_FOUND ? 0 : at)));
    }
    return count;
}

/* The distance at which separators repeat, or 0. */
static size_t regular_distance(const size_t *positions, size_t count)
{
    size_t divisor = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t y = positions[i]; y;) {
            size_t rest = divisor % y;
            divisor = y;
            y = rest;
        }
    }
    for (size_t multiple = 1; divisor && multiple <= count; multiple++) {
        bool is_there = false;
        for (size_t i = 0; i < count && !is_there; i++) {
            is_there = positions[i] == multiple * divisor;
        }
        if (!is_there) {
            return 0;
        }
    }
    return divisor;
}

/* ------------------------------------------------------------------------------------- writing */

#define DECIMAL_PLACE UINT32_MAX /* stands for the decimal separator */

typedef struct digits {
    uint32_t *points; /* arena */
    size_t count;
    size_t decimal; /* index of DECIMAL_PLACE */
} digits;

/* Before the point at an index; past either end it goes to that end. */
static void insert_at(digits *d, int64_t index, uint32_t code_point)
{
    if (index < 0) { /* counted from the end, as String.prototype.slice */
        index = MAX_OF((int64_t)d->count + index, 0);
    }
    size_t at = MIN_OF((size_t)index, d->count);
    memmove(d->points + at + 1, d->points + at, (d->count - at) * sizeof(*d->points));
    d->points[at] = code_point;
    d->count++;
}

static status add_separators(const symbols *s, const parts *p, arena *a, digits *d, error *reterr)
{
    size_t *positions = arena_array(a, size_t, p->active.len + p->suffix.len + 1);
    if (!positions) {
        return fail_memory(reterr);
    }
    size_t offset = 0;
    str text = s->text[SYMBOL_GROUPING];
    uint32_t separator = text.len ? utf8_next(text, &offset) : 0;
    size_t count = integer_positions(s, p->integer, positions);
    size_t distance = regular_distance(positions, count);
    size_t decimal = d->decimal;
    if (distance) {
        for (size_t group = decimal ? (decimal - 1) / distance : 0, i = 1; i <= group; i++) {
            insert_at(d, (int64_t)(decimal - i * distance), separator);
            d->decimal++;
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            insert_at(d, (int64_t)d->decimal - (int64_t)positions[i], separator);
            d->decimal++;
        }
    }
    for (d->decimal = 0; d->points[d->decimal] != DECIMAL_PLACE; d->decimal++) {
    }
    count = fraction_positions(s, p, positions);
    for (size_t i = 0; i < count; i++) {
        insert_at(d, (int64_t)(positions[i] + d->decimal + 1), separator);
    }
    return STATUS_OK;
}

/* In the picture's digit family; the e and + of the largest numbers stay as they are. */
static void add_digits(const symbols *s, str text, digits *d)
{
    for (size_t i = 0; i < text.len; i++) {
        uint32_t c = (unsigned char)text.ptr[i];
        d->points[d->count++] = c - '0' < 10 ? c - '0' + s->zero : c;
    }
}

/* Digits before and after the point, without needless zeros, padded to the sizes that the picture
 * asks for. */
static status lay_digits(const symbols *s, const parts *p, const sizes *z, double value, arena *a,
                         digits *ret_digits, error *reterr)
{
    char text[JSONATA_FIXED_TEXT_SIZE];
    double rounded = jsonata_round(value, (int)z->fraction_max);
    str plain = jsonata_fixed_text(isfinite(rounded) ? rounded : value, (int)z->fraction_max, text);
    size_t point = str_find_char(plain, '.');
    str integer = point == STR_NOT_FOUND ? plain : str_take(plain, point);
    str fraction = point == STR_NOT_FOUND ? STR_NONE : str_skip(plain, point + 1);
    while (integer.len && integer.ptr[0] == '0') {
        integer = str_skip(integer, 1);
    }
    while (fraction.ptr && fraction.len && fraction.ptr[fraction.len - 1] == '0') {
        fraction.len--;
    }
    size_t pad_left = z->integer_min > integer.len ? z->integer_min - integer.len : 0;
    size_t pad_right = z->fraction_min > fraction.len ? z->fraction_min - fraction.len : 0;
    size_t room = 2 * (pad_left + integer.len + 1 + fraction.len + pad_right) + p->whole.len + 2;
    digits d = {.points = arena_array(a, uint32_t, room), .decimal = pad_left + integer.len};
    if (!d.points) {
        return fail_memory(reterr);
    }
    for (size_t i = 0; i < pad_left; i++) {
        d.points[d.count++] = s->zero;
    }
    add_digits(s, integer, &d);
    d.points[d.count++] = DECIMAL_PLACE;
    add_digits(s, fraction, &d);
    for (size_t i = 0; i < pad_right; i++) {
        d.points[d.count++] = s->zero;
    }
    *ret_digits = d;
    return add_separators(s, p, a, ret_digits, reterr);
}

/* Scales the mantissa to `scaling` digits before the point; the exponent makes up for it. */
static double scale(double value, int scaling, int *ret_exponent)
{
    double most = pow(10, scaling), least = pow(10, scaling - 1);
    int exponent = 0;
    if (value != 0 && isfinite(most)) {
        while (value < least) {
            value *= 10;
            exponent--;
        }
        while (value > most) {
            value /= 10;
            exponent++;
        }
    }
    *ret_exponent = exponent;
    return value;
}

static void add_code_point(buf *out, uint32_t code_point)
{
    char bytes[4];
    buf_add(out, bytes, utf8_write(code_point, bytes));
}

static void add_exponent(const symbols *s, const sizes *z, int exponent, buf *out)
{
    char text[JSONATA_INTEGER_TEXT_SIZE];
    str plain = jsonata_integer_text(abs(exponent), text);
    buf_add_str(out, s->text[SYMBOL_EXPONENT]);
    if (exponent < 0) {
        buf_add_str(out, s->text[SYMBOL_MINUS]);
    }
    for (size_t i = plain.len; i < z->exponent_min; i++) {
        add_code_point(out, s->zero);
    }
    for (size_t i = 0; i < plain.len; i++) {
        add_code_point(out, (uint32_t)(plain.ptr[i] - '0') + s->zero);
    }
}

static status write_number(const symbols *s, const parts *p, bool with_minus, double value,
                           arena *a, buf *out, error *reterr)
{
    sizes z = measure(s, p);
    if (z.fraction_max > 100) {
        return fail(reterr, ERROR_LIMIT, "a picture may have at most 100 fractional digits");
    }
    double adjusted = fabs(value);
    if (has(s, p, SYMBOL_PERCENT)) {
        adjusted *= 100;
    } else if (has(s, p, SYMBOL_PER_MILLE)) {
        adjusted *= 1000;
    }
    if (!isfinite(adjusted)) {
        return fail(reterr, ERROR_RANGE, "the number is too large for its picture");
    }
    int exponent = 0;
    if (p->exponent.ptr) {
        adjusted = scale(adjusted, z.scaling, &exponent);
    }
    digits d = {0};
    TRY(lay_digits(s, p, &z, adjusted, a, &d, reterr));
    if (with_minus) {
        buf_add_str(out, s->text[SYMBOL_MINUS]);
    }
    buf_add_str(out, p->prefix);
    /* Without a decimal separator in the picture, the reference drops the last character, which is
     * the separator unless an exponent asked for a fractional digit. */
    if (!has(s, p, SYMBOL_DECIMAL) || d.decimal == d.count - 1) {
        d.count--;
    }
    for (size_t i = 0; i < d.count; i++) {
        if (d.points[i] == DECIMAL_PLACE) {
            buf_add_str(out, s->text[SYMBOL_DECIMAL]);
        } else {
            add_code_point(out, d.points[i]);
        }
    }
    if (p->exponent.ptr) {
        add_exponent(s, &z, exponent, out);
    }
    buf_add_str(out, p->suffix);
    return buf_status(out, reterr);
}

status jsonata_format_number(double value, str picture, json options, arena *a, str *ret_text,
                             error *reterr)
{
    if (picture.len > JSONATA_PICTURE_BYTES_MAX) {
        return fail(reterr, ERROR_LIMIT, "the picture is longer than %d bytes",
                    JSONATA_PICTURE_BYTES_MAX);
    }
    symbols s;
    TRY(read_symbols(options, &s, reterr));
    parts subpictures[2];
    size_t count = 0;
    str separator = s.text[SYMBOL_PATTERN];
    for (str rest = picture; rest.ptr || count == 0;) {
        size_t at = separator.len ? str_find(rest, separator) : STR_NOT_FOUND;
        if (count == ARRAY_LENGTH(subpictures)) {
            return jsonata_picture_fail(reterr, PICTURE_TOO_MANY_PARTS, STR_NONE);
        }
        subpictures[count++] = split_parts(&s, str_take(rest, at));
        rest = at == STR_NOT_FOUND ? STR_NONE : str_skip(rest, at + separator.len);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(check_parts(&s, &subpictures[i], reterr));
    }
    bool is_negative = value < 0;
    buf out;
    buf_init(&out, 8 * (size_t)JSONATA_PICTURE_WIDTH_MAX);
    status result = write_number(&s, &subpictures[is_negative ? count - 1 : 0],
                                 is_negative && count == 1, value, a, &out, reterr);
    return jsonata_picture_finish(result, &out, a, ret_text, reterr);
}
