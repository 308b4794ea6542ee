/* XML text as a tree in an arena, by libexpat. Prefixes of elements' names are dropped: AWS's
 * answers have one namespace. Documents with a DOCTYPE are refused: no service sends one. */
#ifndef GAIT_INTEGRATIONS_AWS_XML_H
#define GAIT_INTEGRATIONS_AWS_XML_H

#include "base/arena.h"

typedef struct xml_attribute {
    str name, value; /* the name with its prefix: "xsi:type" */
    struct xml_attribute *next;
} xml_attribute;

typedef struct xml_element {
    str name;
    str text; /* of an element without children; "" otherwise */
    xml_attribute *attributes;
    struct xml_element *parent, *first_child, *last_child, *next;
} xml_element;

/* ERROR_SYNTAX, ERROR_LIMIT for its depth. */
MUST_USE status xml_parse(str text, arena *a, xml_element **ret_root, error *reterr);
/* The first child of that name; NULL, also for a NULL element. */
const xml_element *xml_child(const xml_element *element, str name);
/* The next one of the same name. */
const xml_element *xml_next_like(const xml_element *element);
/* "" when there is no such child. */
str xml_child_text(const xml_element *element, str name);

#endif
