/* What a request may set of a state machine: checked in AWS's words, and made whole with the
 * defaults that AWS shows. */
#ifndef GAIT_API_MACHINE_SETTINGS_H
#define GAIT_API_MACHINE_SETTINGS_H

#include "api/call.h"

typedef struct machine_settings {
    str definition;                    /* the text; absent when not given */
    str definition_key;                /* its SHA-256 in hexadecimal */
    str role_arn;                      /* absent when not given */
    json logging, tracing, encryption; /* JSON_ABSENT when not given */
} machine_settings;

/* Reads what is given. Refuses the call and returns false where AWS would. */
bool machine_settings_read(api_call *call, bool is_express, machine_settings *ret_settings);
/* Whether a role's ARN, which may be absent, is one; else refuses the call (InvalidArn). */
bool machine_settings_check_role(api_call *call, str role_arn);
/* Whether an encryptionConfiguration, which may be absent, fits together; else refuses the call
 * (InvalidEncryptionConfiguration). */
bool machine_settings_check_encryption(api_call *call, json encryption);
/* What a machine has where nothing is given. */
MUST_USE status machine_settings_fill(api_call *call, machine_settings *settings, error *reterr);

#endif
