/* runtime/map/map_items.h and map_csv.h: what a map run iterates over. */
#include "runtime/map/map_csv.h"
#include "runtime/map/map_items.h"

#include <stdlib.h>

#include "unit.h"

typedef struct fixture {
    arena a;
    map_items *items;
    map_items_told told;
} fixture;

static void begin(fixture *f, const char *order)
{
    error err = {0};
    json value;
    arena_init(&f->a, 0);
    assert_ok(json_parse_into(str_from_c(order), &f->a, &value, &err), err);
    assert_ok(map_items_new(value, &f->items, &err), err);
}

static void end(fixture *f)
{
    map_items_free(f->items);
    arena_clean_up(&f->a);
}

static map_items_state take(fixture *f)
{
    error err = {0};
    assert_ok(map_items_take(f->items, &f->a, &f->told, &err), err);
    return f->told.state;
}

static void give(fixture *f, json output)
{
    error err = {0};
    assert_ok(map_items_give(f->items, output, &err), err);
}

static json object_with(fixture *f, const char *name, json value)
{
    json object;
    error err = {0};
    assert_ok(json_object_with(&f->a, json_empty_object(), json_from_str(str_from_c(name)), value,
                               &object, &err),
              err);
    return object;
}

static void give_body(fixture *f, const char *body)
{
    give(f, object_with(f, "Body", json_from_str(str_from_c(body))));
}

static void expect_item(fixture *f, const char *text)
{
    assert_int_equal(take(f), MAP_ITEM);
    str got = json_text(f->told.item, &f->a);
    assert_string_equal(arena_printf(&f->a, "%.*s", STR_ARG(got)).ptr, text);
}

static void expect_failure(fixture *f, const char *cause)
{
    assert_int_equal(take(f), MAP_ITEMS_FAILED);
    assert_true(str_find(f->told.cause, str_from_c(cause)) != STR_NOT_FOUND);
    assert_int_equal(take(f), MAP_ITEMS_FAILED); /* and stays so */
}

static void the_states_own_items(void **state)
{
    fixture f;
    (void)state;
    begin(&f, "{\"items\":[1,{\"a\":2}]}");
    assert_int_equal(map_items_total(f.items), 2);
    expect_item(&f, "1");
    expect_item(&f, "{\"a\":2}");
    assert_int_equal(take(&f), MAP_ITEMS_END);
    assert_int_equal(take(&f), MAP_ITEMS_END);
    end(&f);
}

#define READER(settings)                                                                           \
    "{\"reader\":{\"resource\":\"arn:aws:states:::s3:getObject\",\"arguments\":{\"Bucket\":"       \
    "\"b\",\"Key\":\"k\"},\"settings\":" settings "}}"

static void an_object_is_asked_for_once(void **state)
{
    fixture f;
    (void)state;
    begin(&f, READER("{\"InputType\":\"JSONL\",\"MaxItems\":3}"));
    assert_int_equal(map_items_total(f.items), -1);
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    assert_true(str_equal(f.told.action, STR("getObject")));
    assert_true(str_equal(json_str(json_get(f.told.parameters, STR("Key"))), STR("k")));
    give_body(&f, "{\"n\":1}\r\n\n[2]\n3\n4\n");
    assert_int_equal(map_items_total(f.items), 3); /* as many as are wanted */
    expect_item(&f, "{\"n\":1}");
    expect_item(&f, "[2]");
    expect_item(&f, "3");
    assert_int_equal(take(&f), MAP_ITEMS_END);
    end(&f);
}

static void a_list_within_a_file(void **state)
{
    fixture f;
    (void)state;
    begin(&f, READER("{\"InputType\":\"JSON\",\"ItemsPointer\":\"/a~1b/1/~0\"}"));
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    give_body(&f, "{\"a/b\":[0,{\"~\":[5,6]}]}");
    expect_item(&f, "5");
    expect_item(&f, "6");
    assert_int_equal(take(&f), MAP_ITEMS_END);
    end(&f);
}

static void what_is_no_list_fails(void **state)
{
    static const char *const bodies[] = {"{\"a\":1}", "", "[1", "7"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bodies); i++) {
        fixture f;
        begin(&f, READER("{\"InputType\":\"JSON\"}"));
        assert_int_equal(take(&f), MAP_ITEMS_CALL);
        give_body(&f, bodies[i]);
        expect_failure(&f, "Attempting to map over non-iterable node.");
        end(&f);
    }
}

static void settings_that_are_wrong_fail(void **state)
{
    static const char *const rows[][2] = {
        {READER("{\"InputType\":\"CSV\",\"MaxItems\":-1}"), "field MaxItems must be positive"},
        {READER("{\"InputType\":\"PARQUET\"}"), "PARQUET is not supported"},
        {READER("{\"InputType\":\"CSV\",\"CSVHeaderLocation\":\"GIVEN\",\"CSVHeaders\":[\"a\","
                "\"a\"]}"),
         "CSV headers cannot contain duplicates."},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        fixture f;
        begin(&f, rows[i][0]);
        expect_failure(&f, rows[i][1]);
        end(&f);
    }
}

