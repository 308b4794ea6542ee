/* Which call goes to which process. The life of an invocation:
 *
 *     queued --a process asks for a call--> running --response, error, exit or deadline--> finished
 *        \__ abandoned, or its process could not start ______________________________________/
 *
 * Invariants: a queued invocation is in its function's queue and nowhere else; a running one has
 * process->running == it; done is called once, and never inside lambda_pool_invoke; for each queued
 * invocation a process is starting for it, unless the function has as many as it may. */
#include "integrations/lambda/pool_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define STAMP_CHECK_MS 100
#define REAP_EVERY_MS 1000
#define ERROR_TEXT_BYTES 2048

/* -------------------------------------------------------------------------------------- the queue
 */

static void queue_add(lambda_invocation *invocation)
{
    lambda_function *function = invocation->function;
    invocation->previous = function->last;
    if (function->last) {
        function->last->next = invocation;
    } else {
        function->first = invocation;
    }
    function->last = invocation;
    function->queue_length++;
}

void lambda_queue_remove(lambda_invocation *invocation)
{
    lambda_function *function = invocation->function;
    if (invocation->previous) {
        invocation->previous->next = invocation->next;
    } else {
        function->first = invocation->next;
    }
    if (invocation->next) {
        invocation->next->previous = invocation->previous;
    } else {
        function->last = invocation->previous;
    }
    invocation->previous = invocation->next = NULL;
    function->queue_length--;
    if (invocation->starting) {
        invocation->starting->meant_for = NULL;
        invocation->starting = NULL;
    }
}

static void invocation_free(lambda_invocation *invocation)
{
    free(invocation->payload);
    free(invocation->client_context);
    free(invocation);
}

void lambda_invocation_finish(lambda_invocation *invocation, bool is_error, str payload)
{
    char tail[LAMBDA_LOG_TAIL_BYTES];
    lambda_outcome outcome = {
        .is_error = is_error,
        .payload = payload,
        .request_id = str_from_c(invocation->id),
        .trace_id = str_from_c(invocation->trace_id),
        .executed_version = str_from_c(invocation->version),
    };
    if (invocation->wants_log_tail && invocation->process) {
        outcome.log_tail = lambda_log_tail(invocation->process, tail);
    }
    if (invocation->done) {
        invocation->done(invocation->user, &outcome);
    }
    invocation_free(invocation);
}

static void add_json_string(buf *out, const char *text)
{
    json_print_string(str_from_c(text), out);
}

void lambda_invocation_fail(lambda_invocation *invocation, str error_type, const char *format, ...)
{
    char words[ERROR_TEXT_BYTES];
    char message[ERROR_TEXT_BYTES + 64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    snprintf(message, sizeof(message), "RequestId: %s Error: %s", invocation->id, words);
    buf payload;
    buf_init(&payload, 8 * ERROR_TEXT_BYTES);
    buf_add_literal(&payload, "{\"errorType\":\"");
    buf_add_str(&payload, error_type);
    buf_add_literal(&payload, "\",\"errorMessage\":");
    add_json_string(&payload, message);
    buf_add_char(&payload, '}');
    lambda_invocation_finish(invocation, true, buf_str(&payload));
    buf_clean_up(&payload);
}

/* --------------------------------------------------------------------------------- serving calls
 */

static lambda_process *find_idle(const lambda_function *function)
{
    lambda_process *newest = NULL;
    for (lambda_process *p = function->processes; p; p = p->next) {
        if (p->waiting && !p->is_retired && (!newest || p->idle_since_ms > newest->idle_since_ms)) {
            newest = p;
        }
    }
    return newest;
}

/* Starts a process for each waiting call that has none, as far as the limit goes. */
static void start_processes(lambda_function *function)
{
    for (lambda_invocation *i = function->first;
         i && function->process_count < function->pool->options.processes_max;) {
        lambda_invocation *next = i->next;
        error err = {0};
        if (!i->starting && failed(lambda_process_start(i, &err))) {
            lambda_queue_remove(i);
            lambda_invocation_fail(i, STR("Runtime.InvalidEntrypoint"), "%s", err.message);
            next = function->first; /* the callback may have changed the queue */
        }
        i = next;
    }
}

void lambda_function_serve(lambda_function *function)
{
    lambda_process *idle;
    while (function->first && (idle = find_idle(function))) {
        lambda_invocation *invocation = function->first;
        lambda_queue_remove(invocation);
        lambda_process_hand_over(idle, invocation);
    }
    start_processes(function);
}

static void serve_all(void *user)
{
    lambda_pool *pool = user;
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&pool->functions, &cursor));) {
        lambda_function_serve(entry->value);
    }
}

