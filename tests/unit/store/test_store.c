/* The store's contract, on every kind of store; and what the one on disk says when it cannot work.
 */
#include "base/arena.h"
#include "store/store.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define MACHINE STR("arn:aws:states:us-east-1:123456789012:stateMachine:m")

typedef struct fixture {
    store *s;
    arena a;
    char folder[64]; /* "" in memory */
    error err;
} fixture;

static fixture *new_fixture(void)
{
    fixture *f = calloc(1, sizeof(*f));
    arena_init(&f->a, 0);
    return f;
}

static int open_memory(void **state)
{
    fixture *f = new_fixture();
    *state = f;
    return ok(store_open_memory(&f->s, &f->err)) ? 0 : -1;
}

static int open_disk(void **state)
{
    fixture *f = new_fixture();
    *state = f;
    snprintf(f->folder, sizeof(f->folder), "/tmp/gait-store-XXXXXX");
    return mkdtemp(f->folder) && ok(store_open_sqlite(str_from_c(f->folder), &f->s, &f->err)) ? 0
                                                                                              : -1;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)st;
    (void)kind;
    (void)place;
    return remove(path);
}

static int close_fixture(void **state)
{
    fixture *f = *state;
    store_close(f->s);
    arena_clean_up(&f->a);
    if (*f->folder) {
        nftw(f->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    }
    free(f);
    return 0;
}

static store_write execution_write(uint64_t seq, str arn, store_execution_status code,
                                   int64_t start_ms)
{
    return (store_write){.kind = STORE_PUT_EXECUTION,
                         .execution = {.seq = seq,
                                       .arn = arn,
                                       .machine_arn = MACHINE,
                                       .name = STR("n"),
                                       .status = code,
                                       .start_ms = start_ms,
                                       .stop_ms = code == STORE_RUNNING ? -1 : start_ms + 5,
                                       .text = STR("{}")}};
}

static void commit(fixture *f, const store_write *writes, uint32_t count)
{
    assert_ok(store_commit(f->s, writes, count, &f->err), f->err);
}

static void records_are_listed_by_key_page_by_page(void **state)
{
    fixture *f = *state;
    static const char *const keys[] = {"b/1", "a/2", "a/10", "a/1", "c"};
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        store_write w = {.kind = STORE_PUT_RECORD,
                         .record = {STR("k"), str_from_c(keys[i]), str_from_c(keys[i])}};
        commit(f, &w, 1);
    }
    store_record *records;
    uint32_t count;
    bool has_more;
    assert_ok(store_list_records(f->s, STR("k"), STR("a/"), STR_NONE, 2, &f->a, &records, &count,
                                 &has_more, &f->err),
              f->err);
    assert_int_equal(count, 2);
    assert_true(has_more);
    assert_str_equal(records[0].key, "a/1");
    assert_str_equal(records[1].key, "a/10");
    assert_ok(store_list_records(f->s, STR("k"), STR("a/"), records[1].key, 2, &f->a, &records,
                                 &count, &has_more, &f->err),
              f->err);
    assert_int_equal(count, 1);
    assert_false(has_more);
    assert_str_equal(records[0].key, "a/2");
    assert_str_equal(records[0].text, "a/2");
    store_write gone = {.kind = STORE_DELETE_RECORD, .record = {STR("k"), STR("a/2"), STR_NONE}};
    commit(f, &gone, 1);
    str text;
    assert_int_equal(store_get_record(f->s, STR("k"), STR("a/2"), &f->a, &text, &f->err).code,
                     ERROR_NOT_FOUND);
    assert_ok(store_get_record(f->s, STR("k"), STR("c"), &f->a, &text, &f->err), f->err);
    assert_str_equal(text, "c");
}

