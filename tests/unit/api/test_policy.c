/* IAM policies: which statement decides, how patterns match, what is refused by name; and the
 * action and resource of each operation. */
#include "api/auth/lambda_target.h"
#include "api/auth/policy.h"
#include "api/auth/target.h"
#include "api/auth/wildcard.h"

#include "unit.h"

#define MACHINE "arn:aws:states:us-east-1:123456789012:stateMachine:"

static json parse(const char *text, arena *a)
{
    json value;
    error err;
    assert_ok(json_parse_into(str_from_c(text), a, &value, &err), err);
    return value;
}

static void wildcards_match(void **state)
{
    (void)state;
    const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"*", "", true},
        {"?", "", false},
        {"a*c", "abbbc", true},
        {"a*c", "abbbcd", false},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"*a*b*", "xxaxxbxx", true},
        {"*a*b*", "xxbxxaxx", false},
        {"a*a*a", "aaa", true},
        {"a*a*a", "aa", false},
        {"?", "\xe2\x98\x83", true},
        {"??", "\xe2\x98\x83", false},
        {"ABC", "abc", false},
        {"**", "x", true},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        if (auth_wildcard_match(str_from_c(cases[i].pattern), str_from_c(cases[i].text), false) !=
            cases[i].matches) {
            fail_msg("%s and %s", cases[i].pattern, cases[i].text);
        }
    }
    assert_true(auth_wildcard_match(STR("states:start*"), STR("states:StartExecution"), true));
}

