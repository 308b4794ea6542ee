/* One statement of the local redshift-data: a PostgreSQL connection on the loop.
 *
 *     SUBMITTED --a connection is free--> PICKED --connected--> STARTED --> FINISHED | FAILED
 *          \________________________________ cancelled ___________________> ABORTED
 *
 * A batch is one transaction: BEGIN, its texts, COMMIT. Nothing here blocks but the first record's
 * small write: a worker writes results and how a statement has ended, which goes when that is
 * written. */
#include "integrations/local/files.h"
#include "integrations/local/redshift.h"

#include "base/timetext.h"
#include "net/watch.h"
#include "net/work.h"

#include <stdlib.h>

/* A part of a batch, or the whole of what is none. */
typedef struct part {
    str id;
    const char *state;
    str failure; /* absent: none */
    bool has_result_set;
    int64_t rows, bytes, begun_ms, ended_ms;
    json columns;
} part;

/* What a worker writes for a statement. */
typedef struct writing {
    redshift_statement *of; /* NULL: it has gone meanwhile */
} writing;

struct redshift_statement {
    redshift_statements *owner;
    redshift_statement *previous, *next;
    arena memory;
    redshift_request request; /* in memory */
    const char *state;
    str failure;
    int64_t created_ms;
    part *parts;
    uint32_t part_count, at; /* the one that runs */
    bool is_begun, is_over;  /* BEGIN has run; COMMIT runs */
    bool is_cancelled, is_ended;
    buf rows;
    writing *writing; /* NULL: nothing is being written */
    PGconn *connection;
    int process_id;
    net_watch *watch;
    net_timer *deadline;
};

static void run_queue(redshift_statements *all);

static int64_t now_ms(const redshift_statement *s)
{
    return net_loop_clock_ms(s->owner->services->options.loop);
}

str redshift_path(const redshift_statements *all, arena *a, str id, const char *ending)
{
    return arena_printf(a, "%.*s/redshift-data/%.*s%s", STR_ARG(all->services->options.data_folder),
                        STR_ARG(id), ending);
}

/* ------------------------------------------------------------------------------------- the record
 */

static void add_time(json_object_builder *b, arena *a, const char *name, int64_t time_ms)
{
    char text[TIME_TEXT_SIZE];
    str printed = arena_str(a, time_print_rfc3339(time_ms, text));
    json_object_add(b, str_from_c(name), json_from_str(printed));
}

static void add_outcome(json_object_builder *b, const part *p, str failure)
{
    int64_t duration_ms = p->ended_ms ? p->ended_ms - p->begun_ms : 0;
    json_object_add(b, STR("Duration"), json_from_int64(duration_ms * 1000000));
    if (failure.ptr) {
        json_object_add(b, STR("Error"), json_from_str(failure));
    }
    json_object_add(b, STR("HasResultSet"), json_boolean(p->has_result_set));
    json_object_add(b, STR("RedshiftQueryId"), json_from_int64(0));
    json_object_add(b, STR("ResultRows"), json_from_int64(p->rows));
    json_object_add(b, STR("ResultSize"), json_from_int64(p->bytes));
}

static status substatements(const redshift_statement *s, arena *a, json *ret_list, error *reterr)
{
    json_array_builder list;
    json_array_begin(&list, a, s->part_count);
    for (uint32_t i = 0; i < s->part_count; i++) {
        const part *p = &s->parts[i];
        json_object_builder b;
        json one;
        json_object_begin(&b, a, 11);
        add_time(&b, a, "CreatedAt", s->created_ms);
        add_outcome(&b, p, p->failure);
        json_object_add(&b, STR("Id"), json_from_str(p->id));
        json_object_add(&b, STR("QueryString"), json_item(s->request.sqls, i));
        json_object_add(&b, STR("Status"), json_from_str(str_from_c(p->state)));
        add_time(&b, a, "UpdatedAt", p->ended_ms ? p->ended_ms : now_ms(s));
        TRY(json_object_finish(&b, &one, reterr));
        json_array_add(&list, one);
    }
    return json_array_finish(&list, ret_list, reterr);
}

