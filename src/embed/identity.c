#include "embed/identity.h"

#include "runtime/names.h"

#define PREFIX "arn:aws:states:" EMBED_REGION ":" EMBED_ACCOUNT

status embed_identity_make(str name, bool is_express, arena *a, engine_identity *ret_identity,
                           error *reterr)
{
    if (!runtime_name_is_valid(name)) {
        return fail(reterr, ERROR_INVALID,
                    "the name is not one of 1 to 80 characters as AWS allows");
    }
    engine_identity identity = {
        .execution_name = arena_str(a, name),
        .execution_arn = arena_printf(a, PREFIX ":%s:embedded:%.*s",
                                      is_express ? "express" : "execution", STR_ARG(name)),
        .machine_arn = STR(PREFIX ":stateMachine:embedded"),
        .machine_name = STR("embedded"),
        .role_arn = STR("arn:aws:iam::" EMBED_ACCOUNT ":role/gait"),
        .region = STR(EMBED_REGION),
        .account = STR(EMBED_ACCOUNT),
        .is_express = is_express,
    };
    if (!identity.execution_name.ptr || !identity.execution_arn.ptr) {
        return fail_memory(reterr);
    }
    *ret_identity = identity;
    return STATUS_OK;
}
