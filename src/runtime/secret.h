/* Secrets of an installation, such as the key of its task tokens: made once, kept in its store. */
#ifndef GAIT_RUNTIME_SECRET_H
#define GAIT_RUNTIME_SECRET_H

#include "store/store.h"

#define SECRET_BYTES 32

/* Reads the secret of that name, and makes it where there is none. */
MUST_USE status secret_read(store *from, const char *name, unsigned char out[SECRET_BYTES],
                            error *reterr);

#endif
