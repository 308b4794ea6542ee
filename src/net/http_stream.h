/* net_http_stream: an answer that goes on: what is sent reaches the client at once, and the
 * connection stays until one side ends it. */
#ifndef GAIT_NET_HTTP_STREAM_H
#define GAIT_NET_HTTP_STREAM_H

#include "net/http_server.h"

typedef struct net_http_stream net_http_stream;

/* Answers a request with a stream that begins with head->body; the reply handle is dead then.
 * on_gone(user) comes when the connection has ended, unless net_http_stream_end came first; the
 * handle is dead after it. A client that is gone is noticed at the next sends. */
MUST_USE status net_http_stream_begin(net_http_reply *reply, const net_http_response *head,
                                      net_callback *on_gone, void *user,
                                      net_http_stream **ret_stream, error *reterr);
/* ERROR_LIMIT when the client reads so slowly that more than NET_HTTP_STREAM_BYTES_MAX wait. */
MUST_USE status net_http_stream_send(net_http_stream *stream, str bytes, error *reterr);
/* What was sent still goes out. The handle is dead. NULL is fine. */
void net_http_stream_end(net_http_stream *stream);

#endif
