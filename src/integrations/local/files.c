#include "integrations/local/files.h"

#include "net/work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

status local_file_fail(str path, error *reterr)
{
    bool is_missing = errno == ENOENT || errno == ENOTDIR;
    return fail(reterr, is_missing ? ERROR_NOT_FOUND : ERROR_IO, "%.*s: %s", STR_ARG(path),
                strerror(errno));
}

/* A path whose parts are files and folders the other way round has a code of its own. */
static status fail_to_place(str path, error *reterr)
{
    if (errno == ENOTDIR || errno == EISDIR || errno == EEXIST || errno == ENOTEMPTY) {
        return fail(reterr, ERROR_CONFLICT, "%.*s: %s", STR_ARG(path), strerror(errno));
    }
    return local_file_fail(path, reterr);
}

static status read_all(int file, str path, size_t bytes_max, arena *a, str *ret_text, error *reterr)
{
    struct stat about;
    if (fstat(file, &about)) {
        return local_file_fail(path, reterr);
    }
    if (!S_ISREG(about.st_mode)) {
        return fail(reterr, ERROR_IO, "%.*s is not a file", STR_ARG(path));
    }
    if ((uint64_t)about.st_size > bytes_max) {
        return fail(reterr, ERROR_LIMIT, "%.*s has %lld bytes; at most %zu can be read at once",
                    STR_ARG(path), (long long)about.st_size, bytes_max);
    }
    size_t size = (size_t)about.st_size, length = 0;
    char *text = arena_alloc(a, size + 1);
    if (!text) {
        return fail_memory(reterr);
    }
    while (length < size) {
        ssize_t count = read(file, text + length, size - length);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return local_file_fail(path, reterr);
        }
        if (count == 0) {
            break; /* it was cut meanwhile */
        }
        length += (size_t)count;
    }
    *ret_text = str_from(text, length);
    return STATUS_OK;
}

/* In an arena, for the system; NULL when memory ran out. */
static const char *c_path(str path, arena *a)
{
    return arena_str(a, path).ptr;
}

status local_file_read(str path, size_t bytes_max, arena *a, str *ret_text, error *reterr)
{
    const char *name = c_path(path, a);
    if (!name) {
        return fail_memory(reterr);
    }
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return local_file_fail(path, reterr);
    }
    status result = read_all(file, path, bytes_max, a, ret_text, reterr);
    close(file);
    return result;
}

status local_file_read_part(str path, int64_t offset, size_t bytes_max, arena *a, str *ret_text,
                            error *reterr)
{
    const char *name = c_path(path, a);
    char *text = arena_alloc(a, bytes_max + 1);
    if (!name || !text) {
        return fail_memory(reterr);
    }
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return local_file_fail(path, reterr);
    }
    size_t length = 0;
    ssize_t count = 0;
    do {
        count = pread(file, text + length, bytes_max - length, offset + (off_t)length);
        length += count > 0 ? (size_t)count : 0;
    } while ((count > 0 && length < bytes_max) || (count < 0 && errno == EINTR));
    status result = count < 0 ? local_file_fail(path, reterr) : STATUS_OK;
    close(file);
    TRY(result);
    *ret_text = str_from(text, length);
    return STATUS_OK;
}

status local_file_make_folders(str path, arena *a, error *reterr)
{
    char *name = (char *)c_path(path, a); /* our own copy */
    if (!name) {
        return fail_memory(reterr);
    }
    for (size_t i = 1; i < path.len; i++) {
        if (name[i] != '/') {
            continue;
        }
        name[i] = 0;
        int rc = mkdir(name, 0777);
        name[i] = '/';
        if (rc && errno != EEXIST) {
            return fail_to_place(path, reterr);
        }
    }
    return STATUS_OK;
}

static status write_all(int file, str path, str contents, error *reterr)
{
    for (size_t at = 0; at < contents.len;) {
        ssize_t count = write(file, contents.ptr + at, contents.len - at);
        if (count < 0 && errno != EINTR) {
            return local_file_fail(path, reterr);
        }
        at += count > 0 ? (size_t)count : 0;
    }
    return fdatasync(file) ? local_file_fail(path, reterr) : STATUS_OK;
}

status local_file_replace(str path, str contents, arena *a, error *reterr)
{
    static atomic_uint count; /* makes the names of this process's temporary files differ */
    TRY(local_file_make_folders(path, a, reterr));
    str temporary =
        arena_printf(a, "%.*s.%d.%u~", STR_ARG(path), (int)getpid(), atomic_fetch_add(&count, 1));
    const char *final = c_path(path, a);
    if (!temporary.ptr || !final) {
        return fail_memory(reterr);
    }
    int file = open(temporary.ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) {
        return fail_to_place(path, reterr);
    }
    status result = write_all(file, path, contents, reterr);
    close(file);
    if (ok(result) && rename(temporary.ptr, final)) {
        result = fail_to_place(path, reterr);
    }
    if (failed(result)) {
        unlink(temporary.ptr);
    }
    return result;
}

/* ------------------------------------------------------------------------------ beside the loop */

typedef struct replacing {
    arena memory;
    str path;
    buf contents;
    local_file_replaced *done;
    void *user;
    error err;
    bool has_failed;
} replacing;

static void replacing_work(void *user)
{
    replacing *r = user;
    r->has_failed = failed(local_file_replace(r->path, buf_str(&r->contents), &r->memory, &r->err));
}

static void replacing_free(replacing *r)
{
    buf_clean_up(&r->contents);
    arena_clean_up(&r->memory);
    free(r);
}

static void replacing_done(void *user)
{
    replacing *r = user;
    r->done(r->user, r->has_failed ? &r->err : NULL);
    replacing_free(r);
}

status local_file_replace_beside(net_loop *loop, str path, buf *contents, local_file_replaced *done,
                                 void *user, error *reterr)
{
    replacing *r = calloc(1, sizeof(*r));
    if (!r) {
        return fail_memory(reterr);
    }
    arena_init(&r->memory, 0);
    r->path = arena_str(&r->memory, path);
    r->done = done;
    r->user = user;
    r->contents = *contents;
    status begun = r->path.ptr ? net_work_start(loop, replacing_work, replacing_done, r, reterr)
                               : fail_memory(reterr);
    if (failed(begun)) {
        buf_init(&r->contents, 0);
        replacing_free(r);
        return begun;
    }
    buf_init(contents, contents->max);
    return STATUS_OK;
}
