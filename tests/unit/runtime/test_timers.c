/* timers: the earliest deadline first, whatever was set, moved and cleared before. */
#include "base/entropy.h"
#include "runtime/timers.h"
#include "unit.h"

static const error unused;

static void the_earliest_comes_first(void **state)
{
    (void)state;
    timers t;
    timers_init(&t);
    timer_key key;
    int64_t due;
    assert_false(timers_peek(&t, &key, &due));
    assert_ok(timers_set(&t, (timer_key){1, 1}, 30, NULL), unused);
    assert_ok(timers_set(&t, (timer_key){1, 2}, 10, NULL), unused);
    assert_ok(timers_set(&t, (timer_key){2, 1}, 20, NULL), unused);
    assert_true(timers_peek(&t, &key, &due));
    assert_int_equal(due, 10);
    assert_ok(timers_set(&t, (timer_key){1, 2}, 40, NULL), unused); /* moved */
    assert_true(timers_peek(&t, &key, &due));
    assert_int_equal(key.owner, 2);
    assert_true(timers_clear(&t, (timer_key){2, 1}));
    assert_false(timers_clear(&t, (timer_key){2, 1}));
    assert_true(timers_peek(&t, &key, &due));
    assert_int_equal(due, 30);
    timers_clean_up(&t);
}

/* Against a plain array, over many random operations. */
static void it_agrees_with_a_plain_list(void **state)
{
    (void)state;
    enum { KEYS = 200 };
    int64_t list[KEYS];
    for (int i = 0; i < KEYS; i++) {
        list[i] = -1;
    }
    timers t;
    timers_init(&t);
    entropy random = {.state = 42};
    for (int turn = 0; turn < 100000; turn++) {
        uint64_t id = entropy_next(&random) % KEYS;
        if (entropy_next(&random) % 3) {
            list[id] = (int64_t)(entropy_next(&random) % 1000);
            assert_ok(timers_set(&t, (timer_key){id % 7, id}, list[id], NULL), unused);
        } else {
            assert_int_equal(timers_clear(&t, (timer_key){id % 7, id}), list[id] >= 0);
            list[id] = -1;
        }
        int64_t earliest = -1;
        for (int i = 0; i < KEYS; i++) {
            if (list[i] >= 0 && (earliest < 0 || list[i] < earliest)) {
                earliest = list[i];
            }
        }
        timer_key key;
        int64_t due = -1;
        assert_int_equal(timers_peek(&t, &key, &due), earliest >= 0);
        assert_int_equal(due, earliest);
    }
    timers_clean_up(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earliest_comes_first),
        cmocka_unit_test(it_agrees_with_a_plain_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