static void a_line_that_is_no_json_fails(void **state)
{
    fixture f;
    (void)state;
    begin(&f, READER("{\"InputType\":\"JSONL\"}"));
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    give_body(&f, "1\n{\n");
    expect_item(&f, "1");
    expect_failure(&f, "Line 2 is not valid JSON");
    end(&f);
}

/* As recorded from AWS: cells that are missing are "", more than there are headers are dropped, a
 * line of white space is a row. */
static void rows_become_objects(void **state)
{
    fixture f;
    (void)state;
    begin(&f, READER("{\"InputType\":\"CSV\",\"CSVHeaderLocation\":\"FIRST_ROW\"}"));
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    give_body(&f, "\xEF\xBB\xBFH1,H2\nValue4,Value5,Value6\n,,,\ntrue\n   \n");
    assert_int_equal(map_items_total(f.items), 4);
    expect_item(&f, "{\"H1\":\"Value4\",\"H2\":\"Value5\"}");
    expect_item(&f, "{\"H1\":\"\",\"H2\":\"\"}");
    expect_item(&f, "{\"H1\":\"true\",\"H2\":\"\"}");
    expect_item(&f, "{\"H1\":\"   \",\"H2\":\"\"}");
    assert_int_equal(take(&f), MAP_ITEMS_END);
    end(&f);
}

static void pages_of_objects(void **state)
{
    static const char first[] =
        "{\"Contents\":[{\"Key\":\"a\",\"ETag\":\"\\\"e\\\"\",\"Size\":1,\"LastModified\":"
        "\"2022-01-18T18:11:28Z\",\"StorageClass\":\"STANDARD\"}],\"NextContinuationToken\":\"t\"}";
    fixture f;
    json page;
    error err = {0};
    (void)state;
    begin(&f, "{\"reader\":{\"resource\":\"arn:aws:states:::s3:listObjectsV2\",\"arguments\":"
              "{\"Bucket\":\"b\"},\"settings\":{}}}");
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    assert_true(str_equal(f.told.action, STR("listObjectsV2")));
    assert_true(json_is_absent(json_get(f.told.parameters, STR("ContinuationToken"))));
    assert_ok(json_parse_into(str_from_c(first), &f.a, &page, &err), err);
    give(&f, page);
    expect_item(&f, "{\"Etag\":\"\\\"e\\\"\",\"Key\":\"a\",\"LastModified\":1642529488,"
                    "\"Size\":1,\"StorageClass\":\"STANDARD\"}");
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    assert_true(
        str_equal(json_str(json_get(f.told.parameters, STR("ContinuationToken"))), STR("t")));
    assert_ok(json_parse_into(STR("{\"Contents\":[{\"Key\":\"b\"}]}"), &f.a, &page, &err), err);
    give(&f, page);
    expect_item(&f, "{\"Key\":\"b\"}");
    assert_int_equal(take(&f), MAP_ITEMS_END);
    assert_int_equal(map_items_total(f.items), 2);
    end(&f);
}

/* "b","z" and a line feed, compressed. */
#define Z_ROW                                                                                      \
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x53\x4a\x52\xd2\x51\xaa\x52\xe2\x02\x00"             \
    "\xbb\xa4\x37\x98\x08\x00\x00\x00"

static void files_of_an_inventory(void **state)
{
    fixture f;
    (void)state;
    begin(&f, READER("{\"InputType\":\"MANIFEST\"}"));
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    give_body(&f, "{\"fileFormat\":\"CSV\",\"fileSchema\":\"Bucket, Key\",\"files\":[{\"key\":"
                  "\"one\"},{\"key\":\"two\"},{\"key\":\"three.csv.gz\"}]}");
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    assert_true(str_equal(json_str(json_get(f.told.parameters, STR("Key"))), STR("one")));
    give_body(&f, "\"b\",\"x\"\n\"b\",\"y\"\n");
    expect_item(&f, "{\"Bucket\":\"b\",\"Key\":\"x\"}");
    expect_item(&f, "{\"Bucket\":\"b\",\"Key\":\"y\"}");
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    assert_true(str_equal(json_str(json_get(f.told.parameters, STR("Key"))), STR("two")));
    give_body(&f, "");
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    assert_true(str_equal(json_str(json_get(f.told.parameters, STR("Key"))), STR("three.csv.gz")));
    give(&f, object_with(&f, "Body", json_from_str(STR(Z_ROW))));
    expect_item(&f, "{\"Bucket\":\"b\",\"Key\":\"z\"}");
    assert_int_equal(take(&f), MAP_ITEMS_END);
    end(&f);
}

