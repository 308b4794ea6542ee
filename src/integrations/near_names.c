/* Levenshtein's distance, by one row of his table at a time. */
#include "integrations/near_names.h"

size_t near_names_distance(str a, str b)
{
    size_t row[NEAR_NAMES_CHARS_MAX + 1];
    if (a.len > NEAR_NAMES_CHARS_MAX || b.len > NEAR_NAMES_CHARS_MAX) {
        return NEAR_NAMES_CHARS_MAX;
    }
    for (size_t j = 0; j <= b.len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t above = row[j];
            bool is_same = (a.ptr[i - 1] | 0x20) == (b.ptr[j - 1] | 0x20);
            row[j] = MIN_OF(MIN_OF(row[j] + 1, row[j - 1] + 1), diagonal + !is_same);
            diagonal = above;
        }
    }
    return row[b.len];
}
