/* What the files of src/embed share. */
#ifndef GAIT_EMBED_MACHINE_H
#define GAIT_EMBED_MACHINE_H

#include "asl/asl.h"
#include "gait/gait.h"

struct gait_machine {
    const asl_machine *machine; /* one reference */
    bool is_express;
    size_t length;
    char text[]; /* the definition */
};

/* Copies an error of ours into one of the public header; returns its status. */
gait_status embed_tell(const error *err, gait_error *ret_error);

#endif
