/* Layout of one scope in layers (Sugiyama, Tagawa and Toda, 1981): edges that close a cycle are
 * turned, each node goes below all that lead to it, long edges pass every layer by a bend, nodes
 * are ordered so that few edges cross, and then moved towards what they are joined with. */
#include "graph/model.h"

#include <math.h>
#include <stdlib.h>

#define SWEEPS 12
#define BEND_WIDTH 8.0

typedef struct laying {
    graph_scope *scope;
    arena *a;
    uint32_t *first_out,
        *out;          /* edges by their upper node: out[first_out[n] .. first_out[n + 1]) */
    uint32_t **layers; /* nodes of each, in order */
    uint32_t *layer_sizes;
    /* Joined nodes of neighbouring layers: above[first_above[n] ..), below likewise. */
    uint32_t *first_above, *above, *first_below, *below;
} laying;

static uint32_t upper(const graph_edge *e)
{
    return e->is_back ? e->to : e->from;
}

static uint32_t lower(const graph_edge *e)
{
    return e->is_back ? e->from : e->to;
}

/* A self-loop is drawn beside its node, and nothing is laid out for it. */
static bool is_loop(const graph_edge *e)
{
    return e->from == e->to;
}

/* Lists numbers by their key, as first[key] .. first[key + 1]. */
static bool group(arena *a, uint32_t key_count, uint32_t count, const uint32_t *keys,
                  const uint32_t *values, uint32_t **ret_first, uint32_t **ret_grouped)
{
    uint32_t *first = arena_array(a, uint32_t, (size_t)key_count + 2);
    uint32_t *grouped = arena_array(a, uint32_t, (size_t)count + 1);
    if (!first || !grouped) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        first[keys[i] + 2]++;
    }
    for (uint32_t k = 2; k < key_count + 2; k++) {
        first[k] += first[k - 1];
    }
    for (uint32_t i = 0; i < count; i++) {
        grouped[first[keys[i] + 1]++] = values[i];
    }
    *ret_first = first;
    *ret_grouped = grouped;
    return true;
}

static status group_edges(laying *l, error *reterr)
{
    uint32_t count = l->scope->edge_count;
    uint32_t *keys = arena_array(l->a, uint32_t, (size_t)count + 1);
    uint32_t *values = arena_array(l->a, uint32_t, (size_t)count + 1);
    if (!keys || !values) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = upper(&l->scope->edges[i]);
        values[i] = i;
    }
    return group(l->a, l->scope->node_count, count, keys, values, &l->first_out, &l->out)
               ? STATUS_OK
               : fail_memory(reterr);
}

/* --------------------------------------------------------------------------------------- cycles
 */

/* An edge to a node that the walk is still below closes a cycle. */
static status turn_back_edges(laying *l, error *reterr)
{
    graph_scope *scope = l->scope;
    enum { UNSEEN, OPEN, DONE };
    unsigned char *marks = arena_array(l->a, unsigned char, scope->node_count);
    uint32_t *stack = arena_array(l->a, uint32_t, (size_t)scope->node_count + 1);
    uint32_t *at = arena_array(l->a, uint32_t, scope->node_count);
    if (!marks || !stack || !at) {
        return fail_memory(reterr);
    }
    TRY(group_edges(l, reterr));
    for (uint32_t start = 0; start < scope->node_count; start++) {
        size_t depth = 0;
        if (marks[start] == UNSEEN) {
            marks[start] = OPEN;
            at[start] = l->first_out[start];
            stack[depth++] = start;
        }
        while (depth) {
            uint32_t node = stack[depth - 1];
            if (at[node] == l->first_out[node + 1]) {
                marks[node] = DONE;
                depth--;
                continue;
            }
            graph_edge *edge = &scope->edges[l->out[at[node]++]];
            if (marks[edge->to] == OPEN && !is_loop(edge)) {
                edge->is_back = true;
            } else if (marks[edge->to] == UNSEEN) {
                marks[edge->to] = OPEN;
                at[edge->to] = l->first_out[edge->to];
                stack[depth++] = edge->to;
            }
        }
    }
    return group_edges(l, reterr); /* by the new upper nodes */
}

/* --------------------------------------------------------------------------------------- layers
 */

