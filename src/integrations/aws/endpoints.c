#include "integrations/aws/endpoints.h"

#include <stdio.h>

#define SERVICE_NAME_CHARS_MAX 128

/* --------------------------------------------------------------------------------------- finding
 */

typedef struct configured_url {
    str url;
    const char *place; /* for messages */
    bool is_of_profile;
} configured_url;

/* The service's id as variables (upper case) and shared files spell it: "CLOUDWATCH_LOGS". */
static void spell_service(aws_service service, bool is_upper, char out[SERVICE_NAME_CHARS_MAX])
{
    str id = str_take(aws_service_id(service), SERVICE_NAME_CHARS_MAX - 1);
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        bool is_lower_now = c >= 'a' && c <= 'z';
        bool is_upper_now = c >= 'A' && c <= 'Z';
        out[i] = c == ' ' || c == '-'        ? '_'
                 : is_upper && is_lower_now  ? (char)(c - 32)
                 : !is_upper && is_upper_now ? (char)(c + 32)
                                             : c;
    }
    out[id.len] = '\0';
}

void aws_service_variable(aws_service service, char *out, size_t size)
{
    char upper[SERVICE_NAME_CHARS_MAX];
    spell_service(service, true, upper);
    snprintf(out, size, "AWS_ENDPOINT_URL_%s", upper);
}

static str own_member(const aws_settings *settings, aws_service service, const char *name)
{
    json services = json_get(settings->config, STR("services"));
    return json_str(json_get(json_get(services, aws_service_sdk_name(service)), str_from_c(name)));
}

/* [services NAME], which the profile's property `services` names. */
static str shared_service_url(const aws_settings *settings, const char *service)
{
    str section = aws_settings_property(settings, "services");
    return section.ptr ? aws_profiles_get_nested(&settings->profiles, AWS_SECTION_SERVICES, section,
                                                 str_from_c(service), STR("endpoint_url"))
                       : STR_NONE;
}

static bool are_urls_ignored(const aws_settings *settings)
{
    str ignore = aws_settings_variable(settings, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if (!ignore.ptr) {
        ignore = aws_settings_property(settings, "ignore_configured_endpoint_urls");
    }
    return aws_settings_is_true(ignore);
}

/* With `is_named_only` what holds for all services is left out. */
static configured_url find_url(const aws_settings *settings, aws_service service,
                               bool is_named_only)
{
    char lower[SERVICE_NAME_CHARS_MAX];
    char variable[SERVICE_NAME_CHARS_MAX + 32];
    spell_service(service, false, lower);
    aws_service_variable(service, variable, sizeof(variable));
    bool is_ignored = are_urls_ignored(settings);
    const struct {
        configured_url found;
        bool is_shared; /* with the SDKs, so that it can be ignored */
        bool is_named;  /* for this service */
    } rows[] = {
        {{aws_settings_variable(settings, variable), "AWS_ENDPOINT_URL_<SERVICE>", false},
         true,
         true},
        {{aws_settings_variable(settings, "AWS_ENDPOINT_URL"), "AWS_ENDPOINT_URL", false},
         true,
         false},
        {{own_member(settings, service, "endpoint"), "aws.services.<SERVICE>.endpoint", false},
         false,
         true},
        {{json_str(json_get(settings->config, STR("endpoint"))), "aws.endpoint", false},
         false,
         false},
        {{shared_service_url(settings, lower), "endpoint_url of the profile's services", true},
         true,
         true},
        {{aws_settings_property(settings, "endpoint_url"), "endpoint_url of the profile", true},
         true,
         false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (rows[i].found.url.len && !(is_ignored && rows[i].is_shared) &&
            (rows[i].is_named || !is_named_only)) {
            return rows[i].found;
        }
    }
    return (configured_url){0};
}

/* A profile whose services are not there would send calls to AWS that were meant for elsewhere. */
static status check_services_section(const aws_settings *settings, configured_url found,
                                     error *reterr)
{
    str section = aws_settings_property(settings, "services");
    bool is_asked = section.ptr && (!found.url.len || found.is_of_profile);
    if (is_asked && !are_urls_ignored(settings) &&
        !aws_profiles_has(&settings->profiles, AWS_SECTION_SERVICES, section)) {
        return fail(reterr, ERROR_INVALID,
                    "the profile '%.*s' names the services '%.*s', which are not in the config "
                    "file",
                    STR_ARG(settings->profile), STR_ARG(str_take(section, 100)));
    }
    return STATUS_OK;
}

/* ------------------------------------------------------------------------------------------- URLs
 */

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("-._:[]", c);
}

static str without_port(str host, str port)
{
    return str_ends_with(host, port) ? str_take(host, host.len - port.len) : host;
}

static bool is_host(str text)
{
    for (size_t i = 0; text.ptr && i < text.len; i++) {
        if (!text.ptr[i] || !is_host_char(text.ptr[i])) {
            return false;
        }
    }
    return text.len > 0;
}

static bool is_path(str text)
{
    for (size_t i = 0; text.ptr && i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] >= 0x7f || strchr("?#\"<>\\", text.ptr[i])) {
            return false;
        }
    }
    return true;
}

