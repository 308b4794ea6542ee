/* net_loop in virtual time: what the rooms below the world set timers with. Linked in place of
 * src/net/loop.c, whose every function is here. Nothing that needs descriptors or threads is
 * played.
 */
#include "net/loop.h"
#include "world.h"

#include <stdlib.h>

typedef struct uv_loop_s uv_loop_t;

struct net_timer {
    net_loop *loop;
    net_callback *callback;
    void *user;
    int64_t due_ms; /* -1: not set */
    bool is_repeating;
    net_timer *next;
};

struct net_loop {
    const sim_world *world;
    net_timer *timers; /* the newest first */
};

/* Declared in src/net/loop_private.h, which needs libuv's headers. */
uv_loop_t *net_loop_uv(net_loop *loop);
COLD status net_fail_uv(error *reterr, int uv_error, const char *what);

uv_loop_t *net_loop_uv(net_loop *loop)
{
    sim_failed(loop->world, "the loop is virtual", "somebody wants libuv");
}

status net_fail_uv(error *reterr, int uv_error, const char *what)
{
    return fail(reterr, ERROR_IO, "%s: %d", what, uv_error);
}

status net_loop_new(net_loop **ret_loop, error *reterr)
{
    *ret_loop = calloc(1, sizeof(**ret_loop));
    return *ret_loop ? STATUS_OK : fail_memory(reterr);
}

void sim_loop_enter(net_loop *loop, const sim_world *w)
{
    loop->world = w;
}

void net_loop_free(net_loop *loop)
{
    INVARIANT(!loop || !loop->timers);
    free(loop);
}

void net_loop_run(net_loop *loop)
{
    (void)loop;
}

void net_loop_stop(net_loop *loop)
{
    (void)loop;
}

void net_loop_turn(net_loop *loop, bool may_wait)
{
    (void)loop;
    (void)may_wait;
}

int64_t net_loop_now_ms(const net_loop *loop)
{
    return loop->world->now_ms;
}

int64_t net_loop_clock_ms(const net_loop *loop)
{
    return loop->world->now_ms;
}

status net_loop_post(net_loop *loop, net_callback *callback, void *user, error *reterr)
{
    (void)loop;
    (void)callback;
    (void)user;
    return fail(reterr, ERROR_IO, "nobody posts in the simulator");
}

status net_timer_new(net_loop *loop, net_callback *callback, void *user, net_timer **ret_timer,
                     error *reterr)
{
    net_timer *timer = calloc(1, sizeof(*timer));
    if (!timer) {
        return fail_memory(reterr);
    }
    *timer = (net_timer){
        .loop = loop, .callback = callback, .user = user, .due_ms = -1, .next = loop->timers};
    loop->timers = timer;
    *ret_timer = timer;
    return STATUS_OK;
}

/* What repeats (housekeeping) does not come by itself: the world would never fall silent. */
void net_timer_start(net_timer *timer, int64_t delay_ms, int64_t repeat_ms)
{
    timer->is_repeating = repeat_ms != 0;
    timer->due_ms = repeat_ms ? -1 : timer->loop->world->now_ms + MAX_OF(delay_ms, (int64_t)0);
}

void net_timer_stop(net_timer *timer)
{
    if (timer) {
        timer->due_ms = -1;
        timer->is_repeating = false;
    }
}

bool net_timer_is_running(const net_timer *timer)
{
    return timer->due_ms >= 0;
}

void net_timer_free(net_timer *timer)
{
    if (!timer) {
        return;
    }
    net_timer **link = &timer->loop->timers;
    while (*link != timer) {
        link = &(*link)->next;
    }
    *link = timer->next;
    free(timer);
}

static net_timer *earliest(const net_loop *loop)
{
    net_timer *best = NULL;
    for (net_timer *timer = loop->timers; timer; timer = timer->next) {
        if (timer->due_ms >= 0 && (!best || timer->due_ms < best->due_ms)) {
            best = timer;
        }
    }
    return best;
}

int64_t sim_loop_due_ms(const net_loop *loop)
{
    const net_timer *timer = earliest(loop);
    return timer ? timer->due_ms : -1;
}

void sim_loop_fire(net_loop *loop)
{
    net_timer *timer = earliest(loop);
    timer->due_ms = -1;
    timer->callback(timer->user);
}

void sim_loop_keep_house(net_loop *loop)
{
    for (net_timer *timer = loop->timers; timer; timer = timer->next) {
        if (timer->is_repeating) {
            timer->callback(timer->user);
        }
    }
}
