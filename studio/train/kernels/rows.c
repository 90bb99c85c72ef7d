/* Rows of a table in memory, copied one after the other into a batch.

   While one row is copied, the begin of another is fetched: rows drawn at random lie far apart, and what is
   not yet in the cache is waited for longer than the copy takes. */

#include <stdint.h>
#include <string.h>

#define LINE 64
#define SECOND 2 /* the cache to fetch into: the first has few places to wait for memory in */
#define FETCHED 4096 /* bytes at most: what follows is fetched by the machine itself */

/* Copies `count` rows, those `wanted`, from a table of `known` rows of `bytes` each. Gives 0, and copies nothing,
   where one of them is none. */
int rows(const char *table, int64_t known, int64_t bytes, const int64_t *wanted, int64_t count, char *to)
{
    const int64_t ahead = 1 + FETCHED / 2 / bytes, fetched = bytes < FETCHED ? bytes : FETCHED;
    for (int64_t at = 0; at < count; ++at)
        if (wanted[at] < 0 || wanted[at] >= known)
            return 0;
    for (int64_t at = 0; at < count; ++at) {
        if (at + ahead < count)
            for (int64_t byte = 0; byte < fetched; byte += LINE)
                __builtin_prefetch(table + wanted[at + ahead] * bytes + byte, 0, SECOND);
        memcpy(to + at * bytes, table + wanted[at] * bytes, bytes);
    }
    return 1;
}
