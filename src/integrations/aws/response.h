/* Private to the protocols: an answer being read. */
#ifndef GAIT_INTEGRATIONS_AWS_RESPONSE_H
#define GAIT_INTEGRATIONS_AWS_RESPONSE_H

#include "integrations/aws/protocol.h"
#include "integrations/aws/wire_value.h"
#include "integrations/aws/xml.h"

typedef struct response_reader {
    aws_operation operation;
    aws_service service;
    aws_protocol protocol;
    aws_operation_traits traits;
    aws_shape output; /* may not exist */
    unsigned http_status;
    const aws_header *headers;
    uint32_t header_count;
    str body;
    wire_form form;
    json json_body;              /* of JSON and CBOR */
    const xml_element *xml_root; /* of XML; NULL when the body is empty */
    const xml_element *xml_output;
} response_reader;

/* Absent when there is none. */
str response_header(const response_reader *r, str name);
/* The body as the protocol has it. */
MUST_USE status response_parse_body(response_reader *r);
/* A body's member; JSON_ABSENT when it is not there. */
MUST_USE status response_read_xml_member(const wire_form *form, const xml_element *parent,
                                         const aws_member *member, json *ret_value);
/* What an element holds, as a value of the member's shape. */
MUST_USE status response_read_xml(const wire_form *form, const xml_element *element,
                                  const aws_member *member, json *ret_value);
/* Headers and the status, for a member that is there. */
MUST_USE status response_read_place(const response_reader *r, const aws_member *member,
                                    json *ret_value);
/* The failure that a status and a body of an error stand for. */
MUST_USE status response_read_failure(response_reader *r, aws_response *ret_response);

#endif
