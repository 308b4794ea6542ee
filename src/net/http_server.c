/* libmicrohttpd in external event mode: its epoll descriptor is watched by the loop, and its next
 * deadline is a timer of the loop. Connections are accepted here and handed over, so that one
 * daemon serves many listeners.
 *
 * The life of a request:
 *
 *     reading --complete--> handling --answered in the handler--------------> answered
 *                              \--handler returns first--> suspended --net_http_answer--> answered
 *     any --connection ends (or the watch sees the client go)--> freed
 *
 * Invariants: a reply handle is the request's own memory, which MHD keeps until its completion
 * callback; a suspended request is in server->waiting, so that the server can be freed at any time
 * (MHD must not be stopped while a connection is suspended). */
#include "net/http_server_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPT_PAUSE_MS 100 /* when descriptors have run out */
#define ACCEPTS_A_TURN 64
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" /* GnuTLS's words */

struct net_http_listener {
    net_http_server *server; /* NULL once closed */
    net_http_listener *previous, *next;
    uv_poll_t *poll; /* owned; freed when closed */
    net_timer *pause;
    int descriptor;
    uint16_t port;
    uint32_t references; /* open connections, and the owner's one */
    void *user;
    bool is_closed;
};

static void poll_on_closed(uv_handle_t *handle)
{
    free(handle);
}

static void poll_close(uv_poll_t *poll)
{
    if (poll) {
        uv_close((uv_handle_t *)poll, poll_on_closed);
    }
}

/* ------------------------------------------------------------------------------ driving the daemon
 */

/* Lets MHD do what is ready and asks when it wants to be called again. Never nested. */
static void server_run(net_http_server *server)
{
    if (server->is_running_mhd || server->is_stopping) {
        return;
    }
    server->is_running_mhd = true;
    MHD_run(server->daemon);
    server->is_running_mhd = false;
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES) {
        net_timer_start(server->timer, (int64_t)MIN_OF(wait_ms, 3600000u), 0);
    } else {
        net_timer_stop(server->timer);
    }
}

static void server_on_timer(void *user)
{
    server_run(user);
}

static void server_on_ready(uv_poll_t *poll, int result, int events)
{
    (void)result;
    (void)events;
    server_run(poll->data);
}

/* --------------------------------------------------------------------------------------- requests
 */

void net_http_waiting_add(net_http_reply *reply)
{
    reply->next = reply->server->waiting;
    if (reply->next) {
        reply->next->previous = reply;
    }
    reply->server->waiting = reply;
    reply->is_suspended = true;
}

static void waiting_remove(net_http_reply *reply)
{
    if (!reply->is_suspended) {
        return;
    }
    if (reply->previous) {
        reply->previous->next = reply->next;
    } else {
        reply->server->waiting = reply->next;
    }
    if (reply->next) {
        reply->next->previous = reply->previous;
    }
    reply->previous = reply->next = NULL;
    reply->is_suspended = false;
}

static void watch_end(net_http_reply *reply)
{
    poll_close(reply->watch);
    reply->watch = NULL;
}

/* Called by MHD as soon as the request line is known; what it returns is the request's context. */
static void *request_begin(void *user, const char *uri, struct MHD_Connection *connection)
{
    net_http_reply *reply = calloc(1, sizeof(*reply));
    char *copy = strdup(uri);
    if (!reply || !copy) {
        free(reply);
        free(copy);
        return NULL;
    }
    reply->server = user;
    reply->connection = connection;
    reply->uri = copy;
    const net_http_server_options *options = &reply->server->options;
    buf_init(&reply->body, options->body_limit ? options->body_limit(options->user, str_from_c(uri))
                                               : options->body_bytes_max);
    return reply;
}

