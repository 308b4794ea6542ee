/* What a distributed Map has beyond an inline one: reader, batcher, writer, label.
 * Source: AWS "Using Map state in Distributed mode", "ItemReader (Map)", "ItemBatcher (Map)",
 * "ResultWriter (Map)". */

#include "asl/compiler.h"
#include "base/utf8.h"

#define LABEL_CHARS_MAX 40

typedef struct endpoint {
    const asl_node *arguments;
    asl_resource resource;
    bool has_resource;
} endpoint;

/* What the map run itself reads from or writes to: no Task's integration is asked for it. */
static bool compile_s3(asl_compiler *c, const asl_place *place, json value,
                       const char *const *actions, asl_resource *ret_resource)
{
    error err = {0};
    if (!asl_check_kind(c, place, value, JSON_STRING)) {
        return false;
    }
    status s = asl_resource_parse(json_str(value), c->a, ret_resource, &err);
    if (failed(s)) {
        c->is_broken |= s.code == ERROR_MEMORY;
        asl_schema_error(c, place, "%s", err.message);
        return false;
    }
    bool is_s3 = ret_resource->kind == ASL_RESOURCE_SERVICE && !ret_resource->is_aws_sdk &&
                 ret_resource->pattern == ASL_REQUEST_RESPONSE &&
                 str_equal(ret_resource->service, STR("s3"));
    for (; is_s3 && *actions; actions++) {
        if (str_equal(ret_resource->action, str_from_c(*actions))) {
            return true;
        }
    }
    asl_schema_error(c, place,
                     "The resource provided %.*s is not recognized. The value is not a valid "
                     "resource ARN, or the resource is not available in this region.",
                     STR_ARG(ret_resource->arn));
    return false;
}

/* Resource and Parameters (Arguments in JSONata), which readers and writers have alike. */
static void compile_endpoint(asl_source *source, const asl_place *place, json object,
                             const char *const *actions, endpoint *ret)
{
    asl_compiler *c = source->c;
    asl_language language = source->state->language;
    json resource = json_get(object, STR("Resource"));
    if (!json_is_absent(resource)) {
        asl_place at = asl_member_place(place, STR("Resource"));
        ret->has_resource = compile_s3(c, &at, resource, actions, &ret->resource);
    }
    str name = language == ASL_JSONPATH ? STR("Parameters") : STR("Arguments");
    json arguments = json_get(object, name);
    if (!json_is_absent(arguments)) {
        asl_place at = asl_member_place(place, name);
        ret->arguments = asl_payload_node(c, language, &at, arguments);
    }
}

/* Names that stand in one language only are the last two rows of a list. */
static const char *const *reader_fields(asl_language language)
{
    static const char *const jsonpath_fields[] = {"Resource", "ReaderConfig", "Parameters", NULL};
    static const char *const jsonata_fields[] = {"Resource", "ReaderConfig", "Arguments", NULL};
    return language == ASL_JSONPATH ? jsonpath_fields : jsonata_fields;
}

static const char *const *writer_fields(asl_language language)
{
    static const char *const jsonpath_fields[] = {"Resource", "WriterConfig", "Parameters", NULL};
    static const char *const jsonata_fields[] = {"Resource", "WriterConfig", "Arguments", NULL};
    return language == ASL_JSONPATH ? jsonpath_fields : jsonata_fields;
}

typedef struct choice_row {
    const char *name;
    const char *const *values;
} choice_row;

static void check_choices(asl_compiler *c, const asl_place *place, json object,
                          const choice_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json value = json_get(object, str_from_c(rows[i].name));
        asl_place at = asl_member_place(place, str_from_c(rows[i].name));
        uint32_t index;
        if (!json_is_absent(value) && !asl_is_jsonata(value)) {
            (void)asl_check_enum(c, &at, value, rows[i].values, &index);
        }
    }
}

/* A field and its ...Path twin, a whole number when literal. A range is checked where AWS tells its
 * errors while the execution runs (MaxItems), so only the kind matters there. */
static void check_number(asl_source *source, const asl_place *place, json object, const char *name,
                         const char *path_name, bool is_ranged)
{
    asl_compiler *c = source->c;
    json value = json_get(object, str_from_c(name));
    json path = json_get(object, str_from_c(path_name));
    asl_place at = asl_member_place(place, str_from_c(name));
    if (!json_is_absent(value) && !json_is_absent(path)) {
        asl_schema_error(c, place, "Only one of these fields is allowed: [%s, %s]", name,
                         path_name);
    } else if (!json_is_absent(value)) {
        (void)asl_integer_node(c, source->state->language, &at, value, is_ranged ? 1 : INT64_MIN,
                               INT64_MAX);
    } else if (!json_is_absent(path)) {
        at = asl_member_place(place, str_from_c(path_name));
        (void)asl_path_node(c, &at, path);
    }
}

