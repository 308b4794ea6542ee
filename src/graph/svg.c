/* The picture as SVG: one file that needs nothing else, light or dark as its viewer is. */
#include "graph/model.h"

#include "base/utf8.h"

static const char style[] =
    "text{font-family:system-ui,sans-serif;fill:#1b1f24}"
    ".t{font-size:13px;font-weight:600}.s{font-size:11px;fill:#5b6570}.l{font-size:11px;"
    "fill:#3d4752}"
    ".b{fill:#fff;stroke:#8b98a5;stroke-width:1.25}.c{fill:#f5f7f9;stroke:#b6c0ca;"
    "stroke-dasharray:4 3}"
    ".m{fill:#1b1f24;stroke:none}.w{fill:#fff;font-size:11px}"
    ".e{fill:none;stroke:#6b7783;stroke-width:1.25}.x{stroke:#c2571a;stroke-dasharray:5 3}"
    ".p{fill:#fff;opacity:.88}.a{fill:#6b7783}"
    ".Task{stroke:#c2571a}.Choice{stroke:#7a5bd0}.Wait{stroke:#1f7fae}.Fail{stroke:#c23030}"
    ".Succeed{stroke:#2b8a4b}"
    "@media(prefers-color-scheme:dark){svg{background:#15181c}text{fill:#e8ecf0}.s{fill:#9aa6b2}"
    ".l{fill:#c3ccd5}.b{fill:#20252b}.c{fill:#1a1e23;stroke:#4a545f}.m{fill:#e8ecf0}"
    ".w{fill:#15181c}.p{fill:#15181c}}";

static void add_escaped(buf *out, str text)
{
    for (size_t at = 0; at < text.len;) {
        char bytes[4];
        uint32_t c = utf8_next(text, &at);
        bool is_forbidden = (c < 0x20 && c != '\t') || c == 0x7F || c == 0xFFFE || c == 0xFFFF ||
                            utf16_is_high(c) || utf16_is_low(c);
        if (c == '<') {
            buf_add_literal(out, "&lt;");
        } else if (c == '>') {
            buf_add_literal(out, "&gt;");
        } else if (c == '&') {
            buf_add_literal(out, "&amp;");
        } else if (c == '"') {
            buf_add_literal(out, "&quot;");
        } else {
            buf_add(out, bytes, utf8_write(is_forbidden ? 0xFFFD : c, bytes));
        }
    }
}

static void add_text(buf *out, const char *class, double x, double y, str text)
{
    buf_add_format(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", class,
                   x, y);
    add_escaped(out, text);
    buf_add_literal(out, "</text>");
}

/* ------------------------------------------------------------------------------------------ nodes
 */

static void add_mark(buf *out, double x, double y, const graph_node *node)
{
    buf_add_format(out,
                   "<rect class=\"m\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                   "rx=\"12\"/>",
                   x - node->width / 2, y - node->height / 2, node->width, node->height);
    add_text(out, "w", x, y + 4, node->title);
    buf_add_char(out, '\n');
}

static void add_state(buf *out, double x, double y, const graph_node *node)
{
    const uint32_t *children;
    const char *type = asl_state_type_name(node->state->type);
    bool is_container = graph_children(node->state, &children) > 0;
    double top = y - node->height / 2;
    buf_add_literal(out, "<g><title>");
    add_escaped(out, node->title);
    buf_add_literal(out, " (");
    add_escaped(out, node->subtitle);
    buf_add_literal(out, ")</title>");
    buf_add_format(out,
                   "<rect class=\"b %s%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                   "rx=\"%s\"/>",
                   is_container ? "c " : "", type, x - node->width / 2, top, node->width,
                   node->height, node->state->type == ASL_CHOICE ? "22" : "8");
    add_text(out, "t", x, top + 19, node->title);
    add_text(out, "s", x, top + 34, node->subtitle);
    buf_add_literal(out, "</g>\n");
}

/* ------------------------------------------------------------------------------------------ edges
 */

typedef struct point {
    double x, y;
} point;

/* The points of a way from its upper node down: out of the box, to its layer's end, past each layer
 * on the way (in and out: two points), into the box. */
static uint32_t last_point(const graph_edge *e)
{
    return 2 * e->bend_count + 2;
}

static point way_point(const graph_scope *scope, const graph_edge *e, uint32_t i)
{
    const graph_node *upper = &scope->nodes[e->is_back ? e->to : e->from];
    if (i < 2) {
        double y = i ? upper->layer_end : upper->y + upper->height / 2;
        return (point){scope->x + upper->x, scope->y + y};
    }
    if (i < last_point(e)) {
        const graph_node *bend = &scope->nodes[e->first_bend + (i - 2) / 2];
        double shift = i % 2 ? bend->height / 2 : -bend->height / 2;
        return (point){scope->x + bend->x, scope->y + bend->y + shift};
    }
    const graph_node *lower = &scope->nodes[e->is_back ? e->from : e->to];
    return (point){scope->x + lower->x, scope->y + lower->y - lower->height / 2};
}

