/* Child processes: what comes out of them, and that nothing of them stays. */
#include "net/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

typedef struct seen {
    net_loop *loop;
    char text[4096]; /* lines of both streams, each ended by '\n' */
    size_t length;
    size_t bytes, lines, longest;
    int exit_status, signal;
    bool is_exited;
} seen;

static void on_line(void *user, net_stream stream, str line)
{
    seen *s = user;
    (void)stream;
    s->bytes += line.len;
    s->lines++;
    s->longest = MAX_OF(s->longest, line.len);
    if (s->length + line.len + 1 < sizeof(s->text)) {
        memcpy(s->text + s->length, line.ptr, line.len);
        s->length += line.len;
        s->text[s->length++] = '\n';
        s->text[s->length] = '\0';
    }
}

static void on_exit_seen(void *user, int exit_status, int signal)
{
    seen *s = user;
    assert_false(s->is_exited);
    s->is_exited = true;
    s->exit_status = exit_status;
    s->signal = signal;
    net_loop_stop(s->loop);
}

static const char *const plain_environment[] = {"PATH=/usr/bin:/bin", "COLOUR=blue", NULL};

static net_process *shell(seen *s, const char *script, str input)
{
    const char *arguments[] = {"sh", "-c", script, NULL};
    net_process_options options = {
        .file = "sh",
        .arguments = arguments,
        .environment = plain_environment,
        .folder = "/tmp",
        .input = input,
        .events = {.on_line = on_line, .on_exit = on_exit_seen, .user = s},
    };
    net_process *process = NULL;
    error err;
    assert_ok(net_process_start(s->loop, &options, &process, &err), err);
    return process;
}

static void run(seen *s, const char *script, str input)
{
    memset(s, 0, sizeof(*s));
    error err;
    assert_ok(net_loop_new(&s->loop, &err), err);
    net_process *process = shell(s, script, input);
    net_loop_run(s->loop);
    net_process_free(process);
    net_loop_free(s->loop);
}

static void output_comes_line_by_line(void **state)
{
    (void)state;
    seen s;
    run(&s, "printf 'one\\ntwo\\n\\nthree'", STR_NONE);
    assert_string_equal(s.text, "one\ntwo\n\nthree\n");
    assert_int_equal(s.exit_status, 0);
    run(&s, "echo oops >&2; exit 3", STR_NONE);
    assert_string_equal(s.text, "oops\n");
    assert_int_equal(s.exit_status, 3);
}

static void input_is_null_or_the_text(void **state)
{
    (void)state;
    seen s;
    run(&s, "cat", STR_NONE);
    assert_string_equal(s.text, "");
    run(&s, "cat", STR("from\noutside"));
    assert_string_equal(s.text, "from\noutside\n");
}

static void environment_and_folder_are_the_given_ones(void **state)
{
    (void)state;
    seen s;
    setenv("SECRET_OF_PARENT", "1", 1);
    run(&s, "echo $COLOUR $SECRET_OF_PARENT; pwd", STR_NONE);
    assert_string_equal(s.text, "blue\n/tmp\n");
}

static void descriptors_are_not_inherited(void **state)
{
    (void)state;
    seen s;
    int pair[2];
    assert_int_equal(pipe(pair), 0); /* without close-on-exec */
    run(&s, "ls /proc/self/fd | sort | tr '\\n' ' '", STR_NONE);
    assert_string_equal(s.text, "0 1 2 3 \n"); /* 3: ls's own view of the folder */
    close(pair[0]);
    close(pair[1]);
}

static void long_lines_come_in_pieces_and_nothing_is_lost(void **state)
{
    (void)state;
    seen s;
    run(&s, "head -c 1000000 /dev/zero | tr '\\0' x; echo; seq 1 100000", STR_NONE);
    assert_int_equal(s.longest, NET_PROCESS_LINE_BYTES_MAX);
    assert_int_equal(s.bytes, 1000000 + 488895);
    assert_int_equal(s.lines, 4 + 100000);
}

static void a_signal_is_told(void **state)
{
    (void)state;
    seen s;
    run(&s, "kill -9 $$", STR_NONE);
    assert_int_equal(s.signal, 9);
}

