/* The shared files of the AWS SDKs and CLI: ~/.aws/config and ~/.aws/credentials.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 *
 *   [profile dev]                  a property, and one that holds properties of its own
 *   region = eu-west-1
 *   s3 =
 *     addressing_style = path
 *   [services local]               kinds of sections: profile, sso-session, services
 *
 * A line that is none of this is left out, as the SDKs do; nothing is fatal. */
#ifndef GAIT_INTEGRATIONS_AWS_PROFILES_H
#define GAIT_INTEGRATIONS_AWS_PROFILES_H

#include "base/arena.h"

typedef enum aws_section_kind {
    AWS_SECTION_PROFILE,
    AWS_SECTION_SSO_SESSION,
    AWS_SECTION_SERVICES,
} aws_section_kind;

typedef struct aws_property {
    struct aws_property *next;
    str parent; /* of a nested property: the property that it stands in; absent otherwise */
    str name;   /* in lower case */
    str value;
} aws_property;

typedef struct aws_section {
    struct aws_section *next;
    aws_section_kind kind;
    str name;
    aws_property *first, *last;
} aws_section;

/* Zero-initialised: empty. */
typedef struct aws_profiles {
    aws_section *first;
} aws_profiles;

/* Adds a file's sections; what is there already goes before it, so the credentials file comes
 * first. In the credentials file every section is a profile, without the word. `text` is copied.
 * Fails for want of memory only. */
MUST_USE status aws_profiles_add(aws_profiles *profiles, str text, bool is_credentials_file,
                                 arena *a, error *reterr);

/* Whether the section exists. */
bool aws_profiles_has(const aws_profiles *profiles, aws_section_kind kind, str section);
/* Absent when there is none. Names in lower case. */
str aws_profiles_get(const aws_profiles *profiles, aws_section_kind kind, str section, str name);
str aws_profiles_get_nested(const aws_profiles *profiles, aws_section_kind kind, str section,
                            str parent, str name);

#endif
