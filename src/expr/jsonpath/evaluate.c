/* Runs compiled paths. The common path, members and indices only, is a plain loop that allocates
 * nothing; the others go through a list of values, step by step (program.h). */
#include "expr/jsonpath/program.h"

#define WORK_BETWEEN_QUESTIONS 65536

static bool is_time_to_ask(uint32_t before, uint32_t after)
{
    return UNLIKELY(before / WORK_BETWEEN_QUESTIONS != after / WORK_BETWEEN_QUESTIONS);
}

status jsonpath_spend(jsonpath_run *run, uint32_t work)
{
    if (UNLIKELY(*run->work_left < work)) {
        *run->work_left = 0;
        return fail(run->reterr, ERROR_LIMIT, "The path looks at more than %u values",
                    JSONPATH_WORK_MAX);
    }
    uint32_t before = *run->work_left;
    *run->work_left -= work;
    if (is_time_to_ask(before, *run->work_left) && expr_is_out_of_time(run->scope)) {
        return fail(run->reterr, ERROR_LIMIT, JSONPATH_TOO_LONG);
    }
    return STATUS_OK;
}

status jsonpath_emit(jsonpath_run *run, jsonpath_values *out, json value)
{
    TRY(jsonpath_spend(run, 1));
    if (out->count == out->room) {
        uint32_t room = out->room ? out->room * 2 : 8;
        json *grown = arena_grow(run->a, out->items, out->room * sizeof(json), room * sizeof(json));
        if (!grown) {
            return fail_memory(run->reterr);
        }
        out->items = grown;
        out->room = room;
    }
    out->items[out->count++] = value;
    return STATUS_OK;
}

/* Follows members and indices; the step that led nowhere is told when it fails. */
static inline bool walk(const jsonpath *path, json *value, const jsonpath_step **ret_step)
{
    json at = *value;
    for (uint32_t i = 0; i < path->count; i++) {
        const jsonpath_step *step = &path->steps[i];
        json next;
        if (step->kind == STEP_MEMBER) {
            next = json_get(at, step->at.name);
        } else {
            int64_t index = step->at.index;
            index += index < 0 ? json_count(at) : 0;
            next = index < 0 ? (json){0} : json_item(at, (uint32_t)index);
        }
        if (UNLIKELY(json_is_absent(next))) {
            *value = at;
            *ret_step = step;
            return false;
        }
        at = next;
    }
    *value = at;
    return true;
}

static status run_simple(jsonpath_run *run, const jsonpath *path, json start, json *ret_value)
{
    const jsonpath_step *step = NULL;
    json value = start;
    if (LIKELY(walk(path, &value, &step))) {
        *ret_value = value;
        return STATUS_OK;
    }
    const jsonpath *outer = run->path;
    run->path = path;
    status s = jsonpath_not_found(run, step, value);
    run->path = outer;
    return s;
}

/* All steps over all values. Returns early, with none, where nothing is left. */
static status run_steps(jsonpath_run *run, const jsonpath *path, json start,
                        jsonpath_values *ret_values)
{
    jsonpath_values now = {0}, next = {0};
    TRY(jsonpath_emit(run, &now, start));
    for (uint32_t i = 0; i < path->count && now.count; i++) {
        const jsonpath_step *step = &path->steps[i];
        bool is_scan = step->kind == STEP_SCAN;
        next.count = 0;
        for (uint32_t v = 0; v < now.count; v++) {
            run->path = path; /* a filter's nested path may have put itself there */
            TRY(is_scan ? jsonpath_scan(run, step + 1, now.items[v], &next)
                        : jsonpath_apply_step(run, step, now.items[v], &next));
        }
        i += is_scan; /* the scan has applied the step after it */
        jsonpath_values spare = now;
        now = next;
        next = spare;
    }
    *ret_values = now;
    return STATUS_OK;
}

status jsonpath_run_path(jsonpath_run *run, const jsonpath *path, json start, json *ret_value)
{
    if (path->is_simple) {
        TRY(jsonpath_spend(run, path->count));
        return run_simple(run, path, start, ret_value);
    }
    jsonpath_values values;
    const jsonpath *outer = run->path;
    status s = run_steps(run, path, start, &values);
    run->path = outer;
    TRY(s);
    if (path->is_definite) {
        if (values.count == 0) {
            return jsonpath_no_results(run, path);
        }
        *ret_value = values.items[values.count - 1];
        return STATUS_OK;
    }
    json *items;
    TRY(json_array_new(run->a, values.count, ret_value, &items, run->reterr));
    if (values.count) {
        memcpy(items, values.items, values.count * sizeof(json));
    }
    return STATUS_OK;
}

static status find_root(const jsonpath *path, const expr_scope *scope, json *ret_root,
                        error *reterr)
{
    switch (path->root) {
    case JSONPATH_INPUT:
        *ret_root = scope->input;
        break;
    case JSONPATH_CONTEXT:
        *ret_root = scope->context;
        break;
    case JSONPATH_VARIABLE:
        *ret_root = expr_variable(scope, path->variable);
        break;
    }
    if (json_is_absent(*ret_root)) {
        if (path->root == JSONPATH_VARIABLE) {
            return fail(reterr, ERROR_NOT_FOUND, "The variable '$%.*s' has not been assigned",
                        STR_ARG(path->variable));
        }
        return fail(reterr, ERROR_NOT_FOUND,
                    "Unable to apply Path transformation to null or empty input.");
    }
    return STATUS_OK;
}

status jsonpath_evaluate(const jsonpath *path, const expr_scope *scope, arena *a, json *ret_value,
                         error *reterr)
{
    json root;
    TRY(find_root(path, scope, &root, reterr));
    uint32_t work_left = JSONPATH_WORK_MAX;
    jsonpath_run run = {
        .a = a, .root = root, .work_left = &work_left, .scope = scope, .reterr = reterr};
    if (LIKELY(path->is_simple)) {
        return run_simple(&run, path, root, ret_value);
    }
    status s = jsonpath_run_path(&run, path, root, ret_value);
    if (s.code == ERROR_NOT_FOUND && !path->is_definite) {
        /* Recorded: $.item.items[1:5].x of {} is [], where Jayway alone would refuse. */
        *ret_value = json_empty_array();
        return STATUS_OK;
    }
    return s;
}
