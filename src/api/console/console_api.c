/* Which path is which function; what a query says. */
#include "api/console/console_call.h"
#include "api/page_token.h"
#include "base/percent.h"

#include <stdlib.h>

#define PREFIX STR("/console/api/")

static const struct {
    const char *path, *method;
    console_function *function;
} paths[] = {
    {"counts", "GET", console_api_counts},      {"search", "GET", console_api_search},
    {"events", "GET", console_api_events},      {"metrics", "GET", console_api_metrics},
    {"evaluate", "POST", console_api_evaluate}, {"map-runs", "GET", console_api_map_runs},
};

status console_api_new(api *a, feed *f, console_api **ret_console, error *reterr)
{
    console_api *c = calloc(1, sizeof(*c));
    if (!c) {
        return fail_memory(reterr);
    }
    c->api = a;
    c->feed = f;
    *ret_console = c;
    return STATUS_OK;
}

void console_api_free(console_api *c)
{
    if (!c) {
        return;
    }
    console_api_streams_free(c);
    json_doc_release(c->counts);
    free(c);
}

/* ------------------------------------------------------------------------------------------
 * queries
 */

static status read_query(api_call *call, str query, json *ret_input, error *reterr)
{
    json_object_builder b;
    json_object_begin(&b, &call->memory, 8);
    for (str rest = query; rest.ptr && rest.len;) {
        str value = str_split_next(&rest, '&'), name = str_split_next(&value, '=');
        name = percent_decode_query(name, &call->memory);
        value = percent_decode_query(value.ptr ? value : STR(""), &call->memory);
        if (!name.ptr || !value.ptr) {
            return fail_memory(reterr);
        }
        json_object_add(&b, name, json_from_str(value));
    }
    return json_object_finish(&b, ret_input, reterr);
}

int64_t console_api_number(const api_call *call, const char *name, int64_t when_absent)
{
    str text = api_text(call, name);
    int64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || i > 14) { /* seconds become milliseconds */
            return when_absent;
        }
        number = number * 10 + (text.ptr[i] - '0');
    }
    return text.len ? number : when_absent;
}

bool console_api_position(api_call *call, str subject, str *ret_position)
{
    json token = json_get(call->input, STR("token"));
    error err;
    if (!json_is_absent(token) &&
        failed(json_object_with(&call->memory, call->input, json_literal("nextToken"), token,
                                &call->input, &err))) {
        api_fail(call, &err);
        return false;
    }
    return api_page_position(call, subject, ret_position);
}

/* -------------------------------------------------------------------------------------------
 * access
 */

static status judge(api_call *call, const net_http_request *request, str operation,
                    const char *member, str arn, const char **ret_refusal, error *reterr)
{
    const api_options *o = &call->api->options;
    json_object_builder b;
    json input;
    if (!o->authorize) {
        return STATUS_OK;
    }
    json_object_begin(&b, &call->memory, 1);
    if (arn.ptr) {
        json_object_add(&b, str_from_c(member), json_from_str(arn));
    }
    TRY(json_object_finish(&b, &input, reterr));
    return o->authorize(o->access_user, call->caller, request, operation, input, ret_refusal,
                        reterr);
}

bool console_api_may(api_call *call, const net_http_request *request, str operation,
                     const char *member, str arn)
{
    const char *refusal = NULL;
    error err;
    return ok(judge(call, request, operation, member, arn, &refusal, &err));
}

bool console_api_demand(api_call *call, const net_http_request *request, str operation,
                        const char *member, str arn)
{
    const char *refusal = "InternalFailure";
    error err;
    if (failed(judge(call, request, operation, member, arn, &refusal, &err))) {
        api_refuse(call, refusal, "%s", err.message);
        return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------
 * requests
 */

static void perform(console_api *c, const net_http_request *request, console_function *function)
{
    error err;
    api_call *call = api_call_new(c->api, request->reply);
    if (!call) {
        net_http_response busy = {.status = 503};
        net_http_answer(request->reply, &busy);
        return;
    }
    if (!api_call_enter(call, request)) {
        return;
    }
    if (str_equal(request->method, STR("GET")) &&
        failed(read_query(call, request->query, &call->input, &err))) {
        api_fail(call, &err);
        return;
    }
    function(c, call, request);
}

bool console_api_handle(console_api *c, const net_http_request *request)
{
    if (!str_starts_with(request->path, PREFIX)) {
        return false;
    }
    str name = str_skip(request->path, PREFIX.len);
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        if (str_equal(name, str_from_c(paths[i].path)) &&
            str_equal(request->method, str_from_c(paths[i].method))) {
            perform(c, request, paths[i].function);
            return true;
        }
    }
    return false;
}
