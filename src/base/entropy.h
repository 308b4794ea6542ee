/* entropy: a stream of pseudo-random numbers that is a pure function of its seed of 128 bits, so
 * that a UUID drawn from it has the 122 that RFC 4122 gives a random one. Evaluation draws from it
 * instead of the operating system, so that a step can be replayed.
 *
 * Two SplitMix64 with increments of their own, of which the second is left out where it is 0: a
 * seed of 64 bits gives SplitMix64's published numbers. */
#ifndef GAIT_BASE_ENTROPY_H
#define GAIT_BASE_ENTROPY_H

#include <stdint.h>

typedef struct entropy {
    uint64_t state, second;
} entropy;

static inline uint64_t entropy_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}
static inline uint64_t entropy_next(entropy *e)
{
    uint64_t z = entropy_mix(e->state += 0x9E3779B97F4A7C15u);
    return e->second ? z ^ entropy_mix(e->second += 0xD1B54A32D192ED03u) : z;
}
/* A stream of its own, for who comes by. */
static inline entropy entropy_branch(entropy *e)
{
    uint64_t state = entropy_next(e);
    return (entropy){state, entropy_next(e)};
}
/* In [0, 1), with 53 bits. */
static inline double entropy_next_double(entropy *e)
{
    return (double)(entropy_next(e) >> 11) * 0x1.0p-53;
}

/* java.util.Random, whose numbers States.MathRandom and JSONata's $random give for a seed. */
typedef struct java_random {
    uint64_t seed;
} java_random;
void java_random_init(java_random *r, int64_t seed);
int32_t java_random_next(java_random *r, int bits);
/* In [0, bound); 0 for a bound that is not positive, where Java throws. */
int32_t java_random_next_int(java_random *r, int32_t bound);
double java_random_next_double(java_random *r);

#endif
