#include "base/percent.h"

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static str decode(str text, char plus, arena *a)
{
    char *out = arena_alloc(a, text.len + 1);
    size_t length = 0;
    if (!out) {
        return STR_NONE;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int high = c == '%' && text.len - i > 2 ? hex_value(text.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text.ptr[i + 2]) : -1;
        if (low >= 0 && high * 16 + low > 0) {
            out[length++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[length++] = c == '+' ? plus : c;
        }
    }
    return str_from(out, length);
}

str percent_decode(str text, arena *a)
{
    return decode(text, '+', a);
}

str percent_decode_query(str text, arena *a)
{
    return decode(text, ' ', a);
}
