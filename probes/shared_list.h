/*
 * Texts that a throw-away child finds, in memory that it shares with its parent.
 */
#ifndef WATERTIGHT_PROBES_SHARED_LIST_H
#define WATERTIGHT_PROBES_SHARED_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/core/error.h"
#include "agent/core/strset.h"

enum { SHARED_LIST_BYTES = 16384 };

/* Zeroed memory is an empty list. */
struct shared_list {
    size_t used;
    bool is_full;                 /* something did not fit */
    char text[SHARED_LIST_BYTES]; /* the texts, each with its zero byte */
};

/* Adds a text (printf(3)). False when it did not fit. */
bool shared_list_add(struct shared_list *list, const char *format, ...) PRINTF_LIKE(2, 3);

/* Adds every text of the list to set. */
void shared_list_read(const struct shared_list *list, struct strset *set);

#endif
