/* What a compiled path is. Private to the room.
 *
 * A path is a row of steps, run one after the other over a list of values: a step turns each value
 * of the list into none, one or many. So no evaluation recurses over the path or over the data; a
 * filter's nested path recurses as deep as filters are nested in the text (EXPRESSION_DEPTH_MAX).
 *
 *     $.store..book[?(@.price < 10)].title
 *
 *     MEMBER store | SCAN | MEMBER book | FILTER price < 10 | MEMBER title
 *
 * Everything is immutable after compilation and belongs to the arena of jsonpath_compile. */
#ifndef GAIT_EXPR_JSONPATH_PROGRAM_H
#define GAIT_EXPR_JSONPATH_PROGRAM_H

#include "expr/jsonpath/jsonpath.h"

typedef enum jsonpath_step_kind {
    STEP_MEMBER,   /* .a or ['a'] */
    STEP_INDEX,    /* [3] or [-1] */
    STEP_MEMBERS,  /* ['a','b'] */
    STEP_INDICES,  /* [0,2] */
    STEP_SLICE,    /* [1:3] [1:] [:3] */
    STEP_WILDCARD, /* .* or [*] */
    STEP_FILTER,   /* [?(...)] */
    STEP_SCAN,     /* .. : applies the step that follows it at every depth */
    STEP_FUNCTION, /* .length() */
    STEP_KINDS,
} jsonpath_step_kind;

typedef struct jsonpath_slice {
    int32_t from, to;
    bool has_from, has_to;
} jsonpath_slice;

typedef struct jsonpath_filter jsonpath_filter;
typedef struct jsonpath_call jsonpath_call;

typedef struct jsonpath_step {
    uint8_t kind; /* jsonpath_step_kind */
    char quote;   /* what names were quoted with; ' for a dotted one */
    bool is_leaf; /* the last step */
    bool is_definite;
    bool is_upstream_definite; /* every step before it is definite */
    uint32_t count;            /* of names or indices */
    union {
        str name;
        const str *names;
        int32_t index;
        const int32_t *indices;
        jsonpath_slice slice;
        const jsonpath_filter *filter;
        const jsonpath_call *call;
    } at;
} jsonpath_step;

struct jsonpath {
    str text;
    const jsonpath_step *steps;
    uint32_t count;
    jsonpath_root root;
    str variable;
    bool is_current;  /* rooted at @: only inside filters */
    bool is_simple;   /* members and indices only */
    bool is_definite; /* one value rather than an array of matches */
    bool has_function;
};

/* ---- functions */

/* An argument is a JSON constant, or a path that is evaluated against the root. */
typedef struct jsonpath_argument {
    json value;
    const jsonpath *path; /* NULL for a constant */
} jsonpath_argument;

typedef struct jsonpath_function jsonpath_function;

struct jsonpath_call {
    const jsonpath_function *function;
    const jsonpath_argument *arguments;
    uint32_t count;
};

/* ---- filters */

typedef struct jsonpath_pattern jsonpath_pattern; /* pattern.h */
typedef struct jsonpath_comparison jsonpath_comparison;

typedef struct jsonpath_operand {
    json value;
    const jsonpath *path;            /* NULL for a constant */
    const jsonpath_pattern *pattern; /* a regular expression, or NULL */
} jsonpath_operand;

typedef enum jsonpath_filter_kind {
    FILTER_OR,
    FILTER_AND,
    FILTER_NOT,
    FILTER_EXISTS,
    FILTER_COMPARE,
} jsonpath_filter_kind;

struct jsonpath_filter {
    jsonpath_filter_kind kind;
    uint32_t count;
    const jsonpath_filter **parts; /* OR, AND, NOT */
    jsonpath_operand left, right;  /* COMPARE; EXISTS has only left */
    const jsonpath_comparison *comparison;
};

/* ---- compilation (compile.c, compile_filter.c, literal.c) */

typedef enum jsonpath_place {
    PLACE_TOP,      /* the whole text is the path */
    PLACE_FILTER,   /* ends where an operator, a blank or a parenthesis begins */
    PLACE_ARGUMENT, /* ends at a comma, a blank or a parenthesis */
} jsonpath_place;

typedef struct jsonpath_parser {
    str text;
    size_t at;
    uint32_t depth; /* filters, arguments and parentheses around this place */
    arena *a;
    error *reterr;
} jsonpath_parser;

MUST_USE status jsonpath_parse_path(jsonpath_parser *p, jsonpath_place place,
                                    const jsonpath **ret_path);
