/* apigateway:invoke: a Task's parameters as those of an HTTP request. Pure.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html */
#ifndef GAIT_INTEGRATIONS_HTTP_API_GATEWAY_H
#define GAIT_INTEGRATIONS_HTTP_API_GATEWAY_H

#include "integrations/aws/sigv4.h"
#include "integrations/http/request.h"

typedef struct api_gateway_request {
    json parameters; /* as http_request_make takes them */
    str host;        /* that the Task names */
    str region;      /* of the host's name; absent: it has none */
    bool is_signed;  /* AuthType IAM_ROLE, RESOURCE_POLICY */
} api_gateway_request;

/* "apigateway": {"apis": {API ID or host: URL}} of the configuration: who answers in its place. */
MUST_USE status api_gateway_config_check(json config, error *reterr);

/* In the arena; may borrow from the arguments. ERROR_INVALID, _TYPE, _UNSUPPORTED: the parameters
 * are no such Task's. `config` is the whole configuration, or absent. */
MUST_USE status api_gateway_read(json parameters, json config, arena *a, api_gateway_request *ret,
                                 error *reterr);

/* The request with the headers of a signature. */
MUST_USE status api_gateway_sign(const http_request *request, const aws_signer *signer, arena *a,
                                 http_request *ret, error *reterr);

#endif