static void a_grandchild_neither_delays_the_exit_nor_survives_it(void **state)
{
    (void)state;
    seen s;
    run(&s, "sleep 600 & echo $!; exit 0", STR_NONE);
    assert_true(s.is_exited);
    int grandchild = (int)strtol(s.text, NULL, 10);
    assert_true(grandchild > 1);
    for (int i = 0; i < 12000 && kill(grandchild, 0) == 0; i++) { /* two minutes */
        char path[64];
        char status_text[256] = "";
        snprintf(path, sizeof(path), "/proc/%d/stat", grandchild);
        FILE *file = fopen(path, "r");
        size_t got = file ? fread(status_text, 1, sizeof(status_text) - 1, file) : 0;
        if (file) {
            fclose(file);
        }
        if (got && strstr(status_text, ") Z ")) {
            return; /* dead; reaped by whoever adopted it */
        }
        usleep(10000);
    }
    assert_int_equal(kill(grandchild, 0), -1);
}

static void a_freed_process_is_killed_and_reaped(void **state)
{
    (void)state;
    seen s = {0};
    error err;
    assert_ok(net_loop_new(&s.loop, &err), err);
    net_process *process = shell(&s, "sleep 600", STR_NONE);
    int id = net_process_id(process);
    net_process_free(process);
    net_loop_free(s.loop); /* waits for the child */
    assert_false(s.is_exited);
    assert_int_equal(kill(id, 0), -1);
    assert_int_equal(errno, ESRCH);
}

static void a_missing_program_is_refused_by_name(void **state)
{
    (void)state;
    net_loop *loop;
    error err;
    assert_ok(net_loop_new(&loop, &err), err);
    const char *arguments[] = {"no-such-program", NULL};
    net_process_options options = {
        .file = "no-such-program", .arguments = arguments, .environment = plain_environment};
    net_process *process = NULL;
    status result = net_process_start(loop, &options, &process, &err);
    assert_int_equal(result.code, ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "no-such-program"));
    net_loop_free(loop);
}

/* Starting `file` in `folder` fails with these words. */
static void refused(const char *file, const char *folder, const char *words)
{
    net_loop *loop;
    error err;
    assert_ok(net_loop_new(&loop, &err), err);
    const char *arguments[] = {file, NULL};
    net_process_options options = {
        .file = file, .folder = folder, .arguments = arguments, .environment = plain_environment};
    net_process *process = NULL;
    assert_true(failed(net_process_start(loop, &options, &process, &err)));
    if (!strstr(err.message, words)) {
        fail_msg("'%s' does not say '%s'", err.message, words);
    }
    net_loop_free(loop);
}

static void why_a_program_cannot_be_run_is_told(void **state)
{
    (void)state;
    char path[] = "/tmp/gait-test-program-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, "#!/no/such/interpreter\n", 23), 23);
    assert_int_equal(close(file), 0);
    refused(path, NULL, "it is not executable (chmod +x)");
    assert_int_equal(chmod(path, 0700), 0);
    refused(path, NULL, "the interpreter that its first line names is not there");
    refused("/bin/sh", "/no/such/folder", "there is no folder '/no/such/folder'");
    refused("no-such-program", NULL, "there is no such program in the PATH");
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_comes_line_by_line),
        cmocka_unit_test(input_is_null_or_the_text),
        cmocka_unit_test(environment_and_folder_are_the_given_ones),
        cmocka_unit_test(descriptors_are_not_inherited),
        cmocka_unit_test(long_lines_come_in_pieces_and_nothing_is_lost),
        cmocka_unit_test(a_signal_is_told),
        cmocka_unit_test(a_grandchild_neither_delays_the_exit_nor_survives_it),
        cmocka_unit_test(a_freed_process_is_killed_and_reaped),
        cmocka_unit_test(a_missing_program_is_refused_by_name),
        cmocka_unit_test(why_a_program_cannot_be_run_is_told),
    };
    return cmocka_run_group_tests_name("net_process", tests, NULL, NULL);
}
