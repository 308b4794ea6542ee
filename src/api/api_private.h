/* The api struct, for the files of this room. */
#ifndef GAIT_API_API_PRIVATE_H
#define GAIT_API_API_PRIVATE_H

#include "api/call.h"
#include "api/resources.h"

struct api {
    api_options options;
    entropy random;
    resources *resources;
    net_timer *pruning;
    uint64_t tests_begun; /* TestState runs so far */
    api_call *calls;      /* those that have not been answered */
};

/* Forgets the calls that wait: the server has gone. */
void api_drop_calls(api *a);

/* operations.c */
api_function *api_function_find(str operation_name);

#endif
