/* Glue's requests about runs: start, get, list, stop.
 * The texts of what is not there are Glue's as people quote them; AWS documents only the names. */
#include "integrations/local/files.h"
#include "integrations/local/glue.h"
#include "integrations/local/records.h"

#include <stdlib.h>

/* What every request needs; NULL: the task has been refused. */
static glue_jobs *begin(local_task *task, str job)
{
    str folder;
    if (!glue_check_name(task, job) || !local_folder(task, "glue", &folder)) {
        return NULL;
    }
    glue_jobs *jobs = glue_jobs_of(task->owner);
    if (!jobs) {
        local_refuse(task, 0, STR("SdkClientException"), "out of memory");
    }
    return jobs;
}

typedef enum start_row {
    START_JOB,
    START_ARGUMENTS,
    START_TIMEOUT,
    START_ROWS = 8,
} start_row;

static const parameter_rule start_rules[START_ROWS] = {
    {"JobName", true, JSON_STRING},
    {"Arguments", false, JSON_OBJECT},
    {"Timeout", false, JSON_NUMBER},
    /* With how much a job runs is AWS's business. */
    {"MaxCapacity", false, JSON_NUMBER},
    {"AllocatedCapacity", false, JSON_NUMBER},
    {"NumberOfWorkers", false, JSON_NUMBER},
    {"WorkerType", false, JSON_STRING},
    {"ExecutionClass", false, JSON_STRING},
};

void glue_start_job_run(local_task *task)
{
    json values[START_ROWS];
    glue_job job;
    glue_request request = {0};
    json_object_builder b;
    str id = STR_NONE;
    error err;
    glue_jobs *jobs;
    if (!local_read(task, start_rules, START_ROWS, values) ||
        !(jobs = begin(task, json_str(values[START_JOB])))) {
        return;
    }
    status done =
        glue_job_find(task->owner, json_str(values[START_JOB]), &task->memory, &job, &err);
    if (done.code == ERROR_NOT_FOUND) {
        local_refuse(task, 400, STR("EntityNotFoundException"),
                     "Failed to start job run due to missing metadata");
        return;
    }
    if (failed(done)) {
        local_refuse(task, 400, STR("InvalidInputException"), "%s", err.message);
        return;
    }
    request.arguments = values[START_ARGUMENTS];
    json_int64(values[START_TIMEOUT], &request.timeout_minutes);
    if (request.timeout_minutes < 0 || request.timeout_minutes > GLUE_TIMEOUT_MINUTES_MAX) {
        local_refuse(task, 400, STR("InvalidInputException"), "Timeout is 1 to %d minutes",
                     GLUE_TIMEOUT_MINUTES_MAX);
    } else if (glue_runs_of(jobs, job.name) >= (size_t)job.runs_max) {
        local_refuse(task, 400, STR("ConcurrentRunsExceededException"),
                     "Concurrent runs exceeded for %.*s", STR_ARG(job.name));
    } else if (failed(glue_run_start(jobs, &job, &request, &task->memory, &id, &err))) {
        local_fail(task, &err);
    } else {
        json_object_begin(&b, &task->memory, 1);
        json_object_add(&b, STR("JobRunId"), json_from_str(id));
        local_answer_object(task, &b);
    }
}

void glue_get_job_run(local_task *task)
{
    static const parameter_rule rules[] = {
        {"JobName", true, JSON_STRING},
        {"RunId", true, JSON_STRING},
        {"PredecessorsIncluded", false, JSON_BOOLEAN},
    };
    json values[ARRAY_LENGTH(rules)], run;
    json_object_builder b;
    error err;
    glue_jobs *jobs;
    if (!local_read(task, rules, ARRAY_LENGTH(rules), values) ||
        !(jobs = begin(task, json_str(values[0]))) || !glue_check_name(task, json_str(values[1]))) {
        return;
    }
    status done =
        glue_run_read(jobs, json_str(values[0]), json_str(values[1]), &task->memory, &run, &err);
    if (done.code == ERROR_NOT_FOUND) {
        local_refuse(task, 400, STR("EntityNotFoundException"), "Job Run cannot be found.");
    } else if (failed(done)) {
        local_fail(task, &err);
    } else {
        json_object_begin(&b, &task->memory, 1);
        json_object_add(&b, STR("JobRun"), run);
        local_answer_object(task, &b);
    }
}

/* ------------------------------------------------------------------------------------------- list
 */

