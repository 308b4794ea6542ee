/* The shapes of the service models: what parameters and outputs are made of. Of the protocols, and
 * of who checks values against a model. Handles are passed by value, like those of models.h. */
#ifndef GAIT_INTEGRATIONS_AWS_SHAPES_H
#define GAIT_INTEGRATIONS_AWS_SHAPES_H

#include "integrations/aws/models.h"

typedef enum aws_type {
    AWS_STRUCTURE,
    AWS_LIST,
    AWS_MAP,
    AWS_STRING,
    AWS_BOOLEAN,
    AWS_INTEGER,
    AWS_LONG,
    AWS_FLOAT,
    AWS_DOUBLE,
    AWS_TIMESTAMP,
    AWS_BLOB,
} aws_type;

typedef enum aws_location {
    AWS_IN_BODY,
    AWS_IN_PATH,
    AWS_IN_QUERY,
    AWS_IN_HEADER,
    AWS_IN_HEADERS, /* a map: a header each, their names' beginning in common */
    AWS_IN_STATUS,  /* the HTTP status itself */
} aws_location;

typedef enum aws_time_format {
    AWS_TIME_DEFAULT, /* of the protocol and the place */
    AWS_TIME_ISO8601,
    AWS_TIME_RFC822,
    AWS_TIME_EPOCH,
} aws_time_format;

typedef struct aws_shape {
    const aws_models *models; /* NULL: there is none */
    uint32_t index;
} aws_shape;

/* A member of a structure, or what a list or a map is made of. */
typedef struct aws_member {
    str name; /* as Step Functions spells it: "StateMachineArn" */
    str wire; /* as the service does: "stateMachineArn"; of a list's items "" mostly */
    aws_shape shape;
    aws_location location;
    aws_time_format time_format;
    bool is_required, is_flattened, is_token, is_host_label, is_json, is_attribute, is_payload,
        is_streaming;
    str extra; /* "PREFIX=URI" of an XML namespace; an ec2 member's name in queries; mostly "" */
} aws_member;

static inline bool aws_shape_exists(aws_shape shape)
{
    return shape.models != NULL;
}
aws_type aws_shape_type(aws_shape shape);
bool aws_shape_is_document(aws_shape shape); /* any JSON */
uint32_t aws_shape_member_count(aws_shape shape);
/* Of a structure, in the order of their names; of a list: 0, its items; of a map: 0, its keys, and
 * 1, its values. index < aws_shape_member_count. */
aws_member aws_shape_member(aws_shape shape, uint32_t index);
/* A structure's member by the name that Step Functions gives it. */
bool aws_shape_find(aws_shape shape, str name, aws_member *ret_member);

/* What the model says about values; texts by index. */
typedef struct aws_constraint {
    bool has_min, has_max; /* of a number's value, a text's characters, a list's items */
    int64_t min, max;
    str pattern; /* Java's syntax; "" when there is none */
    uint32_t value_count;
    const aws_models *models;
    uint32_t values; /* for aws_constraint_value */
} aws_constraint;
/* False when there is none. */
bool aws_shape_constraint(aws_shape shape, aws_constraint *ret_constraint);
str aws_constraint_value(const aws_constraint *constraint, uint32_t index);

aws_shape aws_operation_input(aws_operation operation);
aws_shape aws_operation_output(aws_operation operation);

/* The rest of what a protocol needs to know. */
typedef struct aws_operation_traits {
    const char *method;
    str uri;             /* "/{Bucket}/{Key+}?acl" */
    str host_prefix;     /* "{AccountId}." */
    str input_root;      /* rest-xml: the body's element */
    str input_namespace; /* its xmlns */
    str output_wrapper;  /* query: the element that holds the output */
    str checksum_member; /* the input member that chooses the checksum's algorithm */
    bool payload_is_unsigned, is_anonymous, needs_checksum, has_events, is_offered;
} aws_operation_traits;
aws_operation_traits aws_operation_traits_of(aws_operation operation);

str aws_service_json_version(aws_service service);
bool aws_service_is_query_compatible(aws_service service);

/* An error that the service's model knows, by the code that the service gives it. */
typedef struct aws_error_shape {
    str exception; /* its class in the Java SDK: "NoSuchKeyException" */
    aws_shape shape;
    unsigned http_status; /* 0: the model does not say */
} aws_error_shape;
bool aws_service_error(aws_service service, str code, aws_error_shape *ret_error);

#endif
