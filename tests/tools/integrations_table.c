/* Prints the table of optimized integrations, one JSON object a line, for tests that hold it
 * against AWS's service models and against docs/integrations.md. */
#include "integrations/optimized/action.h"

#include <stdio.h>

static void print_text(const char *name, const char *text)
{
    if (text) {
        printf(",\"%s\":\"%s\"", name, text);
    }
}

static void print_fields(const char *name, const optimized_field *fields, size_t count)
{
    if (!fields[0].name) {
        return;
    }
    printf(",\"%s\":[", name);
    for (size_t i = 0; i < count && fields[i].name; i++) {
        printf("%s[\"%s\",\"%s\",%s]", i ? "," : "", fields[i].name, fields[i].source,
               fields[i].is_list ? "true" : "false");
    }
    printf("]");
}

static void print_operation(const char *name, const optimized_operation *operation)
{
    if (operation->action) {
        printf(",\"%s\":{\"action\":\"%s\"", name, operation->action);
        print_fields("fields", operation->fields, OPTIMIZED_FIELDS_MAX);
        printf("}");
    }
}

static void print_job(const optimized_job *job)
{
    printf(",\"job\":{\"status\":\"%s\"", job->status);
    print_text("succeeded", job->succeeded);
    print_text("failed", job->failed);
    print_text("result", job->result);
    print_fields("output", job->output, ARRAY_LENGTH(job->output));
    print_operation("describe", &job->describe);
    print_operation("cancel", &job->cancel);
    printf("}");
}

int main(void)
{
    static const char *const patterns[] = {"", "sync", "sync:2", "waitForTaskToken"};
    for (uint32_t i = 0; i < optimized_action_count(); i++) {
        const optimized_action *action = optimized_action_at(i);
        const char *separator = "";
        printf("{\"service\":\"%s\",\"name\":\"%s\",\"sdk\":\"%s\",\"patterns\":[",
               action->service->name, action->name, action->service->sdk);
        for (size_t k = 0; k < ARRAY_LENGTH(patterns); k++) {
            if (optimized_action_allows(action, str_from_c(patterns[k]))) {
                printf("%s\"%s\"", separator, patterns[k]);
                separator = ",";
            }
        }
        printf("]");
        print_operation("request", &action->request);
        print_text("parameters", action->parameters);
        print_text("text", action->text_parameter);
        print_text("token", action->idempotency_token);
        print_fields("output", action->output, ARRAY_LENGTH(action->output));
        if (action->job) {
            print_job(action->job);
        }
        if (action->lookup) {
            printf(",\"lookup\":{\"items\":\"%s\",\"into\":\"%s\",\"as\":\"%s\"",
                   action->lookup->items, action->lookup->into, action->lookup->as);
            print_operation("list", &action->lookup->list);
            printf("}");
        }
        printf("}\n");
    }
    return 0;
}
