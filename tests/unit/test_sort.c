/*
 * Sorting: in order, complete, stable, at every count up to some dozens.
 */
#include <criterion/criterion.h>
#include <stdint.h>

#include "agent/core/sort.h"

enum { MOST = 70 };

struct item {
    uint32_t key;
    uint32_t place;
};

static int compare_keys(const void *left, const void *right)
{
    const struct item *a = left;
    const struct item *b = right;

    return (a->key > b->key) - (a->key < b->key);
}

Test(sort, orders_every_count_and_keeps_equal_elements_in_order)
{
    for (uint32_t count = 0; count <= MOST; count++) {
        struct item items[MOST + 1] = {0};
        uint32_t random = count;
        bool seen[MOST + 1] = {false};
        for (uint32_t i = 0; i < count; i++) {
            random = random * 1664525U + 1013904223U;
            items[i] = (struct item){.key = random >> 28, .place = i};
        }
        sort(items, count, sizeof items[0], compare_keys);
        for (uint32_t i = 0; i < count; i++) {
            seen[items[i].place] = true;
            cr_assert(i == 0 || items[i - 1].key < items[i].key ||
                      (items[i - 1].key == items[i].key && items[i - 1].place < items[i].place));
        }
        for (uint32_t i = 0; i < count; i++)
            cr_assert(seen[i]);
    }
}
