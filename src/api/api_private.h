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

/* A call of a request that is no operation's; NULL when out of memory. */
api_call *api_call_new(api *a, net_http_reply *reply);
/* Who asks, and the body as the input; false when the call has been refused. */
bool api_call_enter(api_call *call, const net_http_request *request);
/* The call goes on in another way than by an answer (a stream). */
void api_call_free(api_call *call);

/* operations.c */
api_function *api_function_find(str operation_name);

#endif
