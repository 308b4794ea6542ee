/* Executions through the public API. Tasks go to the embedder's handler, or to the integrations. */
#include "embed/machine.h"

#include "base/digest.h"
#include "runtime/dispatch.h"
#include "runtime/names.h"
#include "runtime/run.h"

#include <stdlib.h>
#include <sys/random.h>

#define ACCOUNT "123456789012"
#define REGION "us-east-1"

struct gait_result {
    engine_outcome outcome;
    char *output, *error, *cause; /* owned; NULL when not set */
};

struct gait_task_reply {
    bool is_given;
    bool succeeded;
    buf output, error, cause;
    bool has_error, has_cause;
};

/* All that a run holds on to, freed in one place. */
typedef struct embedded_run {
    gait_run_options options;
    const asl_machine *machine;
    engine_identity identity;
    arena texts, scratch;
    net_loop *loop;
    integrations *tasks;
    dispatch *dispatched;
    runtime_run *run;
    status event_failure;
} embedded_run;

/* -------------------------------------------------------------------------------- handled tasks */

static void set_text(buf *to, const char *text, size_t length)
{
    buf_reset(to);
    buf_add(to, text, length);
}

void gait_task_succeed(gait_task_reply *reply, const char *output, size_t length)
{
    reply->is_given = true;
    reply->succeeded = true;
    set_text(&reply->output, output, length);
}

void gait_task_fail(gait_task_reply *reply, const char *name, const char *cause)
{
    reply->is_given = true;
    reply->succeeded = false;
    reply->has_error = name != NULL;
    reply->has_cause = cause != NULL;
    set_text(&reply->error, name, name ? strlen(name) : 0);
    set_text(&reply->cause, cause, cause ? strlen(cause) : 0);
}

/* What the reply means to the engine; *ret_output keeps the value alive. */
static engine_input read_reply(const gait_task_reply *reply, uint64_t task_id,
                               json_doc **ret_output, error *err)
{
    engine_input input = {.kind = ENGINE_TASK_FAILED, .task_id = task_id};
    if (!reply->is_given) {
        input.error = STR("States.Runtime");
        input.cause = STR("The program's task handler gave no reply");
    } else if (!reply->succeeded) {
        input.error = reply->has_error ? buf_str(&reply->error) : STR_NONE;
        input.cause = reply->has_cause ? buf_str(&reply->cause) : STR_NONE;
    } else if (failed(json_parse(buf_str(&reply->output), ret_output, err))) {
        input.error = STR("States.Runtime");
        input.cause = (str){err->message, err->length};
    } else {
        input.kind = ENGINE_TASK_SUCCEEDED;
        input.value = json_doc_root(*ret_output);
    }
    return input;
}

static void start_task(void *self, const runtime_task *asked, runtime_receive *receive,
                       void *receiver)
{
    embedded_run *e = self;
    const engine_effect *effect = asked->effect;
    error err = {0};
    gait_task_reply reply = {0};
    buf_init(&reply.output, JSON_TEXT_BYTES_MAX);
    buf_init(&reply.error, PAYLOAD_BYTES_MAX);
    buf_init(&reply.cause, PAYLOAD_BYTES_MAX);
    arena_reset(&e->scratch);
    str payload = json_text(effect->payload, &e->scratch);
    str resource = arena_str(&e->scratch, effect->state->as.task.resource.arn);
    str name = arena_str(&e->scratch, effect->state->name);
    if (payload.ptr && resource.ptr && name.ptr) {
        gait_task task = {.struct_size = sizeof(task),
                          .resource = resource.ptr,
                          .state_name = name.ptr,
                          .payload = payload.ptr,
                          .payload_length = payload.len,
                          .attempt = effect->attempt};
        e->options.on_task(e->options.user, &task, &reply);
    }
    json_doc *output = NULL;
    engine_input input = read_reply(&reply, effect->task_id, &output, &err);
    receive(receiver, asked->execution, &input);
    json_doc_release(output);
    buf_clean_up(&reply.output);
    buf_clean_up(&reply.error);
    buf_clean_up(&reply.cause);
}

