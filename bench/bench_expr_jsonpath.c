/* Evaluations of compiled paths a second on one core. */
#include "bench.h"
#include "expr/jsonpath/jsonpath.h"

#define RUNS 7

static void measure(const char *name, const jsonpath *path, const expr_scope *scope, arena *a,
                    int count)
{
    double rates[RUNS];
    for (int run = 0; run < RUNS; run++) {
        uint64_t sum = 0;
        double begin = bench_seconds_now();
        for (int i = 0; i < count; i++) {
            json value = {0};
            arena_mark mark = arena_here(a);
            if (failed(jsonpath_evaluate(path, scope, a, &value, NULL))) {
                exit(1);
            }
            sum += value.count;
            arena_rewind(a, mark);
        }
        rates[run] = count / (bench_seconds_now() - begin);
        if (sum == 0) {
            exit(1);
        }
    }
    bench_print(name, rates, RUNS, 0, "evaluations/s");
}

int main(void)
{
    static const struct {
        const char *name, *path;
        int count;
    } rows[] = {
        {"jsonpath_definite", "$.a.b[3].c", 5000000},
        {"jsonpath_filter", "$.a.b[?(@.d > 1 && @.c == 'x')].c", 500000},
        {"jsonpath_scan", "$..c", 500000},
    };
    arena a;
    arena_init(&a, 0);
    expr_scope scope = {0};
    str text = STR("{\"z\":1,\"y\":[1,2],\"a\":{\"x\":null,\"b\":[1,{\"c\":\"y\",\"d\":1},3,"
                   "{\"d\":2,\"c\":\"x\"}]}}");
    if (failed(json_parse_into(text, &a, &scope.input, NULL))) {
        return 1;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const jsonpath *path;
        if (failed(jsonpath_compile(str_from_c(rows[i].path), &a, &path, NULL))) {
            return 1;
        }
        measure(rows[i].name, path, &scope, &a, rows[i].count);
    }
    arena_clean_up(&a);
    return 0;
}
