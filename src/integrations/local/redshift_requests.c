/* The requests of the Redshift Data API.
 * Source: https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_Operations.html */
#include "integrations/local/files.h"
#include "integrations/local/records.h"
#include "integrations/local/redshift.h"

#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

redshift_statements *redshift_begin(local_task *task)
{
    local_services *services = task->owner;
    json settings = json_get(services->options.config, STR("redshift-data"));
    str folder;
    error err;
    if (json_is_absent(json_get(settings, STR("connection"))) && !getenv("PGHOST") &&
        !getenv("PGSERVICE") && !getenv("PGDATABASE")) {
        local_refuse(task, 0, STR("SdkClientException"),
                     "redshift-data has neither an endpoint nor a PostgreSQL: set "
                     "AWS_ENDPOINT_URL_REDSHIFT_DATA, or PGHOST and its siblings, or "
                     "\"redshift-data\": {\"connection\": \"host=... dbname=...\"} in the "
                     "configuration");
        return NULL;
    }
    if (!local_folder(task, "redshift-data", &folder)) {
        return NULL;
    }
    if (services->redshift) {
        return services->redshift;
    }
    redshift_statements *all = calloc(1, sizeof(*all));
    status opened = all ? pq_table_open(&all->pq, &err) : fail_memory(&err);
    if (failed(opened)) {
        free(all);
        local_fail(task, &err);
        return NULL;
    }
    all->services = services;
    services->redshift = all;
    return all;
}

/* A statement's id, or that of a part: it becomes a file's name. false: the task has been refused.
 */
static bool check_id(local_task *task, str id)
{
    bool is_good = id.len >= 36 && id.len <= 40;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        is_good = is_good && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-' ||
                              (c == ':' && i == 36));
    }
    if (!is_good) {
        local_refuse(task, 400, STR("ValidationException"),
                     "id must satisfy regex pattern: "
                     "^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\\d+)?$");
    }
    return is_good;
}

/* Reads the record of a statement, or of the batch that a part belongs to. NULL: the task has been
 * refused. */
static redshift_statements *find(local_task *task, str id, json *ret_record)
{
    error err;
    redshift_statements *all = check_id(task, id) ? redshift_begin(task) : NULL;
    if (!all) {
        return NULL;
    }
    status found = redshift_statement_read(all, str_take(id, 36), &task->memory, ret_record, &err);
    if (found.code == ERROR_NOT_FOUND) {
        local_refuse(task, 400, STR("ResourceNotFoundException"), "Query does not exist.");
    } else if (failed(found)) {
        local_fail(task, &err);
    }
    return ok(found) ? all : NULL;
}

/* ------------------------------------------------------------------------------------------
 * execute
 */

typedef enum execute_row {
    EXECUTE_SQL, /* "Sql" or "Sqls" */
    EXECUTE_PARAMETERS,
    EXECUTE_NAME,
    EXECUTE_TOKEN,
    EXECUTE_DATABASE,
    EXECUTE_CLUSTER,
    EXECUTE_WORKGROUP,
    EXECUTE_USER,
    EXECUTE_SECRET,
    EXECUTE_FORMAT,
    EXECUTE_ROWS,
} execute_row;

#define EXECUTE_COMMON_RULES                                                                       \
    {"Parameters", false, JSON_ARRAY}, {"StatementName", false, JSON_STRING},                      \
        {"ClientToken", false, JSON_STRING}, {"Database", false, JSON_STRING},                     \
        {"ClusterIdentifier", false, JSON_STRING}, {"WorkgroupName", false, JSON_STRING},          \
        {"DbUser", false, JSON_STRING}, {"SecretArn", false, JSON_STRING},                         \
    {                                                                                              \
        "ResultFormat", false, JSON_STRING                                                         \
    }

static const parameter_rule execute_rules[EXECUTE_ROWS] = {{"Sql", true, JSON_STRING},
                                                           EXECUTE_COMMON_RULES};
static const parameter_rule batch_rules[EXECUTE_ROWS] = {{"Sqls", true, JSON_ARRAY},
                                                         EXECUTE_COMMON_RULES};

/* The members of the request that the description repeats, and the answer too. */
static const execute_row told_rows[] = {EXECUTE_CLUSTER, EXECUTE_DATABASE, EXECUTE_USER,
                                        EXECUTE_SECRET, EXECUTE_WORKGROUP};

