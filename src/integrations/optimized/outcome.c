#include "integrations/optimized/outcome.h"

#include "integrations/optimized/shape.h"
#include "integrations/sdk_metadata.h"

#include <stdlib.h>

/* ---------------------------------------------------------------------------------------- metadata
 * AWS prints both kinds of headers from Java's maps: HttpHeaders from one that sorts its names
 * whatever their case, AllHttpHeaders from a hash table. */

#define HASH_SLOTS_MIN 16

static uint32_t java_hash(str name)
{
    uint32_t hash = 0;
    for (size_t i = 0; i < name.len; i++) {
        hash = hash * 31 + (unsigned char)name.ptr[i];
    }
    return hash ^ (hash >> 16);
}

/* The table doubles when it is three quarters full. */
static uint32_t java_slots(size_t count)
{
    uint32_t slots = HASH_SLOTS_MIN;
    while (count * 4 > (size_t)slots * 3) {
        slots *= 2;
    }
    return slots;
}

static int without_case(str a, str b)
{
    size_t length = MIN_OF(a.len, b.len);
    for (size_t i = 0; i < length; i++) {
        int x = (unsigned char)a.ptr[i], y = (unsigned char)b.ptr[i];
        x = x >= 'A' && x <= 'Z' ? x + 32 : x;
        y = y >= 'A' && y <= 'Z' ? y + 32 : y;
        if (x != y) {
            return x - y;
        }
    }
    return (a.len > b.len) - (a.len < b.len);
}

/* Fills in the headers in AllHttpHeaders' order, each with its place in HttpHeaders. */
static uint32_t order_headers(const aws_outcome *outcome, sdk_header out[SDK_HEADERS_MAX])
{
    uint32_t count = (uint32_t)MIN_OF(outcome->header_count, (size_t)SDK_HEADERS_MAX);
    uint32_t slots = java_slots(outcome->header_count), written = 0;
    for (uint32_t slot = 0; slot < slots; slot++) {
        for (uint32_t i = 0; i < count; i++) {
            const net_http_header *header = &outcome->headers[i];
            if ((java_hash(header->name) & (slots - 1)) == slot) {
                out[written++] = (sdk_header){.name = header->name, .value = header->value};
            }
        }
    }
    for (uint32_t i = 0; i < written; i++) {
        for (uint32_t k = 0; k < written; k++) {
            out[i].place += without_case(out[k].name, out[i].name) < 0 ? 1 : 0;
        }
    }
    return written;
}

static status with_metadata(const aws_outcome *outcome, json output, arena *a, json *ret_output,
                            error *reterr)
{
    sdk_header headers[SDK_HEADERS_MAX] = {0};
    sdk_response response = {
        .headers = headers,
        .header_count = order_headers(outcome, headers),
        .http_status = (int)outcome->http_status,
        .request_id = outcome->request_id.ptr ? outcome->request_id : STR(""),
    };
    json_object_builder b;
    json object;
    json_object_begin(&b, a, json_count(output) + 2);
    for (uint32_t i = 0; i < json_count(output); i++) {
        const json_member *member = json_member_at(output, i);
        json_object_add_named(&b, member->name, member->value);
    }
    TRY(sdk_metadata_add(&b, &response, reterr));
    TRY(json_object_finish(&b, &object, reterr));
    TRY(optimized_sort(object, a, &object, reterr));
    return json_copy(object, a, ret_output, reterr); /* the headers are borrowed */
}

status optimized_output(const optimized_action *action, const aws_outcome *outcome, arena *a,
                        json *ret_output, error *reterr)
{
    json output;
    TRY(optimized_settle(aws_operation_output(outcome->operation), outcome->output, a, &output,
                         reterr));
    if (action->output[0].name) {
        optimized_sources sources = {.submission = output};
        TRY(optimized_make(action->output, ARRAY_LENGTH(action->output), &sources, a, &output,
                           reterr));
    }
    return action->has_no_metadata ? json_copy(output, a, ret_output, reterr)
                                   : with_metadata(outcome, output, a, ret_output, reterr);
}

/* ---------------------------------------------------------------------------------------- failures
 */

str optimized_refusal(json parameters, str message, arena *a)
{
    str text = json_text(parameters, a);
    return arena_printf(a, "The Parameters '%.*s' could not be used to start the Task: [%.*s]",
                        STR_ARG(text), STR_ARG(message));
}

/* A service has a class for errors without one: version 2's is "DynamoDbException", version 1's
 * "AmazonDynamoDBException". */
static bool is_unknown_class(const aws_outcome *outcome, arena *a)
{
    aws_service service = aws_operation_service(outcome->operation);
    str base = arena_printf(a, "%.*sException", STR_ARG(aws_service_exception_prefix(service)));
    return !outcome->exception.len || str_equal(outcome->exception, base);
}

static str version_1_cause(const optimized_service *service, const aws_outcome *outcome, arena *a)
{
    str message = outcome->message.len ? outcome->message : STR("null");
    str code = arena_str(a, outcome->code.len ? outcome->code : STR("null"));
    str id = arena_str(a, outcome->request_id.len ? outcome->request_id : STR("null"));
    return code.ptr && id.ptr ? sdk_error_cause(a, message, service->sdk_service,
                                                (int)outcome->http_status, code.ptr, id.ptr)
                              : STR_NONE;
}

status optimized_failure(const optimized_action *action, const aws_outcome *outcome, arena *a,
                         str *ret_error, str *ret_cause, error *reterr)
{
    const optimized_service *service = action->service;
    str name, cause;
    if (outcome->kind == AWS_FAILED_PARAMETERS) {
        name = STR("States.Runtime");
        cause = optimized_refusal(outcome->parameters, outcome->message, a);
    } else if (outcome->kind == AWS_FAILED_ON_THE_WAY) {
        name = arena_printf(a, "%s.SdkClientException", service->error_prefix);
        cause = arena_str(a, outcome->message);
    } else if (service->sdk_service) {
        name = is_unknown_class(outcome, a)
                   ? arena_printf(a, "%s.%s", service->error_prefix, service->sdk_exception)
                   : arena_printf(a, "%s.%.*s", service->error_prefix, STR_ARG(outcome->exception));
        cause = version_1_cause(service, outcome, a);
    } else {
        name = arena_printf(a, "%s.%.*s", service->error_prefix, STR_ARG(outcome->exception));
        cause = aws_outcome_cause(outcome, a);
    }
    if (!name.ptr || !cause.ptr) {
        return fail_memory(reterr);
    }
    *ret_error = name;
    *ret_cause = cause;
    return STATUS_OK;
}
