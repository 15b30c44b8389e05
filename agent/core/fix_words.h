/*
 * What the placeholders of a fix stand for: see struct fix_side.
 */
#ifndef WATERTIGHT_AGENT_CORE_FIX_WORDS_H
#define WATERTIGHT_AGENT_CORE_FIX_WORDS_H

#include "agent/core/fact.h"
#include "agent/core/finding.h"
#include "agent/core/placeholder.h"

enum { FIX_ID_MAX = 24 };

/* Whom the process should be: whoever it is now, where no rule fails for it. */
struct fix_ids {
    bool has_new_uid;
    char uid[FIX_ID_MAX], gid[FIX_ID_MAX]; /* decimal */
};

struct fix_ids fix_ids_of(const struct facts *facts, const struct policy *policy,
                          const struct findings *findings);

enum { FIX_WORDS = 4 };

struct fix_words {
    const struct facts *facts;     /* lent */
    const struct finding *finding; /* lent; whose words these are */
    struct placeholder rows[FIX_WORDS];
    char *name;                 /* owned; a row lends it */
    struct strset kept, excess; /* owned */
};

/* The words for one finding; lends from all three. The caller frees them. */
struct fix_words fix_words_of(const struct facts *facts, const struct finding *finding,
                              const struct fix_ids *ids);

/* Puts a copy of from, with its placeholders filled in, into out: an empty tree of its kind. */
void fix_words_fill(const struct fix_words *words, const struct tree *from, struct tree *out);

void fix_words_free(struct fix_words *words);

#endif