static void request_end(void *user, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode code)
{
    (void)user;
    (void)connection;
    (void)code;
    net_http_reply *reply = *context;
    if (!reply) {
        return;
    }
    *context = NULL;
    waiting_remove(reply);
    watch_end(reply);
    if (reply->is_handled && !reply->is_answered && reply->on_gone && !reply->server->is_stopping) {
        reply->on_gone(reply->gone_user);
    }
    if (reply->response) {
        MHD_destroy_response(reply->response);
    }
    net_http_stream_close(reply->stream);
    buf_clean_up(&reply->body);
    free(reply->uri);
    free(reply);
}

static net_http_listener *connection_listener(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static enum MHD_Result answer_plainly(struct MHD_Connection *connection, unsigned code)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    if (!response) {
        return MHD_NO;
    }
    enum MHD_Result result = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result request_queue_response(net_http_reply *reply)
{
    struct MHD_Response *response = reply->response;
    reply->response = NULL;
    if (!response) {
        return MHD_NO; /* no memory for an answer, or the client has gone: close */
    }
    enum MHD_Result result = MHD_queue_response(reply->connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result request_handle(net_http_reply *reply, const char *method)
{
    net_http_listener *listener = connection_listener(reply->connection);
    if (!listener || listener->is_closed) {
        reply->is_answered = true;
        return answer_plainly(reply->connection, MHD_HTTP_SERVICE_UNAVAILABLE);
    }
    str rest = str_from_c(reply->uri);
    reply->request.method = str_from_c(method);
    reply->request.path = str_split_next(&rest, '?');
    reply->request.query = rest;
    reply->request.body = buf_str(&reply->body);
    reply->request.is_body_cut = reply->body.overflowed;
    reply->request.listener_user = listener->user;
    reply->request.reply = reply;
    reply->is_handled = true;
    reply->server->options.handler(reply->server->options.user, &reply->request);
    if (reply->is_answered) {
        return request_queue_response(reply);
    }
    MHD_suspend_connection(reply->connection);
    net_http_waiting_add(reply);
    return MHD_YES;
}

/* MHD calls it first with the headers, then with each piece of the body, then with no piece; and
 * once more after a resume. */
static enum MHD_Result request_on_progress(void *user, struct MHD_Connection *connection,
                                           const char *url, const char *method, const char *version,
                                           const char *piece, size_t *piece_bytes, void **context)
{
    (void)user;
    (void)url;
    (void)version;
    (void)connection;
    net_http_reply *reply = *context;
    if (!reply) {
        return MHD_NO;
    }
    if (!reply->is_started) {
        reply->is_started = true;
        return MHD_YES;
    }
    if (*piece_bytes) {
        size_t room = reply->body.max - reply->body.len;
        buf_add(&reply->body, piece, MIN_OF(room, *piece_bytes));
        reply->body.overflowed |= *piece_bytes > room;
        *piece_bytes = 0;
        return MHD_YES;
    }
    return reply->is_answered ? request_queue_response(reply) : request_handle(reply, method);
}

str net_http_request_header(const net_http_request *request, const char *name)
{
    return str_from_c(
        MHD_lookup_connection_value(request->reply->connection, MHD_HEADER_KIND, name));
}

typedef struct headers_found {
    net_http_header *headers;
    size_t count, room;
} headers_found;

static enum MHD_Result headers_add(void *user, enum MHD_ValueKind kind, const char *name,
                                   size_t name_len, const char *value, size_t value_len)
{
    (void)kind;
    headers_found *found = user;
    if (found->count < found->room) {
        found->headers[found->count] = (net_http_header){{name, name_len}, {value, value_len}};
    }
    found->count++;
    return MHD_YES;
}

size_t net_http_request_headers(const net_http_request *request, net_http_header *ret_headers,
                                size_t room)
{
    headers_found found = {ret_headers, 0, room};
    MHD_get_connection_values_n(request->reply->connection, MHD_HEADER_KIND, headers_add, &found);
    return found.count;
}

str net_http_request_address(const net_http_request *request, char out[NET_ADDRESS_SIZE])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->reply->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *from = info ? info->client_addr : NULL;
    out[0] = '\0';
    if (from && from->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)from)->sin_addr, out, NET_ADDRESS_SIZE);
    } else if (from && from->sa_family == AF_INET6) {
        const struct in6_addr *six = &((const struct sockaddr_in6 *)from)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(six)) {
            inet_ntop(AF_INET, six->s6_addr + 12, out, NET_ADDRESS_SIZE);
        } else {
            inet_ntop(AF_INET6, six, out, NET_ADDRESS_SIZE);
        }
    }
    return str_from_c(out);
}

