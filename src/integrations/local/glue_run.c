/* One run of a Glue job: a child process, its log, its deadline and its record.
 *
 *     STARTING -> RUNNING -> SUCCEEDED | FAILED | TIMEOUT
 *                    \-> STOPPING -> STOPPED
 *
 * Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html */
#include "integrations/local/files.h"
#include "integrations/local/glue.h"

#include "base/digest.h"
#include "integrations/local/glue_library.h"
#include "net/process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>

extern char **environ;

#define STOP_MS_MAX 10000 /* between SIGTERM and SIGKILL */
#define LAST_LINE_BYTES 400

struct glue_run {
    glue_jobs *owner;
    glue_run *previous, *next;
    arena memory; /* of the texts and values */
    str job, id, record_path;
    json arguments; /* all that the process gets */
    const char *state;
    char last_line[LAST_LINE_BYTES]; /* of its standard error */
    size_t last_line_length;
    str message; /* ErrorMessage; absent: none */
    int64_t started_ms, ended_ms, changed_ms, timeout_minutes;
    size_t log_bytes;
    FILE *log;
    net_process *process;
    net_timer *deadline;
};

glue_jobs *glue_jobs_of(local_services *services)
{
    if (!services->glue) {
        services->glue = calloc(1, sizeof(*services->glue));
    }
    if (services->glue) {
        services->glue->services = services;
    }
    return services->glue;
}

/* ------------------------------------------------------------------------------------- the record
 */

static status run_record(const glue_run *run, arena *a, json *ret_record, error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, a, 12);
    json_object_add(&b, STR("Id"), json_from_str(run->id));
    json_object_add(&b, STR("Attempt"), json_from_int64(0));
    json_object_add(&b, STR("JobName"), json_from_str(run->job));
    json_object_add(&b, STR("StartedOn"), json_from_str(local_date(a, run->started_ms)));
    json_object_add(&b, STR("LastModifiedOn"), json_from_str(local_date(a, run->changed_ms)));
    if (run->ended_ms) {
        json_object_add(&b, STR("CompletedOn"), json_from_str(local_date(a, run->ended_ms)));
    }
    json_object_add(&b, STR("JobRunState"), json_from_str(str_from_c(run->state)));
    if (json_count(run->arguments)) {
        json_object_add(&b, STR("Arguments"), run->arguments);
    }
    if (run->message.ptr) {
        json_object_add(&b, STR("ErrorMessage"), json_from_str(run->message));
    }
    int64_t until_ms = run->ended_ms ? run->ended_ms : run->changed_ms;
    json_object_add(&b, STR("ExecutionTime"), json_from_int64((until_ms - run->started_ms) / 1000));
    json_object_add(&b, STR("Timeout"), json_from_int64(run->timeout_minutes));
    json_object_add(&b, STR("LogGroupName"), json_literal("/aws-glue/jobs"));
    return json_object_finish(&b, ret_record, reterr);
}

static status run_write(glue_run *run, error *reterr)
{
    arena a;
    json record;
    arena_init(&a, LOCAL_TASK_BYTES_MAX);
    run->changed_ms = net_loop_clock_ms(run->owner->services->options.loop);
    status result = run_record(run, &a, &record, reterr);
    if (ok(result)) {
        str text = json_text(record, &a);
        result =
            text.ptr ? local_file_replace(run->record_path, text, &a, reterr) : fail_memory(reterr);
    }
    arena_clean_up(&a);
    return result;
}

/* --------------------------------------------------------------------------------------- its life
 */

static void run_free(glue_run *run)
{
    if (run->previous) {
        run->previous->next = run->next;
    } else if (run->owner->runs == run) {
        run->owner->runs = run->next;
    }
    if (run->next) {
        run->next->previous = run->previous;
    }
    if (run->log) {
        fclose(run->log);
    }
    net_process_free(run->process);
    net_timer_free(run->deadline);
    arena_clean_up(&run->memory);
    free(run);
}

void glue_jobs_free(glue_jobs *jobs)
{
    while (jobs && jobs->runs) {
        run_free(jobs->runs);
    }
    free(jobs);
}

