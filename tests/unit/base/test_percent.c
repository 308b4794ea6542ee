/* Percent escapes of URLs. */
#include "base/percent.h"
#include "unit.h"

static void check(str (*decode)(str text, arena *a), const char *text, const char *expected)
{
    arena a;
    arena_init(&a, 0);
    assert_str_equal(decode(str_from_c(text), &a), expected);
    arena_clean_up(&a);
}

static void escapes_become_bytes(void **state)
{
    (void)state;
    check(percent_decode, "", "");
    check(percent_decode, "a%2Fb%2fc", "a/b/c");
    check(percent_decode, "%41%e6%9D%b1", "A\xE6\x9D\xB1");
    check(percent_decode, "%25%34%31", "%41"); /* once only */
}

static void what_is_no_escape_stays(void **state)
{
    (void)state;
    check(percent_decode, "100%", "100%");
    check(percent_decode, "%4", "%4");
    check(percent_decode, "%g1%1g%-1", "%g1%1g%-1");
    check(percent_decode, "%%41", "%A");
}

static void no_nul_comes_in(void **state)
{
    (void)state;
    check(percent_decode, "a%00b", "a%00b");
}

static void a_plus_sign_is_a_space_in_a_query_only(void **state)
{
    (void)state;
    check(percent_decode, "a+b%2B", "a+b+");
    check(percent_decode_query, "a+b%2B", "a b+");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_become_bytes),
        cmocka_unit_test(what_is_no_escape_stays),
        cmocka_unit_test(no_nul_comes_in),
        cmocka_unit_test(a_plus_sign_is_a_space_in_a_query_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
