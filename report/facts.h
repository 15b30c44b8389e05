/*
 * Facts as JSON, for the report and for `observe`.
 */
#ifndef WATERTIGHT_REPORT_FACTS_H
#define WATERTIGHT_REPORT_FACTS_H

#include <stdio.h>

#include "agent/core/report.h"

/*
 * Writes the document of schema watertight.facts/1: tool, target, started, duration_ms, facts. The
 * report's policy and findings are not looked at and may be NULL. ferror(out) is the check.
 */
void report_facts_write(const struct report *report, FILE *out);

#endif
