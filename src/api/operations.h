/* The functions of the operations: one prototype each, by the file that has it. */
#ifndef GAIT_API_OPERATIONS_H
#define GAIT_API_OPERATIONS_H

#include "api/call.h"

/* executions.c */
api_function api_start_execution, api_start_sync_execution, api_stop_execution,
    api_describe_execution, api_list_executions;
/* redrive.c */
api_function api_redrive_execution;
/* map_runs.c */
api_function api_describe_map_run, api_list_map_runs, api_update_map_run;
/* history.c */
api_function api_get_execution_history;
/* machines.c */
api_function api_create_state_machine, api_update_state_machine, api_delete_state_machine,
    api_describe_state_machine, api_list_state_machines, api_describe_state_machine_for_execution,
    api_validate_state_machine_definition;
/* versions.c */
api_function api_publish_state_machine_version, api_delete_state_machine_version,
    api_list_state_machine_versions;
/* aliases.c */
api_function api_create_state_machine_alias, api_update_state_machine_alias,
    api_delete_state_machine_alias, api_describe_state_machine_alias,
    api_list_state_machine_aliases;
/* tags.c */
api_function api_tag_resource, api_untag_resource, api_list_tags_for_resource;
/* activities.c */
api_function api_create_activity, api_delete_activity, api_describe_activity, api_list_activities,
    api_get_activity_task;
/* test_state.c */
api_function api_test_state;
/* tasks.c */
api_function api_send_task_success, api_send_task_failure, api_send_task_heartbeat;

#endif
