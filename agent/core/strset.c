/*
 * A sorted set of strings. See strset.h.
 */
#include "agent/core/strset.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"

/* Where text is, or where it belongs; *found says which. */
static size_t strset_position(const struct strset *set, const char *text, bool *found)
{
    size_t low = 0;
    size_t high = set->count;

    /* Most sets are filled in order: copies, and what the kernel lists. */
    if (high > 0 && strcmp(set->items[high - 1], text) < 0)
        low = high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(set->items[middle], text);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = false;
    return low;
}

void strset_add(struct strset *set, const char *text)
{
    bool found = false;
    size_t position = strset_position(set, text, &found);

    if (found)
        return;
    set->items = mem_grow(set->items, set->count, &set->capacity, sizeof *set->items);
    memmove(set->items + position + 1, set->items + position,
            (set->count - position) * sizeof *set->items);
    set->items[position] = mem_copy(text);
    set->count++;
}

void strset_remove(struct strset *set, const char *text)
{
    bool found = false;
    size_t position = strset_position(set, text, &found);

    if (!found)
        return;
    free(set->items[position]);
    set->count--;
    memmove(set->items + position, set->items + position + 1,
            (set->count - position) * sizeof *set->items);
}

bool strset_has(const struct strset *set, const char *text)
{
    bool found = false;

    (void)strset_position(set, text, &found);
    return found;
}

void strset_add_all(struct strset *set, const struct strset *from)
{
    for (size_t i = 0; i < from->count; i++)
        strset_add(set, from->items[i]);
}

/* The elements of a whose presence in b is as wanted. */
static struct strset strset_filter(const struct strset *a, const struct strset *b, bool wanted)
{
    struct strset result = {0};

    for (size_t i = 0; i < a->count; i++) {
        if (strset_has(b, a->items[i]) == wanted)
            strset_add(&result, a->items[i]);
    }
    return result;
}

struct strset strset_minus(const struct strset *a, const struct strset *b)
{
    return strset_filter(a, b, false);
}

struct strset strset_common(const struct strset *a, const struct strset *b)
{
    return strset_filter(a, b, true);
}

bool strset_equal(const struct strset *a, const struct strset *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    }
    return true;
}

char *strset_join(const struct strset *set, const char *separator)
{
    size_t length = 1;

    for (size_t i = 0; i < set->count; i++)
        length += strlen(set->items[i]) + strlen(separator);
    char *joined = mem_new(length, 1);
    char *end = joined;
    for (size_t i = 0; i < set->count; i++) {
        if (i > 0)
            end = stpcpy(end, separator);
        end = stpcpy(end, set->items[i]);
    }
    return joined;
}

char *strset_join_some(const struct strset *set, const char *separator, size_t max)
{
    struct strset some = {.items = set->items, .count = set->count < max ? set->count : max};
    char *joined = strset_join(&some, separator);

    if (some.count == set->count)
        return joined;
    char *words = mem_format("%s and %zu more", joined, set->count - some.count);
    free(joined);
    return words;
}

void strset_free(struct strset *set)
{
    for (size_t i = 0; i < set->count; i++)
        free(set->items[i]);
    free(set->items);
    *set = (struct strset){0};
}
