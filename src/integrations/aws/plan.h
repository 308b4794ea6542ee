/* aws_plan: where credentials are to come from, decided from what is configured; nothing is asked
 * yet. The order is the SDKs':
 *
 *   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY          the environment
 *   AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN
 *   the profile: role_arn (with source_profile, credential_source, web_identity_token_file), sso_*,
 *                keys, credential_process
 *   AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, _FULL_URI
 *   the metadata service of EC2
 *
 * A plan is one source and the roles to assume from it, one after the other.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html */
#ifndef GAIT_INTEGRATIONS_AWS_PLAN_H
#define GAIT_INTEGRATIONS_AWS_PLAN_H

#include "integrations/aws/settings.h"

typedef enum aws_source_kind {
    AWS_SOURCE_NONE,
    AWS_SOURCE_KEYS,
    AWS_SOURCE_WEB_IDENTITY,
    AWS_SOURCE_SSO,
    AWS_SOURCE_PROCESS,
    AWS_SOURCE_CONTAINER,
    AWS_SOURCE_METADATA,
} aws_source_kind;

typedef struct aws_role {
    str arn;
    str session_name;         /* never absent */
    str external_id;          /* absent: none */
    int64_t duration_seconds; /* 0: the service's own */
} aws_role;

#define AWS_PLAN_ROLES_MAX 8

typedef struct aws_plan {
    aws_source_kind kind;
    str access_key_id, secret_access_key, session_token;  /* KEYS */
    aws_role web_role;                                    /* WEB_IDENTITY */
    str token_file;                                       /* WEB_IDENTITY */
    str sso_account, sso_role, sso_region, sso_cache_key; /* SSO; the key names the cached token */
    str sso_profile;                                      /* SSO, for messages */
    bool sso_is_renewable;                                /* SSO: of a sso-session */
    str command;                                          /* PROCESS */
    str url;                                              /* CONTAINER */
    str authorization, authorization_file;                /* CONTAINER; absent: none */
    aws_role roles[AWS_PLAN_ROLES_MAX]; /* in the order in which they are assumed */
    size_t role_count;
} aws_plan;

/* Texts are in the settings or in the arena. With may_ask_metadata false the metadata service is
 * left out. AWS_SOURCE_NONE where nothing is configured. Fails with ERROR_INVALID where what is
 * configured cannot work, and says why without a secret. */
MUST_USE status aws_plan_make(const aws_settings *settings, bool may_ask_metadata, arena *a,
                              aws_plan *ret_plan, error *reterr);

/* What was looked for and not found, for people. */
MUST_USE str aws_plan_explain(const aws_settings *settings, bool may_ask_metadata, arena *a);

#endif
