/* What codec_scope.c writes and codec_restore.c reads. */
#ifndef GAIT_ENGINE_CODEC_SCOPE_H
#define GAIT_ENGINE_CODEC_SCOPE_H

#include "engine/codec_bytes.h"

#define CODEC_SCOPE_VERSION 1
/* Whether a task is submitted: 0, 1, or this: a job, whose submission follows. */
#define CODEC_SUBMITTED_JOB 2

typedef enum codec_kind {
    CODEC_LIVE,  /* counters, place in the tree, frame */
    CODEC_DONE,  /* counters, place in the tree, result */
    CODEC_ENDED, /* the root of an ended execution: counters, outcome, and as CODEC_LIVE */
    CODEC_KINDS,
} codec_kind;

#endif
