/* SQL with named parameters: any text becomes a text without NULs, whose parameters are all bound.
 * The input is the SQL; the parameters are a and b. */
#include "integrations/local/redshift.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena a;
    json parameters = {0};
    redshift_query query = {0};
    arena_init(&a, 1 << 24);
    INVARIANT(ok(json_parse_into(STR("[{\"Name\":\"a\",\"Value\":\"1\"},"
                                     "{\"Name\":\"b\",\"Value\":\"2\"}]"),
                                 &a, &parameters, NULL)));
    if (ok(redshift_query_make(str_from((const char *)data, size), parameters, &a, &query, NULL))) {
        INVARIANT(query.count == 2);
        INVARIANT(!str_equal(str_from_c(query.sql), str_from((const char *)data, size)));
    }
    arena_clean_up(&a);
    return 0;
}
