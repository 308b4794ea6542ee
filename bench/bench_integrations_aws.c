/* AWS service models: opening their file (mapped, digested, every reference checked), and a request
 * made and an answer read by them. The file stands beside the program. */
#include "bench.h"
#include "integrations/aws/protocol.h"

#include <limits.h>
#include <unistd.h>

#define OPENINGS 21
#define RUNS 5
#define CALLS 20000

static const char parameters_text[] =
    "{\"TableName\":\"orders\",\"Item\":{\"id\":{\"S\":\"order-1\"},\"paid\":{\"Bool\":true},"
    "\"lines\":{\"L\":[{\"M\":{\"sku\":{\"S\":\"a\"},\"count\":{\"N\":\"2\"}}}]}}}";
static const char answer_text[] =
    "{\"Item\":{\"id\":{\"S\":\"order-1\"},\"paid\":{\"BOOL\":true},"
    "\"lines\":{\"L\":[{\"M\":{\"sku\":{\"S\":\"a\"},\"count\":{\"N\":\"2\"}}}]}}}";

static str models_path(char path[PATH_MAX + 16])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
    size_t slash = str_find_last_char(str_from(path, length > 0 ? (size_t)length : 0), '/');
    size_t end = slash == STR_NOT_FOUND ? 0 : slash;
    memcpy(path + end, "/aws-models", sizeof("/aws-models"));
    return str_from_c(path);
}

static double time_requests(aws_operation operation, arena *a)
{
    static const unsigned char entropy[AWS_ENTROPY_BYTES];
    error why = {0};
    double start = bench_seconds_now();
    for (int i = 0; i < CALLS; i++) {
        json parameters;
        aws_request request;
        arena_reset(a);
        bench_check(json_parse_into(str_from_c(parameters_text), a, &parameters, &why), &why);
        bench_check(aws_request_make(operation, parameters, entropy, a, &request, &why), &why);
    }
    return (bench_seconds_now() - start) * 1e6 / CALLS;
}

static double time_answers(aws_operation operation, arena *a)
{
    error why = {0};
    double start = bench_seconds_now();
    for (int i = 0; i < CALLS; i++) {
        aws_response response;
        arena_reset(a);
        bench_check(
            aws_response_read(operation, 200, NULL, 0, str_from_c(answer_text), a, &response, &why),
            &why);
    }
    return (bench_seconds_now() - start) * 1e6 / CALLS;
}

int main(void)
{
    char path[PATH_MAX + 16];
    double openings[OPENINGS], requests[RUNS], answers[RUNS];
    error why = {0};
    aws_models *models = NULL;
    aws_operation put, get;
    arena a;
    str file = models_path(path);
    for (int i = 0; i < OPENINGS; i++) {
        aws_models_close(models);
        double start = bench_seconds_now();
        bench_check(aws_models_open(file, &models, &why), &why);
        openings[i] = (bench_seconds_now() - start) * 1e3;
    }
    bench_check(aws_models_find(models, STR("dynamodb"), STR("putItem"), &put, &why), &why);
    bench_check(aws_models_find(models, STR("dynamodb"), STR("getItem"), &get, &why), &why);
    arena_init(&a, 0);
    for (int i = 0; i < RUNS; i++) {
        requests[i] = time_requests(put, &a);
        answers[i] = time_answers(get, &a);
    }
    bench_print("aws_models_open", openings, OPENINGS, 2, "ms");
    bench_print("aws_request_make, dynamodb putItem", requests, RUNS, 2, "us");
    bench_print("aws_response_read, dynamodb getItem", answers, RUNS, 2, "us");
    arena_clean_up(&a);
    aws_models_close(models);
    return 0;
}
