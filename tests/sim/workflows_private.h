/* What the files that make definitions share. */
#ifndef GAIT_TESTS_SIM_WORKFLOWS_PRIVATE_H
#define GAIT_TESTS_SIM_WORKFLOWS_PRIVATE_H

#include "workflows.h"

typedef struct generator {
    entropy *random;
    arena *a;
    bool is_jsonata;
    bool is_child;      /* starts no executions */
    bool is_express;    /* nothing that takes long, or that Express workflows cannot do */
    bool is_in_map_run; /* of what a child of a map run does */
    bool has_obstacles_in_map_run;
    uint32_t next_name;
} generator;

/* A state's place in its chain. */
typedef struct place {
    uint32_t id;           /* the state's name is S and this */
    uint32_t next, beyond; /* the one after, and the one that a choice may jump to */
    uint32_t depth;
    bool is_caught; /* a failure here may be caught further up */
} place;

/* ---- workflows.c */
bool sim_generator_chance(generator *g, uint32_t percent);
/* The members of a workflow: "StartAt": ..., "States": {...}. */
str sim_chain(generator *g, uint32_t depth, bool is_caught);
str sim_retriers(generator *g);
/* The state's input with its result added under a name of its own: , "ResultPath": ... */
str sim_keep_result(generator *g, const place *p);

/* ---- workflows_children.c: states that start executions */
str sim_child_state(generator *g, const place *p);
str sim_map_run_state(generator *g, const place *p);

#endif
