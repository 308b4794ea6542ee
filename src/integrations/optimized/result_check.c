#include "integrations/optimized/result_check.h"

#include "integrations/optimized/action.h"

/* Executions are jobs that the runtime watches itself. */
static const optimized_service step_functions = {"states", "sfn", "", "", ""};
static const optimized_job execution = {.describe = {"describeExecution", {{0}}}, .result = "d"};
static const optimized_action start_execution = {
    .service = &step_functions, .name = "startExecution", .job = &execution};

static const optimized_action *find_action(str service, str action)
{
    bool is_execution = str_equal(service, str_from_c(step_functions.name)) &&
                        str_equal(action, str_from_c(start_execution.name));
    return is_execution ? &start_execution : optimized_action_find(service, action);
}

/* "d.Jobs[0]": what the describing operation answers there; "s", what the request does. False where
 * the models do not know. */
static bool shape_at(const aws_models *models, const optimized_action *action, const char *source,
                     aws_shape *ret_shape)
{
    const char *name = source[0] == 'd'         ? action->job->describe.action
                       : action->request.action ? action->request.action
                                                : action->name;
    aws_operation operation;
    if (failed(aws_models_find(models, str_from_c(action->service->sdk), str_from_c(name),
                               &operation, NULL))) {
        return false;
    }
    aws_shape shape = aws_operation_output(operation);
    str path = str_from_c(source);
    str_split_next(&path, '.');
    while (path.ptr && aws_shape_exists(shape)) {
        str part = str_split_next(&path, '.');
        bool is_item = str_ends_with(part, STR("[0]"));
        aws_member member;
        if (!aws_shape_find(shape, str_take(part, part.len - (is_item ? 3 : 0)), &member)) {
            return false;
        }
        shape = is_item ? aws_shape_member(member.shape, 0).shape : member.shape;
    }
    *ret_shape = shape;
    return aws_shape_exists(shape);
}

static status check_fields(const aws_models *models, const optimized_action *action,
                           const aws_mock_rules *rules, json result, error *reterr)
{
    const optimized_job *job = action->job;
    if (!json_is(result, JSON_OBJECT)) {
        return fail(reterr, ERROR_INVALID, "Mock result must be an object");
    }
    for (size_t i = 0; i < ARRAY_LENGTH(job->output) && job->output[i].name; i++) {
        str name = str_from_c(job->output[i].name);
        json value = json_get(result, name);
        aws_shape shape;
        if (!json_is_absent(value) && shape_at(models, action, job->output[i].source, &shape)) {
            TRY(aws_mock_check_shape(shape, rules, value, name, reterr));
        }
    }
    return STATUS_OK;
}

status optimized_result_check(const aws_models *models, str service, str action, str pattern,
                              bool is_strict, json result, error *reterr)
{
    const optimized_action *row = find_action(service, action);
    aws_mock_rules rules = {
        .is_strict = is_strict, .times_may_be_numbers = true, .json_members = {STR(""), STR("")}};
    aws_shape shape;
    if (!row || !row->job) {
        return STATUS_OK;
    }
    if (row == &start_execution && str_equal(pattern, STR("sync:2"))) {
        rules.json_members[0] = STR("Input");
        rules.json_members[1] = STR("Output");
    }
    if (row->job->output[0].name) {
        return check_fields(models, row, &rules, result, reterr);
    }
    return shape_at(models, row, row->job->result, &shape)
               ? aws_mock_check_shape(shape, &rules, result, STR(""), reterr)
               : STATUS_OK;
}
