/* One SQLite connection with its prepared statements. Used by one thread at a time (its lock). */
#ifndef GAIT_STORE_SQLITE_CONNECTION_H
#define GAIT_STORE_SQLITE_CONNECTION_H

#include "store/store_private.h"

#include <pthread.h>
#include <sqlite3.h>

typedef enum statement_name {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_READ_EPOCH,
    SQL_PUT_RECORD,
    SQL_DELETE_RECORD,
    SQL_GET_RECORD,
    SQL_LIST_RECORDS,
    SQL_MACHINE_ID,
    SQL_ADD_MACHINE,
    SQL_PUT_EXECUTION,
    SQL_DELETE_EXECUTION,
    SQL_KEEP_SEQ,
    SQL_DELETE_HISTORY,
    SQL_DELETE_SCOPES,
    SQL_DELETE_TIMERS,
    SQL_GET_EXECUTION,
    SQL_FIND_EXECUTION,
    SQL_LIST_EXECUTIONS,
    SQL_LIST_MACHINE_EXECUTIONS,
    SQL_APPEND_HISTORY,
    SQL_READ_HISTORY_UP,
    SQL_READ_HISTORY_DOWN,
    SQL_PUT_SCOPE,
    SQL_DELETE_SCOPE,
    SQL_READ_SCOPES,
    SQL_SET_TIMER,
    SQL_CLEAR_TIMER,
    SQL_LIST_TIMERS,
    SQL_LIST_IN_FLIGHT,
    SQL_LIST_EXPIRED,
    SQL_READ_TOTALS,
    SQL_STATEMENTS,
} statement_name;

typedef struct connection {
    sqlite3 *db;                              /* owned */
    sqlite3_stmt *statements[SQL_STATEMENTS]; /* owned; prepared when first used */
    pthread_mutex_t lock;
    const char *path; /* for messages; borrowed */
} connection;

/* Opens (and makes) the database file, or one in memory for path NULL. */
MUST_USE status connection_open(const char *path, bool is_writer, connection *ret_connection,
                                error *reterr);
void connection_close(connection *c);

/* Runs SQL without results, several statements at once: schema and pragmas. */
MUST_USE status connection_run(connection *c, const char *sql, error *reterr);
/* A statement ready to be bound; NULL with *reterr filled in when it cannot be prepared. */
sqlite3_stmt *connection_statement(connection *c, statement_name name, error *reterr);
/* Steps a statement that gives no rows, and resets it. */
MUST_USE status connection_execute(connection *c, sqlite3_stmt *statement, error *reterr);
/* Steps to the next row. When there is none (or on failure) the statement is reset. */
MUST_USE status connection_next(connection *c, sqlite3_stmt *statement, bool *ret_has_row,
                                error *reterr);
/* SQLite's last error in words that a user can act on. */
COLD status connection_fail(const connection *c, error *reterr);

/* A column as bytes in the arena; ptr NULL for SQL NULL. */
MUST_USE status connection_column(sqlite3_stmt *statement, int column, arena *a, str *ret_bytes,
                                  error *reterr);

#endif
