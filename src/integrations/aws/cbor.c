/* Depth is bounded by AWS_VALUE_DEPTH_MAX, memory by the input: each item takes at least a byte. */
#include "integrations/aws/cbor.h"

#include "integrations/aws/wire.h"
#include "integrations/aws/wire_value.h"

#include <math.h>

enum {
    CBOR_UNSIGNED,
    CBOR_NEGATIVE,
    CBOR_BYTES,
    CBOR_TEXT,
    CBOR_ARRAY,
    CBOR_MAP,
    CBOR_TAG,
    CBOR_SIMPLE,
};
#define CBOR_INDEFINITE 31
#define CBOR_BREAK 0xFF
#define CBOR_EPOCH_TAG 1

/* -------------------------------------------------------------------------------------- printing
 */

static void add_big_endian(buf *out, uint64_t number, int bytes)
{
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        buf_add_char(out, (char)(number >> shift & 0xFF));
    }
}

static void add_head(buf *out, int major, uint64_t number)
{
    int bytes = number < 24            ? 0
                : number <= 0xFF       ? 1
                : number <= 0xFFFF     ? 2
                : number <= 0xFFFFFFFF ? 4
                                       : 8;
    int info = bytes == 0 ? (int)number : bytes == 1 ? 24 : bytes == 2 ? 25 : bytes == 4 ? 26 : 27;
    buf_add_char(out, (char)(major << 5 | info));
    add_big_endian(out, number, bytes);
}

static void add_number(buf *out, json value)
{
    int64_t integer;
    if (value.extra == WIRE_TIME) {
        add_head(out, CBOR_TAG, CBOR_EPOCH_TAG);
    }
    if (value.extra != WIRE_FLOAT && value.extra != WIRE_DOUBLE && json_int64(value, &integer)) {
        add_head(out, integer < 0 ? CBOR_NEGATIVE : CBOR_UNSIGNED,
                 integer < 0 ? (uint64_t)(-1 - integer) : (uint64_t)integer);
        return;
    }
    double real = json_double(value);
    if (value.extra == WIRE_FLOAT) {
        float single = (float)real;
        uint32_t bits;
        memcpy(&bits, &single, sizeof(bits));
        buf_add_char(out, (char)0xFA);
        add_big_endian(out, bits, 4);
    } else {
        uint64_t bits;
        memcpy(&bits, &real, sizeof(bits));
        buf_add_char(out, (char)0xFB);
        add_big_endian(out, bits, 8);
    }
}

static void print_value(json value, unsigned depth, buf *out)
{
    if (depth > AWS_VALUE_DEPTH_MAX) {
        out->overflowed = true;
        return;
    }
    switch (json_kind_of(value)) {
    case JSON_BOOLEAN:
        buf_add_char(out, (char)(json_is_true(value) ? 0xF5 : 0xF4));
        break;
    case JSON_NUMBER:
        add_number(out, value);
        break;
    case JSON_STRING:
        add_head(out, value.extra == WIRE_BYTES ? CBOR_BYTES : CBOR_TEXT, value.count);
        buf_add_str(out, json_str(value));
        break;
    case JSON_ARRAY:
        add_head(out, CBOR_ARRAY, json_count(value));
        for (uint32_t i = 0; i < json_count(value); i++) {
            print_value(json_item(value, i), depth + 1, out);
        }
        break;
    case JSON_OBJECT:
        add_head(out, CBOR_MAP, json_count(value));
        for (uint32_t i = 0; i < json_count(value); i++) {
            print_value(json_member_at(value, i)->name, depth + 1, out);
            print_value(json_member_at(value, i)->value, depth + 1, out);
        }
        break;
    default:
        buf_add_char(out, (char)0xF6);
    }
}

void cbor_print(json value, buf *out)
{
    print_value(value, 0, out);
}

/* --------------------------------------------------------------------------------------- parsing
 */

typedef struct cbor_reader {
    str rest;
    arena *a;
    error *reterr;
} cbor_reader;

