#include "api/auth/target.h"

/* No ARN is longer (the API's model); what is longer never passes validation. */
#define ARN_BYTES_MAX 2048

typedef enum target_kind {
    TARGET_ARN,      /* the member is the resource's ARN */
    TARGET_MACHINE,  /* the member names a new state machine */
    TARGET_ACTIVITY, /* the member names a new activity */
    TARGET_TASK,     /* the member is a task's token */
    TARGET_ROUTES,   /* the member routes a new alias to versions of one machine */
} target_kind;

static const struct {
    const char *operation;
    target_kind kind;
    const char *members[2]; /* the first that is there; none: any of its kind */
} targets[] = {
    {"CreateActivity", TARGET_ACTIVITY, {"name"}},
    {"CreateStateMachine", TARGET_MACHINE, {"name"}},
    {"CreateStateMachineAlias", TARGET_ROUTES, {"routingConfiguration"}},
    {"DeleteActivity", TARGET_ARN, {"activityArn"}},
    {"DeleteStateMachine", TARGET_ARN, {"stateMachineArn"}},
    {"DeleteStateMachineAlias", TARGET_ARN, {"stateMachineAliasArn"}},
    {"DeleteStateMachineVersion", TARGET_ARN, {"stateMachineVersionArn"}},
    {"DescribeActivity", TARGET_ARN, {"activityArn"}},
    {"DescribeExecution", TARGET_ARN, {"executionArn"}},
    {"DescribeMapRun", TARGET_ARN, {"mapRunArn"}},
    {"DescribeStateMachine", TARGET_ARN, {"stateMachineArn"}},
    {"DescribeStateMachineAlias", TARGET_ARN, {"stateMachineAliasArn"}},
    {"DescribeStateMachineForExecution", TARGET_ARN, {"executionArn"}},
    {"GetActivityTask", TARGET_ARN, {"activityArn"}},
    {"GetExecutionHistory", TARGET_ARN, {"executionArn"}},
    {"ListActivities", TARGET_ACTIVITY, {0}},
    {"ListExecutions", TARGET_ARN, {"stateMachineArn", "mapRunArn"}},
    {"ListMapRuns", TARGET_ARN, {"executionArn"}},
    {"ListStateMachineAliases", TARGET_ARN, {"stateMachineArn"}},
    {"ListStateMachineVersions", TARGET_ARN, {"stateMachineArn"}},
    {"ListStateMachines", TARGET_MACHINE, {0}},
    {"ListTagsForResource", TARGET_ARN, {"resourceArn"}},
    {"PublishStateMachineVersion", TARGET_ARN, {"stateMachineArn"}},
    {"RedriveExecution", TARGET_ARN, {"executionArn"}},
    {"SendTaskFailure", TARGET_TASK, {"taskToken"}},
    {"SendTaskHeartbeat", TARGET_TASK, {"taskToken"}},
    {"SendTaskSuccess", TARGET_TASK, {"taskToken"}},
    {"StartExecution", TARGET_ARN, {"stateMachineArn"}},
    {"StartSyncExecution", TARGET_ARN, {"stateMachineArn"}},
    {"StopExecution", TARGET_ARN, {"executionArn"}},
    {"TagResource", TARGET_ARN, {"resourceArn"}},
    {"TestState", TARGET_MACHINE, {0}},
    {"UntagResource", TARGET_ARN, {"resourceArn"}},
    {"UpdateMapRun", TARGET_ARN, {"mapRunArn"}},
    {"UpdateStateMachine", TARGET_ARN, {"stateMachineArn"}},
    {"UpdateStateMachineAlias", TARGET_ARN, {"stateMachineAliasArn"}},
    {"ValidateStateMachineDefinition", TARGET_MACHINE, {0}},
};

/* Members that ask for more than the operation itself. */
static const struct {
    const char *operation, *member, *action;
} dependent[] = {
    {"CreateActivity", "tags", "states:TagResource"},
    {"CreateStateMachine", "publish", "states:PublishStateMachineVersion"},
    {"CreateStateMachine", "tags", "states:TagResource"},
    {"UpdateStateMachine", "publish", "states:PublishStateMachineVersion"},
    {"TestState", "revealSecrets", "states:RevealSecrets"},
};

