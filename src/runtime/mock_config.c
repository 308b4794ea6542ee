#include "runtime/mock_config.h"

#define NAME_SHOWN_MAX 100
#define INVOCATION_MAX 1000000000u /* ours */

static str shown(str name)
{
    return str_take(name, NAME_SHOWN_MAX);
}

static status wants_object(json value, const char *what, str name, error *reterr)
{
    return json_is(value, JSON_OBJECT)
               ? STATUS_OK
               : fail(reterr, ERROR_INVALID, "mock configuration: %s '%.*s' must be an object",
                      what, STR_ARG(shown(name)));
}

/* -------------------------------------------------------------------------------------- responses
 */

typedef struct range {
    uint64_t first, last;
} range;

static bool read_number(str text, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || number > INVOCATION_MAX) {
            return false;
        }
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *ret_number = number;
    return text.len > 0 && number <= INVOCATION_MAX;
}

/* "3" or "1-2" */
static bool read_range(str key, range *ret_range)
{
    str last = key;
    str first = str_split_next(&last, '-');
    if (!last.ptr) {
        last = first;
    }
    return read_number(first, &ret_range->first) && read_number(last, &ret_range->last) &&
           ret_range->first <= ret_range->last;
}

static status check_throw(str response, str key, json thrown, error *reterr)
{
    bool is_fine =
        json_is(thrown, JSON_OBJECT) && json_is(json_get(thrown, STR("Error")), JSON_STRING);
    for (uint32_t i = 0; is_fine && i < json_count(thrown); i++) {
        const json_member *member = json_member_at(thrown, i);
        str name = json_str(member->name);
        is_fine = (str_equal(name, STR("Error")) || str_equal(name, STR("Cause"))) &&
                  json_is(member->value, JSON_STRING);
    }
    return is_fine ? STATUS_OK
                   : fail(reterr, ERROR_INVALID,
                          "mock configuration: 'Throw' of '%.*s' in the mocked response '%.*s' "
                          "must be an object with the text 'Error', and perhaps the text 'Cause'",
                          STR_ARG(shown(key)), STR_ARG(shown(response)));
}

static status check_answer(str response, str key, json answer, error *reterr)
{
    json thrown = json_get(answer, STR("Throw"));
    bool has_return = json_find(answer, STR("Return")) >= 0;
    bool has_throw = json_find(answer, STR("Throw")) >= 0;
    if (!json_is(answer, JSON_OBJECT) || has_return == has_throw || json_count(answer) != 1) {
        return fail(reterr, ERROR_INVALID,
                    "mock configuration: '%.*s' in the mocked response '%.*s' must have exactly "
                    "one member, 'Return' or 'Throw'",
                    STR_ARG(shown(key)), STR_ARG(shown(response)));
    }
    return has_throw ? check_throw(response, key, thrown, reterr) : STATUS_OK;
}

static status check_response(str name, json response, error *reterr)
{
    TRY(wants_object(response, "the mocked response", name, reterr));
    for (uint32_t i = 0; i < json_count(response); i++) {
        const json_member *member = json_member_at(response, i);
        str key = json_str(member->name);
        range own, other;
        if (!read_range(key, &own)) {
            return fail(reterr, ERROR_INVALID,
                        "mock configuration: '%.*s' in the mocked response '%.*s' is no number of "
                        "an invocation, such as \"0\", nor a range, such as \"1-2\"",
                        STR_ARG(shown(key)), STR_ARG(shown(name)));
        }
        for (uint32_t k = 0; k < i; k++) {
            str before = json_str(json_member_at(response, k)->name);
            if (read_range(before, &other) && own.first <= other.last && other.first <= own.last) {
                return fail(reterr, ERROR_INVALID,
                            "mock configuration: '%.*s' and '%.*s' in the mocked response '%.*s' "
                            "overlap",
                            STR_ARG(shown(before)), STR_ARG(shown(key)), STR_ARG(shown(name)));
            }
        }
        TRY(check_answer(name, key, member->value, reterr));
    }
    return STATUS_OK;
}

json mock_config_answer(json file, str response, uint64_t invocation)
{
    json answers = json_get(json_get(file, STR("MockedResponses")), response);
    for (uint32_t i = 0; i < json_count(answers); i++) {
        const json_member *member = json_member_at(answers, i);
        range r;
        if (read_range(json_str(member->name), &r) && invocation >= r.first &&
            invocation <= r.last) {
            return member->value;
        }
    }
    return (json){0};
}

/* ------------------------------------------------------------------------------------- test cases
 */