typedef struct cbor_head {
    int major, info;
    uint64_t number; /* 0 when info is CBOR_INDEFINITE */
} cbor_head;

static status broken(const cbor_reader *r)
{
    return fail(r->reterr, ERROR_SYNTAX, "the answer is not well-formed CBOR");
}

static status read_head(cbor_reader *r, cbor_head *ret_head)
{
    if (r->rest.len == 0) {
        return broken(r);
    }
    unsigned char first = (unsigned char)r->rest.ptr[0];
    cbor_head head = {.major = first >> 5, .info = first & 31};
    size_t bytes = head.info < 24 ? 0 : head.info < 28 ? (size_t)1 << (head.info - 24) : 0;
    if ((head.info > 27 && head.info != CBOR_INDEFINITE) || r->rest.len < 1 + bytes) {
        return broken(r);
    }
    head.number = head.info < 24 ? (uint64_t)head.info : 0;
    for (size_t i = 1; i <= bytes; i++) {
        head.number = head.number << 8 | (unsigned char)r->rest.ptr[i];
    }
    r->rest = str_skip(r->rest, 1 + bytes);
    *ret_head = head;
    return STATUS_OK;
}

static bool at_break(cbor_reader *r)
{
    bool is_break = r->rest.len && (unsigned char)r->rest.ptr[0] == CBOR_BREAK;
    r->rest = str_skip(r->rest, is_break);
    return is_break;
}

/* A text or bytes, in one piece or in several. */
static status read_run(cbor_reader *r, const cbor_head *head, str *ret_bytes)
{
    if (head->info != CBOR_INDEFINITE) {
        if (head->number > r->rest.len) {
            return broken(r);
        }
        *ret_bytes = str_take(r->rest, (size_t)head->number);
        r->rest = str_skip(r->rest, (size_t)head->number);
        return STATUS_OK;
    }
    char *joined = arena_alloc(r->a, r->rest.len); /* the pieces are shorter than that */
    size_t used = 0;
    if (!joined) {
        return fail_memory(r->reterr);
    }
    while (!at_break(r)) {
        cbor_head piece;
        TRY(read_head(r, &piece));
        if (piece.major != head->major || piece.info == CBOR_INDEFINITE ||
            piece.number > r->rest.len) {
            return broken(r);
        }
        memcpy(joined + used, r->rest.ptr, (size_t)piece.number);
        used += (size_t)piece.number;
        r->rest = str_skip(r->rest, (size_t)piece.number);
    }
    *ret_bytes = str_from(joined, used);
    return STATUS_OK;
}

static status read_string(cbor_reader *r, const cbor_head *head, json *ret_value)
{
    str bytes;
    TRY(read_run(r, head, &bytes));
    str text = head->major == CBOR_TEXT ? wire_as_text(bytes, r->a) : arena_str(r->a, bytes);
    if (!text.ptr || text.len > JSON_TEXT_BYTES_MAX) {
        return fail_memory(r->reterr);
    }
    *ret_value = json_from_str(text);
    ret_value->extra = head->major == CBOR_BYTES ? WIRE_BYTES : 0;
    return STATUS_OK;
}

static json number_value(double real)
{
    if (isnan(real)) {
        return json_literal("NaN");
    }
    if (isinf(real)) {
        return real > 0 ? json_literal("Infinity") : json_literal("-Infinity");
    }
    return json_from_double(real);
}

static double half_float(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023);
    double magnitude = exponent == 0    ? ldexp(fraction, -24)
                       : exponent == 31 ? (fraction != 0 ? NAN : INFINITY)
                                        : ldexp(fraction + 1024, exponent - 25);
    return bits >> 15 & 1 ? -magnitude : magnitude;
}

