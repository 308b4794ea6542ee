/* State machines as records. The record of a machine, a JSON object (kind "machine", key its ARN):
 *
 *   name, type, roleArn, definition (key), creationMs, updateMs, revisionId ("" until the first
 * update), loggingConfiguration, tracingConfiguration, encryptionConfiguration (whole), tags
 * {key: value}, lastVersion (number), status "ACTIVE" | "DELETING", created {publish,
 * versionDescription} (as CreateStateMachine was called)
 *
 * of a version (kind "version"): machineArn, number, the machine's members at the time,
 * description, creationMs; of an alias (kind "alias"): machineArn, name, description, routing
 * [{stateMachineVersionArn, weight}], creationMs, updateMs.
 *
 * Kind "revision", key ARN#revisionId, not kept in memory: what DescribeStateMachineForExecution
 * tells besides the definition and the role, which are in the execution's row: updateMs and the
 * three configurations. */
#ifndef GAIT_API_MACHINES_H
#define GAIT_API_MACHINES_H

#include "api/api_private.h"
#include "api/arn.h"

#define MACHINE STR("machine")
#define VERSION STR("version")
#define ALIAS STR("alias")
#define REVISION STR("revision")

/* What a state machine, version or alias ARN stands for when an execution is started or tested. */
typedef struct api_target {
    str machine_arn; /* plain */
    str version_arn; /* "" when started by the plain ARN */
    str alias_arn;   /* "" unless started by an alias */
    str name;        /* of the machine */
    str definition_key;
    str role_arn;
    str revision_id; /* "" until the machine's first update */
    str test_case;   /* what followed "#"; "" when nothing did */
    bool is_express;
    json configuration; /* the record that has loggingConfiguration etc.: machine or version */
} api_target;

/* Resolves an ARN (an alias picks a version by its weights). Refuses with InvalidArn,
 * StateMachineDoesNotExist or StateMachineDeleting and returns false: the call is gone. */
bool api_resolve_target(api_call *call, str arn, api_target *ret_target);

/* Key of a version's record: the number is padded, so that keys sort by it. ptr NULL when out of
 * memory. */
str api_version_key(str machine_arn, int64_t number, arena *a);
/* Key of a revision's record; the same. */
str api_revision_key(str machine_arn, str revision_id, arena *a);

/* The record of a machine that is there, JSON_ABSENT otherwise: a machine that was being deleted
 * and has no open execution any more is removed on this occasion. */
json api_machine_get(api *a, str machine_arn);
/* The same for a request that needs an active machine: refuses with StateMachineDoesNotExist (which
 * names `asked`) or StateMachineDeleting. */
bool api_machine_find(api_call *call, str machine_arn, str asked, json *ret_record);
/* The record of a version ARN; JSON_ABSENT when there is none. Its number is *ret_number. */
json api_version_get(api_call *call, const api_arn *arn, int64_t *ret_number);
/* Where a machine's records of a kind begin and end (versions, aliases). */
void api_machine_range(const api *a, str kind, str machine_arn, uint32_t *ret_begin,
                       uint32_t *ret_end);
/* Adds to the change what removes the machine and all that belongs to it. */
void api_machine_remove(resources_change *change, str machine_arn);
/* Whether executions of it are open, as far as they are durable. */
bool api_machine_is_running(api *a, str machine_arn);

/* Refuses. */
void api_machine_refuse_missing(api_call *call, str arn);

#endif
