/* One process of a function, which answers one call at a time:
 *
 *     starting --asks for a call--> idle <--> running
 *         \__ init/error, exit, 10 s + timeout __\__ exit, deadline, retired, too long idle -->
 * freed
 *
 * Freeing a process kills its group at once; net_process reaps it. */
#include "integrations/lambda/pool_private.h"

#include "integrations/lambda/runtimes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AFTER_INIT_ERROR_MS 1000 /* then a runtime that reported an init error has to be gone */

static void process_add(lambda_process *process)
{
    lambda_function *function = process->function;
    process->next = function->processes;
    if (process->next) {
        process->next->previous = process;
    }
    function->processes = process;
    function->process_count++;
    function->starting_count++;
}

static void process_started(lambda_process *process)
{
    if (!process->is_started) {
        process->is_started = true;
        process->function->starting_count--;
    }
}

static void process_remove(lambda_process *process)
{
    lambda_function *function = process->function;
    process_started(process);
    if (process->previous) {
        process->previous->next = process->next;
    } else {
        function->processes = process->next;
    }
    if (process->next) {
        process->next->previous = process->previous;
    }
    function->process_count--;
}

void lambda_process_free(lambda_process *process)
{
    process_remove(process);
    if (process->meant_for) {
        process->meant_for->starting = NULL;
    }
    if (process->running) {
        /* Only when the pool itself goes. */
        free(process->running->payload);
        free(process->running->client_context);
        free(process->running);
    }
    if (process->waiting) {
        net_http_response response = {.status = 503};
        net_http_answer(process->waiting, &response);
    }
    net_http_listener_free(process->listener);
    net_process_free(process->child);
    net_timer_free(process->timer);
    free(process->init_error);
    free(process);
}

/* The call that fails with the process; NULL when there is none. */
static lambda_invocation *process_victim(lambda_process *process)
{
    lambda_invocation *victim = process->running;
    if (!victim && process->meant_for) {
        victim = process->meant_for;
        lambda_queue_remove(victim);
    }
    process->running = NULL;
    if (victim) {
        victim->process = process;
    }
    return victim;
}

/* ----------------------------------------------------------------------------------------- events
 */

static void on_line(void *user, net_stream stream, str line)
{
    (void)stream;
    lambda_process *process = user;
    lambda_pool *pool = process->function->pool;
    lambda_log_line(process, line);
    if (pool->options.on_log) {
        pool->options.on_log(pool->options.log_user, process->function->settings.name, line);
    }
}

static void on_lines_end(void *user)
{
    lambda_process *process = user;
    lambda_log_flush(process->function);
}

/* What Go's os.ProcessState.String says, which is what Lambda prints. */
static void describe_exit(char *out, size_t size, int exit_status, int signal)
{
    static const struct {
        int signal;
        const char *name;
    } names[] = {
        {SIGKILL, "killed"},
        {SIGTERM, "terminated"},
        {SIGINT, "interrupt"},
        {SIGSEGV, "segmentation fault"},
        {SIGABRT, "aborted"},
        {SIGBUS, "bus error"},
        {SIGFPE, "floating point exception"},
        {SIGILL, "illegal instruction"},
        {SIGHUP, "hangup"},
        {SIGPIPE, "broken pipe"},
        {SIGQUIT, "quit"},
        {SIGTRAP, "trace/breakpoint trap"},
    };
    if (!signal && exit_status == 0) {
        snprintf(out, size, "Runtime exited without providing a reason");
        return;
    }
    if (!signal) {
        snprintf(out, size, "Runtime exited with error: exit status %d", exit_status);
        return;
    }
    snprintf(out, size, "Runtime exited with error: signal: %d", signal);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (names[i].signal == signal) {
            snprintf(out, size, "Runtime exited with error: signal: %s", names[i].name);
        }
    }
}

static void process_on_exit(void *user, int exit_status, int signal)
{
    lambda_process *process = user;
    lambda_function *function = process->function;
    lambda_invocation *victim = process_victim(process);
    char words[128];
    describe_exit(words, sizeof(words), exit_status, signal);
    if (victim) {
        lambda_log_format(process, "RequestId: %s Error: %s", victim->id, words);
    }
    lambda_log_flush(function);
    if (victim && process->init_error) {
        str payload = str_from(process->init_error, process->init_error_length);
        lambda_invocation_finish(victim, true, payload);
    } else if (victim) {
        lambda_invocation_fail(victim, STR("Runtime.ExitError"), "%s", words);
    }
    lambda_process_free(process);
    net_timer_start(function->pool->later, 0, 0);
}

/* The deadline of the init phase or of the call has come. */
static void on_deadline(void *user)
{
    lambda_process *process = user;
    lambda_function *function = process->function;
    lambda_pool *pool = function->pool;
    if (process->child) {
        net_process_read_now(process->child);
    }
    lambda_invocation *victim = process_victim(process);
    double seconds = (double)function->settings.timeout_ms / 1000.0;
    if (victim) {
        lambda_log_format(process, "RequestId: %s Error: Task timed out after %.2f seconds",
                          victim->id, seconds);
        lambda_log_flush(function);
    }
    if (victim && process->init_error) {
        lambda_invocation_finish(victim, true,
                                 str_from(process->init_error, process->init_error_length));
    } else if (victim) {
        lambda_invocation_fail(victim, STR("Sandbox.Timedout"), "Task timed out after %.2f seconds",
                               seconds);
    }
    lambda_process_free(process);
    net_timer_start(pool->later, 0, 0);
}