static bool is_asked(json member)
{
    return json_is_true(member) || json_count(member) > 0;
}

/* Of a stateMachine's ARN, what follows the name (a qualifier, the label of a distributed Map, the
 * name of a test case) is no part of the resource. */
static void set_resource(str arn, auth_target *target)
{
    arn = str_take(arn, MIN_OF(str_find_char(arn, '#'), (size_t)ARN_BYTES_MAX));
    str rest = arn;
    for (int i = 0; i < 5; i++) {
        str_split_next(&rest, ':');
    }
    target->resource = arn;
    if (!str_equal(str_split_next(&rest, ':'), STR("stateMachine")) || !rest.ptr) {
        return;
    }
    str qualifier = rest;
    str name = str_split_next(&qualifier, ':');
    size_t slash = str_find_char(name, '/');
    name = str_take(name, slash == STR_NOT_FOUND ? name.len : slash);
    target->resource = str_take(arn, (size_t)(name.ptr - arn.ptr) + name.len);
    target->qualifier = qualifier;
}

void auth_target_set_machine(auth_target *target, str machine_arn)
{
    set_resource(machine_arn, target);
    target->qualifier = STR_NONE;
}

static str member_text(json input, const char *const members[2])
{
    for (int i = 0; i < 2 && members[i]; i++) {
        json member = json_get(input, str_from_c(members[i]));
        if (json_is(member, JSON_STRING)) {
            return json_str(member);
        }
    }
    return STR_NONE;
}

static str arn_of(const char *type, str name, str region, str account, arena *a)
{
    name = name.len ? str_take(name, ARN_BYTES_MAX) : STR("*");
    return arena_printf(a, "arn:aws:states:%.*s:%.*s:%s:%.*s", STR_ARG(region), STR_ARG(account),
                        type, STR_ARG(name));
}

status auth_target_of(str operation, json input, str region, str account, arena *a,
                      auth_target *ret_target, error *reterr)
{
    auth_target target = {0};
    size_t row = 0;
    while (row < ARRAY_LENGTH(targets) &&
           !str_equal(operation, str_from_c(targets[row].operation))) {
        row++;
    }
    if (row == ARRAY_LENGTH(targets)) {
        return fail(reterr, ERROR_UNSUPPORTED, "no resource is known of the operation '%.*s'",
                    STR_ARG(str_take(operation, 100)));
    }
    str text = member_text(input, targets[row].members);
    if (targets[row].kind == TARGET_ROUTES) {
        json route = json_item(json_get(input, str_from_c(targets[row].members[0])), 0);
        text = json_str(json_get(route, STR("stateMachineVersionArn")));
    }
    if (targets[row].kind == TARGET_TASK) {
        target.token = text;
        text = STR_NONE;
    }
    if (targets[row].kind == TARGET_ACTIVITY) {
        target.resource = arn_of("activity", text, region, account, a);
    } else if (targets[row].kind == TARGET_MACHINE || !text.len) {
        bool is_new = targets[row].kind == TARGET_MACHINE;
        target.resource = arn_of("stateMachine", is_new ? text : STR_NONE, region, account, a);
    } else {
        set_resource(text, &target);
    }
    if (targets[row].kind == TARGET_ROUTES) {
        target.qualifier = json_str(json_get(input, STR("name"))); /* the new alias's */
    }
    target.actions[target.action_count++] = arena_printf(a, "states:%.*s", STR_ARG(operation));
    for (size_t i = 0; i < ARRAY_LENGTH(dependent); i++) {
        if (str_equal(operation, str_from_c(dependent[i].operation)) &&
            is_asked(json_get(input, str_from_c(dependent[i].member)))) {
            target.actions[target.action_count++] = str_from_c(dependent[i].action);
        }
    }
    if (!target.resource.ptr || !target.actions[0].ptr) {
        return fail_memory(reterr);
    }
    *ret_target = target;
    return STATUS_OK;
}
