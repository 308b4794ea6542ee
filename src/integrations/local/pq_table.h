/* The functions of libpq that we use, found at run time: most servers need no PostgreSQL. */
#ifndef GAIT_INTEGRATIONS_LOCAL_PQ_TABLE_H
#define GAIT_INTEGRATIONS_LOCAL_PQ_TABLE_H

#include "base/status.h"

#include <libpq-fe.h>

typedef struct pq_table {
    void *library; /* never closed */
    PGconn *(*connectStart)(const char *conninfo);
    PostgresPollingStatusType (*connectPoll)(PGconn *connection);
    void (*finish)(PGconn *connection);
    ConnStatusType (*status)(const PGconn *connection);
    int (*socket)(const PGconn *connection);
    int (*backendPID)(const PGconn *connection);
    char *(*errorMessage)(const PGconn *connection);
    int (*setnonblocking)(PGconn *connection, int is_nonblocking);
    int (*sendQueryParams)(PGconn *connection, const char *command, int count, const Oid *types,
                           const char *const *values, const int *lengths, const int *formats,
                           int result_format);
    int (*setSingleRowMode)(PGconn *connection);
    int (*flush)(PGconn *connection);
    int (*consumeInput)(PGconn *connection);
    int (*isBusy)(PGconn *connection);
    PGresult *(*getResult)(PGconn *connection);
    ExecStatusType (*resultStatus)(const PGresult *result);
    char *(*resultErrorField)(const PGresult *result, int field);
    int (*ntuples)(const PGresult *result);
    int (*nfields)(const PGresult *result);
    char *(*fname)(const PGresult *result, int column);
    Oid (*ftype)(const PGresult *result, int column);
    int (*fmod)(const PGresult *result, int column);
    int (*getisnull)(const PGresult *result, int row, int column);
    char *(*getvalue)(const PGresult *result, int row, int column);
    int (*getlength)(const PGresult *result, int row, int column);
    char *(*cmdTuples)(PGresult *result);
    void (*clear)(PGresult *result);
    PGcancel *(*getCancel)(PGconn *connection);
    int (*cancel)(PGcancel *cancel, char *message, int message_size);
    void (*freeCancel)(PGcancel *cancel);
} pq_table;

MUST_USE status pq_table_open(pq_table *ret_table, error *reterr);

#endif
