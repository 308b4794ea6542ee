/* MHD asks the reader for bytes; where there are none the connection is suspended until some come.
 *
 * Invariant: a stream is freed by net_http_stream_close alone, when MHD has done with its
 * connection. */
#include "net/http_stream.h"

#include "net/http_server_private.h"

#include <stdlib.h>

#define BLOCK_BYTES 16384

struct net_http_stream {
    net_http_reply *reply;
    buf waiting;   /* what has been sent and not been read by MHD */
    size_t read;   /* of it */
    bool is_ended; /* by its owner */
    net_callback *on_gone;
    void *user;
};

static ssize_t stream_read(void *user, uint64_t position, char *out, size_t room)
{
    (void)position;
    net_http_stream *stream = user;
    size_t count = MIN_OF(room, stream->waiting.len - stream->read);
    if (stream->reply->server->is_stopping) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (count) {
        memcpy(out, stream->waiting.ptr + stream->read, count);
        stream->read += count;
        return (ssize_t)count;
    }
    if (stream->is_ended) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    MHD_suspend_connection(stream->reply->connection);
    net_http_waiting_add(stream->reply);
    return 0;
}

status net_http_stream_begin(net_http_reply *reply, const net_http_response *head,
                             net_callback *on_gone, void *user, net_http_stream **ret_stream,
                             error *reterr)
{
    net_http_stream *stream = calloc(1, sizeof(*stream));
    struct MHD_Response *response =
        stream ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, stream_read,
                                                   stream, NULL)
               : NULL;
    if (!response) {
        free(stream);
        return fail_memory(reterr);
    }
    *stream = (net_http_stream){.reply = reply, .on_gone = on_gone, .user = user};
    buf_init(&stream->waiting, NET_HTTP_STREAM_BYTES_MAX);
    buf_add_str(&stream->waiting, head->body);
    reply->stream = stream;
    *ret_stream = stream;
    net_http_reply_send(reply, head, response);
    return STATUS_OK;
}

status net_http_stream_send(net_http_stream *stream, str bytes, error *reterr)
{
    buf *waiting = &stream->waiting;
    if (stream->read) {
        memmove(waiting->ptr, waiting->ptr + stream->read, waiting->len - stream->read);
        waiting->len -= stream->read;
        stream->read = 0;
    }
    if (bytes.len > NET_HTTP_STREAM_BYTES_MAX - waiting->len) {
        return fail(reterr, ERROR_LIMIT, "the client reads too slowly");
    }
    buf_add_str(waiting, bytes);
    TRY(buf_status(waiting, reterr));
    net_http_reply_resume(stream->reply);
    return STATUS_OK;
}

void net_http_stream_end(net_http_stream *stream)
{
    if (stream) {
        stream->is_ended = true;
        stream->on_gone = NULL;
        net_http_reply_resume(stream->reply);
    }
}

void net_http_stream_close(net_http_stream *stream)
{
    if (!stream) {
        return;
    }
    if (stream->on_gone && !stream->reply->server->is_stopping) {
        stream->on_gone(stream->user);
    }
    buf_clean_up(&stream->waiting);
    free(stream);
}