typedef struct runs_of {
    glue_jobs *jobs;
    str job;
} runs_of;

static status show_run(void *user, str name, arena *a, json *ret_line, error *reterr)
{
    const runs_of *of = user;
    return str_starts_with(name, STR("jr_"))
               ? glue_run_read(of->jobs, of->job, name, a, ret_line, reterr)
               : STATUS_OK;
}

static status list_runs(glue_jobs *jobs, str job, int64_t max, arena *a, json *ret_list,
                        error *reterr)
{
    runs_of of = {jobs, job};
    local_list list = {.folder = glue_path(jobs->services, a, "runs", job, STR_NONE, ""),
                       .show = show_run,
                       .user = &of,
                       .time_member = "StartedOn",
                       .lines_max = (uint32_t)max};
    return list.folder.ptr ? local_list_make(&list, a, ret_list, reterr) : fail_memory(reterr);
}

void glue_get_job_runs(local_task *task)
{
    static const parameter_rule rules[] = {
        {"JobName", true, JSON_STRING},
        {"MaxResults", false, JSON_NUMBER},
    };
    json values[ARRAY_LENGTH(rules)], list;
    int64_t results_max = 200;
    json_object_builder b;
    error err;
    glue_jobs *jobs;
    if (!local_read(task, rules, ARRAY_LENGTH(rules), values) ||
        !(jobs = begin(task, json_str(values[0])))) {
        return;
    }
    json_int64(values[1], &results_max);
    if (results_max < 1 || results_max > 200) {
        local_refuse(task, 400, STR("InvalidInputException"), "MaxResults is 1 to 200");
        return;
    }
    status done = list_runs(jobs, json_str(values[0]), results_max, &task->memory, &list, &err);
    if (failed(done)) {
        local_fail(task, &err);
        return;
    }
    json_object_begin(&b, &task->memory, 1);
    json_object_add(&b, STR("JobRuns"), list);
    local_answer_object(task, &b);
}

/* ------------------------------------------------------------------------------------------- stop
 */

static status stop_line(arena *a, json job, json id, bool is_stopped, json *ret_line, error *reterr)
{
    json_object_builder b;
    json detail;
    if (!is_stopped) {
        json_object_begin(&b, a, 2);
        json_object_add(&b, STR("ErrorCode"), json_literal("JobRunNotInTerminableStateException"));
        json_object_add(&b, STR("ErrorMessage"), json_literal("The job run does not run"));
        TRY(json_object_finish(&b, &detail, reterr));
    }
    json_object_begin(&b, a, 3);
    json_object_add(&b, STR("JobName"), job);
    json_object_add(&b, STR("JobRunId"), id);
    if (!is_stopped) {
        json_object_add(&b, STR("ErrorDetail"), detail);
    }
    return json_object_finish(&b, ret_line, reterr);
}

void glue_batch_stop_job_run(local_task *task)
{
    static const parameter_rule rules[] = {
        {"JobName", true, JSON_STRING},
        {"JobRunIds", true, JSON_ARRAY},
    };
    json values[ARRAY_LENGTH(rules)], lists[2];
    json_array_builder stopped, refused;
    json_object_builder b;
    error err;
    status done = STATUS_OK;
    glue_jobs *jobs;
    if (!local_read(task, rules, ARRAY_LENGTH(rules), values) ||
        !(jobs = begin(task, json_str(values[0])))) {
        return;
    }
    json_array_begin(&stopped, &task->memory, 4);
    json_array_begin(&refused, &task->memory, 4);
    for (uint32_t i = 0; ok(done) && i < json_count(values[1]); i++) {
        json id = json_item(values[1], i), line;
        glue_run *run = glue_run_find(jobs, json_str(values[0]), json_str(id));
        done = stop_line(&task->memory, values[0], id, run, &line, &err);
        if (ok(done)) {
            json_array_add(run ? &stopped : &refused, line);
        }
        if (run) {
            glue_run_stop(run);
        }
    }
    if (ok(done)) {
        done = json_array_finish(&stopped, &lists[0], &err);
    }
    if (ok(done)) {
        done = json_array_finish(&refused, &lists[1], &err);
    }
    if (failed(done)) {
        local_fail(task, &err);
        return;
    }
    json_object_begin(&b, &task->memory, 2);
    json_object_add(&b, STR("SuccessfulSubmissions"), lists[0]);
    json_object_add(&b, STR("Errors"), lists[1]);
    local_answer_object(task, &b);
}
