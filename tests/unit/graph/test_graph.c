/* Pictures of definitions: what is in them, and that the laid out one is well laid out. */
#include "graph/model.h"

#include <math.h>

#include "unit.h"

static const char *const definition =
    "{'Comment':'A <b> & c','StartAt':'Look','States':{"
    "'Look':{'Type':'Task','Resource':'arn:aws:states:::lambda:invoke','Next':'Enough',"
    "'Parameters':{'FunctionName':'look'},"
    "'Catch':[{'ErrorEquals':['States.ALL'],'Next':'Bad'}]},"
    "'Enough':{'Type':'Choice','Choices':[{'Or':[{'Variable':'$.n','NumericGreaterThan':3},"
    "{'Not':{'Variable':'$.x','IsPresent':true}}],'Next':'Both'},"
    "{'And':[{'Variable':'$.a','StringEquals':'q'},{'Or':[{'Variable':'$.b','IsNull':false},"
    "{'Variable':'$.c','BooleanEqualsPath':'$.d'}]}],'Next':'Again'}],'Default':'Again'},"
    "'Again':{'Type':'Wait','Seconds':1,'Next':'Look'},"
    "'Both':{'Type':'Parallel','End':true,'Branches':["
    "{'StartAt':'L','States':{'L':{'Type':'Pass','End':true}}},"
    "{'StartAt':'R','States':{'R':{'Type':'Map','End':true,'ItemProcessor':"
    "{'StartAt':'Each \\'one\\'','States':{'Each \\'one\\'':{'Type':'Pass','End':true}}}}}}]},"
    "'Bad':{'Type':'Fail'}}}";

typedef struct drawing {
    const asl_machine *machine;
    arena memory;
    buf out;
} drawing;

static void compile(drawing *d, const char *text)
{
    static char copy[1 << 20];
    error err;
    size_t length = 0;
    for (const char *at = text; *at; at++) { /* \' is a quote inside a name, ' stands for " */
        if (at[0] == '\\' && at[1] == '\'') {
            copy[length++] = '\\';
            copy[length++] = '"';
            at++;
        } else {
            copy[length++] = *at == '\'' ? '"' : *at;
        }
        assert_true(length + 2 < sizeof(copy));
    }
    asl_machine_release(d->machine);
    d->machine = NULL;
    assert_ok(asl_compile(str_from(copy, length), NULL, &d->machine, NULL, &err), err);
}

static int set_up(void **state)
{
    static drawing d;
    d = (drawing){0};
    arena_init(&d.memory, 0);
    buf_init(&d.out, 1 << 24);
    compile(&d, definition);
    *state = &d;
    return 0;
}

static int tear_down(void **state)
{
    drawing *d = *state;
    asl_machine_release(d->machine);
    arena_clean_up(&d->memory);
    buf_clean_up(&d->out);
    return 0;
}

static const char *draw(drawing *d, graph_format format)
{
    error err;
    buf_reset(&d->out);
    assert_ok(graph_draw(d->machine, format, &d->out, &err), err);
    return buf_c_str(&d->out);
}

static void conditions_are_readable(void **state)
{
    drawing *d = *state;
    static const char *const expected[] = {
        "$.n > 3 or not ($.x is present)",
        "$.a = \"q\" and ($.b is not null or $.c = $.d)",
    };
    const asl_state *choice = &d->machine->states[1];
    assert_int_equal(choice->type, ASL_CHOICE);
    for (uint32_t i = 0; i < 2; i++) {
        str text = STR_NONE;
        error err;
        assert_ok(graph_condition_text(&choice->as.choice.rules[i], &d->memory, &text, &err), err);
        assert_str_equal(text, expected[i]);
    }
}

static void dot_nests_scopes_and_escapes_names(void **state)
{
    const char *text = draw(*state, GRAPH_DOT);
    assert_non_null(strstr(text, "digraph workflow {"));
    assert_non_null(strstr(text, "subgraph cluster_1 {\n    label=\"Both\";"));
    assert_non_null(strstr(text, "label=\"Each \\\"one\\\"\\nPass\""));
    assert_non_null(strstr(text, "[style=dashed,label=\"States.ALL\"]"));
    assert_non_null(strstr(text, "label=\"$.a = \\\"q\\\" and"));
    int depth = 0;
    for (const char *at = text; *at; at++) {
        depth += *at == '{' ? 1 : *at == '}' ? -1 : 0;
        assert_true(depth >= 0);
    }
    assert_int_equal(depth, 0);
}

static void mermaid_has_the_same_graph(void **state)
{
    const char *text = draw(*state, GRAPH_MERMAID);
    assert_non_null(strstr(text, "flowchart TD\n"));
    assert_non_null(strstr(text, "{\"Enough\"}"));
    assert_non_null(strstr(text, "[\"Each #34;one#34;\"]"));
    assert_non_null(strstr(text, "-.->|\"States.ALL\"|"));
    assert_non_null(strstr(text, "([\"Start\"])"));
}

