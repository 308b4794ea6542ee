/* map_items: what a map run iterates over, one item at a time: a list that the state has, or what
 * an ItemReader finds in S3. What is to be asked of S3 is told as data; the answer is given back.
 *
 *   map_items_take ──> MAP_ITEM, ... ──> MAP_ITEMS_END
 *                  └─> MAP_ITEMS_CALL: action, parameters ──> map_items_give ──> take again
 *
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html */
#ifndef GAIT_RUNTIME_MAP_ITEMS_H
#define GAIT_RUNTIME_MAP_ITEMS_H

#include "json/json.h"

typedef struct map_items map_items;

typedef enum map_items_state {
    MAP_ITEM,
    MAP_ITEMS_END,
    MAP_ITEMS_CALL,
    MAP_ITEMS_FAILED, /* States.ItemReaderFailed, with a cause */
} map_items_state;

typedef struct map_items_told {
    map_items_state state;
    json item;  /* borrowed until the next call, or in the arena */
    str action; /* "getObject", "listObjectsV2" */
    json parameters;
    str cause;
} map_items_told;

/* `order` is the payload of the map run's task, see engine/states/map_distributed.c; borrowed as
 * long as the items live. */
MUST_USE status map_items_new(json order, map_items **ret_items, error *reterr);
void map_items_free(map_items *items); /* NULL is fine */

MUST_USE status map_items_take(map_items *items, arena *a, map_items_told *ret_told, error *reterr);
/* What S3 has answered; copied. */
MUST_USE status map_items_give(map_items *items, json output, error *reterr);
/* How many items there are in all, where it is known: else -1. Those that were taken count. */
int64_t map_items_total(const map_items *items);

#endif
