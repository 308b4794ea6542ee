/* program: compiling, evaluating, and asking for free variables. */
#include "expr/jsonata/program.h"

#include "expr/jsonata/clean.h"
#include "expr/jsonata/parse.h"
#include "expr/jsonata/resolve.h"

#include "base/utf8.h"

/* Of the native stack, which has 8 MiB; the depth is the first to be reached, except where frames
 * are unusually large (sanitizers). */
enum { STACK_BYTES_MAX = 5 * 1024 * 1024 };

static bool names_eval(const symbol_table *symbols)
{
    const symbol *s = symbol_find(symbols, STR("eval"));
    return s && s->builtin;
}

node *program_tree(str text, symbol_table *symbols, arena *a, bool is_first, bool *calls_eval,
                   fault *ret_fault)
{
    node *written = parse_expression(text, symbols, a, ret_fault);
    if (!written) {
        return NULL;
    }
    resolver r = {.a = a, .symbols = symbols, .fault = ret_fault, .marks_symbols = is_first};
    *calls_eval = *calls_eval || names_eval(symbols);
    r.calls_eval = *calls_eval;
    return resolve_program(written, &r);
}

/* Offset of the first byte that is neither UTF-8 nor half of a surrogate pair, or text.len. */
static size_t find_invalid(str text)
{
    size_t at = 0;
    while (text.len) {
        at += utf8_check(str_skip(text, at));
        const unsigned char *p = (const unsigned char *)text.ptr + at;
        bool is_half = text.len - at >= 3 && p[0] == 0xED && p[1] >= 0xA0 && p[1] <= 0xBF &&
                       p[2] >= 0x80 && p[2] <= 0xBF;
        if (!is_half) {
            return at;
        }
        at += 3;
    }
    return at;
}

static status refuse_text(const char *words, error_code kind, jsonata_fault *ret_fault,
                          error *reterr)
{
    const fault f = {.code = "U1001", .kind = kind, .detail = str_from_c(words)};
    return fault_report(&f, STR(""), ret_fault, reterr);
}

status jsonata_compile(str text, jsonata_dialect dialect, arena *a, const jsonata **ret_program,
                       jsonata_fault *ret_fault, error *reterr)
{
    fault f = {0};
    if (text.len > EXPRESSION_BYTES_MAX) {
        return refuse_text("The expression is longer than 1 MiB", ERROR_LIMIT, ret_fault, reterr);
    }
    if (find_invalid(text) != text.len) {
        return refuse_text("The expression is not UTF-8", ERROR_SYNTAX, ret_fault, reterr);
    }
    jsonata *program = arena_new(a, jsonata);
    symbol_table *symbols = symbol_table_new(a, NULL, dialect);
    str copy = arena_str(a, text.ptr ? text : STR(""));
    if (!program || !symbols || !copy.ptr) {
        return fail_memory(reterr);
    }
    program->text = copy;
    program->symbols = symbols;
    program->dialect = dialect;
    program->root = program_tree(copy, symbols, a, true, &program->calls_eval, &f);
    if (!program->root) {
        return fault_report(&f, copy, ret_fault, reterr);
    }
    *ret_program = program;
    return STATUS_OK;
}

status jsonata_evaluate(const jsonata *program, const expr_scope *scope,
                        const jsonata_options *options, arena *a, json *ret_value,
                        jsonata_fault *ret_fault, error *reterr)
{
    evaluator e;
    e.a = a;
    e.scope = scope;
    e.program = program;
    e.symbols = program->symbols;
    e.thunk = NULL;
    e.stack_limit = (const char *)__builtin_frame_address(0) - STACK_BYTES_MAX;
    e.depth = e.steps = 0;
    e.depth_max = options && options->depth_max ? options->depth_max : JSONATA_DEPTH_MAX;
    e.steps_max = options && options->steps_max ? options->steps_max : JSONATA_STEPS_MAX;
    e.steps_asked = MIN_OF(4096u, e.steps_max);
    e.has_dynamic_names = program->calls_eval;
    e.dialect = program->dialect;
    e.is_out_of_time = options ? options->is_out_of_time : NULL;
    e.user = options ? options->user : NULL;
    e.fault.code = NULL;
    e.fault.kind = ERROR_NONE;
    e.root = scope->input;
    e.root.extra = 0;
    json input = e.root;
    if (input.kind == JSON_ARRAY) {
        input = value_singleton(&e, input, MARK_SEQUENCE | MARK_OUTER);
    }
    frame top = {0};
    frame *outermost = &top;
    if (program->calls_eval) {
        outermost = arena_new(a, frame);
    }
    json result = value_failed(input) || !outermost
                      ? evaluator_out_of_memory(&e)
                      : clean_result(&e, evaluate(&e, program->root, input, outermost));
    if (value_failed(result)) {
        return fault_report(&e.fault, program->text, ret_fault, reterr);
    }
    *ret_value = result;
    return STATUS_OK;
}
