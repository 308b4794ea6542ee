/* ~/.aws/config and ~/.aws/credentials are written by people and other programs. */
#include "integrations/aws/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const environment[] = {NULL};
    str text = str_from((const char *)data, size);
    aws_settings settings = {.environment = environment, .is_profile_named = true};
    arena_init(&settings.memory, 64u << 20);
    error err;
    if (ok(aws_profiles_add(&settings.profiles, text, size % 2, &settings.memory, &err)) &&
        ok(aws_profiles_add(&settings.profiles, text, false, &settings.memory, &err))) {
        for (aws_section *s = settings.profiles.first; s; s = s->next) {
            aws_plan plan;
            settings.profile = s->name;
            INVARIANT(aws_profiles_has(&settings.profiles, s->kind, s->name));
            for (aws_property *p = s->first; p; p = p->next) {
                INVARIANT(aws_profiles_get_nested(&settings.profiles, s->kind, s->name, p->parent,
                                                  p->name)
                              .ptr);
            }
            if (failed(aws_plan_make(&settings, true, &settings.memory, &plan, &err))) {
                INVARIANT(err.message[0]);
            }
            INVARIANT(aws_plan_explain(&settings, true, &settings.memory).len);
        }
    }
    arena_wipe(&settings.memory);
    return 0;
}
