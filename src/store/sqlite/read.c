/* The contract's reads: bind, step, copy into the caller's arena. A page asks for one row more than
 * `max`, to tell whether there are more. */
#include "store/sqlite/sqlite_store.h"

static sqlite_store *of(store *s)
{
    return (sqlite_store *)s;
}

/* A statement of the reading connection, locked until finish_read. */
static sqlite3_stmt *begin_read(sqlite_store *s, statement_name name, error *reterr)
{
    pthread_mutex_lock(&s->reading->lock);
    sqlite3_stmt *statement = connection_statement(s->reading, name, reterr);
    if (!statement) {
        pthread_mutex_unlock(&s->reading->lock);
    }
    return statement;
}

static void finish_read(sqlite_store *s, sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    pthread_mutex_unlock(&s->reading->lock);
}

static void bind_text(sqlite3_stmt *statement, int at, str text)
{
    sqlite3_bind_text64(statement, at, text.ptr ? text.ptr : "", text.len, SQLITE_STATIC,
                        SQLITE_UTF8);
}

/* A growing array of rows of one type in the caller's arena. */
typedef struct row_list {
    arena *a;
    char *rows;
    size_t row_size;
    uint32_t count, room;
} row_list;

static void *add_row(row_list *list, error *reterr)
{
    if (list->count == list->room) {
        uint32_t room = list->room ? list->room * 2 : 16;
        char *rows =
            arena_grow(list->a, list->rows, list->room * list->row_size, room * list->row_size);
        if (!rows) {
            status s = fail_memory(reterr);
            (void)s;
            return NULL;
        }
        list->rows = rows;
        list->room = room;
    }
    void *row = list->rows + list->count++ * list->row_size;
    return memset(row, 0, list->row_size);
}

typedef status read_row(sqlite3_stmt *statement, arena *a, void *ret_row, error *reterr);

/* Steps through all rows. */
static status read_rows(sqlite_store *s, sqlite3_stmt *statement, read_row *read, row_list *list,
                        error *reterr)
{
    for (;;) {
        bool has_row;
        TRY(connection_next(s->reading, statement, &has_row, reterr));
        if (!has_row) {
            return STATUS_OK;
        }
        void *row = add_row(list, reterr);
        if (!row) {
            return (status){ERROR_MEMORY};
        }
        TRY(read(statement, list->a, row, reterr));
    }
}

/* All rows of a bound statement, as an array; and its finish_read. */
static status finish_rows(sqlite_store *s, sqlite3_stmt *statement, read_row *read, size_t row_size,
                          arena *a, void **ret_rows, uint32_t *ret_count, error *reterr)
{
    row_list list = {.a = a, .row_size = row_size};
    status done = read_rows(s, statement, read, &list, reterr);
    finish_read(s, statement);
    TRY(done);
    *ret_rows = list.rows;
    *ret_count = list.count;
    return STATUS_OK;
}

/* ------------------------------------------------------------------------------------- records */

