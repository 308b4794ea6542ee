/* libcurl's multi interface on the loop: curl says which sockets it wants watched and when it wants
 * to be woken; the loop tells it what happened.
 *
 * Invariants: every call is in client->calls from start to end; callbacks of the owner run only
 * from client_finish, never inside a function of curl; a socket's watcher is closed before curl
 * closes the socket (curl announces CURL_POLL_REMOVE first). */
#include "net/http_client.h"

#include "base/buf.h"
#include "net/curl_table.h"
#include "net/loop_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define CONNECT_MS_DEFAULT 10000
#define TOTAL_MS_DEFAULT 60000
#define REDIRECTS_MAX 5
#define HEADERS_MAX 256
#define HEADER_TEXT_BYTES_MAX (256u * 1024u)
#define UPLOAD_BUFFER_BYTES_MIN 16384L /* curl's own */

struct net_http_client {
    net_loop *loop;
    curl_table curl;
    CURLM *multi;
    net_timer *timer;
    net_http_call *calls;
};

struct net_http_call {
    net_http_client *client;
    net_http_call *previous, *next;
    CURL *easy;
    struct curl_slist *header_list;
    net_http_done *done;
    void *user;
    buf body;
    buf header_text; /* "name\0value\0" pairs of the last response */
    size_t header_count;
    char *request_body; /* owned */
    char reason[64];
    net_http_may_connect *may_connect;
    void *may_connect_user;
    bool is_address_refused;
    bool is_secret;
    size_t request_body_length;
    char words[CURL_ERROR_SIZE];
};

static void call_free(net_http_call *call)
{
    net_http_client *client = call->client;
    if (call->previous) {
        call->previous->next = call->next;
    } else if (client->calls == call) {
        client->calls = call->next;
    }
    if (call->next) {
        call->next->previous = call->previous;
    }
    if (call->easy) {
        client->curl.multi_remove_handle(client->multi, call->easy);
        client->curl.easy_cleanup(call->easy);
    }
    client->curl.slist_free_all(call->header_list);
    if (call->is_secret && call->request_body) {
        explicit_bzero(call->request_body, call->request_body_length);
    }
    if (call->is_secret && call->body.ptr) {
        explicit_bzero(call->body.ptr, call->body.len);
    }
    buf_clean_up(&call->body);
    buf_clean_up(&call->header_text);
    free(call->request_body);
    free(call);
}

/* ---------------------------------------------------------------------------------------- results
 */

static error_code code_of_curl(CURLcode code, const net_http_call *call)
{
    if (call->body.overflowed || call->header_text.overflowed) {
        return ERROR_LIMIT;
    }
    if (call->is_address_refused) {
        return ERROR_INVALID;
    }
    return code == CURLE_OPERATION_TIMEDOUT     ? ERROR_TIMEOUT
           : code == CURLE_OUT_OF_MEMORY        ? ERROR_MEMORY
           : code == CURLE_URL_MALFORMAT        ? ERROR_INVALID
           : code == CURLE_UNSUPPORTED_PROTOCOL ? ERROR_UNSUPPORTED
                                                : ERROR_IO;
}

static net_http_fault fault_of_curl(CURLcode code, net_http_call *call)
{
    static const struct {
        CURLcode code;
        net_http_fault fault;
    } rows[] = {
        {CURLE_COULDNT_RESOLVE_HOST, NET_HTTP_FAULT_RESOLVE},
        {CURLE_COULDNT_CONNECT, NET_HTTP_FAULT_CONNECT},
        {CURLE_GOT_NOTHING, NET_HTTP_FAULT_NO_RESPONSE},
        {CURLE_RECV_ERROR, NET_HTTP_FAULT_RESET},
        {CURLE_SEND_ERROR, NET_HTTP_FAULT_RESET},
        {CURLE_PARTIAL_FILE, NET_HTTP_FAULT_RESET},
    };
    if (code == CURLE_OPERATION_TIMEDOUT) {
        double sent = 0;
        call->client->curl.easy_getinfo(call->easy, CURLINFO_PRETRANSFER_TIME, &sent);
        return sent > 0 ? NET_HTTP_FAULT_TIMEOUT : NET_HTTP_FAULT_CONNECT_TIMEOUT;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (rows[i].code == code && !call->is_address_refused) {
            return rows[i].fault;
        }
    }
    return NET_HTTP_FAULT_OTHER;
}

