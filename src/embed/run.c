/* Executions through the public API. Tasks go to the embedder's handler, or to the integrations. */
#include "embed/handler.h"
#include "embed/identity.h"
#include "embed/machine.h"
#include "embed/result.h"

#include "base/digest.h"
#include "runtime/dispatch.h"
#include "runtime/run.h"

#include <stdlib.h>
#include <sys/random.h>

/* All that a run holds on to, freed in one place. */
typedef struct embedded_run {
    gait_run_options options;
    const asl_machine *machine;
    engine_identity identity;
    arena texts, scratch;
    embed_handler handler;
    net_loop *loop;
    integrations *tasks;
    dispatch *dispatched;
    runtime_run *run;
    status event_failure;
} embedded_run;

/* -------------------------------------------------------------------------------------- the run */

static void tell_events(void *user, const engine_event *events, uint32_t count)
{
    embedded_run *e = user;
    for (uint32_t i = 0; i < count && ok(e->event_failure); i++) {
        json object;
        arena_reset(&e->scratch);
        e->event_failure =
            engine_event_to_json(&events[i], e->machine, true, &e->scratch, &object, NULL);
        if (ok(e->event_failure)) {
            str text = json_text(object, &e->scratch);
            if (text.ptr) {
                e->options.on_event(e->options.user, text.ptr, text.len);
            } else {
                e->event_failure = (status){ERROR_MEMORY};
            }
        }
    }
}

static status make_identity(embedded_run *e, error *reterr)
{
    unsigned char random[16];
    char uuid[UUID_TEXT_SIZE];
    if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
        return fail(reterr, ERROR_IO, "the system gives no random bytes");
    }
    str name = e->options.name ? str_from_c(e->options.name) : uuid_from_entropy(random, uuid);
    return embed_identity_make(name, e->options.is_express, &e->texts, &e->identity, reterr);
}

static status open_tasks(embedded_run *e, runtime_tasks *ret_tasks, error *reterr)
{
    if (e->options.on_task) {
        *ret_tasks = embed_handler_tasks(&e->handler);
        return STATUS_OK;
    }
    integrations_options options = {
        .loop = e->loop,
        .functions_folder = str_from_c(e->options.functions_folder),
        .data_folder = str_from_c(e->options.data_folder ? e->options.data_folder : ".gait"),
        .account = e->identity.account,
        .region = e->identity.region,
    };
    TRY(integrations_new(&options, &e->tasks, reterr));
    TRY(dispatch_new(e->tasks, &e->dispatched, reterr));
    *ret_tasks = dispatch_tasks(e->dispatched);
    return STATUS_OK;
}

static status run_to_end(embedded_run *e, runtime_result *ret_result, error *reterr)
{
    runtime_tasks tasks;
    TRY(make_identity(e, reterr));
    TRY(net_loop_new(&e->loop, reterr));
    TRY(open_tasks(e, &tasks, reterr));
    runtime_run_options options = {
        .machine = e->machine,
        .identity = &e->identity,
        .input = str_from_c(e->options.input ? e->options.input : "{}"),
        .is_virtual_time = e->options.is_virtual_time,
        .loop = e->loop,
        .tasks = tasks,
        .on_events = e->options.on_event ? tell_events : NULL,
        .user = e,
    };
    if (getrandom(&options.entropy, sizeof(options.entropy), 0) != sizeof(options.entropy)) {
        return fail(reterr, ERROR_IO, "the system gives no random bytes");
    }
    TRY(runtime_run_new(&options, &e->run, reterr));
    TRY(runtime_run_finish(e->run, ret_result, reterr));
    return ok(e->event_failure) ? STATUS_OK : fail_memory(reterr);
}

gait_status gait_run(const gait_machine *machine, const gait_run_options *options,
                     gait_result **ret_result, gait_error *ret_error)
{
    error err = {0};
    embedded_run e = {.machine = machine->machine};
    memcpy(&e.options, options, MIN_OF(options->struct_size, sizeof(e.options)));
    arena_init(&e.texts, 0);
    arena_init(&e.scratch, 0);
    embed_handler_init(&e.handler, e.options.on_task, e.options.user);
    runtime_result result = {0};
    status s = run_to_end(&e, &result, &err);
    if (ok(s)) {
        s = embed_result_new(result.outcome,
                             result.output ? json_doc_root(result.output) : (json){0}, STR_NONE,
                             result.error, result.cause, ret_result, &err);
    }
    runtime_result_clean_up(&result);
    runtime_run_free(e.run);
    dispatch_free(e.dispatched);
    integrations_free(e.tasks);
    net_loop_free(e.loop);
    arena_clean_up(&e.texts);
    arena_clean_up(&e.scratch);
    embed_handler_clean_up(&e.handler);
    return failed(s) ? embed_tell(&err, ret_error) : GAIT_OK;
}
