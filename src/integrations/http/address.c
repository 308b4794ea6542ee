#include "integrations/http/address.h"

#include "base/macros.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct network {
    unsigned char bytes[16];
    unsigned bits;
} network;

static const network networks_4[] = {
    {{169, 254}, 16},           /* link-local: RFC 3927; EC2, Azure, Google, ECS tasks */
    {{100, 100, 100, 200}, 32}, /* Alibaba */
    {{168, 63, 129, 16}, 32},   /* Azure's host */
    {{192, 0, 0, 192}, 32},     /* Oracle */
    {{0}, 8},                   /* "this network": Linux connects to itself */
};

static const network networks_6[] = {
    {{0xFE, 0x80}, 10},             /* link-local: RFC 4291 */
    {{0xFD, 0x00, 0x0E, 0xC2}, 32}, /* EC2: fd00:ec2::254, ::23 */
    {{0xFD, 0x20, 0x00, 0xCE}, 64}, /* Google: fd20:ce::254 */
    {{0}, 128},                     /* unspecified */
    {{0xFE, 0xC0}, 10},             /* site-local, deprecated: RFC 3879 */
};

/* IPv6 networks whose last four bytes are an IPv4 address. */
static const network mapped[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96}, /* RFC 4291 */
    {{0, 0x64, 0xFF, 0x9B}, 96},                      /* NAT64: RFC 6052 */
    {{0}, 96},                                        /* compatible, deprecated */
};

static bool is_in(const unsigned char *address, const network *n)
{
    unsigned whole = n->bits / 8, rest = n->bits % 8;
    if (memcmp(address, n->bytes, whole) != 0) {
        return false;
    }
    return !rest || ((address[whole] ^ n->bytes[whole]) >> (8 - rest)) == 0;
}

static bool is_in_any(const unsigned char *address, const network *networks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_in(address, &networks[i])) {
            return true;
        }
    }
    return false;
}

bool http_address_is_guarded(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof(in));
        return is_in_any((const unsigned char *)&in.sin_addr, networks_4, ARRAY_LENGTH(networks_4));
    }
    if (address->sa_family != AF_INET6) {
        return true;
    }
    struct sockaddr_in6 in;
    static const unsigned char loopback[16] = {[15] = 1};
    memcpy(&in, address, sizeof(in));
    const unsigned char *bytes = in.sin6_addr.s6_addr;
    if (memcmp(bytes, loopback, sizeof(loopback)) == 0) {
        return false;
    }
    return is_in_any(bytes, networks_6, ARRAY_LENGTH(networks_6)) ||
           (is_in_any(bytes, mapped, ARRAY_LENGTH(mapped)) &&
            is_in_any(bytes + 12, networks_4, ARRAY_LENGTH(networks_4)));
}
