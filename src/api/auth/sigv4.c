/* The secret is used in aws_signature only, and no message holds anything derived from it. What AWS
 * says about a bad header ends in the header's SHA-256, never in the header. */
#include "api/auth/sigv4.h"

#include "base/digest.h"
#include "base/timetext.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>

#define ALGORITHM STR("AWS4-HMAC-SHA256")
#define TIME_TEXT_CHARS 16 /* yyyymmddThhmmssZ */

#define INCOMPLETE "IncompleteSignatureException"
#define INVALID "InvalidSignatureException"

/* ---------------------------------------------------------------------------------- taking apart
 */

static str find_header(const auth_request *request, str name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (str_equal_ignore_case(request->headers[i].name, name)) {
            return str_trim(request->headers[i].value);
        }
    }
    return STR_NONE;
}

static bool read_digits(str text, size_t from, size_t count, int *ret_number)
{
    int number = 0;
    for (size_t i = from; i < from + count; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        number = number * 10 + (text.ptr[i] - '0');
    }
    *ret_number = number;
    return true;
}

/* ISO 8601's basic format, the only one that AWS takes. */
static bool read_time(str text, int64_t *ret_time_ms)
{
    time_parts t = {0};
    if (text.len != TIME_TEXT_CHARS || text.ptr[8] != 'T' || text.ptr[15] != 'Z' ||
        !read_digits(text, 0, 4, &t.year) || !read_digits(text, 4, 2, &t.month) ||
        !read_digits(text, 6, 2, &t.day) || !read_digits(text, 9, 2, &t.hour) ||
        !read_digits(text, 11, 2, &t.minute) || !read_digits(text, 13, 2, &t.second)) {
        return false;
    }
    if (t.year < 1970 || t.month < 1 || t.month > 12 || t.day < 1 ||
        t.day > time_days_in_month(t.year, t.month) || t.hour > 23 || t.minute > 59 ||
        t.second > 59) {
        return false;
    }
    *ret_time_ms = time_join(&t);
    return true;
}

/* Reads "Credential=..., SignedHeaders=..., Signature=..." in any order. */
static status read_parameters(str rest, auth_claim *claim, str *ret_credential, error *reterr)
{
    const struct {
        str name;
        str *place;
    } parameters[] = {
        {STR("Credential"), ret_credential},
        {STR("SignedHeaders"), &claim->signed_headers},
        {STR("Signature"), &claim->signature},
    };
    while (rest.ptr) {
        str pair = str_trim(str_split_next(&rest, ','));
        if (!pair.len) {
            continue;
        }
        str value = pair;
        str name = str_split_next(&value, '=');
        bool is_known = false;
        for (size_t i = 0; i < ARRAY_LENGTH(parameters); i++) {
            if (value.ptr && str_equal(name, parameters[i].name)) {
                is_known = !parameters[i].place->ptr; /* given twice is as bad as unknown */
                *parameters[i].place = value;
            }
        }
        if (!is_known) {
            return fail(reterr, ERROR_INVALID,
                        "The Authorization header has a part that is none of 'Credential=', "
                        "'SignedHeaders=' and 'Signature=', or has one twice.");
        }
    }
    return STATUS_OK;
}

/* All that is missing is told at once, as AWS does. */
static status check_complete(const auth_claim *claim, str credential, str header, error *reterr)
{
    if (credential.len && claim->signed_headers.len && claim->signature.len &&
        claim->time_text.ptr) {
        return STATUS_OK;
    }
    unsigned char digest[DIGEST_BYTES_MAX];
    unsigned char text[2 * DIGEST_BYTES_MAX];
    size_t len = digest_compute(DIGEST_SHA256, header, digest);
    EVP_EncodeBlock(text, digest, (int)len);
    return fail(
        reterr, ERROR_INVALID, "%s%s%s%s(Hashed with SHA-256 and encoded with Base64) %s%s",
        credential.len ? "" : "Authorization header requires 'Credential' parameter. ",
        claim->signature.len ? "" : "Authorization header requires 'Signature' parameter. ",
        claim->signed_headers.len ? ""
                                  : "Authorization header requires 'SignedHeaders' parameter. ",
        claim->time_text.ptr ? ""
                             : "Authorization header requires existence of either a 'X-Amz-Date' "
                               "or a 'Date' header. ",
        "Authorization=", (const char *)text);
}

