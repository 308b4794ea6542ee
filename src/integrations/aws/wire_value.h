/* Values of bodies in JSON and CBOR: members under the service's names, times and bytes as the wire
 * has them. What CBOR must know beyond JSON is in json.extra. */
#ifndef GAIT_INTEGRATIONS_AWS_WIRE_VALUE_H
#define GAIT_INTEGRATIONS_AWS_WIRE_VALUE_H

#include "integrations/aws/shapes.h"
#include "json/json.h"

enum {
    WIRE_BYTES = 1, /* a string whose bytes need not be text */
    WIRE_TIME,      /* a number: seconds since 1970 */
    WIRE_FLOAT,     /* a number of 32 bits */
    WIRE_DOUBLE,
};

typedef struct wire_form {
    bool is_cbor;
    bool keeps_places; /* rest: members that go elsewhere than the body are left out */
    arena *a;
    error *reterr;
} wire_form;

/* Parameters that were checked become what the body holds. */
MUST_USE status wire_value_make(const wire_form *form, const aws_member *member, json value,
                                unsigned depth, json *ret_value);
MUST_USE status wire_structure_make(const wire_form *form, aws_shape shape, json value,
                                    unsigned depth, json *ret_value);
/* And back: what an answer's body holds, as Step Functions gives it. Members that the model does
 * not have and nulls are left out. ERROR_SYNTAX where a value cannot be what the model says. */
MUST_USE status wire_value_read(const wire_form *form, const aws_member *member, json value,
                                unsigned depth, json *ret_value);
/* Adds the members that the body holds. */
MUST_USE status wire_structure_read(const wire_form *form, aws_shape shape, json value,
                                    unsigned depth, json_object_builder *builder);
/* Bytes that a blob's value stands for: of a string its own; of anything else, and of streams
 * always, its JSON text (a workflow's string is stored with its quotes). */
MUST_USE str wire_blob_bytes(const aws_member *member, json value, arena *a);
/* A single value as text: in paths, queries, headers and XML. ptr NULL for want of memory. */
MUST_USE str wire_scalar_text(const aws_member *member, json value, aws_time_format default_format,
                              arena *a);
/* The other way round: "12" as a number, "true" as a boolean. */
MUST_USE status wire_scalar_read(const wire_form *form, const aws_member *member, str text,
                                 json *ret_value);

#endif
