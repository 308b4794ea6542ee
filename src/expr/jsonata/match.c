/* match: regular expressions as functions, and the builtins that take a matcher: $match, $contains,
 * $replace, $split. A matcher is a regular expression, or any function that gives the same object:
 * {match, start, end, groups, next}. Positions are JavaScript's: in UTF-16 units. */
#include "expr/jsonata/evaluate.h"

#include "base/utf8.h"

#include <math.h>

/* ---------------------------------------------------------------------------- matches as values */

static json groups_array(evaluator *e, const jsonata_match *m)
{
    list groups = list_new(e);
    for (uint32_t i = 0; i < m->group_count; i++) {
        bool took_part = m->groups[i].ptr != NULL;
        list_add(&groups, took_part ? json_from_str(m->groups[i]) : value_absent());
    }
    return list_array(&groups, 0);
}

/* Counts on from a position that is known: walking all matches of a text takes one pass over it. */
static match_position position_at(str subject, match_position known, size_t bytes)
{
    if (bytes < known.bytes) {
        known = (match_position){0};
    }
    str between = str_take(str_skip(subject, known.bytes), bytes - known.bytes);
    return (match_position){bytes, known.units + utf8_length_utf16(between)};
}

static json next_match_function(evaluator *e, const node *regex, str subject, match_position from)
{
    function *f = arena_new(e->a, function);
    if (!f) {
        return evaluator_out_of_memory(e);
    }
    f->kind = FUNCTION_NEXT_MATCH;
    f->u.next.regex = regex;
    f->u.next.subject = json_from_str(subject);
    f->u.next.from = from;
    return value_from_function(f);
}

/* 1 matched, 0 not, -1 failed. */
static int run_regex(evaluator *e, const node *regex, str subject, size_t offset,
                     jsonata_match *ret)
{
    bool is_matched = false;
    error err;
    err.message[0] = 0;
    err.id[0] = 0;
    err.length = 0;
    status s =
        jsonata_regex_match(regex->u.regex.compiled, subject, offset, e->a, ret, &is_matched, &err);
    if (failed(s)) {
        evaluator_fail_error(e, &err);
        return -1;
    }
    return evaluator_charge(e, 1) ? is_matched : -1;
}

/* {match, start, end, groups, next} */
static json match_object(evaluator *e, const node *regex, str subject, const jsonata_match *m,
                         match_position start, match_position end)
{
    json groups = groups_array(e, m);
    json next = next_match_function(e, regex, subject, end);
    if (value_failed(groups) || value_failed(next)) {
        return (json){.kind = VALUE_FAILED};
    }
    json_object_builder b;
    json_object_begin(&b, e->a, 5);
    json_object_add(&b, STR("match"), json_from_str(m->text));
    json_object_add(&b, STR("start"), json_from_double((double)start.units));
    json_object_add(&b, STR("end"), json_from_double((double)end.units));
    json_object_add(&b, STR("groups"), groups);
    json_object_add(&b, STR("next"), next);
    return value_object(e, &b);
}

json evaluate_regex(evaluator *e, const node *regex, str subject, match_position from)
{
    jsonata_match m;
    int is_matched = run_regex(e, regex, subject, from.bytes, &m);
    if (is_matched <= 0) {
        return is_matched ? (json){.kind = VALUE_FAILED} : value_absent();
    }
    match_position start = position_at(subject, from, m.start);
    return match_object(e, regex, subject, &m, start, position_at(subject, start, m.end));
}

/* ------------------------------------------------------------------------------ walking matches */

/* A cursor over all matches of a matcher in a subject. */
typedef struct matches {
    evaluator *e;
    str subject;
    const node *regex; /* NULL: a function of the user's */
    json matcher;
    json found; /* the user's match */
    jsonata_match match;
    size_t start, end;      /* of the match, in bytes */
    match_position counted; /* how far UTF-16 units have been counted */
    uint32_t count;
} matches;

static match_position count_to(matches *m, size_t bytes)
{
    m->counted = position_at(m->subject, m->counted, bytes);
    return m->counted;
}

/* Byte offset of an offset in UTF-16 units, for the user's matches. */
static size_t byte_offset(str subject, double units)
{
    if (!(units > 0)) {
        return 0;
    }
    size_t at = 0;
    double seen = 0;
    while (at < subject.len && seen < units) {
        seen += utf8_next(subject, &at) >= 0x10000 ? 2 : 1;
    }
    return at;
}

static bool has_match_members(json m)
{
    return json_is(json_get(m, STR("start")), JSON_NUMBER) ||
           json_is(json_get(m, STR("end")), JSON_NUMBER) ||
           json_is(json_get(m, STR("groups")), JSON_ARRAY) ||
           value_is_function(json_get(m, STR("next")));
}

