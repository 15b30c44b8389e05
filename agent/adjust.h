/*
 * Fits a policy to what the command line asks: --only, --skip, --allow-cap, --writable,
 * --read-only, --seccomp-profile, --fail-on. Judges nothing.
 */
#ifndef WATERTIGHT_AGENT_ADJUST_H
#define WATERTIGHT_AGENT_ADJUST_H

#include "agent/core/error.h"
#include "agent/core/policy.h"
#include "agent/options.h"

/*
 * Changes policy, which came from policy_load with the same catalog. A word that fits nothing in
 * it, or a selection that leaves nothing to check, is an error: it would look like a pass.
 */
bool adjust_policy(const struct options *options, const struct fact_catalog *catalog,
                   struct policy *policy, struct error *err) MUST_USE;

#endif
