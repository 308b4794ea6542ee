/* Decimal text to doubles and back: exactly rounded, shortest. */

#include "base/entropy.h"
#include "json/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

static double from_bits(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, 8);
    return d;
}

static str print(double value)
{
    static char text[DOUBLE_TEXT_MAX];
    return str_from(text, decimal_print_double(value, text));
}

/* In the C locale, which tests run in, glibc's strtod rounds exactly too. */
static void assert_reads_like_strtod(const char *text)
{
    double mine = decimal_to_double(str_from_c(text)), expected = strtod(text, NULL);
    if (memcmp(&mine, &expected, 8) != 0) {
        fail_msg("%s: got %.17g, expected %.17g", text, mine, expected);
    }
}

static void hard_spellings_are_rounded_exactly(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "0.0e10",
        "1",
        "0.1",
        "1e22",
        "1e23",
        "9007199254740993",
        "9007199254740992.99999999999",
        "9007199254740993.00000000000000000000000000000000001",
        "9007199254740991.5",
        "4503599627370496.5",
        "4503599627370497.5",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.797693134862315807e308",
        "1.797693134862315808e308",
        "1e309",
        "-1e400",
        "1e99999999999999999999",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.470328229206232720882843964341106861825299013071623822127928412503377536351043e-324",
        "2.470328229206232720882843964341106861825299013071623822127928412503377536351044e-324",
        "1e-323",
        "1e-324",
        "1e-400",
        "1e-99999999999999999999",
        "0.000001e-317",
        "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017"
        "977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273"
        "854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704"
        "342711559699508093042880",
        "6.631236846766476e-316",
        "3.2378839133029012895883524125015321748630094988905e-319",
        "1.0000000000000001110223024625156540423631668090820312500",
        "1.0000000000000001110223024625156540423631668090820312501",
        "1.0000000000000001110223024625156540423631668090820312499",
        "123456789012345678901234567890e-30",
        "0.30000000000000004",
        "5e-324",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        assert_reads_like_strtod(texts[i]);
    }
}

static void random_spellings_are_rounded_exactly(void **state)
{
    (void)state;
    entropy e = {.state = 1};
    for (int i = 0; i < 20000; i++) {
        char text[128];
        uint64_t bits = entropy_next(&e), more = entropy_next(&e);
        switch (i % 4) {
        case 0: /* every magnitude */
            snprintf(text, sizeof(text), "%llue%d", (unsigned long long)bits,
                     (int)(more % 700) - 360);
            break;
        case 1: /* half-way between two doubles, or next to it */
            snprintf(text, sizeof(text), "%.60e",
                     from_bits(bits >> 12 | (uint64_t)(1 + more % 2045) << 52));
            break;
        case 2:
            snprintf(text, sizeof(text), "%llu.%llu%llu", (unsigned long long)(bits >> 40),
                     (unsigned long long)more, (unsigned long long)bits);
            break;
        default: /* short, as people write them */
            snprintf(text, sizeof(text), "%.*f", (int)(more % 6), (double)(bits >> 44) / 1000);
            break;
        }
        assert_reads_like_strtod(text);
    }
}

static void a_thousand_digits_are_rounded_exactly(void **state)
{
    (void)state;
    entropy e = {.state = 2};
    for (int i = 0; i < 60; i++) {
        char text[JSON_NUMBER_CHARS_MAX + 1];
        int length = JSON_NUMBER_CHARS_MAX - 10;
        for (int j = 0; j < length; j++) {
            text[j] = (char)('0' + entropy_next(&e) % 10);
        }
        text[0] = '1';
        text[1 + entropy_next(&e) % 900] = '.';
        snprintf(text + length, 10, "e%d", (int)(entropy_next(&e) % 1200) - 900);
        assert_reads_like_strtod(text);
    }
}

static void doubles_print_as_ecmascript_does(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {100, "100"},
        {999999999999999, "999999999999999"},
        {1e15, "1000000000000000"},
        {123456789012345680000.0, "123456789012345680000"},
        {1e20, "100000000000000000000"},
        {1e21, "1e+21"},
        {1.5e21, "1.5e+21"},
        {-1e300, "-1e+300"},
        {0.000001, "0.000001"},
        {0.00000123, "0.00000123"},
        {0.0000001, "1e-7"},
        {1.23e-7, "1.23e-7"},
        {123.456, "123.456"},
        {9007199254740993.0, "9007199254740992"},
        {5e-324, "5e-324"},
        {1e-323, "1e-323"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {4.35, "4.35"},
        {1e23, "1e+23"},
        {9.5367431640625e-7, "9.5367431640625e-7"},
        {0x1p-44, "5.684341886080802e-14"},
        {0x1p-1022, "2.2250738585072014e-308"},
        {(double)INFINITY, "null"},
        {(double)NAN, "null"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_str_equal(print(cases[i].value), cases[i].text);
    }
}

static int significant_digits(str text)
{
    int count = 0, zeros = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] != 'e'; i++) {
        if (text.ptr[i] >= '0' && text.ptr[i] <= '9') {
            zeros = text.ptr[i] == '0' ? zeros + 1 : 0;
            count += count > 0 || text.ptr[i] != '0';
        }
    }
    return count - zeros;
}

static void printed_doubles_read_back_and_are_shortest(void **state)
{
    (void)state;
    entropy e = {.state = 3};
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = entropy_next(&e) & ~((uint64_t)1 << 63);
        if (i % 3 == 1) {
            bits &= 0x800FFFFFFFFFFFFFu; /* subnormal */
        }
        double value = from_bits(bits);
        if (i % 3 == 2) {
            value = (double)(bits >> 34) / 1000;
        }
        if (!isfinite(value) || value == 0) {
            continue;
        }
        str text = print(value);
        assert_true(text.len <= DOUBLE_TEXT_MAX);
        assert_true(decimal_to_double(text) == value);
        int digits = significant_digits(text);
        if (digits > 1) {
            char shorter[64];
            snprintf(shorter, sizeof(shorter), "%.*e", digits - 2, value);
            assert_true(strtod(shorter, NULL) != value);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hard_spellings_are_rounded_exactly),
        cmocka_unit_test(random_spellings_are_rounded_exactly),
        cmocka_unit_test(a_thousand_digits_are_rounded_exactly),
        cmocka_unit_test(doubles_print_as_ecmascript_does),
        cmocka_unit_test(printed_doubles_read_back_and_are_shortest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
