/* Percent-encoding of URLs and of form bodies.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html, "Applying
 * URL-encoding on request body" */
#ifndef GAIT_INTEGRATIONS_HTTP_ENCODE_H
#define GAIT_INTEGRATIONS_HTTP_ENCODE_H

#include "json/json.h"

typedef enum http_array_format {
    HTTP_ARRAY_INDICES,  /* a[0]=x&a[1]=y */
    HTTP_ARRAY_REPEAT,   /* a=x&a=y */
    HTTP_ARRAY_COMMAS,   /* a=x,y */
    HTTP_ARRAY_BRACKETS, /* a[]=x&a[]=y */
} http_array_format;

bool http_array_format_from_name(str name, http_array_format *ret_format);

/* All but the unreserved characters of RFC 3986 as %XX. */
void http_encode(str text, buf *out);
/* "name=value", encoded, after "&" unless `out` is empty. */
void http_encode_pair(str name, str value, buf *out);
/* The scalar's text as it stands in a form or a header: a string's own text, "" for null. */
void http_encode_scalar(json value, buf *out);
/* An object as a form, members of objects as a[b]=x. Failure sticks in the buf. */
void http_encode_form(json object, http_array_format format, buf *out);

#endif