static status read_url(configured_url from, aws_target *target, error *reterr)
{
    str rest = from.url;
    if (str_find_char(rest, '@') != STR_NOT_FOUND) { /* not shown, since it may be a secret */
        return fail(reterr, ERROR_INVALID,
                    "%s holds a user's name or password ('@'), which no endpoint takes, so it is "
                    "no URL such as http://127.0.0.1:5000",
                    from.place);
    }
    target->is_plain = str_starts_with(rest, STR("http://"));
    target->scheme = target->is_plain ? STR("http") : STR("https");
    bool is_http = target->is_plain || str_starts_with(rest, STR("https://"));
    rest = str_skip(rest, target->scheme.len + 3);
    size_t slash = str_find_char(rest, '/');
    target->host = str_take(rest, slash == STR_NOT_FOUND ? rest.len : slash);
    target->path = slash == STR_NOT_FOUND ? STR("") : str_skip(rest, slash);
    while (str_ends_with(target->path, STR("/"))) {
        target->path = str_take(target->path, target->path.len - 1);
    }
    if (!is_http || !is_host(target->host) || !is_path(target->path)) {
        return fail(reterr, ERROR_INVALID,
                    "%s is '%.*s', which is no URL such as http://127.0.0.1:5000", from.place,
                    STR_ARG(str_take(from.url, 200)));
    }
    target->host = without_port(target->host, target->is_plain ? STR(":80") : STR(":443"));
    return STATUS_OK;
}

bool aws_target_may_be_own(aws_service service)
{
    str name = aws_service_sdk_name(service);
    return str_equal(name, STR("sfn")) || str_equal(name, STR("lambda"));
}

static status copy_texts(aws_target *target, arena *a, error *reterr)
{
    str *const texts[] = {&target->host, &target->path, &target->region};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        *texts[i] = arena_str(a, *texts[i]);
        if (!texts[i]->ptr) {
            return fail_memory(reterr);
        }
    }
    return STATUS_OK;
}

/* --------------------------------------------------------------------------------------- variants
 */

static bool is_s3(aws_service service)
{
    str name = aws_service_sdk_name(service);
    return str_equal(name, STR("s3")) || str_equal(name, STR("s3control"));
}

/* A property of the profile's `s3 =`. */
static bool has_s3_switch(const aws_settings *settings, const char *name)
{
    return aws_settings_is_true(aws_profiles_get_nested(
        &settings->profiles, AWS_SECTION_PROFILE, settings->profile, STR("s3"), str_from_c(name)));
}

/* Which endpoint is asked for:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
 */
