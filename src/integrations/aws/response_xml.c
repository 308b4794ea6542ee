/* Elements as values: rest-xml, query, ec2.
 * https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html#xml-shape-serialization */
#include "integrations/aws/response.h"

/* An element below which all else is; depth is bounded by xml_parse. */
static status read_structure(const wire_form *form, const xml_element *element, aws_shape shape,
                             json *ret_value)
{
    json_object_builder builder;
    json_object_begin(&builder, form->a, 8);
    for (uint32_t i = 0; i < aws_shape_member_count(shape); i++) {
        aws_member member = aws_shape_member(shape, i);
        json value;
        TRY(response_read_xml_member(form, element, &member, &value));
        if (!json_is_absent(value)) {
            json_object_add(&builder, member.name, value);
        }
    }
    return json_object_finish(&builder, ret_value, form->reterr);
}

/* Items: the elements like `first`, or all children of a list's element. */
static status read_list(const wire_form *form, const xml_element *first, bool is_flattened,
                        const aws_member *list, json *ret_value)
{
    aws_member items = aws_shape_member(list->shape, 0);
    json_array_builder builder;
    json_array_begin(&builder, form->a, 8);
    while (first) {
        json item;
        TRY(response_read_xml(form, first, &items, &item));
        json_array_add(&builder, item);
        first = is_flattened ? xml_next_like(first) : first->next;
    }
    return json_array_finish(&builder, ret_value, form->reterr);
}

static status read_map(const wire_form *form, const xml_element *entry, bool is_flattened,
                       const aws_member *map, json *ret_value)
{
    aws_member keys = aws_shape_member(map->shape, 0);
    aws_member values = aws_shape_member(map->shape, 1);
    json_object_builder builder;
    json_object_begin(&builder, form->a, 8);
    while (entry) {
        const xml_element *value = xml_child(entry, values.wire);
        if (value) {
            json made;
            TRY(response_read_xml(form, value, &values, &made));
            json_object_add(&builder, xml_child_text(entry, keys.wire), made);
        }
        entry = is_flattened ? xml_next_like(entry) : entry->next;
    }
    return json_object_finish(&builder, ret_value, form->reterr);
}

status response_read_xml(const wire_form *form, const xml_element *element,
                         const aws_member *member, json *ret_value)
{
    switch (aws_shape_type(member->shape)) {
    case AWS_STRUCTURE:
        return read_structure(form, element, member->shape, ret_value);
    case AWS_LIST:
        return read_list(form, element->first_child, false, member, ret_value);
    case AWS_MAP:
        return read_map(form, element->first_child, false, member, ret_value);
    default:
        return wire_scalar_read(form, member, element->text, ret_value);
    }
}

static json attribute_value(const xml_element *element, str name)
{
    for (const xml_attribute *a = element->attributes; a; a = a->next) {
        if (str_equal(a->name, name)) {
            return json_from_str(a->value);
        }
    }
    return (json){0};
}

status response_read_xml_member(const wire_form *form, const xml_element *parent,
                                const aws_member *member, json *ret_value)
{
    *ret_value = (json){0};
    if (!parent || member->location != AWS_IN_BODY) {
        return STATUS_OK;
    }
    if (member->is_attribute) {
        *ret_value = attribute_value(parent, member->wire);
        return STATUS_OK;
    }
    aws_type type = aws_shape_type(member->shape);
    str name = member->wire;
    if (type == AWS_LIST && member->is_flattened) {
        aws_member items = aws_shape_member(member->shape, 0);
        name = items.wire.len ? items.wire : name;
    }
    const xml_element *element = xml_child(parent, name);
    if (!element) {
        return STATUS_OK;
    }
    if (type == AWS_LIST && member->is_flattened) {
        return read_list(form, element, true, member, ret_value);
    }
    if (type == AWS_MAP && member->is_flattened) {
        return read_map(form, element, true, member, ret_value);
    }
    bool is_scalar = type != AWS_STRUCTURE && type != AWS_LIST && type != AWS_MAP;
    if (is_scalar && type != AWS_STRING && type != AWS_BLOB && str_trim(element->text).len == 0) {
        return STATUS_OK; /* an empty element is no number, no time, no boolean */
    }
    return response_read_xml(form, element, member, ret_value);
}
