/* Services and operations: found by binary search, read from their records. */
#include "integrations/aws/models_file.h"
#include "integrations/near_names.h"

#define NEAR_MAX 3 /* names in a refusal */
#define NEAR_DISTANCE_MAX 3

uint32_t models_search(const aws_models *m, const void *records, size_t size, uint32_t count,
                       str name)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint32_t offset;
        memcpy(&offset, (const char *)records + middle * size, sizeof(offset));
        int order = str_compare(models_str(m, offset), name);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return MODELS_NONE;
}

static const models_service *service_record(aws_service service)
{
    return &service.models->services[service.index];
}

static const models_operation *operation_record(aws_operation operation)
{
    return &operation.models->operations[operation.index];
}

/* ------------------------------------------------------------------------------------- services */

str aws_models_version(const aws_models *models)
{
    return models->version;
}

uint32_t aws_models_service_count(const aws_models *models)
{
    return models->counts[MODELS_SERVICES];
}

aws_service aws_models_service_at(const aws_models *models, uint32_t index)
{
    return (aws_service){.models = models, .index = index};
}

aws_service aws_models_service(const aws_models *models, str sdk_name)
{
    uint32_t index = models_search(models, models->services, sizeof(models_service),
                                   models->counts[MODELS_SERVICES], sdk_name);
    return index == MODELS_NONE ? (aws_service){0} : aws_models_service_at(models, index);
}

#define SERVICE_TEXT(function, field)                                                              \
    str function(aws_service service)                                                              \
    {                                                                                              \
        return models_str(service.models, service_record(service)->field);                         \
    }
SERVICE_TEXT(aws_service_sdk_name, sdk_name)
SERVICE_TEXT(aws_service_exception_prefix, prefix)
SERVICE_TEXT(aws_service_id, id)
SERVICE_TEXT(aws_service_endpoint_prefix, endpoint_prefix)
SERVICE_TEXT(aws_service_signing_name, signing_name)
SERVICE_TEXT(aws_service_target_prefix, target_prefix)
SERVICE_TEXT(aws_service_api_version, api_version)
SERVICE_TEXT(aws_service_json_version, json_version)

aws_protocol aws_service_protocol(aws_service service)
{
    return (aws_protocol)service_record(service)->protocol;
}

bool aws_service_is_query_compatible(aws_service service)
{
    return service_record(service)->flags & 1;
}

bool aws_service_error(aws_service service, str code, aws_error_shape *ret_error)
{
    const aws_models *m = service.models;
    const models_service *s = service_record(service);
    uint32_t index =
        models_search(m, m->errors + s->errors, sizeof(models_error), s->error_count, code);
    if (index == MODELS_NONE) {
        return false;
    }
    const models_error *e = &m->errors[s->errors + index];
    *ret_error = (aws_error_shape){
        .exception = models_str(m, e->exception),
        .shape = e->shape == MODELS_NONE ? (aws_shape){0} : (aws_shape){m, e->shape},
        .http_status = e->http_status,
    };
    return true;
}

/* ----------------------------------------------------------------------------------- operations */

aws_operation aws_service_operation(aws_service service, str action)
{
    const aws_models *m = service.models;
    if (!m) {
        return (aws_operation){0};
    }
    const models_service *s = service_record(service);
    uint32_t index = models_search(m, m->operations + s->operations, sizeof(models_operation),
                                   s->operation_count, action);
    return index == MODELS_NONE ? (aws_operation){0}
                                : (aws_operation){m, service.index, s->operations + index, 0};
}

uint32_t aws_service_operation_count(aws_service service)
{
    return service_record(service)->operation_count;
}

aws_operation aws_service_operation_at(aws_service service, uint32_t index)
{
    return (aws_operation){service.models, service.index,
                           service_record(service)->operations + index, 0};
}

aws_service aws_operation_service(aws_operation operation)
{
    return (aws_service){operation.models, operation.service,
                         operation_record(operation)->endpoint_set};
}

str aws_operation_name(aws_operation operation)
{
    return models_str(operation.models, operation_record(operation)->name);
}

str aws_operation_action(aws_operation operation)
{
    return models_str(operation.models, operation_record(operation)->action);
}

aws_protocol aws_operation_protocol(aws_operation operation)
{
    return operation.protocol ? (aws_protocol)(operation.protocol - 1)
                              : aws_service_protocol(aws_operation_service(operation));
}

bool aws_operation_use_protocol(aws_operation *operation, aws_protocol protocol)
{
    bool is_spoken = service_record(aws_operation_service(*operation))->protocols >> protocol & 1;
    operation->protocol = is_spoken ? (uint32_t)protocol + 1 : operation->protocol;
    return is_spoken;
}

