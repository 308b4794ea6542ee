/* Everything of a request is small (the server bounds its headers), so that lookups are linear and
 * the parameters are sorted by qsort. */
#include "integrations/aws/canonical.h"

#include "base/digest.h"

#include <stdlib.h>

#define CANONICAL_BYTES_MAX (1u << 20) /* headers are 64 KiB at most; escapes make three of one */

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void add_escaped(buf *out, char c)
{
    buf_add_char(out, '%');
    buf_add_char(out, "0123456789ABCDEF"[(unsigned char)c >> 4]);
    buf_add_char(out, "0123456789ABCDEF"[(unsigned char)c & 15]);
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* A % that begins no escape stands for itself. */
static void add_reescaped(str text, bool is_slash_kept, buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int high = c == '%' && i + 2 < text.len ? hex_value(text.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text.ptr[i + 2]) : -1;
        if (low >= 0) {
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (is_unreserved(c) || (is_slash_kept && c == '/' && low < 0)) {
            buf_add_char(out, c);
        } else {
            add_escaped(out, c);
        }
    }
}

/* ------------------------------------------------------------------------------------------- path
 */

static size_t last_segment(const buf *out, size_t start)
{
    size_t at = out->len;
    while (at > start && out->ptr[at - 1] != '/') {
        at--;
    }
    return at > start ? at - 1 : start;
}

void aws_canonical_path(str path, buf *out)
{
    size_t start = out->len;
    bool ends_open = true; /* in a slash */
    while (path.ptr) {
        str segment = str_split_next(&path, '/');
        ends_open = segment.len == 0;
        if (str_equal(segment, STR(".."))) {
            out->len = last_segment(out, start);
        } else if (segment.len && !str_equal(segment, STR("."))) {
            buf_add_char(out, '/');
            for (size_t i = 0; i < segment.len; i++) {
                if (is_unreserved(segment.ptr[i])) {
                    buf_add_char(out, segment.ptr[i]);
                } else {
                    add_escaped(out, segment.ptr[i]);
                }
            }
        }
    }
    if (ends_open || out->len == start) {
        buf_add_char(out, '/');
    }
}

void aws_canonical_path_kept(str path, buf *out)
{
    add_reescaped(path.len ? path : STR("/"), true, out);
}

/* ------------------------------------------------------------------------------------------ query
 */

typedef struct parameter {
    str name, value; /* escaped */
} parameter;

/* Into the arena; ptr NULL when it is full. */
static str reescape(str text, arena *a)
{
    buf out;
    buf_init(&out, CANONICAL_BYTES_MAX);
    add_reescaped(text, false, &out);
    str copy = ok(buf_status(&out, NULL)) ? arena_str(a, buf_str(&out)) : STR_NONE;
    buf_clean_up(&out);
    return copy;
}

static int compare_parameters(const void *left, const void *right)
{
    const parameter *a = left, *b = right;
    int order = str_compare(a->name, b->name);
    return order ? order : str_compare(a->value, b->value);
}

void aws_canonical_query(str query, arena *a, buf *out)
{
    size_t room = 1;
    for (size_t i = 0; i < query.len; i++) {
        room += query.ptr[i] == '&';
    }
    parameter *parameters = arena_array(a, parameter, room);
    size_t count = 0;
    while (parameters && query.ptr) {
        str value = str_split_next(&query, '&');
        if (value.len) {
            str name = str_split_next(&value, '=');
            parameters[count] = (parameter){reescape(name, a), reescape(value, a)};
            out->overflowed |= !parameters[count].name.ptr || !parameters[count].value.ptr;
            count++;
        }
    }
    if (!parameters) {
        out->overflowed = true;
        return;
    }
    qsort(parameters, count, sizeof(*parameters), compare_parameters);
    for (size_t i = 0; i < count; i++) {
        if (i) {
            buf_add_char(out, '&');
        }
        buf_add_str(out, parameters[i].name);
        buf_add_char(out, '=');
        buf_add_str(out, parameters[i].value);
    }
}

/* ---------------------------------------------------------------------------------------- headers
 */

static void add_value(str value, buf *out)
{
    value = str_trim(value);
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] != ' ' || value.ptr[i - 1] != ' ') {
            buf_add_char(out, value.ptr[i]);
        }
    }
}

void aws_canonical_headers(const aws_signed_request *request, str signed_headers, buf *out)
{
    while (signed_headers.ptr) {
        str name = str_split_next(&signed_headers, ';');
        bool is_first = true;
        buf_add_str(out, name);
        buf_add_char(out, ':');
        for (size_t i = 0; i < request->header_count; i++) {
            if (str_equal_ignore_case(request->headers[i].name, name)) {
                if (!is_first) {
                    buf_add_char(out, ',');
                }
                add_value(request->headers[i].value, out);
                is_first = false;
            }
        }
        buf_add_char(out, '\n');
    }
}

str aws_canonical_request(const aws_signed_request *request, str signed_headers, arena *a)
{
    char payload[DIGEST_HEX_SIZE];
    buf text;
    buf_init(&text, CANONICAL_BYTES_MAX);
    buf_add_str(&text, request->method);
    buf_add_char(&text, '\n');
    if (request->is_path_kept) {
        aws_canonical_path_kept(request->path, &text);
    } else {
        aws_canonical_path(request->path, &text);
    }
    buf_add_char(&text, '\n');
    aws_canonical_query(request->query, a, &text);
    buf_add_char(&text, '\n');
    aws_canonical_headers(request, signed_headers, &text);
    buf_add_char(&text, '\n');
    buf_add_str(&text, signed_headers);
    buf_add_char(&text, '\n');
    buf_add_str(&text, request->payload_digest.ptr
                           ? request->payload_digest
                           : digest_compute_hex(DIGEST_SHA256, request->body, payload));
    str copy = ok(buf_status(&text, NULL)) ? arena_str(a, buf_str(&text)) : STR_NONE;
    buf_clean_up(&text);
    return copy;
}
