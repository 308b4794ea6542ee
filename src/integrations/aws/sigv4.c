/* The secret is used in aws_signature only, and nothing derived from it is kept. */
#include "integrations/aws/sigv4.h"

#include "base/digest.h"
#include "base/timetext.h"
#include "integrations/aws/canonical.h"
#include "integrations/aws/wire.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#define SIGNED_HEADERS_MAX 200

static void hmac(const unsigned char *key, size_t key_len, str text,
                 unsigned char out[AWS_SIGNATURE_BYTES])
{
    unsigned int len = 0;
    const unsigned char *done =
        HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)(text.ptr ? text.ptr : ""),
             text.len, out, &len);
    INVARIANT(done && len == AWS_SIGNATURE_BYTES);
}

void aws_signature(str secret, const aws_signing_scope *scope, str string_to_sign,
                   unsigned char ret_signature[AWS_SIGNATURE_BYTES])
{
    unsigned char first[4 + AWS_SECRET_BYTES_MAX] = "AWS4";
    unsigned char key[2][AWS_SIGNATURE_BYTES];
    INVARIANT(secret.len > 0 && secret.len <= AWS_SECRET_BYTES_MAX);
    memcpy(first + 4, secret.ptr, secret.len);
    hmac(first, 4 + secret.len, scope->date, key[0]);
    hmac(key[0], sizeof(key[0]), scope->region, key[1]);
    hmac(key[1], sizeof(key[1]), scope->service, key[0]);
    hmac(key[0], sizeof(key[0]), STR("aws4_request"), key[1]);
    hmac(key[1], sizeof(key[1]), string_to_sign, ret_signature);
    OPENSSL_cleanse(first, sizeof(first));
    OPENSSL_cleanse(key, sizeof(key));
}

