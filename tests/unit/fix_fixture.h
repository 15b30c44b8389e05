/*
 * The fix of saved facts, for tests of it.
 */
#ifndef WATERTIGHT_TESTS_UNIT_FIX_FIXTURE_H
#define WATERTIGHT_TESTS_UNIT_FIX_FIXTURE_H

#include "tests/unit/facts_file.h"

/* What `watertight fix --format NAME` prints. The caller frees it. */
char *fix_text(const struct judged_file *file, const char *format);

/* Whether the words are there in what it prints for docker. */
void expect_in_fix(const struct judged_file *file, const char *words, bool is_there);

struct strset *param_set(struct judged_file *file, const char *name);

/* Adds a row of filesystem.write, and its path to the parameter. */
void put_write(struct judged_file *file, const char *path, const char *value, const char *param);

#endif
