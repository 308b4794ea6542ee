#include "integrations/kubernetes/logs.h"

#include "base/utf8.h"
#include "integrations/kubernetes/cluster.h"
#include "integrations/parameters.h"

#define LOGS_MAX 1000 /* ours: of a job */

status kubernetes_logs_read(json options, kubernetes_logs *ret, error *reterr)
{
    static const parameter_rule rules[] = {{"RetrieveLogs", false, JSON_BOOLEAN},
                                           {"RawLogs", false, JSON_BOOLEAN},
                                           {"LogParameters", false, JSON_OBJECT}};
    json values[ARRAY_LENGTH(rules)];
    *ret = (kubernetes_logs){0};
    if (json_is_absent(options)) {
        return STATUS_OK;
    }
    TRY(parameters_read(options, rules, ARRAY_LENGTH(rules), values, reterr));
    *ret = (kubernetes_logs){.is_wanted = json_is_true(values[0]),
                             .is_raw = json_is_true(values[1]),
                             .parameters = values[2]};
    return STATUS_OK;
}

/* What Kubernetes names goes into paths. */
static bool is_name(str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.') {
            return false;
        }
    }
    return name.len > 0 && name.len <= 253;
}

status kubernetes_logs_list(kubernetes_logs *logs, json pods, arena *a, error *reterr)
{
    json list = json_get(pods, STR("items"));
    uint32_t count = 0;
    kubernetes_log *items = arena_array(a, kubernetes_log, LOGS_MAX);
    if (!items) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < json_count(list); i++) {
        str pod = json_str(json_get(json_get(json_item(list, i), STR("metadata")), STR("name")));
        json containers = json_get(json_get(json_item(list, i), STR("spec")), STR("containers"));
        for (uint32_t k = 0; k < json_count(containers) && count < LOGS_MAX; k++) {
            str container = json_str(json_get(json_item(containers, k), STR("name")));
            if (is_name(pod) && is_name(container)) {
                items[count++] = (kubernetes_log){.pod = pod, .container = container};
            }
        }
    }
    logs->items = items;
    logs->count = count;
    logs->next = 0;
    return STATUS_OK;
}

bool kubernetes_logs_is_one_left(const kubernetes_logs *logs)
{
    return logs->next < logs->count;
}

status kubernetes_logs_request(const kubernetes_logs *logs, str namespace, arena *a, str *ret_path,
                               json *ret_query, error *reterr)
{
    const kubernetes_log *log = &logs->items[logs->next];
    json query = json_is_absent(logs->parameters) ? json_empty_object() : logs->parameters;
    TRY(json_object_with(a, query, json_from_str(STR("container")), json_from_str(log->container),
                         &query, reterr));
    str path = arena_printf(a, "/api/v1/namespaces/%.*s/pods/%.*s/log", STR_ARG(namespace),
                            STR_ARG(log->pod));
    if (!path.ptr) {
        return fail_memory(reterr);
    }
    *ret_path = path;
    *ret_query = query;
    return STATUS_OK;
}

/* A log is a text whatever its type is said to be. */
static status read_text(kubernetes_log *log, bool is_raw, str body, arena *a, error *reterr)
{
    if (utf8_check(body) != body.len) {
        log->error = STR("EKS.InvalidLog");
        log->cause = STR("The log is not UTF-8");
        return STATUS_OK;
    }
    if (!is_raw && str_trim(body).len) {
        status parsed = json_parse_into(body, a, &log->log, reterr);
        if (ok(parsed) || parsed.code == ERROR_MEMORY) {
            return parsed;
        }
    }
    str text = arena_str(a, body);
    log->log = json_from_str(text);
    return text.ptr ? STATUS_OK : fail_memory(reterr);
}

status kubernetes_logs_add(kubernetes_logs *logs, const net_http_outcome *outcome, arena *a,
                           error *reterr)
{
    kubernetes_log *log = &logs->items[logs->next];
    http_result result;
    if (outcome->code == ERROR_NONE && outcome->status == 200) {
        TRY(read_text(log, logs->is_raw, outcome->body, a, reterr));
    } else {
        TRY(http_response_read_as(&kubernetes_words, outcome, a, &result, reterr));
        log->error = result.succeeded ? STR("EKS.InvalidLog") : result.error;
        log->cause = result.succeeded ? http_response_reason(outcome) : result.cause;
        log->cause = arena_str(a, log->cause);
        TRY(log->cause.ptr ? STATUS_OK : fail_memory(reterr));
    }
    logs->next++;
    return STATUS_OK;
}

static status wrap(str name, json value, arena *a, json *ret, error *reterr)
{
    return json_object_with(a, json_empty_object(), json_from_str(name), value, ret, reterr);
}

static status tell(const kubernetes_log *log, arena *a, json *ret, error *reterr)
{
    if (!log->error.ptr) {
        return wrap(STR("log"), log->log, a, ret, reterr);
    }
    TRY(wrap(STR("error"), json_from_str(log->error), a, ret, reterr));
    return json_object_with(a, *ret, json_from_str(STR("cause")), json_from_str(log->cause), ret,
                            reterr);
}

status kubernetes_logs_result(const kubernetes_logs *logs, arena *a, json *ret_logs, error *reterr)
{
    json_object_builder pods;
    json object;
    json_object_begin(&pods, a, logs->count);
    for (uint32_t i = 0; i < logs->count;) { /* one pod's containers stand together */
        json_object_builder containers;
        str pod = logs->items[i].pod;
        json_object_begin(&containers, a, 4);
        while (i < logs->count && str_equal(logs->items[i].pod, pod)) {
            TRY(tell(&logs->items[i], a, &object, reterr));
            json_object_add(&containers, logs->items[i++].container, object);
        }
        TRY(json_object_finish(&containers, &object, reterr));
        TRY(wrap(STR("containers"), object, a, &object, reterr));
        json_object_add(&pods, pod, object);
    }
    TRY(json_object_finish(&pods, &object, reterr));
    return wrap(STR("pods"), object, a, ret_logs, reterr);
}
