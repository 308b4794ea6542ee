/* map_csv: the rows of a CSV text, one after the other. Quoted cells may hold delimiters, line ends
 * and doubled quotes (RFC 4180); lines end with LF or CRLF; empty lines are no rows. */
#ifndef GAIT_RUNTIME_MAP_CSV_H
#define GAIT_RUNTIME_MAP_CSV_H

#include "base/arena.h"

typedef struct map_csv {
    str rest;
    char delimiter;
} map_csv;

/* A byte order mark at the start is skipped. */
map_csv map_csv_begin(str text, char delimiter);
/* False at the end. The cells borrow from the text, or are in the arena where quotes were taken
 * out. */
MUST_USE status map_csv_row(map_csv *csv, arena *a, str **ret_cells, uint32_t *ret_count,
                            bool *ret_has_row, error *reterr);
/* Passes over a row; false at the end. */
bool map_csv_skip(map_csv *csv);

#endif
