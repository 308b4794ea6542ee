/* graph: a compiled definition as a picture: SVG (laid out here), Mermaid or Graphviz DOT (laid out
 * by those who read them). */
#ifndef GAIT_GRAPH_GRAPH_H
#define GAIT_GRAPH_GRAPH_H

#include "asl/asl.h"

typedef enum graph_format {
    GRAPH_SVG,
    GRAPH_MERMAID,
    GRAPH_DOT,
} graph_format;

/* By a file's ending, such as "svg", "mmd" or "mermaid", "dot" or "gv". */
bool graph_format_from_name(str name, graph_format *ret_format);

/* Appends the picture. ERROR_LIMIT for an SVG of a definition that has too many long ways to lay
 * out (GRAPH_POINTS_MAX). */
MUST_USE status graph_draw(const asl_machine *machine, graph_format format, buf *out,
                           error *reterr);

#endif
