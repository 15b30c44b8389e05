/*
 * What several formats say in the same words and order. Formats differ in how they quote it:
 * nothing here is quoted.
 */
#ifndef WATERTIGHT_REPORT_PIECES_H
#define WATERTIGHT_REPORT_PIECES_H

#include "agent/core/report.h"

enum { REMEDIES = 3 };

struct remedy_line {
    const char *name; /* "docker" */
    const char *text; /* lent; NULL: nothing to set there */
};

/* What to set in docker (index 0), Compose (1) and Kubernetes (2). */
struct remedy_line pieces_remedy(const struct remedy *remedy, size_t index);

/* A failure that does not fail the run: its severity is below the policy's threshold. */
bool pieces_is_below(const struct finding *finding, const struct policy *policy);

/* "15 passed, 2 failed, 0 unknown, 0 skipped, 0 waived". The caller frees it. */
char *pieces_counts(const struct report *report);

/* "process 1 (watertight itself), runtime docker 27f19c689f4c". The caller frees it. */
char *pieces_target(const struct report *report);

/* "user.uid.effective", or with its subject "filesystem.writable-path /tmp". The caller frees it.
 */
char *pieces_name(const struct finding *finding);

/* "high", or "low, below --fail-on=high". The caller frees it. */
char *pieces_severity(const struct finding *finding, const struct policy *policy);

/* What was observed, in whole; "no such thing" for what is absent. The caller frees it. */
char *pieces_observed(const struct finding *finding);

/*
 * Every finding, in the order in which a person wants to read: failures, then unknown, waived,
 * skipped and passed ones; among failures the most severe first, else as in the policy. The array
 * is the caller's to free, its elements are lent; it holds findings->count of them.
 */
const struct finding **pieces_ranked(const struct findings *findings);

#endif