static void arns_match_part_by_part(void **state)
{
    (void)state;
    const struct {
        const char *pattern, *arn;
        bool matches;
    } cases[] = {
        {"*", MACHINE "a", true},
        {MACHINE "a", MACHINE "a", true},
        {MACHINE "a", MACHINE "ab", false},
        {MACHINE "a*", MACHINE "ab", true},
        {MACHINE "A", MACHINE "a", false},
        {"arn:aws:states:*:*:stateMachine:a", MACHINE "a", true},
        {"arn:aws:states:*:stateMachine:a", MACHINE "a", false}, /* no * over a colon */
        {"arn:*:a", MACHINE "a", false},
        {"arn:aws:states:*", MACHINE "a", true}, /* an ARN cut short is completed */
        {"arn:aws:lambda:*", MACHINE "a", false},
        {"arn:aws:states:us-east-?:*:*", MACHINE "a", true},
        {MACHINE "a", "*", false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        if (auth_arn_match(str_from_c(cases[i].pattern), str_from_c(cases[i].arn)) !=
            cases[i].matches) {
            fail_msg("%s and %s", cases[i].pattern, cases[i].arn);
        }
    }
}

#define ALLOW_START                                                                                \
    "{\"Effect\":\"Allow\",\"Action\":\"states:Start*\",\"Resource\":\"" MACHINE "*\"}"
#define DENY_SECRET "{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"" MACHINE "secret\"}"
#define WHEN(operator, key, values)                                                                \
    "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{"     \
    "\""                                                                                           \
    operator"\":{\"" key "\":" values "}}}}"

static const auth_fact facts[] = {
    {STR("aws:username"), STR("alice")},
    {STR("aws:PrincipalArn"), STR("arn:aws:iam::123456789012:user/alice")},
    {STR("aws:SecureTransport"), STR("false")},
    {STR("aws:SourceIp"), STR("10.1.2.3")},
    {STR("states:StateMachineQualifier"), STR_NONE},
    {STR("aws:RequestTag/team"), STR("red")},
    {STR("aws:RequestTag/twice"), STR("red")},
    {STR("aws:RequestTag/twice"), STR("blue")},
};

static void statements_decide(void **state)
{
    (void)state;
    const struct {
        const char *policy, *action, *resource;
        auth_verdict verdict;
    } cases[] = {
        {"{\"Statement\":[]}", "states:StartExecution", MACHINE "a", AUTH_NOT_ALLOWED},
        {"{\"Statement\":" ALLOW_START "}", "states:StartExecution", MACHINE "a", AUTH_ALLOWED},
        {"{\"Statement\":" ALLOW_START "}", "states:StopExecution", MACHINE "a", AUTH_NOT_ALLOWED},
        {"{\"Statement\":" ALLOW_START "}", "states:StartExecution",
         "arn:aws:states:x:y:activity:a", AUTH_NOT_ALLOWED},
        {"{\"Statement\":[" ALLOW_START "," DENY_SECRET "]}", "states:StartExecution",
         MACHINE "secret", AUTH_DENIED},
        {"{\"Statement\":[" DENY_SECRET "," ALLOW_START "]}", "states:StartExecution",
         MACHINE "secret", AUTH_DENIED},
        {"{\"Statement\":[" DENY_SECRET "," ALLOW_START "]}", "states:StartExecution", MACHINE "a",
         AUTH_ALLOWED},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"NotAction\":\"states:Delete*\","
         "\"NotResource\":\"" MACHINE "secret\"}}",
         "states:StartExecution", MACHINE "a", AUTH_ALLOWED},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"NotAction\":[\"states:Delete*\",\"x:y\"],"
         "\"Resource\":\"*\"}}",
         "states:DeleteActivity", MACHINE "a", AUTH_NOT_ALLOWED},
        {WHEN("StringEquals", "aws:username", "[\"bob\",\"alice\"]"), "a:b", "*", AUTH_ALLOWED},
        {WHEN("StringEquals", "aws:username", "\"Alice\""), "a:b", "*", AUTH_NOT_ALLOWED},
        {WHEN("StringEqualsIgnoreCase", "AWS:UserName", "\"Alice\""), "a:b", "*", AUTH_ALLOWED},
        {WHEN("StringNotEquals", "aws:username", "[\"bob\",\"alice\"]"), "a:b", "*",
         AUTH_NOT_ALLOWED},
        {WHEN("StringLike", "aws:username", "\"a*e\""), "a:b", "*", AUTH_ALLOWED},
        {WHEN("ArnLike", "aws:PrincipalArn", "\"arn:aws:iam::*:user/al*\""), "a:b", "*",
         AUTH_ALLOWED},
        {WHEN("Bool", "aws:SecureTransport", "true"), "a:b", "*", AUTH_NOT_ALLOWED},
        {WHEN("Bool", "aws:SecureTransport", "\"false\""), "a:b", "*", AUTH_ALLOWED},
        {WHEN("IpAddress", "aws:SourceIp", "\"10.0.0.0/8\""), "a:b", "*", AUTH_ALLOWED},
        {WHEN("IpAddress", "aws:SourceIp", "[\"10.1.2.2\",\"::1\"]"), "a:b", "*", AUTH_NOT_ALLOWED},
        {WHEN("NotIpAddress", "aws:SourceIp", "\"10.1.2.0/23\""), "a:b", "*", AUTH_NOT_ALLOWED},
        {WHEN("IpAddress", "aws:SourceIp", "\"0.0.0.0/0\""), "a:b", "*", AUTH_ALLOWED},
        /* a key that the request lacks */
        {WHEN("StringEquals", "states:StateMachineQualifier", "\"PROD\""), "a:b", "*",
         AUTH_NOT_ALLOWED},
        {WHEN("StringNotEquals", "states:StateMachineQualifier", "\"PROD\""), "a:b", "*",
         AUTH_ALLOWED},
        {WHEN("StringEqualsIfExists", "states:StateMachineQualifier", "\"PROD\""), "a:b", "*",
         AUTH_ALLOWED},
        {WHEN("Null", "states:StateMachineQualifier", "\"true\""), "a:b", "*", AUTH_ALLOWED},
        {WHEN("Null", "aws:username", "\"true\""), "a:b", "*", AUTH_NOT_ALLOWED},
        {WHEN("Null", "aws:username", "\"false\""), "a:b", "*", AUTH_ALLOWED},
        {WHEN("StringEquals", "aws:RequestTag/team", "\"red\""), "a:b", "*", AUTH_ALLOWED},
        /* no value hides behind another */
        {WHEN("StringEquals", "aws:RequestTag/twice", "\"red\""), "a:b", "*", AUTH_NOT_ALLOWED},
        {WHEN("StringEquals", "aws:RequestTag/twice", "[\"red\",\"blue\"]"), "a:b", "*",
         AUTH_ALLOWED},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        arena a;
        arena_init(&a, 0);
        const auth_policy *policy;
        error err;
        auth_question question = {str_from_c(cases[i].action), str_from_c(cases[i].resource), facts,
                                  ARRAY_LENGTH(facts)};
        assert_ok(auth_policy_compile(parse(cases[i].policy, &a), &a, &policy, &err), err);
        auth_verdict verdict = auth_policy_judge(policy, &question);
        if (verdict != cases[i].verdict) {
            fail_msg("%s for %s %s: %d", cases[i].policy, cases[i].action, cases[i].resource,
                     (int)verdict);
        }
        arena_clean_up(&a);
    }
}

