/* Map runs, as operations name them. */
#ifndef GAIT_API_MAP_RUNS_H
#define GAIT_API_MAP_RUNS_H

#include "api/call.h"
#include "runtime/map/map_runs.h"

/* The map run that the member mapRunArn names. Refuses and returns false when there is no such. */
bool api_map_run_find(api_call *call, map_run_view *ret_view);

#endif
