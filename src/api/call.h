/* A call: one request on its way through an operation. It lives from api_handle until it is
 * answered. */
#ifndef GAIT_API_CALL_H
#define GAIT_API_CALL_H

#include "api/api.h"
#include "api/model/model.h"

typedef struct api_call {
    api *api;
    const api_operation *operation;
    arena memory;        /* of this call: input, answer, whatever the operation needs */
    json input;          /* checked against the model: members have the right types and bounds */
    int64_t now_ms;      /* when it came in */
    char request_id[40]; /* a UUID: x-amzn-RequestId */
    const void *caller;  /* as api_options.authenticate says */
    str account;         /* the caller's; what the call makes belongs to it */
    bool is_of_account;  /* the caller has named it, and sees nothing else in lists */
    net_http_reply *reply;
    bool is_gone; /* the client has hung up: the reply is dead, and answers go nowhere */
    /* A call from inside (api_call_inside): who gets the answer in place of the reply. */
    child_answered *answered;
    void *answered_user;
    json parent; /* StartExecution from inside: whose child it is */
    void *state; /* the operation's own, while it waits */
    /* Gives up what the operation has begun, where it can no longer be answered; NULL: nothing. */
    void (*abandon)(struct api_call *call);
    struct api_call *before, *after; /* in the list of open calls */
} api_call;

/* An operation. Answers the call exactly once, now or later; the call is gone then. */
typedef void api_function(api_call *call);

/* Answers with a JSON object (or {} for JSON_ABSENT). */
void api_answer(api_call *call, json output);
/* Finishes the object and answers with it. */
void api_answer_object(api_call *call, json_object_builder *b);
/* Answers with one of AWS's errors: name as in the model ("StateMachineDoesNotExist",
 * "ValidationException"); 400 unless errors.c says otherwise. */
void api_refuse(api_call *call, const char *error_name, const char *format, ...) PRINTF_LIKE(3, 4);
/* A failure of ours: InternalFailure, 500; ServiceUnavailable, 503 where err is the store's. */
void api_fail(api_call *call, const error *err);

/* Members of the input. Absent text is STR_NONE; numbers and booleans take a default. */
str api_text(const api_call *call, const char *member);
int64_t api_number(const api_call *call, const char *member, int64_t when_absent);
bool api_boolean(const api_call *call, const char *member, bool when_absent);

/* What the ARNs of all state machines ("stateMachine") or activities ("activity") that a list may
 * show the caller begin with; empty where the caller has named no account. False: the call has
 * failed. */
bool api_list_prefix(api_call *call, const char *type, str *ret_prefix);

/* Dates are numbers of seconds with milliseconds. */
json api_date(int64_t time_ms);

#endif