/* Writes the end and forgets the run. A disk that takes no record leaves the former one, which then
 * reads as a run that was cut off. */
static void run_end(glue_run *run, const char *state, str message)
{
    error ignored;
    run->state = state;
    run->message = message;
    run->ended_ms = net_loop_clock_ms(run->owner->services->options.loop);
    (void)run_write(run, &ignored).code;
    run_free(run);
}

static void on_exit_of_process(void *user, int exit_status, int signal)
{
    glue_run *run = user;
    str last = str_from(run->last_line, run->last_line_length);
    if (str_equal(str_from_c(run->state), STR("STOPPING"))) {
        run_end(run, "STOPPED", STR_NONE);
    } else if (str_equal(str_from_c(run->state), STR("TIMEOUT"))) {
        run_end(run, "TIMEOUT", STR("Job run timed out"));
    } else if (exit_status == 0 && signal == 0) {
        run_end(run, "SUCCEEDED", STR_NONE);
    } else if (last.len) {
        run_end(run, "FAILED", arena_str(&run->memory, last));
    } else {
        run_end(run, "FAILED",
                arena_printf(&run->memory, "Command Failed due to %s %d",
                             signal ? "signal" : "exit code", signal ? signal : exit_status));
    }
}

static void on_line(void *user, net_stream stream, str line)
{
    glue_run *run = user;
    if (stream == NET_STREAM_ERR && str_trim(line).len) {
        run->last_line_length = MIN_OF(line.len, LAST_LINE_BYTES);
        memcpy(run->last_line, line.ptr, run->last_line_length);
    }
    if (run->log && run->log_bytes < GLUE_LOG_BYTES_MAX) {
        run->log_bytes += line.len + 1;
        fwrite(line.ptr, 1, line.len, run->log);
        fputc('\n', run->log);
    }
}

static void on_lines_end(void *user)
{
    glue_run *run = user;
    if (run->log) {
        fflush(run->log);
    }
}

static void on_deadline(void *user)
{
    glue_run *run = user;
    if (!str_equal(str_from_c(run->state), STR("STOPPING"))) {
        run->state = "TIMEOUT";
    }
    net_process_kill_group(run->process, SIGKILL);
}

void glue_run_stop(glue_run *run)
{
    error ignored;
    if (str_equal(str_from_c(run->state), STR("STOPPING"))) {
        return; /* its time runs */
    }
    run->state = "STOPPING";
    (void)run_write(run, &ignored).code;
    net_process_kill_group(run->process, SIGTERM);
    net_timer_start(run->deadline, STOP_MS_MAX, 0);
}

/* ------------------------------------------------------------------------------------ the process
 */

/* A script on the local S3, or a file. */
static str script_path(glue_run *run, str location)
{
    str data = run->owner->services->options.data_folder;
    if (str_starts_with(location, STR("s3://"))) {
        return arena_printf(&run->memory, "%.*s/s3/%.*s", STR_ARG(data),
                            STR_ARG(str_skip(location, sizeof("s3://") - 1)));
    }
    if (str_starts_with(location, STR("file://"))) {
        location = str_skip(location, sizeof("file://") - 1);
    }
    return arena_str(&run->memory, location);
}

/* The job's arguments, the run's over them, as "--name value" pairs. */
static status command_line(glue_run *run, const glue_job *job, const char ***ret_arguments,
                           error *reterr)
{
    arena *a = &run->memory;
    size_t count = 0;
    uint32_t given = json_count(run->arguments);
    const char **arguments = arena_array(a, const char *, 6 + 2 * (size_t)given + 1);
    str script = script_path(run, json_str(json_get(job->command, STR("ScriptLocation"))));
    if (!arguments || !script.ptr) {
        return fail_memory(reterr);
    }
    arguments[count++] = job->is_spark ? "spark-submit" : "python3";
    arguments[count++] = script.ptr;
    arguments[count++] = "--JOB_NAME";
    arguments[count++] = arena_str(a, run->job).ptr;
    arguments[count++] = "--JOB_RUN_ID";
    arguments[count++] = run->id.ptr;
    for (uint32_t i = 0; i < given; i++) {
        const json_member *member = json_member_at(run->arguments, i);
        if (!json_is(member->value, JSON_STRING)) {
            return fail(reterr, ERROR_TYPE, "the argument %.*s is not a string",
                        STR_ARG(json_str(member->name)));
        }
        arguments[count++] = arena_str(a, json_str(member->name)).ptr;
        arguments[count++] = arena_str(a, json_str(member->value)).ptr;
    }
    for (size_t i = 0; i < count; i++) {
        if (!arguments[i]) {
            return fail_memory(reterr);
        }
    }
    *ret_arguments = arguments;
    return STATUS_OK;
}

