#include "workflows_private.h"

#include <stdio.h>

#define DEPTH_MAX 2
#define CHAIN_MAX 5

uint32_t sim_below(entropy *random, uint32_t bound)
{
    return (uint32_t)(entropy_next(random) % bound);
}

bool sim_generator_chance(generator *g, uint32_t percent)
{
    return sim_below(g->random, 100) < percent;
}

str sim_keep_result(generator *g, const place *p)
{
    return g->is_jsonata
               ? arena_printf(g->a,
                              ",\"Output\":\"{%% $merge([$states.input, {'r%u': $states.result}]) "
                              "%%}\"",
                              p->id)
               : arena_printf(g->a, ",\"ResultPath\":\"$.r%u\"", p->id);
}

str sim_retriers(generator *g)
{
    if (!sim_generator_chance(g, 40)) {
        return STR("");
    }
    if (g->is_express) { /* all of it takes far less than five minutes */
        return arena_printf(g->a,
                            ",\"Retry\":[{\"ErrorEquals\":[\"%s\"],\"IntervalSeconds\":1,"
                            "\"BackoffRate\":1.0,\"MaxAttempts\":%u}]",
                            SIM_ERROR, 1 + sim_below(g->random, 3));
    }
    return arena_printf(
        g->a,
        ",\"Retry\":[{\"ErrorEquals\":[\"%s\"],\"IntervalSeconds\":%u,"
        "\"BackoffRate\":%s,\"MaxAttempts\":%u%s}]",
        sim_generator_chance(g, 70) ? SIM_ERROR : "States.ALL", 1 + sim_below(g->random, 5),
        sim_generator_chance(g, 50) ? "1.0" : "2.0", 1 + sim_below(g->random, 3),
        sim_generator_chance(g, 20) ? ",\"MaxDelaySeconds\":7,\"JitterStrategy\":\"FULL\"" : "");
}

static str catchers(generator *g, const place *p, bool is_needed)
{
    if (!is_needed && !sim_generator_chance(g, 40)) {
        return STR("");
    }
    const char *names = is_needed || sim_generator_chance(g, 60) ? "States.ALL" : SIM_ERROR;
    return g->is_jsonata
               ? arena_printf(g->a,
                              ",\"Catch\":[{\"ErrorEquals\":[\"%s\"],\"Next\":\"S%u\",\"Output\":"
                              "\"{%% $merge([$states.input, {'c%u': $states.errorOutput.Error}]) "
                              "%%}\"}]",
                              names, p->next, p->id)
               : arena_printf(g->a,
                              ",\"Catch\":[{\"ErrorEquals\":[\"%s\"],\"Next\":\"S%u\","
                              "\"ResultPath\":\"$.c%u\"}]",
                              names, p->next, p->id);
}

static str pass_state(generator *g, const place *p)
{
    str assign = STR("");
    if (!p->depth && sim_generator_chance(g, 50)) {
        assign =
            g->is_jsonata
                ? arena_printf(g->a, ",\"Assign\":{\"x\":\"{%% $x + %u %%}\"}", p->id)
                : arena_printf(g->a, ",\"Assign\":{\"x.$\":\"States.MathAdd($x, %u)\"}", p->id);
    }
    return g->is_jsonata
               ? arena_printf(g->a,
                              "{\"Type\":\"Pass\",\"Output\":\"{%% $merge([$states.input, {'p%u': "
                              "$x}]) %%}\"%.*s,\"Next\":\"S%u\"}",
                              p->id, STR_ARG(assign), p->next)
               : arena_printf(g->a,
                              "{\"Type\":\"Pass\",\"Result\":[%u],\"ResultPath\":\"$.p%u\"%.*s,"
                              "\"Next\":\"S%u\"}",
                              p->id, p->id, STR_ARG(assign), p->next);
}

static str choice_state(generator *g, const place *p)
{
    const char *format = g->is_jsonata ? "{\"Type\":\"Choice\",\"Choices\":[{\"Condition\":\"{%% "
                                         "$states.input.n > %u %%}\",\"Next\":\"S%u\"}],"
                                         "\"Default\":\"S%u\"}"
                                       : "{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.n\","
                                         "\"NumericGreaterThan\":%u,\"Next\":\"S%u\"}],"
                                         "\"Default\":\"S%u\"}";
    return arena_printf(g->a, format, sim_below(g->random, 10), p->next, p->beyond);
}

static str wait_state(generator *g, const place *p)
{
    if (sim_generator_chance(g, 20)) {
        return arena_printf(g->a, "{\"Type\":\"Wait\",%s,\"Next\":\"S%u\"}",
                            g->is_jsonata ? "\"Seconds\":\"{% $states.input.n %}\""
                                          : "\"SecondsPath\":\"$.n\"",
                            p->next);
    }
    static const uint32_t spans[] = {1, 10, 10, 100, 4000, 20000}; /* some beyond an hour */
    uint32_t span_count = g->is_express ? 2 : ARRAY_LENGTH(spans);
    return arena_printf(g->a, "{\"Type\":\"Wait\",\"Seconds\":%u,\"Next\":\"S%u\"}",
                        sim_below(g->random, spans[sim_below(g->random, span_count)]), p->next);
}