static void add_told(json_object_builder *b, const json *values)
{
    for (size_t i = 0; i < ARRAY_LENGTH(told_rows); i++) {
        if (!json_is_absent(values[told_rows[i]])) {
            json_object_add(b, str_from_c(execute_rules[told_rows[i]].name), values[told_rows[i]]);
        }
    }
}

/* The same token is the same statement. */
static str new_id(str token, arena *a)
{
    char text[UUID_TEXT_SIZE];
    unsigned char bytes[DIGEST_BYTES_MAX];
    if (token.len) {
        digest_compute(DIGEST_SHA256, token, bytes);
    } else {
        INVARIANT(getrandom(bytes, 16, 0) == 16);
    }
    return arena_str(a, uuid_from_entropy(bytes, text));
}

static status make_request(local_task *task, const json *values, bool is_batch,
                           redshift_request *ret_request, error *reterr)
{
    arena *a = &task->memory;
    json_object_builder b;
    redshift_request request = {.id = new_id(json_str(values[EXECUTE_TOKEN]), a),
                                .is_batch = is_batch,
                                .parameters = values[EXECUTE_PARAMETERS],
                                .sqls = values[EXECUTE_SQL],
                                .database = json_str(values[EXECUTE_DATABASE])};
    json *items;
    if (!request.id.ptr) {
        return fail_memory(reterr);
    }
    if (!is_batch) {
        TRY(json_array_new(a, 1, &request.sqls, &items, reterr));
        items[0] = values[EXECUTE_SQL];
    }
    if (json_count(request.sqls) < 1 || json_count(request.sqls) > REDSHIFT_BATCH_MAX) {
        return fail(reterr, ERROR_INVALID, "Sqls has 1 to %d texts", REDSHIFT_BATCH_MAX);
    }
    for (uint32_t i = 0; i < json_count(request.sqls); i++) {
        redshift_query query;
        TRY(redshift_query_make(json_str(json_item(request.sqls, i)), request.parameters, a, &query,
                                reterr));
    }
    json_object_begin(&b, a, 6);
    add_told(&b, values);
    if (!json_is_absent(values[EXECUTE_NAME])) {
        json_object_add(&b, STR("StatementName"), values[EXECUTE_NAME]);
    }
    TRY(json_object_finish(&b, &request.about, reterr));
    *ret_request = request;
    return STATUS_OK;
}

static void execute(local_task *task, const parameter_rule *rules, bool is_batch)
{
    json values[EXECUTE_ROWS], record;
    redshift_request request;
    json_object_builder b;
    error err;
    if (!local_read(task, rules, EXECUTE_ROWS, values)) {
        return;
    }
    str format = json_str(values[EXECUTE_FORMAT]);
    if (format.ptr && !str_equal(format, STR("JSON"))) {
        local_refuse(task, 400, STR("ValidationException"),
                     "ResultFormat %.*s is not done by the local redshift-data; JSON is",
                     STR_ARG(str_take(format, 50)));
        return;
    }
    redshift_statements *all = redshift_begin(task);
    if (!all) {
        return;
    }
    if (failed(make_request(task, values, is_batch, &request, &err))) {
        local_refuse(task, 400, STR("ValidationException"), "%s", err.message);
        return;
    }
    if (all->count >= REDSHIFT_STATEMENTS_MAX) {
        local_refuse(task, 400, STR("ActiveStatementsExceededException"),
                     "The number of active statements exceeds the limit (%d).",
                     REDSHIFT_STATEMENTS_MAX);
        return;
    }
    status done = redshift_statement_read(all, request.id, &task->memory, &record, &err);
    if (done.code == ERROR_NOT_FOUND) {
        done = redshift_statement_start(all, &request, &err);
    }
    if (failed(done)) {
        local_fail(task, &err);
        return;
    }
    json_object_begin(&b, &task->memory, 8);
    json_object_add(&b, STR("CreatedAt"), json_from_str(local_date(&task->memory, task->now_ms)));
    add_told(&b, values);
    json_object_add(&b, STR("Id"), json_from_str(request.id));
    local_answer_object(task, &b);
}

void redshift_execute_statement(local_task *task)
{
    execute(task, execute_rules, false);
}

void redshift_batch_execute_statement(local_task *task)
{
    execute(task, batch_rules, true);
}

/* ------------------------------------------------------------------------------- describe, cancel
 */

static const parameter_rule id_rules[] = {{"Id", true, JSON_STRING}};