/* From after `?` to before `]`: the parentheses and what is in them. */
MUST_USE status jsonpath_parse_filter(jsonpath_parser *p, const jsonpath_filter **ret_filter);
/* A JSON value whose strings may be in single quotes. */
MUST_USE status jsonpath_parse_literal(jsonpath_parser *p, json *ret_value);
/* A quoted string, the parser being on the quote. */
MUST_USE status jsonpath_parse_string(jsonpath_parser *p, str *ret_text);
COLD status jsonpath_syntax(jsonpath_parser *p, const char *format, ...) PRINTF_LIKE(2, 3);
MUST_USE status jsonpath_enter(jsonpath_parser *p); /* one level deeper, or ERROR_LIMIT */

static inline int jsonpath_peek(const jsonpath_parser *p) /* -1 at the end */
{
    return p->at < p->text.len ? (unsigned char)p->text.ptr[p->at] : -1;
}
static inline void jsonpath_skip_blanks(jsonpath_parser *p)
{
    while (p->at < p->text.len && strchr(" \t\r\n", p->text.ptr[p->at]) && p->text.ptr[p->at]) {
        p->at++;
    }
}

/* A growing array in an arena. */
typedef struct jsonpath_list {
    char *items;
    uint32_t count, room;
} jsonpath_list;
/* A zeroed item at the end; NULL when out of memory. */
void *jsonpath_list_add(jsonpath_list *list, arena *a, size_t item_size);

/* NULL when there is no such operator or function. */
const jsonpath_comparison *jsonpath_comparison_find(str name);
bool jsonpath_comparison_is_match(const jsonpath_comparison *comparison); /* =~ */
const jsonpath_function *jsonpath_function_find(str name);
bool jsonpath_function_counts_children(const jsonpath_function *function); /* length, size */
str jsonpath_function_name(const jsonpath_function *function);

/* ---- evaluation */

/* One evaluation of one path; nested paths share its budget. */
#define JSONPATH_TOO_LONG "The path takes too long"

typedef struct jsonpath_run {
    arena *a;
    json root;           /* $ inside filters and arguments */
    uint32_t *work_left; /* values that may still be looked at */
    bool require;        /* a missing member is not found even where others may match */
    const jsonpath *path;
    const expr_scope *scope;
    error *reterr;
} jsonpath_run;

typedef struct jsonpath_values {
    json *items;
    uint32_t count, room;
} jsonpath_values;

/* The value at `path`, starting from `start`; an array for an indefinite path. ERROR_NOT_FOUND. */
MUST_USE status jsonpath_run_path(jsonpath_run *run, const jsonpath *path, json start,
                                  json *ret_value);
MUST_USE status jsonpath_emit(jsonpath_run *run, jsonpath_values *out, json value);
MUST_USE status jsonpath_spend(jsonpath_run *run, uint32_t work);
/* What each kind of step does with one value (steps.c). */
MUST_USE status jsonpath_apply_step(jsonpath_run *run, const jsonpath_step *step, json value,
                                    jsonpath_values *out);
MUST_USE status jsonpath_scan(jsonpath_run *run, const jsonpath_step *target, json value,
                              jsonpath_values *out);
MUST_USE status jsonpath_accept(jsonpath_run *run, const jsonpath_filter *filter, json item,
                                bool *ret_accepted);
MUST_USE status jsonpath_compare(jsonpath_run *run, const jsonpath_filter *filter, json left,
                                 json right, bool *ret_holds);
MUST_USE status jsonpath_call_function(jsonpath_run *run, const jsonpath_call *call, json value,
                                       json *ret_value);

/* ERROR_NOT_FOUND with Jayway's words for a value that a definite step cannot be applied to. */
COLD status jsonpath_not_found(jsonpath_run *run, const jsonpath_step *step, json value);
/* ERROR_INVALID for a filter of what is neither an object nor an array. */
COLD status jsonpath_not_filterable(jsonpath_run *run, const jsonpath_step *step, json value);
/* "No results for path: ..." */
COLD status jsonpath_no_results(jsonpath_run *run, const jsonpath *path);
/* The first `count` steps of a path, as messages spell them: as_written keeps the kind of quotes of
 * the text; a place in the data has always '. */
void jsonpath_print_steps(const jsonpath *path, uint32_t count, bool as_written, buf *out);
void jsonpath_print_step(const jsonpath_step *step, bool as_written, buf *out);

#endif
