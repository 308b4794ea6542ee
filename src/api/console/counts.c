/* GET counts: executions of each state machine by status, among its newest ones. */
#include "api/console/console_call.h"
#include "api/execution_view.h"

#include <time.h>

#define KEPT_MS 2000        /* a count is told again for so long */
#define COUNTING_MS_MAX 150 /* then the other machines are left out, for this time */

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static status count_machine(console_api *c, arena *a, str machine_arn, json *ret_line,
                            error *reterr)
{
    store_execution_filter filter = {.machine_arn = machine_arn};
    store_execution *rows;
    uint32_t count, counts[STORE_PENDING_REDRIVE + 1] = {0};
    bool has_more;
    json_object_builder b;
    json by_status;
    TRY(store_list_executions(c->api->options.store, &filter, CONSOLE_COUNTED_MAX, false, a, &rows,
                              &count, &has_more, reterr));
    for (uint32_t i = 0; i < count; i++) {
        counts[rows[i].status]++;
    }
    json_object_begin(&b, a, 6);
    for (int code = STORE_RUNNING; code <= STORE_PENDING_REDRIVE; code++) {
        json_object_add(&b, str_from_c(execution_view_status_name((store_execution_status)code)),
                        json_from_int64(counts[code]));
    }
    TRY(json_object_finish(&b, &by_status, reterr));
    json_object_begin(&b, a, 3);
    json_object_add(&b, STR("stateMachineArn"), json_from_str(machine_arn));
    json_object_add(&b, STR("counts"), by_status);
    json_object_add(&b, STR("isCut"), json_boolean(has_more));
    return json_object_finish(&b, ret_line, reterr);
}

static status count_all(console_api *c, arena *a, json *ret_object, error *reterr)
{
    json_array_builder lines;
    json_object_builder b;
    json list;
    const resources *all = c->api->resources;
    uint32_t at = resources_seek(all, STR("machine"), STR(""), STR_NONE);
    str arn;
    json record;
    int64_t until_ms = clock_ms() + COUNTING_MS_MAX;
    json_array_begin(&lines, a, 32);
    while (clock_ms() < until_ms &&
           resources_at(all, STR("machine"), STR(""), at++, &arn, &record)) {
        json line;
        TRY(count_machine(c, a, arn, &line, reterr));
        json_array_add(&lines, line);
    }
    TRY(json_array_finish(&lines, &list, reterr));
    json_object_begin(&b, a, 1);
    json_object_add(&b, STR("machines"), list);
    return json_object_finish(&b, ret_object, reterr);
}

void console_api_counts(console_api *c, api_call *call, const net_http_request *request)
{
    json object;
    error err;
    if (!console_api_demand(call, request, STR("ListStateMachines"), "", STR_NONE)) {
        return;
    }
    status done = STATUS_OK;
    if (!c->counts || call->now_ms - c->counts_ms > KEPT_MS || call->now_ms < c->counts_ms) {
        json_doc *counts = NULL;
        done = count_all(c, &call->memory, &object, &err);
        if (ok(done)) {
            done = json_freeze(object, &counts, &err);
        }
        if (ok(done)) {
            json_doc_release(c->counts);
            c->counts = counts;
            c->counts_ms = call->now_ms;
        }
    }
    if (failed(done)) {
        api_fail(call, &err);
    } else {
        api_answer(call, json_doc_root(c->counts));
    }
}
