/* Which function does which operation. An operation of the model that is not in this table is
 * refused by name (protocol.c). */
#include "api/operations.h"

#include "api/api_private.h"

static const struct {
    const char *name;
    api_function *function;
} operations[] = {
    {"CreateActivity", api_create_activity},
    {"CreateStateMachine", api_create_state_machine},
    {"CreateStateMachineAlias", api_create_state_machine_alias},
    {"DeleteActivity", api_delete_activity},
    {"DeleteStateMachine", api_delete_state_machine},
    {"DeleteStateMachineAlias", api_delete_state_machine_alias},
    {"DeleteStateMachineVersion", api_delete_state_machine_version},
    {"DescribeActivity", api_describe_activity},
    {"DescribeExecution", api_describe_execution},
    {"DescribeMapRun", api_describe_map_run},
    {"DescribeStateMachine", api_describe_state_machine},
    {"DescribeStateMachineAlias", api_describe_state_machine_alias},
    {"DescribeStateMachineForExecution", api_describe_state_machine_for_execution},
    {"GetActivityTask", api_get_activity_task},
    {"GetExecutionHistory", api_get_execution_history},
    {"ListActivities", api_list_activities},
    {"ListExecutions", api_list_executions},
    {"ListMapRuns", api_list_map_runs},
    {"ListStateMachineAliases", api_list_state_machine_aliases},
    {"ListStateMachineVersions", api_list_state_machine_versions},
    {"ListStateMachines", api_list_state_machines},
    {"ListTagsForResource", api_list_tags_for_resource},
    {"PublishStateMachineVersion", api_publish_state_machine_version},
    {"RedriveExecution", api_redrive_execution},
    {"SendTaskFailure", api_send_task_failure},
    {"SendTaskHeartbeat", api_send_task_heartbeat},
    {"SendTaskSuccess", api_send_task_success},
    {"StartExecution", api_start_execution},
    {"StartSyncExecution", api_start_sync_execution},
    {"StopExecution", api_stop_execution},
    {"TagResource", api_tag_resource},
    {"TestState", api_test_state},
    {"UntagResource", api_untag_resource},
    {"UpdateMapRun", api_update_map_run},
    {"UpdateStateMachine", api_update_state_machine},
    {"UpdateStateMachineAlias", api_update_state_machine_alias},
    {"ValidateStateMachineDefinition", api_validate_state_machine_definition},
};

api_function *api_function_find(str operation_name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++) {
        if (str_equal(operation_name, str_from_c(operations[i].name))) {
            return operations[i].function;
        }
    }
    return NULL;
}
