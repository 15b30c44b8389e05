/*
 * A small document of maps, lists and scalars: what a piece of configuration is made of, and which
 * rules asked for each part of it.
 */
#ifndef WATERTIGHT_AGENT_CORE_TREE_H
#define WATERTIGHT_AGENT_CORE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/core/strset.h"
#include "agent/core/value.h"

enum tree_kind { TREE_MAP, TREE_LIST, TREE_SCALAR };

/* Zeroed, it is an empty map. */
struct tree {
    enum tree_kind kind;
    char *key;             /* owned; of a member of a map, else NULL */
    struct value scalar;   /* of a scalar: bool, integer or text */
    struct strset sources; /* who asked for a scalar, or for an empty map or list */
    struct tree *children; /* owned; in the order in which they came */
    size_t count, capacity;
};

/* Appends an empty child (key NULL in a list) and lends it, until the next one is appended. */
struct tree *tree_add(struct tree *parent, const char *key, enum tree_kind kind);

/* Appends a scalar; takes over value. */
void tree_add_scalar(struct tree *parent, const char *key, struct value value);

/* The member of a map, lent, or NULL. */
struct tree *tree_member(const struct tree *map, const char *key);

/* The same content; who asked for it does not count. */
bool tree_equal(const struct tree *a, const struct tree *b);

/* Whether YAML, of any version, reads the text as that text without quotes. */
bool tree_text_is_plain(const char *text);

/*
 * Puts into `into` what `from`, a tree of the same kind, has more: members of maps, elements of
 * lists. Every leaf of `from` is then marked with source (NULL: not marked). False where both have
 * different scalars or kinds in one place: into keeps its own there.
 */
bool tree_merge(struct tree *into, const struct tree *from, const char *source);

void tree_free(struct tree *tree);

#endif
