#include "api/auth/access.h"

#include "api/auth/lambda_target.h"
#include "api/auth/replay.h"
#include "api/auth/sigv4.h"
#include "api/auth/target.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/random.h>

#define HEADERS_MAX 256 /* of one request */
#define FACTS_MAX 64    /* a resource has 50 tags at most */
#define REQUEST_BYTES_MAX (8u << 20)
#define BEARER STR("Bearer ")

struct auth_access {
    auth_options options;
    auth_credentials credentials;
    auth_replay *replay;
    auth_buckets *addresses;
    shard *tasks;      /* NULL: not known yet */
    str metrics_token; /* absent when there is none */
    arena request;     /* of one request */
};

status auth_access_new(const auth_options *options, auth_access **ret_access, error *reterr)
{
    uint64_t seed;
    auth_access *access = calloc(1, sizeof(*access));
    if (!access) {
        return fail_memory(reterr);
    }
    access->options = *options;
    arena_init(&access->request, REQUEST_BYTES_MAX);
    status done = auth_credentials_read(options->config, options->account, options->warn,
                                        options->warn_user, &access->credentials, reterr);
    if (failed(done)) {
        free(access);
        return done;
    }
    int64_t skew_ms = options->skew_seconds_max * 1000;
    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) {
        done = fail(reterr, ERROR_IO, "the system gives no random bytes");
    } else {
        done = auth_replay_new(options->replay_seconds * 1000, 2 * skew_ms + 1000, &access->replay,
                               reterr);
    }
    if (ok(done)) {
        done = auth_buckets_new(seed, &access->addresses, reterr);
    }
    if (ok(done) && options->metrics_token_file.len) {
        done = auth_read_secret_file(options->metrics_token_file, &access->credentials.memory,
                                     options->warn, options->warn_user, &access->metrics_token,
                                     reterr);
    }
    if (failed(done)) {
        auth_access_free(access);
        return done;
    }
    *ret_access = access;
    return STATUS_OK;
}

void auth_access_free(auth_access *access)
{
    if (access) {
        auth_credentials_clean_up(&access->credentials);
        auth_replay_free(access->replay);
        auth_buckets_free(access->addresses);
        arena_clean_up(&access->request);
        free(access);
    }
}

bool auth_access_has_credentials(const auth_access *access)
{
    return access->credentials.keys.live > 0;
}

bool auth_access_has_secrets_inside(const auth_access *access)
{
    return access->credentials.has_secrets_inside;
}

void auth_access_know_tasks(auth_access *access, shard *tasks)
{
    access->tasks = tasks;
}

/* ------------------------------------------------------------------------------------ authenticate
 */

static status throttle(const char **ret_error_name, error *reterr)
{
    *ret_error_name = "ThrottlingException";
    return fail(reterr, ERROR_LIMIT, "Rate exceeded");
}

static bool same_secret(str a, str b)
{
    return a.len == b.len && CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0;
}

static status check_signature(auth_access *access, const net_http_request *request, str service,
                              auth_key **ret_key, const char **ret_error_name, error *reterr)
{
    net_http_header headers[HEADERS_MAX];
    auth_claim claim;
    unsigned char signature[AUTH_SIGNATURE_BYTES];
    size_t count = net_http_request_headers(request, headers, HEADERS_MAX);
    if (count > HEADERS_MAX) {
        *ret_error_name = "IncompleteSignatureException";
        return fail(reterr, ERROR_LIMIT, "A request may have %d headers at most.", HEADERS_MAX);
    }
    auth_request signed_request = {
        .method = request->method,
        .path = request->path,
        .query = request->query,
        .body = request->body,
        .headers = headers,
        .header_count = count,
    };
    TRY(auth_sigv4_read(&signed_request, &claim, ret_error_name, reterr));
    auth_key *key = auth_credentials_find(&access->credentials, claim.key_id);
    if (!key || (key->session_token.ptr != NULL) != (claim.session_token.ptr != NULL) ||
        (claim.session_token.ptr && !same_secret(key->session_token, claim.session_token))) {
        *ret_error_name = "UnrecognizedClientException";
        return fail(reterr, ERROR_INVALID,
                    "The security token included in the request is invalid.");
    }
    auth_sigv4_rules rules = {
        .region = access->options.region,
        .service = service,
        .now_ms = net_loop_clock_ms(access->options.loop),
        .skew_ms_max = access->options.skew_seconds_max * 1000,
    };
    arena_reset(&access->request);
    TRY(auth_sigv4_check(&signed_request, &claim, key->secret, &rules, &access->request, signature,
                         ret_error_name, reterr));
    status used =
        auth_replay_use(access->replay, signature, net_loop_now_ms(access->options.loop), reterr);
    if (failed(used)) {
        *ret_error_name =
            used.code == ERROR_CONFLICT ? "InvalidSignatureException" : "InternalFailure";
        return used;
    }
    *ret_key = key;
    return STATUS_OK;
}

