#include "runtime/child_result.h"

#include "base/digest.h"
#include "integrations/sdk_metadata.h"

#include <stdlib.h>

#define MEMBERS_MAX 32

str child_result_arn(str machine_arn, str name, arena *a)
{
    static const char kind[] = ":stateMachine:";
    size_t at = str_find(machine_arn, str_from_c(kind));
    if (at == STR_NOT_FOUND) {
        return STR_NONE;
    }
    str machine = str_skip(machine_arn, at + sizeof(kind) - 1);
    machine = str_split_next(&machine, ':');
    return arena_printf(a, "%.*s:execution:%.*s:%.*s", STR_ARG(str_take(machine_arn, at)),
                        STR_ARG(machine), STR_ARG(name));
}

/* ------------------------------------------------------------------------------------ its request
 */

static str request_id(entropy *random, arena *a)
{
    char uuid[UUID_TEXT_SIZE];
    uint64_t bytes[] = {entropy_next(random), entropy_next(random)};
    return arena_str(a, uuid_from_entropy((const unsigned char *)bytes, uuid));
}

/* The API's dates are seconds with three decimals. */
static int64_t milliseconds(json seconds)
{
    double value = json_double(seconds);
    return (int64_t)(value * 1000 + (value < 0 ? -0.5 : 0.5));
}

/* The length of AWS's answer: {"executionArn":"ARN","startDate":1.691858745123E9} */
static str answer_length(str arn, arena *a)
{
    size_t other = sizeof("{\"executionArn\":\"\",\"startDate\":1.691858745123E9}") - 1;
    return arena_printf(a, "%zu", arn.len + other);
}

status child_result_of_start(json answer, entropy *random, arena *a, json *ret_output,
                             error *reterr)
{
    char date[SDK_DATE_SIZE];
    str arn = json_str(json_get(answer, STR("executionArn")));
    int64_t start_ms = milliseconds(json_get(answer, STR("startDate")));
    str id = request_id(random, a), length = answer_length(arn, a);
    str now = arena_str(a, sdk_date(start_ms, date));
    arn = arena_str(a, arn);
    if (!arn.ptr || !id.ptr || !length.ptr || !now.ptr) {
        return fail_memory(reterr);
    }
    const sdk_header headers[] = {
        {STR("x-amzn-RequestId"), id, 4},
        {STR("connection"), STR("keep-alive"), 0},
        {STR("Content-Length"), length, 1},
        {STR("Date"), now, 3},
        {STR("Content-Type"), STR("application/x-amz-json-1.0"), 2},
    };
    sdk_response response = {.headers = headers,
                             .header_count = ARRAY_LENGTH(headers),
                             .http_status = 200,
                             .request_id = id};
    json_object_builder b;
    json_object_begin(&b, a, 4);
    json_object_add(&b, STR("ExecutionArn"), json_from_str(arn));
    TRY(sdk_metadata_add(&b, &response, reterr));
    json_object_add(&b, STR("StartDate"), json_from_int64(start_ms));
    return json_object_finish(&b, ret_output, reterr);
}

status child_result_error(const char *error_name, str message, entropy *random, arena *a,
                          str *ret_error, str *ret_cause, error *reterr)
{
    static const struct {
        const char *name;
        int http_status;
    } others[] = {{"InternalFailure", 500}, {"ServiceUnavailable", 503}};
    int http_status = 400;
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        http_status = strcmp(error_name, others[i].name) == 0 ? others[i].http_status : http_status;
    }
    const char *suffix = str_ends_with(str_from_c(error_name), STR("Exception")) ? "" : "Exception";
    str id = request_id(random, a);
    str name = http_status == 400 ? arena_printf(a, "StepFunctions.%s%s", error_name, suffix)
                                  : STR("StepFunctions.AWSStepFunctionsException");
    str cause =
        id.ptr ? sdk_error_cause(a, message, "AWSStepFunctions", http_status, error_name, id.ptr)
               : STR_NONE;
    if (!name.ptr || !cause.ptr) {
        return fail_memory(reterr);
    }
    *ret_error = name;
    *ret_cause = cause;
    return STATUS_OK;
}

/* ----------------------------------------------------------------------------------------- its end
 */

typedef struct result_member {
    str name;
    json value;
} result_member;

static int by_name(const void *a, const void *b)
{
    return str_compare(((const result_member *)a)->name, ((const result_member *)b)->name);
}

static str capitalised(str name, arena *a)
{
    char *text = arena_alloc(a, name.len + 1);
    if (!text) {
        return STR_NONE;
    }
    memcpy(text, name.ptr, name.len);
    text[name.len] = 0;
    text[0] = (char)(text[0] >= 'a' && text[0] <= 'z' ? text[0] - 'a' + 'A' : text[0]);
    return (str){text, name.len};
}

static status included(json details, arena *a, json *ret_value, error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, a, 1);
    json_object_add(&b, STR("Included"), json_get(details, STR("included")));
    return json_object_finish(&b, ret_value, reterr);
}

static status convert(str name, json value, bool has_values, arena *a, json *ret_value,
                      error *reterr)
{
    if (str_ends_with(name, STR("Date"))) {
        *ret_value = json_from_int64(milliseconds(value));
        return STATUS_OK;
    }
    if (str_ends_with(name, STR("Details"))) {
        return included(value, a, ret_value, reterr);
    }
    bool is_data = str_equal(name, STR("input")) || str_equal(name, STR("output"));
    if (is_data && has_values) {
        return json_parse_into(json_str(value), a, ret_value, reterr);
    }
    return json_copy(value, a, ret_value, reterr);
}

status child_result(json answer, bool has_values, arena *a, json *ret_result, error *reterr)
{
    result_member members[MEMBERS_MAX];
    uint32_t count = json_count(answer);
    json_object_builder b;
    INVARIANT(count <= MEMBERS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        const json_member *member = json_member_at(answer, i);
        str name = json_str(member->name);
        members[i].name = capitalised(name, a);
        if (!members[i].name.ptr) {
            return fail_memory(reterr);
        }
        TRY(convert(name, member->value, has_values, a, &members[i].value, reterr));
    }
    qsort(members, count, sizeof(members[0]), by_name);
    json_object_begin(&b, a, count);
    for (uint32_t i = 0; i < count; i++) {
        json_object_add(&b, members[i].name, members[i].value);
    }
    return json_object_finish(&b, ret_result, reterr);
}