static void refuses_what_it_cannot_judge(void **state)
{
    (void)state;
    const struct {
        const char *policy, *message;
    } cases[] = {
        {"[]", "a policy must be an object with a 'Statement'"},
        {"{}", "a policy must have a 'Statement'"},
        {"{\"Version\":\"2013\",\"Statement\":[]}", "Version must be '2012-10-17' or '2008-10-17'"},
        {"{\"Statement\":[1]}", "Statement[0] must be an object"},
        {"{\"Statement\":[],\"Principal\":1}",
         "the policy: the element 'Principal' has no place in a user's policy"},
        {"{\"Statement\":{\"Effect\":\"allow\",\"Action\":\"*\",\"Resource\":\"*\"}}",
         "Statement[0].Effect must be 'Allow' or 'Deny'"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\","
         "\"Resource\":\"*\"}}",
         "Statement[0]: the element 'Principal' has no place in a user's policy"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\"}}",
         "Statement[0] must have one of 'Resource' and 'NotResource'"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":[],\"Resource\":\"*\"}}",
         "Statement[0].Action must be a string or an array of strings"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"StartExecution\",\"Resource\":\"*\"}}",
         "Statement[0]: the action 'StartExecution' must be '*' or SERVICE:NAME, such as "
         "states:StartExecution"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"m\"}}",
         "Statement[0]: the resource 'm' must be an ARN or '*'"},
        {"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\","
         "\"Resource\":\"arn:aws:states:::${aws:username}\"}}",
         "Statement[0]: policy variables are not supported: 'arn:aws:states:::${aws:username}'"},
        {WHEN("ForAllValues:StringEquals", "aws:username", "\"x\""),
         "Statement[0].Condition: the operator 'ForAllValues:StringEquals' is not supported "
         "(String..., Arn..., Bool, IpAddress, NotIpAddress, Null are)"},
        {WHEN("StringEquals", "aws:MultiFactorAuthPresent", "\"x\""),
         "Statement[0].Condition: the key 'aws:MultiFactorAuthPresent' is not supported; "
         "docs/access.md lists those that are"},
        {WHEN("IpAddress", "aws:SourceIp", "\"10.0.0.0/33\""),
         "Statement[0].Condition: the value of 'aws:SourceIp' is not what IpAddress takes (policy "
         "variables are not supported)"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        arena a;
        arena_init(&a, 0);
        const auth_policy *policy;
        error err;
        assert_true(failed(auth_policy_compile(parse(cases[i].policy, &a), &a, &policy, &err)));
        assert_string_equal(err.message, cases[i].message);
        arena_clean_up(&a);
    }
}

static void operations_have_targets(void **state)
{
    (void)state;
    const struct {
        const char *operation, *input, *resource, *qualifier, *second_action;
    } cases[] = {
        {"StartExecution", "{\"stateMachineArn\":\"" MACHINE "m\"}", MACHINE "m", NULL, NULL},
        {"StartExecution", "{\"stateMachineArn\":\"" MACHINE "m:PROD\"}", MACHINE "m", "PROD",
         NULL},
        {"StartExecution", "{\"stateMachineArn\":\"" MACHINE "m/label:2\"}", MACHINE "m", "2",
         NULL},
        {"DescribeExecution", "{\"executionArn\":\"arn:aws:states:r:1:execution:m:x\"}",
         "arn:aws:states:r:1:execution:m:x", NULL, NULL},
        {"CreateStateMachine", "{\"name\":\"n\"}", MACHINE "n", NULL, NULL},
        {"CreateStateMachine", "{\"name\":\"n\",\"publish\":true}", MACHINE "n", NULL,
         "states:PublishStateMachineVersion"},
        {"CreateActivity", "{\"name\":\"n\",\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]}",
         "arn:aws:states:us-east-1:123456789012:activity:n", NULL, "states:TagResource"},
        {"CreateStateMachineAlias",
         "{\"name\":\"PROD\",\"routingConfiguration\":[{\"stateMachineVersionArn\":\"" MACHINE
         "m:1\",\"weight\":100}]}",
         MACHINE "m", "PROD", NULL},
        {"ListStateMachines", "{}", MACHINE "*", NULL, NULL},
        {"ListActivities", "{}", "arn:aws:states:us-east-1:123456789012:activity:*", NULL, NULL},
        {"ListExecutions", "{\"mapRunArn\":\"arn:aws:states:r:1:mapRun:m/l:x\"}",
         "arn:aws:states:r:1:mapRun:m/l:x", NULL, NULL},
        {"SendTaskSuccess", "{\"taskToken\":\"t\"}", MACHINE "*", NULL, NULL},
        {"TestState", "{\"revealSecrets\":true}", MACHINE "*", NULL, "states:RevealSecrets"},
        {"StartExecution", "{\"stateMachineArn\":7}", MACHINE "*", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        arena a;
        arena_init(&a, 0);
        auth_target target;
        error err;
        assert_ok(auth_target_of(str_from_c(cases[i].operation), parse(cases[i].input, &a),
                                 STR("us-east-1"), STR("123456789012"), &a, &target, &err),
                  err);
        assert_str_equal(target.resource, cases[i].resource);
        assert_true(str_equal(target.qualifier, str_from_c(cases[i].qualifier)));
        assert_true(str_ends_with(target.actions[0], str_from_c(cases[i].operation)));
        assert_int_equal(target.action_count, cases[i].second_action ? 2 : 1);
        if (cases[i].second_action) {
            assert_str_equal(target.actions[1], cases[i].second_action);
        }
        arena_clean_up(&a);
    }
}

static void a_task_is_judged_by_its_machine(void **state)
{
    (void)state;
    static const char *const operations[] = {"SendTaskSuccess", "SendTaskFailure",
                                             "SendTaskHeartbeat"};
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++) {
        arena a;
        arena_init(&a, 0);
        auth_target target;
        error err;
        assert_ok(auth_target_of(str_from_c(operations[i]), parse("{\"taskToken\":\"t\"}", &a),
                                 STR("us-east-1"), STR("123456789012"), &a, &target, &err),
                  err);
        assert_str_equal(target.token, "t");
        auth_target_set_machine(&target, STR(MACHINE "m/label"));
        assert_str_equal(target.resource, MACHINE "m");
        assert_null(target.qualifier.ptr);
        arena_clean_up(&a);
    }
}

static void lambda_requests_have_targets(void **state)
{
    (void)state;
    const struct {
        const char *method, *path, *action, *resource;
    } cases[] = {
        {"POST", "/2015-03-31/functions", "lambda:CreateFunction", "arn:aws:lambda:r:1:function:*"},
        {"POST", "/2015-03-31/functions/f/invocations", "lambda:InvokeFunction",
         "arn:aws:lambda:r:1:function:f"},
        {"POST", "/2015-03-31/functions/f:PROD/invocations", "lambda:InvokeFunction",
         "arn:aws:lambda:r:1:function:f:PROD"},
        {"POST", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Ar%3A1%3Afunction%3Af/invocations",
         "lambda:InvokeFunction", "arn:aws:lambda:r:1:function:f"},
        {"GET", "/2015-03-31/functions/f/", "lambda:GetFunction", "arn:aws:lambda:r:1:function:f"},
        {"GET", "/2020-06-30/functions/f/code-signing-config",
         "lambda:GetFunctionCodeSigningConfig", "arn:aws:lambda:r:1:function:f"},
        {"DELETE", "/2020-06-30/functions/f/code-signing-config",
         "lambda:DeleteFunctionCodeSigningConfig", "arn:aws:lambda:r:1:function:f"},
        {"GET", "/2015-03-31/functions/a%2F..%2Fb", "lambda:GetFunction", "*"},
        {"PATCH", "/2015-03-31/functions/f", "lambda:*", "*"},
        {"GET", "/2015-03-31/functions//f", "lambda:*", "*"},
        {"GET", "", "lambda:*", "*"},
        {"GET", "/a/b/c/d/e/f/g/h", "lambda:*", "*"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        arena a;
        arena_init(&a, 0);
        str action, resource;
        error err;
        assert_ok(auth_lambda_target(str_from_c(cases[i].method), str_from_c(cases[i].path),
                                     STR("r"), STR("1"), &a, &action, &resource, &err),
                  err);
        assert_str_equal(action, cases[i].action);
        assert_str_equal(resource, cases[i].resource);
        arena_clean_up(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wildcards_match),
        cmocka_unit_test(arns_match_part_by_part),
        cmocka_unit_test(statements_decide),
        cmocka_unit_test(refuses_what_it_cannot_judge),
        cmocka_unit_test(operations_have_targets),
        cmocka_unit_test(lambda_requests_have_targets),
        cmocka_unit_test(a_task_is_judged_by_its_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