static status authenticate(auth_access *access, const net_http_request *request, str service,
                           const auth_key **ret_key, const char **ret_error_name, error *reterr)
{
    auth_key *key = NULL;
    int64_t now_ms = net_loop_now_ms(access->options.loop) + 1; /* 0 is "never" in a bucket */
    int64_t rate = access->options.rate_max;
    status checked = STATUS_OK;
    if (auth_access_has_credentials(access)) {
        checked = check_signature(access, request, service, &key, ret_error_name, reterr);
    }
    /* Whoever has not proven who he is counts by his address, so that he takes nothing from the one
     * whose key he names. */
    char address[NET_ADDRESS_SIZE];
    bool is_free =
        key ? auth_bucket_take(&key->bucket, rate, now_ms)
            : !rate || auth_buckets_take(access->addresses,
                                         net_http_request_address(request, address), rate, now_ms);
    if (!is_free) {
        return throttle(ret_error_name, reterr);
    }
    if (ok(checked)) {
        *ret_key = key;
    }
    return checked;
}

status auth_access_authenticate(void *self, const net_http_request *request,
                                const void **ret_caller, const char **ret_error_name, error *reterr)
{
    const auth_key *key = NULL;
    TRY(authenticate(self, request, STR("states"), &key, ret_error_name, reterr));
    *ret_caller = key;
    return STATUS_OK;
}

/* --------------------------------------------------------------------------------------- authorize
 */

/* What the tags of a request are called as condition keys; those past the maximum never pass
 * validation. */
static size_t add_tags(json tags, auth_fact *facts, size_t count, arena *a)
{
    for (uint32_t i = 0; i < json_count(tags) && json_is(tags, JSON_ARRAY) && count < FACTS_MAX;
         i++) {
        str key = str_take(json_str(json_get(json_item(tags, i), STR("key"))), 128);
        str name = arena_printf(a, "aws:RequestTag/%.*s", STR_ARG(key));
        str value = str_take(json_str(json_get(json_item(tags, i), STR("value"))), 256);
        if (key.len && name.ptr && value.ptr) {
            facts[count++] = (auth_fact){name, value};
        }
    }
    return count;
}

static auth_verdict judge(const auth_key *key, const auth_question *question)
{
    auth_verdict verdict = AUTH_NOT_ALLOWED;
    for (uint32_t i = 0; i < key->policy_count && verdict != AUTH_DENIED; i++) {
        auth_verdict one = auth_policy_judge(key->policies[i], question);
        verdict = one == AUTH_NOT_ALLOWED ? verdict : one;
    }
    return verdict;
}

static status refuse(const auth_key *key, const auth_question *question, auth_verdict verdict,
                     const char **ret_error_name, error *reterr)
{
    str resource = str_take(question->resource, 300);
    *ret_error_name = "AccessDeniedException";
    if (verdict == AUTH_DENIED) {
        return fail(reterr, ERROR_INVALID,
                    "User: %.*s is not authorized to perform: %.*s on resource: %.*s with an "
                    "explicit deny in an identity-based policy",
                    STR_ARG(key->user_arn), STR_ARG(question->action), STR_ARG(resource));
    }
    return fail(reterr, ERROR_INVALID,
                "User: %.*s is not authorized to perform: %.*s on resource: %.*s because no "
                "identity-based policy allows the %.*s action",
                STR_ARG(key->user_arn), STR_ARG(question->action), STR_ARG(resource),
                STR_ARG(question->action));
}

/* The facts that every request has. */
#define PLAIN_FACTS 6
static void add_plain_facts(const auth_access *access, const auth_key *key,
                            const net_http_request *request, char address[NET_ADDRESS_SIZE],
                            auth_fact *facts)
{
    const auth_fact plain[PLAIN_FACTS] = {
        {STR("aws:username"), key->name},
        {STR("aws:PrincipalArn"), key->user_arn},
        {STR("aws:PrincipalAccount"), access->options.account},
        {STR("aws:RequestedRegion"), access->options.region},
        {STR("aws:SecureTransport"), access->options.is_encrypted ? STR("true") : STR("false")},
        {STR("aws:SourceIp"), net_http_request_address(request, address)},
    };
    memcpy(facts, plain, sizeof(plain));
}

