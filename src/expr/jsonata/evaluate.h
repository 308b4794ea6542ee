/* evaluator: one evaluation of a program. The functions here walk the tree; they return
 * VALUE_FAILED after a fault, which callers hand on at once. */
#ifndef GAIT_EXPR_JSONATA_EVALUATE_H
#define GAIT_EXPR_JSONATA_EVALUATE_H

#include "expr/jsonata/builtin.h"
#include "expr/jsonata/fault.h"
#include "expr/jsonata/function.h"
#include "expr/jsonata/symbol.h"

struct evaluator {
    arena *a;
    const expr_scope *scope;
    const jsonata *program;
    symbol_table *symbols;   /* of the program, and of what $eval has added */
    function *thunk;         /* where a call in tail position is noted for the loop that makes it */
    const char *stack_limit; /* the native stack must not grow past it */
    json root;               /* $$ */
    uint32_t depth, depth_max;
    uint32_t steps, steps_max;
    uint32_t steps_asked;   /* when to ask is_out_of_time again */
    bool has_dynamic_names; /* $eval may bind any name */
    jsonata_dialect dialect;
    bool (*is_out_of_time)(void *user);
    void *user;
    fault fault; /* meaningful once something has failed */
};

static inline arena *evaluator_arena(evaluator *e)
{
    return e->a;
}

/* Notes the fault; the caller may add to e->fault afterwards. */
COLD json evaluator_fail(evaluator *e, const char *code);
COLD json evaluator_fail_value(evaluator *e, const char *code, json value);
COLD json evaluator_out_of_memory(evaluator *e);
/* A failure of another room's function, by the id and words of its error. */
COLD json evaluator_fail_error(evaluator *e, const error *err);
/* Counts work that is not a node's evaluation; false after a fault. */
bool evaluator_charge(evaluator *e, uint32_t steps);
/* One level deeper (e->depth-- leaves it); false after a fault. */
bool evaluator_enter(evaluator *e);

json evaluate(evaluator *e, const node *n, json input, frame *scope);

/* The same as evaluate, quicker for one name in an object. */
static inline json evaluate_operand(evaluator *e, const node *n, json input, frame *scope)
{
    if (n->type == NODE_PATH && n->flags == NODE_PLAIN_NAMES && !n->more && n->u.list.count == 1 &&
        input.kind == JSON_OBJECT && e->depth + 2 <= e->depth_max) {
        const node *name = n->u.list.at[0];
        if (name->type == NODE_NAME) {
            json value = value_get(input, name->u.name.text);
            if (value.kind != JSON_ARRAY) {
                e->steps++; /* asked about where the next node is evaluated */
                return value;
            }
        }
    }
    return evaluate(e, n, input, scope);
}

/* -- by file */
json evaluate_path(evaluator *e, const node *n, json input, frame *scope);
json evaluate_plain_path(evaluator *e, const node *n, json input, frame *scope);
json evaluate_filter(evaluator *e, const node *predicate, json input, frame *scope);
json evaluate_group(evaluator *e, const group *g, json input, frame *scope);
json evaluate_sort(evaluator *e, const node *sort, json input, frame *scope);
json evaluate_tuple_path(evaluator *e, const node *path, const json *items, uint32_t count,
                         uint32_t from, frame *scope);
json evaluate_binary(evaluator *e, const node *n, json input, frame *scope);
json evaluate_function(evaluator *e, const node *n, json input, frame *scope,
                       const json *applied_to);
json evaluate_partial(evaluator *e, const node *n, json input, frame *scope);
json evaluate_apply(evaluator *e, const node *n, json input, frame *scope);
json evaluate_lambda(evaluator *e, const node *n, json input, frame *scope);
json evaluate_transform(evaluator *e, const function *transform, json target);
json evaluate_regex(evaluator *e, const node *regex, str subject, match_position from);
json evaluate_wildcard(evaluator *e, json input);
json evaluate_descendants(evaluator *e, json input);

/* -- scopes */
json frame_lookup(evaluator *e, const symbol *name, const frame *scope);
bool frame_bind(evaluator *e, frame *scope, const symbol *name, json value);
/* A scope that shows a tuple's bindings. */
static inline frame frame_of_tuple(const tuple *t, frame *parent)
{
    return (frame){.parent = parent, .bindings = (binding *)t->bindings, .count = t->count};
}
static inline const tuple *value_tuple(json v)
{
    return (const tuple *)(const void *)v.at.text;
}
json value_from_tuple(const tuple *t);

/* -- calls */
/* Where a call is written: its errors tell the name and the place. */
typedef struct call_site {
    json name;
    uint32_t position;
} call_site;
/* Calls any value that should be a function. */
json function_apply(evaluator *e, json procedure, const json *arguments, uint32_t count, json input,
                    frame *scope, const call_site *site);
/* As a builtin calls the function that it was given: with as many of the arguments as it takes. */
json function_call(evaluator *e, json procedure, const json *arguments, uint32_t count);
uint32_t function_arity(json procedure);

#endif
