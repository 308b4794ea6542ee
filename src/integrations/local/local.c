/* The table of local services, and the life of a task:
 *
 *     start --(work: a worker thread | start: the loop)--> answered --next turn--> done, freed
 *
 * A task that is cancelled while its thread works is freed when the thread has ended. */
#include "integrations/local/local_service.h"

#include "base/timetext.h"

#include <stdarg.h>
#include <stdlib.h>

static const local_operation local_operations[] = {
    {"s3", "getObject", s3_get_object, NULL},
    {"s3", "headObject", s3_head_object, NULL},
    {"s3", "putObject", s3_put_object, NULL},
    {"s3", "copyObject", s3_copy_object, NULL},
    {"s3", "deleteObject", s3_delete_object, NULL},
    {"s3", "deleteObjects", s3_delete_objects, NULL},
    {"s3", "listObjectsV2", s3_list_objects_v2, NULL},
    {"s3", "listBuckets", s3_list_buckets, NULL},
    {"s3", "createBucket", s3_create_bucket, NULL},
    {"s3", "headBucket", s3_head_bucket, NULL},
    {"s3", "deleteBucket", s3_delete_bucket, NULL},
    {"redshiftdata", "executeStatement", NULL, redshift_execute_statement},
    {"redshiftdata", "batchExecuteStatement", NULL, redshift_batch_execute_statement},
    {"redshiftdata", "describeStatement", NULL, redshift_describe_statement},
    {"redshiftdata", "getStatementResult", NULL, redshift_get_statement_result},
    {"redshiftdata", "listStatements", NULL, redshift_list_statements},
    {"redshiftdata", "cancelStatement", NULL, redshift_cancel_statement},
    {"glue", "createJob", NULL, glue_create_job},
    {"glue", "getJob", NULL, glue_get_job},
    {"glue", "deleteJob", NULL, glue_delete_job},
    {"glue", "startJobRun", NULL, glue_start_job_run},
    {"glue", "getJobRun", NULL, glue_get_job_run},
    {"glue", "getJobRuns", NULL, glue_get_job_runs},
    {"glue", "batchStopJobRun", NULL, glue_batch_stop_job_run},
};

bool local_services_know(str service)
{
    for (size_t i = 0; i < ARRAY_LENGTH(local_operations); i++) {
        if (str_equal(service, str_from_c(local_operations[i].service))) {
            return true;
        }
    }
    return false;
}

static status find_operation(str service, str action, const local_operation **ret_operation,
                             error *reterr)
{
    for (size_t i = 0; i < ARRAY_LENGTH(local_operations); i++) {
        const local_operation *row = &local_operations[i];
        if (str_equal(service, str_from_c(row->service)) &&
            str_equal(action, str_from_c(row->action))) {
            *ret_operation = row;
            return STATUS_OK;
        }
    }
    return fail(reterr, ERROR_UNSUPPORTED,
                "%.*s:%.*s is not done by the local service; configure an endpoint for %.*s "
                "(AWS_ENDPOINT_URL, or \"aws\" in the configuration)",
                STR_ARG(service), STR_ARG(action), STR_ARG(service));
}

status local_services_check(str service, str action, error *reterr)
{
    const local_operation *operation;
    return find_operation(service, action, &operation, reterr);
}

/* ------------------------------------------------------------------------------- a task's life */

static void task_free(local_task *task)
{
    *(task->previous ? &task->previous->next : &task->owner->tasks) = task->next;
    if (task->next) {
        task->next->previous = task->previous;
    }
    arena_clean_up(&task->memory);
    free(task);
}

static void task_deliver(local_task *task)
{
    if (task->done) {
        task->done(task->user, &task->answer);
    }
    task_free(task);
}

static void on_worked(void *user)
{
    local_task *task = user;
    task->is_working = false;
    task_deliver(task);
}

static void work(void *user)
{
    local_task *task = user;
    task->operation->work(task);
}

static void deliver_answered(void *user)
{
    local_services *services = user;
    /* A callback may start and cancel tasks: begin anew after each. */
    for (local_task *task = services->tasks; task;) {
        if (task->is_answered && !task->is_working) {
            task_deliver(task);
            task = services->tasks;
        } else {
            task = task->next;
        }
    }
}

