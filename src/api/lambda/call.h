/* A request to the Lambda API on its way through an operation: what the files of this folder share.
 * It lives until it is answered. */
#ifndef GAIT_API_LAMBDA_CALL_H
#define GAIT_API_LAMBDA_CALL_H

#include "api/lambda/lambda_api.h"
#include "base/digest.h"
#include "integrations/lambda/name.h"

typedef struct lambda_call lambda_call;
typedef void lambda_operation(lambda_call *call);

struct lambda_api {
    net_loop *loop;
    integrations *tasks;
    lambda_catalog *functions;
    lambda_call *calls; /* those that have not been answered */
};

struct lambda_call {
    lambda_api *api;              /* NULL once the API has gone: then nobody waits any more */
    lambda_call *before, *after;  /* in api->calls */
    const net_http_request *http; /* lives until the answer */
    arena memory;
    json input;       /* the body's members and those of the path; an object */
    lambda_name name; /* of the function in the path or in FunctionName */
    str alias;        /* in the path */
    char request_id[UUID_TEXT_SIZE];
    lambda_invocation *invocation; /* that it waits for */
    bool is_unpacking;             /* a worker thread reads the memory */
    void *state;                   /* of the operation */
    buf violations;                /* of the model's constraints, so far */
    uint32_t violation_count;
};

/* Each of these ends the call. */
void lambda_api_answer(lambda_call *call, unsigned http_status, json output); /* absent: no body */
void lambda_api_answer_with(lambda_call *call, const net_http_response *response);
/* One of AWS's errors, by the name that the service model gives it. */
void lambda_api_refuse(lambda_call *call, const char *error_name, const char *format, ...)
    PRINTF_LIKE(3, 4);
void lambda_api_fail(lambda_call *call,
                     const error *err); /* ServiceException: ours, not the client's */

/* Notes that a member breaks a constraint of the model, in the words of AWS's framework. */
void lambda_api_violate(lambda_call *call, const char *member, str value, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* Refuses with all that was noted, and returns true, when there is something. */
bool lambda_api_refuse_violations(lambda_call *call);

/* Members of the input; null counts as absent. */
json lambda_api_member(const lambda_call *call, const char *name);
str lambda_api_text(const lambda_call *call, const char *name);
/* A parameter of the query, decoded; absent when there is none. */
str lambda_api_query(lambda_call *call, const char *name);
/* Whether one of its parameters of this name has this value. */
bool lambda_api_query_has(lambda_call *call, const char *name, str wanted);
/* The version or alias that the name or the query's Qualifier asks for; false: refused. */
bool lambda_api_read_qualifier(lambda_call *call, str *ret_qualifier);
/* MaxItems and Marker of a list; false: refused. */
bool lambda_api_read_page(lambda_call *call, uint32_t *ret_size, str *ret_marker);
/* Answers with a page of a list: {member: items}, and NextMarker unless that is absent. What failed
 * before (`so_far`, with `err`) is answered instead. */
void lambda_api_answer_page(lambda_call *call, const char *member, status so_far,
                            json_array_builder *items, str next_marker, error *err);

/* arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER] */
str lambda_api_arn(lambda_call *call, str function, str qualifier);
void lambda_api_random(void *out, size_t bytes);
json lambda_api_new_id(lambda_call *call); /* a UUID */
json lambda_api_now(lambda_call *call);    /* as LastModified has it */

/* The record (see catalog.h) of call->name: created, or made up for one of the functions folder.
 * false: there is none, and the call is refused. */
bool lambda_api_find_record(lambda_call *call, json *ret_record, bool *ret_is_created);
/* The same, and refuses what cannot be changed here. */
bool lambda_api_find_own_record(lambda_call *call, json *ret_record);
/* What a record-like object says of a function in the folder. ERROR_NOT_FOUND. */
MUST_USE status lambda_api_folder_record(lambda_call *call, str function, json *ret_record,
                                         error *reterr);
/* Whether RevisionId, if given, is the present one; false: refused. */
bool lambda_api_check_revision(lambda_call *call, json configuration);

/* configuration.c: FunctionConfiguration as it is shown; the qualifier is part of its ARN. */
MUST_USE status lambda_api_show_configuration(lambda_call *call, str function, json configuration,
                                              str qualifier, json *ret_shown, error *reterr);
/* The input's members over an old configuration (JSON_ABSENT: defaults). false: refused. */
bool lambda_api_read_configuration(lambda_call *call, json old, json *ret_configuration);
/* An object with members set anew: name, value, name, value, ... NULL. */
MUST_USE status lambda_api_with(lambda_call *call, json object, json *ret_object, error *reterr,
                                ...);

/* package.c: unpacks the zip of `text` (base64) beside the loop, then continues. */
typedef struct lambda_package {
    char folder[PATH_MAX]; /* code/ and code.zip */
    char sha256[64];       /* in base64 */
    int64_t bytes;
} lambda_package;
typedef void lambda_package_done(lambda_call *call, const lambda_package *package);
void lambda_api_package_read(lambda_call *call, str text, lambda_package_done *done);
/* Removes a folder beside the loop; user is the API. */
void lambda_api_discard(void *user, const char *folder);
/* Which package members are given; false: refused, for none or for one that is not read here. */
bool lambda_api_package_find(lambda_call *call, json code, str *ret_text);

/* versions.c: what PublishVersion does to a record. An unchanged function keeps its last version.
 */
MUST_USE status lambda_api_publish(lambda_call *call, json record, json description,
                                   json *ret_record, json *ret_version, error *reterr);

/* functions.c */
lambda_operation lambda_api_create_function, lambda_api_list_functions, lambda_api_get_function,
    lambda_api_get_function_configuration, lambda_api_delete_function,
    lambda_api_update_function_code, lambda_api_update_function_configuration,
    lambda_api_get_package;
/* invoke.c */
lambda_operation lambda_api_invoke, lambda_api_invoke_async;
/* versions.c */
lambda_operation lambda_api_publish_version, lambda_api_list_versions;
/* aliases.c */
lambda_operation lambda_api_create_alias, lambda_api_get_alias, lambda_api_update_alias,
    lambda_api_delete_alias, lambda_api_list_aliases;
/* code_signing.c */
lambda_operation lambda_api_get_code_signing_config, lambda_api_delete_code_signing_config;
/* tags.c */
lambda_operation lambda_api_list_tags, lambda_api_tag_resource, lambda_api_untag_resource;

#endif