static status describe(const redshift_statement *s, arena *a, json *ret_description, error *reterr)
{
    json_object_builder b;
    json list;
    json_object_begin(&b, a, 20);
    for (uint32_t i = 0; i < json_count(s->request.about); i++) {
        const json_member *member = json_member_at(s->request.about, i);
        json_object_add_named(&b, member->name, member->value);
    }
    add_time(&b, a, "CreatedAt", s->created_ms);
    part whole = s->parts[s->part_count - 1];
    whole.begun_ms = s->parts[0].begun_ms;
    add_outcome(&b, &whole, s->failure);
    json_object_add(&b, STR("Id"), json_from_str(s->request.id));
    if (s->request.is_batch) {
        TRY(substatements(s, a, &list, reterr));
        json_object_add(&b, STR("SubStatements"), list);
    } else {
        json_object_add(&b, STR("QueryString"), json_item(s->request.sqls, 0));
    }
    if (json_count(s->request.parameters)) {
        json_object_add(&b, STR("QueryParameters"), s->request.parameters);
    }
    json_object_add(&b, STR("RedshiftPid"), json_from_int64(s->process_id));
    json_object_add(&b, STR("ResultFormat"), json_literal("JSON"));
    json_object_add(&b, STR("Status"), json_from_str(str_from_c(s->state)));
    add_time(&b, a, "UpdatedAt", now_ms(s));
    return json_object_finish(&b, ret_description, reterr);
}

static status make_record(const redshift_statement *s, arena *a, json *ret_record, error *reterr)
{
    json_object_builder b, columns;
    json description, all_columns;
    TRY(describe(s, a, &description, reterr));
    json_object_begin(&columns, a, s->part_count);
    for (uint32_t i = 0; i < s->part_count; i++) {
        if (s->parts[i].has_result_set) {
            json_object_add(&columns, s->parts[i].id, s->parts[i].columns);
        }
    }
    TRY(json_object_finish(&columns, &all_columns, reterr));
    json_object_begin(&b, a, 2);
    json_object_add(&b, STR("description"), description);
    json_object_add(&b, STR("columns"), all_columns);
    return json_object_finish(&b, ret_record, reterr);
}

static status print_record(const redshift_statement *s, arena *a, str *ret_path, str *ret_text,
                           error *reterr)
{
    json record;
    TRY(make_record(s, a, &record, reterr));
    str path = redshift_path(s->owner, a, s->request.id, ".json"), text = json_text(record, a);
    if (!path.ptr || !text.ptr) {
        return fail_memory(reterr);
    }
    *ret_path = path;
    *ret_text = text;
    return STATUS_OK;
}

static status write_record(const redshift_statement *s, error *reterr)
{
    arena a;
    str path, text;
    arena_init(&a, LOCAL_TASK_BYTES_MAX);
    status result = print_record(s, &a, &path, &text, reterr);
    if (ok(result)) {
        result = local_file_replace(path, text, &a, reterr);
    }
    arena_clean_up(&a);
    return result;
}

/* Lets a worker write the file; done gets a `writing`. The contents are taken over. */
static status write_beside(redshift_statement *s, str path, buf *contents,
                           local_file_replaced *done, error *reterr)
{
    writing *w = malloc(sizeof(*w));
    if (!w) {
        return fail_memory(reterr);
    }
    *w = (writing){s};
    status begun = local_file_replace_beside(s->owner->services->options.loop, path, contents, done,
                                             w, reterr);
    if (failed(begun)) {
        free(w);
        return begun;
    }
    s->writing = w;
    return STATUS_OK;
}

/* ----------------------------------------------------------------------------------------- the end
 */

static void leave_connection(redshift_statement *s)
{
    net_watch_free(s->watch);
    s->watch = NULL;
    if (s->connection) {
        s->owner->pq.finish(s->connection);
        s->owner->connections--;
        s->connection = NULL;
    }
}

static void leave_writing(redshift_statement *s)
{
    if (s->writing) {
        s->writing->of = NULL;
        s->writing = NULL;
    }
}

static void statement_free(redshift_statement *s)
{
    *(s->previous ? &s->previous->next : &s->owner->first) = s->next;
    if (s->next) {
        s->next->previous = s->previous;
    }
    s->owner->count--;
    leave_writing(s);
    leave_connection(s);
    net_timer_free(s->deadline);
    buf_clean_up(&s->rows);
    arena_clean_up(&s->memory);
    free(s);
}

void redshift_statements_free(redshift_statements *all)
{
    while (all && all->first) {
        statement_free(all->first);
    }
    free(all);
}

/* A disk that takes no record leaves the former one, which then reads as a statement cut off. */
static void on_recorded(void *user, const error *err)
{
    writing *w = user;
    (void)err;
    if (w->of) {
        w->of->writing = NULL;
        statement_free(w->of);
    }
    free(w);
}