/* A part's own line of the batch; the whole where the id is the whole's. */
static json description_of(json record, str id)
{
    json description = json_get(record, STR("description"));
    json parts = json_get(description, STR("SubStatements"));
    for (uint32_t i = 0; i < json_count(parts); i++) {
        if (str_equal(json_str(json_get(json_item(parts, i), STR("Id"))), id)) {
            return json_item(parts, i);
        }
    }
    return description;
}

void redshift_describe_statement(local_task *task)
{
    json id, record;
    if (local_read(task, id_rules, ARRAY_LENGTH(id_rules), &id) &&
        find(task, json_str(id), &record)) {
        local_answer_with(task, description_of(record, json_str(id)));
    }
}

void redshift_cancel_statement(local_task *task)
{
    json id, record;
    json_object_builder b;
    redshift_statements *all;
    if (!local_read(task, id_rules, ARRAY_LENGTH(id_rules), &id) ||
        !(all = find(task, json_str(id), &record))) {
        return;
    }
    redshift_statement *statement = redshift_statement_find(all, str_take(json_str(id), 36));
    str state = json_str(json_get(json_get(record, STR("description")), STR("Status")));
    const char *end = statement ? redshift_statement_cancel(statement) : NULL;
    if (!statement || end) {
        state = end ? str_from_c(end) : state;
        local_refuse(task, 400, STR("ValidationException"),
                     "Could not cancel a query that is already in %.*s state.", STR_ARG(state));
        return;
    }
    json_object_begin(&b, &task->memory, 1);
    json_object_add(&b, STR("Status"), json_boolean(true));
    local_answer_object(task, &b);
}

/* ------------------------------------------------------------------------------------------
 * results
 */

/* A page of a result's lines from the token's offset on: no more of the file is read than that, and
 * the rest of its last line. */
static status read_page(redshift_statements *all, str id, int64_t offset, arena *a,
                        json_array_builder *records, int64_t *ret_next, error *reterr)
{
    str path = redshift_path(all, a, id, ".rows"), text = STR("");
    size_t wanted = REDSHIFT_PAGE_BYTES, last = STR_NOT_FOUND, taken = 0;
    if (!path.ptr) {
        return fail_memory(reterr);
    }
    for (;; wanted *= 2) { /* with a byte that tells whether there is more */
        TRY(local_file_read_part(path, offset, wanted + 1, a, &text, reterr));
        last = str_find_last_char(str_take(text, wanted), '\n');
        if (last != STR_NOT_FOUND || text.len <= wanted) {
            break;
        }
    }
    str rest = str_take(text, last == STR_NOT_FOUND ? 0 : last + 1);
    while (rest.len && taken < REDSHIFT_PAGE_BYTES) {
        json record;
        str line = str_split_next(&rest, '\n');
        TRY(json_parse_into(line, a, &record, reterr));
        json_array_add(records, record);
        taken += line.len + 1;
    }
    *ret_next = taken < text.len ? offset + (int64_t)taken : 0;
    return STATUS_OK;
}

static bool read_token(json token, int64_t *ret_offset)
{
    json number;
    arena a;
    arena_init(&a, 4096);
    *ret_offset = 0;
    bool is_good =
        json_is_absent(token) ||
        (json_str(token).len < 20 && ok(json_parse_into(json_str(token), &a, &number, NULL)) &&
         json_int64(number, ret_offset) && *ret_offset >= 0 &&
         *ret_offset <= REDSHIFT_RESULT_BYTES_MAX);
    arena_clean_up(&a);
    return is_good;
}

static status make_result(local_task *task, redshift_statements *all, json record, str id,
                          int64_t offset, json *ret_output, error *reterr)
{
    arena *a = &task->memory;
    json_array_builder records;
    json_object_builder b;
    json list;
    int64_t next = 0;
    json columns = json_get(json_get(record, STR("columns")), id);
    json_array_begin(&records, a, 64);
    TRY(read_page(all, id, offset, a, &records, &next, reterr));
    TRY(json_array_finish(&records, &list, reterr));
    json_object_begin(&b, a, 4);
    json_object_add(&b, STR("ColumnMetadata"), columns);
    if (next) {
        str token = arena_printf(a, "%lld", (long long)next);
        json_object_add(&b, STR("NextToken"), json_from_str(token));
    }
    json_object_add(&b, STR("Records"), list);
    json_object_add(&b, STR("TotalNumRows"),
                    json_get(description_of(record, id), STR("ResultRows")));
    return json_object_finish(&b, ret_output, reterr);
}