/* One setting: its literal, its expression, or the value at its ...Path. */
static const asl_node *compile_setting(asl_source *source, const asl_place *place,
                                       const json_member *member, json *ret_name)
{
    asl_compiler *c = source->c;
    asl_place at = asl_member_place(place, json_str(member->name));
    *ret_name = member->name;
    if (source->state->language == ASL_JSONPATH) {
        if (str_ends_with(at.name, STR("Path")) && json_is(member->value, JSON_STRING)) {
            ret_name->count -= 4;
            return asl_path_node(c, &at, member->value);
        }
        return asl_literal_node(c, &at, member->value);
    }
    return asl_payload_node(c, ASL_JSONATA_LANGUAGE, &at, member->value);
}

static const asl_node *compile_settings(asl_source *source, const asl_place *place, json object)
{
    asl_compiler *c = source->c;
    uint32_t count = json_count(object), kept = 0, errors = c->diagnostics->error_count;
    asl_node *items = asl_allocate(c, count, sizeof(*items));
    json *names = asl_allocate(c, count, sizeof(*names));
    asl_node *node = asl_allocate(c, 1, sizeof(*node));
    if (!items || !names || !node || !json_is(object, JSON_OBJECT)) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        const json_member *member = json_member_at(object, i);
        if (str_equal(json_str(member->name), STR("BatchInput"))) {
            continue;
        }
        const asl_node *item = compile_setting(source, place, member, &names[kept]);
        if (item) {
            items[kept++] = *item;
        }
    }
    *node = (asl_node){
        .kind = ASL_OBJECT,
        .field = place->name,
        .as.children = {.count = kept, .names = names, .items = items},
    };
    return c->diagnostics->error_count == errors ? node : NULL;
}

static void check_csv_headers(asl_compiler *c, const asl_place *place, json config)
{
    json headers = json_get(config, STR("CSVHeaders"));
    asl_place at = asl_member_place(place, STR("CSVHeaders"));
    if (json_is_absent(headers) || asl_is_jsonata(headers) ||
        !asl_check_kind(c, &at, headers, JSON_ARRAY)) {
        return;
    }
    for (uint32_t i = 0; i < json_count(headers); i++) {
        asl_place item = asl_item_place(&at, i);
        (void)asl_check_kind(c, &item, json_item(headers, i), JSON_STRING);
    }
}

static void check_reader_config(asl_source *source, const asl_place *place, json config)
{
    static const char *const allowed[] = {
        "InputType",    "CSVHeaderLocation", "CSVHeaders",     "CSVDelimiter", "MaxItems",
        "MaxItemsPath", "ManifestType",      "Transformation", "ItemsPointer", NULL,
    };
    static const char *const input_types[] = {"CSV", "JSON", "JSONL", "PARQUET", "MANIFEST", NULL};
    static const char *const header_places[] = {"FIRST_ROW", "GIVEN", NULL};
    static const char *const delimiters[] = {"COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB", NULL};
    static const char *const manifests[] = {"ATHENA_DATA", "S3_INVENTORY", NULL};
    static const char *const transformations[] = {"NONE", "LOAD_AND_FLATTEN", NULL};
    static const choice_row rows[] = {
        {"InputType", input_types},          {"CSVHeaderLocation", header_places},
        {"CSVDelimiter", delimiters},        {"ManifestType", manifests},
        {"Transformation", transformations},
    };
    asl_compiler *c = source->c;
    if (!asl_check_kind(c, place, config, JSON_OBJECT)) {
        return;
    }
    asl_check_members(c, place, config, allowed);
    check_choices(c, place, config, rows, ARRAY_LENGTH(rows));
    check_csv_headers(c, place, config);
    check_number(source, place, config, "MaxItems", "MaxItemsPath", false);
}

static void compile_reader(asl_source *source, asl_distributed *d)
{
    static const char *const required[] = {"Resource", NULL};
    static const char *const actions[] = {"getObject", "listObjectsV2", NULL};
    asl_compiler *c = source->c;
    json object = source->fields[FIELD_ITEM_READER];
    asl_place place = asl_field_place(source, FIELD_ITEM_READER);
    if (json_is_absent(object) || !asl_check_kind(c, &place, object, JSON_OBJECT)) {
        return;
    }
    asl_check_members(c, &place, object, reader_fields(source->state->language));
    (void)asl_check_required(c, &place, object, required);
    endpoint reader = {0};
    compile_endpoint(source, &place, object, actions, &reader);
    d->has_reader = true;
    d->reader_resource = reader.resource;
    d->reader_arguments = reader.arguments;
    json config = json_get(object, STR("ReaderConfig"));
    asl_place at = asl_member_place(&place, STR("ReaderConfig"));
    if (!json_is_absent(config)) {
        check_reader_config(source, &at, config);
        d->reader_config = config;
        d->reader_settings = compile_settings(source, &at, config);
    }
}

