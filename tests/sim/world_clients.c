/* Clients of the API: who makes the state machines, and starts, stops and redrives executions, each
 * as one that never saw the answer does it: once more. */
#include "world.h"

#include "workflows.h"

#define AGAIN_MS 100
#define REDRIVE_MS_MAX 5000

/* ------------------------------------------------------------------------------------ the API */

void sim_call(sim_world *w, const char *operation, str input, child_answered *answered, void *user)
{
    arena a;
    arena_init(&a, 0);
    error err;
    json value;
    sim_check(w,
              ok(json_parse_into(input, &a, &value, &err)) &&
                  ok(api_call_inside(w->api, str_from_c(operation), value, (json){0}, answered,
                                     user, &err)),
              "%s: %s", operation, err.message);
    arena_clean_up(&a);
}

bool sim_is_error(const child_answer *answer, const char *name)
{
    return answer->error_name && !strcmp(answer->error_name, name);
}

static void on_created(void *user, const child_answer *answer)
{
    sim_world *w = user;
    sim_check(w, !answer->error_name, "%s: %.*s", answer->error_name, STR_ARG(answer->message));
    w->machines_made++;
}

void sim_create_machine(sim_world *w, const char *name, const char *type, str definition)
{
    arena a;
    arena_init(&a, 0);
    str text = json_text(json_from_str(definition), &a);
    sim_call(w, "CreateStateMachine",
             arena_printf(&a,
                          "{\"name\":\"%s\",\"roleArn\":\"arn:aws:iam::123456789012:role/r\","
                          "\"type\":\"%s\",\"definition\":%.*s}",
                          name, type, STR_ARG(text)),
             on_created, w);
    arena_clean_up(&a);
}

/* -------------------------------------------------------------------------------------- starting
 */

static void on_started(void *user, const child_answer *answer)
{
    sim_execution *e = user;
    sim_world *w = e->world;
    if (!sim_leaves(w)) {
        return;
    }
    if (sim_is_error(answer, "ServiceUnavailable")) {
        e->started = SIM_UNSENT;
        sim_post(w, AGAIN_MS, SIM_EVENT_START, e, NULL);
        return;
    }
    arena a;
    arena_init(&a, 0);
    store_execution row;
    sim_check(w, !answer->error_name || sim_is_error(answer, "ExecutionAlreadyExists"), "%s: %.*s",
              answer->error_name, STR_ARG(answer->message));
    sim_check(w, sim_find(w, e->arn, &a, &row), "%.*s is acknowledged before it is durable",
              STR_ARG(e->name));
    arena_clean_up(&a);
    e->started = SIM_ACKNOWLEDGED;
}

void sim_start(sim_world *w, sim_execution *e)
{
    arena a;
    arena_init(&a, 0);
    if (!w->shard) {
        sim_post(w, AGAIN_MS, SIM_EVENT_START, e, NULL);
    } else if (e->started != SIM_ACKNOWLEDGED) {
        str input = json_text(json_from_str(e->input), &a);
        e->started = SIM_SENT;
        sim_call(w, "StartExecution",
                 arena_printf(&a,
                              "{\"stateMachineArn\":\"%sm%u\",\"name\":\"%.*s\",\"input\":%.*s}",
                              SIM_MACHINE_ARN, e->machine, STR_ARG(e->name), STR_ARG(input)),
                 on_started, e);
    }
    arena_clean_up(&a);
}

/* Whoever waits for the answer of a process that dies gets none, and does not ask again. */
static void on_sync(void *user, const child_answer *answer)
{
    sim_sync *sync = user;
    sim_world *w = sync->world;
    if (!sim_leaves(w)) {
        return;
    }
    if (sim_is_error(answer, "ServiceUnavailable")) {
        sync->is_sent = false;
        sim_post_sync(w, AGAIN_MS, sync);
        return;
    }
    sim_check(w, !sync->end, "a synchronous execution was answered twice");
    sim_check(w, !answer->error_name || w->is_wild, "%s: %.*s", answer->error_name,
              STR_ARG(answer->message));
    static const char *const members[] = {"status", "output", "error", "cause"};
    str text = STR("");
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        str part = json_str(json_get(answer->output, str_from_c(members[i])));
        text = arena_printf(&w->memory, "%.*s %.*s", STR_ARG(text), STR_ARG(part));
    }
    sync->end = str_duplicate(text);
}

void sim_start_sync(sim_world *w, sim_sync *sync)
{
    arena a;
    arena_init(&a, 0);
    if (!w->shard) {
        sim_post_sync(w, AGAIN_MS, sync);
    } else if (!sync->is_sent) {
        str input = json_text(json_from_str(sync->input), &a);
        sync->is_sent = true;
        sim_call(w, "StartSyncExecution",
                 arena_printf(&a, "{\"stateMachineArn\":\"%s\",\"input\":%.*s}", SIM_EXPRESS,
                              STR_ARG(input)),
                 on_sync, sync);
    }
    arena_clean_up(&a);
}

/* -------------------------------------------------------------------------------------- stopping
 */

