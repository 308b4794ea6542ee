#include "integrations/optimized/services.h"

static const optimized_actions *const kinds[] = {
    &optimized_messaging,
    &optimized_compute,
    &optimized_analytics,
    &optimized_kubernetes,
};

uint32_t optimized_action_count(void)
{
    uint32_t count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        count += kinds[i]->count;
    }
    return count;
}

const optimized_action *optimized_action_at(uint32_t index)
{
    size_t kind = 0;
    while (index >= kinds[kind]->count) {
        index -= kinds[kind++]->count;
        INVARIANT(kind < ARRAY_LENGTH(kinds));
    }
    return &kinds[kind]->actions[index];
}

const optimized_action *optimized_action_find(str service, str name)
{
    for (size_t kind = 0; kind < ARRAY_LENGTH(kinds); kind++) {
        for (uint32_t i = 0; i < kinds[kind]->count; i++) {
            const optimized_action *action = &kinds[kind]->actions[i];
            if (str_equal(name, str_from_c(action->name)) &&
                str_equal(service, str_from_c(action->service->name))) {
                return action;
            }
        }
    }
    return NULL;
}

bool optimized_action_allows(const optimized_action *action, str pattern)
{
    static const struct {
        const char *name;
        optimized_pattern pattern;
    } patterns[] = {
        {"", OPTIMIZED_REQUEST},
        {"sync", OPTIMIZED_SYNC},
        {"sync:2", OPTIMIZED_SYNC_2},
        {"waitForTaskToken", OPTIMIZED_TOKEN},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(patterns); i++) {
        if (str_equal(pattern, str_from_c(patterns[i].name))) {
            return (action->patterns & patterns[i].pattern) != 0;
        }
    }
    return false;
}
