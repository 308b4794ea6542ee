#include "runtime/map/map_items.h"

#include "base/limits.h"
#include "base/timetext.h"
#include "base/utf8.h"
#include "runtime/map/map_csv.h"
#include "runtime/map/map_gunzip.h"

#include <stdlib.h>

#define HEADER_TOO_LONG STR("The CSV header has more than 10 KiB.")
#define TEXT_BYTES_MAX (3 * (size_t)S3_OBJECT_BYTES_MAX) /* each byte may become a U+FFFD */

typedef enum format { FORMAT_JSON, FORMAT_JSONL, FORMAT_CSV, FORMAT_LIST, FORMAT_MANIFEST } format;

struct map_items {
    json order, reader, settings;
    format format;
    arena memory;   /* of headers and causes */
    json_doc *doc;  /* owned: the list, or the object's text; NULL: the order's own items */
    json_doc *more; /* owned: the manifest */
    json list;
    uint32_t next; /* in the list */
    map_csv csv;
    str *headers;
    uint32_t header_count;
    uint32_t file, file_count; /* of the manifest */
    json files;
    str continuation; /* of listObjectsV2 */
    int64_t taken, taken_max, total;
    bool has_content, is_last_content;
    str cause; /* why it has failed */
};

/* ------------------------------------------------------------------------------------ settings */

static str setting(const map_items *m, const char *name)
{
    return json_str(json_get(m->settings, str_from_c(name)));
}

static void fail_items(map_items *m, str cause)
{
    m->cause = cause;
}

static void read_format(map_items *m)
{
    static const struct {
        const char *name;
        format format;
    } formats[] = {{"JSON", FORMAT_JSON},
                   {"JSONL", FORMAT_JSONL},
                   {"CSV", FORMAT_CSV},
                   {"MANIFEST", FORMAT_MANIFEST}};
    str type = setting(m, "InputType");
    if (str_ends_with(json_str(json_get(m->reader, STR("resource"))), STR("s3:listObjectsV2"))) {
        m->format = FORMAT_LIST;
        return;
    }
    m->format = FORMAT_JSON;
    for (size_t i = 0; i < ARRAY_LENGTH(formats); i++) {
        if (str_equal(type, str_from_c(formats[i].name))) {
            m->format = formats[i].format;
            return;
        }
    }
    if (type.ptr) {
        fail_items(m, arena_printf(&m->memory,
                                   "The InputType %.*s is not supported: CSV, JSON, JSONL and "
                                   "MANIFEST are.",
                                   STR_ARG(type)));
    }
}

static char delimiter_of(const map_items *m)
{
    static const struct {
        const char *name;
        char delimiter;
    } delimiters[] = {{"PIPE", '|'}, {"SEMICOLON", ';'}, {"SPACE", ' '}, {"TAB", '\t'}};
    str name = setting(m, "CSVDelimiter");
    for (size_t i = 0; i < ARRAY_LENGTH(delimiters); i++) {
        if (str_equal(name, str_from_c(delimiters[i].name))) {
            return delimiters[i].delimiter;
        }
    }
    return ',';
}

static status set_headers(map_items *m, const str *cells, uint32_t count, error *reterr)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        bytes += cells[i].len + 1; /* and a delimiter */
    }
    if (bytes > MAP_CSV_HEADER_BYTES_MAX) {
        fail_items(m, HEADER_TOO_LONG);
        return STATUS_OK;
    }
    m->headers = arena_array(&m->memory, str, MAX_OF(count, 1));
    for (uint32_t i = 0; m->headers && i < count; i++) {
        m->headers[i] = arena_str(&m->memory, cells[i]);
        if (!m->headers[i].ptr) {
            return fail_memory(reterr);
        }
        for (uint32_t k = 0; k < i; k++) {
            if (str_equal(m->headers[k], m->headers[i])) {
                fail_items(m, STR("CSV headers cannot contain duplicates."));
            }
        }
    }
    m->header_count = count;
    return m->headers ? STATUS_OK : fail_memory(reterr);
}

