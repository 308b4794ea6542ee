/* Evaluates calls, innermost first, and says which call failed. */
#include "expr/intrinsic/call.h"

#include "base/utf8.h"

#include <math.h>

#define ROW(name, min, max, apply)                                                                 \
    {                                                                                              \
        {#name, sizeof(#name) - 1}, min, max, apply                                                \
    }
static const intrinsic_function functions[] = {
    ROW(Array, 0, INTRINSIC_ARGUMENTS_ANY, intrinsic_array),
    ROW(ArrayPartition, 2, 2, intrinsic_array_partition),
    ROW(ArrayContains, 2, 2, intrinsic_array_contains),
    ROW(ArrayRange, 3, 3, intrinsic_array_range),
    ROW(ArrayGetItem, 2, 2, intrinsic_array_get_item),
    ROW(ArrayLength, 1, 1, intrinsic_array_length),
    ROW(ArrayUnique, 1, 1, intrinsic_array_unique),
    ROW(Base64Encode, 1, 1, intrinsic_base64_encode),
    ROW(Base64Decode, 1, 1, intrinsic_base64_decode),
    ROW(Hash, 2, 2, intrinsic_hash),
    ROW(JsonMerge, 3, 3, intrinsic_json_merge),
    ROW(JsonToString, 1, 1, intrinsic_json_to_string),
    ROW(StringToJson, 1, 1, intrinsic_string_to_json),
    ROW(MathAdd, 2, 2, intrinsic_math_add),
    ROW(MathRandom, 2, 3, intrinsic_math_random),
    ROW(StringSplit, 2, 2, intrinsic_string_split),
    ROW(UUID, 0, 0, intrinsic_uuid),
    ROW(Format, 1, INTRINSIC_ARGUMENTS_ANY, intrinsic_format),
};

const intrinsic_function *intrinsic_function_find(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(functions); i++) {
        if (str_equal(functions[i].name, name)) {
            return &functions[i];
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------------------------ arguments */

status intrinsic_want(intrinsic_calling *c, uint32_t at, json_kind kind)
{
    json value = c->arguments[at];
    if (json_is(value, kind)) {
        return STATUS_OK;
    }
    return fail(c->reterr, ERROR_TYPE, "Argument %u must be of type %s, but was %s", at + 1,
                json_kind_name(kind), json_kind_name(json_kind_of(value)));
}

status intrinsic_want_integer(intrinsic_calling *c, uint32_t at, int64_t *ret_value)
{
    int64_t whole;
    TRY(intrinsic_want(c, at, JSON_NUMBER));
    if (!json_int64(c->arguments[at], &whole)) {
        double rounded = floor(json_double(c->arguments[at]) + 0.5);
        whole = fabs(rounded) <= 1e15 ? (int64_t)rounded : INT64_MAX;
    }
    if (whole < INT32_MIN || whole > INT32_MAX) {
        return fail(c->reterr, ERROR_RANGE, "Argument %u must be between %d and %d", at + 1,
                    INT32_MIN, INT32_MAX);
    }
    *ret_value = whole;
    return STATUS_OK;
}

status intrinsic_want_short_text(intrinsic_calling *c, uint32_t at, str *ret_text)
{
    TRY(intrinsic_want(c, at, JSON_STRING));
    *ret_text = json_str(c->arguments[at]);
    if (ret_text->len > 4 * INTRINSIC_TEXT_CHARS_MAX ||
        utf8_length_utf16(*ret_text) > INTRINSIC_TEXT_CHARS_MAX) {
        return fail(c->reterr, ERROR_LIMIT, "Argument %u is longer than %d characters", at + 1,
                    INTRINSIC_TEXT_CHARS_MAX);
    }
    return STATUS_OK;
}

status intrinsic_give_text(intrinsic_calling *c, buf *text)
{
    status s = buf_status(text, c->reterr);
    if (ok(s)) {
        str copy = arena_str(c->a, buf_str(text));
        *c->result = json_from_str(copy);
        s = copy.ptr ? STATUS_OK : fail_memory(c->reterr);
    }
    buf_clean_up(text);
    return s;
}

/* ----------------------------------------------------------------------------------- evaluation */

/* Puts AWS's introduction before what went wrong inside the call. */
static status explain(const intrinsic *call, const error *inner, error *reterr)
{
    if (inner->code == ERROR_MEMORY) {
        return fail_memory(reterr);
    }
    return fail(reterr, inner->code, "The function '%.*s' had the following error: %s",
                STR_ARG(str_take(call->text, ERROR_MESSAGE_MAX / 2)), inner->message);
}

static status explain_path(const intrinsic *call, const jsonpath *path, const expr_scope *scope,
                           const error *cause, error *reterr)
{
    error inner = *cause;
    if (cause->code == ERROR_NOT_FOUND) {
        buf input;
        buf_init(&input, 4 * PAYLOAD_BYTES_MAX); /* fail() cuts what is too long */
        json_print(scope->input, &input);
        (void)fail(&inner, ERROR_NOT_FOUND,
                   "The JsonPath argument for the field '%.*s' could not be found in the input "
                   "'%.*s'",
                   STR_ARG(jsonpath_text(path)), STR_ARG(buf_str(&input)));
        buf_clean_up(&input);
    }
    return explain(call, &inner, reterr);
}

static status evaluate(const intrinsic *call, const expr_scope *scope, arena *a, json *ret_value,
                       error *reterr)
{
    error inner;
    json *values = arena_array(a, json, call->count);
    if (!values) {
        return fail_memory(reterr);
    }
    if (expr_is_out_of_time(scope)) {
        return fail(reterr, ERROR_LIMIT, "The function takes too long");
    }
    for (uint32_t i = 0; i < call->count; i++) {
        const intrinsic_argument *argument = &call->arguments[i];
        switch (argument->kind) {
        case ARGUMENT_VALUE:
            values[i] = argument->value;
            break;
        case ARGUMENT_PATH:
            if (failed(jsonpath_evaluate(argument->path, scope, a, &values[i], &inner))) {
                return explain_path(call, argument->path, scope, &inner, reterr);
            }
            break;
        case ARGUMENT_CALL:
            TRY(evaluate(argument->call, scope, a, &values[i], reterr));
            break;
        }
    }
    intrinsic_calling c = {
        .call = call,
        .arguments = values,
        .count = call->count,
        .random = scope->random,
        .a = a,
        .result = ret_value,
        .reterr = &inner,
    };
    return ok(call->function->apply(&c)) ? STATUS_OK : explain(call, &inner, reterr);
}

status intrinsic_evaluate(const intrinsic *call, const expr_scope *scope, arena *a, json *ret_value,
                          error *reterr)
{
    json result;
    TRY(evaluate(call, scope, a, &result, reterr));
    *ret_value = result;
    return STATUS_OK;
}
