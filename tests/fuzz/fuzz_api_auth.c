/* What comes to the door from outside, and from the configuration. The text is taken as: headers
 * with an Authorization among them, a path with a query, a policy, patterns. */
#include "api/auth/lambda_target.h"
#include "api/auth/policy.h"
#include "api/auth/sigv4.h"
#include "api/auth/target.h"
#include "api/auth/wildcard.h"
#include "integrations/aws/canonical.h"

#define HEADERS_MAX 64

/* Lines "name: value"; what follows an empty line is the body. */
static void check_request(str text, arena *a)
{
    net_http_header headers[HEADERS_MAX];
    auth_claim claim;
    error err;
    const char *error_name = NULL;
    unsigned char signature[AUTH_SIGNATURE_BYTES], again[AUTH_SIGNATURE_BYTES];
    auth_request request = {.method = STR("POST"), .headers = headers};
    request.path = str_split_next(&text, '\n');
    request.query = request.path;
    request.path = str_split_next(&request.query, '?');
    while (text.ptr && request.header_count < HEADERS_MAX) {
        str line = str_split_next(&text, '\n');
        if (!line.len) {
            break;
        }
        str name = str_split_next(&line, ':');
        headers[request.header_count++] = (net_http_header){name, line};
    }
    request.body = text;
    if (failed(auth_sigv4_read(&request, &claim, &error_name, &err))) {
        INVARIANT(error_name && err.message[0]);
        return;
    }
    auth_sigv4_rules rules = {claim.region, STR("states"), claim.time_ms, 300000};
    aws_signing_scope scope = auth_claim_scope(&claim);
    str canonical = aws_canonical_request(&request, claim.signed_headers, a);
    str to_sign = canonical.ptr ? aws_string_to_sign(&scope, canonical, a) : STR_NONE;
    if (!to_sign.ptr) {
        return;
    }
    aws_signature(STR("secret"), &scope, to_sign, signature);
    if (ok(auth_sigv4_check(&request, &claim, STR("secret"), &rules, a, again, &error_name,
                            &err))) {
        INVARIANT(memcmp(signature, again, sizeof(again)) == 0);
    } else {
        INVARIANT(error_name && err.message[0]);
    }
}

static void check_spelling(str text, arena *a)
{
    buf once, twice;
    buf_init(&once, 1u << 20);
    buf_init(&twice, 1u << 20);
    aws_canonical_query(text, a, &once);
    aws_canonical_query(buf_str(&once), a, &twice);
    INVARIANT(once.overflowed || twice.overflowed || str_equal(buf_str(&once), buf_str(&twice)));
    buf_clean_up(&once);
    buf_clean_up(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str text = str_from((const char *)data, size);
    arena a;
    arena_init(&a, 64u << 20);
    check_request(text, &a);
    check_spelling(text, &a);
    str right = text, action, resource;
    str left = str_split_next(&right, '\n');
    INVARIANT(auth_wildcard_match(STR("*"), left, false));
    INVARIANT(str_find_char(left, '*') != STR_NOT_FOUND ||
              str_find_char(left, '?') != STR_NOT_FOUND ||
              auth_wildcard_match(left, right, false) == str_equal(left, right));
    (void)auth_arn_match(left, right);
    INVARIANT(
        ok(auth_lambda_target(left, right, STR("r"), STR("1"), &a, &action, &resource, NULL)));
    json value;
    if (ok(json_parse_into(text, &a, &value, NULL))) {
        const auth_policy *policy;
        auth_target target;
        error err;
        if (ok(auth_target_of(STR("CreateStateMachineAlias"), value, STR("r"), STR("1"), &a,
                              &target, &err)) &&
            ok(auth_policy_compile(value, &a, &policy, &err))) {
            auth_fact fact = {STR("aws:SourceIp"), STR("10.0.0.1")};
            auth_question question = {target.actions[0], target.resource, &fact, 1};
            (void)auth_policy_judge(policy, &question);
        }
    }
    arena_clean_up(&a);
    return 0;
}
