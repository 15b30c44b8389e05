/*
 * Near matches for misspelt words: "did you mean …?".
 */
#ifndef WATERTIGHT_AGENT_SUGGEST_H
#define WATERTIGHT_AGENT_SUGGEST_H

#include <stddef.h>

#include "agent/core/vocabulary.h"

/*
 * The candidate nearest to word by edits (a letter inserted, removed, changed, or two neighbours
 * exchanged; case does not count), lent, or NULL when none is near. nth lends the candidates by
 * index and NULL past the end. Of equally near ones the first.
 */
const char *suggest_nearest(const char *word, const char *(*nth)(size_t index, const void *context),
                            const void *context);

/* The word of a vocabulary nearest to word, with or without its prefix. Caller frees; or NULL. */
char *suggest_word(const struct vocabulary *vocabulary, const char *word);

#endif