void aws_signature_hex(const unsigned char signature[AWS_SIGNATURE_BYTES],
                       char out[AWS_SIGNATURE_HEX_CHARS])
{
    for (size_t i = 0; i < AWS_SIGNATURE_BYTES; i++) {
        out[2 * i] = "0123456789abcdef"[signature[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[signature[i] & 15];
    }
}

void aws_signature_time(int64_t time_ms, char out[AWS_SIGNATURE_TIME_SIZE])
{
    time_parts t = time_split(time_ms);
    snprintf(out, AWS_SIGNATURE_TIME_SIZE, "%04u%02u%02uT%02u%02u%02uZ", (unsigned)t.year % 10000u,
             (unsigned)t.month % 100u, (unsigned)t.day % 100u, (unsigned)t.hour % 100u,
             (unsigned)t.minute % 100u, (unsigned)t.second % 100u);
}

str aws_string_to_sign(const aws_signing_scope *scope, str canonical_request, arena *a)
{
    char digest[DIGEST_HEX_SIZE];
    digest_compute_hex(DIGEST_SHA256, canonical_request, digest);
    return arena_printf(a, "AWS4-HMAC-SHA256\n%.*s\n%.*s/%.*s/%.*s/aws4_request\n%s",
                        STR_ARG(scope->time_text), STR_ARG(scope->date), STR_ARG(scope->region),
                        STR_ARG(scope->service), digest);
}

/* ----------------------------------------------------------------------------------------- signing
 */

/* What proxies and HTTP clients add or change on the way. */
static bool is_changed_on_the_way(str name)
{
    static const char *const names[] = {"connection", "expect", "transfer-encoding", "user-agent",
                                        "x-amzn-trace-id"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (str_equal(name, str_from_c(names[i]))) {
            return true;
        }
    }
    return false;
}

static int compare_names(const void *left, const void *right)
{
    return str_compare(*(const str *)left, *(const str *)right);
}

/* "host;x-amz-date"; ptr NULL when memory ran out. */
static str list_signed_headers(const net_http_header *headers, size_t count, arena *a)
{
    str names[SIGNED_HEADERS_MAX];
    size_t found = 0;
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        char *lower = arena_alloc(a, headers[i].name.len);
        if (!lower) {
            return STR_NONE;
        }
        for (size_t j = 0; j < headers[i].name.len; j++) {
            char c = headers[i].name.ptr[j];
            lower[j] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        }
        str name = str_from(lower, headers[i].name.len);
        if (!is_changed_on_the_way(name)) {
            names[found++] = name;
            bytes += name.len + 1;
        }
    }
    qsort(names, found, sizeof(*names), compare_names);
    char *text = arena_alloc(a, bytes);
    size_t at = 0;
    for (size_t i = 0; text && i < found; i++) {
        if (i && str_equal(names[i], names[i - 1])) {
            continue;
        }
        if (i) {
            text[at++] = ';';
        }
        memcpy(text + at, names[i].ptr, names[i].len);
        at += names[i].len;
    }
    return text ? str_from(text, at) : STR_NONE;
}

static str payload_digest(const aws_signed_request *request, arena *a)
{
    char digest[DIGEST_HEX_SIZE];
    return request->payload_digest.ptr
               ? request->payload_digest
               : arena_str(a, digest_compute_hex(DIGEST_SHA256, request->body, digest));
}

static str authorization(const aws_signed_request *request, const aws_signer *signer,
                         const aws_signing_scope *scope, arena *a)
{
    unsigned char signature[AWS_SIGNATURE_BYTES];
    char hex[AWS_SIGNATURE_HEX_CHARS];
    str names = list_signed_headers(request->headers, request->header_count, a);
    str canonical = names.ptr ? aws_canonical_request(request, names, a) : STR_NONE;
    str to_sign = canonical.ptr ? aws_string_to_sign(scope, canonical, a) : STR_NONE;
    if (!to_sign.ptr) {
        return STR_NONE;
    }
    aws_signature(signer->secret_access_key, scope, to_sign, signature);
    aws_signature_hex(signature, hex);
    return arena_printf(
        a,
        "AWS4-HMAC-SHA256 Credential=%.*s/%.*s/%.*s/%.*s/aws4_request, SignedHeaders=%.*s, "
        "Signature=%.*s",
        STR_ARG(signer->access_key_id), STR_ARG(scope->date), STR_ARG(scope->region),
        STR_ARG(scope->service), STR_ARG(names), AWS_SIGNATURE_HEX_CHARS, hex);
}

status aws_sign(const aws_signed_request *request, const aws_signer *signer, arena *a,
                net_http_header ret_headers[AWS_SIGNATURE_HEADERS_MAX], size_t *ret_count,
                error *reterr)
{
    if (!signer->secret_access_key.len || signer->secret_access_key.len > AWS_SECRET_BYTES_MAX ||
        request->header_count + AWS_SIGNATURE_HEADERS_MAX > SIGNED_HEADERS_MAX) {
        return fail(reterr, ERROR_LIMIT,
                    "the secret access key is empty or longer than %d bytes, or there are more "
                    "than %d headers to sign",
                    AWS_SECRET_BYTES_MAX, SIGNED_HEADERS_MAX);
    }
    char time_text[AWS_SIGNATURE_TIME_SIZE];
    aws_signature_time(signer->now_ms, time_text);
    aws_signed_request whole = *request;
    net_http_header *all =
        arena_array(a, net_http_header, request->header_count + AWS_SIGNATURE_HEADERS_MAX);
    str time_kept = arena_str(a, str_from_c(time_text));
    whole.payload_digest = payload_digest(request, a);
    if (!all || !time_kept.ptr || !whole.payload_digest.ptr) {
        return fail_memory(reterr);
    }
    net_http_header added[AWS_SIGNATURE_HEADERS_MAX];
    size_t count = 0;
    added[count++] = (net_http_header){STR("X-Amz-Date"), time_kept};
    if (signer->session_token.len) {
        added[count++] = (net_http_header){STR("X-Amz-Security-Token"), signer->session_token};
    }
    if (signer->has_digest_header) {
        added[count++] = (net_http_header){STR("X-Amz-Content-Sha256"), whole.payload_digest};
    }
    if (request->header_count) {
        memcpy(all, request->headers, request->header_count * sizeof(*all));
    }
    memcpy(all + request->header_count, added, count * sizeof(*all));
    whole.headers = all;
    whole.header_count = request->header_count + count;
    aws_signing_scope scope = {time_kept, str_take(time_kept, 8), signer->region, signer->service};
    str value = authorization(&whole, signer, &scope, a);
    if (!value.ptr) {
        return fail_memory(reterr);
    }
    added[count++] = (net_http_header){STR("Authorization"), value};
    memcpy(ret_headers, added, count * sizeof(*added));
    *ret_count = count;
    return STATUS_OK;
}

static str escaped(str text, arena *a)
{
    buf out;
    buf_init(&out, 3 * 65536);
    wire_percent(text, "", &out);
    str made = out.overflowed ? STR_NONE : arena_str(a, buf_str(&out));
    buf_clean_up(&out);
    return made;
}

/* Without the signature, which is of this too. */
static str unsigned_query(const aws_signed_request *request, const aws_signer *signer,
                          const aws_signing_scope *scope, uint32_t seconds, str names, arena *a)
{
    str who = arena_printf(a, "%.*s/%.*s/%.*s/%.*s/aws4_request", STR_ARG(signer->access_key_id),
                           STR_ARG(scope->date), STR_ARG(scope->region), STR_ARG(scope->service));
    str token = signer->session_token.len ? escaped(signer->session_token, a) : STR("");
    who = who.ptr ? escaped(who, a) : who;
    names = escaped(names, a);
    if (!who.ptr || !names.ptr || !token.ptr) {
        return STR_NONE;
    }
    return arena_printf(a,
                        "%.*s%sX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%.*s&X-Amz-Date="
                        "%.*s&X-Amz-Expires=%u&X-Amz-SignedHeaders=%.*s%s%.*s",
                        STR_ARG(request->query), request->query.len ? "&" : "", STR_ARG(who),
                        STR_ARG(scope->time_text), seconds, STR_ARG(names),
                        token.len ? "&X-Amz-Security-Token=" : "", STR_ARG(token));
}

status aws_presign(const aws_signed_request *request, const aws_signer *signer, uint32_t seconds,
                   arena *a, str *ret_query, error *reterr)
{
    unsigned char signature[AWS_SIGNATURE_BYTES];
    char hex[AWS_SIGNATURE_HEX_CHARS], time_text[AWS_SIGNATURE_TIME_SIZE];
    if (!signer->secret_access_key.len || signer->secret_access_key.len > AWS_SECRET_BYTES_MAX ||
        request->header_count > SIGNED_HEADERS_MAX) {
        return fail(reterr, ERROR_LIMIT,
                    "the secret access key is empty or longer than %d bytes, or there are more "
                    "than %d headers to sign",
                    AWS_SECRET_BYTES_MAX, SIGNED_HEADERS_MAX);
    }
    aws_signature_time(signer->now_ms, time_text);
    str time_kept = arena_str(a, str_from_c(time_text));
    aws_signing_scope scope = {time_kept, str_take(time_kept, 8), signer->region, signer->service};
    aws_signed_request whole = *request;
    str names = list_signed_headers(request->headers, request->header_count, a);
    if (!time_kept.ptr || !names.ptr) {
        return fail_memory(reterr);
    }
    whole.query = unsigned_query(request, signer, &scope, seconds, names, a);
    whole.payload_digest = payload_digest(request, a);
    str canonical = whole.query.ptr && whole.payload_digest.ptr
                        ? aws_canonical_request(&whole, names, a)
                        : STR_NONE;
    str to_sign = canonical.ptr ? aws_string_to_sign(&scope, canonical, a) : STR_NONE;
    if (!to_sign.ptr) {
        return fail_memory(reterr);
    }
    aws_signature(signer->secret_access_key, &scope, to_sign, signature);
    aws_signature_hex(signature, hex);
    str made = arena_printf(a, "%.*s&X-Amz-Signature=%.*s", STR_ARG(whole.query),
                            AWS_SIGNATURE_HEX_CHARS, hex);
    *ret_query = made;
    return made.ptr ? STATUS_OK : fail_memory(reterr);
}