/* ------------------------------------------------------------------------------------- functions
 */

static void function_free(lambda_function *function)
{
    while (function->first) {
        lambda_invocation *invocation = function->first;
        lambda_queue_remove(invocation);
        invocation_free(invocation);
    }
    while (function->processes) {
        lambda_process_free(function->processes);
    }
    lambda_log_flush(function);
    lambda_log_clean_up(&function->log);
    lambda_settings_clean_up(&function->settings);
    free(function);
}

/* The function's files have changed: processes that run the old ones take no further call. */
static void retire_processes(lambda_function *function)
{
    for (lambda_process *p = function->processes, *next; p; p = next) {
        next = p->next;
        p->is_retired = true;
        if (p->waiting || !p->is_started) {
            lambda_process_free(p);
        }
    }
    net_timer_start(function->pool->later, 0, 0);
}

static status load_settings(const lambda_pool *pool, str name, const lambda_target *created,
                            lambda_settings *ret_settings, error *reterr)
{
    return created
               ? lambda_catalog_settings(pool->options.catalog, name, created, ret_settings, reterr)
               : lambda_settings_load(pool->options.functions_folder, name, ret_settings, reterr);
}

/* Looks whether the function is still what was read. A folder at most ten times a second. */
static status function_refresh(lambda_function *function, str name, const lambda_target *created,
                               error *reterr)
{
    lambda_pool *pool = function->pool;
    int64_t now_ms = net_loop_now_ms(pool->options.loop);
    if (!created && now_ms - function->checked_ms < STAMP_CHECK_MS) {
        return STATUS_OK;
    }
    uint64_t stamp =
        created ? created->stamp : lambda_settings_stamp(pool->options.functions_folder, name);
    if (stamp != function->settings.stamp) {
        lambda_settings settings = {0};
        TRY(load_settings(pool, name, created, &settings, reterr));
        lambda_settings_clean_up(&function->settings);
        function->settings = settings;
        retire_processes(function);
    }
    function->checked_ms = now_ms;
    function->is_forgotten = false;
    return STATUS_OK;
}

static status add_function(lambda_pool *pool, str name, const lambda_target *created,
                           const char *key, lambda_function **ret_function, error *reterr)
{
    lambda_function *function = calloc(1, sizeof(*function));
    if (!function) {
        return fail_memory(reterr);
    }
    function->pool = pool;
    function->is_created = created != NULL;
    function->checked_ms = net_loop_now_ms(pool->options.loop);
    lambda_log_init(&function->log);
    status result = load_settings(pool, name, created, &function->settings, reterr);
    if (failed(result)) {
        free(function);
        return result;
    }
    memcpy(function->key, key, sizeof(function->key));
    result = map_put(&pool->functions, str_from_c(function->key), function, reterr);
    if (failed(result)) {
        function_free(function);
        return result;
    }
    *ret_function = function;
    return STATUS_OK;
}

static uint32_t random_number(void)
{
    uint32_t number = 0;
    (void)!getrandom(&number, sizeof(number), 0);
    return number;
}