/* Ours, and where awsglue.utils is found. */
static status environment_of(glue_run *run, const char *const **ret_environment, error *reterr)
{
    local_services *services = run->owner->services;
    arena *a = &run->memory;
    const char *const *given = services->options.environment;
    given = given ? given : (const char *const *)environ;
    size_t count = 0;
    while (given[count]) {
        count++;
    }
    const char **all = arena_array(a, const char *, count + 3);
    str folder = glue_path(services, a, "lib", STR_NONE, STR_NONE, "");
    str library = arena_printf(a, "%.*sawsglue/utils.py", STR_ARG(folder));
    str package = arena_printf(a, "%.*sawsglue/__init__.py", STR_ARG(folder));
    if (!all || !folder.ptr || !library.ptr || !package.ptr) {
        return fail_memory(reterr);
    }
    TRY(local_file_replace(package, STR(""), a, reterr));
    TRY(local_file_replace(library, glue_library_options(), a, reterr));
    const char *path = "";
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (str_starts_with(str_from_c(given[i]), STR("PYTHONPATH="))) {
            path = given[i] + sizeof("PYTHONPATH=") - 1;
        } else {
            all[kept++] = given[i];
        }
    }
    all[kept++] = "PYTHONUNBUFFERED=1";
    all[kept] = arena_printf(a, "PYTHONPATH=%.*s%s%s", STR_ARG(folder), *path ? ":" : "", path).ptr;
    *ret_environment = (const char *const *)all;
    return all[kept] ? STATUS_OK : fail_memory(reterr);
}

static status open_log(glue_run *run, error *reterr)
{
    str path = glue_path(run->owner->services, &run->memory, "logs", run->job, run->id, ".log");
    if (!path.ptr) {
        return fail_memory(reterr);
    }
    TRY(local_file_make_folders(path, &run->memory, reterr));
    run->log = fopen(path.ptr, "ae");
    return run->log ? STATUS_OK : local_file_fail(path, reterr);
}

static status run_launch(glue_run *run, const glue_job *job, error *reterr)
{
    net_loop *loop = run->owner->services->options.loop;
    net_process_options options = {
        .file = job->is_spark ? "spark-submit" : "python3",
        .events = {on_line, on_lines_end, on_exit_of_process, run},
    };
    const char **arguments = NULL;
    TRY(command_line(run, job, &arguments, reterr));
    TRY(environment_of(run, &options.environment, reterr));
    TRY(open_log(run, reterr));
    TRY(net_timer_new(loop, on_deadline, run, &run->deadline, reterr));
    options.arguments = arguments;
    TRY(net_process_start(loop, &options, &run->process, reterr));
    net_timer_start(run->deadline, run->timeout_minutes * 60000, 0);
    run->state = "RUNNING";
    return run_write(run, reterr);
}

static status merged_arguments(const glue_job *job, json over, arena *a, json *ret_arguments,
                               error *reterr)
{
    json merged = json_is(job->arguments, JSON_OBJECT) ? job->arguments : json_empty_object();
    TRY(json_copy(merged, a, &merged, reterr));
    for (uint32_t i = 0; i < json_count(over); i++) {
        json name, value;
        TRY(json_copy(json_member_at(over, i)->name, a, &name, reterr));
        TRY(json_copy(json_member_at(over, i)->value, a, &value, reterr));
        TRY(json_object_with(a, merged, name, value, &merged, reterr));
    }
    *ret_arguments = merged;
    return STATUS_OK;
}

