/*
 * Trees. See tree.h.
 */
#include "agent/core/tree.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/core/mem.h"

struct tree *tree_add(struct tree *parent, const char *key, enum tree_kind kind)
{
    parent->children =
        mem_grow(parent->children, parent->count, &parent->capacity, sizeof *parent->children);
    struct tree *child = &parent->children[parent->count++];
    *child = (struct tree){.kind = kind, .key = mem_copy(key)};
    return child;
}

void tree_add_scalar(struct tree *parent, const char *key, struct value value)
{
    tree_add(parent, key, TREE_SCALAR)->scalar = value;
}

struct tree *tree_member(const struct tree *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->children[i].key, key) == 0)
            return &map->children[i];
    }
    return NULL;
}

bool tree_equal(const struct tree *a, const struct tree *b)
{
    if (a->kind != b->kind || a->count != b->count)
        return false;
    if (a->kind == TREE_SCALAR)
        return value_equal(&a->scalar, &b->scalar);
    for (size_t i = 0; i < a->count; i++) {
        const struct tree *other =
            a->kind == TREE_MAP ? tree_member(b, a->children[i].key) : &b->children[i];
        if (other == NULL || !tree_equal(&a->children[i], other))
            return false;
    }
    return true;
}

/* Words that a parser takes for booleans or null, some of version 1.1 only. */
static bool is_reserved(const char *text)
{
    static const char *const words[] = {"true", "false", "yes", "no",   "on",
                                        "off",  "y",     "n",   "null", NULL};

    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcasecmp(words[i], text) == 0)
            return true;
    }
    return false;
}

/* Begins with a letter, or is a path, and holds nothing that YAML gives a meaning. */
bool tree_text_is_plain(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    if (text[0] == '\0' || (strchr(letters, text[0]) == NULL && text[0] != '/'))
        return false;
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789._/-");
    return text[length] == '\0' && !is_reserved(text);
}

/* Where a child of `from` belongs: what stands there already, or a new place. */
static struct tree *place_for(struct tree *into, const struct tree *child)
{
    if (into->kind == TREE_MAP) {
        struct tree *member = tree_member(into, child->key);
        if (member != NULL)
            return member;
    }
    for (size_t i = 0; into->kind == TREE_LIST && i < into->count; i++) {
        if (tree_equal(&into->children[i], child))
            return &into->children[i];
    }
    struct tree *place = tree_add(into, child->key, child->kind);
    place->scalar = value_copy(&child->scalar);
    return place;
}

bool tree_merge(struct tree *into, const struct tree *from, const char *source)
{
    bool fits = true;

    if (into->kind != from->kind ||
        (from->kind == TREE_SCALAR && !value_equal(&into->scalar, &from->scalar)))
        return false;
    for (size_t i = 0; i < from->count; i++)
        fits &= tree_merge(place_for(into, &from->children[i]), &from->children[i], source);
    if (from->count == 0 && source != NULL)
        strset_add(&into->sources, source);
    return fits;
}

void tree_free(struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        tree_free(&tree->children[i]);
    free(tree->children);
    free(tree->key);
    value_free(&tree->scalar);
    strset_free(&tree->sources);
    *tree = (struct tree){0};
}
