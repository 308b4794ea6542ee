/* store_commit: a batch is one transaction. With synchronous = FULL and a write-ahead log SQLite's
 * COMMIT returns after the log has been synced. Each kind of write is a row of `appliers`. */
#include "store/sqlite/sqlite_store.h"

int64_t sqlite_store_arn_hash(str arn)
{
    uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a: equal hashes are told apart by the ARN itself */
    for (size_t i = 0; i < arn.len; i++) {
        hash = (hash ^ (unsigned char)arn.ptr[i]) * 0x100000001B3u;
    }
    return (int64_t)hash;
}

static void bind_text(sqlite3_stmt *statement, int at, str text)
{
    sqlite3_bind_text64(statement, at, text.ptr ? text.ptr : "", text.len, SQLITE_STATIC,
                        SQLITE_UTF8);
}

static void bind_blob(sqlite3_stmt *statement, int at, str bytes)
{
    sqlite3_bind_blob64(statement, at, bytes.ptr ? bytes.ptr : "", bytes.len, SQLITE_STATIC);
}

static void bind_number(sqlite3_stmt *statement, int at, uint64_t number)
{
    sqlite3_bind_int64(statement, at, (int64_t)number);
}

static uint64_t place_of(uint64_t seq, uint64_t event)
{
    return seq << STORE_EVENT_BITS | event;
}