static str task_state(generator *g, const place *p)
{
    static const char *const resources[] = {SIM_FUNCTION, SIM_FUNCTION, SIM_CALLBACK, SIM_ACTIVITY};
    const char *resource =
        resources[sim_below(g->random, g->is_express ? 2 : ARRAY_LENGTH(resources))];
    str arguments = STR(""), limits = STR("");
    bool is_callback = !strcmp(resource, SIM_CALLBACK);
    if (is_callback && g->is_jsonata) {
        arguments = STR(",\"Arguments\":{\"FunctionName\":\"f\",\"Payload\":{\"token\":\"{% "
                        "$states.context.Task.Token %}\"}}");
    } else if (is_callback) {
        arguments = STR(",\"Parameters\":{\"FunctionName\":\"f\",\"Payload\":{\"token.$\":"
                        "\"$$.Task.Token\"}}");
    }
    bool may_time_out = !g->is_express && sim_generator_chance(g, 40);
    if (may_time_out) {
        uint32_t seconds = 100 + sim_below(g->random, 100);
        limits = sim_generator_chance(g, 40) && strcmp(resource, SIM_FUNCTION) != 0
                     ? arena_printf(g->a, ",\"TimeoutSeconds\":%u,\"HeartbeatSeconds\":%u",
                                    seconds + 100, seconds)
                     : arena_printf(g->a, ",\"TimeoutSeconds\":%u", seconds);
    }
    str retry = sim_retriers(g), caught = catchers(g, p, may_time_out && p->depth),
        kept = sim_keep_result(g, p);
    return arena_printf(
        g->a, "{\"Type\":\"Task\",\"Resource\":\"%s\"%.*s%.*s%.*s%.*s%.*s,\"Next\":\"S%u\"}",
        resource, STR_ARG(arguments), STR_ARG(limits), STR_ARG(retry), STR_ARG(caught),
        STR_ARG(kept), p->next);
}

static str parallel_state(generator *g, const place *p)
{
    uint32_t count = 1 + sim_below(g->random, 3);
    str branches = STR("");
    str retry = sim_retriers(g), caught = catchers(g, p, false), kept = sim_keep_result(g, p);
    for (uint32_t i = 0; i < count; i++) {
        str branch = sim_chain(g, p->depth + 1, p->is_caught || caught.len);
        branches =
            arena_printf(g->a, "%.*s%s{%.*s}", STR_ARG(branches), i ? "," : "", STR_ARG(branch));
    }
    return arena_printf(g->a,
                        "{\"Type\":\"Parallel\",\"Branches\":[%.*s]%.*s%.*s%.*s,\"Next\":\"S%u\"}",
                        STR_ARG(branches), STR_ARG(retry), STR_ARG(caught), STR_ARG(kept), p->next);
}

static str map_state(generator *g, const place *p)
{
    const char *items =
        g->is_jsonata ? "\"Items\":\"{% $states.input.items %}\"" : "\"ItemsPath\":\"$.items\"";
    uint32_t concurrency = sim_below(g->random, 4);
    str retry = sim_retriers(g), caught = catchers(g, p, false), kept = sim_keep_result(g, p);
    str processor = sim_chain(g, p->depth + 1, p->is_caught || caught.len);
    return arena_printf(g->a,
                        "{\"Type\":\"Map\",%s,\"MaxConcurrency\":%u,\"ItemProcessor\":{%.*s}%.*s"
                        "%.*s%.*s,\"Next\":\"S%u\"}",
                        items, concurrency, STR_ARG(processor), STR_ARG(retry), STR_ARG(caught),
                        STR_ARG(kept), p->next);
}

static str obstacle_state(generator *g, const place *p)
{
    str kept = sim_keep_result(g, p);
    return arena_printf(g->a, "{\"Type\":\"Task\",\"Resource\":\"%s\"%.*s,\"Next\":\"S%u\"}",
                        SIM_OBSTACLE, STR_ARG(kept), p->next);
}

/* Counts so far that other batches are committed meanwhile: two states. */
static str loop_state(generator *g, const place *p)
{
    const char *format =
        g->is_jsonata
            ? "{\"Type\":\"Pass\",\"Assign\":{\"x\":\"{%% $x + 1 %%}\"},\"Next\":\"L%u\"},\"L%u\":{"
              "\"Type\":\"Choice\",\"Choices\":[{\"Condition\":\"{%% $x < %u %%}\",\"Next\":"
              "\"S%u\"}],\"Default\":\"S%u\"}"
            : "{\"Type\":\"Pass\",\"Assign\":{\"x.$\":\"States.MathAdd($x, 1)\"},\"Next\":\"L%u\"},"
              "\"L%u\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$x\",\"NumericLessThan\":%"
              "u,"
              "\"Next\":\"S%u\"}],\"Default\":\"S%u\"}";
    return arena_printf(g->a, format, p->id, p->id, 100 + sim_below(g->random, 2000), p->id,
                        p->next);
}

