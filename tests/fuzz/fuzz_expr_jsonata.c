/* Compiles any text as JSONata, in both dialects, and evaluates it. The text may be followed by a
 * NUL and a JSON document; else a document of ours is looked at. What must hold: no crash, leak or
 * hang; an error has a code and words; a result is clean JSON whose text reads back as the same
 * value; and a second evaluation with the same entropy gives the same. */
#include "base/macros.h"
#include "expr/jsonata/jsonata.h"

static json get_variable(const void *variables, str name)
{
    return json_get(*(const json *)variables, name);
}

static void check_result(json value, arena *a)
{
    json again;
    error err;
    str text = json_text(value, a);
    INVARIANT(value.kind <= JSON_OBJECT && value.extra == 0);
    if (text.ptr && !json_is_absent(value)) {
        status s = json_parse_into(text, a, &again, &err);
        INVARIANT(ok(s) || err.code == ERROR_MEMORY || err.code == ERROR_LIMIT);
    }
}

static str run(const jsonata *program, json input, arena *a)
{
    entropy random = {.state = 1};
    error err;
    jsonata_fault fault;
    json value;
    const jsonata_options options = {.steps_max = 20000, .depth_max = 400};
    const expr_scope scope = {.input = input,
                              .variable = get_variable,
                              .variables = &input,
                              .now_ms = 1700000000000,
                              .random = &random};
    if (ok(jsonata_evaluate(program, &scope, &options, a, &value, &fault, &err))) {
        check_result(value, a);
        return json_text(value, a);
    }
    INVARIANT(err.id[0] && err.message[0]);
    return STR("failed");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str rest = str_from((const char *)data, size), text = str_split_next(&rest, '\0');
    str document =
        STR("{\"a\":{\"b\":[1,2,{\"c\":\"x\"}],\"n\":null},\"l\":[{\"p\":1.5,\"q\":[1,2]},"
            "{\"p\":\"1\",\"q\":[]},[[[3]]],true],\"\":0,\"s\":\"a b,c\"}");
    for (int dialect = JSONATA_REFERENCE; dialect <= JSONATA_AWS; dialect++) {
        arena a;
        error err;
        jsonata_fault fault;
        json input;
        const jsonata *program;
        arena_init(&a, 1 << 24);
        if (failed(json_parse_into(rest.len ? rest : document, &a, &input, NULL))) {
            input = (json){0};
        }
        if (ok(jsonata_compile(text, (jsonata_dialect)dialect, &a, &program, &fault, &err))) {
            str first = run(program, input, &a), second = run(program, input, &a);
            INVARIANT(!first.ptr || !second.ptr || str_equal(first, second) ||
                      str_equal(second, STR("failed"))); /* the arena may be full by then */
        } else {
            INVARIANT(err.id[0] || err.code == ERROR_MEMORY);
        }
        arena_clean_up(&a);
    }
    return 0;
}
