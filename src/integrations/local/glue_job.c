/* Glue's jobs: their definitions, from the configuration or from CreateJob.
 * Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html */
#include "integrations/local/files.h"
#include "integrations/local/glue.h"

#include <errno.h>
#include <unistd.h>

#define TIMEOUT_MINUTES_DEFAULT 2880 /* 48 hours, as of a job that says nothing */

str glue_path(local_services *services, arena *a, const char *kind, str job, str run,
              const char *ending)
{
    return arena_printf(a, "%.*s/glue/%s/%.*s%s%.*s%s", STR_ARG(services->options.data_folder),
                        kind, STR_ARG(job), run.len ? "/" : "", STR_ARG(run), ending);
}

bool glue_check_name(local_task *task, str name)
{
    bool is_good = name.len > 0 && name.len <= 200 && name.ptr[0] != '.';
    for (size_t i = 0; i < name.len; i++) {
        is_good = is_good && name.ptr[i] != '/' && (unsigned char)name.ptr[i] >= 0x20;
    }
    if (!is_good) {
        local_refuse(task, 400, STR("InvalidInputException"),
                     "'%.*s' cannot be the name of a job here: a file is named so",
                     STR_ARG(str_take(name, 200)));
    }
    return is_good;
}

/* On the local S3, or a file. One that begins with a dash would be an option of the program. */
static status check_script(str script, error *reterr)
{
    bool is_good = script.len && script.ptr[0] != '-' && !memchr(script.ptr, 0, script.len);
    bool is_object = str_starts_with(script, STR("s3://"));
    for (str rest = script; is_good && is_object && rest.ptr;) {
        is_good = !str_equal(str_split_next(&rest, '/'), STR(".."));
    }
    return is_good ? STATUS_OK
                   : fail(reterr, ERROR_INVALID,
                          "the job's Command has no ScriptLocation that is s3://BUCKET/KEY or the "
                          "path of a file");
}

status glue_job_read(str name, json definition, glue_job *ret_job, error *reterr)
{
    json command = json_get(definition, STR("Command"));
    str kind = json_str(json_get(command, STR("Name")));
    str script = json_str(json_get(command, STR("ScriptLocation")));
    json arguments = json_get(definition, STR("DefaultArguments"));
    glue_job job = {.name = name,
                    .definition = definition,
                    .command = command,
                    .arguments = arguments,
                    .is_spark = str_equal(kind, STR("glueetl")),
                    .timeout_minutes = TIMEOUT_MINUTES_DEFAULT,
                    .runs_max = 1};
    if (!job.is_spark && !str_equal(kind, STR("pythonshell"))) {
        return fail(reterr, ERROR_UNSUPPORTED,
                    "the job's Command.Name is '%.*s'; the local Glue runs pythonshell and glueetl",
                    STR_ARG(str_take(kind, 100)));
    }
    TRY(check_script(script, reterr));
    if (!json_is_absent(arguments) && !json_is(arguments, JSON_OBJECT)) {
        return fail(reterr, ERROR_INVALID, "the job's DefaultArguments are not an object");
    }
    json_int64(json_get(definition, STR("Timeout")), &job.timeout_minutes);
    json_int64(json_get(json_get(definition, STR("ExecutionProperty")), STR("MaxConcurrentRuns")),
               &job.runs_max);
    if (job.timeout_minutes < 1 || job.timeout_minutes > GLUE_TIMEOUT_MINUTES_MAX ||
        job.runs_max < 1) {
        return fail(reterr, ERROR_INVALID,
                    "the job's Timeout is 1 to %d minutes, its MaxConcurrentRuns at least 1",
                    GLUE_TIMEOUT_MINUTES_MAX);
    }
    *ret_job = job;
    return STATUS_OK;
}

status glue_job_find(local_services *services, str name, arena *a, glue_job *ret_job, error *reterr)
{
    json glue = json_get(services->options.config, STR("glue"));
    json definition = json_get(json_get(glue, STR("jobs")), name);
    if (json_is_absent(definition)) {
        str path = glue_path(services, a, "jobs", name, STR_NONE, ".json"), text;
        if (!path.ptr) {
            return fail_memory(reterr);
        }
        TRY(local_file_read(path, GLUE_JOB_BYTES_MAX, a, &text, reterr));
        TRY(json_parse_into(text, a, &definition, reterr));
    }
    return glue_job_read(name, definition, ret_job, reterr);
}