static void executions_are_found_and_listed_newest_first(void **state)
{
    fixture *f = *state;
    store_write writes[] = {
        execution_write(1, STR("x:1"), STORE_SUCCEEDED, 100),
        execution_write(2, STR("x:2"), STORE_RUNNING, 300),
        execution_write(3, STR("x:3"), STORE_RUNNING, 300),
        execution_write(4, STR("x:4"), STORE_FAILED, 200),
    };
    commit(f, writes, ARRAY_LENGTH(writes));
    store_execution *rows, row;
    uint32_t count;
    bool has_more;
    store_execution_filter all = {.machine_arn = MACHINE};
    assert_ok(store_list_executions(f->s, &all, 3, true, &f->a, &rows, &count, &has_more, &f->err),
              f->err);
    assert_int_equal(count, 3);
    assert_true(has_more);
    assert_int_equal(rows[0].seq, 3);
    assert_int_equal(rows[1].seq, 2);
    assert_int_equal(rows[2].seq, 4);
    assert_str_equal(rows[0].text, "{}");
    all.before_seq = rows[2].seq;
    all.before_start_ms = rows[2].start_ms;
    assert_ok(store_list_executions(f->s, &all, 3, false, &f->a, &rows, &count, &has_more, &f->err),
              f->err);
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].seq, 1);
    assert_null(rows[0].text.ptr);
    store_execution_filter running = {.status = STORE_RUNNING};
    assert_ok(
        store_list_executions(f->s, &running, 10, false, &f->a, &rows, &count, &has_more, &f->err),
        f->err);
    assert_int_equal(count, 2);
    assert_false(has_more);
    store_write ended = execution_write(2, STR("x:2"), STORE_ABORTED, 300);
    commit(f, &ended, 1);
    assert_ok(store_find_execution(f->s, STR("x:2"), &f->a, &row, &f->err), f->err);
    assert_int_equal(row.status, STORE_ABORTED);
    assert_int_equal(row.stop_ms, 305);
    assert_str_equal(row.machine_arn, "arn:aws:states:us-east-1:123456789012:stateMachine:m");
    assert_int_equal(store_find_execution(f->s, STR("x:9"), &f->a, &row, &f->err).code,
                     ERROR_NOT_FOUND);
    store_totals totals;
    assert_ok(store_read_totals(f->s, &totals, &f->err), f->err);
    assert_int_equal(totals.seq_max, 4);
    assert_int_equal(totals.open_count, 1);
    assert_int_equal(totals.execution_count, 4);
}

static void history_is_read_in_whole_chunks_both_ways(void **state)
{
    fixture *f = *state;
    store_write writes[4] = {0};
    for (uint32_t i = 0; i < 3; i++) {
        writes[i] = (store_write){.kind = STORE_APPEND_HISTORY,
                                  .seq = 7,
                                  .chunk = {1 + 10 * i, 10, i ? STR("later") : STR("first")}};
    }
    writes[3] =
        (store_write){.kind = STORE_APPEND_HISTORY, .seq = 8, .chunk = {1, 1, STR("another's")}};
    commit(f, writes, 4);
    store_chunk *chunks;
    uint32_t count;
    assert_ok(store_read_history(f->s, 7, 5, false, 10, &f->a, &chunks, &count, &f->err), f->err);
    assert_int_equal(count, 3); /* event 5 is inside the first chunk */
    assert_str_equal(chunks[0].bytes, "first");
    assert_ok(store_read_history(f->s, 7, 11, false, 1, &f->a, &chunks, &count, &f->err), f->err);
    assert_int_equal(count, 1);
    assert_int_equal(chunks[0].first_event, 11);
    assert_ok(store_read_history(f->s, 7, 0, true, 10, &f->a, &chunks, &count, &f->err), f->err);
    assert_int_equal(count, 3);
    assert_int_equal(chunks[0].first_event, 21);
    assert_ok(store_read_history(f->s, 7, 12, true, 10, &f->a, &chunks, &count, &f->err), f->err);
    assert_int_equal(count, 2);
    assert_int_equal(chunks[0].first_event, 11);
}