void net_http_reply_resume(net_http_reply *reply)
{
    reply->is_answered = true;
    watch_end(reply);
    if (reply->is_suspended) {
        waiting_remove(reply);
        MHD_resume_connection(reply->connection);
        net_timer_start(reply->server->timer, 0, 0);
    }
}

static bool response_add_header(struct MHD_Response *response, const net_http_header *header)
{
    char name[128];
    char value[8192]; /* Lambda's X-Amz-Log-Result takes 5,464 */
    if (header->name.len >= sizeof(name) || header->value.len >= sizeof(value)) {
        return false;
    }
    memcpy(name, header->name.ptr, header->name.len);
    name[header->name.len] = '\0';
    if (header->value.len) {
        memcpy(value, header->value.ptr, header->value.len);
    }
    value[header->value.len] = '\0';
    return MHD_add_response_header(response, name, value) == MHD_YES;
}

void net_http_reply_send(net_http_reply *reply, const net_http_response *response,
                         struct MHD_Response *made)
{
    INVARIANT(!reply->is_answered);
    reply->status = response->status;
    reply->response = made;
    for (size_t i = 0; reply->response && i < response->header_count; i++) {
        if (!response_add_header(reply->response, &response->headers[i])) {
            MHD_destroy_response(reply->response);
            reply->response = NULL;
        }
    }
    net_http_reply_resume(reply);
}

void net_http_answer(net_http_reply *reply, const net_http_response *response)
{
    net_http_reply_send(
        reply, response,
        MHD_create_response_from_buffer(response->body.len,
                                        (void *)(response->body.ptr ? response->body.ptr : ""),
                                        MHD_RESPMEM_MUST_COPY));
}

static void watch_on_gone(uv_poll_t *poll, int result, int events)
{
    net_http_reply *reply = poll->data;
    if (result == 0 && !(events & UV_DISCONNECT)) {
        return;
    }
    net_callback *on_gone = reply->on_gone;
    void *user = reply->gone_user;
    reply->on_gone = NULL;
    net_http_reply_resume(reply); /* without a response: MHD closes the connection */
    on_gone(user);
}

status net_http_reply_watch(net_http_reply *reply, net_callback *callback, void *user,
                            error *reterr)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(reply->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    uv_poll_t *poll = malloc(sizeof(*poll));
    if (!poll) {
        return fail_memory(reterr);
    }
    int rc = uv_poll_init_socket(net_loop_uv(reply->server->loop), poll, info->connect_fd);
    if (rc) {
        free(poll);
        return net_fail_uv(reterr, rc, "cannot watch a connection");
    }
    poll->data = reply;
    reply->watch = poll;
    reply->on_gone = callback;
    reply->gone_user = user;
    uv_poll_start(poll, UV_DISCONNECT, watch_on_gone);
    return STATUS_OK;
}

/* -------------------------------------------------------------------------------------- listeners
 */

static void listener_release(net_http_listener *listener)
{
    if (--listener->references == 0) {
        free(listener);
    }
}

static void connection_on_change(void *user, struct MHD_Connection *connection,
                                 void **socket_context, enum MHD_ConnectionNotificationCode code)
{
    (void)connection;
    net_http_server *server = user;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = server->accepting;
        server->accepting->references++;
    } else if (*socket_context) {
        listener_release(*socket_context);
        *socket_context = NULL;
    }
}

