/* GET metrics: what executions did, minute by minute, since the server started. */
#include "api/console/console_call.h"

static status make_point(const feed_minute *m, arena *a, json *ret_point, error *reterr)
{
    json_object_builder b;
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {
        {"time", (uint64_t)m->minute * 60}, {"started", m->started},
        {"succeeded", m->succeeded},        {"failed", m->failed},
        {"timedOut", m->timed_out},         {"aborted", m->aborted},
        {"transitions", m->transitions},    {"durationMsSum", m->duration_ms_sum},
    };
    json_object_begin(&b, a, 10);
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
        json_object_add(&b, str_from_c(counts[i].name), json_from_int64((int64_t)counts[i].value));
    }
    json_object_add(&b, STR("durationMsP50"), json_from_double(feed_quantile(m, 0.5)));
    json_object_add(&b, STR("durationMsP95"), json_from_double(feed_quantile(m, 0.95)));
    return json_object_finish(&b, ret_point, reterr);
}

static status make_answer(console_api *c, api_call *call, str machine, int64_t minutes,
                          json *ret_output, error *reterr)
{
    arena *a = &call->memory;
    int64_t last = call->now_ms / 60000;
    feed_minute *read = arena_array(a, feed_minute, (size_t)minutes);
    json_object_builder b;
    json list;
    json *points;
    if (!read) {
        return fail_memory(reterr);
    }
    feed_read(c->feed, machine, last - minutes + 1, last, read);
    TRY(json_array_new(a, (uint32_t)minutes, &list, &points, reterr));
    for (int64_t i = 0; i < minutes; i++) {
        TRY(make_point(&read[i], a, &points[i], reterr));
    }
    json_object_begin(&b, a, 2);
    json_object_add(&b, STR("stepSeconds"), json_from_int64(60));
    json_object_add(&b, STR("points"), list);
    return json_object_finish(&b, ret_output, reterr);
}

void console_api_metrics(console_api *c, api_call *call, const net_http_request *request)
{
    str machine = api_text(call, "machine");
    int64_t minutes = MIN_OF(MAX_OF(console_api_number(call, "minutes", 60), 5), FEED_MINUTES_MAX);
    json output;
    error err;
    machine = machine.len ? machine : STR_NONE;
    if (!console_api_demand(call, request, STR("ListStateMachines"), "", STR_NONE)) {
        return;
    }
    if (failed(make_answer(c, call, machine, minutes, &output, &err))) {
        api_fail(call, &err);
    } else {
        api_answer(call, output);
    }
}
