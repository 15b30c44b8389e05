/*
 * Words and order that several formats share. See pieces.h.
 */
#include "report/pieces.h"

#include "agent/core/mem.h"

struct remedy_line pieces_remedy(const struct remedy *remedy, size_t index)
{
    const struct remedy_line lines[REMEDIES] = {
        {"docker", remedy->docker},
        {"compose", remedy->compose},
        {"kubernetes", remedy->kubernetes},
    };

    return lines[index];
}

bool pieces_is_below(const struct finding *finding, const struct policy *policy)
{
    return finding->status == STATUS_FAIL && finding->rule->severity < policy->fail_on;
}

char *pieces_counts(const struct report *report)
{
    const size_t *totals = report->findings->totals;
    bool is_below = report->verdict != VERDICT_FAIL && totals[STATUS_FAIL] > 0;
    CLEANUP(mem_free_text)
    char *below = is_below
                      ? mem_format(" (below --fail-on=%s)", severity_name(report->policy->fail_on))
                      : mem_copy("");

    return mem_format("%zu passed, %zu failed%s, %zu unknown, %zu skipped, %zu waived",
                      totals[STATUS_PASS], totals[STATUS_FAIL], below, totals[STATUS_UNKNOWN],
                      totals[STATUS_SKIP], totals[STATUS_WAIVED]);
}

char *pieces_target(const struct report *report)
{
    const char *runtime = facts_text(report->facts, "runtime.name");
    const char *id = facts_text(report->facts, "runtime.container_id");

    CLEANUP(mem_free_text)
    char *who = report->is_self        ? mem_copy(" (watertight itself)")
                : report->name == NULL ? mem_copy("")
                                       : mem_format(" (%s)", report->name);

    return mem_format("process %d%s, runtime %s%s%.12s", report->pid, who,
                      runtime == NULL ? "unknown" : runtime, id == NULL ? "" : " ",
                      id == NULL ? "" : id);
}

char *pieces_name(const struct finding *finding)
{
    const char *subject = finding->subject;

    return mem_format("%s%s%s", finding->rule->id, subject == NULL ? "" : " ",
                      subject == NULL ? "" : subject);
}

char *pieces_severity(const struct finding *finding, const struct policy *policy)
{
    const char *severity = severity_name(finding->rule->severity);

    if (!pieces_is_below(finding, policy))
        return mem_copy(severity);
    return mem_format("%s, below --fail-on=%s", severity, severity_name(policy->fail_on));
}

char *pieces_observed(const struct finding *finding)
{
    if (finding->observed.type == VALUE_NONE)
        return mem_copy("no such thing");
    return value_words(&finding->observed);
}

/* How early a finding is read: the smaller, the earlier. */
static int rank_of(const struct finding *finding)
{
    static const int ranks[] = {
        [STATUS_FAIL] = SEVERITY_CRITICAL,       [STATUS_UNKNOWN] = SEVERITY_CRITICAL + 1,
        [STATUS_WAIVED] = SEVERITY_CRITICAL + 2, [STATUS_SKIP] = SEVERITY_CRITICAL + 3,
        [STATUS_PASS] = SEVERITY_CRITICAL + 4,
    };

    if (finding->status == STATUS_FAIL)
        return ranks[STATUS_FAIL] - (int)finding->rule->severity;
    return ranks[finding->status];
}

const struct finding **pieces_ranked(const struct findings *findings)
{
    const struct finding **ranked = mem_new(findings->count + 1, sizeof *ranked);
    size_t count = 0;

    for (int rank = 0; count < findings->count; rank++) {
        for (size_t i = 0; i < findings->count; i++) {
            if (rank_of(&findings->rows[i]) == rank)
                ranked[count++] = &findings->rows[i];
        }
    }
    return ranked;
}
