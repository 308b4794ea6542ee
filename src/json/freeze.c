/* Copies of values: json_freeze into a document of its own, json_copy into an arena. Both measure
 * first, and then fill one piece of memory from both ends:
 *
 *     │ blocks, 16-byte aligned ──►        ◄── text of strings and numbers │
 *
 * Freezing shares what documents own where that pays. The parts of each document that occur in the
 * value, outermost containers only, are weighed together; when they are at least a quarter of what
 * the document keeps alive, the document is retained and its parts are shared. Otherwise they are
 * copied, and in them parts of still other documents are weighed one by one.
 *
 * Recursion is bounded by JSON_DEPTH_MAX, and the work by the size of the copy, which has a limit:
 * a value may hold one part so often that its text would fill the world.
 */
#include "json/doc.h"

#include <stdlib.h>

/* As much as the nodes and text of common texts of JSON_TEXT_BYTES_MAX. */
#define COPY_BYTES_MAX ((size_t)JSON_TEXT_BYTES_MAX * 4)
#define SHARING_PAYS(weight, reach_bytes) ((weight)*16 * 4 >= (reach_bytes))

typedef struct owner_entry {
    const json_doc *doc;
    size_t weight; /* of its parts in the value */
    bool is_shared;
} owner_entry;

typedef struct copier {
    json_doc *doc;       /* NULL: into an arena, nothing is shared */
    owner_entry *owners; /* owned; sorted by doc once they are weighed */
    size_t owner_count, owner_room;
    size_t known_owners;  /* of these, the ones found while measuring */
    size_t shared_weight; /* of the parts shared so far */
    bool is_decided;      /* which owners are shared */
    size_t bytes;         /* of the copy */
    char *low, *high;     /* free memory */
    uint32_t depth_reached;
    status result;
    error *reterr;
} copier;

static bool fail_copy(copier *c, status s)
{
    c->result = s;
    return false;
}

static bool fail_depth(copier *c)
{
    return fail_copy(c, fail(c->reterr, ERROR_LIMIT,
                             "values are nested deeper than the maximum of %d", JSON_DEPTH_MAX));
}

/* ------------------------------------------------------------------------------------ weighing */

static size_t scalar_text_bytes(json v)
{
    return v.kind == JSON_STRING || (v.kind == JSON_NUMBER && v.flags & JSON_NUMBER_TEXT) ? v.count
                                                                                          : 0;
}

static uint32_t child_slots(json v)
{
    return v.kind == JSON_ARRAY ? 1 : 2;
}

/* Arrays' items, or members' names and values one after another. */
static const json *children_of(json v)
{
    return v.at.items;
}

static const json_doc *owner_of(json v)
{
    return json_is_container(v) && v.count ? json_block_of(v)->owner : NULL;
}

/* Of a container that a document owns: 16-byte units. */
static size_t weight_of(json v)
{
    const json_block *block = json_block_of(v);
    if (block->count == v.count) {
        return block->weight;
    }
    size_t weight = json_weight_of_bytes(json_block_bytes(JSON_ARRAY, v.count));
    for (uint32_t i = 0; i < v.count; i++) { /* the beginning of an array */
        json item = v.at.items[i];
        weight += json_is_container(item) ? item.count ? json_block_of(item)->weight : 0
                                          : json_weight_of_bytes(scalar_text_bytes(item));
    }
    return weight;
}

static bool add_bytes(copier *c, size_t bytes)
{
    c->bytes += bytes;
    if (c->bytes > COPY_BYTES_MAX) {
        return fail_copy(c,
                         fail(c->reterr, ERROR_LIMIT,
                              "a value takes more than the maximum of %zu bytes", COPY_BYTES_MAX));
    }
    return true;
}

static bool add_owner(copier *c, const json_doc *doc, size_t weight)
{
    if (c->owner_count && c->owners[c->owner_count - 1].doc == doc) {
        c->owners[c->owner_count - 1].weight += weight;
        return true;
    }
    if (c->owner_count == c->owner_room) {
        size_t room = c->owner_room ? c->owner_room * 2 : 16;
        owner_entry *grown = realloc(c->owners, room * sizeof(*grown));
        if (!grown) {
            return fail_copy(c, fail_memory(c->reterr));
        }
        c->owners = grown;
        c->owner_room = room;
    }
    c->owners[c->owner_count++] = (owner_entry){.doc = doc, .weight = weight};
    return true;
}

static int compare_owners(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const owner_entry *)a)->doc;
    uintptr_t y = (uintptr_t)((const owner_entry *)b)->doc;
    return (x > y) - (x < y);
}

