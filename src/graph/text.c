/* The picture as text that others lay out.
 * Sources: https://graphviz.org/doc/info/lang.html, https://mermaid.js.org/syntax/flowchart.html */
#include "graph/model.h"

/* What a walk over the scopes, each inside the state that holds it, calls. */
typedef struct text_format {
    void (*open)(buf *out, const graph_model *model, uint32_t scope, int indent);
    void (*close)(buf *out, int indent);
    void (*node)(buf *out, uint32_t scope, uint32_t n, const graph_node *node, int indent);
    void (*edge)(buf *out, const graph_model *model, uint32_t scope, const graph_edge *e,
                 int indent);
} text_format;

typedef struct place {
    uint32_t scope, node; /* the next one to tell */
    uint32_t child;       /* of that node's scopes, the next one to enter */
} place;

/* Definitions nest DEFINITION_NESTING_MAX deep at most. */
static void walk(const graph_model *model, const text_format *format, buf *out)
{
    place stack[DEFINITION_NESTING_MAX + 2];
    int depth = 1;
    stack[0] = (place){0};
    while (depth) {
        place *p = &stack[depth - 1];
        const graph_scope *scope = &model->scopes[p->scope];
        if (p->node == scope->node_count) {
            for (uint32_t i = 0; i < scope->edge_count; i++) {
                format->edge(out, model, p->scope, &scope->edges[i], depth);
            }
            if (--depth) {
                format->close(out, depth);
            }
            continue;
        }
        const graph_node *node = &scope->nodes[p->node];
        const uint32_t *children;
        uint32_t count = node->kind == GRAPH_STATE ? graph_children(node->state, &children) : 0;
        if (p->child == 0) {
            format->node(out, p->scope, p->node, node, depth);
        }
        if (p->child == count || depth > DEFINITION_NESTING_MAX) {
            p->node++;
            p->child = 0;
            continue;
        }
        uint32_t child = children[p->child++];
        format->open(out, model, child, depth);
        stack[depth++] = (place){.scope = child};
    }
}

static void indent_by(buf *out, int indent)
{
    for (int i = 0; i < indent; i++) {
        buf_add_literal(out, "  ");
    }
}

/* ------------------------------------------------------------------------------------------- DOT
 */

static void add_dot_string(buf *out, str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' || c == '\\') {
            buf_add_char(out, '\\');
        }
        buf_add_char(out, (unsigned char)c < 0x20 ? ' ' : c);
    }
}

/* The state that holds a scope, and which of its scopes this is. */
static str holder_of(const graph_model *model, uint32_t scope)
{
    uint32_t parent = model->machine->workflows[scope].parent;
    return parent == ASL_NONE ? STR("") : model->machine->states[parent].name;
}

static void dot_open(buf *out, const graph_model *model, uint32_t scope, int indent)
{
    indent_by(out, indent);
    buf_add_format(out, "subgraph cluster_%u {\n", scope);
    indent_by(out, indent + 1);
    buf_add_literal(out, "label=\"");
    add_dot_string(out, holder_of(model, scope));
    buf_add_literal(out, "\";\n");
}

static void dot_close(buf *out, int indent)
{
    indent_by(out, indent);
    buf_add_literal(out, "}\n");
}

static void dot_node(buf *out, uint32_t scope, uint32_t n, const graph_node *node, int indent)
{
    bool is_choice = node->state && node->state->type == ASL_CHOICE;
    indent_by(out, indent);
    buf_add_format(out, "s%u_%u [shape=%s,label=\"", scope, n,
                   node->kind != GRAPH_STATE ? "oval"
                   : is_choice               ? "diamond"
                                             : "box,style=rounded");
    add_dot_string(out, node->title);
    if (node->subtitle.len) {
        buf_add_literal(out, "\\n");
        add_dot_string(out, node->subtitle);
    }
    buf_add_literal(out, "\"];\n");
}

static void dot_edge(buf *out, const graph_model *model, uint32_t scope, const graph_edge *e,
                     int indent)
{
    (void)model;
    indent_by(out, indent);
    buf_add_format(out, "s%u_%u -> s%u_%u", scope, e->from, scope, e->to);
    if (e->label.len) {
        buf_add_format(out, " [%slabel=\"", e->kind == GRAPH_CATCH ? "style=dashed," : "");
        add_dot_string(out, e->label);
        buf_add_literal(out, "\"]");
    }
    buf_add_literal(out, ";\n");
}

void graph_dot(const graph_model *model, buf *out)
{
    static const text_format format = {dot_open, dot_close, dot_node, dot_edge};
    buf_add_literal(out, "digraph workflow {\n  fontname=\"sans-serif\";\n"
                         "  node [fontname=\"sans-serif\",fontsize=11];\n"
                         "  edge [fontname=\"sans-serif\",fontsize=9];\n");
    walk(model, &format, out);
    buf_add_literal(out, "}\n");
}

/* --------------------------------------------------------------------------------------- Mermaid
 */

/* In quotes; what would end them or be read as an entity is written as one. */
static void add_mermaid_string(buf *out, str text)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (strchr("\"#;<>&", c) && c) {
            buf_add_format(out, "#%d;", c);
        } else {
            buf_add_char(out, (unsigned char)c < 0x20 ? ' ' : c);
        }
    }
    buf_add_char(out, '"');
}

static void mermaid_open(buf *out, const graph_model *model, uint32_t scope, int indent)
{
    indent_by(out, indent);
    buf_add_format(out, "subgraph g%u[", scope);
    add_mermaid_string(out, holder_of(model, scope));
    buf_add_literal(out, "]\n");
}

static void mermaid_close(buf *out, int indent)
{
    indent_by(out, indent);
    buf_add_literal(out, "end\n");
}

static void mermaid_node(buf *out, uint32_t scope, uint32_t n, const graph_node *node, int indent)
{
    bool is_choice = node->state && node->state->type == ASL_CHOICE;
    const char *brackets = node->kind != GRAPH_STATE ? "([ ])" : is_choice ? "{ }" : "[ ]";
    size_t half = strlen(brackets) / 2;
    indent_by(out, indent);
    buf_add_format(out, "s%u_%u%.*s", scope, n, (int)half, brackets);
    add_mermaid_string(out, node->title);
    buf_add_format(out, "%s\n", brackets + half + 1);
}

static void mermaid_edge(buf *out, const graph_model *model, uint32_t scope, const graph_edge *e,
                         int indent)
{
    (void)model;
    indent_by(out, indent);
    buf_add_format(out, "s%u_%u %s", scope, e->from, e->kind == GRAPH_CATCH ? "-.->" : "-->");
    if (e->label.len) {
        buf_add_char(out, '|');
        add_mermaid_string(out, e->label);
        buf_add_char(out, '|');
    }
    buf_add_format(out, " s%u_%u\n", scope, e->to);
}

void graph_mermaid(const graph_model *model, buf *out)
{
    static const text_format format = {mermaid_open, mermaid_close, mermaid_node, mermaid_edge};
    buf_add_literal(out, "flowchart TD\n");
    walk(model, &format, out);
}
