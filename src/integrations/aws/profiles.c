#include "integrations/aws/profiles.h"

#include "base/map.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static str trim(str text)
{
    while (text.len && (is_space(text.ptr[0]) || text.ptr[0] == '\r')) {
        text = str_skip(text, 1);
    }
    while (text.len && (is_space(text.ptr[text.len - 1]) || text.ptr[text.len - 1] == '\r')) {
        text.len--;
    }
    return text;
}

/* A # or ; after white space begins a comment. */
static str without_comment(str text)
{
    for (size_t i = 1; i < text.len; i++) {
        if ((text.ptr[i] == '#' || text.ptr[i] == ';') && is_space(text.ptr[i - 1])) {
            return trim(str_take(text, i));
        }
    }
    return text;
}

static str lower_case(str name, arena *a)
{
    char *copy = arena_alloc(a, name.len);
    for (size_t i = 0; copy && i < name.len; i++) {
        char c = name.ptr[i];
        copy[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return copy ? str_from(copy, name.len) : STR_NONE;
}

/* ---------------------------------------------------------------------------------------- reading
 */

typedef struct reader {
    arena *a;
    bool is_credentials_file;
    map sections[AWS_SECTION_SERVICES + 1]; /* by name */
    aws_section **last_section;
    aws_section *section;   /* NULL: lines here belong to nothing */
    aws_property *property; /* the last one that is not nested; NULL: none */
} reader;

static const aws_section *find_section(const aws_profiles *profiles, aws_section_kind kind,
                                       str name)
{
    for (const aws_section *section = profiles->first; section; section = section->next) {
        if (section->kind == kind && str_equal(section->name, name)) {
            return section;
        }
    }
    return NULL;
}

/* Sections and properties stand in the order of the files. */
static status enter_section(reader *r, aws_section_kind kind, str name, error *reterr)
{
    r->property = NULL;
    r->section = map_get(&r->sections[kind], name);
    if (r->section) {
        return STATUS_OK;
    }
    aws_section *section = arena_new(r->a, aws_section);
    if (!section) {
        return fail_memory(reterr);
    }
    *section = (aws_section){.kind = kind, .name = name};
    TRY(map_put(&r->sections[kind], name, section, reterr));
    *r->last_section = section;
    r->last_section = &section->next;
    r->section = section;
    return STATUS_OK;
}

/* "[profile dev]", "[default]", "[sso-session x]", "[services y]". */
static status read_section(reader *r, str line, error *reterr)
{
    static const struct {
        str word;
        aws_section_kind kind;
    } kinds[] = {
        {{"profile", 7}, AWS_SECTION_PROFILE},
        {{"sso-session", 11}, AWS_SECTION_SSO_SESSION},
        {{"services", 8}, AWS_SECTION_SERVICES},
    };
    r->section = NULL;
    r->property = NULL;
    size_t end = str_find_char(line, ']');
    if (end == STR_NOT_FOUND) {
        return STATUS_OK;
    }
    str name = trim(str_take(str_skip(line, 1), end - 1));
    if (r->is_credentials_file || str_equal(name, STR("default"))) {
        return name.len ? enter_section(r, AWS_SECTION_PROFILE, name, reterr) : STATUS_OK;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        str rest = str_skip(name, kinds[i].word.len);
        if (str_starts_with(name, kinds[i].word) && rest.len && rest.ptr && is_space(rest.ptr[0])) {
            return enter_section(r, kinds[i].kind, trim(rest), reterr);
        }
    }
    return STATUS_OK;
}

static status add_property(reader *r, str parent, str name, str value, aws_property **ret_property,
                           error *reterr)
{
    aws_property *property = arena_new(r->a, aws_property);
    str lower = lower_case(name, r->a);
    if (!property || !lower.ptr) {
        return fail_memory(reterr);
    }
    *property = (aws_property){.parent = parent, .name = lower, .value = value};
    if (r->section->last) {
        r->section->last->next = property;
    } else {
        r->section->first = property;
    }
    r->section->last = property;
    *ret_property = property;
    return STATUS_OK;
}

/* In place, since nothing else is allocated meanwhile. */
static status continue_value(reader *r, str line, error *reterr)
{
    str value = r->property->value;
    char *joined =
        arena_grow(r->a, (void *)(uintptr_t)value.ptr, value.len, value.len + 1 + line.len);
    if (!joined) {
        return fail_memory(reterr);
    }
    joined[value.len] = '\n';
    memcpy(joined + value.len + 1, line.ptr, line.len);
    r->property->value = str_from(joined, value.len + 1 + line.len);
    return STATUS_OK;
}

/* An indented line is a nested property where the one above is empty, else the value goes on. */
static status read_indented(reader *r, str line, error *reterr)
{
    if (!r->property) {
        return STATUS_OK;
    }
    if (r->property->value.len) {
        return continue_value(r, line, reterr);
    }
    str value = line;
    str name = trim(str_split_next(&value, '='));
    aws_property *nested;
    return value.ptr && name.len ? add_property(r, r->property->name, name,
                                                without_comment(trim(value)), &nested, reterr)
                                 : STATUS_OK;
}

static status read_line(reader *r, str line, error *reterr)
{
    bool is_indented = line.len && is_space(line.ptr[0]);
    str text = trim(line);
    if (!text.len || text.ptr[0] == '#' || text.ptr[0] == ';') {
        return STATUS_OK;
    }
    if (text.ptr[0] == '[' && !is_indented) {
        return read_section(r, text, reterr);
    }
    if (!r->section) {
        return STATUS_OK;
    }
    if (is_indented) {
        return read_indented(r, text, reterr);
    }
    r->property = NULL;
    str value = text;
    str name = trim(str_split_next(&value, '='));
    return value.ptr && name.len
               ? add_property(r, STR_NONE, name, without_comment(trim(value)), &r->property, reterr)
               : STATUS_OK;
}

status aws_profiles_add(aws_profiles *profiles, str text, bool is_credentials_file, arena *a,
                        error *reterr)
{
    aws_section *first = NULL;
    reader r = {.last_section = &first, .a = a, .is_credentials_file = is_credentials_file};
    str rest = arena_str(a, text);
    if (!rest.ptr) {
        return fail_memory(reterr);
    }
    if (str_starts_with(rest, STR("\xEF\xBB\xBF"))) {
        rest = str_skip(rest, 3);
    }
    status done = STATUS_OK;
    for (size_t i = 0; i < ARRAY_LENGTH(r.sections); i++) {
        map_init(&r.sections[i], 0, 0);
    }
    while (rest.ptr && ok(done)) {
        done = read_line(&r, str_split_next(&rest, '\n'), reterr);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(r.sections); i++) {
        map_clean_up(&r.sections[i]);
    }
    TRY(done);
    aws_section **link = &profiles->first;
    while (*link) {
        link = &(*link)->next;
    }
    *link = first;
    return STATUS_OK;
}

/* -------------------------------------------------------------------------------------- answering
 */

bool aws_profiles_has(const aws_profiles *profiles, aws_section_kind kind, str section)
{
    return find_section(profiles, kind, section) != NULL;
}

/* The first file that has it wins; within a file, the last line. */
str aws_profiles_get_nested(const aws_profiles *profiles, aws_section_kind kind, str section,
                            str parent, str name)
{
    str found = STR_NONE;
    for (const aws_section *s = profiles->first; s && !found.ptr; s = s->next) {
        if (s->kind != kind || !str_equal(s->name, section)) {
            continue;
        }
        for (const aws_property *p = s->first; p; p = p->next) {
            if (str_equal(p->name, name) && str_equal(p->parent, parent)) {
                found = p->value;
            }
        }
    }
    return found;
}

str aws_profiles_get(const aws_profiles *profiles, aws_section_kind kind, str section, str name)
{
    return aws_profiles_get_nested(profiles, kind, section, STR_NONE, name);
}
