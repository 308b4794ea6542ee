/* Compiles any text as a call and evaluates it: no crash, and the same entropy gives the same
 * value. The text may be followed by a NUL and a JSON document, which is the input. */
#include "base/macros.h"
#include "expr/intrinsic/intrinsic.h"

static void visit(void *user, const jsonpath *path)
{
    size_t *length = user;
    *length += jsonpath_text(path).len;
}

static void evaluate_twice(const intrinsic *call, json input, arena *a)
{
    json first, second;
    error err = {0};
    entropy random = {.state = 1};
    expr_scope scope = {.input = input, .context = input, .random = &random};
    if (failed(intrinsic_evaluate(call, &scope, a, &first, &err))) {
        INVARIANT(err.message[0]);
        return;
    }
    INVARIANT(!json_is_absent(first));
    random = (entropy){.state = 1};
    INVARIANT(ok(intrinsic_evaluate(call, &scope, a, &second, &err)) || err.code == ERROR_MEMORY);
    INVARIANT(err.code == ERROR_MEMORY || json_equal(first, second));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena a;
    error err;
    json input;
    const intrinsic *call;
    str rest = str_from((const char *)data, size), text = str_split_next(&rest, '\0');
    str document = STR("{\"a\":[1,2,2.5,{\"c\":\"x\"},\"1\",null,[]],\"o\":{\"x\":1},\"t\":\"it's "
                       "{}\",\"n\":3}");
    arena_init(&a, 1 << 26);
    if (failed(json_parse_into(rest.len ? rest : document, &a, &input, NULL)) &&
        failed(json_parse_into(document, &a, &input, NULL))) {
        return 0;
    }
    if (ok(intrinsic_compile(text, &a, &call, &err))) {
        size_t length = 0;
        intrinsic_visit_paths(call, visit, &length);
        INVARIANT(length <= text.len);
        evaluate_twice(call, input, &a);
    } else {
        INVARIANT(err.message[0]);
    }
    arena_clean_up(&a);
    return 0;
}
