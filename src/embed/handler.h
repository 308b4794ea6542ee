/* Tasks that the embedding program does itself, on the thread that runs the workflow. */
#ifndef GAIT_EMBED_HANDLER_H
#define GAIT_EMBED_HANDLER_H

#include "gait/gait.h"
#include "runtime/tasks.h"

typedef struct embed_handler {
    gait_task_handler *on_task;
    void *user;
    arena scratch; /* of one task */
} embed_handler;

void embed_handler_init(embed_handler *h, gait_task_handler *on_task, void *user);
void embed_handler_clean_up(embed_handler *h);
/* As the runtime calls it. A task has always ended when its start returns. */
runtime_tasks embed_handler_tasks(embed_handler *h);

#endif
