/* How single values are written in requests and answers: base64, percent-encoding, times. */
#ifndef GAIT_INTEGRATIONS_AWS_WIRE_H
#define GAIT_INTEGRATIONS_AWS_WIRE_H

#include "base/arena.h"
#include "base/buf.h"
#include "integrations/aws/shapes.h"

void wire_base64(str bytes, buf *out);
/* RFC 4648, with or without padding; white space is passed over. ERROR_SYNTAX, ERROR_MEMORY. */
MUST_USE status wire_base64_decode(str text, arena *a, str *ret_bytes, error *reterr);
/* Every byte but A-Z a-z 0-9 - . _ ~ and those of `also`, as %XX. */
void wire_percent(str text, const char *also, buf *out);
/* What is no UTF-8 becomes U+FFFD: a string of Step Functions holds text. ptr NULL for want of
 * memory. */
MUST_USE str wire_as_text(str bytes, arena *a);

/* A time that a workflow gives: RFC 3339 text, or seconds since 1970. */
MUST_USE bool wire_time_from_text(str text, int64_t *ret_time_ms);
/* A time that a service gives: RFC 3339, "Mon, 02 Jan 2006 15:04:05 GMT", or seconds. */
MUST_USE bool wire_time_read(str text, int64_t *ret_time_ms);
MUST_USE bool wire_time_from_seconds(double seconds, int64_t *ret_time_ms);
/* As Step Functions prints it: java.time.Instant's text, no fraction when it is zero. */
#define WIRE_TIME_SIZE 48
str wire_time_iso8601(int64_t time_ms, char out[WIRE_TIME_SIZE]);
str wire_time_rfc822(int64_t time_ms, char out[WIRE_TIME_SIZE]);
/* Seconds, with a fraction where there is one. */
str wire_time_epoch(int64_t time_ms, char out[WIRE_TIME_SIZE]);
str wire_time(aws_time_format format, int64_t time_ms, char out[WIRE_TIME_SIZE]);

#endif