static status run_new(glue_jobs *jobs, const glue_job *job, const glue_request *request,
                      glue_run **ret_run, error *reterr)
{
    unsigned char random[32];
    char hex[2 * sizeof(random) + 1];
    INVARIANT(getrandom(random, sizeof(random), 0) == sizeof(random));
    for (size_t i = 0; i < sizeof(random); i++) {
        snprintf(hex + 2 * i, 3, "%02x", random[i]);
    }
    glue_run *run = calloc(1, sizeof(*run));
    if (!run) {
        return fail_memory(reterr);
    }
    run->owner = jobs;
    run->state = "STARTING";
    run->started_ms = net_loop_clock_ms(jobs->services->options.loop);
    run->timeout_minutes =
        request->timeout_minutes ? request->timeout_minutes : job->timeout_minutes;
    arena *a = &run->memory;
    arena_init(a, LOCAL_TASK_BYTES_MAX);
    run->job = arena_str(a, job->name);
    run->id = arena_printf(a, "jr_%s", hex);
    run->record_path = glue_path(jobs->services, a, "runs", run->job, run->id, ".json");
    status result = run->job.ptr && run->id.ptr && run->record_path.ptr
                        ? merged_arguments(job, request->arguments, a, &run->arguments, reterr)
                        : fail_memory(reterr);
    if (ok(result)) {
        result = run_write(run, reterr);
    }
    if (failed(result)) {
        arena_clean_up(a);
        free(run);
        return result;
    }
    run->next = jobs->runs;
    if (run->next) {
        run->next->previous = run;
    }
    jobs->runs = run;
    *ret_run = run;
    return STATUS_OK;
}

status glue_run_start(glue_jobs *jobs, const glue_job *job, const glue_request *request, arena *a,
                      str *ret_id, error *reterr)
{
    glue_run *run = NULL;
    error why;
    TRY(run_new(jobs, job, request, &run, reterr));
    INVARIANT(run);
    *ret_id = arena_str(a, run->id);
    if (failed(run_launch(run, job, &why))) {
        run_end(run, "FAILED", str_from(why.message, why.length));
    }
    return ret_id->ptr ? STATUS_OK : fail_memory(reterr);
}

size_t glue_runs_of(const glue_jobs *jobs, str job)
{
    size_t count = 0;
    for (const glue_run *run = jobs->runs; run; run = run->next) {
        count += str_equal(run->job, job);
    }
    return count;
}

glue_run *glue_run_find(const glue_jobs *jobs, str job, str id)
{
    for (glue_run *run = jobs->runs; run; run = run->next) {
        if (str_equal(run->id, id) && str_equal(run->job, job)) {
            return run;
        }
    }
    return NULL;
}

static bool has_ended(json record)
{
    str state = json_str(json_get(record, STR("JobRunState")));
    return !str_equal(state, STR("STARTING")) && !str_equal(state, STR("RUNNING")) &&
           !str_equal(state, STR("STOPPING"));
}

status glue_run_read(glue_jobs *jobs, str job, str id, arena *a, json *ret_run, error *reterr)
{
    glue_run *run = glue_run_find(jobs, job, id);
    json record;
    str text;
    if (run) {
        run->changed_ms = net_loop_clock_ms(jobs->services->options.loop);
        TRY(run_record(run, a, &record, reterr));
        return json_copy(record, a, ret_run, reterr);
    }
    str path = glue_path(jobs->services, a, "runs", job, id, ".json");
    if (!path.ptr) {
        return fail_memory(reterr);
    }
    TRY(local_file_read(path, GLUE_JOB_BYTES_MAX, a, &text, reterr));
    TRY(json_parse_into(text, a, &record, reterr));
    if (!has_ended(record)) {
        TRY(json_object_with(a, record, json_literal("JobRunState"), json_literal("FAILED"),
                             &record, reterr));
        TRY(json_object_with(a, record, json_literal("ErrorMessage"),
                             json_literal("Gait ended while the job ran"), &record, reterr));
    }
    *ret_run = record;
    return STATUS_OK;
}
