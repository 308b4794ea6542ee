/* eks:runJob: makes a Job of Kubernetes; with .sync it is watched to its end, and its logs are
 * read.
 *
 *   start ──> submitting ──> over (request-response)
 *                 │ .sync
 *                 ▼
 *      told as submitted ──> waiting ──timer──> describing ──> its pods ──> their logs ──> over
 *                               ▲__________________│ still running   └── without RetrieveLogs ──^
 *
 * A Task that is aborted deletes its job, at once or when it is known to be there.
 *
 * Invariants: there is a request or a running timer, never both, until the task is over; after an
 * abort nothing is told any more. */
#include "integrations/kubernetes/cluster.h"
#include "integrations/kubernetes/logs.h"
#include "integrations/parameters.h"

#define POLL_MS_FIRST 500
#define POLL_MS_MAX 20000
#define REFUSALS_MAX 5              /* of describing a job, one after the other */
#define SILENCE_MS_MAX (10 * 60000) /* without an answer about a job */

enum { CLUSTER_NAME, CERTIFICATE, ENDPOINT, NAMESPACE, JOB, LOG_OPTIONS, COUNT };

static const parameter_rule rules[COUNT] = {
    [CLUSTER_NAME] = {"ClusterName", true, JSON_STRING},
    [CERTIFICATE] = {"CertificateAuthority", true, JSON_STRING},
    [ENDPOINT] = {"Endpoint", true, JSON_STRING},
    [NAMESPACE] = {"Namespace", false, JSON_STRING},
    [JOB] = {"Job", true, JSON_ABSENT},
    [LOG_OPTIONS] = {"LogOptions", false, JSON_OBJECT},
};

/* In the task's memory. */
typedef struct kubernetes_job {
    kubernetes_cluster cluster;
    kubernetes_logs logs;
    str namespace, name; /* the latter once it is there */
    json log_options, description;
    net_timer *timer; /* of .sync */
    arena_mark mark;  /* what a poll needs is given back before the next one */
    int64_t delay_ms, silent_since_ms;
    uint32_t refusals;
    bool is_sync, is_submitted, is_ended, has_succeeded, is_aborted;
} kubernetes_job;

static arena *memory_of(kubernetes_job *t)
{
    return &t->cluster.task->memory;
}

/* ------------------------------------------------------------------------------------ how it ends
 */

static integration_task *leave(kubernetes_job *t)
{
    net_timer_free(t->timer);
    t->timer = NULL;
    t->cluster.task->state = NULL;
    return t->cluster.task;
}

static void fail_with(kubernetes_job *t, str error_name, str cause)
{
    integration_task_fail(leave(t), error_name, cause);
}

static void fail_internally(kubernetes_job *t, const error *err)
{
    integration_task_fail_internally(leave(t), err);
}

static void end_silently(kubernetes_job *t)
{
    integration_task_finish(leave(t), &(integration_result){0});
}

static void end(kubernetes_job *t)
{
    json output = t->description, logs;
    error err;
    status made = STATUS_OK;
    if (t->logs.is_wanted) {
        made = kubernetes_logs_result(&t->logs, memory_of(t), &logs, &err);
        made = ok(made) ? json_object_with(memory_of(t), output, json_from_str(STR("logs")), logs,
                                           &output, &err)
                        : made;
    }
    if (failed(made)) {
        fail_internally(t, &err);
    } else if (t->has_succeeded) {
        integration_task_succeed(leave(t), output);
    } else {
        fail_with(t, STR("States.TaskFailed"), json_text(output, memory_of(t)));
    }
}

/* ------------------------------------------------------------------------------------------- logs
 */

static void read_next_log(kubernetes_job *t);

static void on_log(void *user, const net_http_outcome *outcome)
{
    kubernetes_job *t = user;
    error err;
    if (failed(kubernetes_logs_add(&t->logs, outcome, memory_of(t), &err))) {
        fail_internally(t, &err);
    } else {
        read_next_log(t);
    }
}

static void read_next_log(kubernetes_job *t)
{
    arena *a = memory_of(t);
    str path;
    json query = {0};
    error err;
    if (!kubernetes_logs_is_one_left(&t->logs)) {
        end(t);
    } else if (failed(kubernetes_logs_request(&t->logs, t->namespace, a, &path, &query, &err)) ||
               failed(kubernetes_request(&t->cluster, STR("GET"), path, query, (json){0}, on_log, t,
                                         &err))) {
        fail_internally(t, &err);
    }
}

static void on_pods(void *user, const net_http_outcome *outcome)
{
    kubernetes_job *t = user;
    http_result result;
    error err;
    status read = http_response_read_as(&kubernetes_words, outcome, memory_of(t), &result, &err);
    if (ok(read) && result.succeeded) { /* in good faith: without pods there are no logs */
        read = kubernetes_logs_list(&t->logs, json_get(result.output, STR("ResponseBody")),
                                    memory_of(t), &err);
    }
    if (failed(read)) {
        fail_internally(t, &err);
    } else {
        read_next_log(t);
    }
}

