/* JSONata 2.x, complete, with what AWS adds and forbids. Compiled once, evaluated into an arena,
 * bounded in depth, steps and memory. Source: https://docs.jsonata.org, the reference jsonata-js
 * 2.2, and https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html */
#ifndef GAIT_EXPR_JSONATA_H
#define GAIT_EXPR_JSONATA_H

#include "expr/scope.h"

typedef struct jsonata jsonata; /* immutable; belongs to the arena it was compiled into */

typedef enum jsonata_dialect {
    JSONATA_REFERENCE, /* jsonata-js: $eval works, AWS's additions are not there */
    JSONATA_AWS,       /* $partition, $range, $hash, $random(seed), $uuid, $parse; no $eval */
} jsonata_dialect;

/* What jsonata-js tells about an error, besides error.message (its text, filled in) and error.id
 * (its code, such as "T2001"). */
typedef struct jsonata_fault {
    char token[128];  /* NUL-terminated; "" when the reference gives none */
    int64_t position; /* characters from the start, 1-based as the reference counts; -1 when none */
    bool has_token;
} jsonata_fault;

/* ERROR_SYNTAX; error.id is the code (S0201, ...). The text is copied. ret_fault may be NULL. */
MUST_USE status jsonata_compile(str text, jsonata_dialect dialect, arena *a,
                                const jsonata **ret_program, jsonata_fault *ret_fault,
                                error *reterr);

/* Calls `visit` for every free variable ($name, without the $) that no enclosing block, lambda or
 * built-in defines; "" for $ itself and "$" for $$ are not told. Used for variable references and
 * for refusing unknown names when a definition is validated. */
void jsonata_visit_variables(const jsonata *program, void (*visit)(void *user, str name),
                             void *user);

typedef enum jsonata_reference {
    JSONATA_REFERENCE_CONTEXT, /* a bare name, or $, where only the outermost context is there */
    JSONATA_REFERENCE_ROOT,    /* $$, wherever it stands */
    JSONATA_REFERENCE_STATES,  /* name of $states.name */
} jsonata_reference;
typedef void jsonata_reference_visitor(void *user, jsonata_reference kind, str name);

/* Tells what AWS restricts when a definition is validated: a workflow's expression has no outermost
 * context to look at, and not every part of $states everywhere. Names inside later steps of a path,
 * predicates, and functions' bodies look at something else and are not told. */
void jsonata_visit_references(const jsonata *program, jsonata_reference_visitor *visit, void *user);

typedef struct jsonata_options {
    uint32_t depth_max; /* nested evaluations of nodes, as the reference counts them (three to four
                           for a recursive call); 0 = JSONATA_DEPTH_MAX */
    uint32_t steps_max; /* evaluated nodes; 0 = JSONATA_STEPS_MAX */
    /* Asked now and then; true stops the evaluation with an error. May be NULL. The engine leaves
     * it NULL: only the command line measures wall time. */
    bool (*is_out_of_time)(void *user);
    void *user;
} jsonata_options;

/* scope->input is `$` (JSON_ABSENT = undefined); scope->variable resolves free variables, `states`
 * among them. *ret_value is JSON_ABSENT when the result is undefined. A function as the result is
 * "" where the reference's JSON text would have it ("") and absent at the top. ret_fault and
 * options may be NULL. */
MUST_USE status jsonata_evaluate(const jsonata *program, const expr_scope *scope,
                                 const jsonata_options *options, arena *a, json *ret_value,
                                 jsonata_fault *ret_fault, error *reterr);

#endif
