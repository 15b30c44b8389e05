/*
 * Judging is a pure function: the same facts, policy and date give the same findings, always.
 */
#ifndef WATERTIGHT_AGENT_CORE_JUDGE_H
#define WATERTIGHT_AGENT_CORE_JUDGE_H

#include "agent/core/fact.h"
#include "agent/core/finding.h"
#include "agent/core/policy.h"

/*
 * Judges facts by policy. today (UTC) decides which waivers have expired. Fills out, which the
 * caller zeroed and frees; it lends from policy and from facts. A fact that is unknown, or that was
 * not observed at all, never makes a pass.
 */
void judge(const struct facts *facts, const struct policy *policy, struct date today,
           struct findings *out);

#endif
