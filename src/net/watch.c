#include "net/watch.h"

#include "net/loop_private.h"

#include <stdlib.h>

struct net_watch {
    uv_poll_t uv;
    net_callback *callback;
    void *user;
};

static void watch_on_ready(uv_poll_t *uv, int result, int events)
{
    (void)result; /* who reads or writes next finds out */
    (void)events;
    net_watch *watch = uv->data;
    watch->callback(watch->user);
}

void net_watch_change(net_watch *watch, int readinesses)
{
    int events = (readinesses & NET_READABLE ? UV_READABLE : 0) |
                 (readinesses & NET_WRITABLE ? UV_WRITABLE : 0);
    uv_poll_start(&watch->uv, events, watch_on_ready);
}

status net_watch_new(net_loop *loop, int descriptor, int readinesses, net_callback *callback,
                     void *user, net_watch **ret_watch, error *reterr)
{
    net_watch *watch = malloc(sizeof(*watch));
    if (!watch) {
        return fail_memory(reterr);
    }
    *watch = (net_watch){.callback = callback, .user = user};
    watch->uv.data = watch;
    int rc = uv_poll_init(net_loop_uv(loop), &watch->uv, descriptor);
    if (rc) {
        free(watch);
        return net_fail_uv(reterr, rc, "cannot watch a descriptor");
    }
    net_watch_change(watch, readinesses);
    *ret_watch = watch;
    return STATUS_OK;
}

static void watch_on_closed(uv_handle_t *uv)
{
    free(uv->data);
}

void net_watch_free(net_watch *watch)
{
    if (watch) {
        uv_poll_stop(&watch->uv);
        uv_close((uv_handle_t *)&watch->uv, watch_on_closed);
    }
}