/* A token that is none of ours, or whose execution is long gone, is of any machine. */
static status aim_at_machine(auth_access *access, auth_target *target, arena *a, error *reterr)
{
    str machine_arn;
    if (!target->token.ptr || !access->tasks) {
        return STATUS_OK;
    }
    status found = shard_task_machine(access->tasks, target->token, a, &machine_arn, reterr);
    if (ok(found)) {
        auth_target_set_machine(target, machine_arn);
    }
    bool is_unknown = found.code == ERROR_INVALID || found.code == ERROR_NOT_FOUND;
    return is_unknown ? STATUS_OK : found;
}

status auth_access_authorize(void *self, const void *caller, const net_http_request *request,
                             str operation, json input, const char **ret_error_name, error *reterr)
{
    auth_access *access = self;
    const auth_key *key = caller;
    if (!key) {
        INVARIANT(!auth_access_has_credentials(access));
        return STATUS_OK;
    }
    arena *a = &access->request;
    arena_reset(a);
    auth_target target;
    *ret_error_name = "InternalFailure";
    TRY(auth_target_of(operation, input, access->options.region, access->options.account, a,
                       &target, reterr));
    TRY(aim_at_machine(access, &target, a, reterr));
    char address[NET_ADDRESS_SIZE];
    auth_fact facts[FACTS_MAX];
    add_plain_facts(access, key, request, address, facts);
    size_t count = PLAIN_FACTS;
    facts[count++] = (auth_fact){STR("states:StateMachineQualifier"), target.qualifier};
    count = add_tags(json_get(input, STR("tags")), facts, count, a);
    for (size_t i = 0; i < target.action_count; i++) {
        auth_question question = {target.actions[i], target.resource, facts, count};
        auth_verdict verdict = judge(key, &question);
        if (verdict != AUTH_ALLOWED) {
            return refuse(key, &question, verdict, ret_error_name, reterr);
        }
    }
    return STATUS_OK;
}

static void answer_refusal(const net_http_request *request, const char *error_name,
                           const error *err)
{
    buf text;
    buf_init(&text, 1u << 16);
    buf_add_literal(&text, "{\"message\":");
    json_print_string((str){err->message, err->length}, &text);
    buf_add_char(&text, '}');
    net_http_header headers[] = {
        {STR("Content-Type"), STR("application/json")},
        {STR("x-amzn-ErrorType"), str_from_c(error_name)},
    };
    bool is_throttled = err->code == ERROR_LIMIT;
    net_http_response response = {is_throttled ? 429 : 403, headers, ARRAY_LENGTH(headers),
                                  buf_str(&text)};
    net_http_answer(request->reply, &response);
    buf_clean_up(&text);
}

static status judge_lambda(auth_access *access, const net_http_request *request,
                           const auth_key *key, const char **ret_error_name, error *reterr)
{
    char address[NET_ADDRESS_SIZE];
    auth_fact facts[PLAIN_FACTS];
    auth_question question = {.facts = facts, .fact_count = PLAIN_FACTS};
    arena_reset(&access->request);
    TRY(auth_lambda_target(request->method, request->path, access->options.region,
                           access->options.account, &access->request, &question.action,
                           &question.resource, reterr));
    add_plain_facts(access, key, request, address, facts);
    auth_verdict verdict = judge(key, &question);
    return verdict == AUTH_ALLOWED ? STATUS_OK
                                   : refuse(key, &question, verdict, ret_error_name, reterr);
}

bool auth_access_admit_lambda(auth_access *access, const net_http_request *request)
{
    error err;
    const auth_key *key = NULL;
    const char *error_name = "InternalFailure";
    status done = authenticate(access, request, STR("lambda"), &key, &error_name, &err);
    if (ok(done) && key) {
        done = judge_lambda(access, request, key, &error_name, &err);
    }
    if (failed(done)) {
        answer_refusal(request, error_name, &err);
    }
    return ok(done);
}

bool auth_access_may_read_metrics(const auth_access *access, const net_http_request *request)
{
    if (access->metrics_token.ptr) {
        str given = net_http_request_header(request, "Authorization");
        return str_starts_with(given, BEARER) &&
               same_secret(str_skip(given, BEARER.len), access->metrics_token);
    }
    char address[NET_ADDRESS_SIZE];
    str from = net_http_request_address(request, address);
    return !auth_access_has_credentials(access) || str_starts_with(from, STR("127.")) ||
           str_equal(from, STR("::1"));
}