/* 1 there is one, 0 there is none, -1 failed. */
static int take_user_match(matches *m, json found)
{
    if (value_failed(found)) {
        return -1;
    }
    if (found.kind == JSON_ARRAY && found.extra & MARK_SEQUENCE && found.count <= 1) {
        found = found.count ? value_items(found)[0] : value_absent();
    }
    if (!value_is_truthy_js(found)) {
        return 0;
    }
    if (found.kind != JSON_OBJECT || !has_match_members(found)) {
        evaluator_fail(m->e, "T1010");
        return -1;
    }
    m->found = found;
    json text = json_get(found, STR("match")), start = json_get(found, STR("start"));
    m->match.text = json_str(text);
    m->start = start.kind == JSON_NUMBER ? byte_offset(m->subject, value_double(start)) : 0;
    m->end = MIN_OF(m->start + m->match.text.len, m->subject.len);
    return 1;
}

static int first_match(matches *m)
{
    const function *f = value_function(m->matcher);
    if (f->kind != FUNCTION_REGEX) {
        json subject = json_from_str(m->subject);
        return take_user_match(
            m, function_apply(m->e, m->matcher, &subject, 1, json_null(), NULL, NULL));
    }
    m->regex = f->node;
    int result = run_regex(m->e, m->regex, m->subject, 0, &m->match);
    m->start = m->match.start;
    m->end = m->match.end;
    return result;
}

static int following_match(matches *m)
{
    if (!m->regex) {
        json next = json_get(m->found, STR("next"));
        return take_user_match(m, function_apply(m->e, next, NULL, 0, json_null(), NULL, NULL));
    }
    if (m->end >= m->subject.len) {
        return 0;
    }
    int result = run_regex(m->e, m->regex, m->subject, m->end, &m->match);
    if (result <= 0) {
        return result;
    }
    m->start = m->match.start;
    m->end = m->match.end;
    if (m->match.text.len == 0) {
        evaluator_fail_value(m->e, "D1004", m->regex->u.regex.source);
        m->e->fault.position = m->regex->position;
        return -1;
    }
    return 1;
}

static int next_match(matches *m)
{
    return m->count++ ? following_match(m) : first_match(m);
}

static json match_groups(matches *m)
{
    return m->regex ? groups_array(m->e, &m->match) : json_get(m->found, STR("groups"));
}

static matches matches_of(const call *c)
{
    return (matches){.e = c->e, .subject = json_str(c->arguments[0]), .matcher = c->arguments[1]};
}

static json fail_limit_argument(const call *c, const char *code, json limit, uint32_t index)
{
    json result = evaluator_fail_value(c->e, code, limit);
    c->e->fault.index = index;
    return result;
}

/* Infinity where no limit is given; NaN never. */
static double limit_of(json limit)
{
    return limit.kind == JSON_NUMBER ? value_double(limit) : INFINITY;
}

/* ------------------------------------------------------------------------------------- builtins */

json builtin_contains(const call *c)
{
    json text = c->arguments[0], token = c->arguments[1];
    if (text.kind == JSON_ABSENT || token.kind == JSON_ABSENT) {
        return value_absent();
    }
    if (token.kind == JSON_STRING) {
        return json_boolean(str_find(json_str(text), json_str(token)) != STR_NOT_FOUND);
    }
    matches m = matches_of(c);
    int found = next_match(&m);
    return found < 0 ? (json){.kind = VALUE_FAILED} : json_boolean(found);
}

static bool add_match(matches *m, list *out)
{
    json start = m->regex ? json_from_double((double)count_to(m, m->start).units)
                          : json_get(m->found, STR("start"));
    json groups = match_groups(m);
    if (value_failed(groups)) {
        return false;
    }
    json_object_builder b;
    json_object_begin(&b, m->e->a, 3);
    json text = m->regex ? json_from_str(m->match.text) : json_get(m->found, STR("match"));
    json_object_add(&b, STR("match"), text);
    json_object_add(&b, STR("index"), start);
    if (groups.kind != JSON_ABSENT) {
        json_object_add(&b, STR("groups"), groups);
    }
    json object = value_object(m->e, &b);
    list_add(out, object);
    return !value_failed(object);
}

