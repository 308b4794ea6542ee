/* A function that takes more memory than it was given is killed, as in Lambda: its call fails with
 * Runtime.ExitError, "signal: killed"
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html).
 *
 * Looked at, not limited by the kernel: RLIMIT_AS counts what Node.js only reserves, and a cgroup
 * needs rights that a program of a user's does not have. Counted is what the process alone has
 * written (resident, not shared); what its own children take is not. */
#include "integrations/lambda/pool_private.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CHECK_EVERY_MS 25 /* a process writes some 100 MB in this time at most */

/* 0 where nobody tells (no /proc, or the process is gone). */
static int64_t resident_bytes(int process_id)
{
    char path[64];
    char text[128];
    snprintf(path, sizeof(path), "/proc/%d/statm", process_id);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return 0;
    }
    ssize_t count = read(file, text, sizeof(text) - 1);
    close(file);
    text[count > 0 ? count : 0] = '\0';
    char *rest = text; /* size resident shared ..., in pages (proc(5)) */
    (void)strtoll(rest, &rest, 10);
    long long resident = strtoll(rest, &rest, 10);
    long long shared = strtoll(rest, &rest, 10);
    return (int64_t)(resident - shared) * sysconf(_SC_PAGESIZE);
}

static void check(lambda_process *process)
{
    const lambda_settings *settings = &process->function->settings;
    if (resident_bytes(net_process_id(process->child)) <= settings->memory_mb * 1024 * 1024) {
        return;
    }
    lambda_log_format(process, "Memory Size: %lld MB exceeded: the process is killed",
                      (long long)settings->memory_mb);
    net_process_kill_group(process->child, SIGKILL); /* its exit tells the call */
}

static void check_all(void *user)
{
    lambda_pool *pool = user;
    bool is_any = false;
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&pool->functions, &cursor));) {
        const lambda_function *function = entry->value;
        for (lambda_process *p = function->processes; p; p = p->next) {
            if (function->settings.is_memory_limited && !p->waiting && p->child) {
                is_any = true;
                check(p);
            }
        }
    }
    if (!is_any) {
        net_timer_stop(pool->memory_watch);
    }
}

status lambda_memory_watch_new(lambda_pool *pool, error *reterr)
{
    return net_timer_new(pool->options.loop, check_all, pool, &pool->memory_watch, reterr);
}

void lambda_memory_watch(const lambda_function *function)
{
    net_timer *timer = function->pool->memory_watch;
    if (function->settings.is_memory_limited && !net_timer_is_running(timer)) {
        net_timer_start(timer, CHECK_EVERY_MS, CHECK_EVERY_MS);
    }
}
