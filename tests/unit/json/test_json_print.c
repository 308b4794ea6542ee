/* Printing: compact, pretty, lengths, escapes, limits. */

#include "json/in_arena.h"

static void computed_strings_are_escaped_as_far_as_json_requires(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
        const char *printed;
    } cases[] = {
#define CASE(text, printed) {text, sizeof(text) - 1, printed}
        CASE("", "\"\""),
        CASE("plain", "\"plain\""),
        CASE("a\"b\\c/d", "\"a\\\"b\\\\c/d\""),
        CASE("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""),
        CASE("\0\x01\x1F\x7F", "\"\\u0000\\u0001\\u001f\x7F\""),
        CASE("\xC3\xA9\xE6\x9D\xB1\xF0\x9F\x98\x80", "\"\xC3\xA9\xE6\x9D\xB1\xF0\x9F\x98\x80\""),
        CASE("\xED\x9F\xBF", "\"\xED\x9F\xBF\""),
        CASE("\xED\xA0\x80z", "\"\\ud800z\""),
        CASE("\xED\xBF\xBF", "\"\\udfff\""),
        CASE("0123456789abcdef\n0123456789abcdef\xED\x80\x80\"",
             "\"0123456789abcdef\\n0123456789abcdef\xED\x80\x80\\\"\""),
        CASE("0123456\n", "\"0123456\\n\""),
        CASE("\xED", "\"\xED\""), /* not WTF-8: printed as it is, and nothing behind it is read */
        CASE("\xED\xA0", "\"\xED\xA0\""),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        json value = json_from_str(str_from(cases[i].text, cases[i].length));
        assert_str_equal(json_text(value, &a), cases[i].printed);
        assert_int_equal(json_text_length(value, 1000), strlen(cases[i].printed));
        buf out;
        buf_init(&out, 1000);
        json_print_string(str_from(cases[i].text, cases[i].length), &out);
        assert_str_equal(buf_str(&out), cases[i].printed);
        buf_clean_up(&out);
    }
}

/* Strings of every length, with something to escape at every place. */
static void escapes_are_found_wherever_they_stand(void **state)
{
    (void)state;
    for (size_t length = 1; length < 70; length++) {
        for (size_t at = 0; at < length; at++) {
            char text[70], expected[80];
            memset(text, 'x', sizeof(text));
            text[at] = '"';
            memcpy(expected, "\"", 1);
            memcpy(expected + 1, text, at);
            memcpy(expected + 1 + at, "\\\"", 2);
            memset(expected + 3 + at, 'x', length - at - 1);
            memcpy(expected + length + 2, "\"", 2);
            assert_str_equal(json_text(json_from_str(str_from(text, length)), &a), expected);
            json value;
            error err;
            assert_ok(json_parse_into(str_from_c(expected), &a, &value, &err), err);
            assert_true(str_equal(json_str(value), str_from(text, length)));
        }
    }
}

static void numbers_print_in_their_own_form(void **state)
{
    (void)state;
    assert_str_equal(json_text(json_from_int64(INT64_MIN), &a), "-9223372036854775808");
    assert_str_equal(json_text(json_from_int64(0), &a), "0");
    assert_str_equal(json_text(json_from_double(3), &a), "3");
    assert_str_equal(json_text(json_from_double(-0.0), &a), "0");
    assert_str_equal(json_text(json_from_double(0.1), &a), "0.1");
    assert_str_equal(json_text(parse_in_arena("-0"), &a), "-0");
    assert_str_equal(json_text(parse_in_arena("1.50E+3"), &a), "1.50E+3");
    static const int64_t integers[] = {0,  9,   10,    -1,        -9,        -10,
                                       99, 100, 12345, INT64_MAX, INT64_MIN, -1000000};
    for (size_t i = 0; i < ARRAY_LENGTH(integers); i++) {
        json value = json_from_int64(integers[i]);
        assert_int_equal(json_text_length(value, 100), json_text(value, &a).len);
    }
}

