/* Decides whether an item passes a filter. Where a comparison cannot be made at all (a list was
 * needed and something else came), Jayway gives up on the item, even under a `!`: that is
 * ERROR_INVALID here, and jsonpath_accept turns it into "no". */
#include "expr/jsonpath/program.h"

static status evaluate(jsonpath_run *run, const jsonpath_filter *filter, json item,
                       bool *ret_holds);

/* JSON_ABSENT where the path leads nowhere. */
static status operand_value(jsonpath_run *run, const jsonpath_operand *operand, json item,
                            json *ret_value)
{
    if (!operand->path) {
        *ret_value = operand->value;
        return STATUS_OK;
    }
    error *reterr = run->reterr;
    bool require = run->require;
    run->reterr = NULL;
    run->require = false;
    status s = jsonpath_run_path(run, operand->path, operand->path->is_current ? item : run->root,
                                 ret_value);
    run->reterr = reterr;
    run->require = require;
    if (s.code == ERROR_NOT_FOUND) {
        *ret_value = (json){0};
        return STATUS_OK;
    }
    return s;
}

/* Jayway evaluates the path against the item, even where it begins with $. */
static status exists(jsonpath_run *run, const jsonpath_filter *filter, json item, bool *ret_holds)
{
    const jsonpath *path = filter->left.path;
    error *reterr = run->reterr;
    bool require = run->require;
    json value;
    run->reterr = NULL;
    run->require = true;
    status s = jsonpath_run_path(run, path, item, &value);
    run->reterr = reterr;
    run->require = require;
    if (failed(s) && s.code != ERROR_NOT_FOUND) {
        return s;
    }
    *ret_holds = ok(s);
    return STATUS_OK;
}

/* && stops at the first that does not hold, || at the first that does. */
static status evaluate_chain(jsonpath_run *run, const jsonpath_filter *filter, json item,
                             bool *ret_holds)
{
    bool stops_at = filter->kind == FILTER_OR;
    for (uint32_t i = 0; i < filter->count; i++) {
        bool holds = false;
        TRY(evaluate(run, filter->parts[i], item, &holds));
        if (holds == stops_at) {
            *ret_holds = stops_at;
            return STATUS_OK;
        }
    }
    *ret_holds = !stops_at;
    return STATUS_OK;
}

static status evaluate(jsonpath_run *run, const jsonpath_filter *filter, json item, bool *ret_holds)
{
    json left, right;
    bool holds = false;
    switch (filter->kind) {
    case FILTER_OR:
    case FILTER_AND:
        return evaluate_chain(run, filter, item, ret_holds);
    case FILTER_NOT:
        TRY(evaluate(run, filter->parts[0], item, &holds));
        *ret_holds = !holds;
        return STATUS_OK;
    case FILTER_EXISTS:
        return exists(run, filter, item, ret_holds);
    case FILTER_COMPARE:
        TRY(operand_value(run, &filter->left, item, &left));
        TRY(operand_value(run, &filter->right, item, &right));
        return jsonpath_compare(run, filter, left, right, ret_holds);
    }
    return STATUS_OK;
}

/* Errors inside nested evaluations are silent, so that a path that leads nowhere costs no text; one
 * that stops everything gets its words here. */
static status explain(jsonpath_run *run, status s)
{
    if (s.code == ERROR_MEMORY) {
        return fail_memory(run->reterr);
    }
    if (s.code == ERROR_LIMIT && expr_is_out_of_time(run->scope)) {
        return fail(run->reterr, ERROR_LIMIT, JSONPATH_TOO_LONG);
    }
    if (s.code == ERROR_LIMIT) {
        return fail(run->reterr, ERROR_LIMIT,
                    "The filter needs too much work: more than %u values or matching steps",
                    JSONPATH_WORK_MAX);
    }
    return fail(run->reterr, s.code, "The filter cannot be applied to a value");
}

status jsonpath_accept(jsonpath_run *run, const jsonpath_filter *filter, json item,
                       bool *ret_accepted)
{
    bool holds = false;
    TRY(jsonpath_spend(run, 1));
    status s = evaluate(run, filter, item, &holds);
    if (failed(s) && s.code != ERROR_INVALID) {
        return explain(run, s);
    }
    *ret_accepted = ok(s) && holds;
    return STATUS_OK;
}
