/* One set of AWS keys: immutable, counted references, overwritten when the last one goes. */
#ifndef GAIT_INTEGRATIONS_AWS_CREDENTIALS_H
#define GAIT_INTEGRATIONS_AWS_CREDENTIALS_H

#include "base/status.h"
#include "json/json.h"

#define AWS_CREDENTIALS_NEVER_EXPIRE INT64_MAX

typedef struct aws_credentials {
    str access_key_id, secret_access_key;
    str session_token; /* absent: keys that are not temporary */
    int64_t expires_ms;
    bool is_placeholder; /* test/test, for emulators that ask for some signature */
    /* Private: */
    uint32_t references;
    size_t bytes;
} aws_credentials;

/* Copies the texts. ERROR_INVALID, without a word of what they are, for keys that cannot sign. */
MUST_USE status aws_credentials_new(str access_key_id, str secret_access_key, str session_token,
                                    int64_t expires_ms, aws_credentials **ret_credentials,
                                    error *reterr);
MUST_USE status aws_credentials_placeholder(int64_t expires_ms, aws_credentials **ret_credentials,
                                            error *reterr);
/* Of the JSON of credential processes, containers and the metadata service: "AccessKeyId",
 * "SecretAccessKey", "SessionToken" or "Token", "Expiration". STS's and SSO's members are named
 * likewise. */
MUST_USE status aws_credentials_from_json(json value, aws_credentials **ret_credentials,
                                          error *reterr);

aws_credentials *aws_credentials_retain(aws_credentials *credentials); /* NULL is fine */
void aws_credentials_release(aws_credentials *credentials);            /* NULL is fine */

#endif
