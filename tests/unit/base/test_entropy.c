/* Pseudo-random numbers: the same for the same seed, everywhere. */

#include "base/entropy.h"
#include "unit.h"

static void splitmix64_gives_its_published_numbers(void **state)
{
    (void)state;
    entropy e = {.state = 1234567};
    assert_true(entropy_next(&e) == 6457827717110365317u);
    assert_true(entropy_next(&e) == 3203168211198807973u);
}

/* Each half of the seed counts, and no draw depends on one of them alone. */
static void a_seed_has_128_bits(void **state)
{
    (void)state;
    for (int bit = 0; bit < 64; bit++) {
        entropy plain = {1, 2}, first = {1 ^ (1ull << bit), 2}, second = {1, 2 ^ (1ull << bit)};
        for (int draw = 0; draw < 4; draw++) {
            uint64_t expected = entropy_next(&plain);
            assert_true(entropy_next(&first) != expected);
            assert_true(entropy_next(&second) != expected);
        }
    }
}

static void a_branch_has_a_seed_of_128_bits_of_its_own(void **state)
{
    (void)state;
    entropy e = {1, 2}, again = {1, 2};
    entropy branch = entropy_branch(&e), other = entropy_branch(&e);
    assert_true(branch.second && other.second);
    assert_true(branch.state != other.state && branch.second != other.second);
    entropy same = entropy_branch(&again);
    assert_true(entropy_next(&branch) == entropy_next(&same));
}

static void doubles_lie_between_0_and_1(void **state)
{
    (void)state;
    entropy e = {.state = 7};
    double sum = 0;
    for (int i = 0; i < 10000; i++) {
        double d = entropy_next_double(&e);
        assert_true(d >= 0 && d < 1);
        sum += d;
    }
    assert_true(sum > 4800 && sum < 5200);
}

static void java_util_random_gives_javas_numbers(void **state)
{
    (void)state;
    java_random r;
    java_random_init(&r, 42);
    assert_int_equal(java_random_next(&r, 32), -1170105035);
    assert_int_equal(java_random_next(&r, 32), 234785527);
    static const int32_t below_100[] = {30, 63, 48, 84, 70};
    java_random_init(&r, 42);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(java_random_next_int(&r, 100), below_100[i]);
    }
    java_random_init(&r, 42);
    assert_true(java_random_next_double(&r) == 0.7275636800328681);
    assert_true(java_random_next_double(&r) == 0.6832234717598454);
    java_random_init(&r, -7);
    assert_int_equal(java_random_next(&r, 32), 1155869324);
    assert_int_equal(java_random_next_int(&r, 10), 7);
    assert_int_equal(java_random_next_int(&r, 1 << 30), 722822795);
    assert_int_equal(java_random_next_int(&r, 1500000000), 1119890478);
    assert_int_equal(java_random_next_int(&r, 1500000000), 314447087);
    assert_int_equal(java_random_next_int(&r, 1500000000), 677675436);
    assert_true(java_random_next_double(&r) == 0.08574465212415472);
}

static void bounds_that_are_powers_of_two_or_nonsense(void **state)
{
    (void)state;
    java_random r;
    java_random_init(&r, 1);
    for (int i = 0; i < 1000; i++) {
        int32_t n = java_random_next_int(&r, 8);
        assert_true(n >= 0 && n < 8);
    }
    assert_int_equal(java_random_next_int(&r, 1), 0);
    assert_int_equal(java_random_next_int(&r, 0), 0);
    assert_int_equal(java_random_next_int(&r, INT32_MIN), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splitmix64_gives_its_published_numbers),
        cmocka_unit_test(a_seed_has_128_bits),
        cmocka_unit_test(a_branch_has_a_seed_of_128_bits_of_its_own),
        cmocka_unit_test(doubles_lie_between_0_and_1),
        cmocka_unit_test(java_util_random_gives_javas_numbers),
        cmocka_unit_test(bounds_that_are_powers_of_two_or_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