static status find_variant(const aws_settings *settings, aws_service service, unsigned *ret_variant,
                           error *reterr)
{
    bool is_fips = false, is_dual = false;
    TRY(aws_settings_switch(settings, "AWS_USE_FIPS_ENDPOINT", "useFipsEndpoint",
                            "use_fips_endpoint", &is_fips, reterr));
    TRY(aws_settings_switch(settings, "AWS_USE_DUALSTACK_ENDPOINT", "useDualstackEndpoint",
                            "use_dualstack_endpoint", &is_dual, reterr));
    if (is_s3(service) && has_s3_switch(settings, "use_accelerate_endpoint")) {
        return fail(reterr, ERROR_UNSUPPORTED,
                    "the profile '%.*s' asks for the accelerate endpoint of S3 "
                    "(use_accelerate_endpoint), which is not supported",
                    STR_ARG(settings->profile));
    }
    is_dual |= is_s3(service) && has_s3_switch(settings, "use_dualstack_endpoint");
    *ret_variant = (is_fips ? AWS_ENDPOINT_FIPS : 0) | (is_dual ? AWS_ENDPOINT_DUAL_STACK : 0);
    return STATUS_OK;
}

/* The older SDKs spelled what AWS_USE_FIPS_ENDPOINT says as a part of the region's name. */
static status check_region(str region, error *reterr)
{
    return str_starts_with(region, STR("fips-")) || str_ends_with(region, STR("-fips"))
               ? fail(reterr, ERROR_INVALID,
                      "'%.*s' is not the name of an AWS region: AWS_USE_FIPS_ENDPOINT=true asks "
                      "for FIPS endpoints",
                      STR_ARG(str_take(region, 100)))
               : STATUS_OK;
}

/* As the SDKs, which take an address or a variant and never guess how both could be meant. */
static status refuse_both(unsigned variant, configured_url from, error *reterr)
{
    bool is_fips = variant & AWS_ENDPOINT_FIPS;
    return fail(reterr, ERROR_INVALID,
                "%s endpoints are asked for (%s), which an endpoint that is configured (%s) is "
                "not: leave one of the two out",
                is_fips ? "FIPS" : "dual-stack",
                is_fips ? "AWS_USE_FIPS_ENDPOINT" : "AWS_USE_DUALSTACK_ENDPOINT", from.place);
}

/* An address that a service has given out, such as a queue's: where another of the service's
 * endpoints is asked for, that one serves it as well. */
static bool is_of_aws(aws_service service, str region, str url, arena *a)
{
    aws_endpoint known;
    if (!str_starts_with(url, STR("https://")) ||
        failed(aws_service_endpoint(service, region, a, &known, NULL))) {
        return false;
    }
    str host = str_skip(url, strlen("https://"));
    size_t end = str_find_char(host, '/');
    host = str_take(host, end == STR_NOT_FOUND ? host.len : end);
    str suffix = known.dns_suffix;
    return host.ptr && host.len > suffix.len && str_ends_with(host, suffix) &&
           host.ptr[host.len - suffix.len - 1] == '.';
}

status aws_target_find(const aws_settings *settings, aws_service service, str region, str endpoint,
                       str own_endpoint, arena *a, aws_target *ret_target, error *reterr)
{
    aws_target target = {0};
    aws_endpoint known;
    unsigned variant = 0;
    str own_region = own_member(settings, service, "region");
    region = own_region.len ? own_region : region;
    TRY(check_region(region, reterr));
    TRY(find_variant(settings, service, &variant, reterr));
    if (endpoint.len && variant && is_of_aws(service, region, endpoint, a)) {
        endpoint = STR_NONE;
    }
    configured_url from = {endpoint, "the endpoint of the call", false};
    bool is_own = own_endpoint.len && aws_target_may_be_own(service);
    if (!from.url.len) {
        from = find_url(settings, service, is_own);
        TRY(check_services_section(settings, from, reterr));
    }
    if (str_equal(from.url, STR("aws"))) {
        target.is_chosen = true;
        from.url = STR_NONE;
    } else if (from.url.len) {
        target.kind = AWS_TARGET_CONFIGURED;
    } else if (is_own) {
        target.kind = AWS_TARGET_OWN;
        from = (configured_url){own_endpoint, "the server's own address", false};
    }
    if (target.kind == AWS_TARGET_CONFIGURED && variant) {
        return refuse_both(variant, from, reterr);
    }
    variant = target.kind == AWS_TARGET_AWS ? variant : 0;
    TRY(aws_service_endpoint_variant(service, region, variant, a, &known, reterr));
    target.region = known.signing_region;
    target.service = known.signing_name;
    target.dns_suffix = known.dns_suffix;
    if (from.url.len) {
        TRY(read_url(from, &target, reterr));
    } else {
        target.scheme = STR("https");
        target.host = known.host;
        target.path = known.path;
    }
    TRY(copy_texts(&target, a, reterr));
    *ret_target = target;
    return STATUS_OK;
}

