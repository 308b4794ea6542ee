/* The cases of tests/cases/engine as requests for replay.h: the case itself, with an identity, and
 * with the definition and the input as texts. */
#ifndef GAIT_TESTS_ENGINE_CASES_H
#define GAIT_TESTS_ENGINE_CASES_H

#include "replay.h"

/* In an arena; the request borrows from it. */
static status engine_case_request(json given, arena *a, json *ret_request, error *reterr)
{
    static const char fixed[] =
        "{\"executionArn\":\"arn:aws:states:us-east-1:123456789012:execution:m:e\","
        "\"executionName\":\"e\","
        "\"machineArn\":\"arn:aws:states:us-east-1:123456789012:stateMachine:m\","
        "\"machineName\":\"m\",\"roleArn\":\"arn:aws:iam::123456789012:role/r\","
        "\"region\":\"us-east-1\",\"startTimeMs\":1700000000000}";
    json identity;
    json_object_builder builder;
    TRY(json_parse_into(str_from_c(fixed), a, &identity, reterr));
    json_object_begin(&builder, a, 24);
    for (uint32_t i = 0; i < json_count(identity); i++) {
        json_object_add_named(&builder, json_member_at(identity, i)->name,
                              json_member_at(identity, i)->value);
    }
    for (uint32_t i = 0; i < json_count(given); i++) {
        json_object_add_named(&builder, json_member_at(given, i)->name,
                              json_member_at(given, i)->value);
    }
    json text = json_get(given, STR("inputText"));
    if (json_is_absent(text)) {
        text = json_from_str(json_text(json_get(given, STR("input")), a));
    }
    json_object_add(&builder, STR("input"), text);
    json_object_add(&builder, STR("definition"),
                    json_from_str(json_text(json_get(given, STR("definition")), a)));
    return json_object_finish(&builder, ret_request, reterr);
}

#endif
