/* call: applying functions. A lambda's body that ends in a call gives a thunk instead of making it;
 * function_apply makes it in its loop, so that tail calls take no stack. */
#include "expr/jsonata/evaluate.h"
#include "expr/jsonata/parse.h"

#include "base/utf8.h"

enum { ARGUMENTS_ON_STACK = 6 };

/* Arguments under construction: a few on the stack, more in the arena. */
typedef struct arguments {
    json *at;
    uint32_t count;
    json few[ARGUMENTS_ON_STACK];
} arguments;

static bool arguments_reserve(evaluator *e, arguments *args, uint32_t room)
{
    args->count = 0;
    args->at = room <= ARGUMENTS_ON_STACK ? args->few : arena_array(e->a, json, room);
    if (!args->at) {
        evaluator_out_of_memory(e);
        return false;
    }
    return true;
}

static bool evaluate_arguments(evaluator *e, const node_list *nodes, json input, frame *scope,
                               const json *applied_to, arguments *ret)
{
    if (!arguments_reserve(e, ret, nodes->count + 1)) {
        return false;
    }
    if (applied_to) {
        ret->at[ret->count++] = *applied_to;
    }
    for (uint32_t i = 0; i < nodes->count; i++) {
        json value = evaluate(e, nodes->at[i], input, scope);
        if (value_failed(value)) {
            return false;
        }
        ret->at[ret->count++] = value;
    }
    return true;
}

uint32_t function_arity(json procedure)
{
    return value_is_function(procedure) ? value_function(procedure)->arity : 0;
}

/* ---------------------------------------------------------------------------- kinds of function */

/* The storage of one call's scope where nothing keeps it alive. */
typedef struct call_storage {
    frame scope;
    binding bindings[ARGUMENTS_ON_STACK];
} call_storage;

static json apply_lambda(evaluator *e, const function *f, const json *args, uint32_t count,
                         call_storage *storage)
{
    const node *n = f->node;
    frame *scope = &storage->scope;
    binding *bindings = storage->bindings;
    uint32_t parameters = n->u.lambda.count;
    if (n->u.lambda.outlives) {
        scope = arena_alloc(e->a, sizeof(frame));
        bindings = NULL;
    }
    if (!bindings || parameters > ARGUMENTS_ON_STACK) {
        bindings = arena_array(e->a, binding, parameters);
    }
    if (!scope || !bindings) {
        return evaluator_out_of_memory(e);
    }
    *scope = (frame){.parent = f->scope, .bindings = bindings, .count = parameters};
    scope->room = parameters;
    for (uint32_t i = 0; i < parameters; i++) {
        json value = i < count ? args[i] : value_absent();
        bindings[i] = (binding){n->u.lambda.parameters[i], value};
    }
    return evaluate(e, n->u.lambda.body, f->input, scope);
}

static json apply_builtin(evaluator *e, const builtin *b, const json *args, uint32_t count,
                          json input, frame *scope)
{
    json *valid;
    uint32_t valid_count;
    if (!signature_apply(&b->signature, args, count, input, e, &valid, &valid_count)) {
        return (json){.kind = VALUE_FAILED};
    }
    json padded[BUILTIN_ARGUMENTS_MIN] = {{0}};
    if (valid_count < BUILTIN_ARGUMENTS_MIN) {
        memcpy(padded, valid, valid_count * sizeof(json));
        valid = padded;
    }
    const call c = {
        .e = e, .arguments = valid, .count = valid_count, .input = input, .scope = scope};
    return b->run(&c);
}

static json apply_signed_lambda(evaluator *e, const function *f, const json *args, uint32_t count,
                                json input, call_storage *storage)
{
    const signature *s = f->node->u.lambda.signature;
    json *valid;
    if (s) {
        if (!signature_apply(s, args, count, input, e, &valid, &count)) {
            return (json){.kind = VALUE_FAILED};
        }
        args = valid;
    }
    return apply_lambda(e, f, args, count, storage);
}

/* The arguments that were given with ? filled in. A lambda's signature is not checked again. */
static json apply_partial(evaluator *e, const function *f, const json *args, uint32_t count,
                          call_storage *storage)
{
    uint32_t all_count = f->u.partial.count, used = 0;
    json *all = arena_array(e->a, json, all_count + 1);
    if (!all) {
        return evaluator_out_of_memory(e);
    }
    for (uint32_t i = 0; i < all_count; i++) {
        all[i] = f->u.partial.arguments[i];
        if (all[i].kind == VALUE_FAILED) {
            all[i] = used < count ? args[used] : value_absent();
            used++;
        }
    }
    const function *inner = f->u.partial.function;
    if (inner->kind == FUNCTION_LAMBDA) {
        return apply_lambda(e, inner, all, all_count, storage);
    }
    if (!evaluator_enter(e)) {
        return (json){.kind = VALUE_FAILED};
    }
    json result = function_apply(e, value_from_function(inner), all, all_count, value_absent(),
                                 f->scope, NULL);
    e->depth--;
    return result;
}

