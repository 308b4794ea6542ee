/* json_freeze and json_copy: what is shared, what is copied, what stays alive, and for how long. */

#include "json/in_arena.h"

#include <pthread.h>
#include <stdlib.h>

static json_doc *parse(const char *text)
{
    error err;
    json_doc *doc = NULL;
    assert_ok(json_parse(str_from_c(text), &doc, &err), err);
    return doc;
}

static json_doc *freeze(json value)
{
    error err;
    json_doc *doc = NULL;
    assert_ok(json_freeze(value, &doc, &err), err);
    return doc;
}

static json array_of(const json *values, uint32_t count)
{
    error err;
    json array;
    json_array_builder b;
    json_array_begin(&b, &a, count);
    for (uint32_t i = 0; i < count; i++) {
        json_array_add(&b, values[i]);
    }
    assert_ok(json_array_finish(&b, &array, &err), err);
    return array;
}

static void assert_prints(json value, const char *expected)
{
    assert_str_equal(json_text(value, &a), expected);
}

static bool is_same_block(json x, json y)
{
    return x.at.items == y.at.items;
}

/* A document {"big":["xxx..."],"small":[1]} whose first member takes nearly all of it. */
static json_doc *parse_big_and_small(size_t length)
{
    char *text = malloc(length + 100);
    memcpy(text, "{\"big\":[\"", 9);
    memset(text + 9, 'x', length);
    memcpy(text + 9 + length, "\"],\"small\":[1]}", 16);
    json_doc *doc = parse(text);
    free(text);
    return doc;
}

static void a_documents_root_is_retained(void **state)
{
    (void)state;
    json_doc *doc = parse("{\"a\":[1,2]}");
    json_doc *frozen = freeze(json_doc_root(doc));
    assert_ptr_equal(doc, frozen);
    json_doc_release(doc);
    assert_prints(json_doc_root(frozen), "{\"a\":[1,2]}");
    json_doc_release(frozen);
    json_doc_release(NULL);
    assert_null(json_doc_retain(NULL));
    assert_int_equal(json_doc_reach_bytes(NULL), 0);
}

static void scalars_and_empty_containers(void **state)
{
    (void)state;
    static const char *const texts[] = {"null", "true", "\"\"", "\"a\\n\\u0000b\"", "-1.50e3",
                                        "[]",   "{}",   "0",    "\"\\ud800\""};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        json_doc *doc = parse(texts[i]);
        json_doc *frozen = freeze(json_doc_root(doc));
        json_doc_release(doc);
        assert_prints(json_doc_root(frozen), texts[i]);
        json_doc_release(frozen);
    }
    json_doc *absent = freeze((json){0});
    assert_true(json_is_absent(json_doc_root(absent)));
    json_doc_release(absent);
    json_doc *number = freeze(json_from_double(0.1));
    assert_prints(json_doc_root(number), "0.1");
    json_doc_release(number);
}

static void a_large_part_is_shared_and_a_small_one_copied(void **state)
{
    (void)state;
    json_doc *doc = parse_big_and_small(5000);
    json big = json_get(json_doc_root(doc), STR("big"));
    json small = json_get(json_doc_root(doc), STR("small"));
    json parts[] = {big, json_from_int64(-7)};
    json_doc *with_big = freeze(array_of(parts, 2));
    json_doc *big_alone = freeze(big);
    json_doc *small_alone = freeze(small);
    assert_true(is_same_block(json_item(json_doc_root(with_big), 0), big));
    assert_true(is_same_block(json_doc_root(big_alone), big));
    assert_false(is_same_block(json_doc_root(small_alone), small));
    assert_true(json_doc_reach_bytes(with_big) > json_doc_reach_bytes(doc));
    assert_true(json_doc_reach_bytes(small_alone) < 400);
    json_doc_release(doc);
    assert_int_equal(json_str(json_item(json_doc_root(big_alone), 0)).len, 5000);
    assert_int_equal(json_item(json_item(json_doc_root(with_big), 0), 0).at.text[4999], 'x');
    assert_prints(json_doc_root(small_alone), "[1]");
    json_doc_release(with_big);
    json_doc_release(big_alone);
    json_doc_release(small_alone);
}