static size_t call_list_headers(net_http_call *call, net_http_header *headers)
{
    str rest = buf_str(&call->header_text);
    size_t count = 0;
    while (rest.len && count < HEADERS_MAX) {
        headers[count].name = str_split_next(&rest, '\0');
        headers[count].value = str_split_next(&rest, '\0');
        count++;
    }
    return count;
}

static void call_finish(net_http_call *call, CURLcode code)
{
    net_http_header headers[HEADERS_MAX];
    net_http_outcome outcome = {0};
    long http_status = 0;
    call->client->curl.easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &http_status);
    if (code == CURLE_OK && !call->header_text.overflowed) {
        outcome.status = (unsigned)http_status;
        outcome.reason = str_from_c(call->reason);
        outcome.header_count = call_list_headers(call, headers);
        outcome.headers = headers;
        outcome.body = buf_str(&call->body);
    } else {
        outcome.code = code_of_curl(code, call);
        outcome.fault = fault_of_curl(code, call);
        outcome.message = call->body.overflowed || call->header_text.overflowed
                              ? STR("the response is longer than allowed")
                          : call->is_address_refused ? STR("the address may not be connected to")
                          : call->words[0]           ? str_from_c(call->words)
                                           : str_from_c(call->client->curl.easy_strerror(code));
    }
    /* Out of curl's hands first: the callback may start and cancel other calls. */
    call->client->curl.multi_remove_handle(call->client->multi, call->easy);
    net_http_done *done = call->done;
    if (done) {
        call->done = NULL;
        done(call->user, &outcome);
    }
    call_free(call);
}

static void client_finish(net_http_client *client)
{
    CURLMsg *message;
    int left;
    while ((message = client->curl.multi_info_read(client->multi, &left))) {
        if (message->msg == CURLMSG_DONE) {
            net_http_call *call = NULL;
            CURLcode code = message->data.result;
            client->curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
            call_finish(call, code);
        }
    }
}

/* --------------------------------------------------------------------------------- curl's wishes
 */

static void socket_on_closed(uv_handle_t *handle)
{
    free(handle);
}

static void socket_on_ready(uv_poll_t *poll, int result, int events)
{
    net_http_client *client = poll->data;
    uv_os_fd_t descriptor;
    int flags = result < 0                 ? CURL_CSELECT_ERR
                : (events & UV_DISCONNECT) ? CURL_CSELECT_IN | CURL_CSELECT_ERR
                                           : 0;
    flags |= (events & UV_READABLE) ? CURL_CSELECT_IN : 0;
    flags |= (events & UV_WRITABLE) ? CURL_CSELECT_OUT : 0;
    int running;
    if (uv_fileno((uv_handle_t *)poll, &descriptor) == 0) {
        client->curl.multi_socket_action(client->multi, descriptor, flags, &running);
        client_finish(client);
    }
}

static int client_on_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *watcher)
{
    (void)easy;
    net_http_client *client = user;
    uv_poll_t *poll = watcher;
    if (what == CURL_POLL_REMOVE) {
        if (poll) {
            client->curl.multi_assign(client->multi, socket, NULL);
            uv_close((uv_handle_t *)poll, socket_on_closed);
        }
        return 0;
    }
    if (!poll) {
        poll = malloc(sizeof(*poll));
        if (!poll || uv_poll_init_socket(net_loop_uv(client->loop), poll, socket)) {
            free(poll);
            return -1;
        }
        poll->data = client;
        client->curl.multi_assign(client->multi, socket, poll);
    }
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    uv_poll_start(poll, events, socket_on_ready);
    return 0;
}

static void client_on_due(void *user)
{
    net_http_client *client = user;
    int running;
    client->curl.multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    client_finish(client);
}