static json apply_chain(evaluator *e, const function *f, const json *args, uint32_t count)
{
    if (!evaluator_enter(e)) {
        return (json){.kind = VALUE_FAILED};
    }
    json first = count ? args[0] : value_absent();
    json result = function_apply(e, value_from_function(f->u.chain.first), &first, 1,
                                 value_absent(), NULL, NULL);
    if (!value_failed(result)) {
        json middle = result;
        if (middle.kind == JSON_ARRAY &&
            (middle.extra & (MARK_SEQUENCE | MARK_KEEP)) == MARK_SEQUENCE && middle.count <= 1) {
            middle = middle.count ? value_items(middle)[0] : value_absent();
        }
        result = function_apply(e, value_from_function(f->u.chain.second), &middle, 1,
                                value_absent(), NULL, NULL);
    }
    e->depth--;
    return result;
}

static json apply_regex(evaluator *e, const function *f, const json *args, uint32_t count)
{
    if (count == 0 || args[0].kind != JSON_STRING) {
        return value_absent();
    }
    double from = count > 1 && args[1].kind == JSON_NUMBER ? value_double(args[1]) : 0;
    str subject = json_str(args[0]);
    match_position start = {0};
    if (from > (double)subject.len) {
        return value_absent();
    }
    if (from > 0) {
        start.bytes = (size_t)from;
        while (start.bytes < subject.len &&
               ((unsigned char)subject.ptr[start.bytes] & 0xC0) == 0x80) {
            start.bytes++; /* to where the search will begin */
        }
        start.units = utf8_length_utf16(str_take(subject, start.bytes));
    }
    return evaluate_regex(e, f->node, subject, start);
}

static json apply_next_match(evaluator *e, const function *f)
{
    str subject = json_str(f->u.next.subject);
    if (f->u.next.from.bytes >= subject.len) {
        return value_absent();
    }
    json match = evaluate_regex(e, f->u.next.regex, subject, f->u.next.from);
    if (match.kind == JSON_OBJECT && json_get(match, STR("match")).count == 0) {
        evaluator_fail_value(e, "D1004", f->u.next.regex->u.regex.source);
        e->fault.position = f->u.next.regex->position;
        return (json){.kind = VALUE_FAILED};
    }
    return match;
}

static json apply_transform(evaluator *e, const function *f, const json *args, uint32_t count,
                            json input)
{
    static const parameter target = {.types = TYPE_OBJECT | TYPE_ARRAY | TYPE_MISSING};
    static const signature takes_target = {.parameters = &target, .count = 1};
    json *valid;
    if (!signature_apply(&takes_target, args, count, input, e, &valid, &count)) {
        return (json){.kind = VALUE_FAILED};
    }
    return evaluate_transform(e, f, valid[0]);
}

static json apply_once(evaluator *e, json procedure, const json *args, uint32_t count, json input,
                       frame *scope, call_storage *storage)
{
    if (!value_is_function(procedure)) {
        return evaluator_fail(e, "T1006");
    }
    const function *f = value_function(procedure);
    switch ((function_kind)f->kind) {
    case FUNCTION_BUILTIN:
        return apply_builtin(e, (const builtin *)f, args, count, input, scope);
    case FUNCTION_LAMBDA:
        return apply_signed_lambda(e, f, args, count, input, storage);
    case FUNCTION_PARTIAL:
        return apply_partial(e, f, args, count, storage);
    case FUNCTION_CHAIN:
        return apply_chain(e, f, args, count);
    case FUNCTION_REGEX:
        return apply_regex(e, f, args, count);
    case FUNCTION_NEXT_MATCH:
        return apply_next_match(e, f);
    case FUNCTION_TRANSFORM:
        return apply_transform(e, f, args, count, input);
    case FUNCTION_THUNK:
        break;
    }
    return evaluator_fail(e, "T1006");
}

/* The failing function's own name and place win over those of its callers. */
static json decorate(evaluator *e, json procedure, const call_site *site)
{
    if (procedure.kind != JSON_ABSENT && site) {
        if (e->fault.token.kind == JSON_ABSENT) {
            e->fault.token = site->name;
        }
        if (site->position) {
            e->fault.position = site->position;
        }
    }
    return (json){.kind = VALUE_FAILED};
}

json function_apply(evaluator *e, json procedure, const json *args, uint32_t count, json input,
                    frame *scope, const call_site *site)
{
    function *outer_thunk = e->thunk;
    function noted;
    call_storage storage;
    arguments next;
    call_site next_site;
    for (;;) {
        e->thunk = &noted;
        json result = apply_once(e, procedure, args, count, input, scope, &storage);
        if (value_failed(result)) {
            e->thunk = outer_thunk;
            return decorate(e, procedure, site);
        }
        const function *thunk = value_thunk(result);
        if (!thunk) {
            e->thunk = outer_thunk;
            return result;
        }
        const function pending = *thunk;
        const node *n = pending.node;
        const node *callee = n->u.call.procedure;
        procedure = evaluate(e, callee, pending.input, pending.scope);
        next_site = (call_site){.position = callee->position};
        if (callee->type == NODE_VARIABLE) {
            next_site.name = node_value(callee);
        }
        site = &next_site;
        if (value_failed(procedure) || !evaluate_arguments(e, &n->u.call.arguments, pending.input,
                                                           pending.scope, NULL, &next)) {
            e->thunk = outer_thunk;
            return (json){.kind = VALUE_FAILED};
        }
        args = next.at;
        count = next.count;
    }
}