static status put_record(connection *c, const store_write *w, error *reterr)
{
    sqlite3_stmt *statement = connection_statement(c, SQL_PUT_RECORD, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    bind_text(statement, 1, w->record.kind);
    bind_text(statement, 2, w->record.key);
    bind_blob(statement, 3, w->record.text);
    return connection_execute(c, statement, reterr);
}

static status delete_record(connection *c, const store_write *w, error *reterr)
{
    sqlite3_stmt *statement = connection_statement(c, SQL_DELETE_RECORD, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    bind_text(statement, 1, w->record.kind);
    bind_text(statement, 2, w->record.key);
    return connection_execute(c, statement, reterr);
}

/* The number that stands for a machine's ARN in the execution table. */
static status machine_id(connection *c, str arn, int64_t *ret_id, error *reterr)
{
    sqlite3_stmt *find = connection_statement(c, SQL_MACHINE_ID, reterr);
    sqlite3_stmt *add = connection_statement(c, SQL_ADD_MACHINE, reterr);
    if (!find || !add) {
        return (status){ERROR_IO};
    }
    bind_text(find, 1, arn);
    bool is_known;
    TRY(connection_next(c, find, &is_known, reterr));
    if (is_known) {
        *ret_id = sqlite3_column_int64(find, 0);
        sqlite3_reset(find);
        return STATUS_OK;
    }
    bind_text(add, 1, arn);
    TRY(connection_execute(c, add, reterr));
    *ret_id = sqlite3_last_insert_rowid(c->db);
    return STATUS_OK;
}

static status put_execution(connection *c, const store_write *w, error *reterr)
{
    const store_execution *e = &w->execution;
    INVARIANT(e->seq > 0 && e->seq <= STORE_SEQ_MAX);
    int64_t machine;
    TRY(machine_id(c, e->machine_arn, &machine, reterr));
    sqlite3_stmt *statement = connection_statement(c, SQL_PUT_EXECUTION, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    bind_number(statement, 1, e->seq);
    sqlite3_bind_int64(statement, 2, sqlite_store_arn_hash(e->arn));
    bind_text(statement, 3, e->arn);
    sqlite3_bind_int64(statement, 4, machine);
    bind_text(statement, 5, e->name);
    sqlite3_bind_int64(statement, 6, e->status);
    sqlite3_bind_int64(statement, 7, e->start_ms);
    sqlite3_bind_int64(statement, 8, e->stop_ms);
    bind_number(statement, 9, e->last_event);
    sqlite3_bind_int64(statement, 10, e->has_tasks);
    bind_blob(statement, 11, e->text);
    return connection_execute(c, statement, reterr);
}

static status run_for_seq(connection *c, statement_name name, uint64_t seq, error *reterr)
{
    sqlite3_stmt *statement = connection_statement(c, name, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    bind_number(statement, 1, seq);
    return connection_execute(c, statement, reterr);
}

static status end_execution(connection *c, const store_write *w, error *reterr)
{
    TRY(run_for_seq(c, SQL_DELETE_SCOPES, w->seq, reterr));
    return run_for_seq(c, SQL_DELETE_TIMERS, w->seq, reterr);
}

/* A number is never used again, even when its row was the last: task tokens carry it. */
static status delete_execution(connection *c, const store_write *w, error *reterr)
{
    TRY(end_execution(c, w, reterr));
    TRY(run_for_seq(c, SQL_KEEP_SEQ, w->seq, reterr));
    TRY(run_for_seq(c, SQL_DELETE_EXECUTION, w->seq, reterr));
    sqlite3_stmt *history = connection_statement(c, SQL_DELETE_HISTORY, reterr);
    if (!history) {
        return (status){ERROR_IO};
    }
    bind_number(history, 1, place_of(w->seq, 0));
    bind_number(history, 2, place_of(w->seq, STORE_EVENTS_MAX));
    return connection_execute(c, history, reterr);
}

static status append_history(connection *c, const store_write *w, error *reterr)
{
    INVARIANT(w->chunk.first_event > 0 && w->chunk.first_event <= STORE_EVENTS_MAX);
    sqlite3_stmt *statement = connection_statement(c, SQL_APPEND_HISTORY, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    bind_number(statement, 1, place_of(w->seq, w->chunk.first_event));
    sqlite3_bind_int64(statement, 2, w->chunk.event_count);
    bind_blob(statement, 3, w->chunk.bytes);
    return connection_execute(c, statement, reterr);
}

static status put_scope(connection *c, const store_write *w, error *reterr)
{
    sqlite3_stmt *statement = connection_statement(c, SQL_PUT_SCOPE, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    bind_number(statement, 1, w->seq);
    bind_number(statement, 2, w->id);
    bind_blob(statement, 3, w->bytes);
    return connection_execute(c, statement, reterr);
}

static status set_timer(connection *c, const store_write *w, error *reterr)
{
    sqlite3_stmt *statement = connection_statement(c, SQL_SET_TIMER, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    bind_number(statement, 1, w->seq);
    bind_number(statement, 2, w->id);
    sqlite3_bind_int64(statement, 3, w->due_ms);
    return connection_execute(c, statement, reterr);
}

static status delete_by_id(connection *c, statement_name name, const store_write *w, error *reterr)
{
    sqlite3_stmt *statement = connection_statement(c, name, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    bind_number(statement, 1, w->seq);
    bind_number(statement, 2, w->id);
    return connection_execute(c, statement, reterr);
}

static status delete_scope(connection *c, const store_write *w, error *reterr)
{
    return delete_by_id(c, SQL_DELETE_SCOPE, w, reterr);
}

static status clear_timer(connection *c, const store_write *w, error *reterr)
{
    return delete_by_id(c, SQL_CLEAR_TIMER, w, reterr);
}

static status (*const appliers[])(connection *c, const store_write *w, error *reterr) = {
    [STORE_PUT_RECORD] = put_record,
    [STORE_DELETE_RECORD] = delete_record,
    [STORE_PUT_EXECUTION] = put_execution,
    [STORE_END_EXECUTION] = end_execution,
    [STORE_DELETE_EXECUTION] = delete_execution,
    [STORE_APPEND_HISTORY] = append_history,
    [STORE_PUT_SCOPE] = put_scope,
    [STORE_DELETE_SCOPE] = delete_scope,
    [STORE_SET_TIMER] = set_timer,
    [STORE_CLEAR_TIMER] = clear_timer,
};

static status run_statement(connection *c, statement_name name, error *reterr)
{
    sqlite3_stmt *statement = connection_statement(c, name, reterr);
    return statement ? connection_execute(c, statement, reterr) : (status){ERROR_IO};
}

/* Whether nobody has opened the database since: the lock file should see to that, but not every
 * network file system keeps its word. */
static status check_epoch(sqlite_store *s, error *reterr)
{
    sqlite3_stmt *statement = connection_statement(&s->writer, SQL_READ_EPOCH, reterr);
    if (!statement) {
        return (status){ERROR_IO};
    }
    bool has_row;
    TRY(connection_next(&s->writer, statement, &has_row, reterr));
    uint64_t epoch = has_row ? (uint64_t)sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    if (epoch != s->epoch) {
        return fail(reterr, ERROR_CONFLICT, "%s: another server has taken over this database",
                    s->path ? s->path : "the store in memory");
    }
    return STATUS_OK;
}

static status apply_all(sqlite_store *s, const store_write *writes, uint32_t count, error *reterr)
{
    TRY(check_epoch(s, reterr));
    for (uint32_t i = 0; i < count; i++) {
        INVARIANT((size_t)writes[i].kind < ARRAY_LENGTH(appliers));
        TRY(appliers[writes[i].kind](&s->writer, &writes[i], reterr));
    }
    return STATUS_OK;
}

status sqlite_store_commit(store *base, const store_write *writes, uint32_t count, error *reterr)
{
    sqlite_store *s = (sqlite_store *)base;
    pthread_mutex_lock(&s->writer.lock);
    status done = run_statement(&s->writer, SQL_BEGIN, reterr);
    if (ok(done)) {
        done = apply_all(s, writes, count, reterr);
        if (ok(done)) {
            done = run_statement(&s->writer, SQL_COMMIT, reterr);
        }
        if (failed(done) && !sqlite3_get_autocommit(s->writer.db)) {
            error ignored;
            (void)run_statement(&s->writer, SQL_ROLLBACK, &ignored).code;
        }
    }
    pthread_mutex_unlock(&s->writer.lock);
    return done;
}
