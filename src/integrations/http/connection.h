/* Connections: what authorises an HTTP Task, in the words of EventBridge's CreateConnection. From
 * the configuration:
 *
 *   "connections": {NAME: {"AuthorizationType": "BASIC" | "API_KEY" | "OAUTH_CLIENT_CREDENTIALS",
 *                          "AuthParameters": {...}}}
 *
 * A value there is a text, {"env": NAME} or {"file": PATH}: the last two are read when a call is
 * made, so that a secret need not be in the file and may change.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnection.html */
#ifndef GAIT_INTEGRATIONS_HTTP_CONNECTION_H
#define GAIT_INTEGRATIONS_HTTP_CONNECTION_H

#include "json/json.h"

typedef enum http_authorization {
    HTTP_BASIC,
    HTTP_API_KEY,
    HTTP_OAUTH,
} http_authorization;

typedef struct http_pair {
    str name, value;
} http_pair;

typedef struct http_pairs {
    const http_pair *items;
    uint32_t count;
} http_pairs;

/* What a connection adds to a request. */
typedef struct http_additions {
    http_pairs headers, query, body;
} http_additions;

/* Secrets are in it in the clear: it lives as long as the call that needs it. */
typedef struct http_connection {
    str name;
    http_authorization authorization;
    str user, secret; /* user name and password; name and value of the key; client id and secret */
    str token_endpoint, token_method; /* OAuth */
    http_additions to_call, to_token_request;
} http_connection;

/* Whether "connections" of the configuration is well formed; secrets are not looked for.
 * ERROR_INVALID names the connection and the member. */
MUST_USE status http_connections_check(json config, error *reterr);

/* The connection that an ARN names (arn:aws:events:REGION:ACCOUNT:connection/NAME/ID; a bare NAME,
 * too), with its secrets, in the arena. ERROR_NOT_FOUND: there is none of that name. ERROR_INVALID:
 * a secret cannot be read, by the name of its variable or file. */
MUST_USE status http_connection_read(json config, str arn, arena *a, http_connection *ret,
                                     error *reterr);

/* The name in an ARN; absent when it is none of a connection. */
str http_connection_name(str arn);

/* Whether the text shows a secret of the connection. */
bool http_connection_shows(const http_connection *connection, str text);

#endif
