/* Documents of mixed kind for the JSON benchmarks, the same on every machine: records with short
 * strings (one in eight with an escape, one in sixteen beyond ASCII), numbers of all forms, nested
 * objects and arrays, compact as services send them. And how a rate is measured: in runs that are
 * long enough to be timed. */
#ifndef GAIT_BENCH_JSON_DOCUMENTS_H
#define GAIT_BENCH_JSON_DOCUMENTS_H

#include "base/entropy.h"
#include "bench.h"
#include "json/json.h"

static const struct {
    const char *name;
    size_t bytes;
} document_sizes[] = {{"1KB", 1000}, {"100KB", 100000}, {"10MB", 10000000}};

static inline void add_word(buf *out, entropy *e)
{
    static const char *const words[] = {
        "order",
        "pending",
        "eu-west-1",
        "customer",
        "a",
        "shipping address",
        "invoice",
        "2026-01-02T03:04:05Z",
        "id",
        "Lambda",
        "arn:aws:lambda:function:transform",
        "net",
        "complete",
        "quantity",
        "x7",
        "The quick brown fox jumps over the lazy dog",
    };
    buf_add_char(out, '"');
    buf_add_str(out, str_from_c(words[entropy_next(e) % ARRAY_LENGTH(words)]));
    uint64_t kind = entropy_next(e) % 16;
    if (kind < 2) {
        buf_add_literal(out, "\\n\\\"quoted\\\" \\u00e9");
    } else if (kind == 2) {
        buf_add_literal(out, "\u00fcber \u6771\u4eac");
    }
    buf_add_char(out, '"');
}

static inline void add_number(buf *out, entropy *e)
{
    uint64_t bits = entropy_next(e);
    switch (bits % 4) {
    case 0:
        buf_add_int64(out, (int64_t)(bits >> 32 & 1023));
        break;
    case 1:
        buf_add_int64(out, (int64_t)(bits >> 3) - INT64_MAX / 8);
        break;
    case 2:
        buf_add_format(out, "%.2f", (double)(bits >> 40) / 100);
        break;
    default:
        buf_add_format(out, "%.17g", (double)(bits >> 11) * 0x1p-53);
        break;
    }
}

static inline void add_record(buf *out, entropy *e)
{
    buf_add_format(out, "{\"id\":%u,\"name\":", (unsigned)(entropy_next(e) % 1000000));
    add_word(out, e);
    buf_add_literal(out, ",\"isActive\":true,\"price\":");
    add_number(out, e);
    buf_add_literal(out, ",\"tags\":[");
    for (uint64_t i = 0, count = 1 + entropy_next(e) % 4; i < count; i++) {
        buf_add_str(out, i ? STR(",") : STR(""));
        add_word(out, e);
    }
    buf_add_literal(out, "],\"address\":{\"street\":");
    add_word(out, e);
    buf_add_literal(out, ",\"location\":{\"lat\":");
    add_number(out, e);
    buf_add_literal(out, ",\"lon\":");
    add_number(out, e);
    buf_add_literal(out, "},\"note\":null},\"values\":[");
    for (uint64_t i = 0, count = entropy_next(e) % 6; i < count; i++) {
        buf_add_str(out, i ? STR(",") : STR(""));
        add_number(out, e);
    }
    buf_add_literal(out, "]}");
}

static inline void make_document(size_t bytes, buf *out)
{
    entropy e = {.state = 42};
    buf_init(out, bytes + 4096);
    buf_add_literal(out, "{\"records\":[");
    do {
        buf_add_str(out, out->len > 20 ? STR(",") : STR(""));
        add_record(out, &e);
    } while (out->len < bytes - 300);
    buf_add_literal(out, "],\"next\":false}");
    if (out->overflowed) {
        abort();
    }
}

/* Median megabytes (10^6) a second of `work` on a document, each run about 50 ms long. */
static inline double measure_rate(size_t bytes, void (*work)(void *user), void *user)
{
    enum { RUNS = 9 };
    double rates[RUNS];
    size_t turns = 1 + 30000000 / bytes;
    work(user); /* warms up */
    for (int run = 0; run < RUNS; run++) {
        double begin = bench_seconds_now();
        for (size_t i = 0; i < turns; i++) {
            work(user);
        }
        rates[run] = (double)(turns * bytes) / (bench_seconds_now() - begin) / 1e6;
    }
    return bench_median(rates, RUNS);
}

/* Measures every size and prints the line; the value is that of the slowest size. */
static inline void measure_all(const char *bench, void (*work)(void *user),
                               void *(*begin)(const buf *text), void (*end)(void *user))
{
    double rates[ARRAY_LENGTH(document_sizes)], slowest = 1e30;
    for (size_t i = 0; i < ARRAY_LENGTH(document_sizes); i++) {
        buf text;
        make_document(document_sizes[i].bytes, &text);
        void *user = begin(&text);
        rates[i] = measure_rate(text.len, work, user);
        slowest = MIN_OF(slowest, rates[i]);
        end(user);
        buf_clean_up(&text);
    }
    printf("{\"bench\":\"%s\",\"value\":%.0f,\"unit\":\"MB/s\"", bench, slowest);
    for (size_t i = 0; i < ARRAY_LENGTH(document_sizes); i++) {
        printf(",\"%s\":%.0f", document_sizes[i].name, rates[i]);
    }
    printf("}\n");
}

#endif