static void svg_escapes_what_it_shows(void **state)
{
    const char *text = draw(*state, GRAPH_SVG);
    assert_non_null(strstr(text, "<title>A &lt;b&gt; &amp; c</title>"));
    assert_non_null(strstr(text, "Each &quot;one&quot;"));
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf"));
    compile(*state,
            "{'StartAt':'a\\u0000\\ud800<','States':{'a\\u0000\\ud800<':{'Type':'Succeed'}}}");
    text = draw(*state, GRAPH_SVG);
    assert_non_null(strstr(text, "a\xef\xbf\xbd\xef\xbf\xbd&lt;"));
}

/* No two boxes of a scope overlap, edges but those that close a cycle go down, and what is inside a
 * state is inside its box. */
static void assert_well_laid_out(drawing *d)
{
    graph_model model;
    error err;
    assert_ok(graph_model_make(d->machine, &d->memory, &model, &err), err);
    assert_ok(graph_layout(&model, &err), err);
    for (uint32_t s = 0; s < model.scope_count; s++) {
        const graph_scope *scope = &model.scopes[s];
        for (uint32_t i = 0; i < scope->node_count; i++) {
            const graph_node *a = &scope->nodes[i];
            assert_true(a->x - a->width / 2 >= -0.01 && a->x + a->width / 2 <= scope->width + 0.01);
            assert_true(a->y - a->height / 2 >= -0.01);
            assert_true(a->y + a->height / 2 <= scope->height + 0.01);
            for (uint32_t k = i + 1; k < scope->node_count; k++) {
                const graph_node *b = &scope->nodes[k];
                bool is_apart = fabs(a->x - b->x) >= (a->width + b->width) / 2 - 0.01 ||
                                fabs(a->y - b->y) >= (a->height + b->height) / 2 - 0.01;
                assert_true(is_apart);
            }
        }
        for (uint32_t i = 0; i < scope->edge_count; i++) {
            const graph_edge *e = &scope->edges[i];
            bool is_down = scope->nodes[e->from].layer < scope->nodes[e->to].layer;
            assert_true(is_down != e->is_back || e->from == e->to);
        }
        uint32_t parent = d->machine->workflows[s].parent;
        if (parent != ASL_NONE) {
            const asl_state *holder = &d->machine->states[parent];
            const graph_scope *outer = &model.scopes[holder->workflow];
            uint32_t first = d->machine->workflows[holder->workflow].first_state;
            const graph_node *box = &outer->nodes[GRAPH_FIRST_STATE + parent - first];
            assert_true(scope->x >= outer->x + box->x - box->width / 2);
            assert_true(scope->x + scope->width <= outer->x + box->x + box->width / 2);
            assert_true(scope->y + scope->height <= outer->y + box->y + box->height / 2);
        }
    }
}

static void boxes_do_not_overlap(void **state)
{
    assert_well_laid_out(*state);
}

static void a_state_may_lead_to_itself_or_nowhere(void **state)
{
    drawing *d = *state;
    compile(d,
            "{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{'Variable':'$.a',"
            "'IsNull':true,'Next':'C'}],'Default':'P'},'P':{'Type':'Choice','Choices':[{'Variable':"
            "'$.a','IsNull':true,'Next':'C'}],'Default':'E'},'E':{'Type':'Succeed'}}}");
    assert_well_laid_out(d);
    assert_non_null(strstr(draw(d, GRAPH_SVG), "<path class=\"e\""));
}

static void many_states_are_laid_out(void **state)
{
    drawing *d = *state;
    buf text;
    buf_init(&text, 1 << 20);
    buf_add_literal(&text, "{'StartAt':'S0','States':{");
    for (int i = 0; i < 500; i++) { /* a chain with jumps of up to 40 states ahead and back */
        buf_add_format(&text,
                       "'S%d':{'Type':'Choice','Choices':[{'Variable':'$.a','IsNull':true,'Next':"
                       "'S%d'},{'Variable':'$.b','IsNull':true,'Next':'S%d'}],'Default':'S%d'},",
                       i, (i + 7 * i % 41) % 500, i * 13 % 40 < i ? i - i * 13 % 40 : 0, i + 1);
    }
    buf_add_literal(&text, "'S500':{'Type':'Pass','End':true}}}");
    compile(d, buf_c_str(&text));
    buf_clean_up(&text);
    graph_model model;
    error err;
    assert_ok(graph_model_make(d->machine, &d->memory, &model, &err), err);
    assert_ok(graph_layout(&model, &err), err);
    assert_true(model.scopes[0].node_count > 5000); /* most are bends */
    assert_true(strlen(draw(d, GRAPH_SVG)) > 100000);
}

static void formats_go_by_a_files_ending(void **state)
{
    (void)state;
    graph_format format;
    assert_true(graph_format_from_name(STR("mmd"), &format) && format == GRAPH_MERMAID);
    assert_true(graph_format_from_name(STR("gv"), &format) && format == GRAPH_DOT);
    assert_false(graph_format_from_name(STR("png"), &format));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(conditions_are_readable),    TEST(dot_nests_scopes_and_escapes_names),
        TEST(mermaid_has_the_same_graph), TEST(svg_escapes_what_it_shows),
        TEST(boxes_do_not_overlap),       TEST(a_state_may_lead_to_itself_or_nowhere),
        TEST(many_states_are_laid_out),   TEST(formats_go_by_a_files_ending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