static status read_simple(cbor_reader *r, const cbor_head *head, json *ret_value)
{
    uint32_t single = (uint32_t)head->number;
    float real32;
    double real64;
    switch (head->info) {
    case 20:
    case 21:
        *ret_value = json_boolean(head->info == 21);
        return STATUS_OK;
    case 22:
    case 23:
        *ret_value = json_null();
        return STATUS_OK;
    case 25:
        *ret_value = number_value(half_float(head->number));
        return STATUS_OK;
    case 26:
        memcpy(&real32, &single, sizeof(real32));
        *ret_value = number_value((double)real32);
        return STATUS_OK;
    case 27:
        memcpy(&real64, &head->number, sizeof(real64));
        *ret_value = number_value(real64);
        return STATUS_OK;
    default:
        return broken(r);
    }
}

static status read_integer(cbor_reader *r, const cbor_head *head, json *ret_value)
{
    if (head->info == CBOR_INDEFINITE) {
        return broken(r);
    }
    bool is_negative = head->major == CBOR_NEGATIVE;
    if (head->number <= INT64_MAX) {
        int64_t number = (int64_t)head->number;
        *ret_value = json_from_int64(is_negative ? -1 - number : number);
    } else {
        *ret_value =
            json_from_double(is_negative ? -1 - (double)head->number : (double)head->number);
    }
    return STATUS_OK;
}

static status read_value(cbor_reader *r, unsigned depth, json *ret_value);

static status read_array(cbor_reader *r, const cbor_head *head, unsigned depth, json *ret_value)
{
    json_array_builder builder;
    json_array_begin(&builder, r->a, 4);
    bool is_open = head->info == CBOR_INDEFINITE;
    for (uint64_t i = 0; is_open ? !at_break(r) : i < head->number; i++) {
        json item;
        TRY(read_value(r, depth + 1, &item));
        json_array_add(&builder, item);
    }
    return json_array_finish(&builder, ret_value, r->reterr);
}

static status read_map(cbor_reader *r, const cbor_head *head, unsigned depth, json *ret_value)
{
    json_object_builder builder;
    json_object_begin(&builder, r->a, 4);
    bool is_open = head->info == CBOR_INDEFINITE;
    for (uint64_t i = 0; is_open ? !at_break(r) : i < head->number; i++) {
        json name, value;
        TRY(read_value(r, depth + 1, &name));
        if (!json_is(name, JSON_STRING) || name.extra == WIRE_BYTES) {
            return broken(r);
        }
        TRY(read_value(r, depth + 1, &value));
        json_object_add_named(&builder, name, value);
    }
    return json_object_finish(&builder, ret_value, r->reterr);
}

static status read_value(cbor_reader *r, unsigned depth, json *ret_value)
{
    cbor_head head;
    if (depth > AWS_VALUE_DEPTH_MAX) {
        return fail(r->reterr, ERROR_LIMIT, "the answer nests deeper than %d", AWS_VALUE_DEPTH_MAX);
    }
    TRY(read_head(r, &head));
    switch (head.major) {
    case CBOR_UNSIGNED:
    case CBOR_NEGATIVE:
        return read_integer(r, &head, ret_value);
    case CBOR_BYTES:
    case CBOR_TEXT:
        return read_string(r, &head, ret_value);
    case CBOR_ARRAY:
        return read_array(r, &head, depth, ret_value);
    case CBOR_MAP:
        return read_map(r, &head, depth, ret_value);
    case CBOR_TAG: /* of times; others say nothing that the model does not */
        return head.info == CBOR_INDEFINITE ? broken(r) : read_value(r, depth + 1, ret_value);
    default:
        return read_simple(r, &head, ret_value);
    }
}

status cbor_parse(str bytes, arena *a, json *ret_value, error *reterr)
{
    cbor_reader r = {.rest = bytes, .a = a, .reterr = reterr};
    json value;
    if (bytes.len == 0) {
        *ret_value = json_empty_object();
        return STATUS_OK;
    }
    TRY(read_value(&r, 0, &value));
    if (r.rest.len) {
        return broken(&r);
    }
    *ret_value = value;
    return STATUS_OK;
}
