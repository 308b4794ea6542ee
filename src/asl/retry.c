/* Retry and Catch of Task, Parallel and Map.
 * Source: states-language.net "Errors"; AWS "Handling errors in Step Functions workflows". */

#include "asl/compiler.h"

#define DELAY_SECONDS_MAX 31622400 /* AWS: MaxDelaySeconds must be less than a year */

/* States.ALL stands alone, in the last item of its list. */
static void check_wildcard(asl_compiler *c, const asl_place *place, uint32_t count, bool is_last,
                           uint32_t index)
{
    if (count > 1 || !is_last) {
        asl_place at = asl_item_place(place, index);
        asl_schema_error(c, &at, "States.ALL must appear alone and at end of list");
    }
}

static const str *compile_errors(asl_compiler *c, const asl_place *up, json value, bool is_last,
                                 uint32_t *ret_count)
{
    asl_place place = asl_member_place(up, STR("ErrorEquals"));
    if (!asl_check_kind(c, &place, value, JSON_ARRAY)) {
        return NULL;
    }
    uint32_t count = json_count(value);
    if (count == 0) {
        asl_schema_error(c, &place, "At least one error name is required");
        return NULL;
    }
    str *names = asl_allocate(c, count, sizeof(*names));
    for (uint32_t i = 0; names && i < count; i++) {
        asl_place item = asl_item_place(&place, i);
        if (!asl_check_kind(c, &item, json_item(value, i), JSON_STRING)) {
            continue;
        }
        names[i] = json_str(json_item(value, i));
        if (str_equal(names[i], STR("States.ALL"))) {
            check_wildcard(c, &place, count, is_last, i);
        }
    }
    *ret_count = count;
    return names;
}

static void read_integer(asl_compiler *c, const asl_place *up, json object, const char *name,
                         int64_t min, int64_t max, int64_t *value)
{
    json field = json_get(object, str_from_c(name));
    if (!json_is_absent(field)) {
        asl_place place = asl_member_place(up, str_from_c(name));
        (void)asl_check_integer(c, &place, field, min, max, value);
    }
}

static void read_backoff(asl_compiler *c, const asl_place *up, json object, double *value)
{
    json field = json_get(object, STR("BackoffRate"));
    asl_place place = asl_member_place(up, STR("BackoffRate"));
    if (json_is_absent(field) || !asl_check_kind(c, &place, field, JSON_NUMBER)) {
        return;
    }
    *value = json_double(field);
    if (!(*value >= 1.0)) {
        asl_schema_error(c, &place, "Minimum value is 1.0");
    }
}

static void compile_retrier(asl_compiler *c, const asl_place *place, json object, bool is_last,
                            asl_retrier *r)
{
    static const char *const allowed[] = {
        "ErrorEquals",     "IntervalSeconds", "MaxAttempts", "BackoffRate",
        "MaxDelaySeconds", "JitterStrategy",  "Comment",     NULL,
    };
    static const char *const required[] = {"ErrorEquals", NULL};
    static const char *const jitters[] = {"NONE", "FULL", NULL};
    *r = (asl_retrier){.interval_seconds = 1, .attempts_max = 3, .backoff_rate = 2.0};
    if (!asl_check_kind(c, place, object, JSON_OBJECT)) {
        return;
    }
    asl_check_members(c, place, object, allowed);
    if (asl_check_required(c, place, object, required)) {
        r->error_equals = compile_errors(c, place, json_get(object, STR("ErrorEquals")), is_last,
                                         &r->error_count);
    }
    read_integer(c, place, object, "IntervalSeconds", 1, TASK_SECONDS_MAX, &r->interval_seconds);
    read_integer(c, place, object, "MaxAttempts", 0, RETRY_ATTEMPTS_MAX, &r->attempts_max);
    read_integer(c, place, object, "MaxDelaySeconds", 1, DELAY_SECONDS_MAX, &r->delay_seconds_max);
    read_backoff(c, place, object, &r->backoff_rate);
    if (r->delay_seconds_max != 0 && r->delay_seconds_max <= r->interval_seconds) {
        asl_schema_error(c, place, "MaxDelaySeconds must be greater than IntervalSeconds");
    }
    json jitter = json_get(object, STR("JitterStrategy"));
    if (!json_is_absent(jitter)) {
        asl_place at = asl_member_place(place, STR("JitterStrategy"));
        uint32_t index = ASL_JITTER_NONE;
        (void)asl_check_enum(c, &at, jitter, jitters, &index);
        r->jitter = (asl_jitter)index;
    }
}