static status check_case(str machine, str name, json states, json responses, error *reterr)
{
    TRY(wants_object(states, "the test case", name, reterr));
    for (uint32_t i = 0; i < json_count(states); i++) {
        const json_member *member = json_member_at(states, i);
        str response = json_str(member->value);
        if (!json_is(member->value, JSON_STRING) || json_find(responses, response) < 0) {
            return fail(reterr, ERROR_INVALID,
                        "mock configuration: the test case '%.*s' of the state machine '%.*s' "
                        "gives the state '%.*s' the mocked response '%.*s', which is not in "
                        "'MockedResponses'",
                        STR_ARG(shown(name)), STR_ARG(shown(machine)),
                        STR_ARG(shown(json_str(member->name))), STR_ARG(shown(response)));
        }
    }
    return STATUS_OK;
}

static status check_machine(str name, json machine, json responses, error *reterr)
{
    TRY(wants_object(machine, "the state machine", name, reterr));
    json cases = json_get(machine, STR("TestCases"));
    TRY(wants_object(cases, "'TestCases' of the state machine", name, reterr));
    for (uint32_t i = 0; i < json_count(cases); i++) {
        const json_member *member = json_member_at(cases, i);
        TRY(check_case(name, json_str(member->name), member->value, responses, reterr));
    }
    return STATUS_OK;
}

status mock_config_check(json file, error *reterr)
{
    static const char *const known[] = {"StateMachines", "MockedResponses", "Comment", "$schema"};
    TRY(wants_object(file, "the file", STR("mock configuration"), reterr));
    for (uint32_t i = 0; i < json_count(file); i++) {
        str name = json_str(json_member_at(file, i)->name);
        bool is_known = false;
        for (size_t k = 0; k < ARRAY_LENGTH(known); k++) {
            is_known |= str_equal(name, str_from_c(known[k]));
        }
        if (!is_known) {
            return fail(reterr, ERROR_INVALID,
                        "mock configuration: there is no member '%.*s' beside 'StateMachines' and "
                        "'MockedResponses'",
                        STR_ARG(shown(name)));
        }
    }
    json machines = json_get(file, STR("StateMachines"));
    json responses = json_get(file, STR("MockedResponses"));
    TRY(wants_object(machines, "the member", STR("StateMachines"), reterr));
    TRY(wants_object(responses, "the member", STR("MockedResponses"), reterr));
    for (uint32_t i = 0; i < json_count(responses); i++) {
        const json_member *member = json_member_at(responses, i);
        TRY(check_response(json_str(member->name), member->value, reterr));
    }
    for (uint32_t i = 0; i < json_count(machines); i++) {
        const json_member *member = json_member_at(machines, i);
        TRY(check_machine(json_str(member->name), member->value, responses, reterr));
    }
    return STATUS_OK;
}

status mock_config_case(json file, str machine_name, str test_case, json *ret_states, error *reterr)
{
    json machine = json_get(json_get(file, STR("StateMachines")), machine_name);
    json cases = json_get(machine, STR("TestCases"));
    json states = json_get(cases, test_case);
    if (json_is_absent(machine)) {
        return fail(reterr, ERROR_NOT_FOUND, "The mock configuration has no state machine '%.*s'",
                    STR_ARG(shown(machine_name)));
    }
    if (json_is_absent(states)) {
        buf names;
        buf_init(&names, ERROR_MESSAGE_MAX / 2);
        for (uint32_t i = 0; i < json_count(cases); i++) {
            buf_add_str(&names, i ? STR(", ") : STR(""));
            buf_add_str(&names, shown(json_str(json_member_at(cases, i)->name)));
        }
        status missing =
            fail(reterr, ERROR_NOT_FOUND,
                 "The mock configuration of the state machine '%.*s' has no test case "
                 "'%.*s'; it has: %.*s",
                 STR_ARG(shown(machine_name)), STR_ARG(shown(test_case)), STR_ARG(buf_str(&names)));
        buf_clean_up(&names);
        return missing;
    }
    *ret_states = states;
    return STATUS_OK;
}

status mock_config_check_states(json states, const asl_machine *machine, error *reterr)
{
    for (uint32_t i = 0; i < json_count(states); i++) {
        str name = json_str(json_member_at(states, i)->name);
        bool is_task = false;
        for (uint32_t k = 0; k < machine->state_count; k++) {
            is_task |=
                machine->states[k].type == ASL_TASK && str_equal(machine->states[k].name, name);
        }
        if (!is_task) {
            return fail(reterr, ERROR_NOT_FOUND,
                        "The test case mocks the state '%.*s', but the state machine has no Task "
                        "state of that name",
                        STR_ARG(shown(name)));
        }
    }
    return STATUS_OK;
}
