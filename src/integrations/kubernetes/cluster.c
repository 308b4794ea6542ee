/* A request:  begun ──> (credentials are waited for) ──> sent ──> done called
 *
 * Invariant: at most one of wait and call is there. */
#include "integrations/kubernetes/cluster.h"

#include "integrations/aws/wire.h"

#define TOKEN_SECONDS 60
#define TOKEN_BYTES_MAX 65536

const http_response_words kubernetes_words = {
    .resource = "eks",
    .status = "EKS",
    .unanswered = "EKS.SdkClientException",
    .cause = HTTP_CAUSE_RESULT,
};

/* -------------------------------------------------------------------------------------- the token
 */

status kubernetes_token(str cluster_name, str sts_host, const aws_signer *signer, arena *a,
                        str *ret_token, error *reterr)
{
    const net_http_header headers[] = {{STR("Host"), sts_host},
                                       {STR("x-k8s-aws-id"), cluster_name}};
    aws_signed_request request = {
        .method = STR("GET"),
        .path = STR("/"),
        .query = STR("Action=GetCallerIdentity&Version=2011-06-15"),
        .body = STR(""),
        .headers = headers,
        .header_count = ARRAY_LENGTH(headers),
    };
    str query;
    TRY(aws_presign(&request, signer, TOKEN_SECONDS, a, &query, reterr));
    str url = arena_printf(a, "https://%.*s/?%.*s", STR_ARG(sts_host), STR_ARG(query));
    buf text;
    buf_init(&text, TOKEN_BYTES_MAX);
    buf_add_literal(&text, "k8s-aws-v1.");
    wire_base64(url, &text);
    for (size_t i = 0; i < text.len; i++) { /* RFC 4648, 5: for URLs */
        text.ptr[i] = text.ptr[i] == '+' ? '-' : text.ptr[i] == '/' ? '_' : text.ptr[i];
    }
    while (text.len && text.ptr[text.len - 1] == '=') {
        text.len--;
    }
    str token = text.overflowed || !url.ptr ? STR_NONE : arena_str(a, buf_str(&text));
    buf_clean_up(&text);
    *ret_token = token;
    return token.ptr ? STATUS_OK : fail_memory(reterr);
}

/* Signed for the real STS, whatever endpoints are configured: that is what a cluster looks for. */
static status make_token(const kubernetes_cluster *cluster, const aws_credentials *credentials,
                         arena *a, str *ret_token, error *reterr)
{
    const aws_models *models = aws_client_models(cluster->client, reterr);
    aws_endpoint sts;
    if (!models) {
        return (status){ERROR_IO};
    }
    str region = aws_client_region(cluster->client);
    TRY(aws_service_endpoint(aws_models_service(models, STR("sts")), region, a, &sts, reterr));
    str host = arena_printf(a, "sts.%.*s.%.*s", STR_ARG(region), STR_ARG(sts.dns_suffix));
    aws_signer signer = {
        .access_key_id = credentials->access_key_id,
        .secret_access_key = credentials->secret_access_key,
        .session_token = credentials->session_token,
        .region = region,
        .service = STR("sts"),
        .now_ms = net_loop_clock_ms(integrations_settings(cluster->task->owner)->loop),
    };
    return host.ptr ? kubernetes_token(cluster->name, host, &signer, a, ret_token, reterr)
                    : fail_memory(reterr);
}

/* --------------------------------------------------------------------------------------- requests
 */

/* What Kubernetes takes a patch for, by its form. */
static str content_type(str method, json body)
{
    return !str_equal(method, STR("PATCH")) ? STR("application/json")
           : json_is(body, JSON_ARRAY)      ? STR("application/json-patch+json")
                                            : STR("application/merge-patch+json");
}

static status make_parameters(const kubernetes_cluster *cluster, str token, arena *a,
                              json *ret_parameters, error *reterr)
{
    json_object_builder b, headers;
    json header_object = {0};
    str url =
        arena_printf(a, "%.*s%s%.*s", STR_ARG(cluster->endpoint),
                     str_starts_with(cluster->path, STR("/")) ? "" : "/", STR_ARG(cluster->path));
    str bearer = arena_printf(a, "Bearer %.*s", STR_ARG(token));
    if (!url.ptr || !bearer.ptr) {
        return fail_memory(reterr);
    }
    json_object_begin(&headers, a, 3);
    json_object_add(&headers, STR("Authorization"), json_from_str(bearer));
    json_object_add(&headers, STR("Accept"), json_from_str(STR("application/json, */*")));
    if (!json_is_absent(cluster->body)) {
        json_object_add(&headers, STR("Content-Type"),
                        json_from_str(content_type(cluster->method, cluster->body)));
    }
    TRY(json_object_finish(&headers, &header_object, reterr));
    json_object_begin(&b, a, 5);
    json_object_add(&b, STR("ApiEndpoint"), json_from_str(url));
    json_object_add(&b, STR("Method"), json_from_str(cluster->method));
    json_object_add(&b, STR("Headers"), header_object);
    if (!json_is_absent(cluster->query)) {
        json_object_add(&b, STR("QueryParameters"), cluster->query);
    }
    if (!json_is_absent(cluster->body)) {
        json_object_add(&b, STR("RequestBody"), cluster->body);
    }
    return json_object_finish(&b, ret_parameters, reterr);
}

