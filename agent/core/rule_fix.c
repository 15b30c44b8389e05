/*
 * The fix of one rule: its words and its placeholders. See rule_fix.h.
 */
#include "agent/core/rule_fix.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/core/placeholder.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char *fix_target_name(enum fix_target target)
{
    static const char *const names[FIX_TARGETS] = {
        [FIX_DOCKER] = "docker", [FIX_COMPOSE] = "compose", [FIX_KUBERNETES] = "kubernetes"};

    return names[target];
}

const char *fix_place_name(enum fix_place place)
{
    static const char *const names[FIX_PLACES] = {[PLACE_ROOT] = "root",
                                                  [PLACE_TMPFS] = "tmpfs",
                                                  [PLACE_DEV] = "dev",
                                                  [PLACE_ELSEWHERE] = "elsewhere",
                                                  [PLACE_NEEDED] = "needed"};

    return names[place];
}

const struct fix_side *rule_fix_side_at(const struct rule_fix *fix, enum fix_place place,
                                        enum fix_target target)
{
    return fix->at != NULL && fix->at[place][target].is_given ? &fix->at[place][target] : NULL;
}

struct fix_side *rule_fix_make_place(struct rule_fix *fix, enum fix_place place)
{
    if (fix->at == NULL)
        fix->at = mem_new(FIX_PLACES, sizeof *fix->at);
    return fix->at[place];
}

const struct fix_side *rule_fix_side(const struct rule_fix *fix, enum fix_place place,
                                     enum fix_target target)
{
    const struct fix_side *here = rule_fix_side_at(fix, place, target);
    const struct fix_side *elsewhere = rule_fix_side_at(fix, PLACE_ELSEWHERE, target);
    bool mounts_tmpfs = tree_member(&fix->sides[FIX_DOCKER].add, "tmpfs") != NULL;
    bool is_elsewhere = place > PLACE_ROOT && !(place == PLACE_TMPFS && mounts_tmpfs);

    if (here != NULL)
        return here;
    return is_elsewhere && elsewhere != NULL ? elsewhere : &fix->sides[target];
}

bool rule_fix_has_places(const struct rule_fix *fix)
{
    return fix->at != NULL;
}

bool rule_fix_is_valid(const char *text, const char **unknown)
{
    static const struct placeholder known[] = {
        {.name = "{subject}"}, {.name = "{name}"},   {.name = "{uid}"},  {.name = "{gid}"},
        {.name = "{kept}"},    {.name = "{excess}"}, {.name = "{mount}"}};

    *unknown = placeholder_unknown(text, known, COUNT(known));
    return *unknown == NULL;
}

bool rule_fix_is_id(const char *text)
{
    return strcmp(text, "{uid}") == 0 || strcmp(text, "{gid}") == 0;
}

bool rule_fix_is_repeated(const struct tree *element)
{
    return element->kind == TREE_SCALAR && element->scalar.type == VALUE_TEXT &&
           (strstr(element->scalar.text, "{kept}") != NULL ||
            strstr(element->scalar.text, "{excess}") != NULL ||
            strstr(element->scalar.text, "{mount}") != NULL);
}

/* --- in words ------------------------------------------------------------------------------- */

struct wording {
    struct placeholder words[6];
    bool is_yaml;
    char *text; /* owned; what has been said so far */
    size_t length, capacity;
};

static void say_more(struct wording *wording, const char *more)
{
    size_t length = strlen(more);

    if (wording->length + length + 1 > wording->capacity) {
        wording->capacity = 2 * (wording->length + length + 1);
        wording->text = mem_resize(wording->text, wording->capacity);
    }
    memcpy(wording->text + wording->length, more, length + 1);
    wording->length += length;
}

static bool is_only_repeated(const struct tree *tree)
{
    bool is_only = tree->kind == TREE_LIST && tree->count > 0;

    for (size_t i = 0; i < tree->count; i++)
        is_only = is_only && rule_fix_is_repeated(&tree->children[i]);
    return is_only;
}

static void say_scalar(struct wording *wording, const struct value *value)
{
    CLEANUP(mem_free_text) char *words = value_words(value);
    CLEANUP(mem_free_text)
    char *filled = placeholder_fill(words, wording->words, COUNT(wording->words));

    bool is_quoted = wording->is_yaml && value->type == VALUE_TEXT &&
                     !rule_fix_is_id(value->text) && !tree_text_is_plain(filled);
    say_more(wording, is_quoted ? "\"" : "");
    say_more(wording, filled);
    say_more(wording, is_quoted ? "\"" : "");
}

