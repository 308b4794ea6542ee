/* gait serve: the server. Owns the loop, the store, the shard, the API and the integrations, and
 * answers what is neither an API call nor the console's itself: /health and /metrics. */
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/limits_setting.h"
#include "cli/settings.h"

#include "api/api.h"
#include "api/auth/access.h"
#include "api/console/console_api.h"
#include "api/lambda/lambda_api.h"
#include "base/timetext.h"
#include "console/console.h"
#include "net/http_origin.h"
#include "net/signals.h"
#include "runtime/dispatch.h"
#include "runtime/loop_host.h"
#include "runtime/map/map_runs.h"
#include "runtime/mocks.h"
#include "runtime/observer.h"
#include "runtime/retention.h"
#include "runtime/secret.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

#define HEADER_BYTES_MAX (64u << 10)
#define IDLE_SECONDS_MAX 120 /* of a connection without a request that waits for its answer */
#define METRICS_BYTES_MAX (64u << 20)
#define MOCK_BYTES_MAX (64u << 20)
#define DESCRIPTORS_WANTED 65536
#define DAY_MS (86400LL * 1000)
#define BODY_BYTES_MAX (10u << 20) /* a definition of 1 MiB, escaped, and then some */

typedef struct server {
    settings settings;
    net_loop *loop;
    store *store;
    integrations *tasks;
    dispatch *dispatched;
    children *children;
    activities *activities;
    mocks *mocks; /* NULL without a mock configuration */
    observer *observer;
    feed *feed;
    shard *shard;
    map_runs *map_runs;
    retention *retention;
    api *api;
    console_api *console;
    auth_access *access;
    net_tls *tls; /* NULL: plain HTTP */
    lambda_api *functions;
    net_http_server *http, *own_http; /* the latter for our own tasks, where http is TLS */
    net_http_listener *listener, *own_listener;
    net_signal *interrupt, *terminate;
    bool is_lost; /* another server has taken the store over */
} server;

/* ------------------------------------------------------------------------------------------- log
 */

typedef enum log_level { LOG_INFO, LOG_WARNING, LOG_ERROR } log_level;

