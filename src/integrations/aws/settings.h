/* What people have configured about AWS: the environment, the shared files of the SDKs, and the
 * member "aws" of Gait's configuration file:
 *
 *   {"endpoint": URL, "region": NAME, "profile": NAME, "attemptsMax": 3, "timeoutSeconds": 65,
 *    "useFipsEndpoint": false, "useDualstackEndpoint": false,
 *    "services": {"dynamodb": {"endpoint": URL, "region": NAME}, ...}}
 *
 * What only one call knows (a flag) wins over the environment, the environment over Gait's file,
 * and that over the shared files. */
#ifndef GAIT_INTEGRATIONS_AWS_SETTINGS_H
#define GAIT_INTEGRATIONS_AWS_SETTINGS_H

#include "integrations/aws/profiles.h"
#include "json/json.h"

typedef struct aws_settings {
    const char *const *environment; /* borrowed */
    json config;                    /* borrowed; absent: none */
    aws_profiles profiles;
    str profile;                       /* the name in use: "default" */
    bool is_profile_named;             /* somebody chose it */
    str config_path, credentials_path; /* absent where there is no home folder */
    bool has_config, has_credentials;  /* whether the files are there */
    str trusted;           /* certificates as PEM, in place of the system's; absent: those */
    uint32_t attempts_max; /* of one call, the first counted; 0: AWS_ATTEMPTS_MAX */
    str trouble;           /* why no call may be made with these; absent: none */
    arena memory;          /* holds secrets */
} aws_settings;

/* Tells what is wrong in Gait's own file, by name. */
MUST_USE status aws_settings_check(json config, error *reterr);
/* Reads the shared files. One that is not there is none; one that cannot be read is an error. What
 * is wrong with the settings of calls alone is told by each call: `trouble`. */
MUST_USE status aws_settings_read(const char *const *environment, json config,
                                  aws_settings *ret_settings, error *reterr);
void aws_settings_clean_up(aws_settings *settings);

/* A variable of the environment; absent when it is not set or empty. */
str aws_settings_variable(const aws_settings *settings, const char *name);
/* A property of the profile in use; absent when there is none. */
str aws_settings_property(const aws_settings *settings, const char *name);
/* A switch by its variable, its member of Gait's own file, or its property of the profile; false
 * where nobody says. ERROR_INVALID where its text is neither true nor false. */
MUST_USE status aws_settings_switch(const aws_settings *settings, const char *variable,
                                    const char *member, const char *property, bool *ret_value,
                                    error *reterr);
/* "true" in any case. */
bool aws_settings_is_true(str value);
/* A whole number of Gait's own file; otherwise when it is not there. */
int64_t aws_settings_number(const aws_settings *settings, const char *name, int64_t otherwise);

/* A path with HOME in the place of its "~"; ptr NULL for want of memory. */
MUST_USE str aws_settings_path(const aws_settings *settings, str path, arena *a);
/* All of a small file; ERROR_NOT_FOUND, ERROR_IO by the system's words, ERROR_LIMIT. "~/" stands
 * for HOME. */
MUST_USE status aws_settings_read_file(const aws_settings *settings, str path, arena *a,
                                       str *ret_text, error *reterr);

/* Private: what the environment and the files say about calls (settings_calls.c). */
MUST_USE status aws_settings_read_calls(aws_settings *settings, error *reterr);

#endif