/* The items of Retry or Catch, and room for what they become: NULL when there are none. */
static void *begin_list(asl_source *source, uint32_t field, size_t size, asl_place *ret_place,
                        json *ret_list)
{
    asl_compiler *c = source->c;
    *ret_list = source->fields[field];
    *ret_place = asl_field_place(source, field);
    if (json_is_absent(*ret_list) || !asl_check_kind(c, ret_place, *ret_list, JSON_ARRAY)) {
        return NULL;
    }
    return asl_allocate(c, json_count(*ret_list), size);
}

void asl_compile_retry(asl_source *source)
{
    asl_place place;
    json list;
    asl_retrier *retriers = begin_list(source, FIELD_RETRY, sizeof(*retriers), &place, &list);
    uint32_t count = retriers ? json_count(list) : 0;
    for (uint32_t i = 0; i < count; i++) {
        asl_place item = asl_item_place(&place, i);
        compile_retrier(source->c, &item, json_item(list, i), i + 1 == count, &retriers[i]);
    }
    source->state->retriers = retriers;
    source->state->retrier_count = count;
}

static const char *const *catcher_fields(asl_language language)
{
    static const char *const jsonpath_fields[] = {"ErrorEquals", "Next",    "ResultPath",
                                                  "Assign",      "Comment", NULL};
    static const char *const jsonata_fields[] = {"ErrorEquals", "Next",    "Output",
                                                 "Assign",      "Comment", NULL};
    return language == ASL_JSONPATH ? jsonpath_fields : jsonata_fields;
}

static void compile_catcher(asl_source *source, const asl_place *place, json object, bool is_last,
                            asl_catcher *catcher)
{
    static const char *const required[] = {"ErrorEquals", "Next", NULL};
    asl_compiler *c = source->c;
    asl_language language = source->state->language;
    catcher->next = ASL_NONE;
    if (!asl_check_kind(c, place, object, JSON_OBJECT)) {
        *source->scope->has_faults = true;
        return;
    }
    asl_check_members(c, place, object, catcher_fields(language));
    (void)asl_check_required(c, place, object, required);
    json errors = json_get(object, STR("ErrorEquals"));
    if (!json_is_absent(errors)) {
        catcher->error_equals = compile_errors(c, place, errors, is_last, &catcher->error_count);
    }
    json next = json_get(object, STR("Next"));
    asl_place next_place = asl_member_place(place, STR("Next"));
    if (json_is_absent(next)) {
        *source->scope->has_faults = true;
    } else {
        catcher->next_name = json_str(next);
        catcher->next = asl_transition(c, source->scope, &next_place, next);
    }
    json value = json_get(object, STR("ResultPath"));
    asl_place at = asl_member_place(place, STR("ResultPath"));
    if (language == ASL_JSONPATH && !json_is_absent(value)) {
        catcher->result_path = asl_result_path(c, &at, value, &catcher->result_path_is_null);
    }
    value = json_get(object, STR("Assign"));
    at = asl_member_place(place, STR("Assign"));
    if (!json_is_absent(value)) {
        catcher->assign = asl_assign_node(c, language, &at, value);
    }
    value = json_get(object, STR("Output"));
    at = asl_member_place(place, STR("Output"));
    if (language == ASL_JSONATA_LANGUAGE && !json_is_absent(value)) {
        catcher->output = asl_payload_node(c, language, &at, value);
    }
}

void asl_compile_catch(asl_source *source)
{
    asl_place place;
    json list;
    asl_catcher *catchers = begin_list(source, FIELD_CATCH, sizeof(*catchers), &place, &list);
    uint32_t count = catchers ? json_count(list) : 0;
    for (uint32_t i = 0; i < count; i++) {
        asl_place item = asl_item_place(&place, i);
        compile_catcher(source, &item, json_item(list, i), i + 1 == count, &catchers[i]);
    }
    source->state->catchers = catchers;
    source->state->catcher_count = count;
}
