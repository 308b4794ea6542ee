/* PostgreSQL's rows in the Data API's form.
 * Source: https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_Field.html */
#include "integrations/local/redshift.h"

#include <stdlib.h>

/* Type numbers of PostgreSQL, which never change (its catalog pg_type). */
typedef enum field_form {
    FIELD_TEXT,
    FIELD_BOOLEAN,
    FIELD_LONG,
    FIELD_DOUBLE,
} field_form;

static const struct {
    Oid type;
    field_form form;
    const char *name; /* as Redshift calls it */
    int precision;
} types[] = {
    {16, FIELD_BOOLEAN, "bool", 1},        {20, FIELD_LONG, "int8", 19},
    {21, FIELD_LONG, "int2", 5},           {23, FIELD_LONG, "int4", 10},
    {25, FIELD_TEXT, "varchar", 0},        {700, FIELD_DOUBLE, "float4", 8},
    {701, FIELD_DOUBLE, "float8", 17},     {1042, FIELD_TEXT, "bpchar", 0},
    {1043, FIELD_TEXT, "varchar", 0},      {1082, FIELD_TEXT, "date", 13},
    {1083, FIELD_TEXT, "time", 15},        {1114, FIELD_TEXT, "timestamp", 29},
    {1184, FIELD_TEXT, "timestamptz", 35}, {1700, FIELD_TEXT, "numeric", 0},
    {2950, FIELD_TEXT, "uuid", 0},         {3802, FIELD_TEXT, "super", 0},
    {114, FIELD_TEXT, "super", 0},
};

static size_t type_row(Oid type)
{
    size_t row = 0;
    while (row < ARRAY_LENGTH(types) && types[row].type != type) {
        row++;
    }
    return row;
}

static void print_field(const pq_table *pq, const PGresult *result, int row, int column, buf *out)
{
    if (pq->getisnull(result, row, column)) {
        buf_add_literal(out, "{\"IsNull\":true}");
        return;
    }
    size_t type = type_row(pq->ftype(result, column));
    field_form form = type < ARRAY_LENGTH(types) ? types[type].form : FIELD_TEXT;
    str value =
        str_from(pq->getvalue(result, row, column), (size_t)pq->getlength(result, row, column));
    bool is_finite =
        value.len && value.ptr[value.len - 1] >= '0' && value.ptr[value.len - 1] <= '9';
    if (form == FIELD_BOOLEAN) {
        buf_add_format(out, "{\"BooleanValue\":%s}", str_equal(value, STR("t")) ? "true" : "false");
    } else if (form == FIELD_LONG) {
        buf_add_format(out, "{\"LongValue\":%.*s}", STR_ARG(value));
    } else if (form == FIELD_DOUBLE && is_finite) {
        buf_add_format(out, "{\"DoubleValue\":%.*s}", STR_ARG(value));
    } else {
        buf_add_literal(out, "{\"StringValue\":");
        json_print_string(value, out);
        buf_add_char(out, '}');
    }
}

void redshift_rows_print(const pq_table *pq, const PGresult *result, buf *out)
{
    for (int row = 0; row < pq->ntuples(result); row++) {
        buf_add_char(out, '[');
        for (int column = 0; column < pq->nfields(result); column++) {
            if (column) {
                buf_add_char(out, ',');
            }
            print_field(pq, result, row, column, out);
        }
        buf_add_literal(out, "]\n");
    }
}

static status column_metadata(const pq_table *pq, const PGresult *result, int column, arena *a,
                              json *ret_column, error *reterr)
{
    json_object_builder b;
    size_t type = type_row(pq->ftype(result, column));
    bool is_known = type < ARRAY_LENGTH(types);
    field_form form = is_known ? types[type].form : FIELD_TEXT;
    int modifier = pq->fmod(result, column);
    bool is_numeric = pq->ftype(result, column) == 1700 && modifier >= 4;
    int precision = is_numeric                            ? (modifier - 4) >> 16
                    : form == FIELD_TEXT && modifier >= 4 ? modifier - 4
                    : is_known                            ? types[type].precision
                                                          : 0;
    str name = arena_str(a, str_from_c(pq->fname(result, column)));
    if (!name.ptr) {
        return fail_memory(reterr);
    }
    json_object_begin(&b, a, 12);
    json_object_add(&b, STR("IsCaseSensitive"), json_boolean(form == FIELD_TEXT));
    json_object_add(&b, STR("IsCurrency"), json_boolean(false));
    json_object_add(&b, STR("IsSigned"), json_boolean(form == FIELD_LONG || form == FIELD_DOUBLE));
    json_object_add(&b, STR("Label"), json_from_str(name));
    json_object_add(&b, STR("Length"), json_from_int64(0));
    json_object_add(&b, STR("Name"), json_from_str(name));
    json_object_add(&b, STR("Nullable"), json_from_int64(1));
    json_object_add(&b, STR("Precision"), json_from_int64(precision));
    json_object_add(&b, STR("Scale"), json_from_int64(is_numeric ? (modifier - 4) & 0xffff : 0));
    json_object_add(&b, STR("TypeName"),
                    json_from_str(str_from_c(is_known ? types[type].name : "varchar")));
    return json_object_finish(&b, ret_column, reterr);
}

status redshift_columns(const pq_table *pq, const PGresult *result, arena *a, json *ret_columns,
                        error *reterr)
{
    json_array_builder b;
    int count = pq->nfields(result);
    json_array_begin(&b, a, (uint32_t)count);
    for (int column = 0; column < count; column++) {
        json one;
        TRY(column_metadata(pq, result, column, a, &one, reterr));
        json_array_add(&b, one);
    }
    return json_array_finish(&b, ret_columns, reterr);
}
