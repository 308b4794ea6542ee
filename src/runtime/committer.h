/* committer: a thread that makes batches durable, one after the other, while the loop goes on
 * collecting the next. What may leave only after the commit hangs from the batch. */
#ifndef GAIT_RUNTIME_COMMITTER_H
#define GAIT_RUNTIME_COMMITTER_H

#include "net/loop.h"
#include "runtime/batch.h"

typedef struct committer committer;

/* Called on the loop's thread when the batch is durable. */
typedef void committer_done(void *user, batch *done);
/* Called on the loop's thread when the disk refuses: the batch stays and is tried again, with
 * growing pauses, until it works. is_final: another server has taken over, and nothing will work
 * any more. */
typedef void committer_refused(void *user, const error *err, bool is_final);

MUST_USE status committer_new(net_loop *loop, store *s, committer_done *done,
                              committer_refused *refused, void *user, committer **ret_committer,
                              error *reterr);
/* Waits for the batch under way (which is tried once more at most), then ends the thread. NULL is
 * fine. */
void committer_free(committer *c);
/* Hands a batch over: the first one, or after `done`. */
void committer_submit(committer *c, batch *work);

#endif