/* ----------------------------------------------------------------------------------- one request
 */

/* Without port and brackets. */
static str bare_host(str host)
{
    if (host.len && host.ptr[0] == '[') {
        size_t end = str_find_char(host, ']');
        return end == STR_NOT_FOUND ? host : str_take(str_skip(host, 1), end - 1);
    }
    size_t colon = str_find_char(host, ':');
    return colon == STR_NOT_FOUND ? host : str_take(host, colon);
}

static bool is_ipv4(str host)
{
    bool has_dot = false;
    for (size_t i = 0; i < host.len; i++) {
        has_dot |= host.ptr[i] == '.';
        if (host.ptr[i] != '.' && (host.ptr[i] < '0' || host.ptr[i] > '9')) {
            return false;
        }
    }
    return has_dot;
}

bool aws_host_is_loopback(str host)
{
    str bare = bare_host(host);
    return str_equal_ignore_case(bare, STR("localhost")) ||
           str_ends_with(bare, STR(".localhost")) || str_equal(bare, STR("::1")) ||
           (is_ipv4(bare) && str_starts_with(bare, STR("127.")));
}

/* Names below a configured host exist where it is one of AWS's (a VPC endpoint), hardly elsewhere.
 */
static bool takes_prefixes(const aws_target *target)
{
    str bare = bare_host(target->host);
    return target->kind == AWS_TARGET_AWS ||
           (target->kind == AWS_TARGET_CONFIGURED && !target->is_plain && !is_ipv4(bare) &&
            str_find_char(bare, ':') == STR_NOT_FOUND && !aws_host_is_loopback(bare) &&
            str_find_char(bare, '.') != STR_NOT_FOUND);
}

/* A name that is a label of a host name, and covered by the certificate of *.s3.amazonaws.com. */
static bool is_host_label(str bucket)
{
    if (bucket.len < 3 || bucket.len > 63 || bucket.ptr[0] == '-' ||
        bucket.ptr[bucket.len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < bucket.len; i++) {
        char c = bucket.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
            return false;
        }
    }
    return true;
}

status aws_target_place(const aws_target *target, aws_service service, const aws_request *request,
                        arena *a, aws_place *ret_place, error *reterr)
{
    aws_place place;
    str path = request->path;
    str prefix = takes_prefixes(target) ? request->host_prefix : STR_NONE;
    const char *dot = "";
    if (target->kind == AWS_TARGET_AWS && str_equal(aws_service_sdk_name(service), STR("s3")) &&
        request->bucket.len) {
        if (str_starts_with(request->bucket, STR("arn:"))) {
            return fail(reterr, ERROR_UNSUPPORTED,
                        "the bucket '%.*s' is an ARN, which is not supported: give its alias",
                        STR_ARG(str_take(request->bucket, 200)));
        }
        if (is_host_label(request->bucket)) {
            prefix = request->bucket;
            dot = ".";
            path = str_skip(path, 1 + request->bucket.len);
        }
    }
    place.host = arena_printf(a, "%.*s%s%.*s", STR_ARG(prefix), dot, STR_ARG(target->host));
    place.path = arena_printf(a, "%.*s%s%.*s", STR_ARG(target->path),
                              str_starts_with(path, STR("/")) ? "" : "/", STR_ARG(path));
    if (!place.host.ptr || !place.path.ptr) {
        return fail_memory(reterr);
    }
    *ret_place = place;
    return STATUS_OK;
}