static void compile_batcher(asl_source *source, asl_distributed *d)
{
    static const char *const allowed[] = {
        "BatchInput",
        "MaxItemsPerBatch",
        "MaxItemsPerBatchPath",
        "MaxInputBytesPerBatch",
        "MaxInputBytesPerBatchPath",
        NULL,
    };
    asl_compiler *c = source->c;
    json object = source->fields[FIELD_ITEM_BATCHER];
    asl_place place = asl_field_place(source, FIELD_ITEM_BATCHER);
    if (json_is_absent(object) || !asl_check_kind(c, &place, object, JSON_OBJECT)) {
        return;
    }
    asl_check_members(c, &place, object, allowed);
    check_number(source, &place, object, "MaxItemsPerBatch", "MaxItemsPerBatchPath", true);
    check_number(source, &place, object, "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath",
                 true);
    json input = json_get(object, STR("BatchInput"));
    if (!json_is_absent(input)) {
        asl_place at = asl_member_place(&place, STR("BatchInput"));
        d->batch_input = asl_payload_node(c, source->state->language, &at, input);
    }
    d->has_batcher = true;
    d->batcher = object;
    d->batcher_settings = compile_settings(source, &place, object);
}

static void compile_writer(asl_source *source, asl_distributed *d)
{
    static const char *const config_fields[] = {"OutputType", "Transformation", NULL};
    static const char *const actions[] = {"putObject", NULL};
    static const char *const output_types[] = {"JSON", "JSONL", NULL};
    static const char *const transformations[] = {"NONE", "COMPACT", "FLATTEN", NULL};
    static const choice_row rows[] = {
        {"OutputType", output_types},
        {"Transformation", transformations},
    };
    asl_compiler *c = source->c;
    json object = source->fields[FIELD_RESULT_WRITER];
    asl_place place = asl_field_place(source, FIELD_RESULT_WRITER);
    if (json_is_absent(object) || !asl_check_kind(c, &place, object, JSON_OBJECT)) {
        return;
    }
    asl_check_members(c, &place, object, writer_fields(source->state->language));
    endpoint writer = {0};
    compile_endpoint(source, &place, object, actions, &writer);
    d->has_writer = true;
    d->writer_resource = writer.resource;
    d->writer_arguments = writer.arguments;
    json config = json_get(object, STR("WriterConfig"));
    asl_place at = asl_member_place(&place, STR("WriterConfig"));
    if (!json_is_absent(config) && asl_check_kind(c, &at, config, JSON_OBJECT)) {
        asl_check_members(c, &at, config, config_fields);
        check_choices(c, &at, config, rows, ARRAY_LENGTH(rows));
        d->writer_config = config;
    }
}

/* AWS: at most 40 characters; no white space, wildcards, brackets, special or control characters;
 * part of the map run's ARN. */
static bool is_label(str label)
{
    for (size_t at = 0; at < label.len;) {
        uint32_t code_point = utf8_next(label, &at);
        bool is_control = code_point <= 0x20 || (code_point >= 0x7F && code_point <= 0xA0);
        if (is_control ||
            (code_point < 0x80 && strchr("?*<>{}[]:;,\\|^~$#%&`\"", (int)code_point))) {
            return false;
        }
    }
    return label.len > 0;
}

static void compile_label(asl_source *source, asl_distributed *d)
{
    asl_compiler *c = source->c;
    json value = source->fields[FIELD_LABEL];
    asl_place place = asl_field_place(source, FIELD_LABEL);
    if (json_is_absent(value) || !asl_check_kind(c, &place, value, JSON_STRING)) {
        return;
    }
    str label = json_str(value);
    if (utf8_length(label) > LABEL_CHARS_MAX || !is_label(label)) {
        asl_report(c, ASL_ERROR, "INVALID_LABEL_NAME", &place,
                   "Label must have 1 to %d characters and no white space, wildcard, bracket, "
                   "special or control character",
                   LABEL_CHARS_MAX);
        return;
    }
    if (map_get(&c->labels, label)) {
        asl_report(c, ASL_ERROR, "DUPLICATE_LABEL_NAME", &place, "Duplicate Label name: %.*s",
                   STR_ARG(label));
        return;
    }
    c->is_broken |= failed(map_put(&c->labels, label, source->state, NULL));
    d->label = label;
}

void asl_compile_distributed(asl_source *source, asl_distributed *distributed)
{
    compile_reader(source, distributed);
    compile_batcher(source, distributed);
    compile_writer(source, distributed);
    compile_label(source, distributed);
}
