/* Every statement of the store is a row of `sql` below. History rows are clustered by execution:
 * the rowid is seq * 2^20 + the first event's id, so that an execution's chunks lie side by side.
 */
#include "store/sqlite/connection.h"

#include "store/sqlite/sqlite_store.h"

static const char *const sql[SQL_STATEMENTS] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_READ_EPOCH] = "SELECT value FROM meta WHERE name = 'epoch'",
    [SQL_PUT_RECORD] = "INSERT OR REPLACE INTO record (kind, key, text) VALUES (?1, ?2, ?3)",
    [SQL_DELETE_RECORD] = "DELETE FROM record WHERE kind = ?1 AND key = ?2",
    [SQL_GET_RECORD] = "SELECT text FROM record WHERE kind = ?1 AND key = ?2",
    [SQL_LIST_RECORDS] = "SELECT key, text FROM record WHERE kind = ?1 AND key >= ?2 AND key > ?3 "
                         "ORDER BY key LIMIT ?4",
    [SQL_MACHINE_ID] = "SELECT id FROM machine WHERE arn = ?1",
    [SQL_ADD_MACHINE] = "INSERT INTO machine (arn) VALUES (?1)",
    [SQL_PUT_EXECUTION] =
        "INSERT INTO execution (seq, arn_hash, arn, machine, name, status, start_ms, stop_ms, "
        "last_event, has_tasks, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
        "ON CONFLICT (seq) DO UPDATE SET status = excluded.status, start_ms = excluded.start_ms, "
        "stop_ms = excluded.stop_ms, last_event = excluded.last_event, "
        "has_tasks = excluded.has_tasks, text = excluded.text",
    [SQL_DELETE_EXECUTION] = "DELETE FROM execution WHERE seq = ?1",
    [SQL_KEEP_SEQ] = "INSERT INTO meta (name, value) VALUES ('seq', ?1) "
                     "ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
    [SQL_DELETE_HISTORY] = "DELETE FROM history WHERE place BETWEEN ?1 AND ?2",
    [SQL_DELETE_SCOPES] = "DELETE FROM scope WHERE seq = ?1",
    [SQL_DELETE_TIMERS] = "DELETE FROM timer WHERE seq = ?1",
#define EXECUTION_COLUMNS                                                                          \
    "e.seq, e.arn, m.arn, e.name, e.status, e.start_ms, e.stop_ms, e.last_event, e.has_tasks, "
#define EXECUTION_TABLES " FROM execution e JOIN machine m ON m.id = e.machine "
    [SQL_GET_EXECUTION] = "SELECT " EXECUTION_COLUMNS "e.text" EXECUTION_TABLES "WHERE e.seq = ?1",
    [SQL_FIND_EXECUTION] = "SELECT " EXECUTION_COLUMNS "e.text" EXECUTION_TABLES
                           "WHERE e.arn_hash = ?1 AND e.arn = ?2 ORDER BY e.seq DESC LIMIT 1",
/* The comparison stands alone, so that a page begins in the index where the last one ended. */
#define EXECUTION_PAGE                                                                             \
    "(?1 = 0 OR e.status = ?1) AND (e.start_ms, e.seq) < (?3, ?2) "                                \
    "ORDER BY e.start_ms DESC, e.seq DESC LIMIT ?4"
    [SQL_LIST_EXECUTIONS] = "SELECT " EXECUTION_COLUMNS
                            "CASE WHEN ?5 THEN e.text END" EXECUTION_TABLES "WHERE " EXECUTION_PAGE,
    [SQL_LIST_MACHINE_EXECUTIONS] =
        "SELECT " EXECUTION_COLUMNS "CASE WHEN ?5 THEN e.text END" EXECUTION_TABLES
        "WHERE e.machine = (SELECT id FROM machine WHERE arn = ?6) AND " EXECUTION_PAGE,
    [SQL_APPEND_HISTORY] = "INSERT INTO history (place, event_count, bytes) VALUES (?1, ?2, ?3)",
    [SQL_READ_HISTORY_UP] =
        "SELECT place, event_count, bytes FROM history WHERE place <= ?2 AND "
        "place >= ifnull((SELECT max(place) FROM history WHERE place BETWEEN ?3 "
        "AND ?1), ?1) ORDER BY place LIMIT ?4",
    [SQL_READ_HISTORY_DOWN] =
        "SELECT place, event_count, bytes FROM history WHERE place BETWEEN ?3 "
        "AND ?1 ORDER BY place DESC LIMIT ?4",
    [SQL_PUT_SCOPE] = "INSERT OR REPLACE INTO scope (seq, id, bytes) VALUES (?1, ?2, ?3)",
    [SQL_DELETE_SCOPE] = "DELETE FROM scope WHERE seq = ?1 AND id = ?2",
    [SQL_READ_SCOPES] = "SELECT id, bytes FROM scope WHERE seq = ?1 ORDER BY id",
    [SQL_SET_TIMER] = "INSERT INTO timer (seq, id, due_ms) VALUES (?1, ?2, ?3) "
                      "ON CONFLICT (seq, id) DO UPDATE SET due_ms = excluded.due_ms",
    [SQL_CLEAR_TIMER] = "DELETE FROM timer WHERE seq = ?1 AND id = ?2",
    [SQL_LIST_TIMERS] = "SELECT due_ms, seq, id FROM timer WHERE (due_ms, seq, id) > (?1, ?2, ?3) "
                        "ORDER BY due_ms, seq, id LIMIT ?4",
    [SQL_LIST_IN_FLIGHT] =
        "SELECT seq FROM execution WHERE has_tasks = 1 AND seq > ?1 ORDER BY seq LIMIT ?2",
    /* What ended before a time started before it: the index keeps the young ones out. */
    [SQL_LIST_EXPIRED] = "SELECT e.seq FROM machine m CROSS JOIN execution e "
                         "INDEXED BY execution_by_machine ON e.machine = m.id AND e.start_ms < ?1 "
                         "WHERE e.stop_ms >= 0 AND e.stop_ms < ?1 LIMIT ?2",
    [SQL_READ_TOTALS] = "SELECT max((SELECT ifnull(max(seq), 0) FROM execution), "
                        "(SELECT ifnull(max(value), 0) FROM meta WHERE name = 'seq')), "
                        "(SELECT count(*) FROM execution WHERE status = 1), "
                        "(SELECT count(*) FROM execution), "
                        "(SELECT ifnull(min(seq), 0) FROM execution)",
};