/* Created functions come before those of the folder. */
static status find_function(lambda_pool *pool, str name, str qualifier,
                            lambda_function **ret_function, error *reterr)
{
    lambda_target target = {0};
    bool is_created = false;
    if (pool->options.catalog) {
        status resolved = lambda_catalog_resolve(pool->options.catalog, name, qualifier,
                                                 random_number(), &target, reterr);
        is_created = ok(resolved);
        if (failed(resolved) && resolved.code != ERROR_UNSUPPORTED) {
            return resolved;
        }
    }
    char key[LAMBDA_KEY_SIZE] = "";
    snprintf(key, sizeof(key), is_created ? "%.*s:%.*s" : "%.*s", STR_ARG(name),
             STR_ARG(target.version));
    const lambda_target *created = is_created ? &target : NULL;
    lambda_function *function = map_get(&pool->functions, str_from_c(key));
    if (!function) {
        return add_function(pool, name, created, key, ret_function, reterr);
    }
    TRY(function_refresh(function, name, created, reterr));
    *ret_function = function;
    return STATUS_OK;
}

status lambda_pool_check(lambda_pool *pool, str function, str qualifier, error *reterr)
{
    lambda_function *ignored;
    return find_function(pool, function, qualifier, &ignored, reterr);
}

void lambda_pool_forget(lambda_pool *pool, str function)
{
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&pool->functions, &cursor));) {
        lambda_function *one = entry->value;
        if (one->is_created && str_equal(one->settings.name, function)) {
            retire_processes(one);
            one->is_forgotten = true;
        }
    }
}

/* ----------------------------------------------------------------------------------- invocations
 */

static bool invocation_name(lambda_invocation *invocation, const lambda_request *request)
{
    unsigned char entropy[40];
    if (getrandom(entropy, sizeof(entropy), 0) != sizeof(entropy)) {
        return false;
    }
    unsigned char digest[DIGEST_BYTES_MAX];
    if (request->key.len) {
        (void)digest_compute(DIGEST_SHA256, request->key, digest);
    }
    uuid_from_entropy(request->key.len ? digest : entropy, invocation->id);
    uint64_t parts[3];
    memcpy(parts, entropy + 16, sizeof(parts));
    int64_t seconds = net_loop_clock_ms(invocation->function->pool->options.loop) / 1000;
    snprintf(invocation->trace_id, sizeof(invocation->trace_id),
             "Root=1-%08x-%08x%016llx;Parent=%016llx;Sampled=0", (unsigned)seconds,
             (unsigned)parts[0], (unsigned long long)parts[1], (unsigned long long)parts[2]);
    const lambda_function *function = invocation->function;
    /* A folder has one code: a version or an alias names it, too. */
    bool is_number = !function->is_created && request->qualifier.len > 0;
    for (size_t i = 0; i < request->qualifier.len; i++) {
        is_number &= request->qualifier.ptr[i] >= '0' && request->qualifier.ptr[i] <= '9';
    }
    snprintf(invocation->version, sizeof(invocation->version), "%.*s",
             STR_ARG(is_number ? request->qualifier : function->settings.version));
    if (request->qualifier.len) {
        snprintf(invocation->arn_suffix, sizeof(invocation->arn_suffix), ":%.*s",
                 STR_ARG(request->qualifier));
    }
    return true;
}

static lambda_invocation *invocation_new(lambda_function *function, const lambda_request *request)
{
    lambda_invocation *invocation = calloc(1, sizeof(*invocation));
    if (!invocation) {
        return NULL;
    }
    invocation->function = function;
    invocation->wants_log_tail = request->wants_log_tail;
    invocation->payload = malloc(request->payload.len + 1);
    if (request->client_context.ptr) {
        invocation->client_context = str_duplicate(request->client_context);
    }
    if (!invocation->payload || (request->client_context.ptr && !invocation->client_context) ||
        !invocation_name(invocation, request)) {
        invocation_free(invocation);
        return NULL;
    }
    memcpy(invocation->payload, request->payload.ptr, request->payload.len);
    invocation->payload_length = request->payload.len;
    return invocation;
}