static void listener_on_ready(uv_poll_t *poll, int result, int events)
{
    (void)result;
    (void)events;
    net_http_listener *listener = poll->data;
    net_http_server *server = listener->server;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        struct sockaddr_storage address;
        socklen_t length = sizeof(address);
        int connection = accept4(listener->descriptor, (struct sockaddr *)&address, &length,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (connection < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                uv_poll_stop(poll);
                net_timer_start(listener->pause, ACCEPT_PAUSE_MS, 0);
            }
            break;
        }
        int on = 1;
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        server->accepting = listener;
        /* Takes the descriptor, and closes it itself when it refuses the connection. */
        (void)MHD_add_connection(server->daemon, connection, (struct sockaddr *)&address, length);
        server->accepting = NULL;
    }
    server_run(server);
}

static void listener_on_pause_over(void *user)
{
    net_http_listener *listener = user;
    uv_poll_start(listener->poll, UV_READABLE, listener_on_ready);
}

static status listener_bind(net_http_listener *listener, const char *address, uint16_t port,
                            error *reterr)
{
    struct sockaddr_storage at = {0};
    socklen_t length;
    if (uv_ip4_addr(address, port, (struct sockaddr_in *)&at) == 0) {
        length = sizeof(struct sockaddr_in);
    } else if (uv_ip6_addr(address, port, (struct sockaddr_in6 *)&at) == 0) {
        length = sizeof(struct sockaddr_in6);
    } else {
        return fail(reterr, ERROR_INVALID, "'%s' is not an IP address to listen at", address);
    }
    int on = 1;
    int descriptor = socket(at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return fail(reterr, ERROR_IO, "cannot make a socket: %s", strerror(errno));
    }
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(descriptor, (struct sockaddr *)&at, length) || listen(descriptor, SOMAXCONN) ||
        getsockname(descriptor, (struct sockaddr *)&at, &length)) {
        int number = errno;
        close(descriptor);
        return fail(reterr, number == EADDRINUSE ? ERROR_CONFLICT : ERROR_IO,
                    "cannot listen at %s, port %u: %s", address, port, strerror(number));
    }
    listener->port = ntohs(at.ss_family == AF_INET ? ((struct sockaddr_in *)&at)->sin_port
                                                   : ((struct sockaddr_in6 *)&at)->sin6_port);
    listener->descriptor = descriptor;
    return STATUS_OK;
}

status net_http_server_listen(net_http_server *server, const char *address, uint16_t port,
                              void *listener_user, net_http_listener **ret_listener, error *reterr)
{
    net_http_listener *listener = calloc(1, sizeof(*listener));
    uv_poll_t *poll = malloc(sizeof(*poll));
    status result = STATUS_OK;
    if (!listener || !poll) {
        result = fail_memory(reterr);
        goto fail_memory;
    }
    result = listener_bind(listener, address, port, reterr);
    if (failed(result)) {
        goto fail_memory;
    }
    result =
        net_timer_new(server->loop, listener_on_pause_over, listener, &listener->pause, reterr);
    if (failed(result)) {
        goto fail_socket;
    }
    int rc = uv_poll_init_socket(net_loop_uv(server->loop), poll, listener->descriptor);
    if (rc) {
        result = net_fail_uv(reterr, rc, "cannot watch a socket");
        goto fail_timer;
    }
    poll->data = listener;
    listener->poll = poll;
    listener->server = server;
    listener->references = 1;
    listener->user = listener_user;
    listener->next = server->listeners;
    if (listener->next) {
        listener->next->previous = listener;
    }
    server->listeners = listener;
    uv_poll_start(poll, UV_READABLE, listener_on_ready);
    *ret_listener = listener;
    return STATUS_OK;
fail_timer:
    net_timer_free(listener->pause);
fail_socket:
    close(listener->descriptor);
fail_memory:
    free(listener);
    free(poll);
    return result;
}

uint16_t net_http_listener_port(const net_http_listener *listener)
{
    return listener->port;
}

