/* One batch at a time. Invariants:
 *   1. `work` is set by the loop's thread while is_idle, and cleared by the committer's thread.
 *   2. is_idle belongs to the loop's thread: it turns true when `done` has been called there.
 *   3. posts counts the callbacks on their way to the loop; the struct outlives them, even when
 *      committer_free has come first.
 */
#include "runtime/committer.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define PAUSE_MS_MIN 50
#define PAUSE_MS_MAX 2000

struct committer {
    net_loop *loop;
    store *store;
    committer_done *done;
    committer_refused *refused;
    void *user;
    pthread_t thread;
    pthread_mutex_t lock; /* guards work, is_ending, refusal, posts, is_freed */
    pthread_cond_t changed;
    batch *work;
    bool is_ending;
    bool is_idle;
    batch *finished;
    error refusal;
    uint32_t posts;
    bool is_freed;
};

static void destroy(committer *c)
{
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->changed);
    free(c);
}

/* A callback has arrived on the loop. False when nobody wants it any more; c may be gone then. */
static bool arrive(committer *c)
{
    pthread_mutex_lock(&c->lock);
    bool is_freed = c->is_freed;
    bool is_last = --c->posts == 0;
    pthread_mutex_unlock(&c->lock);
    if (is_freed && is_last) {
        destroy(c);
    }
    return !is_freed;
}

static status post(committer *c, net_callback *callback, error *reterr)
{
    pthread_mutex_lock(&c->lock);
    c->posts++;
    pthread_mutex_unlock(&c->lock);
    status posted = net_loop_post(c->loop, callback, c, reterr);
    if (failed(posted)) {
        pthread_mutex_lock(&c->lock);
        c->posts--;
        pthread_mutex_unlock(&c->lock);
    }
    return posted;
}

static void tell_done(void *user)
{
    committer *c = user;
    if (!arrive(c)) {
        return;
    }
    batch *finished = c->finished;
    c->is_idle = true;
    c->done(c->user, finished);
}

static void tell_refused(void *user)
{
    committer *c = user;
    if (!arrive(c)) {
        return;
    }
    pthread_mutex_lock(&c->lock);
    error refusal = c->refusal;
    pthread_mutex_unlock(&c->lock);
    c->refused(c->user, &refusal, refusal.code == ERROR_CONFLICT);
}

/* A pause that the end of the server cuts short. */
static void pause_for(committer *c, int64_t pause_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += pause_ms / 1000;
    until.tv_nsec += pause_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&c->lock);
    if (!c->is_ending) {
        pthread_cond_timedwait(&c->changed, &c->lock, &until);
    }
    pthread_mutex_unlock(&c->lock);
}

static bool is_ending(committer *c)
{
    pthread_mutex_lock(&c->lock);
    bool ending = c->is_ending;
    pthread_mutex_unlock(&c->lock);
    return ending;
}

/* Until it works. False when the server ends, or another has taken over, before it did. */
static bool commit_until_durable(committer *c, const batch *work)
{
    int64_t pause_ms = PAUSE_MS_MIN;
    for (;;) {
        error err;
        status s = store_commit(c->store, work->writes, work->count, &err);
        if (ok(s)) {
            return true;
        }
        pthread_mutex_lock(&c->lock);
        c->refusal = err;
        pthread_mutex_unlock(&c->lock);
        error ignored;
        (void)post(c, tell_refused, &ignored).code;
        if (s.code == ERROR_CONFLICT || is_ending(c)) {
            return false;
        }
        pause_for(c, pause_ms);
        pause_ms = MIN_OF(pause_ms * 2, PAUSE_MS_MAX);
    }
}

static void *run(void *argument)
{
    committer *c = argument;
    for (;;) {
        pthread_mutex_lock(&c->lock);
        while (!c->work && !c->is_ending) {
            pthread_cond_wait(&c->changed, &c->lock);
        }
        batch *work = c->work;
        c->work = NULL;
        pthread_mutex_unlock(&c->lock);
        if (!work) {
            return NULL;
        }
        if (commit_until_durable(c, work)) {
            c->finished = work;
            error err;
            while (failed(post(c, tell_done, &err))) {
                pause_for(c, PAUSE_MS_MIN); /* out of memory: the batch must not be forgotten */
            }
        }
    }
}

status committer_new(net_loop *loop, store *s, committer_done *done, committer_refused *refused,
                     void *user, committer **ret_committer, error *reterr)
{
    committer *c = calloc(1, sizeof(*c));
    if (!c) {
        return fail_memory(reterr);
    }
    *c = (committer){
        .loop = loop, .store = s, .done = done, .refused = refused, .user = user, .is_idle = true};
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    int rc = pthread_create(&c->thread, NULL, run, c);
    if (rc) {
        pthread_mutex_destroy(&c->lock);
        pthread_cond_destroy(&c->changed);
        free(c);
        return fail(reterr, ERROR_IO, "cannot start the committer's thread: %s", strerror(rc));
    }
    *ret_committer = c;
    return STATUS_OK;
}

void committer_free(committer *c)
{
    if (!c) {
        return;
    }
    pthread_mutex_lock(&c->lock);
    c->is_ending = true;
    pthread_cond_signal(&c->changed);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    pthread_mutex_lock(&c->lock);
    c->is_freed = true;
    bool is_last = c->posts == 0;
    pthread_mutex_unlock(&c->lock);
    if (is_last) {
        destroy(c);
    }
}

void committer_submit(committer *c, batch *work)
{
    INVARIANT(c->is_idle);
    c->is_idle = false;
    pthread_mutex_lock(&c->lock);
    c->work = work;
    pthread_cond_signal(&c->changed);
    pthread_mutex_unlock(&c->lock);
}
