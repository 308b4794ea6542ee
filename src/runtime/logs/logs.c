#include "runtime/logs/logs.h"

#include "base/timetext.h"
#include "runtime/logs/log_delivery.h"
#include "runtime/logs/log_record.h"
#include "runtime/logs/log_writer.h"

#include <ctype.h>
#include <stdlib.h>

#define GROUP_NAME_CHARS_MAX 512 /* CloudWatch Logs, CreateLogGroup: logGroupName */
#define MACHINE_NAME_CHARS_MAX 80
#define RECORD_BYTES_MAX                                                                           \
    (4u << 20) /* a payload of 256 KiB, every byte of it escaped, and a cause */
#define PATH_BYTES_MAX 1024
#define TO_SERVICE -2 /* in place of a file descriptor */

struct runtime_logs {
    runtime_logs_options options;
    log_writer *writer;     /* NULL: to CloudWatch Logs alone */
    log_delivery *delivery; /* NULL: not looked for yet, or there is none */
    bool is_to_files;
    bool is_to_service_only;
    bool has_looked_for_service;
    bool has_complained; /* of a log group */
    arena memory;        /* of one record */
    buf record, path;
};

/* ---------------------------------------------------------------------------------------- places
 */

/* arn:PARTITION:logs:REGION:ACCOUNT:log-group:NAME, perhaps with :* behind. */
static str group_name(str arn)
{
    str marker = STR(":log-group:");
    size_t at = str_find(arn, marker);
    if (at == STR_NOT_FOUND) {
        return STR_NONE;
    }
    str name = str_skip(arn, at + marker.len);
    size_t colon = str_find_char(name, ':');
    return colon == STR_NOT_FOUND ? name : str_take(name, colon);
}

/* Letters, digits and . - _ / #; no part of the path that means another folder. */
static bool is_safe_group(str name)
{
    if (!name.len || name.len > GROUP_NAME_CHARS_MAX) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (!(c < 0x80 && isalnum(c)) && !(c && strchr(".-_/#", c))) {
            return false;
        }
    }
    str rest = name.ptr[0] == '/' ? str_skip(name, 1) : name;
    while (rest.ptr) {
        str part = str_split_next(&rest, '/');
        if (!part.len || str_equal(part, STR(".")) || str_equal(part, STR(".."))) {
            return false;
        }
    }
    return true;
}

/* StartExecution's page: for logging, names should only have 0-9 A-Z a-z - _; what else a machine's
 * name has becomes _. */
static void add_machine_name(str name, buf *out)
{
    for (size_t i = 0; i < name.len && i < MACHINE_NAME_CHARS_MAX; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        buf_add_char(out, (c < 0x80 && isalnum(c)) || c == '-' || c == '_' ? (char)c : '_');
    }
}

/* states/MACHINE/2026-01-02-03/00000000 */
static void add_stream_name(str machine_name, int64_t time_ms, buf *out)
{
    time_parts at = time_split(time_ms);
    buf_add_literal(out, "states/");
    add_machine_name(machine_name, out);
    buf_add_format(out, "/%04d-%02d-%02d-%02d/00000000", at.year, at.month, at.day, at.hour);
}

bool runtime_logs_path(str group_arn, str machine_name, int64_t time_ms, buf *out)
{
    str group = group_name(group_arn);
    if (!group.ptr || !is_safe_group(group)) {
        return false;
    }
    buf_add_str(out, group.ptr[0] == '/' ? str_skip(group, 1) : group);
    buf_add_char(out, '/');
    add_stream_name(machine_name, time_ms, out);
    buf_add_literal(out, ".jsonl");
    return !out->overflowed;
}

/* --------------------------------------------------------------------------------------- records
 */

static log_level level_of(json configuration)
{
    return log_level_from_name(json_str(json_get(configuration, STR("level"))));
}

bool runtime_logs_want(const runtime_logs *logs, const shard_execution *execution,
                       const engine_event *events, uint32_t count)
{
    log_level level = level_of(logs->options.configuration(logs->options.user, execution));
    if (level == LOG_OFF || level == LOG_ALL) {
        return level == LOG_ALL;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (log_level_of_event(&events[i], execution->machine) <= level) {
            return true;
        }
    }
    return false;
}

static void complain_of_group(runtime_logs *logs, str arn)
{
    char detail[256];
    if (logs->has_complained) {
        return;
    }
    logs->has_complained = true;
    snprintf(detail, sizeof(detail), "'%.*s': a log group's name has letters, digits and . - _ / #",
             STR_ARG(str_take(arn, 160)));
    runtime_tell(&logs->options.complain, true, "executions are not logged to a log group", detail);
}

/* CloudWatch Logs is asked for with the first record: the models have to be read for it. */
static log_delivery *delivery_of(runtime_logs *logs)
{
    integrations *tasks = logs->options.tasks;
    if (logs->has_looked_for_service || !tasks) {
        return logs->delivery;
    }
    logs->has_looked_for_service = true;
    log_delivery_options options = {
        .loop = logs->options.loop, .tasks = tasks, .complain = logs->options.complain};
    error err;
    if ((logs->is_to_service_only || integrations_are_directed(tasks, STR("cloudwatchlogs"))) &&
        failed(log_delivery_new(&options, &logs->delivery, &err))) {
        runtime_tell(&logs->options.complain, true, "nothing is logged to CloudWatch Logs",
                     err.message);
    }
    return logs->delivery;
}