static void scopes_and_timers_are_set_moved_and_cleared(void **state)
{
    fixture *f = *state;
    store_write writes[] = {
        {.kind = STORE_PUT_SCOPE, .seq = 1, .id = 2, .bytes = STR("b")},
        {.kind = STORE_PUT_SCOPE, .seq = 1, .id = 1, .bytes = STR("a\0b")},
        {.kind = STORE_SET_TIMER, .seq = 1, .id = 5, .due_ms = 50},
        {.kind = STORE_SET_TIMER, .seq = 2, .id = 1, .due_ms = 40},
        {.kind = STORE_SET_TIMER, .seq = 1, .id = 5, .due_ms = 30},
        {.kind = STORE_CLEAR_TIMER, .seq = 9, .id = 9},
        {.kind = STORE_PUT_SCOPE, .seq = 1, .id = 2, .bytes = STR("c")},
    };
    commit(f, writes, ARRAY_LENGTH(writes));
    store_scope *scopes;
    store_timer *list;
    uint32_t count;
    assert_ok(store_read_scopes(f->s, 1, &f->a, &scopes, &count, &f->err), f->err);
    assert_int_equal(count, 2);
    assert_int_equal(scopes[0].bytes.len, 3);
    assert_str_equal(scopes[1].bytes, "c");
    assert_ok(store_list_timers(f->s, NULL, 10, &f->a, &list, &count, &f->err), f->err);
    assert_int_equal(count, 2);
    assert_int_equal(list[0].due_ms, 30);
    assert_ok(store_list_timers(f->s, &list[0], 10, &f->a, &list, &count, &f->err), f->err);
    assert_int_equal(count, 1);
    assert_int_equal(list[0].seq, 2);
}

static void deleting_an_execution_takes_all_that_is_its_own(void **state)
{
    fixture *f = *state;
    store_write writes[] = {
        execution_write(1, STR("x:1"), STORE_RUNNING, 1),
        execution_write(2, STR("x:2"), STORE_RUNNING, 2),
        {.kind = STORE_APPEND_HISTORY, .seq = 1, .chunk = {1, 1, STR("h")}},
        {.kind = STORE_APPEND_HISTORY, .seq = 2, .chunk = {1, 1, STR("h")}},
        {.kind = STORE_PUT_SCOPE, .seq = 1, .id = 1, .bytes = STR("s")},
        {.kind = STORE_SET_TIMER, .seq = 1, .id = 1, .due_ms = 1},
        {.kind = STORE_DELETE_EXECUTION, .seq = 1},
    };
    commit(f, writes, ARRAY_LENGTH(writes));
    store_execution row;
    store_chunk *chunks;
    store_scope *scopes;
    store_timer *list;
    uint32_t count;
    assert_int_equal(store_get_execution(f->s, 1, &f->a, &row, &f->err).code, ERROR_NOT_FOUND);
    assert_ok(store_read_history(f->s, 1, 1, false, 9, &f->a, &chunks, &count, &f->err), f->err);
    assert_int_equal(count, 0);
    assert_ok(store_read_scopes(f->s, 1, &f->a, &scopes, &count, &f->err), f->err);
    assert_int_equal(count, 0);
    assert_ok(store_list_timers(f->s, NULL, 9, &f->a, &list, &count, &f->err), f->err);
    assert_int_equal(count, 0);
    assert_ok(store_read_history(f->s, 2, 1, false, 9, &f->a, &chunks, &count, &f->err), f->err);
    assert_int_equal(count, 1);
}

static void ending_an_execution_keeps_its_row_and_history(void **state)
{
    fixture *f = *state;
    store_write writes[] = {
        execution_write(1, STR("x:1"), STORE_SUCCEEDED, 1),
        {.kind = STORE_APPEND_HISTORY, .seq = 1, .chunk = {1, 1, STR("h")}},
        {.kind = STORE_PUT_SCOPE, .seq = 1, .id = 1, .bytes = STR("s")},
        {.kind = STORE_SET_TIMER, .seq = 1, .id = 1, .due_ms = 1},
        {.kind = STORE_END_EXECUTION, .seq = 1},
    };
    commit(f, writes, ARRAY_LENGTH(writes));
    store_execution row;
    store_chunk *chunks;
    store_scope *scopes;
    store_timer *list;
    uint32_t count;
    assert_ok(store_get_execution(f->s, 1, &f->a, &row, &f->err), f->err);
    assert_ok(store_read_history(f->s, 1, 1, false, 9, &f->a, &chunks, &count, &f->err), f->err);
    assert_int_equal(count, 1);
    assert_ok(store_read_scopes(f->s, 1, &f->a, &scopes, &count, &f->err), f->err);
    assert_int_equal(count, 0);
    assert_ok(store_list_timers(f->s, NULL, 9, &f->a, &list, &count, &f->err), f->err);
    assert_int_equal(count, 0);
}

