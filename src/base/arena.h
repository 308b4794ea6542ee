/* arena: memory that is given back all at once. Allocation is a bump of a pointer; reset keeps the
 * chunks for the next step. Every arena has a maximum. Not shared between threads. */
#ifndef GAIT_BASE_ARENA_H
#define GAIT_BASE_ARENA_H

#include "base/status.h"

typedef struct arena_chunk arena_chunk;

typedef struct arena {
    char *at;           /* next free byte of the current chunk */
    char *end;          /* its end */
    arena_chunk *first; /* owned */
    arena_chunk *current;
    size_t bytes;     /* of all chunks */
    size_t bytes_max; /* an allocation that would pass it fails */
} arena;

/* Allocates nothing until the first use. bytes_max 0 means ARENA_BYTES_MAX_DEFAULT. */
void arena_init(arena *a, size_t bytes_max);
/* Frees everything; the arena may be used again. NULL is fine. */
void arena_clean_up(arena *a);
/* The same for an arena that held secrets: its memory is overwritten before it goes back. */
void arena_wipe(arena *a);
/* Forgets what was allocated and keeps (some of) the memory. */
void arena_reset(arena *a);

/* Makes sure that the next allocations, `bytes` in total (each rounded up to 16), come from one
 * chunk, made to measure where there is none yet. False when out of memory or past the maximum. */
MUST_USE bool arena_reserve(arena *a, size_t bytes);
#define ARENA_TEXT_EXTRA 16 /* what arena_str takes beside the text, at most */

/* A place to come back to: what was allocated after the mark is forgotten by arena_rewind. */
typedef struct arena_mark {
    arena_chunk *chunk;
    char *at;
} arena_mark;
arena_mark arena_here(const arena *a);
void arena_rewind(arena *a, arena_mark mark);

/* 16-byte aligned, uninitialised; NULL when out of memory or past the maximum. size 0 gives a
 * valid pointer. */
MUST_USE void *arena_alloc_slow(arena *a, size_t size);
MUST_USE static inline void *arena_alloc(arena *a, size_t size)
{
    size_t rounded = (size + 15) & ~(size_t)15;
    if (LIKELY(rounded >= size && a->at && rounded <= (size_t)(a->end - a->at))) {
        void *p = a->at;
        a->at += rounded;
        return p;
    }
    return arena_alloc_slow(a, size);
}
/* Zeroed; NULL also when count * size overflows. */
MUST_USE void *arena_calloc(arena *a, size_t count, size_t size);
#define arena_new(a, type) ((type *)arena_calloc((a), 1, sizeof(type)))
#define arena_array(a, type, count) ((type *)arena_calloc((a), (count), sizeof(type)))
/* Room for new_size bytes that starts with the old_size ones; in place when it was the last. */
MUST_USE void *arena_grow(arena *a, void *old, size_t old_size, size_t new_size);
/* A copy followed by a NUL (not counted); ptr NULL on failure. */
MUST_USE str arena_str(arena *a, str s);
/* Formatted text; ptr NULL on failure. */
MUST_USE str arena_printf(arena *a, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
