/*
 * A small catalogue of facts for tests that need no probe.
 */
#ifndef WATERTIGHT_TESTS_UNIT_CATALOG_H
#define WATERTIGHT_TESTS_UNIT_CATALOG_H

#include "agent/core/fact.h"

extern const struct fact_key key_bool;       /* "test.bool" */
extern const struct fact_key key_integer;    /* "test.integer" */
extern const struct fact_key key_other;      /* "test.other", an integer */
extern const struct fact_key key_text;       /* "test.text" */
extern const struct fact_key key_set;        /* "test.set" */
extern const struct fact_key key_word;       /* "test.word", of the vocabulary red, green, blue */
extern const struct fact_key key_path;       /* "test.path", a text; subjects: requested paths */
extern const struct fact_key key_everywhere; /* "test.everywhere", an integer; all subjects */

/* All of them; the caller frees it. */
struct fact_catalog test_catalog(void);

#endif
