/* JSON values: immutable, small, passed by value.
 *
 *   json      a handle of 16 bytes, borrowed: what it points to belongs to a document or an arena
 *   json_doc  a reference-counted document that owns text and nodes, and keeps alive the other
 *             documents that it shares parts of
 *
 * A value is read the same way whether it came from text (owned by a json_doc) or was computed
 * (owned by an arena); both can be mixed in one tree: a new object may hold a part of a document,
 * in O(1) and without a copy. What must outlive its arena is given to json_freeze.
 *
 * Objects keep insertion order; where a name comes twice in a text, the last value wins at the
 * first one's place, as in AWS (Jackson's LinkedHashMap). Strings are WTF-8 (see utf8.h) with a
 * length; NUL is a byte like others. Numbers keep their spelling until arithmetic touches them.
 */
#ifndef GAIT_JSON_JSON_H
#define GAIT_JSON_JSON_H

#include "base/arena.h"
#include "base/buf.h"

typedef enum json_kind {
    JSON_ABSENT = 0, /* no value at all: a missing member, JSONata's undefined */
    JSON_NULL,
    JSON_BOOLEAN,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
} json_kind;

typedef enum json_flag {
    JSON_PLAIN = 1,         /* string: prints verbatim between quotes, nothing to escape */
    JSON_NUMBER_TEXT = 2,   /* number: at.text is its spelling, count bytes long */
    JSON_NUMBER_INT64 = 4,  /* number: at.integer */
    JSON_NUMBER_DOUBLE = 8, /* number: at.real, finite */
    JSON_SEQUENCE = 16,     /* array: free for an evaluator's use; never affects printing */
} json_flag;

typedef struct json_member json_member;

typedef struct json {
    uint8_t kind;   /* json_kind */
    uint8_t flags;  /* json_flag */
    uint16_t extra; /* free for an evaluator's use; 0 otherwise */
    uint32_t count; /* bytes of text, items, or members */
    union {
        const char *text;           /* string; number with JSON_NUMBER_TEXT */
        const struct json *items;   /* array; a json_block stands before it */
        const json_member *members; /* object; a json_block stands before it */
        bool boolean;
        int64_t integer;
        double real;
    } at;
} json;

struct json_member {
    json name; /* always a JSON_STRING */
    json value;
};

typedef struct json_doc json_doc;

/* Stands right before the items or members of every non-empty array and object. The members of an
 * object with more than JSON_OBJECT_LINEAR_MAX are followed by as many uint32_t: their indices
 * sorted by name (length, then bytes); so objects are made by src/json only. Whoever makes an array
 * by himself sets its block to zeros. */
typedef struct json_block {
    const json_doc *owner; /* NULL while it belongs to an arena */
    uint32_t count;        /* items or members here; a slice's handle has fewer */
    uint32_t weight; /* with an owner: 16-byte units of nodes and text in here, at any depth */
} json_block;

/* ------------------------------------------------------------------------------- text and back */

/* Parses RFC 8259 text, strictly (UTF-8, one value, nothing after it). `text` is copied. Raises
 * ERROR_SYNTAX with offset, line and column; ERROR_LIMIT for depth, size or number length. */
MUST_USE status json_parse(str text, json_doc **ret_doc, error *reterr);
/* The same into an arena (the text is copied there). */
MUST_USE status json_parse_into(str text, arena *a, json *ret_value, error *reterr);

/* The root value; JSON_ABSENT for NULL. */
json json_doc_root(const json_doc *doc);
json_doc *json_doc_retain(const json_doc *doc); /* returns doc; NULL is fine */
void json_doc_release(const json_doc *doc);     /* NULL is fine */
/* Bytes kept alive by the document, shared parts included (an upper bound). */
size_t json_doc_reach_bytes(const json_doc *doc);

/* Makes a document of any value, so that it outlives the arena. Parts that belong to documents are
 * shared where that pays: what a document keeps alive stays within four times what its value
 * needs. A value that is wholly a document's own root is retained in O(1). ERROR_LIMIT when it
 * nests deeper than JSON_DEPTH_MAX or its copy would be monstrous, ERROR_MEMORY; so for json_copy.
 */
MUST_USE status json_freeze(json value, json_doc **ret_doc, error *reterr);
/* Whether a value, as put together from others, nests deeper than JSON_DEPTH_MAX, so that it could
 * be neither printed nor frozen. Costs what it has outside of documents. */
bool json_nests_too_deep(json value);
/* Deep copy into an arena: nothing is shared. */
MUST_USE status json_copy(json value, arena *a, json *ret_value, error *reterr);

/* Compact text, as AWS prints: no white space, only the escapes that JSON requires (control
 * characters as \b \f \n \r \t or \u00xx; lone surrogates as \udxxx), a double with integral value
 * below 1e15 without fraction, other doubles with the shortest text that reads back the same, in
 * ECMAScript's form (1e+21, 1e-7). JSON_ABSENT prints nothing; in a computed array it prints null,
 * and a member with it is left out. Failure (the maximum is reached, or the value nests deeper than
 * JSON_DEPTH_MAX) sticks in the buf. */
void json_print(json value, buf *out);
/* Indented by two spaces, for people. */
void json_print_pretty(json value, buf *out);
/* Compact text in an arena; ptr NULL on failure. */
MUST_USE str json_text(json value, arena *a);
/* Length of the compact text, without making it; stops counting past `max` and returns max + 1, as
 * it does for what cannot be printed. */
