/* Reading a TestState request: the state, its input, and what is mocked.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html and
 * https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html */
#include "api/test_request.h"

#include "api/api_private.h"
#include "api/machine_settings.h"
#include "asl/jackson.h"

/* A state that comes without a machine has no name of its own. */
#define SINGLE_STATE_NAME STR("StateName")

/* ---------------------------------------------------------------------------------- definition */

static void refuse_definition(api_call *call, const asl_diagnostics *diagnostics, const error *err)
{
    str summary = STR_NONE;
    error failure;
    if (err->code != ERROR_INVALID) {
        api_fail(call, err);
    } else if (failed(asl_diagnostics_summary(diagnostics, &call->memory, &summary, &failure))) {
        api_fail(call, &failure);
    } else {
        api_refuse(call, "InvalidDefinition", "Invalid State Machine Definition: '%.*s'",
                   STR_ARG(summary));
    }
}

static const asl_state *find_state(const asl_machine *machine, str name)
{
    for (uint32_t i = 0; i < machine->state_count; i++) {
        if (str_equal(machine->states[i].name, name)) {
            return &machine->states[i];
        }
    }
    return NULL;
}

static bool read_definition(api_call *call, test_request *request)
{
    str name = api_text(call, "stateName");
    asl_options options = {.state_name = name.ptr ? STR_NONE : SINGLE_STATE_NAME};
    asl_diagnostics diagnostics;
    error err;
    asl_diagnostics_init(&diagnostics);
    status compiled =
        asl_compile(api_text(call, "definition"), &options, &request->machine, &diagnostics, &err);
    if (failed(compiled)) {
        refuse_definition(call, &diagnostics, &err);
        asl_diagnostics_clean_up(&diagnostics);
        return false;
    }
    asl_diagnostics_clean_up(&diagnostics);
    request->state = find_state(request->machine, name.ptr ? name : SINGLE_STATE_NAME);
    if (!request->state) {
        api_refuse(call, "ValidationException", "State not found in definition");
        return false;
    }
    engine_test_init(&request->test, request->state->index, &call->memory);
    return true;
}

/* --------------------------------------------------------------------------------------- texts */

/* Parses JSON text of the request; *ret_said is what Jackson says of text that is not JSON, else
 * absent. False when the call has been refused. */
static bool parse(api_call *call, str text, json *ret_value, str *ret_said)
{
    error err;
    asl_jackson said;
    status parsed = json_parse_into(text, &call->memory, ret_value, &err);
    *ret_said = STR_NONE;
    if (ok(parsed)) {
        return true;
    }
    if (parsed.code == ERROR_MEMORY ||
        failed(asl_jackson_explain(text, &err, &call->memory, &said, &err))) {
        api_fail(call, &err);
        return false;
    }
    *ret_said = said.message;
    return true;
}

static bool read_input(api_call *call, test_request *request)
{
    json ignored;
    str said;
    request->input = api_text(call, "input");
    request->input = request->input.ptr ? request->input : STR("{}");
    if (!parse(call, request->input, &ignored, &said)) {
        return false;
    }
    if (said.ptr) {
        api_refuse(call, "InvalidExecutionInput", "Invalid State Machine Execution Input: '%.*s'",
                   STR_ARG(said));
        return false;
    }
    return true;
}

