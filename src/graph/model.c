/* A compiled machine's scopes, nodes and edges. */
#include "graph/model.h"

#include "base/utf8.h"

bool graph_format_from_name(str name, graph_format *ret_format)
{
    static const struct {
        const char *name;
        graph_format format;
    } rows[] = {
        {"svg", GRAPH_SVG},    {"mmd", GRAPH_MERMAID}, {"mermaid", GRAPH_MERMAID},
        {"md", GRAPH_MERMAID}, {"dot", GRAPH_DOT},     {"gv", GRAPH_DOT},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (str_equal(name, str_from_c(rows[i].name))) {
            *ret_format = rows[i].format;
            return true;
        }
    }
    return false;
}

uint32_t graph_children(const asl_state *state, const uint32_t **ret_workflows)
{
    if (state->type == ASL_PARALLEL) {
        *ret_workflows = state->as.parallel.branches;
        return state->as.parallel.branch_count;
    }
    *ret_workflows = &state->as.map.processor;
    return state->type == ASL_MAP && state->as.map.processor != ASL_NONE ? 1 : 0;
}

/* What a state does, in a few words. */
static str subtitle_of(const asl_state *state, arena *a)
{
    if (state->type == ASL_TASK) {
        const asl_resource *r = &state->as.task.resource;
        str what = r->kind == ASL_RESOURCE_SERVICE ? r->event_resource : r->name;
        str who = r->event_type.len ? r->event_type : r->service;
        return arena_printf(a, "%.*s: %.*s", STR_ARG(who), STR_ARG(what));
    }
    if (state->type == ASL_MAP && state->as.map.is_distributed) {
        return STR("Map, distributed");
    }
    return str_from_c(asl_state_type_name(state->type));
}

typedef struct making {
    const asl_machine *machine;
    const asl_workflow *workflow;
    graph_scope *scope;
    arena *a;
} making;

static uint32_t node_of(const making *m, uint32_t state)
{
    return GRAPH_FIRST_STATE + state - m->workflow->first_state;
}

static void add_edge(making *m, graph_edge_kind kind, uint32_t from, uint32_t to, str label)
{
    m->scope->edges[m->scope->edge_count++] =
        (graph_edge){.kind = kind, .from = from, .to = to, .label = label};
}

static status add_choice_edges(making *m, const asl_state *state, uint32_t from, error *reterr)
{
    for (uint32_t i = 0; i < state->as.choice.rule_count; i++) {
        const asl_rule *rule = &state->as.choice.rules[i];
        str text;
        TRY(graph_condition_text(rule, m->a, &text, reterr));
        add_edge(m, GRAPH_RULE, from, node_of(m, rule->next), text);
    }
    if (state->as.choice.default_next != ASL_NONE) {
        add_edge(m, GRAPH_DEFAULT, from, node_of(m, state->as.choice.default_next), STR("default"));
    }
    return STATUS_OK;
}

static status add_catch_edges(making *m, const asl_state *state, uint32_t from, error *reterr)
{
    for (uint32_t i = 0; i < state->catcher_count; i++) {
        const asl_catcher *catcher = &state->catchers[i];
        buf names;
        buf_init(&names, DEFINITION_BYTES_MAX);
        for (uint32_t k = 0; k < catcher->error_count; k++) {
            buf_add_str(&names, k ? STR(", ") : STR(""));
            buf_add_str(&names, catcher->error_equals[k]);
        }
        str label = arena_str(m->a, buf_str(&names));
        buf_clean_up(&names);
        if (!label.ptr) {
            return fail_memory(reterr);
        }
        add_edge(m, GRAPH_CATCH, from, node_of(m, catcher->next), label);
    }
    return STATUS_OK;
}

static status add_edges(making *m, error *reterr)
{
    uint32_t room = 1;
    for (uint32_t i = 0; i < m->workflow->state_count; i++) {
        const asl_state *state = &m->machine->states[m->workflow->first_state + i];
        room += 2 + state->catcher_count +
                (state->type == ASL_CHOICE ? state->as.choice.rule_count : 0);
    }
    m->scope->edges = arena_array(m->a, graph_edge, room);
    if (!m->scope->edges) {
        return fail_memory(reterr);
    }
    add_edge(m, GRAPH_NEXT, 0, node_of(m, m->workflow->start), STR(""));
    for (uint32_t i = 0; i < m->workflow->state_count; i++) {
        const asl_state *state = &m->machine->states[m->workflow->first_state + i];
        uint32_t from = GRAPH_FIRST_STATE + i;
        if (state->type == ASL_CHOICE) {
            TRY(add_choice_edges(m, state, from, reterr));
        } else if (state->next != ASL_NONE) {
            add_edge(m, GRAPH_NEXT, from, node_of(m, state->next), STR(""));
        } else {
            add_edge(m, GRAPH_NEXT, from, 1, STR(""));
        }
        TRY(add_catch_edges(m, state, from, reterr));
    }
    return STATUS_OK;
}

static status make_scope(making *m, error *reterr)
{
    graph_scope *scope = m->scope;
    scope->state_count = m->workflow->state_count;
    scope->node_count = GRAPH_FIRST_STATE + scope->state_count;
    scope->node_room = scope->node_count;
    scope->nodes = arena_array(m->a, graph_node, scope->node_room);
    if (!scope->nodes) {
        return fail_memory(reterr);
    }
    scope->nodes[0] = (graph_node){.kind = GRAPH_START, .title = STR("Start")};
    scope->nodes[1] = (graph_node){.kind = GRAPH_END, .title = STR("End")};
    for (uint32_t i = 0; i < scope->state_count; i++) {
        const asl_state *state = &m->machine->states[m->workflow->first_state + i];
        graph_node *node = &scope->nodes[GRAPH_FIRST_STATE + i];
        *node = (graph_node){.kind = GRAPH_STATE,
                             .state = state,
                             .title = state->name,
                             .subtitle = subtitle_of(state, m->a)};
        if (!node->subtitle.ptr) {
            return fail_memory(reterr);
        }
    }
    return add_edges(m, reterr);
}

status graph_model_make(const asl_machine *machine, arena *a, graph_model *ret_model, error *reterr)
{
    graph_model model = {.machine = machine, .scope_count = machine->workflow_count, .a = a};
    model.scopes = arena_array(a, graph_scope, model.scope_count);
    if (!model.scopes) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < model.scope_count; i++) {
        making m = {machine, &machine->workflows[i], &model.scopes[i], a};
        TRY(make_scope(&m, reterr));
    }
    *ret_model = model;
    return STATUS_OK;
}

str graph_text_shorten(str text, size_t characters_max, arena *a)
{
    if (utf8_length(text) <= characters_max) {
        return text;
    }
    str kept = str_take(text, utf8_offset(text, characters_max - 1));
    str shortened = arena_printf(a, "%.*s\xe2\x80\xa6", STR_ARG(kept));
    return shortened.ptr ? shortened : kept;
}

status graph_draw(const asl_machine *machine, graph_format format, buf *out, error *reterr)
{
    graph_model model;
    arena a;
    arena_init(&a, 0);
    status result = graph_model_make(machine, &a, &model, reterr);
    if (ok(result) && format == GRAPH_SVG) {
        result = graph_layout(&model, reterr);
    }
    if (ok(result)) {
        static void (*const draw[])(const graph_model *, buf *) = {
            [GRAPH_SVG] = graph_svg, [GRAPH_MERMAID] = graph_mermaid, [GRAPH_DOT] = graph_dot};
        draw[format](&model, out);
        result = buf_status(out, reterr);
    }
    arena_clean_up(&a);
    return result;
}
