/* What an embedded execution is called: ARNs of an account and region of its own. */
#ifndef GAIT_EMBED_IDENTITY_H
#define GAIT_EMBED_IDENTITY_H

#include "engine/engine.h"

#define EMBED_ACCOUNT "123456789012"
#define EMBED_REGION "us-east-1"

/* The texts are in the arena. ERROR_INVALID for a name that AWS would refuse. */
MUST_USE status embed_identity_make(str name, bool is_express, arena *a,
                                    engine_identity *ret_identity, error *reterr);

#endif
