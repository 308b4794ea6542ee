/* One allocation holds the struct and its texts, so that one wipe clears both. */
#include "integrations/aws/credentials.h"

#include "base/timetext.h"
#include "integrations/aws/sigv4.h"

#include <stdlib.h>
#include <string.h>

#define KEY_ID_BYTES_MAX 128
#define TOKEN_BYTES_MAX 16384 /* AWS's own are about 1 KB */

/* What goes into a header must be of one line. */
static bool is_plain(str text, size_t bytes_max)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~') {
            return false;
        }
    }
    return text.len <= bytes_max;
}

status aws_credentials_new(str access_key_id, str secret_access_key, str session_token,
                           int64_t expires_ms, aws_credentials **ret_credentials, error *reterr)
{
    if (!access_key_id.len || !secret_access_key.len) {
        return fail(reterr, ERROR_INVALID,
                    "the access key id or the secret access key is missing or empty");
    }
    if (!is_plain(access_key_id, KEY_ID_BYTES_MAX) || !is_plain(session_token, TOKEN_BYTES_MAX) ||
        secret_access_key.len > AWS_SECRET_BYTES_MAX) {
        return fail(reterr, ERROR_INVALID,
                    "the access key id, the secret access key or the session token is too long, or "
                    "holds characters that cannot be sent");
    }
    const str given[] = {access_key_id, secret_access_key, session_token};
    size_t bytes = sizeof(aws_credentials);
    for (size_t i = 0; i < ARRAY_LENGTH(given); i++) {
        bytes += given[i].len;
    }
    aws_credentials *c = calloc(1, bytes);
    if (!c) {
        return fail_memory(reterr);
    }
    c->expires_ms = expires_ms;
    c->references = 1;
    c->bytes = bytes;
    str *const places[] = {&c->access_key_id, &c->secret_access_key, &c->session_token};
    char *at = (char *)(c + 1);
    for (size_t i = 0; i < ARRAY_LENGTH(given); i++) {
        if (given[i].len) {
            memcpy(at, given[i].ptr, given[i].len);
            *places[i] = str_from(at, given[i].len);
            at += given[i].len;
        }
    }
    *ret_credentials = c;
    return STATUS_OK;
}

status aws_credentials_placeholder(int64_t expires_ms, aws_credentials **ret_credentials,
                                   error *reterr)
{
    TRY(aws_credentials_new(STR("test"), STR("test"), STR_NONE, expires_ms, ret_credentials,
                            reterr));
    (*ret_credentials)->is_placeholder = true;
    return STATUS_OK;
}

status aws_credentials_from_json(json value, aws_credentials **ret_credentials, error *reterr)
{
    str token = json_str(json_get(value, STR("SessionToken")));
    json expiration = json_get(value, STR("Expiration"));
    int64_t expires_ms = AWS_CREDENTIALS_NEVER_EXPIRE;
    if (!token.ptr) {
        token = json_str(json_get(value, STR("Token")));
    }
    if (json_is(expiration, JSON_STRING)) {
        if (failed(time_parse_rfc3339(json_str(expiration), &expires_ms, NULL))) {
            return fail(reterr, ERROR_INVALID, "the credentials' Expiration is no time");
        }
    } else if (json_is(expiration, JSON_NUMBER)) {
        if (!json_int64(expiration, &expires_ms)) {
            return fail(reterr, ERROR_INVALID, "the credentials' Expiration is no time");
        }
    }
    return aws_credentials_new(json_str(json_get(value, STR("AccessKeyId"))),
                               json_str(json_get(value, STR("SecretAccessKey"))), token, expires_ms,
                               ret_credentials, reterr);
}

aws_credentials *aws_credentials_retain(aws_credentials *credentials)
{
    if (credentials) {
        credentials->references++;
    }
    return credentials;
}

void aws_credentials_release(aws_credentials *credentials)
{
    if (credentials && --credentials->references == 0) {
        explicit_bzero(credentials, credentials->bytes);
        free(credentials);
    }
}
