/* Code signing: no function has a configuration of it here, since one is refused wherever it could
 * be given; deployment tools ask nevertheless, whenever they read a function.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionCodeSigningConfig.html */
#include "api/lambda/call.h"

/* Without a configuration both members are null, the function's name too. */
void lambda_api_get_code_signing_config(lambda_call *call)
{
    json record = {0};
    json answer = {0};
    bool is_created = false;
    error err;
    if (!lambda_api_find_record(call, &record, &is_created)) {
        return;
    }
    if (failed(lambda_api_with(call, json_empty_object(), &answer, &err, "CodeSigningConfigArn",
                               json_null(), "FunctionName", json_null(), NULL))) {
        lambda_api_fail(call, &err);
    } else {
        lambda_api_answer(call, 200, answer);
    }
}

/* Takes away what is not there. */
void lambda_api_delete_code_signing_config(lambda_call *call)
{
    json record = {0};
    bool is_created = false;
    if (lambda_api_find_record(call, &record, &is_created)) {
        lambda_api_answer(call, 204, (json){0});
    }
}