status connection_fail(const connection *c, error *reterr)
{
    int code = sqlite3_errcode(c->db) & 0xFF;
    const char *words = sqlite3_errmsg(c->db);
    const char *path = c->path ? c->path : "the store in memory";
    switch (code) {
    case SQLITE_NOMEM:
        return fail_memory(reterr);
    case SQLITE_FULL:
        return fail(reterr, ERROR_IO, "%s: the disk is full; free some space and try again", path);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return fail(reterr, ERROR_IO, "%s: cannot be written (%s); check its owner and permissions",
                    path, words);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fail(
            reterr, ERROR_IO,
            "%s: the database is damaged (%s); nothing was changed: restore a copy of it, or "
            "move it away to start anew",
            path, words);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(reterr, ERROR_CONFLICT, "%s: another process holds the database", path);
    default:
        return fail(reterr, ERROR_IO, "%s: %s", path, words);
    }
}

status connection_run(connection *c, const char *text, error *reterr)
{
    return sqlite3_exec(c->db, text, NULL, NULL, NULL) == SQLITE_OK ? STATUS_OK
                                                                    : connection_fail(c, reterr);
}

static status configure(connection *c, bool is_writer, error *reterr)
{
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_limit(c->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (!c->path) {
        return STATUS_OK;
    }
    sqlite3_busy_timeout(c->db, STORE_BUSY_MS);
    if (is_writer) {
        TRY(connection_run(c,
                           "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 4000;"
                           "PRAGMA journal_size_limit = 67108864;",
                           reterr));
    } else {
        TRY(connection_run(c, "PRAGMA query_only = 1;", reterr));
    }
    return connection_run(c,
                          "PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;"
                          "PRAGMA temp_store = MEMORY;",
                          reterr);
}

status connection_open(const char *path, bool is_writer, connection *ret_connection, error *reterr)
{
    connection c = {.path = path};
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                SQLITE_OPEN_NOFOLLOW | (path ? 0 : SQLITE_OPEN_MEMORY);
    int rc = sqlite3_open_v2(path ? path : ":memory:", &c.db, flags, NULL);
    status s = rc == SQLITE_OK ? configure(&c, is_writer, reterr)
               : c.db          ? connection_fail(&c, reterr)
                               : fail_memory(reterr);
    if (failed(s)) {
        sqlite3_close(c.db);
        return s;
    }
    *ret_connection = c;
    pthread_mutex_init(&ret_connection->lock, NULL);
    return STATUS_OK;
}

void connection_close(connection *c)
{
    if (c->db) {
        for (size_t i = 0; i < ARRAY_LENGTH(c->statements); i++) {
            sqlite3_finalize(c->statements[i]);
        }
        sqlite3_close(c->db);
        pthread_mutex_destroy(&c->lock);
        *c = (connection){0};
    }
}

sqlite3_stmt *connection_statement(connection *c, statement_name name, error *reterr)
{
    sqlite3_stmt **statement = &c->statements[name];
    if (!*statement && sqlite3_prepare_v3(c->db, sql[name], -1, SQLITE_PREPARE_PERSISTENT,
                                          statement, NULL) != SQLITE_OK) {
        status s = connection_fail(c, reterr);
        (void)s;
        return NULL;
    }
    return *statement;
}

status connection_execute(connection *c, sqlite3_stmt *statement, error *reterr)
{
    int rc = sqlite3_step(statement);
    status s = rc == SQLITE_DONE || rc == SQLITE_ROW ? STATUS_OK : connection_fail(c, reterr);
    sqlite3_reset(statement);
    return s;
}

status connection_next(connection *c, sqlite3_stmt *statement, bool *ret_has_row, error *reterr)
{
    int rc = sqlite3_step(statement);
    *ret_has_row = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW) {
        return STATUS_OK;
    }
    status s = rc == SQLITE_DONE ? STATUS_OK : connection_fail(c, reterr);
    sqlite3_reset(statement);
    return s;
}

status connection_column(sqlite3_stmt *statement, int column, arena *a, str *ret_bytes,
                         error *reterr)
{
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
        *ret_bytes = STR_NONE;
        return STATUS_OK;
    }
    const void *bytes = sqlite3_column_blob(statement, column);
    str copy = arena_str(a, (str){bytes, (size_t)sqlite3_column_bytes(statement, column)});
    if (!copy.ptr) {
        return fail_memory(reterr);
    }
    *ret_bytes = copy;
    return STATUS_OK;
}
