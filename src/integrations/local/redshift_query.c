/* Named parameters as PostgreSQL's numbered ones: bound by the server, never spliced into the text.
 * Source of the lexical rules: https://www.postgresql.org/docs/15/sql-syntax-lexical.html */
#include "integrations/local/redshift.h"

typedef struct rewriting {
    str sql;
    size_t at;
    json parameters;
    buf out;
    redshift_query *query;
    arena *a;
    int *numbers; /* of each parameter, 0: not met yet */
} rewriting;

static char peek(const rewriting *r, size_t ahead)
{
    return r->at + ahead < r->sql.len ? r->sql.ptr[r->at + ahead] : 0;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static void copy_until(rewriting *r, size_t end)
{
    end = MIN_OF(end, r->sql.len);
    buf_add(&r->out, r->sql.ptr + r->at, end - r->at);
    r->at = end;
}

/* From an opening quote to its end; the quote twice is one within, and a backslash escapes in E''.
 */
static void copy_quoted(rewriting *r, char quote, bool has_escapes)
{
    size_t end = r->at + 1;
    while (end < r->sql.len) {
        char c = r->sql.ptr[end];
        if (has_escapes && c == '\\') {
            end += 2;
        } else if (c == quote && end + 1 < r->sql.len && r->sql.ptr[end + 1] == quote) {
            end += 2;
        } else if (c == quote) {
            end++;
            break;
        } else {
            end++;
        }
    }
    copy_until(r, end);
}

/* $tag$ ... $tag$; false: the dollar opens no quote. */
static bool copy_dollar_quoted(rewriting *r)
{
    size_t tag_end = r->at + 1;
    while (tag_end < r->sql.len && is_name_char(r->sql.ptr[tag_end])) {
        tag_end++;
    }
    if (tag_end >= r->sql.len || r->sql.ptr[tag_end] != '$' ||
        (peek(r, 1) >= '0' && peek(r, 1) <= '9')) {
        return false;
    }
    str tag = str_from(r->sql.ptr + r->at, tag_end + 1 - r->at);
    size_t end = str_find(str_skip(r->sql, tag_end + 1), tag);
    copy_until(r, end == STR_NOT_FOUND ? r->sql.len : tag_end + 1 + end + tag.len);
    return true;
}

static void copy_block_comment(rewriting *r)
{
    size_t end = r->at + 2, depth = 1; /* they nest */
    while (end < r->sql.len && depth) {
        str rest = str_skip(r->sql, end);
        if (str_starts_with(rest, STR("/*"))) {
            depth++;
            end += 2;
        } else if (str_starts_with(rest, STR("*/"))) {
            depth--;
            end += 2;
        } else {
            end++;
        }
    }
    copy_until(r, end);
}

static void copy_line_comment(rewriting *r)
{
    size_t end = str_find_char(str_skip(r->sql, r->at), '\n');
    copy_until(r, end == STR_NOT_FOUND ? r->sql.len : r->at + end);
}

static status replace_name(rewriting *r, error *reterr)
{
    size_t end = r->at + 1;
    while (end < r->sql.len && is_name_char(r->sql.ptr[end])) {
        end++;
    }
    str name = str_from(r->sql.ptr + r->at + 1, end - r->at - 1);
    for (uint32_t i = 0; i < json_count(r->parameters); i++) {
        json one = json_item(r->parameters, i), value = json_get(one, STR("Value"));
        if (!str_equal(json_str(json_get(one, STR("Name"))), name)) {
            continue;
        }
        if (!r->numbers[i]) {
            str text = arena_str(r->a, json_str(value));
            if (!text.ptr) {
                return fail_memory(reterr);
            }
            r->query->values[r->query->count++] = text.ptr;
            r->numbers[i] = r->query->count;
        }
        buf_add_format(&r->out, "$%d", r->numbers[i]);
        r->at = end;
        return STATUS_OK;
    }
    return fail(reterr, ERROR_NOT_FOUND, "Parameter :%.*s has no value in Parameters",
                STR_ARG(str_take(name, 100)));
}

static status rewrite(rewriting *r, error *reterr)
{
    while (r->at < r->sql.len) {
        char c = peek(r, 0), next = peek(r, 1);
        char before = r->at ? r->sql.ptr[r->at - 1] : 0;
        char two_before = r->at > 1 ? r->sql.ptr[r->at - 2] : 0;
        if (c == '\'') {
            copy_quoted(r, c, (before == 'e' || before == 'E') && !is_name_char(two_before));
        } else if (c == '"') {
            copy_quoted(r, c, false);
        } else if (c == '$' && !is_name_char(before) && copy_dollar_quoted(r)) {
            continue;
        } else if (c == '-' && next == '-') {
            copy_line_comment(r);
        } else if (c == '/' && next == '*') {
            copy_block_comment(r);
        } else if (c == ':' && next == ':') {
            copy_until(r, r->at + 2);
        } else if (c == ':' && is_name_char(next) && (next < '0' || next > '9') &&
                   json_count(r->parameters)) {
            TRY(replace_name(r, reterr));
        } else {
            copy_until(r, r->at + 1);
        }
    }
    return buf_status(&r->out, reterr);
}

static status check_parameters(json parameters, error *reterr)
{
    if (json_count(parameters) > REDSHIFT_PARAMETERS_MAX) {
        return fail(reterr, ERROR_LIMIT, "at most %d Parameters are taken",
                    REDSHIFT_PARAMETERS_MAX);
    }
    for (uint32_t i = 0; i < json_count(parameters); i++) {
        json one = json_item(parameters, i), value = json_get(one, STR("Value"));
        if (!json_str(json_get(one, STR("Name"))).len || !json_is(value, JSON_STRING) ||
            str_find_char(json_str(value), 0) != STR_NOT_FOUND) {
            return fail(reterr, ERROR_INVALID,
                        "each of Parameters has a Name and a Value, which are strings");
        }
    }
    return STATUS_OK;
}

status redshift_query_make(str sql, json parameters, arena *a, redshift_query *ret_query,
                           error *reterr)
{
    redshift_query query = {0};
    rewriting r = {.sql = sql, .parameters = parameters, .query = &query, .a = a};
    if (str_find_char(sql, 0) != STR_NOT_FOUND || sql.len > REDSHIFT_SQL_BYTES_MAX) {
        return fail(reterr, ERROR_INVALID, "the SQL has a NUL byte, or more than %d bytes",
                    REDSHIFT_SQL_BYTES_MAX);
    }
    TRY(check_parameters(parameters, reterr));
    query.values = arena_array(a, const char *, json_count(parameters) + 1);
    r.numbers = arena_array(a, int, json_count(parameters) + 1);
    if (!query.values || !r.numbers) {
        return fail_memory(reterr);
    }
    buf_init(&r.out, 16 * REDSHIFT_SQL_BYTES_MAX);
    status result = rewrite(&r, reterr);
    for (uint32_t i = 0; ok(result) && i < json_count(parameters); i++) {
        if (!r.numbers[i]) {
            str name = json_str(json_get(json_item(parameters, i), STR("Name")));
            result = fail(reterr, ERROR_INVALID, "Parameter %.*s is not used in the SQL",
                          STR_ARG(str_take(name, 100)));
        }
    }
    if (ok(result)) {
        query.sql = arena_str(a, buf_str(&r.out)).ptr;
        result = query.sql ? STATUS_OK : fail_memory(reterr);
    }
    buf_clean_up(&r.out);
    if (ok(result)) {
        *ret_query = query;
    }
    return result;
}
