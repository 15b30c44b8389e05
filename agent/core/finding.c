/*
 * Findings: the verdict, names, and freeing. See finding.h.
 */
#include "agent/core/finding.h"

#include <stdlib.h>
#include <string.h>

enum verdict findings_verdict(const struct findings *findings, enum severity fail_on)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *row = &findings->rows[i];
        if (row->status == STATUS_FAIL && row->rule->severity >= fail_on)
            return VERDICT_FAIL;
    }
    /* Even below fail_on: what could not be seen has no proven severity to be measured by. */
    return findings->totals[STATUS_UNKNOWN] > 0 ? VERDICT_INCOMPLETE : VERDICT_PASS;
}

const char *findings_headline(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *row = &findings->rows[i];
        if (row->status == STATUS_FAIL && strcmp(row->rule->id, "privileges.container") == 0)
            return row->message;
    }
    return NULL;
}

const char *status_name(enum status status)
{
    static const char *const names[] = {
        [STATUS_PASS] = "pass", [STATUS_FAIL] = "fail",     [STATUS_UNKNOWN] = "unknown",
        [STATUS_SKIP] = "skip", [STATUS_WAIVED] = "waived",
    };

    return names[status];
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        [VERDICT_PASS] = "pass", [VERDICT_FAIL] = "fail", [VERDICT_INCOMPLETE] = "incomplete"};

    return names[verdict];
}

void findings_free(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        free(findings->rows[i].subject);
        free(findings->rows[i].message);
    }
    free(findings->rows);
    *findings = (struct findings){0};
}
