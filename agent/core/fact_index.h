/*
 * Finds rows by key and subject in O(log n): a container may have 50,000 mounts, and rules ask for
 * each of them.
 */
#ifndef WATERTIGHT_AGENT_CORE_FACT_INDEX_H
#define WATERTIGHT_AGENT_CORE_FACT_INDEX_H

#include "agent/core/fact.h"

struct fact_index {
    const struct fact **rows; /* owned array; by key, then subject, then row order */
    size_t count;
};

/* Indexes facts, which must outlive the index and must not grow meanwhile. */
struct fact_index fact_index_build(const struct facts *facts);

/* The first row of key and subject (NULL: the row without subject), or NULL. */
const struct fact *fact_index_find(const struct fact_index *index, const struct fact_key *key,
                                   const char *subject);

/* All rows of a key: the first of them, and how many follow each other from there. */
const struct fact **fact_index_rows(const struct fact_index *index, const struct fact_key *key,
                                    size_t *count);

void fact_index_free(struct fact_index *index);

#endif
