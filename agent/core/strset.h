/*
 * A set of strings, kept sorted (strcmp order), so that output is deterministic.
 */
#ifndef WATERTIGHT_AGENT_CORE_STRSET_H
#define WATERTIGHT_AGENT_CORE_STRSET_H

#include <stdbool.h>
#include <stddef.h>

struct strset {
    char **items; /* count strings, owned, ascending, no two equal */
    size_t count;
    size_t capacity;
};

/* Adds a copy of text; nothing happens when it is there already. */
void strset_add(struct strset *set, const char *text);

/* Removes text; nothing happens when it is not there. */
void strset_remove(struct strset *set, const char *text);

bool strset_has(const struct strset *set, const char *text);

/* Adds every element of from to set. */
void strset_add_all(struct strset *set, const struct strset *from);

/* The elements of a that are not in b, or those that are in both. The caller frees the result. */
struct strset strset_minus(const struct strset *a, const struct strset *b);
struct strset strset_common(const struct strset *a, const struct strset *b);

bool strset_equal(const struct strset *a, const struct strset *b);

/* The elements joined by separator; the caller frees it. An empty set gives "". */
char *strset_join(const struct strset *set, const char *separator);

/* The same for a person: at most the first max elements, then "and N more". */
char *strset_join_some(const struct strset *set, const char *separator, size_t max);

void strset_free(struct strset *set);

#endif
