/* Sizes from the inside out, then places from the outside in: a Parallel or Map is a box around its
 * scopes, which stand side by side. */
#include "graph/model.h"

#include "base/utf8.h"

#define STATE_HEIGHT 44.0
#define STATE_WIDTH_MIN 120.0
#define MARK_WIDTH 52.0 /* start and end */
#define MARK_HEIGHT 24.0

double graph_text_width(str text, double font_size)
{
    double width = 0;
    for (size_t at = 0; at < text.len;) {
        width += utf8_next(text, &at) >= 0x1100 ? 1.0 : 0.58; /* East Asian letters are square */
    }
    return width * font_size;
}

static double title_width(const graph_node *node)
{
    double title = 1.1 * graph_text_width(node->title, GRAPH_TITLE_SIZE); /* it is bold */
    double subtitle = graph_text_width(node->subtitle, GRAPH_SUBTITLE_SIZE);
    return MAX_OF(STATE_WIDTH_MIN, MAX_OF(title, subtitle) + 2 * GRAPH_MARGIN);
}

/* The scopes inside have been laid out. */
static void size_state(const graph_model *model, graph_node *node)
{
    const uint32_t *children;
    uint32_t count = graph_children(node->state, &children);
    node->width = title_width(node);
    node->height = STATE_HEIGHT;
    double width = GRAPH_MARGIN, height = 0;
    for (uint32_t i = 0; i < count; i++) {
        const graph_scope *child = &model->scopes[children[i]];
        width += child->width + GRAPH_MARGIN;
        height = MAX_OF(height, child->height);
    }
    if (count) {
        node->width = MAX_OF(node->width, width);
        node->height = GRAPH_HEADER + height + GRAPH_MARGIN;
    }
}

static void place_children(graph_model *model, const graph_scope *scope, const graph_node *node)
{
    const uint32_t *children;
    uint32_t count = graph_children(node->state, &children);
    double width = GRAPH_MARGIN * (count + 1.0);
    for (uint32_t i = 0; i < count; i++) {
        width += model->scopes[children[i]].width;
    }
    double x = scope->x + node->x - width / 2 + GRAPH_MARGIN;
    double y = scope->y + node->y - node->height / 2 + GRAPH_HEADER;
    for (uint32_t i = 0; i < count; i++) {
        graph_scope *child = &model->scopes[children[i]];
        child->x = x;
        child->y = y;
        x += child->width + GRAPH_MARGIN;
    }
}

/* Room for the labels beside the outermost ways. */
static void widen(graph_scope *scope)
{
    double width = 0;
    for (uint32_t i = 0; i < scope->edge_count; i++) {
        str label = scope->edges[i].label;
        size_t characters = MIN_OF(utf8_length(label), GRAPH_LABEL_CHARACTERS_MAX);
        width = MAX_OF(width, (double)characters * 0.58 * GRAPH_LABEL_SIZE);
    }
    double side = MIN_OF(width / 2, 90.0);
    for (uint32_t n = 0; n < scope->node_count; n++) {
        scope->nodes[n].x += side;
    }
    scope->width += 2 * side;
}

status graph_layout(graph_model *model, error *reterr)
{
    for (uint32_t i = model->scope_count; i-- > 0;) { /* a workflow comes before those inside it */
        graph_scope *scope = &model->scopes[i];
        for (uint32_t n = 0; n < scope->node_count; n++) {
            graph_node *node = &scope->nodes[n];
            if (node->kind == GRAPH_STATE) {
                size_state(model, node);
            } else {
                node->width = MARK_WIDTH;
                node->height = MARK_HEIGHT;
            }
        }
        TRY(graph_layout_scope(scope, model->a, reterr));
        widen(scope);
    }
    model->scopes[0].x = model->scopes[0].y = GRAPH_MARGIN;
    for (uint32_t i = 0; i < model->scope_count; i++) {
        graph_scope *scope = &model->scopes[i];
        for (uint32_t n = 0; n < scope->node_count; n++) {
            if (scope->nodes[n].kind == GRAPH_STATE) {
                place_children(model, scope, &scope->nodes[n]);
            }
        }
    }
    return STATUS_OK;
}