status lambda_pool_invoke(lambda_pool *pool, const lambda_request *request, lambda_done *done,
                          void *user, lambda_invocation **ret_invocation, error *reterr)
{
    lambda_function *function = NULL;
    TRY(find_function(pool, request->function, request->qualifier, &function, reterr));
    INVARIANT(function);
    uint32_t serving = 0;
    for (lambda_process *p = function->processes; p; p = p->next) {
        serving += p->waiting || !p->is_started;
    }
    uint32_t room = pool->options.processes_max > function->process_count
                        ? pool->options.processes_max - function->process_count
                        : 0;
    if (function->queue_length >= pool->options.queue_max + serving + room) {
        return fail(
            reterr, ERROR_LIMIT, "function '%.*s' runs %u calls, and %u wait: no more are taken",
            STR_ARG(function->settings.name), function->process_count, function->queue_length);
    }
    lambda_invocation *invocation = invocation_new(function, request);
    if (!invocation) {
        return fail_memory(reterr);
    }
    invocation->done = done;
    invocation->user = user;
    queue_add(invocation);
    lambda_process *idle = function->first == invocation ? find_idle(function) : NULL;
    if (idle) {
        lambda_queue_remove(invocation);
        lambda_process_hand_over(idle, invocation);
    } else {
        /* A process that cannot start ends the call: not before this returns. */
        net_timer_start(pool->later, 0, 0);
    }
    *ret_invocation = invocation;
    return STATUS_OK;
}

void lambda_invocation_abandon(lambda_invocation *invocation)
{
    invocation->done = NULL;
    if (!invocation->process) {
        lambda_queue_remove(invocation);
        invocation_free(invocation);
    }
}

/* ------------------------------------------------------------------------------------- the pool */

static void reap_idle(void *user)
{
    lambda_pool *pool = user;
    int64_t before_ms = net_loop_now_ms(pool->options.loop) - pool->options.idle_ms;
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&pool->functions, &cursor));) {
        lambda_function *function = entry->value;
        for (lambda_process *p = function->processes, *next; p; p = next) {
            next = p->next;
            if (p->waiting && p->idle_since_ms <= before_ms) {
                lambda_process_free(p);
            }
        }
        if (function->is_forgotten && !function->processes && !function->first) {
            map_remove(&pool->functions, entry->key);
            function_free(function);
        }
    }
}

status lambda_pool_new(const lambda_pool_options *options, lambda_pool **ret_pool, error *reterr)
{
    lambda_pool *pool = calloc(1, sizeof(*pool));
    uint64_t seeds[2];
    if (!pool || getrandom(seeds, sizeof(seeds), 0) != sizeof(seeds)) {
        free(pool);
        return fail_memory(reterr);
    }
    pool->options = *options;
    map_init(&pool->functions, seeds[0], seeds[1]);
    net_http_server_options server = {
        .handler = lambda_runtime_api_handle,
        .user = pool,
        /* An error or a response past the limit is told from one that is not. */
        .body_bytes_max = LAMBDA_RESPONSE_BYTES_MAX + 1,
        .connections_max = NET_HTTP_CONNECTIONS_MAX,
    };
    status result = net_http_server_new(options->loop, &server, &pool->server, reterr);
    if (ok(result)) {
        result = net_timer_new(options->loop, reap_idle, pool, &pool->reaper, reterr);
    }
    if (ok(result)) {
        result = net_timer_new(options->loop, serve_all, pool, &pool->later, reterr);
    }
    if (ok(result)) {
        result = lambda_memory_watch_new(pool, reterr);
    }
    if (failed(result)) {
        lambda_pool_free(pool);
        return result;
    }
    net_timer_start(pool->reaper, REAP_EVERY_MS, REAP_EVERY_MS);
    *ret_pool = pool;
    return STATUS_OK;
}

void lambda_pool_free(lambda_pool *pool)
{
    if (!pool) {
        return;
    }
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&pool->functions, &cursor));) {
        function_free(entry->value);
    }
    map_clean_up(&pool->functions);
    net_http_server_free(pool->server);
    net_timer_free(pool->reaper);
    net_timer_free(pool->later);
    net_timer_free(pool->memory_watch);
    free(pool);
}

lambda_pool_counts lambda_pool_count(const lambda_pool *pool)
{
    lambda_pool_counts counts = {0};
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&pool->functions, &cursor));) {
        const lambda_function *function = entry->value;
        counts.queued += function->queue_length;
        for (const lambda_process *p = function->processes; p; p = p->next) {
            counts.processes++;
            counts.idle += p->waiting != NULL;
            counts.running += p->running != NULL;
        }
    }
    return counts;
}