static bool read_variables(api_call *call, test_request *request)
{
    str text = api_text(call, "variables"), said;
    if (!text.ptr) {
        return true;
    }
    if (!parse(call, text, &request->test.variables, &said)) {
        return false;
    }
    if (said.ptr || !json_is(request->test.variables, JSON_OBJECT)) {
        api_refuse(call, "ValidationException", "Variables must be a valid JSON object");
        return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------- context */

/* The members that a context object may have, and those of each. */
static const struct {
    const char *name;
    struct {
        const char *name;
        json_kind kind; /* JSON_ABSENT: any */
    } members[6];
} context_members[] = {
    {"Execution",
     {{"Id", JSON_STRING},
      {"Input", JSON_ABSENT},
      {"Name", JSON_STRING},
      {"RoleArn", JSON_STRING},
      {"StartTime", JSON_STRING},
      {"RedriveCount", JSON_NUMBER}}},
    {"State", {{"EnteredTime", JSON_STRING}, {"Name", JSON_STRING}, {"RetryCount", JSON_NUMBER}}},
    {"StateMachine", {{"Id", JSON_STRING}, {"Name", JSON_STRING}}},
    {"Task", {{"Token", JSON_STRING}}},
};

static bool refuse_context(api_call *call, str member, const char *what)
{
    api_refuse(call, "ValidationException", "Invalid Context object provided: Field '%.*s' %s",
               STR_ARG(member), what);
    return false;
}

static bool check_context_part(api_call *call, size_t part, json object)
{
    for (uint32_t i = 0; i < json_count(object); i++) {
        const json_member *member = json_member_at(object, i);
        str name = json_str(member->name);
        size_t k = 0, count = ARRAY_LENGTH(context_members[part].members);
        while (k < count && !str_equal(name, str_from_c(context_members[part].members[k].name))) {
            k++;
        }
        if (k == count) {
            return refuse_context(call, name, "is not allowed");
        }
        json_kind kind = context_members[part].members[k].kind;
        if (kind != JSON_ABSENT && !json_is(member->value, kind)) {
            return refuse_context(call, name,
                                  kind == JSON_STRING ? "must be a string" : "must be a number");
        }
    }
    return true;
}

static bool check_context(api_call *call, json context)
{
    for (uint32_t i = 0; i < json_count(context); i++) {
        const json_member *member = json_member_at(context, i);
        str name = json_str(member->name);
        size_t part = 0;
        if (str_equal(name, STR("Map"))) {
            api_refuse(call, "ValidationException",
                       "Invalid Context object provided: 'Map' field is not supported when mocking "
                       "a Context object");
            return false;
        }
        while (part < ARRAY_LENGTH(context_members) &&
               !str_equal(name, str_from_c(context_members[part].name))) {
            part++;
        }
        if (part == ARRAY_LENGTH(context_members)) {
            return refuse_context(call, name, "is not allowed");
        }
        if (!json_is(member->value, JSON_OBJECT)) {
            return refuse_context(call, name, "must be an object");
        }
        if (!check_context_part(call, part, member->value)) {
            return false;
        }
    }
    return true;
}

static bool read_context(api_call *call, test_request *request)
{
    str text = api_text(call, "context"), said;
    if (!text.ptr) {
        return true;
    }
    if (request->test.mock == ENGINE_MOCK_NONE) {
        api_refuse(call, "ValidationException",
                   "A Context object can only be specified when a mock is specified");
        return false;
    }
    if (!parse(call, text, &request->test.context, &said)) {
        return false;
    }
    if (said.ptr || !json_is(request->test.context, JSON_OBJECT)) {
        api_refuse(call, "ValidationException",
                   "Invalid Context object provided: must be a valid JSON object");
        return false;
    }
    return check_context(call, request->test.context);
}

/* ---------------------------------------------------------------------------------------- mock */

static bool refuse(api_call *call, const char *message)
{
    api_refuse(call, "ValidationException", "%s", message);
    return false;
}

/* Whether the result is one that the service can give; Task only. */
static bool check_against_model(api_call *call, const test_request *request, str mode)
{
    const api_options *options = &call->api->options;
    error err;
    if (request->state->type != ASL_TASK || !options->check_mock || str_equal(mode, STR("NONE"))) {
        return true;
    }
    status fits =
        options->check_mock(options->check_mock_user, &request->state->as.task.resource,
                            request->test.result.value, !str_equal(mode, STR("PRESENT")), &err);
    if (failed(fits) && fits.code != ERROR_INVALID) {
        api_fail(call, &err);
    } else if (failed(fits)) {
        api_refuse(call, "ValidationException", "Mock result schema validation error: %s",
                   err.message);
    }
    return ok(fits);
}

static bool read_mock_result(api_call *call, test_request *request, str text, str mode)
{
    const asl_state *state = request->state;
    json value;
    str said;
    if (!parse(call, text, &value, &said)) {
        return false;
    }
    if (said.ptr) {
        return refuse(call, "Mocked result must be valid JSON");
    }
    bool is_written = state->type == ASL_MAP && state->as.map.distributed &&
                      state->as.map.distributed->has_writer;
    if (is_written && !json_is(value, JSON_OBJECT)) {
        return refuse(call, "Mocked result must be a JSON object.");
    }
    if (!is_written && state->type != ASL_TASK && !json_is(value, JSON_ARRAY)) {
        return refuse(call, "Mocked result must be a JSON array.");
    }
    request->test.mock = ENGINE_MOCK_RESULT;
    request->test.result = (engine_shown){value, text};
    return check_against_model(call, request, mode);
}

static bool read_mock(api_call *call, test_request *request)
{
    json mock = json_get(call->input, STR("mock"));
    json error_output = json_get(mock, STR("errorOutput"));
    str result = json_str(json_get(mock, STR("result")));
    bool has_error = json_is(error_output, JSON_OBJECT);
    asl_state_type type = request->state->type;
    if (!json_is(mock, JSON_OBJECT)) {
        return true;
    }
    if (type != ASL_TASK && type != ASL_MAP && type != ASL_PARALLEL) {
        api_refuse(call, "ValidationException",
                   "State type '%s' is not supported when a mock is specified",
                   asl_state_type_name(type));
        return false;
    }
    if (result.ptr && has_error) {
        return refuse(call, "A test mock should have only one of the following fields: [result, "
                            "errorOutput].");
    }
    if (!result.ptr && !has_error) {
        return refuse(call, "A test mock should have one of the following fields: [result, "
                            "errorOutput].");
    }
    if (result.ptr) {
        return read_mock_result(call, request, result,
                                json_str(json_get(mock, STR("fieldValidationMode"))));
    }
    request->test.mock = ENGINE_MOCK_ERROR;
    request->test.error = json_str(json_get(error_output, STR("error")));
    request->test.cause = json_str(json_get(error_output, STR("cause")));
    return request->test.error.ptr ? true
                                   : refuse(call, "Mocked errorOutput must have the field 'error'");
}

/* ------------------------------------------------------------------------------- configuration */

/* Whether the state stands inside the tested one, at any depth. */
static bool is_inside(const asl_machine *machine, const asl_state *state, const asl_state *around)
{
    while (state) {
        uint32_t parent = machine->workflows[state->workflow].parent;
        state = parent == ASL_NONE ? NULL : &machine->states[parent];
        if (state == around) {
            return true;
        }
    }
    return false;
}

static bool read_reader_data(api_call *call, test_request *request, str text)
{
    const asl_state *state = request->state;
    json value;
    str said;
    if (state->type != ASL_MAP || !state->as.map.distributed ||
        !state->as.map.distributed->has_reader) {
        return refuse(call, "mapItemReaderData is only supported for a Map state with an "
                            "ItemReader");
    }
    if (!parse(call, text, &value, &said)) {
        return false;
    }
    /* CSV, JSON Lines and the like are not items yet: they wait for the reader itself. */
    if (!said.ptr && json_is(value, JSON_ARRAY)) {
        request->test.reader_items = value;
    }
    return true;
}

static bool read_configuration(api_call *call, test_request *request)
{
    json configuration = json_get(call->input, STR("stateConfiguration"));
    str origin = json_str(json_get(configuration, STR("errorCausedByState")));
    str data = json_str(json_get(configuration, STR("mapItemReaderData")));
    int64_t number;
    if (json_int64(json_get(configuration, STR("retrierRetryCount")), &number)) {
        request->test.retry_count = number;
    }
    if (json_int64(json_get(configuration, STR("mapIterationFailureCount")), &number)) {
        if (request->state->type != ASL_MAP) {
            return refuse(call, "mapIterationFailureCount is only supported for a Map state");
        }
        request->test.failure_count = number;
    }
    if (origin.ptr) {
        const asl_state *state = find_state(request->machine, origin);
        if (!state || !is_inside(request->machine, state, request->state)) {
            return refuse(call, "State not found in definition");
        }
    }
    return data.ptr ? read_reader_data(call, request, data) : true;
}

/* --------------------------------------------------------------------------- without a mock */

/* What AWS tests with a mock only, and what cannot run here at all. */
static bool check_unmocked(api_call *call, const test_request *request)
{
    const api_options *options = &call->api->options;
    const asl_state *state = request->state;
    const asl_resource *resource = &state->as.task.resource;
    error err;
    if (state->type == ASL_MAP || state->type == ASL_PARALLEL) {
        api_refuse(call, "ValidationException",
                   "State type '%s' is only supported when a mock is specified",
                   asl_state_type_name(state->type));
        return false;
    }
    if (state->type != ASL_TASK) {
        return true;
    }
    if (!api_text(call, "roleArn").ptr) {
        return refuse(call, "RoleArn must be specified when testing a Task state");
    }
    if (resource->kind == ASL_RESOURCE_ACTIVITY || resource->pattern != ASL_REQUEST_RESPONSE) {
        api_refuse(call, "ValidationException",
                   "Resource '%.*s' is only supported when a mock is specified",
                   STR_ARG(resource->arn));
        return false;
    }
    if (options->check_resource) {
        status fits = options->check_resource(options->check_user, resource, &err);
        if (fits.code == ERROR_UNSUPPORTED || fits.code == ERROR_INVALID) {
            api_refuse(call, "InvalidDefinition",
                       "Invalid State Machine Definition: '%s: %s at /Resource'",
                       fits.code == ERROR_INVALID ? "SCHEMA_VALIDATION_FAILED" : "INVALID_RESOURCE",
                       err.message);
            return false;
        }
    }
    return true;
}

bool test_request_read(api_call *call, test_request *ret_request)
{
    test_request request = {0};
    bool is_fine = machine_settings_check_role(call, api_text(call, "roleArn")) &&
                   read_definition(call, &request) && read_mock(call, &request) &&
                   read_configuration(call, &request) && read_context(call, &request) &&
                   (request.test.mock != ENGINE_MOCK_NONE || check_unmocked(call, &request)) &&
                   read_input(call, &request) && read_variables(call, &request);
    if (is_fine) {
        *ret_request = request;
    } else {
        asl_machine_release(request.machine);
    }
    return is_fine;
}