json builtin_match(const call *c)
{
    if (c->arguments[0].kind == JSON_ABSENT) {
        return value_absent();
    }
    double limit = limit_of(c->arguments[2]);
    if (limit < 0) {
        return fail_limit_argument(c, "D3040", c->arguments[2], 3);
    }
    matches m = matches_of(c);
    list out = list_new(c->e);
    int found = limit > 0 ? next_match(&m) : 0;
    while (found > 0 && out.count < limit) {
        if (!add_match(&m, &out)) {
            return (json){.kind = VALUE_FAILED};
        }
        found = next_match(&m);
    }
    return found < 0 ? (json){.kind = VALUE_FAILED} : list_array(&out, MARK_SEQUENCE);
}

static json split_by_text(const call *c, str text, str separator, double limit)
{
    list out = list_new(c->e);
    if (separator.len == 0) {
        /* By UTF-16 units, as JavaScript does. */
        for (size_t at = 0; at < text.len && out.count < limit;) {
            size_t start = at;
            uint32_t code_point = utf8_next(text, &at);
            if (code_point < 0x10000) {
                list_add(&out, json_from_str(str_from(text.ptr + start, at - start)));
                continue;
            }
            char half[4];
            size_t length = utf8_write(0xD800 + ((code_point - 0x10000) >> 10), half);
            list_add(&out, value_string(c->e, str_from(half, length)));
            if (out.count < limit) {
                length = utf8_write(0xDC00 + ((code_point - 0x10000) & 0x3FF), half);
                list_add(&out, value_string(c->e, str_from(half, length)));
            }
        }
        return evaluator_charge(c->e, out.count / 4) ? list_array(&out, 0)
                                                     : (json){.kind = VALUE_FAILED};
    }
    for (;;) {
        size_t at = str_find(text, separator);
        if (out.count < limit) {
            list_add(&out, json_from_str(str_take(text, at)));
        }
        if (at == STR_NOT_FOUND || out.count >= limit) {
            return evaluator_charge(c->e, out.count / 4) ? list_array(&out, 0)
                                                         : (json){.kind = VALUE_FAILED};
        }
        text = str_skip(text, at + separator.len);
    }
}

static json split_by_matcher(const call *c, double limit)
{
    matches m = matches_of(c);
    list out = list_new(c->e);
    size_t start = 0;
    int found = next_match(&m);
    if (found == 0) {
        list_add(&out, c->arguments[0]);
        return list_array(&out, 0);
    }
    while (found > 0 && out.count < limit) {
        size_t from = MIN_OF(start, m.start), to = MAX_OF(start, m.start);
        list_add(&out, json_from_str(str_from(m.subject.ptr + from, to - from)));
        start = m.end;
        if (!m.regex) {
            json end = json_get(m.found, STR("end"));
            start = end.kind == JSON_NUMBER ? byte_offset(m.subject, value_double(end)) : m.end;
        }
        found = next_match(&m);
    }
    if (found < 0) {
        return (json){.kind = VALUE_FAILED};
    }
    if (out.count < limit) {
        list_add(&out, json_from_str(str_skip(m.subject, start)));
    }
    return list_array(&out, 0);
}

json builtin_split(const call *c)
{
    json text = c->arguments[0], separator = c->arguments[1];
    if (text.kind == JSON_ABSENT) {
        return value_absent();
    }
    double limit = limit_of(c->arguments[2]);
    if (limit < 0) {
        return fail_limit_argument(c, "D3020", c->arguments[2], 3);
    }
    if (!(limit > 0)) {
        return (json){.kind = JSON_ARRAY, .extra = MARK_OWN};
    }
    if (separator.kind == JSON_STRING) {
        return split_by_text(c, json_str(text), json_str(separator), floor(limit));
    }
    if (separator.kind == JSON_ABSENT) { /* "abc".split(undefined) */
        return value_singleton(c->e, text, 0);
    }
    return split_by_matcher(c, limit);
}

/* -------------------------------------------------------------------------------------- replace */

static int decimal_digits(uint32_t n)
{
    int digits = 1;
    while (n >= 10) {
        n /= 10;
        digits++;
    }
    return digits;
}

/* The number that `text` begins with, at most `most` digits of it; -1 when there is none. */
static int64_t leading_number(str text, int most, int *ret_digits)
{
    int64_t number = -1;
    int digits = 0;
    while (digits < most && (size_t)digits < text.len && text.ptr[digits] >= '0' &&
           text.ptr[digits] <= '9') {
        number = (number < 0 ? 0 : number * 10) + (text.ptr[digits] - '0');
        digits++;
    }
    *ret_digits = digits;
    return number;
}

