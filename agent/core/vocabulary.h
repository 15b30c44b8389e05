/*
 * The words that a value may hold, where the field has a fixed vocabulary (capability names, modes
 * of seccomp), so that a rule with a word that no fact can ever have is refused.
 */
#ifndef WATERTIGHT_AGENT_CORE_VOCABULARY_H
#define WATERTIGHT_AGENT_CORE_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/core/strset.h"

enum { VOCABULARY_WORD_MAX = 128 };

struct vocabulary {
    const char *name;         /* what a word is, for messages: "capability" */
    const char *const *words; /* the words, ended by NULL; or NULL, and nth gives them */
    const char *prefix;       /* that a word may be given without ("CAP_"), or NULL */
    /*
     * Writes the standard spelling of word; false when there is no such word. NULL: each has one
     * spelling only.
     */
    bool (*normalize)(const char *word, char out[static VOCABULARY_WORD_MAX]);
    /* Writes the word at index; false past the end. */
    bool (*nth)(size_t index, char out[static VOCABULARY_WORD_MAX]);
};

/* Numbers: in decimal, without needless zeros; and those of users and groups. */
extern const struct vocabulary vocabulary_number;
extern const struct vocabulary vocabulary_id;

/* "true" and "false" */
extern const struct vocabulary vocabulary_truth;

/* The standard spelling of word ("chown" -> "CAP_CHOWN"), which the caller frees, or NULL. */
char *vocabulary_normalize(const struct vocabulary *vocabulary, const char *word);

/* All words; the caller frees the set. */
struct strset vocabulary_words(const struct vocabulary *vocabulary);

#endif
