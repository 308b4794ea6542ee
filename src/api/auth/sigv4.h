/* AWS Signature Version 4: who signed a request. Pure: time and keys come from the caller; the
 * computation itself is in integrations/aws/sigv4.h.
 *
 *   auth_sigv4_read   takes the Authorization header apart: which key, when, what was signed
 *   auth_sigv4_check  recomputes the signature with that key's secret
 *
 * Signatures in the query (presigned URLs) are not accepted: Step Functions takes POSTs only.
 * Source:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
#ifndef GAIT_API_AUTH_SIGV4_H
#define GAIT_API_AUTH_SIGV4_H

#include "integrations/aws/sigv4.h"

/* A request as it came. What X-Amz-Content-Sha256 says is never believed: UNSIGNED-PAYLOAD is S3's
 * alone. */
typedef aws_signed_request auth_request;

/* A request's claim, borrowed from its headers. */
typedef struct auth_claim {
    str key_id;
    str scope_date, region, service, terminator; /* of the credential's scope */
    str scope;                                   /* all four, as sent */
    str signed_headers, signature;
    str time_text; /* yyyymmddThhmmssZ */
    int64_t time_ms;
    str session_token; /* X-Amz-Security-Token; absent when there is none */
} auth_claim;

/* Where a signature has to be for, and the clock. */
typedef struct auth_sigv4_rules {
    str region, service;
    int64_t now_ms;
    int64_t skew_ms_max; /* either way */
} auth_sigv4_rules;

#define AUTH_SIGNATURE_BYTES AWS_SIGNATURE_BYTES

/* On failure *ret_error_name is AWS's name of the error. */
MUST_USE status auth_sigv4_read(const auth_request *request, auth_claim *ret_claim,
                                const char **ret_error_name, error *reterr);
/* Scope, time, headers, signature, in this order. Uses the arena for the canonical request. */
MUST_USE status auth_sigv4_check(const auth_request *request, const auth_claim *claim, str secret,
                                 const auth_sigv4_rules *rules, arena *a,
                                 unsigned char ret_signature[AUTH_SIGNATURE_BYTES],
                                 const char **ret_error_name, error *reterr);

/* The claim's own scope, for the steps of the computation. */
aws_signing_scope auth_claim_scope(const auth_claim *claim);

#endif
