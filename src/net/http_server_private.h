/* What the files of the HTTP server share and nobody else sees. */
#ifndef GAIT_NET_HTTP_SERVER_PRIVATE_H
#define GAIT_NET_HTTP_SERVER_PRIVATE_H

#include "base/buf.h"
#include "net/http_server.h"
#include "net/http_stream.h"
#include "net/loop_private.h"

#include <microhttpd.h>

struct net_http_reply {
    net_http_server *server;
    net_http_reply *previous, *next; /* in server->waiting */
    struct MHD_Connection *connection;
    char *uri; /* owned */
    buf body;
    net_http_request request;
    struct MHD_Response *response; /* owned until queued */
    unsigned status;
    uv_poll_t *watch; /* owned; NULL when not watched */
    net_callback *on_gone;
    void *gone_user;
    net_http_stream *stream; /* owned; NULL for an answer in one piece */
    bool is_started, is_handled, is_suspended, is_answered;
};

struct net_http_server {
    net_loop *loop;
    net_http_server_options options;
    struct MHD_Daemon *daemon;
    uv_poll_t *poll; /* of the daemon's epoll descriptor */
    net_timer *timer;
    net_http_listener *listeners;
    net_http_listener *accepting; /* while a connection is handed over */
    net_http_reply *waiting;
    bool is_running_mhd, is_stopping;
};

/* A suspended request waits in the server's list until net_http_reply_resume. */
void net_http_waiting_add(net_http_reply *reply);
void net_http_reply_resume(net_http_reply *reply);
/* Answers with a response made here; NULL closes the connection. */
void net_http_reply_send(net_http_reply *reply, const net_http_response *response,
                         struct MHD_Response *made);
/* The connection has ended: tells the owner and frees. NULL is fine. */
void net_http_stream_close(net_http_stream *stream);

#endif