static void open_executions_with_tasks_and_expired_ones_are_told(void **state)
{
    fixture *f = *state;
    store_write writes[3] = {
        execution_write(1, STR("x:1"), STORE_SUCCEEDED, 100), /* stopped at 105 */
        execution_write(2, STR("x:2"), STORE_RUNNING, 100),
        execution_write(3, STR("x:3"), STORE_RUNNING, 100),
    };
    writes[2].execution.has_tasks = true;
    commit(f, writes, 3);
    uint64_t *seqs;
    uint32_t count;
    assert_ok(store_list_in_flight(f->s, 0, 10, &f->a, &seqs, &count, &f->err), f->err);
    assert_int_equal(count, 1);
    assert_int_equal(seqs[0], 3);
    assert_ok(store_list_expired(f->s, 105, 10, &f->a, &seqs, &count, &f->err), f->err);
    assert_int_equal(count, 0);
    assert_ok(store_list_expired(f->s, 106, 10, &f->a, &seqs, &count, &f->err), f->err);
    assert_int_equal(count, 1);
    assert_int_equal(seqs[0], 1);
}

/* ---------------------------------------------------------------------------------- on disk only
 */

static void what_was_committed_is_there_after_reopening(void **state)
{
    fixture *f = *state;
    store_write w = execution_write(1, STR("x:1"), STORE_RUNNING, 1);
    commit(f, &w, 1);
    store_totals before, after;
    assert_ok(store_read_totals(f->s, &before, &f->err), f->err);
    store_close(f->s);
    f->s = NULL;
    assert_ok(store_open_sqlite(str_from_c(f->folder), &f->s, &f->err), f->err);
    assert_ok(store_read_totals(f->s, &after, &f->err), f->err);
    assert_int_equal(after.execution_count, 1);
    assert_true(after.epoch > before.epoch);
}

/* A process is killed in the middle of its commits: what was acknowledged is there, batch by batch.
 */
static void a_killed_process_loses_nothing_acknowledged(void **state)
{
    fixture *f = *state;
    store_close(f->s);
    f->s = NULL;
    int acknowledged[2];
    assert_int_equal(pipe(acknowledged), 0);
    pid_t child = fork();
    if (child == 0) {
        store *s;
        if (failed(store_open_sqlite(str_from_c(f->folder), &s, NULL))) {
            _exit(1);
        }
        for (uint64_t seq = 1;; seq++) {
            store_write batch[2] = {
                {.kind = STORE_APPEND_HISTORY, .seq = seq, .chunk = {1, 1, STR("h")}},
                {.kind = STORE_PUT_SCOPE, .seq = seq, .id = 1, .bytes = STR("s")},
            };
            if (failed(store_commit(s, batch, 2, NULL)) ||
                write(acknowledged[1], &seq, sizeof(seq)) != sizeof(seq)) {
                _exit(1);
            }
        }
    }
    close(acknowledged[1]);
    uint64_t last = 0, seq;
    while (last < 50 && read(acknowledged[0], &seq, sizeof(seq)) == sizeof(seq)) {
        last = seq;
    }
    kill(child, SIGKILL);
    while (read(acknowledged[0], &seq, sizeof(seq)) == sizeof(seq)) {
        last = seq;
    }
    close(acknowledged[0]);
    waitpid(child, NULL, 0);
    assert_true(last >= 50);
    assert_ok(store_open_sqlite(str_from_c(f->folder), &f->s, &f->err), f->err);
    for (seq = 1; seq <= last + 1; seq++) {
        store_chunk *chunks;
        store_scope *scopes;
        uint32_t chunk_count, scope_count;
        assert_ok(store_read_history(f->s, seq, 1, false, 9, &f->a, &chunks, &chunk_count, &f->err),
                  f->err);
        assert_ok(store_read_scopes(f->s, seq, &f->a, &scopes, &scope_count, &f->err), f->err);
        assert_int_equal(chunk_count, scope_count); /* all of a batch, or nothing */
        assert_true(chunk_count == 1 || seq > last);
    }
}

