/* tree: a live picture of one execution's states on a terminal: a line a state, indented by
 * Parallel and Map, with its mark (running, done, failed), tries and elapsed time. Fed with history
 * events. */
#ifndef GAIT_CLI_TREE_H
#define GAIT_CLI_TREE_H

#include "engine/engine.h"

#include <stdio.h>

typedef struct tree tree;

/* Draws on `to`, which is a terminal that can move its cursor. */
MUST_USE status tree_new(FILE *to, bool has_colours, const asl_machine *machine, tree **ret_tree,
                         error *reterr);
/* Takes events in and draws, at most some 20 times a second. */
void tree_add(tree *t, const engine_event *events, uint32_t count);
/* Draws again: elapsed times have moved on. */
void tree_draw(tree *t, int64_t now_ms);
/* Draws for the last time, all of it, and leaves the cursor below. */
void tree_finish(tree *t, int64_t now_ms);
void tree_free(tree *t); /* NULL is fine */

#endif
