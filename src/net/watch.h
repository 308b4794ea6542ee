/* net_watch: says when a descriptor that somebody else owns (a database library) can be read or
 * written. */
#ifndef GAIT_NET_WATCH_H
#define GAIT_NET_WATCH_H

#include "net/loop.h"

typedef struct net_watch net_watch;

typedef enum net_readiness {
    NET_READABLE = 1,
    NET_WRITABLE = 2,
} net_readiness;

/* Calls callback(user) in each turn of the loop in which one of the wished readinesses is there, or
 * the descriptor is broken. One watch a descriptor. */
MUST_USE status net_watch_new(net_loop *loop, int descriptor, int readinesses,
                              net_callback *callback, void *user, net_watch **ret_watch,
                              error *reterr);
void net_watch_change(net_watch *watch, int readinesses);
/* Before the descriptor is closed. NULL is fine; allowed inside its callback. */
void net_watch_free(net_watch *watch);

#endif
