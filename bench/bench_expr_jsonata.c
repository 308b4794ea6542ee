/* JSONata on one core: evaluations of compiled expressions, and compilations, a second. The same
 * tasks as jsonata_js.mjs. */
#include "bench.h"
#include "expr/jsonata/jsonata.h"

#define RUNS 5

static const char sum_text[] = "$sum(Account.Order.Product.(Price * Quantity))";

typedef struct task {
    const char *name;
    const jsonata *program; /* NULL: compile sum_text instead */
    const expr_scope *scope;
    int count;
} task;

static bool run_once(const task *t, arena *a)
{
    const jsonata *program;
    json value = {0};
    if (!t->program) {
        return ok(jsonata_compile(str_from_c(sum_text), JSONATA_AWS, a, &program, NULL, NULL));
    }
    return ok(jsonata_evaluate(t->program, t->scope, NULL, a, &value, NULL, NULL)) &&
           json_is(value, JSON_NUMBER);
}

static void measure(const task *t)
{
    double rates[RUNS];
    arena a;
    arena_init(&a, 0);
    for (int run = 0; run < RUNS; run++) {
        double begin = bench_seconds_now();
        for (int i = 0; i < t->count; i++) {
            if (!run_once(t, &a)) {
                exit(1);
            }
            arena_reset(&a);
        }
        rates[run] = t->count / (bench_seconds_now() - begin);
    }
    arena_clean_up(&a);
    bench_print(t->name, rates, RUNS, 0, "1/s");
}

static void add_products(buf *text, int from, int to)
{
    buf_add_literal(text, "{\"Product\":[");
    for (int i = from; i < to; i++) {
        buf_add_format(text, "%s{\"Price\":%d.25,\"Quantity\":%d,\"SKU\":\"sku-%d\"}",
                       i > from ? "," : "", 10 + i, 1 + i % 5, i);
    }
    buf_add_literal(text, "]}");
}

static json orders(arena *a)
{
    buf text;
    json value = {0};
    buf_init(&text, 1 << 20);
    buf_add_literal(&text, "{\"Account\":{\"Order\":[");
    add_products(&text, 0, 50);
    buf_add_char(&text, ',');
    add_products(&text, 50, 100);
    buf_add_literal(&text, "]}}");
    if (failed(json_parse_into(buf_str(&text), a, &value, NULL))) {
        exit(1);
    }
    buf_clean_up(&text);
    return value;
}

static json states_variable(const void *variables, str name)
{
    return str_equal(name, STR("states")) ? *(const json *)variables : (json){0};
}

static const jsonata *compile(const char *text, arena *a)
{
    const jsonata *program;
    if (failed(jsonata_compile(str_from_c(text), JSONATA_AWS, a, &program, NULL, NULL))) {
        exit(1);
    }
    return program;
}

int main(void)
{
    arena a;
    entropy random = {.state = 1};
    json states;
    arena_init(&a, 0);
    if (failed(json_parse_into(STR("{\"input\":{\"a\":1}}"), &a, &states, NULL))) {
        return 1;
    }
    const expr_scope products = {.input = orders(&a), .random = &random};
    const expr_scope workflow = {
        .variable = states_variable, .variables = &states, .random = &random};
    const task tasks[] = {
        {"jsonata_sum_100_products", compile(sum_text, &a), &products, 20000},
        {"jsonata_tiny", compile("$states.input.a + 1", &a), &workflow, 1000000},
        {"jsonata_compile", NULL, NULL, 100000},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(tasks); i++) {
        measure(&tasks[i]);
    }
    arena_clean_up(&a);
    return 0;
}
