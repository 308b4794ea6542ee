/* A mock configuration file, as Step Functions Local reads it:
 *
 *   {"StateMachines": {MACHINE: {"TestCases": {CASE: {STATE: RESPONSE, ...}}}},
 *    "MockedResponses": {RESPONSE: {"0": {"Return": any}, "1-2": {"Throw": {"Error", "Cause"}}}}}
 *
 * A response's keys number the state's invocations, which count retries and come from 0.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html */
#ifndef GAIT_RUNTIME_MOCK_CONFIG_H
#define GAIT_RUNTIME_MOCK_CONFIG_H

#include "asl/asl.h"

/* Whether the file is well formed and each response that a test case names is there; ERROR_INVALID
 * says where it is not. What follows wants a file that passed. */
MUST_USE status mock_config_check(json file, error *reterr);

/* The states of a test case: an object of response names. ERROR_NOT_FOUND names what is missing,
 * and the test cases that there are. */
MUST_USE status mock_config_case(json file, str machine_name, str test_case, json *ret_states,
                                 error *reterr);

/* Whether all states of a test case are Task states of the machine. ERROR_NOT_FOUND. */
MUST_USE status mock_config_check_states(json states, const asl_machine *machine, error *reterr);

/* The {"Return": ...} or {"Throw": ...} of an invocation; JSON_ABSENT when the response has none.
 */
json mock_config_answer(json file, str response, uint64_t invocation);

#endif
