/* Credentials that a machine or a container is given: by addresses that only it can reach.
 * Sources: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html and
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
#include "integrations/aws/source.h"

#define CONTAINER_MS_MAX 2000
#define METADATA_MS_DEFAULT 1000
#define METADATA_URL STR("http://169.254.169.254")
#define METADATA_PATH "/latest/meta-data/iam/security-credentials/"
#define METADATA_TOKEN_SECONDS STR("21600")
#define ANSWER_BYTES_MAX 65536u

/* No proxy stands between a machine and its own metadata. */
static bool may_connect(void *user, const struct sockaddr *address)
{
    (void)user;
    (void)address;
    return true;
}

static status ask(aws_source *source, str method, str url, const net_http_header *header,
                  int64_t ms_max, net_http_done *done, error *reterr)
{
    net_http_call_options options = {
        .method = method,
        .url = url,
        .headers = header,
        .header_count = header && header->value.len ? 1 : 0,
        .body = str_equal(method, STR("PUT")) ? STR("") : STR_NONE,
        .connect_ms_max = ms_max,
        .total_ms_max = ms_max,
        .response_bytes_max = ANSWER_BYTES_MAX,
        .is_secret = true,
        .may_connect = may_connect,
    };
    return net_http_call_start(source->options.context->http, &options, done, source, &source->call,
                               reterr);
}

static void ask_or_fail(aws_source *source, str method, str url, const net_http_header *header,
                        int64_t ms_max, net_http_done *done)
{
    error err;
    if (!url.ptr) {
        aws_source_fail(source, ERROR_MEMORY, "out of memory");
    } else if (failed(ask(source, method, url, header, ms_max, done, &err))) {
        aws_source_finish(source, NULL, &err);
    }
}

static void read_answer(aws_source *source, const net_http_outcome *answer, const char *where)
{
    json value;
    if (failed(json_parse_into(answer->body, &source->memory, &value, NULL)) ||
        !json_is(value, JSON_OBJECT)) {
        aws_source_fail(source, ERROR_INVALID, "%s is no JSON", where);
        return;
    }
    aws_source_finish_json(source, value, where);
}

/* -------------------------------------------------------------------------------------- container
 */

static void on_container(void *user, const net_http_outcome *answer)
{
    aws_source *source = user;
    source->call = NULL;
    if (answer->code != ERROR_NONE || answer->status != 200) {
        aws_source_fail(source, ERROR_IO,
                        "the container's credentials at %.*s cannot be had: %.*s (status %u)",
                        STR_ARG(str_take(source->plan->url, 200)),
                        STR_ARG(str_take(answer->message, 200)), answer->status);
        return;
    }
    read_answer(source, answer, "the answer of the container's credentials");
}

status aws_source_ask_container(aws_source *source, error *reterr)
{
    const aws_plan *plan = source->plan;
    str token = plan->authorization;
    if (plan->authorization_file.ptr) {
        TRY(aws_settings_read_file(source->options.settings, plan->authorization_file,
                                   &source->memory, &token, reterr));
        token = str_trim(token);
    }
    net_http_header header = {STR("Authorization"), token};
    return ask(source, STR("GET"), plan->url, &header, CONTAINER_MS_MAX, on_container, reterr);
}

/* --------------------------------------------------------------------------------------- metadata
 */

static int64_t metadata_ms(const aws_source *source)
{
    str text = aws_settings_variable(source->options.settings, "AWS_METADATA_SERVICE_TIMEOUT");
    int64_t seconds = 0;
    for (size_t i = 0; i < text.len && seconds < 1000; i++) {
        seconds =
            text.ptr[i] >= '0' && text.ptr[i] <= '9' ? seconds * 10 + (text.ptr[i] - '0') : 1000;
    }
    return seconds > 0 && seconds < 1000 ? seconds * 1000 : METADATA_MS_DEFAULT;
}

static net_http_header token_header(const aws_source *source)
{
    return (net_http_header){STR("X-aws-ec2-metadata-token"), source->metadata_token};
}

/* Nothing at the address is what every machine but EC2's has: then there are no credentials. */
static bool is_there(aws_source *source, const net_http_outcome *answer)
{
    source->call = NULL;
    if (answer->code == ERROR_NONE && answer->status == 200) {
        return true;
    }
    aws_source_fail(source, ERROR_NOT_FOUND,
                    "the metadata service of EC2 gives no credentials: %.*s (status %u)",
                    STR_ARG(str_take(answer->message, 200)), answer->status);
    return false;
}

static void on_metadata_credentials(void *user, const net_http_outcome *answer)
{
    aws_source *source = user;
    if (is_there(source, answer)) {
        read_answer(source, answer, "the answer of the metadata service of EC2");
    }
}

static void on_metadata_role(void *user, const net_http_outcome *answer)
{
    aws_source *source = user;
    if (!is_there(source, answer)) {
        return;
    }
    str rest = answer->body;
    str role = str_trim(str_split_next(&rest, '\n'));
    net_http_header header = token_header(source);
    ask_or_fail(source, STR("GET"),
                arena_printf(&source->memory, "%.*s" METADATA_PATH "%.*s",
                             STR_ARG(source->metadata_url), STR_ARG(str_take(role, 200))),
                &header, metadata_ms(source), on_metadata_credentials);
}

static void on_metadata_token(void *user, const net_http_outcome *answer)
{
    aws_source *source = user;
    if (!is_there(source, answer)) {
        return;
    }
    source->metadata_token = arena_str(&source->memory, str_trim(answer->body));
    net_http_header header = token_header(source);
    ask_or_fail(source, STR("GET"),
                arena_printf(&source->memory, "%.*s" METADATA_PATH, STR_ARG(source->metadata_url)),
                &header, metadata_ms(source), on_metadata_role);
}

status aws_source_ask_metadata(aws_source *source, error *reterr)
{
    const aws_settings *settings = source->options.settings;
    str url = aws_settings_variable(settings, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    while (url.len && url.ptr[url.len - 1] == '/') {
        url.len--;
    }
    source->metadata_url = url.len ? url : METADATA_URL;
    str whole =
        arena_printf(&source->memory, "%.*s/latest/api/token", STR_ARG(source->metadata_url));
    if (!whole.ptr) {
        return fail_memory(reterr);
    }
    net_http_header header = {STR("X-aws-ec2-metadata-token-ttl-seconds"), METADATA_TOKEN_SECONDS};
    return ask(source, STR("PUT"), whole, &header, metadata_ms(source), on_metadata_token, reterr);
}
