/*
 * check --all: every container that is to be seen, one report each.
 */
#ifndef WATERTIGHT_AGENT_ASSESS_ALL_H
#define WATERTIGHT_AGENT_ASSESS_ALL_H

#include "agent/assessment.h"

/* Whether the options go together with --all, and every format can hold several reports. */
bool assess_all_check(const struct assessment *assessment, struct error *err) MUST_USE;

/* Observes and judges each container, and writes the reports. Returns the worst exit status. */
int assess_all(struct assessment *assessment);

#endif
