#include "integrations/aws/clock_skew.h"

#include "integrations/aws/wire.h"

#define SKEW_MS_MIN 240000          /* services allow five minutes and more */
#define TIME_MS_MIN 946684800000LL  /* the year 2000: what is before is no clock */
#define TIME_MS_MAX 4102444800000LL /* 2100 */

bool aws_clock_is_skewed(str code, str date, int64_t signed_ms, int64_t *ret_ahead_ms)
{
    /* What services call it, and what they say where they find a signature's time out of place. */
    static const char *const codes[] = {
        "RequestTimeTooSkewed",      "RequestExpired",        "RequestInTheFuture",
        "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure",
    };
    bool may_be = false;
    int64_t now_ms = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
        may_be |= str_equal(code, str_from_c(codes[i]));
    }
    if (!may_be || !date.len || !wire_time_read(date, &now_ms) || now_ms < TIME_MS_MIN ||
        now_ms > TIME_MS_MAX) {
        return false;
    }
    int64_t ahead_ms = now_ms - signed_ms;
    *ret_ahead_ms = ahead_ms;
    return ahead_ms >= SKEW_MS_MIN || ahead_ms <= -SKEW_MS_MIN;
}
