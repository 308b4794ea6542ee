#include "net/http_origin.h"

#include <arpa/inet.h>

#define SYNC_PREFIX STR("sync-")

/* The host of HOST:PORT; an IPv6 address keeps its brackets. */
static str without_port(str host)
{
    size_t colon = str_find_last_char(host, ':');
    size_t bracket = str_find_last_char(host, ']');
    bool has_port = colon != STR_NOT_FOUND && (bracket == STR_NOT_FOUND || bracket < colon);
    return has_port ? str_take(host, colon) : host;
}

static bool is_address(str host)
{
    char text[NET_ADDRESS_SIZE];
    unsigned char bytes[16];
    bool is_six = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';
    host = is_six ? str_take(str_skip(host, 1), host.len - 2) : host;
    if (host.len >= sizeof(text)) {
        return false;
    }
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    return inet_pton(is_six ? AF_INET6 : AF_INET, text, bytes) == 1;
}

static bool ends_with_ignoring_case(str text, str end)
{
    return text.len > end.len && str_equal_ignore_case(str_skip(text, text.len - end.len), end);
}

static bool is_allowed(str host, str allowed)
{
    for (str rest = allowed; rest.ptr;) {
        str name = str_trim(str_split_next(&rest, ','));
        if (str_equal(name, STR("*")) || (name.len && str_equal_ignore_case(host, name)) ||
            (name.len > 1 && name.ptr[0] == '.' && ends_with_ignoring_case(host, name))) {
            return true;
        }
    }
    return false;
}

/* Nobody sells a name without a dot, and .localhost and .internal are nobody's:
 * https://www.iana.org/assignments/special-use-domain-names,
 * https://www.icann.org/en/board-activities-and-meetings/materials/approved-resolutions-special-meeting-of-the-icann-board-29-07-2024-en
 */
static bool is_own_name(str host)
{
    return (host.len && str_find_char(host, '.') == STR_NOT_FOUND) ||
           ends_with_ignoring_case(host, STR(".localhost")) ||
           ends_with_ignoring_case(host, STR(".internal"));
}

bool net_http_host_is_known(str host, str allowed)
{
    host = without_port(host);
    bool is_sync = host.len > SYNC_PREFIX.len &&
                   str_equal_ignore_case(str_take(host, SYNC_PREFIX.len), SYNC_PREFIX);
    str rest = is_sync ? str_skip(host, SYNC_PREFIX.len) : host;
    return is_address(rest) || is_own_name(rest) || is_allowed(host, allowed) ||
           is_allowed(rest, allowed);
}

/* Whether the page is of the host that it asks, or of an allowed one. A proxy may have changed the
 * scheme. */
static bool is_own_page(str origin, str host, str allowed)
{
    size_t slashes = str_find(origin, STR("://"));
    str of = slashes == STR_NOT_FOUND ? STR_NONE : str_skip(origin, slashes + 3);
    return of.len && (str_equal_ignore_case(of, host) || is_allowed(without_port(of), allowed));
}

net_http_origin net_http_origin_of(const net_http_request *request, str allowed)
{
    str host = net_http_request_header(request, "Host");
    str origin = net_http_request_header(request, "Origin");
    str site = net_http_request_header(request, "Sec-Fetch-Site");
    bool is_followed =
        str_equal(request->method, STR("GET")) &&
        str_equal(net_http_request_header(request, "Sec-Fetch-Mode"), STR("navigate"));
    if (host.ptr && !net_http_host_is_known(host, allowed)) { /* every browser sends it */
        return NET_HTTP_ORIGIN_STRANGE_HOST;
    }
    bool is_strange = origin.ptr
                          ? !is_own_page(origin, host, allowed)
                          : str_equal(site, STR("cross-site")) || str_equal(site, STR("same-site"));
    return is_strange && !is_followed ? NET_HTTP_ORIGIN_STRANGE_PAGE : NET_HTTP_ORIGIN_FINE;
}