void net_http_listener_free(net_http_listener *listener)
{
    if (!listener || listener->is_closed) {
        return;
    }
    listener->is_closed = true;
    listener->user = NULL;
    if (listener->previous) {
        listener->previous->next = listener->next;
    } else {
        listener->server->listeners = listener->next;
    }
    if (listener->next) {
        listener->next->previous = listener->previous;
    }
    poll_close(listener->poll);
    net_timer_free(listener->pause);
    close(listener->descriptor);
    listener_release(listener);
}

/* ----------------------------------------------------------------------------------------- server
 */

static status server_start_daemon(net_http_server *server, error *reterr)
{
    net_http_server_options *options = &server->options;
    const net_tls *tls = options->tls;
    struct MHD_OptionItem secure[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, tls ? (void *)net_tls_certificate(tls) : NULL},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, tls ? (void *)net_tls_key(tls) : NULL},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)TLS_PRIORITIES},
        {MHD_OPTION_END, 0, NULL},
    };
    if (tls && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
        return fail(reterr, ERROR_UNSUPPORTED, "this libmicrohttpd was built without TLS");
    }
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
            (tls ? (unsigned)MHD_USE_TLS : 0u),
        0, NULL, NULL, request_on_progress, server, MHD_OPTION_URI_LOG_CALLBACK, request_begin,
        server, MHD_OPTION_NOTIFY_COMPLETED, request_end, server, MHD_OPTION_NOTIFY_CONNECTION,
        connection_on_change, server, MHD_OPTION_CONNECTION_LIMIT, options->connections_max,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)options->header_bytes_max,
        MHD_OPTION_CONNECTION_TIMEOUT, options->idle_seconds_max, MHD_OPTION_ARRAY,
        tls ? secure : &secure[ARRAY_LENGTH(secure) - 1], MHD_OPTION_END);
    if (!server->daemon) {
        return fail(reterr, ERROR_IO, "cannot start an HTTP server: %s", strerror(errno));
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    server->poll = malloc(sizeof(*server->poll));
    if (!server->poll) {
        return fail_memory(reterr);
    }
    int rc = uv_poll_init(net_loop_uv(server->loop), server->poll, info->epoll_fd);
    if (rc) {
        free(server->poll);
        server->poll = NULL;
        return net_fail_uv(reterr, rc, "cannot watch an HTTP server");
    }
    server->poll->data = server;
    uv_poll_start(server->poll, UV_READABLE, server_on_ready);
    return STATUS_OK;
}

status net_http_server_new(net_loop *loop, const net_http_server_options *options,
                           net_http_server **ret_server, error *reterr)
{
    net_http_server *server = calloc(1, sizeof(*server));
    if (!server) {
        return fail_memory(reterr);
    }
    server->loop = loop;
    server->options = *options;
    if (!server->options.connections_max) {
        server->options.connections_max = NET_HTTP_CONNECTIONS_MAX;
    }
    if (!server->options.header_bytes_max) {
        server->options.header_bytes_max = NET_HTTP_HEADER_BYTES_MAX;
    }
    if (!server->options.body_bytes_max) {
        server->options.body_bytes_max = NET_HTTP_BODY_BYTES_MAX;
    }
    status result = net_timer_new(loop, server_on_timer, server, &server->timer, reterr);
    if (ok(result)) {
        result = server_start_daemon(server, reterr);
    }
    if (failed(result)) {
        net_http_server_free(server);
        return result;
    }
    *ret_server = server;
    return STATUS_OK;
}

void net_http_server_free(net_http_server *server)
{
    if (!server) {
        return;
    }
    server->is_stopping = true;
    while (server->listeners) {
        net_http_listener_free(server->listeners);
    }
    while (server->waiting) {
        net_http_reply_resume(server->waiting);
    }
    poll_close(server->poll);
    net_timer_free(server->timer);
    if (server->daemon) {
        MHD_stop_daemon(server->daemon);
    }
    free(server);
}
