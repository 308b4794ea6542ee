/* The workflow of the engine's benchmarks: ten Pass states with ResultPath. */
#ifndef GAIT_BENCH_PASS_WORKFLOW_H
#define GAIT_BENCH_PASS_WORKFLOW_H

#include "bench.h"
#include "engine/engine.h"

#define PASS_STATES 10
#define PASS_EVENTS (2 + 2 * PASS_STATES) /* of an execution: its own two, and two a state */
#define PASS_INPUT STR("{\"id\":17,\"name\":\"Pass\",\"list\":[1,2,3]}")

static const engine_identity pass_identity = {
    .execution_arn = STR("arn:aws:states:r:a:execution:m:e"),
    .execution_name = STR("e"),
    .machine_arn = STR("arn:aws:states:r:a:stateMachine:m"),
    .machine_name = STR("m"),
    .role_arn = STR("arn:aws:iam::123456789012:role/r"),
    .region = STR("us-east-1"),
};

static inline const asl_machine *pass_machine(void)
{
    error why = {0};
    const asl_machine *machine = NULL;
    buf text;
    buf_init(&text, DEFINITION_BYTES_MAX);
    buf_add_literal(&text, "{\"StartAt\":\"S0\",\"States\":{");
    for (int i = 0; i < PASS_STATES; i++) {
        buf_add_format(&text, "%s\"S%d\":{\"Type\":\"Pass\",\"Result\":{\"n\":%d},", i ? "," : "",
                       i, i);
        buf_add_format(&text, "\"ResultPath\":\"$.r%d\",", i);
        if (i + 1 < PASS_STATES) {
            buf_add_format(&text, "\"Next\":\"S%d\"}", i + 1);
        } else {
            buf_add_literal(&text, "\"End\":true}");
        }
    }
    buf_add_literal(&text, "}}");
    bench_check(asl_compile(buf_str(&text), NULL, &machine, NULL, &why), &why);
    buf_clean_up(&text);
    return machine;
}

#endif
