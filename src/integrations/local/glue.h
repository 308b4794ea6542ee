/* Private to the folder: Glue jobs as child processes. A Python shell job is python3 with its
 * script, a Spark job is spark-submit with it. In the data folder:
 *
 *   glue/jobs/JOB.json        what CreateJob was given; the configuration's jobs come first
 *   glue/runs/JOB/RUN.json    the last known JobRun of GetJobRun
 *   glue/logs/JOB/RUN.log     what the process printed */
#ifndef GAIT_INTEGRATIONS_LOCAL_GLUE_H
#define GAIT_INTEGRATIONS_LOCAL_GLUE_H

#include "integrations/local/local_service.h"

typedef struct glue_run glue_run;

struct glue_jobs {
    local_services *services;
    glue_run *runs; /* those whose process lives */
};

typedef struct glue_job {
    str name;
    json definition; /* CreateJob's parameters */
    json command;    /* its Command */
    json arguments;  /* DefaultArguments; absent: none */
    bool is_spark;
    int64_t timeout_minutes;
    int64_t runs_max; /* at the same time */
} glue_job;

/* Made when first needed; NULL: out of memory. */
glue_jobs *glue_jobs_of(local_services *services);
/* A name that may be a file's; false: the task has been refused. */
bool glue_check_name(local_task *task, str name);
/* ERROR_NOT_FOUND: there is no such job. ERROR_INVALID: what there is of it is not a job. */
MUST_USE status glue_job_find(local_services *services, str name, arena *a, glue_job *ret_job,
                              error *reterr);
/* ERROR_UNSUPPORTED, ERROR_INVALID: why the definition of a job cannot be run here. */
MUST_USE status glue_job_read(str name, json definition, glue_job *ret_job, error *reterr);
/* "DATA/glue/KIND/..." */
str glue_path(local_services *services, arena *a, const char *kind, str job, str run,
              const char *ending);

typedef struct glue_request {
    json arguments; /* over the job's own; absent: none */
    int64_t timeout_minutes;
} glue_request;

/* Begins a run. A process that cannot be started is a run that failed. The id is in the arena. */
MUST_USE status glue_run_start(glue_jobs *jobs, const glue_job *job, const glue_request *request,
                               arena *a, str *ret_id, error *reterr);
size_t glue_runs_of(const glue_jobs *jobs, str job);
/* NULL when no process of that run lives. */
glue_run *glue_run_find(const glue_jobs *jobs, str job, str id);
/* SIGTERM, and SIGKILL ten seconds later. */
void glue_run_stop(glue_run *run);
/* The JobRun on the disk, which of a run that lives is the present one. A run that lives no more
 * and has no end was cut off: it is told as failed. ERROR_NOT_FOUND. */
MUST_USE status glue_run_read(glue_jobs *jobs, str job, str id, arena *a, json *ret_run,
                              error *reterr);

#endif
