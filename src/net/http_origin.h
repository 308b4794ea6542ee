/* net_http_origin: what keeps web pages of other sites from driving a server that asks for no
 * credentials. A page in a browser can send requests to any address that the browser reaches,
 * loopback too, without asking first as long as they look like a form's (POST with text/plain); and
 * a page whose own name is made to mean this address (DNS rebinding) can read the answers as well.
 *
 * So a request must come to a name that only its owner can make mean this machine, and from a page
 * of that name or from no page at all. Programs that are no browsers send neither Origin nor
 * Sec-Fetch-Site. https://fetch.spec.whatwg.org/#origin-header,
 * https://www.w3.org/TR/fetch-metadata/ */
#ifndef GAIT_NET_HTTP_ORIGIN_H
#define GAIT_NET_HTTP_ORIGIN_H

#include "net/http_server.h"

typedef enum net_http_origin {
    NET_HTTP_ORIGIN_FINE,
    NET_HTTP_ORIGIN_STRANGE_HOST, /* Host is a name that anybody could make mean this address */
    NET_HTTP_ORIGIN_STRANGE_PAGE, /* a page of another site asks */
} net_http_origin;

/* Fine hosts are: IP addresses, names without a dot (localhost, names of containers), those below
 * .localhost and .internal, and the allowed ones. `allowed` has names with commas between; one that
 * begins with a dot stands for all below it, "*" for all. A `sync-` before a host is what AWS SDKs
 * put there for StartSyncExecution. A link from elsewhere may be followed: GET as navigation. */
net_http_origin net_http_origin_of(const net_http_request *request, str allowed);
/* What decides on Host. Port and case do not count. */
bool net_http_host_is_known(str host, str allowed);

#endif