static status write_end(redshift_statement *s, error *reterr)
{
    arena a;
    buf contents;
    str path, text;
    arena_init(&a, LOCAL_TASK_BYTES_MAX);
    buf_init(&contents, LOCAL_TASK_BYTES_MAX);
    status result = print_record(s, &a, &path, &text, reterr);
    if (ok(result)) {
        buf_add_str(&contents, text);
        result = buf_status(&contents, reterr);
    }
    if (ok(result)) {
        result = write_beside(s, path, &contents, on_recorded, reterr);
    }
    buf_clean_up(&contents);
    arena_clean_up(&a);
    return result;
}

static void end(redshift_statement *s, const char *state, str failure)
{
    redshift_statements *all = s->owner;
    error ignored;
    s->state = state;
    s->failure = failure.ptr ? arena_str(&s->memory, failure) : failure;
    s->is_ended = true;
    net_timer_stop(s->deadline);
    leave_writing(s); /* a result that is being written when it fails */
    leave_connection(s);
    if (failed(write_end(s, &ignored))) {
        statement_free(s);
    }
    run_queue(all);
}

static void end_parts(redshift_statement *s, const char *state, str failure)
{
    for (uint32_t i = s->at; i < s->part_count; i++) {
        part *p = &s->parts[i];
        p->state = i == s->at ? state : "ABORTED";
        p->failure = i == s->at && failure.ptr ? arena_str(&s->memory, failure) : STR_NONE;
        p->ended_ms = now_ms(s);
        p->begun_ms = p->begun_ms ? p->begun_ms : p->ended_ms;
    }
}

static void end_badly(redshift_statement *s, str failure)
{
    const char *state = s->is_cancelled ? "ABORTED" : "FAILED";
    end_parts(s, state, failure);
    end(s, state, failure);
}

static void end_with_error(redshift_statement *s, const error *err)
{
    end_badly(s, str_from(err->message, err->length));
}

static void end_of_connection(redshift_statement *s)
{
    str words = str_trim(str_from_c(s->owner->pq.errorMessage(s->connection)));
    end_badly(s, arena_str(&s->memory, words));
}

/* --------------------------------------------------------------------------------------- a text */

static status send(redshift_statement *s, error *reterr)
{
    const pq_table *pq = &s->owner->pq;
    redshift_query query = {.sql = "BEGIN"};
    if (s->request.is_batch && s->is_over) {
        query.sql = "COMMIT";
    } else if (!s->request.is_batch || s->is_begun) {
        str sql = json_str(json_item(s->request.sqls, s->at));
        TRY(redshift_query_make(sql, s->request.parameters, &s->memory, &query, reterr));
        s->parts[s->at].begun_ms = now_ms(s);
        s->parts[s->at].state = "STARTED";
    }
    buf_reset(&s->rows);
    if (!pq->sendQueryParams(s->connection, query.sql, query.count, NULL, query.values, NULL, NULL,
                             0)) {
        return fail(reterr, ERROR_IO, "%s", pq->errorMessage(s->connection));
    }
    (void)pq->setSingleRowMode(s->connection);
    net_watch_change(s->watch, NET_READABLE | NET_WRITABLE);
    return STATUS_OK;
}

static bool is_text(const redshift_statement *s)
{
    return !s->request.is_batch || (s->is_begun && !s->is_over);
}

/* What comes next? false: the statement has ended. */
static bool begin_next(redshift_statement *s)
{
    error err;
    s->at += is_text(s);
    if (s->is_over || (!s->request.is_batch && s->at == s->part_count)) {
        end(s, "FINISHED", STR_NONE);
        return false;
    }
    s->is_over = s->at == s->part_count;
    s->is_begun = true;
    if (failed(send(s, &err))) {
        s->at = MIN_OF(s->at, s->part_count - 1);
        end_with_error(s, &err);
        return false;
    }
    return true;
}

static void on_written(void *user, const error *err)
{
    writing *w = user;
    redshift_statement *s = w->of;
    free(w);
    if (!s) {
        return;
    }
    s->writing = NULL;
    if (err) {
        end_with_error(s, err);
    } else if (s->is_cancelled) { /* nothing ran at the server that it could have ended */
        end_badly(s, STR_NONE);
    } else {
        (void)begin_next(s);
    }
}

static status write_rows(redshift_statement *s, error *reterr)
{
    str path = redshift_path(s->owner, &s->memory, s->parts[s->at].id, ".rows");
    TRY(buf_status(&s->rows, reterr));
    TRY(path.ptr ? write_beside(s, path, &s->rows, on_written, reterr) : fail_memory(reterr));
    net_watch_change(s->watch, 0);
    return STATUS_OK;
}

