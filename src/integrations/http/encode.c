/* A form is written by walking the value with its key so far in `key`: each level appends its part
 * and takes it off again. Deeper than JSON_DEPTH_MAX no value is. */
#include "integrations/http/encode.h"

#define FORM_KEY_BYTES_MAX 65536

static const char *const format_names[] = {
    [HTTP_ARRAY_INDICES] = "INDICES",
    [HTTP_ARRAY_REPEAT] = "REPEAT",
    [HTTP_ARRAY_COMMAS] = "COMMAS",
    [HTTP_ARRAY_BRACKETS] = "BRACKETS",
};

bool http_array_format_from_name(str name, http_array_format *ret_format)
{
    for (size_t i = 0; i < ARRAY_LENGTH(format_names); i++) {
        if (str_equal(name, str_from_c(format_names[i]))) {
            *ret_format = (http_array_format)i;
            return true;
        }
    }
    return false;
}

static bool is_unreserved(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void http_encode(str text, buf *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (is_unreserved(c)) {
            buf_add_char(out, (char)c);
        } else {
            const char escaped[] = {'%', digits[c >> 4], digits[c & 15]};
            buf_add(out, escaped, sizeof(escaped));
        }
    }
}

void http_encode_pair(str name, str value, buf *out)
{
    if (out->len) {
        buf_add_char(out, '&');
    }
    http_encode(name, out);
    buf_add_char(out, '=');
    http_encode(value, out);
}

void http_encode_scalar(json value, buf *out)
{
    if (json_is(value, JSON_STRING)) {
        buf_add_str(out, json_str(value));
    } else if (!json_is(value, JSON_NULL)) {
        json_print(value, out);
    }
}

typedef struct form {
    http_array_format format;
    buf key, scalar;
    buf *out;
} form;

static void add_scalar(form *f, json value)
{
    buf_reset(&f->scalar);
    http_encode_scalar(value, &f->scalar);
    http_encode(buf_str(&f->scalar), f->out);
}

static void add_key(form *f)
{
    if (f->out->len) {
        buf_add_char(f->out, '&');
    }
    http_encode(buf_str(&f->key), f->out);
    buf_add_char(f->out, '=');
}

static bool holds_scalars(json array)
{
    for (uint32_t i = 0; i < json_count(array); i++) {
        if (json_kind_of(json_item(array, i)) >= JSON_ARRAY) {
            return false;
        }
    }
    return true;
}

static void add_value(form *f, json value);

static void add_items(form *f, json array)
{
    size_t length = f->key.len;
    bool is_joined = f->format == HTTP_ARRAY_COMMAS && holds_scalars(array);
    if (is_joined && json_count(array)) {
        add_key(f);
    }
    for (uint32_t i = 0; i < json_count(array); i++) {
        if (is_joined) {
            buf_add_str(f->out, i ? STR(",") : STR(""));
            add_scalar(f, json_item(array, i));
            continue;
        }
        if (f->format == HTTP_ARRAY_BRACKETS) {
            buf_add_literal(&f->key, "[]");
        } else if (f->format != HTTP_ARRAY_REPEAT) { /* what commas cannot join has indices */
            buf_add_format(&f->key, "[%u]", i);
        }
        add_value(f, json_item(array, i));
        f->key.len = length;
    }
}

static void add_value(form *f, json value)
{
    size_t length = f->key.len;
    if (json_is(value, JSON_ARRAY)) {
        add_items(f, value);
    } else if (json_is(value, JSON_OBJECT)) {
        for (uint32_t i = 0; i < json_count(value) && !f->out->overflowed; i++) {
            const json_member *member = json_member_at(value, i);
            bool is_inside = length > 0;
            buf_add_str(&f->key, is_inside ? STR("[") : STR(""));
            buf_add_str(&f->key, json_str(member->name));
            buf_add_str(&f->key, is_inside ? STR("]") : STR(""));
            add_value(f, member->value);
            f->key.len = length;
        }
    } else {
        add_key(f);
        add_scalar(f, value);
    }
}

void http_encode_form(json object, http_array_format format, buf *out)
{
    form f = {.format = format, .out = out};
    buf_init(&f.key, FORM_KEY_BYTES_MAX);
    buf_init(&f.scalar, out->max);
    add_value(&f, object);
    out->overflowed |= f.key.overflowed || f.scalar.overflowed;
    buf_clean_up(&f.key);
    buf_clean_up(&f.scalar);
}
