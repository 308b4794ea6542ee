/* Private to the protocols: a request in the making. */
#ifndef GAIT_INTEGRATIONS_AWS_REQUEST_H
#define GAIT_INTEGRATIONS_AWS_REQUEST_H

#include "integrations/aws/protocol.h"
#include "integrations/aws/wire_value.h"

typedef struct request_maker {
    aws_operation operation;
    aws_service service;
    aws_operation_traits traits;
    aws_shape input; /* may not exist */
    json parameters; /* an object that fits the model */
    bool body_is_bytes;
    arena *a;
    error *reterr;
    buf path, query, body; /* their failures are looked at in the end */
    aws_header *headers;   /* in the arena */
    uint32_t header_count, header_room;
    str host_prefix, bucket;
} request_maker;

/* Both texts live in the arena or longer. */
MUST_USE status request_add_header(request_maker *m, str name, str value);
bool request_has_header(const request_maker *m, str name);

/* Path, query and headers, by the members' places. */
MUST_USE status request_add_places(request_maker *m);
MUST_USE status request_add_host_prefix(request_maker *m);
/* Bodies: */
MUST_USE status request_add_query_body(request_maker *m); /* query and ec2 */
MUST_USE status request_add_xml_body(request_maker *m);   /* rest-xml, without a payload member */
MUST_USE status request_add_xml_payload(request_maker *m, const aws_member *payload, json value);
/* x-amz-checksum-*, Content-MD5, once the body is there. */
MUST_USE status request_add_checksum(request_maker *m);

#endif