/* As YAML writes it on one line. */
static void say_flow(struct wording *wording, const struct tree *tree)
{
    size_t said = 0;

    if (tree->kind == TREE_SCALAR) {
        say_scalar(wording, &tree->scalar);
        return;
    }
    say_more(wording, tree->kind == TREE_MAP ? "{" : "[");
    for (size_t i = 0; i < tree->count; i++) {
        const struct tree *child = &tree->children[i];
        if (rule_fix_is_repeated(child) || is_only_repeated(child))
            continue;
        say_more(wording, said++ > 0 ? ", " : "");
        if (child->key != NULL) {
            say_more(wording, child->key);
            say_more(wording, ": ");
        }
        say_flow(wording, child);
    }
    say_more(wording, tree->kind == TREE_MAP ? "}" : "]");
}

/* Each member of the map as "key: value"; a map in it as its members, "key.member: value". */
static void say_members(struct wording *wording, const struct tree *map, const char *path)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct tree *child = &map->children[i];
        CLEANUP(mem_free_text) char *place = mem_format("%s%s", path, child->key);
        if (is_only_repeated(child))
            continue;
        if (child->kind == TREE_MAP && child->count > 0) {
            CLEANUP(mem_free_text) char *inner = mem_format("%s.", place);
            say_members(wording, child, inner);
            continue;
        }
        say_more(wording, wording->length == 0 ? "" : ", ");
        say_more(wording, place);
        say_more(wording, ": ");
        say_flow(wording, child);
    }
}

static void say_flag(struct wording *wording, const char *name, const struct value *value)
{
    say_more(wording, wording->length == 0 ? "--" : " --");
    say_more(wording, name);
    if (value->type == VALUE_BOOL)
        return;
    say_more(wording, "=");
    say_scalar(wording, value);
}

static void say_flags(struct wording *wording, const struct tree *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct tree *option = &map->children[i];
        if (option->kind == TREE_SCALAR)
            say_flag(wording, option->key, &option->scalar);
        for (size_t k = 0; k < option->count; k++) {
            if (!rule_fix_is_repeated(&option->children[k]))
                say_flag(wording, option->key, &option->children[k].scalar);
        }
    }
}

static void say_removals(struct wording *wording, const struct tree *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *before = wording->length == 0 ? "remove " : "; remove ";
        say_more(wording, i == 0 ? before : ", ");
        say_scalar(wording, &list->children[i].scalar);
    }
}

char *rule_fix_words(const struct rule_fix *fix, enum fix_target target, const char *subject)
{
    const struct fix_side *side = &fix->sides[target];
    CLEANUP(mem_free_text) char *called = mem_copy(subject == NULL ? "" : subject);

    if (!side->is_given || side->reason != NULL)
        return mem_copy(side->reason);
    for (char *c = called; *c != '\0'; c++)
        *c = (char)(*c == ' ' ? '_' : toupper((unsigned char)*c));
    struct wording wording = {
        .words = {{"{subject}", called},
                  {"{name}", "NAME"},
                  {"{uid}", "1000"},
                  {"{gid}", "1000"},
                  {"{excess}", "NAME"},
                  {"{mount}", "PATH"}},
        .is_yaml = target != FIX_DOCKER,
    };
    say_more(&wording, "");
    if (target == FIX_DOCKER)
        say_flags(&wording, &side->add);
    for (size_t i = 0; target == FIX_KUBERNETES && i < side->add.count; i++)
        say_members(&wording, &side->add.children[i], "");
    if (target == FIX_COMPOSE)
        say_members(&wording, &side->add, "");
    wording.is_yaml = false; /* what is removed is named in words */
    say_removals(&wording, &side->remove);
    return wording.text;
}

static void free_side(struct fix_side *side)
{
    tree_free(&side->add);
    tree_free(&side->remove);
    free(side->reason);
}

void rule_fix_free(struct rule_fix *fix)
{
    for (size_t i = 0; i < FIX_TARGETS; i++) {
        free_side(&fix->sides[i]);
        for (size_t place = 0; fix->at != NULL && place < FIX_PLACES; place++)
            free_side(&fix->at[place][i]);
    }
    free(fix->at);
    free_side(&fix->podman);
    strset_free(&fix->about);
    strset_free(&fix->breaks);
    *fix = (struct rule_fix){0};
}