/* The longest way from above decides: nodes whose ways have all been counted are taken in turn. */
static status assign_layers(laying *l, error *reterr)
{
    graph_scope *scope = l->scope;
    uint32_t *waiting = arena_array(l->a, uint32_t, scope->node_count);
    uint32_t *queue = arena_array(l->a, uint32_t, scope->node_count);
    uint32_t head = 0, tail = 0;
    if (!waiting || !queue) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < scope->edge_count; i++) {
        waiting[lower(&scope->edges[i])] += !is_loop(&scope->edges[i]);
    }
    for (uint32_t n = 0; n < scope->node_count; n++) {
        if (!waiting[n]) {
            queue[tail++] = n;
            scope->nodes[n].layer = n != 0; /* states that nothing leads to stay below the start */
        }
    }
    while (head < tail) {
        uint32_t node = queue[head++];
        for (uint32_t i = l->first_out[node]; i < l->first_out[node + 1]; i++) {
            const graph_edge *edge = &scope->edges[l->out[i]];
            if (is_loop(edge)) {
                continue;
            }
            graph_node *below = &scope->nodes[lower(edge)];
            below->layer = MAX_OF(below->layer, scope->nodes[node].layer + 1);
            if (--waiting[lower(edge)] == 0) {
                queue[tail++] = lower(edge);
            }
        }
    }
    INVARIANT(tail == scope->node_count);
    uint32_t last = 0;
    for (uint32_t n = 0; n < scope->node_count; n++) {
        last = MAX_OF(last, scope->nodes[n].layer + (n != 1));
    }
    scope->nodes[1].layer = last; /* the end comes last */
    scope->layer_count = last + 1;
    return STATUS_OK;
}

static status add_bends(laying *l, error *reterr)
{
    graph_scope *scope = l->scope;
    size_t count = scope->node_count;
    for (uint32_t i = 0; i < scope->edge_count; i++) {
        const graph_edge *e = &scope->edges[i];
        count += is_loop(e) ? 0 : scope->nodes[lower(e)].layer - scope->nodes[upper(e)].layer - 1;
        if (count > GRAPH_POINTS_MAX) {
            return fail(reterr, ERROR_LIMIT,
                        "the definition has too many long ways to lay out as SVG; draw it as dot "
                        "and let Graphviz lay it out");
        }
    }
    graph_node *nodes = arena_array(l->a, graph_node, count);
    if (!nodes) {
        return fail_memory(reterr);
    }
    memcpy(nodes, scope->nodes, scope->node_count * sizeof(*nodes));
    scope->nodes = nodes;
    scope->node_room = (uint32_t)count;
    for (uint32_t i = 0; i < scope->edge_count; i++) {
        graph_edge *e = &scope->edges[i];
        e->first_bend = scope->node_count;
        for (uint32_t layer = nodes[upper(e)].layer + 1;
             !is_loop(e) && layer < nodes[lower(e)].layer; layer++) {
            nodes[scope->node_count++] =
                (graph_node){.kind = GRAPH_BEND, .layer = layer, .width = BEND_WIDTH};
        }
        e->bend_count = scope->node_count - e->first_bend;
    }
    return STATUS_OK;
}

/* ---------------------------------------------------------------------------------------- order
 */

/* Calls pair(upper, lower) for each stretch of an edge between two layers. */
static uint32_t stretches(const graph_scope *scope, uint32_t *uppers, uint32_t *lowers)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < scope->edge_count; i++) {
        const graph_edge *e = &scope->edges[i];
        uint32_t from = upper(e);
        for (uint32_t bend = 0; !is_loop(e) && bend <= e->bend_count; bend++) {
            uint32_t to = bend < e->bend_count ? e->first_bend + bend : lower(e);
            if (uppers) {
                uppers[count] = from;
                lowers[count] = to;
            }
            count++;
            from = to;
        }
    }
    return count;
}

