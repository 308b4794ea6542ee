/* Opening and closing. On disk: FOLDER/gait.db with its write-ahead log, and FOLDER/lock, which the
 * process that serves the folder holds locked for as long as it lives. In memory: the same tables
 * without a file, on one connection. */
#include "store/sqlite/sqlite_store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOLDER_SIZE 32    /* a process's id as text */
#define ORPHAN_TRIES 3000 /* half a minute, on a machine with much else to do */
#define ORPHAN_PAUSE_US 10000

static status make_folder(const char *folder, error *reterr)
{
    char path[4096];
    int len = snprintf(path, sizeof(path), "%s", folder);
    if (len < 0 || (size_t)len >= sizeof(path)) {
        return fail(reterr, ERROR_INVALID, "the data folder's path is too long");
    }
    for (char *at = path + 1; *at; at++) {
        if (*at == '/') {
            *at = '\0';
            (void)!mkdir(path, 0777); /* what matters is whether the last one can be used */
            *at = '/';
        }
    }
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return fail(reterr, ERROR_IO, "%s: cannot be made: %s", folder, strerror(errno));
    }
    return STATUS_OK;
}

/* Whether the lock was had. A killed server's child that had not yet become its program shares the
 * lock for a moment: while the process that the file names is gone, it is worth waiting. holder is
 * what the file says. */
static bool take_lock(int file, char holder[HOLDER_SIZE])
{
    for (int i = 0;; i++) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0) {
            return true;
        }
        ssize_t len = pread(file, holder, HOLDER_SIZE - 1, 0);
        holder[len > 0 ? len : 0] = '\0';
        long id = strtol(holder, NULL, 10);
        bool is_gone = id > 0 && kill((pid_t)id, 0) != 0 && errno == ESRCH;
        if (!is_gone || i == ORPHAN_TRIES) {
            return false;
        }
        usleep(ORPHAN_PAUSE_US);
    }
}

/* Holds FOLDER/lock, with this process's id in it for whoever comes second. */
static status lock_folder(const char *folder, int *ret_file, error *reterr)
{
    char path[4200];
    snprintf(path, sizeof(path), "%s/lock", folder);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return fail(reterr, ERROR_IO, "%s: cannot be written: %s; check its owner and permissions",
                    path, strerror(errno));
    }
    char holder[HOLDER_SIZE] = "";
    if (!take_lock(file, holder)) {
        close(file);
        return fail(
            reterr, ERROR_CONFLICT,
            "%s: another gait (process %s) serves this data folder; stop it, or choose another "
            "folder with --data",
            folder, *holder ? holder : "unknown");
    }
    int len = snprintf(holder, sizeof(holder), "%ld", (long)getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, holder, (size_t)len, 0) != len) {
        status s = fail(reterr, ERROR_IO, "%s: cannot be written: %s", path, strerror(errno));
        close(file);
        return s;
    }
    *ret_file = file;
    return STATUS_OK;
}

static status open_connections(sqlite_store *s, error *reterr)
{
    TRY(connection_open(s->path, true, &s->writer, reterr));
    TRY(sqlite_store_migrate(&s->writer, &s->epoch, reterr));
    s->reading = &s->writer;
    if (s->path) {
        TRY(connection_open(s->path, false, &s->reader, reterr));
        s->reading = &s->reader;
    }
    return STATUS_OK;
}

static sqlite_store *new_store(void)
{
    sqlite_store *s = calloc(1, sizeof(*s));
    if (s) {
        s->base.ops = &sqlite_store_ops;
        s->lock_file = -1;
    }
    return s;
}

status store_open_memory(store **ret_store, error *reterr)
{
    sqlite_store *s = new_store();
    if (!s) {
        return fail_memory(reterr);
    }
    status opened = open_connections(s, reterr);
    if (failed(opened)) {
        sqlite_store_close(&s->base);
        return opened;
    }
    *ret_store = &s->base;
    return STATUS_OK;
}

static status open_folder(sqlite_store *s, const char *folder, error *reterr)
{
    TRY(make_folder(folder, reterr));
    TRY(lock_folder(folder, &s->lock_file, reterr));
    if (asprintf(&s->path, "%s/gait.db", folder) < 0) {
        s->path = NULL;
        return fail_memory(reterr);
    }
    return open_connections(s, reterr);
}

status store_open_sqlite(str folder, store **ret_store, error *reterr)
{
    sqlite_store *s = new_store();
    char *path = folder.len ? str_duplicate(folder) : NULL;
    status opened = s && path ? open_folder(s, path, reterr)
                    : !s || folder.len
                        ? fail_memory(reterr)
                        : fail(reterr, ERROR_INVALID, "the data folder's name is empty");
    free(path);
    if (failed(opened)) {
        if (s) {
            sqlite_store_close(&s->base);
        }
        return opened;
    }
    *ret_store = &s->base;
    return STATUS_OK;
}

void sqlite_store_close(store *base)
{
    sqlite_store *s = (sqlite_store *)base;
    connection_close(&s->reader);
    connection_close(&s->writer); /* last: it folds the log into the database */
    if (s->lock_file >= 0) {
        close(s->lock_file);
    }
    free(s->path);
    free(s);
}