static str state(generator *g, const place *p)
{
    if (!p->depth && !g->is_express && sim_generator_chance(g, 2)) {
        return loop_state(g, p);
    }
    if (!p->is_caught && !g->is_child && sim_generator_chance(g, 8)) {
        return obstacle_state(g, p);
    }
    if (!g->is_child && !g->is_in_map_run && sim_generator_chance(g, p->depth ? 5 : 12)) {
        return sim_map_run_state(g, p);
    }
    if (!g->is_child && !g->is_express && sim_generator_chance(g, p->depth ? 6 : 12)) {
        return sim_child_state(g, p);
    }
    typedef str maker(generator * g, const place *p);
    static maker *const makers[] = {pass_state, wait_state,   task_state,     task_state,
                                    task_state, choice_state, parallel_state, map_state};
    uint32_t depth_max = g->is_express && !g->is_in_map_run ? DEPTH_MAX - 1 : DEPTH_MAX;
    uint32_t count = p->depth < depth_max ? ARRAY_LENGTH(makers) : ARRAY_LENGTH(makers) - 2;
    return makers[sim_below(g->random, count)](g, p);
}

static str last_state(generator *g, uint32_t depth)
{
    if (sim_generator_chance(g, 8)) {
        return STR("{\"Type\":\"Fail\",\"Error\":\"" SIM_ERROR "\",\"Cause\":\"as planned\"}");
    }
    if (depth || sim_generator_chance(g, 30)) {
        return STR("{\"Type\":\"Succeed\"}");
    }
    return g->is_jsonata
               ? STR("{\"Type\":\"Pass\",\"Output\":{\"x\":\"{% $x %}\",\"all\":\"{% $states.input "
                     "%}\"},\"End\":true}")
               : STR("{\"Type\":\"Pass\",\"Parameters\":{\"x.$\":\"$x\",\"all.$\":\"$\"},"
                     "\"End\":true}");
}

str sim_chain(generator *g, uint32_t depth, bool is_caught)
{
    uint32_t count = 1 + sim_below(g->random, depth ? 2 : CHAIN_MAX);
    uint32_t first = g->next_name;
    g->next_name += count + 1;
    str states = STR("");
    for (uint32_t i = 0; i < count; i++) {
        place p = {.id = first + i,
                   .next = first + i + 1,
                   .beyond = first + MIN_OF(i + 2, count),
                   .depth = depth,
                   .is_caught = is_caught};
        str made = state(g, &p);
        states = arena_printf(g->a, "%.*s\"S%u\":%.*s,", STR_ARG(states), p.id, STR_ARG(made));
    }
    str last = last_state(g, depth);
    return arena_printf(g->a, "\"StartAt\":\"S%u\",\"States\":{%.*s\"S%u\":%.*s}", first,
                        STR_ARG(states), first + count, STR_ARG(last));
}

static str workflow(generator *g)
{
    g->is_jsonata = sim_below(g->random, 2);
    g->next_name = 1;
    str members = sim_chain(g, 0, false);
    str states = str_skip(members, str_find(members, STR("\"States\":{")) + 10);
    str limit = sim_generator_chance(g, 30) ? STR(",\"TimeoutSeconds\":10000000") : STR("");
    return arena_printf(g->a,
                        "{\"QueryLanguage\":\"%s\"%.*s,\"StartAt\":\"S0\",\"States\":{\"S0\":{"
                        "\"Type\":\"Pass\",\"Assign\":{\"x\":0},\"Next\":\"S1\"},%.*s}",
                        g->is_jsonata ? "JSONata" : "JSONPath", STR_ARG(limit), STR_ARG(states));
}

str sim_workflow(entropy *random, arena *a)
{
    return workflow(&(generator){.random = random, .a = a});
}

str sim_child_workflow(entropy *random, arena *a)
{
    return workflow(&(generator){.random = random, .a = a, .is_child = true});
}

str sim_express_workflow(entropy *random, arena *a)
{
    return workflow(&(generator){.random = random, .a = a, .is_child = true, .is_express = true});
}

str sim_input(entropy *random, arena *a)
{
    str items = STR("");
    uint32_t count = sim_below(random, 5);
    for (uint32_t i = 0; i < count; i++) {
        items = arena_printf(a,
                             "%.*s%s{\"n\":%u,\"items\":[{\"n\":%u,\"items\":[]},{\"n\":%u,"
                             "\"items\":[]}]}",
                             STR_ARG(items), i ? "," : "", i, sim_below(random, 10), i + 1);
    }
    return arena_printf(a, "{\"n\":%u,\"items\":[%.*s]}", sim_below(random, 10), STR_ARG(items));
}
