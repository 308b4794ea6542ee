/* What a call of an AWS service looks like on the wire, made and read by the service's model: the
 * protocols json 1.0 and 1.1, rest-json, rest-xml, query, ec2 and smithy-rpc-v2-cbor. Nothing here
 * signs, connects or waits.
 *
 * Parameters and outputs are spelled as Step Functions spells them: each member's name is its name
 * in the AWS SDK for Java 2.x with the first letter in upper case ("StateMachineArn" for
 * stateMachineArn, "SsekmsKeyId" for SSEKMSKeyId, "Bool" for BOOL). */
#ifndef GAIT_INTEGRATIONS_AWS_PROTOCOL_H
#define GAIT_INTEGRATIONS_AWS_PROTOCOL_H

#include "integrations/aws/models.h"
#include "net/http_server.h"
#include "json/json.h"

typedef net_http_header aws_header;

/* Everything lives in the arena, the parameters or the models. */
typedef struct aws_request {
    str method;
    str path;        /* begins with "/"; percent-encoded once, ready to be sent */
    str query;       /* encoded, without "?"; "" when there is none */
    str host_prefix; /* goes before the endpoint's host: "sync-"; "" mostly */
    str bucket;      /* s3: the bucket that `path` begins with, where its operation has one */
    const aws_header *headers; /* Content-Type among them; not Host, Content-Length or signatures */
    uint32_t header_count;
    str body;
    bool payload_is_unsigned; /* sign with UNSIGNED-PAYLOAD */
    bool is_anonymous;        /* do not sign */
} aws_request;

/* What stands for a token that the caller may leave out and the model says to make up. */
#define AWS_ENTROPY_BYTES 16

/* Adds the tokens that make a repeated request harmless, where an object of parameters leaves them
 * out. */
MUST_USE status aws_request_add_tokens(aws_operation operation, json parameters,
                                       const unsigned char entropy[AWS_ENTROPY_BYTES], arena *a,
                                       json *ret_parameters, error *reterr);
/* ERROR_UNSUPPORTED for a field that the model does not have, and for event streams; ERROR_TYPE for
 * a value of a wrong type; ERROR_INVALID for a missing value that the path or the host needs. The
 * words are those of Step Functions. Members that are null are left out. */
MUST_USE status aws_request_make(aws_operation operation, json parameters,
                                 const unsigned char entropy[AWS_ENTROPY_BYTES], arena *a,
                                 aws_request *ret_request, error *reterr);
/* The same of an operation whose payload is the member Body, a string: it is sent as it is. */
MUST_USE status aws_request_make_of_bytes(aws_operation operation, json parameters,
                                          const unsigned char entropy[AWS_ENTROPY_BYTES], arena *a,
                                          aws_request *ret_request, error *reterr);

/* What the definition's author can be told before any call: fields that do not exist, and required
 * ones that are missing. In a JSONPath template, names may end in ".$". Strings that are JSONata
 * expressions ("{% ... %}") stand for any value. */
MUST_USE status aws_parameters_check(aws_operation operation, json parameters, error *reterr);

typedef struct aws_response {
    bool succeeded;
    json output; /* when it succeeded: always an object */
    /* otherwise: */
    unsigned http_status;
    str error_name;          /* as Step Functions names it: "DynamoDb.ResourceNotFoundException" */
    str exception;           /* its part after the dot */
    str code;                /* the service's: "ResourceNotFoundException"; may be "" */
    str message;             /* the service's words; may be "" */
    str request_id;          /* of both outcomes; "" when the service gave none */
    str extended_request_id; /* S3's x-amz-id-2 */
} aws_response;

/* A failure of the service is a response; the status fails with ERROR_SYNTAX when an answer of 2xx
 * is not what the protocol promises, with ERROR_LIMIT and ERROR_MEMORY. */
MUST_USE status aws_response_read(aws_operation operation, unsigned http_status,
                                  const aws_header *headers, uint32_t header_count, str body,
                                  arena *a, aws_response *ret_response, error *reterr);

/* "MESSAGE (Service: DynamoDb, Status Code: 400, Request ID: ID) (SDK Attempt Count: 1)": the cause
 * of a failed task. attempts 0 leaves the count out. ptr NULL for want of memory. */
str aws_response_cause(aws_operation operation, const aws_response *response, unsigned attempts,
                       arena *a);

#endif
