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

/* What the format of that name writes of the whole fixture, 80 columns wide. The caller frees it.
 */
char *report_fixture_write_all(const char *format, enum severity fail_on);

/*
 * What that format writes, 80 columns wide, of a report made by hand: also of what no policy's
 * loader lets through. facts may be NULL. The caller frees it.
 */
char *report_fixture_write_findings(const struct findings *findings, const struct policy *policy,
                                    const struct facts *facts, const char *format);

/*
 * The same of one finding of a rule "t.rule", at the hands of a policy "hand" that fails on
 * anything. The caller frees it.
 */
char *report_fixture_write_one(const char *title, const char *subject, const char *message,
                               enum status status, const char *format);

/* What that format writes of any report; the caller frees it. */
char *report_fixture_write_report(const struct report *report, const char *format);

/* An expectation that text holds part. */
void report_expect_in(const char *text, const char *part);

#endif
