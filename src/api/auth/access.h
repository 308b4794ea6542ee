/* Who may call, and what: the door of the API.
 *
 *   request -- authenticate: signature, skew, replay, rate --> caller -- authorize: policy --> call
 *
 * Without credentials everybody may do everything (the server then listens at loopback only, unless
 * told otherwise); a rate limit holds by address. */
#ifndef GAIT_API_AUTH_ACCESS_H
#define GAIT_API_AUTH_ACCESS_H

#include "api/auth/credentials.h"
#include "net/http_server.h"
#include "runtime/shard.h"

typedef struct auth_access auth_access;

typedef struct auth_options {
    net_loop *loop;
    json config;         /* the configuration file: "credentials"; outlives the access */
    str region, account; /* likewise */
    int64_t skew_seconds_max;
    int64_t replay_seconds; /* how long a signature may be used again */
    int64_t rate_max;       /* requests a second of one key or address; 0: no limit */
    str metrics_token_file; /* absent: metrics are for loopback only, once there are credentials */
    bool is_encrypted;      /* requests come by TLS: aws:SecureTransport */
    auth_warn *warn;
    void *warn_user;
} auth_options;

MUST_USE status auth_access_new(const auth_options *options, auth_access **ret_access,
                                error *reterr);
void auth_access_free(auth_access *access); /* NULL is fine */
bool auth_access_has_credentials(const auth_access *access);
/* Whether the configuration file itself holds secrets, so that nobody else should read it. */
bool auth_access_has_secrets_inside(const auth_access *access);

/* Whom to ask what state machine a task token is of: who sends a task's end is judged by that one.
 * Without it by all of them. */
void auth_access_know_tasks(auth_access *access, shard *tasks);

/* api_options.authenticate and .authorize; self is the access. A caller is opaque, and NULL where
 * there are no credentials. */
MUST_USE status auth_access_authenticate(void *self, const net_http_request *request,
                                         const void **ret_caller, const char **ret_error_name,
                                         error *reterr);
MUST_USE status auth_access_authorize(void *self, const void *caller,
                                      const net_http_request *request, str operation, json input,
                                      const char **ret_error_name, error *reterr);
/* The same two for the Lambda API, which shares the port (lambda_target.h): false when the request
 * has been answered with a refusal. */
bool auth_access_admit_lambda(auth_access *access, const net_http_request *request);
/* Whether GET /metrics is answered: "Authorization: Bearer TOKEN" where a token is set; otherwise,
 * once there are credentials, from loopback only. */
bool auth_access_may_read_metrics(const auth_access *access, const net_http_request *request);

#endif