static int client_on_timeout_change(CURLM *multi, long timeout_ms, void *user)
{
    (void)multi;
    net_http_client *client = user;
    if (timeout_ms < 0) {
        net_timer_stop(client->timer);
    } else {
        net_timer_start(client->timer, timeout_ms, 0);
    }
    return 0;
}

status net_http_client_new(net_loop *loop, net_http_client **ret_client, error *reterr)
{
    net_http_client *client = calloc(1, sizeof(*client));
    if (!client) {
        return fail_memory(reterr);
    }
    client->loop = loop;
    status result = curl_table_open(&client->curl, reterr);
    if (failed(result)) {
        goto fail_curl;
    }
    result = net_timer_new(loop, client_on_due, client, &client->timer, reterr);
    if (failed(result)) {
        goto fail_curl;
    }
    client->multi = client->curl.multi_init();
    if (!client->multi) {
        result = fail_memory(reterr);
        goto fail_timer;
    }
    client->curl.multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, client_on_socket);
    client->curl.multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    client->curl.multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, client_on_timeout_change);
    client->curl.multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    client->curl.multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                              (long)NET_HTTP_CLIENT_CONNECTIONS_MAX);
    client->curl.multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                              (long)NET_HTTP_CLIENT_HOST_CONNECTIONS_MAX);
    *ret_client = client;
    return STATUS_OK;
fail_timer:
    net_timer_free(client->timer);
fail_curl:
    free(client);
    return result;
}

void net_http_client_limit(net_http_client *client, uint32_t connections_max, uint32_t idle_max)
{
    client->curl.multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)connections_max);
    client->curl.multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections_max);
    client->curl.multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)idle_max);
}

void net_http_client_free(net_http_client *client)
{
    if (!client) {
        return;
    }
    while (client->calls) {
        call_free(client->calls);
    }
    client->curl.multi_cleanup(client->multi);
    net_timer_free(client->timer);
    free(client);
}

/* ------------------------------------------------------------------------------------------ calls
 */

static size_t call_on_body(char *bytes, size_t size, size_t count, void *user)
{
    net_http_call *call = user;
    buf_add(&call->body, bytes, size * count);
    return call->body.overflowed ? 0 : size * count;
}

/* "HTTP/1.1 404 Not Found" */
static void call_set_reason(net_http_call *call, str status_line)
{
    str reason = status_line;
    str_split_next(&reason, ' ');
    if (reason.ptr) {
        str_split_next(&reason, ' ');
    }
    reason = str_take(reason, reason.ptr ? sizeof(call->reason) - 1 : 0);
    if (reason.len) {
        memcpy(call->reason, reason.ptr, reason.len);
    }
    call->reason[reason.len] = '\0';
}

/* curl gives whole header lines; a status line starts a new response (after a redirect or 100). */
static size_t call_on_header(char *bytes, size_t size, size_t count, void *user)
{
    net_http_call *call = user;
    str line = str_trim(str_from(bytes, size * count));
    size_t colon = str_find_char(line, ':');
    if (str_starts_with(line, STR("HTTP/"))) {
        buf_reset(&call->header_text);
        call_set_reason(call, line);
    } else if (colon != STR_NOT_FOUND) {
        buf_add_str(&call->header_text, str_trim(str_take(line, colon)));
        buf_add_char(&call->header_text, '\0');
        buf_add_str(&call->header_text, str_trim(str_skip(line, colon + 1)));
        buf_add_char(&call->header_text, '\0');
    }
    return call->header_text.overflowed ? 0 : size * count;
}

static bool call_add_header(net_http_call *call, str name, str value)
{
    buf line;
    buf_init(&line, HEADER_TEXT_BYTES_MAX);
    buf_add_str(&line, name);
    /* "name;" is how curl is told to send an empty header. */
    buf_add_str(&line, value.len ? STR(": ") : STR(";"));
    buf_add_str(&line, value);
    const char *text = buf_c_str(&line);
    bool is_bad = line.overflowed || strlen(text) != line.len || strpbrk(text, "\r\n");
    struct curl_slist *list =
        is_bad ? NULL : call->client->curl.slist_append(call->header_list, text);
    buf_clean_up(&line);
    if (list) {
        call->header_list = list;
    }
    return list != NULL;
}