/* One line of JSON on standard error. */
static void log_at(const server *s, log_level level, const char *message, const char *detail)
{
    static const char *const names[] = {"info", "warning", "error"};
    if (s->settings.quiet && level != LOG_ERROR) {
        return;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    char time_text[TIME_TEXT_SIZE];
    buf line;
    buf_init(&line, 1u << 16);
    buf_add_literal(&line, "{\"time\":");
    json_print_string(
        time_print_rfc3339((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, time_text), &line);
    buf_add_literal(&line, ",\"level\":\"");
    buf_add_str(&line, str_from_c(names[level]));
    buf_add_literal(&line, "\",\"message\":");
    json_print_string(str_from_c(message), &line);
    if (detail) {
        buf_add_literal(&line, ",\"detail\":");
        json_print_string(str_from_c(detail), &line);
    }
    buf_add_literal(&line, "}\n");
    fwrite(line.ptr, 1, line.len, stderr);
    buf_clean_up(&line);
}

/* `user` is the server. */
static void log_line(void *user, bool is_error, const char *message, const char *detail)
{
    log_at(user, is_error ? LOG_ERROR : LOG_INFO, message, detail);
}

/* -------------------------------------------------------------------------------------- observing
 */

static void on_store_state(void *self, const error *err, bool is_final)
{
    server *s = self;
    if (!err) {
        log_line(s, false, "the store works again", NULL);
        return;
    }
    log_line(s, true, "the store refuses to write", err->message);
    if (is_final) {
        s->is_lost = true;
        net_loop_stop(s->loop);
    }
}

/* ------------------------------------------------------------------------------- what is not AWS's
 */

static void send_text(const net_http_request *request, unsigned code, str type, str body)
{
    net_http_header header = {STR("Content-Type"), type};
    net_http_response response = {code, &header, 1, body};
    net_http_answer(request->reply, &response);
}

static void send_health(server *s, const net_http_request *request)
{
    shard_counts counts = shard_count(s->shard);
    bool is_well = !counts.is_store_refusing;
    send_text(request, is_well ? 200 : 503, STR("application/json"),
              is_well
                  ? STR("{\"status\":\"ok\"}\n")
                  : STR("{\"status\":\"failing\",\"reason\":\"the store refuses to write\"}\n"));
}

/* Prometheus text, with the names of CloudWatch's metrics of Step Functions. */
static void send_metrics(server *s, const net_http_request *request)
{
    shard_counts counts = shard_count(s->shard);
    buf text;
    buf_init(&text, METRICS_BYTES_MAX);
    observer_print_metrics(s->observer, &counts, &text);
    send_text(request, 200, STR("text/plain; version=0.0.4"), buf_str(&text));
    buf_clean_up(&text);
}

/* A function's code is larger than any other request. */
static size_t body_limit(void *user, str target)
{
    (void)user;
    size_t own = lambda_api_body_limit(target);
    return own ? own : BODY_BYTES_MAX;
}

/* What is open to whoever reaches it is not so to web pages of other sites. Where credentials are
 * configured no page can sign for them. */
static bool is_welcome(server *s, const net_http_request *request)
{
    bool is_signed =
        auth_access_has_credentials(s->access) && !str_equal(request->path, STR("/metrics"));
    bool is_health = str_equal(request->path, STR("/health"));
    switch (is_signed || is_health ? NET_HTTP_ORIGIN_FINE
                                   : net_http_origin_of(request, s->settings.allowed_hosts)) {
    case NET_HTTP_ORIGIN_FINE:
        return true;
    case NET_HTTP_ORIGIN_STRANGE_HOST:
        send_text(request, 403, STR("application/json"),
                  STR("{\"__type\":\"AccessDeniedException\",\"message\":\"the request's Host is "
                      "not a name of this server: ask for it by IP address or localhost, or name "
                      "it with --allowed-hosts (docs/access.md)\"}\n"));
        return false;
    case NET_HTTP_ORIGIN_STRANGE_PAGE:
        send_text(request, 403, STR("application/json"),
                  STR("{\"__type\":\"AccessDeniedException\",\"message\":\"web pages of other "
                      "sites may not use this server; if the page is yours, name its host with "
                      "--allowed-hosts (docs/access.md)\"}\n"));
        return false;
    }
    return false;
}

static void handle(void *user, const net_http_request *request)
{
    server *s = user;
    if (!is_welcome(s, request)) {
        return;
    }
    bool is_lambda = lambda_api_body_limit(request->path) > 0;
    if (api_handle(s->api, request) ||
        (is_lambda && (!auth_access_admit_lambda(s->access, request) ||
                       lambda_api_handle(s->functions, request)))) {
        return;
    }
    if (console_api_handle(s->console, request)) {
        return;
    }
    console_options console = {
        .region = s->settings.region,
        .account = s->settings.account,
        .is_login_required = auth_access_has_credentials(s->access),
    };
    if (console_handle(&console, request)) {
        return;
    }
    bool is_get = str_equal(request->method, STR("GET"));
    if (is_get && str_equal(request->path, STR("/health"))) {
        send_health(s, request);
    } else if (is_get && str_equal(request->path, STR("/metrics"))) {
        if (!auth_access_may_read_metrics(s->access, request)) {
            send_text(request, 403, STR("application/json"),
                      STR("{\"message\":\"metrics are for loopback, or for who has the token of "
                          "--metrics-token-file\"}\n"));
            return;
        }
        send_metrics(s, request);
    } else {
        send_text(request, 404, STR("application/json"),
                  STR("{\"message\":\"there is nothing here: the Step Functions API is POST / with "
                      "X-Amz-Target: AWSStepFunctions.OPERATION, the console is /console/\"}\n"));
    }
}

/* ---------------------------------------------------------------------------------------- start-up
 */

static bool is_loopback(str address)
{
    return str_starts_with(address, STR("127.")) || str_equal(address, STR("::1")) ||
           str_equal(address, STR("localhost"));
}

/* ADDRESS:PORT, with IPv6 in brackets. */
static status split_address(str listen, char *address, size_t size, uint16_t *ret_port,
                            error *reterr)
{
    size_t colon = str_find_last_char(listen, ':');
    str host = str_take(listen, colon == STR_NOT_FOUND ? 0 : colon);
    str port_text = str_skip(listen, colon == STR_NOT_FOUND ? listen.len : colon + 1);
    if (host.len > 1 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']') {
        host = str_take(str_skip(host, 1), host.len - 2);
    }
    char digits[8];
    snprintf(digits, sizeof(digits), "%.*s", STR_ARG(str_take(port_text, 6)));
    char *end;
    unsigned long port = strtoul(digits, &end, 10);
    if (!host.len || host.len >= size || !port_text.len || *end || port > 65535) {
        return fail(reterr, ERROR_INVALID, "--listen wants ADDRESS:PORT, such as 127.0.0.1:8083");
    }
    host = str_equal(host, STR("localhost")) ? STR("127.0.0.1") : host;
    snprintf(address, size, "%.*s", STR_ARG(host));
    *ret_port = (uint16_t)port;
    return STATUS_OK;
}

static void warn(void *user, const char *message)
{
    log_at(user, LOG_WARNING, message, NULL);
}

static status open_access(server *s, error *reterr)
{
    const settings *set = &s->settings;
    if (!set->tls_certificate.len != !set->tls_key.len) {
        return fail(reterr, ERROR_INVALID, "--tls-cert and --tls-key go together");
    }
    if (set->tls_key.len) {
        TRY(net_tls_load(set->tls_certificate, set->tls_key, net_loop_clock_ms(s->loop), &s->tls,
                         reterr));
        auth_check_private(set->tls_key.ptr, warn, s);
    }
    auth_options options = {
        .loop = s->loop,
        .config = set->config,
        .region = set->region,
        .account = set->account,
        .skew_seconds_max = set->clock_skew_seconds,
        .replay_seconds = set->replay_seconds,
        .rate_max = set->rate_limit,
        .metrics_token_file = set->metrics_token_file,
        .is_encrypted = s->tls != NULL,
        .warn = warn,
        .warn_user = s,
    };
    TRY(auth_access_new(&options, &s->access, reterr));
    if (auth_access_has_secrets_inside(s->access)) {
        auth_check_private(set->config_path.ptr, warn, s);
    }
    return STATUS_OK;
}

static json logging_of(void *user, const shard_execution *execution)
{
    const server *s = user;
    return api_logging_configuration(s->api, execution);
}

static status open_observer(server *s, entropy seed, error *reterr)
{
    const settings *set = &s->settings;
    observer_options options = {
        .loop = s->loop,
        .store = s->store,
        .tasks = s->tasks,
        .config = set->config,
        .data_folder = set->data,
        .region = set->region,
        .entropy = seed,
        .complain = {log_line, s},
        .logging = logging_of,
        .store_state = on_store_state,
        .user = s,
    };
    return observer_new(&options, &s->observer, reterr);
}

/* Workers do the tasks of activities, the server starts executions; everything else needs an
 * integration. */
static status check_resource(void *user, const asl_resource *resource, error *reterr)
{
    return resource->kind == ASL_RESOURCE_ACTIVITY || children_are_started_by(resource)
               ? STATUS_OK
               : dispatch_check_resource(user, resource, reterr);
}

static str refuse_task(const void *user, const asl_resource *resource, json payload, arena *a)
{
    const server *s = user;
    if (resource->kind == ASL_RESOURCE_ACTIVITY) {
        return api_refuse_task(s->api, resource, payload, a);
    }
    bool is_checked = !s->mocks && !children_are_started_by(resource);
    return is_checked ? dispatch_refuse_task(s->tasks, resource, payload, a) : STR_NONE;
}

/* What functions print has its own files: here comes what went wrong beside them. */
static void on_integration_log(void *user, str function_name, str line)
{
    if (!function_name.ptr) {
        char detail[ERROR_MESSAGE_MAX];
        snprintf(detail, sizeof(detail), "%.*s", STR_ARG(line));
        log_line(user, true, "a function is left out", detail);
    }
}

/* Stands before all other tasks. */
static status open_mocks(server *s, runtime_tasks *tasks, error *reterr)
{
    buf text;
    if (!s->settings.mock.ptr) {
        return STATUS_OK;
    }
    status done = cli_read_file(s->settings.mock.ptr, MOCK_BYTES_MAX, &text, reterr);
    if (ok(done)) {
        done = mocks_new(buf_str(&text), s->store, *tasks, &s->mocks, reterr);
    }
    buf_clean_up(&text);
    if (failed(done) && reterr->line) {
        error found = *reterr;
        return fail(reterr, found.code, "%s:%u:%u: %s", s->settings.mock.ptr, found.line,
                    found.column, found.message);
    }
    TRY(done);
    *tasks = mocks_tasks(s->mocks);
    return STATUS_OK;
}

static void offer_mocks(server *s, api_options *calls)
{
    calls->check_mock = dispatch_check_mock;
    calls->check_mock_user = s->tasks;
    if (s->mocks) {
        /* A mocked task need not be one that can be called here: what can't says so when it is. */
        calls->check_resource = NULL;
        calls->check_arguments = NULL;
        calls->check_test_case = mocks_check_case;
        calls->check_test_case_user = s->mocks;
    }
}

/* What a Task can call, the innermost first: each does what it knows and hands on the rest. */
static status open_tasks(server *s, shard_options *options, error *reterr)
{
    settings *set = &s->settings;
    integrations_options tasks = {
        .loop = s->loop,
        .functions_folder = set->functions,
        .data_folder = set->data,
        .config = set->config,
        .account = set->account,
        .region = set->region,
        .aws_models = set->aws_models,
        .functions_are_temporary = set->memory,
        .may_come_later = true,
        .on_log = on_integration_log,
        .log_user = s,
    };
    TRY(integrations_new(&tasks, &s->tasks, reterr));
    TRY(lambda_api_new(s->loop, s->tasks, &s->functions, reterr));
    TRY(dispatch_new(s->tasks, &s->dispatched, reterr));
    TRY(children_new(dispatch_tasks(s->dispatched), s->store, entropy_branch(&options->entropy),
                     &s->children, reterr));
    TRY(activities_new(s->loop, children_tasks(s->children), &s->activities, reterr));
    options->tasks = activities_tasks(s->activities);
    TRY(open_mocks(s, &options->tasks, reterr));
    map_runs_options runs = {
        .loop = s->loop, .others = options->tasks, .store = s->store, .tasks = s->tasks};
    TRY(map_runs_new(&runs, &s->map_runs, reterr));
    options->tasks = map_runs_tasks(s->map_runs);
    return STATUS_OK;
}

/* Who hears what is durable. */
static status open_observers(server *s, shard_options *options, error *reterr)
{
    TRY(open_observer(s, entropy_branch(&options->entropy), reterr));
    options->observer = children_observer(s->children, observer_callbacks(s->observer));
    options->observer = map_runs_observer(s->map_runs, options->observer);
    TRY(feed_new(&s->feed, reterr));
    options->observer = feed_observe(s->feed, options->observer);
    return STATUS_OK;
}

static status open_api(server *s, entropy seed, error *reterr)
{
    settings *set = &s->settings;
    api_options calls = {
        .loop = s->loop,
        .store = s->store,
        .shard = s->shard,
        .activities = s->activities,
        .map_runs = s->map_runs,
        .region = set->region,
        .account = set->account,
        .check_resource = check_resource,
        .check_arguments = dispatch_check_arguments,
        .check_user = s->tasks,
        .entropy = seed,
    };
    offer_mocks(s, &calls);
    calls.authenticate = auth_access_authenticate;
    calls.authorize = auth_access_authorize;
    calls.access_user = s->access;
    auth_access_know_tasks(s->access, s->shard);
    TRY(secret_read(s->store, "page-token", calls.page_key, reterr));
    TRY(api_new(&calls, &s->api, reterr));
    return console_api_new(s->api, s->feed, &s->console, reterr);
}

static status open_runtime(server *s, error *reterr)
{
    settings *set = &s->settings;
    shard_options options = {
        .region = set->region,
        .account = set->account,
    };
    TRY(cli_limits_read(json_get(set->config, STR("limits")), &options.limits, reterr));
    TRY(set->memory ? store_open_memory(&s->store, reterr)
                    : store_open_sqlite(set->data, &s->store, reterr));
    options.store = s->store;
    if (getrandom(&options.entropy, sizeof(options.entropy), 0) != sizeof(options.entropy)) {
        return fail(reterr, ERROR_IO, "the system gives no random bytes");
    }
    TRY(open_tasks(s, &options, reterr));
    TRY(secret_read(s->store, "task-token", options.key.bytes, reterr));
    TRY(open_observers(s, &options, reterr));
    TRY(loop_host_new(s->loop, s->store, &options.host, reterr));
    entropy own = entropy_branch(&options.entropy);
    TRY(shard_new(&options, &s->shard, reterr));
    map_runs_connect(s->map_runs, s->shard);
    TRY(open_api(s, own, reterr));
    children_connect(s->children, s->shard, api_call_inside, s->api);
    shard_refuse_tasks(s->shard, refuse_task, s);
    return STATUS_OK;
}

static void on_signal(void *user)
{
    server *s = user;
    net_loop_stop(s->loop);
}

/* Beyond loopback somebody has to check who calls. */
static status check_reach(server *s, const char *address, error *reterr)
{
    if (is_loopback(str_from_c(address))) {
        return STATUS_OK;
    }
    if (!auth_access_has_credentials(s->access) && !s->settings.insecure) {
        return fail(reterr, ERROR_INVALID,
                    "%s is reachable from other machines, and nothing checks who calls: serve on "
                    "127.0.0.1, configure credentials (docs/access.md), or say --insecure",
                    address);
    }
    if (!s->tls) {
        warn(s, "requests and answers cross the network in the clear: give --tls-cert and "
                "--tls-key, or let a proxy speak TLS");
    }
    return STATUS_OK;
}

static status serve_at(server *s, const char *address, uint16_t port, const net_tls *tls,
                       net_http_server **http, net_http_listener **listener, error *reterr)
{
    net_http_server_options options = {
        .handler = handle,
        .user = s,
        .connections_max = (uint32_t)s->settings.connections_max,
        .header_bytes_max = HEADER_BYTES_MAX,
        .tls = tls,
        .idle_seconds_max = IDLE_SECONDS_MAX,
        .body_limit = body_limit,
    };
    TRY(net_http_server_new(s->loop, &options, http, reterr));
    return net_http_server_listen(*http, address, port, NULL, listener, reterr);
}

/* Tasks that call Step Functions or Lambda call this server. Whose name the certificate has nobody
 * here knows: where clients come by TLS our own tasks have a port at loopback to themselves, which
 * checks signatures as the other one does. */
static status tell_own_address(server *s, const char *address, error *reterr)
{
    char url[128];
    bool is_any = strcmp(address, "0.0.0.0") == 0;
    bool is_any_6 = strcmp(address, "::") == 0;
    const char *host = s->tls || is_any ? "127.0.0.1" : is_any_6 ? "::1" : address;
    bool has_colon = strchr(host, ':') != NULL;
    if (s->tls) {
        TRY(serve_at(s, host, 0, NULL, &s->own_http, &s->own_listener, reterr));
    }
    snprintf(url, sizeof(url), "http://%s%s%s:%u", has_colon ? "[" : "", host, has_colon ? "]" : "",
             net_http_listener_port(s->tls ? s->own_listener : s->listener));
    return integrations_set_own_endpoint(s->tasks, str_from_c(url), reterr);
}

static status open_server(server *s, error *reterr)
{
    char address[64];
    uint16_t port = 0;
    TRY(split_address(s->settings.listen, address, sizeof(address), &port, reterr));
    TRY(net_loop_new(&s->loop, reterr));
    TRY(open_access(s, reterr));
    TRY(check_reach(s, address, reterr));
    TRY(open_runtime(s, reterr));
    TRY(serve_at(s, address, port, s->tls, &s->http, &s->listener, reterr));
    TRY(tell_own_address(s, address, reterr));
    TRY(net_signal_new(s->loop, SIGINT, on_signal, s, &s->interrupt, reterr));
    TRY(net_signal_new(s->loop, SIGTERM, on_signal, s, &s->terminate, reterr));
    TRY(shard_recover(s->shard, reterr));
    TRY(children_recover(s->children, reterr));
    TRY(map_runs_recover(s->map_runs, reterr));
    TRY(retention_new(s->loop, s->shard, s->settings.retention_days * DAY_MS, &s->retention,
                      reterr));
    printf("gait: serving the Step Functions API on %s://%s:%u (data: %s)\n",
           s->tls ? "https" : "http", address, net_http_listener_port(s->listener),
           s->settings.memory ? "in memory" : s->settings.data.ptr);
    fflush(stdout);
    return STATUS_OK;
}

static void close_server(server *s)
{
    net_http_server_free(s->http);
    net_http_server_free(s->own_http);
    net_signal_free(s->interrupt);
    net_signal_free(s->terminate);
    net_tls_free(s->tls);
    console_api_free(s->console);
    api_free(s->api);
    auth_access_free(s->access);
    retention_free(s->retention);
    shard_free(s->shard);
    mocks_free(s->mocks);
    map_runs_free(s->map_runs);
    activities_free(s->activities);
    children_free(s->children);
    dispatch_free(s->dispatched); /* before the loop runs once more, for the last log records */
    observer_free(s->observer);
    feed_free(s->feed);
    lambda_api_free(s->functions);
    integrations_free(s->tasks);
    net_loop_free(s->loop);
    store_close(s->store);
    settings_clean_up(&s->settings);
}

/* A task that waits for an answer holds a descriptor, and so does each client. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = MIN_OF(limit.rlim_max, (rlim_t)DESCRIPTORS_WANTED);
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int cli_serve(int argc, char **argv)
{
    server s = {0};
    int usage = settings_read(argc, argv, &s.settings);
    if (usage) {
        return usage == SETTINGS_HELP ? 0 : usage;
    }
    error err;
    raise_descriptors();
    status opened = open_server(&s, &err);
    if (failed(opened)) {
        fprintf(stderr, "gait serve: %s\n", err.message);
    } else {
        net_loop_run(s.loop);
        log_line(&s, false, "stopping", NULL);
    }
    bool is_lost = s.is_lost;
    close_server(&s);
    return failed(opened) ? 2 : is_lost ? 1 : 0;
}
