/* States that start executions: child executions, and distributed Maps. */
#include "workflows_private.h"

/* Whatever the error is called, the state's input goes on. */
static str catch_silently(generator *g, const place *p)
{
    return arena_printf(
        g->a, ",\"Catch\":[{\"ErrorEquals\":[\"States.ALL\"],\"Next\":\"S%u\"%s}]", p->next,
        g->is_jsonata ? ",\"Output\":\"{% $states.input %}\"" : ",\"ResultPath\":null");
}

/* What is given to the child, and what of its answer is kept: .sync:2 gives the output as JSON. */
static str child_arguments(generator *g, const place *p, const char *machine, bool has_token,
                           bool has_output)
{
    const char *token = !has_token      ? ""
                        : g->is_jsonata ? ",\"token\":\"{% $states.context.Task.Token %}\""
                                        : ",\"token.$\":\"$$.Task.Token\"";
    const char *kept = !has_output     ? "1"
                       : g->is_jsonata ? "[$states.result.Status, $states.result.Output]"
                                       : "\"s.$\":\"$.Status\",\"o.$\":\"$.Output\"";
    return g->is_jsonata
               ? arena_printf(g->a,
                              ",\"Arguments\":{\"StateMachineArn\":\"%s\",\"Input\":{\"n\":\"{%% "
                              "$states.input.n %%}\",\"items\":\"{%% $states.input.items %%}\"%s}},"
                              "\"Output\":\"{%% $merge([$states.input, {'r%u': %s}]) %%}\"",
                              machine, token, p->id, kept)
               : arena_printf(g->a,
                              ",\"Parameters\":{\"StateMachineArn\":\"%s\",\"Input\":{\"n.$\":"
                              "\"$.n\",\"items.$\":\"$.items\"%s}},\"ResultSelector\":{%s},"
                              "\"ResultPath\":\"$.r%u\"",
                              machine, token, has_output ? kept : "", p->id);
}

str sim_child_state(generator *g, const place *p)
{
    static const struct {
        const char *pattern, *machine;
        bool has_token, has_output;
    } ways[] = {
        {".sync", SIM_CHILD, false, true},
        {".sync:2", SIM_CHILD, false, true},
        {".sync", SIM_CHILD, false, true},
        {".sync:2", SIM_CHILD, false, true},
        {"", SIM_CHILD, false, false},
        {"", SIM_EXPRESS, false, false},
        {".waitForTaskToken", SIM_CHILD, true, false},
    };
    uint32_t way = sim_below(g->random, ARRAY_LENGTH(ways));
    str caught =
        p->depth || p->is_caught || sim_generator_chance(g, 60) ? catch_silently(g, p) : STR("");
    str retry = sim_generator_chance(g, 20) ? sim_retriers(g) : STR("");
    str kept = child_arguments(g, p, ways[way].machine, ways[way].has_token, ways[way].has_output);
    return arena_printf(g->a,
                        "{\"Type\":\"Task\",\"Resource\":"
                        "\"arn:aws:states:::states:startExecution%s\"%.*s%.*s%.*s,"
                        "\"Next\":\"S%u\"}",
                        ways[way].pattern, STR_ARG(kept), STR_ARG(retry), STR_ARG(caught), p->next);
}

/* What a child of a map run does: a batch becomes an input like any other. */
static str map_run_processor(generator *g, const place *p, bool has_batches, bool is_caught)
{
    g->is_in_map_run = true;
    str members = sim_chain(g, p->depth + 1, is_caught);
    g->is_in_map_run = false;
    size_t at = str_find(members, STR(",\"States\":{"));
    str start = str_skip(str_take(members, at), STR("\"StartAt\":").len);
    str states = str_skip(members, at + STR(",\"States\":{").len);
    const char *input = !has_batches ? ""
                        : g->is_jsonata
                            ? ",\"Output\":{\"n\":3,\"items\":\"{% $states.input.Items %}\"}"
                            : ",\"Parameters\":{\"n\":3,\"items.$\":\"$.Items\"}";
    return arena_printf(g->a,
                        "\"StartAt\":\"U%u\",\"States\":{\"U%u\":{\"Type\":\"Pass\",\"Assign\":"
                        "{\"x\":0}%s,\"Next\":%.*s},%.*s",
                        p->id, p->id, input, STR_ARG(start), STR_ARG(states));
}

