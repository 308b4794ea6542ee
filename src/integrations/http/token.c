/* Invariants: a token is being fetched if and only if `call` is set; then, and only then, somebody
 * may wait for it. */
#include "integrations/http/token.h"

#include "base/map.h"

#include <stdlib.h>

#define EARLY_MS 60000 /* a token that expires within 60 s is fetched anew */

typedef struct http_token {
    http_tokens *owner;
    char *name;  /* of the connection; owned, the map's key */
    char *value; /* owned; NULL: none yet */
    int64_t expires_ms;
    net_http_call *call;
    http_token_waiter *waiters;
} http_token;

struct http_tokens {
    net_loop *loop;
    http_send *send;
    void *send_user;
    http_request_rules rules;
    map by_name;
};

status http_tokens_new(net_loop *loop, http_send *send, void *send_user,
                       const http_request_rules *rules, http_tokens **ret_tokens, error *reterr)
{
    http_tokens *tokens = calloc(1, sizeof(*tokens));
    if (!tokens) {
        return fail_memory(reterr);
    }
    *tokens = (http_tokens){.loop = loop, .send = send, .send_user = send_user, .rules = *rules};
    map_init(&tokens->by_name, 0, 0); /* the keys are the configuration's */
    *ret_tokens = tokens;
    return STATUS_OK;
}

/* Takes a secret out of memory before it is given back. */
static void forget_value(http_token *token)
{
    if (token->value) {
        explicit_bzero(token->value, strlen(token->value));
        free(token->value);
        token->value = NULL;
    }
}

void http_tokens_free(http_tokens *tokens)
{
    if (!tokens) {
        return;
    }
    uint32_t cursor = 0;
    for (map_entry *entry; (entry = map_next(&tokens->by_name, &cursor));) {
        http_token *token = entry->value;
        while (token->waiters) {
            http_tokens_leave(token->waiters);
        }
        net_http_call_cancel(token->call);
        forget_value(token);
        free(token->name);
        free(token);
    }
    map_clean_up(&tokens->by_name);
    free(tokens);
}

void http_tokens_leave(http_token_waiter *waiter)
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

static void tell_waiters(http_token *token, str cause)
{
    str value = token->value ? str_from_c(token->value) : STR_NONE;
    /* Who is told may leave, and others with him: begin anew after each. Whoever comes meanwhile
     * finds the token, or begins a new fetch, and waits for that. */
    while (token->waiters && !token->call) {
        http_token_waiter *waiter = token->waiters;
        http_tokens_leave(waiter);
        waiter->ready(waiter, value, cause);
    }
}

/* {"access_token": "...", "expires_in": 3600}; the time may come as text. */
static str read_answer(http_token *token, const net_http_outcome *outcome)
{
    arena a;
    json answer;
    str cause = STR_NONE;
    double seconds = 0;
    if (outcome->code != ERROR_NONE) {
        return STR("The authorization endpoint of the connection cannot be reached");
    }
    if (outcome->status < 200 || outcome->status > 299) {
        return STR("The authorization endpoint of the connection refused the request for a token");
    }
    arena_init(&a, 0);
    status parsed = json_parse_into(outcome->body, &a, &answer, NULL);
    str value = ok(parsed) ? json_str(json_get(answer, STR("access_token"))) : STR_NONE;
    if (!value.len || memchr(value.ptr, '\0', value.len)) {
        cause = STR("The authorization endpoint of the connection answered without an "
                    "access_token");
    } else {
        json expires = json_get(answer, STR("expires_in"));
        str text = json_str(expires);
        json number;
        if (text.ptr && ok(json_parse_into(text, &a, &number, NULL))) {
            expires = number;
        }
        seconds = json_is(expires, JSON_NUMBER) ? json_double(expires) : 86400;
        seconds = seconds > 0 ? MIN_OF(seconds, 86400.0 * 365) : 0;
        token->value = str_duplicate(value);
        token->expires_ms = net_loop_now_ms(token->owner->loop) + (int64_t)(seconds * 1000);
        cause = token->value ? STR_NONE : STR("out of memory");
    }
    arena_clean_up(&a);
    return cause;
}

static void on_answer(void *user, const net_http_outcome *outcome)
{
    http_token *token = user;
    token->call = NULL;
    forget_value(token);
    tell_waiters(token, read_answer(token, outcome));
}

static status find_token(http_tokens *tokens, str name, http_token **ret_token, error *reterr)
{
    http_token *token = map_get(&tokens->by_name, name);
    if (!token) {
        token = calloc(1, sizeof(*token));
        char *copy = token ? str_duplicate(name) : NULL;
        status put =
            copy ? map_put(&tokens->by_name, str_from_c(copy), token, reterr) : fail_memory(reterr);
        if (failed(put)) {
            free(copy);
            free(token);
            return put;
        }
        token->owner = tokens;
        token->name = copy;
    }
    *ret_token = token;
    return STATUS_OK;
}

static status fetch(http_token *token, const http_connection *connection, error *reterr)
{
    arena a;
    http_request request;
    arena_init(&a, 0);
    status done = http_request_token(connection, &token->owner->rules, &a, &request, reterr);
    if (ok(done)) {
        done = token->owner->send(token->owner->send_user, &request, HTTP_TOKEN_BYTES_MAX,
                                  on_answer, token, &token->call, reterr);
    }
    arena_clean_up(&a);
    return done;
}

status http_tokens_get(http_tokens *tokens, const http_connection *connection,
                       http_token_waiter *waiter, str *ret_token, error *reterr)
{
    http_token *token;
    TRY(find_token(tokens, connection->name, &token, reterr));
    if (!token->call && token->value &&
        token->expires_ms - EARLY_MS > net_loop_now_ms(tokens->loop)) {
        *ret_token = str_from_c(token->value);
        return STATUS_OK;
    }
    if (!token->call) {
        TRY(fetch(token, connection, reterr));
    }
    waiter->before = NULL;
    waiter->after = token->waiters;
    if (waiter->after) {
        waiter->after->before = waiter;
    }
    token->waiters = waiter;
    waiter->of = token;
    *ret_token = STR_NONE;
    return STATUS_OK;
}

void http_tokens_refuse(http_tokens *tokens, str connection_name, str token_text)
{
    http_token *token = map_get(&tokens->by_name, connection_name);
    if (token && !token->call && token->value && str_equal(str_from_c(token->value), token_text)) {
        forget_value(token);
    }
}
