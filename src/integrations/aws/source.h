/* aws_source: one place that credentials come from, being asked. */
#ifndef GAIT_INTEGRATIONS_AWS_SOURCE_H
#define GAIT_INTEGRATIONS_AWS_SOURCE_H

#include "integrations/aws/exchange.h"
#include "integrations/aws/plan.h"
#include "net/process.h"

typedef struct aws_source aws_source;

/* With credentials (the callee's to release) or, where they are NULL, with an error. Ends the
 * source. */
typedef void aws_source_done(void *user, aws_credentials *credentials, const error *err);

/* Borrowed until the end. */
typedef struct aws_source_options {
    const aws_context *context;
    const aws_settings *settings; /* as read for this question */
    aws_source_done *done;
    void *user;
} aws_source_options;

/* Asks the plan's source; the roles are not looked at. done never comes before this returns. */
MUST_USE status aws_source_start(const aws_source_options *options, const aws_plan *plan,
                                 aws_source **ret_source, error *reterr);
/* Asks STS for the credentials of a role, with those of somebody who may have it. */
MUST_USE status aws_source_start_role(const aws_source_options *options, const aws_role *role,
                                      aws_credentials *credentials, aws_source **ret_source,
                                      error *reterr);
/* Ends it without its callback. NULL is fine. */
void aws_source_cancel(aws_source *source);

/* Private to the files of sources: */
struct aws_source {
    aws_source_options options;
    const aws_plan *plan;
    arena memory; /* overwritten at the end */
    aws_target target;
    aws_exchange *exchange;
    net_http_call *call;
    net_process *process;
    net_timer *timer;
    buf output;             /* of the process */
    str metadata_token;     /* of the metadata service */
    str metadata_url;       /* "http://169.254.169.254" */
    aws_credentials *found; /* waits for the timer */
};

void aws_source_finish(aws_source *source, aws_credentials *credentials, const error *err);
/* The same with words: a code, a format and its arguments. */
#define aws_source_fail(source, ...)                                                               \
    do {                                                                                           \
        error source_error_;                                                                       \
        (void)fail(&source_error_, __VA_ARGS__);                                                   \
        aws_source_finish((source), NULL, &source_error_);                                         \
    } while (0)
/* The credentials that `value` holds, or why it holds none; `where` is named. */
void aws_source_finish_json(aws_source *source, json value, const char *where);
/* Whether or not a Task may call it. */
MUST_USE status aws_source_find_operation(const aws_models *models, str service, str action,
                                          aws_operation *ret_operation, error *reterr);
MUST_USE status aws_source_ask_web_identity(aws_source *source, error *reterr);
MUST_USE status aws_source_ask_sso(aws_source *source, error *reterr);
MUST_USE status aws_source_ask_process(aws_source *source, error *reterr);
MUST_USE status aws_source_ask_container(aws_source *source, error *reterr);
MUST_USE status aws_source_ask_metadata(aws_source *source, error *reterr);

#endif
