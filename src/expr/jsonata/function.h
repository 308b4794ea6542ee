/* Functions as values, and the scopes that they close over. */
#ifndef GAIT_EXPR_JSONATA_FUNCTION_H
#define GAIT_EXPR_JSONATA_FUNCTION_H

#include "expr/jsonata/tree.h"

typedef struct binding {
    const symbol *name;
    json value;
} binding;

/* One scope. Its bindings may belong to someone else (a tuple) until the first is added. */
typedef struct frame {
    struct frame *parent;
    binding *bindings;
    uint32_t count, room;
} frame;

/* What one item of a join has bound: @, #, and the parents that % asks for. */
typedef struct tuple {
    json at;
    uint32_t count;
    binding bindings[];
} tuple;

/* A place in a text: at so many bytes there are so many UTF-16 units before it. */
typedef struct match_position {
    size_t bytes, units;
} match_position;

typedef enum function_kind {
    FUNCTION_BUILTIN,
    FUNCTION_LAMBDA,
    FUNCTION_PARTIAL,    /* some arguments given */
    FUNCTION_CHAIN,      /* first ~> second */
    FUNCTION_REGEX,      /* a matcher */
    FUNCTION_NEXT_MATCH, /* `next` of a match */
    FUNCTION_TRANSFORM,
    FUNCTION_THUNK, /* a call in tail position, not made yet */
} function_kind;

struct function {
    uint8_t kind;
    uint8_t arity; /* as the reference counts: how many arguments $map and the like give */
    const node *node;
    frame *scope;
    json input;
    union {
        struct {
            const function *first, *second;
        } chain;
        struct {
            const function *function;
            json *arguments; /* placeholders are VALUE_FAILED */
            uint32_t count;
        } partial;
        struct {
            const node *regex;
            json subject;
            match_position from;
        } next;
    } u;
};

static inline const function *value_thunk(json v)
{
    return v.kind == VALUE_FUNCTION && value_function(v)->kind == FUNCTION_THUNK ? value_function(v)
                                                                                 : NULL;
}

#endif