bool aws_operation_is_anonymous(aws_operation operation)
{
    return operation_record(operation)->flags & 2;
}

static aws_shape shape_or_none(const aws_models *m, uint32_t index)
{
    return index == MODELS_NONE ? (aws_shape){0} : (aws_shape){m, index};
}

aws_shape aws_operation_input(aws_operation operation)
{
    return shape_or_none(operation.models, operation_record(operation)->input);
}

aws_shape aws_operation_output(aws_operation operation)
{
    return shape_or_none(operation.models, operation_record(operation)->output);
}

aws_operation_traits aws_operation_traits_of(aws_operation operation)
{
    static const char *const methods[] = {"GET",   "POST", "PUT",    "DELETE",
                                          "PATCH", "HEAD", "OPTIONS"};
    const aws_models *m = operation.models;
    const models_operation *o = operation_record(operation);
    const models_extras *extras = &m->extras[o->extras];
    return (aws_operation_traits){
        .method = methods[o->method],
        .uri = models_str(m, o->uri),
        .host_prefix = models_str(m, extras->host_prefix),
        .input_root = models_str(m, extras->input_root),
        .input_namespace = models_str(m, extras->input_namespace),
        .output_wrapper = models_str(m, extras->wrapper),
        .checksum_member = models_str(m, extras->checksum_member),
        .payload_is_unsigned = o->flags & 1,
        .is_anonymous = o->flags & 2,
        .needs_checksum = o->flags & 4,
        .has_events = o->flags & 8,
        .is_offered = !(o->flags & 16),
    };
}

/* ------------------------------------------------------------------------------------- refusals */

typedef struct near_names {
    str names[NEAR_MAX];
    size_t distances[NEAR_MAX];
    uint32_t count;
} near_names;

/* Keeps the nearest, in order. */
static void near_consider(near_names *n, str wanted, str name)
{
    size_t distance = near_names_distance(wanted, name);
    bool is_part = wanted.len >= 3 && str_find(name, wanted) != STR_NOT_FOUND;
    if (distance > NEAR_DISTANCE_MAX && !is_part) {
        return;
    }
    uint32_t at = n->count < NEAR_MAX ? n->count++ : NEAR_MAX;
    while (at > 0 && (at == NEAR_MAX || n->distances[at - 1] > distance)) {
        if (at < NEAR_MAX) {
            n->names[at] = n->names[at - 1];
            n->distances[at] = n->distances[at - 1];
        } else if (n->distances[at - 1] <= distance) {
            return;
        }
        at--;
    }
    n->names[at] = name;
    n->distances[at] = distance;
}

static status refuse(const char *what, str wanted, const near_names *n, error *reterr)
{
    char words[NEAR_MAX * (NEAR_NAMES_CHARS_MAX + 8) + 1] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < n->count; i++) {
        used += (size_t)snprintf(words + used, sizeof(words) - used, "%s'%.*s'", i ? ", " : "",
                                 STR_ARG(str_take(n->names[i], NEAR_NAMES_CHARS_MAX)));
    }
    return fail(reterr, ERROR_NOT_FOUND, "%s '%.*s'%s%s%s", what, STR_ARG(str_take(wanted, 100)),
                n->count ? "; did you mean " : "", words, n->count ? "?" : "");
}

status aws_models_find(const aws_models *models, str sdk_name, str action,
                       aws_operation *ret_operation, error *reterr)
{
    near_names n = {0};
    aws_service service = aws_models_service(models, sdk_name);
    if (!aws_service_exists(service)) {
        for (uint32_t i = 0; i < aws_models_service_count(models); i++) {
            near_consider(&n, sdk_name, aws_service_sdk_name(aws_models_service_at(models, i)));
        }
        return refuse("there is no AWS service", sdk_name, &n, reterr);
    }
    aws_operation operation = aws_service_operation(service, action);
    if (!aws_operation_exists(operation)) {
        for (uint32_t i = 0; i < aws_service_operation_count(service); i++) {
            near_consider(&n, action, aws_operation_action(aws_service_operation_at(service, i)));
        }
        char what[160];
        snprintf(what, sizeof(what), "the AWS service '%.*s' has no action", STR_ARG(sdk_name));
        return refuse(what, action, &n, reterr);
    }
    aws_operation_traits traits = aws_operation_traits_of(operation);
    if (traits.has_events || !traits.is_offered) {
        return fail(reterr, ERROR_UNSUPPORTED, "aws-sdk:%.*s:%.*s is not offered to workflows%s",
                    STR_ARG(sdk_name), STR_ARG(action),
                    traits.has_events ? ": it streams events" : "");
    }
    *ret_operation = operation;
    return STATUS_OK;
}