/* After a $ that is followed by neither $ nor 0: puts the group and returns how much was read. */
static size_t put_group(json groups, str rest, buf *out)
{
    int digits;
    int most = groups.count ? decimal_digits(groups.count) : 1;
    int64_t index = leading_number(rest, most, &digits);
    if (most > 1 && index > groups.count) {
        index = leading_number(rest, most - 1, &digits);
    }
    if (index < 0) {
        buf_add_char(out, '$');
        return 0;
    }
    json text = index > 0 ? json_item(groups, (uint32_t)index - 1) : value_absent();
    if (text.kind == JSON_STRING) {
        buf_add_str(out, json_str(text));
    }
    return (size_t)decimal_digits((uint32_t)index);
}

static void put_replacement(str match, json groups, str replacement, buf *out)
{
    for (;;) {
        size_t at = str_find_char(replacement, '$');
        buf_add_str(out, str_take(replacement, at));
        if (at == STR_NOT_FOUND) {
            return;
        }
        replacement = str_skip(replacement, at + 1);
        char next = 0;
        if (replacement.ptr && replacement.len) {
            next = replacement.ptr[0];
        }
        if (next == '$' || next == '0') {
            if (next == '$') {
                buf_add_char(out, '$');
            } else {
                buf_add_str(out, match);
            }
            replacement = str_skip(replacement, 1);
        } else {
            replacement = str_skip(replacement, put_group(groups, replacement, out));
        }
    }
}

/* The match as its replacement function gets it. */
static json match_value(matches *m)
{
    if (!m->regex) {
        return m->found;
    }
    match_position start = count_to(m, m->start);
    return match_object(m->e, m->regex, m->subject, &m->match, start, count_to(m, m->end));
}

static bool replace_match(matches *m, json replacement, buf *out)
{
    if (replacement.kind == JSON_STRING) {
        json groups = match_groups(m);
        if (!value_failed(groups)) {
            put_replacement(m->match.text, groups, json_str(replacement), out);
        }
        return !value_failed(groups);
    }
    json match = match_value(m);
    if (value_failed(match)) {
        return false;
    }
    json text = function_apply(m->e, replacement, &match, 1, json_null(), NULL, NULL);
    if (text.kind == JSON_STRING) {
        buf_add_str(out, json_str(text));
        return true;
    }
    if (!value_failed(text)) {
        evaluator_fail_value(m->e, "D3012", text);
    }
    return false;
}

static bool replace_matches(const call *c, double limit, buf *out)
{
    matches m = matches_of(c);
    size_t position = 0;
    double count = 0;
    int found = next_match(&m);
    while (found > 0 && count < limit) {
        size_t from = MIN_OF(position, m.start), to = MAX_OF(position, m.start);
        buf_add(out, m.subject.ptr + from, to - from);
        if (!replace_match(&m, c->arguments[2], out)) {
            return false;
        }
        position = m.end;
        count++;
        found = next_match(&m);
    }
    buf_add_str(out, str_skip(m.subject, position));
    return found >= 0;
}

static bool replace_text(const call *c, double limit, buf *out)
{
    str rest = json_str(c->arguments[0]), pattern = json_str(c->arguments[1]);
    if (c->arguments[2].kind != JSON_STRING) {
        evaluator_fail_value(c->e, "D3012", c->arguments[2]);
        return false;
    }
    for (double count = 0; count < limit; count++) {
        size_t at = str_find(rest, pattern);
        if (at == STR_NOT_FOUND) {
            break;
        }
        buf_add_str(out, str_take(rest, at));
        buf_add_str(out, json_str(c->arguments[2]));
        rest = str_skip(rest, at + pattern.len);
    }
    buf_add_str(out, rest);
    return true;
}

json builtin_replace(const call *c)
{
    json text = c->arguments[0], pattern = c->arguments[1];
    if (text.kind == JSON_ABSENT) {
        return value_absent();
    }
    if (pattern.kind == JSON_STRING && pattern.count == 0) {
        return fail_limit_argument(c, "D3010", pattern, 2);
    }
    double limit = limit_of(c->arguments[3]);
    if (limit < 0) {
        return fail_limit_argument(c, "D3011", c->arguments[3], 4);
    }
    if (!(limit > 0)) {
        return text;
    }
    buf out;
    buf_init(&out, JSON_TEXT_BYTES_MAX);
    bool is_done = false;
    if (pattern.kind == JSON_STRING) {
        is_done = replace_text(c, limit, &out);
    } else if (pattern.kind == VALUE_FUNCTION) {
        is_done = replace_matches(c, limit, &out);
    } else {
        evaluator_fail(c->e, "T1010");
    }
    json result = {.kind = VALUE_FAILED};
    if (is_done) {
        result = out.overflowed ? evaluator_out_of_memory(c->e) : value_string(c->e, buf_str(&out));
    }
    buf_clean_up(&out);
    return result;
}