static status read_credential(str credential, auth_claim *claim, error *reterr)
{
    str rest = credential;
    str *const parts[] = {&claim->key_id, &claim->scope_date, &claim->region, &claim->service,
                          &claim->terminator};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        *parts[i] = str_split_next(&rest, '/');
        if (!parts[i]->ptr) {
            break;
        }
    }
    if (!claim->key_id.len || !claim->terminator.ptr || rest.ptr) {
        return fail(reterr, ERROR_INVALID,
                    "Credential must have exactly 5 slash-delimited elements, e.g. "
                    "keyid/date/region/service/term, got '%.*s'",
                    STR_ARG(str_take(credential, 200)));
    }
    claim->scope = str_skip(credential, claim->key_id.len + 1);
    return STATUS_OK;
}

status auth_sigv4_read(const auth_request *request, auth_claim *ret_claim,
                       const char **ret_error_name, error *reterr)
{
    auth_claim claim = {0};
    str header = find_header(request, STR("Authorization"));
    if (!header.len) {
        *ret_error_name = "MissingAuthenticationTokenException";
        return fail(reterr, ERROR_INVALID, "Missing Authentication Token");
    }
    *ret_error_name = INCOMPLETE;
    str rest = header;
    str algorithm = str_split_next(&rest, ' ');
    if (!str_equal(algorithm, ALGORITHM)) {
        return fail(reterr, ERROR_INVALID, "Unsupported AWS 'algorithm': '%.*s'.",
                    STR_ARG(str_take(algorithm, 40)));
    }
    claim.time_text = find_header(request, STR("X-Amz-Date"));
    if (!claim.time_text.ptr) {
        claim.time_text = find_header(request, STR("Date"));
    }
    claim.session_token = find_header(request, STR("X-Amz-Security-Token"));
    str credential = STR_NONE;
    TRY(read_parameters(rest, &claim, &credential, reterr));
    TRY(check_complete(&claim, credential, header, reterr));
    TRY(read_credential(credential, &claim, reterr));
    if (!read_time(claim.time_text, &claim.time_ms)) {
        return fail(reterr, ERROR_INVALID,
                    "Date must be in ISO-8601 'basic format'. Got '%.*s'. See "
                    "http://en.wikipedia.org/wiki/ISO_8601",
                    STR_ARG(str_take(claim.time_text, 60)));
    }
    *ret_claim = claim;
    return STATUS_OK;
}

/* --------------------------------------------------------------------------------------- checking
 */

static status check_scope(const auth_claim *claim, const auth_sigv4_rules *rules, error *reterr)
{
    if (!str_equal(claim->terminator, STR("aws4_request"))) {
        return fail(reterr, ERROR_INVALID,
                    "Credential should be scoped with a valid terminator: 'aws4_request', not "
                    "'%.*s'. ",
                    STR_ARG(str_take(claim->terminator, 60)));
    }
    if (!str_equal(claim->region, rules->region)) {
        return fail(reterr, ERROR_INVALID,
                    "Credential should be scoped to a valid region, not '%.*s'. ",
                    STR_ARG(str_take(claim->region, 60)));
    }
    if (!str_equal(claim->service, rules->service)) {
        return fail(reterr, ERROR_INVALID,
                    "Credential should be scoped to correct service: '%.*s'. ",
                    STR_ARG(rules->service));
    }
    if (!str_equal(claim->scope_date, str_take(claim->time_text, 8))) {
        return fail(reterr, ERROR_INVALID,
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
                    "date from HTTP: '%.*s' != '%.*s', from '%.*s'.",
                    STR_ARG(str_take(claim->scope_date, 60)), 8, claim->time_text.ptr,
                    STR_ARG(claim->time_text));
    }
    return STATUS_OK;
}

static status check_time(const auth_claim *claim, const auth_sigv4_rules *rules, error *reterr)
{
    char now[AWS_SIGNATURE_TIME_SIZE], edge[AWS_SIGNATURE_TIME_SIZE];
    long long minutes = (long long)rules->skew_ms_max / 60000;
    /* To whole seconds, as the time itself is. */
    int64_t now_ms = rules->now_ms - rules->now_ms % 1000;
    aws_signature_time(now_ms, now);
    if (claim->time_ms < now_ms - rules->skew_ms_max) {
        aws_signature_time(now_ms - rules->skew_ms_max, edge);
        return fail(reterr, ERROR_INVALID,
                    "Signature expired: %.*s is now earlier than %s (%s - %lld min.)",
                    STR_ARG(claim->time_text), edge, now, minutes);
    }
    if (claim->time_ms > now_ms + rules->skew_ms_max) {
        aws_signature_time(now_ms + rules->skew_ms_max, edge);
        return fail(reterr, ERROR_INVALID,
                    "Signature not yet current: %.*s is still later than %s (%s + %lld min.)",
                    STR_ARG(claim->time_text), edge, now, minutes);
    }
    return STATUS_OK;
}

