/*
 * Saved facts under tests/fixtures/facts/, judged by a built-in policy.
 */
#ifndef WATERTIGHT_TESTS_UNIT_FACTS_FILE_H
#define WATERTIGHT_TESTS_UNIT_FACTS_FILE_H

#include "agent/core/finding.h"
#include "agent/core/policy.h"

struct judged_file {
    struct fact_catalog catalog;
    struct policy policy;
    struct facts facts;
    struct findings findings;
};

/* Reads NAME.json and the policy, and judges. The caller frees it. */
struct judged_file facts_file_judge(const char *name, const char *policy);

/* Judges again, after something was changed. */
void facts_file_judge_again(struct judged_file *file);

/* The first finding of the rule and subject (or NULL); a failed assertion when there is none. */
const struct finding *facts_file_finding(const struct judged_file *file, const char *rule,
                                         const char *subject);

/* The row of that key and subject (or NULL), to change. */
struct fact *facts_file_row(struct judged_file *file, const char *key, const char *subject);

void facts_file_free(struct judged_file *file);

#endif