/* A text has run. false: the statement has ended, or its result is being written. */
static bool go_on(redshift_statement *s)
{
    error err;
    if (is_text(s)) {
        part *p = &s->parts[s->at];
        p->state = "FINISHED";
        p->ended_ms = now_ms(s);
        if (p->has_result_set) {
            p->bytes = (int64_t)s->rows.len;
            if (failed(write_rows(s, &err))) {
                end_with_error(s, &err);
            }
            return false;
        }
    }
    return begin_next(s);
}

/* "ERROR: relation "t" does not exist\n  Position: 15", as Redshift's driver prints. */
static str failure_of(redshift_statement *s, const PGresult *result)
{
    const pq_table *pq = &s->owner->pq;
    const char *words = pq->resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = pq->resultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *position = pq->resultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    return arena_printf(&s->memory, "ERROR: %s%s%s%s%s", words ? words : "unknown",
                        detail ? "\n  Detail: " : "", detail ? detail : "",
                        position ? "\n  Position: " : "", position ? position : "");
}

/* false: the statement has ended. */
static bool take_result(redshift_statement *s, PGresult *result)
{
    const pq_table *pq = &s->owner->pq;
    part *p = &s->parts[MIN_OF(s->at, s->part_count - 1)];
    ExecStatusType kind = pq->resultStatus(result);
    error err;
    if (kind == PGRES_SINGLE_TUPLE) {
        redshift_rows_print(pq, result, &s->rows);
        p->rows++;
    } else if (kind == PGRES_TUPLES_OK) {
        p->has_result_set = true;
        if (failed(redshift_columns(pq, result, &s->memory, &p->columns, &err))) {
            end_with_error(s, &err);
            return false;
        }
    } else if (kind == PGRES_COMMAND_OK) {
        long long rows = strtoll(pq->cmdTuples(result), NULL, 10);
        p->rows = is_text(s) ? rows : p->rows;
    } else if (kind == PGRES_FATAL_ERROR) {
        s->at = MIN_OF(s->at, s->part_count - 1);
        end_badly(s, failure_of(s, result));
        return false;
    } else { /* COPY and the like: what goes over the connection otherwise */
        s->at = MIN_OF(s->at, s->part_count - 1);
        end_badly(s, STR("ERROR: this command is not supported by the local redshift-data"));
        return false;
    }
    return true;
}

static void read_results(redshift_statement *s)
{
    const pq_table *pq = &s->owner->pq;
    int unsent = pq->flush(s->connection);
    if (unsent < 0 || !pq->consumeInput(s->connection)) {
        end_of_connection(s);
        return;
    }
    net_watch_change(s->watch, unsent ? NET_READABLE | NET_WRITABLE : NET_READABLE);
    while (!pq->isBusy(s->connection)) {
        PGresult *result = pq->getResult(s->connection);
        if (!result) {
            if (!go_on(s)) {
                return;
            }
            continue;
        }
        bool is_alive = take_result(s, result);
        pq->clear(result);
        if (!is_alive) {
            return;
        }
    }
}

/* ---------------------------------------------------------------------------------- a connection
 */

static void on_ready(void *user);

/* libpq may change the descriptor between two steps. */
static void watch_connection(redshift_statement *s, int readiness)
{
    error err;
    net_watch_free(s->watch);
    s->watch = NULL;
    if (failed(net_watch_new(s->owner->services->options.loop, s->owner->pq.socket(s->connection),
                             readiness, on_ready, s, &s->watch, &err))) {
        end_with_error(s, &err);
    }
}

static void on_connected(redshift_statement *s)
{
    error err;
    s->state = "STARTED";
    s->process_id = s->owner->pq.backendPID(s->connection);
    net_timer_start(s->deadline, REDSHIFT_STATEMENT_MS_MAX, 0);
    status done = s->owner->pq.setnonblocking(s->connection, 1)
                      ? fail(&err, ERROR_IO, "the connection cannot be made non-blocking")
                      : STATUS_OK;
    if (ok(done)) {
        net_watch_free(s->watch);
        s->watch = NULL;
        done = net_watch_new(s->owner->services->options.loop, s->owner->pq.socket(s->connection),
                             NET_READABLE, on_ready, s, &s->watch, &err);
    }
    if (ok(done)) {
        done = send(s, &err);
    }
    if (failed(done)) {
        end_with_error(s, &err);
    }
}

