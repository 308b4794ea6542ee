/* expr_scope: what an expression may look at. Evaluation is pure: time and entropy are in here. */
#ifndef GAIT_EXPR_SCOPE_H
#define GAIT_EXPR_SCOPE_H

#include "base/entropy.h"
#include "json/json.h"

typedef struct expr_scope {
    json input;   /* $ in JSONPath */
    json context; /* $$ in JSONPath */
    /* Workflow variable by name, without the $; JSON_ABSENT when there is none. May be NULL. */
    json (*variable)(const void *variables, str name);
    const void *variables;
    int64_t now_ms;
    entropy *random; /* drawn from by States.UUID and the like; never NULL */
    /* Asked now and then by paths and intrinsic functions; true ends them with ERROR_LIMIT. May be
     * NULL: their own limits suffice, which the clock does not change. (JSONata has it in its
     * options.) */
    bool (*is_out_of_time)(void *user);
    void *user; /* for is_out_of_time */
} expr_scope;

static inline bool expr_is_out_of_time(const expr_scope *scope)
{
    return scope->is_out_of_time && scope->is_out_of_time(scope->user);
}

static inline json expr_variable(const expr_scope *scope, str name)
{
    return scope->variable ? scope->variable(scope->variables, name) : (json){0};
}

#endif
