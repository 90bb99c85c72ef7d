/* What is pooled, and how the largest of several values is found, for all that pools. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum { LANES = 8, MOST = 255, SMALL = 1 << 15 };

/* Eight channels at a time. */
typedef float Lanes __attribute__((vector_size(4 * LANES)));
typedef int32_t Marks __attribute__((vector_size(4 * LANES)));

/* What is pooled; pairs are of height and width. `cut` says that what is below zero becomes zero. */
typedef struct {
    int64_t threads, count, channels, cut;
    int64_t in[2], out[2], kernel[2], stride[2], padding[2], dilation[2];
} Pool;

/* What is larger than the best of the places before, or no number, takes its place. */
INLINE void take(Lanes value, int32_t place, Lanes *best, Marks *at)
{
    const Marks larger = (value > *best) | (value != value), here = (Marks){0} + place;
    *best = (Lanes)((larger & (Marks)value) | (~larger & (Marks)*best));
    *at = (larger & here) | (~larger & *at);
}

/* What is not above zero is nowhere, and zero. */
INLINE void cut_off(Lanes *best, Marks *at)
{
    const Marks stays = (*best > 0.0f) | (*best != *best);
    *best = (Lanes)(stays & (Marks)*best);
    *at |= ~stays;
}
