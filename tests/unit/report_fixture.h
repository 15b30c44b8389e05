/*
 * A report with one finding of each status, for the tests of the formats.
 */
#ifndef WATERTIGHT_TESTS_UNIT_REPORT_FIXTURE_H
#define WATERTIGHT_TESTS_UNIT_REPORT_FIXTURE_H

#include "agent/core/report.h"
#include "report/reporter.h"

struct report_fixture {
    struct policy policy;
    struct facts facts;
};

/* Judges made facts: a pass, a failure, an unknown, a skip, a waived and a failure that is low. */
struct report_fixture report_fixture_make(enum severity fail_on);
void report_fixture_free(struct report_fixture *fixture);

/* What the format of that name writes; the caller frees it. */
char *report_fixture_write(const struct report_fixture *fixture, const char *format, bool color,
                           int width);

/*
 * What that format writes, 80 columns wide, of a report made by hand: also of what no policy's
 * loader lets through. facts may be NULL. The caller frees it.
 */
char *report_fixture_write_findings(const struct findings *findings, const struct policy *policy,
                                    const struct facts *facts, const char *format);

#endif
