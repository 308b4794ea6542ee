/* Expat calls back for each piece; the tree grows in the arena. Trouble stops the parser. */
#include "integrations/aws/xml.h"

#include <expat.h>

#include <limits.h>

typedef struct xml_builder {
    XML_Parser parser;
    arena *a;
    xml_element *root, *current;
    unsigned depth;
    xml_element *growing; /* whose text has `room` */
    size_t room;
    status trouble;
    error *reterr;
} xml_builder;

static void stop(xml_builder *b, status why)
{
    b->trouble = why;
    XML_StopParser(b->parser, XML_FALSE);
}

static str local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return str_from_c(colon ? colon + 1 : name);
}

static xml_attribute *copy_attributes(arena *a, const char **attributes)
{
    xml_attribute *first = NULL, **last = &first;
    for (; attributes[0]; attributes += 2) {
        xml_attribute *attribute = arena_new(a, xml_attribute);
        if (!attribute) {
            return NULL;
        }
        attribute->name = arena_str(a, str_from_c(attributes[0]));
        attribute->value = arena_str(a, str_from_c(attributes[1]));
        *last = attribute;
        last = &attribute->next;
    }
    return first;
}

static void XMLCALL on_start(void *user, const char *name, const char **attributes)
{
    xml_builder *b = user;
    xml_element *element = arena_new(b->a, xml_element);
    if (++b->depth > AWS_VALUE_DEPTH_MAX) {
        stop(b, fail(b->reterr, ERROR_LIMIT, "the answer's XML nests deeper than %d",
                     AWS_VALUE_DEPTH_MAX));
        return;
    }
    if (element) {
        element->name = arena_str(b->a, local_name(name));
        element->text = STR("");
        element->attributes = copy_attributes(b->a, attributes);
    }
    if (!element || !element->name.ptr) {
        stop(b, fail_memory(b->reterr));
        return;
    }
    element->parent = b->current;
    if (!b->current) {
        b->root = element;
    } else if (b->current->last_child) {
        b->current->last_child->next = element;
        b->current->last_child = element;
    } else {
        b->current->first_child = b->current->last_child = element;
        b->current->text = STR(""); /* it was the white space before a child */
    }
    b->current = element;
}

static void XMLCALL on_end(void *user, const char *name)
{
    xml_builder *b = user;
    (void)name;
    b->depth--;
    if (b->current) {
        b->current = b->current->parent;
    }
}

static void XMLCALL on_text(void *user, const char *text, int length)
{
    xml_builder *b = user;
    xml_element *element = b->current;
    if (!element || element->first_child || length <= 0) {
        return;
    }
    size_t old = element->text.len, whole = old + (size_t)length;
    char *grown = (char *)(uintptr_t)element->text.ptr;
    if (b->growing != element || whole > b->room) { /* pieces may be of one byte: twice the room */
        b->room = MAX_OF(whole, 2 * old);
        grown = arena_grow(b->a, old ? grown : NULL, old, b->room);
        b->growing = element;
    }
    if (!grown) {
        stop(b, fail_memory(b->reterr));
        return;
    }
    memcpy(grown + old, text, (size_t)length);
    element->text = str_from(grown, whole);
}

static void XMLCALL on_doctype(void *user, const char *name, const char *system_id,
                               const char *public_id, int has_subset)
{
    xml_builder *b = user;
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    stop(b, fail(b->reterr, ERROR_SYNTAX, "the answer's XML has a DOCTYPE, which is refused"));
}

static status parse_all(xml_builder *b, str text)
{
    if (text.len > INT_MAX) {
        return fail(b->reterr, ERROR_LIMIT, "the answer's XML is too long");
    }
    enum XML_Status done = XML_Parse(b->parser, text.ptr ? text.ptr : "", (int)text.len, 1);
    if (failed(b->trouble)) {
        return b->trouble;
    }
    if (XML_GetErrorCode(b->parser) == XML_ERROR_NO_MEMORY) {
        return fail_memory(b->reterr);
    }
    if (done != XML_STATUS_OK || !b->root) {
        return fail(b->reterr, ERROR_SYNTAX, "the answer is not well-formed XML: %s",
                    XML_ErrorString(XML_GetErrorCode(b->parser)));
    }
    return STATUS_OK;
}

status xml_parse(str text, arena *a, xml_element **ret_root, error *reterr)
{
    xml_builder b = {.a = a, .reterr = reterr};
    b.parser = XML_ParserCreate("UTF-8");
    if (!b.parser) {
        return fail_memory(reterr);
    }
    XML_SetUserData(b.parser, &b);
    XML_SetElementHandler(b.parser, on_start, on_end);
    XML_SetCharacterDataHandler(b.parser, on_text);
    XML_SetStartDoctypeDeclHandler(b.parser, on_doctype);
    status s = parse_all(&b, text);
    XML_ParserFree(b.parser);
    if (ok(s)) {
        *ret_root = b.root;
    }
    return s;
}

const xml_element *xml_child(const xml_element *element, str name)
{
    const xml_element *child = element ? element->first_child : NULL;
    while (child && !str_equal(child->name, name)) {
        child = child->next;
    }
    return child;
}

const xml_element *xml_next_like(const xml_element *element)
{
    const xml_element *next = element->next;
    while (next && !str_equal(next->name, element->name)) {
        next = next->next;
    }
    return next;
}

str xml_child_text(const xml_element *element, str name)
{
    const xml_element *child = xml_child(element, name);
    return child ? child->text : STR("");
}
