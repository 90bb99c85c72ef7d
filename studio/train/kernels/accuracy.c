/* How many samples have the class with the largest score right. */

#include <stdint.h>

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define QUICK __attribute__((target_clones("avx2", "default")))
#else
#define QUICK
#endif

/* Of equal scores the first one wins, what is not a number wins over all; a class that is none is not right. */
QUICK int64_t right(const float *scores, const int64_t *truth, int64_t count, int64_t classes)
{
    int64_t found = 0;
    for (int64_t at = 0; at < count; ++at, scores += classes) {
        const int64_t class = truth[at];
        if (class < 0 || class >= classes)
            continue;
        const float own = scores[class];
        int32_t larger = 0;
        if (own == own) /* without a branch for each score: which is larger cannot be foreseen */
            for (int32_t one = 0; one < classes; ++one)
                larger |= !((scores[one] < own) | ((scores[one] == own) & (one >= class)));
        else
            for (int64_t one = 0; one < class; ++one)
                larger |= scores[one] != scores[one];
        found += !larger;
    }
    return found;
}
