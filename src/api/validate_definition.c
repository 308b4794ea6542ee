/* ValidateStateMachineDefinition: every diagnostic of the compiler, and none of it is an error of
 * the call. */
#include "api/api_private.h"
#include "api/operations.h"
#include "asl/asl.h"

static status add(api_call *call, const asl_diagnostic *d, json_array_builder *items, error *reterr)
{
    json_object_builder b;
    json item;
    json_object_begin(&b, &call->memory, 4);
    json_object_add(&b, STR("severity"),
                    d->severity == ASL_ERROR ? json_literal("ERROR") : json_literal("WARNING"));
    json_object_add(&b, STR("code"), json_from_str(str_from_c(d->code)));
    json_object_add(&b, STR("message"), json_from_str(d->message));
    if (d->location.len) {
        json_object_add(&b, STR("location"), json_from_str(d->location));
    }
    TRY(json_object_finish(&b, &item, reterr));
    json_array_add(items, item);
    return STATUS_OK;
}

/* severity ERROR hides warnings, WARNING shows both; the result counts errors only, shown or not.
 */
static status make_answer(api_call *call, const asl_diagnostics *diagnostics, json *ret_output,
                          error *reterr)
{
    bool with_warnings = str_equal(api_text(call, "severity"), STR("WARNING"));
    int64_t max = api_number(call, "maxResults", 0);
    uint32_t shown = 0, wanted = 0;
    json_array_builder items;
    json_object_builder b;
    json list;
    max = max > 0 ? max : DEFINITION_DIAGNOSTICS_MAX; /* 0 uses the default */
    json_array_begin(&items, &call->memory, diagnostics->count);
    for (uint32_t i = 0; i < diagnostics->count; i++) {
        const asl_diagnostic *d = &diagnostics->items[i];
        if (d->severity == ASL_WARNING && !with_warnings) {
            continue;
        }
        if (wanted++ < max) {
            TRY(add(call, d, &items, reterr));
            shown++;
        }
    }
    TRY(json_array_finish(&items, &list, reterr));
    json_object_begin(&b, &call->memory, 3);
    json_object_add(&b, STR("result"),
                    diagnostics->error_count ? json_literal("FAIL") : json_literal("OK"));
    json_object_add(&b, STR("diagnostics"), list);
    json_object_add(&b, STR("truncated"),
                    json_boolean(shown < wanted || diagnostics->is_truncated));
    return json_object_finish(&b, ret_output, reterr);
}

void api_validate_state_machine_definition(api_call *call)
{
    error err;
    json output;
    const asl_machine *machine = NULL;
    asl_diagnostics diagnostics;
    asl_options options = {
        .is_express = str_equal(api_text(call, "type"), STR("EXPRESS")),
        .check_resource = call->api->options.check_resource,
        .check_arguments = call->api->options.check_arguments,
        .user = call->api->options.check_user,
    };
    asl_diagnostics_init(&diagnostics);
    status done = asl_compile(api_text(call, "definition"), &options, &machine, &diagnostics, &err);
    if (ok(done) || done.code == ERROR_INVALID) {
        done = make_answer(call, &diagnostics, &output, &err);
    }
    asl_machine_release(machine);
    if (failed(done)) {
        api_fail(call, &err);
    } else {
        api_answer(call, output);
    }
    asl_diagnostics_clean_up(&diagnostics);
}