/* Ten equal members: one of them is a tenth of the document, three of them more than a quarter. */
static void parts_of_one_document_count_together(void **state)
{
    (void)state;
    char text[6000] = "[";
    for (int i = 0; i < 10; i++) {
        size_t at = strlen(text);
        memcpy(text + at, i ? ",[\"" : "[\"", i ? 3 : 2);
        memset(text + strlen(text), 'y', 500);
        memcpy(text + strlen(text), "\"]", 2);
    }
    memcpy(text + strlen(text), "]", 1);
    json_doc *doc = parse(text);
    json root = json_doc_root(doc);
    json_doc *one = freeze(array_of(root.at.items, 1));
    json_doc *four = freeze(array_of(root.at.items, 4));
    assert_false(is_same_block(json_item(json_doc_root(one), 0), json_item(root, 0)));
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(is_same_block(json_item(json_doc_root(four), i), json_item(root, i)));
    }
    error err;
    json slice;
    assert_ok(json_slice(&a, root, 0, 1, &slice, &err), err);
    json_doc *begin_of_it = freeze(slice);
    assert_false(is_same_block(json_doc_root(begin_of_it), root));
    assert_int_equal(json_count(json_doc_root(begin_of_it)), 1);
    assert_ok(json_slice(&a, root, 0, 9, &slice, &err), err);
    json_doc *most_of_it = freeze(slice);
    assert_true(is_same_block(json_doc_root(most_of_it), root));
    assert_int_equal(json_count(json_doc_root(most_of_it)), 9);
    json_doc_release(doc);
    assert_int_equal(json_str(json_item(json_item(json_doc_root(most_of_it), 8), 0)).len, 500);
    json_doc_release(one);
    json_doc_release(four);
    json_doc_release(begin_of_it);
    json_doc_release(most_of_it);
}

/* What is kept alive is at most four times what a copy would take, and its header. */
static void a_document_keeps_alive_little_more_than_it_needs(void **state)
{
    (void)state;
    json_doc *doc = parse_big_and_small(100);
    for (int round = 0; round < 200; round++) {
        error err;
        json copy;
        json root = json_doc_root(doc);
        json parts[3] = {json_from_int64(round)};
        uint32_t count = 1;
        for (uint32_t i = 0; i < json_count(root) && count < 3; i++) {
            json part = root.kind == JSON_ARRAY ? json_item(root, (i + 1) % json_count(root))
                                                : json_member_at(root, i)->value;
            if (part.kind == JSON_ARRAY || round % 3 == 0) {
                parts[count++] = part;
            }
        }
        json value = array_of(parts, count);
        json_doc *next = freeze(value);
        json_doc_release(doc);
        doc = next;
        arena measured;
        arena_init(&measured, 0);
        assert_ok(json_copy(json_doc_root(doc), &measured, &copy, &err), err);
        json_doc *alone = freeze(copy);
        assert_true(json_doc_reach_bytes(doc) <= 4 * json_doc_reach_bytes(alone) + 1000);
        assert_true(json_equal(copy, json_doc_root(doc)));
        json_doc_release(alone);
        arena_clean_up(&measured);
    }
    json_doc_release(doc);
}

static void parts_of_many_documents(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    json_doc *docs[COUNT];
    json parts[2 * COUNT];
    for (int i = 0; i < COUNT; i++) {
        docs[i] = parse_big_and_small(i % 2 ? 3000 : 1);
    }
    for (int i = 0; i < COUNT; i++) {
        parts[i] = json_doc_root(docs[i]);
        parts[COUNT + i] = json_get(json_doc_root(docs[(i * 7) % COUNT]), STR("small"));
    }
    json value = array_of(parts, 2 * COUNT);
    str expected = json_text(value, &a);
    json_doc *frozen = freeze(value);
    for (int i = 0; i < COUNT; i++) {
        assert_true(is_same_block(json_item(json_doc_root(frozen), (uint32_t)i), parts[i]));
        json_doc_release(docs[i]);
    }
    assert_true(str_equal(json_text(json_doc_root(frozen), &a), expected));
    json_doc_release(frozen);
}

