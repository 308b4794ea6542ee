/* A mock configuration file: refused with words, or every test case in it can be used. */
#include "runtime/mock_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena a;
    json file, states;
    error err;
    arena_init(&a, 64u << 20);
    if (ok(json_parse_into(str_from((const char *)data, size), &a, &file, NULL)) &&
        ok(mock_config_check(file, &err))) {
        json machines = json_get(file, STR("StateMachines"));
        for (uint32_t i = 0; i < json_count(machines); i++) {
            const json_member *machine = json_member_at(machines, i);
            json cases = json_get(machine->value, STR("TestCases"));
            for (uint32_t k = 0; k < json_count(cases); k++) {
                str name = json_str(json_member_at(cases, k)->name);
                status found = mock_config_case(file, json_str(machine->name), name, &states, &err);
                INVARIANT(ok(found));
                for (uint32_t n = 0; n < json_count(states); n++) {
                    json answer =
                        mock_config_answer(file, json_str(json_member_at(states, n)->value), n);
                    INVARIANT(json_is_absent(answer) || json_count(answer) == 1);
                }
            }
        }
    }
    arena_clean_up(&a);
    return 0;
}