static void a_file_of_an_inventory_that_is_damaged_fails(void **state)
{
    fixture f;
    (void)state;
    begin(&f, READER("{\"InputType\":\"MANIFEST\"}"));
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    give_body(&f, "{\"fileFormat\":\"CSV\",\"fileSchema\":\"Bucket, Key\",\"files\":[{\"key\":"
                  "\"one.csv.gz\"}]}");
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    give(&f, object_with(&f, "Body", json_from_str(str_take(STR(Z_ROW), sizeof(Z_ROW) - 5))));
    expect_failure(&f, "The object cannot be read: it ends early");
    end(&f);
}

/* A header of `columns` columns, "aaaa", "aaab" and so on, and a row. */
static char *wide_file(uint32_t columns)
{
    char *text = calloc(columns + 1, 5);
    assert_non_null(text);
    for (uint32_t i = 0; i < columns; i++) {
        for (int k = 0; k < 4; k++) {
            text[i * 5 + (uint32_t)k] = (char)('a' + (i >> (4 * (3 - k)) & 15));
        }
        text[i * 5 + 4] = i + 1 < columns ? ',' : '\n';
    }
    memcpy(text + columns * (size_t)5, "1\n", 3);
    return text;
}

static void a_csv_header_has_ten_kibibytes(void **state)
{
    static const struct {
        uint32_t columns;
        bool is_fine;
    } rows[] = {{2048, true}, {2049, false}, {65536, false}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        fixture f;
        char *text = wide_file(rows[i].columns);
        begin(&f, READER("{\"InputType\":\"CSV\",\"CSVHeaderLocation\":\"FIRST_ROW\"}"));
        assert_int_equal(take(&f), MAP_ITEMS_CALL);
        give_body(&f, text);
        if (rows[i].is_fine) {
            assert_int_equal(take(&f), MAP_ITEM);
            assert_int_equal(json_count(f.told.item), rows[i].columns);
        } else {
            expect_failure(&f, "The CSV header has more than 10 KiB.");
        }
        end(&f);
        free(text);
    }
}

static void bytes_that_are_no_text_are_marked(void **state)
{
    fixture f;
    (void)state;
    begin(&f, READER("{\"InputType\":\"CSV\",\"CSVHeaderLocation\":\"FIRST_ROW\"}"));
    assert_int_equal(take(&f), MAP_ITEMS_CALL);
    give_body(&f, "n\na\xff\xC3\xA4\n");
    expect_item(&f, "{\"n\":\"a\xEF\xBF\xBD\xC3\xA4\"}");
    end(&f);
}

/* One cell a bracket. */
static void expect_rows(const char *text, char delimiter, const char *wanted)
{
    arena a;
    buf got;
    map_csv csv = map_csv_begin(str_from_c(text), delimiter), skipping = csv;
    error err = {0};
    bool has_row = true;
    arena_init(&a, 0);
    buf_init(&got, 1u << 16);
    while (has_row) {
        str *cells;
        uint32_t count;
        assert_ok(map_csv_row(&csv, &a, &cells, &count, &has_row, &err), err);
        assert_true(map_csv_skip(&skipping) == has_row);
        for (uint32_t i = 0; i < count; i++) {
            buf_add_format(&got, "[%.*s]", STR_ARG(cells[i]));
        }
        buf_add_char(&got, has_row ? ';' : '.');
    }
    assert_string_equal(arena_printf(&a, "%.*s", STR_ARG(buf_str(&got))).ptr, wanted);
    buf_clean_up(&got);
    arena_clean_up(&a);
}

static void cells_and_rows(void **state)
{
    (void)state;
    expect_rows("", ',', ".");
    expect_rows("\n\r\n\n", ',', ".");
    expect_rows("a", ',', "[a];.");
    expect_rows("a,b\r\nc,d", ',', "[a][b];[c][d];.");
    expect_rows("a,,b\n,\n", ',', "[a][][b];[][];.");
    expect_rows("a|b,c|d", '|', "[a][b,c][d];.");
    expect_rows("\"a,b\",\"c\nd\",\"e \"\"f\"\"\"\ng", ',', "[a,b][c\nd][e \"f\"];[g];.");
    expect_rows("\"never closed, \n x", ',', "[\"never closed, \n x];.");
    expect_rows("a \"b\" c,\"\"\n", ',', "[a \"b\" c][];.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_states_own_items),
        cmocka_unit_test(an_object_is_asked_for_once),
        cmocka_unit_test(a_list_within_a_file),
        cmocka_unit_test(what_is_no_list_fails),
        cmocka_unit_test(settings_that_are_wrong_fail),
        cmocka_unit_test(a_line_that_is_no_json_fails),
        cmocka_unit_test(rows_become_objects),
        cmocka_unit_test(pages_of_objects),
        cmocka_unit_test(files_of_an_inventory),
        cmocka_unit_test(a_file_of_an_inventory_that_is_damaged_fails),
        cmocka_unit_test(a_csv_header_has_ten_kibibytes),
        cmocka_unit_test(bytes_that_are_no_text_are_marked),
        cmocka_unit_test(cells_and_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