static void absent_prints_nothing_null_or_no_member(void **state)
{
    (void)state;
    error err;
    assert_str_equal(json_text((json){0}, &a), "");
    json *items;
    json array, object;
    assert_ok(json_array_new(&a, 3, &array, &items, &err), err);
    items[1] = json_from_int64(1);
    assert_str_equal(json_text(array, &a), "[null,1,null]");
    json_object_builder b;
    json_object_begin(&b, &a, 0);
    json_object_add(&b, STR("a"), (json){0});
    json_object_add(&b, STR("b"), json_null());
    json_object_add(&b, STR("c"), (json){0});
    assert_ok(json_object_finish(&b, &object, &err), err);
    assert_str_equal(json_text(object, &a), "{\"b\":null}");
}

static void pretty_is_indented_by_two(void **state)
{
    (void)state;
    buf out;
    buf_init(&out, 1000);
    json_print_pretty(parse_in_arena("{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":[],\"e\\n\":\"\\t\"}"),
                      &out);
    assert_str_equal(buf_str(&out), "{\n"
                                    "  \"a\": [\n"
                                    "    1,\n"
                                    "    {\n"
                                    "      \"b\": null\n"
                                    "    }\n"
                                    "  ],\n"
                                    "  \"c\": {},\n"
                                    "  \"d\": [],\n"
                                    "  \"e\\n\": \"\\t\"\n"
                                    "}");
    buf_reset(&out);
    json_print_pretty((json){0}, &out);
    assert_int_equal(out.len, 0);
    buf_clean_up(&out);
}

static void a_buffers_maximum_may_be_met_but_not_passed(void **state)
{
    (void)state;
    json value = parse_in_arena(
        "{\"a\":[1,-2.5e3,\"x\\n\",\"plain\"],\"b\\u0000\":{\"c\":true},\"d\":null}");
    str text = json_text(value, &a);
    for (size_t max = 0; max <= text.len; max++) {
        buf out;
        buf_init(&out, max);
        json_print(value, &out);
        assert_int_equal(out.overflowed, max < text.len);
        assert_true(out.len <= max);
        assert_int_equal(json_text_length(value, max), max < text.len ? max + 1 : text.len);
        buf_clean_up(&out);
    }
}

static void an_arenas_maximum_gives_no_text(void **state)
{
    (void)state;
    arena small;
    arena_init(&small, 8);
    assert_null(json_text(parse_in_arena("[1,2,3,4,5,6,7,8]"), &small).ptr);
    arena_clean_up(&small);
}

static json nest(json inner, uint32_t depth, uint32_t width)
{
    for (uint32_t i = 0; i < depth; i++) {
        error err;
        json *items, array;
        assert_ok(json_array_new(&a, width, &array, &items, &err), err);
        for (uint32_t j = 0; j < width; j++) {
            items[j] = inner;
        }
        inner = array;
    }
    return inner;
}

static void what_is_too_deep_or_too_large_fails(void **state)
{
    (void)state;
    buf out;
    buf_init(&out, 1 << 20);
    json_print(nest(json_null(), JSON_DEPTH_MAX, 1), &out);
    assert_false(out.overflowed);
    json deep = nest(json_null(), JSON_DEPTH_MAX + 1, 1);
    json_print(deep, &out);
    assert_true(out.overflowed);
    buf_reset(&out);
    json_print_pretty(deep, &out);
    assert_true(out.overflowed);
    assert_null(json_text(deep, &a).ptr);
    assert_int_equal(json_text_length(deep, 1 << 20), (1 << 20) + 1);
    json monster = nest(json_null(), 60, 2); /* 2^60 values */
    buf_reset(&out);
    json_print(monster, &out);
    assert_true(out.overflowed);
    buf_reset(&out);
    json_print_pretty(monster, &out);
    assert_true(out.overflowed);
    assert_int_equal(json_text_length(monster, 1 << 20), (1 << 20) + 1);
    buf_clean_up(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(computed_strings_are_escaped_as_far_as_json_requires, begin,
                                        clean_up),
        IN_ARENA(escapes_are_found_wherever_they_stand),
        IN_ARENA(numbers_print_in_their_own_form),
        IN_ARENA(absent_prints_nothing_null_or_no_member),
        IN_ARENA(pretty_is_indented_by_two),
        cmocka_unit_test_setup_teardown(a_buffers_maximum_may_be_met_but_not_passed, begin,
                                        clean_up),
        IN_ARENA(an_arenas_maximum_gives_no_text),
        IN_ARENA(what_is_too_deep_or_too_large_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