/* ------------------------------------------------------------------------------------------ calls
 */

void lambda_process_hand_over(lambda_process *process, lambda_invocation *invocation)
{
    lambda_function *function = process->function;
    net_http_reply *reply = process->waiting;
    process->waiting = NULL;
    process->running = invocation;
    process->tail_total = 0;
    invocation->process = process;
    invocation->begin_ms = net_loop_now_ms(function->pool->options.loop);
    lambda_log_format(process, "START RequestId: %s Version: %s", invocation->id,
                      invocation->version);
    net_timer_start(process->timer, function->settings.timeout_ms, 0);
    lambda_memory_watch(function);
    lambda_runtime_api_send(process, reply, invocation);
    free(invocation->payload);
    invocation->payload = NULL;
}

void lambda_process_call_over(lambda_process *process, bool is_error, str payload)
{
    lambda_function *function = process->function;
    lambda_invocation *invocation = process->running;
    net_timer_stop(process->timer);
    net_process_read_now(process->child); /* what it printed belongs to this call */
    process->running = NULL;
    long long took_ms =
        (long long)(net_loop_now_ms(function->pool->options.loop) - invocation->begin_ms);
    lambda_log_format(process, "END RequestId: %s", invocation->id);
    lambda_log_format(process, "REPORT RequestId: %s\tDuration: %lld ms\tMemory Size: %lld MB",
                      invocation->id, took_ms, (long long)function->settings.memory_mb);
    lambda_log_flush(function);
    lambda_invocation_finish(invocation, is_error, payload);
}

/* --------------------------------------------------------------------------------------- starting
 */

/* python3 - and node - read the embedded runtime from standard input: no file has to be written,
 * and functions find an empty standard input, as in Lambda. */
static status spawn(lambda_process *process, error *reterr)
{
    lambda_function *function = process->function;
    const lambda_settings *settings = &function->settings;
    static const char *const python[] = {"python3", "-", NULL};
    static const char *const node[] = {"node", "--input-type=module", "-", NULL};
    char bootstrap[4200];
    snprintf(bootstrap, sizeof(bootstrap), "%s/bootstrap", settings->folder.ptr);
    const char *const custom[] = {bootstrap, NULL};
    net_process_options options = {
        .folder = settings->folder.ptr,
        .events = {.on_line = on_line,
                   .on_lines_end = on_lines_end,
                   .on_exit = process_on_exit,
                   .user = process},
    };
    options.arguments = settings->runtime == LAMBDA_PYTHON ? python
                        : settings->runtime == LAMBDA_NODE ? node
                                                           : custom;
    options.file = options.arguments[0];
    options.input = settings->runtime == LAMBDA_PYTHON ? lambda_runtime_python()
                    : settings->runtime == LAMBDA_NODE ? lambda_runtime_node()
                                                       : STR_NONE;
    arena a;
    arena_init(&a, 0);
    const char **environment = NULL;
    status result = lambda_environment(function, net_http_listener_port(process->listener), &a,
                                       &environment, reterr);
    if (ok(result)) {
        options.environment = environment;
        result = net_process_start(function->pool->options.loop, &options, &process->child, reterr);
    }
    arena_clean_up(&a);
    return result;
}

status lambda_process_start(lambda_invocation *invocation, error *reterr)
{
    lambda_function *function = invocation->function;
    lambda_pool *pool = function->pool;
    lambda_process *process = calloc(1, sizeof(*process));
    if (!process) {
        return fail_memory(reterr);
    }
    process->function = function;
    process_add(process);
    status result =
        net_http_server_listen(pool->server, "127.0.0.1", 0, process, &process->listener, reterr);
    if (ok(result)) {
        result = net_timer_new(pool->options.loop, on_deadline, process, &process->timer, reterr);
    }
    if (ok(result)) {
        result = spawn(process, reterr);
    }
    if (failed(result)) {
        lambda_process_free(process);
        return result;
    }
    process->meant_for = invocation;
    invocation->starting = process;
    /* Lambda stops an init phase after 10 s and lets the call repeat it within its own timeout. */
    net_timer_start(process->timer, LAMBDA_INIT_MS_MAX + function->settings.timeout_ms, 0);
    lambda_memory_watch(function);
    return STATUS_OK;
}

/* -------------------------------------------------------------------------------------- requests
 */

void lambda_process_wants_call(lambda_process *process, net_http_reply *reply)
{
    lambda_function *function = process->function;
    net_timer_stop(process->timer);
    process_started(process);
    process->waiting = reply;
    process->idle_since_ms = net_loop_now_ms(function->pool->options.loop);
    if (process->is_retired) {
        lambda_process_free(process);
        net_timer_start(function->pool->later, 0, 0);
        return;
    }
    if (process->meant_for) {
        process->meant_for->starting = NULL;
        process->meant_for = NULL;
    }
    lambda_function_serve(function);
}

void lambda_process_init_failed(lambda_process *process, str payload)
{
    char *copy = malloc(payload.len + 1);
    if (copy && !process->init_error && !process->is_started) {
        memcpy(copy, payload.ptr, payload.len);
        process->init_error = copy;
        process->init_error_length = payload.len;
        net_timer_start(process->timer, AFTER_INIT_ERROR_MS, 0);
    } else {
        free(copy);
    }
}
