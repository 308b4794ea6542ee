/* Choice conditions as people read them. */
#include "graph/model.h"

static const struct {
    const char *before, *after;
} operators[] = {
    [ASL_EQUALS] = {"", " = "},
    [ASL_LESS] = {"", " < "},
    [ASL_GREATER] = {"", " > "},
    [ASL_LESS_EQUALS] = {"", " <= "},
    [ASL_GREATER_EQUALS] = {"", " >= "},
    [ASL_MATCHES] = {"", " matches "},
    [ASL_IS_PRESENT] = {" is present", " is not present"},
    [ASL_IS_NULL] = {" is null", " is not null"},
    [ASL_IS_STRING] = {" is a string", " is not a string"},
    [ASL_IS_NUMERIC] = {" is a number", " is not a number"},
    [ASL_IS_BOOLEAN] = {" is a boolean", " is not a boolean"},
    [ASL_IS_TIMESTAMP] = {" is a timestamp", " is not a timestamp"},
};

static void add_comparison(const asl_condition *c, buf *out)
{
    buf_add_str(out, c->variable ? c->variable->text : STR(""));
    if (c->operator>= ASL_IS_PRESENT) {
        const char *text =
            json_is_true(c->literal) ? operators[c->operator].before : operators[c->operator].after;
        buf_add_str(out, str_from_c(text));
        return;
    }
    buf_add_str(out, str_from_c(operators[c->operator].after));
    if (c->operand) {
        buf_add_str(out, c->operand->text);
    } else {
        json_print(c->literal, out);
    }
}

/* A place in the tree: conditions nest as deep as JSON does, so the way back is kept here. */
typedef struct visit {
    const asl_condition *condition;
    uint32_t next; /* child */
    bool is_nested;
} visit;

/* Each condition is entered once, each of its children told after the word that joins them. */
static status add_condition(const asl_condition *root, arena *a, buf *out, error *reterr)
{
    visit *stack = arena_array(a, visit, JSON_DEPTH_MAX);
    size_t depth = 0;
    if (!stack) {
        return fail_memory(reterr);
    }
    stack[depth++] = (visit){.condition = root};
    while (depth) {
        visit *v = &stack[depth - 1];
        const asl_condition *c = v->condition;
        if (c->operator>= ASL_EQUALS) {
            add_comparison(c, out);
            depth--;
            continue;
        }
        bool has_brackets = v->is_nested || c->operator== ASL_NOT;
        if (v->next == 0) {
            buf_add_str(out, c->operator== ASL_NOT ? STR("not (")
                             : v->is_nested        ? STR("(")
                                                   : STR(""));
        }
        if (v->next == c->count) {
            buf_add_str(out, has_brackets ? STR(")") : STR(""));
            depth--;
            continue;
        }
        if (v->next) {
            buf_add_str(out, c->operator== ASL_AND ? STR(" and ") : STR(" or "));
        }
        if (depth == JSON_DEPTH_MAX) {
            return fail(reterr, ERROR_LIMIT, "a condition is nested too deep to draw");
        }
        stack[depth++] =
            (visit){.condition = &c->children[v->next++], .is_nested = c->operator!= ASL_NOT };
    }
    return STATUS_OK;
}

status graph_condition_text(const asl_rule *rule, arena *a, str *ret_text, error *reterr)
{
    if (rule->test) {
        *ret_text = str_trim(rule->test->text);
        if (rule->test->kind == ASL_LITERAL) {
            *ret_text = json_text(rule->test->as.literal, a);
        }
        return ret_text->ptr ? STATUS_OK : fail_memory(reterr);
    }
    buf text;
    buf_init(&text, 2 * DEFINITION_BYTES_MAX);
    status result = add_condition(rule->condition, a, &text, reterr);
    if (ok(result)) {
        *ret_text = arena_str(a, buf_str(&text));
        result = ret_text->ptr ? buf_status(&text, reterr) : fail_memory(reterr);
    }
    buf_clean_up(&text);
    return result;
}