/* Sorts the owners and leaves one entry for each. */
static void unify_owners(copier *c)
{
    if (!c->owner_count) {
        return;
    }
    qsort(c->owners, c->owner_count, sizeof(*c->owners), compare_owners);
    size_t kept = 0;
    for (size_t i = 1; i < c->owner_count; i++) {
        if (c->owners[i].doc == c->owners[kept].doc) {
            c->owners[kept].weight += c->owners[i].weight;
            c->owners[kept].is_shared |= c->owners[i].is_shared;
        } else {
            c->owners[++kept] = c->owners[i];
        }
    }
    c->owner_count = kept + 1;
}

/* Whether the part is shared with its owner, once that is decided; a shared owner is then among
 * c->owners and marked. Known owners are sorted; those behind them were found on the way. */
static bool is_shared(copier *c, json v, const json_doc *owner, bool *ret_shared)
{
    owner_entry wanted = {.doc = owner, .weight = weight_of(v)};
    const owner_entry *found = NULL;
    if (c->known_owners) {
        found = bsearch(&wanted, c->owners, c->known_owners, sizeof(wanted), compare_owners);
    }
    if (found) {
        *ret_shared = found->is_shared;
        return true;
    }
    *ret_shared = SHARING_PAYS(wanted.weight, owner->reach_bytes);
    if (*ret_shared) {
        if (!add_owner(c, owner, wanted.weight)) {
            return false;
        }
        c->owners[c->owner_count - 1].is_shared = true;
    }
    return true;
}

/* Measures what is copied. The first time parts of documents are only weighed; once it is decided
 * which documents are shared, the parts of the others are measured too. */
static bool measure(copier *c, json v, uint32_t depth)
{
    if (!json_is_container(v) || !v.count) {
        return add_bytes(c, scalar_text_bytes(v));
    }
    if (depth == JSON_DEPTH_MAX) {
        return fail_depth(c);
    }
    const json_doc *owner = c->doc ? owner_of(v) : NULL;
    if (owner && !c->is_decided) {
        return add_owner(c, owner, weight_of(v));
    }
    bool shared = false;
    if (owner && !is_shared(c, v, owner, &shared)) {
        return false;
    }
    if (shared) {
        return true;
    }
    if (!add_bytes(c, (json_block_bytes((json_kind)v.kind, v.count) + 15) & ~(size_t)15)) {
        return false;
    }
    const json *children = children_of(v);
    size_t count = (size_t)v.count * child_slots(v);
    for (size_t i = 0; i < count; i++) {
        if (!measure(c, children[i], depth + 1)) {
            return false;
        }
    }
    return true;
}

/* Decides which owners are shared, and measures what must be copied then. */
static bool decide(copier *c, json value)
{
    unify_owners(c);
    bool all_are_shared = true;
    for (size_t i = 0; i < c->owner_count; i++) {
        owner_entry *owner = &c->owners[i];
        owner->is_shared = SHARING_PAYS(owner->weight, owner->doc->reach_bytes);
        all_are_shared = all_are_shared && owner->is_shared;
    }
    c->known_owners = c->owner_count;
    c->is_decided = true;
    if (!all_are_shared) {
        c->bytes = 0;
        if (!measure(c, value, 0)) {
            return false;
        }
    }
    return add_bytes(c, c->owner_count * sizeof(json_doc *));
}

/* ------------------------------------------------------------------------------------- copying */

/* How deep v really nests; more than max where it is deeper than that. */
static uint32_t depth_of(json v, uint32_t max)
{
    uint32_t deepest = 0;
    if (!json_is_container(v) || max == 0) {
        return json_is_container(v);
    }
    const json *children = children_of(v);
    size_t count = (size_t)v.count * child_slots(v);
    for (size_t i = 0; i < count && deepest < max; i++) {
        if (json_is_container(children[i])) {
            uint32_t depth = depth_of(children[i], max - 1);
            deepest = MAX_OF(deepest, depth);
        }
    }
    return deepest + 1;
}

/* A document says how deep it nests at most. */
static bool nests_deeper(json v, uint32_t max)
{
    if (!json_is_container(v) || max == 0) {
        return json_is_container(v);
    }
    const json_doc *owner = v.count ? owner_of(v) : NULL;
    if (owner && owner->depth <= max) {
        return false;
    }
    const json *children = children_of(v);
    size_t count = (size_t)v.count * child_slots(v);
    for (size_t i = 0; i < count; i++) {
        if (nests_deeper(children[i], max - 1)) {
            return true;
        }
    }
    return false;
}

bool json_nests_too_deep(json value)
{
    return nests_deeper(value, JSON_DEPTH_MAX);
}

static bool share(copier *c, json v, const json_doc *owner, uint32_t depth)
{
    uint32_t reached = depth + owner->depth;
    if (reached > JSON_DEPTH_MAX) {
        reached = depth + depth_of(v, JSON_DEPTH_MAX - depth);
        if (reached > JSON_DEPTH_MAX) {
            return fail_depth(c);
        }
    }
    c->depth_reached = MAX_OF(c->depth_reached, reached);
    c->shared_weight += weight_of(v);
    return true;
}

