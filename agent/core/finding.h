/*
 * Findings: one row for each rule and subject, in the policy's order.
 */
#ifndef WATERTIGHT_AGENT_CORE_FINDING_H
#define WATERTIGHT_AGENT_CORE_FINDING_H

#include <stddef.h>

#include "agent/core/policy.h"

enum status { STATUS_PASS, STATUS_FAIL, STATUS_UNKNOWN, STATUS_SKIP, STATUS_WAIVED };
enum { STATUS_COUNT = STATUS_WAIVED + 1 };

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_INCOMPLETE };

struct finding {
    const struct rule *rule; /* lent by the policy, which must outlive the finding */
    char *subject;           /* owned; NULL without subject */
    enum status status;
    char *message; /* owned; one sentence for a person, never NULL */
    /* Texts and sets are lent, by the policy and by the facts, which must outlive the finding. */
    struct value expected; /* VALUE_NONE for the operator `empty` */
    struct value observed; /* VALUE_NONE when unknown or absent */
};

struct findings {
    struct finding *rows;
    size_t count, capacity;
    size_t totals[STATUS_COUNT]; /* how many rows have each status */
};

/*
 * fail: at least one failure at or above fail_on. incomplete: no such failure, and at least one
 * unknown, of any severity. pass: otherwise.
 */
enum verdict findings_verdict(const struct findings *findings, enum severity fail_on);

/*
 * What sums up many failures: the message of the rule "privileges.container" where that fails,
 * lent, or NULL. It is told besides the findings, and hides none.
 */
const char *findings_headline(const struct findings *findings);

const char *status_name(enum status status);    /* "pass" "fail" "unknown" "skip" "waived" */
const char *verdict_name(enum verdict verdict); /* "pass" "fail" "incomplete" */

void findings_free(struct findings *findings);

#endif