status local_task_begin(local_services *services, const local_request *request, local_done *done,
                        void *user, local_task **ret_task, error *reterr)
{
    const local_operation *operation = NULL;
    TRY(find_operation(request->service, request->action, &operation, reterr));
    INVARIANT(operation);
    local_task *task = calloc(1, sizeof(*task));
    if (!task) {
        return fail_memory(reterr);
    }
    *task = (local_task){.owner = services,
                         .next = services->tasks,
                         .operation = operation,
                         .body_is_bytes = request->body_is_bytes,
                         .now_ms = net_loop_clock_ms(services->options.loop),
                         .done = done,
                         .user = user};
    arena_init(&task->memory, LOCAL_TASK_BYTES_MAX);
    if (task->next) {
        task->next->previous = task;
    }
    services->tasks = task;
    status result = json_copy(request->parameters, &task->memory, &task->parameters, reterr);
    if (ok(result) && operation->work) {
        task->is_working = true;
        result = net_work_start(services->options.loop, work, on_worked, task, reterr);
    } else if (ok(result)) {
        operation->start(task);
    }
    if (failed(result)) {
        task_free(task);
        return result;
    }
    *ret_task = task;
    return STATUS_OK;
}

void local_task_cancel(local_task *task)
{
    if (!task) {
        return;
    }
    task->done = NULL;
    if (!task->is_working) {
        task_free(task);
    }
}

/* ------------------------------------------------------------------------------------- answers */

static void answer(local_task *task, const local_answer *with)
{
    if (task->is_answered) {
        return;
    }
    task->answer = *with;
    task->is_answered = true;
    if (!task->is_working) {
        net_timer_start(task->owner->later, 0, 0);
    }
}

void local_answer_with(local_task *task, json output)
{
    answer(task, &(local_answer){.succeeded = true, .output = output});
}

void local_refuse(local_task *task, unsigned http_status, str code, const char *format, ...)
{
    char text[ERROR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    str message = str_take(str_from_c(text), length < 0 ? 0 : (size_t)length);
    message = arena_str(&task->memory, message);
    if (!message.ptr) {
        message = STR("out of memory");
    }
    answer(task, &(local_answer){.status = http_status, .code = code, .message = message});
}

void local_fail(local_task *task, const error *err)
{
    local_refuse(task, 0, STR("SdkClientException"), "%s", err->message);
}

void local_answer_object(local_task *task, json_object_builder *b)
{
    json output;
    error err;
    if (failed(json_object_finish(b, &output, &err))) {
        local_fail(task, &err);
    } else {
        local_answer_with(task, output);
    }
}

bool local_read(local_task *task, const parameter_rule *rules, size_t count, json *ret_values)
{
    error err;
    if (ok(parameters_read(task->parameters, rules, count, ret_values, &err))) {
        return true;
    }
    local_refuse(task, 400, STR("ValidationException"), "%s", err.message);
    return false;
}

bool local_folder(local_task *task, const char *name, str *ret_path)
{
    str folder = task->owner->options.data_folder;
    if (!folder.ptr) {
        local_refuse(task, 0, STR("SdkClientException"),
                     "the local %s keeps its data in a folder: start Gait with --data DIR, or "
                     "configure an endpoint for it",
                     name);
        return false;
    }
    *ret_path = arena_printf(&task->memory, "%.*s/%s", STR_ARG(folder), name);
    if (!ret_path->ptr) {
        local_refuse(task, 0, STR("SdkClientException"), "out of memory");
    }
    return ret_path->ptr;
}

str local_date(arena *a, int64_t time_ms)
{
    char text[TIME_TEXT_SIZE];
    str printed = time_print_rfc3339(time_ms - time_ms % 1000, text); /* ends in .000Z */
    return arena_printf(a, "%.*sZ", STR_ARG(str_take(printed, sizeof("2026-11-23T12:00:00") - 1)));
}

/* --------------------------------------------------------------------------------- the services */

status local_services_new(const local_options *options, local_services **ret_services,
                          error *reterr)
{
    local_services *services = calloc(1, sizeof(*services));
    if (!services) {
        return fail_memory(reterr);
    }
    services->options = *options;
    arena_init(&services->memory, 0);
    local_options *o = &services->options;
    str *texts[] = {&o->data_folder, &o->account, &o->region};
    status result = STATUS_OK;
    for (size_t i = 0; ok(result) && i < ARRAY_LENGTH(texts); i++) {
        if (texts[i]->ptr) {
            *texts[i] = arena_str(&services->memory, *texts[i]);
            result = texts[i]->ptr ? STATUS_OK : fail_memory(reterr);
        }
    }
    if (ok(result)) {
        result = net_timer_new(options->loop, deliver_answered, services, &services->later, reterr);
    }
    if (failed(result)) {
        arena_clean_up(&services->memory);
        free(services);
        return result;
    }
    *ret_services = services;
    return STATUS_OK;
}

void local_services_free(local_services *services)
{
    if (!services) {
        return;
    }
    for (local_task *task = services->tasks, *next; task; task = next) {
        next = task->next;
        local_task_cancel(task);
    }
    while (services->tasks) { /* threads that still work */
        net_loop_turn(services->options.loop, true);
    }
    glue_jobs_free(services->glue);
    redshift_statements_free(services->redshift);
    net_timer_free(services->later);
    arena_clean_up(&services->memory);
    free(services);
}