static status given_headers(map_items *m, error *reterr)
{
    json headers = json_get(m->settings, STR("CSVHeaders"));
    uint32_t count = json_count(headers);
    str *cells = arena_array(&m->memory, str, MAX_OF(count, 1));
    for (uint32_t i = 0; cells && i < count; i++) {
        cells[i] = json_str(json_item(headers, i));
    }
    return cells ? set_headers(m, cells, count, reterr) : fail_memory(reterr);
}

/* ------------------------------------------------------------------------------- open and close */

status map_items_new(json order, map_items **ret_items, error *reterr)
{
    map_items *m = calloc(1, sizeof(*m));
    if (!m) {
        return fail_memory(reterr);
    }
    arena_init(&m->memory, 0);
    m->order = order;
    m->reader = json_get(order, STR("reader"));
    m->settings = json_get(m->reader, STR("settings"));
    m->total = -1;
    if (json_is_absent(m->reader)) {
        m->list = json_get(order, STR("items"));
        m->total = json_count(m->list);
        m->has_content = m->is_last_content = true;
        *ret_items = m;
        return STATUS_OK;
    }
    read_format(m);
    if (json_int64(json_get(m->settings, STR("MaxItems")), &m->taken_max) && m->taken_max < 0) {
        fail_items(m, STR("field MaxItems must be positive"));
    }
    status done = STATUS_OK;
    if (m->format == FORMAT_CSV && str_equal(setting(m, "CSVHeaderLocation"), STR("GIVEN"))) {
        done = given_headers(m, reterr);
    }
    if (failed(done)) {
        map_items_free(m);
        return done;
    }
    *ret_items = m;
    return STATUS_OK;
}

void map_items_free(map_items *m)
{
    if (m) {
        json_doc_release(m->doc);
        json_doc_release(m->more);
        arena_clean_up(&m->memory);
        free(m);
    }
}

int64_t map_items_total(const map_items *m)
{
    return m->total;
}

/* ------------------------------------------------------------------------------------- content */

static int64_t limited(const map_items *m, int64_t count)
{
    return m->taken_max ? MIN_OF(count, m->taken_max) : count;
}

static str body_of(json output)
{
    str body = json_str(json_get(output, STR("Body")));
    return body.ptr ? body : STR("");
}

/* What is no UTF-8 becomes U+FFFD, as in a Task's result. */
static status add_text(str bytes, buf *out, error *reterr)
{
    while (bytes.len) {
        char mark[4];
        size_t good = utf8_check(bytes);
        buf_add(out, bytes.ptr, good);
        bytes = str_skip(bytes, good);
        if (bytes.len) {
            buf_add(out, mark, utf8_write(0xFFFD, mark));
            bytes = str_skip(bytes, 1);
        }
    }
    return buf_status(out, reterr);
}

/* An object's text; of an inventory's file, which is mostly compressed, what was. */
static status text_of(const map_items *m, str bytes, buf *out, error *reterr)
{
    if (m->format != FORMAT_MANIFEST || !map_gunzip_is_wanted(bytes)) {
        return add_text(bytes, out, reterr);
    }
    buf plain;
    buf_init(&plain, S3_OBJECT_BYTES_MAX);
    status done = map_gunzip(bytes, &plain, reterr);
    if (ok(done)) {
        done = add_text(buf_str(&plain), out, reterr);
    }
    buf_clean_up(&plain);
    return done;
}

/* ItemsPointer: a JSON pointer to the list within the file. */
static json point(json value, str pointer, arena *a)
{
    str rest = pointer.len ? str_skip(pointer, 1) : STR_NONE;
    while (rest.ptr && !json_is_absent(value)) {
        str part = str_split_next(&rest, '/');
        char *name = arena_alloc(a, part.len + 1);
        size_t length = 0;
        for (size_t i = 0; name && i < part.len; i++) {
            bool is_escape = part.ptr[i] == '~' && i + 1 < part.len;
            name[length++] = !is_escape ? part.ptr[i] : part.ptr[i + 1] == '1' ? '/' : '~';
            i += is_escape;
        }
        if (!name) {
            return (json){0};
        }
        value =
            json_is(value, JSON_ARRAY)
                ? json_item(value, (uint32_t)strtoul(arena_printf(a, "%.*s", (int)length, name).ptr,
                                                     NULL, 10))
                : json_get(value, (str){name, length});
    }
    return value;
}

