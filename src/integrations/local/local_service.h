/* Private to the folder: what a local service is, and what local.c does for all of them. To add an
 * action: its function, its row in local_operations (local.c), its test. */
#ifndef GAIT_INTEGRATIONS_LOCAL_LOCAL_SERVICE_H
#define GAIT_INTEGRATIONS_LOCAL_LOCAL_SERVICE_H

#include "integrations/local/local.h"
#include "integrations/parameters.h"
#include "net/work.h"

typedef struct glue_jobs glue_jobs;
typedef struct redshift_statements redshift_statements;

struct local_services {
    local_options options;
    arena memory; /* of the options' texts */
    local_task *tasks;
    net_timer *later; /* delivers answers in the turn after */
    glue_jobs *glue;  /* NULL until needed, and so the next one */
    redshift_statements *redshift;
};

typedef struct local_operation {
    const char *service, *action;
    /* One of the two. `work` runs beside the loop and may block: it touches the task only. `start`
     * runs in the loop. Both end with local_answer_with or local_refuse. */
    void (*work)(local_task *task);
    void (*start)(local_task *task);
} local_operation;

struct local_task {
    local_services *owner;
    local_task *previous, *next; /* in owner->tasks */
    const local_operation *operation;
    arena memory;    /* everything of the task is in here */
    json parameters; /* in memory */
    bool body_is_bytes;
    int64_t now_ms; /* when it began */
    local_answer answer;
    bool is_working, is_answered;
    local_done *done; /* NULL once cancelled */
    void *user;
};

/* The answer; the first one counts. Texts and values live in the task's memory. */
void local_answer_with(local_task *task, json output);
void local_refuse(local_task *task, unsigned http_status, str code, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* What is not the service's word: memory, files, settings. */
void local_fail(local_task *task, const error *err);
/* Reads the parameters by the rules; false: the task has been refused. */
bool local_read(local_task *task, const parameter_rule *rules, size_t count, json *ret_values);
/* Finishes the builder and answers with its object. */
void local_answer_object(local_task *task, json_object_builder *b);

/* A folder of the data folder, such as "s3"; false: there is no data folder, and the task has been
 * refused with a word on how to give one. */
bool local_folder(local_task *task, const char *name, str *ret_path);

/* A time as SDK integrations print it: "2026-11-23T12:00:00Z"; ptr NULL on failure. */
str local_date(arena *a, int64_t time_ms);

/* s3_*.c */
void s3_get_object(local_task *task);
void s3_head_object(local_task *task);
void s3_put_object(local_task *task);
void s3_copy_object(local_task *task);
void s3_delete_object(local_task *task);
void s3_delete_objects(local_task *task);
void s3_list_objects_v2(local_task *task);
void s3_list_buckets(local_task *task);
void s3_create_bucket(local_task *task);
void s3_head_bucket(local_task *task);
void s3_delete_bucket(local_task *task);

/* redshift_*.c */
void redshift_execute_statement(local_task *task);
void redshift_batch_execute_statement(local_task *task);
void redshift_describe_statement(local_task *task);
void redshift_get_statement_result(local_task *task);
void redshift_list_statements(local_task *task);
void redshift_cancel_statement(local_task *task);
void redshift_statements_free(redshift_statements *statements); /* NULL is fine */

/* glue_*.c */
void glue_create_job(local_task *task);
void glue_get_job(local_task *task);
void glue_delete_job(local_task *task);
void glue_start_job_run(local_task *task);
void glue_get_job_run(local_task *task);
void glue_get_job_runs(local_task *task);
void glue_batch_stop_job_run(local_task *task);
void glue_jobs_free(glue_jobs *jobs); /* NULL is fine */

#endif
