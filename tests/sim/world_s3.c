/* S3 in virtual time: where map runs read items and write results. The program is linked so that
 * what they call of the integrations comes here (CMakeLists.txt), with the world in the place of
 * the integrations. An answer takes a while, and is lost when the process dies; what was put stays.
 */
#include "world.h"

#include "workflows.h"

#define SLOW_MS 400
#define LISTED_PAGE 2
#define ITEMS_MAX 6

/* Declared here, for the linker alone calls them. */
status __wrap_integrations_start(integrations *tasks, const integration_call *call,
                                 integration_done *done, void *user, integration_task **ret_task,
                                 error *reterr);
void __wrap_integrations_cancel(integration_task *task);

struct integration_task {
    integration_done *done;
    void *user;
    bool is_over; /* answered, or cancelled */
    bool has_failed;
    json output;
};

typedef struct sim_object {
    struct sim_object *next;
    str key, body;
} sim_object;

/* ---------------------------------------------------------------------------------------- reading
 */

/* The same in every play: a file's name and the seed say what is in it. */
static uint32_t count_of(const sim_world *w, str key)
{
    return (uint32_t)(sim_hash(w->plan.seed, key) % ITEMS_MAX);
}

static str file(sim_world *w, str key, str type)
{
    bool is_csv = str_equal(type, STR("CSV")), is_lines = str_equal(type, STR("JSONL"));
    uint32_t count = count_of(w, key);
    str text = is_csv ? STR("a,b\n") : STR("");
    for (uint32_t i = 0; i < count; i++) {
        text = is_csv ? arena_printf(&w->memory, "%.*s%u,\"x\ny\"\n", STR_ARG(text), i)
                      : arena_printf(&w->memory,
                                     "%.*s%s{\"n\":%u,\"items\":[{\"n\":%u,\"items\":[]}]}",
                                     STR_ARG(text),
                                     i == 0     ? ""
                                     : is_lines ? "\n"
                                                : ",",
                                     i, i + 2);
    }
    return is_csv || is_lines ? text : arena_printf(&w->memory, "[%.*s]", STR_ARG(text));
}

/* A file's name ends with its type. */
static json get_object(sim_world *w, json parameters)
{
    json_object_builder b;
    json output;
    str key = json_str(json_get(parameters, STR("Key")));
    static const char *const types[] = {"JSON", "JSONL", "CSV"};
    str text = STR_NONE;
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
        text = str_equal(str_skip(key, str_find_last_char(key, '.') + 1), str_from_c(types[i]))
                   ? file(w, key, str_from_c(types[i]))
                   : text;
    }
    sim_check(w, text.ptr, "who wants %.*s?", STR_ARG(key));
    json_object_begin(&b, &w->memory, 1);
    json_object_add(&b, STR("Body"), json_from_str(text));
    sim_check(w, ok(json_object_finish(&b, &output, NULL)), "out of memory");
    return output;
}

static json list_objects(sim_world *w, json parameters)
{
    json output;
    str prefix = json_str(json_get(parameters, STR("Prefix")));
    str from = json_str(json_get(parameters, STR("ContinuationToken")));
    uint32_t count = count_of(w, prefix), first = from.len ? (uint32_t)(from.ptr[0] - '0') : 0;
    uint32_t end = MIN_OF(first + LISTED_PAGE, count);
    str text = STR("");
    for (uint32_t i = first; i < end; i++) {
        text = arena_printf(&w->memory,
                            "%.*s%s{\"Key\":\"%.*s/%u\",\"Size\":%u,\"LastModified\":"
                            "\"2024-01-01T00:00:00Z\",\"StorageClass\":\"STANDARD\"}",
                            STR_ARG(text), i > first ? "," : "", STR_ARG(prefix), i, i);
    }
    str next =
        end < count ? arena_printf(&w->memory, ",\"NextContinuationToken\":\"%u\"", end) : STR("");
    text = arena_printf(&w->memory, "{\"Contents\":[%.*s]%.*s}", STR_ARG(text), STR_ARG(next));
    sim_check(w, ok(json_parse_into(text, &w->memory, &output, NULL)), "out of memory");
    return output;
}

/* ---------------------------------------------------------------------------------------- writing
 */

/* Results are told to the world when all that they tell of is durable, and each time the same,
 * unless the map run was redriven in between. */
static json put_object(sim_world *w, json parameters)
{
    str key = json_str(json_get(parameters, STR("Key")));
    str body = arena_str(&w->memory, json_str(json_get(parameters, STR("Body"))));
    sim_check(w, body.ptr, "%.*s is written without its bytes", STR_ARG(key));
    sim_object *object = w->objects;
    while (object && !str_equal(object->key, key)) {
        object = object->next;
    }
    uint32_t redrives = sim_check_results(w, key, body);
    if (!object) {
        object = arena_new(&w->memory, sim_object);
        sim_check(w, object, "out of memory");
        *object = (sim_object){.next = w->objects, .key = arena_str(&w->memory, key)};
        w->objects = object;
    } else {
        sim_check(w, redrives || str_equal(object->body, body),
                  "%.*s is written with other results:\n  %.*s\n  %.*s", STR_ARG(key),
                  STR_ARG(object->body), STR_ARG(body));
    }
    object->body = body;
    return json_empty_object();
}

bool sim_has_object(const sim_world *w, str suffix)
{
    const sim_object *object = w->objects;
    while (object && !str_ends_with(object->key, suffix)) {
        object = object->next;
    }
    return object;
}

/* ------------------------------------------------------------------------------------------ calls
 */

status __wrap_integrations_start(integrations *tasks, const integration_call *call,
                                 integration_done *done, void *user, integration_task **ret_task,
                                 error *reterr)
{
    sim_world *w = (sim_world *)(void *)tasks;
    static const struct {
        const char *action;
        json (*answer)(sim_world *w, json parameters);
    } actions[] = {
        {"getObject", get_object}, {"listObjectsV2", list_objects}, {"putObject", put_object}};
    integration_task *task = arena_new(&w->memory, integration_task);
    if (!task) {
        return fail_memory(reterr);
    }
    json name = json_get(call->payload, STR("Key"));
    name = json_is_absent(name) ? json_get(call->payload, STR("Prefix")) : name;
    *task = (integration_task){.done = done, .user = user};
    task->has_failed = str_starts_with(json_str(name), STR("missing"));
    sim_say(w, "S3: %.*s %.*s", STR_ARG(call->action), STR_ARG(json_str(name)));
    for (size_t i = 0; i < ARRAY_LENGTH(actions) && !task->has_failed; i++) {
        if (str_equal(call->action, str_from_c(actions[i].action)) && !w->is_dying) {
            task->output = actions[i].answer(w, call->payload);
        }
    }
    sim_post_call(w, sim_delay(w, SLOW_MS), task);
    *ret_task = task;
    return STATUS_OK;
}

void __wrap_integrations_cancel(integration_task *task)
{
    if (task) {
        task->is_over = true;
    }
}

void sim_answer_call(integration_task *task)
{
    if (task->is_over) {
        return;
    }
    task->is_over = true;
    integration_result result = {.succeeded = !task->has_failed,
                                 .output = task->output,
                                 .has_error = task->has_failed,
                                 .has_cause = task->has_failed,
                                 .error = STR("S3.NoSuchKeyException"),
                                 .cause = STR("not there")};
    task->done(task->user, &result);
}
