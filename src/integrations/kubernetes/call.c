/* eks:call: any request to a cluster's Kubernetes API. */
#include "integrations/kubernetes/cluster.h"
#include "integrations/parameters.h"

enum { CLUSTER_NAME, CERTIFICATE, ENDPOINT, METHOD, PATH, QUERY_PARAMETERS, REQUEST_BODY, COUNT };

static const parameter_rule rules[COUNT] = {
    [CLUSTER_NAME] = {"ClusterName", true, JSON_STRING},
    [CERTIFICATE] = {"CertificateAuthority", true, JSON_STRING},
    [ENDPOINT] = {"Endpoint", true, JSON_STRING},
    [METHOD] = {"Method", true, JSON_STRING},
    [PATH] = {"Path", true, JSON_STRING},
    [QUERY_PARAMETERS] = {"QueryParameters", false, JSON_OBJECT},
    [REQUEST_BODY] = {"RequestBody", false, JSON_ABSENT},
};

static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"};

static void on_done(void *user, const net_http_outcome *outcome)
{
    kubernetes_cluster *cluster = user;
    integration_task *task = cluster->task;
    http_result result;
    error err;
    task->state = NULL;
    if (failed(http_response_read_as(&kubernetes_words, outcome, &task->memory, &result, &err))) {
        integration_task_fail_internally(task, &err);
    } else if (result.succeeded) {
        integration_task_succeed(task, result.output);
    } else {
        integration_task_fail(task, result.error, result.cause);
    }
}

static status begin(integration_task *task, const integration_call *call, error *reterr)
{
    json values[COUNT], parameters;
    TRY(parameters_read(call->payload, rules, COUNT, values, reterr));
    bool is_known = false;
    for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
        is_known |= str_equal(json_str(values[METHOD]), str_from_c(methods[i]));
    }
    if (!is_known) {
        return fail(reterr, ERROR_INVALID,
                    "The Method must be GET, POST, PUT, DELETE, HEAD or PATCH");
    }
    TRY(json_copy(call->payload, &task->memory, &parameters, reterr));
    TRY(parameters_read(parameters, rules, COUNT, values, reterr));
    kubernetes_cluster *cluster = arena_new(&task->memory, kubernetes_cluster);
    if (!cluster) {
        return fail_memory(reterr);
    }
    TRY(kubernetes_cluster_read(task, call, parameters, cluster, reterr));
    task->state = cluster;
    return kubernetes_request(cluster, json_str(values[METHOD]), json_str(values[PATH]),
                              values[QUERY_PARAMETERS], values[REQUEST_BODY], on_done, cluster,
                              reterr);
}

status kubernetes_call_start(integration_task *task, const integration_call *call, error *reterr)
{
    error err = {0};
    (void)reterr;
    if (failed(begin(task, call, &err))) {
        kubernetes_refuse(task, call->payload, &err);
    }
    return STATUS_OK;
}

status kubernetes_call_check_arguments(integrations *tasks, const integration_call *call,
                                       bool is_template, error *reterr)
{
    (void)tasks;
    return json_is(call->payload, JSON_OBJECT)
               ? parameters_check_names("*ClusterName *CertificateAuthority *Endpoint *Method "
                                        "*Path QueryParameters RequestBody ",
                                        call->payload, is_template, reterr)
               : STATUS_OK;
}

void kubernetes_call_cancel(integration_task *task)
{
    kubernetes_cancel(task->state);
}
