#include "integrations/local/records.h"

#include <dirent.h>
#include <stdlib.h>

#define ENDING STR(".json")

typedef struct line {
    str time;
    json value;
} line;

static int newest_first(const void *a, const void *b)
{
    return -str_compare(((const line *)a)->time, ((const line *)b)->time);
}

static status read_folder(const local_list *list, DIR *folder, arena *a, line *lines,
                          uint32_t *ret_count, error *reterr)
{
    struct dirent *entry;
    uint32_t count = 0;
    while (count < LOCAL_RECORDS_MAX && (entry = readdir(folder))) {
        str file = str_from_c(entry->d_name);
        if (!str_ends_with(file, ENDING)) {
            continue;
        }
        str name = arena_str(a, str_take(file, file.len - ENDING.len));
        json value = {0};
        if (!name.ptr) {
            return fail_memory(reterr);
        }
        TRY(list->show(list->user, name, a, &value, reterr));
        if (!json_is_absent(value)) {
            str time = json_str(json_get(value, str_from_c(list->time_member)));
            lines[count++] = (line){time, value};
        }
    }
    *ret_count = count;
    return STATUS_OK;
}

status local_list_make(const local_list *list, arena *a, json *ret_lines, error *reterr)
{
    line *lines = arena_array(a, line, LOCAL_RECORDS_MAX);
    str path = arena_str(a, list->folder);
    uint32_t count = 0;
    if (!lines || !path.ptr) {
        return fail_memory(reterr);
    }
    DIR *folder = opendir(path.ptr);
    if (folder) {
        status done = read_folder(list, folder, a, lines, &count, reterr);
        closedir(folder);
        TRY(done);
    }
    qsort(lines, count, sizeof(*lines), newest_first);
    json *items;
    count = MIN_OF(count, list->lines_max);
    TRY(json_array_new(a, count, ret_lines, &items, reterr));
    for (uint32_t i = 0; i < count; i++) {
        items[i] = lines[i].value;
    }
    return STATUS_OK;
}
