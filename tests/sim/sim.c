/* The simulator: plays workflows out of seeds in virtual time, and crashes the process at every
 * write of the store. An execution must end as it does where nothing goes wrong.
 *
 *   sim [--seeds COUNT] [--first SEED] [--points COUNT] [--seconds COUNT]
 *   sim --seed SEED [--crash before|after|midst|storm] [--crash-at BATCH] [--verbose]
 *
 * For each seed: once calmly, once with delays, disorder, doubled answers and a disk that refuses
 * now and then, and then again with a crash at a batch: before it is durable, after, and while its
 * effects leave. --points bounds these plays for a seed (0: all); which ones depends on the seed.
 */
#include "world.h"

#include "workflows.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct setting {
    uint64_t seeds, first, points, seconds, seed, crash_at;
    sim_crash crash;
    bool is_calm, is_verbose;
} setting;

typedef struct totals {
    uint64_t plays, seeds;
} totals;

static void release(sim_result *result)
{
    for (uint32_t i = 0; i < result->end_count; i++) {
        free(result->ends[i]);
    }
}

/* Plays it, and compares it with the calm one. */
static uint32_t play(const sim_plan *plan, const sim_result *calm, totals *all)
{
    sim_result result = sim_play(plan);
    sim_world w = {.plan = *plan};
    for (uint32_t i = 0; i < result.end_count && !result.is_wild; i++) {
        const char *end = result.ends[i];
        sim_check(&w, end && (!*end || !strcmp(end, calm->ends[i])),
                  "execution e%u ends otherwise:\n  calm:  %s\n  here:  %s", i, calm->ends[i], end);
    }
    uint32_t commits = result.commits;
    release(&result);
    all->plays++;
    return commits;
}

static void play_seed(uint64_t seed, uint64_t points, totals *all)
{
    sim_plan plan = {.seed = seed, .is_calm = true};
    sim_result calm = sim_play(&plan);
    plan.is_calm = false;
    uint32_t commits = play(&plan, &calm, all);
    uint32_t ways = commits * 3;
    uint32_t count = points && points < ways ? (uint32_t)points : ways;
    entropy random = {.state = seed};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t way = count == ways ? i : sim_below(&random, ways);
        plan.crash = (sim_crash)(SIM_CRASH_BEFORE + way % 3);
        plan.crash_at = way / 3 + 1;
        play(&plan, &calm, all);
    }
    plan.crash = SIM_CRASH_STORM;
    plan.crash_at = 0;
    play(&plan, &calm, all);
    release(&calm);
    all->seeds++;
}

static void play_one(const setting *set)
{
    totals all = {0};
    sim_plan plan = {.seed = set->seed, .is_calm = true, .is_verbose = set->is_calm};
    sim_result calm = sim_play(&plan);
    if (!set->is_calm) {
        plan = (sim_plan){.seed = set->seed,
                          .crash = set->crash,
                          .crash_at = (uint32_t)set->crash_at,
                          .is_verbose = set->is_verbose};
        play(&plan, &calm, &all);
    }
    for (uint32_t i = 0; i < calm.end_count; i++) {
        printf("e%u ends with %s\n", i, calm.ends[i]);
    }
    release(&calm);
}

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void play_all(const setting *set)
{
    totals all = {0};
    double begin = now_seconds();
    for (uint64_t i = 0; i < set->seeds; i++) {
        play_seed(set->first + i, set->points, &all);
        if (set->seconds && now_seconds() - begin > (double)set->seconds) {
            break;
        }
    }
    printf("%llu seeds, %llu plays, %.1f s\n", (unsigned long long)all.seeds,
           (unsigned long long)all.plays, now_seconds() - begin);
}

static sim_crash crash_named(const char *name)
{
    static const char *const names[] = {"none", "before", "after", "midst", "storm"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (!strcmp(name, names[i])) {
            return (sim_crash)i;
        }
    }
    fprintf(stderr, "sim: --crash is one of none, before, after, midst, storm\n");
    exit(2);
}

static uint64_t *number_named(setting *set, const char *name)
{
    struct {
        const char *name;
        uint64_t *number;
    } numbers[] = {
        {"--seeds", &set->seeds},     {"--first", &set->first}, {"--points", &set->points},
        {"--seconds", &set->seconds}, {"--seed", &set->seed},   {"--crash-at", &set->crash_at},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        if (!strcmp(name, numbers[i].name)) {
            return numbers[i].number;
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    setting set = {.seeds = 100, .first = 1, .points = 6};
    for (int i = 1; i < argc; i++) {
        uint64_t *number = number_named(&set, argv[i]);
        if (!strcmp(argv[i], "--verbose")) {
            set.is_verbose = true;
        } else if (!strcmp(argv[i], "--calm")) {
            set.is_calm = true;
        } else if (i + 1 < argc && !strcmp(argv[i], "--crash")) {
            set.crash = crash_named(argv[++i]);
        } else if (i + 1 < argc && number) {
            *number = strtoull(argv[++i], NULL, 10);
        } else {
            fprintf(stderr, "sim: what is %s? See the head of tests/sim/sim.c\n", argv[i]);
            return 2;
        }
    }
    if (set.seed) {
        play_one(&set);
    } else {
        play_all(&set);
    }
    return 0;
}
