/* How long a definition of 10,000 states takes to compile, warnings and locations included:
 * milliseconds, the median of several runs. At most 100 is what we want. */
#include "asl/asl.h"
#include "bench.h"

#define STATES 10000
#define RUNS 15

static void make_definition(buf *text)
{
    buf_add_literal(text, "{\"StartAt\":\"State0\",\"States\":{");
    for (int i = 0; i < STATES; i++) {
        buf_add_format(text, "%s\"State%d\":{\"Type\":\"Pass\",\"ResultPath\":\"$.r%d\",",
                       i ? "," : "", i, i % 10);
        buf_add_format(text, "\"Parameters\":{\"v.$\":\"$.a[%d].b\"},", i % 7);
        if (i + 1 < STATES) {
            buf_add_format(text, "\"Next\":\"State%d\"}", i + 1);
        } else {
            buf_add_literal(text, "\"End\":true}");
        }
    }
    buf_add_literal(text, "}}");
}

int main(void)
{
    buf text;
    buf_init(&text, DEFINITION_BYTES_MAX);
    make_definition(&text);
    double times[RUNS];
    error err = {0};
    bench_check(buf_status(&text, &err), &err);
    for (int i = 0; i < RUNS; i++) {
        const asl_machine *machine = NULL;
        asl_diagnostics d;
        asl_diagnostics_init(&d);
        double begin = bench_seconds_now();
        bench_check(asl_compile(buf_str(&text), NULL, &machine, &d, &err), &err);
        times[i] = (bench_seconds_now() - begin) * 1e3;
        asl_machine_release(machine);
        asl_diagnostics_clean_up(&d);
    }
    printf(
        "{\"bench\":\"asl_compile_10000_states\",\"value\":%.2f,\"unit\":\"ms\",\"bytes\":%zu}\n",
        bench_median(times, RUNS), text.len);
    buf_clean_up(&text);
    return 0;
}
