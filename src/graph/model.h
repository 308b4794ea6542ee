/* Private to the room: what is drawn. A scope is one workflow (the machine's own, a branch, a Map's
 * processor); its nodes are its states between a start and an end. */
#ifndef GAIT_GRAPH_MODEL_H
#define GAIT_GRAPH_MODEL_H

#include "graph/graph.h"

typedef enum graph_node_kind {
    GRAPH_START,
    GRAPH_END,
    GRAPH_STATE,
    GRAPH_BEND, /* where a long way passes a layer; layout only */
} graph_node_kind;

typedef struct graph_node {
    graph_node_kind kind;
    const asl_state *state; /* GRAPH_STATE */
    str title, subtitle;
    uint32_t layer, order;      /* layout: row, and place in it */
    double x, y, width, height; /* of its box within the scope; x and y of the centre */
    double layer_end;           /* y of the layer's lower end */
} graph_node;

typedef enum graph_edge_kind {
    GRAPH_NEXT,
    GRAPH_RULE, /* of a Choice */
    GRAPH_DEFAULT,
    GRAPH_CATCH,
} graph_edge_kind;

typedef struct graph_edge {
    graph_edge_kind kind;
    uint32_t from, to;               /* nodes of the scope */
    str label;                       /* "" for none */
    bool is_back;                    /* it goes up: laid out the other way round */
    uint32_t first_bend, bend_count; /* from the upper node down */
} graph_edge;

typedef struct graph_scope {
    graph_node *nodes; /* [0] the start, [1] the end, then the states; then the bends */
    uint32_t node_count, node_room, state_count;
    graph_edge *edges;
    uint32_t edge_count;
    uint32_t layer_count;
    double width, height;
    double x, y; /* of its upper left corner in the picture */
} graph_scope;

typedef struct graph_model {
    const asl_machine *machine;
    graph_scope *scopes; /* as machine->workflows */
    uint32_t scope_count;
    arena *a;
} graph_model;

#define GRAPH_FIRST_STATE 2

MUST_USE status graph_model_make(const asl_machine *machine, arena *a, graph_model *ret_model,
                                 error *reterr);
/* Text of a Choice rule's condition: "$.n > 5 and $.kind = \"x\"". */
MUST_USE status graph_condition_text(const asl_rule *rule, arena *a, str *ret_text, error *reterr);
/* The workflows inside a state. */
uint32_t graph_children(const asl_state *state, const uint32_t **ret_workflows);

/* Places everything; sizes are CSS pixels. */
MUST_USE status graph_layout(graph_model *model, error *reterr);
/* layers.c: places one scope's nodes, whose sizes are known. */
MUST_USE status graph_layout_scope(graph_scope *scope, arena *a, error *reterr);
/* What a text takes, about. */
double graph_text_width(str text, double font_size);
/* At most that many characters, with an ellipsis where it was cut. */
str graph_text_shorten(str text, size_t characters_max, arena *a);

/* Room around boxes. */
#define GRAPH_MARGIN 20.0
#define GRAPH_HEADER 44.0 /* a container's title and subtitle */
#define GRAPH_GAP_X 36.0
#define GRAPH_GAP_Y 46.0
#define GRAPH_TITLE_SIZE 13.0
#define GRAPH_SUBTITLE_SIZE 11.0
#define GRAPH_LABEL_SIZE 11.0
#define GRAPH_LABEL_CHARACTERS_MAX 32

void graph_svg(const graph_model *model, buf *out);
void graph_mermaid(const graph_model *model, buf *out);
void graph_dot(const graph_model *model, buf *out);

#endif
