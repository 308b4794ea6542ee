/* A file of service models with the right digest and wrong contents: opened or refused, and walked
 * without a crash. The header is ours, so that the fuzzer gets past it. */
#include "base/digest.h"
#include "integrations/aws/protocol.h"
#include "integrations/aws/shapes.h"

#include <stdlib.h>

#define HEADER_BYTES 48

static void walk_shape(aws_shape shape)
{
    for (uint32_t i = 0; aws_shape_exists(shape) && i < aws_shape_member_count(shape); i++) {
        aws_member member = aws_shape_member(shape, i);
        aws_member found;
        aws_constraint constraint;
        (void)aws_shape_find(shape, member.name, &found);
        if (aws_shape_constraint(member.shape, &constraint) && constraint.value_count) {
            INVARIANT(aws_constraint_value(&constraint, 0).ptr != NULL);
        }
        INVARIANT(member.wire.ptr != NULL);
    }
}

static void walk(const aws_models *models)
{
    arena a;
    arena_init(&a, 1u << 24);
    for (uint32_t i = 0; i < aws_models_service_count(models) && i < 4; i++) {
        aws_service service = aws_models_service_at(models, i);
        for (unsigned variant = 0; variant <= (AWS_ENDPOINT_FIPS | AWS_ENDPOINT_DUAL_STACK);
             variant++) {
            aws_endpoint endpoint;
            if (ok(aws_service_endpoint_variant(service, STR("eu-west-1"), variant, &a, &endpoint,
                                                NULL))) {
                INVARIANT(endpoint.host.ptr != NULL);
            }
        }
        for (uint32_t k = 0; k < aws_service_operation_count(service) && k < 4; k++) {
            aws_operation operation = aws_service_operation_at(service, k);
            aws_request request;
            aws_response response;
            walk_shape(aws_operation_input(operation));
            walk_shape(aws_operation_output(operation));
            (void)ok(aws_request_make(operation, json_empty_object(), (unsigned char[16]){0}, &a,
                                      &request, NULL));
            (void)ok(aws_response_read(operation, 200, NULL, 0, STR("{}"), &a, &response, NULL));
        }
        aws_operation operation;
        (void)ok(aws_models_find(models, STR("a"), STR("b"), &operation, NULL));
    }
    arena_clean_up(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEADER_BYTES) {
        return 0;
    }
    char *bytes = malloc(size); /* aligned, and its end is watched */
    INVARIANT(bytes != NULL);
    memcpy(bytes, data, size);
    memcpy(bytes, "GAITAWSM\2\0\0\0", 12);
    uint32_t length = (uint32_t)size;
    memcpy(bytes + 12, &length, 4);
    unsigned char digest[DIGEST_BYTES_MAX];
    digest_compute(DIGEST_SHA256, str_from(bytes + HEADER_BYTES, size - HEADER_BYTES), digest);
    memcpy(bytes + 16, digest, 32);
    aws_models *models;
    if (ok(aws_models_from_memory(str_from(bytes, size), &models, NULL))) {
        walk(models);
        aws_models_close(models);
    }
    free(bytes);
    return 0;
}