/* Where the items come from: the input, a file, or a list of objects. */
static str items_of(generator *g, const place *p)
{
    static const char csv[] = "getObject\",\"ReaderConfig\":{\"InputType\":\"CSV\","
                              "\"CSVHeaderLocation\":\"FIRST_ROW\"}";
    static const char *const readers[] = {"getObject\",\"ReaderConfig\":{\"InputType\":\"JSON\"}",
                                          "getObject\",\"ReaderConfig\":{\"InputType\":\"JSONL\"}",
                                          csv, "listObjectsV2\""};
    if (sim_generator_chance(g, 50)) {
        return g->is_jsonata ? STR("\"Items\":\"{% $states.input.items %}\"")
                             : STR("\"ItemsPath\":\"$.items\"");
    }
    uint32_t way = sim_below(g->random, ARRAY_LENGTH(readers));
    const char *selector = way < 2 ? "" : ",\"ItemSelector\":{\"n\":4,\"items\":[]}";
    static const char *const types[] = {"JSON", "JSONL", "CSV"}; /* what the names end with */
    const char *missing = sim_generator_chance(g, 8) ? "missing" : "items";
    str parameters = way < 3 ? arena_printf(g->a, "\"Key\":\"%s%u.%s\"", missing, p->id, types[way])
                             : arena_printf(g->a, "\"Prefix\":\"%s%u\"", missing, p->id);
    return arena_printf(g->a,
                        "\"ItemReader\":{\"Resource\":\"arn:aws:states:::s3:%s,\"%s\":{\"Bucket\":"
                        "\"b\",%.*s}}%s",
                        readers[way], g->is_jsonata ? "Arguments" : "Parameters",
                        STR_ARG(parameters), selector);
}

/* Results in files, whose names hold a UUID: they are left out. */
static str kept_files(generator *g, const place *p)
{
    return g->is_jsonata
               ? arena_printf(g->a,
                              ",\"ResultWriter\":{\"Resource\":\"arn:aws:states:::s3:putObject\","
                              "\"Arguments\":{\"Bucket\":\"b\",\"Prefix\":\"p\"}},"
                              "\"Output\":\"{%% $merge([$states.input, {'r%u': "
                              "$states.result.ResultWriterDetails.Bucket}]) %%}\"",
                              p->id)
               : arena_printf(g->a,
                              ",\"ResultWriter\":{\"Resource\":\"arn:aws:states:::s3:putObject\","
                              "\"Parameters\":{\"Bucket\":\"b\",\"Prefix\":\"p\"}},"
                              "\"ResultSelector\":{\"b.$\":\"$.ResultWriterDetails.Bucket\"},"
                              "\"ResultPath\":\"$.r%u\"",
                              p->id);
}

static str tolerance_of(generator *g)
{
    return sim_generator_chance(g, 50)
               ? arena_printf(g->a, ",\"ToleratedFailureCount\":%u", 1 + sim_below(g->random, 3))
               : arena_printf(g->a, ",\"ToleratedFailurePercentage\":%u",
                              10 + sim_below(g->random, 91));
}

/* Obstacles are in the way of those alone that tolerate no failure: which items fail does not
 * depend on how often it was redriven. */
str sim_map_run_state(generator *g, const place *p)
{
    bool has_batches = sim_generator_chance(g, 30), tolerates = sim_generator_chance(g, 50);
    bool is_express = sim_generator_chance(g, 35);
    str caught =
        p->depth || p->is_caught || sim_generator_chance(g, 30) ? catch_silently(g, p) : STR("");
    str tolerance = tolerates ? tolerance_of(g) : STR("");
    uint32_t concurrency = sim_below(g->random, 4);
    str items = items_of(g, p);
    str kept = sim_generator_chance(g, 30) ? kept_files(g, p) : sim_keep_result(g, p);
    bool has_obstacles = !g->has_obstacles_in_map_run && !tolerates && !caught.len;
    g->has_obstacles_in_map_run |= has_obstacles;
    g->is_express = is_express;
    str processor = map_run_processor(g, p, has_batches, !has_obstacles);
    g->is_express = false;
    return arena_printf(g->a,
                        "{\"Type\":\"Map\",%.*s,\"MaxConcurrency\":%u,\"ItemProcessor\":{"
                        "\"ProcessorConfig\":{\"Mode\":\"DISTRIBUTED\",\"ExecutionType\":"
                        "\"%s\"},%.*s}%s%.*s%.*s%.*s,\"Next\":\"S%u\"}",
                        STR_ARG(items), concurrency, is_express ? "EXPRESS" : "STANDARD",
                        STR_ARG(processor),
                        has_batches ? ",\"ItemBatcher\":{\"MaxItemsPerBatch\":2}" : "",
                        STR_ARG(tolerance), STR_ARG(caught), STR_ARG(kept), p->next);
}
