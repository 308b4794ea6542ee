/* An HTTP Task's parameters and answers: refused with words, or a request that can be sent; never a
 * header that smuggles another, nor an address with a name inside. */
#include "integrations/http/request.h"
#include "integrations/http/response.h"

static const char config_text[] =
    "{\"connections\":{\"c\":{\"AuthorizationType\":\"API_KEY\",\"AuthParameters\":{"
    "\"ApiKeyAuthParameters\":{\"ApiKeyName\":\"X-Key\",\"ApiKeyValue\":\"v\"},"
    "\"InvocationHttpParameters\":{\"BodyParameters\":[{\"Key\":\"b\",\"Value\":\"c\"}]}}}}}";

static void check_request(const http_request *request)
{
    for (size_t i = 0; i < request->header_count; i++) {
        str parts[] = {request->headers[i].name, request->headers[i].value};
        for (size_t k = 0; k < ARRAY_LENGTH(parts); k++) {
            INVARIANT(str_find_char(parts[k], '\n') == STR_NOT_FOUND);
            INVARIANT(str_find_char(parts[k], '\r') == STR_NOT_FOUND);
            INVARIANT(str_find_char(parts[k], '\0') == STR_NOT_FOUND);
        }
    }
    for (size_t i = 0; i < request->url.len; i++) {
        unsigned char c = (unsigned char)request->url.ptr[i];
        INVARIANT(c > ' ' && c < 0x7F);
    }
}

static void fuzz_answer(str text, arena *a)
{
    str rest = text;
    net_http_header headers[] = {{STR("Content-Type"), str_split_next(&rest, '\n')},
                                 {STR("X"), text}};
    net_http_outcome outcome = {.status = text.len ? 100u + (unsigned char)text.ptr[0] : 200,
                                .reason = str_take(text, 20),
                                .headers = headers,
                                .header_count = ARRAY_LENGTH(headers),
                                .body = rest};
    http_result result;
    if (ok(http_response_read(&outcome, a, &result, NULL))) {
        INVARIANT(result.succeeded ? json_text(result.output, a).ptr != NULL
                                   : result.error.len > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str text = str_from((const char *)data, size);
    const http_request_rules rules = {.region = STR("r")};
    http_connection connection;
    http_request request;
    json config, parameters;
    str arn;
    arena a;
    arena_init(&a, 256u << 20);
    fuzz_answer(text, &a);
    status known = json_parse_into(STR(config_text), &a, &config, NULL);
    if (ok(known)) {
        known = http_connection_read(config, STR("c"), &a, &connection, NULL);
    }
    INVARIANT(ok(known));
    if (ok(json_parse_into(text, &a, &parameters, NULL))) {
        if (ok(http_connections_check(parameters, NULL)) &&
            ok(http_connection_read(parameters, STR("c"), &a, &connection, NULL)) &&
            connection.authorization == HTTP_OAUTH &&
            ok(http_request_token(&connection, &rules, &a, &request, NULL))) {
            check_request(&request);
        }
        if (ok(http_request_connection(parameters, &arn, NULL)) &&
            ok(http_request_make(parameters, &connection, STR("t"), &rules, &a, &request, NULL))) {
            check_request(&request);
        }
    }
    arena_clean_up(&a);
    return 0;
}
