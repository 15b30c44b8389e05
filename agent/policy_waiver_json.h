/*
 * Reads the waivers of a policy from JSON.
 */
#ifndef WATERTIGHT_AGENT_POLICY_WAIVER_JSON_H
#define WATERTIGHT_AGENT_POLICY_WAIVER_JSON_H

#include "agent/policy_rule_json.h"

/*
 * Appends the member "waivers" (NULL: there is none) to the policy's. Each names a rule of the
 * policy, or a prefix of some, so the rules come first.
 */
bool policy_waivers_read(const struct policy_reading *reading, const cJSON *waivers,
                         struct error *err) MUST_USE;

#endif