static void on_ready(void *user)
{
    redshift_statement *s = user;
    if (str_equal(str_from_c(s->state), STR("STARTED"))) {
        read_results(s);
        return;
    }
    net_watch_free(s->watch); /* before libpq may close the descriptor */
    s->watch = NULL;
    switch (s->owner->pq.connectPoll(s->connection)) {
    case PGRES_POLLING_OK:
        on_connected(s);
        break;
    case PGRES_POLLING_READING:
        watch_connection(s, NET_READABLE);
        break;
    case PGRES_POLLING_WRITING:
        watch_connection(s, NET_WRITABLE);
        break;
    default:
        end_of_connection(s);
    }
}

static void on_deadline(void *user)
{
    redshift_statement *s = user;
    bool is_running = str_equal(str_from_c(s->state), STR("STARTED"));
    end_badly(s, is_running ? STR("ERROR: the statement ran for 24 hours")
                            : STR("ERROR: the PostgreSQL did not answer within 30 seconds"));
}

/* The configured connection; the request's Database where that names none. */
static status connection_text(redshift_statement *s, const char **ret_text, error *reterr)
{
    json settings = json_get(s->owner->services->options.config, STR("redshift-data"));
    str given = json_str(json_get(settings, STR("connection")));
    bool is_url =
        str_starts_with(given, STR("postgres://")) || str_starts_with(given, STR("postgresql://"));
    buf text;
    buf_init(&text, 65536);
    if (s->request.database.len && !is_url && !getenv("PGDATABASE")) {
        buf_add_literal(&text, "dbname='");
        for (size_t i = 0; i < s->request.database.len; i++) {
            char c = s->request.database.ptr[i];
            if (c == '\'' || c == '\\') {
                buf_add_char(&text, '\\');
            }
            buf_add_char(&text, c);
        }
        buf_add_literal(&text, "' ");
    }
    buf_add_str(&text, given);
    *ret_text = arena_str(&s->memory, buf_str(&text)).ptr;
    status result = buf_status(&text, reterr);
    buf_clean_up(&text);
    TRY(result);
    return *ret_text ? STATUS_OK : fail_memory(reterr);
}

/* false: the statement has ended. */
static void connect_to(redshift_statement *s)
{
    const char *text = NULL;
    error err;
    s->state = "PICKED";
    if (failed(connection_text(s, &text, &err))) {
        end_with_error(s, &err);
        return;
    }
    s->connection = s->owner->pq.connectStart(text);
    s->owner->connections += s->connection != NULL;
    if (!s->connection) {
        end_badly(s, STR("out of memory"));
    } else if (s->owner->pq.status(s->connection) == CONNECTION_BAD) {
        end_of_connection(s);
    } else {
        net_timer_start(s->deadline, REDSHIFT_CONNECT_MS_MAX, 0);
        watch_connection(s, NET_WRITABLE);
    }
}

static void run_queue(redshift_statements *all)
{
    for (redshift_statement *s = all->first; s && all->connections < REDSHIFT_CONNECTIONS_MAX;) {
        if (!str_equal(str_from_c(s->state), STR("SUBMITTED"))) {
            s = s->next;
            continue;
        }
        connect_to(s);
        s = all->first; /* the list may have changed */
    }
}

/* ------------------------------------------------------------------------------------ the
 * beginning */

static status copy_request(redshift_statement *s, const redshift_request *request, error *reterr)
{
    arena *a = &s->memory;
    redshift_request *own = &s->request;
    *own = *request;
    own->id = arena_str(a, request->id);
    own->database = request->database.ptr ? arena_str(a, request->database) : STR_NONE;
    TRY(json_copy(request->sqls, a, &own->sqls, reterr));
    TRY(json_copy(request->about, a, &own->about, reterr));
    if (!json_is_absent(request->parameters)) {
        TRY(json_copy(request->parameters, a, &own->parameters, reterr));
    }
    s->part_count = json_count(request->sqls);
    s->parts = arena_array(a, part, s->part_count);
    if (!own->id.ptr || !s->parts) {
        return fail_memory(reterr);
    }
    for (uint32_t i = 0; i < s->part_count; i++) {
        s->parts[i].state = "SUBMITTED";
        s->parts[i].id = request->is_batch
                             ? arena_printf(a, "%.*s:%u", STR_ARG(own->id), (unsigned)i + 1)
                             : own->id;
        if (!s->parts[i].id.ptr) {
            return fail_memory(reterr);
        }
    }
    return STATUS_OK;
}

