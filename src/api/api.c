/* The API's life: what belongs to it, and taking it down. */
#include "api/api_private.h"
#include "api/pruning.h"

#include <stdlib.h>

#define PRUNING_FIRST_MS 60000
#define PRUNING_MS (3600 * 1000)

static void prune(void *user)
{
    api *a = user;
    error err; /* a store that refuses is told of by the shard; the next look tries again */
    (void)pruning_look(a->options.store, a->options.shard, a->resources, &err).code;
    if (a->options.map_runs) {
        (void)map_runs_prune(a->options.map_runs, &err).code;
    }
}

status api_new(const api_options *options, api **ret_api, error *reterr)
{
    api *a = calloc(1, sizeof(*a));
    if (!a) {
        return fail_memory(reterr);
    }
    a->options = *options;
    a->random = options->entropy;
    status done = resources_new(options->store, options->shard, &a->resources, reterr);
    if (ok(done)) {
        done = net_timer_new(options->loop, prune, a, &a->pruning, reterr);
    }
    if (failed(done)) {
        resources_free(a->resources);
        free(a);
        return done;
    }
    net_timer_start(a->pruning, PRUNING_FIRST_MS, PRUNING_MS);
    *ret_api = a;
    return STATUS_OK;
}

void api_free(api *a)
{
    if (a) {
        net_timer_free(a->pruning);
        api_drop_calls(a);
        resources_free(a->resources);
        free(a);
    }
}
