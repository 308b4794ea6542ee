/* Private to the folder: the console's calls, which are api_calls whose input is what the query or
 * the body says. */
#ifndef GAIT_API_CONSOLE_CONSOLE_CALL_H
#define GAIT_API_CONSOLE_CONSOLE_CALL_H

#include "api/api_private.h"
#include "api/console/console_api.h"

typedef struct console_stream console_stream;

struct console_api {
    api *api;
    feed *feed;
    console_stream *streams;
    uint32_t stream_count;
    /* counts.c: told again for a moment, since counting costs. */
    json_doc *counts;
    int64_t counts_ms;
};

/* A function answers the call once, as those of the API do. `request` is borrowed for the call of
 * the function. */
typedef void console_function(console_api *c, api_call *call, const net_http_request *request);

console_function console_api_counts, console_api_search, console_api_events, console_api_metrics,
    console_api_evaluate, console_api_map_runs;

/* Whether the caller may do that to the resource that the operation's input names in `member`
 * (absent: to all). */
bool console_api_may(api_call *call, const net_http_request *request, str operation,
                     const char *member, str arn);
/* The same; refuses the call when not. */
bool console_api_demand(api_call *call, const net_http_request *request, str operation,
                        const char *member, str arn);
/* A whole number of the query; when_absent also for what is none. */
int64_t console_api_number(const api_call *call, const char *name, int64_t when_absent);
/* The position that the query's token stands for, absent without one; refuses the call for a token
 * that is not of `subject`. */
bool console_api_position(api_call *call, str subject, str *ret_position);

/* search.c: a row as the console lists it, in the call's memory. */
MUST_USE status console_api_row(api_call *call, const store_execution *row, json *ret_object,
                                error *reterr);

void console_api_streams_free(console_api *c);

#endif
