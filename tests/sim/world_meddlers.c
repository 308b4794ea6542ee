/* Meddlers: who changes, looks at and cleans up what executions use while they run. What they do
 * must not change how anything ends, but in wild plays, where they stop children, delete state
 * machines and change what map runs tolerate. */
#include "world.h"

#include "workflows.h"

#include "runtime/map/map_run.h"

#include <stdlib.h>

#define PAUSE_MS_MAX 20000
#define LONG_PAUSE_MS_MAX 20000000 /* beyond an hour */
#define PAGE 1000                  /* more than any play has */
#define DATE_MS 7776000000         /* 90 days */

static void on_any(void *user, const child_answer *answer)
{
    sim_world *w = user;
    static const char *const fine[] = {"ServiceUnavailable",       "ResourceNotFound",
                                       "ValidationException",      "StateMachineDeleting",
                                       "StateMachineDoesNotExist", "ExecutionDoesNotExist",
                                       "ConflictException"};
    bool is_fine = !answer->error_name;
    for (size_t i = 0; i < ARRAY_LENGTH(fine) && !is_fine; i++) {
        is_fine = sim_is_error(answer, fine[i]);
    }
    sim_check(w, is_fine, "a meddler was told %s: %.*s", answer->error_name,
              STR_ARG(answer->message));
}

/* -------------------------------------------------------------------------------------- machines
 */

static void on_updated(void *user, const child_answer *answer)
{
    sim_world *w = user;
    on_any(w, answer);
    if (!answer->error_name && sim_leaves(w)) {
        w->updates_acknowledged = w->updates_sent; /* one at a time */
    }
    w->is_updating = false;
}

/* Another definition that does the same. */
static void update(sim_world *w, arena *a)
{
    if (w->is_updating) {
        return;
    }
    w->is_updating = true;
    w->updates_sent++;
    str definition = arena_printf(a, "{\"Comment\":\"%u\",%.*s", w->updates_sent,
                                  STR_ARG(str_skip(w->definitions[0], 1)));
    str text = json_text(json_from_str(definition), a);
    sim_say(w, "update %u of m0", w->updates_sent);
    sim_call(w, "UpdateStateMachine",
             arena_printf(a, "{\"stateMachineArn\":\"%sm0\",\"definition\":%.*s%s}",
                          SIM_MACHINE_ARN, STR_ARG(text),
                          sim_chance(w, 30) ? ",\"publish\":true" : ""),
             on_updated, w);
}

static void on_described(void *user, const child_answer *answer)
{
    sim_world *w = user;
    arena a;
    arena_init(&a, 0);
    json definition;
    str text = json_str(json_get(answer->output, STR("definition")));
    sim_check(w, !answer->error_name && ok(json_parse_into(text, &a, &definition, NULL)),
              "m0 cannot be described: %s", answer->error_name);
    str comment = json_str(json_get(definition, STR("Comment")));
    uint32_t update = comment.len ? (uint32_t)strtoul(arena_str(&a, comment).ptr, NULL, 10) : 0;
    sim_check(w, update >= w->updates_expected && update <= w->updates_sent,
              "update %u of m0 was acknowledged, it has %u", w->updates_expected, update);
    arena_clean_up(&a);
}

void sim_check_meddling(sim_world *w)
{
    arena a;
    arena_init(&a, 0);
    w->is_updating = false;
    w->updates_expected = w->updates_acknowledged;
    sim_call(w, "DescribeStateMachine",
             arena_printf(&a, "{\"stateMachineArn\":\"%sm0\"}", SIM_MACHINE_ARN), on_described, w);
    arena_clean_up(&a);
}

static void tag(sim_world *w, arena *a)
{
    const char *what = sim_chance(w, 50) ? "TagResource" : "UntagResource";
    sim_call(w, what,
             arena_printf(a, "{\"resourceArn\":\"%sm0\",%s}", SIM_MACHINE_ARN,
                          what[0] == 'T' ? "\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]"
                                         : "\"tagKeys\":[\"a\"]"),
             on_any, w);
}

static void publish(sim_world *w, arena *a)
{
    sim_call(w, "PublishStateMachineVersion",
             arena_printf(a, "{\"stateMachineArn\":\"%sm0\"}", SIM_MACHINE_ARN), on_any, w);
}

static void retract(sim_world *w, arena *a)
{
    sim_call(w, "DeleteStateMachineVersion",
             arena_printf(a, "{\"stateMachineVersionArn\":\"%sm0:%u\"}", SIM_MACHINE_ARN,
                          2 + sim_below(&w->chance, 4)),
             on_any, w);
}

/* Definitions that nobody needs are taken away, records of map runs that are gone, too. */
static void keep_house(sim_world *w, arena *a)
{
    (void)a;
    sim_say(w, "housekeeping");
    sim_loop_keep_house(w->loop);
}

