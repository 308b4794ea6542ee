#include "runtime/names.h"

#include "base/utf8.h"

#define NAME_CHARS_MAX 80

bool runtime_name_is_valid(str name)
{
    if (!name.len || utf8_check(name) != name.len || utf8_length(name) > NAME_CHARS_MAX) {
        return false;
    }
    for (size_t i = 0; i < name.len;) {
        uint32_t c = utf8_next(name, &i);
        if (c <= 0x20 || (c >= 0x7F && c <= 0x9F) ||
            (c < 0x80 && strchr("<>{}[]?*\"#%\\^|~`$&,;:/", (int)c))) {
            return false;
        }
    }
    return true;
}

str runtime_machine_without_label(str machine_arn)
{
    size_t slash = str_find(machine_arn, STR("/"));
    return slash == STR_NOT_FOUND ? machine_arn : str_take(machine_arn, slash);
}
