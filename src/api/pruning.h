/* pruning: takes records away that nothing refers to any more: the text of a definition, and what a
 * revision of a state machine was.
 *
 *   no machine and no version refers to it ──> marked with the next execution's number: from now
 *                                              on no execution begins with it
 *   all executions left are younger          ──> the record and its mark go
 *
 * A mark is a record of kind "unused", its key KIND/KEY; it goes when the record is referred to
 * again. So a definition stays for as long as an execution that may have run it can be asked about.
 */
#ifndef GAIT_API_PRUNING_H
#define GAIT_API_PRUNING_H

#include "api/resources.h"

/* One look at all of them. What it writes joins the shard's open batch. Not more often than a start
 * takes to be durable: a mark counts from the next look on. */
MUST_USE status pruning_look(store *s, shard *writer, const resources *r, error *reterr);

#endif
