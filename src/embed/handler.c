#include "embed/handler.h"

struct gait_task_reply {
    bool is_given;
    bool succeeded;
    buf output, error, cause;
    bool has_error, has_cause;
};

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
    embed_handler *h = self;
    const engine_effect *effect = asked->effect;
    error err = {0};
    gait_task_reply reply = {0};
    buf_init(&reply.output, JSON_TEXT_BYTES_MAX);
    buf_init(&reply.error, PAYLOAD_BYTES_MAX);
    buf_init(&reply.cause, PAYLOAD_BYTES_MAX);
    arena_reset(&h->scratch);
    str payload = json_text(effect->payload, &h->scratch);
    str resource = arena_str(&h->scratch, effect->state->as.task.resource.arn);
    str name = arena_str(&h->scratch, effect->state->name);
    str execution = arena_str(&h->scratch, asked->identity->execution_name);
    if (payload.ptr && resource.ptr && name.ptr && execution.ptr) {
        gait_task task = {.struct_size = sizeof(task),
                          .resource = resource.ptr,
                          .state_name = name.ptr,
                          .payload = payload.ptr,
                          .payload_length = payload.len,
                          .attempt = effect->attempt,
                          .execution_name = execution.ptr,
                          .task_id = effect->task_id};
        h->on_task(h->user, &task, &reply);
    }
    json_doc *output = NULL;
    engine_input input = read_reply(&reply, effect->task_id, &output, &err);
    receive(receiver, asked->execution, &input);
    json_doc_release(output);
    buf_clean_up(&reply.output);
    buf_clean_up(&reply.error);
    buf_clean_up(&reply.cause);
}

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

void embed_handler_init(embed_handler *h, gait_task_handler *on_task, void *user)
{
    h->on_task = on_task;
    h->user = user;
    arena_init(&h->scratch, 0);
}

void embed_handler_clean_up(embed_handler *h)
{
    arena_clean_up(&h->scratch);
}

runtime_tasks embed_handler_tasks(embed_handler *h)
{
    return (runtime_tasks){
        .self = h, .start = start_task, .cancel = cancel_task, .in_flight = tasks_in_flight};
}
