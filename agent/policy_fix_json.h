/*
 * The fix of a rule, from JSON.
 */
#ifndef WATERTIGHT_AGENT_POLICY_FIX_JSON_H
#define WATERTIGHT_AGENT_POLICY_FIX_JSON_H

#include "agent/policy_value_json.h"

/*
 * Reads "fix" into the rule, in place of the one that it has: a text, why no configuration can do
 * it, or an object with a side for docker, compose and kubernetes, each such a text or an object
 * with "add" and "remove". Beside them "podman", "about", "breaks", and "root", "tmpfs", "dev" and
 * "elsewhere", each such a text or an object with sides.
 */
bool policy_fix_read(const struct policy_reading *reading, const cJSON *node, struct rule *rule,
                     struct error *err) MUST_USE;

#endif