/* "Name:" is how curl is told to leave a header of its own out. */
static bool call_drop_header(net_http_call *call, const char *name)
{
    struct curl_slist *list = call->client->curl.slist_append(call->header_list, name);
    call->header_list = list ? list : call->header_list;
    return list != NULL;
}

static status call_set_headers(net_http_call *call, const net_http_call_options *options,
                               error *reterr)
{
    bool has_type = false;
    for (size_t i = 0; i < options->header_count; i++) {
        has_type |= str_equal_ignore_case(options->headers[i].name, STR("Content-Type"));
        if (!call_add_header(call, options->headers[i].name, options->headers[i].value)) {
            return fail(reterr, ERROR_INVALID, "the header '%.*s' cannot be sent",
                        STR_ARG(options->headers[i].name));
        }
    }
    /* curl would call every body a form. */
    if (options->body.ptr && !has_type && !call_drop_header(call, "Content-Type:")) {
        return fail_memory(reterr);
    }
    /* curl would wait a second for "100 Continue" before longer bodies. */
    if (!call_add_header(call, STR("Expect"), STR(" "))) {
        return fail_memory(reterr);
    }
    return STATUS_OK;
}

static void call_set_limits(net_http_call *call, const net_http_call_options *options)
{
    curl_table *curl = &call->client->curl;
    curl->easy_setopt(
        call->easy, CURLOPT_CONNECTTIMEOUT_MS,
        (long)(options->connect_ms_max ? options->connect_ms_max : CONNECT_MS_DEFAULT));
    curl->easy_setopt(call->easy, CURLOPT_TIMEOUT_MS,
                      (long)(options->total_ms_max ? options->total_ms_max : TOTAL_MS_DEFAULT));
    curl->easy_setopt(call->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(call->easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(call->easy, CURLOPT_FOLLOWLOCATION, options->is_redirect_followed ? 1L : 0L);
    curl->easy_setopt(call->easy, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    curl->easy_setopt(call->easy, CURLOPT_NOSIGNAL, 1L);
    if (!options->is_encoding_refused) {
        curl->easy_setopt(call->easy, CURLOPT_ACCEPT_ENCODING, "");
    }
    curl->easy_setopt(call->easy, CURLOPT_PATH_AS_IS, options->is_path_kept ? 1L : 0L);
    if (options->buffer_bytes) {
        curl->easy_setopt(call->easy, CURLOPT_BUFFERSIZE, (long)options->buffer_bytes);
        curl->easy_setopt(call->easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER_BYTES_MIN);
    }
}

/* Takes curl's place in opening a socket: here the address is known, whatever name led to it. */
static curl_socket_t call_on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    net_http_call *call = user;
    (void)purpose;
    if (!call->may_connect(call->may_connect_user, &address->addr)) {
        call->is_address_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static status call_set_reach(net_http_call *call, const net_http_call_options *options,
                             error *reterr)
{
    curl_table *curl = &call->client->curl;
    char proxy[1024];
    if (!options->may_connect) {
        return STATUS_OK;
    }
    if (options->proxy.len >= sizeof(proxy)) {
        return fail(reterr, ERROR_INVALID, "the URL of the proxy is too long");
    }
    /* An empty one keeps curl from looking into the environment. */
    snprintf(proxy, sizeof(proxy), "%.*s", STR_ARG(options->proxy));
    if (curl->easy_setopt(call->easy, CURLOPT_PROXY, proxy) != CURLE_OK) {
        return fail_memory(reterr);
    }
    if (!options->proxy.len) {
        call->may_connect = options->may_connect;
        call->may_connect_user = options->may_connect_user;
        curl->easy_setopt(call->easy, CURLOPT_OPENSOCKETFUNCTION, call_on_open);
        curl->easy_setopt(call->easy, CURLOPT_OPENSOCKETDATA, call);
    }
    return STATUS_OK;
}

static status call_set_trust(net_http_call *call, const net_http_call_options *options,
                             error *reterr)
{
    curl_table *curl = &call->client->curl;
    if (!options->trusted.ptr) {
        return STATUS_OK;
    }
    struct curl_blob blob = {(void *)(uintptr_t)options->trusted.ptr, options->trusted.len,
                             CURL_BLOB_COPY};
    bool is_set = curl->easy_setopt(call->easy, CURLOPT_CAINFO_BLOB, &blob) == CURLE_OK &&
                  curl->easy_setopt(call->easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
    return is_set ? STATUS_OK : fail(reterr, ERROR_IO, "libcurl takes no certificates from memory");
}

static status call_set_request(net_http_call *call, const net_http_call_options *options,
                               error *reterr)
{
    curl_table *curl = &call->client->curl;
    char url[8192];
    char method[32];
    if (options->url.len >= sizeof(url) || options->method.len >= sizeof(method) ||
        !options->url.len || memchr(options->url.ptr, '\0', options->url.len)) {
        return fail(reterr, ERROR_INVALID,
                    "the URL or the method of an HTTP call is too long, or empty");
    }
    memcpy(url, options->url.ptr, options->url.len);
    url[options->url.len] = '\0';
    memcpy(method, options->method.ptr, options->method.len);
    method[options->method.len] = '\0';
    CURLcode code = curl->easy_setopt(call->easy, CURLOPT_URL, url);
    if (options->body.ptr) {
        call->request_body = malloc(options->body.len + 1);
        if (!call->request_body) {
            return fail_memory(reterr);
        }
        memcpy(call->request_body, options->body.ptr, options->body.len);
        call->request_body_length = options->body.len;
        curl->easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)options->body.len);
        curl->easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->request_body);
    }
    if (strcmp(method, "HEAD") == 0) {
        curl->easy_setopt(call->easy, CURLOPT_NOBODY, 1L);
    } else {
        curl->easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, method);
    }
    return code == CURLE_OK ? STATUS_OK : fail_memory(reterr);
}

static status call_prepare(net_http_call *call, const net_http_call_options *options, error *reterr)
{
    curl_table *curl = &call->client->curl;
    call->easy = curl->easy_init();
    if (!call->easy) {
        return fail_memory(reterr);
    }
    TRY(call_set_request(call, options, reterr));
    TRY(call_set_headers(call, options, reterr));
    call_set_limits(call, options);
    TRY(call_set_reach(call, options, reterr));
    TRY(call_set_trust(call, options, reterr));
    curl->easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->header_list);
    curl->easy_setopt(call->easy, CURLOPT_PRIVATE, call);
    curl->easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->words);
    curl->easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, call_on_body);
    curl->easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
    curl->easy_setopt(call->easy, CURLOPT_HEADERFUNCTION, call_on_header);
    curl->easy_setopt(call->easy, CURLOPT_HEADERDATA, call);
    return STATUS_OK;
}

status net_http_call_start(net_http_client *client, const net_http_call_options *options,
                           net_http_done *done, void *user, net_http_call **ret_call, error *reterr)
{
    net_http_call *call = calloc(1, sizeof(*call));
    if (!call) {
        return fail_memory(reterr);
    }
    call->client = client;
    call->done = done;
    call->user = user;
    call->is_secret = options->is_secret;
    buf_init(&call->body, options->response_bytes_max ? options->response_bytes_max
                                                      : NET_HTTP_RESPONSE_BYTES_MAX);
    buf_init(&call->header_text, HEADER_TEXT_BYTES_MAX);
    call->next = client->calls;
    if (call->next) {
        call->next->previous = call;
    }
    client->calls = call;
    status result = call_prepare(call, options, reterr);
    /* Starts curl's timer, so that the first step is taken by the loop. */
    if (ok(result) && client->curl.multi_add_handle(client->multi, call->easy) != CURLM_OK) {
        result = fail(reterr, ERROR_IO, "libcurl refuses the call");
    }
    if (failed(result)) {
        call_free(call);
        return result;
    }
    *ret_call = call;
    return STATUS_OK;
}

void net_http_call_cancel(net_http_call *call)
{
    if (call) {
        call_free(call);
    }
}