static status get_record(store *base, str kind, str key, arena *a, str *ret_text, error *reterr)
{
    sqlite_store *s = of(base);
    sqlite3_stmt *statement = begin_read(s, SQL_GET_RECORD, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    bind_text(statement, 1, kind);
    bind_text(statement, 2, key);
    bool has_row;
    status done = connection_next(s->reading, statement, &has_row, reterr);
    if (ok(done)) {
        done = has_row ? connection_column(statement, 0, a, ret_text, reterr)
                       : fail(reterr, ERROR_NOT_FOUND, "there is no %.*s '%.*s'", STR_ARG(kind),
                              STR_ARG(str_take(key, 256)));
    }
    finish_read(s, statement);
    return done;
}

static status read_record(sqlite3_stmt *statement, arena *a, void *ret_row, error *reterr)
{
    store_record *record = ret_row;
    TRY(connection_column(statement, 0, a, &record->key, reterr));
    return connection_column(statement, 1, a, &record->text, reterr);
}

static status list_records(store *base, str kind, str prefix, str after, uint32_t max, arena *a,
                           store_record **ret_records, uint32_t *ret_count, bool *ret_has_more,
                           error *reterr)
{
    sqlite_store *s = of(base);
    sqlite3_stmt *statement = begin_read(s, SQL_LIST_RECORDS, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    bind_text(statement, 1, kind);
    bind_text(statement, 2, prefix);
    bind_text(statement, 3, after);
    sqlite3_bind_int64(statement, 4, (int64_t)max + 1);
    void *rows;
    uint32_t row_count, count = 0;
    TRY(finish_rows(s, statement, read_record, sizeof(store_record), a, &rows, &row_count, reterr));
    store_record *records = rows;
    while (count < row_count && str_starts_with(records[count].key, prefix)) {
        records[count++].kind = kind;
    }
    *ret_has_more = count > max;
    *ret_count = MIN_OF(count, max);
    *ret_records = records;
    return STATUS_OK;
}

/* ---------------------------------------------------------------------------------- executions */

static status read_execution(sqlite3_stmt *statement, arena *a, void *ret_row, error *reterr)
{
    store_execution *e = ret_row;
    e->seq = (uint64_t)sqlite3_column_int64(statement, 0);
    TRY(connection_column(statement, 1, a, &e->arn, reterr));
    TRY(connection_column(statement, 2, a, &e->machine_arn, reterr));
    TRY(connection_column(statement, 3, a, &e->name, reterr));
    e->status = (store_execution_status)sqlite3_column_int(statement, 4);
    e->start_ms = sqlite3_column_int64(statement, 5);
    e->stop_ms = sqlite3_column_int64(statement, 6);
    e->last_event = (uint64_t)sqlite3_column_int64(statement, 7);
    e->has_tasks = sqlite3_column_int(statement, 8) != 0;
    return connection_column(statement, 9, a, &e->text, reterr);
}

/* The row of a bound statement that gives one at most; and its finish_read. */
static status finish_execution(sqlite_store *s, sqlite3_stmt *statement, arena *a,
                               store_execution *ret_row, error *reterr)
{
    store_execution row = {0};
    bool has_row;
    status done = connection_next(s->reading, statement, &has_row, reterr);
    if (ok(done)) {
        done = has_row ? read_execution(statement, a, &row, reterr)
                       : fail(reterr, ERROR_NOT_FOUND, "there is no such execution");
    }
    finish_read(s, statement);
    if (ok(done)) {
        *ret_row = row;
    }
    return done;
}

static status get_execution(store *base, uint64_t seq, arena *a, store_execution *ret_row,
                            error *reterr)
{
    sqlite_store *s = of(base);
    sqlite3_stmt *statement = begin_read(s, SQL_GET_EXECUTION, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    sqlite3_bind_int64(statement, 1, (int64_t)seq);
    return finish_execution(s, statement, a, ret_row, reterr);
}

static status find_execution(store *base, str arn, arena *a, store_execution *ret_row,
                             error *reterr)
{
    sqlite_store *s = of(base);
    sqlite3_stmt *statement = begin_read(s, SQL_FIND_EXECUTION, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    sqlite3_bind_int64(statement, 1, sqlite_store_arn_hash(arn));
    bind_text(statement, 2, arn);
    return finish_execution(s, statement, a, ret_row, reterr);
}

static status list_executions(store *base, const store_execution_filter *filter, uint32_t max,
                              bool with_text, arena *a, store_execution **ret_rows,
                              uint32_t *ret_count, bool *ret_has_more, error *reterr)
{
    sqlite_store *s = of(base);
    sqlite3_stmt *statement = begin_read(
        s, filter->machine_arn.ptr ? SQL_LIST_MACHINE_EXECUTIONS : SQL_LIST_EXECUTIONS, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    sqlite3_bind_int64(statement, 1, filter->status);
    bool is_first_page = filter->before_seq == 0;
    sqlite3_bind_int64(statement, 2, is_first_page ? INT64_MAX : (int64_t)filter->before_seq);
    sqlite3_bind_int64(statement, 3, is_first_page ? INT64_MAX : filter->before_start_ms);
    sqlite3_bind_int64(statement, 4, (int64_t)max + 1);
    sqlite3_bind_int64(statement, 5, with_text);
    if (filter->machine_arn.ptr) {
        bind_text(statement, 6, filter->machine_arn);
    }
    void *rows;
    uint32_t count;
    TRY(finish_rows(s, statement, read_execution, sizeof(store_execution), a, &rows, &count,
                    reterr));
    *ret_rows = rows;
    *ret_has_more = count > max;
    *ret_count = MIN_OF(count, max);
    return STATUS_OK;
}

/* -------------------------------------------------------------------------- history and scopes */

static status read_chunk(sqlite3_stmt *statement, arena *a, void *ret_row, error *reterr)
{
    store_chunk *chunk = ret_row;
    chunk->first_event = (uint64_t)sqlite3_column_int64(statement, 0) & STORE_EVENTS_MAX;
    chunk->event_count = (uint32_t)sqlite3_column_int64(statement, 1);
    return connection_column(statement, 2, a, &chunk->bytes, reterr);
}

static status read_history(store *base, uint64_t seq, uint64_t from_event, bool is_reverse,
                           uint32_t max, arena *a, store_chunk **ret_chunks, uint32_t *ret_count,
                           error *reterr)
{
    sqlite_store *s = of(base);
    sqlite3_stmt *statement =
        begin_read(s, is_reverse ? SQL_READ_HISTORY_DOWN : SQL_READ_HISTORY_UP, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    uint64_t first = seq << STORE_EVENT_BITS;
    uint64_t last = first | STORE_EVENTS_MAX;
    uint64_t from = first | MIN_OF(from_event, STORE_EVENTS_MAX);
    sqlite3_bind_int64(statement, 1, (int64_t)(is_reverse && !from_event ? last : from));
    if (!is_reverse) {
        sqlite3_bind_int64(statement, 2, (int64_t)last);
    }
    sqlite3_bind_int64(statement, 3, (int64_t)first);
    sqlite3_bind_int64(statement, 4, max);
    void *rows;
    TRY(finish_rows(s, statement, read_chunk, sizeof(store_chunk), a, &rows, ret_count, reterr));
    *ret_chunks = rows;
    return STATUS_OK;
}

static status read_scope(sqlite3_stmt *statement, arena *a, void *ret_row, error *reterr)
{
    store_scope *scope = ret_row;
    scope->id = (uint64_t)sqlite3_column_int64(statement, 0);
    return connection_column(statement, 1, a, &scope->bytes, reterr);
}

static status read_scopes(store *base, uint64_t seq, arena *a, store_scope **ret_scopes,
                          uint32_t *ret_count, error *reterr)
{
    sqlite_store *s = of(base);
    sqlite3_stmt *statement = begin_read(s, SQL_READ_SCOPES, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    sqlite3_bind_int64(statement, 1, (int64_t)seq);
    void *rows;
    TRY(finish_rows(s, statement, read_scope, sizeof(store_scope), a, &rows, ret_count, reterr));
    *ret_scopes = rows;
    return STATUS_OK;
}

/* ------------------------------------------------------------------------------- for recovery */

static status read_timer(sqlite3_stmt *statement, arena *a, void *ret_row, error *reterr)
{
    (void)a;
    (void)reterr;
    store_timer *timer = ret_row;
    timer->due_ms = sqlite3_column_int64(statement, 0);
    timer->seq = (uint64_t)sqlite3_column_int64(statement, 1);
    timer->id = (uint64_t)sqlite3_column_int64(statement, 2);
    return STATUS_OK;
}

static status list_timers(store *base, const store_timer *after, uint32_t max, arena *a,
                          store_timer **ret_timers, uint32_t *ret_count, error *reterr)
{
    sqlite_store *s = of(base);
    sqlite3_stmt *statement = begin_read(s, SQL_LIST_TIMERS, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    sqlite3_bind_int64(statement, 1, after ? after->due_ms : INT64_MIN);
    sqlite3_bind_int64(statement, 2, after ? (int64_t)after->seq : -1);
    sqlite3_bind_int64(statement, 3, after ? (int64_t)after->id : INT64_MIN);
    sqlite3_bind_int64(statement, 4, max);
    void *rows;
    TRY(finish_rows(s, statement, read_timer, sizeof(store_timer), a, &rows, ret_count, reterr));
    *ret_timers = rows;
    return STATUS_OK;
}

static status read_seq(sqlite3_stmt *statement, arena *a, void *ret_row, error *reterr)
{
    (void)a;
    (void)reterr;
    *(uint64_t *)ret_row = (uint64_t)sqlite3_column_int64(statement, 0);
    return STATUS_OK;
}

static status list_seqs(sqlite_store *s, statement_name name, int64_t bound, uint32_t max, arena *a,
                        uint64_t **ret_seqs, uint32_t *ret_count, error *reterr)
{
    sqlite3_stmt *statement = begin_read(s, name, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    sqlite3_bind_int64(statement, 1, bound);
    sqlite3_bind_int64(statement, 2, max);
    void *rows;
    TRY(finish_rows(s, statement, read_seq, sizeof(uint64_t), a, &rows, ret_count, reterr));
    *ret_seqs = rows;
    return STATUS_OK;
}

static status list_in_flight(store *s, uint64_t after_seq, uint32_t max, arena *a,
                             uint64_t **ret_seqs, uint32_t *ret_count, error *reterr)
{
    return list_seqs(of(s), SQL_LIST_IN_FLIGHT, (int64_t)after_seq, max, a, ret_seqs, ret_count,
                     reterr);
}

static status list_expired(store *s, int64_t stopped_before_ms, uint32_t max, arena *a,
                           uint64_t **ret_seqs, uint32_t *ret_count, error *reterr)
{
    return list_seqs(of(s), SQL_LIST_EXPIRED, stopped_before_ms, max, a, ret_seqs, ret_count,
                     reterr);
}

static status read_totals(store *base, store_totals *ret_totals, error *reterr)
{
    sqlite_store *s = of(base);
    sqlite3_stmt *statement = begin_read(s, SQL_READ_TOTALS, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    bool has_row;
    status done = connection_next(s->reading, statement, &has_row, reterr);
    if (ok(done) && has_row) {
        *ret_totals = (store_totals){
            .seq_max = (uint64_t)sqlite3_column_int64(statement, 0),
            .open_count = (uint64_t)sqlite3_column_int64(statement, 1),
            .execution_count = (uint64_t)sqlite3_column_int64(statement, 2),
            .seq_min = (uint64_t)sqlite3_column_int64(statement, 3),
            .epoch = s->epoch,
        };
    }
    finish_read(s, statement);
    return done;
}

const store_ops sqlite_store_ops = {
    .commit = sqlite_store_commit,
    .get_record = get_record,
    .list_records = list_records,
    .get_execution = get_execution,
    .find_execution = find_execution,
    .list_executions = list_executions,
    .read_history = read_history,
    .read_scopes = read_scopes,
    .list_timers = list_timers,
    .list_in_flight = list_in_flight,
    .list_expired = list_expired,
    .read_totals = read_totals,
    .close = sqlite_store_close,
};