/* Where a document is too large to be shared, parts of others in it are weighed by themselves. */
static void parts_within_parts(void **state)
{
    (void)state;
    json_doc *inner = parse_big_and_small(2000);
    json_doc *bulk = parse_big_and_small(100000);
    json wrapped[] = {json_doc_root(inner)};
    json parts[] = {array_of(wrapped, 1), json_doc_root(bulk)};
    json_doc *outer = freeze(array_of(parts, 2)); /* shares both */
    json picked = json_item(json_doc_root(outer), 0);
    json_doc *frozen = freeze(picked);
    assert_true(is_same_block(json_item(json_doc_root(frozen), 0), json_doc_root(inner)));
    assert_true(json_doc_reach_bytes(frozen) < 10000);
    json_doc_release(inner);
    json_doc_release(bulk);
    json_doc_release(outer);
    assert_prints(json_get(json_item(json_doc_root(frozen), 0), STR("small")), "[1]");
    json_doc_release(frozen);
}

static void large_objects_keep_their_order_when_copied(void **state)
{
    (void)state;
    error err;
    json object, copy;
    json_object_builder b;
    json_object_begin(&b, &a, 0);
    for (uint32_t i = 0; i < 100; i++) {
        json_object_add(&b, arena_printf(&a, "name %u", i * 37 % 101), json_from_int64(i));
    }
    assert_ok(json_object_finish(&b, &object, &err), err);
    assert_ok(json_copy(object, &a, &copy, &err), err);
    json_doc *frozen = freeze(object);
    for (uint32_t i = 0; i < 100; i++) {
        str name = arena_printf(&a, "name %u", i * 37 % 101);
        assert_int_equal(json_find(copy, name), i);
        assert_int_equal(json_find(json_doc_root(frozen), name), i);
    }
    json_doc_release(frozen);
}

static void an_evaluators_marks_do_not_outlive_the_arena(void **state)
{
    (void)state;
    json inner = array_of(NULL, 0);
    inner.extra = 7;
    inner.flags = JSON_SEQUENCE;
    json outer = array_of(&inner, 1);
    outer.extra = 9;
    json_doc *frozen = freeze(outer);
    assert_int_equal(json_doc_root(frozen).extra, 0);
    assert_int_equal(json_item(json_doc_root(frozen), 0).extra, 0);
    assert_int_equal(json_item(json_doc_root(frozen), 0).flags, 0);
    json_doc_release(frozen);
    error err;
    json copy;
    assert_ok(json_copy(outer, &a, &copy, &err), err);
    assert_int_equal(json_item(copy, 0).flags, JSON_SEQUENCE);
}

static void a_part_is_handed_on_from_document_to_document(void **state)
{
    (void)state;
    json_doc *doc = parse_big_and_small(3000);
    for (int i = 0; i < 200000; i++) {
        json root = json_doc_root(doc);
        json part = root.kind == JSON_OBJECT ? json_get(root, STR("big")) : json_item(root, 0);
        json_doc *next = freeze(array_of(&part, 1));
        json_doc_release(doc);
        doc = next;
        arena_reset(&a);
    }
    assert_true(json_doc_reach_bytes(doc) < 20000);
    json_doc_release(doc);
}

/* Every document keeps the one before it alive, until the last is released. */
static void documents_may_nest_as_deep_as_text(void **state)
{
    (void)state;
    json_doc *doc = parse("[1]");
    for (int i = 1; i < JSON_DEPTH_MAX; i++) {
        json root = json_doc_root(doc);
        json_doc *next = freeze(array_of(&root, 1));
        json_doc_release(doc);
        doc = next;
    }
    error err;
    json_doc *next = NULL;
    json root = json_doc_root(doc);
    assert_false(json_nests_too_deep(root));
    assert_true(json_nests_too_deep(array_of(&root, 1)));
    assert_int_equal(json_freeze(array_of(&root, 1), &next, &err).code, ERROR_LIMIT);
    assert_null(next);
    assert_int_equal(json_text(root, &a).len, 2 * JSON_DEPTH_MAX + 1);
    json_doc_release(doc);
}

