/* Shapes, members and constraints, read from their records. */
#include "integrations/aws/models_file.h"

static const models_shape *shape_record(aws_shape shape)
{
    return &shape.models->shapes[shape.index];
}

aws_type aws_shape_type(aws_shape shape)
{
    return (aws_type)shape_record(shape)->type;
}

bool aws_shape_is_document(aws_shape shape)
{
    return shape_record(shape)->flags & 1;
}

uint32_t aws_shape_member_count(aws_shape shape)
{
    return shape_record(shape)->member_count;
}

aws_member aws_shape_member(aws_shape shape, uint32_t index)
{
    const aws_models *m = shape.models;
    const models_member *member = &m->members[shape_record(shape)->members + index];
    return (aws_member){
        .name = models_str(m, member->name),
        .wire = models_str(m, member->wire),
        .shape = {m, member->shape},
        .location = (aws_location)(member->traits & 7),
        .time_format = (aws_time_format)(member->traits >> 3 & 3),
        .is_required = member->traits >> 5 & 1,
        .is_flattened = member->traits >> 6 & 1,
        .is_token = member->traits >> 7 & 1,
        .is_host_label = member->traits >> 8 & 1,
        .is_json = member->traits >> 9 & 1,
        .is_attribute = member->traits >> 10 & 1,
        .is_payload = member->traits >> 11 & 1,
        .is_streaming = member->traits >> 12 & 1,
        .extra = models_str(m, m->member_extras[member->extra]),
    };
}

bool aws_shape_find(aws_shape shape, str name, aws_member *ret_member)
{
    const aws_models *m = shape.models;
    const models_shape *s = shape_record(shape);
    uint32_t index =
        models_search(m, m->members + s->members, sizeof(models_member), s->member_count, name);
    if (s->type != AWS_STRUCTURE || index == MODELS_NONE) {
        return false;
    }
    *ret_member = aws_shape_member(shape, index);
    return true;
}

bool aws_shape_constraint(aws_shape shape, aws_constraint *ret_constraint)
{
    const aws_models *m = shape.models;
    uint32_t index = shape_record(shape)->constraint;
    if (index == MODELS_NONE) {
        return false;
    }
    const models_constraint *c = &m->constraints[index];
    *ret_constraint = (aws_constraint){
        .has_min = c->present & 1,
        .has_max = c->present & 2,
        .min = c->min,
        .max = c->max,
        .pattern = models_str(m, c->pattern),
        .value_count = c->text_count,
        .models = m,
        .values = c->texts,
    };
    return true;
}

str aws_constraint_value(const aws_constraint *constraint, uint32_t index)
{
    const aws_models *m = constraint->models;
    return models_str(m, m->texts[constraint->values + index]);
}
