/* aws_provider: credentials, fetched when they are needed, one fetch at a time for each of their
 * kinds, and kept until shortly before they expire. */
#ifndef GAIT_INTEGRATIONS_AWS_PROVIDER_H
#define GAIT_INTEGRATIONS_AWS_PROVIDER_H

#include "integrations/aws/exchange.h"

typedef struct aws_provider aws_provider;
typedef struct aws_provider_wait aws_provider_wait;

/* Whose credentials. */
typedef struct aws_provider_key {
    str role_arn; /* to assume at the end; absent: none */
    /* For an emulator: the metadata service is not asked, and where nothing is configured there
     * are credentials all the same, placeholders. */
    bool is_for_emulator;
} aws_provider_key;

/* With credentials, borrowed for the callback, or, where they are NULL, with an error. */
typedef void aws_provider_done(void *user, aws_credentials *credentials, const error *err);

MUST_USE status aws_provider_new(const aws_context *context, aws_provider **ret_provider,
                                 error *reterr);
void aws_provider_free(aws_provider *provider); /* NULL is fine; nobody is told */

/* What is there and good for a while yet, borrowed; NULL: it has to be waited for. */
aws_credentials *aws_provider_peek(aws_provider *provider, aws_provider_key key);
/* done(user) comes once, never before this returns; afterwards the wait is gone. */
MUST_USE status aws_provider_ask(aws_provider *provider, aws_provider_key key,
                                 aws_provider_done *done, void *user, aws_provider_wait **ret_wait,
                                 error *reterr);
/* done is not called any more; the fetch goes on for the others. NULL is fine. */
void aws_provider_cancel(aws_provider_wait *wait);

#endif