static void a_second_server_is_refused_with_the_first_ones_process(void **state)
{
    fixture *f = *state;
    store *second;
    assert_int_equal(store_open_sqlite(str_from_c(f->folder), &second, &f->err).code,
                     ERROR_CONFLICT);
    char pid[32];
    snprintf(pid, sizeof(pid), "process %d", (int)getpid());
    assert_non_null(strstr(f->err.message, pid));
}

/* As a killed server's child does that has not become its program yet: it has the lock, too. */
static void a_killed_servers_child_is_waited_for(void **state)
{
    fixture *f = *state;
    int how;
    store_close(f->s);
    f->s = NULL;
    pid_t server = fork();
    assert_true(server >= 0);
    if (!server) {
        bool is_open = ok(store_open_sqlite(str_from_c(f->folder), &f->s, NULL));
        pid_t child = is_open ? fork() : -1;
        if (!child) {
            usleep(200000);
        }
        _exit(child < 0);
    }
    assert_int_equal(waitpid(server, &how, 0), server);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    assert_ok(store_open_sqlite(str_from_c(f->folder), &f->s, &f->err), f->err);
}

static void overwrite(const char *folder, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/gait.db", folder);
    int file = open(path, O_WRONLY);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, text, strlen(text), 0), strlen(text));
    close(file);
}

static void a_damaged_database_is_said_to_be_damaged(void **state)
{
    fixture *f = *state;
    store_close(f->s);
    f->s = NULL;
    overwrite(f->folder, "this is no database at all, whatever its name says");
    assert_int_equal(store_open_sqlite(str_from_c(f->folder), &f->s, &f->err).code, ERROR_IO);
    assert_non_null(strstr(f->err.message, "damaged"));
}

/* Commits one scope a batch in a process that dies, and tells how long the log was after each. */
static uint32_t fill_log(fixture *f, off_t sizes[], uint32_t count)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/gait.db-wal", f->folder);
    int told[2];
    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    if (child == 0) {
        store *s;
        struct stat st;
        bool is_well = ok(store_open_sqlite(str_from_c(f->folder), &s, NULL));
        for (uint64_t seq = 1; is_well && seq <= count; seq++) {
            store_write w = {.kind = STORE_PUT_SCOPE, .seq = seq, .id = 1, .bytes = STR("s")};
            is_well = ok(store_commit(s, &w, 1, NULL)) && stat(path, &st) == 0 &&
                      write(told[1], &st.st_size, sizeof(st.st_size)) == sizeof(st.st_size);
        }
        _exit(!is_well); /* without store_close: the log stays */
    }
    close(told[1]);
    uint32_t filled = 0;
    while (filled < count && read(told[0], &sizes[filled], sizeof(*sizes)) == sizeof(*sizes)) {
        filled++;
    }
    close(told[0]);
    waitpid(child, NULL, 0);
    return filled;
}

/* A power cut may leave the log's tail torn: all batches up to there are whole, and the store
 * works.
 */
static void a_log_that_is_cut_short_loses_only_what_is_behind_the_cut(void **state)
{
    enum { BATCHES = 12 };
    fixture *f = *state;
    off_t sizes[BATCHES];
    char path[128];
    store_close(f->s);
    f->s = NULL;
    assert_int_equal(fill_log(f, sizes, BATCHES), BATCHES);
    snprintf(path, sizeof(path), "%s/gait.db-wal", f->folder);
    assert_int_equal(truncate(path, sizes[7] + (sizes[8] - sizes[7]) / 2), 0);
    assert_ok(store_open_sqlite(str_from_c(f->folder), &f->s, &f->err), f->err);
    for (uint64_t seq = 1; seq <= BATCHES; seq++) {
        store_scope *scopes;
        uint32_t count;
        assert_ok(store_read_scopes(f->s, seq, &f->a, &scopes, &count, &f->err), f->err);
        assert_int_equal(count, seq <= 8);
    }
    store_write w = {.kind = STORE_PUT_SCOPE, .seq = 99, .id = 1, .bytes = STR("s")};
    commit(f, &w, 1);
}

