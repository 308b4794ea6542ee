/* Child processes over uv_spawn.
 *
 * States of a process (process->is_*):
 *
 *     running --child exits--> exited --pipes drained--> reported --net_process_free--> closing
 *        \____________________ net_process_free: killed, still reaped ____________________/
 *
 * Invariants: the memory lives until every libuv handle of it is closed (open_handles == 0) *and*
 * the owner has freed it; after net_process_free no callback of the owner is called; the group is
 * signalled only while the leader is not reaped, or in the very callback that reaps it. */
#include "net/process.h"

#include "base/buf.h"
#include "net/loop_private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

#define READ_BYTES 65536
/* A pipe holds at most 1 MiB for an unprivileged writer: more than that after the exit comes from a
 * stranger that kept the pipe. */
#define DRAIN_BYTES_MAX (1u << 20)

typedef struct process_pipe {
    uv_pipe_t uv;
    net_process *process;
    net_stream stream;
    buf partial; /* a line whose end has not come yet */
    bool is_open;
} process_pipe;

struct net_process {
    uv_process_t uv;
    process_pipe pipes[2];
    uv_pipe_t input;
    uv_write_t input_write;
    char *input_text; /* owned */
    net_process_events events;
    char *read_room; /* owned, READ_BYTES */
    int open_handles;
    bool is_input_open, is_exited, is_freed;
};

static void process_release(net_process *process)
{
    if (process->open_handles == 0 && process->is_freed) {
        buf_clean_up(&process->pipes[0].partial);
        buf_clean_up(&process->pipes[1].partial);
        free(process->input_text);
        free(process->read_room);
        free(process);
    }
}

static void process_on_closed(uv_handle_t *handle)
{
    net_process *process = handle->data;
    process->open_handles--;
    process_release(process);
}

static void input_close(net_process *process)
{
    if (process->is_input_open) {
        process->is_input_open = false;
        uv_close((uv_handle_t *)&process->input, process_on_closed);
    }
}

static void pipe_emit(process_pipe *pipe, str line)
{
    net_process *process = pipe->process;
    if (!process->is_freed && process->events.on_line) {
        process->events.on_line(process->events.user, pipe->stream, line);
    }
}

static void pipe_emit_partial(process_pipe *pipe)
{
    if (pipe->partial.len) {
        pipe_emit(pipe, buf_str(&pipe->partial));
        buf_reset(&pipe->partial);
    }
}

/* Cuts bytes into lines. A line within the bytes is handed on in place; only a cut one is copied.
 */
static void pipe_take(process_pipe *pipe, str bytes)
{
    while (bytes.len) {
        size_t end = str_find_char(bytes, '\n');
        str piece = str_take(bytes, end);
        size_t room = NET_PROCESS_LINE_BYTES_MAX - pipe->partial.len;
        bool is_cut = piece.len > room;
        if (is_cut) {
            piece = str_take(piece, room);
        }
        if (pipe->partial.len || (end == STR_NOT_FOUND && !is_cut)) {
            buf_add_str(&pipe->partial, piece);
            if (is_cut || end != STR_NOT_FOUND || pipe->partial.overflowed) {
                pipe_emit_partial(pipe);
            }
        } else {
            pipe_emit(pipe, piece);
        }
        bytes = str_skip(bytes, piece.len + (is_cut || end == STR_NOT_FOUND ? 0 : 1));
    }
}

static void pipe_lines_end(net_process *process)
{
    if (!process->is_freed && process->events.on_lines_end) {
        process->events.on_lines_end(process->events.user);
    }
}

static void pipe_close(process_pipe *pipe)
{
    if (pipe->is_open) {
        pipe->is_open = false;
        uv_close((uv_handle_t *)&pipe->uv, process_on_closed);
    }
}

static void pipe_on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    (void)suggested;
    net_process *process = handle->data;
    *ret_buf = uv_buf_init(process->read_room, READ_BYTES);
}

static void pipe_on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *bytes)
{
    net_process *process = stream->data;
    process_pipe *pipe = (process_pipe *)stream;
    if (count > 0) {
        pipe_take(pipe, str_from(bytes->base, (size_t)count));
        pipe_lines_end(process);
    } else if (count < 0) {
        pipe_emit_partial(pipe);
        pipe_lines_end(process);
        pipe_close(pipe);
    }
}

/* Reads what is in the pipe without waiting: libuv has made it non-blocking. */
static void pipe_drain(process_pipe *pipe)
{
    int descriptor;
    if (!pipe->is_open || uv_fileno((uv_handle_t *)&pipe->uv, &descriptor)) {
        return;
    }
    size_t total = 0;
    while (total < DRAIN_BYTES_MAX) {
        ssize_t count = read(descriptor, pipe->process->read_room, READ_BYTES);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            break;
        }
        total += (size_t)count;
        pipe_take(pipe, str_from(pipe->process->read_room, (size_t)count));
    }
    if (total) {
        pipe_lines_end(pipe->process);
    }
}

void net_process_read_now(net_process *process)
{
    pipe_drain(&process->pipes[0]);
    pipe_drain(&process->pipes[1]);
}

static void process_on_exit(uv_process_t *uv, int64_t exit_status, int signal)
{
    net_process *process = uv->data;
    process->is_exited = true;
    /* What the child left behind goes with it; the group's number is not free while one lives. */
    kill(-uv->pid, SIGKILL);
    input_close(process);
    for (int i = 0; i < 2; i++) {
        pipe_drain(&process->pipes[i]);
        pipe_emit_partial(&process->pipes[i]);
        pipe_close(&process->pipes[i]);
    }
    pipe_lines_end(process);
    uv_close((uv_handle_t *)uv, process_on_closed);
    if (!process->is_freed && process->events.on_exit) {
        process->events.on_exit(process->events.user, (int)exit_status, signal);
    }
}

