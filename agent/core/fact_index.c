/*
 * A sorted index over facts. See fact_index.h.
 */
#include "agent/core/fact_index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/sort.h"
#include "agent/core/mem.h"

/*
 * Order of (key, subject) against a row; a row without subject comes first. A key is one object, so
 * that its address stands for its name.
 */
static int compare_to_row(const struct fact_key *key, const char *subject, const struct fact *row)
{
    if (key != row->key)
        return (uintptr_t)key < (uintptr_t)row->key ? -1 : 1;
    if (subject == NULL || row->subject == NULL)
        return (subject != NULL) - (row->subject != NULL);
    return strcmp(subject, row->subject);
}

static int compare_rows(const void *a, const void *b)
{
    const struct fact *left = *(const struct fact *const *)a;
    const struct fact *right = *(const struct fact *const *)b;
    int order = compare_to_row(left->key, left->subject, right);

    /* Rows lie in one array, so their addresses are their order. */
    return order != 0 ? order : (left > right) - (left < right);
}

/* The first position whose row is not before (key, subject). */
static size_t lower_bound(const struct fact_index *index, const struct fact_key *key,
                          const char *subject)
{
    size_t low = 0;
    size_t high = index->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_to_row(key, subject, index->rows[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct fact_index fact_index_build(const struct facts *facts)
{
    struct fact_index index = {
        .rows = mem_new(facts->count, sizeof(struct fact *)),
        .count = facts->count,
    };

    for (size_t i = 0; i < facts->count; i++)
        index.rows[i] = &facts->rows[i];
    sort(index.rows, index.count, sizeof *index.rows, compare_rows);
    return index;
}

const struct fact *fact_index_find(const struct fact_index *index, const struct fact_key *key,
                                   const char *subject)
{
    size_t position = lower_bound(index, key, subject);

    if (position == index->count)
        return NULL;
    const struct fact *row = index->rows[position];
    return compare_to_row(key, subject, row) == 0 ? row : NULL;
}

const struct fact **fact_index_rows(const struct fact_index *index, const struct fact_key *key,
                                    size_t *count)
{
    size_t first = lower_bound(index, key, NULL);
    size_t end = first;

    while (end < index->count && index->rows[end]->key == key)
        end++;
    *count = end - first;
    return index->rows + first;
}

void fact_index_free(struct fact_index *index)
{
    free(index->rows);
    *index = (struct fact_index){0};
}
