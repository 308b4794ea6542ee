/* The token of a login at IAM Identity Center: what `aws sso login` leaves in a file of
 * ~/.aws/sso/cache, and what every SDK and the AWS CLI share there.
 *
 *   {"startUrl", "region", "accessToken", "expiresAt", "refreshToken", "clientId", "clientSecret",
 *    "registrationExpiresAt"}
 *
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html */
#ifndef GAIT_INTEGRATIONS_AWS_SSO_TOKEN_H
#define GAIT_INTEGRATIONS_AWS_SSO_TOKEN_H

#include "integrations/aws/settings.h"

/* Texts are in the arena that it was read into. */
typedef struct aws_sso_token {
    str path;
    json file; /* all that the file says, so that it can be written again */
    str access_token;
    int64_t expires_ms;
    str refresh_token, client_id, client_secret; /* absent: it cannot be renewed */
    int64_t registration_expires_ms;             /* of the client; INT64_MAX: nobody knows */
} aws_sso_token;

/* `key` is the SHA-1 of the session's name or of the start URL, in hexadecimal. ERROR_NOT_FOUND
 * where there is no file, ERROR_INVALID where it holds no token; the words hold no secret. */
MUST_USE status aws_sso_token_read(const aws_settings *settings, str key, arena *a,
                                   aws_sso_token *ret_token, error *reterr);
bool aws_sso_token_is_valid(const aws_sso_token *token, int64_t now_ms);
/* Whether it expires soon, or has, and what it takes to renew it is there. */
bool aws_sso_token_wants_renewal(const aws_sso_token *token, int64_t now_ms);

/* The token that CreateToken has answered with, in the place of `old`: what the answer does not
 * name stays as it is. */
MUST_USE status aws_sso_token_renew(const aws_sso_token *old, json answer, int64_t now_ms, arena *a,
                                    aws_sso_token *ret_token, error *reterr);
/* Puts it into the place of its file, whole or not at all, for nobody but this user to read. */
MUST_USE status aws_sso_token_write(const aws_sso_token *token, arena *a, error *reterr);

#endif
