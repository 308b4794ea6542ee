/* Private to the models: the file's records as they lie in memory (docs/internals/aws-models.md).
 * Texts are offsets into the section of texts: two bytes of length, then the text. */
#ifndef GAIT_INTEGRATIONS_AWS_MODELS_FILE_H
#define GAIT_INTEGRATIONS_AWS_MODELS_FILE_H

#include "integrations/aws/shapes.h"

#define MODELS_NONE 0xFFFFFFFFu /* instead of a record's index */

enum {
    MODELS_SERVICES,
    MODELS_OPERATIONS,
    MODELS_EXTRAS, /* of operations, where they are rare */
    MODELS_SHAPES,
    MODELS_MEMBERS,
    MODELS_MEMBER_EXTRAS,
    MODELS_CONSTRAINTS,
    MODELS_TEXTS, /* lists of texts */
    MODELS_ERRORS,
    MODELS_PARTITIONS,
    MODELS_ENDPOINTS,
    MODELS_STRINGS,
    MODELS_SECTIONS,
};

typedef struct models_service {
    uint32_t sdk_name, prefix, id, endpoint_prefix, signing_name, target_prefix, api_version,
        json_version, xml_namespace;
    uint8_t protocol, flags;
    uint16_t protocols; /* a bit for each that it speaks */
    uint32_t operations, operation_count, errors, error_count, endpoints, endpoint_count, unused2;
} models_service;

typedef struct models_operation {
    uint32_t action, name, uri, input, output, extras;
    uint8_t method, flags;
    uint16_t endpoint_set; /* which of the service's endpoints it has */
} models_operation;

typedef struct models_extras {
    uint32_t wrapper, input_root, input_namespace, host_prefix, checksum_member, output_root;
} models_extras;

typedef struct models_shape {
    uint8_t type, flags;
    uint16_t unused;
    uint32_t members, member_count, constraint;
} models_shape;

typedef struct models_member {
    uint32_t name, wire, shape;
    uint16_t traits, extra;
} models_member;

typedef struct models_constraint {
    int64_t min, max;
    uint32_t pattern, texts, text_count, present;
} models_constraint;

typedef struct models_error {
    uint32_t code, exception, shape;
    uint16_t http_status, unused;
} models_error;

typedef struct models_partition {
    uint32_t id, dns_suffix, texts, prefix_count, text_count; /* prefixes, then regions */
} models_partition;

typedef struct models_endpoint {
    uint16_t partition, variant; /* a variant's bits, and above these the number of its set */
    uint32_t region, host, signing_region, signing_name;
} models_endpoint;

struct aws_models {
    const char *bytes;
    size_t length;
    bool is_mapped;
    str version;
    const models_service *services;
    const models_operation *operations;
    const models_extras *extras;
    const models_shape *shapes;
    const models_member *members;
    const uint32_t *member_extras;
    const models_constraint *constraints;
    const uint32_t *texts;
    const models_error *errors;
    const models_partition *partitions;
    const models_endpoint *endpoints;
    const char *strings;
    uint32_t counts[MODELS_SECTIONS]; /* of records; of bytes for the strings */
};

/* A text whose offset was checked at open. */
static inline str models_str(const aws_models *m, uint32_t offset)
{
    const unsigned char *at = (const unsigned char *)m->strings + offset;
    return str_from((const char *)at + 2, (size_t)(at[0] | at[1] << 8));
}

/* Position of `name` in a run of records sorted by the text at their first field; MODELS_NONE. */
uint32_t models_search(const aws_models *m, const void *records, size_t size, uint32_t count,
                       str name);

#endif