static status join_layers(laying *l, error *reterr)
{
    graph_scope *scope = l->scope;
    uint32_t count = stretches(scope, NULL, NULL);
    uint32_t *uppers = arena_array(l->a, uint32_t, (size_t)count + 1);
    uint32_t *lowers = arena_array(l->a, uint32_t, (size_t)count + 1);
    uint32_t *layer_of = arena_array(l->a, uint32_t, (size_t)scope->node_count + 1);
    uint32_t *numbers = arena_array(l->a, uint32_t, (size_t)scope->node_count + 1);
    uint32_t *first, *grouped;
    l->layers = arena_array(l->a, uint32_t *, scope->layer_count);
    l->layer_sizes = arena_array(l->a, uint32_t, scope->layer_count);
    if (!uppers || !lowers || !layer_of || !numbers || !l->layers || !l->layer_sizes) {
        return fail_memory(reterr);
    }
    stretches(scope, uppers, lowers);
    for (uint32_t n = 0; n < scope->node_count; n++) {
        layer_of[n] = scope->nodes[n].layer;
        numbers[n] = n;
    }
    if (!group(l->a, scope->node_count, count, uppers, lowers, &l->first_below, &l->below) ||
        !group(l->a, scope->node_count, count, lowers, uppers, &l->first_above, &l->above) ||
        !group(l->a, scope->layer_count, scope->node_count, layer_of, numbers, &first, &grouped)) {
        return fail_memory(reterr);
    }
    for (uint32_t layer = 0; layer < scope->layer_count; layer++) {
        l->layers[layer] = grouped + first[layer];
        l->layer_sizes[layer] = first[layer + 1] - first[layer];
        for (uint32_t i = 0; i < l->layer_sizes[layer]; i++) {
            scope->nodes[l->layers[layer][i]].order = i;
        }
    }
    return STATUS_OK;
}

typedef struct wish {
    uint32_t node;
    double place;
} wish;

static int by_place(const void *a, const void *b)
{
    const wish *left = a, *right = b;
    if (left->place < right->place || left->place > right->place) {
        return left->place < right->place ? -1 : 1;
    }
    return left->node < right->node ? -1 : left->node > right->node;
}

/* Each node goes to the mean place of those it is joined with, above or below. */
static void order_layer(laying *l, uint32_t layer, bool by_above, wish *wishes)
{
    graph_node *nodes = l->scope->nodes;
    const uint32_t *first = by_above ? l->first_above : l->first_below;
    const uint32_t *joined = by_above ? l->above : l->below;
    uint32_t size = l->layer_sizes[layer];
    for (uint32_t i = 0; i < size; i++) {
        uint32_t node = l->layers[layer][i], count = first[node + 1] - first[node];
        double sum = 0;
        for (uint32_t k = first[node]; k < first[node + 1]; k++) {
            sum += nodes[joined[k]].order;
        }
        wishes[i] = (wish){node, count ? sum / count : nodes[node].order};
    }
    qsort(wishes, size, sizeof(*wishes), by_place);
    for (uint32_t i = 0; i < size; i++) {
        l->layers[layer][i] = wishes[i].node;
        nodes[wishes[i].node].order = i;
    }
}

static status order_nodes(laying *l, error *reterr)
{
    wish *wishes = arena_array(l->a, wish, l->scope->node_count);
    if (!wishes) {
        return fail_memory(reterr);
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        bool is_down = sweep % 2 == 0;
        for (uint32_t i = 1; i < l->scope->layer_count; i++) {
            order_layer(l, is_down ? i : l->scope->layer_count - 1 - i, is_down, wishes);
        }
    }
    return STATUS_OK;
}

/* ---------------------------------------------------------------------------------------- places
 */

/* A run of nodes that touch each other and move as one. */
typedef struct block {
    double sum, weight; /* of the places wished for the block's first node */
    uint32_t first;
} block;

/* The places nearest to the wished ones (least squares) that keep the order and the gaps: blocks
 * that would overlap are joined (pool adjacent violators). */
static void settle(const graph_scope *scope, const uint32_t *row, uint32_t size,
                   const double *wished, const double *weights, double *offsets, block *blocks)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < size; i++) {
        const graph_node *node = &scope->nodes[row[i]];
        double before = i ? scope->nodes[row[i - 1]].width : 0;
        offsets[i] = i ? offsets[i - 1] + (before + node->width) / 2 + GRAPH_GAP_X : 0;
        blocks[count++] = (block){(wished[i] - offsets[i]) * weights[i], weights[i], i};
        while (count > 1 && blocks[count - 2].sum / blocks[count - 2].weight >
                                blocks[count - 1].sum / blocks[count - 1].weight) {
            blocks[count - 2].sum += blocks[count - 1].sum;
            blocks[count - 2].weight += blocks[count - 1].weight;
            count--;
        }
    }
    for (uint32_t b = 0, i = 0; b < count; b++) {
        for (uint32_t end = b + 1 < count ? blocks[b + 1].first : size; i < end; i++) {
            scope->nodes[row[i]].x = offsets[i] + blocks[b].sum / blocks[b].weight;
        }
    }
}

