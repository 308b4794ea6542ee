#include "integrations/local/pq_table.h"

#include <dlfcn.h>
#include <stddef.h>

#define ROW(member)                                                                                \
    {                                                                                              \
        "PQ" #member, offsetof(pq_table, member)                                                   \
    }
static const struct {
    const char *name;
    size_t offset;
} functions[] = {
    ROW(connectStart),
    ROW(connectPoll),
    ROW(finish),
    ROW(status),
    ROW(socket),
    ROW(backendPID),
    ROW(errorMessage),
    ROW(setnonblocking),
    ROW(sendQueryParams),
    ROW(setSingleRowMode),
    ROW(flush),
    ROW(consumeInput),
    ROW(isBusy),
    ROW(getResult),
    ROW(resultStatus),
    ROW(resultErrorField),
    ROW(ntuples),
    ROW(nfields),
    ROW(fname),
    ROW(ftype),
    ROW(fmod),
    ROW(getisnull),
    ROW(getvalue),
    ROW(getlength),
    ROW(cmdTuples),
    ROW(clear),
    ROW(getCancel),
    ROW(cancel),
    ROW(freeCancel),
};

status pq_table_open(pq_table *ret_table, error *reterr)
{
    pq_table table = {.library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL)};
    if (!table.library) {
        return fail(reterr, ERROR_NOT_FOUND,
                    "the local redshift-data needs libpq, which could not be loaded (on Debian: "
                    "apt-get install libpq5): %s",
                    dlerror());
    }
    for (size_t i = 0; i < ARRAY_LENGTH(functions); i++) {
        void *function = dlsym(table.library, functions[i].name);
        if (!function) {
            return fail(reterr, ERROR_NOT_FOUND, "libpq is too old: it has no function %s",
                        functions[i].name);
        }
        memcpy((char *)&table + functions[i].offset, &function, sizeof(function));
    }
    *ret_table = table;
    return STATUS_OK;
}