static void send_to_service(runtime_logs *logs, const shard_execution *execution, str group_arn,
                            int64_t time_ms)
{
    log_delivery *delivery = delivery_of(logs);
    str group = group_name(group_arn);
    if (!delivery || !is_safe_group(group)) {
        return;
    }
    buf_reset(&logs->path);
    add_stream_name(execution->identity->machine_name, time_ms, &logs->path);
    str line = buf_str(&logs->record);
    log_delivery_add(delivery, group, buf_str(&logs->path), time_ms,
                     str_take(line, line.len - 1)); /* without its line feed */
}

/* Sends the record to each of the log groups (AWS allows one). */
static void send(runtime_logs *logs, const shard_execution *execution, json destinations,
                 int64_t time_ms)
{
    for (uint32_t i = 0; i < json_count(destinations); i++) {
        json group = json_get(json_item(destinations, i), STR("cloudWatchLogsLogGroup"));
        str arn = json_str(json_get(group, STR("logGroupArn")));
        send_to_service(logs, execution, arn, time_ms);
        buf_reset(&logs->path);
        if (logs->is_to_service_only) {
            continue;
        }
        if (!logs->is_to_files) {
            log_writer_add(logs->writer, STR(""), buf_str(&logs->record));
        } else if (runtime_logs_path(arn, execution->identity->machine_name, time_ms,
                                     &logs->path)) {
            log_writer_add(logs->writer, buf_str(&logs->path), buf_str(&logs->record));
        } else {
            complain_of_group(logs, arn);
        }
    }
}

void runtime_logs_add(runtime_logs *logs, const shard_execution *execution,
                      const engine_event *events, uint32_t count)
{
    json configuration = logs->options.configuration(logs->options.user, execution);
    log_level level = level_of(configuration);
    bool include_data = json_is_true(json_get(configuration, STR("includeExecutionData")));
    json destinations = json_get(configuration, STR("destinations"));
    for (uint32_t i = 0; i < count && level != LOG_OFF; i++) {
        if (log_level_of_event(&events[i], execution->machine) > level) {
            continue;
        }
        error err;
        arena_reset(&logs->memory);
        buf_reset(&logs->record);
        status done = log_record_print(&events[i], execution->machine, execution->identity,
                                       include_data, &logs->memory, &logs->record, &err);
        buf_add_char(&logs->record, '\n');
        if (ok(done)) {
            done = buf_status(&logs->record, &err);
        }
        if (failed(done)) {
            runtime_tell(&logs->options.complain, true, "a log record is lost", err.message);
            continue;
        }
        send(logs, execution, destinations, events[i].time_ms);
    }
}

/* -------------------------------------------------------------------------------------- settings
 */

static status read_config(const runtime_logs_options *options, int *ret_file, error *reterr)
{
    static const struct {
        const char *name;
        int file;
    } places[] = {{"files", -1}, {"stdout", 1}, {"stderr", 2}, {"cloudwatch", TO_SERVICE}};
    json config = options->config;
    *ret_file = options->folder.ptr ? -1 : 1;
    if (json_is_absent(config)) {
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < json_count(config); i++) {
        str name = json_str(json_member_at(config, i)->name);
        if (!str_equal(name, STR("to"))) {
            return fail(reterr, ERROR_INVALID, "\"logs\" has a member \"%.*s\" that is not known",
                        STR_ARG(str_take(name, 64)));
        }
    }
    str to = json_str(json_get(config, STR("to")));
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        if (str_equal(to, str_from_c(places[i].name))) {
            *ret_file = places[i].file;
            bool has_place = places[i].file != -1 || options->folder.ptr;
            return has_place ? STATUS_OK
                             : fail(reterr, ERROR_INVALID,
                                    "\"logs\": \"to\": \"files\" needs a data folder");
        }
    }
    return fail(reterr, ERROR_INVALID,
                "\"logs\" wants {\"to\": \"files\"}, \"stdout\", \"stderr\" or "
                "\"cloudwatch\"");
}

status runtime_logs_new(const runtime_logs_options *options, runtime_logs **ret_logs, error *reterr)
{
    log_writer_options writer = {
        .loop = options->loop, .folder = options->folder, .complain = options->complain};
    TRY(read_config(options, &writer.file, reterr));
    runtime_logs *logs = calloc(1, sizeof(*logs));
    if (!logs) {
        return fail_memory(reterr);
    }
    logs->options = *options;
    logs->is_to_files = writer.file == -1;
    logs->is_to_service_only = writer.file == TO_SERVICE;
    arena_init(&logs->memory, 0);
    buf_init(&logs->record, RECORD_BYTES_MAX);
    buf_init(&logs->path, PATH_BYTES_MAX);
    status done =
        logs->is_to_service_only ? STATUS_OK : log_writer_new(&writer, &logs->writer, reterr);
    if (failed(done)) {
        runtime_logs_free(logs);
        return done;
    }
    *ret_logs = logs;
    return STATUS_OK;
}

void runtime_logs_free(runtime_logs *logs)
{
    if (!logs) {
        return;
    }
    log_writer_free(logs->writer);
    if (logs->delivery) {
        log_delivery_flush(logs->delivery);
    }
    log_delivery_free(logs->delivery);
    arena_clean_up(&logs->memory);
    buf_clean_up(&logs->record);
    buf_clean_up(&logs->path);
    free(logs);
}
