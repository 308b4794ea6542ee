/* Invariants: a connection is being fetched if and only if `call` is set; then, and only then,
 * somebody may wait for it. One that could not be had is forgotten at once. */
#include "integrations/http/remote.h"

#include "base/map.h"

#include <stdlib.h>

#define KEPT_MS 60000
#define CONNECTIONS_MAX 10000 /* ours: ARNs may come from data */

typedef struct http_remote_connection {
    http_remote *owner;
    aws_client *client;
    char *arn;       /* owned, the map's key */
    arena described; /* of the fetch that is under way */
    json description;
    arena memory; /* holds secrets */
    json config;  /* absent: none yet */
    int64_t fetched_ms;
    aws_client_call *call;
    http_remote_waiter *waiters;
} http_remote_connection;

struct http_remote {
    net_loop *loop;
    map by_arn;
};

status http_remote_new(net_loop *loop, http_remote **ret_remote, error *reterr)
{
    http_remote *remote = calloc(1, sizeof(*remote));
    if (!remote) {
        return fail_memory(reterr);
    }
    remote->loop = loop;
    map_init(&remote->by_arn, 0, CONNECTIONS_MAX);
    *ret_remote = remote;
    return STATUS_OK;
}

static void connection_free(http_remote_connection *connection)
{
    while (connection->waiters) {
        http_remote_leave(connection->waiters);
    }
    aws_client_call_cancel(connection->call);
    arena_clean_up(&connection->described);
    arena_wipe(&connection->memory);
    free(connection->arn);
    free(connection);
}

void http_remote_free(http_remote *remote)
{
    if (!remote) {
        return;
    }
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&remote->by_arn, &cursor));) {
        connection_free(entry->value);
    }
    map_clean_up(&remote->by_arn);
    free(remote);
}

void http_remote_leave(http_remote_waiter *waiter)
{
    if (!waiter->of) {
        return;
    }
    *(waiter->before ? &waiter->before->after : &waiter->of->waiters) = waiter->after;
    if (waiter->after) {
        waiter->after->before = waiter->before;
    }
    waiter->of = NULL;
}

json http_remote_find(const http_remote *remote, str arn, bool is_old_fine)
{
    const http_remote_connection *found = map_get(&remote->by_arn, arn);
    bool is_there = found && !json_is_absent(found->config) &&
                    (is_old_fine || net_loop_now_ms(remote->loop) - found->fetched_ms < KEPT_MS);
    return is_there ? found->config : (json){0};
}

/* -------------------------------------------------------------------------------------- fetching
 */

/* Who is told may leave, and others with him: they are told from a list that they can leave. */
static void settle(http_remote_connection *connection, const char *error_name, str cause)
{
    if (error_name) {
        (void)map_remove(&connection->owner->by_arn, str_from_c(connection->arn));
    }
    while (connection->waiters && !connection->call) {
        http_remote_waiter *waiter = connection->waiters;
        http_remote_leave(waiter);
        waiter->ready(waiter, error_name, cause);
    }
    if (error_name) {
        connection_free(connection);
    }
}

static void settle_badly(http_remote_connection *connection, const aws_outcome *outcome,
                         const char *service)
{
    bool is_missing =
        outcome->kind == AWS_FAILED_ON_THE_WAY ||
        (outcome->kind == AWS_FAILED_BY_SERVICE &&
         str_equal(outcome->code, STR("ResourceNotFoundException")) && service[0] == 'E');
    str name = http_connection_name(str_from_c(connection->arn));
    arena a;
    arena_init(&a, 0);
    str cause = arena_printf(
        &a,
        "there is no connection '%.*s' among the \"connections\" of the configuration file, and %s "
        "%s: %.*s",
        STR_ARG(str_take(name, 200)), service,
        outcome->kind == AWS_FAILED_ON_THE_WAY ? "cannot be asked" : "refuses",
        STR_ARG(str_take(outcome->message, 1000)));
    settle(connection, is_missing ? "ResourceNotFound" : "InvalidConnectionState", cause);
    arena_clean_up(&a);
}

static void settle_unread(http_remote_connection *connection, const error *err)
{
    str name = http_connection_name(str_from_c(connection->arn));
    arena a;
    arena_init(&a, 0);
    str cause = arena_printf(&a, "the connection '%.*s' of EventBridge cannot be used: %s",
                             STR_ARG(str_take(name, 200)), err->message);
    settle(connection, "InvalidConnectionState", cause);
    arena_clean_up(&a);
}