/* ------------------------------------------------------------------------------------- executions
 */

static bool any_execution(sim_world *w, arena *a, store_execution *ret_row)
{
    store_execution *rows;
    store_execution_filter filter = {0};
    uint32_t count;
    bool has_more;
    if (failed(store_list_executions(w->store, &filter, PAGE, true, a, &rows, &count, &has_more,
                                     NULL)) ||
        !count) {
        return false;
    }
    *ret_row = rows[sim_below(&w->chance, count)];
    return true;
}

static void look(sim_world *w, arena *a)
{
    static const char *const operations[] = {"DescribeExecution", "GetExecutionHistory",
                                             "ListMapRuns", "DescribeStateMachineForExecution"};
    store_execution row;
    const char *operation = operations[sim_below(&w->chance, ARRAY_LENGTH(operations))];
    if (any_execution(w, a, &row) && str_find(row.arn, STR(":express:")) == STR_NOT_FOUND) {
        sim_call(w, operation, arena_printf(a, "{\"executionArn\":\"%.*s\"}", STR_ARG(row.arn)),
                 on_any, w);
    }
}

static bool is_of_client(const sim_world *w, str arn)
{
    bool found = false;
    for (uint32_t i = 0; i < w->execution_count; i++) {
        found |= str_equal(w->executions[i].arn, arn);
    }
    return found;
}

static void stop(sim_world *w, arena *a)
{
    store_execution row;
    if (any_execution(w, a, &row) && !is_of_client(w, row.arn) &&
        str_find(row.arn, STR(":express:")) == STR_NOT_FOUND) {
        sim_say(w, "a meddler stops %.*s", STR_ARG(row.arn));
        sim_call(w, "StopExecution",
                 arena_printf(a, "{\"executionArn\":\"%.*s\"}", STR_ARG(row.arn)), on_any, w);
    }
}

/* -------------------------------------------------------------------------------------- map runs
 */

static void change_map_run(sim_world *w, arena *a)
{
    store_record *records;
    uint32_t count;
    bool has_more;
    if (failed(store_list_records(w->store, MAP_RUN_RECORD, STR(""), STR_NONE, PAGE, a, &records,
                                  &count, &has_more, NULL)) ||
        !count) {
        return;
    }
    str arn = records[sim_below(&w->chance, count)].key;
    str change = STR("\"maxConcurrency\":10");
    if (w->is_wild && sim_chance(w, 50)) {
        change = arena_printf(a, "\"maxConcurrency\":%u", sim_below(&w->chance, 4));
    } else if (w->is_wild) {
        change = arena_printf(a, "\"toleratedFailure%s\":%u",
                              sim_chance(w, 50) ? "Count" : "Percentage", sim_below(&w->chance, 5));
    }
    sim_say(w, "a meddler gives %.*s %.*s", STR_ARG(arn), STR_ARG(change));
    sim_call(w, "UpdateMapRun",
             arena_printf(a, "{\"mapRunArn\":\"%.*s\",%.*s}", STR_ARG(arn), STR_ARG(change)),
             on_any, w);
}

static void delete_machine(sim_world *w, arena *a)
{
    sim_say(w, "a meddler deletes a machine");
    sim_call(w, "DeleteStateMachine",
             arena_printf(a, "{\"stateMachineArn\":\"%s\"}",
                          sim_chance(w, 60) ? SIM_CHILD : SIM_EXPRESS),
             on_any, w);
}

/* Gone are executions that ended long ago: none, as long as a play lasts. */
static void retire(sim_world *w, arena *a)
{
    uint32_t count = 0;
    (void)a;
    status done = shard_retire(w->shard, w->now_ms - DATE_MS, PAGE, &count, NULL);
    sim_check(w, failed(done) || !count, "an execution has been forgotten");
}

void sim_meddle(sim_world *w)
{
    typedef void deed(sim_world * w, arena * a);
    static deed *const deeds[] = {
        update, update,         tag,    publish, retract, keep_house,     keep_house,
        look,   change_map_run, retire, stop,    stop,    change_map_run, delete_machine};
    uint32_t count = w->is_wild ? ARRAY_LENGTH(deeds) : ARRAY_LENGTH(deeds) - 4;
    arena a;
    arena_init(&a, 0);
    if (w->shard) {
        deeds[sim_below(&w->chance, count)](w, &a);
    }
    arena_clean_up(&a);
    w->meddling_left--;
    if (w->meddling_left) {
        uint32_t pause_ms = sim_chance(w, 20) ? LONG_PAUSE_MS_MAX : PAUSE_MS_MAX;
        sim_post(w, sim_delay(w, pause_ms), SIM_EVENT_MEDDLE, NULL, NULL);
    }
}