void redshift_get_statement_result(local_task *task)
{
    static const parameter_rule rules[] = {
        {"Id", true, JSON_STRING},
        {"NextToken", false, JSON_STRING},
    };
    json values[ARRAY_LENGTH(rules)], record, output;
    int64_t offset;
    error err;
    redshift_statements *all;
    if (!local_read(task, rules, ARRAY_LENGTH(rules), values) ||
        !(all = find(task, json_str(values[0]), &record))) {
        return;
    }
    str id = json_str(values[0]);
    json description = description_of(record, id);
    if (!str_equal(json_str(json_get(description, STR("Status"))), STR("FINISHED"))) {
        local_refuse(task, 400, STR("ResourceNotFoundException"),
                     "Query is not in FINISHED state: it has no result yet.");
    } else if (json_is_absent(json_get(json_get(record, STR("columns")), id))) {
        local_refuse(task, 400, STR("ResourceNotFoundException"),
                     "Query does not have result. Please check query status with "
                     "DescribeStatement.");
    } else if (!read_token(values[1], &offset)) {
        local_refuse(task, 400, STR("ValidationException"), "NextToken is not one of ours");
    } else if (failed(make_result(task, all, record, id, offset, &output, &err))) {
        local_fail(task, &err);
    } else {
        local_answer_with(task, output);
    }
}

/* ---------------------------------------------------------------------------------------------
 * list
 */

static status list_line(json record, arena *a, json *ret_line, error *reterr)
{
    static const char *const members[] = {
        "CreatedAt", "Id",        "QueryString",   "ResultFormat", "QueryParameters",
        "Status",    "SecretArn", "StatementName", "UpdatedAt"};
    json description = json_get(record, STR("description"));
    json parts = json_get(description, STR("SubStatements"));
    json_object_builder b;
    json_object_begin(&b, a, 12);
    json_object_add(&b, STR("IsBatchStatement"), json_boolean(!json_is_absent(parts)));
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        json value = json_get(description, str_from_c(members[i]));
        if (!json_is_absent(value)) {
            json_object_add(&b, str_from_c(members[i]), value);
        }
    }
    return json_object_finish(&b, ret_line, reterr);
}

typedef struct listing {
    redshift_statements *all;
    str name, wanted; /* the beginning of StatementName, and the Status; absent: any */
} listing;

static status show_statement(void *user, str name, arena *a, json *ret_line, error *reterr)
{
    const listing *l = user;
    json record, line;
    if (name.len != UUID_TEXT_SIZE - 1) {
        return STATUS_OK;
    }
    TRY(redshift_statement_read(l->all, name, a, &record, reterr));
    TRY(list_line(record, a, &line, reterr));
    bool is_wanted = str_starts_with(json_str(json_get(line, STR("StatementName"))), l->name) &&
                     (!l->wanted.ptr || str_equal(l->wanted, STR("ALL")) ||
                      str_equal(l->wanted, json_str(json_get(line, STR("Status")))));
    *ret_line = is_wanted ? line : (json){0};
    return STATUS_OK;
}

void redshift_list_statements(local_task *task)
{
    static const parameter_rule rules[] = {
        {"StatementName", false, JSON_STRING},
        {"Status", false, JSON_STRING},
        {"MaxResults", false, JSON_NUMBER},
        {"RoleLevel", false, JSON_BOOLEAN},
    };
    json values[ARRAY_LENGTH(rules)], list;
    json_object_builder b;
    int64_t results_max = 100;
    error err;
    redshift_statements *all;
    if (!local_read(task, rules, ARRAY_LENGTH(rules), values) || !(all = redshift_begin(task))) {
        return;
    }
    json_int64(values[2], &results_max);
    if (results_max < 1 || results_max > 100) {
        local_refuse(task, 400, STR("ValidationException"), "MaxResults is 1 to 100");
        return;
    }
    listing l = {all, json_str(values[0]), json_str(values[1])};
    local_list statements = {.folder = redshift_path(all, &task->memory, STR_NONE, ""),
                             .show = show_statement,
                             .user = &l,
                             .time_member = "CreatedAt",
                             .lines_max = (uint32_t)results_max};
    status done = statements.folder.ptr ? local_list_make(&statements, &task->memory, &list, &err)
                                        : fail_memory(&err);
    if (failed(done)) {
        local_fail(task, &err);
        return;
    }
    json_object_begin(&b, &task->memory, 1);
    json_object_add(&b, STR("Statements"), list);
    local_answer_object(task, &b);
}