/* Replaces what was there before. */
static status keep(http_remote_connection *connection, json output, error *reterr)
{
    arena scratch, memory;
    json secret, config = {0};
    arena_init(&scratch, 0);
    arena_init(&memory, 0);
    str text = json_str(json_get(output, STR("SecretString")));
    status read = json_parse_into(text, &scratch, &secret, NULL);
    read = ok(read) ? http_remote_read(http_connection_name(str_from_c(connection->arn)),
                                       connection->description, secret, &memory, &config, reterr)
                    : fail(reterr, ERROR_INVALID, "its secret is no JSON");
    arena_wipe(&scratch);
    if (failed(read)) {
        arena_wipe(&memory);
        return read;
    }
    arena_wipe(&connection->memory);
    connection->memory = memory;
    connection->config = config;
    connection->fetched_ms = net_loop_now_ms(connection->owner->loop);
    return STATUS_OK;
}

static void on_secret(void *user, const aws_outcome *outcome)
{
    http_remote_connection *connection = user;
    error err = {0};
    connection->call = NULL;
    if (outcome->kind != AWS_SUCCEEDED) {
        settle_badly(connection, outcome, "Secrets Manager");
    } else if (failed(keep(connection, outcome->output, &err))) {
        settle_unread(connection, &err);
    } else {
        settle(connection, NULL, STR_NONE);
    }
    /* what a failure has freed is not touched any more */
}

/* The fourth part of an ARN. */
static str region_of(str arn)
{
    str rest = arn;
    for (int i = 0; i < 3 && rest.ptr; i++) {
        str_split_next(&rest, ':');
    }
    return rest.ptr ? str_split_next(&rest, ':') : STR_NONE;
}

static status ask(http_remote_connection *connection, const char *service, const char *action,
                  const char *member, str value, str arn, aws_client_done *done, error *reterr)
{
    arena a;
    json parameters;
    arena_init(&a, 0);
    status asked = json_object_with(&a, json_empty_object(), json_from_str(str_from_c(member)),
                                    json_from_str(value), &parameters, reterr);
    if (ok(asked)) {
        aws_client_request request = {.service = str_from_c(service),
                                      .action = str_from_c(action),
                                      .parameters = parameters,
                                      .region = region_of(arn),
                                      .is_secret = true};
        asked = aws_client_call_start(connection->client, &request, done, connection,
                                      &connection->call, reterr);
    }
    arena_clean_up(&a);
    return asked;
}

static bool is_usable(json described)
{
    static const char *const bad[] = {"DEAUTHORIZED", "DELETING", "FAILED_CONNECTIVITY"};
    str state = json_str(json_get(described, STR("ConnectionState")));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (str_equal(state, str_from_c(bad[i]))) {
            return false;
        }
    }
    return true;
}

static void on_described(void *user, const aws_outcome *outcome)
{
    http_remote_connection *connection = user;
    error err = {0};
    connection->call = NULL;
    if (outcome->kind != AWS_SUCCEEDED) {
        settle_badly(connection, outcome, "EventBridge");
        return;
    }
    str arn = json_str(json_get(outcome->output, STR("SecretArn")));
    arena_reset(&connection->described);
    status asked =
        !arn.len || !is_usable(outcome->output)
            ? fail(&err, ERROR_INVALID, "it has no secret, or is not authorized")
            : json_copy(outcome->output, &connection->described, &connection->description, &err);
    if (ok(asked)) {
        asked = ask(connection, "secretsmanager", "getSecretValue", "SecretId", arn, arn, on_secret,
                    &err);
    }
    if (failed(asked)) {
        settle_unread(connection, &err);
    }
}

static status find_connection(http_remote *remote, str arn, http_remote_connection **ret,
                              error *reterr)
{
    http_remote_connection *connection = map_get(&remote->by_arn, arn);
    if (!connection) {
        connection = calloc(1, sizeof(*connection));
        if (!connection) {
            return fail_memory(reterr);
        }
        char *copy = str_duplicate(arn);
        status put = copy ? map_put(&remote->by_arn, str_from_c(copy), connection, reterr)
                          : fail_memory(reterr);
        if (failed(put)) {
            free(copy);
            free(connection);
            return put;
        }
        connection->owner = remote;
        connection->arn = copy;
        arena_init(&connection->described, 0);
        arena_init(&connection->memory, 0);
    }
    *ret = connection;
    return STATUS_OK;
}

status http_remote_ask(http_remote *remote, aws_client *client, str arn, http_remote_waiter *waiter,
                       error *reterr)
{
    http_remote_connection *connection = NULL;
    TRY(find_connection(remote, arn, &connection, reterr));
    INVARIANT(connection);
    connection->client = client;
    if (!connection->call) {
        status asked = ask(connection, "eventbridge", "describeConnection", "Name",
                           http_connection_name(arn), arn, on_described, reterr);
        if (failed(asked)) {
            (void)map_remove(&remote->by_arn, arn);
            connection_free(connection);
            return asked;
        }
    }
    waiter->before = NULL;
    waiter->after = connection->waiters;
    if (waiter->after) {
        waiter->after->before = waiter;
    }
    connection->waiters = waiter;
    waiter->of = connection;
    return STATUS_OK;
}