static const char *copy_text(copier *c, json v)
{
    INVARIANT(v.count <= (size_t)(c->high - c->low));
    c->high -= v.count;
    return v.count ? memcpy(c->high, v.at.text, v.count) : "";
}

static bool copy(copier *c, json *v, uint32_t depth);

static bool copy_container(copier *c, json *v, uint32_t depth)
{
    if (depth == JSON_DEPTH_MAX) {
        return fail_depth(c);
    }
    c->depth_reached = MAX_OF(c->depth_reached, depth + 1);
    if (!v->count) {
        v->at.items = NULL;
        return true;
    }
    size_t free_before = (size_t)(c->high - c->low), shared_before = c->shared_weight;
    size_t bytes = json_block_bytes((json_kind)v->kind, v->count);
    size_t rounded = (bytes + 15) & ~(size_t)15;
    INVARIANT(rounded <= free_before);
    json_block *block = (json_block *)c->low;
    c->low += rounded;
    memcpy(block + 1, v->at.items, bytes - sizeof(*block));
    v->at.items = (json *)(block + 1);
    json *children = (json *)(block + 1);
    size_t count = (size_t)v->count * child_slots(*v);
    for (size_t i = 0; i < count; i++) {
        if (!copy(c, &children[i], depth + 1)) {
            return false;
        }
    }
    size_t own = free_before - (size_t)(c->high - c->low);
    size_t weight = json_weight_of_bytes(own) + c->shared_weight - shared_before;
    *block = (json_block){c->doc, v->count, (uint32_t)MIN_OF(weight, UINT32_MAX)};
    return true;
}

/* Makes *v, whose children are still the original's, a copy. */
static bool copy(copier *c, json *v, uint32_t depth)
{
    if (c->doc) { /* an evaluator's marks end here */
        v->extra = 0;
        v->flags &= (uint8_t)~JSON_SEQUENCE;
    }
    if (!json_is_container(*v)) {
        if (v->kind == JSON_STRING || scalar_text_bytes(*v)) {
            v->at.text = copy_text(c, *v);
        }
        return true;
    }
    const json_doc *owner = c->doc ? owner_of(*v) : NULL;
    if (owner) {
        bool shared;
        if (!is_shared(c, *v, owner, &shared)) {
            return false;
        }
        if (shared) {
            return share(c, *v, owner, depth);
        }
    }
    return copy_container(c, v, depth);
}

/* Puts the shared documents, each once, into the memory that is left, and retains them. */
static void retain_owners(copier *c)
{
    unify_owners(c);
    const json_doc **shared = (const json_doc **)c->low;
    for (size_t i = 0; i < c->owner_count; i++) {
        if (c->owners[i].is_shared) {
            INVARIANT((size_t)(c->high - c->low) >= sizeof(*shared));
            c->low += sizeof(*shared);
            shared[c->doc->shared_count++] = json_doc_retain(c->owners[i].doc);
        }
    }
    c->doc->shared = shared;
}

/* Measures `value`, makes the document, and fills it. */
static status freeze(copier *c, json value, json_doc **ret_doc)
{
    json_doc placeholder, *doc = NULL;
    c->doc = &placeholder; /* while measuring: says that documents' parts may be shared */
    if (!measure(c, value, 0) || !decide(c, value)) {
        return c->result;
    }
    doc = json_doc_new(c->bytes);
    if (!doc) {
        return fail_memory(c->reterr);
    }
    c->doc = doc;
    c->low = arena_alloc(&doc->memory, c->bytes);
    INVARIANT(c->low);
    c->high = c->low + c->bytes;
    doc->root = value;
    if (!copy(c, &doc->root, 0)) {
        json_doc_release(doc);
        return c->result;
    }
    doc->depth = c->depth_reached;
    retain_owners(c);
    json_doc_seal(doc);
    *ret_doc = doc;
    return STATUS_OK;
}

status json_freeze(json value, json_doc **ret_doc, error *reterr)
{
    const json_doc *owner = owner_of(value);
    if (owner && owner->root.kind == value.kind && owner->root.count == value.count &&
        owner->root.at.items == value.at.items) {
        *ret_doc = json_doc_retain(owner);
        return STATUS_OK;
    }
    copier c = {.reterr = reterr};
    status s = freeze(&c, value, ret_doc);
    free(c.owners);
    return s;
}

status json_copy(json value, arena *a, json *ret_value, error *reterr)
{
    copier c = {.reterr = reterr};
    if (!measure(&c, value, 0)) {
        return c.result;
    }
    c.low = arena_alloc(a, c.bytes);
    if (!c.low) {
        return fail_memory(reterr);
    }
    c.high = c.low + c.bytes;
    if (!copy(&c, &value, 0)) {
        return c.result;
    }
    *ret_value = value;
    return STATUS_OK;
}