/* A handled task has always ended when start returns. */
static void cancel_task(void *self, uint64_t execution, uint64_t task_id)
{
    (void)self;
    (void)execution;
    (void)task_id;
}

static uint32_t tasks_in_flight(void *self)
{
    (void)self;
    return 0;
}

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
    if (!runtime_name_is_valid(name)) {
        return fail(reterr, ERROR_INVALID,
                    "the name is not one of 1 to 80 characters as AWS allows");
    }
    e->identity = (engine_identity){
        .execution_name = arena_str(&e->texts, name),
        .execution_arn =
            arena_printf(&e->texts, "arn:aws:states:" REGION ":" ACCOUNT ":%s:embedded:%.*s",
                         e->options.is_express ? "express" : "execution", STR_ARG(name)),
        .machine_arn = STR("arn:aws:states:" REGION ":" ACCOUNT ":stateMachine:embedded"),
        .machine_name = STR("embedded"),
        .role_arn = STR("arn:aws:iam::" ACCOUNT ":role/gait"),
        .region = STR(REGION),
        .account = STR(ACCOUNT),
        .is_express = e->options.is_express,
    };
    bool is_made = e->identity.execution_name.ptr && e->identity.execution_arn.ptr;
    return is_made ? STATUS_OK : fail_memory(reterr);
}

static status open_tasks(embedded_run *e, runtime_tasks *ret_tasks, error *reterr)
{
    if (e->options.on_task) {
        *ret_tasks = (runtime_tasks){
            .self = e, .start = start_task, .cancel = cancel_task, .in_flight = tasks_in_flight};
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

static char *owned_text(str text)
{
    return text.ptr ? str_duplicate(text) : NULL;
}

static status make_result(const runtime_result *from, gait_result **ret_result, error *reterr)
{
    gait_result *result = calloc(1, sizeof(*result));
    arena a;
    arena_init(&a, 0);
    str output = from->output ? json_text(json_doc_root(from->output), &a) : STR_NONE;
    bool is_made = result && (!from->output || output.ptr);
    if (is_made) {
        result->outcome = from->outcome;
        result->output = owned_text(output);
        result->error = owned_text(from->error);
        result->cause = owned_text(from->cause);
        is_made = !result->output == !output.ptr && !result->error == !from->error.ptr &&
                  !result->cause == !from->cause.ptr;
    }
    arena_clean_up(&a);
    if (!is_made) {
        gait_result_free(result);
        return fail_memory(reterr);
    }
    *ret_result = result;
    return STATUS_OK;
}

gait_status gait_run(const gait_machine *machine, const gait_run_options *options,
                     gait_result **ret_result, gait_error *ret_error)
{
    error err = {0};
    embedded_run e = {.machine = machine->machine};
    memcpy(&e.options, options, MIN_OF(options->struct_size, sizeof(e.options)));
    arena_init(&e.texts, 0);
    arena_init(&e.scratch, 0);
    runtime_result result = {0};
    status s = run_to_end(&e, &result, &err);
    if (ok(s)) {
        s = make_result(&result, ret_result, &err);
    }
    runtime_result_clean_up(&result);
    runtime_run_free(e.run);
    dispatch_free(e.dispatched);
    integrations_free(e.tasks);
    net_loop_free(e.loop);
    arena_clean_up(&e.texts);
    arena_clean_up(&e.scratch);
    return failed(s) ? embed_tell(&err, ret_error) : GAIT_OK;
}

const char *gait_result_status(const gait_result *result)
{
    return engine_outcome_name(result->outcome);
}
const char *gait_result_output(const gait_result *result)
{
    return result->output;
}
const char *gait_result_error(const gait_result *result)
{
    return result->error;
}
const char *gait_result_cause(const gait_result *result)
{
    return result->cause;
}

void gait_result_free(gait_result *result)
{
    if (result) {
        free(result->output);
        free(result->error);
        free(result->cause);
        free(result);
    }
}
