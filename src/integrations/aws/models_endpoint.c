/* Where a service's calls go: the row of its region, else the row of the region's partition, else
 * what most services do. */
#include "integrations/aws/models_file.h"

#include "base/buf.h"

#define VARIANT_BITS 2
#define REGION_CHARS_MAX 63 /* a host label: RFC 1123 */

static bool is_host_label(str region)
{
    if (region.len == 0 || region.len > REGION_CHARS_MAX) {
        return false;
    }
    for (size_t i = 0; i < region.len; i++) {
        char c = region.ptr[i];
        bool is_edge = i == 0 || i == region.len - 1;
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c == '-' && !is_edge))) {
            return false;
        }
    }
    return true;
}

/* The partition that lists the region, or else the one with the longest prefix of its name, or
 * else the first, which is "aws". */
static uint32_t partition_of(const aws_models *m, str region)
{
    uint32_t best = 0;
    size_t best_length = 0;
    for (uint32_t i = 0; i < m->counts[MODELS_PARTITIONS]; i++) {
        const models_partition *p = &m->partitions[i];
        for (uint32_t k = 0; k < p->text_count; k++) {
            str text = models_str(m, m->texts[p->texts + k]);
            bool is_prefix = k < p->prefix_count;
            if (!is_prefix && str_equal(text, region)) {
                return i;
            }
            if (is_prefix && text.len > best_length && str_starts_with(region, text)) {
                best = i;
                best_length = text.len;
            }
        }
    }
    return best;
}

/* NULL when the service has none in this partition. */
static const models_endpoint *endpoint_row(aws_service service, uint32_t partition,
                                           unsigned variant, str region)
{
    const aws_models *m = service.models;
    const models_service *s = &m->services[service.index];
    const models_endpoint *found = NULL;
    uint32_t wanted = variant | service.endpoint_set << VARIANT_BITS;
    for (uint32_t i = 0; i < s->endpoint_count; i++) {
        const models_endpoint *row = &m->endpoints[s->endpoints + i];
        str of = models_str(m, row->region);
        if (row->partition == partition && row->variant == wanted &&
            (of.len == 0 || str_equal(of, region))) {
            found = row; /* the partition's own row comes first */
        }
    }
    return found && models_str(m, found->host).len ? found : NULL;
}

bool aws_service_is_global(aws_service service, str region)
{
    const aws_models *m = service.models;
    if (m->counts[MODELS_PARTITIONS] == 0) {
        return false;
    }
    const models_endpoint *row = endpoint_row(service, partition_of(m, region), 0, STR(""));
    return row && str_find(models_str(m, row->host), STR("{region}")) == STR_NOT_FOUND;
}

static str expand(str text, str region, str dns_suffix, arena *a)
{
    buf out;
    buf_init(&out, 1024);
    while (text.ptr && text.len) {
        if (str_starts_with(text, STR("{region}"))) {
            buf_add_str(&out, region);
            text = str_skip(text, strlen("{region}"));
        } else if (str_starts_with(text, STR("{dnsSuffix}"))) {
            buf_add_str(&out, dns_suffix);
            text = str_skip(text, strlen("{dnsSuffix}"));
        } else {
            buf_add_char(&out, text.ptr[0]);
            text = str_skip(text, 1);
        }
    }
    str copy = out.overflowed ? STR_NONE : arena_str(a, buf_str(&out));
    buf_clean_up(&out);
    return copy;
}

static status refuse_variant(aws_service service, str region, unsigned variant, error *reterr)
{
    static const char *const names[] = {"", "FIPS", "dual-stack", "FIPS and dual-stack"};
    return fail(reterr, ERROR_UNSUPPORTED, "%.*s has no %s endpoint in the region '%.*s'",
                STR_ARG(aws_service_id(service)),
                names[variant & (AWS_ENDPOINT_FIPS | AWS_ENDPOINT_DUAL_STACK)], STR_ARG(region));
}

/* "maps.geo.eu-west-1.amazonaws.com/v2" */
static void split_path(aws_endpoint *endpoint)
{
    size_t slash = str_find_char(endpoint->host, '/');
    endpoint->path = slash == STR_NOT_FOUND ? STR("") : str_skip(endpoint->host, slash);
    endpoint->host = slash == STR_NOT_FOUND ? endpoint->host : str_take(endpoint->host, slash);
}

status aws_service_endpoint_variant(aws_service service, str region, unsigned variant, arena *a,
                                    aws_endpoint *ret_endpoint, error *reterr)
{
    const aws_models *m = service.models;
    if (!is_host_label(region)) {
        return fail(reterr, ERROR_INVALID, "'%.*s' is not the name of an AWS region",
                    STR_ARG(str_take(region, 100)));
    }
    if (m->counts[MODELS_PARTITIONS] == 0) {
        return fail(reterr, ERROR_NOT_FOUND, "the AWS service models have no partitions");
    }
    uint32_t index = partition_of(m, region);
    const models_partition *partition = &m->partitions[index];
    const models_endpoint *row = endpoint_row(service, index, variant, region);
    if (!row && variant) {
        return refuse_variant(service, region, variant, reterr);
    }
    str suffix = models_str(m, partition->dns_suffix);
    str signing_name = row ? models_str(m, row->signing_name) : STR("");
    str signing_region = row ? models_str(m, row->signing_region) : STR("");
    aws_endpoint endpoint = {
        .host =
            row ? expand(models_str(m, row->host), region, suffix, a)
                : arena_printf(a, "%.*s.%.*s.%.*s", STR_ARG(aws_service_endpoint_prefix(service)),
                               STR_ARG(region), STR_ARG(suffix)),
        .signing_region = arena_str(a, signing_region.len ? signing_region : region),
        .signing_name = signing_name.len ? signing_name : aws_service_signing_name(service),
        .partition = models_str(m, partition->id),
        .dns_suffix = suffix,
    };
    if (!endpoint.host.ptr || !endpoint.signing_region.ptr) {
        return fail_memory(reterr);
    }
    split_path(&endpoint);
    *ret_endpoint = endpoint;
    return STATUS_OK;
}

status aws_service_endpoint(aws_service service, str region, arena *a, aws_endpoint *ret_endpoint,
                            error *reterr)
{
    return aws_service_endpoint_variant(service, region, 0, a, ret_endpoint, reterr);
}