/* ------------------------------------------------------------------------------------- requests */

static const parameter_rule create_rules[] = {
    {"Name", true, JSON_STRING},
    {"Role", true, JSON_STRING},
    {"Command", true, JSON_OBJECT},
    {"DefaultArguments", false, JSON_OBJECT},
    {"Timeout", false, JSON_NUMBER},
    {"ExecutionProperty", false, JSON_OBJECT},
    /* Where and with how much a job runs is AWS's business. */
    {"Description", false, JSON_STRING},
    {"GlueVersion", false, JSON_STRING},
    {"MaxCapacity", false, JSON_NUMBER},
    {"NumberOfWorkers", false, JSON_NUMBER},
    {"WorkerType", false, JSON_STRING},
    {"ExecutionClass", false, JSON_STRING},
    {"Tags", false, JSON_OBJECT},
};

static void answer_name(local_task *task, const char *member, json name)
{
    json_object_builder b;
    json_object_begin(&b, &task->memory, 1);
    json_object_add(&b, str_from_c(member), name);
    local_answer_object(task, &b);
}

void glue_create_job(local_task *task)
{
    json values[ARRAY_LENGTH(create_rules)];
    arena *a = &task->memory;
    glue_job job;
    str folder;
    error err;
    if (!local_read(task, create_rules, ARRAY_LENGTH(create_rules), values) ||
        !local_folder(task, "glue", &folder) || !glue_check_name(task, json_str(values[0]))) {
        return;
    }
    str name = json_str(values[0]);
    if (failed(glue_job_read(name, task->parameters, &job, &err))) {
        local_refuse(task, 400, STR("InvalidInputException"), "%s", err.message);
        return;
    }
    status found = glue_job_find(task->owner, name, a, &job, &err);
    if (found.code == ERROR_MEMORY || found.code == ERROR_IO) {
        local_fail(task, &err);
        return;
    }
    if (found.code != ERROR_NOT_FOUND) {
        local_refuse(task, 400, STR("AlreadyExistsException"), "Job already exists: %.*s",
                     STR_ARG(name));
        return;
    }
    str path = glue_path(task->owner, a, "jobs", name, STR_NONE, ".json");
    str text = json_text(task->parameters, a);
    status done =
        path.ptr && text.ptr ? local_file_replace(path, text, a, &err) : fail_memory(&err);
    if (failed(done)) {
        local_fail(task, &err);
    } else {
        answer_name(task, "Name", values[0]);
    }
}

/* "JobName"; false: the task has been refused. */
static bool read_name(local_task *task, json *ret_name)
{
    static const parameter_rule rules[] = {{"JobName", true, JSON_STRING}};
    str folder;
    return local_read(task, rules, ARRAY_LENGTH(rules), ret_name) &&
           local_folder(task, "glue", &folder) && glue_check_name(task, json_str(*ret_name));
}

void glue_get_job(local_task *task)
{
    json name, described;
    glue_job job = {0};
    error err;
    if (!read_name(task, &name)) {
        return;
    }
    status found = glue_job_find(task->owner, json_str(name), &task->memory, &job, &err);
    if (found.code == ERROR_NOT_FOUND) {
        local_refuse(task, 400, STR("EntityNotFoundException"), "Job %.*s was not found.",
                     STR_ARG(json_str(name)));
    } else if (failed(found) ||
               failed(json_object_with(&task->memory, job.definition, json_literal("Name"), name,
                                       &described, &err))) {
        local_fail(task, &err);
    } else {
        answer_name(task, "Job", described);
    }
}

/* Fine when it is not there, as in AWS. */
void glue_delete_job(local_task *task)
{
    json name;
    error err;
    if (!read_name(task, &name)) {
        return;
    }
    str path = glue_path(task->owner, &task->memory, "jobs", json_str(name), STR_NONE, ".json");
    if (!path.ptr || (unlink(path.ptr) && errno != ENOENT)) {
        (void)(path.ptr ? local_file_fail(path, &err) : fail_memory(&err)).code;
        local_fail(task, &err);
    } else {
        answer_name(task, "JobName", name);
    }
}