static bool is_signed(str signed_headers, str name)
{
    while (signed_headers.ptr) {
        if (str_equal(str_split_next(&signed_headers, ';'), name)) {
            return true;
        }
    }
    return false;
}

/* An unsigned one of these could be changed on the way: another server, another time, another
 * operation, or a token put on. Names stand in ascending order, so that none comes twice. */
static status check_signed_headers(const auth_request *request, const auth_claim *claim,
                                   error *reterr)
{
    bool has_amz_date = find_header(request, STR("X-Amz-Date")).ptr != NULL;
    const struct {
        str name;
        const char *shown;
        bool is_required;
    } required[] = {
        {STR("host"), "'Host' or ':authority'", true},
        {STR("x-amz-date"), "'X-Amz-Date'", has_amz_date},
        {STR("date"), "'Date'", !has_amz_date},
        {STR("x-amz-target"), "'X-Amz-Target'",
         find_header(request, STR("X-Amz-Target")).ptr != NULL},
        {STR("x-amz-security-token"), "'X-Amz-Security-Token'", claim->session_token.ptr != NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(required); i++) {
        if (required[i].is_required && !is_signed(claim->signed_headers, required[i].name)) {
            return fail(reterr, ERROR_INVALID,
                        "%s must be a 'SignedHeader' in the AWS Authorization.", required[i].shown);
        }
    }
    str rest = claim->signed_headers;
    size_t count = 0;
    for (str before = STR_NONE, name; rest.ptr; before = name) {
        name = str_split_next(&rest, ';');
        bool is_lower = name.len > 0 && ++count <= AUTH_SIGNED_HEADERS_MAX;
        for (size_t i = 0; i < name.len; i++) {
            is_lower &= name.ptr[i] < 'A' || name.ptr[i] > 'Z';
        }
        if (!is_lower || (before.ptr && str_compare(before, name) >= 0)) {
            return fail(reterr, ERROR_INVALID,
                        "'SignedHeaders' must be a sorted list of at most %d lower-case "
                        "header names.",
                        AUTH_SIGNED_HEADERS_MAX);
        }
    }
    return STATUS_OK;
}

aws_signing_scope auth_claim_scope(const auth_claim *claim)
{
    return (aws_signing_scope){claim->time_text, claim->scope_date, claim->region, claim->service};
}

status auth_sigv4_check(const auth_request *request, const auth_claim *claim, str secret,
                        const auth_sigv4_rules *rules, arena *a,
                        unsigned char ret_signature[AUTH_SIGNATURE_BYTES],
                        const char **ret_error_name, error *reterr)
{
    *ret_error_name = INVALID;
    TRY(check_scope(claim, rules, reterr));
    TRY(check_time(claim, rules, reterr));
    TRY(check_signed_headers(request, claim, reterr));
    aws_signing_scope scope = auth_claim_scope(claim);
    str canonical = aws_canonical_request(request, claim->signed_headers, a);
    str to_sign = canonical.ptr ? aws_string_to_sign(&scope, canonical, a) : STR_NONE;
    if (!to_sign.ptr) {
        *ret_error_name = "InternalFailure";
        return fail_memory(reterr);
    }
    unsigned char wanted[AUTH_SIGNATURE_BYTES];
    char text[AWS_SIGNATURE_HEX_CHARS];
    aws_signature(secret, &scope, to_sign, wanted);
    aws_signature_hex(wanted, text);
    bool is_right = claim->signature.len == sizeof(text) &&
                    CRYPTO_memcmp(text, claim->signature.ptr, sizeof(text)) == 0;
    if (is_right) {
        memcpy(ret_signature, wanted, sizeof(wanted));
    }
    OPENSSL_cleanse(wanted, sizeof(wanted));
    OPENSSL_cleanse(text, sizeof(text));
    return is_right ? STATUS_OK
                    : fail(reterr, ERROR_INVALID,
                           "The request signature we calculated does not match the signature you "
                           "provided. Check your AWS Secret Access Key and signing method. Consult "
                           "the service documentation for details.");
}
