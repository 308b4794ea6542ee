/* What a signature costs: requests of a usual StartExecution that one core verifies in a second. */
#include "api/auth/sigv4.h"
#include "bench.h"

#define ROUNDS 7
#define REQUESTS 20000

int main(void)
{
    static const net_http_header headers[] = {
        {STR("Host"), STR("127.0.0.1:8083")},
        {STR("Accept-Encoding"), STR("identity")},
        {STR("X-Amz-Target"), STR("AWSStepFunctions.StartExecution")},
        {STR("Content-Type"), STR("application/x-amz-json-1.0")},
        {STR("User-Agent"), STR("Boto3/1.43.11 md/Botocore#1.43.11 ua/2.1 os/linux lang/python")},
        {STR("X-Amz-Date"), STR("20150830T123600Z")},
        {STR("Authorization"),
         STR("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/states/aws4_request, "
             "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
             "Signature=0000000000000000000000000000000000000000000000000000000000000000")},
        {STR("Content-Length"), STR("400")},
    };
    char body[400];
    memset(body, 'x', sizeof(body));
    auth_request request = {.method = STR("POST"),
                            .path = STR("/"),
                            .body = {body, sizeof(body)},
                            .headers = headers,
                            .header_count = ARRAY_LENGTH(headers)};
    auth_sigv4_rules rules = {STR("us-east-1"), STR("states"), 1440938160000, 300000};
    double rates[ROUNDS];
    arena a;
    arena_init(&a, 0);
    for (int round = 0; round < ROUNDS; round++) {
        double begin = bench_seconds_now();
        for (int i = 0; i < REQUESTS; i++) {
            auth_claim claim;
            const char *name;
            unsigned char signature[AUTH_SIGNATURE_BYTES];
            arena_reset(&a);
            if (failed(auth_sigv4_read(&request, &claim, &name, NULL)) ||
                ok(auth_sigv4_check(&request, &claim, STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLE"),
                                    &rules, &a, signature, &name, NULL))) {
                return 1; /* a wrong signature takes all of the work, and is refused */
            }
        }
        rates[round] = REQUESTS / (bench_seconds_now() - begin);
    }
    arena_clean_up(&a);
    bench_print("api_auth_signatures", rates, ROUNDS, 0, "requests/s");
    return 0;
}