static status read_json(map_items *m, json output, error *reterr)
{
    error err;
    json_doc *doc = NULL;
    buf text;
    buf_init(&text, TEXT_BYTES_MAX);
    status parsed = text_of(m, body_of(output), &text, &err);
    if (ok(parsed)) {
        parsed = json_parse(buf_str(&text), &doc, &err);
    }
    buf_clean_up(&text);
    if (parsed.code == ERROR_MEMORY) {
        return fail_memory(reterr);
    }
    if (failed(parsed)) {
        fail_items(m, STR("Attempting to map over non-iterable node."));
        return STATUS_OK;
    }
    m->doc = doc;
    m->list = point(json_doc_root(doc), setting(m, "ItemsPointer"), &m->memory);
    if (!json_is(m->list, JSON_ARRAY)) {
        fail_items(m, STR("Attempting to map over non-iterable node."));
    }
    m->total = limited(m, json_count(m->list));
    return STATUS_OK;
}

static status keep_text(map_items *m, json output, error *reterr)
{
    buf text;
    buf_init(&text, TEXT_BYTES_MAX);
    status done = text_of(m, body_of(output), &text, reterr);
    json_doc_release(m->doc);
    m->doc = NULL;
    if (ok(done)) {
        done = json_freeze(json_from_str(buf_str(&text)), &m->doc, reterr);
    }
    buf_clean_up(&text);
    return done;
}

/* JSONL and CSV: the text, gone through row by row. */
static status read_text(map_items *m, json output, error *reterr)
{
    error err;
    status kept = keep_text(m, output, &err);
    if (kept.code == ERROR_MEMORY) {
        return fail_memory(reterr);
    }
    if (failed(kept)) {
        fail_items(m, arena_printf(&m->memory, "The object cannot be read: %s", err.message));
        return STATUS_OK;
    }
    str text = json_str(json_doc_root(m->doc));
    m->csv = map_csv_begin(text.ptr ? text : STR(""), delimiter_of(m));
    if (m->format == FORMAT_CSV && !m->headers) {
        str *cells;
        uint32_t count;
        bool has_row;
        map_csv behind = m->csv;
        if (map_csv_skip(&behind) &&
            m->csv.rest.len - behind.rest.len > 2 * MAP_CSV_HEADER_BYTES_MAX) { /* with quotes */
            fail_items(m, HEADER_TOO_LONG);
            return STATUS_OK;
        }
        TRY(map_csv_row(&m->csv, &m->memory, &cells, &count, &has_row, reterr));
        TRY(set_headers(m, cells, count, reterr));
    }
    return STATUS_OK;
}

static bool next_line(str *rest, str *ret_line)
{
    while (rest->len) {
        *ret_line = str_split_next(rest, '\n');
        if (!rest->ptr) {
            *rest = STR("");
        }
        if (str_ends_with(*ret_line, STR("\r"))) {
            ret_line->len--;
        }
        if (ret_line->len) {
            return true;
        }
    }
    return false;
}

static void count_rows(map_items *m)
{
    map_csv csv = m->csv;
    str line;
    int64_t count = 0;
    while (m->format == FORMAT_CSV ? map_csv_skip(&csv) : next_line(&csv.rest, &line)) {
        count++;
    }
    m->total = limited(m, count);
}

