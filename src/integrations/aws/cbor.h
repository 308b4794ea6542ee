/* CBOR (RFC 8949), as far as smithy-rpc-v2-cbor has it, as JSON values whose `extra` says what JSON
 * cannot: see wire_value.h. Our own, because each of its values is a json already and a library's
 * tree would be built only to be copied. */
#ifndef GAIT_INTEGRATIONS_AWS_CBOR_H
#define GAIT_INTEGRATIONS_AWS_CBOR_H

#include "json/json.h"

/* Failure sticks in the buf. */
void cbor_print(json value, buf *out);
/* One value and nothing after it. ERROR_SYNTAX, ERROR_LIMIT for its depth. The empty text is an
 * empty object. */
MUST_USE status cbor_parse(str bytes, arena *a, json *ret_value, error *reterr);

#endif