static void link_last(redshift_statements *all, redshift_statement *s)
{
    redshift_statement *last = all->first;
    while (last && last->next) {
        last = last->next;
    }
    s->previous = last;
    *(last ? &last->next : &all->first) = s;
    all->count++;
}

status redshift_statement_start(redshift_statements *all, const redshift_request *request,
                                error *reterr)
{
    net_loop *loop = all->services->options.loop;
    redshift_statement *s = calloc(1, sizeof(*s));
    if (!s) {
        return fail_memory(reterr);
    }
    s->owner = all;
    s->state = "SUBMITTED";
    s->created_ms = net_loop_clock_ms(loop);
    arena_init(&s->memory, LOCAL_TASK_BYTES_MAX);
    buf_init(&s->rows, REDSHIFT_RESULT_BYTES_MAX);
    link_last(all, s);
    status result = copy_request(s, request, reterr);
    if (ok(result)) {
        result = net_timer_new(loop, on_deadline, s, &s->deadline, reterr);
    }
    if (ok(result)) {
        result = write_record(s, reterr);
    }
    if (failed(result)) {
        statement_free(s);
        return result;
    }
    run_queue(all);
    return STATUS_OK;
}

redshift_statement *redshift_statement_find(const redshift_statements *all, str id)
{
    redshift_statement *s = all->first;
    while (s && !str_equal(s->request.id, id)) {
        s = s->next;
    }
    return s;
}

/* ------------------------------------------------------------------------------------------ cancel
 */

/* PQcancel talks over a connection of its own, and blocks. */
typedef struct cancelling {
    pq_table pq;
    PGcancel *handle;
} cancelling;

static void cancel_work(void *user)
{
    cancelling *c = user;
    char words[256];
    (void)c->pq.cancel(c->handle, words, sizeof(words));
}

static void cancel_done(void *user)
{
    cancelling *c = user;
    c->pq.freeCancel(c->handle);
    free(c);
}

const char *redshift_statement_cancel(redshift_statement *s)
{
    error ignored;
    if (s->is_ended) {
        return s->state;
    }
    s->is_cancelled = true;
    if (!str_equal(str_from_c(s->state), STR("STARTED"))) {
        end_badly(s, STR_NONE);
        return NULL;
    }
    cancelling *c = malloc(sizeof(*c));
    if (c) {
        *c = (cancelling){.pq = s->owner->pq, .handle = s->owner->pq.getCancel(s->connection)};
    }
    if (!c || !c->handle ||
        failed(net_work_start(s->owner->services->options.loop, cancel_work, cancel_done, c,
                              &ignored))) {
        free(c);
        end_badly(s, STR_NONE); /* the closed connection ends it, if later */
    }
    return NULL;
}

/* -------------------------------------------------------------------------------------------- read
 */

static status cut_off(json record, arena *a, json *ret_record, error *reterr)
{
    json description = json_get(record, STR("description"));
    str state = json_str(json_get(description, STR("Status")));
    *ret_record = record;
    if (str_equal(state, STR("FINISHED")) || str_equal(state, STR("FAILED")) ||
        str_equal(state, STR("ABORTED"))) {
        return STATUS_OK;
    }
    TRY(json_object_with(a, description, json_literal("Status"), json_literal("FAILED"),
                         &description, reterr));
    TRY(json_object_with(a, description, json_literal("Error"),
                         json_literal("ERROR: Gait ended while the statement ran"), &description,
                         reterr));
    return json_object_with(a, record, json_literal("description"), description, ret_record,
                            reterr);
}

status redshift_statement_read(redshift_statements *all, str id, arena *a, json *ret_record,
                               error *reterr)
{
    redshift_statement *s = redshift_statement_find(all, id);
    str path = redshift_path(all, a, id, ".json"), text;
    json record;
    if (s) {
        TRY(make_record(s, a, &record, reterr));
        if (s->is_ended) { /* nobody is told before it is written */
            json description = json_get(record, STR("description"));
            TRY(json_object_with(a, description, json_literal("Status"), json_literal("STARTED"),
                                 &description, reterr));
            TRY(json_object_with(a, record, json_literal("description"), description, &record,
                                 reterr));
        }
        return json_copy(record, a, ret_record, reterr);
    }
    if (!path.ptr) {
        return fail_memory(reterr);
    }
    TRY(local_file_read(path, REDSHIFT_RECORD_BYTES_MAX, a, &text, reterr));
    TRY(json_parse_into(text, a, &record, reterr));
    return cut_off(record, a, ret_record, reterr);
}