/* {"Etag", "Key", "LastModified": seconds, "Size", "StorageClass"}, as the Map's items have it. */
static status listed_item(arena *a, json entry, json *ret_item, error *reterr)
{
    static const char *const names[][2] = {{"Etag", "ETag"},
                                           {"Key", "Key"},
                                           {"LastModified", "LastModified"},
                                           {"Size", "Size"},
                                           {"StorageClass", "StorageClass"}};
    json_object_builder b;
    json_object_begin(&b, a, ARRAY_LENGTH(names));
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        json value = json_get(entry, str_from_c(names[i][1]));
        int64_t time_ms;
        if (str_equal(str_from_c(names[i][0]), STR("LastModified")) &&
            json_is(value, JSON_STRING) &&
            ok(time_parse_rfc3339(json_str(value), &time_ms, NULL))) {
            value = json_from_int64(time_ms / 1000);
        }
        if (!json_is_absent(value)) {
            json_object_add(&b, str_from_c(names[i][0]), value);
        }
    }
    return json_object_finish(&b, ret_item, reterr);
}

static status read_page(map_items *m, json output, error *reterr)
{
    json_doc_release(m->doc);
    m->doc = NULL;
    TRY(json_freeze(output, &m->doc, reterr));
    json page = json_doc_root(m->doc);
    m->list = json_get(page, STR("Contents"));
    m->next = 0;
    m->continuation = json_str(json_get(page, STR("NextContinuationToken")));
    m->is_last_content = !m->continuation.len;
    if (m->is_last_content) {
        m->total = limited(m, m->taken + json_count(m->list));
    }
    return STATUS_OK;
}

/* An S3 inventory's manifest names files, and what their columns are. */
static status read_manifest(map_items *m, json output, error *reterr)
{
    error err;
    status parsed = json_parse(body_of(output), &m->more, &err);
    if (parsed.code == ERROR_MEMORY) {
        return fail_memory(reterr);
    }
    json manifest = json_doc_root(m->more);
    m->files = json_get(manifest, STR("files"));
    m->file_count = json_count(m->files);
    str schema = json_str(json_get(manifest, STR("fileSchema"))), cells[64];
    uint32_t count = 0;
    if (failed(parsed) || !json_is(m->files, JSON_ARRAY)) {
        fail_items(m, STR("The manifest is not one of an S3 inventory."));
        return STATUS_OK;
    }
    str file_format = json_str(json_get(manifest, STR("fileFormat")));
    if (file_format.ptr && !str_equal(file_format, STR("CSV"))) {
        fail_items(m, STR("Inventories are read in the format CSV only."));
        return STATUS_OK;
    }
    while (schema.ptr && count < ARRAY_LENGTH(cells)) {
        str cell = str_split_next(&schema, ',');
        cells[count++] = str_starts_with(cell, STR(" ")) ? str_skip(cell, 1) : cell;
    }
    return set_headers(m, cells, count, reterr);
}

status map_items_give(map_items *m, json output, error *reterr)
{
    m->has_content = true;
    m->is_last_content = true;
    switch (m->format) {
    case FORMAT_JSON:
        return read_json(m, output, reterr);
    case FORMAT_LIST:
        return read_page(m, output, reterr);
    case FORMAT_MANIFEST:
        m->is_last_content = false;
        if (!m->more) {
            TRY(read_manifest(m, output, reterr));
        } else {
            TRY(read_text(m, output, reterr));
        }
        return STATUS_OK;
    default:
        TRY(read_text(m, output, reterr));
        count_rows(m);
        return STATUS_OK;
    }
}

/* ---------------------------------------------------------------------------------------- items */

static status next_listed(map_items *m, arena *a, map_items_told *told, error *reterr)
{
    if (m->next >= json_count(m->list)) {
        return STATUS_OK;
    }
    json item = json_item(m->list, m->next++);
    told->state = MAP_ITEM;
    told->item = item;
    return m->format == FORMAT_LIST && !json_is_absent(m->reader)
               ? listed_item(a, item, &told->item, reterr)
               : STATUS_OK;
}

