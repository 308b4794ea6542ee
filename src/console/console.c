/* Serving the console. Every path below /console/ that is no file is the page itself, whose router
 * knows what it means; /console/assets/ and /console/api/ are not: what is not there is 404. */
#include "console/console.h"

#include "api/console/console_api.h"
#include "base/buf.h"
#include "console/files.h"
#include "json/json.h"

#define HOME STR("/console/")
#define ASSETS STR("assets/")
#define API STR("api/")
#define INDEX STR("index.html")
#define HEADERS_MAX 12
#define SESSION_BYTES_MAX 4096

/* Everything comes from this origin; no script and no style stands in the page. Images may be made
 * by the page itself (the export of a graph). */
#define POLICY                                                                                     \
    STR("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "    \
        "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "             \
        "frame-ancestors 'none'")

#define WITHOUT_CONSOLE                                                                            \
    STR("<!doctype html>\n<html lang=\"en\">\n<title>Gait</title>\n<h1>Gait</h1>\n<p>This "        \
        "program was "                                                                             \
        "built without its console (GAIT_CONSOLE=OFF, or npm was missing). The Step Functions "    \
        "API "                                                                                     \
        "answers at this address.</p>\n</html>\n")

typedef struct answer {
    const net_http_request *request;
    net_http_header headers[HEADERS_MAX];
    size_t header_count;
} answer;

static void add_header(answer *a, str name, str value)
{
    a->headers[a->header_count++] = (net_http_header){name, value};
}

static answer answer_begin(const net_http_request *request)
{
    answer a = {.request = request};
    add_header(&a, STR("X-Content-Type-Options"), STR("nosniff"));
    add_header(&a, STR("Content-Security-Policy"), POLICY);
    add_header(&a, STR("X-Frame-Options"), STR("DENY"));
    add_header(&a, STR("Referrer-Policy"), STR("no-referrer"));
    add_header(&a, STR("Cross-Origin-Opener-Policy"), STR("same-origin"));
    return a;
}

static void answer_send(answer *a, unsigned code, str body)
{
    net_http_response response = {code, a->headers, a->header_count, body};
    net_http_answer(a->request->reply, &response);
}

/* -------------------------------------------------------------------------------- static files */

static const console_file *find_file(str path)
{
    size_t low = 0, high;
    const console_file *files = console_files(&high);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(files[middle].path, path);
        if (order == 0) {
            return &files[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static void send_file(const net_http_request *request, const console_file *file)
{
    answer a = answer_begin(request);
    add_header(&a, STR("Content-Type"), file->type);
    add_header(&a, STR("ETag"), file->etag);
    add_header(&a, STR("Cache-Control"),
               file->is_immutable ? STR("public, max-age=31536000, immutable") : STR("no-cache"));
    if (str_equal(net_http_request_header(request, "If-None-Match"), file->etag)) {
        answer_send(&a, 304, STR_NONE);
        return;
    }
    if (file->is_gzip) { /* no browser that runs the console refuses it */
        add_header(&a, STR("Content-Encoding"), STR("gzip"));
    }
    answer_send(&a, 200, (str){(const char *)file->begin, (size_t)(file->end - file->begin)});
}

static void send_without_console(const net_http_request *request)
{
    answer a = answer_begin(request);
    add_header(&a, STR("Content-Type"), STR("text/html; charset=utf-8"));
    answer_send(&a, 200, WITHOUT_CONSOLE);
}

static void send_home(const net_http_request *request)
{
    answer a = answer_begin(request);
    add_header(&a, STR("Location"), HOME);
    answer_send(&a, 302, STR_NONE);
}

static void send_not_found(const net_http_request *request)
{
    answer a = answer_begin(request);
    add_header(&a, STR("Content-Type"), STR("application/json"));
    add_header(&a, STR("Cache-Control"), STR("no-store"));
    answer_send(&a, 404,
                STR("{\"__type\":\"NotFound\",\"message\":\"there is nothing at this path\"}\n"));
}

/* ----------------------------------------------------------------------------------------- session
 */

static void send_session(const console_options *options, const net_http_request *request)
{
    buf text;
    buf_init(&text, SESSION_BYTES_MAX);
    buf_add_literal(&text, "{\"version\":\"" GAIT_VERSION "\",\"region\":");
    json_print_string(options->region, &text);
    buf_add_literal(&text, ",\"account\":");
    json_print_string(options->account, &text);
    buf_add_str(&text, options->is_login_required ? STR(",\"isLoginRequired\":true")
                                                  : STR(",\"isLoginRequired\":false"));
    buf_add_literal(&text, ",\"paths\":[" CONSOLE_API_PATHS "]}\n");
    answer a = answer_begin(request);
    add_header(&a, STR("Content-Type"), STR("application/json"));
    add_header(&a, STR("Cache-Control"), STR("no-store"));
    answer_send(&a, 200, buf_str(&text));
    buf_clean_up(&text);
}

bool console_handle(const console_options *options, const net_http_request *request)
{
    bool is_get = str_equal(request->method, STR("GET")) || str_equal(request->method, STR("HEAD"));
    if (!is_get) {
        return false;
    }
    if (str_equal(request->path, STR("/")) || str_equal(request->path, STR("/console"))) {
        send_home(request);
        return true;
    }
    if (!str_starts_with(request->path, HOME)) {
        return false;
    }
    str path = str_skip(request->path, HOME.len);
    const console_file *file = find_file(path);
    const console_file *page = find_file(INDEX);
    if (str_equal(path, STR("api/session"))) {
        send_session(options, request);
    } else if (str_starts_with(path, ASSETS) || str_starts_with(path, API)) {
        file ? send_file(request, file) : send_not_found(request);
    } else if (page) {
        send_file(request, file ? file : page);
    } else {
        send_without_console(request);
    }
    return true;
}
