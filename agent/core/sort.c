/*
 * Merge sort, from runs of one element up. See sort.h.
 */
#include "agent/core/sort.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"

/* Merges from[low..middle) and from[middle..high) into to[low..high). */
static void merge(const char *from, char *to, const size_t bounds[3], size_t size,
                  int (*compare)(const void *, const void *))
{
    size_t left = bounds[0];
    size_t right = bounds[1];

    for (size_t i = bounds[0]; i < bounds[2]; i++) {
        bool is_left = left < bounds[1] && (right >= bounds[2] ||
                                            compare(from + left * size, from + right * size) <= 0);
        size_t next = is_left ? left++ : right++;
        memcpy(to + i * size, from + next * size, size);
    }
}

static size_t at_most(size_t value, size_t limit)
{
    return value < limit ? value : limit;
}

void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    char *spare = mem_new(count, size);
    char *from = items;
    char *to = spare;

    for (size_t run = 1; run < count; run *= 2) {
        for (size_t low = 0; low < count; low += 2 * run) {
            size_t bounds[3] = {low, at_most(low + run, count), at_most(low + 2 * run, count)};
            merge(from, to, bounds, size, compare);
        }
        char *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, count * size);
    free(spare);
}
