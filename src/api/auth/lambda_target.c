#include "api/auth/lambda_target.h"

#include "base/percent.h"
#include "integrations/lambda/name.h"

#define SEGMENTS_MAX 5
#define PATH_BYTES_MAX 2048

/* Segments of a path; "*" is a function's name or ARN, "+" anything. */
static const struct {
    const char *method, *segments[SEGMENTS_MAX], *action;
} operations[] = {
    {"POST", {"2015-03-31", "functions"}, "lambda:CreateFunction"},
    {"GET", {"2015-03-31", "functions"}, "lambda:ListFunctions"},
    {"GET", {"2015-03-31", "functions", "*"}, "lambda:GetFunction"},
    {"DELETE", {"2015-03-31", "functions", "*"}, "lambda:DeleteFunction"},
    {"PUT", {"2015-03-31", "functions", "*", "code"}, "lambda:UpdateFunctionCode"},
    {"GET", {"2015-03-31", "functions", "*", "configuration"}, "lambda:GetFunctionConfiguration"},
    {"PUT",
     {"2015-03-31", "functions", "*", "configuration"},
     "lambda:UpdateFunctionConfiguration"},
    {"POST", {"2015-03-31", "functions", "*", "invocations"}, "lambda:InvokeFunction"},
    {"POST", {"2014-11-13", "functions", "*", "invoke-async"}, "lambda:InvokeFunction"},
    {"POST", {"2015-03-31", "functions", "*", "versions"}, "lambda:PublishVersion"},
    {"GET", {"2015-03-31", "functions", "*", "versions"}, "lambda:ListVersionsByFunction"},
    {"POST", {"2015-03-31", "functions", "*", "aliases"}, "lambda:CreateAlias"},
    {"GET", {"2015-03-31", "functions", "*", "aliases"}, "lambda:ListAliases"},
    {"GET", {"2015-03-31", "functions", "*", "aliases", "+"}, "lambda:GetAlias"},
    {"PUT", {"2015-03-31", "functions", "*", "aliases", "+"}, "lambda:UpdateAlias"},
    {"DELETE", {"2015-03-31", "functions", "*", "aliases", "+"}, "lambda:DeleteAlias"},
    {"GET",
     {"2020-06-30", "functions", "*", "code-signing-config"},
     "lambda:GetFunctionCodeSigningConfig"},
    {"DELETE",
     {"2020-06-30", "functions", "*", "code-signing-config"},
     "lambda:DeleteFunctionCodeSigningConfig"},
    {"GET", {"2017-03-31", "tags", "*"}, "lambda:ListTags"},
    {"POST", {"2017-03-31", "tags", "*"}, "lambda:TagResource"},
    {"DELETE", {"2017-03-31", "tags", "*"}, "lambda:UntagResource"},
    {"GET", {"lambda-packages", "*", "+"}, "lambda:GetFunction"}, /* where Code.Location points */
};

static bool matches(const char *const wanted[SEGMENTS_MAX], const str segments[], size_t count,
                    str *ret_name)
{
    size_t i = 0;
    for (; i < SEGMENTS_MAX && wanted[i]; i++) {
        if (i >= count || !segments[i].len) {
            return false;
        }
        if (wanted[i][0] == '*') {
            *ret_name = segments[i];
        } else if (wanted[i][0] != '+' && !str_equal(segments[i], str_from_c(wanted[i]))) {
            return false;
        }
    }
    return i == count;
}

static str function_arn(str name, str region, str account, arena *a)
{
    lambda_name parsed;
    str text = percent_decode(name, a);
    if (!text.ptr || failed(lambda_name_parse(text, &parsed, NULL))) {
        return text.ptr ? STR("*") : STR_NONE; /* no such function can be */
    }
    return arena_printf(a, "arn:aws:lambda:%.*s:%.*s:function:%.*s%s%.*s", STR_ARG(region),
                        STR_ARG(account), STR_ARG(parsed.function), parsed.qualifier.ptr ? ":" : "",
                        STR_ARG(parsed.qualifier));
}

status auth_lambda_target(str method, str path, str region, str account, arena *a, str *ret_action,
                          str *ret_resource, error *reterr)
{
    str segments[SEGMENTS_MAX + 1];
    size_t count = 0;
    str action = STR("lambda:*"), resource = STR("*"), name = STR_NONE;
    str rest = str_skip(str_take(path, PATH_BYTES_MAX), 1);
    while (rest.ptr && count <= SEGMENTS_MAX) {
        segments[count++] = str_split_next(&rest, '/');
    }
    if (count > 1 && !segments[count - 1].len) {
        count--; /* a slash at the end */
    }
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++) {
        name = STR_NONE;
        if (str_equal(method, str_from_c(operations[i].method)) &&
            matches(operations[i].segments, segments, count, &name)) {
            action = str_from_c(operations[i].action);
            resource = name.ptr ? function_arn(name, region, account, a)
                                : arena_printf(a, "arn:aws:lambda:%.*s:%.*s:function:*",
                                               STR_ARG(region), STR_ARG(account));
            break;
        }
    }
    if (!resource.ptr) {
        return fail_memory(reterr);
    }
    *ret_action = action;
    *ret_resource = resource;
    return STATUS_OK;
}
