/* What every benchmark does alike: read a clock, stop where something failed, and print the median
 * of several runs as one JSON line. */
#ifndef GAIT_BENCH_BENCH_H
#define GAIT_BENCH_BENCH_H

#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Of a clock that only goes forward; the differences are what counts. */
static inline double bench_seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Ends the process with the error's words: there is no figure of work that failed. */
static inline void bench_check(status st, const error *why)
{
    if (failed(st)) {
        fprintf(stderr, "benchmark: %s\n", why->message);
        exit(1);
    }
}

static inline int bench_compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Sorts the values. */
static inline double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), bench_compare);
    return values[count / 2];
}

/* Prints the median of the values, which it sorts, with that many digits after the point. */
static inline void bench_print(const char *name, double *values, size_t count, int decimals,
                               const char *unit)
{
    printf("{\"bench\":\"%s\",\"value\":%.*f,\"unit\":\"%s\"}\n", name, decimals,
           bench_median(values, count), unit);
}

#endif
