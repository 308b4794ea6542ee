#include "runtime/loop_host.h"

#include "runtime/committer.h"

#include <stdlib.h>

typedef struct loop_host {
    net_loop *loop;
    net_timer *alarm;
    committer *committer;
    runtime_guest guest;
} loop_host;

static void on_alarm(void *user)
{
    loop_host *h = user;
    h->guest.wake(h->guest.self);
}

static void on_committed(void *user, batch *done)
{
    loop_host *h = user;
    h->guest.committed(h->guest.self, done);
}

static void on_refused(void *user, const error *err, bool is_final)
{
    loop_host *h = user;
    h->guest.refused(h->guest.self, err, is_final);
}

static void host_enter(void *self, const runtime_guest *guest)
{
    loop_host *h = self;
    h->guest = *guest;
}

static int64_t host_clock_ms(void *self)
{
    const loop_host *h = self;
    return net_loop_clock_ms(h->loop);
}

static void host_set_alarm(void *self, int64_t delay_ms)
{
    loop_host *h = self;
    if (delay_ms < 0) {
        net_timer_stop(h->alarm);
    } else {
        net_timer_start(h->alarm, delay_ms, 0);
    }
}

static void host_commit(void *self, batch *work)
{
    loop_host *h = self;
    committer_submit(h->committer, work);
}

static void host_close(void *self)
{
    loop_host *h = self;
    committer_free(h->committer);
    net_timer_free(h->alarm);
    free(h);
}

status loop_host_new(net_loop *loop, store *s, runtime_host *ret_host, error *reterr)
{
    loop_host *h = calloc(1, sizeof(*h));
    if (!h) {
        return fail_memory(reterr);
    }
    h->loop = loop;
    status done = net_timer_new(loop, on_alarm, h, &h->alarm, reterr);
    if (ok(done)) {
        done = committer_new(loop, s, on_committed, on_refused, h, &h->committer, reterr);
    }
    if (failed(done)) {
        host_close(h);
        return done;
    }
    *ret_host = (runtime_host){.self = h,
                               .enter = host_enter,
                               .clock_ms = host_clock_ms,
                               .set_alarm = host_set_alarm,
                               .commit = host_commit,
                               .close = host_close};
    return STATUS_OK;
}
