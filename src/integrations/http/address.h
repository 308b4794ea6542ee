/* Which addresses an HTTP Task may connect to. */
#ifndef GAIT_INTEGRATIONS_HTTP_ADDRESS_H
#define GAIT_INTEGRATIONS_HTTP_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* Whether the address is link-local, or one where a cloud's machines find their metadata, and with
 * it their credentials; IPv4 addresses inside IPv6 ones, too. Unspecified ones and those of other
 * families count as such. */
bool http_address_is_guarded(const struct sockaddr *address);

#endif