size_t json_text_length(json value, size_t max);
/* One string, quoted and escaped. */
void json_print_string(str text, buf *out);

/* ------------------------------------------------------------------------------------- reading */

static inline json_kind json_kind_of(json v)
{
    return (json_kind)v.kind;
}
static inline bool json_is(json v, json_kind kind)
{
    return v.kind == kind;
}
static inline bool json_is_absent(json v)
{
    return v.kind == JSON_ABSENT;
}
static inline bool json_is_true(json v)
{
    return v.kind == JSON_BOOLEAN && v.at.boolean;
}
/* "null", "boolean", "number", "string", "array", "object"; "absent". */
const char *json_kind_name(json_kind kind);

/* The text of a string; absent str for other kinds. Borrowed. */
static inline str json_str(json v)
{
    return v.kind == JSON_STRING ? (str){v.at.text, v.count} : STR_NONE;
}
/* Items of an array or members of an object; 0 for other kinds. */
static inline uint32_t json_count(json v)
{
    return v.kind >= JSON_ARRAY ? v.count : 0;
}
/* Item of an array; JSON_ABSENT when out of range or not an array. */
static inline json json_item(json v, uint32_t index)
{
    return v.kind == JSON_ARRAY && index < v.count ? v.at.items[index] : (json){0};
}
/* Member by position; index < json_count. */
static inline const json_member *json_member_at(json v, uint32_t index)
{
    return &v.at.members[index];
}
/* Member by name; JSON_ABSENT when missing or not an object. */
json json_get(json object, str name);
/* Its position, or -1. */
int64_t json_find(json object, str name);

/* Numbers. A double is the nearest to the spelling: an infinity past the largest. json_int64 is
 * true only when the value is mathematically an integer that fits ("1e3" and "2.0" are). Other
 * kinds: NaN, false. */
double json_double(json number);
bool json_int64(json number, int64_t *ret_value);
/* Whether the number is written without fraction and exponent (3, not 3.0 nor 3e0): what Jackson
 * calls an integral number. */
bool json_is_integral(json number);
/* -1, 0, 1: exact for 64-bit integers, by double otherwise. */
int json_number_compare(json a, json b);

/* Deep equality; numbers by value (1 equals 1.0), objects regardless of order. Values that cannot
 * be printed, because they nest deeper than JSON_DEPTH_MAX or would take more than
 * JSON_TEXT_BYTES_MAX, equal only themselves. */
bool json_equal(json a, json b);

/* -------------------------------------------------------------------------------------- making */

static inline json json_null(void)
{
    return (json){.kind = JSON_NULL};
}
static inline json json_boolean(bool b)
{
    return (json){.kind = JSON_BOOLEAN, .at.boolean = b};
}
static inline json json_from_int64(int64_t n)
{
    return (json){.kind = JSON_NUMBER, .flags = JSON_NUMBER_INT64, .at.integer = n};
}
/* A finite double; the caller has dealt with NaN and infinities (they would print null). */
static inline json json_from_double(double n)
{
    return (json){.kind = JSON_NUMBER, .flags = JSON_NUMBER_DOUBLE, .at.real = n};
}
/* Borrows the bytes, which must be WTF-8 and at most JSON_TEXT_BYTES_MAX long. */
static inline json json_from_str(str s)
{
    return (json){.kind = JSON_STRING, .count = (uint32_t)s.len, .at.text = s.ptr ? s.ptr : ""};
}
#define json_literal(text) json_from_str(STR(text))
static inline json json_empty_array(void)
{
    return (json){.kind = JSON_ARRAY};
}
static inline json json_empty_object(void)
{
    return (json){.kind = JSON_OBJECT};
}

/* An array of count items in an arena, to be filled in before anyone else sees it: *ret_items
 * points to its JSON_ABSENT items. */
MUST_USE status json_array_new(arena *a, uint32_t count, json *ret_array, json **ret_items,
                               error *reterr);
/* Items [begin, end) of an array: O(1) when it starts at 0, a shallow copy otherwise. [] for other
 * kinds. */
MUST_USE status json_slice(arena *a, json array, uint32_t begin, uint32_t end, json *ret_array,
                           error *reterr);

/* Builders: grow in an arena. The first failure sticks and is told by *_finish. */
typedef struct json_array_builder {
    arena *a;
    json *items;
    uint32_t count, room;
    bool is_broken;
} json_array_builder;
void json_array_begin(json_array_builder *b, arena *a, uint32_t room);
void json_array_add(json_array_builder *b, json item);
MUST_USE status json_array_finish(json_array_builder *b, json *ret_array, error *reterr);

typedef struct json_object_builder {
    arena *a;
    json_member *members;
    uint32_t count, room;
    bool is_broken;
} json_object_builder;
void json_object_begin(json_object_builder *b, arena *a, uint32_t room);
/* Appends; where the name is there already, the last value wins at the first one's place (decided
 * in json_object_finish). `name` is borrowed: it must live as long as the object. */
void json_object_add(json_object_builder *b, str name, json value);
void json_object_add_named(json_object_builder *b, json name, json value);
MUST_USE status json_object_finish(json_object_builder *b, json *ret_object, error *reterr);

/* A new object that is `object` with one member set (replaced in place, or appended). */
MUST_USE status json_object_with(arena *a, json object, json name, json value, json *ret_object,
                                 error *reterr);

#endif
