/*
 * What a fact, an operand or a parameter holds: a bool, an integer, a text or a set of texts.
 */
#ifndef WATERTIGHT_AGENT_CORE_VALUE_H
#define WATERTIGHT_AGENT_CORE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/core/strset.h"

enum value_type { VALUE_NONE, VALUE_BOOL, VALUE_INTEGER, VALUE_TEXT, VALUE_SET };

struct value {
    enum value_type type;
    union {
        bool boolean;
        int64_t integer;
        char *text;        /* owned */
        struct strset set; /* owned */
    };
};

struct value value_bool(bool boolean);
struct value value_integer(int64_t integer);
struct value value_text(const char *text);  /* copies */
struct value value_set(struct strset *set); /* takes over the set's elements and empties it */
struct value value_copy(const struct value *value);

bool value_equal(const struct value *a, const struct value *b);

/*
 * The value as a person reads it: "true", "1000", the text itself, "A, B" (an empty set: "none").
 * The caller frees it.
 */
char *value_words(const struct value *value);

/* The same, with at most max elements of a set, then "and N more". The caller frees it. */
char *value_words_some(const struct value *value, size_t max);

/* The value as a set: a set is copied, a scalar becomes the one element. The caller frees it. */
struct strset value_as_set(const struct value *value);

/* "boolean", "integer", "text", "set of texts": for messages. */
const char *value_type_name(enum value_type type);

void value_free(struct value *value);

#endif
