/* console_api: what the web console asks beside the Step Functions API
 * (docs/internals/console-api.md). */
#ifndef GAIT_API_CONSOLE_CONSOLE_API_H
#define GAIT_API_CONSOLE_CONSOLE_API_H

#include "api/api.h"
#include "runtime/feed.h"

typedef struct console_api console_api;

/* Both outlive it. */
MUST_USE status console_api_new(api *a, feed *f, console_api **ret_console, error *reterr);
/* After the HTTP server, whose streams it feeds. NULL is fine. */
void console_api_free(console_api *c);

/* Answers what is below /console/api/ but "session"; false (and nothing done) for any other
 * request. */
bool console_api_handle(console_api *c, const net_http_request *request);

/* The names below /console/api/ that are here, as JSON texts with commas between. */
#define CONSOLE_API_PATHS "\"counts\",\"search\",\"events\",\"metrics\",\"evaluate\",\"map-runs\""

#endif
