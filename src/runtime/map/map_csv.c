#include "runtime/map/map_csv.h"

map_csv map_csv_begin(str text, char delimiter)
{
    static const str mark = {"\xEF\xBB\xBF", 3};
    return (map_csv){str_starts_with(text, mark) ? str_skip(text, mark.len) : text, delimiter};
}

/* The length of the cell at the start of the text, with its quotes. */
static size_t cell_length(str text, char delimiter)
{
    bool is_quoted = false;
    INVARIANT(text.ptr || !text.len);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' && (is_quoted || i == 0)) {
            is_quoted = !is_quoted;
        } else if (c == '"' && i > 0 && text.ptr[i - 1] == '"' && text.ptr[0] == '"') {
            is_quoted = true; /* the second of two: the cell goes on */
        } else if (!is_quoted && (c == delimiter || c == '\n')) {
            return i;
        }
    }
    return text.len;
}

static str without_quotes(str cell, arena *a)
{
    if (cell.len < 2 || cell.ptr[0] != '"' || cell.ptr[cell.len - 1] != '"') {
        return cell;
    }
    cell = str_take(str_skip(cell, 1), cell.len - 2);
    if (str_find(cell, STR("\"\"")) == STR_NOT_FOUND) {
        return cell;
    }
    char *copy = arena_alloc(a, cell.len);
    size_t length = 0;
    for (size_t i = 0; copy && i < cell.len; i++) {
        copy[length++] = cell.ptr[i];
        i += cell.ptr[i] == '"' && i + 1 < cell.len && cell.ptr[i + 1] == '"';
    }
    return (str){copy, length};
}

static void skip_empty_lines(map_csv *csv)
{
    for (;;) {
        if (str_starts_with(csv->rest, STR("\r\n"))) {
            csv->rest = str_skip(csv->rest, 2);
        } else if (str_starts_with(csv->rest, STR("\n"))) {
            csv->rest = str_skip(csv->rest, 1);
        } else {
            return;
        }
    }
}

/* The next cell of the row; *ret_is_last when the row ends with it. */
static str take_cell(map_csv *csv, bool *ret_is_last)
{
    INVARIANT(csv->rest.ptr);
    size_t length = cell_length(csv->rest, csv->delimiter);
    str cell = str_take(csv->rest, length);
    *ret_is_last = length == csv->rest.len || csv->rest.ptr[length] == '\n';
    csv->rest = str_skip(csv->rest, MIN_OF(length + 1, csv->rest.len));
    if (*ret_is_last && str_ends_with(cell, STR("\r"))) {
        cell.len--;
    }
    return cell;
}

bool map_csv_skip(map_csv *csv)
{
    bool is_last = false;
    skip_empty_lines(csv);
    if (!csv->rest.len) {
        return false;
    }
    while (!is_last) {
        take_cell(csv, &is_last);
    }
    return true;
}

status map_csv_row(map_csv *csv, arena *a, str **ret_cells, uint32_t *ret_count, bool *ret_has_row,
                   error *reterr)
{
    str *cells = NULL;
    uint32_t count = 0, room = 0;
    bool is_last = false;
    skip_empty_lines(csv);
    *ret_has_row = csv->rest.len > 0;
    while (csv->rest.len && !is_last) {
        if (count == room) {
            uint32_t more = room ? room * 2 : 16;
            cells = arena_grow(a, cells, count * sizeof(*cells), more * sizeof(*cells));
            room = more;
        }
        if (!cells) {
            return fail_memory(reterr);
        }
        bool ends_with_delimiter;
        cells[count] = without_quotes(take_cell(csv, &is_last), a);
        if (!cells[count++].ptr) {
            return fail_memory(reterr);
        }
        ends_with_delimiter = !is_last && !csv->rest.len;
        is_last |= ends_with_delimiter; /* the last cell of all is an empty one: as if not there */
    }
    *ret_cells = cells;
    *ret_count = count;
    return STATUS_OK;
}