static void ask_for_pods(kubernetes_job *t)
{
    arena *a = memory_of(t);
    str path = arena_printf(a, "/api/v1/namespaces/%.*s/pods", STR_ARG(t->namespace));
    str selector = arena_printf(a, "job-name=%.*s", STR_ARG(t->name));
    json query = {0};
    error err;
    status made = path.ptr && selector.ptr ? json_object_with(a, json_empty_object(),
                                                              json_from_str(STR("labelSelector")),
                                                              json_from_str(selector), &query, &err)
                                           : fail_memory(&err);
    if (failed(made) || failed(kubernetes_request(&t->cluster, STR("GET"), path, query, (json){0},
                                                  on_pods, t, &err))) {
        fail_internally(t, &err);
    }
}

/* --------------------------------------------------------------------------------------- watching
 */

static str job_path(kubernetes_job *t)
{
    return arena_printf(memory_of(t), "/apis/batch/v1/namespaces/%.*s/jobs/%.*s",
                        STR_ARG(t->namespace), STR_ARG(t->name));
}

static void poll_later(kubernetes_job *t)
{
    net_timer_start(t->timer, t->delay_ms, 0);
    t->delay_ms = MIN_OF(t->delay_ms * 3 / 2, (int64_t)POLL_MS_MAX);
}

/* A condition Complete or Failed that is true. */
static bool has_ended(json job, bool *ret_has_succeeded)
{
    json conditions = json_get(json_get(job, STR("status")), STR("conditions"));
    for (uint32_t i = 0; i < json_count(conditions); i++) {
        json condition = json_item(conditions, i);
        str type = json_str(json_get(condition, STR("type")));
        bool is_good = str_equal(type, STR("Complete"));
        if ((is_good || str_equal(type, STR("Failed"))) &&
            str_equal(json_str(json_get(condition, STR("status"))), STR("True"))) {
            *ret_has_succeeded = is_good;
            return true;
        }
    }
    return false;
}

/* The job could not be described: for a while that is no reason to give it up. */
static void on_undescribed(kubernetes_job *t, const net_http_outcome *outcome,
                           const http_result *result)
{
    int64_t now_ms = net_loop_now_ms(integrations_settings(t->cluster.task->owner)->loop);
    t->silent_since_ms = t->silent_since_ms ? t->silent_since_ms : now_ms;
    t->refusals += outcome->code == ERROR_NONE && outcome->status < 500 ? 1 : 0;
    if (t->refusals < REFUSALS_MAX && now_ms - t->silent_since_ms < SILENCE_MS_MAX) {
        poll_later(t);
    } else if (result->succeeded) {
        fail_with(t, STR("States.TaskFailed"), json_text(result->output, memory_of(t)));
    } else {
        fail_with(t, result->error, result->cause);
    }
}

static void on_described(void *user, const net_http_outcome *outcome)
{
    kubernetes_job *t = user;
    http_result result;
    error err;
    if (failed(http_response_read_as(&kubernetes_words, outcome, memory_of(t), &result, &err))) {
        fail_internally(t, &err);
        return;
    }
    json job = result.succeeded ? json_get(result.output, STR("ResponseBody")) : (json){0};
    if (!json_is(json_get(job, STR("metadata")), JSON_OBJECT)) {
        on_undescribed(t, outcome, &result);
        return;
    }
    t->refusals = 0;
    t->silent_since_ms = 0;
    if (!has_ended(job, &t->has_succeeded)) {
        poll_later(t);
        return;
    }
    t->description = job;
    t->is_ended = true;
    if (t->logs.is_wanted) {
        ask_for_pods(t);
    } else {
        end(t);
    }
}

static void on_poll(void *user)
{
    kubernetes_job *t = user;
    error err = {0};
    arena_rewind(memory_of(t), t->mark);
    str path = job_path(t);
    if (!path.ptr || failed(kubernetes_request(&t->cluster, STR("GET"), path, (json){0}, (json){0},
                                               on_described, t, &err))) {
        fail_internally(t, &err);
    }
}

/* -------------------------------------------------------------------------------------- deleting
 */

static void on_deleted(void *user, const net_http_outcome *outcome)
{
    (void)outcome; /* once and in good faith: it may have ended by itself */
    end_silently(user);
}

static void delete_job(kubernetes_job *t)
{
    str path = job_path(t);
    json query = {0}; /* its pods, too */
    net_timer_stop(t->timer);
    if (!path.ptr ||
        failed(json_object_with(memory_of(t), json_empty_object(),
                                json_from_str(STR("propagationPolicy")),
                                json_from_str(STR("Background")), &query, NULL)) ||
        failed(kubernetes_request(&t->cluster, STR("DELETE"), path, query, (json){0}, on_deleted, t,
                                  NULL))) {
        end_silently(t);
    }
}

void kubernetes_job_abort(integration_task *task)
{
    kubernetes_job *t = task->state;
    t->is_aborted = true;
    if (!t->is_submitted) {
        return; /* which job it is, the answer tells */
    }
    kubernetes_cancel(&t->cluster);
    if (t->is_ended) {
        end_silently(t);
    } else {
        delete_job(t);
    }
}

