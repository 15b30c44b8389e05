/*
 * What a rule says of the configuration that answers it, as data: what to add and what to remove,
 * for each kind of configuration. fix.h makes one change of many.
 */
#ifndef WATERTIGHT_AGENT_CORE_RULE_FIX_H
#define WATERTIGHT_AGENT_CORE_RULE_FIX_H

#include <stdbool.h>

#include "agent/core/strset.h"
#include "agent/core/tree.h"

enum fix_target { FIX_DOCKER, FIX_COMPOSE, FIX_KUBERNETES };
enum { FIX_TARGETS = FIX_KUBERNETES + 1 };

/*
 * Where a path lies: the root's mount, a tmpfs that is mounted right there, the engine's own /dev,
 * any other mount; or such a one that a rule wants as it is, of those that the fix may break.
 */
enum fix_place { PLACE_NONE, PLACE_ROOT, PLACE_TMPFS, PLACE_DEV, PLACE_ELSEWHERE, PLACE_NEEDED };
enum { FIX_PLACES = PLACE_NEEDED + 1 };

/*
 * Texts in it hold placeholders: {subject}, {name} (a label made of the subject), {uid} and {gid}
 * (whom the process should be). An element of a list may hold {kept} or {excess}: it is repeated
 * for each word that was observed and is allowed, or is not. One that holds {mount} is repeated for
 * each mount point that such a word, or the subject, is about, and left out where there is none.
 */
struct fix_side {
    bool is_given;
    /*
     * docker: the long options of `docker run`, without dashes, and their values. compose: members
     * of the service. kubernetes: members of "pod" (its spec) and of "container".
     */
    struct tree add;
    struct tree remove; /* a list of texts: what must not stand there, where it does */
    char *reason;       /* owned; why configuration cannot do it (then nothing else is set) */
};

struct rule_fix {
    struct fix_side sides[FIX_TARGETS];
    /*
     * In their place, where the subject lies at such a place; without a subject, for those of the
     * words that do: three sides for each place, owned, or NULL for a fix that asks for no place.
     */
    struct fix_side (*at)[FIX_TARGETS];
    struct fix_side podman; /* further options of `docker run` where Podman runs the container */
    struct strset about;    /* paths that a finding without subject is about: their place counts */
    struct strset breaks;   /* rules that may fail once this fix is made */
};

const char *fix_target_name(enum fix_target target); /* "docker" "compose" "kubernetes" */

/* Whether text holds known placeholders only; *unknown then lends the first that is not. */
bool rule_fix_is_valid(const char *text, const char **unknown);

/* Whether a text is nothing but a user or group id: it becomes an integer then. */
bool rule_fix_is_id(const char *text);

const char *fix_place_name(enum fix_place place); /* as policies name it, or NULL */

/*
 * What holds at a place. Where nothing is said of it but of elsewhere, that holds for all but the
 * root; but what mounts a tmpfs replaces one.
 */
const struct fix_side *rule_fix_side(const struct rule_fix *fix, enum fix_place place,
                                     enum fix_target target);

/* What is said of a place and of nowhere else, or NULL. */
const struct fix_side *rule_fix_side_at(const struct rule_fix *fix, enum fix_place place,
                                        enum fix_target target);

/* The three sides of a place, to be filled in. */
struct fix_side *rule_fix_make_place(struct rule_fix *fix, enum fix_place place);

bool rule_fix_has_places(const struct rule_fix *fix);

/* Whether an element of a list is to be repeated: for {kept}, {excess} or {mount}. */
bool rule_fix_is_repeated(const struct tree *element);

/*
 * One side in words, on one line: "--cap-drop=ALL; remove --cap-add", or the reason. NULL when the
 * side is not given. subject is what a subject is called ("path") or NULL. The caller frees it.
 */
char *rule_fix_words(const struct rule_fix *fix, enum fix_target target, const char *subject);

void rule_fix_free(struct rule_fix *fix);

#endif