/* What opening the folder says to somebody who may not write there (permissions mean nothing to
 * root). */
static void assert_refused(fixture *f, const char *name)
{
    pid_t child = fork();
    if (child == 0) {
        error err;
        store *s;
        bool is_other = geteuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0);
        bool is_refused =
            is_other && store_open_sqlite(str_from_c(f->folder), &s, &err).code == ERROR_IO;
        _exit(!is_refused || !strstr(err.message, f->folder) || !strstr(err.message, name) ||
              !strstr(err.message, "cannot be written") || !strstr(err.message, "permissions"));
    }
    int code;
    waitpid(child, &code, 0);
    assert_int_equal(code, 0);
}

static void a_folder_or_database_that_may_not_be_written_is_named(void **state)
{
    fixture *f = *state;
    char path[128];
    store_write w = {.kind = STORE_PUT_SCOPE, .seq = 1, .id = 1, .bytes = STR("s")};
    commit(f, &w, 1);
    store_close(f->s);
    f->s = NULL;
    snprintf(path, sizeof(path), "%s/lock", f->folder);
    unlink(path);
    chmod(f->folder, 0555);
    assert_refused(f, "/lock");
    chmod(f->folder, 0777);
    snprintf(path, sizeof(path), "%s/gait.db", f->folder);
    chmod(path, 0444);
    assert_refused(f, "/gait.db");
    chmod(path, 0600);
    snprintf(path, sizeof(path), "%s/lock", f->folder);
    unlink(path);
    assert_ok(store_open_sqlite(str_from_c(f->folder), &f->s, &f->err), f->err);
    store_scope *scopes;
    uint32_t count;
    assert_ok(store_read_scopes(f->s, 1, &f->a, &scopes, &count, &f->err), f->err);
    assert_int_equal(count, 1);
}

static void a_full_disk_fails_the_batch_and_the_next_one_works(void **state)
{
    fixture *f = *state;
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, small = {1 << 20, 1 << 20};
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    char *big = calloc(1, 4 << 20);
    store_write w = {.kind = STORE_PUT_SCOPE, .seq = 1, .id = 1, .bytes = {big, 4 << 20}};
    status full = store_commit(f->s, &w, 1, &f->err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(full.code, ERROR_IO);
    store_scope *scopes;
    uint32_t count;
    assert_ok(store_read_scopes(f->s, 1, &f->a, &scopes, &count, &f->err), f->err);
    assert_int_equal(count, 0);
    commit(f, &w, 1);
    free(big);
}

#define ON_BOTH(test)                                                                              \
    {"memory: " #test, test, open_memory, close_fixture, NULL},                                    \
    {                                                                                              \
        "disk: " #test, test, open_disk, close_fixture, NULL                                       \
    }
#define ON_DISK(test)                                                                              \
    {                                                                                              \
#test, test, open_disk, close_fixture, NULL                                                \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(records_are_listed_by_key_page_by_page),
        ON_BOTH(executions_are_found_and_listed_newest_first),
        ON_BOTH(history_is_read_in_whole_chunks_both_ways),
        ON_BOTH(scopes_and_timers_are_set_moved_and_cleared),
        ON_BOTH(deleting_an_execution_takes_all_that_is_its_own),
        ON_BOTH(ending_an_execution_keeps_its_row_and_history),
        ON_BOTH(open_executions_with_tasks_and_expired_ones_are_told),
        ON_DISK(what_was_committed_is_there_after_reopening),
        ON_DISK(a_killed_process_loses_nothing_acknowledged),
        ON_DISK(a_killed_servers_child_is_waited_for),
        ON_DISK(a_second_server_is_refused_with_the_first_ones_process),
        ON_DISK(a_damaged_database_is_said_to_be_damaged),
        ON_DISK(a_log_that_is_cut_short_loses_only_what_is_behind_the_cut),
        ON_DISK(a_folder_or_database_that_may_not_be_written_is_named),
        ON_DISK(a_full_disk_fails_the_batch_and_the_next_one_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
