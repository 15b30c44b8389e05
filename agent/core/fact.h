/*
 * Facts: what was observed, as rows of (key, subject or none, state, value). Probes declare the
 * keys they fill, put the rows, and never judge; the judge reads the rows and nothing else.
 */
#ifndef WATERTIGHT_AGENT_CORE_FACT_H
#define WATERTIGHT_AGENT_CORE_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/core/value.h"

enum fact_state {
    FACT_KNOWN,  /* observed; value holds it */
    FACT_ABSENT, /* observed that there is no such thing; no value */
    FACT_UNKNOWN /* could not be observed; reason says why; no value */
};

/* What the subjects of a key are, and whether its rows name all that there are. */
enum fact_subjects {
    SUBJECTS_NONE,      /* one row, no subject */
    SUBJECTS_REQUESTED, /* a row for each subject that was asked for; any other is unknown */
    SUBJECTS_ALL        /* a row for each that exists; any other is absent, if there is a row */
};

struct vocabulary; /* vocabulary.h: the words that a value may hold */

/* A key, as its probe declares it. All pointers are constants that outlive every fact. */
struct fact_key {
    const char *name; /* "capabilities.effective" */
    enum value_type type;
    enum fact_subjects subjects;
    const char *subject_name;                    /* "path", "mount point"; NULL without subjects */
    const struct vocabulary *vocabulary;         /* NULL: any text */
    const struct vocabulary *subject_vocabulary; /* NULL: any subject of that kind */
    const char *summary;                         /* one line for `list facts` */
};

/* Every key that some probe declares, in registry order. */
struct fact_catalog {
    const struct fact_key **keys; /* owned array of constants */
    size_t count;
};

struct fact {
    const struct fact_key *key;
    char *subject; /* owned; NULL without subject */
    enum fact_state state;
    struct value value; /* VALUE_NONE unless known */
    char *reason;       /* owned; why it is unknown, else NULL */
    char *detail;       /* owned; the evidence behind the value, in words, or NULL */
};

struct facts {
    struct fact *rows;
    size_t count;
    size_t capacity;
};

/*
 * Put one row. key lends (it must outlive facts), everything else is copied. Texts from foreign
 * sources are cleaned on the way in: a byte that is not part of valid UTF-8, and every control
 * character but '\n', becomes \xNN, so that no output can be broken or forged by a mount point's
 * name. subject is NULL for a key without subjects, or, with facts_put_unknown, for "every subject
 * of this key". Each returns the row, lent until the next put, so that a detail can be added.
 */
struct fact *facts_put_bool(struct facts *facts, const struct fact_key *key, const char *subject,
                            bool value);
struct fact *facts_put_integer(struct facts *facts, const struct fact_key *key, const char *subject,
                               int64_t value);
struct fact *facts_put_text(struct facts *facts, const struct fact_key *key, const char *subject,
                            const char *value);
/* Takes over the set's elements and leaves it empty. */
struct fact *facts_put_set(struct facts *facts, const struct fact_key *key, const char *subject,
                           struct strset *set);
struct fact *facts_put_absent(struct facts *facts, const struct fact_key *key, const char *subject);
struct fact *facts_put_unknown(struct facts *facts, const struct fact_key *key, const char *subject,
                               const char *reason);

/* Takes away every row of the key. */
void facts_remove(struct facts *facts, const struct fact_key *key);

/*
 * Puts the rows of by, which is left empty, in place of the rows of the same keys. The keys stand
 * in the same order in both; those that facts has not are dropped.
 */
void facts_replace(struct facts *facts, struct facts *by);

/* Replaces the evidence of a row by a cleaned copy of detail. */
void fact_set_detail(struct fact *fact, const char *detail);

/* The row, lent, or NULL when there is none. subject NULL finds the row without subject. */
const struct fact *facts_find(const struct facts *facts, const char *key, const char *subject);

/* The text of a known text fact without subject, lent, or NULL. */
const char *facts_text(const struct facts *facts, const char *key);

/* The key of that name, or NULL. */
const struct fact_key *fact_catalog_find(const struct fact_catalog *catalog, const char *name);
void fact_catalog_free(struct fact_catalog *catalog);

const char *fact_state_name(enum fact_state state); /* "known" "absent" "unknown" */

/* A cleaned copy of text, as the put functions make it; the caller frees it. */
char *fact_clean_text(const char *text);

void facts_free(struct facts *facts);

#endif
