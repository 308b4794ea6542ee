/* What is told of an execution: from its row in the store, and from its first and last events. */
#ifndef GAIT_API_EXECUTION_VIEW_H
#define GAIT_API_EXECUTION_VIEW_H

#include "api/call.h"

typedef struct execution_view {
    store_execution row;
    json told;  /* the row's own text, see shard_step.c: definition, roleArn, redriveCount, ... */
    json extra; /* what the API kept when it started: stateMachineVersionArn, ... */
} execution_view;

/* Finds an execution by its ARN. Refuses with InvalidArn or ExecutionDoesNotExist and returns
 * false. */
bool execution_view_find(api_call *call, str arn, execution_view *ret_view);
MUST_USE status execution_view_read(api_call *call, const store_execution *row,
                                    execution_view *ret_view, error *reterr);

const char *execution_view_status_name(store_execution_status status);
/* 0 for no such status. */
store_execution_status execution_view_status_from_name(str name);

/* Members that DescribeExecution and ListExecutions share. */
void execution_view_add_summary(const execution_view *view, json_object_builder *b);
/* Why RedriveExecution would refuse it, in DescribeExecution's words; absent when it would not. */
str execution_view_redrive_reason(api_call *call, const execution_view *view);
/* DescribeExecution's answer. */
MUST_USE status execution_view_describe(api_call *call, const execution_view *view,
                                        bool include_data, json *ret_object, error *reterr);

#endif
