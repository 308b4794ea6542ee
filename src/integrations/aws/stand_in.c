#include "integrations/aws/stand_in.h"

#include "base/digest.h"
#include "integrations/aws/shapes.h"

#include <sys/random.h>

static str new_request_id(arena *a)
{
    unsigned char entropy[16];
    char text[UUID_TEXT_SIZE];
    INVARIANT(getrandom(entropy, sizeof(entropy), 0) == sizeof(entropy));
    return arena_str(a, uuid_from_entropy(entropy, text));
}

aws_outcome aws_stand_in_outcome(aws_operation operation, const local_answer *answer, arena *a)
{
    aws_service service = aws_operation_service(operation);
    str prefix = aws_service_exception_prefix(service);
    aws_error_shape known;
    aws_outcome outcome = {.kind = answer->succeeded ? AWS_SUCCEEDED
                                   : answer->status  ? AWS_FAILED_BY_SERVICE
                                                     : AWS_FAILED_ON_THE_WAY,
                           .operation = operation,
                           .output = answer->output,
                           .http_status = answer->succeeded ? 200 : answer->status,
                           .request_id = new_request_id(a),
                           .extended_request_id = STR(""),
                           .code = answer->code,
                           .message = answer->message,
                           .attempts = 1};
    if (outcome.kind == AWS_FAILED_ON_THE_WAY) {
        outcome.exception = STR("SdkClientException");
    } else if (aws_service_error(service, answer->code, &known)) {
        outcome.exception = known.exception;
    } else {
        outcome.exception = arena_printf(a, "%.*sException", STR_ARG(prefix));
    }
    outcome.error_name = arena_printf(a, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(outcome.exception));
    return outcome;
}