static status next_json_line(map_items *m, arena *a, map_items_told *told, error *reterr)
{
    str line;
    error err;
    if (!next_line(&m->csv.rest, &line)) {
        return STATUS_OK;
    }
    status parsed = json_parse_into(line, a, &told->item, &err);
    if (parsed.code == ERROR_MEMORY) {
        return fail_memory(reterr);
    }
    if (failed(parsed)) {
        fail_items(m, arena_printf(&m->memory, "Line %lld is not valid JSON: %s",
                                   (long long)m->taken + 1, err.message));
        return STATUS_OK;
    }
    told->state = MAP_ITEM;
    return STATUS_OK;
}

/* aws-behaviour: cells that are missing are "", those beyond the headers are dropped. */
static status next_row(map_items *m, arena *a, map_items_told *told, error *reterr)
{
    str *cells;
    uint32_t count;
    bool has_row;
    json_object_builder b;
    TRY(map_csv_row(&m->csv, a, &cells, &count, &has_row, reterr));
    if (!has_row) {
        return STATUS_OK;
    }
    json_object_begin(&b, a, MAX_OF(m->header_count, 1));
    for (uint32_t i = 0; i < m->header_count; i++) {
        json_object_add(&b, m->headers[i], json_from_str(i < count ? cells[i] : STR("")));
    }
    told->state = MAP_ITEM;
    return json_object_finish(&b, &told->item, reterr);
}

static status parameters_for(map_items *m, arena *a, str name, str value, json *ret_parameters,
                             error *reterr)
{
    json arguments = json_get(m->reader, STR("arguments"));
    *ret_parameters = json_is_absent(arguments) ? json_empty_object() : arguments;
    if (!value.len) {
        return STATUS_OK;
    }
    return json_object_with(a, *ret_parameters, json_from_str(name), json_from_str(value),
                            ret_parameters, reterr);
}

static status call_for(map_items *m, arena *a, map_items_told *told, error *reterr)
{
    told->state = MAP_ITEMS_CALL;
    told->action = m->format == FORMAT_LIST ? STR("listObjectsV2") : STR("getObject");
    m->has_content = false;
    if (m->format == FORMAT_LIST) {
        return parameters_for(m, a, STR("ContinuationToken"), m->continuation, &told->parameters,
                              reterr);
    }
    str key = m->more ? json_str(json_get(json_item(m->files, m->file++), STR("key"))) : STR_NONE;
    return parameters_for(m, a, STR("Key"), key, &told->parameters, reterr);
}

static status next_of_content(map_items *m, arena *a, map_items_told *told, error *reterr)
{
    if (json_is_absent(m->reader) || m->format == FORMAT_JSON || m->format == FORMAT_LIST) {
        return next_listed(m, a, told, reterr);
    }
    return m->format == FORMAT_JSONL ? next_json_line(m, a, told, reterr)
                                     : next_row(m, a, told, reterr);
}

static status take(map_items *m, arena *a, map_items_told *told, error *reterr)
{
    if (m->taken_max && m->taken >= m->taken_max) {
        return STATUS_OK;
    }
    if (m->has_content) {
        TRY(next_of_content(m, a, told, reterr));
    }
    bool has_more_files = m->format == FORMAT_MANIFEST && m->more && m->file < m->file_count;
    bool has_more =
        !m->has_content || (m->format == FORMAT_LIST && !m->is_last_content) || has_more_files;
    if (told->state == MAP_ITEMS_END && has_more && !m->cause.ptr) {
        return call_for(m, a, told, reterr);
    }
    return STATUS_OK;
}

status map_items_take(map_items *m, arena *a, map_items_told *ret_told, error *reterr)
{
    map_items_told told = {.state = MAP_ITEMS_END};
    if (!m->cause.ptr) {
        TRY(take(m, a, &told, reterr));
    }
    if (m->cause.ptr) {
        told = (map_items_told){.state = MAP_ITEMS_FAILED, .cause = m->cause};
    }
    m->taken += told.state == MAP_ITEM;
    if (told.state == MAP_ITEMS_END) {
        m->total = m->taken;
    }
    *ret_told = told;
    return STATUS_OK;
}
