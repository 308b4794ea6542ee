/* net_http_client: HTTP and HTTPS requests from the loop (libcurl's multi interface). libcurl is
 * opened when the first client is made, not at process start, which it would delay by 3 ms. */
#ifndef GAIT_NET_HTTP_CLIENT_H
#define GAIT_NET_HTTP_CLIENT_H

#include "net/http_server.h" /* net_http_header */
#include "net/loop.h"

struct sockaddr;

typedef struct net_http_client net_http_client;
typedef struct net_http_call net_http_call;

/* Where a call without an answer ended. */
typedef enum net_http_fault {
    NET_HTTP_FAULT_NONE,
    NET_HTTP_FAULT_RESOLVE, /* the host's name has no address */
    NET_HTTP_FAULT_CONNECT,
    NET_HTTP_FAULT_CONNECT_TIMEOUT,
    NET_HTTP_FAULT_TIMEOUT,     /* connected, but the answer did not come in time */
    NET_HTTP_FAULT_NO_RESPONSE, /* the server closed the connection without a word */
    NET_HTTP_FAULT_RESET,       /* or in the middle of it */
    NET_HTTP_FAULT_OTHER,       /* TLS, a limit, no HTTP, ...: see the message */
} net_http_fault;

/* Borrowed for the callback. */
typedef struct net_http_outcome {
    /* ERROR_NONE: the server answered, whatever its status. Otherwise it did not, and `message`
     * says why: ERROR_TIMEOUT, ERROR_LIMIT (the response was too long), ERROR_IO, ... */
    error_code code;
    net_http_fault fault;
    str message;
    unsigned status;
    str reason; /* of the last status line; "" where it has none, as in HTTP/2 */
    const net_http_header *headers; /* of the last response; in the server's order and spelling */
    size_t header_count;
    str body;
} net_http_outcome;

typedef void net_http_done(void *user, const net_http_outcome *outcome);
/* Whether a socket may be connected to an address: asked after each resolution of a name, for
 * redirects too. */
typedef bool net_http_may_connect(void *user, const struct sockaddr *address);

/* Everything is copied. */
typedef struct net_http_call_options {
    str method; /* "GET", "POST", ... */
    str url;    /* http:// or https:// */
    const net_http_header *headers;
    size_t header_count;
    str body;                  /* absent: none is sent */
    str trusted;               /* certificates as PEM, in place of the system's; absent: those */
    int64_t connect_ms_max;    /* 0: 10 s */
    int64_t total_ms_max;      /* 0: 60 s */
    size_t response_bytes_max; /* 0: NET_HTTP_RESPONSE_BYTES_MAX */
    bool is_redirect_followed; /* at most 5 times, to http and https only */
    bool is_encoding_refused;  /* no Accept-Encoding is sent */
    bool is_path_kept;         /* "/../" and the like are sent as they are */
    bool is_secret;            /* both bodies are overwritten in memory when the call is over */
    /* NULL: any address, and the proxy of the environment (http_proxy, ...). Otherwise there is no
     * proxy but this one, which may be absent; through it no address is asked about. */
    net_http_may_connect *may_connect; /* false ends the call with ERROR_INVALID */
    void *may_connect_user;
    str proxy;
    uint32_t buffer_bytes; /* for receiving, 1,024 at least; 0: 16 KiB. Many waiting calls want
                              little. */
} net_http_call_options;

/* ERROR_NOT_FOUND, with what to install, when libcurl is missing. */
MUST_USE status net_http_client_new(net_loop *loop, net_http_client **ret_client, error *reterr);
/* Ends all calls without their callbacks. Not inside a callback of its own. NULL is fine. */
void net_http_client_free(net_http_client *client);
/* Connections at once, to one host too, NET_HTTP_CLIENT_CONNECTIONS_MAX otherwise, half of them to
 * one host (further calls wait, and their time runs), and how many of them are kept for later calls
 * when they are idle. */
void net_http_client_limit(net_http_client *client, uint32_t connections_max, uint32_t idle_max);

/* done(user) comes once, never before this returns. */
MUST_USE status net_http_call_start(net_http_client *client, const net_http_call_options *options,
                                    net_http_done *done, void *user, net_http_call **ret_call,
                                    error *reterr);
/* Ends a call without its callback. NULL is fine. */
void net_http_call_cancel(net_http_call *call);

#endif
