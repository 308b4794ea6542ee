/* The web console: its files, built from console/ and carried by the program, and what the page
 * asks beside the Step Functions API (docs/internals/console-api.md). Static files are open to
 * everybody: they hold nothing but the program. */
#ifndef GAIT_CONSOLE_CONSOLE_H
#define GAIT_CONSOLE_CONSOLE_H

#include "net/http_server.h"

typedef struct console_options {
    str region, account;    /* borrowed */
    bool is_login_required; /* calls need a signature: the page asks for an access key */
} console_options;

/* Answers GET and HEAD of "/" and of what is below "/console"; false (and nothing done) for any
 * other request. */
bool console_handle(const console_options *options, const net_http_request *request);

#endif