/* Straight lines past layers, curves between them. */
static void add_way(buf *out, const graph_scope *scope, const graph_edge *e)
{
    uint32_t last = last_point(e);
    point before = way_point(scope, e, e->is_back ? last : 0);
    buf_add_format(out, "M%.1f %.1f", before.x, before.y);
    for (uint32_t i = 1; i <= last; i++) {
        point p = way_point(scope, e, e->is_back ? last - i : i);
        uint32_t stretch = e->is_back ? last - i + 1 : i;
        double middle = (before.y + p.y) / 2;
        if (stretch % 2) {
            buf_add_format(out, "V%.1f", p.y);
        } else {
            buf_add_format(out, "C%.1f %.1f %.1f %.1f %.1f %.1f", before.x, middle, p.x, middle,
                           p.x, p.y);
        }
        before = p;
    }
}

static void add_loop(buf *out, const graph_scope *scope, const graph_edge *e)
{
    const graph_node *node = &scope->nodes[e->from];
    double x = scope->x + node->x + node->width / 2, y = scope->y + node->y;
    buf_add_format(out, "M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f", x, y - 8, x + 28, y - 14,
                   x + 28, y + 14, x, y + 8);
}

static void add_edge(buf *out, const graph_scope *scope, const graph_edge *e)
{
    buf_add_format(out, "<path class=\"e%s\" marker-end=\"url(#arrow)\" d=\"",
                   e->kind == GRAPH_CATCH ? " x" : "");
    if (e->from == e->to) {
        add_loop(out, scope, e);
    } else {
        add_way(out, scope, e);
    }
    buf_add_literal(out, "\"/>\n");
}

/* Half-way between the two first layers, on a ground that hides what passes behind. */
static void add_label(buf *out, const graph_model *model, const graph_scope *scope,
                      const graph_edge *e)
{
    str text = graph_text_shorten(e->label, GRAPH_LABEL_CHARACTERS_MAX, model->a);
    double width = graph_text_width(text, GRAPH_LABEL_SIZE) + 8;
    uint32_t last = last_point(e);
    point from = way_point(scope, e, e->is_back ? last : 1);
    point to = way_point(scope, e, e->is_back ? last - 1 : 2);
    point at = {(from.x + to.x) / 2, (from.y + to.y) / 2};
    if (e->from == e->to) {
        const graph_node *node = &scope->nodes[e->from];
        at = (point){scope->x + node->x + node->width / 2 + 24, scope->y + node->y};
    }
    buf_add_literal(out, "<g><title>");
    add_escaped(out, e->label);
    buf_add_format(out,
                   "</title><rect class=\"p\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                   "height=\"16\" rx=\"3\"/>",
                   at.x - width / 2, at.y - 8, width);
    add_text(out, "l", at.x, at.y + 4, text);
    buf_add_literal(out, "</g>\n");
}

/* Boxes first, then what goes between them, then the words. */
static void add_scope(buf *out, const graph_model *model, const graph_scope *scope)
{
    for (uint32_t n = 0; n < GRAPH_FIRST_STATE + scope->state_count; n++) {
        const graph_node *node = &scope->nodes[n];
        if (node->kind == GRAPH_STATE) {
            add_state(out, scope->x + node->x, scope->y + node->y, node);
        } else {
            add_mark(out, scope->x + node->x, scope->y + node->y, node);
        }
    }
    for (uint32_t i = 0; i < scope->edge_count; i++) {
        add_edge(out, scope, &scope->edges[i]);
    }
    for (uint32_t i = 0; i < scope->edge_count; i++) {
        if (scope->edges[i].label.len) {
            add_label(out, model, scope, &scope->edges[i]);
        }
    }
}

void graph_svg(const graph_model *model, buf *out)
{
    double width = model->scopes[0].width + 2 * GRAPH_MARGIN;
    double height = model->scopes[0].height + 2 * GRAPH_MARGIN;
    buf_add_format(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                   "viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n<style>%s</style>\n",
                   width, height, width, height, style);
    if (model->machine->comment.len) {
        buf_add_literal(out, "<title>");
        add_escaped(out, model->machine->comment);
        buf_add_literal(out, "</title>\n");
    }
    buf_add_literal(out, "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
                         "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path class=\"a\" "
                         "d=\"M0 0L8 4L0 8z\"/></marker></defs>\n");
    for (uint32_t i = 0; i < model->scope_count; i++) {
        add_scope(out, model, &model->scopes[i]);
    }
    buf_add_literal(out, "</svg>\n");
}
