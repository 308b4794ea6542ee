/* AWS Signature Version 4. Pure: time and keys come from the caller. Whoever signs (the client) and
 * whoever checks (src/api/auth) use the same steps:
 *
 *   aws_canonical_request   one spelling of what is signed
 *   aws_string_to_sign      its digest, with the time and the scope
 *   aws_signature           by a key that is derived from the secret, the day, region and service
 *
 * Source:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
#ifndef GAIT_INTEGRATIONS_AWS_SIGV4_H
#define GAIT_INTEGRATIONS_AWS_SIGV4_H

#include "base/arena.h"
#include "net/http_server.h" /* net_http_header */

/* What of a request is signed; all borrowed. */
typedef struct aws_signed_request {
    str method, path, query; /* as sent */
    str body;
    const net_http_header *headers;
    size_t header_count;
    bool is_path_kept;  /* S3: the path is escaped once only */
    str payload_digest; /* in place of the body's, "UNSIGNED-PAYLOAD"; absent: the body's */
} aws_signed_request;

typedef struct aws_signing_scope {
    str time_text; /* yyyymmddThhmmssZ */
    str date;      /* yyyymmdd */
    str region, service;
} aws_signing_scope;

#define AWS_SIGNATURE_BYTES 32
#define AWS_SIGNATURE_HEX_CHARS 64
#define AWS_SIGNATURE_TIME_SIZE 17
#define AWS_SECRET_BYTES_MAX 256

/* Text is in the arena, ptr NULL when memory ran out. */
MUST_USE str aws_canonical_request(const aws_signed_request *request, str signed_headers, arena *a);
MUST_USE str aws_string_to_sign(const aws_signing_scope *scope, str canonical_request, arena *a);
/* `secret` has 1 to AWS_SECRET_BYTES_MAX bytes. */
void aws_signature(str secret, const aws_signing_scope *scope, str string_to_sign,
                   unsigned char ret_signature[AWS_SIGNATURE_BYTES]);
void aws_signature_hex(const unsigned char signature[AWS_SIGNATURE_BYTES],
                       char out[AWS_SIGNATURE_HEX_CHARS]);
/* yyyymmddThhmmssZ, the only form that AWS takes. */
void aws_signature_time(int64_t time_ms, char out[AWS_SIGNATURE_TIME_SIZE]);

/* Who signs. */
typedef struct aws_signer {
    str access_key_id, secret_access_key;
    str session_token; /* absent: none */
    str region, service;
    int64_t now_ms;
    bool has_digest_header; /* S3: X-Amz-Content-Sha256 */
} aws_signer;

/* X-Amz-Date, X-Amz-Security-Token, X-Amz-Content-Sha256, Authorization */
#define AWS_SIGNATURE_HEADERS_MAX 4

/* The headers to add to the request, whose headers hold Host already; all that are there are
 * signed, but for those that proxies change. In the arena. */
MUST_USE status aws_sign(const aws_signed_request *request, const aws_signer *signer, arena *a,
                         net_http_header ret_headers[AWS_SIGNATURE_HEADERS_MAX], size_t *ret_count,
                         error *reterr);

/* The query of a presigned URL: the request's own and the signature's parameters. Whoever has it
 * may make the request for that many seconds; its headers, Host among them, are signed. In the
 * arena. Source: the same page, "Query string". */
MUST_USE status aws_presign(const aws_signed_request *request, const aws_signer *signer,
                            uint32_t seconds, arena *a, str *ret_query, error *reterr);

#endif