json function_call(evaluator *e, json procedure, const json *args, uint32_t count)
{
    uint32_t arity = function_arity(procedure);
    uint32_t given = arity < 1 ? 1 : MIN_OF(arity, count);
    return function_apply(e, procedure, args, given, json_null(), NULL, NULL);
}

/* ------------------------------------------------------------------------------- nodes of calls */

/* The name that errors give: the variable's, or that of a path's first step. */
static json procedure_name(const node *procedure)
{
    return node_value(procedure->type == NODE_PATH ? procedure->u.list.at[0] : procedure);
}

/* Whether a call of an undefined path only lacks its $. */
static bool lacks_dollar(evaluator *e, const node *procedure, json value, frame *scope)
{
    if (value.kind != JSON_ABSENT || procedure->type != NODE_PATH) {
        return false;
    }
    const node *first = procedure->u.list.at[0];
    if (first->type != NODE_NAME || !first->u.name.symbol) {
        return false;
    }
    return value_is_truthy_js(frame_lookup(e, first->u.name.symbol, scope));
}

static json fail_call(evaluator *e, const node *n, const char *code)
{
    json result = evaluator_fail(e, code);
    e->fault.position = n->position;
    e->fault.token = procedure_name(n->u.call.procedure);
    return result;
}

json evaluate_function(evaluator *e, const node *n, json input, frame *scope,
                       const json *applied_to)
{
    const node *callee = n->u.call.procedure;
    json procedure = evaluate(e, callee, input, scope);
    if (value_failed(procedure)) {
        return procedure;
    }
    if (UNLIKELY(lacks_dollar(e, callee, procedure, scope))) {
        return fail_call(e, n, "T1005");
    }
    arguments args;
    if (!evaluate_arguments(e, &n->u.call.arguments, input, scope, applied_to, &args)) {
        return (json){.kind = VALUE_FAILED};
    }
    const call_site site = {.name = procedure_name(callee), .position = n->position};
    json result = function_apply(e, procedure, args.at, args.count, input, scope, &site);
    if (value_failed(result)) {
        if (!e->fault.position) {
            e->fault.position = n->position;
        }
        if (e->fault.token.kind == JSON_ABSENT) {
            e->fault.token = site.name;
        }
    }
    return result;
}

json evaluate_partial(evaluator *e, const node *n, json input, frame *scope)
{
    const node_list *nodes = &n->u.call.arguments;
    json *given = arena_array(e->a, json, nodes->count);
    function *f = arena_new(e->a, function);
    if (!given || !f) {
        return evaluator_out_of_memory(e);
    }
    for (uint32_t i = 0; i < nodes->count; i++) {
        if (nodes->at[i]->type == NODE_OPERATOR) {
            given[i] = (json){.kind = VALUE_FAILED};
            f->arity = (uint8_t)MIN_OF(f->arity + 1, 255);
            continue;
        }
        given[i] = evaluate(e, nodes->at[i], input, scope);
        if (value_failed(given[i])) {
            return given[i];
        }
    }
    json procedure = evaluate(e, n->u.call.procedure, input, scope);
    if (value_failed(procedure)) {
        return procedure;
    }
    if (lacks_dollar(e, n->u.call.procedure, procedure, scope)) {
        return fail_call(e, n, "T1007");
    }
    if (!value_is_function(procedure)) {
        return fail_call(e, n, "T1008");
    }
    f->kind = FUNCTION_PARTIAL;
    f->u.partial.function = value_function(procedure);
    f->u.partial.arguments = given;
    f->u.partial.count = nodes->count;
    return value_from_function(f);
}

static json compose(evaluator *e, json first, json second)
{
    function *f = arena_new(e->a, function);
    if (!f) {
        return evaluator_out_of_memory(e);
    }
    f->kind = FUNCTION_CHAIN;
    f->arity = 1;
    f->u.chain.first = value_function(first);
    f->u.chain.second = value_function(second);
    return value_from_function(f);
}

json evaluate_apply(evaluator *e, const node *n, json input, frame *scope)
{
    json left = evaluate(e, n->u.of.a, input, scope);
    if (value_failed(left)) {
        return left;
    }
    const node *right = n->u.of.b;
    if (right->type == NODE_FUNCTION) {
        return evaluate_function(e, right, input, scope, &left);
    }
    json procedure = evaluate(e, right, input, scope);
    if (value_failed(procedure)) {
        return procedure;
    }
    if (!value_is_function(procedure)) {
        json result = evaluator_fail_value(e, "T2006", procedure);
        e->fault.position = n->position;
        return result;
    }
    if (value_is_function(left)) {
        return compose(e, left, procedure);
    }
    return function_apply(e, procedure, &left, 1, json_null(), scope, NULL);
}
