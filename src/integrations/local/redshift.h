/* Private to the folder: the Redshift Data API on a PostgreSQL. A statement is a connection of its
 * own, which ends with it; at most REDSHIFT_CONNECTIONS_MAX at once, the others wait their turn. In
 * the data folder:
 *
 *   redshift-data/ID.json    what DescribeStatement tells of a statement, and its columns
 *   redshift-data/ID.rows    the records of its result, a line of JSON each
 */
#ifndef GAIT_INTEGRATIONS_LOCAL_REDSHIFT_H
#define GAIT_INTEGRATIONS_LOCAL_REDSHIFT_H

#include "integrations/local/local_service.h"
#include "integrations/local/pq_table.h"

typedef struct redshift_statement redshift_statement;

struct redshift_statements {
    local_services *services;
    pq_table pq;
    redshift_statement *first; /* those that have not ended, oldest first */
    uint32_t count, connections;
};

/* One SQL text with its parameters, as PostgreSQL takes them. */
typedef struct redshift_query {
    const char *sql; /* with $1, $2, ... */
    const char **values;
    int count;
} redshift_query;

/* Replaces each :NAME by a parameter's number. Texts in quotes, dollar quotes, comments and casts
 * (::) are left alone. `parameters` is the API's [{"Name", "Value"}]; absent: none. ERROR_NOT_FOUND
 * for a name without a value, ERROR_INVALID for a value that the SQL does not name. */
MUST_USE status redshift_query_make(str sql, json parameters, arena *a, redshift_query *ret_query,
                                    error *reterr);

/* redshift_rows.c: appends one line for each row, as getStatementResult gives them. */
void redshift_rows_print(const pq_table *pq, const PGresult *result, buf *out);
/* ColumnMetadata. */
MUST_USE status redshift_columns(const pq_table *pq, const PGresult *result, arena *a,
                                 json *ret_columns, error *reterr);

/* Made when first needed; a failure has been told to the task, and gives NULL. */
redshift_statements *redshift_begin(local_task *task);
/* "DATA/redshift-data/ID.json" */
str redshift_path(const redshift_statements *all, arena *a, str id, const char *ending);

typedef struct redshift_request {
    str id;
    json sqls;       /* an array of texts */
    bool is_batch;   /* one transaction; substatements */
    json parameters; /* [{"Name", "Value"}]; absent: none */
    json about;      /* members of the description: Database, StatementName, ... */
    str database;    /* absent: the connection's own */
} redshift_request;

/* Writes the description and queues the statement. */
MUST_USE status redshift_statement_start(redshift_statements *all, const redshift_request *request,
                                         error *reterr);
redshift_statement *redshift_statement_find(const redshift_statements *all, str id);
/* NULL: it is being cancelled; else the state that it has ended in. */
const char *redshift_statement_cancel(redshift_statement *statement);
/* {"description", "columns": {ID: ColumnMetadata}} of a statement. One that has no end and does not
 * run was cut off: it is told as failed. ERROR_NOT_FOUND. */
MUST_USE status redshift_statement_read(redshift_statements *all, str id, arena *a,
                                        json *ret_record, error *reterr);

#endif