void kubernetes_job_cancel(integration_task *task)
{
    kubernetes_job *t = task->state;
    kubernetes_cancel(&t->cluster);
    leave(t);
}

/* ------------------------------------------------------------------------------------- submitting
 */

/* Which job it is, by the answer that made it. */
static bool read_submission(kubernetes_job *t, json submission)
{
    json metadata = json_get(json_get(submission, STR("ResponseBody")), STR("metadata"));
    str namespace = json_str(json_get(metadata, STR("namespace")));
    t->name = json_str(json_get(metadata, STR("name")));
    t->namespace = namespace.len ? namespace : t->namespace;
    t->is_submitted = t->name.len > 0;
    t->mark = arena_here(memory_of(t));
    return t->is_submitted;
}

static void on_submitted(void *user, const net_http_outcome *outcome)
{
    kubernetes_job *t = user;
    http_result result;
    error err;
    if (failed(http_response_read_as(&kubernetes_words, outcome, memory_of(t), &result, &err))) {
        fail_internally(t, &err);
    } else if (!result.succeeded) {
        if (t->is_aborted) {
            end_silently(t);
        } else {
            fail_with(t, result.error, result.cause);
        }
    } else if (!t->is_sync) {
        integration_task_succeed(leave(t), result.output);
    } else if (!read_submission(t, result.output)) {
        fail_with(t, STR("States.TaskFailed"), json_text(result.output, memory_of(t)));
    } else if (t->is_aborted) {
        delete_job(t);
    } else {
        integration_result told = {
            .succeeded = true, .is_submitted = true, .output = result.output};
        poll_later(t);
        integration_task_finish(t->cluster.task, &told);
    }
}

static status submit(kubernetes_job *t, json job, error *reterr)
{
    arena *a = memory_of(t);
    str path = arena_printf(a, "/apis/batch/v1/namespaces/%.*s/jobs", STR_ARG(t->namespace));
    if (!path.ptr) {
        return fail_memory(reterr);
    }
    return kubernetes_request(&t->cluster, STR("POST"), path, (json){0}, job, on_submitted, t,
                              reterr);
}

/* A label of DNS: it goes into paths. */
static bool is_namespace(str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
            return false;
        }
    }
    return name.len > 0 && name.len <= 63;
}

static status begin(integration_task *task, const integration_call *call, error *reterr)
{
    json values[COUNT], parameters;
    TRY(json_copy(call->payload, &task->memory, &parameters, reterr));
    TRY(parameters_read(parameters, rules, COUNT, values, reterr));
    if (!json_is(values[JOB], JSON_OBJECT) && !json_is(values[JOB], JSON_STRING)) {
        return fail(reterr, ERROR_TYPE, "The field 'Job' must be an object or a string");
    }
    kubernetes_job *t = arena_new(&task->memory, kubernetes_job);
    if (!t) {
        return fail_memory(reterr);
    }
    TRY(kubernetes_cluster_read(task, call, parameters, &t->cluster, reterr));
    TRY(kubernetes_logs_read(values[LOG_OPTIONS], &t->logs, reterr));
    t->namespace = json_is_absent(values[NAMESPACE]) ? STR("default") : json_str(values[NAMESPACE]);
    if (!is_namespace(t->namespace)) {
        return fail(reterr, ERROR_INVALID, "The Namespace is not valid");
    }
    t->is_sync = str_equal(call->pattern, STR("sync"));
    t->delay_ms = POLL_MS_FIRST;
    if (!t->is_sync) {
        task->state = t;
        return submit(t, values[JOB], reterr);
    }
    json submission = {0};
    bool is_restored = !json_is_absent(call->submission);
    if (is_restored) {
        TRY(json_copy(call->submission, &task->memory, &submission, reterr));
    }
    TRY(net_timer_new(integrations_settings(task->owner)->loop, on_poll, t, &t->timer, reterr));
    task->state = t;
    task->is_job = true;
    if (!is_restored) {
        return submit(t, values[JOB], reterr);
    }
    if (!read_submission(t, submission)) {
        return fail(reterr, ERROR_INVALID, "the job's name is not known any more");
    }
    net_timer_start(t->timer, 0, 0);
    return STATUS_OK;
}

status kubernetes_job_start(integration_task *task, const integration_call *call, error *reterr)
{
    error err = {0};
    (void)reterr;
    if (failed(begin(task, call, &err))) {
        if (task->state) {
            leave(task->state);
        }
        kubernetes_refuse(task, call->payload, &err);
    }
    return STATUS_OK;
}

status kubernetes_job_check_arguments(integrations *tasks, const integration_call *call,
                                      bool is_template, error *reterr)
{
    (void)tasks;
    return json_is(call->payload, JSON_OBJECT)
               ? parameters_check_names(
                     "*ClusterName *CertificateAuthority *Endpoint Namespace *Job LogOptions ",
                     call->payload, is_template, reterr)
               : STATUS_OK;
}