static void on_stopped(void *user, const child_answer *answer)
{
    sim_execution *e = user;
    sim_world *w = e->world;
    if (!sim_leaves(w)) {
        return;
    }
    arena a;
    arena_init(&a, 0);
    store_execution row;
    e->stopped = SIM_REFUSED;
    if (!answer->error_name) {
        sim_check(w,
                  sim_find(w, e->arn, &a, &row) &&
                      (row.status != STORE_RUNNING || e->redriven == SIM_SENT),
                  "the stop of %.*s is acknowledged before it is durable", STR_ARG(e->name));
        e->stopped = row.status == STORE_ABORTED ? SIM_ACKNOWLEDGED : SIM_REFUSED;
    }
    arena_clean_up(&a);
}

void sim_stop(sim_world *w, sim_execution *e)
{
    arena a;
    arena_init(&a, 0);
    if (w->shard && e->started == SIM_ACKNOWLEDGED) {
        e->stopped = SIM_SENT;
        e->was_stopping = true;
        sim_call(
            w, "StopExecution",
            arena_printf(&a, "{\"executionArn\":\"%.*s\",\"error\":\"Stopped\"}", STR_ARG(e->arn)),
            on_stopped, e);
    }
    arena_clean_up(&a);
}

/* ------------------------------------------------------------------------------------- redriving
 */

static int64_t redrives_of(sim_world *w, sim_execution *e, store_execution_status *ret_status)
{
    arena a;
    arena_init(&a, 0);
    store_execution row;
    json told;
    int64_t count = 0;
    sim_check(w, sim_find(w, e->arn, &a, &row) && ok(json_parse_into(row.text, &a, &told, NULL)),
              "%.*s is gone", STR_ARG(e->name));
    json_int64(json_get(told, STR("redriveCount")), &count);
    *ret_status = row.status;
    arena_clean_up(&a);
    return count;
}

/* The same client token is the same redrive, whoever hears of it. */
static void on_redriven(void *user, const child_answer *answer)
{
    sim_execution *e = user;
    sim_world *w = e->world;
    store_execution_status outcome;
    if (!sim_leaves(w)) {
        return;
    }
    e->asking--;
    if (sim_is_error(answer, "ServiceUnavailable")) {
        sim_post(w, AGAIN_MS, SIM_EVENT_REDRIVE, e, NULL);
        return;
    }
    sim_check(w, !answer->error_name, "the redrive of %.*s: %s, %.*s", STR_ARG(e->name),
              answer->error_name, STR_ARG(answer->message));
    sim_check(w, redrives_of(w, e, &outcome) == (int64_t)e->redrives,
              "redrive %u of %.*s is acknowledged, the store has %lld", e->redrives,
              STR_ARG(e->name), (long long)redrives_of(w, e, &outcome));
    e->redriven = SIM_ACKNOWLEDGED;
    if (outcome != STORE_RUNNING || sim_chance(w, 20)) { /* again, or ended in the meantime */
        sim_post(w, sim_delay(w, AGAIN_MS), SIM_EVENT_REDRIVE, e, NULL);
    }
}

bool sim_is_to_be_redriven(sim_world *w, sim_execution *e)
{
    store_execution_status outcome;
    int64_t count = redrives_of(w, e, &outcome);
    return e->redriven == SIM_SENT ||
           (outcome != STORE_RUNNING && outcome != STORE_SUCCEEDED && count < e->redrives_max);
}

void sim_redrive(sim_world *w, sim_execution *e)
{
    arena a;
    arena_init(&a, 0);
    if (!w->shard || e->started == SIM_SENT) {
        sim_post(w, AGAIN_MS, SIM_EVENT_REDRIVE, e, NULL);
    } else if (e->asking && e->redriven != SIM_SENT) { /* another one before is not answered yet */
        sim_post(w, AGAIN_MS, SIM_EVENT_REDRIVE, e, NULL);
    } else if (e->started == SIM_ACKNOWLEDGED && sim_is_to_be_redriven(w, e)) {
        if (e->redriven != SIM_SENT) {
            e->redriven = SIM_SENT;
            e->redrives++;
        }
        e->ends_max++;
        e->asking++;
        sim_say(w, "redrive %u of %.*s", e->redrives, STR_ARG(e->name));
        str input = arena_printf(&a, "{\"executionArn\":\"%.*s\",\"clientToken\":\"r%u\"}",
                                 STR_ARG(e->arn), e->redrives);
        sim_call(w, "RedriveExecution", input, on_redriven, e);
        if (e->redriven == SIM_SENT && sim_chance(w, 20)) { /* twice at a time is once */
            e->asking++;
            sim_call(w, "RedriveExecution", input, on_redriven, e);
        }
    }
    arena_clean_up(&a);
}

void sim_want_redrive(sim_world *w, sim_execution *e)
{
    if (e->redrives_max) {
        sim_post(w, sim_delay(w, REDRIVE_MS_MAX), SIM_EVENT_REDRIVE, e, NULL);
    }
}

/* The process has died: who has no answer asks again. */
void sim_ask_again(sim_world *w)
{
    for (uint32_t i = 0; i < w->execution_count; i++) {
        sim_execution *e = &w->executions[i];
        e->ends_told = 0;
        e->ends_max = 1;
        e->asking = 0;
        if (e->started == SIM_SENT) {
            sim_post(w, AGAIN_MS, SIM_EVENT_START, e, NULL);
        }
        if (e->stopped == SIM_SENT) {
            e->stopped = SIM_UNSENT;
        }
        sim_want_redrive(w, e); /* perhaps nobody was told that it has ended */
    }
}