static void input_on_written(uv_write_t *write, int result)
{
    (void)result;
    input_close(write->data);
}

/* Descriptors that others opened without close-on-exec would leak into the child. */
static void close_others_on_exec(void)
{
    if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0) {
        return;
    }
    long limit = sysconf(_SC_OPEN_MAX);
    for (int descriptor = 3; descriptor < MIN_OF(limit, 65536); descriptor++) {
        int flags = fcntl(descriptor, F_GETFD);
        if (flags >= 0) {
            fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
        }
    }
}

static void process_open_pipes(net_process *process, uv_loop_t *loop, bool has_input)
{
    for (int i = 0; i < 2; i++) {
        process_pipe *pipe = &process->pipes[i];
        uv_pipe_init(loop, &pipe->uv, 0);
        pipe->uv.data = process;
        pipe->process = process;
        pipe->stream = (net_stream)i;
        pipe->is_open = true;
        buf_init(&pipe->partial, NET_PROCESS_LINE_BYTES_MAX);
        process->open_handles++;
    }
    if (has_input) {
        uv_pipe_init(loop, &process->input, 0);
        process->input.data = process;
        process->is_input_open = true;
        process->open_handles++;
    }
}

static int process_spawn(net_process *process, uv_loop_t *loop, const net_process_options *options)
{
    uv_stdio_container_t streams[3] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
         .data.stream = (uv_stream_t *)&process->pipes[0].uv},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
         .data.stream = (uv_stream_t *)&process->pipes[1].uv},
    };
    if (process->is_input_open) {
        streams[0] = (uv_stdio_container_t){.flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
                                            .data.stream = (uv_stream_t *)&process->input};
    }
    uv_process_options_t uv = {
        .exit_cb = process_on_exit,
        .file = options->file,
        .args = (char **)options->arguments,
        .env = (char **)options->environment,
        .cwd = options->folder,
        .flags = UV_PROCESS_DETACHED, /* setsid: a group of its own */
        .stdio_count = 3,
        .stdio = streams,
    };
    close_others_on_exec();
    process->uv.data = process;
    process->open_handles++;
    return uv_spawn(loop, &process->uv, &uv);
}

static void process_begin(net_process *process)
{
    for (int i = 0; i < 2; i++) {
        uv_read_start((uv_stream_t *)&process->pipes[i].uv, pipe_on_alloc, pipe_on_read);
    }
    if (process->is_input_open) {
        uv_buf_t text = uv_buf_init(process->input_text, (unsigned)strlen(process->input_text));
        process->input_write.data = process;
        if (uv_write(&process->input_write, (uv_stream_t *)&process->input, &text, 1,
                     input_on_written)) {
            input_close(process);
        }
    }
}

/* ENOENT has three reasons, and each wants something else done. */
static status tell_why(const net_process_options *options, int rc, error *reterr)
{
    const char *file = options->file;
    const char *folder = options->folder ? options->folder : ".";
    bool is_path = file[0] == '/'; /* another one with slashes begins at the folder */
    if (rc == UV_EACCES && is_path && access(file, F_OK) == 0 && access(file, X_OK) != 0) {
        return fail(reterr, ERROR_IO, "cannot run '%s': it is not executable (chmod +x)", file);
    }
    if (rc != UV_ENOENT) {
        return fail(reterr, ERROR_IO, "cannot run '%s': %s", file, uv_strerror(rc));
    }
    if (access(folder, F_OK) != 0) {
        return fail(reterr, ERROR_NOT_FOUND, "cannot run '%s': there is no folder '%s'", file,
                    folder);
    }
    if (is_path && access(file, F_OK) == 0) {
        return fail(reterr, ERROR_NOT_FOUND,
                    "cannot run '%s': the interpreter that its first line names is not there",
                    file);
    }
    return fail(reterr, ERROR_NOT_FOUND, "cannot run '%s': there is no such program%s", file,
                strchr(file, '/') ? "" : " in the PATH");
}

status net_process_start(net_loop *loop, const net_process_options *options,
                         net_process **ret_process, error *reterr)
{
    net_process *process = calloc(1, sizeof(*process));
    char *room = malloc(READ_BYTES);
    char *input = options->input.ptr ? str_duplicate(options->input) : NULL;
    if (!process || !room || (options->input.ptr && !input)) {
        free(process);
        free(room);
        free(input);
        return fail_memory(reterr);
    }
    process->read_room = room;
    process->input_text = input;
    process->events = options->events;
    process_open_pipes(process, net_loop_uv(loop), input != NULL);
    int rc = process_spawn(process, net_loop_uv(loop), options);
    if (rc) {
        process->is_freed = true;
        process->is_exited = true;
        input_close(process);
        pipe_close(&process->pipes[0]);
        pipe_close(&process->pipes[1]);
        uv_close((uv_handle_t *)&process->uv, process_on_closed);
        return tell_why(options, rc, reterr);
    }
    process_begin(process);
    *ret_process = process;
    return STATUS_OK;
}

int net_process_id(const net_process *process)
{
    return process->uv.pid;
}

void net_process_kill_group(net_process *process, int signal)
{
    if (!process->is_exited) {
        kill(-process->uv.pid, signal);
    }
}

void net_process_free(net_process *process)
{
    if (!process || process->is_freed) {
        return;
    }
    net_process_kill_group(process, SIGKILL);
    process->is_freed = true;
    process_release(process);
}