typedef struct placing {
    double *wished, *weights, *offsets;
    block *blocks;
} placing;

/* How much a straight line matters: most between two bends. */
static double weight_of(const graph_node *a, const graph_node *b)
{
    int bends = (a->kind == GRAPH_BEND) + (b->kind == GRAPH_BEND);
    return bends == 2 ? 8 : bends == 1 ? 2 : 1;
}

static void place_layer(laying *l, uint32_t layer, bool by_above, bool by_below, placing *p)
{
    const graph_scope *scope = l->scope;
    for (uint32_t i = 0; i < l->layer_sizes[layer]; i++) {
        uint32_t n = l->layers[layer][i];
        const graph_node *node = &scope->nodes[n];
        double sum = 0, weight = 0;
        for (uint32_t k = l->first_above[n]; by_above && k < l->first_above[n + 1]; k++) {
            double w = weight_of(node, &scope->nodes[l->above[k]]);
            sum += w * scope->nodes[l->above[k]].x;
            weight += w;
        }
        for (uint32_t k = l->first_below[n]; by_below && k < l->first_below[n + 1]; k++) {
            double w = weight_of(node, &scope->nodes[l->below[k]]);
            sum += w * scope->nodes[l->below[k]].x;
            weight += w;
        }
        p->wished[i] = weight > 0 ? sum / weight : node->x;
        p->weights[i] = weight > 0 ? weight : 0.1;
    }
    settle(scope, l->layers[layer], l->layer_sizes[layer], p->wished, p->weights, p->offsets,
           p->blocks);
}

static void place_rows(laying *l)
{
    graph_scope *scope = l->scope;
    double y = 0;
    for (uint32_t layer = 0; layer < scope->layer_count; layer++) {
        double height = 0;
        for (uint32_t i = 0; i < l->layer_sizes[layer]; i++) {
            height = MAX_OF(height, scope->nodes[l->layers[layer][i]].height);
        }
        for (uint32_t i = 0; i < l->layer_sizes[layer]; i++) {
            graph_node *node = &scope->nodes[l->layers[layer][i]];
            node->height = node->kind == GRAPH_BEND ? height : node->height; /* straight past it */
            node->y = y + node->height / 2;
            node->layer_end = y + height;
        }
        y += height + GRAPH_GAP_Y;
    }
    scope->height = y - GRAPH_GAP_Y;
}

static status place_nodes(laying *l, error *reterr)
{
    graph_scope *scope = l->scope;
    size_t count = scope->node_count;
    placing p = {arena_array(l->a, double, count), arena_array(l->a, double, count),
                 arena_array(l->a, double, count), arena_array(l->a, block, count)};
    if (!p.wished || !p.weights || !p.offsets || !p.blocks) {
        return fail_memory(reterr);
    }
    for (uint32_t layer = 0; layer < scope->layer_count; layer++) {
        place_layer(l, layer, true, false, &p);
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        bool is_up = sweep % 2 == 0, is_last = sweep + 2 >= SWEEPS;
        for (uint32_t i = 0; i < scope->layer_count; i++) {
            uint32_t layer = is_up ? scope->layer_count - 1 - i : i;
            place_layer(l, layer, !is_up || is_last, is_up || is_last, &p);
        }
    }
    place_rows(l);
    double left = INFINITY, right = -INFINITY;
    for (size_t n = 0; n < count; n++) {
        left = MIN_OF(left, scope->nodes[n].x - scope->nodes[n].width / 2);
        right = MAX_OF(right, scope->nodes[n].x + scope->nodes[n].width / 2);
    }
    for (size_t n = 0; n < count; n++) {
        scope->nodes[n].x -= left;
    }
    scope->width = right - left;
    return STATUS_OK;
}

status graph_layout_scope(graph_scope *scope, arena *a, error *reterr)
{
    laying l = {.scope = scope, .a = a};
    TRY(turn_back_edges(&l, reterr));
    TRY(assign_layers(&l, reterr));
    TRY(add_bends(&l, reterr));
    TRY(join_layers(&l, reterr));
    TRY(order_nodes(&l, reterr));
    return place_nodes(&l, reterr);
}