/* depth is only an upper bound: what is really shallow may be frozen again and again. */
static void depth_is_that_of_the_value_not_of_its_owners(void **state)
{
    (void)state;
    json_doc *doc = parse("[[\"a part that is large enough to be shared, for it makes up most\"]]");
    for (int i = 0; i < 3000; i++) {
        json part = json_item(json_doc_root(doc), 0);
        json_doc *next = freeze(array_of(&part, 1));
        json_doc_release(doc);
        doc = next;
    }
    assert_int_equal(json_text_length(json_doc_root(doc), 1000), 68);
    assert_false(json_nests_too_deep(json_doc_root(doc)));
    json_doc_release(doc);
}

static void *hand_around(void *user)
{
    json_doc *doc = user;
    for (int i = 0; i < 20000; i++) {
        json root = json_doc_root(doc);
        json_doc *frozen = NULL;
        if (failed(json_freeze(root, &frozen, NULL))) {
            abort();
        }
        json_doc_release(json_doc_retain(frozen));
        json_doc_release(frozen);
    }
    json_doc_release(doc);
    return NULL;
}

static void threads_share_documents(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    json_doc *doc = parse("{\"a\":[1,2,3]}");
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hand_around, json_doc_retain(doc)), 0);
    }
    json_doc_release(doc);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

static json nest(json value, uint32_t depth, uint32_t width)
{
    for (uint32_t i = 0; i < depth; i++) {
        json items[] = {value, value};
        value = array_of(items, width);
    }
    return value;
}

static void monsters_are_refused(void **state)
{
    (void)state;
    error err;
    json copy;
    json_doc *doc = NULL;
    json deep = nest(json_null(), 1000000, 1);
    assert_true(json_nests_too_deep(deep));
    assert_int_equal(json_freeze(deep, &doc, &err).code, ERROR_LIMIT);
    assert_int_equal(json_copy(deep, &a, &copy, &err).code, ERROR_LIMIT);
    json wide = nest(json_null(), 60, 2); /* 2^60 values */
    assert_int_equal(json_copy(wide, &a, &copy, &err).code, ERROR_LIMIT);
    assert_int_equal(json_freeze(wide, &doc, &err).code, ERROR_LIMIT);
    assert_null(doc);
}

static void a_copy_shares_nothing(void **state)
{
    (void)state;
    error err;
    json copy;
    json_doc *doc = parse("{\"a\":[1.50,\"x\\n\",{\"b\":null}],\"c\":{},\"\":\"y\"}");
    assert_ok(json_copy(json_doc_root(doc), &a, &copy, &err), err);
    json_doc_release(doc);
    assert_prints(copy, "{\"a\":[1.50,\"x\\n\",{\"b\":null}],\"c\":{},\"\":\"y\"}");
    arena small;
    arena_init(&small, 64);
    json untouched = json_null();
    assert_int_equal(json_copy(copy, &small, &untouched, &err).code, ERROR_MEMORY);
    assert_int_equal(untouched.kind, JSON_NULL);
    arena_clean_up(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(a_documents_root_is_retained),
        IN_ARENA(scalars_and_empty_containers),
        IN_ARENA(a_large_part_is_shared_and_a_small_one_copied),
        IN_ARENA(parts_of_one_document_count_together),
        IN_ARENA(a_document_keeps_alive_little_more_than_it_needs),
        IN_ARENA(parts_of_many_documents),
        IN_ARENA(parts_within_parts),
        IN_ARENA(large_objects_keep_their_order_when_copied),
        IN_ARENA(an_evaluators_marks_do_not_outlive_the_arena),
        IN_ARENA(a_part_is_handed_on_from_document_to_document),
        IN_ARENA(documents_may_nest_as_deep_as_text),
        IN_ARENA(depth_is_that_of_the_value_not_of_its_owners),
        IN_ARENA(threads_share_documents),
        IN_ARENA(monsters_are_refused),
        IN_ARENA(a_copy_shares_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
