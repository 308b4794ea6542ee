/* Chunks form a list in the order of their use. Invariants:
 *   1. first..current hold live memory; the chunks after current are spare.
 *   2. at and end lie within current; both are NULL while there is no chunk.
 *   3. bytes is the sum of all chunks' sizes, and at most bytes_max.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct arena_chunk {
    arena_chunk *next;
    size_t size; /* of the data behind this header */
};

#define CHUNK_HEADER ((sizeof(arena_chunk) + 15) & ~(size_t)15)
/* After a reset at most this much spare memory is kept. */
#define KEEP_BYTES_MAX ((size_t)8 << 20)

static char *chunk_data(arena_chunk *chunk)
{
    return (char *)chunk + CHUNK_HEADER;
}

static void enter(arena *a, arena_chunk *chunk)
{
    a->current = chunk;
    a->at = chunk_data(chunk);
    a->end = a->at + chunk->size;
}

void arena_init(arena *a, size_t bytes_max)
{
    *a = (arena){.bytes_max = bytes_max ? bytes_max : ARENA_BYTES_MAX_DEFAULT};
}

static void free_chunks(arena *a, arena_chunk *chunk)
{
    while (chunk) {
        arena_chunk *next = chunk->next;
        a->bytes -= chunk->size;
        free(chunk);
        chunk = next;
    }
}

void arena_clean_up(arena *a)
{
    if (a) {
        free_chunks(a, a->first);
        arena_init(a, a->bytes_max);
    }
}

void arena_wipe(arena *a)
{
    for (arena_chunk *chunk = a->first; chunk; chunk = chunk->next) {
        explicit_bzero(chunk_data(chunk), chunk->size);
    }
    arena_clean_up(a);
}

void arena_reset(arena *a)
{
    if (!a->first) {
        return;
    }
    size_t kept = 0;
    for (arena_chunk **link = &a->first; *link; link = &(*link)->next) {
        kept += (*link)->size;
        if (kept > KEEP_BYTES_MAX) {
            free_chunks(a, *link);
            *link = NULL;
            break;
        }
    }
    if (!a->first) {
        arena_init(a, a->bytes_max);
        return;
    }
    enter(a, a->first);
}

arena_mark arena_here(const arena *a)
{
    return (arena_mark){a->current, a->at};
}

void arena_rewind(arena *a, arena_mark mark)
{
    if (!mark.chunk) {
        arena_reset(a);
        return;
    }
    enter(a, mark.chunk);
    a->at = mark.at;
}

/* Appends a chunk behind the current one, which is the last, and enters it. */
static bool add_chunk(arena *a, size_t size)
{
    if (size > a->bytes_max - a->bytes || size > SIZE_MAX - CHUNK_HEADER) {
        return false;
    }
    arena_chunk *chunk = malloc(CHUNK_HEADER + size);
    if (!chunk) {
        return false;
    }
    *chunk = (arena_chunk){.size = size};
    if (a->current) {
        a->current->next = chunk;
    } else {
        a->first = chunk;
    }
    a->bytes += size;
    enter(a, chunk);
    return true;
}

void *arena_alloc_slow(arena *a, size_t size)
{
    size_t rounded = (size + 15) & ~(size_t)15;
    if (rounded < size) {
        return NULL;
    }
    while (a->current && a->current->next) {
        enter(a, a->current->next);
        if (rounded <= a->current->size) {
            a->at += rounded;
            return a->at - rounded;
        }
    }
    size_t chunk_size = a->current ? a->current->size * 2 : ARENA_CHUNK_BYTES_MIN;
    chunk_size = MIN_OF(chunk_size, ARENA_CHUNK_BYTES_MAX);
    chunk_size = MAX_OF(chunk_size, rounded);
    if (!add_chunk(a, chunk_size) && !add_chunk(a, rounded)) {
        return NULL;
    }
    a->at += rounded;
    return a->at - rounded;
}

bool arena_reserve(arena *a, size_t bytes)
{
    size_t rounded = (bytes + 15) & ~(size_t)15;
    if (rounded < bytes) {
        return false;
    }
    if (a->current && rounded <= (size_t)(a->end - a->at)) {
        return true;
    }
    if (!a->first) {
        return add_chunk(a, MAX_OF(rounded, (size_t)16));
    }
    char *p = arena_alloc_slow(a, rounded);
    if (p) {
        a->at = p;
    }
    return p != NULL;
}

void *arena_calloc(arena *a, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        return NULL;
    }
    void *p = arena_alloc(a, bytes);
    return p ? memset(p, 0, bytes) : NULL;
}

void *arena_grow(arena *a, void *old, size_t old_size, size_t new_size)
{
    size_t old_rounded = (old_size + 15) & ~(size_t)15;
    size_t new_rounded = (new_size + 15) & ~(size_t)15;
    if (old && new_rounded >= new_size && (char *)old + old_rounded == a->at &&
        new_rounded >= old_rounded && new_rounded - old_rounded <= (size_t)(a->end - a->at)) {
        a->at += new_rounded - old_rounded;
        return old;
    }
    void *p = arena_alloc(a, new_size);
    if (p && old_size) {
        memcpy(p, old, MIN_OF(old_size, new_size));
    }
    return p;
}

str arena_str(arena *a, str s)
{
    char *p = s.len + 1 ? arena_alloc(a, s.len + 1) : NULL;
    if (!p) {
        return STR_NONE;
    }
    if (s.len) {
        memcpy(p, s.ptr, s.len);
    }
    p[s.len] = '\0';
    return (str){p, s.len};
}

str arena_printf(arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    str text = STR_NONE;
    int len = vsnprintf(NULL, 0, format, args);
    char *p = len >= 0 ? arena_alloc(a, (size_t)len + 1) : NULL;
    if (p) {
        vsnprintf(p, (size_t)len + 1, format, again);
        text = (str){p, (size_t)len};
    }
    va_end(again);
    va_end(args);
    return text;
}