static status make_request(const kubernetes_cluster *cluster, str token, arena *a,
                           http_request *ret, error *reterr)
{
    http_request_rules rules = *http_tasks_rules(cluster->shared);
    json parameters = {0};
    rules.caller = HTTP_CALLER_KUBERNETES;
    TRY(make_parameters(cluster, token, a, &parameters, reterr));
    TRY(http_request_make(parameters, NULL, STR_NONE, &rules, a, ret, reterr));
    ret->trusted = cluster->trusted;
    return STATUS_OK;
}

static void on_answer(void *user, const net_http_outcome *outcome)
{
    kubernetes_cluster *cluster = user;
    cluster->call = NULL;
    cluster->done(cluster->user, outcome);
}

static status send(kubernetes_cluster *cluster, const aws_credentials *credentials, error *reterr)
{
    arena a;
    http_request request = {0};
    str token = STR_NONE;
    arena_init(&a, 0);
    status sent = make_token(cluster, credentials, &a, &token, reterr);
    sent = ok(sent) ? make_request(cluster, token, &a, &request, reterr) : sent;
    if (ok(sent)) {
        sent = http_tasks_send(cluster->shared, &request, HTTP_TASK_RESPONSE_BYTES_MAX, on_answer,
                               cluster, &cluster->call, reterr);
    }
    arena_clean_up(&a);
    return sent;
}

static void on_credentials(void *user, aws_credentials *credentials, const error *err)
{
    kubernetes_cluster *cluster = user;
    error failure = {0};
    cluster->wait = NULL;
    if (!credentials || failed(send(cluster, credentials, &failure))) {
        const error *why = credentials ? &failure : err;
        net_http_outcome outcome = {.code = credentials ? ERROR_INVALID : ERROR_IO,
                                    .message = str_from(why->message, why->length)};
        cluster->done(cluster->user, &outcome);
    }
}

status kubernetes_request(kubernetes_cluster *cluster, str method, str path, json query, json body,
                          net_http_done *done, void *user, error *reterr)
{
    arena a;
    http_request request;
    INVARIANT(!cluster->wait && !cluster->call);
    cluster->method = method;
    cluster->path = path;
    cluster->query = query;
    cluster->body = body;
    cluster->done = done;
    cluster->user = user;
    /* A wrong one asks for no credentials. */
    arena_init(&a, 0);
    status made = make_request(cluster, STR("-"), &a, &request, reterr);
    arena_clean_up(&a);
    TRY(made);
    aws_provider *provider = aws_client_provider(cluster->client, reterr);
    if (!provider) {
        return (status){ERROR_IO};
    }
    aws_provider_key key = {.role_arn = cluster->role_arn,
                            .is_for_emulator = str_starts_with(cluster->endpoint, STR("http://"))};
    aws_credentials *credentials = aws_provider_peek(provider, key);
    return credentials
               ? send(cluster, credentials, reterr)
               : aws_provider_ask(provider, key, on_credentials, cluster, &cluster->wait, reterr);
}

void kubernetes_cancel(kubernetes_cluster *cluster)
{
    aws_provider_cancel(cluster->wait);
    net_http_call_cancel(cluster->call);
    cluster->wait = NULL;
    cluster->call = NULL;
}

/* ----------------------------------------------------------------------------------------- reading
 */

status kubernetes_cluster_read(integration_task *task, const integration_call *call,
                               json parameters, kubernetes_cluster *ret, error *reterr)
{
    arena *a = &task->memory;
    kubernetes_cluster cluster = {.task = task};
    cluster.shared = integrations_http_tasks(task->owner, reterr);
    cluster.client = cluster.shared ? integrations_aws(task->owner, reterr) : NULL;
    if (!cluster.client) {
        return (status){ERROR_IO};
    }
    str certificate = json_str(json_get(parameters, STR("CertificateAuthority")));
    status decoded = wire_base64_decode(certificate, a, &cluster.trusted, NULL);
    if (failed(decoded) ||
        str_find(cluster.trusted, STR("-----BEGIN CERTIFICATE-----")) == STR_NOT_FOUND) {
        return fail(reterr, ERROR_INVALID,
                    "The CertificateAuthority must be a PEM certificate, encoded in base64");
    }
    str endpoint = json_str(json_get(parameters, STR("Endpoint")));
    while (endpoint.len && endpoint.ptr[endpoint.len - 1] == '/') {
        endpoint.len--;
    }
    cluster.name = arena_str(a, json_str(json_get(parameters, STR("ClusterName"))));
    cluster.endpoint = arena_str(a, endpoint);
    cluster.role_arn = call->role_arn.len ? arena_str(a, call->role_arn) : STR_NONE;
    if (!cluster.name.ptr || !cluster.endpoint.ptr ||
        (call->role_arn.len && !cluster.role_arn.ptr)) {
        return fail_memory(reterr);
    }
    *ret = cluster;
    return STATUS_OK;
}

void kubernetes_refuse(integration_task *task, json parameters, const error *err)
{
    str text = json_text(parameters, &task->memory);
    str cause = arena_printf(&task->memory,
                             "The Parameters '%.*s' could not be used to start the Task: [%s]",
                             STR_ARG(text), err->message);
    task->state = NULL;
    integration_task_fail(task, STR("States.Runtime"), cause);
}
